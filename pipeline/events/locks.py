"""Locks: an enclosed water has one way in, so who was unheard beside its lock for long enough may have been inside.

Long enough means beside the time that the way took: a ship heard at the lock and next in a port a day away had no time
to be inside. Whom the data shows at a lock from its first fix on came from nobody knows which side: she may have been
inside before the data began.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from geo.distance import METRES_PER_NM, distance_m
from pipeline.limits import Limits


def unheard_at_lock(rows: DataFrame, limits: Limits) -> NDArray[np.bool_]:
    """Whether a ship was unheard before a row for as long as a stay behind a lock takes.

    rows     RUN of tracks, silences left out, in order
    returns  true where the time since the row before is no longer than `limits.voyage.longest_silence_hours` and, less
             what the straight way takes at `limits.port_call.sailing_kn`, at least `limits.port_call.behind_lock_hours`
    """
    before = rows.shift()
    waited = rows["began_at"] - before["ended_at"]
    ends = [before["last_longitude"], before["last_latitude"], rows["first_longitude"], rows["first_latitude"]]
    away_nm = distance_m(*(end.to_numpy(dtype=np.float64) for end in ends)) / METRES_PER_NM
    sailing = pd.to_timedelta(away_nm / limits.port_call.sailing_kn, unit="h")
    stayed = waited - sailing >= pd.Timedelta(hours=limits.port_call.behind_lock_hours)
    return (stayed & (waited <= pd.Timedelta(hours=limits.voyage.longest_silence_hours))).to_numpy()


def only_at_lock(steps: DataFrame, before: DataFrame, zones: DataFrame) -> NDArray[np.bool_]:
    """Whether a track was heard at locks alone from its first fix until the end of a step.

    steps   RUN and silences of tracks, in order, with `first` (of its track) and `carried` (its last fix of the days
            before)
    before  TRACK_END of the tracks' first rows, its index theirs
    """
    at_lock = steps["zone_id"].isin(zones.loc[zones["kind"] == "lock", "zone_id"]) | (steps["motion"] == "silence")
    so_far = before["only_at_lock"].fillna(False).reindex(steps.index, fill_value=False)
    at_lock = at_lock.where(~steps["carried"], so_far).astype(bool)
    return at_lock.groupby(steps["first"].cumsum()).cummin().to_numpy(bool)
