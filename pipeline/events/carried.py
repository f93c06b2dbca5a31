"""What days hand on to the next: of a track's past, all that its future may still depend on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from pandas import DataFrame

from pipeline.contracts import BERTH, SAID, SLOW_STRETCH, STAY, TRACK_END


@dataclass(frozen=True)
class Carried:
    """What days hand on: `ends` TRACK_END, `stays` STAY (all roles but new), `berths` BERTH; `slow` SLOW_STRETCH and
    `said` SAID, which other detectors keep."""

    ends: DataFrame
    stays: DataFrame
    berths: DataFrame
    slow: DataFrame = field(default_factory=SLOW_STRETCH.empty)
    said: DataFrame = field(default_factory=SAID.empty)

    @classmethod
    def nothing(cls) -> Carried:
        """What is carried into the first day."""
        return cls(TRACK_END.empty(), STAY.empty(), BERTH.empty())

    @classmethod
    def joined(cls, parts: Sequence[Carried]) -> Carried:
        """What is handed on for ships of which no two parts hold the same."""
        names = vars(parts[0])
        return cls(**{name: _concat([getattr(part, name) for part in parts]) for name in names})

    def of(self, mmsis: np.ndarray) -> Carried:
        """What is handed on for these ships."""
        return Carried(**{name: rows[rows["mmsi"].isin(mmsis)] for name, rows in vars(self).items()})

    def without(self, mmsis: np.ndarray) -> Carried:
        """What is handed on for all others."""
        return Carried(**{name: rows[~rows["mmsi"].isin(mmsis)] for name, rows in vars(self).items()})


def _concat(frames: list[DataFrame]) -> DataFrame:
    return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
