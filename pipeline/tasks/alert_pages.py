"""Task: alerts a page at a time, by what a person asks: which status, about whom, when, resting on what."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError
from pipeline.judgement.known_ships import Known, known_names
from pipeline.judgement.patterns import load_patterns
from pipeline.judgement.ship_search import hulls_meant
from pipeline.tasks.vessel import read_listed
from pipeline.tasks.warehouse_stamp import ask_filled
from pipeline.warehouse import alert_pages, alerts
from pipeline.warehouse.alert_filter import GRADES, see_known
from pipeline.warehouse.alert_pages import MOST as MOST
from pipeline.warehouse.alert_pages import Key, Named, Page, Wanted
from pipeline.warehouse.alert_statuses import STATUSES, WAITING

if TYPE_CHECKING:
    from pipeline.plain import Record
    from pipeline.settings import Settings
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

_MOST_SHIPS = 2000
_LETTERS_OF_AN_ID = 6


@dataclass(frozen=True)
class _Found:
    """What was found of the alerts there are: it follows from the run that wrote last, and the reviews until now.

    reviews, latest   how many, and when the last was decided (as the database gives it)
    few               alerts of small groups, by status
    counts            of what was asked for, by group; also of the day that `new_since` is
    """

    filled_from: object
    held_back: Record
    reviews: int
    latest: Any
    new_since: str
    few: dict[str, dict[str, Named]] = field(default_factory=dict)
    counts: dict[Wanted, dict[str, int]] = field(default_factory=dict)


@dataclass
class Remembered:
    """What a process that lives long keeps of a home between questions, each with what it follows from."""

    names: tuple[object, list[Known]] | None = None
    found: _Found | None = None


@dataclass(frozen=True)
class Asked:
    """What a person asks for; everything given must hold.

    text    a ship: part of any name she bears or bore or is listed under, IMO number, MMSI, call sign; or the
            beginning of an alert's id
    others  as `alert_pages.Wanted`
    """

    status: str = WAITING
    text: str = ""
    pattern: tuple[str, ...] = ()
    grade: tuple[str, ...] = ()
    claim: tuple[str, ...] = ()
    port: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class Answer:
    """A page, how many alerts there are by group, what can be filtered by, what to say of the text asked for, how much
    the quality gate holds back (`alerts.held_back`), and the alert that was asked for with its last `review`."""

    page: Page
    counts: dict[str, int]
    choices: dict[str, list[str]]
    notes: list[str]
    held_back: Record
    decided: Record | None


def alert_page(
    settings: Settings,
    asked: Asked,
    *,
    now: datetime,
    after: Key | None = None,
    size: int = 50,
    remembered: Remembered | None = None,
    decided: str = "",
) -> Answer:
    """A page of alerts.

    now         wall clock, with time zone: new since yesterday (UTC) depends on it
    after       where the page before ended
    remembered  of an earlier call on the same home
    decided     alert_id of one that was decided on just now
    raises      InputError for an unknown status, pattern, grade, claim, port or source, or what is no day, naming what
                is expected
    """
    kept = remembered or Remembered()
    new_since = (now - timedelta(days=1)).date().isoformat()
    with ask_filled(settings) as warehouse:
        choices = {
            "status": list(STATUSES),
            "pattern": sorted(load_patterns().frame["pattern_id"]),
            "grade": list(GRADES),
            **alert_pages.choices(warehouse),
        }
        for name, known in choices.items():
            given = getattr(asked, name)
            see_known(name, (given,) if name == "status" else given, known)
        wanted = Wanted(
            asked.status, None, "", asked.pattern, asked.grade, asked.claim, asked.port, asked.source,
            _day("since", asked.since), _day("until", asked.until),
        )  # fmt: skip
        notes: list[str] = []
        if text := asked.text.strip():
            hulls, notes = _hulls(settings, warehouse, text, kept)
            is_id = len(text) >= _LETTERS_OF_AN_ID and text.isalnum()
            wanted = replace(wanted, hulls=tuple(sorted(hulls)), ids=text.lower() if is_id else "")
        found = _found(warehouse, new_since, kept)
        if wanted.status not in found.few:
            found.few[wanted.status] = alert_pages.few_of(warehouse, wanted.status)
        few, walk = found.few[wanted.status], alert_pages.narrowed(warehouse, wanted)
        page = alert_pages.page_of_alerts(warehouse, walk, new_since=new_since, after=after, size=size, few=few)
        if wanted not in found.counts:
            found.counts[wanted] = alert_pages.count_alerts(warehouse, walk, new_since=new_since, few=few)
        last = alerts.last_decision(warehouse, decided) if decided else None
        return Answer(page, found.counts[wanted], choices, notes, found.held_back, last)


def _found(warehouse: Reader | Warehouse, new_since: str, kept: Remembered) -> _Found:
    """What is found already, with what is decided since. It is never altered but filled, so that a page beside this one
    keeps to what it began with."""
    filled_from, before = warehouse.filled_from(), kept.found
    reviews, latest = alert_pages.reviewed_until(warehouse)
    if before is None or before.filled_from != filled_from:
        found = _Found(filled_from, alerts.held_back(warehouse), reviews, latest, new_since)
    elif (before.reviews, before.new_since) == (reviews, new_since):
        return before
    else:
        few = before.few if before.reviews == reviews else _few_since(warehouse, before, reviews)
        found = _Found(filled_from, before.held_back, reviews, latest, new_since, few)
    kept.found = found
    return found


def _few_since(warehouse: Reader | Warehouse, before: _Found, reviews: int) -> dict[str, dict[str, Named]]:
    """Alerts of small groups once more was decided; nothing where a review says that it is of before the last one."""
    if before.latest is None:
        return {}
    more, touched = alert_pages.reviewed_since(warehouse, before.latest)
    if more != reviews - before.reviews:
        return {}
    grown = {status: alert_pages.few_with(few, touched) for status, few in dict(before.few).items()}
    return {status: few for status, few in grown.items() if few is not None}


def _hulls(
    settings: Settings, warehouse: Reader | Warehouse, text: str, kept: Remembered
) -> tuple[set[str], list[str]]:
    """Hulls that a text means, among those with alerts."""
    state = (warehouse.filled_from(), _editions(settings.home))
    if kept.names is None or kept.names[0] != state:
        lists = read_listed(settings)
        kept.names = (state, known_names(alert_pages.names_of_alerted(warehouse), lists.history))
    found, notes = hulls_meant(text, kept.names[1])
    if len(found) > _MOST_SHIPS:
        raise InputError(f'"{text}" is part of the names of {len(found)} ships; give more of it')
    return found, notes


def _editions(home: Path) -> list[tuple[str, int]]:
    return sorted((str(path), path.stat().st_mtime_ns) for path in (home / "lists").glob("*/*.json"))


def _day(name: str, given: str) -> str | None:
    if not given:
        return None
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError:
        raise InputError(f'{name} is "{given}"; expected a UTC day like 2018-06-01') from None


def key_text(key: Key) -> str:
    """A key as an address holds it."""
    return "~".join(map(str, (key.group, repr(key.score), key.began_at, key.alert_id)))


def read_key(text: str) -> Key | None:
    """A key as `key_text` wrote it; None for nothing.

    raises  InputError for what is none
    """
    if not text:
        return None
    parts = text.split("~")
    try:
        group, score, began_at, alert_id = parts
        if not (group.isdecimal() and math.isfinite(float(score))):
            raise ValueError(text)
        moment = datetime.fromisoformat(began_at).isoformat().replace("+00:00", "Z")
        return Key(int(group), float(score), moment, alert_id)
    except ValueError:
        raise InputError(f'after is "{text}"; expected what the link to the next page says') from None
