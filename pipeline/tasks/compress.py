"""Task: positions of UTC days to runs, coverage, identities and position anomalies."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from functools import partial

import pandas as pd
from pandas import DataFrame

from pipeline.contracts import COVERAGE_DAY, POSITION_ANOMALY
from pipeline.engines.engine import Engine
from pipeline.movement.compress import join_parts
from pipeline.movement.false_tracks import FALSE_TRACKS, mark_interference
from pipeline.movement.out_of_range import OUT_OF_RANGE
from pipeline.tasks.home import Home
from pipeline.tasks.pieces import compress_piece, cut
from pipeline.warehouse.scope import Among, Matching
from pipeline.warehouse.store import Warehouse

log = logging.getLogger(__name__)
_FORM = 6  # of what is compressed: raise it where a new version says other things of the same data


def wanted_days(home: Home) -> dict[str, str]:
    """Landed UTC day to what its runs are to be made from: the hash of its positions, then of zones and limits."""
    creeping = home.limits.encounter.slow_kn, home.limits.encounter.under_way_kn
    rules = f"{_FORM} {home.zones.hash} {home.limits.track} {home.limits.run} {home.limits.anomaly} {creeping}"
    rules = f"{rules} {home.limits.coarse}"
    rules = hashlib.sha256(rules.encode()).hexdigest()[:16]
    return {day: f"{content}-{rules}" for day, content in home.lake.landed_days().items()}


def compress(home: Home, warehouse: Warehouse, engine: Engine, days: Sequence[str]) -> None:
    """Compress UTC days; one that lost all its positions is taken back.

    What is written of days is complete or not there, so a stopped run goes on where it was.
    """
    wanted = wanted_days(home)
    gone, landed = [day for day in days if day not in wanted], [day for day in days if day in wanted]
    home.ship_days.note_changed(days)
    home.results.note_begun(days)
    home.judged.forget_reception(days)
    if gone:
        with warehouse.transaction(), warehouse.watch() as watch:
            _sync_days(warehouse, gone, POSITION_ANOMALY.empty(), COVERAGE_DAY.empty())
            home.ship_days.note_changed_since(watch.since())
        home.results.forget_days(gone)
    if landed:
        work, pieces = (
            partial(compress_piece, home.zones, home.limits),
            list(cut(home.lake, landed, engine.fixes_of_piece)),
        )
        done = join_parts(list(engine.each(work, pieces)), home.zones, home.limits, landed)
        with warehouse.transaction(), warehouse.watch() as watch:
            _sync_days(warehouse, landed, done.anomalies, done.coverage_days)
            note_interference(home, warehouse, after_days(landed))
            # What hits three ships is interference for each of them, also for whose positions nothing else changed.
            home.ship_days.note_changed_since(watch.since())
        made_from = {day: wanted[day] for day in landed}
        home.results.replace_days(made_from, done.runs, done.creeps, done.coverage, done.identities)
        fixes = done.runs["fixes"].sum()
        log.info("compressed %s to %s: %d fixes to %d runs", days[0], days[-1], fixes, len(done.runs))


def after_days(days: Sequence[str]) -> pd.DatetimeIndex:
    """The midnights after UTC days."""
    return pd.to_datetime(list(days), utc=True).as_unit("us") + pd.Timedelta(days=1)


def note_interference(home: Home, warehouse: Warehouse, known_at: Iterable[pd.Timestamp]) -> None:
    """Say of the position anomalies of days, by the midnights after them, which hit several ships at once."""
    of_days = Among("known_at", pd.DatetimeIndex(known_at).unique())
    found = warehouse.read(POSITION_ANOMALY, of_days)
    if len(found):
        warehouse.sync(POSITION_ANOMALY, mark_interference(found, home.limits.anomaly), of_days)


def _sync_days(warehouse: Warehouse, days: Sequence[str], anomalies: DataFrame, coverage_days: DataFrame) -> None:
    after = after_days(days)
    # Bursts are found where days are joined.
    kinds = DataFrame({"kind": ["implausible_jump", *FALSE_TRACKS, OUT_OF_RANGE]})
    warehouse.sync(POSITION_ANOMALY, anomalies, Matching(DataFrame({"known_at": after}).merge(kinds, how="cross")))
    warehouse.sync(COVERAGE_DAY, coverage_days, Matching(DataFrame({"day": list(days)})))
