"""Task: runs of UTC days to events in the warehouse, from what earlier days hand on.

Consecutive days are derived together, each ship from her last checkpoint before the first day that is due to the first
one after the last (`state.due`). Where she hands on there what she did before, nothing later is touched; so a new day
costs a day, a late file costs what it touches, and a stopped run goes on where it was.
"""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
from pandas import DataFrame

from pipeline.contracts import (
    AIS_GAP,
    ENCOUNTER,
    EVENTS,
    IDENTITY_CHANGE,
    OURS,
    POSITION_ANOMALY,
    TRACK,
    VESSEL,
    VESSEL_IDENTITY,
)
from pipeline.events.attribution import attribute
from pipeline.events.carried import Carried
from pipeline.events.derive import DerivedDays, derive_days
from pipeline.events.identity import Vessels
from pipeline.events.registry import detectors
from pipeline.lake.catalog import transaction
from pipeline.state.results import differing
from pipeline.tasks.compress import note_interference
from pipeline.tasks.home import Home
from pipeline.tasks.hulls import resolve
from pipeline.tasks.one_hull import note_lives, sync_pairs
from pipeline.tasks.reception import with_reception
from pipeline.warehouse.models import model
from pipeline.warehouse.scope import Among, Derived, Where
from pipeline.warehouse.store import Warehouse
from pipeline.warehouse.watch import Watch

log = logging.getLogger(__name__)
_EVER = "1900-01-01"  # before all data


def derive(home: Home, warehouse: Warehouse, days: tuple[str, str], now: pd.Timestamp) -> None:
    """Derive the ships that are due from a first to a last UTC day, and bring the warehouse to what they come to.

    now  end of the last day with runs (UTC)
    """
    spans = _spans(home, *days)
    heard_on = home.ship_days.heard_days(spans)
    runs = _within(home.results.runs(heard_on), "began_at", spans)
    identities = _within(home.results.identities(heard_on), "first_at", spans)
    before = Carried(**home.results.handed_on(spans.rename(columns={"before": "day"})))
    found = derive_days(before, runs, identities, home.zones.frame, now, home.limits, home.anchorages)
    spans["heard"] = spans["mmsi"].isin(runs["mmsi"])
    home.ship_days.note_begun(spans)
    _note_spans(home, spans, found)
    _sync(home, warehouse, spans, found, now)
    _hand_on(home, spans, found)
    counts = ", ".join(f"{len(events)} {name}" for name, events in found.events.items())
    log.info("derived %d days around %s to %s: %d ships, %s", len(heard_on), *days, len(spans), counts)


def _spans(home: Home, first: str, last: str) -> DataFrame:
    """The days to derive of each ship that is due: mmsi, from_day, to_day, before (the checkpoint before them), after
    (the first one at their end or later) and kept (whether it is at their end). Days after `last` are not among them,
    so that a history that is filled from its end backwards does not grow into one stretch."""
    due = home.ship_days.due(first, last)
    spans = due.merge(home.ship_days.checkpoints_around(due), on="mmsi", validate="1:1")
    begins = pd.to_datetime(spans["before"]) + pd.Timedelta(days=1)
    spans["from_day"] = begins.dt.strftime("%Y-%m-%d").fillna(_EVER)
    spans["kept"] = (spans["after"] <= last).fillna(False).astype(bool)
    spans["to_day"] = spans["after"].where(spans["kept"], last)
    return spans


def _within(rows: DataFrame, time: str, spans: DataFrame) -> DataFrame:
    """The rows of ships that lie within their spans."""
    of_ship = spans.set_index("mmsi")
    rows = rows[rows["mmsi"].isin(of_ship.index)]
    of_row = of_ship.reindex(rows["mmsi"])
    begin, end = (pd.to_datetime(of_row[name]).to_numpy("datetime64[D]") for name in ("from_day", "to_day"))
    day = rows[time].to_numpy("datetime64[D]")
    return rows[(day >= begin) & (day <= end)].reset_index(drop=True)


def _sync(home: Home, warehouse: Warehouse, spans: DataFrame, found: DerivedDays, now: pd.Timestamp) -> None:
    """Bring the warehouse's events of the ships' spans to what was found."""
    mmsis = spans["mmsi"].to_numpy()
    last = home.ship_days.last_heard(mmsis).set_index("mmsi")["day"].reindex(mmsis)
    reaches_end = (last.isna() | (last <= spans["to_day"].to_numpy())).to_numpy()
    home.ship_days.note_wakes(mmsis[reaches_end], found.wakes)
    scope = spans[["mmsi", "from_day", "to_day"]].assign(reaches_end=reaches_end)
    with warehouse.transaction(), warehouse.watch() as watch:
        vessels, everyone, described = _sync_vessels(home, warehouse, mmsis, watch)
        attribution = vessels.attribution
        bursts = Derived(scope, model(POSITION_ANOMALY).c.kind == "burst")
        before = warehouse.read(POSITION_ANOMALY, bursts)
        warehouse.sync_events(POSITION_ANOMALY, found.bursts, scope, bursts.clause)
        if len(before) or len(found.bursts):
            note_interference(home, warehouse, pd.concat([before["known_at"], found.bursts["known_at"]]))
        for name, detector in detectors().items():
            events = found.events[name]
            events = events[~detector.is_open(events) | events["mmsi"].isin(mmsis[reaches_end])]
            if detector.table is AIS_GAP:
                note_lives(home, scope, vessels, everyone, events)
                events = with_reception(home, warehouse, events, now)
            of_tracks = model(IDENTITY_CHANGE).c.kind == "value" if detector.table is IDENTITY_CHANGE else None
            warehouse.sync_events(detector.table, attribute(detector.table, events, attribution), scope, of_tracks)
        due = sync_pairs(home, warehouse, vessels, everyone)
        _note_to_judge(home, spans, attribution, described, watch)
    home.lives.note_done(due)


def _note_to_judge(home: Home, spans: DataFrame, attribution: DataFrame, described: np.ndarray, watch: Watch) -> None:
    """Note from when on which ships must be judged again: those derived from the day on from which they were, or from
    where the first event begins that is another one; those with another hull, or of whom other things are said, whole.
    """
    of_span = pd.to_datetime(spans["from_day"], utc=True).dt.as_unit("us")
    begins = dict(zip(spans["mmsi"].tolist(), of_span, strict=True))
    first = of_span.min()
    begins |= {int(mmsi): first for mmsi in attribution["mmsi"].unique() if int(mmsi) not in begins}
    for mmsi, at in watch.since().items():
        begins[mmsi] = min(at, begins.get(mmsi, first))
    home.ship_days.note_changed_since(begins)
    home.ship_days.note_to_judge(described)


def _hand_on(home: Home, spans: DataFrame, found: DerivedDays) -> None:
    """Keep what the ships hand on at the end of their spans; where it is not what it was, her next day is due."""
    handed_on = found.carried.of(spans.loc[spans["heard"], "mmsi"].to_numpy())
    with transaction(home.lake.catalog):
        other = [spans.loc[~spans["heard"] | ~spans["kept"], "mmsi"].to_numpy()]
        for day, of_day in spans.groupby("to_day"):
            mmsis = of_day["mmsi"].to_numpy()
            now = vars(handed_on.of(mmsis))
            before = home.results.handed_on(of_day.loc[of_day["kept"], ["mmsi"]].assign(day=day))
            other += [differing(before[name], now[name]) for name in now]
            home.results.hand_on(str(day), mmsis, now)
        home.meetings.note_derived(spans)
        home.ship_days.note_derived(spans, np.unique(np.concatenate(other)))


def _note_spans(home: Home, spans: DataFrame, found: DerivedDays) -> None:
    """Keep when each track was heard, and what it called itself."""
    home.spans.replace(spans[["mmsi", "from_day", "to_day"]], found.tracks, found.identities)


def _sync_vessels(
    home: Home, warehouse: Warehouse, mmsis: np.ndarray, watch: Watch
) -> tuple[Vessels, np.ndarray, np.ndarray]:
    """Bring hulls, identities and tracks of ships up to date; events told earlier follow their track to another hull.

    returns  the hulls of these ships and of all whose hull depends on theirs, who these are, and those of them with
             another hull, or of whom other things are said
    """
    found, everyone = resolve(home, mmsis)
    stored = warehouse.read(TRACK, Among("mmsi", everyone))
    hulls = np.union1d(stored["vessel_id"], found.tracks["vessel_id"])
    moved = found.tracks.merge(stored, on="track_id", suffixes=("", "_before"), validate="1:1")
    moved = moved[moved["vessel_id"] != moved["vessel_id_before"]]
    home.provider_events.mark_of_hulls(everyone, hulls)
    warehouse.sync(VESSEL, found.vessels, Among("vessel_id", hulls))
    warehouse.sync(TRACK, found.tracks, Among("mmsi", everyone))
    warehouse.sync(VESSEL_IDENTITY, found.identities, Among("mmsi", everyone))
    if len(moved):
        home.meetings.let_be_due(moved["mmsi"])  # two tracks of one hull do not meet
        for table in (detector.table for detector in detectors().values()):
            events = warehouse.read(table, Among("track_id", moved["track_id"]))
            number = events["track_id"].str.split("-").str[-1].astype("int64")
            events = events.drop(columns=["track_id", "vessel_id", "imo"]).assign(track=number)
            warehouse.sync(table, attribute(table, events, found.attribution), Among("track_id", moved["track_id"]))
    tracks = pd.concat([found.tracks, stored])
    other = tracks["vessel_id"].isin(watch.hulls) | tracks["track_id"].isin(moved["track_id"])
    return found, everyone, tracks.loc[other, "mmsi"].unique()


def take_back_underived(home: Home, warehouse: Warehouse) -> None:
    """Take back events of ours of kinds that nothing derives: their detector was among the extensions before.

    Encounters stay until `meetings` has found those of each day again.
    """
    with warehouse.transaction():
        for table in EVENTS:
            if table.name not in detectors() and table is not ENCOUNTER:
                ours = Where(model(table).c.source == OURS)
                home.ship_days.note_to_judge(warehouse.read(table, ours)["mmsi"].unique())
                warehouse.sync(table, table.empty(), ours)
