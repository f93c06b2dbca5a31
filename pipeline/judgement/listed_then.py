"""Which ships an authority had listed, as of a moment; and ships that only bear a listed name.

Ships are matched by IMO number; a name is a marked hint and no more. Where a list publishes no day of listing, an entry
is known from the day of the first edition that shows it; before that day the answer is "unknown", never "not listed".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from pipeline.judgement.watchlists import Watchlists

_ENTRY = ["watchlist_id", "entry_id"]
_THEN = ["name", "flag"]
_STATUS_COLUMNS = [
    "row", "watchlist_id", "entry_id", "name", "flag", "status", "listed_on", "listed_by", "bars_entry", "reason",
]  # fmt: skip
_RANK = {"listed": 0, "unknown": 1, "delisted": 2, "not_yet": 3}


def listed_as_of(imos: Series, at: Series, watchlists: Watchlists) -> DataFrame:
    """What each list said of each ship at a moment; days count from 00:00 UTC.

    imos     IMO numbers (Int64, may be null), at: moments (UTC, may be null), of equal length
    returns  one row per position in the input (`row`) and entry with its IMO number: watchlist_id, entry_id, name and
             flag (as listed then), status (listed, delisted, not_yet, unknown), listed_on, listed_by (ISO dates),
             bars_entry (whether its measures close ports to her), reason. A ship that no list names has no row.
    """
    from pandas import DataFrame

    asked = DataFrame({"row": range(len(imos)), "imo": imos.astype("Int64").array, "at": at.array})
    listings = watchlists.listings.dropna(subset=["imo"])
    found = asked.dropna(subset=["imo"]).merge(listings, on="imo", how="inner", validate="many_to_many")
    words = watchlists.bars_entry or {}
    said = zip(found["watchlist_id"], found["measures"].fillna(""), strict=True)
    found["bars_entry"] = [
        any(word.lower() in measures.lower() for word in words.get(name, ())) for name, measures in said
    ]
    return _as_of(found, watchlists)[_STATUS_COLUMNS]


def _as_of(found: DataFrame, watchlists: Watchlists) -> DataFrame:
    """Status and reason of each pair of a moment (`row`, `at`) and an entry, whatever number of listings it has."""
    from pandas import DataFrame, to_datetime

    if found.empty:
        return DataFrame(columns=[*_STATUS_COLUMNS, *found.columns.difference(_STATUS_COLUMNS)])
    day = found["at"].dt.floor("D")
    listed_on, listed_after, listed_by, delisted_on, delisted_after, delisted_by = (
        to_datetime(found[name], utc=True, format="%Y-%m-%d")
        for name in ("listed_on", "listed_after", "listed_by", "delisted_on", "delisted_after", "delisted_by")
    )
    # a day of listing before an edition that lacks her settles nothing: she came onto this list after that edition
    dated = listed_on.notna() & ~(listed_on <= listed_after)
    from_day = listed_by.mask(dated & (listed_on < listed_by), listed_on)
    not_yet, unclear = day < from_day, ~dated & (day < listed_by)
    undated = "The list publishes no day of listing; its edition of " + found["listed_by"] + " shows her"
    came = "The edition of " + found["listed_by"] + " shows her and that of " + found["listed_after"]
    went = "The edition of " + found["delisted_after"] + " shows her and that of " + found["delisted_by"]
    found = found.assign(status="listed", reason=(undated + ".").mask(dated, "Listed on " + found["listed_on"] + "."))
    for fitting, status, reason in (  # what comes later outweighs what comes before
        (dated & not_yet, "not_yet", "Listed only later, on " + found["listed_on"] + "."),
        (unclear, "unknown", came + " does not; when she was listed in between is unknown."),
        (unclear & listed_after.isna(), "unknown", undated + ", whether she was listed before is unknown."),
        (day <= listed_after, "not_yet", "The edition of " + found["listed_after"] + " does not name her."),
        (day > delisted_after, "unknown", went + " no longer does; when she was removed in between is unknown."),
        (
            (day > delisted_after) & (day < delisted_on),
            "listed",
            "Listed until " + found["delisted_on"] + ", as the list says.",
        ),
        (day >= delisted_by, "delisted", "No longer named by the edition of " + found["delisted_by"] + "."),
        (day >= delisted_on, "delisted", "Removed from the list on " + found["delisted_on"] + "."),
        (found["at"].isna(), "unknown", "The moment in question is not known."),
    ):
        found["status"] = found["status"].mask(fitting, status)
        found["reason"] = found["reason"].mask(fitting, reason)
    found[_THEN] = _said_then(found, day, watchlists.history)
    keys = ["row", *_ENTRY]
    found = found.assign(rank=found["status"].map(_RANK)).sort_values([*keys, "rank", "listed_by"], kind="stable")
    return found.drop_duplicates(keys).drop(columns="rank").reset_index(drop=True)


def _said_then(found: DataFrame, day: Series, history: DataFrame) -> DataFrame:
    """Name and flag of each entry by the edition in force on the day; before the first that names her by that one."""
    from pandas import to_datetime

    if not history.duplicated(_ENTRY).any():
        return found[_THEN]  # no list has changed a word
    asked = found[_ENTRY].assign(day=day, asked=range(len(found)))
    said = asked.merge(history[[*_ENTRY, "from_edition", *_THEN]], on=_ENTRY, validate="many_to_many")
    early = to_datetime(said["from_edition"], utc=True, format="%Y-%m-%d") > said["day"]
    # the last one that was out by then; if none was, the first one
    said = said.assign(early=early, order=said.groupby("asked").cumcount())
    said["order"] = said["order"].where(said["early"], -said["order"])
    then = said.sort_values(["asked", "early", "order"]).drop_duplicates("asked").set_index("asked")[_THEN]
    return then.reindex(range(len(found))).set_axis(found.index)


def hinted_as_of(names: Series, imos: Series, at: Series, watchlists: Watchlists) -> DataFrame:
    """Ships whose name resembles that of an entry listed at the moment, and whose IMO number does not say otherwise.

    Names are not identity: a hint is a reason to look, and nothing more. Figures in names must be the same, and short
    names give no hint: too many ships bear them.

    names    as reported (may be null), imos: valid IMO numbers (Int64, may be null), at: moments (UTC, may be null)
    returns  at most one row per position in the input (`row`), the most similar: watchlist_id, entry_id, name (as
             listed then), resembles (that name, or the former or other name, that it resembles), similarity (0-100)
    """
    from pandas import DataFrame

    from pipeline.judgement.names import resembling

    columns = ["row", *_ENTRY, "name", "resembles", "similarity"]
    limits = watchlists.name_limits
    if limits is None:
        return DataFrame(columns=columns)
    pairs = resembling(names, watchlists.names, limits.name_similarity, int(limits.name_letters))
    if pairs.empty:
        return DataFrame(columns=columns)
    asked = DataFrame({"row": range(len(names)), "own_imo": imos.astype("Int64").array, "at": at.array})
    found = asked.merge(pairs, on="row", validate="one_to_many").merge(
        watchlists.listings, on=_ENTRY, validate="many_to_many"
    )
    found = found[found["own_imo"].isna() | found["imo"].isna()]
    best = found.sort_values(["row", *_ENTRY, "similarity", "resembles"], ascending=[True, True, True, False, True])
    names_of = best.drop_duplicates(["row", *_ENTRY])[["row", *_ENTRY, "resembles", "similarity"]]
    said = _as_of(found.drop(columns=["resembles", "similarity"]).drop_duplicates(), watchlists)
    said = said[said["status"] == "listed"].merge(names_of, on=["row", *_ENTRY], validate="one_to_one")
    said = said.sort_values(["row", "similarity", *_ENTRY], ascending=[True, False, True, True])
    return said.drop_duplicates("row")[columns].reset_index(drop=True)
