"""Step: runs of UTC days to events in the warehouse, each day from what the days before hand on.

Ships and days whose story must be told (again) are dirty in the catalogue. They are taken day by day: a ship's day is
told, its events are synced, and if what it hands on differs from before, her next day becomes dirty in turn. So a new
day costs a day, a late file costs what it touches, and a stopped run goes on where it was.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame
from sqlalchemy import and_, or_

from geo.anchorages import KnownAnchorages
from pipeline.contracts import (
    AIS_GAP,
    DRAUGHT_CHANGE,
    OURS,
    PASSAGE,
    PORT_CALL,
    POSITION_ANOMALY,
    STOP,
    TRACK,
    TRACK_END,
    VESSEL,
    VESSEL_IDENTITY,
    VOYAGE,
    Table,
)
from pipeline.events.attribution import attribute
from pipeline.events.draughts import find_draught_changes
from pipeline.events.gaps import find_gaps, judge_reception, reception_days
from pipeline.events.identity import Vessels, resolve_vessels, valid_imos
from pipeline.events.port_calls import find_passages, find_port_calls
from pipeline.events.stays import TRACK as TRACK_KEY
from pipeline.events.stays import Carried, tell
from pipeline.events.stops import find_stops
from pipeline.events.voyages import find_voyages
from pipeline.limits import Limits
from pipeline.movement.hulls import attest_ships, find_bursts
from pipeline.movement.tracks import link_ships
from pipeline.state.derived import differing
from pipeline.tasks.compress import Progress
from pipeline.tasks.home import Home
from pipeline.warehouse.models import model
from pipeline.warehouse.scope import Among, Where
from pipeline.warehouse.store import Warehouse

log = logging.getLogger(__name__)
_EVENTS = (PORT_CALL, PASSAGE, STOP, VOYAGE, AIS_GAP, DRAUGHT_CHANGE)
TOLD_FORM = 4  # of events and of what days hand on: where a new version says other things, every ship is told again


@dataclass(frozen=True)
class ToldDay:
    """A day's events, not yet attributed, its bursts (POSITION_ANOMALY), and what it hands on."""

    events: dict[str, DataFrame]
    bursts: DataFrame
    carried: Carried
    runs: DataFrame
    links: DataFrame


def tell_day(
    carried: Carried,
    runs: DataFrame,
    identities: DataFrame,
    zones: DataFrame,
    now: pd.Timestamp,
    limits: Limits,
    anchorages: KnownAnchorages | None = None,
) -> ToldDay:
    """Tell one UTC day of ships.

    carried  what the days before hand on for them
    runs     RUN of the day
    identities  mmsi, ship, imo: what the ships of the day called themselves
    zones    ZONE
    now      end of the last landed day
    anchorages  where ships lie outside zones; None: nowhere that is known
    returns  events by table name, with `track` in place of vessel_id, track_id and imo; runs with the number of the
             track as `ship`; links mmsi, ship, track. What is not attested to be a hull is carried, and in `bursts`,
             but in nothing else
    """
    carried = _without_stale(carried, runs, limits)
    links = link_ships(carried.ends, attest_ships(runs, identities, limits.track), limits.track)
    runs = _on_tracks(runs, links)
    told = tell(carried, runs, zones, limits, anchorages)
    ends = _mark(told.carried.ends, carried.ends, links)
    bursts = find_bursts(runs, links, carried.ends)
    waiting = ends[~ends["attested"]]
    events = {
        PORT_CALL.name: find_port_calls(told.spells, zones),
        PASSAGE.name: find_passages(told.spells, zones),
        STOP.name: find_stops(told.spells, limits.port_call),
        VOYAGE.name: find_voyages(told.spells, zones, limits.voyage),
        AIS_GAP.name: find_gaps(told.steps, told.carried.ends, now, limits.track.min_track_fixes, limits.gap),
        DRAUGHT_CHANGE.name: find_draught_changes(told.steps, told.spells),
    }
    hulls = {name: _without(frame, waiting) for name, frame in events.items()}
    handed_on = Carried(ends, told.carried.spells, told.carried.berths)
    return ToldDay(hulls, bursts, handed_on, _without(runs, waiting, "ship"), links[links["attested"]])


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
    """TRACK_END with what is known of each track being a hull: of those heard on the day, else as it was."""
    marks = pd.concat([before, links])[[*TRACK_KEY, "attested", "days"]].drop_duplicates(TRACK_KEY, keep="last")
    plain = ends.drop(columns=["attested", "days"])
    return TRACK_END.conform(plain.merge(marks, on=TRACK_KEY, how="left", validate="1:1"))


def _on_tracks(runs: DataFrame, links: DataFrame) -> DataFrame:
    """Runs with the number of the track in place of the day's number of the ship."""
    if (links["ship"] == links["track"]).all():
        return runs
    linked = runs.merge(links[["mmsi", "ship", "track"]], on=["mmsi", "ship"], how="left", validate="m:1")
    linked = linked.assign(ship=linked["track"])[runs.columns]
    return linked.sort_values(["mmsi", "ship"], kind="stable", ignore_index=True)


def tell_all(home: Home, warehouse: Warehouse, now: pd.Timestamp, progress: Progress) -> np.ndarray:
    """Tell every dirty day, the earliest first; give the MMSIs told, whose events or identities may have changed.

    now  end of the last day with runs (UTC)
    """
    zones, limits = home.zones.frame, home.limits
    told: list[np.ndarray] = []
    while (work := home.derived.dirty()) is not None:
        day, mmsis = work
        progress(f"runs to events: {day} ({len(mmsis)} ships)")
        told.append(_tell_ships(home, warehouse, day, mmsis, zones, now, limits))
    return np.unique(np.concatenate(told)) if told else np.array([], dtype="int64")


def _tell_ships(
    home: Home, warehouse: Warehouse, day: str, mmsis: np.ndarray, zones: DataFrame, now: pd.Timestamp, limits: Limits
) -> np.ndarray:
    runs = home.derived.runs(day)
    runs = runs[runs["mmsi"].isin(mmsis)].reset_index(drop=True)
    identities = home.derived.identities(day)
    identities = identities[identities["mmsi"].isin(mmsis)].reset_index(drop=True)
    told = tell_day(
        Carried(**home.derived.carried_before(mmsis, day)), runs, identities, zones, now, limits, home.anchorages
    )
    heard = runs["mmsi"].unique()

    last = home.derived.last_heard(mmsis).set_index("mmsi")["day"].reindex(mmsis)
    reaches_end = (last.isna() | (last <= day)).to_numpy()
    scope = DataFrame({"mmsi": mmsis, "from_day": day, "to_day": day, "reaches_end": reaches_end})
    _note_spans(home, day, mmsis, told)
    with warehouse.transaction():
        attribution = _sync_vessels(home, warehouse, mmsis)
        anomaly, midnight = model(POSITION_ANOMALY).c, pd.Timestamp(day, tz="UTC") + pd.Timedelta(days=1)
        of_day = and_(anomaly.kind == "burst", anomaly.known_at == midnight.to_pydatetime())
        warehouse.sync(POSITION_ANOMALY, told.bursts, Among("mmsi", mmsis, of_day))
        for table in _EVENTS:
            events = _settled(table, told.events[table.name], day, mmsis[reaches_end])
            if table is AIS_GAP:
                events = with_reception(home, events, now)
            warehouse.sync_events(table, attribute(table, events, attribution), scope)
    kept = {name: frame[frame["mmsi"].isin(heard)] for name, frame in vars(told.carried).items()}
    differing = np.union1d(_differing(home.derived.carried(heard, day), kept), np.setdiff1d(mmsis, heard))
    home.derived.hand_on(day, mmsis, kept, home.derived.next_heard(differing, day))
    counts = ", ".join(f"{len(told.events[table.name])} {table.name}" for table in _EVENTS)
    log.info("told %s: %d ships, %s", day, len(mmsis), counts)
    return np.union1d(mmsis, attribution["mmsi"])


def _settled(table: Table, events: DataFrame, day: str, to_the_end: np.ndarray) -> DataFrame:
    """Events that this day closed, and those still open of ships that are not heard again."""
    midnight = pd.Timestamp(day, tz="UTC") + pd.Timedelta(days=1)
    never = events["known_at"].isna()
    still_open = events[table.open_when].isna() if table.open_when else never
    return events[(~still_open & (events["known_at"] == midnight)) | (still_open & events["mmsi"].isin(to_the_end))]


def _note_spans(home: Home, day: str, mmsis: np.ndarray, told: ToldDay) -> None:
    """Keep when each track was heard on the day, and what it called itself."""
    fixes = told.runs[told.runs["fixes"] > 0].rename(columns={"ship": "track"})
    tracks = fixes.groupby(TRACK_KEY, as_index=False).agg(first_at=("began_at", "min"), last_at=("ended_at", "max"))
    links = told.links[["mmsi", "ship", "track"]]
    identities = home.derived.identities(day).merge(links, on=["mmsi", "ship"], validate="m:1")
    home.spans.replace_day(day, mmsis, tracks, identities)


def _differing(before: dict[str, DataFrame], after: dict[str, DataFrame]) -> np.ndarray:
    """MMSIs for which what is handed on is not what it was."""
    return np.unique(np.concatenate([differing(before[name], after[name]) for name in after]))


def _sync_vessels(home: Home, warehouse: Warehouse, mmsis: np.ndarray) -> DataFrame:
    """Bring hulls, identities and tracks of ships up to date; events told earlier follow their track to another hull.

    returns  mmsi, track, track_id, vessel_id, imo of these ships and of all whose hull depends on theirs
    """
    found, everyone = _resolve(home, mmsis)
    stored = warehouse.read(TRACK, Among("mmsi", everyone))
    hulls = np.union1d(stored["vessel_id"], found.tracks["vessel_id"])
    moved = found.tracks.merge(stored, on="track_id", suffixes=("", "_before"), validate="1:1")
    moved = moved[moved["vessel_id"] != moved["vessel_id_before"]]
    home.bought.mark_of_hulls(everyone, hulls)
    warehouse.sync(VESSEL, found.vessels, Among("vessel_id", hulls))
    warehouse.sync(TRACK, found.tracks, Among("mmsi", everyone))
    warehouse.sync(VESSEL_IDENTITY, found.identities, Among("mmsi", everyone))
    if len(moved):
        for table in _EVENTS:
            events = warehouse.read(table, Among("track_id", moved["track_id"]))
            number = events["track_id"].str.split("-").str[-1].astype("int64")
            events = events.drop(columns=["track_id", "vessel_id", "imo"]).assign(track=number)
            warehouse.sync(table, attribute(table, events, found.attribution), Among("track_id", moved["track_id"]))
    return found.attribution


def _resolve(home: Home, mmsis: np.ndarray) -> tuple[Vessels, np.ndarray]:
    """The hulls of ships and of all that share a valid IMO number with them, however indirectly; and who these are."""
    everyone = mmsis
    while True:
        identities = home.spans.identities(everyone)
        sharing = np.union1d(everyone, home.spans.reporting(valid_imos(identities["imo"])))
        if len(sharing) == len(everyone):
            return resolve_vessels(home.spans.tracks(everyone), identities, home.limits.identity), everyone
        everyone = sharing


def with_reception(home: Home, gaps: DataFrame, now: pd.Timestamp) -> DataFrame:
    """Gaps with their reception judged from the coverage of the days around them."""
    days = reception_days(gaps, home.limits.gap)["day"].dt.strftime("%Y-%m-%d").unique()
    known = home.derived.made_from("coverage")
    coverage = home.derived.coverage(day for day in days if day in known)
    return judge_reception(gaps, coverage, now, home.limits.gap)


def judge_reception_again(home: Home, warehouse: Warehouse, days: list[str], now: pd.Timestamp) -> np.ndarray:
    """Judge again the gaps whose tested hours touch days with changed coverage; give the MMSIs that changed."""
    window = pd.Timedelta(hours=home.limits.gap.reception_window_hours)
    gap = model(AIS_GAP).c
    changed = [np.array([], dtype="int64")]
    for first, last in _stretches(days):
        begin, end = (first - window).to_pydatetime(), (last + window).to_pydatetime()
        beside = or_(gap.began_at.between(begin, end), gap.ended_at.between(begin, end))
        gaps = warehouse.read(AIS_GAP, Where(and_(gap.source == OURS, beside)))
        again = with_reception(home, gaps, now)
        if warehouse.sync(AIS_GAP, again, Among("ais_gap_id", gaps["ais_gap_id"])):
            changed.append(again["mmsi"].unique())
    return np.unique(np.concatenate(changed))


def _stretches(days: list[str]) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Begin and end of each stretch of consecutive days."""
    times = pd.to_datetime(sorted(days), utc=True).to_series()
    number = (times.diff() != pd.Timedelta(days=1)).cumsum()
    return [(part.iloc[0], part.iloc[-1] + pd.Timedelta(days=1)) for _, part in times.groupby(number)]
