"""Tracks simplified to the points that show their shape and their stops."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from pandas import DataFrame

_TOLERANCE_DEG = 0.01  # about a kilometre: finer than any zone's margin, coarser than swinging at anchor
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
