"""Task: radar detections of providers against our own positions, into the warehouse.

A UTC day is matched again when its files, the positions around it, the zones or the limits of radar changed, or, where
a catalogue lists images of it, what was asked about its month; what is repeated from pass to pass is then settled for
all days.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterable
from datetime import date, timedelta

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pandas import DataFrame

from geo.zones import Zones
from pipeline.contracts import RADAR_DETECTION, RADAR_LOOK, RADAR_PASS, SOURCE_FILE, Table
from pipeline.lake.pruned import pruned_days
from pipeline.limits import RadarLimits, load_radar_rules
from pipeline.provider.radar import find_passes, match
from pipeline.provider.radar_looks import looked_at, looks, visible_zones, with_repeats
from pipeline.tasks.home import Home
from pipeline.warehouse.store import Changes, Warehouse

log = logging.getLogger(__name__)
_FORM = 2  # of what the stage gives: raise it where a new version says other things of the same data
_FIX = ["mmsi", "timestamp", "longitude", "latitude"]
_KM_A_DEGREE = 111.2


def wanted_radar(home: Home, landed: dict[str, str]) -> dict[str, str]:
    """UTC day with radar detections, or images, to hash of what it is to be matched from."""
    rules = f"{_FORM} {home.zones.hash} {load_radar_rules().hash}"
    return home.radar.wanted(landed, hashlib.sha256(rules.encode()).hexdigest()[:16])


def sync_radar(home: Home, warehouse: Warehouse) -> Changes:
    """Match the days that changed, and bring passes, detections and what they saw of zones up to date."""
    limits = load_radar_rules().radar
    wanted, before = wanted_radar(home, home.lake.landed_days()), home.radar.made_from()
    due = sorted(day for day in wanted.keys() | before.keys() if wanted.get(day) != before.get(day))
    licences = warehouse.read(SOURCE_FILE).set_index("source_file_id")["licence"]
    known = {table: warehouse.read(table) for table in (RADAR_PASS, RADAR_DETECTION)}
    passes, detections = ([_of_other_days(known[table], due)] for table in (RADAR_PASS, RADAR_DETECTION))
    received = home.radar.detections(due)
    received = received.assign(licence=received["source_file_id"].map(licences))
    of_scenes = received[_near(received, home.zones, limits.near_km + limits.scene_km)]
    images = home.radar.images(due)
    images = images[_over(images, home.zones, limits.near_km)]
    found_passes, rows = find_passes(of_scenes, images, home.radar.answers(due))
    rows["zone_id"] = _zone_ids(home.zones, rows["longitude"], rows["latitude"])
    zone_ids = visible_zones(home.zones, limits)
    pairs = looked_at(found_passes, rows, home.zones, zone_ids)
    rows = rows[_near(rows, home.zones, limits.near_km)]
    over = _over(found_passes, home.zones, limits.near_km) | found_passes["radar_pass_id"].isin(rows["radar_pass_id"])
    found_passes = found_passes[over | found_passes["known_from"].ne("detections")]
    passes.append(found_passes)
    inside = [_of_other_days(warehouse.read(RADAR_LOOK), due)[[*pairs, "ships_inside"]]]
    pruned = pruned_days(home.lake.catalog)
    looked = found_passes[found_passes["known_from"].ne("catalogue_only")]
    day_of = (looked["known_at"] - pd.Timedelta(days=1)).dt.strftime("%Y-%m-%d")
    for day, of_passes in looked.groupby(day_of):
        of_day = rows[rows["radar_pass_id"].isin(of_passes["radar_pass_id"])]
        fixes = _fixes(home, str(day), of_passes, limits)
        detections.append(_unless_pruned(match(of_day, fixes, limits), pruned))
        inside.append(_inside(home.zones, pairs, fixes, of_passes))
    all_passes, all_detections = _joined(passes, RADAR_PASS), _joined(detections, RADAR_DETECTION)
    all_detections = with_repeats(all_detections, all_passes, limits)
    all_looks = looks(all_detections, all_passes, pd.concat(inside), home.zones, zone_ids)
    with warehouse.transaction():
        wrote = warehouse.sync(RADAR_PASS, all_passes)
        wrote += warehouse.sync(RADAR_DETECTION, all_detections)
        wrote += warehouse.sync(RADAR_LOOK, all_looks)
    home.radar.note(wanted)
    log.info("radar: %d days matched, %d passes, %d detections", len(due), len(all_passes), len(all_detections))
    return wrote


def _unless_pruned(detections: DataFrame, pruned: Collection[str]) -> DataFrame:
    """The detections, of which none counts as unexplained on a UTC day whose positions were let go of."""
    gone = (detections["outcome"] == "unexplained") & detections["at"].dt.strftime("%Y-%m-%d").isin(pruned)
    return detections.assign(
        outcome=detections["outcome"].mask(gone, "cannot_tell"),
        reason=detections["reason"].mask(gone, "Positions of this day were pruned before the echo was seen."),
    )


def _of_other_days(rows: DataFrame, days: Iterable[str]) -> DataFrame:
    at = rows["known_at"] - pd.Timedelta(days=1)
    return rows[~at.dt.strftime("%Y-%m-%d").isin(set(days))]


def _joined(frames: list[DataFrame], table: Table) -> DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return table.conform(pd.concat(filled, ignore_index=True)) if filled else table.empty()


def _near(rows: DataFrame, zones: Zones, km: float) -> NDArray[np.bool_]:
    """Which places lie within some kilometres of North Korea's ports and anchorages; the lake keeps the others."""
    west, south, east, north = _boxes(zones, km).T
    x, y = rows["longitude"].to_numpy()[:, None], rows["latitude"].to_numpy()[:, None]
    return np.asarray(((x > west) & (x < east) & (y > south) & (y < north)).any(axis=1))


def _over(passes: DataFrame, zones: Zones, km: float) -> NDArray[np.bool_]:
    """Which passes, or images, saw ground within some kilometres of these."""
    grounds = shapely.from_wkt(passes["ground"].to_numpy(object))
    return np.asarray(shapely.intersects(grounds, shapely.union_all(shapely.box(*_boxes(zones, km).T))))


def _boxes(zones: Zones, km: float) -> NDArray[np.float64]:
    """West, south, east, north of North Korea's ports and anchorages with a margin around them, degrees."""
    frame = zones.frame
    ours = frame[(frame["country"] == "KP") & ~frame["kind"].isin(["country", "margin"])].index
    boxes = np.array([zones.outlines[code].bounds for code in ours])
    high = km / _KM_A_DEGREE
    wide = high / np.cos(np.radians(boxes[:, 3]))
    return np.asarray(boxes + np.column_stack([-wide, np.full(len(boxes), -high), wide, np.full(len(boxes), high)]))


def _zone_ids(zones: Zones, longitude: pd.Series, latitude: pd.Series) -> pd.Series:
    names = np.array([*zones.ids, None], dtype=object)
    return pd.Series(names[zones.locate(longitude, latitude)], index=longitude.index, dtype="str")


def _fixes(home: Home, day: str, passes: DataFrame, limits: RadarLimits) -> DataFrame:
    """mmsi, timestamp, longitude, latitude of ships around the passes of a UTC day, from the days they reach into."""
    reach = pd.Timedelta(hours=limits.reach_hours + 1)
    first, last = passes["from_at"].min() - reach, passes["to_at"].max() + reach
    far = limits.near_km + max(limits.heard_km, limits.reach_hours * limits.reach_kn * 1.852)
    found = [DataFrame(columns=_FIX)]
    for n in (-1, 0, 1):
        other = date.fromisoformat(day) + timedelta(days=n)
        if first.date() <= other <= last.date():
            fixes = home.lake.positions(other.isoformat(), [*_FIX, "precision_m"])
            fixes = fixes[fixes["precision_m"].isna() & fixes["timestamp"].between(first, last)]  # exact ones
            found.append(fixes.loc[_near(fixes, home.zones, far), _FIX])
    return pd.concat([one for one in found if len(one)] or found[-1:], ignore_index=True)


def _inside(zones: Zones, pairs: DataFrame, fixes: DataFrame, passes: DataFrame) -> DataFrame:
    """radar_pass_id, zone_id, ships_inside: ships heard in the zones that each pass saw, in the hour around it."""
    located = fixes.assign(zone_id=_zone_ids(zones, fixes["longitude"], fixes["latitude"]))
    rows = []
    half = pd.Timedelta(minutes=30)
    for one in passes.to_dict("records"):
        middle = one["from_at"] + (one["to_at"] - one["from_at"]) / 2
        around = located[located["timestamp"].between(middle - half, middle + half)]
        for zone_id in pairs.loc[pairs["radar_pass_id"] == one["radar_pass_id"], "zone_id"]:
            names = {zone_id, f"{zone_id}~margin"}
            rows.append((one["radar_pass_id"], zone_id, around.loc[around["zone_id"].isin(names), "mmsi"].nunique()))
    return DataFrame(rows, columns=["radar_pass_id", "zone_id", "ships_inside"])
