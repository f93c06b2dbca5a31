"""Task: what ties a ship to others."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.plain import Record, plain
from pipeline.tasks.vessel import read_listed, vessel_report
from pipeline.tasks.warehouse_stamp import ask_filled

if TYPE_CHECKING:
    from pipeline.judgement.listed import Listed
    from pipeline.settings import Settings
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

TIES = (
    "select vessel_link.*, other.name as other_name, other.imo as other_imo, other.flag as other_flag from vessel_link"
    " left join vessel as other on other.vessel_id = vessel_link.other_vessel_id where vessel_link.vessel_id = :id"
    " order by from_at desc nulls last, tie, other_mmsi nulls first, event_id nulls first, other.vessel_id"
)


def ship_network(settings: Settings, key: str, hours: float) -> list[Record]:
    """The ties of every heard ship that the key may mean.

    key      as `vessel.vessel_report` takes it
    hours    how long a berth may have lain empty between two ships for that to be a tie
    returns  vessel, synthetic, searched, and ties: rows of the view `vessel_link` with other_name, other_imo,
             other_flag and other_lists (lists with her IMO number), the latest first
    raises   InputError if nothing matches, or none of what matches was heard here
    """
    found = vessel_report(settings, key)
    heard = [ship for ship in found if ship["vessel"]]
    if not heard:
        raise InputError(
            f'"{key}" was not heard on AIS here, so nothing is known of whom she met; searched '
            f"{found[0]['searched']['in_words']}; expected a ship that was heard"
        )
    lists = read_listed(settings)
    with ask_filled(settings) as warehouse:
        return [
            {name: ship[name] for name in ("vessel", "synthetic", "searched")}
            | {"ties": [one for one in ties_of(warehouse, ship, lists) if _soon(one, hours)]}
            for ship in heard
        ]


def ties_of(warehouse: Reader | Warehouse, ship: Record, lists: Listed) -> list[Record]:
    """The ties of one ship (as `vessel.heard_ship` gives her), each with the lists that the other is on."""
    ties = plain(warehouse.rows(TIES, {"id": ship["vessel"]["vessel_id"]}))
    listed: dict[int, list[str]] = {}
    for entry in lists.entries:
        if entry["imo"]:
            listed.setdefault(entry["imo"], []).append(entry["watchlist_id"])
    return [tie | {"other_lists": sorted(set(listed.get(tie["other_imo"], [])))} for tie in ties]


def _soon(tie: Record, hours: float) -> bool:
    """Whether a berth lay empty for a few hours at most between two ships; every tie of another kind is soon."""
    if tie["at_once"] or not tie["tie"].startswith("lay at the berth"):
        return True
    empty = datetime.fromisoformat(tie["to_at"]) - datetime.fromisoformat(tie["from_at"])
    return empty.total_seconds() <= hours * 3600
