"""The plan of a run: what must be computed again, and why. A pure function of what is wanted and what is stored.

    pruned     UTC days that would have to be made again, but whose positions are gone: no run does it, it stops here
    compress   UTC days whose positions, zones or limits are not those that their runs were made from
    derive     ships' days that are not derived from what they now are, or from what is now handed on to them
    meetings   ships' days whose encounters are not found from what they now are, or from what is now handed on to them
    reception  days whose coverage is not the one that the gaps around them were judged by
    provider   ships of which a provider's events, or what we know of their hulls, changed
    radar      UTC days whose radar detections, or the positions around them, changed
    judge      alerts and claims whose events, law, lists, terms or reviews changed

Work is listed in this order, and what it will lead to is not in it: a run does the first of it and plans again, until
nothing is left. What is done equals what was wanted and is in no plan any more, so a run that was stopped simply plans
again. Consecutive days that need the same are one piece of work (`Bounds`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from itertools import accumulate, pairwise
from typing import Any, Literal

Stage = Literal["pruned", "compress", "derive", "meetings", "reception", "provider", "radar", "judge"]
_IF_SKIPPED: dict[Stage, str] = {
    "pruned": "nothing is derived until their files land again, or what changed is put back",
    "compress": "these positions do not affect calls, gaps or alerts",
    "derive": "calls, voyages and gaps of these ships stay as they were",
    "meetings": "encounters of these ships stay as they were",
    "reception": "gaps around these days stay judged by who had been heard before",
    "provider": "the events of these ships stay as their provider gave them before",
    "radar": "echoes of these days stay held against the AIS that was there before",
    "judge": "alerts and claims stay as they were",
}


@dataclass(frozen=True)
class Work:
    """A piece of work, and why it must be done.

    days   first and last UTC day, where it is of days
    size   how much it is: days to compress or to judge reception of, ships to derive
    ships  MMSIs of the ships that it is about, where somebody asked which (`pipeline.tasks.plan.planned`)
    """

    stage: Stage
    reason: str
    days: tuple[str, ...] = ()
    size: int = 0
    ships: tuple[int, ...] = ()

    @property
    def if_skipped(self) -> str:
        """What it would cost not to do it."""
        return _IF_SKIPPED[self.stage]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for programs."""
        first_last = {"from_day": self.days[0], "to_day": self.days[-1]} if self.days else {}
        plain = asdict(self) | {"ships": list(self.ships)}
        del plain["days"]
        return plain | first_last | {"if_skipped": self.if_skipped}


@dataclass(frozen=True)
class Wanted:
    """What results should be made from.

    days      landed UTC day to hash of its positions and vessel reports
    fixes     landed UTC day to number of its positions
    rules     stage to a version of the code, zones and limits it goes by; `law` of measures and articles
    quiet_hours  silence after which a ship that is not heard again may have a gap
    entries   list to the entries of its history, each as a hash
    terms     day and licence of its positions
    reviews   version of what reviewers decided
    pruned    UTC days whose positions were pruned: what they were compressed to is settled
    lacking   of these, days whose encounters would be found by other rules from positions that are gone
    radar     UTC day with radar detections to hash of what it is to be matched from
    """

    days: Mapping[str, str]
    fixes: Mapping[str, int]
    rules: Mapping[str, str]
    quiet_hours: float
    entries: Mapping[str, frozenset[int]] = field(default_factory=dict)
    terms: frozenset[tuple[str, str]] = frozenset()
    reviews: str = ""
    pruned: frozenset[str] = frozenset()
    lacking: frozenset[str] = frozenset()
    radar: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stored:
    """What results were made from.

    days       compressed UTC day to hash of what it was made from
    coverage   compressed UTC day to a name of its coverage
    reception  UTC day to the name of the coverage that gaps were judged by
    runs       compressed UTC day to number of runs; `heard`: to rows of its coverage
    due        UTC day to number of ships whose day is not derived from what it is
    meetings   UTC day to number of ships whose encounters of that day are not found from what it is
    provider   number of ships whose provider's events are not derived from what they are
    radar      UTC day to hash of what its radar detections were matched from
    to_judge   number of ships whose events changed since they were judged
    announce   days whose change no run has announced
    data_end   last UTC day that silences were judged by; empty before the first run
    """

    days: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    coverage: Mapping[str, str] = field(default_factory=dict)
    reception: Mapping[str, str] = field(default_factory=dict)
    runs: Mapping[str, int] = field(default_factory=dict)
    heard: Mapping[str, int] = field(default_factory=dict)
    due: Mapping[str, int] = field(default_factory=dict)
    meetings: Mapping[str, int] = field(default_factory=dict)
    provider: int = 0
    radar: Mapping[str, str] = field(default_factory=dict)
    to_judge: int = 0
    announce: int = 0
    data_end: str = ""
    entries: Mapping[str, frozenset[int]] = field(default_factory=dict)
    terms: frozenset[tuple[str, str]] = frozenset()
    reviews: str = ""


@dataclass(frozen=True)
class Bounds:
    """How much is done at once, so that memory stays flat: positions and days to compress, runs and days to derive,
    rows of coverage to judge reception by."""

    fixes: int = 1_000_000
    runs: int = 200_000
    heard: int = 500_000
    runs_a_ship: int = 300  # of a day: no more than these are counted for a ship that is due
    days: int = 64
    apart: int = 3  # days that lie further apart are not done together: what lies between would be read for nothing


BOUNDS = Bounds()


def make_plan(wanted: Wanted, stored: Stored, bounds: Bounds = BOUNDS) -> list[Work]:
    """The work that is left, in the order in which it is to be done."""
    compress = list(_compress(wanted, stored, bounds))
    return [
        *_pruned(wanted, stored),
        *compress,
        *_derive(wanted, stored, bounds, settled=not compress),
        *_meetings(stored, bounds),
        *_reception(stored, bounds),
        *_provider(wanted, stored),
        *_radar(wanted, stored),
        *_judge(wanted, stored),
    ]


def quiet_since(wanted: Wanted, stored: Stored) -> str | None:
    """The first UTC day of which ships may have fallen silent because the data ends later (or earlier) than before;
    None if it ends where it did."""
    end = max(stored.days, default="")
    if not stored.data_end or not end or stored.data_end == end:
        return None
    back = timedelta(days=math.ceil(wanted.quiet_hours / 24))
    return (date.fromisoformat(min(stored.data_end, end)) - back).isoformat()


def changed_rules(wanted: Wanted, stored: Stored, name: str) -> bool:
    """Whether results of a stage were made with other rules than those in force."""
    return wanted.rules.get(name) != stored.rules.get(name)


def _pruned(wanted: Wanted, stored: Stored) -> Iterator[Work]:
    why = {day: _why_compress(wanted.days.get(day), stored.days.get(day)) for day in sorted(wanted.pruned)}
    days = [day for day in why if why[day]]
    if days:
        what = why[days[0]] if days[0] in stored.days else "they are to be derived again"
        reason = f"{_named(days)}: {what}, but positions were pruned: these days are settled, and cannot be"
        yield Work("pruned", f"{reason} derived again", tuple(days), len(days))
    elif wanted.lacking and changed_rules(wanted, stored, "derive"):
        days = sorted(wanted.lacking)
        reason = f"{_named(days)}: zones, limits or the code of events changed, but positions that encounters of these"
        yield Work("pruned", f"{reason} days rest on by the new ones were pruned", tuple(days), len(days))


def _compress(wanted: Wanted, stored: Stored, bounds: Bounds) -> Iterator[Work]:
    days = sorted((wanted.days.keys() | stored.days.keys()) - wanted.pruned)
    why = {day: _why_compress(wanted.days.get(day), stored.days.get(day)) for day in days}
    waiting = [day for day in days if why[day]]
    for batch in _batches(waiting, why, {day: wanted.fixes.get(day, 0) for day in waiting}, bounds.fixes, bounds):
        yield Work("compress", f"{_named(batch)}: {why[batch[0]]}", tuple(batch), len(batch))


def _why_compress(wanted: str | None, stored: str | None) -> str:
    if wanted == stored:
        return ""
    if wanted is None:
        return "its positions were withdrawn"
    if stored is None:
        return "positions that no run has seen"
    if not stored:
        return "it is to be made again"
    content, rules = (version.partition("-")[::2] for version in (wanted, stored))
    return "its positions changed" if content[0] != rules[0] else "zones or limits changed"


def _derive(wanted: Wanted, stored: Stored, bounds: Bounds, *, settled: bool) -> Iterator[Work]:
    if changed_rules(wanted, stored, "derive"):
        before = stored.rules.get("derive")
        reason = "zones, limits or the code of events changed" if before else "nothing is derived by these rules yet"
        days = sorted(stored.days.keys() | stored.due.keys())
        if days:
            yield Work("derive", f"{_named(days)}: {reason}: every ship", (days[0], days[-1]))
        return
    since = quiet_since(wanted, stored) if settled else None
    if since:
        end = max(stored.days)
        reason = f"the data now ends with {end}: ships last heard since {since} may have fallen silent"
        yield Work("derive", reason, (since, end))
        return
    due = sorted(stored.due)
    rows = {day: min(stored.runs.get(day, 0), ships * bounds.runs_a_ship) for day, ships in stored.due.items()}
    for batch in _batches(due, {}, rows, bounds.runs, bounds):
        ships = max(stored.due[day] for day in batch)
        reason = f"{_named(batch)}: the data of {_counted(ships, 'ship')}, or the state carried over to them, changed"
        yield Work("derive", reason, (batch[0], batch[-1]), ships)


def _meetings(stored: Stored, bounds: Bounds) -> Iterator[Work]:
    due = sorted(stored.meetings)
    breaks = accumulate((not _follow(*pair) for pair in pairwise(due)), initial=0)
    stretch = dict(zip(due, breaks, strict=False))
    for batch in _batches(due, stretch, stored.runs, bounds.runs, bounds):
        ships = max(stored.meetings[day] for day in batch)
        reason = f"{_named(batch)}: what {ships} ships did near others, or what is handed on to them, changed"
        yield Work("meetings", reason, tuple(batch), ships)


def _follow(day: str, other: str) -> bool:
    return date.fromisoformat(other) - date.fromisoformat(day) == timedelta(days=1)


def _reception(stored: Stored, bounds: Bounds) -> Iterator[Work]:
    days = sorted(stored.coverage.keys() | stored.reception.keys())
    changed = [day for day in days if stored.coverage.get(day) != stored.reception.get(day)]
    for batch in _batches(changed, {}, stored.heard, bounds.heard, bounds):
        yield Work("reception", f"{_named(batch)}: who was heard is new or changed", tuple(batch), len(batch))


def _provider(wanted: Wanted, stored: Stored) -> Iterator[Work]:
    if changed_rules(wanted, stored, "provider"):
        yield Work("provider", "zones, limits or terms of providers changed: every ship of theirs")
    elif stored.provider:
        yield Work(
            "provider", f"events of {_counted(stored.provider, 'ship')}, or their hulls, changed", size=stored.provider
        )


def _radar(wanted: Wanted, stored: Stored) -> Iterator[Work]:
    days = sorted(wanted.radar.keys() | stored.radar.keys())
    if changed := [day for day in days if wanted.radar.get(day) != stored.radar.get(day)]:
        reason = f"{_named(changed)}: radar detections, or what they are held against, changed"
        yield Work("radar", reason, (changed[0], changed[-1]), len(changed))


def _judge(wanted: Wanted, stored: Stored) -> list[Work]:
    work = list(_judged_anew(wanted, stored))
    if not work and (changed_rules(wanted, stored, "lists") or changed_rules(wanted, stored, "texts")):
        work.append(Work("judge", "titles, sources or dates in knowledge files changed: the tables that show them"))
    return work


def _judged_anew(wanted: Wanted, stored: Stored) -> Iterator[Work]:
    if changed_rules(wanted, stored, "judge"):
        yield Work("judge", "patterns, weights, zones or limits changed: every ship")
    if changed_rules(wanted, stored, "law"):
        yield Work(
            "judge", "measures or articles changed: ships with an alert, or with an event recorded for its legal answer"
        )
    if changed_rules(wanted, stored, "claims"):
        yield Work("judge", "observations or the rules of verdicts changed: every claim")
    for name in sorted(wanted.entries.keys() | stored.entries.keys()):
        now, before = (entries.get(name, frozenset()) for entries in (wanted.entries, stored.entries))
        if now != before:
            yield Work("judge", f"list {name}: {len(now - before)} entries new, {len(before - now)} gone")
    days = {day for day, _ in wanted.terms ^ stored.terms}
    if days:
        yield Work("judge", f"terms of {_counted(len(days), 'day')} changed", (min(days), max(days)), len(days))
    if stored.to_judge:
        yield Work("judge", f"events of {_counted(stored.to_judge, 'ship')} changed", size=stored.to_judge)
    elif stored.announce:
        yield Work("judge", f"{_counted(stored.announce, 'changed day')} not announced yet", size=stored.announce)
    if wanted.reviews != stored.reviews:
        yield Work("judge", "reviewers decided since claims were judged")


def _batches(
    days: Sequence[str], kind: Mapping[str, object], rows: Mapping[str, int], most_rows: int, bounds: Bounds
) -> Iterator[list[str]]:
    """Days in stretches of one kind, of at most so many rows (or a single day), within bounds."""
    batch: list[str] = []
    held = 0
    for day in days:
        more = rows.get(day, 0)
        if batch:
            full = held + more > most_rows or len(batch) == bounds.days
            apart = date.fromisoformat(day) - date.fromisoformat(batch[-1]) > timedelta(days=bounds.apart)
            if full or apart or kind.get(day) != kind.get(batch[0]):
                yield batch
                batch, held = [], 0
        batch.append(day)
        held += more
    if batch:
        yield batch


def _named(days: Sequence[str]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
