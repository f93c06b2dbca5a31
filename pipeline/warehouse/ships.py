"""What the warehouse tells of ships: who they are, and of one of them everything that is known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pipeline.plain import Record, plain

if TYPE_CHECKING:
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

_NAMES = (
    "select 'AIS' as source, vessel_id, imo, mmsi, name, call_sign from vessel_identity"
    " union select 'AIS', vessel_id, imo, mmsi, name, call_sign from vessel"
    " union select provider, null, imo, mmsi, name, call_sign from vessel_particulars"
    " order by 1, 2 nulls first, 3 nulls first, 4 nulls first, 5 nulls first, 6 nulls first"
)
_PARTICULARS = "select * from vessel_particulars where {} order by provider, to_at nulls first, ship"
_RECEPTION = "select * from provider_reception where {} order by provider, from_at, ship"
_EVENTS = "select * from vessel_history where vessel_id = :id order by from_at nulls first, to_at nulls first, event_id"
_IDENTITIES = "select * from vessel_identity where vessel_id = :id order by from_at nulls first, vessel_identity_id"
_ALERTS = (
    "select alert_id, pattern_id, grade, score, headline, began_at, ended_at, synthetic, withdrawn_at,"
    " withdrawn_reason from alert where vessel_id = :id order by began_at, alert_id"
)
_TRACKS = (
    "select track.mmsi, track.from_at, track.to_at, exists (select 1 from track as other"
    "  where other.mmsi = track.mmsi and other.vessel_id <> track.vessel_id"
    "  and other.from_at <= track.to_at and other.to_at >= track.from_at) as shared"
    " from track join vessel on vessel.vessel_id = track.vessel_id"
    " where vessel.imo = :imo order by track.mmsi, track.from_at"
)
_DAYS = (  # counted in the order of the index
    "select min(day) as from_day, max(day) as to_day, count(*) as days from (select distinct day from coverage_day)"
    " as given"
)
_HELD_BACK = "select count(*) as held_back from judged_day where failed > 0"
_KOREA = (
    "select count(distinct day) as days_heard_in_kp from coverage_day"
    " join zone on zone.zone_id = coverage_day.zone_id where zone.country = 'KP' and vessels_heard > 0"
)


def names_told(warehouse: Reader | Warehouse) -> list[Record]:
    """Who ships are by their own AIS reports and by the particulars of providers.

    returns  source (AIS, or the provider), vessel_id (null of particulars), imo, mmsi, name, call_sign
    """
    return warehouse.rows(_NAMES)


def hulls(warehouse: Reader | Warehouse, vessel_ids: Iterable[str]) -> list[Record]:
    """VESSEL of hulls, in order of their ids."""
    rows = [warehouse.rows("select * from vessel where vessel_id = :id", {"id": one}) for one in sorted(vessel_ids)]
    return [hull for of_id in rows for hull in plain(of_id)]


def particulars(warehouse: Reader | Warehouse, *, imo: int | None = None, mmsi: int | None = None) -> list[Record]:
    """VESSEL_PARTICULARS with an IMO number or, if none is given, of those without one with an MMSI."""
    where = "imo = :key" if imo else "imo is null and mmsi = :key"
    return plain(warehouse.rows(_PARTICULARS.format(where), {"key": imo or mmsi}))


def reception(warehouse: Reader | Warehouse, *, imo: int | None = None, mmsi: int | None = None) -> list[Record]:
    """PROVIDER_RECEPTION under an IMO number or, if none is given, of those without one under an MMSI."""
    where = "imo = :key" if imo else "imo is null and mmsi = :key"
    return plain(warehouse.rows(_RECEPTION.format(where), {"key": imo or mmsi}))


def life_of(warehouse: Reader | Warehouse, vessel_id: str) -> dict[str, list[Record]]:
    """What is known of a hull that was heard: `identities`, `events` and `alerts`."""

    def of_ship(sql: str) -> list[Record]:
        return plain(warehouse.rows(sql, {"id": vessel_id}))

    return {"identities": of_ship(_IDENTITIES), "events": of_ship(_EVENTS), "alerts": of_ship(_ALERTS)}


def tracks_of_imo(warehouse: Reader | Warehouse, imo: int) -> list[Record]:
    """When the ship with an IMO number was heard on which MMSIs: mmsi, from_at, to_at, and shared: whether another ship
    sent that MMSI in that time too."""
    return [row | {"shared": bool(row["shared"])} for row in plain(warehouse.rows(_TRACKS, {"imo": imo}))]


def is_synthetic(warehouse: Reader | Warehouse) -> bool:
    """Whether what was heard is generated."""
    return any(one["synthetic"] for one in warehouse.rows("select distinct synthetic from source_file"))


def ais_at_hand(warehouse: Reader | Warehouse) -> dict[str, Any]:
    """The UTC days of AIS that an answer rests on: `from_day`, `to_day` (ISO, or None), `days`, `held_back`,
    `days_heard_in_kp`."""
    ais = {name: value for sql in (_DAYS, _HELD_BACK, _KOREA) for name, value in plain(warehouse.rows(sql))[0].items()}
    return ais | {name: str(ais[name]) if ais[name] else None for name in ("from_day", "to_day")}


def providers_of_particulars(warehouse: Reader | Warehouse) -> list[str]:
    """Who gave particulars of ships, in order of name."""
    others = warehouse.rows("select distinct provider from vessel_particulars order by provider")
    return [one["provider"] for one in others]
