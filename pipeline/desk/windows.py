"""A claim's windows on one axis of time, with what was observed, alerts, and how well its waters were heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
from pandas import Timestamp

if TYPE_CHECKING:
    from pipeline.plain import Record

ROW, HEAD, RIBBON = 30, 6, 18
SHADES = 5  # of the ribbon: from nobody heard to always somebody


def axis_of(page: Record) -> Record | None:
    """What is drawn of a claim (`tasks.one_claim.claim_page`), places across in per cent, heights in dots; None for a
    claim without a window.

    returns  `windows` (window_id, verdict, x, width, y), `marks` (of observations and alerts: x, width, y, kind,
             relation, words), `ribbon` (month by month, or day by day over a few months: x, width, shade, words),
             `ticks`, `height`, `marks_top`, `ribbon_top`
    """
    if not page["windows"]:
        return None
    moments = [Timestamp(one[name]) for one in page["windows"] for name in ("from_at", "to_at")]
    first, last = min(moments), max(moments)
    room = (last - first) * 0.02
    window = (first - room, last + room)
    windows = []
    for n, one in enumerate(sorted(page["windows"], key=lambda row: (row["from_at"], row["to_at"]))):
        x, width = _place(Timestamp(one["from_at"]), Timestamp(one["to_at"]), window)
        words = f"{one['window_id']}: {one['verdict'].replace('_', ' ').lower()}"
        windows.append({"id": one["window_id"], "verdict": one["verdict"], "words": words, "x": x, "width": width,
                        "y": HEAD + ROW * n, "late": x > 60})  # fmt: skip
    marks_top = HEAD + ROW * len(windows) + 4
    marks = _marks(page, window, marks_top)
    ribbon_top = marks_top + 64
    return {
        "windows": windows,
        "marks": marks,
        "marks_top": marks_top,
        "ribbon": _ribbon(page["heard"], window),
        "ribbon_top": ribbon_top,
        "ribbon_height": RIBBON,
        "ticks": _ticks(window),
        "foot": ribbon_top + RIBBON + 4,
        "height": ribbon_top + RIBBON + 26,
    }


def _marks(page: Record, window: tuple[Timestamp, Timestamp], top: int) -> list[Record]:
    rows = {"supports": top, "context": top + 22, "weakens": top + 44}
    marks = [
        (one["from_at"], one["to_at"], "observation", one["relation"], one["statement"]) for one in page["observations"]
    ]
    marks += [
        (one["began_at"], one["ended_at"], "alert", one["relation"], one["headline"])
        for one in page["alerts"]
        if not one["withdrawn_at"]
    ]
    found = []
    for began, ended, kind, relation, words in marks:
        if Timestamp(began) >= window[1] or Timestamp(ended) <= window[0]:
            continue
        x, width = _place(Timestamp(began), Timestamp(ended), window)
        found.append({"x": x, "width": max(width, 0.6), "y": rows[relation], "kind": kind, "relation": relation,
                      "words": f"{kind}, {relation}: {words}"})  # fmt: skip
    return found


def _ribbon(heard: Sequence[Record], window: tuple[Timestamp, Timestamp]) -> list[Record]:
    long = (window[1] - window[0]).days > 200
    by_slot: dict[str, list[float]] = {}
    for one in heard:
        by_slot.setdefault(one["day"][:7] if long else one["day"], []).append(one["share"])
    found = []
    for slot, shares in by_slot.items():
        began = Timestamp(slot, tz="UTC")
        ended = began + (pd.offsets.MonthBegin() if long else pd.Timedelta(days=1))
        if began >= window[1] or ended <= window[0]:
            continue
        x, width = _place(began, ended, window)
        share = sum(shares) / len(shares)
        found.append({"x": x, "width": width, "shade": min(SHADES - 1, int(share * SHADES)),
                      "words": f"{slot}: somebody was heard in {share:.0%} of the hours"})  # fmt: skip
    return found


def _ticks(window: tuple[Timestamp, Timestamp]) -> list[Record]:
    days = (window[1] - window[0]).days
    months = next((one for one in (1, 2, 3, 6, 12) if days / (30 * one) <= 12), 12)
    begins = pd.date_range(window[0].normalize() + pd.offsets.MonthBegin(), window[1], freq=f"{months}MS")
    if days < 70:
        begins = pd.date_range(window[0].ceil("D"), window[1], freq="7D")
    form = "%-d %b" if days < 70 else "%b %Y"
    places = [(_place(at, at, window)[0], f"{at:{form}}") for at in begins]
    return [{"x": x, "label": label, "late": x > 94} for x, label in places]


def _place(began: Timestamp, ended: Timestamp, window: tuple[Timestamp, Timestamp]) -> tuple[float, float]:
    whole = window[1] - window[0]
    x, end = max(0.0, (began - window[0]) / whole), min(1.0, (ended - window[0]) / whole)
    return round(100 * x, 2), round(100 * max(0.0, end - x), 2)
