"""What a home holds and how much room it takes; what was, or would be, pruned."""

from __future__ import annotations

from typing import Any

from pipeline.show.paper import Paper, counted, text

Record = dict[str, Any]


def show_status(found: Record) -> None:
    """A home in a few lines, and its room by kind."""
    paper, days, pruned = Paper(), found["days"], found["pruned"]
    span = f" ({days['from_day']} to {days['to_day']})" if days["landed"] else ""
    counts = f"{days['landed']} days landed{span}, {days['derived']} derived, {days['waiting']} waiting"
    paper.whole(f"[bold]{text(found['home'])}[/]")
    paper.line(counts)
    if pruned["days"]:
        files = f"{len(pruned['files'])} file{'s' * (len(pruned['files']) != 1)}"
        paper.line(
            f"Pruned: {pruned['days']} days ({pruned['from_day']} to {pruned['to_day']}), "
            f"{pruned['kept_positions']:,} positions kept. They cannot be derived again, and no file may change "
            f"days up to {pruned['closed_until']}; landing their {files} again makes them whole."
        )
    for kind, size in found["bytes"].items():
        if size:
            paper.line(f"{_size(size):>10}  {kind}", indent=2)
    paper.line(f"{_size(found['total_bytes']):>10}  in all", indent=2)
    if found["bucket"]:
        paper.whole(f"Raw files, positions and vessel reports: {text(found['bucket'])}")
    place = found["warehouse"]
    if not found["bytes"]["warehouse"]:
        told = "none yet, or it cannot be asked" if place["bytes"] is None else _size(place["bytes"])
        paper.whole(f"Warehouse {text(place['address'])}: {told}")
    if days["waiting"]:
        paper.dim("Next: coalwatch run")


def show_pruned(report: Record) -> None:
    """What was pruned, or would be, by kind, and what follows from it."""
    paper = Paper()
    would = report["dry_run"]
    if not report["days"] and not report["bytes"]["raw"]["before"]:
        paper.line("Nothing to prune: no settled day before it holds what is not needed.")
        return
    if report["days"]:
        paper.line(f"{report['days']} days ({report['from_day']} to {report['to_day']})")
    for kind, size in report["bytes"].items():
        about = "about " if would and kind != "raw" else ""
        freed, before, after = (_size(size["before"] - size["after"]), _size(size["before"]), _size(size["after"]))
        paper.line(f"{freed:>10}  {kind.replace('_', ' ')}: {before} to {about}{after}", indent=2)
    paper.line(
        f"{report['kept_rows']:,} of {report['rows']:,} positions stay: of ships near others, and of ships of alerts."
    )
    paper.line("Runs, coverage, rejected rows and the warehouse stay as they are.")
    if report["closed_until"]:
        paper.line(f"No file may change days up to {report['closed_until']} then, and they cannot be derived again.")
    if report["alerts"]:
        paper.line(f"Raw lines behind {len(report['alerts'])} alerts go: keep the files, or pack these alerts first.")
    if would:
        paper.dim("Nothing was written (--dry-run).")


def show_moved(report: Record) -> None:
    """What was copied, or would be, and what is left where it was."""
    paper = Paper()
    would = report["dry_run"]
    if report["from"] == report["to"]:
        paper.whole(f"The lake lies in {text(report['to'])} already.")
        return
    paper.whole(f"The lake {'would move' if would else 'moved'} from {text(report['from'])} to {text(report['to'])}")
    count = (
        f"{counted(report['parts'], 'part')} and {counted(report['raw_files'], 'raw file')}, {_size(report['bytes'])}"
    )
    before = f"; {counted(report['before'], 'file')} had been copied before" if report["before"] else ""
    paper.line(f"{count}." if would else f"{count}, copied and compared{before}.")
    if would:
        paper.dim("Nothing was written (--dry-run).")
    elif report["from"].startswith("s3://"):
        paper.line("The bucket keeps what it holds; remove it there once nobody reads it.")


def _size(number: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if abs(number) < 1000:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"
