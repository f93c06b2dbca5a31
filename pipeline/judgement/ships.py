"""The ship of a case: as she reported herself at the time, and what lists said of her then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.judgement.craft import craft_of, in_words
from pipeline.judgement.flags import flags_told
from pipeline.judgement.listed_then import hinted_as_of, listed_as_of
from pipeline.mid import flag_of

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from pipeline.judgement.cases.events import Events
    from pipeline.judgement.watchlists import Watchlists


def with_ship(cases: DataFrame, events: Events, at: Series, called_in: Series, watchlists: Watchlists) -> DataFrame:
    """Add the ship as she reported herself by `at`, else as she did last, and her list status as of `at`.

    cases      track_id, vessel_id, mmsi, imo
    at         moments (UTC), same index as `cases`
    called_in  ISO 3166 alpha-2 of the country whose ports may be closed to her, same index
    """
    then = _reported(cases, events.identities, at)
    last = events.vessels.set_index("vessel_id").reindex(cases["vessel_id"]).set_axis(cases.index)
    # a flag is a property of the MMSI: the hull's last one says nothing of an earlier one
    last["flag"] = last["flag"].where(last["mmsi"].eq(cases["mmsi"]).fillna(False).astype(bool))
    for name, reported in _REPORTED.items():
        cases[name] = then[reported].fillna(last[reported])
    cases["mmsi_of_no_state"] = (cases["mmsi"].notna() & flag_of(cases["mmsi"]).isna()).astype(bool)
    cases["craft"], cases["type_said"] = craft_of(cases), in_words(cases["ship_type"])
    imo = ("IMO " + cases["imo"].astype("str") + ", ").where(cases["imo"].notna(), "")
    named = cases["vessel_name"].fillna("A ship without reported name")
    cases["ship"] = named + " (" + imo + "MMSI " + cases["mmsi"].astype("str") + ")"
    return _with_lists(cases, at, called_in, watchlists)


_REPORTED = {
    "vessel_name": "name",
    "flag": "flag",
    "ship_type": "ship_type",
    "length_m": "length_m",
    "width_m": "width_m",
}


def _reported(cases: DataFrame, identities: DataFrame, at: Series) -> DataFrame:
    """For each case what its track had last reported by then of each column of `_REPORTED`; index as `cases`."""
    from pandas import merge_asof

    columns = list(_REPORTED.values())
    said = identities.sort_values("from_at", kind="stable")[["track_id", "from_at", *columns]]
    # each column by itself: a ship may report her name and her type in different messages
    said[columns] = said.groupby("track_id")[columns].ffill()
    asked = cases[["track_id"]].assign(at=at).dropna().sort_values("at", kind="stable").reset_index()
    found = merge_asof(asked, said, left_on="at", right_on="from_at", by="track_id")
    return found.set_index("index")[columns].reindex(cases.index)


def _with_lists(cases: DataFrame, at: Series, called_in: Series, watchlists: Watchlists) -> DataFrame:
    """Add list_status and lists, the flag they give her, and hints by name; a ship that was delisted, or listed only
    later, was not listed."""
    cases["list_status"], cases["lists"], cases["bars_entry"] = "none", "", False
    entries = listed_as_of(cases["imo"], at, watchlists)
    named = entries["watchlist_id"] + " (entry " + entries["entry_id"] + ", " + entries["name"]
    dated = ", listed on " + entries["listed_on"]
    entries = entries.assign(text=named + dated.fillna(", shown by the edition of " + entries["listed_by"]) + ")")
    told = flags_told(
        entries[entries["status"] == "listed"].rename(columns={"watchlist_id": "said"}),
        cases["flag"].reset_index(drop=True),
    )
    for name in ("flag_told", "flag_told_said"):
        cases[name] = told[name].reindex(range(len(cases))).set_axis(cases.index)
    for status in ("unknown", "listed"):  # listed on one list outweighs unknown on another
        texts = entries[entries["status"] == status].groupby("row")["text"].agg("; ".join)
        cases.loc[cases.index[texts.index], "list_status"] = status
        cases.loc[cases.index[texts.index], "lists"] = texts.to_numpy()
    barring = entries[(entries["status"] == "listed") & entries["bars_entry"].astype(bool)]
    closed = watchlists.barred_ports or {}
    barred = [
        int(row)
        for row, name in barring[["row", "watchlist_id"]].itertuples(index=False)
        if not closed.get(name) or called_in.iat[int(row)] in closed[name]
    ]
    cases.loc[cases.index[barred], "bars_entry"] = True
    return _with_name_hint(cases, at, watchlists)


def _with_name_hint(cases: DataFrame, at: Series, watchlists: Watchlists) -> DataFrame:
    """Add the entry that her name hints at; one found by its number needs no hint."""
    hints = hinted_as_of(cases["vessel_name"], cases["imo"], at, watchlists)
    hints = hints[(cases["list_status"] != "listed").to_numpy()[hints["row"].to_numpy(dtype=int)]]
    other = (", as " + hints["resembles"]).where(hints["resembles"] != hints["name"], "")
    texts = hints["watchlist_id"] + " (entry " + hints["entry_id"] + ", " + hints["name"] + other + ")"
    found = cases.index[hints["row"].to_numpy(dtype=int)]
    cases["name_hint"] = texts.set_axis(found).reindex(cases.index)
    cases["name_hint_similarity"] = hints["similarity"].astype("float64").set_axis(found).reindex(cases.index)
    return cases
