"""Zones: a partition of the sea, read from GeoJSON and checked, so that each point has exactly one innermost zone.

Zones nest (country waters, port, terminal …) and siblings never overlap. A zone whose stays are port calls (basin, port
or anchorage not nested in another such zone) is *callable*; around it lies its margin, a zone of its own made here,
which a ship must leave before she has left the port. Where margins of neighbours meet, each point is the nearer zone's.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geo.plane import buffer_m, polygonal, split_by_nearest
from geo.raster import Raster, build_raster
from geo.zone_cache import cached_path, read_cached, write_cached
from geo.zone_error import ZoneError

if TYPE_CHECKING:
    from pandas import DataFrame

    from geo.zone_file import Feature, Zone

ZONES = Path(__file__).resolve().parent / "zones"
CALLABLE_KINDS = ("basin", "port", "anchorage")
_FRAME_FIELDS = ("port", "country", "loads_coal", "receives_coal", "precision", "source", "valid_from", "valid_to")
_SLIVER_DEG2 = 1e-9  # about 10 m²: two outlines rounded to a metre may share that much
_GRID_DEG = 1e-7  # about 1 cm: margins that were cut are rounded to it, which keeps set operations robust
_MARGIN_QUARTER = 8  # segments to a quarter circle: a margin of 1,000 m is at most 5 m too wide, and quickly made
_STEP_M = 200  # middle lines between margins are drawn from points this far apart on the outlines

Codes = NDArray[np.int16]


@dataclass(frozen=True)
class Zones:
    """The partition. A zone's *code* is its place in every list and array here; margins come after all other zones.

    ids        zone_id of each code
    outlines   shape of each code, with what is nested in it
    shapes     the part of each shape that is its own: without nested zones and margins
    parents    code of the zone each lies in, -1 for none
    call_code  code of the zone whose port call a stay counts for (for a margin: the zone it surrounds; for a lock: the
               zone it is the only way into), -1 for none
    is_margin  true for margins
    hash       16 hexadecimal digits that change with any shape or property
    """

    ids: tuple[str, ...]
    outlines: tuple[BaseGeometry, ...]
    shapes: tuple[BaseGeometry, ...]
    parents: Codes
    call_code: Codes
    is_margin: NDArray[np.bool_]
    hash: str
    precedence: tuple[int, ...]
    raster: Raster
    _properties: tuple[Mapping[str, Any], ...]

    def locate(self, longitude: ArrayLike, latitude: ArrayLike) -> Codes:
        """Code of the innermost zone of each point, -1 for none; degrees (WGS 84), a zone's edge counts as inside."""
        return self.raster.locate(longitude, latitude)

    def ancestors(self, code: int) -> list[int]:
        """Codes of the zones that a zone lies in, from the inside out."""
        chain: list[int] = []
        while (code := int(self.parents[code])) >= 0:
            chain.append(code)
        return chain

    @cached_property
    def frame(self) -> DataFrame:
        """One row per zone and margin in order of code: the columns of the warehouse's `zone`."""
        from pandas import DataFrame

        inside = [shapely.point_on_surface(shape) for shape in self.shapes]
        rows = {
            "zone_id": self.ids,
            "name": [p["name"] for p in self._properties],
            "kind": [p["kind"] for p in self._properties],
            "parent_zone_id": [self._id(code) for code in self.parents],
            "call_zone_id": [self._id(code) for code in self.call_code],
            **{field: [p[field] for p in self._properties] for field in _FRAME_FIELDS},
            "longitude": [point.x for point in inside],
            "latitude": [point.y for point in inside],
            "geometry": [shapely.to_wkt(outline, rounding_precision=6) for outline in self.outlines],
        }
        return DataFrame(rows)

    def _id(self, code: int) -> str | None:
        return self.ids[code] if code >= 0 else None


def load_zones(folder: Path = ZONES, added: Path | None = None) -> Zones:
    """Read every `.geojson` file of a folder; what was built of the same files before is taken from a cache.

    added   a further folder, whose files are read as if they lay in the first
    raises  ZoneError naming file, feature, field, what was found and what was expected
    """
    files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.geojson"))}
    for path in sorted(added.glob("*.geojson")) if added else ():
        if path.name in files:
            raise ZoneError(f"{path}: {folder / path.name} is there already; give it another name")
        files[path.name] = path.read_bytes()
    if not files:
        raise ZoneError(f"{folder}: no .geojson file; expected at least one zone")
    kept = cached_path(files)
    if (fields := read_cached(kept)) is not None:
        return Zones(**fields)
    from geo.zone_file import read_features

    zones = _build([(name, feature) for name, content in files.items() for feature in read_features(name, content)])
    write_cached(kept, vars(zones))
    return zones


def build_zones(features: Iterable[Feature]) -> Zones:
    """Zones from GeoJSON features in memory (or a GeoDataFrame); a geometry may be a shapely one.

    raises  ZoneError as `load_zones` does
    """
    features = getattr(features, "__geo_interface__", {"features": features})["features"]
    return _build([("zones", feature) for feature in features])


# ------------------------------------------------------------------------------------------------ building


def _build(features: list[tuple[str, Feature]]) -> Zones:
    from geo.zone_file import read_feature

    zones = sorted(
        (read_feature(file, number, feature) for number, (file, feature) in enumerate(features)),
        key=lambda zone: str(zone.properties["zone_id"]),
    )
    ids = [str(zone.properties["zone_id"]) for zone in zones]
    for before, zone in itertools.pairwise(zones):
        if before.properties["zone_id"] == zone.properties["zone_id"]:
            raise ZoneError(f"{zone.where}: zone_id is given twice (also in {before.where}); expected unique ids")
    parents = _parents(zones, ids)
    calls = _with_gates(zones, ids, _calls(zones, parents))
    depth = [len(_chain(parents, code)) for code in range(len(zones))]
    outlines = [zone.shape for zone in zones]
    _check_partition(zones, parents)

    margins = _margins(zones, parents, [code for code, call in enumerate(calls) if call == code])
    properties = [zone.properties for zone in zones]
    for code, margin in margins.items():
        properties.append(_margin_properties(properties[code]))
        outlines.append(margin)
        parents.append(parents[code])
        depth.append(depth[code])
        calls.append(code)
        ids.append(f"{ids[code]}~margin")
    is_margin = np.arange(len(ids)) >= len(zones)
    precedence = sorted(range(len(ids)), key=lambda code: (-depth[code], bool(is_margin[code]), code))
    shapes = _own_parts(outlines, parents)
    return Zones(
        ids=tuple(ids),
        outlines=tuple(outlines),
        shapes=tuple(shapes),
        parents=np.array(parents, dtype=np.int16),
        call_code=np.array(calls, dtype=np.int16),
        is_margin=is_margin,
        hash=_digest(zones),
        precedence=tuple(precedence),
        raster=build_raster(outlines, shapes, precedence),
        _properties=tuple(properties),
    )


def _parents(zones: list[Zone], ids: list[str]) -> list[int]:
    code_of = {zone_id: code for code, zone_id in enumerate(ids)}
    parents = []
    for zone in zones:
        parent = zone.properties["parent_zone_id"]
        if parent is not None and parent not in code_of:
            raise ZoneError(f'{zone.where}: parent_zone_id is "{parent}"; expected the zone_id of another zone or null')
        parents.append(-1 if parent is None else code_of[parent])
    for code, zone in enumerate(zones):
        if code in _chain(parents, code):
            raise ZoneError(f"{zone.where}: parent_zone_id leads back to itself; expected zones that nest")
    return parents


def _chain(parents: list[int], code: int) -> list[int]:
    chain: list[int] = []
    while (code := parents[code]) >= 0 and code not in chain:
        chain.append(code)
    return chain


def _calls(zones: list[Zone], parents: list[int]) -> list[int]:
    """The outermost callable zone that each zone is or lies in, -1 for none."""
    calls = []
    for code, zone in enumerate(zones):
        line = [code, *_chain(parents, code)]
        callable_ = [at for at in line if zones[at].properties["kind"] in CALLABLE_KINDS]
        calls.append(callable_[-1] if callable_ else -1)
        if zone.properties["kind"] == "terminal" and not callable_:
            raise ZoneError(f"{zone.where}: terminal outside any basin, port or anchorage; expected one as its parent")
        if calls[-1] == code and zone.properties["margin_m"] is None:
            raise ZoneError(f"{zone.where}: margin_m is null; expected metres, as stays here are port calls")
    return calls


def _with_gates(zones: list[Zone], ids: list[str], calls: list[int]) -> list[int]:
    """A lock that is the only way into a zone counts for that zone's calls, as its margin does."""
    counted = list(calls)
    for code, zone in enumerate(zones):
        inside = zone.properties.get("only_way_into")
        if inside is None:
            continue
        if zone.properties["kind"] != "lock":
            raise ZoneError(
                f"{zone.where}: only_way_into is given, but kind is {zone.properties['kind']}; expected lock"
            )
        if inside not in ids or calls[ids.index(inside)] != ids.index(inside):
            raise ZoneError(f'{zone.where}: only_way_into is "{inside}"; expected the zone_id of a basin or port')
        counted[code] = ids.index(inside)
    return counted


def _check_partition(zones: list[Zone], parents: list[int]) -> None:
    """Zones lie inside their parents and overlap nothing else."""
    shapes = [zone.shape for zone in zones]
    for code, parent in enumerate(parents):
        outside = shapely.area(shapely.difference(shapes[code], shapes[parent])) if parent >= 0 else 0.0
        if outside > _SLIVER_DEG2:
            share = outside / shapely.area(shapes[code])
            raise ZoneError(
                f"{zones[code].where}: {share:.1%} of it lies outside its parent "
                f"{zones[parent].properties['zone_id']}; expected all of it inside"
            )
    lines = [{code, *_chain(parents, code)} for code in range(len(zones))]
    for one, other in shapely.STRtree(shapes).query(shapes, predicate="intersects").T:
        if one >= other or one in lines[other] or other in lines[one]:
            continue
        shared = shapely.intersection(shapes[one], shapes[other])
        if shapely.area(shared) > _SLIVER_DEG2:
            at = shapely.point_on_surface(shared)
            raise ZoneError(
                f"{zones[one].where}: overlaps {zones[other].where} near {at.x:.4f}E {at.y:.4f}N; "
                "expected zones that nest (parent_zone_id) or lie apart"
            )


def _margins(zones: list[Zone], parents: list[int], callables: list[int]) -> dict[int, BaseGeometry]:
    """Margin of each callable zone: what lies near it, is nearer to it than to any other, and is no other zone."""
    shapes = [zone.shape for zone in zones]
    tree = shapely.STRtree(shapes)
    rings: dict[int, BaseGeometry] = {}
    for code in callables:
        metres = zones[code].properties["margin_m"]
        if metres:
            grown = buffer_m(shapes[code], metres, _MARGIN_QUARTER)
            others = set(tree.query(grown, predicate="intersects").tolist()) - set(_chain(parents, code))
            rings[code] = polygonal(shapely.difference(grown, shapely.union_all([shapes[o] for o in sorted(others)])))
    if not rings:
        return {}
    codes = list(rings)
    pairs = shapely.STRtree([rings[code] for code in codes]).query([rings[code] for code in codes], "intersects")
    lost: dict[int, list[BaseGeometry]] = {code: [] for code in codes}
    for one, other in ((codes[a], codes[b]) for a, b in pairs.T if a < b):
        shared = shapely.intersection(rings[one], rings[other])
        if shapely.area(shared) <= _SLIVER_DEG2:
            continue
        reach_m = max(zones[one].properties["margin_m"], zones[other].properties["margin_m"]) + _STEP_M
        of_one, of_other = split_by_nearest(shared, [shapes[one], shapes[other]], reach_m, _STEP_M)
        lost[one].append(of_other)
        lost[other].append(of_one)
    cut = {
        code: polygonal(shapely.difference(ring, shapely.union_all(lost[code]), grid_size=_GRID_DEG))
        if lost[code]
        else ring
        for code, ring in rings.items()
    }
    return {code: ring for code, ring in cut.items() if not ring.is_empty}


def _own_parts(outlines: list[BaseGeometry], parents: list[int]) -> list[BaseGeometry]:
    nested: list[list[BaseGeometry]] = [[] for _ in outlines]
    for code, parent in enumerate(parents):
        if parent >= 0:
            nested[parent].append(outlines[code])
    return [
        shapely.difference(outline, shapely.union_all(inner)) if inner else outline
        for outline, inner in zip(outlines, nested, strict=True)
    ]


def _margin_properties(zone: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **zone,
        "name": f"{zone['name']}: margin",
        "kind": "margin",
        "source": f"{zone['margin_m']:g} m around {zone['zone_id']}",
    }


def _digest(zones: list[Zone]) -> str:
    digest = hashlib.sha256()
    for zone in zones:
        digest.update(json.dumps(dict(zone.properties), sort_keys=True).encode())
        digest.update(shapely.to_wkb(shapely.normalize(zone.shape), byte_order=1))
    return digest.hexdigest()[:16]
