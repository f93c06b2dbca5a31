"""AIS gaps: silences of one track, each judged by who else was heard where she fell silent and where she came back."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from geo.distance import METRES_PER_NM, distance_m
from pipeline.contracts import AIS_GAP, OURS
from pipeline.days import end_of_day
from pipeline.events.dark_calls import find_dark_calls
from pipeline.events.detector import Detector
from pipeline.ids import deterministic_ids
from pipeline.limits import GapLimits
from pipeline.movement.coverage import HOUR_US, cell_of, widen

DETECTOR = Detector(
    AIS_GAP,
    lambda days: with_port_in_reach(
        find_gaps(days.steps, days.ends, days.now, days.limits.track.min_track_fixes, days.limits.gap),
        find_dark_calls(days.steps, days.ends, days.zones, days.limits),
    ),
)

_HOURS_SPAN = 1 << 24  # more hours than since 1970 for centuries
RECEPTION = ["reception", "reception_cell_deg", "hours_tested", "hours_heard", "vessel_hours_before"]


def find_gaps(steps: DataFrame, ends: DataFrame, now: pd.Timestamp, min_fixes: int, limits: GapLimits) -> DataFrame:
    """Find silences longer than `limits.min_hours`, ended and still open.

    steps      steps of a day as `stays.tell` gives them
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
        ais_gap_id=deterministic_ids(
            "ais_gap", gaps["mmsi"], gaps["began_at"], gaps["off_longitude"], gaps["off_latitude"]
        ),
        source=OURS,
        known_at=end_of_day(gaps["ended_at"].fillna(gaps["began_at"] + pd.Timedelta(hours=limits.min_hours))),
        cut_at_start=False,
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

    Tested are the full hours, at most `limits.reception_window_hours`, after she fell silent and before she came back,
    each in the cell where she was if she sailed straight from her last position to her first (while the gap is open:
    in the cell of her last position), so that a ship that sails out of reception is not taken for one that hides.
    The cell is the smallest of `limits.cell_deg` in which at least `limits.busy_vessel_hours` vessel-hours of others
    were heard around her last position in the window before. Others heard in `limits.heard_share` of the hours: she
    could have been heard. In at most `limits.not_heard_share`: an outage or a hole, in which nobody was. Between the
    two, with no full hour to test, or with too little traffic in the widest cell: unknown.

    gaps      began_at, ended_at (null while open), off_/on_longitude, off_/on_latitude
    coverage  COVERAGE of the days that `reception_days` names
    now       end of the last landed day; hours after it are not tested
    returns   gaps with reception, reception_cell_deg, hours_tested, hours_heard, vessel_hours_before
    """
    gaps = gaps.reset_index(drop=True)
    window = pd.Timedelta(hours=limits.reception_window_hours)
    tested = _tested_hours(gaps, now, window)
    before = _hours(gaps["began_at"].dt.floor("h") - window, gaps["began_at"].dt.floor("h"))
    before = before.join(gaps[["off_longitude", "off_latitude"]].set_axis(["longitude", "latitude"], axis=1), on="row")

    result = gaps.assign(
        reception="unknown", reception_cell_deg=np.nan, hours_tested=0, hours_heard=0, vessel_hours_before=0
    )
    undecided = Series(True, index=gaps.index)
    for degrees in limits.cell_deg:
        if not undecided.any():
            break
        heard = widen(coverage, degrees)
        habit = _heard(heard, before, degrees, gaps.index)
        others = (habit["vessels"] - habit["heard"]).clip(lower=0)  # she herself was heard in those hours
        busy = undecided & (others >= limits.busy_vessel_hours)
        found = _heard(heard, tested, degrees, gaps.index)
        share = found["heard"] / found["hours"].where(found["hours"] > 0)
        verdict = np.select(
            [share >= limits.heard_share, share <= limits.not_heard_share], ["heard_others", "not_heard"], "unknown"
        )
        values = DataFrame(
            {
                "reception": verdict,
                "reception_cell_deg": degrees,
                "hours_tested": found["hours"],
                "hours_heard": found["heard"],
                "vessel_hours_before": others,
            },
            index=gaps.index,
        )
        for column in RECEPTION:
            result[column] = result[column].where(~busy, values[column])
        undecided &= ~busy
    return result.astype({c: "int64" for c in ("hours_tested", "hours_heard", "vessel_hours_before")})


def _tested_hours(gaps: DataFrame, now: pd.Timestamp, window: pd.Timedelta) -> DataFrame:
    """row, hour, longitude, latitude: the hours to test, and where the ship was in each if she sailed straight."""
    began, ended = gaps["began_at"], gaps["ended_at"].fillna(now)
    first, last = began.dt.ceil("h"), ended.dt.floor("h")
    until = pd.concat([first + window, last], axis=1).min(axis=1)
    again = pd.concat([last - window, until], axis=1).max(axis=1).where(gaps["ended_at"].notna(), last)
    hours = pd.concat([_hours(first, until), _hours(again, last)], ignore_index=True)
    way = gaps.loc[hours["row"]].reset_index(drop=True)
    middle = hours["hour"] + pd.Timedelta(minutes=30)
    part = ((middle - way["began_at"]) / (way["ended_at"] - way["began_at"])).fillna(0.0).clip(0, 1)
    east = (way["on_longitude"] - way["off_longitude"] + 180) % 360 - 180  # the short way round
    hours["longitude"] = (way["off_longitude"] + part * east.fillna(0.0) + 180) % 360 - 180
    hours["latitude"] = way["off_latitude"] + part * (way["on_latitude"] - way["off_latitude"]).fillna(0.0)
    return hours


def _hours(begin: Series, end: Series) -> DataFrame:
    """row, hour: the full hours of [begin, end) of each row."""
    count = ((end - begin) // pd.Timedelta(hours=1)).clip(lower=0).to_numpy("int64")
    row = np.repeat(begin.index.to_numpy(), count)
    number = np.arange(count.sum()) - np.repeat(count.cumsum() - count, count)
    return DataFrame({"row": row, "hour": begin.loc[row].reset_index(drop=True) + pd.to_timedelta(number, unit="h")})


def _heard(coverage: DataFrame, hours: DataFrame, degrees: float, rows: pd.Index) -> DataFrame:
    """Per row: hours asked, hours in which anybody was heard in the cell, and vessel-hours heard there.

    coverage  in order of cell and hour, as `widen` gives it
    """
    known = _place(coverage["cell"].to_numpy(), coverage["hour"])
    asked = _place(cell_of(hours["longitude"].to_numpy(), hours["latitude"].to_numpy(), degrees), hours["hour"])
    at = np.searchsorted(known, asked)
    heard = np.append(known, -1)[at] == asked
    vessels = np.append(coverage["vessels"].to_numpy(), 0)[at]
    row = hours["row"].to_numpy()
    sums = {
        "hours": np.bincount(row, minlength=len(rows)),
        "heard": np.bincount(row[heard], minlength=len(rows)),
        "vessels": np.bincount(row, np.where(heard, vessels, 0), minlength=len(rows)).astype("int64"),
    }
    return DataFrame(sums, index=rows)


def _place(cell: NDArray[np.int64], hour: Series) -> NDArray[np.int64]:
    """One number for a cell and an hour; numbers are in order of cell, then hour."""
    hours = hour.dt.as_unit("us").astype("int64").to_numpy() // HOUR_US
    return cell * _HOURS_SPAN + hours
