"""Watchlists: whose ships an authority lists, and what its editions say.

A list is a file of `seeds/watchlists/`: `NAME.yaml` (whose list, source, licence, address), and beside it its editions,
one row per entry: `NAME.csv` is the newest, `NAME.DAY.csv` an earlier one. Further editions are published files that a
home keeps. `listings` makes the history of them, `listed_then` says what they said of a ship at a moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from pipeline.contracts import LISTED, WATCHLIST
from pipeline.errors import InputError
from pipeline.imo import why_no_imo
from pipeline.judgement.listings import Edition, editions_frame, find_history, find_listings, latest
from pipeline.judgement.names import listed_names
from pipeline.resources import SEEDS
from pipeline.seedfile import Seed, digest, load_named_seeds, seed_files, shown

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.limits import WatchlistLimits

_CSV_COLUMNS = ["entry_id", "imo", "name", "other_names", "listed_on", "delisted_on", "measures", "note"]
_MORE_COLUMNS = [name for name in LISTED.names if name not in _CSV_COLUMNS]
_DAY = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_NUMBER = (r"\d+(?:\.\d+)?", "a number")
# Column of a seed list: what a cell that is not empty looks like.
_CELLS = {
    "imo": (r"\d{7}", "seven digits"),
    "listed_on": (_DAY, "a day like 2018-03-30"),
    "delisted_on": (_DAY, "a day like 2018-03-30"),
    "mmsi": (r"\d{9}", "nine digits"),
    "built": (r"\d{4}", "a year"),
    "gross_tonnage": _NUMBER,
    "dead_weight_t": _NUMBER,
    "length_m": _NUMBER,
}
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"


class _ListingDate(Seed):
    """The day on which ships were listed by another source than the list."""

    imo: int | tuple[int, ...]
    listed_on: date
    source: str

    @property
    def imos(self) -> tuple[int, ...]:
        return (self.imo,) if isinstance(self.imo, int) else self.imo


class _EarlierEdition(Seed):
    """An edition before the newest: its day, and where it is drawn from."""

    list_date: date
    source: str
    licence: str


class _ListSeed(Seed):
    """The file of a list.

    list_date          day of the newest edition beside it; without one there is no CSV, and the list is empty until one
                       is imported
    url                where the authority publishes it, as far as we know: not tried out
    verified           whether the publication that the newest edition is drawn from was seen
    bars_entry         words among the measures of an entry that mean that ports are closed to the ship
    bars_entry_to      countries whose ports these are (ISO 3166 alpha-2); none given: all, as for resolutions
    earlier_editions   those that lie beside it too
    listing_dates      taken where the list gives no day or a later one; the note states both
    conflicting_dates  stated in the note, and not used
    """

    watchlist_id: str
    authority: Literal["UN", "UK", "EU", "US", "KR"]
    title: str
    list_date: date | None
    source: str
    licence: str
    verified: bool
    url: str | None = None
    note: str | None = None
    bars_entry: tuple[str, ...] = ()
    bars_entry_to: tuple[str, ...] = ()
    earlier_editions: tuple[_EarlierEdition, ...] = ()
    listing_dates: tuple[_ListingDate, ...] = ()
    conflicting_dates: tuple[_ListingDate, ...] = ()

    @model_validator(mode="after")
    def _dates_need_entries(self) -> Self:
        for name in ("listing_dates", "conflicting_dates", "earlier_editions"):
            if getattr(self, name) and self.list_date is None:
                raise ValueError(f"{name} only beside an edition (list_date)")
        days = [one.list_date for one in self.earlier_editions]
        if self.list_date and [*days, self.list_date] != sorted({*days, self.list_date}):
            raise ValueError("earlier_editions in order, each before list_date")
        return self


@dataclass(frozen=True)
class Watchlists:
    """All lists: `lists` = WATCHLIST, `editions` = WATCHLIST_EDITION, `history` = WATCHLIST_HISTORY.

    hash         identifies what was derived with them
    bars_entry   by list: words among the measures of an entry that mean that ports are closed to the ship
    barred_ports by list: countries whose ports these are; none: every country's
    name_limits  when a name is a hint; None: names hint at nothing
    """

    lists: DataFrame
    editions: DataFrame
    history: DataFrame
    hash: str
    name_limits: WatchlistLimits | None = None
    bars_entry: Mapping[str, tuple[str, ...]] | None = None
    barred_ports: Mapping[str, tuple[str, ...]] | None = None

    @cached_property
    def vessels(self) -> DataFrame:
        """WATCHLIST_VESSEL: every entry, as the last edition that names it words it."""
        return latest(self.history)

    @cached_property
    def listings(self) -> DataFrame:
        """Unbroken times over which a list named a ship; an entry may have several."""
        return find_listings(self.history)

    @cached_property
    def names(self) -> DataFrame:
        """The names that are long enough to be hinted at (`names.listed_names`); only with `name_limits`."""
        assert self.name_limits is not None
        return listed_names(self.history, int(self.name_limits.name_letters))


def load_watchlists(folder: Path = SEEDS / "watchlists", editions: Sequence[Edition] = ()) -> Watchlists:
    """Read every list of a folder, and take further editions to those of the folder.

    editions  of published files; lists that the folder does not know are refused
    returns   dates as ISO text; an IMO number whose check digit fails is kept, and its note says so
    raises    InputError naming file, line, field, found and expected
    """
    if editions:
        return _load(folder, editions)
    return _of_folder(folder, _content(folder))


_Content = tuple[tuple[Path, bytes], ...]


def _content(folder: Path) -> _Content:
    """The files of a folder of lists, and of the folder that an installation adds to it."""
    folders = sorted({folder, *(path.parent for path in seed_files(folder))})
    return tuple((path, path.read_bytes()) for one in folders for path in sorted(one.glob("*.*")) if path.is_file())


@lru_cache(maxsize=4)
def _of_folder(folder: Path, content: _Content) -> Watchlists:
    """The lists of a folder, kept as long as its files have this content: making their history takes long."""
    return _load(folder, ())


def _load(folder: Path, editions: Sequence[Edition]) -> Watchlists:
    import hashlib

    from pandas import DataFrame

    seeds = {seed.watchlist_id: seed for seed in load_named_seeds(folder, _ListSeed, "watchlist_id")}
    if unknown := {one.watchlist_id for one in editions} - set(seeds):
        known = ", ".join(seeds)
        raise InputError(f'lists/{min(unknown)}: seeds/watchlists has no list "{min(unknown)}"; expected {known}')
    every = [*seed_editions(folder), *editions]
    every = [_dated(one, seeds[one.watchlist_id]) for one in every]
    at_hand, history = editions_frame(every), find_history(every)
    newest = at_hand.groupby("watchlist_id")["published_on"].max()
    rows = [seed.model_dump() | {"list_date": newest.get(name)} for name, seed in seeds.items()]
    lists = WATCHLIST.conform(DataFrame(rows, columns=WATCHLIST.names))
    content = digest(list(seeds.values())) + history.to_csv(index=False)
    return Watchlists(
        lists,
        at_hand,
        history,
        hashlib.sha256(content.encode()).hexdigest()[:16],
        bars_entry={name: seed.bars_entry for name, seed in seeds.items()},
        barred_ports={name: seed.bars_entry_to for name, seed in seeds.items()},
    )


def seed_editions(folder: Path = SEEDS / "watchlists") -> list[Edition]:
    """The editions that lie beside the lists of a folder, as they are written there.

    raises  InputError naming file, line, field, found and expected
    """
    return list(_editions_in(folder, _content(folder)))


@lru_cache(maxsize=4)
def _editions_in(folder: Path, content: _Content) -> tuple[Edition, ...]:
    """The editions of a folder, kept as long as its files have this content."""
    seeds = load_named_seeds(folder, _ListSeed, "watchlist_id")
    files = zip(seed_files(folder), seeds, strict=True)
    return tuple(edition for path, seed in files for edition in _editions_of(path.parent, seed))


def _editions_of(folder: Path, seed: _ListSeed) -> list[Edition]:
    """The editions of one list, oldest first."""
    if seed.list_date is None:
        return []
    name = seed.watchlist_id
    days = [(one.list_date, folder / f"{name}.{one.list_date}.csv") for one in seed.earlier_editions]
    editions = [_seed_edition(path, name, day) for day, path in [*days, (seed.list_date, folder / f"{name}.csv")]]
    numbers = {int(imo) for one in editions for imo in one.listed["imo"].dropna()}
    for what in ("listing_dates", "conflicting_dates"):
        if unused := {imo for known in getattr(seed, what) for imo in known.imos} - numbers:
            raise InputError(
                f"{shown(folder / f'{name}.csv')}: {what} of {name}.yaml name IMO {min(unused)}; "
                "expected one of the list"
            )
    return editions


def _dated(edition: Edition, seed: _ListSeed) -> Edition:
    """The edition with days of listing known from elsewhere, a note where they contradict the list's own, and a note on
    every IMO number that cannot be right."""
    from dataclasses import replace

    listed = edition.listed
    why = {number: why_no_imo(int(number)) for number in listed["imo"].dropna().unique()}
    notes = {number: f" IMO {reason}." for number, reason in why.items() if reason}
    days = listed["listed_on"]
    for known in (*seed.listing_dates, *seed.conflicting_dates):
        taken, day = known in seed.listing_dates, known.listed_on.isoformat()
        hers = listed["imo"].isin(known.imos)
        differs = hers & days.notna() & (days > day if taken else days != day)
        for imo, own in zip(listed.loc[differs, "imo"], days[differs], strict=True):
            conflict = f" Conflict: the list dates the listing to {own}, {known.source} to {day}."
            notes[imo] = notes.get(imo, "") + conflict
        if taken:
            days = days.mask(hers & (days.isna() | differs), day)
    if not notes and days.equals(listed["listed_on"]):
        return edition
    noted = (listed["note"].fillna("") + listed["imo"].map(notes).astype("str").fillna("")).str.strip()
    listed = listed.assign(listed_on=days, note=listed["note"].mask(listed["imo"].isin(list(notes)), noted))
    return replace(edition, listed=LISTED.conform(listed))


def _seed_edition(path: Path, watchlist_id: str, day: date) -> Edition:
    """An edition of a list that lies in the folder, every cell checked."""
    from pandas import read_csv
    from pandas.errors import EmptyDataError, ParserError

    where = shown(path)
    try:
        cells = read_csv(path, dtype="str", na_values=[""], keep_default_na=False, encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{where}: no such file; {watchlist_id}.yaml needs it") from None
    except (EmptyDataError, ParserError, UnicodeDecodeError) as error:
        raise InputError(f"{where}: {' '.join(str(error).split())}; expected CSV in UTF-8") from None
    more = list(cells.columns[len(_CSV_COLUMNS) :])
    if list(cells.columns[: len(_CSV_COLUMNS)]) != _CSV_COLUMNS or not set(more) <= set(_MORE_COLUMNS):
        raise InputError(
            f"{where}:1: columns are {', '.join(cells.columns)}; expected {', '.join(_CSV_COLUMNS)}, "
            f"then any of {', '.join(_MORE_COLUMNS)}"
        )
    for field, fits, expected in (
        ("entry_id", cells["entry_id"].notna() & ~cells["entry_id"].duplicated(), "an id, given once"),
        ("name", cells["name"].notna(), "the name as listed"),
        # a spreadsheet takes the ship "7-28" for a day
        (
            "name",
            ~cells["name"].str.fullmatch(rf"(?:{_MONTHS})-\d+|\d+-(?:{_MONTHS})", na=False),
            "the name as listed, not a date",
        ),
        *(
            (name, cells[name].str.fullmatch(pattern, na=True), f"{expected} or nothing")
            for name, (pattern, expected) in _CELLS.items()
            if name in cells
        ),
    ):
        if not fits.all():
            row = int((~fits).argmax())
            found = cells[field].fillna("").iloc[row]
            raise InputError(f'{where}:{row + 2}: {field} is "{found}"; expected {expected}')
    numeric = {column.name: column.dtype for column in LISTED.columns if column.type in ("int", "real")}
    numbered = {name: cells[name].astype("Float64").astype(dtype) for name, dtype in numeric.items() if name in cells}
    entries = cells.assign(**numbered, **dict.fromkeys(name for name in LISTED.names if name not in cells))
    return Edition(watchlist_id, str(day), LISTED.conform(entries))
