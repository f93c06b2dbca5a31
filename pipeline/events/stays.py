"""A track as a sequence of stays (in one port, basin or anchorage) and passages between them.

Port calls and voyages are read off stays. What a track's future may still depend on is small: where she was last
(`TRACK_END`), the stay she is in, and the call her voyage started from. That is all a day hands to the next, so a
day's work costs a day, however long the history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from geo.anchorages import KnownAnchorages
from geo.harbours import harbours_at
from pipeline.contracts import BERTH, RUN, STAY, TRACK_END
from pipeline.events.berths import add_berths, with_berth
from pipeline.events.carried import Carried
from pipeline.events.certain import surely_there
from pipeline.events.lead_up import LEAD_UP, with_lead_up
from pipeline.events.locks import only_at_lock
from pipeline.events.passed import last_stretch, without_way_out
from pipeline.events.port_calls import port_call_ids
from pipeline.events.step_labels import with_call, with_draught, with_receivers, with_stopping
from pipeline.events.stops import RESTS, place_of, rested_at, with_places, with_rest
from pipeline.limits import Limits
from pipeline.movement.coverage import HOUR_US
from pipeline.movement.runs import stitch

TRACK = ["mmsi", "track"]
CALLED_AT = ("port", "basin")  # kinds of zone a voyage starts from, rather than the anchorage off it
_RANK = {"origin": 0, "since": 1, "last": 2, "approach": 3, "open": 4, "new": 5}  # order of roles on a track
_SUMS = {
    "last_at": "last",
    **dict.fromkeys(("distance_m", "passages"), "sum"),
    "first_stop_at": "min",
    **dict.fromkeys(("stop_longitude", "stop_latitude"), "first known"),
    "stopped_us": "sum",
    **dict.fromkeys(("first_gap_at", "rested_at"), "min"),
    "dark_us": "sum",
    "longest_silence_us": "max",
    **dict.fromkeys(("draught_last_dm", "draught_last_at"), "last"),
}  # how stays add up; every other column is the first one's


@dataclass(frozen=True)
class Told:
    """A day in stays: `steps` the runs and silences with their labels, `stays` STAY in order, `carried` the rest."""

    steps: DataFrame
    stays: DataFrame
    carried: Carried


def tell(
    carried: Carried,
    days: Sequence[DataFrame],
    zones: DataFrame,
    limits: Limits,
    anchorages: KnownAnchorages | None = None,
) -> Told:
    """Continue tracks by UTC days.

    carried     what the days before hand on, for the ships of `days` and any others to be looked at
    days        RUN of each day in order, the column `ship` holding the number of the track
    zones       ZONE
    anchorages  where ships lie outside zones; None: nowhere that is known
    returns  steps: RUN (`ship` named `track`) with `first` (of its track), call_zone_id (the port call it counts for),
             stopping, draught_dm and draught_at in force, when shore stations and satellites heard her last, what led
             up to long silences and last fixes (`lead_up.LEAD_UP`), and `nth`, the number of its stay in the day;
             stays: STAY, what is carried and what is new in order of each track, with `qualified_at`, `origin`
             and `arrives`, and the place of stops outside zones (`pipeline.events.stops`)
    """
    ends = carried.ends.sort_values(TRACK, ignore_index=True)
    steps = stitch([_last_fixes(ends), *days], limits.run).rename(columns={"ship": "track"})
    if not len(steps):
        added = {"qualified_at": "datetime64[us, UTC]", "origin": "Int64", "arrives": "bool"}
        stays = carried.stays.assign(nth=-1, **dict.fromkeys(added, Series(dtype=object))).astype(added)
        stays = with_places(stays, anchorages, limits.port_call)
        labels = {"call_zone_id": [], **dict.fromkeys(LEAD_UP, Series(dtype="float64"))}
        return Told(steps.assign(first=[], nth=Series(dtype="int64"), **labels), stays, carried)
    steps["first"] = (steps[TRACK] != steps[TRACK].shift()).any(axis=1)
    before = steps.loc[steps["first"], TRACK].merge(ends, on=TRACK, how="left", validate="1:1")
    before.index = steps.index[steps["first"]]
    steps["carried"] = before["at"].notna().reindex(steps.index, fill_value=False)
    steps["only_at_lock"] = only_at_lock(steps, before, zones)
    steps = with_rest(with_call(steps, before, zones, limits), before, limits.port_call)
    steps = with_receivers(with_draught(with_stopping(steps, before), before))
    steps = _with_lead_up(steps, days, ends, limits)
    pieces = _pieces(steps, carried.stays, days, limits)
    steps["nth"] = pieces["nth"]
    stays = with_places(_continue(carried.stays, pieces), anchorages, limits.port_call)
    stays = _with_leaving(stays)
    berths = add_berths(carried.berths, pieces, zones)
    stays = _with_origin(with_berth(stays, berths, zones, limits), zones, limits)
    stays = without_way_out(stays, zones)
    return Told(steps, stays, _carry_over(steps, stays, berths, ends, zones, limits))


def _hours(hours: float) -> pd.Timedelta:
    return pd.Timedelta(hours=hours)


def _last_fixes(ends: DataFrame) -> DataFrame:
    """Runs without weight that stand for the last fixes, so that the next day is joined to them."""
    zero = dict.fromkeys(("fixes", "distance_m", "speed_sum_mkn", "speeds"), 0)
    place = {f"{end}_{axis}": ends[axis] for end in ("first", "last") for axis in ("longitude", "latitude")}
    fixes = ends.rename(columns={"track": "ship"}).drop(columns="fixes")
    return RUN.conform(fixes.assign(began_at=ends["at"], ended_at=ends["at"], **place, **zero))


def _with_lead_up(steps: DataFrame, days: Sequence[DataFrame], ends: DataFrame, limits: Limits) -> DataFrame:
    """Add `LEAD_UP`: to silences long enough to matter what led up to them, to the last row of a track to its end."""
    silent = steps["motion"] == "silence"
    long = silent & (steps["ended_at"] - steps["began_at"] >= _hours(limits.port_call.cargo_hours))
    wanted = steps[long | ~steps.duplicated(TRACK, keep="last")]
    fixes = wanted[TRACK].assign(
        at=wanted["began_at"].where(silent, wanted["ended_at"]),
        longitude=wanted["first_longitude"].where(silent, wanted["last_longitude"]),
        latitude=wanted["first_latitude"].where(silent, wanted["last_latitude"]),
    )
    found = with_lead_up(fixes, days, steps, ends, limits)
    return steps.join(found[LEAD_UP])


def _pieces(steps: DataFrame, carried: DataFrame, days: Sequence[DataFrame], limits: Limits) -> DataFrame:
    """One row per run or silence with what it adds to its stay, and the number of that stay in its track (`nth`).

    Of coarse fixes, times are those by which she was surely there (`certain.surely_there`). The time between two runs
    counts as stopped if the earlier one was stopped; a silence counts if she was stopped before and after it and it is
    shorter than `limits.port_call.bridged_hours`.
    """
    began, ended = (steps[c].to_numpy("datetime64[us]").astype("int64") for c in ("began_at", "ended_at"))
    first = steps["first"].to_numpy()
    silent = (steps["motion"] == "silence").to_numpy()
    call = steps["call_zone_id"].fillna("").to_numpy(dtype=object)
    begins = first | (call != np.r_[[None], call[:-1]])
    same_stay = ~begins

    stopping = steps["stopping"].to_numpy()
    stopping_before = np.r_[False, stopping[:-1]]
    stopping_after = np.r_[stopping[1:], False]
    length = ended - began
    lead = np.where(same_stay & stopping_before, began - np.r_[0, ended[:-1]], 0)
    bridged = stopping_before & stopping_after & (length < limits.port_call.bridged_hours * HOUR_US)
    stopped = np.where(silent, np.where(bridged & same_stay, length, 0), np.where(stopping, length, 0) + lead)
    nth = Series(begins).groupby(first.cumsum()).cumsum() - 1
    so_far = _stopped_before(steps, carried, nth) + Series(stopped).groupby(begins.cumsum()).cumsum().to_numpy()
    silence = np.where(silent, length, 0)
    port_gap = silent & (call != "") & (call != RESTS) & (length >= limits.port_call.gap_hours * HOUR_US)
    zone = steps["zone_id"].where(~silent, steps["zone_id"].shift())
    first_fix, last_fix = surely_there(steps)
    return DataFrame(
        {
            "mmsi": steps["mmsi"],
            "track": steps["track"],
            "nth": nth,
            "begins": begins,
            "carried": steps["carried"],
            "call_zone_id": steps["call_zone_id"],
            "zone_id": zone,
            "before_at": last_fix.shift().where(~first & ~(silent & steps["only_at_lock"])),
            "first_at": first_fix,
            "first_longitude": steps["first_longitude"].where(~silent, steps["last_longitude"]),
            "first_latitude": steps["first_latitude"].where(~silent, steps["last_latitude"]),
            "last_at": last_fix,
            "dark_entry": silent & (length >= limits.port_call.gap_hours * HOUR_US),
            "distance_m": steps["distance_m"],
            "passages": 0,
            "first_stop_at": first_fix.where(stopping & ~silent),
            "stop_longitude": steps["first_longitude"].where(stopping & ~silent),
            "stop_latitude": steps["first_latitude"].where(stopping & ~silent),
            "stopped_us": stopped,
            "first_gap_at": first_fix.where(port_gap),
            "rested_at": rested_at(steps, call == RESTS, so_far, days, limits.port_call),
            "dark_us": np.where(silence > limits.gap.min_hours * HOUR_US, silence, 0),
            "longest_silence_us": silence,
            "draught_first_dm": steps["draught_dm"],
            "draught_first_at": steps["draught_at"],
            "draught_last_dm": steps["draught_dm"],
            "draught_last_at": steps["draught_at"],
        }
    )


def _stopped_before(steps: DataFrame, carried: DataFrame, nth: Series) -> np.ndarray:
    """How long she had been stopped, before these days, in the stay that a step belongs to; microseconds."""
    lain = carried.loc[carried["role"] == "open", [*TRACK, "stopped_us"]]
    of_track = steps[TRACK].merge(lain, on=TRACK, how="left", validate="m:1")["stopped_us"].fillna(0)
    return np.where((nth == 0) & steps["carried"].groupby(steps["first"].cumsum()).transform("first"), of_track, 0)


def _continue(carried: DataFrame, pieces: DataFrame) -> DataFrame:
    """Spells in order of each track: the carried ones, the open one continued by the day's first, the day's others.

    Adds `nth`, the number of the day's stay it holds (-1 if none), and `dark_entry`: it begins with a long silence.
    """
    new = _add_up(pieces, pieces["begins"].to_numpy())
    new["role"] = np.where(new["carried"], "open", "new")
    new = new.assign(berth_zone_id=None, visit_id=None, left_at=pd.NaT, left_dark=False)
    old = carried.assign(nth=np.where(carried["role"] == "open", 0, -1), dark_entry=False)
    stays = pd.concat([_typed(old), _typed(new)], ignore_index=True)
    stays["rank"] = stays["role"].map(_RANK)
    stays = stays.sort_values([*TRACK, "rank", "nth"], kind="stable", ignore_index=True)
    key = stays[[*TRACK, "rank", "nth"]]
    return _add_up(stays, (key != key.shift()).any(axis=1).to_numpy()).drop(columns="rank")


def _typed(stays: DataFrame) -> DataFrame:
    """STAY with `nth` and `dark_entry` beside it."""
    return STAY.conform(stays).assign(nth=stays["nth"].to_numpy("int64"), dark_entry=stays["dark_entry"].to_numpy(bool))


def _add_up(rows: DataFrame, begins: np.ndarray) -> DataFrame:
    """Sum stretches of consecutive rows; `begins` marks the first row of each."""
    if not len(rows):
        return rows.copy()
    start = np.flatnonzero(begins)
    end = np.r_[start[1:], len(rows)] - 1
    summed = rows.iloc[start].reset_index(drop=True)
    for column, how in _SUMS.items():
        values = rows[column]
        if how == "last":
            summed[column] = values.iloc[end].array
        elif how == "first known":
            known = np.where(values.isna(), len(rows), np.arange(len(rows)))
            first = np.minimum.reduceat(known, start)  # of a later stay where this one has none
            summed[column] = values.to_numpy()[np.minimum(first, end)]
        elif how == "min":  # of times, null counting as never
            micros = values.to_numpy("datetime64[us]")
            never = np.datetime64("9999-12-31", "us")
            least = np.minimum.reduceat(np.where(np.isnat(micros), never, micros), start)
            summed[column] = pd.to_datetime(np.where(least == never, np.datetime64("NaT"), least), utc=True).as_unit(
                "us"
            )
        else:
            summed[column] = {"sum": np.add, "max": np.maximum}[how].reduceat(values.to_numpy("int64"), start)
    return summed


def _with_leaving(stays: DataFrame) -> DataFrame:
    """Set `left_at` and `left_dark` of each call that the day's fixes show her to have left; add `qualified_at`.

    A call counts from her first stop in it, or the end of the first long silence in it; left without either it was a
    passage. A stop outside every zone counts, at a known anchorage, from the fix by which she has lain for long enough.
    """
    has_next = (stays[TRACK] == stays[TRACK].shift(-1)).all(axis=1)
    leaves = has_next & stays["left_at"].isna() & stays["call_zone_id"].notna()
    outside = (stays["call_zone_id"] == RESTS).fillna(False)
    qualified = stays[["first_stop_at", "first_gap_at"]].min(axis=1)
    next_at = stays["first_at"].shift(-1)
    dark = stays["dark_entry"].shift(-1, fill_value=False) | (next_at == stays["first_gap_at"])
    qualified = qualified.mask(outside, stays["rested_at"].where(stays["place_port"].notna()))
    passed = stays["call_zone_id"].notna() & ~outside & qualified.isna() & (leaves | stays["left_at"].notna())
    return stays.assign(
        passages=stays["passages"].where(
            stays["call_zone_id"].isna() | (stays["role"] == "approach"), passed.astype("int64")
        ),
        left_at=stays["left_at"].where(~leaves, next_at),
        left_dark=stays["left_dark"].where(~leaves, dark).astype(bool),
        qualified_at=qualified.where(stays["call_zone_id"].notna()),
    )


def _with_origin(stays: DataFrame, zones: DataFrame, limits: Limits) -> DataFrame:
    """Set `visit_id`; add `origin`, the row that a voyage after this call starts from, and `arrives`: it ends a voyage.

    Calls in one harbour (`geo.harbours`), less than `limits.voyage.shift_hours` apart, are one visit; a voyage
    starts from the last call in it that is at the port itself, or from its last call if all were at the anchorage.
    """
    calls = stays[stays["qualified_at"].notna()]
    place = place_of(calls, zones)
    kind = place["zone_id"].map(zones.set_index("zone_id")["kind"]).mask(calls["call_zone_id"] == RESTS, "anchorage")
    harbour = harbours_at(place, zones)
    same_track = (calls[TRACK] == calls[TRACK].shift()).all(axis=1)
    wait = calls["first_at"] - calls["left_at"].shift()
    shift = (harbour == harbour.shift()) & (wait <= pd.Timedelta(hours=limits.voyage.shift_hours))
    known = (calls["visit_id"] == calls["visit_id"].shift()).fillna(False)  # calls between them are handed on no longer
    same_visit = same_track & (shift.fillna(False) | known)
    row = Series(calls.index, index=calls.index, dtype="float64")
    visit = (~same_visit).cumsum()
    at_port = row.where(kind.isin(CALLED_AT)).groupby(visit).ffill()
    own = Series(port_call_ids(calls), index=calls.index, dtype="str")
    visit_id = calls["visit_id"].fillna(own).groupby(visit).transform("first")
    return stays.assign(
        visit_id=visit_id.reindex(stays.index),
        origin=at_port.fillna(row).reindex(stays.index),
        arrives=(same_track & ~same_visit).reindex(stays.index, fill_value=False),
    )


def _carry_over(
    steps: DataFrame, stays: DataFrame, berths: DataFrame, before: DataFrame, zones: DataFrame, limits: Limits
) -> Carried:
    """What the next day needs of these tracks."""
    final = ~steps.duplicated(TRACK, keep="last")
    fixes = pd.concat([before[[*TRACK, "fixes"]], steps[[*TRACK, "fixes"]]]).groupby(TRACK)["fixes"].sum()
    ends = steps[final].rename(columns={"ended_at": "at", "last_longitude": "longitude", "last_latitude": "latitude"})
    ends["fixes"] = np.minimum(fixes.to_numpy(), limits.track.min_track_fixes)
    ends = ends.assign(attested=True, days=0)  # whether it is a hull is no matter of stays

    row = Series(stays.index, index=stays.index, dtype="float64")
    track = [stays[column] for column in TRACK]
    open_row = row.groupby(track, sort=False).transform("last")
    call_row = row.where(stays["qualified_at"].notna()).groupby(track, sort=False).transform("last")
    origin = call_row.map(stays["origin"])
    begin = last_stretch(stays, zones)
    approach = (row >= begin) & (begin > call_row)
    role = np.select(
        [row == open_row, row == origin, row == call_row, approach, row > origin],
        ["open", "origin", "last", "approach", "since"],
        "settled",
    )
    kept = stays.assign(role=role, voyaging=origin.notna() & (origin != open_row))[role != "settled"]
    kept["rank"] = kept["role"].map(_RANK)
    kept = _between_calls(kept).sort_values([*TRACK, "rank"], kind="stable", ignore_index=True)
    key = kept[[*TRACK, "rank"]]
    kept = _add_up(kept, (key != key.shift()).any(axis=1).to_numpy())

    inside = berths.merge(
        stays.loc[(row == open_row) & stays["call_zone_id"].notna(), [*TRACK, "nth"]], on=[*TRACK, "nth"]
    )
    return Carried(TRACK_END.conform(ends), STAY.conform(kept), BERTH.conform(inside))


def _between_calls(stays: DataFrame) -> DataFrame:
    """Reduce what is no call to the sums that a voyage needs, and to nothing where no voyage is under way.

    That she was at rest on the sea among the passages of an approach is none of that harbour's: of an approach the
    harbour alone is kept beside its sums.
    """
    approach = (stays["role"] == "approach").to_numpy()
    between = approach | ((stays["role"] == "since") | stays["call_zone_id"].isna()).to_numpy()
    stays = stays.copy()
    for column in ("before_at", "left_at", "first_stop_at", "first_gap_at", "rested_at", "draught_first_at"):
        stays.loc[between, column] = pd.NaT
    stays.loc[between & ~approach, "call_zone_id"] = None
    stays.loc[between, ["visit_id", "berth_zone_id"]] = None
    stays.loc[between, ["draught_first_dm", "stop_longitude", "stop_latitude"]] = np.nan
    stays.loc[between, "stopped_us"] = 0
    stays.loc[between, "left_dark"] = False
    stays.loc[between, "first_at"] = stays.loc[between, "last_at"]
    stays.loc[between, ["first_longitude", "first_latitude"]] = 0.0
    idle = between & ~stays["voyaging"].to_numpy()
    stays.loc[idle, ["distance_m", "passages", "dark_us", "longest_silence_us"]] = 0
    stays.loc[idle, "draught_last_dm"] = np.nan
    stays.loc[idle, "draught_last_at"] = pd.NaT
    return stays
