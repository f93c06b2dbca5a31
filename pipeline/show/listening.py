"""What a listener would do, its state, and what it did."""

from __future__ import annotations

from pathlib import Path

from pipeline.show.paper import Paper, Record, plain_text, text

_COUNTS = ("connections", "reconnects", "refusals", "polls", "failures", "too_early", "tokens")


def show_listening_plan(planned: Record) -> None:
    """What would be asked for, and whether the keys are there."""
    paper = Paper()
    how = f"one request every {planned['every_s']:.0f} s" if planned["every_s"] else "a web socket"
    paper.whole(f"{text(planned['source'])}: {how}, {text(planned['url'])}, into {text(planned['folder'])}")
    for secret in planned["secrets"]:
        paper.line(f"{text(secret['name'])}: {'set' if secret['set'] else '[red]not set[/]'}")
    if planned["message_types"]:
        paper.line(f"messages: {text(', '.join(planned['message_types']))}")
    if planned["boxes"]:
        paper.table(
            [{name: box[name] for name in ("name", "south", "west", "north", "east")} for box in planned["boxes"]]
        )
    else:
        paper.line("areas: all that it covers")
    paper.dim("Nothing was requested or written (--dry-run).")


def show_status(last: Record) -> None:
    """The listener's state, counts and last trouble, and a line per area."""
    paper = Paper()
    state = {"listening": "listening", "stopped": "stopped", "killed": "not running; it was killed"}
    since = f"began {plain_text(last['began_at'])}, last noted {plain_text(last['written_at'])} (UTC)"
    paper.line(f"{text(last['source'])}: {state[last['state']]}; {since}")
    counts = ", ".join(f"{last[name]:,} {name.replace('_', ' ')}" for name in _COUNTS if name in last)
    paper.line(f"{last['frames']:,} lines, the last at {plain_text(last['last_heard_at']) or 'no time'}; {counts}")
    if last["trouble"]:
        paper.line(f"last trouble: {text(last['trouble'])}")
    _show_boxes(paper, last)


def show_listened(last: Record, folder: Path) -> None:
    """What was heard, and where it is kept."""
    paper = Paper()
    paper.whole(f"{text(last['source'])}: {last['frames']:,} lines, in {text(folder)}")
    _show_boxes(paper, last)


def _show_boxes(paper: Paper, last: Record) -> None:
    if last["boxes"]:
        paper.table(
            [
                {
                    "area": box["name"],
                    "frames": f"{box['frames']:,}",
                    "last": plain_text(box["last_frame_at"]) or "none",
                    "silent since": plain_text(box["silent_since"]),
                }
                for box in last["boxes"]
            ],
            rights=("frames",),
        )
        paper.dim("A silent area means that the source is silent there; it says nothing about ships.")
