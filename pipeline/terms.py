"""Terms that bind whoever passes data on: a row that rests on several sources is under the terms of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import Series


def all_terms(licences: Series) -> str | None:
    """Each of the terms once, as one text; None where there are none."""
    return "; ".join(sorted(licences.dropna().unique())) or None
