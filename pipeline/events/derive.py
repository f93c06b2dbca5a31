"""Events of UTC days: each day's ships joined to tracks, and what happened on these, from what earlier days hand on.

Days at once come to what they come to one after the other (a law of the stages; property tests hold it).
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from pandas import DataFrame, Series

from geo.anchorages import KnownAnchorages
from pipeline.contracts import TRACK_END
from pipeline.events.carried import Carried
from pipeline.events.detector import Detector, ToldDays
from pipeline.events.identity_changes import last_said
from pipeline.events.loitering import still_slow
from pipeline.events.registry import detectors
from pipeline.events.stays import TRACK as TRACK_KEY
from pipeline.events.stays import tell
from pipeline.limits import Limits
from pipeline.movement.linked import link_days

_DAY = pd.Timedelta(days=1)


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
    linked = link_days(carried.ends, runs, identities, limits.track)
    since = runs.groupby("mmsi")["began_at"].min().dt.floor("D") + _DAY
    carried = Carried(**{name: _without(frame, linked.forgotten) for name, frame in vars(carried).items()})
    runs, links = linked.runs, linked.links
    parts = [part for _, part in runs.groupby(runs["began_at"].dt.floor("D"))]
    told = tell(carried, parts, zones, limits, anchorages)
    ends = _mark(told.carried.ends, carried.ends, links)
    waiting = ends[~ends["attested"]]
    hulls = links[links["attested"]]
    named = _called(identities, links)
    days = ToldDays(
        told.steps, told.stays, told.carried.ends, zones, now, limits, runs, named, carried, anchorages
    )  # fmt: skip
    known_from = _known_from(ends, since, hulls, carried.ends)
    found = {name: _of_days(one, _without(one.find(days), waiting), known_from) for name, one in detectors().items()}
    return DerivedDays(
        {name: rows[rows["known_at"] <= now].reset_index(drop=True) for name, rows in found.items()},
        linked.bursts,
        Carried(ends, told.carried.stays, told.carried.berths, still_slow(days), last_said(days)),
        _wakes(found, ends),
        _heard(runs, hulls),
        _called(identities, hulls),
    )


def _known_from(ends: DataFrame, since: Series, hulls: DataFrame, before: DataFrame) -> Series:
    """By mmsi and track, the end of the first day whose events are told of a track: the first on which its MMSI was
    heard (`since`), or the one that attested it."""
    tracks = pd.MultiIndex.from_frame(ends[TRACK_KEY])
    known_before = pd.MultiIndex.from_frame(before.loc[before["attested"], TRACK_KEY])
    attested = hulls.groupby(TRACK_KEY)["day"].min() + _DAY
    attested = attested[~attested.index.isin(known_before)].reindex(tracks)
    return attested.fillna(Series(since.reindex(ends["mmsi"]).array, index=tracks))


def _of_days(detector: Detector, events: DataFrame, known_from: Series) -> DataFrame:
    """Events that are open, or were closed on days whose events are told of their track."""
    first = known_from.reindex(pd.MultiIndex.from_frame(events[TRACK_KEY])).set_axis(events.index)
    return events[detector.is_open(events) | (events["known_at"] >= first)].reset_index(drop=True)


def _wakes(events: dict[str, DataFrame], ends: DataFrame) -> DataFrame:
    """When open events become known that only go on in that their ship is heard no more."""
    last_day = ends.groupby("mmsi")["at"].max().dt.floor("D") + _DAY
    parts = []
    for name, detector in detectors().items():
        rows = events[name]
        heard_until = last_day.reindex(rows["mmsi"]).set_axis(rows.index)
        later = detector.is_open(rows) & (rows["known_at"] > heard_until)
        parts.append(rows.loc[later, ["mmsi", "known_at"]].drop_duplicates())
    wakes = pd.concat(parts, ignore_index=True).drop_duplicates()
    day = wakes.pop("known_at") - _DAY
    return wakes.assign(day=day.dt.strftime("%Y-%m-%d"))


def _without(rows: DataFrame, tracks: DataFrame) -> DataFrame:
    """The rows of other tracks."""
    if tracks.empty:
        return rows
    named = pd.MultiIndex.from_frame(rows[TRACK_KEY])
    return rows[~named.isin(pd.MultiIndex.from_frame(tracks[TRACK_KEY]))].reset_index(drop=True)


def _mark(ends: DataFrame, before: DataFrame, links: DataFrame) -> DataFrame:
    """TRACK_END with what is known of each track being a hull: of those heard on the days, else as it was."""
    marks = pd.concat([before, links])[[*TRACK_KEY, "attested", "days"]].drop_duplicates(TRACK_KEY, keep="last")
    plain = ends.drop(columns=["attested", "days"])
    return TRACK_END.conform(plain.merge(marks, on=TRACK_KEY, how="left", validate="1:1"))


def _heard(runs: DataFrame, hulls: DataFrame) -> DataFrame:
    """When each track was heard, by day on which it was a hull."""
    fixes = runs[runs["fixes"] > 0].rename(columns={"ship": "track"})
    fixes = fixes.assign(day=fixes["began_at"].dt.floor("D"))
    keys = [*TRACK_KEY, "day"]
    heard = fixes.groupby(keys, as_index=False).agg(first_at=("began_at", "min"), last_at=("ended_at", "max"))
    heard = heard.merge(hulls[keys], on=keys, validate="1:1")
    return heard.assign(day=heard["day"].dt.strftime("%Y-%m-%d"))


def _called(identities: DataFrame, links: DataFrame) -> DataFrame:
    """What each track called herself, by day."""
    named = identities.assign(day=identities["first_at"].dt.floor("D"))
    named = named.merge(links[["mmsi", "ship", "day", "track"]], on=["mmsi", "ship", "day"], validate="m:1")
    return named.assign(day=named["day"].dt.strftime("%Y-%m-%d"))
