"""A ship's year, a square a day: what weighs most of what is known of her on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.plain import Record

# From what weighs most; a day is of the first kind that it has.
KINDS = {
    "korea": "AIS-reported in North Korea",
    "possible": "a silence left time for a call in North Korea",
    "met": "met another ship",
    "port": "in a port",
    "silent": "silent all day",
    "sea": "heard at sea",
    "none": "not heard here",
}
SIZE, GAP = 13, 3
_LEFT, _TOP = 30, 18
_CALLS = {"port_call"}


def years_of(ship: Record) -> list[int]:
    """The years in which a ship was heard, the last first."""
    years = {year for track in ship["tracks"] for year in range(int(track["from_at"][:4]), int(track["to_at"][:4]) + 1)}
    return sorted(years, reverse=True)


def year_of(ship: Record, year: int, last_day: str) -> Record:
    """The squares of a year: `days` (day, kind, words, x, y), `months` (label, x), `counts` (kind, words, days).

    ship      as `tasks.one_ship.ship_page` gives her
    last_day  ISO; what is still open lasts until then
    """
    spans: dict[str, list[tuple[str, str]]] = {
        "korea": _spans((one["from_at"], one["to_at"]) for one in ship["korea"] if one["what"] == "call"),
        "possible": _spans((one["from_at"], one["to_at"]) for one in ship["korea"] if one["what"] != "call"),
        "met": _spans((one["from_at"], one["to_at"]) for one in ship["ties"] if one["tie"] == "met"),
        "port": _spans(_of(ship["events"], _CALLS)),
        "sea": _spans((one["from_at"], one["to_at"]) for one in ship["tracks"]),
    }
    silent = [(one["began_at"], one["ended_at"] or "9999") for one in ship["gaps"]]
    first, days, months = date(year, 1, 1), [], []
    day = first
    while day.year == year:
        told = day.isoformat()
        kind = "none" if told > last_day else _kind(told, spans, silent)
        week = (day.timetuple().tm_yday - 1 + first.weekday()) // 7
        x, y = _LEFT + week * (SIZE + GAP), _TOP + day.weekday() * (SIZE + GAP)
        days.append({"day": told, "kind": kind, "words": KINDS[kind], "x": x, "y": y})
        if day.day == 1:
            months.append({"label": f"{day:%b}", "x": x})
        day += timedelta(days=1)
    counts = [
        {"kind": kind, "words": words, "days": sum(one["kind"] == kind for one in days)}
        for kind, words in KINDS.items()
    ]
    return {
        "days": days,
        "months": months,
        "counts": counts,
        "width": _LEFT + 54 * (SIZE + GAP),
        "height": _TOP + 7 * (SIZE + GAP),
        "size": SIZE,
    }


def _kind(day: str, spans: dict[str, list[tuple[str, str]]], silent: Sequence[tuple[str, str]]) -> str:
    after = (date.fromisoformat(day) + timedelta(days=1)).isoformat()

    def touches(kind: str) -> bool:
        return any(began < after and ended >= day for began, ended in spans[kind])

    all_day = any(began <= day and ended >= after for began, ended in silent)
    for kind in ("korea", "possible", "met", "port"):
        if touches(kind):
            return kind
    return "silent" if all_day else "sea" if touches("sea") else "none"


def _of(events: Sequence[Record], tables: set[str]) -> Iterable[tuple[str, str | None]]:
    return ((one["from_at"], one["to_at"]) for one in events if one["event_table"] in tables)


def _spans(rows: Iterable[tuple[str | None, str | None]]) -> list[tuple[str, str]]:
    return [(began, ended or "9999") for began, ended in rows if began]
