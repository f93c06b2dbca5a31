"""A map of one ship's way: coast, zones, where she was heard, and where she was silent.

The projection is equirectangular, true to scale at the middle latitude; over the few degrees of a passage in the
Yellow Sea lengths err by less than 2 %.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.pictures.canvas import (
    CALL,
    FAINT,
    INK,
    LAND,
    MEETING,
    QUIET,
    SEA,
    SHORE,
    SILENT,
    TRACK,
    ZONE,
    as_svg,
    drawing,
    notes,
    short,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame
    from shapely.geometry.base import BaseGeometry

_WIDTH_IN, _LEAST_IN, _MOST_IN = 7.2, 3.6, 7.6
_WIDE = (1.55, 1.9)  # width of a map by its height: the least and the most
_DEGREE_NM = 60.0
_STEPS_NM = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_STEPS_DEG = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


class Box(NamedTuple):
    """West, south, east and north, degrees (WGS 84)."""

    west: float
    south: float
    east: float
    north: float

    @property
    def squeeze(self) -> float:
        """How much shorter a degree of longitude is than one of latitude, at the middle."""
        from math import cos, radians

        return max(0.05, cos(radians((self.south + self.north) / 2)))


@dataclass(frozen=True)
class Shape:
    """A zone: its outline (degrees), what it is called, and whether it is one of those that the alert speaks of."""

    outline: BaseGeometry
    name: str
    spoken_of: bool


@dataclass(frozen=True)
class Mark:
    """A place to be named on the map, degrees; `kind` is call, silence or meeting."""

    longitude: float
    latitude: float
    label: str
    kind: str


def box_around(longitude: Sequence[float], latitude: Sequence[float], least_deg: float = 0.5) -> Box:
    """The box around points, with room at its edges, and in the form of a page's half: wider than high."""
    west, east, south, north = min(longitude), max(longitude), min(latitude), max(latitude)
    middle = Box(west, south, east, north)
    squeeze = middle.squeeze
    height = max((north - south) * 1.25, least_deg)
    width = max((east - west) * 1.25, least_deg / squeeze)
    height = max(height, width * squeeze / _WIDE[1])
    width = max(width, _WIDE[0] * height / squeeze)
    x, y = (west + east) / 2, (south + north) / 2
    return Box(x - width / 2, max(-90.0, y - height / 2), x + width / 2, min(90.0, y + height / 2))


def draw_map(
    box: Box,
    track: DataFrame,
    land: BaseGeometry,
    shapes: Sequence[Shape],
    marks: Sequence[Mark],
    *,
    title: str,
    foot: Sequence[str],
    areas: Sequence[BaseGeometry] = (),
    others: Sequence[DataFrame] = (),
    render: Callable[[Figure, str, str], Any] = as_svg,
) -> Any:
    """Draw the map; as SVG, or as `render` gives it (`canvas.as_png`).

    track  timestamp (UTC), longitude, latitude (degrees), motion: points in order of time; from one of motion `silence`
           to the next she was not heard, and the line between them is dashed
    land   in degrees, of the box at least
    foot   lines under the map: where coast and positions come from, and what AIS cannot prove
    areas  waters that silences allow, in degrees, shaded
    others tracks of further ships, as `track`
    """
    foot = wrapped(foot)
    aspect = (box.north - box.south) / ((box.east - box.west) * box.squeeze)
    margins_in = 0.84 + 0.125 * len(foot)
    height = min(max(_WIDTH_IN * 0.9 * aspect + margins_in, _LEAST_IN), _MOST_IN)
    with drawing(_WIDTH_IN, height) as figure:
        bottom = (0.34 + 0.125 * len(foot)) / height
        axes = figure.add_axes((0.075, bottom, 0.905, 1 - bottom - 0.5 / height))
        axes.set_facecolor(SEA)
        axes.set_xlim(box.west, box.east)
        axes.set_ylim(box.south, box.north)
        axes.set_aspect(1 / box.squeeze, adjustable="box", anchor="N")
        _graticule(axes, box)
        seen_deg = (box.east - box.west) / (_WIDTH_IN * 90)
        _fill(axes, land, seen_deg, facecolor=LAND, edgecolor=SHORE, linewidth=0.4, zorder=2)
        for area in areas:
            _fill(axes, area, seen_deg, facecolor=SILENT + "1c", edgecolor=SILENT + "88", linewidth=0.5, zorder=1.5)
        for shape in shapes:
            _fill(axes, shape.outline, seen_deg, facecolor=ZONE + ("33" if shape.spoken_of else "12"), edgecolor=ZONE,
                  linewidth=0.9 if shape.spoken_of else 0.35, zorder=3)  # fmt: skip
        for one in (*others, track):
            _draw_track(axes, one)
        labels = [*_marked(axes, marks), *_dated(track, box, marks)]
        _place_labels(figure, axes, labels, shapes, box)
        _scale_bar(axes, box)
        _north(axes)
        _legend(axes)
        figure.text(0.012, 1 - 0.2 / height, short(title, 96), fontsize=9.5, fontweight="bold", color=INK)
        told = "Times are UTC. Dashed red: not heard between the two ends; where she was meanwhile is not known."
        told += " Shaded red: water that the silence allows." if areas else ""
        figure.text(0.012, 1 - 0.36 / height, told, fontsize=6.8, color=QUIET)
        notes(figure, foot)
        return render(figure, title, "Map of AIS-reported positions. " + " ".join(foot))


def _fill(axes: Axes, shape: BaseGeometry, seen_deg: float, **look: Any) -> None:
    """Draw polygons with their holes as one path, without what lies outside or is too small."""
    import numpy as np
    import shapely
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    beyond = 8 * seen_deg  # so that no cut edge is drawn inside
    seen = shapely.clip_by_rect(shape, west - beyond, south - beyond, east + beyond, north + beyond)
    parts = shapely.get_parts(shapely.simplify(seen, seen_deg))
    rings = shapely.get_rings(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])
    rings = rings[shapely.area(shapely.polygons(rings)) > (7 * seen_deg) ** 2] if len(rings) else rings
    if not len(rings):
        return
    corners = [shapely.get_coordinates(ring) for ring in rings]
    codes = [np.r_[Path.MOVETO, np.full(len(ring) - 2, Path.LINETO), Path.CLOSEPOLY] for ring in corners]
    axes.add_patch(PathPatch(Path(np.concatenate(corners), np.concatenate(codes)), **look))


def _draw_track(axes: Axes, track: DataFrame) -> None:
    if track.empty:
        return
    x, y = track["longitude"].to_numpy(), track["latitude"].to_numpy()
    silent = track["motion"].eq("silence").to_numpy()
    for n in range(len(x) - 1):  # some tens of points: the track is simplified
        look: dict[str, Any] = {"color": SILENT, "linestyle": (0, (4, 2.5)), "linewidth": 1.3} if silent[n] else {
            "color": TRACK, "linestyle": "-", "linewidth": 1.6, "solid_capstyle": "round"
        }  # fmt: skip
        axes.plot(x[n : n + 2], y[n : n + 2], zorder=5, **look)
    axes.plot(x, y, ".", color=TRACK, markersize=3.2, zorder=6)
    _arrows(axes, x, y, silent)


def _arrows(axes: Axes, x: Any, y: Any, silent: Any) -> None:
    """Which way she went: an arrow on the longest legs."""
    import numpy as np

    length = np.hypot(np.diff(x), np.diff(y))
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    long_enough = 0.06 * max(east - west, north - south)
    for n in np.argsort(-length, kind="stable")[:6]:
        if length[n] < long_enough:
            break
        start = (x[n] + 0.52 * (x[n + 1] - x[n]), y[n] + 0.52 * (y[n + 1] - y[n]))
        end = (x[n] + 0.56 * (x[n + 1] - x[n]), y[n] + 0.56 * (y[n + 1] - y[n]))
        axes.annotate("", end, start, zorder=6, arrowprops={
            "arrowstyle": "-|>", "color": SILENT if silent[n] else TRACK, "linewidth": 0.1, "mutation_scale": 11,
            "shrinkA": 0, "shrinkB": 0,
        })  # fmt: skip


_SIGNS = {"call": ("s", CALL), "silence": ("X", SILENT), "meeting": ("D", MEETING)}


def _marked(axes: Axes, marks: Sequence[Mark]) -> list[tuple[float, float, str, str, float]]:
    for mark in marks:
        sign, colour = _SIGNS[mark.kind]
        axes.plot(mark.longitude, mark.latitude, sign, color=colour, markersize=5.5, markeredgecolor="white",
                  markeredgewidth=0.7, zorder=7)  # fmt: skip
    return [(mark.longitude, mark.latitude, short(mark.label, 58), INK, 7.2) for mark in marks]


def _dated(track: DataFrame, box: Box, marks: Sequence[Mark]) -> list[tuple[float, float, str, str, float]]:
    """When she was at her first and last point, and at the first of each day, in the box and beside no mark."""
    if track.empty:
        return []
    day = track["timestamp"].dt.strftime("%Y-%m-%d")
    chosen = track[~day.duplicated() | (track.index == track.index[-1])]
    inside = chosen["longitude"].between(box.west, box.east) & chosen["latitude"].between(box.south, box.north)
    x_room, y_room = 0.03 * (box.east - box.west), 0.03 * (box.north - box.south)
    for mark in marks:
        inside &= ((chosen["longitude"] - mark.longitude).abs() > x_room) | (
            (chosen["latitude"] - mark.latitude).abs() > y_room
        )
    chosen = chosen[inside]
    words = chosen["timestamp"].dt.strftime("%-d %b %H:%M")
    return [
        (float(x), float(y), word, TRACK, 6.4)
        for x, y, word in zip(chosen["longitude"], chosen["latitude"], words, strict=True)
    ]


def _place_labels(
    figure: Any, axes: Axes, labels: Sequence[tuple[float, float, str, str, float]], shapes: Sequence[Shape], box: Box
) -> None:
    """Write labels beside their points where no earlier one stands: the first that fits of eight places; one that fits
    nowhere is left out (the timeline has all of it)."""
    import shapely
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.patheffects import withStroke

    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    axes.apply_aspect()
    frame = axes.get_window_extent(renderer)
    corners = ((0, 0, 0.38, 0.1), (0.9, 0.84, 1, 1), (0.5, 0, 1, 0.085))  # scale bar, north, legend
    taken = [
        (frame.x0 + a * frame.width, frame.y0 + b * frame.height, frame.x0 + c * frame.width,
         frame.y0 + d * frame.height)
        for a, b, c, d in corners
    ]  # fmt: skip
    seen = shapely.box(*box)
    named = []
    for shape in shapes:
        visible = shapely.intersection(shape.outline, seen)
        if shape.spoken_of and not visible.is_empty:
            place = visible.representative_point()
            named.append((place.x, place.y, short(shape.name, 40), ZONE, 6.8))
    halo = [withStroke(linewidth=2.2, foreground="white")]
    for x, y, word, colour, size in [*labels, *named]:
        for dx, dy, across, up in _AROUND:
            text = axes.annotate(word, (x, y), (dx, dy), textcoords="offset points", ha=across, va=up, fontsize=size,
                                 color=colour, zorder=9, path_effects=halo)  # fmt: skip
            extent = text.get_window_extent(renderer)
            place = (extent.x0 - 1, extent.y0 - 1, extent.x1 + 1, extent.y1 + 1)
            inside = place[0] >= frame.x0 and place[1] >= frame.y0 and place[2] <= frame.x1 and place[3] <= frame.y1
            if inside and not any(_overlap(place, other) for other in taken):
                taken.append(place)
                break
            text.remove()


_AROUND = tuple(
    (dx * far, dy * far, "left" if dx > 0 else "right" if dx < 0 else "center",
     "bottom" if dy > 0 else "top" if dy < 0 else "center")
    for far in (7, 16, 30)
    for dx, dy in ((1, 0.4), (-1, 0.4), (1, -0.6), (-1, -0.6), (0, 1), (0, -1), (1.2, 0), (-1.2, 0))
)  # fmt: skip


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _graticule(axes: Axes, box: Box) -> None:
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    span = max((box.east - box.west) * box.squeeze, box.north - box.south)
    step = next((one for one in _STEPS_DEG if span / one <= 7), _STEPS_DEG[-1])
    digits = max(0, len(str(step).partition(".")[2].rstrip("0")))

    def written(value: float, positive: str, negative: str) -> str:
        return f"{abs(value):.{digits}f}° {positive if value >= 0 else negative}"

    for axis, signs in ((axes.xaxis, ("E", "W")), (axes.yaxis, ("N", "S"))):
        axis.set_major_locator(MultipleLocator(step))
        axis.set_major_formatter(FuncFormatter(lambda value, _, signs=signs: written(value, *signs)))
    axes.yaxis.set_tick_params(labelrotation=90)
    for label in axes.get_yticklabels():
        label.set_verticalalignment("center")
    axes.grid(True, color=FAINT, linewidth=0.4, zorder=1)
    axes.set_axisbelow(True)


def _scale_bar(axes: Axes, box: Box) -> None:
    """A bar of a round length in nautical miles, true at the middle latitude."""
    from matplotlib.patches import Rectangle

    width_nm = (box.east - box.west) * box.squeeze * _DEGREE_NM
    length = max((one for one in _STEPS_NM if one <= width_nm / 4), default=_STEPS_NM[0])
    share = length / width_nm
    y, x = 0.035, 0.03
    axes.add_patch(Rectangle((0, 0), max(share, 0.17) + 2 * x, 0.095, transform=axes.transAxes, facecolor="white",
                             edgecolor=FAINT, linewidth=0.6, alpha=0.9, zorder=9.5))  # fmt: skip
    axes.plot([x, x + share], [y, y], transform=axes.transAxes, color=INK, linewidth=2.2, solid_capstyle="butt",
              zorder=10)  # fmt: skip
    axes.text(
        x, y + 0.014, f"{length:g} nm ({length * 1.852:.3g} km)", transform=axes.transAxes, fontsize=6.8, zorder=10
    )


def _north(axes: Axes) -> None:
    axes.annotate("N", (0.965, 0.975), (0.965, 0.885), xycoords="axes fraction", ha="center", va="center", fontsize=8,
                  zorder=10, arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.0})  # fmt: skip


def _legend(axes: Axes) -> None:
    from matplotlib.lines import Line2D

    shown = [
        Line2D([], [], color=TRACK, linewidth=1.6, marker=".", markersize=4, label="heard"),
        Line2D([], [], color=SILENT, linewidth=1.3, linestyle=(0, (4, 2.5)), label="silent"),
        *(
            Line2D([], [], color=colour, marker=sign, linestyle="", markersize=4.5, label=kind)
            for kind, (sign, colour) in _SIGNS.items()
        ),
    ]
    axes.legend(handles=shown, loc="lower right", ncol=5, fontsize=6.4, frameon=True, framealpha=0.9, handlelength=2,
                columnspacing=1.2, borderpad=0.4, edgecolor=FAINT).set_zorder(10)  # fmt: skip
