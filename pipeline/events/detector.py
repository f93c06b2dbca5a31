"""What a detector declares of itself: whatever else must know a kind of event is told from this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd
from pandas import DataFrame, Series

from geo.anchorages import KnownAnchorages
from pipeline.contracts.table import Table
from pipeline.events.carried import Carried
from pipeline.limits import Limits


@dataclass(frozen=True)
class ToldDays:
    """What detectors read of UTC days of ships.

    steps       runs and silences with their labels, and `stays` STAY in order, as `stays.tell` gives them
    ends        TRACK_END at the end of the last day
    zones       ZONE
    now         end of the last landed day (UTC)
    limits      those in force
    runs        RUN of each day, with the number of the track as `ship`
    identities  mmsi, track, IDENTITY, first_at, last_at: what tracks called themselves on each day
    before      what the days before hand on
    anchorages  where ships lie outside zones; None: nowhere that is known
    """

    steps: DataFrame
    stays: DataFrame
    ends: DataFrame
    zones: DataFrame
    now: pd.Timestamp
    limits: Limits
    runs: DataFrame
    identities: DataFrame
    before: Carried
    anchorages: KnownAnchorages | None = None
    _found: dict[Callable[[ToldDays], DataFrame], DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def once(self, find: Callable[[ToldDays], DataFrame]) -> DataFrame:
        """What `find` finds in these days, found once however many ask for it; it is not to be changed."""
        if find not in self._found:
            self._found[find] = find(self)
        return self._found[find]


@dataclass(frozen=True)
class Detector:
    """A kind of event of single tracks.

    table  of its rows; its `open_when` says which of them are open, if ever one is
    find   its rows, those that days closed and those open at the end of the last one: `table` without what attribution
           adds (vessel_id, track_id, imo, provider_note, licence), plus `track`. Days at once come to what they come to
           one after the other
    """

    table: Table
    find: Callable[[ToldDays], DataFrame]

    def is_open(self, events: DataFrame) -> Series:
        """Which events have not ended yet; where events never do, which are not known to have happened."""
        return events[self.table.open_when or "known_at"].isna()
