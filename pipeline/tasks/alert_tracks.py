"""Step: the simplified tracks of alerts."""

from __future__ import annotations

import pandas as pd
from pandas import DataFrame, Series

from pipeline.contracts import ALERT_TRACK, TRACK
from pipeline.judgement.cases import Events
from pipeline.movement.simplify import simplify
from pipeline.tasks.home import Home
from pipeline.warehouse.scope import Among
from pipeline.warehouse.store import Warehouse


def alert_tracks(home: Home, warehouse: Warehouse, alerts: DataFrame, events: Events) -> DataFrame:
    """ALERT_TRACK of alerts, from arrival at the origin to the end.

    alerts  alert_id, mmsi, vessel_id, voyage_id, began_at, ended_at
    """
    wanted = alerts[["alert_id", "mmsi", "vessel_id", "ended_at"]].assign(from_at=_arrival(alerts, events))
    runs = _runs(home, wanted).merge(_hulls(warehouse, wanted["mmsi"]), on=["mmsi", "track"], validate="many_to_one")
    runs = runs.merge(wanted.rename(columns={"ended_at": "until"}), on=["mmsi", "vessel_id"], validate="many_to_many")
    runs = runs[(runs["ended_at"] >= runs["from_at"]) & (runs["began_at"] <= runs["until"])]
    points = simplify(runs.sort_values(["alert_id", "began_at", "ended_at"], kind="stable"), "alert_id")
    return ALERT_TRACK.conform(points.assign(sequence=points.groupby("alert_id").cumcount() + 1))


def _arrival(alerts: DataFrame, events: Events) -> Series:
    """When she arrived where the alert's voyage began; for a call when the alert began."""
    origin = events.voyages.set_index("voyage_id")["origin_port_call_id"]
    arrived = events.port_calls.set_index("port_call_id")["arrived_by"]
    return arrived.reindex(origin.reindex(alerts["voyage_id"])).set_axis(alerts.index).fillna(alerts["began_at"])


def _hulls(warehouse: Warehouse, mmsis: Series) -> DataFrame:
    """mmsi, track, vessel_id: several ships may share an MMSI, and only one of them is the alert's."""
    tracks = warehouse.read(TRACK, Among("mmsi", mmsis))
    number = tracks["track_id"].str.split("-").str[-1].astype("int64")
    return tracks[["mmsi", "vessel_id"]].assign(track=number)


def _runs(home: Home, wanted: DataFrame) -> DataFrame:
    """RUN, and `track`, of the ships over the days in which they are wanted."""
    ships: dict[str, set[int]] = {}
    for mmsi, first, last in zip(wanted["mmsi"], wanted["from_at"].dt.floor("D"), wanted["ended_at"], strict=True):
        for day in pd.date_range(first, last, freq="D").strftime("%Y-%m-%d"):
            ships.setdefault(day, set()).add(mmsi)
    frames = [home.results.runs([]).assign(track=0)]
    for day in sorted(ships.keys() & home.results.made_from().keys()):
        runs = home.results.runs([day])
        frames.append(_on_tracks(home, day, runs[runs["mmsi"].isin(ships[day])]))
    return pd.concat(frames, ignore_index=True)


def _on_tracks(home: Home, day: str, runs: DataFrame) -> DataFrame:
    """Runs of a day with the `track` that each ship of the day continued: the one that was first heard when she was."""
    first = runs[runs["fixes"] > 0].groupby(["mmsi", "ship"], as_index=False)["began_at"].min()
    heard = home.spans.first_fixes(day, runs["mmsi"].unique()).drop_duplicates(["mmsi", "from_at"])
    ships = first.merge(heard, left_on=["mmsi", "began_at"], right_on=["mmsi", "from_at"], validate="many_to_one")
    return runs.merge(ships[["mmsi", "ship", "track"]], on=["mmsi", "ship"], validate="many_to_one")
