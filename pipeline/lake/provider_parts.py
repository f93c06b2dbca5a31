"""A provider's events, ships, radar detections, images and figures as a landed file gave them: one Parquet part of each
kind, and of what was rejected."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.formats.record import Content, EventsReading, Source
from pipeline.lake.damage import is_whole
from pipeline.lake.parts import Counts, Part, reasons_of, whole_parts

if TYPE_CHECKING:
    from pandas import Series

EVENTS, VESSELS, DETECTIONS, ANSWERS, IMAGES = "events", "vessels", "detections", "answers", "images"  # kinds of parts


def read_events(source: Source, content: Content, now: datetime, folder: Path) -> tuple[Counts, list[Part]]:
    """A file's events and rejects as parts in a folder, and the count of every row.

    now  wall clock (with zone): events later by more than a day are rejected
    """
    assert source.read_events is not None
    reading = source.read_events(content, _latest(now))
    events, rejects = reading.events, reading.rejects
    last = events["ended_at"].fillna(events["began_at"]).max()
    counts = Counts(
        rows_read=reading.rows_read,
        positions=0,
        vessel_reports=0,
        positions_with_report=0,
        not_ships=0,
        message_parts=0,
        duplicates=reading.duplicates,
        rejected=len(rejects),
        from_at=events["began_at"].min().to_pydatetime() if len(events) else None,
        to_at=last.to_pydatetime() if len(events) else None,
        reasons=reasons_of(rejects),
        events=len(events),
    )
    return counts, whole_parts(folder, {EVENTS: events, "rejects": rejects})


def read_vessels(source: Source, content: Content, folder: Path) -> tuple[Counts, list[Part]]:
    """A file's ships and rejects as parts in a folder, and the count of every row: one with particulars is a vessel
    report. It has no time: what a ship is is of no day."""
    assert source.read_vessels is not None
    reading = source.read_vessels(content)
    counts = Counts(
        rows_read=reading.rows_read,
        positions=0,
        vessel_reports=reading.accepted,
        positions_with_report=0,
        not_ships=0,
        message_parts=0,
        duplicates=reading.duplicates,
        rejected=len(reading.rejects),
        from_at=None,
        to_at=None,
        reasons=reasons_of(reading.rejects),
    )
    return counts, whole_parts(folder, {VESSELS: reading.vessels, "rejects": reading.rejects})


def read_detections(source: Source, content: Content, now: datetime, folder: Path) -> tuple[Counts, list[Part]]:
    """A file's radar detections, what it answers and rejects as parts in a folder, and the count of every row.

    now  wall clock (with zone): detections later by more than a day are rejected
    """
    assert source.read_detections is not None
    reading = source.read_detections(content, _latest(now))
    counts = _counts(reading, reading.events["at"].fillna(reading.events["hour"]))
    found = {DETECTIONS: reading.events, "rejects": reading.rejects}
    return counts, whole_parts(folder, found | ({} if reading.answers is None else {ANSWERS: reading.answers}))


def read_images(source: Source, content: Content, now: datetime, folder: Path) -> tuple[Counts, list[Part]]:
    """A catalogue's images and rejects as parts in a folder, and the count of every row.

    now  wall clock (with zone): images later by more than a day are rejected
    """
    assert source.read_images is not None
    reading = source.read_images(content, _latest(now))
    counts = _counts(reading, reading.events["from_at"])
    return counts, whole_parts(folder, {IMAGES: reading.events, "rejects": reading.rejects})


def _latest(now: datetime) -> str:
    """From when on a time lies too far in the future, ISO 8601 in UTC."""
    return (now.astimezone(UTC) + timedelta(days=1)).replace(tzinfo=None).isoformat()


def _counts(reading: EventsReading, seen: Series) -> Counts:
    """seen  when each of the rows that stand was seen"""
    return Counts(
        rows_read=reading.rows_read,
        positions=0,
        vessel_reports=0,
        positions_with_report=0,
        not_ships=0,
        message_parts=0,
        duplicates=reading.duplicates,
        rejected=len(reading.rejects),
        from_at=seen.min().to_pydatetime() if len(seen) else None,
        to_at=seen.max().to_pydatetime() if len(seen) else None,
        reasons=reasons_of(reading.rejects),
        events=len(seen),
    )


def read_figures(source: Source, content: Content, folder: Path) -> tuple[Counts, list[Part]]:
    """A file's figures and rejects as parts in a folder, and the count of every answer: one that was read is no ship's
    row. The kind of the part is the name of the table that its rows are of."""
    assert source.read_figures is not None
    reading = source.read_figures(content)
    counts = Counts(
        rows_read=reading.rows_read,
        positions=0,
        vessel_reports=0,
        positions_with_report=0,
        not_ships=reading.accepted,
        message_parts=0,
        duplicates=reading.duplicates,
        rejected=len(reading.rejects),
        from_at=None,
        to_at=None,
        reasons=reasons_of(reading.rejects),
    )
    return counts, whole_parts(folder, {reading.table: reading.rows, "rejects": reading.rejects})


def days_of_passes(kind: str, path: Path) -> set[str]:
    """UTC days of the passes that a part has detections or images of; of answers, days on which questions begin."""
    from pandas import read_parquet

    time = "hour" if kind == DETECTIONS else "from_at"
    return set(read_parquet(path, columns=[time])[time].dt.strftime("%Y-%m-%d").unique())


def event_days(paths: Iterable[Path]) -> set[str]:
    """UTC days that the events of some parts belong to: those on which they ended, or on which an open gap began."""
    from pandas import read_parquet

    days: set[str] = set()
    for path in paths:
        if not is_whole(path):
            continue  # its days are those of the part that takes its place
        times = read_parquet(path, columns=["began_at", "ended_at"])
        days.update(times["ended_at"].fillna(times["began_at"]).dt.strftime("%Y-%m-%d").unique())
    return days
