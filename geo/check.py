"""Check zones against the coast, known points and anchorages: what `load_zones` cannot know.

Nesting, overlaps, fields and invalid outlines are refused at load (`geo.zones.ZoneError`). Here follows what a person
should look at: zones that lie on land, detached specks, known places that lie outside their zone, ports many of whose
anchorages lie in none of their zones.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
import yaml
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.anchorages import anchorages
from geo.coast import EXTENT, land_within
from geo.grow import BANK_M, CELL_M, NO_CELLS, SHORE_M, Cells, at_sea
from geo.plane import area_km2, buffer_m, gap_m, simplify_m
from geo.zones import CALLABLE_KINDS, Zones

if TYPE_CHECKING:
    from pandas import DataFrame

ANCHORS = Path(__file__).resolve().parent / "anchors.csv"
OUTLINES = Path(__file__).resolve().parent / "outlines.yaml"

# Least share of a zone within reach of water of its own, or of cells where ships lay though the coast shows land.
LEAST_NEAR_WATER = 0.98
LEAST_CELLS = 0.95  # of the anchorages labelled with a port, in a zone of that port
WATCHED = ("CN", "KP", "RU", "VN")  # whose labels should name a port of ours, or be known not to
MANY_CELLS = 20  # a label of fewer is one quay, or one ship's habit
NEAR_M = 20_000  # a river anchorage that far from a zone would be reported as a different place from the port beside it
_SPECK_KM2 = 0.05


def check_zones(zones: Zones, anchors: Path = ANCHORS) -> DataFrame:
    """One row per thing checked: check, zone_id, finding (a sentence), ok, value.

    checks  water (share of the zone in reach of its own water), parts (area of the smallest part, km²), anchor (metres
            from a known point, `anchors.csv`, to the zone it belongs to; each allows for its own inaccuracy, but none
            may lie outside every zone of its port: a ship lying exactly there would be in no port)
    """
    from pandas import DataFrame

    rows: list[tuple[str, str, str, bool, float]] = []
    kinds = zones.frame["kind"].tolist()
    places = _places(anchors)
    known, of = places[["longitude", "latitude"]].to_numpy(), places["zone_id"].to_numpy()
    for code, outline in enumerate(zones.outlines):
        if zones.is_margin[code]:
            continue
        smallest = min(area_km2(part) for part in shapely.get_parts(outline))
        rows.append(("parts", zones.ids[code], f"smallest part {smallest:.2f} km²", smallest >= _SPECK_KM2, smallest))
        if kinds[code] != "country" and shapely.covers(shapely.box(*EXTENT), outline):
            share = near_water_share(outline, known[of == zones.ids[code]])
            finding = f"{share:.0%} on water or the bank beside it, at least {LEAST_NEAR_WATER:.0%}"
            rows.append(("water", zones.ids[code], finding, share >= LEAST_NEAR_WATER, share))
    rows += _anchor_rows(zones, places)
    return DataFrame(rows, columns=["check", "zone_id", "finding", "ok", "value"])


def check_labels(zones: Zones, outlines: Path = OUTLINES) -> DataFrame:
    """One row per label of anchorages that names a port of ours: country, label, port, cells, inside, share, ok.

    inside  cells in a zone (not its margin) of a port that the label names; a cell that is published with two labels
            counts for the ports of both
    """
    from pandas import DataFrame

    places = anchorages()
    code = zones.locate(places.longitude, places.latitude)
    inside = (code >= 0) & ~zones.is_margin[code]
    port = np.where(inside, zones.frame["port"].to_numpy(dtype=object)[code], None)
    ports = label_ports(outlines)
    names = list(zip(places.country, places.label, strict=True))
    at = list(zip(places.longitude, places.latitude, strict=True))
    twice: dict[tuple[float, float], set[str]] = defaultdict(set)
    for where, name in zip(at, names, strict=True):
        twice[where] |= ports.get(name, set())
    counts = {name: [0, 0] for name in ports}
    for where, name, found in zip(at, names, port, strict=True):
        if name in counts:
            counts[name][0] += 1
            counts[name][1] += found in twice[where]
    rows = [
        (
            country,
            label,
            ", ".join(sorted(ports[country, label])),
            cells,
            held,
            held / cells,
            held >= LEAST_CELLS * cells,
        )
        for (country, label), (cells, held) in sorted(counts.items())
        if cells
    ]
    return DataFrame(rows, columns=["country", "label", "port", "cells", "inside", "share", "ok"])


def unclaimed_labels(zones: Zones, outlines: Path = OUTLINES) -> DataFrame:
    """One row per label that names no port of ours, most anchorages first: country, label, cells, inside, share, and
    longitude and latitude of its middle.

    Labels of `WATCHED` countries with at least `MANY_CELLS` cells, half of them at the sea or near a zone of that
    country. inside: cells in any zone (not its margin, nor in country waters alone).
    """
    from pandas import DataFrame

    places, claimed = anchorages(), label_ports(outlines)
    west, south, east, north = EXTENT
    x, y = places.longitude, places.latitude
    ours = np.isin(places.country, WATCHED) & (x >= west) & (x <= east) & (y >= south) & (y <= north)
    ours &= [name not in claimed for name in zip(places.country, places.label, strict=True)]
    cells = DataFrame({"country": places.country, "label": places.label, "longitude": x, "latitude": y})[ours]
    cells = cells[cells.groupby(["country", "label"])["label"].transform("size") >= MANY_CELLS]
    x, y = cells["longitude"].to_numpy(), cells["latitude"].to_numpy()
    code = zones.locate(x, y)
    cells["inside"] = (code >= 0) & (zones.call_code[code] >= 0) & ~zones.is_margin[code]
    cells["near"] = at_sea(x, y, SHORE_M) | _near_zones(zones, x, y, cells["country"].to_numpy())
    table = cells.groupby(["country", "label"], as_index=False).agg(
        cells=("label", "size"),
        inside=("inside", "sum"),
        share=("inside", "mean"),
        longitude=("longitude", "median"),
        latitude=("latitude", "median"),
        near=("near", "mean"),
    )
    table = table[table["near"] >= 0.5].drop(columns="near")
    return table.sort_values(["cells", "label"], ascending=[False, True], ignore_index=True)


def _near_zones(zones: Zones, x: Cells, y: Cells, country: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether each point lies no more than `NEAR_M` from a port or anchorage of its country."""
    near = np.zeros(len(x), dtype=bool)
    of, kind = zones.frame["country"].tolist(), zones.frame["kind"].tolist()
    for one in sorted(set(country)):
        ports = [
            zones.outlines[code] for code in range(len(zones.ids)) if of[code] == one and kind[code] in CALLABLE_KINDS
        ]
        at = np.flatnonzero(country == one)
        if ports:
            found, _ = shapely.STRtree(ports).query(
                shapely.points(x[at], y[at]), predicate="dwithin", distance=NEAR_M / 111_000
            )
            near[at[found]] = True
    return near


def label_ports(outlines: Path = OUTLINES) -> dict[tuple[str, str], set[str]]:
    """The ports that each label of anchorages names, by country and label."""
    ports: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in yaml.safe_load(outlines.read_text(encoding="utf-8"))["files"].values():
        for label in entry.get("labels", ()):
            ports[entry["country"], label].add(entry["port"])
    return dict(ports)


def near_water_share(shape: BaseGeometry, known: Cells = NO_CELLS) -> float:
    """Share of a shape's area that is water, or no further than a bank is wide from it or from where ships lay.

    known  longitude and latitude of known points of the port, a row each: quays, though the coast shows land
    """
    shore = land_within(shape)
    if not shapely.intersects(shore, shape):
        return 1.0
    x, y = anchorages().longitude, anchorages().latitude
    west, south, east, north = shape.bounds
    at = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))
    at = at[shapely.intersects_xy(shape, x[at], y[at])]
    near = [
        simplify_m(shapely.difference(shape, shore), CELL_M / 5),
        shapely.MultiPoint(np.vstack([np.column_stack([x[at], y[at]]), known])),
    ]
    near = [buffer_m(part, BANK_M + CELL_M, 8) for part in near if not part.is_empty]
    reach = shapely.union_all(near)
    return float(shapely.area(shapely.intersection(reach, shape)) / shapely.area(shape))


def _places(anchors: Path) -> DataFrame:
    from pandas import read_csv

    return read_csv(anchors, dtype={"place": str, "zone_id": str, "source": str})


def _anchor_rows(zones: Zones, places: DataFrame) -> list[tuple[str, str, str, bool, float]]:
    """How far known points lie from the zone they belong to, and whether in a zone of its port; no such zone fails."""
    at = zones.locate(places["longitude"], places["latitude"])
    port = zones.frame["port"].tolist()
    rows: list[tuple[str, str, str, bool, float]] = []
    columns = (places[column] for column in ("place", "longitude", "latitude", "zone_id", "within_m"))
    for name, longitude, latitude, zone_id, within_m, code in zip(*columns, at, strict=True):
        if zone_id not in zones.ids:
            rows.append(("anchor", zone_id, f"{name}: no such zone", False, np.inf))
            continue
        meant = zones.ids.index(zone_id)
        gap = gap_m(zones.outlines[meant], longitude, latitude)
        in_port = code >= 0 and not zones.is_margin[code] and port[code] == port[meant]
        finding = f"{name}: {gap:.0f} m away, at most {within_m:.0f}"
        if not in_port and gap > 0:
            found = zones.ids[code] if code >= 0 else "no zone"
            finding += f"; lies in {found}, expected a zone of port {port[meant]}"
        rows.append(("anchor", zone_id, finding, gap <= within_m and (in_port or gap == 0), gap))
    return rows
