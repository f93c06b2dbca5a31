"""Terms that bind whoever passes data on: a row that rests on several sources is under the terms of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pandas import DataFrame, Series


def all_terms(licences: Series) -> str | None:
    """Each of the terms once, as one text; None where there are none."""
    return "; ".join(sorted(licences.dropna().unique())) or None


def all_terms_of(licences: Iterable[str | None]) -> str | None:
    """As `all_terms`, of plain values that may hold several terms each."""
    return "; ".join(sorted({one for text in licences if text for one in text.split("; ")})) or None


def terms_between(began_at: Series, ended_at: Series, of_days: DataFrame) -> Series:
    """Terms of the days that each span of time touches.

    began_at, ended_at  UTC, of one index; a null end is the end of the data
    of_days             day (ISO), licence: terms of positions landed for the day
    returns             licences, under the index of the span; a span has as many as there are, or none
    """
    from numpy import searchsorted
    from pandas import Series, concat

    first = began_at.dt.strftime("%Y-%m-%d").to_numpy(dtype=object)
    last = ended_at.dt.strftime("%Y-%m-%d").fillna("9999").to_numpy(dtype=object)
    found = [Series(dtype="str", index=began_at.index[:0])]
    for licence, of_licence in of_days.groupby("licence")["day"]:
        days = of_licence.sort_values().to_numpy(dtype=object)
        touched = searchsorted(days, last, side="right") > searchsorted(days, first)
        found.append(Series(licence, index=began_at.index[touched], dtype="str"))
    return concat(found)
