"""A small sea for tests: zones, ships, and their history as the tasks derive it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pandas as pd

from geo.anchorages import Anchorages, KnownAnchorages
from geo.zones import Zones, build_zones
from pipeline.contracts import POSITION, RECEIVERS, VESSEL_REPORT
from pipeline.events.carried import Carried
from pipeline.events.derive import derive_days
from pipeline.events.registry import detectors
from pipeline.limits import Limits, load_limits
from pipeline.movement.compress import compress_days
from pipeline.movement.tracks import Fixes
from tests.geo.shapes import feature

LIMITS = load_limits()
NAMPO = (125.4, 38.7167)
_day_by_day = False


def small_sea() -> Zones:
    """Nampo with a coal berth and a lock on its only way in, its anchorage 60 km off, and Dalian."""
    return build_zones(
        [
            feature("nampo", *NAMPO, 3000, loads_coal=True),
            feature("nampo-coal", *NAMPO, 500, kind="terminal", parent_zone_id="nampo", port="nampo", margin_m=None),
            feature(
                "nampo-lock", 125.33, 38.7167, 1000, kind="lock", port="nampo", margin_m=None, only_way_into="nampo"
            ),
            feature("nampo-roads", 124.7, 38.7167, 3000, kind="anchorage", port="nampo"),
            feature("dalian", 121.7, 38.9, 3000, country="CN", receives_coal=True),
        ]
    )


def positions(rows: list[tuple[float, float, float, float | None]], mmsi: int = 445000001, start: str = "2018-06-01"):
    """POSITION of one ship from (hours after start, longitude, latitude, speed)."""
    frame = pd.DataFrame(rows, columns=["hours", "longitude", "latitude", "sog_kn"]).astype("float64")
    timestamp = pd.Timestamp(start, tz="UTC") + pd.to_timedelta(frame["hours"] * 3600, unit="s")
    frame = frame.assign(
        mmsi=mmsi, timestamp=timestamp, cog_deg=None, heading_deg=None, nav_status=None, transceiver_class="A",
        receiver="unknown", precision_m=None, precision_s=None, source_file_id="test",
    )  # fmt: skip
    return POSITION.conform(frame.sort_values(["mmsi", "timestamp"], kind="stable"))


def draughts(rows: list[tuple[float, float]], mmsi: int = 445000001, start: str = "2018-06-01"):
    """VESSEL_REPORT of one ship from (hours after start, draught)."""
    frame = pd.DataFrame(rows, columns=["hours", "draught_m"]).astype("float64")
    frame["timestamp"] = pd.Timestamp(start, tz="UTC") + pd.to_timedelta(frame["hours"] * 3600, unit="s")
    nothing = dict.fromkeys(("imo", "name", "call_sign", "ship_type", "length_m", "width_m", "destination"))
    return VESSEL_REPORT.conform(frame.assign(mmsi=mmsi, last_at=frame["timestamp"], source_file_id="test", **nothing))


def as_fixes(frame: pd.DataFrame) -> Fixes:
    """POSITION as the arrays that movement is derived from."""
    return Fixes(
        frame["mmsi"].to_numpy("int64"),
        frame["timestamp"].to_numpy("datetime64[us]").astype("int64"),
        *(frame[name].to_numpy("float64") for name in ("longitude", "latitude", "sog_kn")),
        frame["receiver"].map(RECEIVERS.index).to_numpy("int8"),
        *(frame[name].fillna(0).to_numpy("int32") for name in ("precision_m", "precision_s")),
    )


def known_anchorage(
    longitude: float, latitude: float, label: str, country: str | None = "CN", zone_id: str | None = None
) -> KnownAnchorages:
    """One anchorage in the middle of nowhere, or in a zone."""
    cell = Anchorages(
        np.array([longitude]), np.array([latitude]), *(np.array([text], object) for text in (country, label, ""))
    )
    return KnownAnchorages(cell, np.array([zone_id], dtype=object))


def derive_history(
    fixes: pd.DataFrame,
    zones: Zones,
    reports: pd.DataFrame | None = None,
    limits: Limits = LIMITS,
    until: str | None = None,
    anchorages: KnownAnchorages | None = None,
) -> dict[str, pd.DataFrame]:
    """Events of a whole history: what its days closed, and what is open at the end.

    All days at once, which costs one derivation; day by day comes to the same (tests/events/test_days_add_up.py), and
    in `make test-long` every test of a module that imports this is run day by day as well (tests/conftest.py).
    """
    days = days_of(fixes)
    stretches = [[day] for day in days] if _day_by_day else [days]
    return derive_stretches(fixes, zones, stretches, reports, limits, until, anchorages)


@contextmanager
def day_by_day() -> Iterator[None]:
    """Let `derive_history` derive one day after another."""
    global _day_by_day
    _day_by_day = True
    try:
        yield
    finally:
        _day_by_day = False


def days_of(fixes: pd.DataFrame) -> list[str]:
    """The UTC days on which anything was heard, in order."""
    return sorted(fixes["timestamp"].dt.strftime("%Y-%m-%d").unique())


def derive_stretches(
    fixes: pd.DataFrame,
    zones: Zones,
    stretches: Sequence[Sequence[str]],
    reports: pd.DataFrame | None = None,
    limits: Limits = LIMITS,
    until: str | None = None,
    anchorages: KnownAnchorages | None = None,
) -> dict[str, pd.DataFrame]:
    """Events of a whole history, its days (in order) derived stretch by stretch."""
    reports = VESSEL_REPORT.empty() if reports is None else reports
    end = pd.Timestamp(until or stretches[-1][-1], tz="UTC") + pd.Timedelta(days=1)
    carried = Carried.nothing()
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in (*detectors(), "position_anomaly")}
    for days in stretches:
        of_days = [
            frame[frame["timestamp"].dt.strftime("%Y-%m-%d").isin(days)]
            .sort_values(["timestamp"], key=lambda at: at.dt.floor("D"), kind="stable")
            .reset_index(drop=True)
            for frame in (fixes, reports)
        ]
        done = compress_days([(as_fixes(of_days[0]), of_days[1])], zones, limits, days)
        one = derive_days(carried, done.runs, done.identities, zones.frame, end, limits, anchorages)
        found["position_anomaly"].append(one.bursts)
        for name, detector in detectors().items():
            events = one.events[name]
            found[name].append(events[~detector.is_open(events) | (days is stretches[-1])])
        carried = one.carried
    return {name: pd.concat(frames, ignore_index=True) for name, frames in found.items()}
