"""Names of ships against those on lists (how names are compared: `pipeline.names`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.names import compared_name, figures_of

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def listed_names(history: DataFrame, letters: int) -> DataFrame:
    """The names that lists give, as names are compared.

    history  WATCHLIST_HISTORY: name and other names of every edition
    letters  names with fewer letters and digits than this are left out
    returns  watchlist_id, entry_id, resembles (the listed name), key; each once
    """
    listed = history[["watchlist_id", "entry_id", "name", "other_names"]]
    listed = listed.assign(resembles=(listed["name"] + "|" + listed["other_names"].fillna("")).str.split("|"))
    listed = listed.explode("resembles")[["watchlist_id", "entry_id", "resembles"]]
    listed = listed.drop_duplicates(ignore_index=True)
    return listed.assign(key=_keys(listed["resembles"], letters)).dropna(subset=["key"])


def resembling(names: Series, listed: DataFrame, least: float, letters: int) -> DataFrame:
    """Which names resemble those of entries of lists.

    names    as reported, may be null
    listed   as `listed_names` gives them
    least    least similarity (0-100: share of letters that both have in order), figures being the same
    letters  names with fewer letters and digits than this resemble nothing
    returns  row (position in the input), watchlist_id, entry_id, resembles (the listed name), similarity
    """
    import numpy as np
    from pandas import DataFrame
    from rapidfuzz import fuzz, process

    columns = ["row", "watchlist_id", "entry_id", "resembles", "similarity"]
    said = names.reset_index(drop=True).dropna()
    reported = _keys(said[said != ""], letters)
    own, theirs = reported.unique(), listed["key"].unique()
    if not len(own) or not len(theirs):
        return DataFrame(columns=columns)
    scores = process.cdist(own, theirs, scorer=fuzz.ratio, score_cutoff=least, dtype=np.float32)
    mine, other = np.nonzero(scores)
    found = DataFrame({"own": own[mine], "key": theirs[other], "similarity": scores[mine, other].astype("float64")})
    figures = found[["own", "key"]].map(figures_of)
    found = found[figures["own"] == figures["key"]].round({"similarity": 1})
    asked = DataFrame({"row": reported.index, "own": reported.array})
    pairs = asked.merge(found, on="own", validate="many_to_many").merge(listed, on="key", validate="many_to_many")
    return pairs[columns]


def _keys(names: Series, letters: int) -> Series:
    """Names as they are compared; those that are too short are left out."""
    keys = names.map({name: compared_name(name) for name in names.unique()}).astype("str")
    return keys[keys.str.len() >= letters]
