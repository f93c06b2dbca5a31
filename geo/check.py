"""Check zones against the coast and against known points: what `load_zones` cannot know.

Nesting, overlaps, fields and invalid outlines are refused at load (`geo.zones.ZoneError`). Here follows what a person
should look at: zones that lie on land, detached specks, known places that lie outside their zone.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.coast import EXTENT, land_within
from geo.plane import area_km2, gap_m
from geo.zones import Zones

if TYPE_CHECKING:
    from pandas import DataFrame

ANCHORS = Path(__file__).resolve().parent / "anchors.csv"

# Least share of water, by kind. Ports include a strip of land along the quays, narrow docks more than half of them;
# a gate lies across its dam; country waters are coarse and reach over the shore.
LEAST_WATER = {"anchorage": 0.98, "basin": 0.6, "port": 0.4, "terminal": 0.4, "lock": 0.4}
_SPECK_KM2 = 0.05


def check_zones(zones: Zones, anchors: Path = ANCHORS) -> DataFrame:
    """One row per thing checked: check, zone_id, finding (a sentence), ok, value.

    checks  water (share of the zone on water), parts (area of the smallest part, km²), anchor (metres from a known
            point, `anchors.csv`, to the zone it belongs to; each point allows for its own inaccuracy)
    """
    from pandas import DataFrame

    rows: list[tuple[str, str, str, bool, float]] = []
    kinds = zones.frame["kind"].tolist()
    for code, outline in enumerate(zones.outlines):
        if zones.is_margin[code]:
            continue
        smallest = min(area_km2(part) for part in shapely.get_parts(outline))
        rows.append(("parts", zones.ids[code], f"smallest part {smallest:.2f} km²", smallest >= _SPECK_KM2, smallest))
        if kinds[code] in LEAST_WATER and shapely.covers(shapely.box(*EXTENT), outline):
            share = water_share(outline)
            least = LEAST_WATER[kinds[code]]
            finding = f"{share:.0%} on water, at least {least:.0%}"
            rows.append(("water", zones.ids[code], finding, share >= least, share))
    rows += _anchor_rows(zones, anchors)
    return DataFrame(rows, columns=["check", "zone_id", "finding", "ok", "value"])


def water_share(shape: BaseGeometry) -> float:
    """Share of a shape's area that is water."""
    return 1 - float(shapely.area(shapely.intersection(land_within(shape), shape)) / shapely.area(shape))


def _anchor_rows(zones: Zones, anchors: Path) -> list[tuple[str, str, str, bool, float]]:
    """How far known points lie from the zone they belong to; a zone that is not there is a finding."""
    rows = []
    with anchors.open(encoding="utf-8", newline="") as file:
        for place in csv.DictReader(file):
            name, zone_id, within_m = place["place"], place["zone_id"], float(place["within_m"])
            if zone_id not in zones.ids:
                rows.append(("anchor", zone_id, f"{name}: no such zone", False, np.inf))
                continue
            outline = zones.outlines[zones.ids.index(zone_id)]
            gap = gap_m(outline, float(place["longitude"]), float(place["latitude"]))
            finding = f"{name}: {gap:.0f} m away, at most {within_m:.0f}"
            rows.append(("anchor", zone_id, finding, gap <= within_m, gap))
    return rows
