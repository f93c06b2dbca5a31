"""Tracks: the ways between the points of simplified tracks, around alerts or of a ship, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.export.layer import Layer

if TYPE_CHECKING:
    from pandas import DataFrame


def track_layer(points: DataFrame, lines: DataFrame) -> Layer:
    """A row for each way from one point of a track to the next, with its time, so that programs can play it.

    points  line_id, and the columns of ALERT_TRACK behind alert_id, in order of lines and sequence
    lines   line_id, alert_id (null of a track that is no alert's), vessel_id, vessel_name, imo, mmsi, grade, synthetic,
            licence

    Of a way with the motion `silence` nothing was heard: its line is straight, and not her way. A way across the 180th
    meridian is cut there (RFC 7946).
    """
    points = points.reset_index(drop=True)
    after = points.groupby("line_id")[["timestamp", "longitude", "latitude", "motion"]].shift(-1)
    starts = after["timestamp"].notna().to_numpy()
    begin, end = points[starts].reset_index(drop=True), after[starts].reset_index(drop=True)
    sailed = (begin["motion"] == "stopped") & ~end["motion"].isin(["stopped", "silence"])  # from the end of the stop
    rows = begin[["line_id", "sequence", "zone_id"]].assign(
        motion=begin["motion"].where(~sailed, end["motion"]), from_at=begin["timestamp"], to_at=end["timestamp"]
    )
    rows = rows.merge(lines, on="line_id", how="left", validate="many_to_one")
    ways = cut_lines(*(one[["longitude", "latitude"]].to_numpy("float64") for one in (begin, end)))
    span = ("from_at", "to_at")
    return Layer("tracks", rows, ("line_id", "sequence"), "vessel_name", ways, "MultiLineString", span, "motion")


def cut_lines(begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Straight lines between positions as MultiLineStrings, those across the 180th meridian in two parts.

    begin, end  longitude and latitude a row, degrees, -180 to 180
    """
    import shapely

    if not len(begin):
        return np.empty(0, dtype=object)
    across = np.abs(end[:, 0] - begin[:, 0]) > 180
    side = np.where(begin[:, 0] > 0, 180.0, -180.0)
    unrolled = end[:, 0] + np.where(across, 2 * side, 0)  # where the end lies if longitudes went on beyond 180
    width = np.where(across, unrolled - begin[:, 0], 1.0)
    share = np.where(across & (width != 0), (side - begin[:, 0]) / np.where(width == 0, 1.0, width), 0.0)
    latitude = begin[:, 1] + share * (end[:, 1] - begin[:, 1])
    first = np.stack([begin, np.where(across[:, None], np.stack([side, latitude], axis=1), end)], axis=1)
    second = np.stack([np.stack([-side, latitude], axis=1), end], axis=1)[across]
    parts = np.concatenate([shapely.linestrings(first), shapely.linestrings(second)])
    of_row = np.concatenate([np.arange(len(begin)), np.flatnonzero(across)])
    order = np.argsort(of_row, kind="stable")
    return shapely.multilinestrings(parts[order], indices=of_row[order])
