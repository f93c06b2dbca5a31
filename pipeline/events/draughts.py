"""Draught changes: where a track begins to report another draught; what that says of a cargo is judged later."""

from __future__ import annotations

from pandas import DataFrame

from pipeline.contracts import DRAUGHT_CHANGE, OURS
from pipeline.days import end_of_day
from pipeline.events.detector import Detector
from pipeline.events.port_calls import port_call_ids
from pipeline.events.stays import TRACK
from pipeline.ids import deterministic_ids

DETECTOR = Detector(DRAUGHT_CHANGE, lambda days: find_draught_changes(days.steps, days.stays))


def find_draught_changes(steps: DataFrame, stays: DataFrame) -> DataFrame:
    """Find every change of the draught in force.

    steps    steps of a day, and `stays` its stays, as `stays.tell` gives them
    returns  DRAUGHT_CHANGE without what attribution adds (vessel_id, track_id, imo), plus `track`; a track's first
             draught is no change. It is of the call that it is known to lie in at the end of its UTC day: one that
             she stops in on a later day was a passage until then
    """
    silent = steps["motion"] == "silence"
    last_fix = steps["ended_at"].where(~silent, steps["began_at"])
    before, after_at = steps["draught_dm"].shift(), last_fix.shift()
    changes = ~steps["first"].astype(bool) & before.notna() & (steps["draught_dm"] != before)
    rows = steps[changes].assign(before=before[changes], changed_after=after_at[changes])
    calls = stays[stays["qualified_at"].notna() & stays["role"].isin(["open", "new"])]  # passing is not calling
    calls = calls[[*TRACK, "nth", "qualified_at"]].assign(port_call_id=port_call_ids(calls))
    rows = rows.merge(calls, on=[*TRACK, "nth"], how="left", validate="m:1")
    known_at = end_of_day(rows["began_at"])
    before_m, after_m = (rows[name].astype("float64") / 10 for name in ("before", "draught_dm"))
    return DataFrame(
        {
            "draught_change_id": deterministic_ids(
                "draught_change", rows["mmsi"], rows["began_at"], rows["first_longitude"], rows["first_latitude"]
            ),
            "mmsi": rows["mmsi"],
            "track": rows["track"],
            "source": OURS,
            "known_at": known_at,
            "cut_at_start": False,
            "changed_after": rows["changed_after"],
            "changed_by": rows["began_at"],
            "draught_before_m": before_m,
            "draught_after_m": after_m,
            "change_m": (after_m - before_m).round(1),
            "zone_id": rows["zone_id"],
            "port_call_id": rows["port_call_id"].astype("str").where(rows["qualified_at"] < known_at),
        }
    )
