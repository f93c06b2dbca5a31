"""Tasks that only read: who was heard where, and what a home judges by: zones, law, sources, lists, runs, the plan."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from pipeline.plain import Record, plain
from pipeline.tasks.warehouse_stamp import ask_filled

if TYPE_CHECKING:
    from pipeline.settings import Settings

MOST_DAYS = 92  # of coverage on one page
_LAST = (  # each of its own: together they are found by reading all days
    "select cast((select max(day) from coverage_day) as text) as last,"
    " cast((select min(day) from coverage_day) as text) as first"
)
_COVERAGE = (
    "select coverage_day.zone_id, zone.name, zone.country, zone.kind, cast(coverage_day.day as text) as day,"
    " coverage_share, vessels_heard from coverage_day join zone on zone.zone_id = coverage_day.zone_id"
    " where coverage_day.day >= :first and coverage_day.day <= :last"
    " and (zone.country = 'KP' or zone.kind in ('port', 'anchorage', 'basin'))"
    " order by zone.country <> 'KP', zone.country, zone.name, coverage_day.zone_id, 5"
)
_OUTAGES = (
    "select * from outage_of_reception where cast(from_at as text) < :after"
    " and (to_at is null or cast(to_at as text) >= :first) order by from_at, reception_outage_id"
)
_HELD_BACK = "select * from held_back where cast(day as text) >= :first and cast(day as text) <= :last order by day"
_ZONES = "select * from zone where kind <> 'margin' order by country, port, kind, zone_id"
_MEASURES = "select * from measure order by from_at, measure_id"
_FRESH = "select * from freshness order by source, synthetic"
_RUNS = "select * from pipeline_run order by started_at desc, pipeline_run_id limit 200"


def coverage_page(settings: Settings, last: str | None = None) -> Record:
    """Zone by zone and day by day how well it was heard, of at most `MOST_DAYS` UTC days.

    last     the last of them; None: the last day of the data
    returns  `first`, `last` (None without positions), `days`, `rows` (zone_id, name, country, kind, shares by day,
             vessels by day), `quiet` (how many zones nobody was heard in on any of them), `outages`, `held_back`
    """
    with ask_filled(settings) as warehouse:
        span = warehouse.rows(_LAST)[0]
        if span["last"] is None:
            return {"first": None, "last": None, "days": [], "rows": [], "quiet": 0, "outages": [], "held_back": []}
        end = date.fromisoformat(min(last or span["last"], span["last"]))
        first = max(end - timedelta(days=MOST_DAYS - 1), date.fromisoformat(span["first"]))
        given = {"first": first.isoformat(), "last": end.isoformat()}
        found = plain(warehouse.rows(_COVERAGE, given))
        after = {"first": given["first"], "after": (end + timedelta(days=1)).isoformat()}
        outages = plain(warehouse.rows(_OUTAGES, after))
        held_back = plain(warehouse.rows(_HELD_BACK, given))
    zones: dict[str, Record] = {}
    for row in found:
        told = {name: row[name] for name in ("zone_id", "name", "country", "kind")}
        zone = zones.setdefault(row["zone_id"], told | {"share": {}, "ships": {}})
        zone["share"][row["day"]], zone["ships"][row["day"]] = row["coverage_share"], row["vessels_heard"]
    heard = [one for one in zones.values() if one["country"] == "KP" or any(one["ships"].values())]
    days = [(first + timedelta(days=n)).isoformat() for n in range((end - first).days + 1)]
    return given | {
        "days": days,
        "rows": heard,
        "quiet": len(zones) - len(heard),
        "outages": outages,
        "held_back": held_back,
    }


def heard_cells(settings: Settings, day: str) -> list[Record]:
    """Where anybody was heard on a UTC day: of each quarter-degree cell `west`, `south` and `size` (degrees), the
    `hours` in which anybody was, and the `vessels` of its busiest hour."""
    from contextlib import closing

    from pipeline.movement.coverage import CELL_DEG
    from pipeline.state.glance import glance
    from pipeline.tasks.home import Home

    if glance(settings.home) is None:
        return []
    home = Home(settings)
    with closing(home.lake):
        heard = home.results.coverage([day])
    columns = round(360 / CELL_DEG)
    cells = heard.groupby("cell", as_index=False).agg(hours=("hour", "nunique"), vessels=("vessels", "max"))
    return [
        {
            "west": cell % columns * CELL_DEG - 180, "south": cell // columns * CELL_DEG - 90, "size": CELL_DEG,
            "hours": hours, "vessels": vessels,
        }
        for cell, hours, vessels in zip(*(cells[one].tolist() for one in ("cell", "hours", "vessels")), strict=True)
    ]  # fmt: skip


def zones_page(settings: Settings) -> list[Record]:
    """ZONE without margins and shapes."""
    with ask_filled(settings) as warehouse:
        rows = plain(warehouse.rows(_ZONES))
    return [{name: value for name, value in row.items() if name != "geometry"} for row in rows]


def law_page(settings: Settings) -> list[Record]:
    """MEASURE in order of when each came into force."""
    with ask_filled(settings) as warehouse:
        return plain(warehouse.rows(_MEASURES))


def sources_page(settings: Settings) -> Record:
    """`sources` of the catalogue with what they gave (`fresh`), and `lists` with their editions."""
    import os

    from pipeline.tasks.lists import list_editions
    from pipeline.tasks.sources import list_sources

    with ask_filled(settings) as warehouse:
        fresh = plain(warehouse.rows(_FRESH))
    return {"sources": list_sources(settings, os.environ), "fresh": fresh, "lists": list_editions(settings)}


def runs_page(settings: Settings) -> Record:
    """`runs`, the last first, and what is left to do: `plan`, each piece with its reason."""
    from pipeline.tasks.plan import planned

    with ask_filled(settings) as warehouse:
        runs = plain(warehouse.rows(_RUNS))
    return {"runs": runs, "plan": [one.as_dict() for one in planned(settings)]}
