"""Whether a warehouse holds what its home derived: one that is empty, older, or another home's, must not pass for it.

The lake notes what is derived and is not derived again; what came of it lies in the warehouse. So both keep the home's
id and a stamp, a new one with every run that writes. While a run writes, the lake accepts the stamp before and the new
one: whenever it is stopped, one of them is in the warehouse. A warehouse with another stamp was lost, restored from a
copy, or lies at another address: `run` fills it from the lake, and whoever reads it is warned.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from pipeline.errors import InputError, NotReady
from pipeline.lake.pruned import how_to_restore, pruned_days
from pipeline.state.glance import Glance, glance

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.tasks.home import Home
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

    Opened = TypeVar("Opened", bound=Reader | Warehouse)

log = logging.getLogger(__name__)


class OtherHome(NotReady):
    """The warehouse holds what another home derived."""


def open_filled(settings: Settings, *, or_empty: bool = False) -> Warehouse:
    """Open the warehouse for reading, where it holds what the home derived.

    or_empty  an empty one in memory, where there is neither a file nor anything derived
    raises    NotReady where `open_for_reading` raises InputError, and if it is empty, older or another home's, with
              what to do
    """
    from pipeline.warehouse.store import open_for_reading, open_or_empty

    return _checked(settings, open_or_empty if or_empty else open_for_reading)


def ask_filled(settings: Settings, *, or_empty: bool = False) -> Reader | Warehouse:
    """As `open_filled`, for plain selects, without loading what the rest needs."""
    from pipeline.warehouse.reader import open_reader

    return _checked(settings, lambda url: open_reader(url, or_empty=or_empty))


def needs_filling(home: Home, warehouse: Warehouse, *, rebuild: bool, progress: Callable[[str], None]) -> bool:
    """See that a warehouse to be written to holds what the home derived; if not, note that all of it is to be derived
    again, and take out what was: alerts and reviews stay.

    rebuild  also take over the warehouse of another home
    raises   OtherHome if it is another home's, and not to be rebuilt
    """
    from pipeline import contracts

    settings, lake = home.settings, glance(home.settings.home)
    assert lake is not None  # the home is open for writing
    if not rebuild and (other := _other_home(settings, lake, warehouse)):
        raise other
    if lake.home_id is None:
        home.run_state.note(home_id=uuid.uuid4().hex[:16])
    holds, new = _holds(lake, warehouse), lake.stamps is None
    if holds or (new and not lake.derived_days and warehouse.filled_from() is None and not _has_files(warehouse)):
        if new:
            stamp(home, warehouse)
        return False
    if pruned_days(home.lake.catalog):
        raise InputError(
            f"the warehouse {_place(settings)} lacks what {lake.derived_days} days were derived to, and positions of "
            f"some of them were pruned, so it cannot be filled from the lake; nothing was changed: restore it from a "
            f"backup, or make these days whole: {how_to_restore(home.lake.catalog)}"
        )
    progress(f"the warehouse lacks what {lake.derived_days} days were derived to: filling it from the lake")
    log.warning("warehouse %s is filled from the lake; reviews made in another one are not in it", _place(settings))
    home.provider_events.process_parts()
    forget_results(home)  # first: a run that is stopped from here on derives everything again
    home.run_state.note(warehouse="")
    with warehouse.transaction():
        for table in (
            contracts.VESSEL, contracts.VESSEL_IDENTITY, contracts.TRACK, contracts.COVERAGE_DAY,
            contracts.POSITION_ANOMALY, *contracts.EVENTS,
        ):  # fmt: skip
            warehouse.sync(table, table.empty())
    stamp(home, warehouse)
    return True


def forget_results(home: Home) -> None:
    """Let a run derive everything again."""
    home.run_state.note(rules_derive="", rules_provider="", rules_judge="", data_end="")
    home.results.outdate()
    home.provider_events.mark_all_due()
    home.radar.forget()


def stamp(home: Home, warehouse: Warehouse) -> None:
    """Give home and warehouse a new stamp, before a run writes: a copy of the warehouse made until now is older."""
    with warehouse.transaction():
        new = new_stamp(home, warehouse)
    note_stamp(home, new)


def new_stamp(home: Home, warehouse: Warehouse) -> str:
    """Stamp a warehouse inside the transaction that changes it; `note_stamp` once that is committed."""
    new, filled = uuid.uuid4().hex[:16], warehouse.filled_from()
    home.run_state.note(warehouse=f"{filled[1]} {new}" if filled else new)
    warehouse.note_filled_from(home.run_state.get("home_id") or "", new)
    return new


def note_stamp(home: Home, new: str) -> None:
    """From now on only a warehouse with this stamp holds what the home derived."""
    home.run_state.note(warehouse=new)


# ------------------------------------------------------------------------------------------------------------ inside


def _checked(settings: Settings, opened: Callable[[str], Opened]) -> Opened:
    refusal = None
    for _ in range(3):  # a run may write a new stamp between the look at the warehouse and the look at the lake
        try:
            warehouse = opened(settings.database_url)
        except InputError as error:
            raise NotReady(str(error)) from None
        try:
            refusal = _refusal(settings, warehouse)
        except BaseException:
            warehouse.close()
            raise
        if refusal is None:
            return warehouse
        warehouse.close()
    assert refusal is not None
    raise refusal


def _refusal(settings: Settings, warehouse: Reader | Warehouse) -> NotReady | None:
    lake = glance(settings.home)
    if lake is None or _holds(lake, warehouse):
        return None
    if other := _other_home(settings, lake, warehouse):
        return other
    if lake.derived_days or lake.stamps is not None:
        return NotReady(
            f"warehouse {_place(settings)} does not hold what home {settings.home} derived: it was lost, restored "
            "from a copy, or is at another address; `coalwatch run` fills it from the lake"
        )
    return None


def _holds(lake: Glance, warehouse: Reader | Warehouse) -> bool:
    """Whether the stamp is one that the lake accepts; of an earlier coalwatch, whether there is anything at all."""
    filled = warehouse.filled_from()
    if lake.stamps is None:
        return filled is None and _has_files(warehouse)
    return filled is not None and filled[1] in lake.stamps


def _has_files(warehouse: Reader | Warehouse) -> bool:
    return bool(warehouse.rows("select 1 from source_file limit 1"))


def _other_home(settings: Settings, lake: Glance, warehouse: Reader | Warehouse) -> OtherHome | None:
    filled = warehouse.filled_from()
    if filled is None:  # of an earlier coalwatch, or empty: the files show whose it is
        files = {row["source_file_id"] for row in warehouse.rows("select source_file_id from source_file")}
        foreign = bool(files - lake.source_files)
    else:
        foreign = filled[0] != lake.home_id
    if not foreign:
        return None
    return OtherHome(
        f"warehouse {_place(settings)} holds what another home derived, not {settings.home}; expected the "
        "warehouse of this home (--warehouse, COALWATCH_WAREHOUSE_URL) or an empty one; if this home takes the "
        "place of that one, `coalwatch run --rebuild` fills it from here and keeps its reviews"
    )


def _place(settings: Settings) -> str:
    from pipeline.warehouse.engine import address, sqlite_path

    url = address(settings.database_url)
    return str(sqlite_path(url) or url.render_as_string(hide_password=True))
