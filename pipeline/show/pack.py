"""What writing and verifying a pack came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.show.paper import Paper, counted, text

if TYPE_CHECKING:
    from pipeline.tasks.pack import Packed
    from pipeline.tasks.verify import Verified

_SHOWN = 50


def show_packed(packed: Packed) -> None:
    """Where the pack lies, what it holds, and its digest."""
    paper = Paper()
    paper.whole(f"[bold]{text(packed.path)}[/]: {packed.bytes:,} bytes, {counted(packed.members, 'file')}")
    paper.line(f"{packed.kind} {text(packed.name)}, {counted(len(packed.alerts), 'alert')}; {_raw(packed)}")
    if packed.not_recomputed:
        paper.line(
            f"[bold]{counted(len(packed.not_recomputed), 'figure')} rest on more than a pack can hold[/] and are taken "
            "as stated (the report lists them)."
        )
    else:
        paper.line("Derived again from these lines: equal.")
    paper.line("Digest, to be noted where nobody can change it:")
    print(f"  {packed.digest}")
    paper.whole(f"[dim]coalwatch verify {text(packed.path)}[/]")


def show_verified(found: Verified) -> None:
    """Whether a pack is equal, with each difference, and its digest."""
    paper = Paper()
    paper.line(f"{found.kind} {text(found.name)}, {counted(len(found.alerts), 'alert')}; coalwatch {found.coalwatch}")
    for one in found.differences[:_SHOWN]:
        paper.hanging("", text(one), 2)
    if len(found.differences) > _SHOWN:
        paper.line(f"and {len(found.differences) - _SHOWN} more (--json lists all)", indent=2)
    for note in found.notes:
        paper.line(f"Note: {text(note)}")
    if found.as_stated:
        lake = (
            f" In this home's lake: {counted(found.in_lake, 'raw file')}, with the same lines." if found.in_lake else ""
        )
        if found.equal:
            paper.line(f"[bold]equal[/]: derived again from {_raw(found)}, every recomputed row is the same.{lake}")
        else:
            figures = counted(len(found.stated), "figure")
            paper.line(
                f"[bold]not all derived again[/]: {figures} not found in {_raw(found)}, as the pack itself says; these "
                f"are its word alone. Everything else is the same.{lake}"
            )
            for one in found.stated[:_SHOWN]:
                paper.hanging("", text(one), 2)
            if len(found.stated) > _SHOWN:
                paper.line(f"and {len(found.stated) - _SHOWN} more (--json lists all)", indent=2)
        paper.dim("Reviews, coverage of whole zones and counts of whole files are taken as stated (docs/packs.md).")
    paper.line("Digest, to be compared with the one that was noted when the pack was written:")
    print(f"  {found.digest}")


def _raw(one: Packed | Verified) -> str:
    whole = f", {one.whole_files} of them whole" if one.whole_files else ""
    return f"raw lines of {counted(one.raw_files, 'file')}{whole}"
