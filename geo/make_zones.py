"""Make `geo/zones/*.geojson` from `outlines.yaml`, the shipped coast and anchorages, and Natural Earth's countries.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python -m geo.make_zones package/countries-10m.json

Inputs: `outlines.yaml` (outlines by hand, boxes around cells, labels and known points of ports); `coast.geojson.gz`;
`anchorages.csv.gz`; Natural Earth countries (public domain). Output: one file per port area. A zone file may as well be
written by hand: this script overwrites only the files named in `outlines.yaml`.

Ports are the water in reach of their berths or inside their outline, anchorages what lies around their cells, filled;
both with the land beside them (`geo.grow`).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import yaml
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.anchorages import anchorages
from geo.distance import distance_m
from geo.files import write_whole
from geo.grow import (
    BERTH_REACH_M,
    PORT_GAP_M,
    ROADS_REACH_M,
    SHORE_M,
    Cells,
    Seed,
    filled,
    largest,
    near_shore,
    share_out,
    tidy,
    water_of,
    with_banks,
)
from geo.plane import buffer_m, close_m, simplify_m, split_by_nearest
from geo.zones import ZONES, load_zones

OUTLINES = Path(__file__).resolve().parent / "outlines.yaml"

MARGIN_M = 1000  # Global Fishing Watch: enter within 3 km, leave beyond 4 km of an anchorage point
DECIMALS = 5
WATERS_STEP_M = 500
STRAY_M = 120_000  # the widest ports, Ningbo-Zhoushan and Dalian, reach about 100 km from their berths
INSET_DEG = 3 * 10**-DECIMALS  # nested zones stay this far inside their parent, so that rounding leaves them inside
_SPEC = {"zone_id", "name", "kind", "parent", "port", "country", "loads_coal", "precision", "source", "note", "file",
         "outline", "cells", "points", "shore_m", "raw", "only_way_into"}  # fmt: skip


def make_zones(countries: dict[str, BaseGeometry]) -> dict[str, list[dict[str, Any]]]:
    """Features of each file, from `outlines.yaml`, the shipped anchorages and coast, and country shapes."""
    book = yaml.safe_load(OUTLINES.read_text(encoding="utf-8"))
    open_water = shapely.union_all([shapely.Polygon(ring) for ring in book["water"]])
    specs = _specs(book["files"])
    seeds = _seeds(book["files"], specs)
    grown = share_out(seeds)
    waters: dict[str, BaseGeometry] = {}
    for name, seed in seeds.items():
        shape = seed.rough if seed.raw else water_of(seed, grown[name], open_water)
        waters[name] = _placed(shape, seed, specs, name, waters)
        if waters[name].is_empty:  # others cover it
            print(f"{name}: nothing left")
            del waters[name], specs[name]
    shapes: dict[str, BaseGeometry] = {}
    for name in waters:
        seed = seeds[name]
        shape = waters[name] if seed.raw else with_banks(seed, waters[name], open_water)
        later = {other: waters[other] for other in waters if other not in shapes}
        shape = _placed(shape, seed, specs, name, shapes, later)
        beside = [other for zone, other in [*shapes.items(), *later.items()] if not _nested(specs, name, zone)]
        shapes[name] = shapely.set_precision(filled(shape, beside), 10**-DECIMALS)
    files: dict[str, list[dict[str, Any]]] = {file: [] for file in book["files"]}
    for name, spec in specs.items():
        files[spec["file"]].append(_feature(spec, shapes[name]))
    files[book["waters"]["file"]] = _waters(book["waters"], specs, shapes, countries)
    return files


def _placed(
    shape: BaseGeometry, seed: Seed, specs: dict[str, dict[str, Any]], name: str, *others: dict[str, BaseGeometry]
) -> BaseGeometry:
    """A shape inside its parent, at a small distance from the zones that it does not nest with."""
    beside = [
        other_shape
        for of in others
        for other, other_shape in of.items()
        if not _nested(specs, name, other) and shapely.intersects(shape, other_shape)
    ]
    if beside:
        gap = buffer_m(shapely.union_all(beside), PORT_GAP_M)
        # buffers round each corner with many more
        shape = tidy(simplify_m(shapely.difference(shape, gap), PORT_GAP_M / 2), seed.cells)
    for other, other_shape in others[0].items():
        if specs[name].get("parent") == other:
            shape = largest(shapely.intersection(shape, shapely.buffer(other_shape, -INSET_DEG)))
    return shapely.set_precision(shape, 10**-DECIMALS)


def _specs(files: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What is said of each zone. A file that names none has a port and, where cells lie off the land, an anchorage."""
    specs = {}
    for file, entry in files.items():
        points = {"points": entry["points"]} if "points" in entry else {}
        named = entry.get("zones") or [{"zone_id": file, "name": entry["name"], "kind": "port", **points}]
        if entry.get("labels") and not any(spec["kind"] == "anchorage" for spec in named):
            named = [
                *named,
                {"zone_id": f"{file}-anchorage", "name": f"{entry['port']} anchorage", "kind": "anchorage"},
            ]
        for spec in named:
            spec = {"country": entry["country"], "port": entry["port"], **spec, "file": file}
            if unknown := set(spec) - _SPEC:
                raise ValueError(
                    f"{OUTLINES.name}: {spec['zone_id']}: {unknown} is not a known field; expected {_SPEC}"
                )
            specs[spec["zone_id"]] = spec
    return specs


def _seeds(files: dict[str, dict[str, Any]], specs: dict[str, dict[str, Any]]) -> dict[str, Seed]:
    """The cells and outlines of each zone; a zone that has neither is left out, and its spec with it.

    A box takes the cells inside it that are its port's or nobody's. What is left of a port's cells goes to its first
    port zone where it is near the shore, and to its first anchorage where it is not.
    """
    cells = np.column_stack([anchorages().longitude, anchorages().latitude])
    owner = _owners(files)
    nobodys = np.array([one is None for one in owner])
    free = np.ones(len(cells), dtype=bool)
    chosen: dict[str, NDArray[np.bool_]] = {}
    for name, spec in specs.items():
        inside = _in_boxes(cells, spec.get("cells", [])) & free & ((owner == spec["file"]) | nobodys)
        shore_m = spec.get("shore_m", SHORE_M)
        if shore_m:
            at = np.flatnonzero(inside)
            inside[at] = near_shore(cells[at], shore_m) ^ (spec["kind"] == "anchorage")
        chosen[name] = inside
        free &= ~inside
    for file, entry in files.items():
        at = np.flatnonzero(free & (owner == file))
        ashore = near_shore(cells[at], entry.get("shore_m", SHORE_M))
        for kind, rest in (("port", at[ashore]), ("anchorage", at[~ashore])):
            zone = next((name for name, spec in specs.items() if spec["file"] == file and spec["kind"] == kind), None)
            if zone is not None:
                chosen[zone][rest] = True
    seeds = {}
    for name, spec in list(specs.items()):
        rough = shapely.union_all([shapely.Polygon(ring) for ring in spec.get("outline", [])])
        points = np.reshape(np.array(spec.get("points", []), dtype=np.float64), (-1, 2))
        if rough.is_empty and not len(points) and not chosen[name].any():
            del specs[name]
            continue
        spec["from_cells"] = int(chosen[name].sum())
        seeds[name] = Seed(spec["kind"], np.vstack([cells[chosen[name]], points]), rough, bool(spec.get("raw")))
    return seeds


def _owners(files: dict[str, dict[str, Any]]) -> NDArray[np.object_]:
    """The file whose port each anchorage is labelled with, None for none; a label of several goes to the nearest.

    A cell more than `STRAY_M` from every port of its label is mislabelled, and nobody's. Where a cell is published
    twice, with the labels of two ports that share their roads, it is the port's that comes first in the book.
    """
    places = anchorages()
    owner = np.full(len(places.label), None, dtype=object)
    nearest = np.full(len(owner), float(STRAY_M))
    order = np.full(len(owner), len(files))
    for number, (file, entry) in enumerate(files.items()):
        if entry.get("labels"):
            metres = distance_m(places.longitude, places.latitude, *entry["at"])
            mine = np.isin(places.label, entry["labels"]) & (places.country == entry["country"]) & (metres < nearest)
            owner[mine], nearest[mine], order[mine] = file, metres[mine], number
    _, place = np.unique(np.column_stack([places.longitude, places.latitude]), axis=0, return_inverse=True)
    first = np.full(place.max() + 1, len(files))
    np.minimum.at(first, place.ravel(), order)
    owner[order > first[place.ravel()]] = ""  # somebody's, and grown already
    return owner


def _in_boxes(cells: Cells, boxes: list[list[float]]) -> NDArray[np.bool_]:
    x, y = cells.T
    inside = np.zeros(len(cells), dtype=bool)
    for west, south, east, north in boxes:
        inside |= (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return inside


def _nested(specs: dict[str, dict[str, Any]], one: str, other: str) -> bool:
    return other in _line(specs, one) or one in _line(specs, other)


def _line(specs: dict[str, dict[str, Any]], zone_id: str | None) -> list[str]:
    line = []
    while zone_id in specs:
        line.append(zone_id)
        zone_id = specs[zone_id].get("parent")
    return line


def _feature(spec: dict[str, Any], shape: BaseGeometry) -> dict[str, Any]:
    calls = spec["kind"] in ("basin", "port", "anchorage")
    if spec.get("from_cells"):
        drawn = "; outline by hand added" if spec.get("outline") else ""
        drawn += "; known points (geo/anchors.csv) added" if spec.get("points") else ""
        reach_m = ROADS_REACH_M if spec["kind"] == "anchorage" else BERTH_REACH_M
        traced = f"Grown by {reach_m} m around {spec['from_cells']} anchorage cells of Global Fishing Watch"
        traced += f" (anchorages_pipeline 099169e, Apache-2.0){drawn}"
    else:
        traced = "Outline by hand"
    source = spec.get("source") or f"{traced}, on OpenStreetMap water (100 m)" + (
        f". {spec['note']}" if spec.get("note") else ""
    )
    properties = {
        "zone_id": spec["zone_id"],
        "name": spec["name"],
        "kind": spec["kind"],
        "parent_zone_id": spec.get("parent"),
        "port": spec["port"],
        "country": spec["country"],
        "loads_coal": spec.get("loads_coal", False),
        "receives_coal": spec["country"] != "KP" and calls,
        "margin_m": MARGIN_M if calls else None,
        "precision": spec.get("precision", "digitised" if spec.get("from_cells") else "estimated"),
        "source": source,
        "valid_from": None,
        "valid_to": None,
    }
    if "only_way_into" in spec:
        properties["only_way_into"] = spec["only_way_into"]
    return {"type": "Feature", "properties": properties, "geometry": _geometry(shape)}


def _geometry(shape: BaseGeometry) -> dict[str, Any]:
    whole = shapely.set_precision(shape, 10**-DECIMALS)
    polygons = shapely.get_parts(whole)
    kept = [part for part in polygons if part.geom_type == "Polygon"]
    clean = kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)
    geometry: dict[str, Any] = json.loads(shapely.to_geojson(shapely.normalize(clean)))
    geometry["coordinates"] = _rounded(geometry["coordinates"])
    return geometry


def _rounded(value: Any) -> Any:
    return [_rounded(item) for item in value] if isinstance(value, list) else round(value, DECIMALS)


def _waters(
    book: dict[str, Any],
    specs: dict[str, dict[str, Any]],
    shapes: dict[str, BaseGeometry],
    countries: dict[str, BaseGeometry],
) -> list[dict[str, Any]]:
    """Territorial sea of a country by its neighbours' middle line, in two halves, with the zones that lie in them."""
    home = countries[book["of"]]
    sea = buffer_m(home, book["width_m"])
    window = shapely.box(*sea.bounds).buffer(0.3)
    shores = [home, *(shapely.intersection(countries[name], window) for name in book["neighbours"])]
    open_sea = shapely.difference(sea, shapely.union_all(shores))
    near = split_by_nearest(open_sea, shores, book["width_m"] + WATERS_STEP_M, WATERS_STEP_M)[0]
    inland = shapely.difference(home, buffer_m(shapely.boundary(shapely.union_all(shores)), 0).buffer(0))
    coastal = shapely.union(near, shapely.intersection(inland, buffer_m(near, 8000)))
    west, south, east, north = window.bounds
    halves = (
        shapely.box(west, south, book["split_longitude"], north),
        shapely.box(book["split_longitude"], south, east, north),
    )
    features = []
    for zone, half in zip(book["zones"], halves, strict=True):
        nested = [shapes[other] for other, spec in specs.items() if spec.get("parent") == zone["zone_id"]]
        foreign = [shapes[other] for other, spec in specs.items() if spec["country"] != book["country"]]
        shape = largest(simplify_m(tidy(shapely.intersection(coastal, half)), 800))
        shape = shapely.union_all([shape, *(buffer_m(inner, 2000) for inner in nested)])
        shape = shapely.difference(shape, shapely.union_all([buffer_m(other, 2000) for other in foreign]))
        spec = {**zone, "kind": "country", "port": None, "country": book["country"], "source": book["source"]}
        features.append(_feature(spec, largest(close_m(shape, 1500))))
    return features


# ------------------------------------------------------------------------------------------------ files


def read_countries(path: Path) -> dict[str, BaseGeometry]:
    """Countries of a TopoJSON file by name."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    scale, shift = np.array(topology["transform"]["scale"]), np.array(topology["transform"]["translate"])
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in topology["arcs"]]

    def ring(numbers: list[int]) -> NDArray[np.float64]:
        return np.concatenate([arcs[n][:-1] if n >= 0 else arcs[~n][:0:-1] for n in numbers])

    countries = {}
    for item in topology["objects"]["countries"]["geometries"]:
        polygons = {"Polygon": [item.get("arcs")], "MultiPolygon": item.get("arcs")}.get(item["type"]) or []
        outers = [ring(rings[0]) for rings in polygons]
        shape = [
            shapely.Polygon(outer) for outer in outers if len(np.unique(outer, axis=0)) > 2
        ]  # specks may be a line
        countries[item["properties"]["name"]] = shapely.union_all(shapely.make_valid(shape))
    return countries


def write_zones(files: dict[str, list[dict[str, Any]]], folder: Path = ZONES) -> None:
    """Write one file per port area, a feature a line."""
    for name, features in files.items():
        lines = ",\n".join(json.dumps(feature, ensure_ascii=False, separators=(", ", ": ")) for feature in features)
        text = '{"type": "FeatureCollection", "features": [\n' + lines + "\n]}\n"
        write_whole(folder / f"{name}.geojson", text)


if __name__ == "__main__":
    write_zones(make_zones(read_countries(Path(sys.argv[1]))))
    print(f"{len(load_zones().ids)} zones with margins")
