"""Sanctions lists on the terminal: editions, one ship, and what an import or a refresh did."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.show.paper import Paper, Record, text

_SHOWN = 12  # names of a longer change are counted
_IMPORTER = {
    "by documentation": "importer written from documentation, not tested with a published file",
    None: "kept by hand, no importer",
}


def show_lists(lists: Sequence[Record]) -> None:
    """Each list with its editions."""
    paper = Paper()
    for one in lists:
        doubts = [] if one["verified"] else ["official publication not seen"]
        doubts += [_IMPORTER[one["importer"]]] if one["importer"] in _IMPORTER else []
        marks = f" [yellow]({text('; '.join(doubts))})[/]" if doubts else ""
        paper.line(f"\n[bold]{text(one['watchlist_id'])}[/]  {text(one['title'])}{marks}")
        address = f"{text(one['url'])} (not tried)" if one["url"] else "no address: import files by hand"
        paper.dim(f"  {address}")
        if one["editions"]:
            paper.table([_edition(edition) for edition in one["editions"]])
        else:
            paper.line("no edition available", indent=2)
    paper.dim("\nOne ship: coalwatch lists show IMO. A list says what an authority decided, not what a ship did.")


def _edition(edition: Record) -> Record:
    return {
        "  edition": f"  {edition['published_on']}",
        "from": edition["origin"],
        "ships": edition["entries"],
        "added": edition["added"],
        "changed": edition["changed"],
        "vanished": edition["vanished"],
        "left out": edition["left_out"],
    }


def show_listed(versions: Sequence[Record]) -> None:
    """One ship as each edition describes her."""
    paper = Paper()
    shown = None
    for one in versions:
        entry = (one["watchlist_id"], one["entry_id"])
        if entry != shown:
            unseen = "" if one["verified"] else "; official publication not seen"
            paper.line(f"\n[bold]{one['authority']}[/] {text(one['title'])}, entry {text(one['entry_id'])}{unseen}")
            shown = entry
        paper.hanging(f"  {_span(one)}", _said(one), 34)
    paper.dim("\nEditions say what a list said on their days; between two that differ it is unknown when it changed.")


def _span(one: Record) -> str:
    if one["to_edition"] is None:
        return f"{one['from_edition']} to the newest"
    return f"{one['from_edition']} to {one['last_edition']}"


def _said(one: Record) -> str:
    imo = f"IMO {one['imo']}" if one["imo"] else "no IMO number"
    pieces = [f"[bold]{text(one['name'])}[/], {imo}"]
    others = text(one["other_names"].replace("|", ", ")) if one["other_names"] else ""
    pieces += [f"also {others}"] if others else []
    pieces += [f"listed on {one['listed_on']}"] if one["listed_on"] else ["day of listing not published"]
    labels = {
        "mmsi": "MMSI {}", "flag": "flag {}", "ship_kind": "{}", "gross_tonnage": "gross tonnage {:g}",
        "dead_weight_t": "{:g} t dead weight", "length_m": "{:g} m", "built": "built {}", "owner": "owner {}",
        "programme": "{}", "measures": "{}", "note": "{}",
    }  # fmt: skip
    pieces += [text(label.format(one[name])) for name, label in labels.items() if one[name] is not None]
    gone = f"; [yellow]gone by the edition of {one['to_edition']}[/]" if one["to_edition"] else ""
    gone += f"; removed on {one['delisted_on']}" if one["delisted_on"] else ""
    return f"{one['change']}: {'; '.join(pieces)}{gone}"


def show_reports(reports: Sequence[Record], *, dry_run: bool) -> None:
    """What became of each list."""
    paper = Paper()
    for one in reports:
        head = f"[bold]{text(one['watchlist_id'])}[/]"
        if one["outcome"] == "failed":
            paper.line(f"{head}  [red]failed[/]: {text(one['reason'])}")
            continue
        if one["outcome"] == "unchanged":
            paper.line(f"{head}  unchanged since the edition of {one['published_on']}")
        else:
            word = "would be a new edition" if dry_run else "new edition"
            paper.line(f"{head}  {word} of {one['published_on']}: {one['accepted']} ships{_left_out(one['left_out'])}")
            if one["about"]:
                paper.dim(f"  {text(one['about'])}")
            for what in ("added", "changed", "vanished"):
                if one[what]:
                    paper.hanging(f"  {what}", _some(one[what]), 12)
        for warning in one["warnings"]:
            paper.line(f"[yellow]{text(warning)}[/]", indent=2)
    if any(one["outcome"] == "new" for one in reports) and not dry_run:
        paper.dim("Next: coalwatch run judges the ships whose entries changed again.")
    if not reports:
        paper.line("No list has an address.")


def _left_out(counts: dict[str, int]) -> str:
    if not counts:
        return ""
    return f" (left out: {', '.join(f'{number:,} {text(reason)}' for reason, number in sorted(counts.items()))})"


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(text(name) for name in names[:_SHOWN])
    return f"{len(names)}: {shown}{f', and {len(names) - _SHOWN} more' if len(names) > _SHOWN else ''}"
