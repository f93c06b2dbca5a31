"""Task: simplified tracks, of alerts and of ships, from the runs that days were compressed to."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from pipeline.contracts import ALERT_TRACK, PORT_CALL, RUN, TRACK, VOYAGE
from pipeline.judgement.cases.events import Events
from pipeline.limits import RunLimits
from pipeline.movement.runs import stitch
from pipeline.movement.simplify import simplify
from pipeline.tasks.home import Home
from pipeline.warehouse.scope import Among
from pipeline.warehouse.store import Warehouse

_ENDS = (("first", "from"), ("last", "to"))  # of the days of a ship
_ORDER = ["mmsi", "ship", "began_at", "ended_at"]


def alert_tracks(home: Home, warehouse: Warehouse, alerts: DataFrame, events: Events) -> DataFrame:
    """ALERT_TRACK of alerts, from arrival at the origin to the end.

    alerts  alert_id, mmsi, vessel_id, voyage_id, began_at, ended_at
    """
    wanted = alerts[["alert_id", "mmsi", "vessel_id", "ended_at"]].assign(from_at=_arrival(alerts, events))
    hulls = number_of_track(warehouse.read(TRACK, Among("mmsi", wanted["mmsi"])))
    return tracks_between(home, wanted.merge(hulls[["mmsi", "vessel_id", "track"]], on=["mmsi", "vessel_id"]))


def tracks_between(home: Home, wanted: DataFrame) -> DataFrame:
    """ALERT_TRACK of ships between two moments each.

    wanted  alert_id (any name of the line), mmsi, track, from_at, ended_at (UTC)
    """
    wanted = wanted.reset_index(drop=True).rename_axis("line").reset_index()
    runs = _of_lines(_runs(home, wanted), wanted, home.limits.run)
    asked = wanted.set_index("line").reindex(runs["line"]).reset_index(drop=True)
    within = (runs["ended_at"] >= asked["from_at"]) & (runs["began_at"] <= asked["ended_at"])
    runs = runs.assign(alert_id=asked["alert_id"])[within]
    points = simplify(runs.sort_values(["alert_id", "began_at", "ended_at"], kind="stable"), "alert_id")
    return ALERT_TRACK.conform(points.assign(sequence=points.groupby("alert_id").cumcount() + 1))


def number_of_track(tracks: DataFrame) -> DataFrame:
    """TRACK with its number on the MMSI as `track`: several ships may share an MMSI."""
    return tracks.assign(track=tracks["track_id"].str.split("-").str[-1].astype("int64"))


def _of_lines(runs: DataFrame, wanted: DataFrame, limits: RunLimits) -> DataFrame:
    """RUN of each line, `ship` named `line`: lines of one ship may share days.

    Days know nothing of each other: what passed between two of them, a silence among it, is found by joining them. Each
    line joins its own, so that she begins and ends as she would if nothing else were asked.

    runs    RUN of days, and `track`
    wanted  line, mmsi, track, from_at, ended_at
    """
    runs = runs.assign(day=runs["began_at"].dt.floor("D")).sort_values(["began_at", "ended_at"], kind="stable")
    by_track = dict(iter(runs.groupby(["mmsi", "track"])))
    found = [runs.iloc[:0].assign(ship=wanted["line"].iloc[:0])]
    for key, lines in wanted.groupby(["mmsi", "track"]):
        of_track = by_track.get(key)
        if of_track is None:
            continue
        first = of_track["day"].searchsorted(lines["from_at"].dt.floor("D"), side="left")
        last = of_track["day"].searchsorted(lines["ended_at"], side="right")
        count = np.maximum(last - first, 0)
        at = np.repeat(first - np.r_[0, np.cumsum(count)[:-1]], count) + np.arange(count.sum())
        found.append(of_track.take(at).assign(ship=np.repeat(lines["line"].to_numpy(), count)))
    days = [of_day for _, of_day in pd.concat(found).sort_values(_ORDER, kind="stable").groupby("day")]
    return stitch([RUN.conform(of_day) for of_day in days] or [RUN.empty()], limits).rename(columns={"ship": "line"})


def _arrival(alerts: DataFrame, events: Events) -> Series:
    """When she arrived where the alert's voyage began; for a call when the alert began."""
    origin = events[VOYAGE].set_index("voyage_id")["origin_port_call_id"]
    arrived = events[PORT_CALL].set_index("port_call_id")["arrived_by"]
    return arrived.reindex(origin.reindex(alerts["voyage_id"])).set_axis(alerts.index).fillna(alerts["began_at"])


def _runs(home: Home, wanted: DataFrame) -> DataFrame:
    """RUN of ships, of each day in which one of them is wanted, with `track`."""
    spans = wanted.groupby("mmsi", as_index=False).agg(first=("from_at", "min"), last=("ended_at", "max"))
    spans = DataFrame(
        {"mmsi": spans["mmsi"]} | {f"{to}_day": spans[name].dt.strftime("%Y-%m-%d") for name, to in _ENDS}
    )
    return _on_tracks(home, spans, home.results.runs(home.ship_days.heard_days(spans), spans["mmsi"]))


def _on_tracks(home: Home, spans: DataFrame, runs: DataFrame) -> DataFrame:
    """Add the `track` that each ship of a day continued, which is the one that was first heard when she was."""
    runs = runs.assign(day=runs["began_at"].dt.floor("D"))
    ship = ["mmsi", "day", "ship"]
    first = runs[runs["fixes"] > 0].groupby(ship, as_index=False)["began_at"].min()
    first_day, last_day = spans["from_day"].min(), spans["to_day"].max()
    heard = home.spans.first_fixes(spans["mmsi"].to_numpy(), first_day, last_day).drop_duplicates(["mmsi", "from_at"])
    ships = first.merge(heard, left_on=["mmsi", "began_at"], right_on=["mmsi", "from_at"], validate="many_to_one")
    return runs.merge(ships[[*ship, "track"]], on=ship, validate="many_to_one")
