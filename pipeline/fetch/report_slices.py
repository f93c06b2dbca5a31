"""Which reports on a grid are asked for: a region, a question and a span of days each; and the halves of a polygon."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError
from pipeline.fetch.requests import Region, ReportQuestion, ReportRequests
from pipeline.fetch.sources import SourceSpec

if TYPE_CHECKING:
    from pipeline.settings import Settings

Ring = tuple[tuple[float, float], ...]

SMALLEST = 0.1  # degrees: a polygon no longer than this is not halved
_CELL = 0.01  # degrees; a cell is centred on a multiple of it, so that a cut lies half a cell off


def plan_slices(spec: SourceSpec, settings: Settings, first: date, last: date) -> list[Slice]:
    """The reports that hold the UTC days from `first` to `last`, in order; those whose file lies there are `held`.

    Spans begin on the first of a month and every `days_per_report` days after it, so that the same days are asked for
    in the same spans whenever they are asked for.

    raises  InputError for days before its history, or in the wrong order
    """
    if last < first:
        raise InputError(f"--to {last} is before --from {first}; expected the first day first")
    if spec.history_from and first < spec.history_from:
        raise InputError(f"{spec.source}: {first} is before its history, which begins on {spec.history_from}")
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
    there = _files_there(whole)
    held: set[tuple[date, date]] = set()
    begun: date | None = None
    day = whole.first
    while day <= whole.last:
        file = next((span for span in there if span[0] <= day <= span[1]), None)
        following = day + timedelta(days=1)
        if file is not None:
            if file not in held:
                held.add(file)
                yield replace(whole, first=file[0], last=file[1], held=True)
        else:
            begun = begun or day
            taken = any(span[0] <= following <= span[1] for span in there)
            if following > whole.last or taken or (following.day - 1) % longest == 0:
                yield replace(whole, first=begun, last=day)
                begun = None
        day = following


def _files_there(one: Slice) -> list[tuple[date, date]]:
    """First and last day of the files of a question in its present form, the longest first."""
    name = re.compile(re.escape(one.begins) + r"(\d{4}-\d\d-\d\d)_(\d{4}-\d\d-\d\d)_" + one.form + r"\.jsonl")
    found = [name.fullmatch(path.name) for path in one.folder.glob(f"{one.begins}*.jsonl")]
    spans = [(date.fromisoformat(match[1]), date.fromisoformat(match[2])) for match in found if match]
    return sorted(spans, key=lambda span: (span[0] - span[1], span[0]))


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
