"""Which reports on a grid are asked for: a region, a question and a span of days each; and the halves of a polygon."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError
from pipeline.fetch.requests import Region, ReportQuestion, ReportRequests
from pipeline.fetch.sources import SourceSpec
from pipeline.fetch.spans import refuse_days, spans_by_month, spans_there

if TYPE_CHECKING:
    from pipeline.settings import Settings

Ring = tuple[tuple[float, float], ...]

SMALLEST = 0.1  # degrees: a polygon no longer than this is not halved
_CELL = 0.01  # degrees; a cell is centred on a multiple of it, so that a cut lies half a cell off


def plan_slices(spec: SourceSpec, settings: Settings, first: date, last: date) -> list[Slice]:
    """The reports that hold the UTC days from `first` to `last`, in order; those whose file lies there are `held`.

    raises  InputError for days before its history, or in the wrong order
    """
    refuse_days(spec, first, last)
    asked = requests_of(spec)
    folder = settings.landing / spec.source
    return [
        one
        for region in asked.regions
        for question in asked.questions
        for one in _slices_of(Slice(spec.source, asked, region, question, first, last, folder))
    ]


@dataclass(frozen=True)
class Slice:
    """One question about a region over the days [first, last].

    held  whether its file lies there, so that it need not be asked for
    """

    source: str
    asked: ReportRequests
    region: Region
    question: ReportQuestion
    first: date
    last: date
    folder: Path
    held: bool = False

    @property
    def path(self) -> Path:
        """Where its file lies or will lie."""
        return self.folder / f"{self.begins}{self.first}_{self.last}_{self.form}.jsonl"

    @property
    def begins(self) -> str:
        """How the names of files of this region and question begin."""
        return f"{self.source}_{self.region.name}_{self.question.name}_"

    @cached_property
    def form(self) -> str:
        """What is asked but the days, in short: another polygon or version is another question."""
        return hashlib.sha256(json.dumps([self.query, self.region.polygon]).encode()).hexdigest()[:6]

    @property
    def query(self) -> dict[str, str]:
        """The query of the request, without days."""
        return {
            "datasets[0]": self.asked.dataset,
            **{f"filters[{n}]": one for n, one in enumerate(self.question.filters)},
            "spatial-resolution": self.asked.spatial_resolution,
            "temporal-resolution": self.asked.temporal_resolution,
            "group-by": self.asked.group_by,
            "spatial-aggregation": "false",
            "format": "JSON",
        }

    @property
    def span(self) -> str:
        """The days as the request has them: the last is exclusive there."""
        return f"{self.first},{self.last + timedelta(days=1)}"

    def question_about(self, ring: Ring) -> dict[str, Any]:
        """What is asked of a polygon, as it stands beside the answer."""
        return self.query | {"date-range": self.span, "region": self.region.name, "polygon": closed(ring)}


def requests_of(spec: SourceSpec) -> ReportRequests:
    """How a source says that reports are asked for.

    raises  InputError for a source that gives none
    """
    if spec.reports is None:
        raise InputError(f"{spec.source}: gives no reports (kind is {spec.kind})")
    return spec.reports


def _slices_of(whole: Slice) -> Iterator[Slice]:
    """Slices of a span of days by what lies there and what has to be asked for."""
    longest = whole.region.days_per_report or whole.asked.days_per_report
    there = spans_there(whole.folder, whole.begins, f"_{whole.form}.jsonl")
    for first, last, held in spans_by_month(whole.first, whole.last, longest, there):
        yield replace(whole, first=first, last=last, held=held)


def closed(ring: Ring) -> list[list[float]]:
    """The ring of a polygon as GeoJSON has it: the last corner is the first."""
    corners = [list(corner) for corner in ring]
    return corners if corners[0] == corners[-1] else [*corners, corners[0]]


def bounds(ring: Ring) -> tuple[float, float, float, float]:
    """West, south, east and north of a polygon."""
    xs, ys = zip(*ring, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def halves(ring: Ring) -> list[Ring]:
    """The parts of a polygon on both sides of a line across its longer side, between two rows of cells; none of a
    small one."""
    from shapely import Polygon, box, intersection

    west, south, east, north = bounds(ring)
    wide = east - west >= north - south
    if max(east - west, north - south) <= SMALLEST:
        return []
    middle = round((round(((west + east) if wide else (south + north)) / 2 / _CELL) + 0.5) * _CELL, 3)
    sides = (
        [box(west, south, middle, north), box(middle, south, east, north)]
        if wide
        else [box(west, south, east, middle), box(west, middle, east, north)]
    )
    parts = [part for side in sides for part in _polygons(intersection(Polygon(ring), side))]
    return [tuple((round(x, 6), round(y, 6)) for x, y in part.exterior.coords) for part in parts]


def _polygons(shape: Any) -> list[Any]:
    found = getattr(shape, "geoms", [shape])
    return [one for one in found if one.geom_type == "Polygon" and not one.is_empty]
