"""Alerts: a point each, where the track around it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.export.layer import Layer, points

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def alert_layer(
    alerts: DataFrame, evidence: DataFrame, bearings: DataFrame, tracks: DataFrame, zone_points: DataFrame
) -> Layer:
    """Alerts with what speaks for and against each, the claims it bears on, and where it is drawn.

    alerts       as `pipeline.warehouse.exported` gives them
    evidence     alert_id, weight, statement, the weightiest first
    bearings     alert_id, claim_id, relation
    tracks       ALERT_TRACK in order
    zone_points  zone_id, longitude, latitude

    `placed_by` says what the point is: the last AIS position of its track, or, for want of one, a point inside the zone
    where what it rests on ended or began, which is no position of hers.
    """
    rows = alerts.reset_index(drop=True)
    said = evidence.assign(statement=evidence["weight"].map("{:+.1f} ".format).astype("str") + evidence["statement"])
    rows = rows.assign(
        speaks_for=_of(rows, said[evidence["weight"] > 0], "statement"),
        speaks_against=_of(rows, said[evidence["weight"] <= 0], "statement"),
        claims=_of(rows, bearings.assign(claim=bearings["relation"] + " " + bearings["claim_id"]), "claim"),
    )
    last = tracks.drop_duplicates("alert_id", keep="last").set_index("alert_id")[["longitude", "latitude"]]
    zones = zone_points.set_index("zone_id")[["longitude", "latitude"]]
    of_track = last.reindex(rows["alert_id"]).set_axis(rows.index)
    of_zone = zones.reindex(rows["destination_zone_id"].fillna(rows["origin_zone_id"])).set_axis(rows.index)
    place = of_track.fillna(of_zone)
    rows = rows.assign(placed_by=placed_by(of_track["longitude"], of_zone["longitude"]))
    return Layer(
        "alerts",
        rows,
        ("alert_id",),
        "headline",
        points(place["longitude"], place["latitude"]),
        "Point",
        ("began_at", "ended_at"),
        "grade",
    )


def placed_by(by_position: Series, by_zone: Series) -> Series:
    """Whether a place is a `position` or a point of a `zone`; null where neither is known."""
    from pandas import Series

    found = Series("position", index=by_position.index, dtype="str").where(by_position.notna())
    return found.fillna(Series("zone", index=by_zone.index, dtype="str").where(by_zone.notna()))


def _of(rows: DataFrame, told: DataFrame, name: str) -> Series:
    """What is told of each alert, in order, as one text."""
    joined = told.groupby("alert_id", sort=False)[name].agg("; ".join)
    return joined.reindex(rows["alert_id"]).set_axis(rows.index).astype("str")
