"""What the detection benchmark found, as a table for people and a plot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import ceil, floor

from bench.scoring import (
    FALSE,
    OTHER_STORY,
    RIGHT,
    TOLERATED,
    TOO_STRONG,
    Row,
    calibration,
    false_alerts,
    placed,
    precision,
    recall,
)

KINDS = [
    "direct-call", "dark-call", "transfer-off-nampo", "transfer-at-receiving-anchorage", "tampered-identity",
    "russian-transshipment", "called-within-180-days", "listed-vessel-in-port", "dprk-flag-at-receiving-port",
]  # fmt: skip
_COLOURS = ["#1b6ca8", "#c0392b", "#d68910", "#7d3c98", "#148f77", "#5d6d7e", "#b9770e", "#2e4053", "#a04000"]


def report(scored: Sequence[Row], catalogue: Sequence[str]) -> str:
    """The tables, as markdown."""
    levels = sorted({world["heard"] for world in scored}, reverse=True)
    best = [world for world in scored if world["heard"] == levels[0]]
    seeds = sorted({world["seed"] for world in scored})
    lines = [
        "# Detection on synthetic worlds", "",
        f"Seeds {seeds[0]} to {seeds[-1]} ({len(seeds)}), {best[0]['days']} days each; every ship is invented.",
        "Intervals: Wilson, 95 %.",
        "*Found*: by any pattern that may carry the story; *named*: by its own; *placed*: with its berth or port.", "",
        f"## With {levels[0]:.0%} of what receivers hear", "",
        "| pattern | found | named | of these placed | precision | alerts |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for kind in KINDS + [pattern for pattern in catalogue if pattern not in KINDS]:
        absent = "absent" if kind not in catalogue else None
        alerts = sum(alert["pattern_id"] == kind for world in best for alert in world["alerts"])
        lines.append(
            f"| {kind} | {recall(best, kind)} | {absent or recall(best, kind, 'named')} "
            f"| {placed(best, kind)} | {absent or precision(best, kind)} | {absent or alerts} |"
        )
    lines += [
        "",
        "## Recall (found) by how much is heard",
        "",
        "| pattern | " + " | ".join(f"{level:.0%}" for level in levels) + " |",
    ]
    lines += ["|---|" + "---|" * len(levels)]
    for kind in KINDS:
        cells = [str(recall([w for w in scored if w["heard"] == level], kind)) for level in levels]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "## False alerts",
        "",
        "| heard | ship-days of other ships | false | per 1,000 | moderate or strong | per 1,000 |",
    ]
    lines += ["|---|---|---|---|---|---|"]
    for level in levels:
        worlds = [world for world in scored if world["heard"] == level]
        days = sum(world["background_ship_days"] for world in worlds)
        every, strong = false_alerts(worlds), false_alerts(worlds, ["moderate", "strong"])
        lines.append(
            f"| {level:.0%} | {days:,} | {every} | {every / days * 1000:.2f} | {strong} | {strong / days * 1000:.2f} |"
        )
    verdicts = [RIGHT, TOLERATED, TOO_STRONG, OTHER_STORY, FALSE]
    lines += ["", "What became of the alerts: " + ", ".join(
        f"{sum(a['verdict'] == v for w in best for a in w['alerts'])} {v}" for v in verdicts) + ".", ""]  # fmt: skip
    lines += [
        "## Silences: why, and the reception given",
        "",
        "| why | heard_others | unknown | not_heard |",
        "|---|---|---|---|",
    ]
    rows = [row for world in best for row in world["reception"]]
    for cause in sorted({row["cause"] for row in rows}):
        counts = [
            sum(row["silences"] for row in rows if (row["cause"], row["reception"]) == (cause, reception))
            for reception in ("heard_others", "unknown", "not_heard")
        ]
        lines.append(f"| {cause} | " + " | ".join(str(count) for count in counts) + " |")
    lines.append("")
    checked = [world for world in scored if world["leaks"] is not None]
    leaks = [leak for world in checked for leak in world["leaks"]]
    lines += [f"Time leaks: {len(leaks)} in {len(checked)} worlds run again on their first days alone.", ""]
    cpu = [sum(world["cpu_s"].values()) for world in best]
    parts = ", ".join(f"{name} {sum(w['cpu_s'][name] for w in best) / len(best):.0f}" for name in best[0]["cpu_s"])
    lines.append(
        f"CPU seconds for each world: {sum(cpu) / len(cpu):.0f} ({parts}); "
        f"{best[0]['ship_days']:,} ship-days in the first."
    )
    return "\n".join(lines)


def calibrated(scored: Sequence[Row], catalogue: Sequence[str]) -> str:
    """How often alerts of each pattern and score say what is so, as the calibration file (`seeds/calibration.yaml`)."""
    best = [world for world in scored if world["heard"] == max(world["heard"] for world in scored)]
    days, seeds = sum(world["ship_days"] for world in best), [world["seed"] for world in best]
    conditions = (
        f"{len(best)} synthetic worlds (bench/detection.py, seeds {min(seeds)} to {max(seeds)}), {days:,} ship-days, "
        f"{best[0]['heard']:.0%} of what receivers hear. The mix of guilty and innocent ships is that of the "
        "generator, not of the sea, so this is a measure of the grades and not of how often an alert of yours is right."
    )
    lines = [
        "# How often alerts of a pattern and score were right in drawn worlds, where the truth is known. Synthetic.",
        "# Written by `make bench-detection`; shown beside the grade of an alert, and a part of none.",
        "",
        f"conditions: {json.dumps(conditions)}",
        "bands:" if (bands := calibration(best, catalogue)) else "bands: []",
    ]
    for band in bands:
        said = band | {"low": floor(band["low"] * 1000) / 1000, "high": ceil(band["high"] * 1000) / 1000}
        lines.append(f"  - {{{', '.join(f'{name}: {value}' for name, value in said.items())}}}")
    return "\n".join(lines) + "\n"


def svg(scored: Sequence[Row]) -> str:
    """Recall by the share that is heard, a line for each kind of story with its interval; logarithmic to the left."""
    levels = sorted({world["heard"] for world in scored}, reverse=True)
    width, height, left, top, right = 760, 420, 60, 30, 250
    across = (width - left - right) / max(1, len(levels) - 1)

    def y(share: float) -> float:
        return top + (1 - share) * (height - top - 50)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        'font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{left}" y="18">Recall by the share of fixes heard (synthetic worlds; bars: Wilson, 95 %)</text>',
    ]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts.append(f'<line x1="{left}" x2="{width - right}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:.2f}</text>')
    for n, level in enumerate(levels):
        parts.append(f'<text x="{left + n * across:.1f}" y="{height - 28}" text-anchor="middle">{level:.0%}</text>')
    for number, (kind, colour) in enumerate(zip(KINDS, _COLOURS, strict=True)):
        points = []
        for n, level in enumerate(levels):
            share = recall([world for world in scored if world["heard"] == level], kind)
            if not share.of:
                continue
            x, (low, high) = left + n * across + (number - 4) * 2.5, share.interval
            points.append(f"{x:.1f},{y(share.value):.1f}")
            parts.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y(low):.1f}" y2="{y(high):.1f}" stroke="{colour}" '
                'opacity="0.4"/>'
            )
            parts.append(f'<circle cx="{x:.1f}" cy="{y(share.value):.1f}" r="3" fill="{colour}"/>')
        parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        at = top + 14 + number * 20
        parts.append(f'<rect x="{width - right + 24}" y="{at - 9}" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{width - right + 40}" y="{at}">{kind}</text>')
    return "\n".join([*parts, "</svg>", ""])
