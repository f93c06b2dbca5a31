"""Pieces of work on positions: whole days of ships, cut out of the lake so that each fits into memory.

Workers of other machines import this module, and no more of tasks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from geo.zones import Zones
from pipeline.lake.bucket import Place
from pipeline.lake.lake import Lake
from pipeline.lake.reading import read_fixes, read_vessel_reports
from pipeline.limits import Limits
from pipeline.movement.compress import CompressedPart, compress_part
from pipeline.movement.tracks import Fixes

_Parts = tuple[tuple[Place, str], ...]


@dataclass(frozen=True)
class Piece:
    """Parts of the lake with positions and vessel reports, by UTC day, and the range of MMSIs that is meant of them,
    if not all are."""

    positions: tuple[_Parts, ...]
    reports: tuple[_Parts, ...]
    mmsis: tuple[int, int] | None = None


def cut(lake: Lake, days: Sequence[str], most: int) -> Iterator[Piece]:
    """Pieces of UTC days in order of day and MMSI, of about `most` positions at most: small days together, a larger one
    in ranges of MMSIs. A day of one ship is never divided."""
    rows = lake.fixes_by_day(days)
    together: list[str] = []
    held = 0
    for day in days:
        more = rows.get(day, 0)
        if together and held + more > most:
            yield _whole(lake, together)
            together, held = [], 0
        if more > most:
            whole, ranges = _whole(lake, [day]), lake.mmsi_ranges(day, most)
            yield from (Piece(whole.positions, whole.reports, mmsis) for mmsis in ranges)
            continue
        together.append(day)
        held += more
    if together:
        yield _whole(lake, together)


def _whole(lake: Lake, days: Sequence[str]) -> Piece:
    positions, reports = (
        tuple(tuple(lake.parts(kind, day)) for day in days) for kind in ("positions", "vessel_reports")
    )
    return Piece(positions, reports)


def compress_piece(zones: Zones, limits: Limits, piece: Piece) -> CompressedPart:
    """Read a piece and compress it.

    raises  InputError if a part is gone or damaged
    """
    days = [read_fixes(parts, piece.mmsis) for parts in piece.positions]
    fixes = {name: np.concatenate([day[name] for day in days]) if len(days) > 1 else days[0][name] for name in days[0]}
    return compress_part(Fixes(**fixes), read_vessel_reports(*piece.reports, mmsis=piece.mmsis), zones, limits)
