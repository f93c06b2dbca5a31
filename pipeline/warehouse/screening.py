"""What a warehouse holds of many ships at once, for a period: stays in North Korea, meetings, how each was heard.

Each question is one select for all ships. `in_north_korea_before` asks the first for one ship, by the same view.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from pipeline.plain import Record, plain

if TYPE_CHECKING:
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

_AT_ONCE = 2000  # ships in one select
# Of a row from `{begin}` to `{end}`, whether it touches the period [since, until). Without an end it goes on when the
# data ends, and is known to that day.
_TOUCHES = (
    "cast({begin} as text) < cast(:until as text) and coalesce(cast({end} as text),"
    " (select cast(max(day) as text) from coverage_day), cast(:since as text)) >= cast(:since as text)"
)
_HULLS = "select vessel_id, imo, mmsi, name, flag, licence from vessel where imo in ({keys}) order by imo, vessel_id"
_STAYS = (
    "select * from north_korea_stay as stay where vessel_id in ({keys}) and "
    + _TOUCHES.format(begin="stay.from_at", end="stay.to_at")
    + " order by vessel_id, from_at, event_id"
)
_MET = "encounter.encounter_id, encounter.began_at, encounter.ended_at, encounter.zone_id, encounter.longitude, "
_MET += "encounter.latitude, encounter.median_distance_m, encounter.alongside, encounter.context, encounter.known_at, "
_MET += "encounter.source, encounter.licence"
_SIDE = (
    "select encounter.{own}vessel_id as vessel_id, encounter.{other}vessel_id as other_vessel_id,"
    " encounter.{other}mmsi as other_mmsi, " + _MET + " from encounter"
    " where encounter.{own}vessel_id in ({{keys}}) and "
    + _TOUCHES.format(begin="encounter.began_at", end="encounter.ended_at")
)  # fmt: skip
_MEETINGS = (
    f"select met.*, other.name as other_name, other.imo as other_imo from ({_SIDE.format(own='', other='other_')}"
    f" union all {_SIDE.format(own='other_', other='')}) as met"
    " left join vessel as other on other.vessel_id = met.other_vessel_id"
    " order by met.vessel_id, met.began_at, met.encounter_id"
)
_TRACKS = (
    "select vessel_id, track_id, mmsi, from_at, to_at from track where vessel_id in ({keys}) and "
    + _TOUCHES.format(begin="from_at", end="to_at")
    + " order by vessel_id, from_at, track_id"
)
_GAPS = (
    "select vessel_id, track_id, began_at, ended_at, reception, hours_tested, hours_heard, receiver from ais_gap"
    " where source = 'ais' and vessel_id in ({keys}) and "
    + _TOUCHES.format(begin="began_at", end="ended_at")
    + " order by vessel_id, began_at, ais_gap_id"
)
_REACH = (
    "select vessel_id, count(*) as silences from (select vessel_id, ais_gap_id from dark_call"
    " where country = 'KP' and vessel_id in ({keys}) and "
    + _TOUCHES.format(begin="began_at", end="ended_at")
    + " group by vessel_id, ais_gap_id having min(rank) > 1) as silence group by vessel_id order by vessel_id"
)
_TOO_LONG = (
    "select vessel_id, count(*) as stays from port_visit where country = 'KP' and implausible_stay is true"
    " and vessel_id in ({keys}) and "
    + _TOUCHES.format(begin="arrived_by", end="departed_by")
    + " group by vessel_id order by vessel_id"
)
# From the side of the ship that came later, and of the one before, who may be under the new number for ever after.
_TIE = (
    "select tie.{own}vessel_id as vessel_id, '{side}' as side, tie.kind, tie.changed_after, tie.changed_by,"
    " tie.{own}mmsi as mmsi, tie.{other}vessel_id as other_vessel_id, tie.{other}mmsi as other_mmsi, tie.other_back_at,"
    " tie.distance_nm, tie.hours, tie.candidates, tie.identity_change_id, tie.licence from identity_change as tie"
    " where tie.ordinary is null and tie.other_mmsi is not null and tie.{own}vessel_id in ({{keys}})"
    " and cast(tie.changed_after as text) < cast(:until as text) and ({since})"
)
_IN_PERIOD = "cast(tie.changed_by as text) >= cast(:since as text)"
_TIES = (
    "select ties.*, other.name as other_name, other.imo as other_imo from ("
    + _TIE.format(own="", other="other_", side="later", since=_IN_PERIOD)
    + " union all "
    + _TIE.format(
        own="other_",
        other="",
        side="earlier",
        since=f"({_IN_PERIOD} or tie.kind = 'succession') and tie.other_vessel_id <> tie.vessel_id",
    )
    + ") as ties left join vessel as other on other.vessel_id = ties.other_vessel_id"
    " order by ties.vessel_id, ties.changed_by, ties.identity_change_id"
)
_DATA = (
    "select min(cast(coverage_day.day as text)) as first_day, max(cast(coverage_day.day as text)) as last_day,"
    " count(distinct coverage_day.day) as days_with_data,"
    " count(distinct case when zone.country = 'KP' and vessels_heard > 0 then coverage_day.day end) as days_heard_in_kp"
    " from coverage_day left join zone on zone.zone_id = coverage_day.zone_id"
    " where cast(coverage_day.day as text) >= :since and cast(coverage_day.day as text) < :until"
)


def hulls_of(warehouse: Reader | Warehouse, imos: Iterable[int]) -> list[Record]:
    """vessel_id, imo, mmsi, name, flag, licence of the hulls with these IMO numbers."""
    return _ask(warehouse, _HULLS, [str(int(imo)) for imo in sorted(set(imos))])


def stays_in_north_korea(warehouse: Reader | Warehouse, hulls: Iterable[str], since: str, until: str) -> list[Record]:
    """Rows of `north_korea_stay` of hulls that touch a period.

    hulls         vessel_id
    since, until  UTC days: the first, and the first no longer in it
    """
    return _ask(warehouse, _STAYS, _quoted(hulls), since=since, until=until)


def meetings(warehouse: Reader | Warehouse, hulls: Iterable[str], since: str, until: str) -> list[Record]:
    """Encounters of hulls in a period, each from the side of every hull asked about: vessel_id, other_vessel_id,
    other_mmsi, other_imo, other_name, and columns of ENCOUNTER."""
    rows = _ask(warehouse, _MEETINGS, _quoted(hulls), since=since, until=until)
    return [row | {"alongside": None if row["alongside"] is None else bool(row["alongside"])} for row in rows]


def tracks(warehouse: Reader | Warehouse, hulls: Iterable[str], since: str, until: str) -> list[Record]:
    """When hulls were heard on which MMSI in a period: vessel_id, track_id, mmsi, from_at, to_at."""
    return _ask(warehouse, _TRACKS, _quoted(hulls), since=since, until=until)


def silences(warehouse: Reader | Warehouse, hulls: Iterable[str], since: str, until: str) -> list[Record]:
    """Gaps of our own AIS in tracks of hulls in a period: vessel_id, track_id, began_at, ended_at (None: still silent
    when the data ends), reception, hours_tested, hours_heard, receiver."""
    return _ask(warehouse, _GAPS, _quoted(hulls), since=since, until=until)


def silences_in_reach(warehouse: Reader | Warehouse, hulls: Iterable[str], since: str, until: str) -> list[Record]:
    """Silences that left time for a call in North Korea, though a port elsewhere fits better: vessel_id, silences."""
    return _ask(warehouse, _REACH, _quoted(hulls), since=since, until=until)


def stays_too_long(warehouse: Reader | Warehouse, hulls: Iterable[str], since: str, until: str) -> list[Record]:
    """Visits to ports in North Korea that a provider tells, and that are longer than a ship stays: vessel_id, stays."""
    return _ask(warehouse, _TOO_LONG, _quoted(hulls), since=since, until=until)


def identity_ties(warehouse: Reader | Warehouse, hulls: Iterable[str], since: str, until: str) -> list[Record]:
    """Pairs of IDENTITY_CHANGE without an ordinary cause that hulls are one of, with the other as `other_…`.

    returns  side (earlier: the other sent the number, or was first heard, after her; later: before her) and columns of
             IDENTITY_CHANGE; those of the period, and every succession of hers before its end
    """
    return _ask(warehouse, _TIES, _quoted(hulls), since=since, until=until)


def data_at_hand(warehouse: Reader | Warehouse, since: str, until: str) -> Record:
    """Of a period: `days_with_data` with the first and the last of them (`first_day`, `last_day`; None), and
    `days_heard_in_kp`, on which anybody was heard in North Korean waters."""
    return plain(warehouse.rows(_DATA, {"since": since, "until": until}))[0]


def _quoted(texts: Iterable[str]) -> list[str]:
    return ["'" + text.replace("'", "''") + "'" for text in sorted(set(texts))]


def _ask(warehouse: Reader | Warehouse, sql: str, keys: Sequence[str], **params: str) -> list[Record]:
    """The rows for all keys, written as SQL: a warehouse that is only read takes no table of them."""
    found: list[Record] = []
    for first in range(0, len(keys), _AT_ONCE):
        some = ", ".join(keys[first : first + _AT_ONCE])
        found += plain(warehouse.rows(sql.format(keys=some), params))
    return found
