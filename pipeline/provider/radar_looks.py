"""What each pass of a radar satellite saw of each zone, and which echoes come again at one place on pass after pass.

The provider leaves out what lies within a kilometre of the shore, and the Taedong is no sea: of such zones radar says
nothing, not even that no ship was there. A pass saw a zone if the hull of its detections holds the zone's middle, or if
its ground, with what images add, holds the zone whole. Where they add some, echoes in the zone are no part of the hull;
where they add none, an echo in the zone is enough, and a pass that found nothing in a wide sea is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from pandas import DataFrame
from shapely import affinity

from geo.coast import EXTENT, land_within
from pipeline.contracts import RADAR_DETECTION, RADAR_LOOK
from pipeline.limits import RadarLimits
from pipeline.provider.radar import hull_of

if TYPE_CHECKING:
    from geo.zones import Zones

_INSHORE = ("basin", "terminal", "lock", "country", "margin")
_KM_A_DEGREE = 111.2
_PAIR = ["radar_pass_id", "zone_id"]
_COUNTS = ("explained", "unexplained", "cannot_tell", "repeated")


def with_repeats(detections: DataFrame, passes: DataFrame, limits: RadarLimits) -> DataFrame:
    """The detections with `repeated` where a cell has an echo on pass after pass and AIS explains none of them.

    detections  RADAR_DETECTION of all passes, as `radar.match` gives them
    passes      RADAR_PASS
    """
    if not len(detections):
        return detections
    cells = DataFrame({name: (detections[name] * 100).round().astype(int) for name in ("longitude", "latitude")})
    rows = cells.assign(radar_pass_id=detections["radar_pass_id"], explained=detections["outcome"] == "explained")
    of_cell = rows.groupby(["longitude", "latitude"]).agg(
        passes=("radar_pass_id", "nunique"), explained=("explained", "any")
    )
    often = of_cell[(of_cell["passes"] >= limits.repeat_passes) & ~of_cell["explained"]].reset_index()
    grounds = shapely.from_wkt(passes["ground"].to_numpy(object))
    points = shapely.points(often["longitude"] / 100, often["latitude"] / 100)
    over = shapely.contains(grounds[:, None], points[None, :]).sum(axis=0)
    fixed = often[often["passes"] >= limits.repeat_share * np.maximum(over, often["passes"])]
    at = cells.merge(fixed[["longitude", "latitude", "passes"]], how="left", on=["longitude", "latitude"])
    return RADAR_DETECTION.conform(detections.assign(repeated=at["passes"].notna().to_numpy()))


def looked_at(passes: DataFrame, detections: DataFrame, zones: Zones, seen: list[str]) -> DataFrame:
    """Which passes saw which zones: radar_pass_id, zone_id.

    passes      RADAR_PASS with `hull`, as `radar.find_passes` gives them
    detections  radar_pass_id, zone_id, longitude, latitude: all of these passes
    seen        zone_ids that radar can see, of `visible_zones`
    """
    frame = zones.frame.set_index("zone_id")
    middles = shapely.points(frame.loc[seen, "longitude"], frame.loc[seen, "latitude"])
    outlines = np.array([zones.outlines[zones.ids.index(zone_id)] for zone_id in seen], dtype=object)
    grounds, hulls = (shapely.from_wkt(passes[name].to_numpy(object))[:, None] for name in ("ground", "hull"))
    inside = _inside(detections, zones, seen)
    # Images of an orbit hold the same part of a zone every time: echoes in it must not choose which passes count.
    pictured = passes["ground"].ne(passes["hull"]).to_numpy()
    whole, middle = shapely.covers(grounds, outlines), shapely.contains(hulls, middles)
    for n, m in np.argwhere(pictured[:, None] & middle & ~whole):
        of_pass = detections[detections["radar_pass_id"] == passes["radar_pass_id"].iloc[n]]
        others = of_pass[~of_pass.index.isin(inside.index[inside["zone_id"] == seen[m]])]
        middle[n, m] = len(others) and shapely.contains(shapely.from_wkt(hull_of(others)), middles[m])
    which, zone = np.nonzero(whole | middle)
    over = DataFrame(
        {"radar_pass_id": passes["radar_pass_id"].to_numpy()[which], "zone_id": np.array(seen, object)[zone]}
    )
    inside = inside[inside["radar_pass_id"].isin(passes["radar_pass_id"][~pictured])]
    return pd.concat([over, inside[_PAIR]]).astype("str").drop_duplicates(ignore_index=True)


def looks(detections: DataFrame, passes: DataFrame, looked: DataFrame, zones: Zones, seen: list[str]) -> DataFrame:
    """What passes saw of zones.

    detections  RADAR_DETECTION, with what is repeated
    passes      RADAR_PASS
    looked      radar_pass_id, zone_id as `looked_at` gives them, ships_inside: ships heard in zones in the hour around
    seen        zone_ids that radar can see, of `visible_zones`
    returns     RADAR_LOOK
    """
    if not len(looked):
        return RADAR_LOOK.empty()
    inside = _inside(detections, zones, seen)
    found = looked.set_index(_PAIR)
    inside = inside.assign(counted=inside["outcome"].mask(inside["repeated"], "repeated"))
    counts = {name: inside[inside["counted"] == name].groupby(_PAIR).size() for name in _COUNTS}
    for name, count in counts.items():
        found[name] = count.reindex(found.index).fillna(0).astype("int64")
    found["echoes"] = found["explained"] + found["unexplained"] + found["cannot_tell"]
    found["ships_heard"] = inside.groupby(_PAIR)["ships_heard"].max().reindex(found.index).fillna(0).astype("int64")
    of_pass = passes.set_index("radar_pass_id")
    middle = of_pass["from_at"] + (of_pass["to_at"] - of_pass["from_at"]) / 2
    found = found.reset_index()
    found["at"] = found["radar_pass_id"].map(middle.dt.floor("s"))
    found["known_at"] = found["radar_pass_id"].map(of_pass["known_at"])
    return RADAR_LOOK.conform(found.sort_values(["at", *_PAIR], ignore_index=True))


def visible_zones(zones: Zones, limits: RadarLimits) -> list[str]:
    """Zones of North Korea's seas that radar can see: in no river, and mostly beyond the mask along the shore."""
    frame = zones.frame
    west, south, east, north = EXTENT
    found = []
    for code, row in enumerate(frame.to_dict("records")):
        kinds = {row["kind"], *(frame["kind"].iloc[parent] for parent in zones.ancestors(code))} - {"country"}
        known = west < row["longitude"] < east and south < row["latitude"] < north
        if row["country"] != "KP" or row["kind"] in _INSHORE or kinds & {"basin"} or not known:
            continue
        outline = zones.outlines[code]
        mask = land_within(outline.buffer(2 * limits.shore_km / _KM_A_DEGREE))
        squeeze = np.cos(np.radians(row["latitude"]))
        flat = [affinity.scale(one, xfact=squeeze, origin=(0, 0)) for one in (outline, mask)]
        open_sea = flat[0].difference(flat[1].buffer(limits.shore_km / _KM_A_DEGREE))
        if open_sea.area >= limits.seen_share * flat[0].area:
            found.append(row["zone_id"])
    return found


def _inside(detections: DataFrame, zones: Zones, seen: list[str]) -> DataFrame:
    """Detections in visible zones, once for each of these."""
    chains = _chains(zones, set(seen))
    inside = detections.assign(zone_id=detections["zone_id"].map(chains)).explode("zone_id")
    return inside.dropna(subset=["zone_id"]).astype(dict.fromkeys(_PAIR, "str"))


def _chains(zones: Zones, seen: set[str]) -> dict[str, list[str | None]]:
    """Zone to the visible zones that hold it; a margin counts as what it surrounds."""
    found: dict[str, list[str | None]] = {}
    for code, zone_id in enumerate(zones.ids):
        own = int(zones.call_code[code]) if zones.is_margin[code] else code
        chain = [zones.ids[one] for one in (own, *zones.ancestors(own)) if one >= 0]
        found[zone_id] = [*(one for one in chain if one in seen)] or [None]
    return found
