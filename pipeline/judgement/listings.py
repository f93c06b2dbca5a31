"""The history of sanctions lists: from the set of their editions to who was listed when, as the list said then.

An edition says what a list said on its day and nothing of the days around it. So a listing lies between two pairs of
days, like a port call: after the last edition without the ship and by the first one with her; after the last edition
with her and by the first one without. Nothing here depends on the order in which editions came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.contracts import LISTED, WATCHLIST_EDITION, WATCHLIST_HISTORY, WATCHLIST_VESSEL

if TYPE_CHECKING:
    from pandas import DataFrame, Series

SEEDS_ORIGIN = "seeds"
_ENTRY = ["watchlist_id", "entry_id"]
LISTING = replace(
    WATCHLIST_VESSEL, name="listing", grain="unbroken time over which a list named a ship", key=(*_ENTRY, "listed_by")
)
_SAID = [name for name in LISTED.names if name != "entry_id"]


@dataclass(frozen=True)
class Edition:
    """One edition of a list: the day it speaks of (ISO) and the ships it names (LISTED).

    origin    seeds, or the form of the published file it was read from
    sha256    of the published file; None for seeds
    left_out  records of the file that are no ship of this list
    """

    watchlist_id: str
    published_on: str
    listed: DataFrame
    origin: str = SEEDS_ORIGIN
    sha256: str | None = None
    left_out: int = 0


def standing(editions: Iterable[Edition]) -> list[Edition]:
    """One edition per list and day, in order: a published file goes before what seeds draw from one of the same day."""
    ordered = sorted(
        editions, key=lambda one: (one.watchlist_id, one.published_on, one.origin != SEEDS_ORIGIN, one.sha256 or "")
    )
    return list({(one.watchlist_id, one.published_on): one for one in ordered}.values())


def editions_frame(editions: Iterable[Edition]) -> DataFrame:
    """WATCHLIST_EDITION of the editions that stand."""
    from pandas import DataFrame

    rows = [
        {
            "watchlist_id": one.watchlist_id, "published_on": one.published_on, "origin": one.origin,
            "sha256": one.sha256, "entries": len(one.listed), "left_out": one.left_out,
        }
        for one in standing(editions)
    ]  # fmt: skip
    return WATCHLIST_EDITION.conform(DataFrame(rows, columns=WATCHLIST_EDITION.names))


def find_history(editions: Iterable[Edition]) -> DataFrame:
    """What the lists said of each entry, from edition to edition.

    returns  WATCHLIST_HISTORY: a row as long as consecutive editions word an entry alike, in order of its key
    """
    from pandas import concat, factorize
    from pandas.util import hash_pandas_object

    stand = standing(editions)
    frames = [
        one.listed.assign(watchlist_id=one.watchlist_id, nth=nth) for nth, one in enumerate(stand) if len(one.listed)
    ]
    if not frames:
        return WATCHLIST_HISTORY.empty()
    rows = concat(frames, ignore_index=True).sort_values([*_ENTRY, "nth"], kind="stable", ignore_index=True)
    words = factorize(hash_pandas_object(rows[_SAID].astype("str").fillna(""), index=False))[0]
    again = _same_entry_as_before(rows)
    goes_on = again & (rows["nth"] == rows["nth"].shift() + 1)
    unbroken = goes_on & (words == rows.assign(words=words)["words"].shift())
    last = rows.loc[~unbroken.shift(-1, fill_value=False), "nth"].to_numpy()
    said, fates = rows[~unbroken], again.map({False: "listed", True: "returned"}).mask(goes_on, "changed")[~unbroken]
    of = said["watchlist_id"]
    to_edition = _days(stand, last + 1, of)
    return WATCHLIST_HISTORY.conform(
        said.assign(
            from_edition=_days(stand, said["nth"], of),
            after_edition=_days(stand, said["nth"] - 1, of),
            last_edition=_days(stand, last, of).where(to_edition.notna()),
            to_edition=to_edition,
            change=fates,
        )
    )


def _days(stand: Sequence[Edition], numbers: Iterable[int], of: Series) -> Series:
    """The day of each edition by its number; null where that one is no edition of the list `of`."""
    from pandas import Series

    days = [
        stand[n].published_on if 0 <= n < len(stand) and stand[n].watchlist_id == watchlist_id else None
        for n, watchlist_id in zip(numbers, of, strict=True)
    ]
    return Series(days, index=of.index, dtype="str")


def _same_entry_as_before(rows: DataFrame) -> Series:
    """Whether each row is of the same entry as the row above it."""
    before = rows[_ENTRY].shift()
    return (rows["watchlist_id"] == before["watchlist_id"]) & (rows["entry_id"] == before["entry_id"])


def find_listings(history: DataFrame, alike: Sequence[str] = ("imo",)) -> DataFrame:
    """Unbroken times over which a list named a ship.

    history  WATCHLIST_HISTORY, in order of its key
    alike    columns that must not change meanwhile: an entry that gets another IMO number names another ship
    returns  LISTING (columns of WATCHLIST_VESSEL), worded as the last edition of that time words them
    """
    before = history.shift()
    goes_on = _same_entry_as_before(history) & (history["from_edition"] == before["to_edition"])
    for name in alike:
        goes_on &= (history[name] == before[name]).fillna(False) | (history[name].isna() & before[name].isna())
    number = (~goes_on).cumsum()
    first, last = history[~number.duplicated()], history[~number.duplicated(keep="last")]
    return LISTING.conform(
        last.rename(columns={"last_edition": "delisted_after", "to_edition": "delisted_by"}).assign(
            listed_after=first["after_edition"].to_numpy(), listed_by=first["from_edition"].to_numpy()
        )
    )


def latest(history: DataFrame) -> DataFrame:
    """WATCHLIST_VESSEL: each entry as the last edition that names it words it, listed or not."""
    return WATCHLIST_VESSEL.conform(find_listings(history, alike=()).drop_duplicates(_ENTRY, keep="last"))


@dataclass(frozen=True)
class ListChanges:
    """How an edition differs from the one before it: entries added, worded otherwise, vanished (their ids)."""

    added: list[str]
    changed: list[str]
    vanished: list[str]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.vanished)


def compare(before: DataFrame, after: DataFrame) -> ListChanges:
    """What one edition changes against another; both LISTED."""
    was, now = (frame.set_index("entry_id").astype("str").fillna("") for frame in (before, after))
    both = sorted(set(was.index) & set(now.index))
    differs = (was.loc[both] != now.loc[both]).any(axis=1)
    return ListChanges(
        added=sorted(set(now.index) - set(was.index)),
        changed=[entry for entry, other in zip(both, differs, strict=True) if other],
        vanished=sorted(set(was.index) - set(now.index)),
    )


def difference(before: DataFrame, after: DataFrame) -> DataFrame:
    """Rows of two histories (WATCHLIST_HISTORY) that are not the same in both: what the change of lists bears on."""
    from pandas import concat

    both = concat([before, after], ignore_index=True)
    as_text = both.astype("str").fillna("")
    return both[~as_text.duplicated(keep=False)].reset_index(drop=True)


def count_changes(editions: DataFrame, history: DataFrame) -> dict[tuple[str, str], dict[str, int | None]]:
    """Numbers of entries that each edition adds, words otherwise and lacks: added, changed, vanished.

    editions  WATCHLIST_EDITION
    history   WATCHLIST_HISTORY of the same editions
    returns   by watchlist_id and published_on; None of the first edition of a list, which has none before it
    """
    first = editions.groupby("watchlist_id")["published_on"].min()
    found: dict[tuple[str, str], dict[str, int | None]] = {
        (name, day): dict.fromkeys(("added", "changed", "vanished"), None if day == first[name] else 0)
        for name, day in editions[["watchlist_id", "published_on"]].itertuples(index=False, name=None)
    }

    def count(rows: DataFrame, day: str, what: str) -> None:
        for (name, edition), number in rows.groupby(["watchlist_id", day]).size().items():
            if edition != first[name]:
                found[name, edition][what] = int(number)

    came = history["change"].isin(["listed", "returned"])
    count(history[came], "from_edition", "added")
    count(history[~came], "from_edition", "changed")
    gone = history[history["to_edition"].notna()]
    later = history[["watchlist_id", "entry_id", "from_edition"]].rename(columns={"from_edition": "to_edition"})
    keys = ["watchlist_id", "entry_id", "to_edition"]
    gone = gone.merge(later, on=keys, how="left", indicator="goes_on", validate="one_to_one")
    count(gone[gone["goes_on"] == "left_only"], "to_edition", "vanished")
    return found
