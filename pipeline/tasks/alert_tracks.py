"""Task: the simplified tracks of alerts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from pipeline.contracts import ALERT_TRACK, PORT_CALL, TRACK, VOYAGE
from pipeline.judgement.cases.events import Events
from pipeline.movement.simplify import simplify
from pipeline.tasks.home import Home
from pipeline.warehouse.scope import Among
from pipeline.warehouse.store import Warehouse

_ENDS = (("first", "from"), ("last", "to"))  # of the days of a ship


def alert_tracks(home: Home, warehouse: Warehouse, alerts: DataFrame, events: Events) -> DataFrame:
    """ALERT_TRACK of alerts, from arrival at the origin to the end.

    alerts  alert_id, mmsi, vessel_id, voyage_id, began_at, ended_at
    """
    wanted = alerts[["alert_id", "mmsi", "vessel_id", "ended_at"]].assign(from_at=_arrival(alerts, events))
    runs = _during(_runs(home, wanted), wanted.merge(_hulls(warehouse, wanted["mmsi"]), on=["mmsi", "vessel_id"]))
    points = simplify(runs.sort_values(["alert_id", "began_at", "ended_at"], kind="stable"), "alert_id")
    return ALERT_TRACK.conform(points.assign(sequence=points.groupby("alert_id").cumcount() + 1))


def _during(runs: DataFrame, wanted: DataFrame) -> DataFrame:
    """The runs of each alert, with its `alert_id`: alerts of one ship may share some.

    runs    RUN, and `track`
    wanted  alert_id, mmsi, track, from_at, ended_at
    """
    by_track = {key: of_track for key, of_track in runs.groupby(["mmsi", "track"])}
    found = [runs.iloc[:0].assign(alert_id=wanted["alert_id"].iloc[:0])]
    for key, alerts in wanted.groupby(["mmsi", "track"]):
        of_track = by_track.get(key)
        if of_track is None:
            continue
        # One run ends before the next begins: those of an alert stand together.
        of_track = of_track.sort_values(["began_at", "ended_at"], kind="stable", ignore_index=True)
        first = of_track["ended_at"].searchsorted(alerts["from_at"], side="left")
        last = of_track["began_at"].searchsorted(alerts["ended_at"], side="right")
        count = np.maximum(last - first, 0)
        at = np.repeat(first - np.r_[0, np.cumsum(count)[:-1]], count) + np.arange(count.sum())
        found.append(of_track.take(at).assign(alert_id=np.repeat(alerts["alert_id"].to_numpy(), count)))
    return pd.concat(found, ignore_index=True)


def _arrival(alerts: DataFrame, events: Events) -> Series:
    """When she arrived where the alert's voyage began; for a call when the alert began."""
    origin = events[VOYAGE].set_index("voyage_id")["origin_port_call_id"]
    arrived = events[PORT_CALL].set_index("port_call_id")["arrived_by"]
    return arrived.reindex(origin.reindex(alerts["voyage_id"])).set_axis(alerts.index).fillna(alerts["began_at"])


def _hulls(warehouse: Warehouse, mmsis: Series) -> DataFrame:
    """mmsi, track, vessel_id: several ships may share an MMSI, and only one of them is the alert's."""
    tracks = warehouse.read(TRACK, Among("mmsi", mmsis))
    number = tracks["track_id"].str.split("-").str[-1].astype("int64")
    return tracks[["mmsi", "vessel_id"]].assign(track=number)


def _runs(home: Home, wanted: DataFrame) -> DataFrame:
    """RUN, and `track`, of the ships over the days in which they are wanted."""
    spans = wanted.groupby("mmsi", as_index=False).agg(first=("from_at", "min"), last=("ended_at", "max"))
    spans = DataFrame(
        {"mmsi": spans["mmsi"]} | {f"{to}_day": spans[name].dt.strftime("%Y-%m-%d") for name, to in _ENDS}
    )
    runs = home.results.runs(home.ship_days.heard_days(spans), spans["mmsi"])
    of_ship = spans.set_index("mmsi").reindex(runs["mmsi"])
    day = runs["began_at"].to_numpy("datetime64[D]")
    begin, end = (pd.to_datetime(of_ship[f"{to}_day"]).to_numpy("datetime64[D]") for _, to in _ENDS)
    return _on_tracks(home, spans, runs[(day >= begin) & (day <= end)])


def _on_tracks(home: Home, spans: DataFrame, runs: DataFrame) -> DataFrame:
    """Runs with the `track` that each ship of a day continued: the one that was first heard when she was."""
    runs = runs.assign(day=runs["began_at"].dt.floor("D"))
    ship = ["mmsi", "day", "ship"]
    first = runs[runs["fixes"] > 0].groupby(ship, as_index=False)["began_at"].min()
    first_day, last_day = spans["from_day"].min(), spans["to_day"].max()
    heard = home.spans.first_fixes(spans["mmsi"].to_numpy(), first_day, last_day).drop_duplicates(["mmsi", "from_at"])
    ships = first.merge(heard, left_on=["mmsi", "began_at"], right_on=["mmsi", "from_at"], validate="many_to_one")
    return runs.merge(ships[[*ship, "track"]], on=ship, validate="many_to_one").drop(columns="day")
