"""How much of a ship's voyages Global Fishing Watch received: answers of `POST /v3/insights/vessels` (API v3), with
what was asked, as `coalwatch fetch` keeps them.

`{"coverage": {"blocks", "blocksWithPositions", "percentage"}, "gap": {"periodSelectedCounters": {"events"}}, …}`;
counts come as text. Blocks are hours of her voyages. One ship is asked for at a time, for the answer does not tell
ships apart. A ship of which the provider tells no block has no share: that is not nought. Shapes:
GlobalFishingWatch/gfw-api-python-client; no answer was seen.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from pipeline.contracts import PROVIDER_RECEPTION
from pipeline.formats.figures import count, read_answers
from pipeline.formats.gfw_pages import LICENCE, PROVIDER
from pipeline.formats.gfw_values import Entry
from pipeline.formats.polls import is_poll_of
from pipeline.formats.record import Content, FiguresReading, Head, Source

NAME = "gfw_reception"


def _recognises(head: Head) -> bool:
    return any(is_poll_of(NAME, line) for line in head.lines[:1])


def read_insights(content: Content) -> FiguresReading:
    """Read a file of answers: each gives a row."""
    return read_answers(content, PROVIDER_RECEPTION, _rows)


def _rows(asked: Entry, body: Entry) -> list[dict[str, Any]]:
    coverage, gap = body["coverage"] or {}, body.get("gap") or {}
    blocks = count(coverage["blocks"]) if coverage.get("blocks") is not None else None
    heard = count(coverage["blocksWithPositions"]) if blocks else None
    if blocks and (heard is None or heard > blocks):
        raise ValueError(f"{heard} of {blocks} blocks with positions")
    counted = (gap.get("periodSelectedCounters") or {}).get("events")
    return [{
        "provider": PROVIDER, "ship": str(asked["ship"]), "mmsi": asked.get("mmsi"), "imo": asked.get("imo"),
        "from_at": _midnight(asked["from"]), "to_at": _midnight(asked["until"]), "blocks": blocks,
        "blocks_heard": heard, "share": heard / blocks if blocks and heard is not None else None,
        "gaps": None if counted is None else count(counted), "dataset": str(asked["dataset"]),
    }]  # fmt: skip


def _midnight(day: str) -> str:
    return f"{date.fromisoformat(day)}T00:00:00Z"


SOURCE = Source(
    name=NAME,
    title="Global Fishing Watch reception of ships (insights of API v3), as fetched",
    licence=LICENCE,
    recognises=_recognises,
    read_figures=read_insights,
)
