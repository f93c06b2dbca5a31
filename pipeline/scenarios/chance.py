"""Chance in a scenario: the same for the same seed, and separate for each purpose."""

from __future__ import annotations

import zlib

import numpy as np

from pipeline.scenarios.script import Scenario


def generator(scenario: Scenario, *purpose: str) -> np.random.Generator:
    """A generator for one purpose: what one ship or receiver draws does not change what another does."""
    return np.random.default_rng([scenario.seed, *(zlib.crc32(word.encode()) for word in purpose)])
