"""What two warehouses on different engines say to the same questions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pandas.testing import assert_frame_equal

from pipeline.contracts import WAREHOUSE
from pipeline.plain import plain
from pipeline.warehouse.queries import list_queries, run_query, run_sql
from pipeline.warehouse.schema import view_files
from pipeline.warehouse.store import open_for_reading

DOCS = Path(__file__).resolve().parents[2] / "docs"
JUNE = {"since": "2024-06-01", "until": "2024-07-01"}
GIVEN: dict[str, dict] = {
    "ship_history": {"imo": 8000003}, "ties_of_a_ship": {"imo": 8000003}, "names_of_a_ship": {"imo": 8000003},
    "in_north_korea_before": {"imo": 8000003, **JUNE}, "at_coal_berths": JUNE, "near_a_berth": JUNE,
    "law_on_a_day": {"day": "2024-06-09"},
    "alerts_on_a_claim_by_month": {"claim": "C1"},
}  # fmt: skip


def assert_same_tables(one: str, other: str, *, apart_from: frozenset[str] = frozenset()) -> None:
    """Every table holds the same rows, but for columns that tell when (wall clock) or in which run."""
    with open_for_reading(one) as first, open_for_reading(other) as second:
        for table in WAREHOUSE:
            left, right = (
                opened.read(table)
                .drop(columns=[name for name in table.names if name in apart_from])
                .sort_values([name for name in table.key if name not in apart_from], ignore_index=True)
                for opened in (first, second)
            )
            assert_frame_equal(left, right, obj=table.name)


def answers(url: str) -> Iterator[tuple[str, list[dict]]]:
    """Named queries, views in full and the examples of docs/sql.md, each with its answer as `--json` gives it."""
    for query in list_queries():
        yield query.name, plain(run_query(url, query.name, GIVEN.get(query.name, {})))
    for view in view_files():
        rows = plain(run_sql(url, f"select * from {view}"))
        yield view, sorted(rows, key=lambda row: [str(value) for value in row.values()])
    for number, example in enumerate(examples()):
        yield f"docs/sql.md, example {number}: {example}", plain(run_sql(url, example))


def examples() -> list[str]:
    """The statements of docs/sql.md: indented blocks, and those handed to `coalwatch sql`."""
    text = (DOCS / "sql.md").read_text(encoding="utf-8")
    blocks = re.findall(r"(?:^ {4}.*\n|^ {4}\n)+", text, re.MULTILINE)
    inside = [re.sub(r"^\s*--.*\n?", "", block, flags=re.MULTILINE) for block in blocks if "coalwatch " not in block]
    statements = [one.strip() for block in inside for one in block.split(";") if one.strip()]
    return statements + re.findall(r'coalwatch sql "([^"]+)"', text)
