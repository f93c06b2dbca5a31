"""Watchlists: which ships an authority had listed, as of a moment.

A list is two files of `seeds/watchlists/`: `NAME.yaml` (whose list, which edition, source, licence) and `NAME.csv` (one
row per entry). Ships are matched by IMO number only. Where a list publishes no day of listing, an entry is known from
the day of the edition that shows it; before that day the answer is "unknown", never "not listed".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline.contracts import WATCHLIST, WATCHLIST_VESSEL
from pipeline.errors import InputError
from pipeline.resources import SEEDS
from pipeline.seedfile import Seed, digest, load_named_seeds, shown

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_CSV_COLUMNS = [name for name in WATCHLIST_VESSEL.names if name not in ("watchlist_id", "listed_by")]
_STATUS_COLUMNS = ["row", "watchlist_id", "entry_id", "name", "status", "listed_on", "listed_by", "reason"]
_DAY = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"


class _ListingDate(Seed):
    """A day of listing that the list itself does not publish, with where it is known from."""

    imo: int
    listed_on: date
    source: str


class _ListSeed(Seed):
    watchlist_id: str
    authority: Literal["UN", "UK", "EU", "US", "KR"]
    title: str
    list_date: date
    source: str
    licence: str
    verified: bool
    note: str | None = None
    listing_dates: tuple[_ListingDate, ...] = ()


@dataclass(frozen=True)
class Watchlists:
    """All lists: `lists` = WATCHLIST, `vessels` = WATCHLIST_VESSEL; `hash` identifies what was derived with them."""

    lists: DataFrame
    vessels: DataFrame
    hash: str


def load_watchlists(folder: Path = SEEDS / "watchlists") -> Watchlists:
    """Read every list of a folder.

    returns  dates as ISO text; an IMO number whose check digit fails is kept, and its note says so
    raises   InputError naming file, line, field, found and expected
    """
    import hashlib

    from pandas import DataFrame, concat

    seeds = load_named_seeds(folder, _ListSeed, "watchlist_id")
    frames = [_entries(folder / f"{seed.watchlist_id}.csv", seed) for seed in seeds]
    lists = WATCHLIST.conform(
        DataFrame(
            [seed.model_dump() | {"list_date": seed.list_date.isoformat()} for seed in seeds], columns=WATCHLIST.names
        )
    )
    vessels = WATCHLIST_VESSEL.conform(concat(frames)) if frames else WATCHLIST_VESSEL.empty()
    content = digest(seeds) + vessels.to_csv(index=False)
    return Watchlists(lists, vessels, hashlib.sha256(content.encode()).hexdigest()[:16])


def _entries(path: Path, seed: _ListSeed) -> DataFrame:
    """WATCHLIST_VESSEL rows of one list, every cell checked."""
    from pandas import NA, read_csv, to_numeric
    from pandas.errors import EmptyDataError, ParserError
    from stdnum import imo as imo_number

    where = shown(path)
    try:
        cells = read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{where}: no such file; {seed.watchlist_id}.yaml needs it") from None
    except (EmptyDataError, ParserError, UnicodeDecodeError) as error:
        raise InputError(f"{where}: {' '.join(str(error).split())}; expected CSV in UTF-8") from None
    if list(cells.columns) != _CSV_COLUMNS:
        raise InputError(f"{where}:1: columns are {', '.join(cells.columns)}; expected {', '.join(_CSV_COLUMNS)}")
    for field, fits, expected in (
        ("entry_id", (cells["entry_id"] != "") & ~cells["entry_id"].duplicated(), "an id, given once"),
        ("imo", cells["imo"].str.fullmatch(r"\d{7}|"), "seven digits or nothing"),
        ("name", cells["name"] != "", "the name as listed"),
        # a spreadsheet takes the ship "7-28" for a day
        (
            "name",
            ~cells["name"].str.fullmatch(rf"(?:{_MONTHS})-\d+|\d+-(?:{_MONTHS})"),
            "the name as listed, not a date",
        ),
        ("listed_on", cells["listed_on"].str.fullmatch(f"{_DAY}|"), "a day like 2018-03-30 or nothing"),
        ("delisted_on", cells["delisted_on"].str.fullmatch(f"{_DAY}|"), "a day like 2018-03-30 or nothing"),
    ):
        if not fits.all():
            row = int((~fits).argmax())
            raise InputError(f'{where}:{row + 2}: {field} is "{cells[field].iloc[row]}"; expected {expected}')
    entries = cells.mask(cells == "", NA).assign(watchlist_id=seed.watchlist_id, listed_by=seed.list_date.isoformat())
    wrong = cells["imo"].ne("") & ~cells["imo"].map(imo_number.is_valid).astype(bool)
    entries.loc[wrong, "note"] = (entries["note"].fillna("") + " IMO check digit fails.").str.strip()
    entries["imo"] = to_numeric(entries["imo"]).astype("Int64")
    days = {str(known.imo): known.listed_on.isoformat() for known in seed.listing_dates}
    if unused := set(days) - set(cells["imo"]):
        raise InputError(
            f"{where}: listing_dates of {seed.watchlist_id}.yaml name IMO {min(unused)}; expected one of the list"
        )
    entries["listed_on"] = entries["listed_on"].fillna(cells["imo"].map(days).astype("str"))
    return entries[WATCHLIST_VESSEL.names]


def listed_as_of(imos: Series, at: Series, watchlists: Watchlists) -> DataFrame:
    """What each list said of each ship at a moment; days count from 00:00 UTC.

    imos     IMO numbers (Int64, may be null), at: moments (UTC, may be null), of equal length
    returns  one row per position in the input (`row`) and entry with its IMO number: watchlist_id, entry_id, name,
             status (listed, delisted, not_yet, unknown), listed_on, listed_by (ISO dates), reason. A ship that no list
             names has no row.
    """
    from pandas import DataFrame, to_datetime

    asked = DataFrame({"row": range(len(imos)), "imo": imos.astype("Int64").array, "at": at.array})
    found = asked.dropna(subset=["imo"]).merge(
        watchlists.vessels.dropna(subset=["imo"]), on="imo", how="inner", validate="many_to_many"
    )
    if found.empty:
        return DataFrame(columns=_STATUS_COLUMNS)
    listed_on, listed_by, delisted_on = (
        to_datetime(found[name], utc=True, format="%Y-%m-%d") for name in ("listed_on", "listed_by", "delisted_on")
    )
    undated = listed_on.isna()
    early = undated & (found["at"] < listed_by)
    late = ~undated & (found["at"] < listed_on)
    gone, timeless = found["at"] >= delisted_on, found["at"].isna()
    edition = "The list publishes no day of listing; its edition of " + found["listed_by"] + " shows her"
    found["status"], found["reason"] = "listed", ("Listed on " + found["listed_on"] + ".").fillna(edition + ".")
    for fitting, status, reason in (
        (late, "not_yet", "Listed only later, on " + found["listed_on"] + "."),
        (early, "unknown", edition + ", whether she was listed before is unknown."),
        (gone, "delisted", "Removed from the list on " + found["delisted_on"] + "."),
        (timeless, "unknown", "The moment asked for is not known."),
    ):
        found["status"] = found["status"].mask(fitting, status)
        found["reason"] = found["reason"].mask(fitting, reason)
    return found[_STATUS_COLUMNS].sort_values(["row", "watchlist_id", "entry_id"], ignore_index=True)
