"""AIS gaps: silences of one track; `reception` judges who else was heard meanwhile."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from geo.distance import METRES_PER_NM, distance_m
from pipeline.contracts import AIS_GAP, OURS
from pipeline.days import end_of_day
from pipeline.events.certain import surely_last, surely_silent
from pipeline.events.dark_calls import dark_calls_of
from pipeline.events.detector import Detector
from pipeline.ids import deterministic_ids
from pipeline.limits import GapLimits

DETECTOR = Detector(
    AIS_GAP,
    lambda days: with_port_in_reach(
        find_gaps(days.steps, days.ends, days.now, days.limits.track.min_track_fixes, days.limits.gap),
        days.once(dark_calls_of),
    ),
)

_HEARD_LAST = ["last_terrestrial_at", "last_satellite_at"]


def find_gaps(steps: DataFrame, ends: DataFrame, now: pd.Timestamp, min_fixes: int, limits: GapLimits) -> DataFrame:
    """Find silences longer than `limits.min_hours`, ended and still open; between coarse fixes as far as is certain.

    steps      steps of a day as `stays.tell` gives them
    ends       TRACK_END after that day; a track of at least `min_fixes` fixes may be silent since
    now        end of the last landed day (UTC)
    returns    AIS_GAP without what attribution (vessel_id, track_id, imo) and `judge_reception` add, plus `track`
    """
    steps, ends = surely_silent(steps), surely_last(ends)
    columns = ["mmsi", "track", "began_at", "ended_at", "off_longitude", "off_latitude", "on_longitude", "on_latitude"]
    zone_before, zone_after = steps["zone_id"].shift(), steps["zone_id"].shift(-1)
    ended = steps.assign(off_zone_id=zone_before, on_zone_id=zone_after)
    ended = ended[
        (steps["motion"] == "silence") & (steps["ended_at"] - steps["began_at"] > pd.Timedelta(hours=limits.min_hours))
    ].rename(
        columns={
            "first_longitude": "off_longitude",
            "first_latitude": "off_latitude",
            "last_longitude": "on_longitude",
            "last_latitude": "on_latitude",
        }
    )
    lost = (now - ends["at"] > pd.Timedelta(hours=limits.min_hours)) & (ends["fixes"] >= min_fixes)
    open_ = ends[lost].rename(
        columns={"at": "began_at", "longitude": "off_longitude", "latitude": "off_latitude", "zone_id": "off_zone_id"}
    )
    never = Series(pd.NaT, index=open_.index, dtype=ended["ended_at"].dtype)
    open_ = open_.assign(ended_at=never, on_longitude=np.nan, on_latitude=np.nan, on_zone_id=Series(dtype="str"))
    keep = [*columns, "off_zone_id", "on_zone_id", *_HEARD_LAST]
    gaps = pd.concat([ended[keep], open_[keep]], ignore_index=True)
    hours = (gaps["ended_at"] - gaps["began_at"]).dt.total_seconds() / 3600
    away_nm = Series(
        distance_m(*(gaps[c] for c in ("off_longitude", "off_latitude", "on_longitude", "on_latitude")))
        / METRES_PER_NM,
        index=gaps.index,
    )
    return gaps.assign(
        ais_gap_id=deterministic_ids(
            "ais_gap", gaps["mmsi"], gaps["began_at"], gaps["off_longitude"], gaps["off_latitude"]
        ),
        source=OURS,
        known_at=end_of_day(gaps["ended_at"].fillna(gaps["began_at"] + pd.Timedelta(hours=limits.min_hours))),
        cut_at_start=False,
        receiver=_receiver(gaps, limits),
        hours=hours.round(2),
        distance_nm=away_nm.round(1),
        implied_speed_kn=(away_nm / hours).round(1),
        feasible_zone_id=None,
        feasible_stay_hours=np.nan,
        satellite_positions_per_day=np.nan,
    )


def with_port_in_reach(gaps: DataFrame, dark_calls: DataFrame) -> DataFrame:
    """Gaps that have ended with the port where coal is loaded at which each left time to stay longest, if at any."""
    longest = dark_calls[(dark_calls["rank"] == 1) & dark_calls["ended_at"].notna()].set_index("ais_gap_id")
    return gaps.assign(
        feasible_zone_id=gaps["ais_gap_id"].map(longest["zone_id"]).astype("str"),
        feasible_stay_hours=gaps["ais_gap_id"].map(longest["longest_stay_hours"]).astype("float64"),
    )


def _receiver(gaps: DataFrame, limits: GapLimits) -> NDArray[np.object_]:
    """The kind of receiver that heard each ship last: a shore station if one did shortly before, else a satellite."""
    shore, satellite = (gaps["began_at"] - gaps[at] <= pd.Timedelta(hours=limits.receiver_hours) for at in _HEARD_LAST)
    return np.select([shore, satellite], ["terrestrial", "satellite"], "unknown")
