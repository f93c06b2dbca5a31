"""Make `geo/zones/*.geojson` from `outlines.yaml`, the coast, and two public files.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python -m geo.make_zones gfw_anchorage_overrides.csv package/countries-10m.json

Inputs: `outlines.yaml` (outlines by hand, boxes around cells); `coast.geojson.gz`; the anchorage cells in
port_lists/anchorage_overrides.csv of GlobalFishingWatch/anchorages_pipeline (Apache-2.0; S2 cells of about 500 m where
many ships lay still); Natural Earth countries (public domain). Output: one file per port area. A zone file may as well
be written by hand: this script overwrites only the files named in `outlines.yaml`.

Ports are the water in reach of their berths or inside their outline, with a strip of land as wide as the coast is
inexact, so that a ship alongside is inside. Anchorages are what lies around their cells, filled, off the land.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import yaml
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.coast import land_within
from geo.plane import area_km2, buffer_m, close_m, simplify_m, split_by_nearest
from geo.zones import ZONES, load_zones

OUTLINES = Path(__file__).resolve().parent / "outlines.yaml"

SHORE_M = 1200  # port cells lie nearer to land than this, anchorage cells further out
QUAY_M = 250  # land strip inside a port: the coast is generalised to 100 m, and antennas stand off the quay
BERTH_REACH_M, BERTH_CLOSE_M = 1000, 1000  # a cell is 500 m wide; neighbouring berths make one harbour
ROADS_REACH_M, ROADS_CLOSE_M = (
    800,
    2500,
)  # ships swing and drag around their cell; gaps between anchored ships are filled
PORT_GAP_M = 50  # kept between neighbours, so that rounding makes no overlap
CORNER_M = 60  # outlines are simplified by this much
RIVER_CLOSE_M = 400  # the generalised river is broken here and there by less than 800 m
LEAST_KM2 = 0.4  # detached parts smaller than this are ponds, or one ship
MARGIN_M = 1000  # Global Fishing Watch: enter within 3 km, leave beyond 4 km of an anchorage point
DECIMALS = 5
WATERS_STEP_M = 500
INSET_DEG = 3 * 10**-DECIMALS  # nested zones stay this far inside their parent, so that rounding leaves them inside
_SPEC = {"zone_id", "name", "kind", "parent", "port", "country", "loads_coal", "precision", "source", "note", "file",
         "outline", "cells", "shore_m", "raw", "only_way_into"}  # fmt: skip

Cells = NDArray[np.float64]


def make_zones(cells: Cells, countries: dict[str, BaseGeometry]) -> dict[str, list[dict[str, Any]]]:
    """Features of each file, from anchorage cells (longitude, latitude) and country shapes."""
    book = yaml.safe_load(OUTLINES.read_text(encoding="utf-8"))
    open_water = shapely.union_all([shapely.Polygon(ring) for ring in book["water"]])
    shapes: dict[str, BaseGeometry] = {}
    specs: dict[str, dict[str, Any]] = {}
    for file, entry in book["files"].items():
        for spec in entry["zones"]:
            spec = {"country": entry["country"], "port": entry["port"], **spec, "file": file}
            if unknown := set(spec) - _SPEC:
                raise ValueError(
                    f"{OUTLINES.name}: {spec['zone_id']}: {unknown} is not a known field; expected {_SPEC}"
                )
            shape = _shape(spec, cells, open_water)
            for other, other_shape in shapes.items():
                if spec.get("parent") == other:
                    shape = _largest(shapely.intersection(shape, shapely.buffer(other_shape, -INSET_DEG)))
                elif other not in _line(specs, spec.get("parent")) and shapely.intersects(shape, other_shape):
                    shape = _parts(shapely.difference(shape, buffer_m(other_shape, PORT_GAP_M)))
            specs[spec["zone_id"]] = spec
            shapes[spec["zone_id"]] = shapely.set_precision(shape, 10**-DECIMALS)
    files: dict[str, list[dict[str, Any]]] = {file: [] for file in book["files"]}
    for zone_id, spec in specs.items():
        files[spec["file"]].append(_feature(spec, shapes[zone_id]))
    files[book["waters"]["file"]] = _waters(book["waters"], specs, shapes, countries)
    return files


def _shape(spec: dict[str, Any], cells: Cells, open_water: BaseGeometry) -> BaseGeometry:
    rough = shapely.union_all([shapely.Polygon(ring) for ring in spec.get("outline", [])])
    if spec.get("raw"):
        return rough
    anchorage = spec["kind"] == "anchorage"
    boxes = spec.get("cells", [])
    if not boxes:
        grown = rough
    else:
        reach, gap = (ROADS_REACH_M, ROADS_CLOSE_M) if anchorage else (BERTH_REACH_M, BERTH_CLOSE_M)
        chosen = _cells_in(cells, boxes, spec.get("shore_m", SHORE_M), anchorage)
        grown = shapely.union(close_m(buffer_m(chosen, reach), gap), rough)
    land = shapely.difference(land_within(shapely.box(*grown.bounds).buffer(0.05)), open_water)
    water = shapely.difference(grown, land)
    if spec["kind"] == "basin":
        water = _largest(close_m(water, RIVER_CLOSE_M))
    elif not anchorage:
        water = _parts(water)
    if not anchorage:
        limit = buffer_m(grown, QUAY_M) if boxes else grown  # an outline by hand is not overstepped
        water = close_m(shapely.intersection(buffer_m(water, QUAY_M), limit), QUAY_M)
    return simplify_m(_parts(water), CORNER_M)


def _cells_in(cells: Cells, boxes: list[list[float]], shore_m: float, anchorage: bool) -> BaseGeometry:
    x, y = cells.T
    inside = np.zeros(len(cells), dtype=bool)
    for west, south, east, north in boxes:
        inside |= (x >= west) & (x <= east) & (y >= south) & (y <= north)
    points = shapely.points(cells[inside])
    if shore_m:
        land = buffer_m(land_within(shapely.box(*shapely.MultiPoint(cells[inside]).bounds).buffer(0.06)), shore_m)
        ashore = shapely.intersects(land, points)
        points = points[~ashore if anchorage else ashore]
    return shapely.MultiPoint(points)


def _parts(shape: BaseGeometry) -> BaseGeometry:
    """A shape without parts and holes of less than `LEAST_KM2`."""
    polygons = [
        part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and area_km2(part) >= LEAST_KM2
    ]
    filled = [
        shapely.Polygon(
            part.exterior, [hole for hole in part.interiors if area_km2(shapely.Polygon(hole)) >= LEAST_KM2]
        )
        for part in polygons
    ]
    return shapely.union_all(filled)


def _largest(shape: BaseGeometry) -> BaseGeometry:
    return max(shapely.get_parts(shape), key=shapely.area)


def _line(specs: dict[str, dict[str, Any]], zone_id: str | None) -> list[str]:
    line = []
    while zone_id in specs:
        line.append(zone_id)
        zone_id = specs[zone_id].get("parent")
    return line


def _feature(spec: dict[str, Any], shape: BaseGeometry) -> dict[str, Any]:
    calls = spec["kind"] in ("basin", "port", "anchorage")
    if spec.get("cells"):
        drawn = "; outline by hand added" if spec.get("outline") else ""
        traced = f"Around anchorage cells of Global Fishing Watch (anchorages_pipeline 099169e, Apache-2.0){drawn}"
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
        "precision": spec.get("precision", "digitised" if spec.get("cells") else "estimated"),
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
        shape = _largest(simplify_m(_parts(shapely.intersection(coastal, half)), 800))
        shape = shapely.union_all([shape, *(buffer_m(inner, 2000) for inner in nested)])
        shape = shapely.difference(shape, shapely.union_all([buffer_m(other, 2000) for other in foreign]))
        spec = {**zone, "kind": "country", "port": None, "country": book["country"], "source": book["source"]}
        features.append(_feature(spec, _largest(close_m(shape, 1500))))
    return features


# ------------------------------------------------------------------------------------------------ files


def read_cells(path: Path) -> Cells:
    """Longitude and latitude of every anchorage cell."""
    with path.open(encoding="utf-8", newline="") as file:
        return np.array([(float(row["longitude"]), float(row["latitude"])) for row in csv.DictReader(file)])


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
        (folder / f"{name}.geojson").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_zones(make_zones(read_cells(Path(sys.argv[1])), read_countries(Path(sys.argv[2]))))
    print(f"{len(load_zones().ids)} zones with margins")
