"""Ids: the same facts give the same id on every machine and in every order of arrival; and what a hull is known by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import pandas as pd

_BY_IMO = "imo-"


def deterministic_id(*parts: object) -> str:
    """Sixteen hexadecimal digits of the SHA-256 of the parts; times count as microseconds since 1970 (UTC)."""
    words = (str(part.value // 1000 if isinstance(part, pd.Timestamp) else part) for part in parts)
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:16]


def deterministic_ids(kind: str, *columns: Iterable[Any]) -> list[str]:
    """One id per row from the kind and the row's values, as `deterministic_id` makes it."""
    return [deterministic_id(kind, *row) for row in zip(*columns, strict=True)]


def hull_of_imo(numbers: pd.Series) -> pd.Series:
    """The id of the hull (vessel_id) that an IMO number names."""
    return _BY_IMO + numbers.astype("str")


def known_by_imo(vessel_ids: pd.Series) -> pd.Series:
    """Whether each hull is known by an IMO number, and not by an MMSI alone."""
    return vessel_ids.str.startswith(_BY_IMO)
