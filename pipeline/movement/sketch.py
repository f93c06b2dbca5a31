"""A track simplified to the points that show its shape and its stops."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from pandas import DataFrame

_TOLERANCE_DEG = 0.01  # about a kilometre: finer than any zone's margin, coarser than swinging at anchor


def sketch(runs: DataFrame) -> DataFrame:
    """Simplify one ship's runs to a line of few points.

    runs     RUN of one ship, in order of time
    returns  timestamp, longitude, latitude, motion, zone_id: begin and end of the line, of every stay in a zone and of
             every silence, and between them the points that keep the line within a kilometre of the runs' ends
    """
    ends = [
        runs[[f"{end}_longitude", f"{end}_latitude", moment, "motion", "zone_id"]].set_axis(
            ["longitude", "latitude", "timestamp", "motion", "zone_id"], axis=1
        )
        for end, moment in (("first", "began_at"), ("last", "ended_at"))
    ]
    order = np.arange(2 * len(runs)).reshape(2, -1).T.ravel()
    points = pd.concat(ends, ignore_index=True).iloc[order].reset_index(drop=True)
    if len(points) < 3:
        return points[["timestamp", "longitude", "latitude", "motion", "zone_id"]]
    silent = points["motion"] == "silence"
    turn = points["zone_id"].fillna("") != points["zone_id"].fillna("").shift()
    kept = turn | turn.shift(-1, fill_value=True) | silent | silent.shift(-1, fill_value=False)
    kept.iloc[[0, -1]] = True
    line = shapely.linestrings(points[["longitude", "latitude"]].to_numpy())
    corners = shapely.get_coordinates(shapely.simplify(line, _TOLERANCE_DEG, preserve_topology=False))
    shape = pd.MultiIndex.from_arrays(corners.T)
    kept |= pd.MultiIndex.from_frame(points[["longitude", "latitude"]]).isin(shape)
    points = points[kept]
    same = (
        points[["longitude", "latitude", "timestamp"]] == points[["longitude", "latitude", "timestamp"]].shift(-1)
    ).all(axis=1)
    return points.loc[~same, ["timestamp", "longitude", "latitude", "motion", "zone_id"]].reset_index(drop=True)
