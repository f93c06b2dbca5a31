"""Deterministic ids: the same facts give the same id on every machine and in every order of arrival."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import pandas as pd


def deterministic_id(*parts: object) -> str:
    """Sixteen hexadecimal digits of the SHA-256 of the parts; times count as microseconds since 1970 (UTC)."""
    words = (str(part.value // 1000 if isinstance(part, pd.Timestamp) else part) for part in parts)
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:16]


def deterministic_ids(kind: str, *columns: Iterable[Any]) -> list[str]:
    """One id per row from the kind and the row's values, as `deterministic_id` makes it."""
    return [deterministic_id(kind, *row) for row in zip(*columns, strict=True)]
