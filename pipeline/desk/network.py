"""Whom a ship is tied to, as a small network: she is in the middle, those with most ties nearest to the top."""

from __future__ import annotations

from math import cos, pi, sin
from typing import TYPE_CHECKING

from pipeline.plain import one_line

if TYPE_CHECKING:
    from pipeline.plain import Record

MOST = 12
WIDTH, HEIGHT = 640, 380


def network_of(ties: list[Record]) -> Record:
    """`nodes` of at most `MOST` other ships (x, y, label, vessel_id, kinds, ties, listed, side) and `more`, how many
    there are beside these; dots of a picture of WIDTH by HEIGHT."""
    others: dict[str, list[Record]] = {}
    for tie in ties:
        others.setdefault(tie["other_vessel_id"] or f"mmsi {tie['other_mmsi']}", []).append(tie)
    ranked = sorted(others.items(), key=lambda one: (-_met(one[1]), -len(one[1]), one[0]))
    nodes = []
    shown = ranked[:MOST]
    for n, (_, rows) in enumerate(shown):
        turn = 2 * pi * n / max(len(shown), 1) - pi / 2
        x, y = WIDTH / 2 + 150 * cos(turn), HEIGHT / 2 + 150 * sin(turn)
        first = rows[0]
        kinds = sorted({row["tie"] for row in rows})
        nodes.append({
            "x": round(x), "y": round(y), "side": _side(cos(turn)),
            "below": sin(turn) > 0, "label": one_line(first["other_name"]) or f"MMSI {first['other_mmsi']}",
            "vessel_id": first["other_vessel_id"], "kinds": kinds, "ties": len(rows), "met": _met(rows),
            "listed": sorted({one for row in rows for one in row["other_lists"]}),
        })  # fmt: skip
    return {"nodes": nodes, "more": len(ranked) - len(shown), "width": WIDTH, "height": HEIGHT}


def _side(across: float) -> str:
    """How a label is anchored that stands outside of a circle."""
    return "start" if across > 0.3 else "end" if across < -0.3 else "middle"


def _met(rows: list[Record]) -> int:
    return sum(row["tie"] == "met" for row in rows)
