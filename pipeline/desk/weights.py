"""Evidence as a bar of weights: what speaks for an alert to the right of nothing, what speaks against to the left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.plain import plain_text

if TYPE_CHECKING:
    from pipeline.plain import Record


def weighed(evidence: Sequence[Record], tables: dict[str, list[Record]], keys: dict[str, str]) -> Record:
    """The pieces of evidence of an alert with their places on a common scale, in per cent of its width.

    evidence  rows of ALERT_EVIDENCE
    keys      the column that tells the rows of each table of events apart
    returns   `pieces` (weight, statement, role, table, event_id, x, width, row: names and values of the row of the
              event behind it), `zero` (where nothing is), and the sums `speaks_for` and `speaks_against`
    """
    heaviest_for = max([1.0, *(one["weight"] for one in evidence)])
    heaviest_against = max([0.0, *(-one["weight"] for one in evidence)])
    whole = heaviest_for + heaviest_against
    zero = heaviest_against / whole
    pieces = []
    for one in sorted(evidence, key=lambda row: (-row["weight"], row["role"])):
        share = one["weight"] / whole
        table, event_id = one["event_table"], one["event_id"]
        row = next((row for row in tables.get(table or "", []) if row[keys[table]] == event_id), {})
        pieces.append({
            "weight": one["weight"],
            "statement": plain_text(one["statement"]),
            "role": one["role"],
            "table": table,
            "event_id": event_id,
            "x": round(100 * (zero + min(share, 0.0)), 2),
            "width": round(100 * abs(share), 2),
            "row": [(name, value) for name, value in row.items() if value is not None and name != keys[table]],
        })  # fmt: skip
    return {
        "pieces": pieces,
        "zero": round(100 * zero, 2),
        "speaks_for": sum(one["weight"] for one in evidence if one["weight"] > 0),
        "speaks_against": sum(one["weight"] for one in evidence if one["weight"] < 0),
    }
