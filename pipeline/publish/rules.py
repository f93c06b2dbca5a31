"""The thresholds of the quality gate, read from `seeds/gate.yaml`."""

from __future__ import annotations

from pathlib import Path

from pipeline.limits import SourcedGroup, SourcedLimits, load_sourced
from pipeline.resources import SEEDS


class CoverageRules(SourcedGroup):
    """When a day has lost coverage."""

    weeks: int
    least_days: int
    lost_share: float
    gone_days: int


class RejectRules(SourcedGroup):
    """When a file has too many rejected rows."""

    files: int
    least_files: int
    times_habit: float
    least_share: float
    least_rows: int


class LayoutRules(SourcedGroup):
    """When new columns are the habit: after more than so many files in a row."""

    settled_files: int


class GateRules(SourcedLimits):
    """All thresholds of the gate."""

    coverage: CoverageRules
    rejects: RejectRules
    layout: LayoutRules


def load_gate_rules(path: Path = SEEDS / "gate.yaml") -> GateRules:
    """Read the gate's thresholds.

    raises  InputError naming file, line, field and what was expected; every value needs a source
    """
    return load_sourced(path, GateRules)
