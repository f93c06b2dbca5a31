"""What happened around an alert: every kind of event of its ship, before, meanwhile and after, and who she was.

Plain selects, a few milliseconds in all, in the form that pictures are drawn from: rows by table.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pipeline import contracts as c
from pipeline.plain import Record, plain

if TYPE_CHECKING:
    from pipeline.contracts import Table
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

Tables = dict[str, list[Record]]
NAMED = (*c.EVENTS, c.POSITION_ANOMALY)  # what evidence may name
DAYS_BEFORE, DAYS_AFTER = 12, 14  # a cargo is landed, and a draught typed in, days after she arrived
_ZONES = "select zone_id, name, port, country, kind from zone order by zone_id"
_IDENTITIES = "select * from vessel_identity where vessel_id = :id order by from_at nulls first, vessel_identity_id"
_COVERAGE = (
    "select coverage_day.zone_id, coverage_day.day, hours_heard, coverage_share, vessels_heard from coverage_day"
    " where coverage_day.zone_id in (:origin, :destination)"
    " and cast(coverage_day.day as text) >= :first and cast(coverage_day.day as text) < :last order by 1, 2"
)


def around_alert(warehouse: Reader | Warehouse, report: Record) -> Tables:
    """Rows around an alert, by table: events in which her MMSI is a party from some days before it begins until some
    days after it ends, and whatever else its evidence names; the names of zones; what she called herself; how well the
    zones that it names were heard.

    report  as `alerts.alert_in_full` gives it
    """
    alert = report["alert"]
    moments = [row["timestamp"] for row in report["track"]] + [alert["began_at"], alert["ended_at"]]
    first, last = day_of(min(moments)) - timedelta(days=DAYS_BEFORE), day_of(max(moments)) + timedelta(days=DAYS_AFTER)
    tables = {
        table.name: _events(warehouse, table, alert["mmsi"], f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}") for table in NAMED
    }
    for one in report["evidence"]:
        _add_named(warehouse, tables, one["event_table"], one["event_id"])
    named = {"origin": alert["origin_zone_id"] or "", "destination": alert["destination_zone_id"] or ""}
    days = {"first": f"{first:%Y-%m-%d}", "last": f"{last:%Y-%m-%d}"}
    return tables | {
        c.ALERT.name: [alert],
        c.ALERT_TRACK.name: report["track"],
        c.ALERT_EVIDENCE.name: report["evidence"],
        c.ZONE.name: plain(warehouse.rows(_ZONES)),
        c.VESSEL_IDENTITY.name: plain(warehouse.rows(_IDENTITIES, {"id": alert["vessel_id"]})),
        c.COVERAGE_DAY.name: plain(warehouse.rows(_COVERAGE, named | days)),
    }


def day_of(moment: str) -> datetime:
    """The UTC day of a moment as `plain` writes it."""
    return datetime.fromisoformat(moment[:10])


def _events(warehouse: Reader | Warehouse, table: Table, mmsi: int, first: str, last: str) -> list[Record]:
    began, ended = table.span
    party = " or ".join(f"{name} = :mmsi" for name in table.ships)
    sql = (
        f"select * from {table.name} where ({party}) and {began} < :last and ({ended} is null or {ended} >= :first)"
        f" order by {began}, {table.key[0]}"
    )
    return plain(warehouse.rows(sql, {"mmsi": mmsi, "first": first, "last": last}))


def _add_named(warehouse: Reader | Warehouse, tables: Tables, name: str | None, event_id: str | None) -> None:
    table = next((one for one in NAMED if one.name == name), None)
    if table is None or event_id is None or any(row[table.key[0]] == event_id for row in tables[table.name]):
        return
    sql = f"select * from {table.name} where {table.key[0]} = :id"
    tables[table.name] += plain(warehouse.rows(sql, {"id": event_id}))
