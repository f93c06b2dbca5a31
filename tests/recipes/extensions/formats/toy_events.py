"""Toy events: a JSON object a line with the columns of PROVIDER_EVENT that it has, `toy` first."""

from __future__ import annotations

import json

from pandas import DataFrame

from pipeline.contracts import PROVIDER_EVENT
from pipeline.formats.record import Content, EventsReading, Head, Source

_NEEDED = ("event_id", "kind", "ship", "mmsi", "began_at")


def _recognises(head: Head) -> bool:
    return bool(head.lines) and head.lines[0].startswith('{"toy":')


def _read(content: Content, first_future: str) -> EventsReading:
    lines = content.path.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [_event(line) for line in lines]
    events = DataFrame([one for one in found if one], columns=PROVIDER_EVENT.names)
    rejects = [(n, "unreadable", line) for n, (line, one) in enumerate(zip(lines, found, strict=True), 1) if not one]
    return EventsReading(
        events=PROVIDER_EVENT.conform(events).drop(columns="source_file_id"),
        rejects=DataFrame(rejects, columns=["line", "reason", "raw"]),
        rows_read=len(lines),
        duplicates=0,
    )


def _event(line: str) -> dict[str, object] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    if not isinstance(event, dict) or any(event.get(name) is None for name in _NEEDED):
        return None
    return event | {"provider": "toy_events", "source_file_id": ""}


SOURCE = Source(
    "toy_events", "toy events (JSON lines)", "made up, for no commercial use", _recognises, read_events=_read
)
