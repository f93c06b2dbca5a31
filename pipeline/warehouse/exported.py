"""What exports read of the warehouse: a select for each subject, the same on SQLite and PostgreSQL.

What is asked of some ships, alerts or events is read of these alone, so that an export of a ship costs what there is of
her, however large the warehouse is; None stands for all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError
from pipeline.plain import Record, plain

if TYPE_CHECKING:
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

Answer = tuple[list[str], list[Record]]  # names of the columns, plain rows
_AT_ONCE = 500  # ids of one statement; each engine takes many more

_ALERTS = """
    select alert.alert_id,
           case when withdrawn_at is not null then 'withdrawn'
                when alert.alert_id in (select alert_id from held_back_alert) then 'held back'
                else 'standing' end as status,
           grade, score, pattern_id, headline, vessel_id, vessel_name, imo, mmsi, began_at, ended_at, voyage_id,
           origin_zone_id, destination_zone_id, innocent_explanation, missing_evidence, withdrawn_reason,
           last_decision, evidence_changed, synthetic, licence, known_at, evidence_hash
    from alert left join alert_decision on alert_decision.alert_id = alert.alert_id
    where {} order by alert.began_at, alert.alert_id
"""
_EVENTS = """
    select vessel_history.event_table, event_id, vessel_history.vessel_id, vessel.name, vessel_history.imo,
           vessel_history.mmsi, vessel_history.from_at, vessel_history.to_at, place, sentence, source, provider_note,
           synthetic, vessel_history.licence, known_at
    from vessel_history left join vessel on vessel.vessel_id = vessel_history.vessel_id
    where {}
    order by vessel_history.from_at nulls first, vessel_history.event_table, event_id, vessel_history.vessel_id
"""
_POSITIONS = """
    select * from (
        select 'port_call' as event_table, port_call_id as event_id, stop_longitude as longitude,
               stop_latitude as latitude
        from port_call where port_call_id = visit_id and stop_longitude is not null
        union all select 'stop', stop_id, longitude, latitude from stop
        union all select 'ais_gap', ais_gap_id, off_longitude, off_latitude from ais_gap
        union all select 'encounter', encounter_id, longitude, latitude from encounter
        union all select 'loitering', loitering_id, longitude, latitude from loitering
    ) as placed where {}
"""
_CLAIMS = """
    select claim_scoreboard.claim_id, claim.article_id, claim_scoreboard.label, claim_scoreboard.statement, speaker,
           claim_scoreboard.testability, source_grade, information_grade, window_id, window_from_at, window_to_at,
           verdict, coverage_share, alerts_for, alerts_against, alerts_confirmed, alerts_dismissed, observations_for,
           observations_against, voyages_estimated, tonnes_low, tonnes_high, reason, would_change_it, days_held_back,
           article.title, article.publisher, article.author, article.url, article.published_at, article.synthetic
    from claim_scoreboard
    join claim on claim.claim_id = claim_scoreboard.claim_id
    join article on article.article_id = claim.article_id
    order by claim_scoreboard.claim_id, window_from_at, window_id
"""
_LISTED = """
    select vessel.vessel_id, watchlist_vessel.watchlist_id, entry_id, watchlist.authority, watchlist.title,
           watchlist.licence, watchlist_vessel.name, other_names, listed_on, listed_by, delisted_on, delisted_by,
           measures, programme
    from watchlist_vessel join watchlist on watchlist.watchlist_id = watchlist_vessel.watchlist_id
    join vessel on vessel.imo = watchlist_vessel.imo
    where {} order by vessel.vessel_id, watchlist_vessel.watchlist_id, entry_id
"""
_NAMES = """
    select vessel_id, name, min(from_at) as from_at from vessel_identity where name is not null and {}
    group by vessel_id, name order by vessel_id, from_at, name
"""
_SOURCES = """
    select source, licence, synthetic from source_file where replaced_by_source_file_id is null
    group by source, licence, synthetic order by source, licence, synthetic
"""


@dataclass(frozen=True)
class Days:
    """UTC days, both ends inside; None: no end."""

    first: date | None = None
    last: date | None = None

    def where(self, began: str, ended: str) -> tuple[str, dict[str, str]]:
        """SQL that holds for what overlaps the days (a null end is the last day of data), and its parameters."""
        parts, given = ["1 = 1"], {}
        if self.first:
            last = "coalesce((select cast(max(day) as text) from coverage_day), cast(:first_day as text))"
            parts.append(f"({ended} >= :first or {ended} is null and {last} >= cast(:first_day as text))")
            given["first"] = given["first_day"] = f"{self.first:%Y-%m-%d}"
        if self.last:
            parts.append(f"{began} < :last")
            given["last"] = f"{self.last + timedelta(days=1):%Y-%m-%d}"
        return " and ".join(parts), given


def see_results(warehouse: Reader | Warehouse, place: str) -> None:
    """raises  InputError for a warehouse in which no run left anything yet"""
    if not warehouse.rows("select 1 as one from pipeline_run limit 1"):
        raise InputError(f"{place} holds no results yet; `coalwatch run` derives them from what has landed")


def alerts(warehouse: Reader | Warehouse, hulls: Collection[str] | None) -> Answer:
    """Every alert of hulls with its `status` (standing, held back by the quality gate, withdrawn)."""
    among, named = _among("alert.vessel_id", hulls)
    return _ask(warehouse, _ALERTS.format(among), named)


def evidence(warehouse: Reader | Warehouse, of_alerts: Collection[str] | None) -> Answer:
    """alert_id, weight, statement, event_table, event_id of every piece of evidence of alerts."""
    asked = (
        "select alert_id, weight, role, statement, event_table, event_id from alert_evidence"
        " where {} order by alert_id, weight desc, role"
    )
    return _ask_of(warehouse, asked, "alert_id", of_alerts)


def tracks(warehouse: Reader | Warehouse, of_alerts: Collection[str] | None) -> Answer:
    """ALERT_TRACK of alerts in order."""
    return _ask_of(warehouse, "select * from alert_track where {} order by alert_id, sequence", "alert_id", of_alerts)


def ship_tracks(warehouse: Reader | Warehouse, hulls: Collection[str]) -> Answer:
    """TRACK of hulls, with `vessel_name` and `imo`."""
    among, named = _among("track.vessel_id", hulls)
    return _ask(
        warehouse,
        "select track_id, track.mmsi, track.vessel_id, track.from_at, track.to_at, vessel.name as vessel_name,"
        f" vessel.imo from track join vessel on vessel.vessel_id = track.vessel_id where {among} order by track_id",
        named,
    )


def bearings(warehouse: Reader | Warehouse, of_alerts: Collection[str] | None) -> Answer:
    """alert_id, claim_id, relation, reason."""
    asked = (
        "select alert_id, claim_id, relation, reason from alert_claim where {} order by alert_id, claim_id, relation"
    )
    return _ask_of(warehouse, asked, "alert_id", of_alerts)


def events(
    warehouse: Reader | Warehouse, days: Days, hulls: Collection[str] | None, ids: Collection[str] | None = None
) -> Answer:
    """Published events (view `vessel_history`) that overlap the days, of some hulls, of some event_ids, or all."""
    overlaps, given = days.where("vessel_history.from_at", "vessel_history.to_at")
    among, named = _among("vessel_history.vessel_id", hulls)
    asked = _EVENTS.format(f"{overlaps} and {among} and {{}}")
    columns, rows = _ask_of(warehouse, asked, "event_id", ids, given | named)
    order = ("from_at", "event_table", "event_id", "vessel_id")
    return columns, rows if ids is None else sorted(rows, key=lambda row: [row[name] or "" for name in order])


def visits(warehouse: Reader | Warehouse, calls: Collection[str]) -> dict[str, str]:
    """The visit of each port call that is part of one and not its first: `vessel_history` tells visits."""
    parts = "select port_call_id, visit_id from port_call where port_call_id <> visit_id and {}"
    return {row["port_call_id"]: row["visit_id"] for row in _ask_of(warehouse, parts, "port_call_id", calls)[1]}


def positions(warehouse: Reader | Warehouse, of_events: Collection[str] | None) -> Answer:
    """event_table, event_id, longitude, latitude: where AIS placed an event."""
    return _ask_of(warehouse, _POSITIONS, "event_id", of_events)


def zone_points(warehouse: Reader | Warehouse) -> Answer:
    """zone_id, name, longitude, latitude: a point inside each zone."""
    return _ask(warehouse, "select zone_id, name, longitude, latitude from zone order by zone_id")


def ships(warehouse: Reader | Warehouse, days: Days, hulls: Collection[str] | None) -> Answer:
    """VESSEL of hulls heard within the days."""
    overlaps, given = days.where("from_at", "to_at")
    asked = f"select * from vessel where {overlaps} and {{}} order by vessel_id"
    return _ask_of(warehouse, asked, "vessel_id", hulls, given)


def listed(warehouse: Reader | Warehouse, hulls: Collection[str] | None) -> Answer:
    """Entries of sanctions lists that name the IMO number of a hull, with `vessel_id`."""
    return _ask_of(warehouse, _LISTED, "vessel.vessel_id", hulls)


def names(warehouse: Reader | Warehouse, hulls: Collection[str] | None) -> Answer:
    """vessel_id, name, from_at: every name that a hull reported, in order."""
    return _ask_of(warehouse, _NAMES, "vessel_id", hulls)


def claims(warehouse: Reader | Warehouse) -> Answer:
    """Every claim in each of its windows with its verdict and its article."""
    return _ask(warehouse, _CLAIMS)


def sources(warehouse: Reader | Warehouse) -> list[Record]:
    """source, licence, synthetic of standing files."""
    return _ask(warehouse, _SOURCES)[1]


def _ask_of(
    warehouse: Reader | Warehouse,
    sql: str,
    column: str,
    wanted: Collection[str] | None,
    params: Mapping[str, Any] | None = None,
) -> Answer:
    """The rows whose column is one of those wanted, in the order of these; `{}` in the SQL is where that is asked."""
    if wanted is None:
        return _ask(warehouse, sql.format("1 = 1"), params)
    names, rows, ids = list[str](), list[Record](), sorted(set(wanted))
    for begin in range(0, max(1, len(ids)), _AT_ONCE):
        among, named = _among(column, ids[begin : begin + _AT_ONCE])
        names, more = _ask(warehouse, sql.format(among), {**(params or {}), **named})
        rows += more
    return names, rows


def _among(column: str, wanted: Collection[str] | None) -> tuple[str, dict[str, str]]:
    if wanted is None:
        return "1 = 1", {}
    given = {f"v{number}": one for number, one in enumerate(sorted(wanted))}
    return (f"{column} in ({', '.join(f':{name}' for name in given)})" if given else "1 = 0"), given


def _ask(warehouse: Reader | Warehouse, sql: str, params: Mapping[str, Any] | None = None) -> Answer:
    names, rows = warehouse.answer(sql, params or {})
    return names, plain(rows)
