"""Calibration: how often an alert of a pattern and score was right in drawn worlds, where the truth is known.

Shown beside a grade, and a part of none: the worlds' mix of guilty and innocent ships is a generator's, not the sea's.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from pathlib import Path

from pandas import DataFrame
from pydantic import Field, model_validator

from pipeline.contracts import CALIBRATION
from pipeline.resources import SEEDS
from pipeline.seedfile import Seed, digest, load_seed


class Band(Seed):
    """Alerts of one pattern with a score of `score_from` or more, and less than `score_to`."""

    pattern_id: str
    score_from: float
    score_to: float
    alerts: int = Field(gt=0)
    alerts_right: int = Field(ge=0)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _adds_up(self) -> Band:
        if self.score_from >= self.score_to:
            raise ValueError("score_from is less than score_to")
        if self.alerts_right > self.alerts or not self.low <= self.alerts_right / self.alerts <= self.high:
            raise ValueError("alerts_right is at most alerts, and their share lies between low and high")
        return self


class Calibration(Seed):
    """The calibration file: what was drawn, and what became of the alerts there."""

    conditions: str
    bands: tuple[Band, ...]

    @model_validator(mode="after")
    def _bands_are_apart(self) -> Calibration:
        bands = sorted(self.bands, key=lambda band: (band.pattern_id, band.score_from))
        for one, other in pairwise(bands):
            if one.pattern_id == other.pattern_id and other.score_from < one.score_to:
                raise ValueError(f"bands of {one.pattern_id} do not overlap")
        return self

    @property
    def frame(self) -> DataFrame:
        """CALIBRATION."""
        rows = [band.model_dump() | {"conditions": self.conditions} for band in self.bands]
        return CALIBRATION.conform(DataFrame(rows, columns=CALIBRATION.names))

    @cached_property
    def hash(self) -> str:
        """Identifies the file's content."""
        return digest([self])


def load_calibration(path: Path = SEEDS / "calibration.yaml") -> Calibration:
    """Read the calibration file, which `make bench-detection` writes.

    raises  InputError naming file, line, field, found and expected
    """
    return load_seed(path, Calibration)
