"""What the editions of lists at hand say of ships, as plain values, which can be kept and asked without pandas."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from pipeline.names import compared_name, figures_of
from pipeline.plain import Record, plain, records

if TYPE_CHECKING:
    from pipeline.judgement.watchlists import Watchlists
    from pipeline.limits import WatchlistLimits


@dataclass(frozen=True)
class Listed:
    """Every list.

    lists            watchlist_id, authority, title, edition (day of the newest, or None), editions, by watchlist_id
    entries          WATCHLIST_VESSEL with title, authority and verified of the list, in order of list and entry
    history          WATCHLIST_HISTORY
    said             IMO number (as text) to days, sorted, from which on lists say something else, and what they say
                     then; the first holds before all others, and is followed by what is said of an unknown moment
    name_similarity  least similarity (0-100) of a name that is a hint
    name_letters     letters that such a name has at least
    """

    lists: list[Record]
    entries: list[Record]
    history: list[Record]
    said: dict[str, list[tuple[str, list[Record]]]]
    name_similarity: float
    name_letters: int

    def on(self, imo: int | None, at: str | None) -> list[Record]:
        """What each list says of a ship at a moment (ISO time, UTC): `listed_as_of` without `row`."""
        said = self.said.get(str(imo))
        if not said:
            return []
        unknown, *days = said
        return unknown[1] if at is None else days[bisect_right(days, at[:10], key=_day) - 1][1]


def listed_values(watchlists: Watchlists, limits: WatchlistLimits) -> dict[str, Any]:
    """The fields of `Listed`."""
    newest = watchlists.editions.groupby("watchlist_id")["published_on"].agg(["max", "size"])
    lists = watchlists.lists[["watchlist_id", "authority", "title"]]
    lists = lists.merge(newest, left_on="watchlist_id", right_index=True, how="left", validate="1:1")
    lists = lists.rename(columns={"max": "edition", "size": "editions"}).fillna({"editions": 0})
    of_list = watchlists.lists[["watchlist_id", "title", "authority", "verified"]]
    entries = watchlists.vessels.merge(of_list, on="watchlist_id", validate="m:1")
    return {
        "lists": records(lists.astype({"editions": int}).sort_values("watchlist_id")),
        "entries": records(entries.sort_values(["watchlist_id", "entry_id"])),
        "history": records(watchlists.history),
        "said": _said(watchlists),
        "name_similarity": float(limits.name_similarity),
        "name_letters": int(limits.name_letters),
    }


def entry_of(one: Record) -> str:
    """The list and the id of an entry, by which it is known among all."""
    return f"{one['watchlist_id']} {one['entry_id']}"


def names_of(entry: Record) -> list[str]:
    """Name and other names of an entry."""
    return f"{entry['name']}|{entry['other_names'] or ''}".split("|")


def list_hints(lists: Listed, hull: Record, identities: list[Record]) -> list[Record]:
    """Entries that give the MMSI of a ship that was heard, or a name like hers, and not her IMO number.

    hull        VESSEL
    identities  VESSEL_IDENTITY of her
    returns     watchlist_id, entry_id, name, imo, gives: what of her it gives
    """
    theirs = [one for one in lists.history if not hull["imo"] or one["imo"] != hull["imo"]]
    names = dict.fromkeys(one["name"] for one in [hull, *identities] if one["name"])
    hints: dict[str, str] = {}
    for least, letters in ((100.0, 1), (lists.name_similarity, lists.name_letters)):
        for entry, name in _resembling(names, theirs, least, letters):
            hints.setdefault(entry, f"a name like hers: {name}")
    mmsis = {hull["mmsi"], *(one["mmsi"] for one in identities)} - {None}
    hints |= {entry_of(one): f"her MMSI {one['mmsi']}" for one in theirs if one["mmsi"] in mmsis}
    last = {entry_of(one): one for one in theirs}
    columns = ("watchlist_id", "entry_id", "name", "imo")
    return [{name: last[entry][name] for name in columns} | {"gives": gives} for entry, gives in hints.items()]


def _day(one: tuple[str, list[Record]]) -> str:
    return one[0]


def _said(watchlists: Watchlists) -> dict[str, list[tuple[str, list[Record]]]]:
    """As `Listed.said`. What is said changes on days that listings and editions name, or on the day after, and on no
    other: so it is asked on each of these."""
    from pandas import DataFrame, Timedelta, concat, to_datetime

    from pipeline.judgement.listed_then import listed_as_of

    listings = watchlists.listings.dropna(subset=["imo"])
    named = [
        listings[["imo", name]].set_axis(["imo", "day"], axis=1)
        for name in ("listed_on", "listed_after", "listed_by", "delisted_on", "delisted_after", "delisted_by")
    ]
    keys = ["watchlist_id", "entry_id"]
    editions = watchlists.history[[*keys, "from_edition"]].merge(listings[[*keys, "imo"]].drop_duplicates(), on=keys)
    named.append(editions[["imo", "from_edition"]].set_axis(["imo", "day"], axis=1))
    on = concat(named).dropna()
    on = on.assign(at=to_datetime(on["day"], utc=True, format="%Y-%m-%d"))[["imo", "at"]]
    imos = listings["imo"].drop_duplicates()
    early = DataFrame({"imo": imos, "at": to_datetime("0001-01-01", utc=True)})
    asked = concat([early, on, on.assign(at=on["at"] + Timedelta(days=1))]).drop_duplicates()
    asked = asked.sort_values(["imo", "at"], ignore_index=True)
    unknown = DataFrame({"imo": imos, "at": None}).astype({"at": asked["at"].dtype})
    asked = concat([unknown, asked], ignore_index=True)
    found = listed_as_of(asked["imo"], asked["at"], watchlists)
    rows: dict[int, list[Record]] = {}
    for row, one in zip(found["row"], plain(found.drop(columns="row").to_dict("records")), strict=True):
        rows.setdefault(int(row), []).append(one)
    said: dict[str, list[tuple[str, list[Record]]]] = {}
    for row, (imo, day) in enumerate(zip(asked["imo"], asked["at"].dt.strftime("%Y-%m-%d").fillna(""), strict=True)):
        of_ship, now = said.setdefault(str(imo), []), rows.get(row, [])
        if len(of_ship) < 2 or of_ship[-1][1] != now:
            of_ship.append((day, now))
    return said


def _resembling(names: Iterable[str], history: list[Record], least: float, letters: int) -> Iterator[tuple[str, str]]:
    """Entries and those of their names that resemble a name, as `names.resembling` finds them for many ships."""
    from rapidfuzz import fuzz

    listed: dict[str, dict[tuple[str, str], None]] = {}
    for one in history:
        for name in names_of(one):
            if len(key := _compared(name)) >= letters:
                listed.setdefault(key, {})[entry_of(one), name] = None
    for own in dict.fromkeys(map(_compared, names)):
        for key, entries in listed.items():
            alike = len(own) >= letters and fuzz.ratio(own, key, score_cutoff=least)
            if alike and figures_of(own) == figures_of(key):
                yield from entries


_compared = cache(compared_name)
