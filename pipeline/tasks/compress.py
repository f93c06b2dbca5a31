"""Step: positions of UTC days to runs, coverage, identities and position anomalies."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from geo.zones import Zones
from pipeline.contracts import COVERAGE_DAY, POSITION_ANOMALY
from pipeline.limits import Limits
from pipeline.movement.coverage import add_up, cover_zones, hear, zone_hours
from pipeline.movement.runs import NO_DRAUGHT, ShipFixes, compress
from pipeline.movement.tracks import STRAY, Fixes, find_position_anomalies, tell_ships_apart
from pipeline.state.spans import IDENTITY
from pipeline.tasks.home import Home
from pipeline.warehouse.store import Warehouse

log = logging.getLogger(__name__)
Progress = Callable[[str], None]
FIXES_AT_ONCE = 3_000_000  # about 200 bytes of work each


@dataclass(frozen=True)
class CompressedDay:
    """A UTC day compressed: RUN, COVERAGE, identities by ship, POSITION_ANOMALY, COVERAGE_DAY."""

    runs: DataFrame
    coverage: DataFrame
    identities: DataFrame
    anomalies: DataFrame
    coverage_days: DataFrame


def days_to_compress(home: Home) -> dict[str, str | None]:
    """UTC day to hash of what its runs are to be made from, where that changed; None: it has no positions now."""
    rules = hashlib.sha256(f"{home.zones.hash} {home.limits.track} {home.limits.run}".encode()).hexdigest()[:16]
    wanted = {day: f"{content}-{rules}" for day, content in home.lake.landed_days().items()}
    made = home.derived.made_from()
    return {day: wanted.get(day) for day in sorted(wanted.keys() | made.keys()) if wanted.get(day) != made.get(day)}


def compress_days(home: Home, warehouse: Warehouse, days: set[str] | None, progress: Progress) -> list[str]:
    """Compress every landed day (or those of `days`) whose positions, zones or limits changed; give these days.

    A day that lost all its positions is taken back. What is written is complete after each day, so a stopped run goes
    on where it was.
    """
    todo = {day: made_from for day, made_from in days_to_compress(home).items() if days is None or day in days}
    for number, (day, made_from) in enumerate(todo.items(), 1):
        progress(f"positions to runs: {day} ({number} of {len(todo)})")
        if made_from is None:
            with warehouse.transaction():
                _sync_day(warehouse, day, POSITION_ANOMALY.empty(), COVERAGE_DAY.empty())
            home.derived.forget_day(day)
            continue
        done = compress_parts(_parts_of(home, day), home.zones, home.limits, day)
        with warehouse.transaction():
            _sync_day(warehouse, day, done.anomalies, done.coverage_days)
        home.derived.replace_day(day, made_from, done.runs, done.coverage, done.identities)
        log.info("compressed %s: %d fixes to %d runs", day, done.coverage["fixes"].sum(), len(done.runs))
    return list(todo)


def _parts_of(home: Home, day: str) -> Iterator[tuple[Fixes, DataFrame]]:
    """A day's fixes and VESSEL_REPORT in parts that fit into memory, each with all there is of its MMSIs."""
    reports = home.lake.vessel_reports(day)
    for first, last in home.lake.mmsi_ranges(day, FIXES_AT_ONCE):
        of_part = reports[reports["mmsi"].between(first, last)]
        yield Fixes(**home.lake.fixes(day, (first, last))), of_part


def compress_day(fixes: Fixes, reports: DataFrame, zones: Zones, limits: Limits, day: str) -> CompressedDay:
    """Compress one UTC day whose fixes are all in memory.

    reports    VESSEL_REPORT of the day
    """
    return compress_parts([(fixes, reports)], zones, limits, day)


def compress_parts(parts: Iterable[tuple[Fixes, DataFrame]], zones: Zones, limits: Limits, day: str) -> CompressedDay:
    """Compress one UTC day part by part.

    parts    fixes and VESSEL_REPORT, in order of MMSI; no two parts hold the same MMSI
    """
    done = [_compress(fixes, reports, zones, limits) for fixes, reports in parts]
    return CompressedDay(
        runs=_joined([one.runs for one in done]),
        coverage=add_up([one.coverage for one in done]),
        identities=_joined([one.identities for one in done]),
        anomalies=_joined([one.anomalies for one in done]),
        coverage_days=cover_zones(_joined([one.zone_hours for one in done]), _nesting(zones), day),
    )


def _joined(frames: Sequence[DataFrame]) -> DataFrame:
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return filled[0] if len(filled) == 1 else pd.concat(filled, ignore_index=True)


class _Part(NamedTuple):
    """What one part of a day's ships comes to: RUN, COVERAGE, identities, POSITION_ANOMALY, zone hours."""

    runs: DataFrame
    coverage: DataFrame
    identities: DataFrame
    anomalies: DataFrame
    zone_hours: DataFrame


def _compress(fixes: Fixes, reports: DataFrame, zones: Zones, limits: Limits) -> _Part:
    ship = tell_ships_apart(fixes, limits.track)
    zone = zones.locate(fixes.longitude, fixes.latitude)
    owned = reports.assign(ship=report_owners(fixes, ship, reports))
    owned = owned[owned["ship"] != STRAY]
    order = _by_ship(fixes, ship)
    mmsi, ships, at = fixes.mmsi[order], ship[order], fixes.at[order]
    of_ships = ShipFixes(
        mmsi,
        ships,
        at,
        fixes.longitude[order],
        fixes.latitude[order],
        fixes.sog_kn[order],
        zone[order],
        draught_in_force(mmsi, ships, at, owned),
        fixes.satellite[order],
    )
    return _Part(
        runs=compress(of_ships, list(zones.ids), limits.run),
        coverage=hear(fixes),
        identities=_identities(owned),
        anomalies=find_position_anomalies(fixes, ship),
        zone_hours=zone_hours(fixes, zone),
    )


def _by_ship(fixes: Fixes, ship: NDArray[np.int16]) -> slice | NDArray[np.int64]:
    """Order without stray positions, the ships of one MMSI one after the other."""
    if (ship == 1).all():
        return slice(None)
    kept = np.flatnonzero(ship != STRAY)
    return kept[np.lexsort((ship[kept], fixes.mmsi[kept]))]


def report_owners(fixes: Fixes, ship: NDArray[np.int16], reports: DataFrame) -> NDArray[np.int64]:
    """Number of the ship that each report is about; 0 where that cannot be told.

    Where several ships share an MMSI, a report is about the one that sent a position at the same moment (sources that
    give both in one row). One that came alone could be about any of them, and is held against none.
    """
    owner = np.ones(len(reports), dtype=np.int64)
    several = np.unique(fixes.mmsi[ship > 1])
    shared = np.flatnonzero(reports["mmsi"].isin(several))
    if len(shared):
        some = np.flatnonzero(np.isin(fixes.mmsi, several))
        sent = DataFrame({"mmsi": fixes.mmsi[some], "at": fixes.at[some], "ship": ship[some].astype(np.int64)})
        alone = sent.drop_duplicates().drop_duplicates(["mmsi", "at"], keep=False)
        asked = DataFrame({"mmsi": reports["mmsi"].iloc[shared], "at": _micros(reports["timestamp"].iloc[shared])})
        found = asked.merge(alone, on=["mmsi", "at"], how="left", validate="m:1")["ship"]
        owner[shared] = found.fillna(STRAY).to_numpy(np.int64)
    return owner


def draught_in_force(
    mmsi: NDArray[np.int64], ship: NDArray[np.int16], at: NDArray[np.int64], reports: DataFrame
) -> NDArray[np.int16]:
    """Draught last reported at or before each fix on its UTC day, decimetres; -1 where none was.

    mmsi, ship, at   fixes of one UTC day, sorted by all three
    reports          VESSEL_REPORT with the `ship` that each is about
    """
    draught = np.full(len(at), NO_DRAUGHT, dtype=np.int16)
    told = reports[reports["draught_m"].notna()].sort_values(["mmsi", "ship", "timestamp"], kind="stable")
    if not len(told) or not len(draught):
        return draught
    told_mmsi, told_ship = told["mmsi"].to_numpy(np.int64), told["ship"].to_numpy(np.int64)
    midnight = at[0] - at[0] % 86_400_000_000
    place = np.searchsorted(
        _moments(mmsi, ship, at - midnight), _moments(told_mmsi, told_ship, _micros(told["timestamp"]) - midnight)
    )
    inside = place < len(draught)
    place, value = place[inside], np.rint(told["draught_m"].to_numpy()[inside] * 10).astype(np.int16)
    ours = (mmsi[place] == told_mmsi[inside]) & (ship[place] == told_ship[inside])
    draught[place[ours]] = value[ours]
    known = draught != NO_DRAUGHT
    known[1:] |= (mmsi[1:] != mmsi[:-1]) | (ship[1:] != ship[:-1])
    return draught[np.maximum.accumulate(np.where(known, np.arange(len(draught)), 0))]


def _moments(mmsi: NDArray[np.int64], ship: NDArray[np.integer], of_day: NDArray[np.int64]) -> NDArray[np.int64]:
    """MMSI, ship and moment of the day (to 16 milliseconds) in one sortable number."""
    return (((mmsi << 10) | np.minimum(ship, 1023)) << 23) + (of_day >> 14)


def _micros(times: pd.Series) -> NDArray[np.int64]:
    return times.to_numpy("datetime64[us]").astype(np.int64)


def _identities(reports: DataFrame) -> DataFrame:
    """What each ship called herself: mmsi, ship, IDENTITY, first_at, last_at."""
    named = reports.dropna(subset=["imo", "name", "call_sign"], how="all")
    grouped = named.groupby(["mmsi", "ship", *IDENTITY], dropna=False, sort=True)
    return grouped.agg(first_at=("timestamp", "min"), last_at=("last_at", "max")).reset_index()


def _nesting(zones: Zones) -> DataFrame:
    """code, zone_id: each zone with itself and every zone it lies in; a margin counts for what it lies in only."""
    rows = [
        (code, zones.ids[outer])
        for code in range(len(zones.ids))
        for outer in ([] if zones.is_margin[code] else [code]) + zones.ancestors(code)
    ]
    return DataFrame(rows, columns=["code", "zone_id"])


def _sync_day(warehouse: Warehouse, day: str, anomalies: DataFrame, coverage_days: DataFrame) -> None:
    from pipeline.warehouse.scope import Matching

    after = pd.Timestamp(day, tz="UTC").as_unit("us") + pd.Timedelta(days=1)
    jumps = DataFrame({"known_at": [after], "kind": ["implausible_jump"]})  # bursts are told where days are joined
    warehouse.sync(POSITION_ANOMALY, anomalies, Matching(jumps))
    warehouse.sync(COVERAGE_DAY, coverage_days, Matching(DataFrame({"day": [day]})))
