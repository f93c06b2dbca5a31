"""Backups: what was kept, what a backup holds, what was restored."""

from __future__ import annotations

from pipeline.show.paper import Paper, Record, counted, text

_ENGINES = {"sqlite": "an SQLite file", "postgresql": "PostgreSQL"}
_SHOWN = 10  # of the commands that land files again; `--json` and the manifest have all


def show_backup_plan(planned: Record) -> None:
    """What a backup would keep."""
    paper = Paper()
    size = f"{counted(planned['files'], 'file')}, {planned['bytes']:,} bytes"
    paper.whole(f"{size} and the warehouse would go to {text(planned['target'])}")
    paper.dim("Nothing was written (--dry-run).")


def show_backup(made: Record) -> None:
    """What was kept."""
    paper = Paper()
    paper.line(f"Backup: {text(made['backup'])}")
    paper.line(_content(made))
    left_out = made["left_out"] - made["pruned"]
    if left_out:
        paper.line(f"{counted(left_out, 'file')} of the lake in the manifest alone; --with-lake keeps their bytes too.")
    if made["pruned"]:
        paper.line(f"{counted(made['pruned'], 'raw file')} not in it: the home pruned them.")


def show_verified(found: Record) -> None:
    """That a backup is whole, and what it holds."""
    paper = Paper()
    paper.line(f"Backup: {text(found['backup'])} is whole, made {text(found['made_at'])}")
    paper.line(_content(found))
    _show_to_land(paper, found)
    paper.dim("Nothing was written.")


def show_restored(made: Record) -> None:
    """What was restored."""
    paper = Paper()
    paper.whole(f"Home: {text(made['home'])}, as {text(made['was'])} was at {text(made['made_at'])}")
    paper.line(_content(made))
    _show_to_land(paper, made)


def _content(found: Record) -> str:
    rows = ", ".join(counted(found[f"{name}s"], name) for name in ("alert", "review") if f"{name}s" in found)
    size = f"{counted(found['files'], 'file')}, {found['bytes']:,} bytes"
    return f"{size}; warehouse in {_ENGINES[found['warehouse']]}{f' with {rows}' if rows else ''}"


def _show_to_land(paper: Paper, found: Record) -> None:
    again = found["to_land"]
    if not again:
        return
    paper.line(f"Not in the backup: positions and bytes of {counted(len(again), 'file')}. To land them again:")
    for one in again[:_SHOWN]:
        paper.whole(f"{text(one['command'])}  [dim]SHA-256 {one['sha256'][:12]}…[/]", indent=2)
    if len(again) > _SHOWN:
        paper.line(f"and {len(again) - _SHOWN} more (--json lists all)", indent=2)
