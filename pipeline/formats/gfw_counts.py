"""Port visits by month as the Global Fishing Watch API v3 counts them: answers of `POST /v3/events/stats`, with what
was asked, as `coalwatch fetch` keeps them.

`{"numEvents", "numVessels", "numFlags", "flags", "timeseries": [{"date", "value"}]}`. The series leaves out what has no
value, so a month that was asked for and is not in it counts as 0. Whether its months sum to `numEvents` is not
promised (in the client's example they sum to half of it): where they do not, a note says so. Whether a visit counts in
the month of its begin, or in each that it overlaps, is not told. Shapes: GlobalFishingWatch/gfw-api-python-client; no
answer by month, and none for a port, was seen.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from pipeline.contracts import PROVIDER_PORT_MONTH
from pipeline.formats.figures import count, months, read_answers
from pipeline.formats.gfw_pages import LICENCE, PROVIDER
from pipeline.formats.gfw_values import Entry
from pipeline.formats.polls import is_poll_of
from pipeline.formats.record import Content, FiguresReading, Head, Source

NAME = "gfw_counts"


def _recognises(head: Head) -> bool:
    return any(is_poll_of(NAME, line) for line in head.lines[:1])


def read_counts(content: Content) -> FiguresReading:
    """Read a file of answers: each answer gives a row for each month that was asked for."""
    return read_answers(content, PROVIDER_PORT_MONTH, _rows)


def _rows(asked: Entry, body: Entry) -> list[dict[str, Any]]:
    series = body["timeseries"]
    if not isinstance(series, list):
        raise ValueError("timeseries is no list")
    wanted = months(date.fromisoformat(asked["from"]), date.fromisoformat(asked["until"]))
    found = dict.fromkeys(wanted, 0)
    for one in series:
        month = str(one["date"])[:7]
        if month not in found:
            raise ValueError(f"{month} was not asked for")
        found[month] += count(one["value"])
    total, summed = count(body["numEvents"]), sum(found.values())
    note = None if total == summed else f"its months sum to {summed:,}, and it says {total:,} in all"
    said = {name: str(asked[name]) for name in ("port", "country", "asked", "dataset")}
    return [
        {"provider": PROVIDER, **said, "month": month, "visits": visits, "note": note}
        for month, visits in found.items()
    ]  # fmt: skip


SOURCE = Source(
    name=NAME,
    title="Global Fishing Watch port visits by month (statistics of API v3), as fetched",
    licence=LICENCE,
    recognises=_recognises,
    read_figures=read_counts,
)
