"""docs/cookbook.md: every named query with how to read it and what it answers on the demonstration month.

`python -m tests.cookbook HOME > docs/cookbook.md` writes it again; a test compares it with a demonstration of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from pipeline.plain import plain
from pipeline.settings import Settings
from pipeline.warehouse.queries import Query, list_queries, run_query

SECTIONS = {
    "In the morning": [
        "new_since_yesterday", "alerts_by_pattern_and_grade", "withdrawn_alerts", "days_held_back",
        "decisions_by_reviewer",
    ],
    "One ship": ["ship_history", "names_of_a_ship", "in_north_korea_before", "ties_of_a_ship"],
    "Ports and voyages": [
        "at_coal_berths", "near_a_berth", "voyages_from_one_country_to_another", "one_port_then_another",
        "where_ships_go_next", "flags_at_ports", "draught_changes_in_port", "monthly_calls_and_coverage",
        "calls_beside_what_others_counted", "our_visits_beside_theirs", "passenger_calls",
    ],
    "At sea": [
        "who_met_whom", "waits_at_sea", "possible_calls", "silences_where_others_were_heard", "radar_by_month",
    ],
    "Identity": [
        "numbers_shared", "renamed_ships", "listed_vessels_last_seen", "calls_of_listed_ships", "interference_by_day",
    ],
    "Law, claims and tonnage": [
        "law_on_a_day", "alerts_by_legal_answer", "verdicts_and_why", "alerts_on_a_claim_by_month",
        "verdicts_on_thin_coverage", "tonnage_by_month", "tonnage_against_a_claim",
    ],
    "Reception and sources": ["outages", "sources_at_a_glance", "fixes_and_habit", "rejected_rows_by_source"],
}  # fmt: skip
SHIP = {"imo": "2990027"}  # DEMO COAL LIANYUNGANG
GIVEN = {
    "ship_history": SHIP, "names_of_a_ship": SHIP, "ties_of_a_ship": SHIP,
    "in_north_korea_before": {**SHIP, "since": "2017-12-10", "until": "2018-06-08"},
    "near_a_berth": {"since": "2018-06-05", "until": "2018-06-06"},
    "at_coal_berths": {"since": "2018-06-05", "until": "2018-06-07"}, "law_on_a_day": {"day": "2018-06-06"},
    "alerts_on_a_claim_by_month": {"claim": "D01"}, "verdicts_and_why": {"claim": "D01"},
}  # fmt: skip
_BY_THE_CLOCK = {"first_raised_at", "last_landed_at", "withdrawn_at", "first_decided_at", "last_decided_at"}
_ROWS, _LETTERS = 4, 48
_HEAD = """# Cookbook

Questions with their SQL in `sql/queries/`: `coalwatch sql NAME parameter=value …` asks one, on SQLite and on PostgreSQL
alike, and `coalwatch sql --list` lists them with their parameters. Each answer below is what the demonstration month
gives (`coalwatch demo`; **synthetic**): its first rows, long texts cut. An empty answer is no "no": what was not heard,
landed or derived is in none.
"""


def cookbook(home: Path) -> str:
    """The page, answered by the warehouse of a demonstration."""
    queries = {query.name: query for query in list_queries()}
    parts = [_HEAD]
    for title, names in SECTIONS.items():
        parts.append(f"## {title}\n")
        parts += ["\n".join(_recipe(queries[name], home)) for name in names]
    return "\n".join(parts)


def _recipe(query: Query, home: Path) -> Iterator[str]:
    given = GIVEN.get(query.name, {})
    yield f"### {query.question}\n"
    yield f"{query.reading}\n"
    yield " ".join(["    coalwatch sql", query.name, *(f"{name}={value}" for name, value in given.items())]) + "\n"
    rows = plain(run_query(Settings(home=home).database_url, query.name, given))
    if not rows:
        yield "No row in the demonstration month.\n"
        return
    yield "| " + " | ".join(rows[0]) + " |"
    yield "|" + "---|" * len(rows[0])
    for row in rows[:_ROWS]:
        yield "| " + " | ".join(_cell(name, value) for name, value in row.items()) + " |"
    yield f"\n{len(rows)} rows\n" if len(rows) > _ROWS else ""


def _cell(name: str, value: object) -> str:
    if name in _BY_THE_CLOCK and value is not None:
        return "(when it ran)"
    text = "" if value is None else str(value).replace("|", "/").replace("\n", " ")
    return text if len(text) <= _LETTERS else text[: _LETTERS - 1].rstrip() + "…"


if __name__ == "__main__":
    sys.stdout.write(cookbook(Path(sys.argv[1])))
