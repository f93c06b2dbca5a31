"""A timeline of one ship: calls, silences with who else was heard, reported draughts, meetings; all in UTC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.pictures.canvas import (
    CALL,
    FAINT,
    INK,
    MEETING,
    QUIET,
    SILENT,
    TRACK,
    as_svg,
    drawing,
    notes,
    short,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import Timestamp

_WIDTH_IN = 7.2
_LANE_IN = 0.36
_DRAUGHT_IN = 1.05
_SIGN = 0.0098  # width of a letter of a label, as a share of the picture's
_LATE = 0.6  # of the window: labels of what begins later end with their bar
_RECEPTION = {  # of a silence: colour and words
    "heard_others": (SILENT, "others were heard"),
    "not_heard": ("#e9b8b4", "nobody was heard"),
    "unknown": ("#d98c86", "too few others to say"),
}


class Span(NamedTuple):
    """Something with a begin and an end (None: still open), UTC, and what is said of it. `kind` is call, meeting,
    or how the reception of a silence was judged: heard_others, not_heard, unknown."""

    kind: str
    began_at: Timestamp
    ended_at: Timestamp | None
    label: str


class Draught(NamedTuple):
    """A reported draught, metres, and when it was first seen (UTC)."""

    at: Timestamp
    metres: float


def draw_timeline(
    spans: Sequence[Span],
    draughts: Sequence[Draught],
    window: tuple[Timestamp, Timestamp],
    alert: tuple[Timestamp, Timestamp] | None,
    *,
    title: str,
    foot: Sequence[str],
    render: Callable[[Figure, str, str], Any] = as_svg,
) -> Any:
    """Draw the timeline; as SVG, or as `render` gives it (`canvas.as_png`).

    window  what is drawn, [begin, end) in UTC
    alert   the time of the alert, shaded
    foot    lines under it
    """
    foot = wrapped(foot)
    spans = [one for one in spans if one.began_at < window[1] and (one.ended_at is None or one.ended_at >= window[0])]
    groups = [
        ("calls", [one for one in spans if one.kind == "call"]),
        ("silences", [one for one in spans if one.kind in _RECEPTION]),
        ("meetings", [one for one in spans if one.kind == "meeting"]),
    ]
    lanes = [(name, lane) for name, of_kind in groups for lane in lanes_of(of_kind, window) or [[]]]
    drawn = bool(draughts)
    body_in = len(lanes) * _LANE_IN + 0.1
    height = 0.62 + body_in + (_DRAUGHT_IN + 0.12 if drawn else 0) + 0.26 + 0.14 * len(foot) + 0.06
    with drawing(_WIDTH_IN, height) as figure:
        left, width, top = 0.11, 0.86, 1 - 0.52 / height
        axes = figure.add_axes((left, top - body_in / height, width, body_in / height))
        _draw_lanes(axes, lanes, window)
        last = axes
        if drawn:
            bottom = top - (body_in + _DRAUGHT_IN + 0.12) / height
            last = figure.add_axes((left, bottom, width, _DRAUGHT_IN / height))
            _draw_draughts(last, draughts, window)
        for one in {axes, last}:
            if alert is not None:
                one.axvspan(*alert, color="#f6d55c", alpha=0.28, linewidth=0, zorder=0)
            one.set_xlim(*window)
            _days(one, window, labelled=one is last)
        figure.text(0.012, 1 - 0.2 / height, short(title, 96), fontsize=9.5, fontweight="bold", color=INK)
        shaded = "Shaded: the time of the alert. " if alert else ""
        days = f"{window[0]:%-d %b %Y} to {window[1]:%-d %b %Y}"
        told = "Silences by who else was heard: dark = others were, pale = nobody was."
        figure.text(0.012, 1 - 0.38 / height, f"{days}, UTC. {shaded}{told}", fontsize=6.8, color=QUIET)
        notes(figure, foot)
        return render(
            figure, title, f"Timeline of AIS-reported calls, silences, meetings and draughts. {' '.join(foot)}"
        )


def lanes_of(spans: Sequence[Span], window: tuple[Timestamp, Timestamp]) -> list[list[Span]]:
    """Spans in as few lanes as hold their bars and labels side by side, and not more than six."""
    whole = (window[1] - window[0]).total_seconds()
    lanes: list[tuple[float, list[Span]]] = []
    for one in sorted(spans, key=lambda span: (span.began_at, span.label)):
        begin = (max(one.began_at, window[0]) - window[0]).total_seconds() / whole
        end = (min(one.ended_at or window[1], window[1]) - window[0]).total_seconds() / whole
        wide = _SIGN * len(short(one.label)) + 0.02
        until = max(end, begin + wide)
        begin = min(begin, end - wide) if begin > _LATE else begin  # its label ends where the bar does
        at = next((n for n, (free, _) in enumerate(lanes) if free <= begin), None)
        if at is None and len(lanes) < 6:
            lanes.append((until, [one]))
        elif at is None:
            lanes[-1][1].append(one)
        else:
            lanes[at] = (until, [*lanes[at][1], one])
    return [lane for _, lane in lanes]


def _draw_lanes(axes: Axes, lanes: Sequence[tuple[str, Sequence[Span]]], window: tuple[Timestamp, Timestamp]) -> None:
    axes.set_ylim(len(lanes) - 0.5, -0.5)
    names = [name for name, _ in lanes]
    axes.set_yticks([n for n, name in enumerate(names) if name not in names[:n]])
    axes.set_yticklabels(list(dict.fromkeys(names)))
    axes.tick_params(axis="y", length=0)
    seconds = (window[1] - window[0]).total_seconds()
    for n, (name, lane) in enumerate(lanes):
        if n and names[n - 1] != name:
            axes.axhline(n - 0.5, color=FAINT, linewidth=0.6)
        if not lane:
            axes.text(0.008, n, "none", transform=axes.get_yaxis_transform(), fontsize=6.6, color=QUIET, va="center")
        for one in lane:
            begin, end = max(one.began_at, window[0]), min(one.ended_at or window[1], window[1])
            colour = _RECEPTION[one.kind][0] if one.kind in _RECEPTION else CALL if one.kind == "call" else MEETING
            least = (window[1] - window[0]) / 400  # so that what lasted minutes is seen
            axes.barh(n + 0.17, max(end - begin, least), left=begin, height=0.3, color=colour, zorder=3)
            if one.ended_at is None:
                axes.plot([end], [n + 0.17], ">", color=colour, markersize=4, clip_on=False, zorder=4)
            late = (begin - window[0]).total_seconds() / seconds > _LATE
            at, across = (end, "right") if late else (begin, "left")
            axes.text(at, n - 0.2, short(one.label), fontsize=6.4, ha=across, va="center", color=INK, zorder=5)


def _draw_draughts(axes: Axes, draughts: Sequence[Draught], window: tuple[Timestamp, Timestamp]) -> None:
    ordered = sorted(set(draughts))
    at = [one.at for one in ordered] + [max(window[1], ordered[-1].at)]
    metres = [one.metres for one in ordered] + [ordered[-1].metres]
    axes.step(at, metres, where="post", color=TRACK, linewidth=1.4)
    low, high = min(metres), max(metres)
    room = max(0.6, 0.35 * (high - low))
    axes.set_ylim(high + room, max(0.0, low - room) if low - room > 0 else 0.0)  # the deeper, the lower
    axes.set_ylabel("draught, m", fontsize=7)
    shown = None
    for one in ordered:
        if one.metres != shown and window[0] <= one.at < window[1]:
            axes.plot([one.at], [one.metres], "o", color=TRACK, markersize=3)
            axes.annotate(f"{one.metres:.1f}", (one.at, one.metres), (3, 4), textcoords="offset points", fontsize=6.6)
        shown = one.metres


def _days(axes: Any, window: tuple[Timestamp, Timestamp], *, labelled: bool) -> None:
    from matplotlib.dates import AutoDateLocator, DateFormatter

    locator = AutoDateLocator(minticks=4, maxticks=9)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    hours = (window[1] - window[0]).total_seconds() < 3 * 86400
    axes.xaxis.set_major_formatter(
        DateFormatter("%-d %b %H:%M" if hours else "%-d %b")  # type: ignore[no-untyped-call]
    )
    axes.tick_params(axis="x", labelbottom=labelled, length=3 if labelled else 0)
    axes.grid(True, axis="x", color=FAINT, linewidth=0.4)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
