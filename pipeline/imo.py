"""IMO numbers: which number names a hull, and why one does not."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache


def is_imo(number: int) -> bool:
    """Whether a number can be a ship's IMO number: seven digits, the first not zero, the last one right, and none that
    is known to be sent in place of a number (limits: identity.imo_placeholders)."""
    return why_no_imo(number) is None


@cache
def why_no_imo(number: int) -> str | None:
    """Why a number is no ship's IMO number; None if it can be one."""
    from stdnum import imo

    if number < 1_000_000 or not imo.is_valid(str(number)):
        return "check digit fails"
    return "placeholder, no ship's" if number in _placeholders() else None


def told_why(numbers: Iterable[int]) -> str:
    """Why numbers are no ships' IMO numbers, each reason once with its numbers in order; empty if all can be."""
    reasons: dict[str, list[int]] = {}
    for number in sorted(numbers):
        if why := why_no_imo(number):
            reasons.setdefault(why, []).append(number)
    return "; ".join(f"{why}: {', '.join(map(str, those))}" for why, those in sorted(reasons.items()))


@cache
def _placeholders() -> frozenset[int]:
    from pipeline.limits import load_limits

    return frozenset(load_limits().identity.imo_placeholders)
