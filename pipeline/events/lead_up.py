"""What led up to a fix: how fast the ship is known to sail, and how she came there.

A silence is judged by what was known before it: the greatest speed that she kept up over hours, and her way over the
last hours. Both are read off each UTC day by itself (its runs, and the silences before them), and handed on with her
last fix, so days at once come to what they come to one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from geo.water import AROUND
from pipeline.limits import Limits

_TRACK = ["mmsi", "track"]
LEG = ["leg_at", "leg_longitude", "leg_latitude"]
LEAD_UP = ["sustained_mkn", *LEG]
_MKN_A_METRE_A_US = 3.6e12 / 1852  # milli-knots


def with_lead_up(
    fixes: DataFrame, days: Sequence[DataFrame], steps: DataFrame, before: DataFrame, limits: Limits
) -> DataFrame:
    """Add to some fixes of tracks what led up to each: `LEAD_UP`, null where it is not known.

    sustained_mkn  greatest speed over ground that she had kept up for hours by then, milli-knots
    leg_…          where she was at the last begin of a run of that UTC day that lies an hour or more back; where there
                   is none, her last fix of an earlier day, if it lies so far back (limits: dark_call), else that fix's
                   own leg
    Of ways and fixes outside `geo.water.AROUND` nothing is asked.

    fixes    mmsi, track, at, longitude, latitude: last fixes before silences, or of days
    days     RUN of each UTC day, the column `ship` holding the number of the track
    steps    RUN and silences of these days joined, `ship` named `track`
    before   TRACK_END of the days before
    """
    runs = pd.concat([*days], ignore_index=True).rename(columns={"ship": "track"})
    runs = runs[runs["motion"] != "silence"]
    near, silences = within_reach(runs, "last_"), steps[(steps["motion"] == "silence") & within_reach(steps, "last_")]
    ours = within_reach(fixes)
    asked = np.union1d(runs.loc[near, "mmsi"], fixes.loc[ours, "mmsi"])
    runs = runs[runs["mmsi"].isin(asked)].sort_values([*_TRACK, "began_at", "ended_at"], kind="stable")
    ends = before.assign(began_at=before["at"], ended_at=before["at"])
    ways = _sustained(runs, silences, ends, limits)
    known = fixes["mmsi"].isin(ways["mmsi"])
    added = {**_last_by(fixes[known], ways, "ended_at", ["sustained_mkn"]), **_legs(fixes[ours], runs, ends, limits)}
    return fixes.assign(**{name: values.reindex(fixes.index) for name, values in added.items()})


def within_reach(rows: DataFrame, which: str = "") -> Series:
    """Which positions lie in the seas around (`geo.water.AROUND`), as bool.

    which  what stands before `longitude` and `latitude` in the names of the columns
    """
    west, south, east, north = AROUND
    return rows[f"{which}longitude"].between(west, east) & rows[f"{which}latitude"].between(south, north)


def _sustained(runs: DataFrame, silences: DataFrame, ends: DataFrame, limits: Limits) -> DataFrame:
    """mmsi, track, ended_at, sustained_mkn: the greatest speed kept up by each moment at which one was."""
    before = runs[[*_TRACK, "ended_at"]].shift()
    joined = (runs["mmsi"] == before["mmsi"]) & (runs["track"] == before["track"])
    joined &= runs["began_at"].dt.floor("D") == before["ended_at"].dt.floor("D")
    joined &= runs["began_at"] - before["ended_at"] <= pd.Timedelta(hours=limits.run.break_hours)
    # the leg that leads to a run's first fix is in its distance
    runs = runs.assign(began_at=before["ended_at"].where(joined, runs["began_at"]))
    ways = pd.concat([runs[(runs["motion"] == "under_way") & within_reach(runs, "last_")], silences])
    ways = ways[ways["ended_at"] - ways["began_at"] >= pd.Timedelta(hours=limits.dark_call.sustained_hours)]
    micros = (ways["ended_at"] - ways["began_at"]).to_numpy("timedelta64[us]").astype("int64")
    ways = ways[[*_TRACK, "ended_at"]].assign(
        sustained_mkn=(ways["distance_m"].to_numpy() * _MKN_A_METRE_A_US / micros // 1).astype("int64")
    )
    known = ends.loc[ends["sustained_mkn"].notna(), [*_TRACK, "ended_at", "sustained_mkn"]]
    ways = pd.concat([known.astype({"sustained_mkn": "int64"}), ways] if len(known) else [ways], ignore_index=True)
    ways = ways.sort_values([*_TRACK, "ended_at"], kind="stable", ignore_index=True)
    return ways.assign(sustained_mkn=ways.groupby(_TRACK)["sustained_mkn"].cummax())


def _legs(fixes: DataFrame, runs: DataFrame, ends: DataFrame, limits: Limits) -> dict[str, Series]:
    """`LEG` of each fix."""
    back = fixes.assign(at=fixes["at"] - pd.Timedelta(hours=limits.dark_call.leg_hours))
    midnight = fixes["at"].dt.floor("D")
    first = runs.rename(columns={"first_longitude": "leg_longitude", "first_latitude": "leg_latitude"})
    today = _last_by(back, first.assign(leg_at=first["began_at"]), "began_at", LEG)
    of_today = today["leg_at"] >= midnight
    last = runs.rename(columns={"last_longitude": "leg_longitude", "last_latitude": "leg_latitude"})
    last = last[[*_TRACK, "ended_at", "leg_longitude", "leg_latitude"]]
    carried = ends[[*_TRACK, "ended_at", "longitude", "latitude"]].set_axis(list(last), axis=1)
    last = pd.concat([carried, last] if len(carried) else [last], ignore_index=True)
    before_today = fixes.assign(at=midnight - pd.Timedelta(microseconds=1))
    earlier = _last_by(before_today, last.assign(leg_at=last["ended_at"]), "ended_at", LEG)
    far_back = earlier["leg_at"] <= back["at"]
    found = {name: today[name].where(of_today, earlier[name].where(far_back)) for name in LEG}
    handed_on = fixes[_TRACK].merge(ends[[*_TRACK, "at", *LEG]], on=_TRACK, how="left", validate="m:1")
    of_carried = (handed_on.pop("at") == fixes["at"].array).set_axis(fixes.index)  # its day is not among these
    found = {name: found[name].mask(of_carried, handed_on[name].set_axis(fixes.index)) for name in LEG}
    late = found["leg_at"].isna() & earlier["leg_at"].notna() & ~of_carried
    if late.any():  # first heard on a day soon after midnight: as she was bound when the day before ended
        legs = _legs(fixes[late].assign(at=earlier["leg_at"][late]), runs, ends, limits)
        found = {name: found[name].where(~late, legs[name].reindex(fixes.index)) for name in LEG}
    return found


def _last_by(fixes: DataFrame, known: DataFrame, at: str, columns: list[str]) -> dict[str, Series]:
    """For each fix the columns of the last row of its track at or before it; index as `fixes`."""
    asked = fixes[[*_TRACK, "at"]].reset_index(drop=True).rename_axis("row").reset_index()
    rows = known[[*_TRACK, at, *columns]].rename(columns={at: "known_by"}).sort_values("known_by", kind="stable")
    found = pd.merge_asof(
        asked.sort_values("at", kind="stable"), rows, left_on="at", right_on="known_by", by=_TRACK
    ).sort_values("row")
    return {name: found[name].set_axis(fixes.index) for name in columns}
