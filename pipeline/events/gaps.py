"""AIS gaps: silences of one track, each judged by who else was heard where she fell silent and where she came back."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from geo.distance import METRES_PER_NM, distance_m
from pipeline.events.attribution import OURS, end_of_day
from pipeline.ids import deterministic_ids
from pipeline.limits import GapLimits
from pipeline.movement.coverage import cell_of, widen

RECEPTION = ["reception", "reception_cell_deg", "hours_tested", "hours_heard", "vessel_hours_before"]


def find_gaps(steps: DataFrame, ends: DataFrame, now: pd.Timestamp, min_fixes: int, limits: GapLimits) -> DataFrame:
    """Find silences longer than `limits.min_hours`, ended and still open.

    steps      steps of a day as `spells.tell` gives them
    ends       TRACK_END after that day; a track of at least `min_fixes` fixes may be silent since
    now        end of the last landed day (UTC)
    returns    AIS_GAP without what attribution (vessel_id, track_id, imo) and `judge_reception` add, plus `track`
    """
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
    keep = [*columns, "off_zone_id", "on_zone_id"]
    gaps = pd.concat([ended[keep], open_[keep]], ignore_index=True)
    hours = (gaps["ended_at"] - gaps["began_at"]).dt.total_seconds() / 3600
    away_nm = Series(
        distance_m(*(gaps[c] for c in ("off_longitude", "off_latitude", "on_longitude", "on_latitude")))
        / METRES_PER_NM,
        index=gaps.index,
    )
    return gaps.assign(
        ais_gap_id=deterministic_ids("ais_gap", gaps["mmsi"], gaps["began_at"]),
        source=OURS,
        known_at=end_of_day(gaps["ended_at"].fillna(gaps["began_at"] + pd.Timedelta(hours=limits.min_hours))),
        cut_at_start=False,
        hours=hours.round(2),
        distance_nm=away_nm.round(1),
        implied_speed_kn=(away_nm / hours).round(1),
        feasible_zone_id=None,
        feasible_stay_hours=np.nan,
    )


def reception_days(gaps: DataFrame, limits: GapLimits) -> DataFrame:
    """UTC days whose coverage decides the reception of each gap: row, day (timestamps at midnight)."""
    window = pd.Timedelta(hours=limits.reception_window_hours)
    spans = [(gaps["began_at"] - window, gaps["began_at"] + window)]
    back = gaps[gaps["ended_at"].notna()]
    spans.append((back["ended_at"] - window, back["ended_at"]))
    days = [
        DataFrame({"row": begin.index, "day": (begin.dt.floor("D") + pd.Timedelta(days=n)).to_numpy()})[
            (begin.dt.floor("D") + pd.Timedelta(days=n) <= end).to_numpy()
        ]
        for begin, end in spans
        for n in range(limits.reception_window_hours // 12 + 2)
    ]
    return pd.concat(days).drop_duplicates().assign(day=lambda d: pd.to_datetime(d["day"], utc=True))


def judge_reception(gaps: DataFrame, coverage: DataFrame, now: pd.Timestamp, limits: GapLimits) -> DataFrame:
    """Judge whether a silent ship could have been heard, from who else was.

    Tested are the full hours, at most `limits.reception_window_hours`, after she fell silent (around her last position)
    and before she came back (around her first). The cell is the smallest of `limits.cell_deg` in which at least
    `limits.busy_vessel_hours` vessel-hours of others were heard in the window before she fell silent. Others heard in
    `limits.heard_share` of the hours: she could have been heard. In at most `limits.not_heard_share`: an outage, in
    which nobody was. Between the two, or with too little traffic in the widest cell: unknown.

    gaps      began_at, ended_at (null while open), off_/on_longitude, off_/on_latitude
    coverage  COVERAGE of the days that `reception_days` names
    now       end of the last landed day; hours after it are not tested
    returns   gaps with reception, reception_cell_deg, hours_tested, hours_heard, vessel_hours_before
    """
    window = pd.Timedelta(hours=limits.reception_window_hours)
    began, ended = gaps["began_at"], gaps["ended_at"].fillna(now)
    after_from, before_to = began.dt.ceil("h"), ended.dt.floor("h")
    after_to = pd.concat([after_from + window, before_to], axis=1).min(axis=1)
    back_from = pd.concat([before_to - window, after_to], axis=1).max(axis=1).where(gaps["ended_at"].notna(), before_to)

    result = gaps.assign(
        reception="unknown", reception_cell_deg=np.nan, hours_tested=0, hours_heard=0, vessel_hours_before=0
    )
    undecided = Series(True, index=gaps.index)
    for degrees in limits.cell_deg:
        heard = widen(coverage, degrees)
        off = Series(widen_cell(gaps["off_longitude"], gaps["off_latitude"], degrees), index=gaps.index)
        on = Series(widen_cell(gaps["on_longitude"], gaps["on_latitude"], degrees), index=gaps.index)
        habit = _heard(heard, off, began.dt.floor("h") - window, began.dt.floor("h"))
        others = (habit["vessels"] - habit["hours"]).clip(lower=0)  # she herself was heard in those hours
        busy = undecided & (others >= limits.busy_vessel_hours)
        away = _heard(heard, off, after_from, after_to)
        back = _heard(heard, on, back_from, before_to)
        tested = ((after_to - after_from) / pd.Timedelta(hours=1)).clip(lower=0) + (
            (before_to - back_from) / pd.Timedelta(hours=1)
        ).clip(lower=0)
        hours = away["hours"] + back["hours"]
        share = hours / tested.where(tested > 0)
        verdict = np.select(
            [share >= limits.heard_share, share <= limits.not_heard_share], ["heard_others", "not_heard"], "unknown"
        )
        values = DataFrame(
            {
                "reception": verdict,
                "reception_cell_deg": degrees,
                "hours_tested": tested.astype("int64"),
                "hours_heard": hours,
                "vessel_hours_before": others,
            },
            index=gaps.index,
        )
        for column in RECEPTION:
            result[column] = result[column].where(~busy, values[column])
        undecided &= ~busy
    return result.astype({c: "int64" for c in ("hours_tested", "hours_heard", "vessel_hours_before")})


def widen_cell(longitude: Series, latitude: Series, degrees: float) -> np.ndarray:
    """Number of the cell of that size around each position; -1 where there is no position."""
    known = (longitude.notna() & latitude.notna()).to_numpy()
    return np.where(known, cell_of(longitude.fillna(0).to_numpy(), latitude.fillna(0).to_numpy(), degrees), -1)


def _heard(coverage: DataFrame, cell: Series, begin: Series, end: Series) -> DataFrame:
    """Per row: hours in [begin, end) in which anybody was heard in its cell, and the vessel-hours."""
    wanted = DataFrame({"row": cell.index, "cell": cell.to_numpy(), "begin": begin.to_numpy(), "end": end.to_numpy()})
    found = wanted.merge(coverage, on="cell", validate="m:m")
    found = found[(found["hour"] >= found["begin"]) & (found["hour"] < found["end"])]
    sums = found.groupby("row").agg(hours=("hour", "nunique"), vessels=("vessels", "sum"))
    return sums.reindex(cell.index, fill_value=0)
