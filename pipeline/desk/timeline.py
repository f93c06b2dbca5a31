"""A line of time as a page draws it: bars in lanes, a step line of draughts, days; places across it in per cent.

The page's own style colours it, so it is read in the dark too; the same spans are told in a table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
from pandas import Timestamp

from pipeline.pictures.timeline import Draught, Span, lanes_of
from pipeline.plain import one_line

if TYPE_CHECKING:
    from pipeline.plain import Record

Window = tuple[Timestamp, Timestamp]
LANE, DRAUGHT, HEAD = 34, 96, 8  # heights, dots
_LETTER = 0.62  # width of a letter, per cent, where the drawing is widest
_LATE = 0.6  # of the window: labels of what begins later end with their bar
_GROUPS = (
    ("Names", ("identity",)),
    ("Calls", ("call",)),
    ("Silences", ("heard_others", "not_heard", "unknown")),
    ("Meetings", ("meeting",)),
    ("Other", ("waiting", "doubt")),
)
_OPTIONAL = {"Other"}
WORDS = {
    "identity": "called herself", "call": "call", "heard_others": "silent while others were heard",
    "not_heard": "silent, and nobody was heard", "unknown": "silent; too few others to say", "meeting": "met",
    "waiting": "waited", "doubt": "identity",
}  # fmt: skip


def drawn(spans: Sequence[Span], draughts: Sequence[Draught], window: Window, shaded: Window | None = None) -> Record:
    """What is drawn of spans and draughts in a window of time, [begin, end) in UTC.

    shaded   the time of the alert
    returns  `height`, `groups` (name, top, height, bars), `steps` and `dots` of draughts, `draught_top`, `ticks`,
             `shaded`, and `told`: the spans as rows for a table. x and width are per cent of the window, y dots
    """
    seen = [one for one in spans if one.began_at < window[1] and (one.ended_at is None or one.ended_at >= window[0])]
    groups, y = [], HEAD
    for name, kinds in _GROUPS:
        of_kind = [one for one in seen if one.kind in kinds]
        if not of_kind and name in _OPTIONAL:
            continue
        lanes = lanes_of(of_kind, window) or [[]]
        bars = [
            bar for n, lane in enumerate(lanes) for bar in _readable([_bar(one, window, y + LANE * n) for one in lane])
        ]
        groups.append({"name": name, "top": y, "height": LANE * len(lanes), "bars": bars})
        y += LANE * len(lanes)
    draught_top = y
    steps, dots, scale = _steps(draughts, window, y)
    y += DRAUGHT if draughts else 0
    return {
        "height": y + 26,
        "foot": y,
        "groups": groups,
        "draught_top": draught_top if draughts else None,
        "steps": steps,
        "dots": dots,
        "scale": scale,
        "ticks": _ticks(window),
        "shaded": _extent(*shaded, window) if shaded else None,
        "told": [_told(one) for one in sorted(seen, key=lambda one: (one.began_at, one.kind, one.label))],
    }


def identity_spans(identities: Sequence[Record]) -> list[Span]:
    """What a ship called herself, each name with its number and flag from when to when."""
    spans: dict[str, tuple[Timestamp, Timestamp]] = {}
    for row in identities:
        pieces = [one_line(row["name"]) or "unnamed", f"MMSI {row['mmsi']}"]
        pieces += [f"flag {row['flag']}"] if row["flag"] else []
        pieces += [f"IMO {row['imo']}"] if row["imo"] else []
        label = " · ".join(pieces)
        began, ended = Timestamp(row["from_at"]), Timestamp(row["to_at"])
        known = spans.get(label, (began, ended))
        spans[label] = min(known[0], began), max(known[1], ended)
    return [Span("identity", began, ended, label) for label, (began, ended) in spans.items()]


def _bar(one: Span, window: Window, top: int) -> Record:
    x, width = _extent(one.began_at, one.ended_at or window[1], window)
    late = x > 100 * _LATE
    return {
        "kind": one.kind,
        "x": x,
        "width": max(width, 0.25),
        "y": top,
        "label": one.label,
        "label_x": round(min(x + width, 100), 2) if late else x,
        "late": late,
        "open": one.ended_at is None,
        "words": WORDS[one.kind],
    }


def _readable(bars: list[Record]) -> list[Record]:
    """The bars of a lane, without labels that would stand on another: a full lane's are told in the table."""
    taken, shown = 0.0, []
    for bar in sorted(bars, key=lambda one: one["x"]):
        wide = _LETTER * len(bar["label"])
        begin = bar["label_x"] - wide if bar["late"] else bar["label_x"]
        free = begin >= taken
        taken = max(taken, begin + wide) if free else taken
        shown.append(bar if free else bar | {"label_x": None})
    return shown


def _told(one: Span) -> Record:
    return {"what": WORDS[one.kind], "from_at": _iso(one.began_at), "to_at": _iso(one.ended_at), "label": one.label}


def _steps(draughts: Sequence[Draught], window: Window, top: int) -> tuple[list[Record], list[Record], Record | None]:
    """Lines of a step line, the deeper the lower, and a dot with its figure where it changes."""
    if not draughts:
        return [], [], None
    ordered = sorted(set(draughts))
    low, high = min(one.metres for one in ordered), max(one.metres for one in ordered)
    room = max(0.6, 0.3 * (high - low))
    least, most = max(0.0, low - room), high + room

    def y(metres: float) -> float:
        return round(top + 14 + (DRAUGHT - 28) * (metres - least) / (most - least), 1)

    steps, dots, before = [], [], None
    for one, other in zip(ordered, [*ordered[1:], None], strict=True):
        until = min(other.at, window[1]) if other else window[1]
        if until <= window[0] or one.at >= window[1]:
            continue
        x, width = _extent(one.at, until, window)
        if before is not None and before.metres != one.metres:
            steps.append({"x1": x, "x2": x, "y1": y(before.metres), "y2": y(one.metres)})
        steps.append({"x1": x, "x2": round(x + width, 2), "y1": y(one.metres), "y2": y(one.metres)})
        if before is None or before.metres != one.metres:
            dots.append({"x": x, "y": y(one.metres), "label": f"{one.metres:.1f} m", "late": x > 92})
        before = one
    return steps, dots, {"least": least, "most": most}


def _ticks(window: Window) -> list[dict[str, Any]]:
    days = (window[1] - window[0]).days
    step = next((one for one in (1, 2, 5, 7, 14, 31, 62, 92, 183, 366) if days / one <= 12), 366)
    starts = pd.date_range(window[0].ceil("D"), window[1], freq=f"{step}D")
    form = "%-d %b" if days < 300 else "%b %Y"
    places = [(_extent(at, at, window)[0], f"{at:{form}}") for at in starts]
    return [{"x": x, "label": label, "late": x > 96} for x, label in places]


def _extent(began: Timestamp, ended: Timestamp, window: Window) -> tuple[float, float]:
    """Where a time begins in the window, and how wide it is there, in per cent."""
    whole = window[1] - window[0]
    x = max(0.0, (began - window[0]) / whole)
    end = min(1.0, (ended - window[0]) / whole)
    return round(100 * x, 2), round(100 * max(0.0, end - x), 2)


def _iso(moment: Timestamp | None) -> str | None:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment is not None else None
