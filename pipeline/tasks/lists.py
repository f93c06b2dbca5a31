"""Task: sanctions lists. Import a published file as an edition, fetch what is published now, show what is at hand."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pipeline.errors import CoalwatchError, InputError
from pipeline.plain import Record, records

if TYPE_CHECKING:
    from pipeline.settings import Settings

Progress = Callable[[str], None]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ListReport:
    """What became of a list, or of a file of one.

    outcome     new (an edition was kept), unchanged (nothing new in it), or failed
    accepted    ships in the file; left_out: other records of it by reason
    imo_unread  IMO fields that say something and give no number
    added, changed, vanished   names of ships, against the edition before it
    about       which ships such a file has, and which not
    warnings    what should be known of the file
    reason      why it failed
    """

    watchlist_id: str
    outcome: str
    published_on: str | None = None
    form: str | None = None
    accepted: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    imo_unread: int = 0
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    about: str | None = None
    file: str | None = None
    url: str | None = None
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for programs."""
        return asdict(self)


def import_list(
    settings: Settings,
    list_id: str,
    path: Path,
    *,
    published_on: date | None,
    now: datetime,
    progress: Progress,
    accept_shrunken: bool = False,
    dry_run: bool = False,
) -> ListReport:
    """Take a published file as an edition of its list.

    list_id          un, uk, eu, ofac, or the id of one list
    published_on     the day it speaks of; needed where the file states none
    accept_shrunken  take it although it has lost most of its ships
    dry_run          say what would be done, and write nothing
    raises           InputError for a file that is torn, another list, changed by a spreadsheet, without a day,
                     shrunken, or other than the edition of that day that is kept already
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; give the file as it was published") from None
    return _take(
        settings, list_id, data, path.name, published_on,
        now=now, accept_shrunken=accept_shrunken, dry_run=dry_run,
    )  # fmt: skip


def refresh_lists(settings: Settings, *, now: datetime, progress: Progress, dry_run: bool = False) -> list[ListReport]:
    """Fetch every list whose address is known; a changed one becomes an edition. One that fails stops no other."""
    reports = []
    for list_id in lists_with_address(settings):
        try:
            reports.append(_refresh(settings, list_id, now=now, progress=progress, dry_run=dry_run))
        except CoalwatchError as error:
            progress(f"{list_id}: failed")
            reports.append(ListReport(list_id, "failed", reason=str(error)))
    return reports


def refresh_list(settings: Settings, list_id: str, *, now: datetime, progress: Progress) -> dict[str, Any]:
    """Fetch one list; a changed one becomes an edition. Gives `ListReport` as plain values.

    raises  InputError if its address is not known or the file is refused, SourceUnavailable if the server fails
    """
    return _refresh(settings, list_id, now=now, progress=progress, dry_run=False).as_dict()


def lists_with_address(settings: Settings | None = None) -> list[str]:
    """Ids of the lists that can be fetched: those whose file gives an address, or for which the settings name one."""
    from pipeline.judgement.watchlists import load_watchlists

    lists = load_watchlists().lists
    named = settings.source_urls if settings else {}
    return [name for name, url in zip(lists["watchlist_id"], lists["url"], strict=True) if name in named or _is(url)]


def refuse_failed(reports: list[ListReport]) -> None:
    """raises  SourceUnavailable if a list could not be refreshed"""
    from pipeline.errors import SourceUnavailable

    failed = [one.watchlist_id for one in reports if one.outcome == "failed"]
    if failed:
        raise SourceUnavailable(f"{', '.join(failed)}: not refreshed, see the reasons above; the others are")


def list_editions(settings: Settings) -> list[Record]:
    """Every list with its editions, oldest first, and how each differs from the one before.

    returns  WATCHLIST columns, importer (tested on a published file, by documentation, or None), and editions:
             WATCHLIST_EDITION columns, added, changed, vanished (numbers; None for the first)
    """
    from pipeline.judgement.listings import count_changes
    from pipeline.tasks.home import read_watchlists

    watchlists = read_watchlists(settings)
    counted = count_changes(watchlists.editions, watchlists.history)
    lists = []
    for one in records(watchlists.lists):
        of_list = watchlists.editions[watchlists.editions["watchlist_id"] == one["watchlist_id"]]
        editions = [row | counted[row["watchlist_id"], row["published_on"]] for row in records(of_list)]
        lists.append(one | {"editions": editions, "importer": _importer(one["watchlist_id"])})
    return lists


def listed_ship(settings: Settings, key: str) -> list[Record]:
    """What every list says, and said, of one ship.

    key      IMO number (7 digits, with or without IMO), MMSI, id of an entry, or part of a name, also a former one
    returns  the rows of WATCHLIST_HISTORY with title and authority of the list, in order of list, entry and edition
    raises   InputError if no edition names her, naming those searched and what resembles the key
    """
    from pipeline.judgement.known_ships import listed_names
    from pipeline.judgement.ship_search import search
    from pipeline.tasks.home import read_watchlists

    watchlists = read_watchlists(settings)
    history = watchlists.history
    asked = search(key, listed_names(records(history)))
    is_asked = history["entry_id"] == key.strip()
    is_asked |= (history["watchlist_id"] + " " + history["entry_id"]).isin([row.known.entry for row in asked.rows])
    entries = history.loc[is_asked, ["watchlist_id", "entry_id"]].drop_duplicates()
    if entries.empty:
        newest = watchlists.editions.groupby("watchlist_id")["published_on"].max()
        pieces = [f'no list names "{key}"', *asked.notes]
        pieces += [f"did you mean {', or '.join(asked.similar)}?"] if asked.similar else []
        pieces += [f"searched {', '.join(f'{one} of {day}' for one, day in newest.items())}"]
        pieces += ["expected an IMO number (7 digits), the id of an entry, or part of a name"]
        raise InputError("; ".join(pieces))
    found = history.merge(entries, on=["watchlist_id", "entry_id"], validate="many_to_one")
    lists = watchlists.lists[["watchlist_id", "title", "authority", "verified"]]
    return records(found.merge(lists, on="watchlist_id", validate="many_to_one"))


# ------------------------------------------------------------------------------------------------------------ inside


def _take(
    settings: Settings,
    list_id: str,
    data: bytes,
    name: str,
    published_on: date | None,
    *,
    now: datetime,
    accept_shrunken: bool = False,
    dry_run: bool = False,
    came: dict[str, str | None] | None = None,
) -> ListReport:
    """Read a file, compare it with what is at hand, and keep it.

    came  url, fetched_at, etag and last_modified of a file that was fetched: if it states no day it speaks of today
    """
    from pipeline.formats.lists.registry import form_of
    from pipeline.judgement.edition_checks import before_day, day_of_edition, names_of, refuse_shrunken, warnings_of
    from pipeline.judgement.listings import ListChanges, compare, standing
    from pipeline.judgement.watchlists import seed_editions
    from pipeline.lake.disk import not_writable
    from pipeline.lake.editions import Kept, digest, keep, place_of, read_kept
    from pipeline.limits import load_limits
    from pipeline.tasks.home import as_edition

    form = form_of(data, list_id, name)
    assert form.read is not None  # form_of refuses a form that is not read
    reading, sha256 = form.read(data, name), digest(data)
    kept = [one for one in read_kept(settings.home) if one.watchlist_id == form.watchlist_id]
    given = now.date() if came and reading.published_on is None else published_on
    day = day_of_edition(reading.published_on, given, name, form.title, now)
    seeds = [one for one in seed_editions() if one.watchlist_id == form.watchlist_id]
    others = [*seeds, *(as_edition(one) for one in kept if one.sha256 != sha256)]
    before = before_day(others, day)
    last = next((one for one in reversed(standing(others)) if one.published_on <= day), None)
    if not accept_shrunken:
        least = load_limits().watchlist.least_share
        refuse_shrunken(len(reading.listed), last, least, name, title=form.title, about=form.about)
    rival = next((one for one in kept if one.published_on == day and one.sha256 != sha256), None)
    if rival is not None and compare(rival.frame(), reading.listed):
        raise InputError(
            f"{name}: this home keeps another edition of {form.watchlist_id} of {day} ({rival.file}); "
            "remove that one and its .edition.json if it was wrong, or give the day of this one (--published)"
        )
    known = rival is not None or any(one.published_on == day for one in kept)
    place = place_of(day, sha256, name)
    if not dry_run and rival is None:
        edition = Kept(
            form.watchlist_id, day, form.name, sha256, place, len(data), name, dict(reading.left_out),
            listed=records(reading.listed), **(came or {}),
        )  # fmt: skip
        try:
            keep(settings.home, edition, data)
        except OSError as error:
            raise not_writable(settings.home, error) from None
    changes = compare(before.listed, reading.listed) if before and not known else ListChanges([], [], [])
    names = names_of(before.listed if before else None, reading.listed)
    warnings = warnings_of(
        reading.listed, others, day, states_day=reading.published_on is not None, tested=form.tested,
        unread=reading.imo_unread, several=reading.imo_several,
    )  # fmt: skip
    report = ListReport(
        form.watchlist_id, "unchanged" if known else "new", day, form.name, len(reading.listed), dict(reading.left_out),
        imo_unread=len(reading.imo_unread), warnings=warnings, about=form.about or None,
        added=[names[entry] for entry in changes.added], changed=[names[entry] for entry in changes.changed],
        vanished=[names[entry] for entry in changes.vanished],
        file=rival.file if rival else place, url=came["url"] if came else None,
    )  # fmt: skip
    log.info("list %s: %s, %d ships, %s", report.watchlist_id, report.outcome, report.accepted, report.left_out)
    return report


def _refresh(settings: Settings, list_id: str, *, now: datetime, progress: Progress, dry_run: bool) -> ListReport:
    """Ask the list's server whether it has changed, and take what it has."""
    from pipeline.fetch.web import Web
    from pipeline.judgement.watchlists import load_watchlists
    from pipeline.lake.editions import read_kept

    lists = load_watchlists().lists.set_index("watchlist_id")
    if list_id not in lists.index:
        raise InputError(f'no list "{list_id}"; expected one of {", ".join(lists.index)}')
    url = settings.source_urls.get(list_id) or lists.at[list_id, "url"]
    if not _is(url):
        raise InputError(
            f"{list_id}: no address is known; download the list and import it, or name one in COALWATCH_SOURCE_URLS"
        )
    with Web(list_id, progress=progress) as web:
        shown = web.redact(url)  # a mirror's address may hold a password or a key
        progress(f"{list_id}: fetching {shown.partition('?')[0]}")
        fetched = [one for one in read_kept(settings.home) if (one.watchlist_id, one.url) == (list_id, shown)]
        last = fetched[-1] if fetched else None
        ask = {"If-None-Match": last.etag, "If-Modified-Since": last.last_modified} if last else {}
        answer = web.request("GET", url, headers={name: value for name, value in ask.items() if value})
    if answer.status_code == 304:
        return ListReport(list_id, "unchanged", last.published_on if last else None, url=shown)
    came = {
        "url": shown, "fetched_at": now.isoformat(),
        "etag": answer.headers.get("etag"), "last_modified": answer.headers.get("last-modified"),
    }  # fmt: skip
    name = Path(urlsplit(shown).path).name or list_id
    report = _take(settings, list_id, answer.content, name, None, now=now, dry_run=dry_run, came=came)
    progress(f"{list_id}: {report.outcome}")
    return report


def _importer(watchlist_id: str) -> str | None:
    """Whether the importer of a list was tried on a published file: tested, by documentation; None if there is none."""
    from pipeline.formats.lists.registry import FORMS

    tested = [form.tested for form in FORMS if form.watchlist_id == watchlist_id and form.read]
    return None if not tested else "tested" if any(tested) else "by documentation"


def _is(url: object) -> bool:
    return isinstance(url, str) and bool(url)
