"""Tracks simplified to the points that show their shape and their stops."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import shapely
from pandas import DataFrame

_TOLERANCE_DEG = 0.01  # about a kilometre: finer than any zone's margin, coarser than swinging at anchor
_AS_ONE = np.array([1, 1j])  # a place as one number, which many of them can be looked up by
_POINT = ["timestamp", "longitude", "latitude", "motion", "zone_id"]


def simplify(runs: DataFrame, line: str) -> DataFrame:
    """Simplify lines of runs to few points each.

    runs     RUN with a further column `line` that identifies the line; each line in order of time
    returns  `line`, timestamp, longitude, latitude, motion, zone_id: begin and end of each line, of every stay in a
             zone and of every silence, and between them the points that keep it within a kilometre of the runs' ends
    """
    if not len(runs):
        return DataFrame(columns=[line, *_POINT])
    ends = [
        runs[[line, moment, f"{end}_longitude", f"{end}_latitude", "motion", "zone_id"]].set_axis(
            [line, *_POINT], axis=1
        )
        for end, moment in (("first", "began_at"), ("last", "ended_at"))
    ]
    order = np.arange(2 * len(runs)).reshape(2, -1).T.ravel()
    points = pd.concat(ends, ignore_index=True).iloc[order].sort_values(line, kind="stable", ignore_index=True)
    number, _ = pd.factorize(points[line])
    begins = np.r_[True, number[1:] != number[:-1]]
    finishes = np.r_[begins[1:], True]

    zone = points["zone_id"].fillna("").to_numpy(dtype=object)
    turn = begins | np.r_[True, zone[1:] != zone[:-1]]
    silent = (points["motion"] == "silence").to_numpy()
    kept = turn | np.r_[turn[1:], True] | silent | np.r_[silent[1:], False] | begins | finishes
    place = points[["longitude", "latitude"]].to_numpy()
    lines = shapely.simplify(shapely.linestrings(place, indices=number), _TOLERANCE_DEG, preserve_topology=False)
    corners, of_line = shapely.get_coordinates(lines, return_index=True)
    kept |= pd.MultiIndex.from_arrays([number, *place.T]).isin(pd.MultiIndex.from_arrays([of_line, *corners.T]))

    points = points[kept]
    place_and_time = points[[line, "timestamp", "longitude", "latitude"]]
    again = (place_and_time == place_and_time.shift(-1)).all(axis=1)
    return points[~again].reset_index(drop=True)


def along(points: DataFrame, positions: DataFrame) -> DataFrame:
    """A line of `simplify` with the ship's own positions between its points, where she was under way.

    points     timestamp, longitude, latitude, motion, zone_id of one line, in order of time
    positions  timestamp, longitude, latitude (degrees) of the ship, in order of time
    returns    as `points`: these, and after those from which she was under way the positions that keep the line within
               a kilometre of all of them, each in the zone of the point before it
    """
    moments = points["timestamp"].to_numpy()
    before = np.searchsorted(moments, positions["timestamp"].to_numpy(), "right") - 1
    between = (before >= 0) & (before < len(points) - 1) & ~positions["timestamp"].isin(moments).to_numpy()
    between &= (points["motion"] == "under_way").to_numpy()[np.clip(before, 0, None)]
    heard = positions[between].assign(motion="under_way", zone_id=points["zone_id"].to_numpy()[before[between]])
    rows = pd.concat([points.assign(shown=True), heard.assign(shown=False)], ignore_index=True)
    rows = rows.sort_values("timestamp", kind="stable", ignore_index=True)
    place, shown = rows[["longitude", "latitude"]].to_numpy("float64"), rows["shown"].to_numpy(copy=True)
    for first, last in pairwise(np.flatnonzero(shown)):
        if last - first > 1:
            stretch = place[first : last + 1]
            corners = shapely.get_coordinates(shapely.simplify(shapely.linestrings(stretch), _TOLERANCE_DEG))
            shown[first : last + 1] |= np.isin(stretch @ _AS_ONE, corners @ _AS_ONE)
    return rows.loc[shown, _POINT].reset_index(drop=True)
