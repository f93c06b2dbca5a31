"""Events of ships' histories: a point each, where AIS placed it or in the zone that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.export.alerts import placed_by
from pipeline.export.layer import Layer, points

if TYPE_CHECKING:
    from pandas import DataFrame


def event_layer(events: DataFrame, positions: DataFrame, zone_points: DataFrame) -> Layer:
    """Events as the view `vessel_history` tells them, each ship's side of an encounter a row of its own.

    positions    event_table, event_id, longitude, latitude: where she stopped first, fell silent, met, drifted
    zone_points  zone_id, longitude, latitude

    `placed_by` says what the point is: an AIS `position`, or a point inside the `zone`, which is no position of hers.
    """
    rows = events.reset_index(drop=True)
    key = ["event_table", "event_id"]
    # A place in SQL is null or a number; which event it is of is unique, so the merge keeps the rows as they are.
    by_position = rows[key].merge(positions.drop_duplicates(key), on=key, how="left")
    by_zone = rows[["place"]].merge(
        zone_points.rename(columns={"zone_id": "place"})[["place", "longitude", "latitude"]], on="place", how="left"
    )
    place = by_position[["longitude", "latitude"]].fillna(by_zone[["longitude", "latitude"]])
    rows = rows.assign(placed_by=placed_by(by_position["longitude"], by_zone["longitude"]))
    return Layer(
        "events",
        rows,
        ("event_table", "event_id", "vessel_id"),
        "sentence",
        points(place["longitude"], place["latitude"]),
        "Point",
        ("from_at", "to_at"),
        "event_table",
    )
