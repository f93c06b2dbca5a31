"""Passes as a catalogue of a satellite's images tells them, and which passes that detections tell of are the same.

Images of one satellite, orbit and UTC day are slices of one pass. That a satellite looked does not tell that anybody
searched the image for hulls; a detection of the same pass does. So of a pass with one, none told is none seen (by the
provider) on ground of which it was asked about that time, and answered; of other ground, and other passes, nothing
follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from pandas import DataFrame

from pipeline.days import end_of_day
from pipeline.ids import deterministic_id

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOWHERE = "POLYGON EMPTY"
_BESIDE = pd.Timedelta(minutes=5)  # by which a moment told by detections may lie off the time of the images


def image_passes(images: DataFrame) -> DataFrame:
    """The passes that images are slices of, in order of time.

    images   PROVIDER_IMAGE
    returns  provider, satellite, orbit, from_at, to_at, outline (shapely), names
    """
    columns = ["provider", "satellite", "orbit", "from_at", "to_at", "outline", "names"]
    found: list[dict[str, Any]] = []
    rows = images.assign(day=images["from_at"].dt.floor("D"))
    for (satellite, orbit, _), of in rows.groupby(["satellite", "orbit", "day"], sort=True):
        found.append(
            {
                "provider": of["provider"].iloc[0],
                "satellite": satellite,
                "orbit": orbit,
                "from_at": of["from_at"].min(),
                "to_at": of["to_at"].max(),
                "outline": shapely.union_all(shapely.from_wkt(of["ground"].to_numpy(object))),
                "names": sorted(of["name"]),
            }
        )
    passes = DataFrame(found, columns=columns).astype(dict.fromkeys(["from_at", "to_at"], images["from_at"].dtype))
    return passes.sort_values(["from_at", "satellite"], kind="stable", ignore_index=True)


def same_pass(groups: DataFrame, images: DataFrame) -> NDArray[np.int64]:
    """For each group of detections the image pass that it is of, -1 if none: of the same UTC day, over its ground, the
    nearest in time. Days are matched one by one, so a pass over midnight is two.

    groups  moment (UTC; null where only the hour is known), from_hour, to_hour, ground (shapely)
    images  as `image_passes` gives them
    """
    found = np.full(len(groups), -1, dtype=np.int64)
    begins, ends = images["from_at"], images["to_at"]
    middle = begins + (ends - begins) / 2
    for n, group in enumerate(groups.itertuples(index=False)):
        if pd.isna(group.moment):
            fits, at = (begins < group.to_hour) & (ends > group.from_hour), group.from_hour + pd.Timedelta(minutes=30)
        else:
            fits, at = (begins - _BESIDE <= group.moment) & (ends + _BESIDE >= group.moment), group.moment
        fits &= begins.dt.floor("D") == group.from_hour.floor("D")
        fits &= shapely.intersects(images["outline"].to_numpy(object), group.ground)
        if fits.any():
            found[n] = (middle[fits] - at).abs().idxmin()
    return found


def with_images(told: dict[str, Any], places: DataFrame, images: pd.Series, answers: DataFrame) -> dict[str, Any]:
    """What images add to a pass that detections tell of: its moment where these do not tell it, and ground.

    told     RADAR_PASS of the detections
    places   longitude, latitude of these
    images   a row of `image_passes`
    answers  PROVIDER_ANSWER
    """
    searched = _searched(images, places, answers)
    when = {} if told["moment_known"] else {"from_at": images["from_at"], "to_at": images["to_at"]}
    known = told["ground"]  # as it is where images add nothing to it
    return when | {
        "moment_known": True,
        "known_from": "both",
        "ground": known if searched.is_empty else _wkt(shapely.union(shapely.from_wkt(known), searched)),
        "datasets": ", ".join([*filter(None, [told["datasets"]]), *images["names"]]),
    }


def unseen_passes(images: DataFrame) -> DataFrame:
    """RADAR_PASS of passes that images tell of and no detection does. Images are free for every use.

    images  rows of `image_passes`
    """
    passes = DataFrame(
        {
            "radar_pass_id": deterministic_id("radar_pass", one["satellite"], one["orbit"], one["from_at"].date()),
            "provider": one["provider"],
            "from_at": one["from_at"],
            "to_at": one["to_at"],
            "moment_known": True,
            "known_from": "catalogue_only",
            "ground": NOWHERE,
            "detections": 0,
            "datasets": ", ".join(one["names"]),
            "licence": None,
        }
        for one in images.to_dict("records")
    )
    return passes.assign(known_at=end_of_day(passes["from_at"]))


def _searched(images: pd.Series, places: DataFrame, answers: DataFrame) -> shapely.Geometry:
    """The ground of images of which the provider was asked for all detections of that moment, answered, and told of one
    at least. None beside midnight: what it told of the other day stands in another pass."""
    begin, end = images["from_at"], images["to_at"]
    then = answers[(answers["from_at"] <= begin) & (answers["to_at"] > begin)]
    grounds = shapely.from_wkt(then["ground"].to_numpy(object))
    ground = images["outline"]
    for asked_of in ("matched", "unmatched"):
        of = then["asked_of"].isin([asked_of, "both"]).to_numpy()
        ground = shapely.intersection(ground, shapely.union_all(grounds[of]))
    beside_midnight = (begin - _BESIDE).floor("D") != (end + _BESIDE).floor("D")
    told = shapely.intersects(ground, shapely.points(places[["longitude", "latitude"]].to_numpy())).any()
    return ground if told and not beside_midnight else shapely.Polygon()


def _wkt(ground: shapely.Geometry) -> str:
    """Polygons of a ground; a line or point in which polygons meet is none."""
    polygons = [one for one in shapely.get_parts(ground) if one.geom_type == "Polygon"]
    return str(shapely.to_wkt(shapely.union_all(polygons), rounding_precision=4))
