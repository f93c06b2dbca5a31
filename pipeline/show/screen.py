"""The answer to a screening as CSV, JSON or a page to print, and its sum in a few lines."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import click

from pipeline.csv_text import as_csv
from pipeline.errors import InputError
from pipeline.judgement.screening import ANSWERS, CALLED, MET, MET_POSSIBLE, NONE, NOT_SCREENED, POSSIBLE
from pipeline.show.paper import NOTE

Record = dict[str, Any]
FORMS = ("csv", "json", "html")
_ENDINGS = {".csv": "csv", ".json": "json", ".html": "html", ".htm": "html"}
COLUMNS = (
    "row", "imo", "answer", "reason", "listed_by", "lists_say", "names_heard", "mmsis", "calls", "last_call",
    "possible_calls", "last_possible_call", "meetings", "meetings_with_callers", "met", "identity", "from_day",
    "to_day", "days", "days_with_data", "days_heard_in_kp", "days_heard", "hours_heard", "longest_silence_hours",
    "longest_silence_from", "longest_silence_to", "longest_silence_reception", "silences_in_reach",
    "stays_too_long", "rests_on", "imo_given", "name_given", "mmsi_given", "name_hints", "same_as_row", "synthetic",
    "licence",
)  # fmt: skip


def form_of(given: str | None, output: Path | None, *, as_json: bool) -> str:
    """The form that was named, or that the ending of the file names; CSV without either.

    raises  InputError for a file whose ending says nothing
    """
    if given or as_json or output is None:
        return given or ("json" if as_json else "csv")
    if found := _ENDINGS.get(output.suffix.lower()):
        return found
    raise InputError(f"--output {output}: expected a name that ends in {', '.join(_ENDINGS)}, or --format with it")


def written(form: str, report: Record) -> bytes:
    """The report in a form of FORMS, UTF-8.

    raises  InputError for a page where what draws it is not installed
    """
    if form == "html":
        return _page(report).encode()
    if form == "json":
        return (json.dumps(report, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()
    return as_csv(COLUMNS, [_flat(report, ship) for ship in report["ships"]])


def show_sum(report: Record, output: Path) -> None:
    """Print what the rows came to, on the terminal."""
    counts = Counter(ship["answer"] for ship in report["ships"])
    said = ", ".join(f"{counts[answer]} {answer}" for answer in ANSWERS if counts[answer])
    click.echo(f"{len(report['ships'])} rows in {output}: {said}")


def show_terms(report: Record) -> None:
    """Print on standard error what a reader must know whatever the form."""
    if report["synthetic"]:
        click.echo("SYNTHETIC: what was heard is generated.", err=True)
    if report["blank_lines"]:
        click.echo(f"Lines of {report['file']} that say nothing, and are no rows: {report['blank_lines']}", err=True)
    if report["lines_above"]:
        click.echo(f"Lines of {report['file']} above its headings, not read: {report['lines_above']}", err=True)
    if report["terms"]:
        click.echo(f"Terms of the data: {report['terms']}", err=True)


def _flat(report: Record, ship: Record) -> Record:
    """A ship as a row of COLUMNS."""
    heard, silence = ship["heard"] or {}, (ship["heard"] or {}).get("silence") or {}
    of = {what: [stay for stay in ship["stays"] if stay["what"] == what] for what in ("call", "possible call")}
    asked = is_screened(ship)
    return {name: ship.get(name) for name in COLUMNS} | {
        "listed_by": "; ".join(_listed(ship)),
        "lists_say": "; ".join(ship["listed_words"]),
        "names_heard": "; ".join(ship["names_heard"]),
        "mmsis": "; ".join(map(str, ship["mmsis"])),
        "calls": len(of["call"]) if asked else None,
        "last_call": _stay(of["call"][-1]) if of["call"] else None,
        "possible_calls": len(of["possible call"]) if asked else None,
        "last_possible_call": _stay(of["possible call"][-1]) if of["possible call"] else None,
        "meetings": len(ship["meetings"]) if asked else None,
        "meetings_with_callers": sum(bool(met["other_stays"]) for met in ship["meetings"]) if asked else None,
        "met": "; ".join(map(_met, ship["meetings"])),
        "identity": "; ".join(map(_tie, ship["identity"])),
        "from_day": report["from_day"],
        "to_day": report["to_day"],
        "days": report["days"],
        "days_with_data": report["data"]["days_with_data"],
        "days_heard_in_kp": report["data"]["days_heard_in_kp"],
        "days_heard": heard.get("days_heard"),
        "hours_heard": heard.get("hours_heard"),
        "longest_silence_hours": silence.get("hours"),
        "longest_silence_from": silence.get("from_at"),
        "longest_silence_to": silence.get("to_at"),
        "longest_silence_reception": silence.get("in_words"),
        "silences_in_reach": ship["silences_in_reach"] if asked else None,
        "stays_too_long": ship["stays_too_long"] if asked else None,
        "name_hints": "; ".join(ship["name_hints"]),
        "synthetic": report["synthetic"],
    }


def _page(report: Record) -> str:
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError:
        raise InputError(
            'a page needs Jinja, which is not installed: `pip install "coalwatch[report]"`, or --format csv or json'
        ) from None
    drawn = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    drawn.globals.update(
        tone=_tone,
        unclear=_unclear,
        screened=is_screened,
        listed=lambda ship: "; ".join(_listed(ship)),
        count=_count,
        stay_words=_stay,
        met_words=_met,
        tie_words=_tie,
    )
    template = (Path(__file__).with_name("screen.html.jinja")).read_text(encoding="utf-8")
    return drawn.from_string(template).render(report=report, note=NOTE)


def is_screened(ship: Record) -> bool:
    """Whether she was asked about: a ship whose number is withheld was as well."""
    return bool(ship["answer"] != NOT_SCREENED)


def _tone(ship: Record) -> str:
    """What kind of answer it is; never by colour alone: the words stand in it."""
    if ship["answer"] in (CALLED, POSSIBLE, MET, MET_POSSIBLE) or _listed(ship):
        return "serious"
    return "" if ship["answer"] == NONE and not ship["identity"] else "unclear"


def _listed(ship: Record) -> list[str]:
    """The lists that name her as of the day, each with since when."""
    since: dict[str, list[str]] = {}
    for one in ship["listed"]:
        if one["status"] == "listed":
            since.setdefault(one["watchlist_id"], []).append(one["listed_on"] or f"its edition of {one['listed_by']}")
    return [f"{name} since {min(days)}" for name, days in since.items()]


def _unclear(ship: Record) -> str:
    """The lists of which it is not known whether they named her by then."""
    return ", ".join(dict.fromkeys(one["watchlist_id"] for one in ship["listed"] if one["status"] == "unknown"))


def _count(ship: Record, what: str) -> int | str:
    return sum(stay["what"] == what for stay in ship["stays"]) if is_screened(ship) else ""


def _stay(stay: Record) -> str:
    """A stay in North Korea, or a possible one, in words."""
    place, until = stay["port"] or "a port", stay["to_at"]
    if stay["what"] == "call":
        gone = f"to {_day(until)}" if until else "still there when the data ends"
        said = f"AIS-reported call at {place} from {_day(stay['from_at'])} {gone}"
    else:
        gone = f"to {_day(until)}" if until else "to the end of the data"
        said = f"possible call at {place}: a silence from {_day(stay['from_at'])} {gone} left time for it"
    return said if stay["source"] == "ais" else f"{said}, reported by {stay['source']}"


def _met(met: Record) -> str:
    """A meeting in words, with what the other ship did."""
    numbers = [f"IMO {met['other_imo']}" if met["other_imo"] else "no IMO number"]
    numbers += [f"MMSI {met['other_mmsi']}"] if met["other_mmsi"] else []
    said = f"met {met['other_name'] or 'a ship without a name'} ({', '.join(numbers)}) on {_day(met['began_at'])}"
    said += f" in {met['zone_id']}" if met["zone_id"] else ""
    if met["other_listed"]:
        said += f", listed by {', '.join(dict.fromkeys(one['watchlist_id'] for one in met['other_listed']))}"
    return said + "".join(f"; the other: {_stay(stay)}" for stay in met["other_stays"])


def _tie(tie: Record) -> str:
    """Whom she may be, or who sends her number, in words, with what that one did."""
    said = f"MMSI {tie['other_mmsi']} ({tie['other_name'] or 'without a name'}, "
    said += f"IMO {tie['other_imo']})" if tie["other_imo"] else "no IMO number)"
    if tie["kind"] == "succession":
        first, then = ("she", said) if tie["side"] == "earlier" else (said, "she")
        said = f"{then} was first heard on {_day(tie['changed_by'])} where {first} had fallen silent: may be one ship"
        others = (tie["candidates"] or 1) - 1
        said += f", or any of {others} more whose silence fits" if others > 0 else ""
    elif tie["kind"] == "two_places":
        said = f"{said} and MMSI {tie['mmsi']} sent her number at two places at once on {_day(tie['changed_by'])}: "
        said += "what is told of her may be another ship's"
    elif tie["kind"] == "other_ship":
        said += f", a ship of another size, sent her number too on {_day(tie['changed_by'])}"
    else:
        said += f" sent the same number {'after' if tie['side'] == 'earlier' else 'before'} {_day(tie['changed_by'])}"
    return said + "".join(f"; that one: {_stay(stay)}" for stay in tie["other_stays"])


def _day(text: str) -> str:
    return text[:16].replace("T", " ") + " UTC"
