"""UTC days of positions compressed: runs, coverage, what ships called themselves, and positions that no ship was at.

A ship's UTC day is the unit: ships are distinguished within it, and no run crosses midnight. Days are compressed
together by giving each its own key (`ship_day`), so that two days of one ship are as far apart as two ships; what comes
out for a day does not depend on which days it was compressed with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from geo.zones import Zones
from pipeline.contracts import IDENTITY
from pipeline.limits import DraughtLimits, Limits
from pipeline.movement.coarse import speeds_over_hours, zones_of_cells
from pipeline.movement.coverage import add_up, cover_zones, hear, zone_hours
from pipeline.movement.creeping import creeping_hours
from pipeline.movement.false_tracks import find_false_tracks
from pipeline.movement.out_of_range import find_out_of_range, heard_alone
from pipeline.movement.runs import NO_DRAUGHT, ShipFixes, compress
from pipeline.movement.tracks import DAY_US, STRAY, Fixes, find_position_anomalies, mmsi_of, separate_ships, ship_day


@dataclass(frozen=True)
class CompressedDays:
    """UTC days compressed, each frame holding all of them: RUN, CREEP, COVERAGE, identities by ship (mmsi, ship,
    IDENTITY, first_at, last_at), POSITION_ANOMALY, COVERAGE_DAY."""

    runs: DataFrame
    creeps: DataFrame
    coverage: DataFrame
    identities: DataFrame
    anomalies: DataFrame
    coverage_days: DataFrame


def compress_days(
    parts: Iterable[tuple[Fixes, DataFrame]], zones: Zones, limits: Limits, days: Sequence[str]
) -> CompressedDays:
    """Compress UTC days part by part.

    parts    fixes, sorted by day, then MMSI, and VESSEL_REPORT; no two parts hold the same day of a ship
    days     the UTC days, in order, also those of which nothing is left
    """
    return join_parts([compress_part(fixes, reports, zones, limits) for fixes, reports in parts], zones, limits, days)


def join_parts(parts: Sequence[CompressedPart], zones: Zones, limits: Limits, days: Sequence[str]) -> CompressedDays:
    """What parts of UTC days came to, as one.

    parts    in order of day and MMSI; no two hold the same day of a ship
    days     the UTC days, in order, also those of which nothing is left
    """
    coverage = add_up([one.coverage for one in parts])
    unheard = find_out_of_range(_joined([one.alone for one in parts]), coverage, limits.anomaly)
    return CompressedDays(
        runs=_joined([one.runs for one in parts]),
        creeps=_joined([one.creeps for one in parts]),
        coverage=coverage,
        identities=_joined([one.identities for one in parts]),
        anomalies=_joined([*(one.anomalies for one in parts), unheard]),
        coverage_days=cover_zones(_joined([one.zone_hours for one in parts]), _nesting(zones), days),
    )


def _joined(frames: Sequence[DataFrame]) -> DataFrame:
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return filled[0] if len(filled) == 1 else pd.concat(filled, ignore_index=True)


class CompressedPart(NamedTuple):
    """What one part comes to: RUN, CREEP, COVERAGE, identities, POSITION_ANOMALY, zone hours, and where shore stations
    heard one ship alone (`out_of_range.heard_alone`)."""

    runs: DataFrame
    creeps: DataFrame
    coverage: DataFrame
    identities: DataFrame
    anomalies: DataFrame
    zone_hours: DataFrame
    alone: DataFrame


def compress_part(fixes: Fixes, reports: DataFrame, zones: Zones, limits: Limits) -> CompressedPart:
    """Compress whole days of ships.

    fixes    sorted by day, then MMSI
    reports  VESSEL_REPORT of the same days and MMSIs
    """
    by_day = fixes._replace(mmsi=ship_day(fixes.mmsi, fixes.at))
    ship = separate_ships(by_day, limits.track)
    speed = speeds_over_hours(by_day, ship, limits.coarse)
    located = zones.locate(fixes.longitude, fixes.latitude)
    zone, doubt = zones_of_cells(by_day, ship, speed, located, zones)
    precision_s = fixes.precision_s + np.where(doubt, round(limits.coarse.doubt_hours * 3600), 0)
    reports = reports.assign(mmsi=ship_day(reports["mmsi"].to_numpy(np.int64), _micros(reports["timestamp"])))
    owned = reports.assign(ship=report_owners(by_day, ship, reports))
    owned = owned[owned["ship"] != STRAY]
    order = _by_ship(by_day, ship)
    key, ships, at = by_day.mmsi[order], ship[order], fixes.at[order]
    of_ships = ShipFixes(
        key,
        ships,
        at,
        fixes.longitude[order],
        fixes.latitude[order],
        speed[order],
        zone[order],
        draught_in_force(key, ships, at, owned, limits.draught),
        fixes.receiver[order],
        fixes.precision_m[order],
        precision_s[order].astype(np.int32),
    )
    return CompressedPart(
        runs=_with_mmsi(compress(of_ships, list(zones.ids), limits.run)),
        creeps=_with_mmsi(creeping_hours(of_ships, limits.encounter)),
        coverage=hear(_exact(fixes)),
        identities=_with_mmsi(_identities(owned)),
        anomalies=_joined([find_position_anomalies(by_day, ship), find_false_tracks(by_day, ship, limits.anomaly)]),
        zone_hours=zone_hours(fixes, zone),
        alone=heard_alone(by_day, ship),
    )


def _exact(fixes: Fixes) -> Fixes:
    """The exact fixes alone: coarse ones are had of regions that were asked for, and of who leaves such a region it is
    no wonder that she is heard no more while others in it are. So they are no measure of a silence."""
    coarse = fixes.precision_m > 0
    return Fixes._make(values[~coarse] for values in fixes) if coarse.any() else fixes


def _with_mmsi(rows: DataFrame) -> DataFrame:
    return rows.assign(mmsi=mmsi_of(rows["mmsi"].to_numpy(np.int64)))


def _by_ship(fixes: Fixes, ship: NDArray[np.int16]) -> slice | NDArray[np.int64]:
    """Order without stray positions, the ships of one MMSI one after the other."""
    if (ship == 1).all():
        return slice(None)
    kept = np.flatnonzero(ship != STRAY)
    return kept[np.lexsort((ship[kept], fixes.mmsi[kept]))]


def report_owners(fixes: Fixes, ship: NDArray[np.int16], reports: DataFrame) -> NDArray[np.int64]:
    """Number of the ship that each report is about; 0 where that is not known.

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
    mmsi: NDArray[np.int64], ship: NDArray[np.int16], at: NDArray[np.int64], reports: DataFrame, limits: DraughtLimits
) -> NDArray[np.int16]:
    """Draught last reported at or before each fix on its UTC day, decimetres; -1 where none was.

    A figure that no ship of these waters can have (limits: draught.most_m) is none: the one before it stays in force.

    mmsi, ship, at   fixes, sorted by all three; those of one MMSI (or key of `ship_day`) lie in one UTC day
    reports          VESSEL_REPORT with the `ship` that each is about
    """
    draught = np.full(len(at), NO_DRAUGHT, dtype=np.int16)
    given = reports[reports["draught_m"] < limits.most_m].sort_values(["mmsi", "ship", "timestamp"], kind="stable")
    if not len(given) or not len(draught):
        return draught
    begins = np.ones(len(at), dtype=bool)
    begins[1:] = (mmsi[1:] != mmsi[:-1]) | (ship[1:] != ship[:-1])
    first = np.flatnonzero(begins)
    fix_ship = np.cumsum(begins) - 1
    numbers = _numbered(mmsi[first], ship[first])
    asked = _numbered(given["mmsi"].to_numpy(np.int64), given["ship"].to_numpy(np.int64))
    report_ship = np.minimum(np.searchsorted(numbers, asked), len(numbers) - 1)
    heard = numbers[report_ship] == asked
    given, report_ship = given[heard], report_ship[heard]
    # a ship's number and the moment of her day in one sortable number
    moments = report_ship * DAY_US + _micros(given["timestamp"]) % DAY_US
    place = np.searchsorted(fix_ship * DAY_US + at % DAY_US, moments)
    inside = place < len(draught)
    place, value = place[inside], np.rint(given["draught_m"].to_numpy()[inside] * 10).astype(np.int16)
    ours = fix_ship[place] == report_ship[inside]
    draught[place[ours]] = value[ours]
    known = (draught != NO_DRAUGHT) | begins
    return draught[np.maximum.accumulate(np.where(known, np.arange(len(draught)), 0))]


def _numbered(mmsi: NDArray[np.int64], ship: NDArray[np.integer]) -> NDArray[np.int64]:
    """MMSI (or key of `ship_day`) and ship in one sortable number."""
    return (mmsi << 10) | np.minimum(ship, 1023)


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
