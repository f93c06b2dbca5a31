"""Ships: who she said she was, what lists said of her, what AIS reported, which alerts she is in."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.publish.alert_words import received_in_words
from pipeline.show.paper import NOTE, SYNTHETIC, Paper, Record, text

_IN_FULL = 3  # more matches are listed, for one to be named


def show_vessels(found: Sequence[Record]) -> None:
    """Ships in full; many of them as a list."""
    paper = Paper()
    if len(found) > _IN_FULL:
        paper.table([_brief(ship) for ship in found])
        synthetic = sum(ship["synthetic"] for ship in found)
        mark = f" {SYNTHETIC}: what was heard of {synthetic} of them is generated." if synthetic else ""
        paper.line(f"{len(found)} ships match.{mark} One in full: coalwatch vessel IMO (or MMSI)")
        _rests_on(paper, found[0])
        return
    if len(found) > 1:
        paper.line(f"{len(found)} ships match; each follows in full.")
    for ship in found:
        _in_full(paper, ship)
    _rests_on(paper, found[0])
    paper.dim(f"\nA name is what a ship reports of herself; lists are matched by IMO number. {NOTE}")


def _brief(ship: Record) -> Record:
    vessel, entry = ship["vessel"] or {}, _elsewhere(ship)
    return {
        "name": vessel.get("name") or entry.get("name"),
        "imo": str(vessel.get("imo") or entry.get("imo") or ""),
        "mmsi": str(vessel.get("mmsi") or entry.get("mmsi") or ""),
        "heard": _span(vessel["from_at"], vessel["to_at"]) if vessel else "not here",
        "alerts": sum(alert["withdrawn_at"] is None for alert in ship["alerts"]),
        "lists": ", ".join(dict.fromkeys(one["watchlist_id"] for one in ship["lists"])),
        "found by": "; ".join(ship["found_by"][:2]),
    }


def _elsewhere(ship: Record) -> Record:
    """What a list, or else a provider, says of who she is."""
    return next(iter([*ship["lists"], *ship["particulars"]]), {})


def _rests_on(paper: Paper, ship: Record) -> None:
    """What was searched, which of it holds nothing, and which other ships may be meant."""
    searched = ship["searched"]
    paper.section("Searched", [f"{text(searched['in_words'])}.", *map(text, ship["notes"])])
    if ship["similar"]:
        paper.section("Did you mean another ship? Similar names, not counted above", map(text, ship["similar"]))


def _span(first: str, last: str) -> str:
    """First and last day, the year once."""
    return f"{first[:10]}…{last[5:10] if first[:4] == last[:4] else last[:10]}"


def _in_full(paper: Paper, ship: Record) -> None:
    vessel = ship["vessel"]
    if vessel is None:
        entry = _elsewhere(ship)
        imo = f"IMO {entry['imo']}" if entry["imo"] else "no IMO number"
        heard = "not heard on AIS here" if ship["searched"]["ais"]["days"] else "no AIS searched"
        known = "lists" if ship["lists"] else "the particulars of providers, on no list searched"
        paper.line(f"\n[bold]{text(entry['name']) or 'unnamed'}[/]  {imo}, {heard}; known from {known}")
    else:
        imo = f"IMO {vessel['imo']}, " if vessel["imo"] else "no valid IMO number, "
        mark = f"  {SYNTHETIC}" if ship["synthetic"] else ""
        heard = f"heard {text(vessel['from_at'])} to {text(vessel['to_at'])} UTC"
        paper.line(
            f"\n[bold]{text(vessel['name']) or 'unnamed'}[/]  {vessel['vessel_id']}, {imo}MMSI {vessel['mmsi']}, "
            f"flag {text(vessel['flag']) or 'unknown'}, {heard}{mark}"
        )
    paper.section("Found by", map(text, ship["found_by"]))
    paper.section("Called herself", map(_identity, ship["identities"]))
    paper.section("As providers of events know her", map(_particulars, ship["particulars"]))
    paper.section("How well providers received her", (text(received_in_words(one)) for one in ship["reception"]))
    paper.section("On lists", [*map(_entry, ship["lists"])] or _no_entry(ship))
    paper.section("On lists, not by her IMO number: may be another ship", map(_hint, ship["list_hints"]))
    if vessel is not None:
        _history(paper, ship)


def _history(paper: Paper, ship: Record) -> None:
    """Events and alerts of a ship that was heard, and what none of them means."""
    paper.line("\n[bold]Events[/] (UTC, when they began)")
    for event in ship["events"]:
        paper.hanging(f"  {text(event['from_at'])}", text(event["sentence"]) + _said(event["lists"]), 20)
    if not ship["events"]:
        paper.line("none derived from the days searched", indent=2)
    missing = [name.replace("_", " ") for name in ship["searched"]["not_derived"]]
    if missing:
        derived = "not derived from AIS, so their absence here means nothing"
        paper.dim(f"  Events of these kinds are {derived}: {', '.join(missing)}.")
    terms = [(event["licence"], event["source"]) for event in ship["events"]]
    terms += [(one["licence"], one["provider"]) for one in (*ship["particulars"], *ship["reception"])]
    for licence, source in {licence: source for licence, source in reversed(terms) if licence}.items():
        paper.line(f"Terms of the data from {text(source)}: {text(licence)}", indent=2)
    alerts = [
        f"{one['alert_id']}  {one['grade']}{' (withdrawn)' if one['withdrawn_at'] else ''}  {text(one['headline'])}"
        for one in ship["alerts"]
    ]
    paper.section("Alerts", alerts or ["none raised"])


def _no_entry(ship: Record) -> list[str]:
    if ship["vessel"] and not ship["vessel"]["imo"]:
        return ["not known: lists are matched by IMO number, and she sent no valid one"]
    return ["on none of those searched"]


def _hint(one: Record) -> str:
    imo = f"IMO {one['imo']}" if one["imo"] else "no IMO number"
    return (
        f"{text(one['watchlist_id'])} {text(one['name'])} ({imo}), entry {text(one['entry_id'])}: {text(one['gives'])}"
    )


def _identity(one: Record) -> str:
    pieces = [f"[bold]{text(one['name']) or 'unnamed'}[/]", f"MMSI {one['mmsi']}"]
    pieces += [f"IMO {one['imo']}"] if one["imo"] else []
    pieces += [f"call sign {text(one['call_sign'])}"] if one["call_sign"] else []
    pieces += [f"flag {text(one['flag'])}"] if one["flag"] else []
    pieces += [f"{one['length_m']:.0f} m"] if one["length_m"] else []
    return f"{', '.join(pieces)}: {text(one['from_at'])} to {text(one['to_at'])}"


def _particulars(one: Record) -> str:
    pieces = [f"[bold]{text(one['name']) or 'unnamed'}[/]"]
    pieces += [f"MMSI {one['mmsi']}"] if one["mmsi"] else []
    pieces += [f"IMO {one['imo']}"] if one["imo"] else []
    pieces += [f"no IMO number taken ({text(one['imo_note'])})"] if one["imo_note"] else []
    pieces += [f"call sign {text(one['call_sign'])}"] if one["call_sign"] else []
    pieces += [text(one["ship_kind"])] if one["ship_kind"] else []
    pieces += [f"{one['length_m']:.0f} m"] if one["length_m"] else []
    pieces += [f"{one['gross_tonnage']:,.0f} GT"] if one["gross_tonnage"] else []
    pieces += [f"owners: {text(one['owners'])}"] if one["owners"] else []
    registries = f" [dim](registries: {text(one['registries'])})[/]" if one["registries"] else ""
    dataset = f" [dim]({text(one['dataset'])})[/]" if one["dataset"] else ""
    return f"{text(one['provider'])}: {', '.join(pieces)}{registries}{dataset}"


def _entry(one: Record) -> str:
    since = (
        f"listed {one['listed_on']}"
        if one["listed_on"]
        else f"shown by the edition of {one['listed_by']}, day of listing not published"
    )
    gone = f", removed {one['delisted_on']}" if one["delisted_on"] else ""
    if one["delisted_by"] and not gone:
        gone = f", no longer named since the edition of {one['delisted_by']}"
    others = f" (also {text(one['other_names'].replace('|', ', '))})" if one["other_names"] else ""
    unseen = "" if one["verified"] else "; official list not seen"
    title = f"[dim]({text(one['title'])}{unseen})[/]"
    measures = f"; {text(one['measures'])}" if one["measures"] else ""
    return f"[bold]{one['authority']}[/] {text(one['name'])}{others}: {since}{gone}{measures} {title}"


def _said(lists: Sequence[Record]) -> str:
    """What lists said of her then, where any said something other than "not yet"."""
    words = {"listed": "listed by", "delisted": "removed from", "unknown": "unknown to be listed by"}
    said = [
        f"{words[status]} {', '.join(dict.fromkeys(one['watchlist_id'] for one in lists if one['status'] == status))}"
        for status in words
        if any(one["status"] == status for one in lists)
    ]
    return f" [yellow]{text('[' + '; '.join(said) + ']')}[/]" if said else ""
