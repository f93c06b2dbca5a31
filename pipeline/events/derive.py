"""Events of UTC days: each day's ships joined to tracks, and what happened on these, from what earlier days hand on.

An MMSI under which one ship was heard, day after day where she can have sailed, is derived for all days at once. Where
several share one, each day decides who she was on the ground of the days before it, so these go day by day. Both come
to the same (`day by day = at once` is a law of the stages; property tests hold it).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from geo.anchorages import KnownAnchorages
from pipeline.contracts import RUN, TRACK_END
from pipeline.events.carried import Carried
from pipeline.events.detector import Detector, ToldDays
from pipeline.events.identity_changes import last_said
from pipeline.events.loitering import still_slow
from pipeline.events.registry import detectors
from pipeline.events.stays import TRACK as TRACK_KEY
from pipeline.events.stays import tell
from pipeline.limits import Limits
from pipeline.movement.hulls import attest_ships, find_bursts
from pipeline.movement.tracks import link_ships, sails_on


@dataclass(frozen=True)
class DerivedDays:
    """What UTC days come to.

    events      by table name: what these days closed, and what is open at the end of them, not yet attributed (`track`
                in place of vessel_id, track_id and imo)
    bursts      POSITION_ANOMALY of ships that are not attested to be hulls
    carried     what is handed on
    wakes       mmsi, day (text): the UTC day at whose end it is known of a ship that she went on being silent, and
                what that makes of her silence; where that is after `now`, it is among no events yet
    tracks      mmsi, track, day (text), first_at, last_at: when each was heard
    identities  mmsi, track, IDENTITY, day, first_at, last_at: what each called herself
    """

    events: dict[str, DataFrame]
    bursts: DataFrame
    carried: Carried
    wakes: DataFrame
    tracks: DataFrame
    identities: DataFrame


def derive_days(
    carried: Carried,
    runs: DataFrame,
    identities: DataFrame,
    zones: DataFrame,
    now: pd.Timestamp,
    limits: Limits,
    anchorages: KnownAnchorages | None = None,
) -> DerivedDays:
    """Derive UTC days of ships.

    carried     what the days before hand on for them
    runs        RUN of these days
    identities  mmsi, ship, IDENTITY, first_at, last_at: what the ships of each day called themselves
    zones       ZONE
    now         end of the last landed day
    anchorages  where ships lie outside zones; None: nowhere that is known
    """
    several = np.setdiff1d(runs["mmsi"], _alone(carried.ends, runs, limits))
    alone, shared = (~frame["mmsi"].isin(several) for frame in (runs, identities))
    parts = [_at_once(carried.without(several), runs[alone], identities[shared], zones, now, limits, anchorages)]
    if len(several):
        them = carried.of(several), runs[~alone], identities[~shared]
        parts.append(_day_by_day(*them, zones, now, limits, anchorages))
    return _together(parts)


def _alone(ends: DataFrame, runs: DataFrame, limits: Limits) -> np.ndarray:
    """MMSIs under which one ship was heard on each day, as far as is known always the same one."""
    heard = runs[runs["fixes"] > 0]
    several = heard.loc[heard["ship"] > 1, "mmsi"]
    known = ends[ends["mmsi"].duplicated(keep=False) | ~ends["attested"]]["mmsi"]
    single = heard[~heard["mmsi"].isin(several) & ~heard["mmsi"].isin(known)]
    return np.setdiff1d(single["mmsi"], _torn(ends, single, limits))


def _torn(ends: DataFrame, runs: DataFrame, limits: Limits) -> np.ndarray:
    """MMSIs with a day that does not begin where a ship can have sailed from where it ended before."""
    runs = runs.sort_values(["mmsi", "began_at"], kind="stable", ignore_index=True)
    day = runs["began_at"].dt.floor("D")
    same = runs["mmsi"] == runs["mmsi"].shift()
    begins = runs[~same | (day != day.shift())]
    ends = ends[ends["mmsi"].isin(runs["mmsi"])]  # one track each
    last = ends.set_index("mmsi")[["at", "longitude", "latitude"]].reindex(begins["mmsi"])
    follows = same[begins.index].to_numpy()
    before = {
        "at": runs["ended_at"].shift(), "longitude": runs["last_longitude"].shift(),
        "latitude": runs["last_latitude"].shift(),
    }  # fmt: skip
    last = DataFrame({name: last[name].where(~follows, column[begins.index].array) for name, column in before.items()})
    known = last["at"].notna().to_numpy()
    begins, last = begins[known], last[known]
    reached = sails_on(
        last["at"], last["longitude"], last["latitude"],
        begins["began_at"], begins["first_longitude"], begins["first_latitude"], limits.track,
    )  # fmt: skip
    return begins.loc[~reached, "mmsi"].unique()


def _at_once(
    carried: Carried,
    runs: DataFrame,
    identities: DataFrame,
    zones: DataFrame,
    now: pd.Timestamp,
    limits: Limits,
    anchorages: KnownAnchorages | None,
) -> DerivedDays:
    """All days of MMSIs that one ship has for herself."""
    number = carried.ends.drop_duplicates("mmsi").set_index("mmsi")["track"]
    first = DataFrame({"mmsi": runs["mmsi"].unique()})
    links = first.assign(ship=1, track=first["mmsi"].map(number).fillna(1).astype("int64"), attested=True)
    known = carried.ends.set_index("mmsi")["days"]
    links["days"] = links["mmsi"].map(known).fillna(1).astype("int64")
    ships = runs.assign(ship=runs["mmsi"].map(links.set_index("mmsi")["track"]))
    day = ships["began_at"].dt.floor("D")
    return _derive(carried, [part for _, part in ships.groupby(day)], links, identities, zones, now, limits, anchorages)


def _day_by_day(
    carried: Carried,
    runs: DataFrame,
    identities: DataFrame,
    zones: DataFrame,
    now: pd.Timestamp,
    limits: Limits,
    anchorages: KnownAnchorages | None,
) -> DerivedDays:
    """Days of MMSIs that ships share, one after the other."""
    named = identities["first_at"].dt.floor("D")
    done: list[DerivedDays] = []
    for day, of_day in runs.groupby(runs["began_at"].dt.floor("D")):
        heard = of_day["mmsi"].unique()
        before = _without_stale(carried.of(heard), of_day, limits)
        called = identities[named == day]
        links = link_ships(before.ends, attest_ships(of_day, called, limits.track), limits.track)
        one = _derive(before, [_on_tracks(of_day, links)], links, called, zones, now, limits, anchorages)
        done = [_gone_on(earlier, heard) for earlier in done] + [one]
        carried = Carried.joined([carried.without(heard), one.carried])
    return replace(_together(done), carried=carried)


def _gone_on(earlier: DerivedDays, heard: np.ndarray) -> DerivedDays:
    """Days before a day on which ships were heard: what was open of theirs is told by that day."""
    events = {}
    for name, detector in detectors().items():
        rows = earlier.events[name]
        events[name] = rows[~(detector.is_open(rows) & rows["mmsi"].isin(heard))]
    return replace(earlier, events=events, wakes=earlier.wakes[~earlier.wakes["mmsi"].isin(heard)])


def _derive(
    carried: Carried,
    parts: list[DataFrame],
    links: DataFrame,
    identities: DataFrame,
    zones: DataFrame,
    now: pd.Timestamp,
    limits: Limits,
    anchorages: KnownAnchorages | None,
) -> DerivedDays:
    """Derive days whose ships are joined to tracks.

    parts   RUN of each day in order, with the number of the track as `ship`
    links   mmsi, ship, track, attested, days: as `tracks.link_ships` gives them
    """
    told = tell(carried, parts, zones, limits, anchorages)
    ends = _mark(told.carried.ends, carried.ends, links)
    runs = pd.concat(parts, ignore_index=True) if parts else RUN.empty()
    waiting = ends[~ends["attested"]]
    named = identities.merge(links[["mmsi", "ship", "track"]], on=["mmsi", "ship"], validate="m:1")
    days = ToldDays(
        told.steps, told.stays, told.carried.ends, zones, now, limits, runs, named, carried, anchorages
    )  # fmt: skip
    since = (runs.groupby("mmsi")["began_at"].min()).dt.floor("D") + pd.Timedelta(days=1)
    found = {name: _of_days(one, _without(one.find(days), waiting), since) for name, one in detectors().items()}
    return DerivedDays(
        {name: rows[rows["known_at"] <= now].reset_index(drop=True) for name, rows in found.items()},
        find_bursts(runs, links, carried.ends),
        Carried(ends, told.carried.stays, told.carried.berths, still_slow(days), last_said(days)),
        _wakes(found, ends),
        _heard(_without(runs, waiting, "ship")),
        _called(identities, links[links["attested"]]),
    )


def _of_days(detector: Detector, events: DataFrame, since: Series) -> DataFrame:
    """Events that are open, or were closed on the days since a ship's first (`since`: the midnight after it)."""
    first = since.reindex(events["mmsi"]).set_axis(events.index)
    return events[detector.is_open(events) | (events["known_at"] >= first)].reset_index(drop=True)


def _wakes(events: dict[str, DataFrame], ends: DataFrame) -> DataFrame:
    """When open events become known that only go on in that their ship is heard no more."""
    last_day = ends.groupby("mmsi")["at"].max().dt.floor("D") + pd.Timedelta(days=1)
    parts = []
    for name, detector in detectors().items():
        rows = events[name]
        heard_until = last_day.reindex(rows["mmsi"]).set_axis(rows.index)
        later = detector.is_open(rows) & (rows["known_at"] > heard_until)
        parts.append(rows.loc[later, ["mmsi", "known_at"]].drop_duplicates())
    wakes = pd.concat(parts, ignore_index=True).drop_duplicates()
    day = wakes.pop("known_at") - pd.Timedelta(days=1)
    return wakes.assign(day=day.dt.strftime("%Y-%m-%d"))


def _without_stale(carried: Carried, runs: DataFrame, limits: Limits) -> Carried:
    """Forget what was never attested and was last heard too long ago."""
    if carried.ends["attested"].all():
        return carried
    oldest = runs["began_at"].min().floor("D") - pd.Timedelta(days=limits.track.hull_days_apart)
    stale = carried.ends[~carried.ends["attested"] & (carried.ends["at"] < oldest)]
    return Carried(**{name: _without(frame, stale) for name, frame in vars(carried).items()})


def _without(rows: DataFrame, tracks: DataFrame, number: str = "track") -> DataFrame:
    """The rows of other tracks."""
    if tracks.empty:
        return rows
    named = pd.MultiIndex.from_frame(rows[["mmsi", number]])
    return rows[~named.isin(pd.MultiIndex.from_frame(tracks[TRACK_KEY]))].reset_index(drop=True)


def _mark(ends: DataFrame, before: DataFrame, links: DataFrame) -> DataFrame:
    """TRACK_END with what is known of each track being a hull: of those heard on the days, else as it was."""
    marks = pd.concat([before, links])[[*TRACK_KEY, "attested", "days"]].drop_duplicates(TRACK_KEY, keep="last")
    plain = ends.drop(columns=["attested", "days"])
    return TRACK_END.conform(plain.merge(marks, on=TRACK_KEY, how="left", validate="1:1"))


def _on_tracks(runs: DataFrame, links: DataFrame) -> DataFrame:
    """Runs with the number of the track in place of the day's number of the ship."""
    if (links["ship"] == links["track"]).all():
        return runs.reset_index(drop=True)
    linked = runs.merge(links[["mmsi", "ship", "track"]], on=["mmsi", "ship"], how="left", validate="m:1")
    linked = linked.assign(ship=linked["track"])[runs.columns]
    return linked.sort_values(["mmsi", "ship"], kind="stable", ignore_index=True)


def _heard(runs: DataFrame) -> DataFrame:
    """When each track was heard, by day."""
    fixes = runs[runs["fixes"] > 0].rename(columns={"ship": "track"})
    fixes = fixes.assign(day=fixes["began_at"].dt.strftime("%Y-%m-%d"))
    keys = [*TRACK_KEY, "day"]
    return fixes.groupby(keys, as_index=False).agg(first_at=("began_at", "min"), last_at=("ended_at", "max"))


def _called(identities: DataFrame, links: DataFrame) -> DataFrame:
    """What each track called herself, by day."""
    named = identities.assign(day=identities["first_at"].dt.strftime("%Y-%m-%d"))
    return named.merge(links[["mmsi", "ship", "track"]], on=["mmsi", "ship"], validate="m:1")


def _together(parts: list[DerivedDays]) -> DerivedDays:
    if len(parts) == 1:
        return parts[0]

    def joined(frames: list[DataFrame]) -> DataFrame:
        return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)

    return DerivedDays(
        {name: joined([part.events[name] for part in parts]) for name in parts[0].events},
        joined([part.bursts for part in parts]),
        Carried.joined([part.carried for part in parts]),
        joined([part.wakes for part in parts]),
        joined([part.tracks for part in parts]),
        joined([part.identities for part in parts]),
    )
