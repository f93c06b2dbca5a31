"""Maritime identification digits: the first three of an MMSI say which state assigned it (`seeds/mid.csv`)."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING

from pipeline.resources import SEEDS

if TYPE_CHECKING:
    from pandas import Series

DIGITS = SEEDS / "mid.csv"


def hash_of_digits() -> str:
    """Identifies what states the digits are said to be assigned by."""
    return hashlib.sha256(DIGITS.read_bytes()).hexdigest()[:16]


def flag_of(mmsi: Series) -> Series:
    """ISO 3166 alpha-2 country of each MMSI's maritime identification digits; null where they are not assigned."""
    return (mmsi // 1_000_000).map({mid: country for mid, country, _ in assigned()}).astype("str")


@cache
def assigned() -> list[tuple[int, str, str]]:
    """Digits, ISO 3166 alpha-2 country and name of each administration that has any."""
    from pandas import read_csv

    table = read_csv(DIGITS, comment="#", keep_default_na=False)
    return list(zip(table["mid"], table["country"], table["administration"], strict=True))
