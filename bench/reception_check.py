"""Why ships of drawn worlds fell silent, beside what the watch says of the reception then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipeline.scenarios.script import Scenario

GAPS = """
select mmsi, began_at, ended_at, off_latitude, off_longitude, reception
from ais_gap where source = 'ais' and ended_at is not null
"""
OFF, FEED, OTHER = "transponder off", "feeds of the region failed", "weak or absent reception"
_MOSTLY = 0.8  # of a silence, or of what caused it


def reception_check(scenario: Scenario, gaps: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Count silences by their cause and by the reception given.

    gaps     rows of GAPS
    returns  cause, reception, silences
    """
    if not gaps:
        return []
    frame = pd.DataFrame(gaps)
    for column in ("began_at", "ended_at"):
        frame[column] = pd.to_datetime(frame[column].str[:19], utc=True)
    frame["cause"] = OTHER
    failed = {down for one in scenario.receivers.values() for down in one.down if "loses its feeds" in down.why}
    for down in failed:
        frame.loc[_mostly(frame, down.from_at, down.to_at) & (frame["off_latitude"] > 37.3), "cause"] = FEED
    for ship in scenario.ships:
        numbers = {ship.mmsi, *(said.mmsi for said in ship.identities if said.mmsi is not None)}
        for quiet in ship.silent:
            frame.loc[frame["mmsi"].isin(numbers) & _mostly(frame, quiet.from_at, quiet.to_at), "cause"] = OFF
    counted = frame.groupby(["cause", "reception"]).size().rename("silences").reset_index()
    rows: list[dict[str, Any]] = counted.to_dict("records")
    return rows


def _mostly(frame: pd.DataFrame, from_at: Any, to_at: Any) -> pd.Series:
    """Whether most of a silence, and most of what may have caused it, are the same time."""
    shared = frame["ended_at"].clip(upper=to_at) - frame["began_at"].clip(lower=from_at)
    return (shared >= _MOSTLY * (frame["ended_at"] - frame["began_at"])) & (shared >= _MOSTLY * (to_at - from_at))
