"""Ties between ships: whom one met, who lay where she lay, who shares a number or an owner."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.show.paper import NOTE, SYNTHETIC, Paper, Record, text


def show_networks(found: Sequence[Record]) -> None:
    """Each ship with her ties, the latest first."""
    paper = Paper()
    for ship in found:
        vessel = ship["vessel"]
        imo = f"IMO {vessel['imo']}" if vessel["imo"] else "no valid IMO number"
        mark = f"  {SYNTHETIC}" if ship["synthetic"] else ""
        paper.line(f"\n[bold]{text(vessel['name']) or 'unnamed'}[/]  {imo}, MMSI {vessel['mmsi']}{mark}")
        if not ship["ties"]:
            paper.line("no ties found in the days searched", indent=2)
        for tie in ship["ties"]:
            paper.hanging(f"  {text(tie['from_at']) or 'undated'}", _tie(tie), 24)
    paper.section("Searched", [f"{text(found[0]['searched']['in_words'])}."])
    paper.dim(f"\nA tie is a reason to look at the other ship: berths, owners and meetings have many causes. {NOTE}")


def _tie(tie: Record) -> str:
    other = f"[bold]{text(tie['other_name']) or 'a ship without reported name'}[/]"
    numbers = [f"IMO {tie['other_imo']}"] if tie["other_imo"] else []
    numbers += [f"MMSI {tie['other_mmsi']}"] if tie["other_mmsi"] else []
    numbers += [f"flag {text(tie['other_flag'])}"] if tie["other_flag"] else []
    lists = f"; on {', '.join(tie['other_lists'])}" if tie["other_lists"] else ""
    until = f" to {text(tie['to_at'])}" if tie["to_at"] else ""
    place = f", {text(tie['place'])}" if tie["place"] else ""
    reported = "" if tie["source"] == "ais" else f"; reported by {text(tie['source'])}"
    return f"{tie['tie']}{until}{place}: {other} ({', '.join(numbers)}){lists}. {text(tie['sentence'])}{reported}."
