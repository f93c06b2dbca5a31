"""What a provider tells of a scenario: AIS presence by hour and cell, and what radar passes saw, from the same truth.

The provider hears by receivers of its own: of the same kind as the scenario's, with other luck. Radar sees hulls
whether or not they send anything, but none near the shore or in the river, and small ones now and then; ice and rocks
look like hulls. Shapes are those of Global Fishing Watch's reports (GlobalFishingWatch/gfw-api-python-client and
recorded rows); every ship is invented.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from pandas import DataFrame

from geo.coast import land_within
from geo.files import write_whole
from pipeline.scenarios.chance import generator
from pipeline.scenarios.reception import heard
from pipeline.scenarios.sailing import reports
from pipeline.scenarios.script import Scenario
from pipeline.scenarios.ships import Ship
from pipeline.scenarios.tracks import Track, tracks
from pipeline.scenarios.waters import Box


class Report(NamedTuple):
    """A kind of report: the source that it lands as, and the dataset that its rows are of."""

    source: str
    dataset: str


PRESENCE = Report("gfw_presence", "public-global-presence:v5.0")
RADAR = Report("gfw_radar", "public-global-sar-presence:v5.0")
RADAR_BOX: Box = (123.6, 37.7, 125.7, 39.4)  # the region that seeds/sources/gfw_radar.yaml asks for
_ASKED = {"spatial-resolution": "HIGH", "temporal-resolution": "HOURLY", "group-by": "VESSEL_ID", "format": "JSON"}
_OTHER_LUCK = 1_000_003  # added to the seed for what the provider hears
_MATCH_S = 1800.0  # heard so near to a pass, a ship is matched with her echo
_MASK_DEG = 1 / 111.2  # a kilometre, within which of the shore nothing is told
_RIVER: Box = (125.17, 38.5, 126.0, 39.1)  # behind the barrage
_SMALL_M, _FAINT_M = 60, 25  # hulls shorter than these are missed now and then, or mostly
_SEEN = (0.97, 0.75, 0.1)  # shares of hulls seen: long, small, faint
_CELL_SCATTER_M = 60.0  # how far off a hull is placed
_BEYOND = (
    (123.72, 37.82),
    (125.60, 39.25),
    (123.75, 39.28),
    (124.95, 37.80),
)  # others in the scene, whom nobody follows


@dataclass(frozen=True)
class Radar:
    """Passes of a satellite: the first, days between two, and which share of them is marred by ice or sea."""

    first: datetime
    every_days: int = 6
    false_share: float = 0.15

    def moments(self, scenario: Scenario) -> list[datetime]:
        """The moments of passes within a scenario, UTC."""
        number = (scenario.to_at - self.first) // timedelta(days=self.every_days) + 1
        passes = (self.first + timedelta(days=self.every_days * n) for n in range(number))
        return [one for one in passes if scenario.from_at <= one < scenario.to_at]


def provider_hears(scenario: Scenario) -> Iterator[DataFrame]:
    """What the provider's receivers hear of each ship, in the columns of `sailing.reports`."""
    theirs = scenario.model_copy(update={"seed": scenario.seed + _OTHER_LUCK})
    for frame in reports(scenario):
        yield frame[heard(frame, theirs, scenario.waters.receivers)]


def presence_rows(scenario: Scenario, received: Iterable[DataFrame], box: Box | None = None) -> list[dict[str, Any]]:
    """Rows of a report of AIS presence: of each ship the first cell in each hour in which she was heard.

    received  frames of `provider_hears`
    box       the region that is asked for; None: everywhere
    """
    rows: list[dict[str, Any]] = []
    for frame in received:
        if box is not None:
            frame = frame[_within(box, frame["longitude"], frame["latitude"])]
        first = frame[~(frame["at_s"] // 3600).duplicated()]
        for row in first.to_dict("records"):
            at = scenario.from_at + timedelta(seconds=float(row["at_s"]))
            rows.append(
                {
                    "date": f"{at:%Y-%m-%d %H}:00", "lat": round(row["latitude"], 2), "lon": round(row["longitude"], 2),
                    "hours": 1, **_named(row),
                }
            )  # fmt: skip
    return sorted(rows, key=lambda row: (row["date"], row["mmsi"]))


def radar_rows(
    scenario: Scenario, received: Sequence[DataFrame], radar: Radar
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of reports of radar presence: those matched with AIS, and those not.

    received  frames of `provider_hears`, in the order of the scenario's ships
    """
    matched, unmatched = [], []
    moments = radar.moments(scenario)
    at_s = np.array([scenario.seconds(moment) for moment in moments])
    mask = land_within(shapely.box(*RADAR_BOX)).buffer(_MASK_DEG)
    shapely.prepare(mask)
    for track, frame in zip(tracks(scenario), received, strict=True):
        for moment, longitude, latitude in _echoes(track, moments, at_s, mask, scenario):
            seconds = scenario.seconds(moment)
            near = frame[(frame["at_s"] - seconds).abs() <= _MATCH_S]
            if len(near):
                who = _named(near.iloc[0].to_dict())
                matched.append(_echo(moment, longitude, latitude) | who | _times(moment))
            else:
                unmatched.append(_echo(moment, longitude, latitude) | _named({}))
    rng = generator(scenario, "radar errs")
    for moment in moments:
        matched += [
            _echo(moment, x, y) | _named({"mmsi": 412_000_001 + n, "name": f"SYN FAR {n + 1}"}) | _times(moment)
            for n, (x, y) in enumerate(_BEYOND)
        ]
        if rng.random() < radar.false_share:
            longitude, latitude = rng.uniform(124.3, 125.1), rng.uniform(38.3, 38.8)
            if not shapely.contains_xy(mask, longitude, latitude):
                unmatched.append(_echo(moment, longitude, latitude) | _named({}))
    return matched, unmatched


def write_report(path: Path, of: Report, rows: list[dict[str, Any]], polled_at: datetime) -> Path:
    """A file as `coalwatch fetch` keeps it, of one report; the same bytes every time.

    polled_at  with time zone
    """
    body = {"entries": [{of.dataset: rows or None}], "total": 1, "limit": None, "offset": 0, "nextOffset": None}
    line = {"source": of.source, "polled_at": polled_at.isoformat(), "asked": _ASKED, "body": body}
    write_whole(path, (json.dumps(line, separators=(",", ":")) + "\n").encode())
    return path


def _echoes(
    track: Track, moments: Sequence[datetime], at_s: Any, mask: Any, scenario: Scenario
) -> Iterator[tuple[datetime, float, float]]:
    """Passes that saw a ship, and where."""
    rng = generator(scenario, track.ship.name, "on radar")
    luck, off = rng.random(len(moments)), rng.normal(0, _CELL_SCATTER_M / 111_200, (2, len(moments)))
    there = (at_s >= track.rows[0][0]) & (at_s <= track.at_s) & (luck < _share_seen(track.ship))
    places, _ = track.where(at_s)
    longitude, latitude = places + off
    there &= _within(RADAR_BOX, longitude, latitude) & ~_within(_RIVER, longitude, latitude)
    there &= ~shapely.contains_xy(mask, longitude, latitude)
    for n in np.flatnonzero(there).tolist():
        yield moments[n], float(longitude[n]), float(latitude[n])


def _share_seen(ship: Ship) -> float:
    length = ship.length_m
    return _SEEN[0] if length >= _SMALL_M else _SEEN[1] if length >= _FAINT_M else _SEEN[2]


def _within(box: Box, longitude: Any, latitude: Any) -> Any:
    west, south, east, north = box
    return (longitude > west) & (longitude < east) & (latitude > south) & (latitude < north)


def _echo(moment: datetime, longitude: float, latitude: float) -> dict[str, Any]:
    return {
        "date": f"{moment:%Y-%m-%d %H}:00", "lat": round(latitude, 2), "lon": round(longitude, 2), "detections": 1,
    }  # fmt: skip


def _times(moment: datetime) -> dict[str, str]:
    seen = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return {"entryTimestamp": seen, "exitTimestamp": seen}


def _named(row: Mapping[Any, Any]) -> dict[str, str]:
    """The texts of a row about a ship; empty where she does not say it, or none is matched."""
    mmsi, imo, name, call_sign = (
        "" if value is None or value is pd.NA or value != value else str(value)
        for value in map(row.get, ("mmsi", "imo", "name", "call_sign"))
    )
    return {
        "vesselId": f"syn-{mmsi}" if mmsi else "", "mmsi": mmsi, "imo": imo, "shipName": name, "callsign": call_sign,
        "flag": "", "vesselType": "", "geartype": "",
    }  # fmt: skip
