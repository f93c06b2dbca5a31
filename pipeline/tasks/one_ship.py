"""Tasks that only read: one ship that was heard, with everything that is known of her."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.plain import Record, plain
from pipeline.tasks.network import ties_of
from pipeline.tasks.screen import screen_hull
from pipeline.tasks.vessel import heard_ship, read_listed, what_is_searched
from pipeline.tasks.warehouse_stamp import ask_filled
from pipeline.warehouse import ships

if TYPE_CHECKING:
    from pipeline.settings import Settings

DAYS = 180  # before an arrival: Executive Order 13810
_DATA_TO = "select cast(max(day) as text) as day from coverage_day"
_TRACKS = "select track_id, mmsi, from_at, to_at from track where vessel_id = :id order by from_at, track_id"
_GAPS = (
    "select began_at, ended_at, hours, reception, hours_tested, hours_heard from ais_gap"
    " where vessel_id = :id order by began_at, ais_gap_id"
)
_DRAUGHTS = (
    "select changed_by, draught_after_m from draught_change where vessel_id = :id order by changed_by,"
    " draught_change_id"
)
_STAYS = "select * from north_korea_stay where vessel_id = :id order by from_at, event_id"
_SQL = {"tracks": _TRACKS, "gaps": _GAPS, "draughts": _DRAUGHTS, "korea": _STAYS}


def ship_page(settings: Settings, vessel_id: str, as_of: datetime | None = None, days: int = DAYS) -> Record:
    """One hull.

    as_of    the UTC day as of which lists are read and she is screened; None: the last day of the data
    days     UTC days before it in which she is looked for in North Korea
    returns  as `vessel.heard_ship` gives her, and `ties` (`network.ties_of`), `tracks`, `gaps`, `draughts`, `korea`
             (her rows of `north_korea_stay`), `screened` (`screen.screen_hull`), `as_of`, `listed_then` (what each list
             said of her on that day) and `searched`
    raises   InputError for a hull that is not known
    """
    lists = read_listed(settings)
    with ask_filled(settings) as warehouse:
        found = ships.hulls(warehouse, [vessel_id])
        if not found:
            raise InputError(
                f'no ship "{vessel_id}" was heard here; expected the id of a hull, like imo-8628597 or mmsi-414991001; '
                "`coalwatch vessel NAME` finds it"
            )
        hull = found[0]
        ship = heard_ship(warehouse, lists, hull, [], synthetic=ships.is_synthetic(warehouse))
        last = warehouse.rows(_DATA_TO)[0]["day"] or hull["to_at"]
        day = as_of or datetime.fromisoformat(str(last)[:10])
        day = day.replace(tzinfo=UTC) if day.tzinfo is None else day
        more = {name: plain(warehouse.rows(sql, {"id": vessel_id})) for name, sql in _SQL.items()}
        return ship | more | {
            "ties": ties_of(warehouse, ship, lists),
            "screened": screen_hull(warehouse, lists, hull, day, days),
            "as_of": f"{day:%Y-%m-%d}",
            "listed_then": lists.on(hull["imo"], f"{day:%Y-%m-%d}"),
            "searched": what_is_searched(settings, warehouse, lists),
        }  # fmt: skip
