"""Ships: who they say they are, who lists them, and where AIS placed them last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.export.layer import Layer

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def ship_layer(ships: DataFrame, names: DataFrame, listed: DataFrame, alerts: DataFrame, events: Layer) -> Layer:
    """VESSEL with other names, lists, number of alerts and the place of the last event that AIS placed.

    names   vessel_id, name: every name that a hull reported
    listed  vessel_id, watchlist_id, listed_on, listed_by, delisted_on, delisted_by: entries with her IMO number
    alerts  vessel_id of alerts that stand
    events  as `event_layer` gives them

    Without such an event she has no place. `placed_at` and `placed_by` say when and by which kind of event.
    """
    import numpy as np

    rows = ships.reset_index(drop=True)
    others = names.merge(rows[["vessel_id", "name"]], on="vessel_id", suffixes=("", "_now"))
    others = others[others["name"] != others["name_now"]]
    counted = alerts.groupby("vessel_id").size().reindex(rows["vessel_id"]).fillna(0)
    placed = events.rows.assign(number=np.arange(len(events.rows)))
    placed = placed[placed["placed_by"] == "position"].sort_values("from_at", kind="stable")
    last = placed.drop_duplicates("vessel_id", keep="last").set_index("vessel_id").reindex(rows["vessel_id"])
    rows = rows.assign(
        other_names=_of(rows, others, "name"),
        listed=_of(rows, listed.assign(entry=_entry(listed)), "entry"),
        alerts=counted.set_axis(rows.index).astype("Int64"),
        placed_at=last["from_at"].set_axis(rows.index),
        placed_by=last["event_table"].set_axis(rows.index),
    )
    places = np.full(len(rows), None, dtype=object)
    there = last["number"].notna().to_numpy()
    places[there] = events.places[last["number"][there].astype("int64").to_numpy()]
    return Layer("ships", rows, ("vessel_id",), "name", places, "Point", ("from_at", "to_at"))


def _entry(listed: DataFrame) -> Series:
    """A list with since when, and until when, she is on it, as far as its editions say."""
    since = ("since " + listed["listed_on"]).fillna("by " + listed["listed_by"])
    until = (" until " + listed["delisted_on"].fillna(listed["delisted_by"])).fillna("")
    return (listed["watchlist_id"] + " " + since + until).astype("str")


def _of(rows: DataFrame, told: DataFrame, name: str) -> Series:
    joined = told.groupby("vessel_id", sort=False)[name].agg("; ".join)
    return joined.reindex(rows["vessel_id"]).set_axis(rows.index).astype("str")
