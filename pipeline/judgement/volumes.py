"""Volumes: what the voyages in a window can have carried together, beside what a claim says they made up for.

The sum is a bound. It speaks for the claim only where it rose beyond every doubt after the date the claim names, and
against it only where it did not although the places were heard in both times; else it is told, and weighs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipeline.judgement.articles import ClaimSpec, Volume, Window, select_zones
from pipeline.judgement.verdicts import HOURS_PER_MONTH, Piece, VerdictRules

if TYPE_CHECKING:
    from pandas import DataFrame

_NOT_COUNTED = (
    "Not counted are ships that nobody heard, cargoes taken over at sea, and voyages that no pattern recognised; "
    "that a cargo was coal is nowhere AIS-reported."
)


@dataclass(frozen=True)
class Carried:
    """What voyages that ended in [from_at, to_at) can have carried together, tonnes.

    share  of the hours in which the places where they began and where they ended were heard: the lesser of both; None
           without positions
    """

    from_at: datetime
    to_at: datetime
    voyages: int
    low_t: float
    high_t: float
    share: float | None

    def numbers(self) -> dict[str, float | int | None]:
        """Columns of CLAIM_WINDOW; null without positions."""
        values = (self.voyages, self.low_t, self.high_t) if self.share is not None else (None, None, None)
        return dict(zip(("voyages_estimated", "tonnes_low", "tonnes_high"), values, strict=True))

    def a_month(self, tonnes: float) -> float:
        """Tonnes a month."""
        return tonnes / months(self.from_at, self.to_at)


def months(from_at: datetime, to_at: datetime) -> float:
    """Mean Gregorian months between two moments."""
    return (to_at - from_at).total_seconds() / 3600 / HOURS_PER_MONTH


def compared_window(volume: Volume) -> Window:
    """The time before the date that the claim names."""
    return Window(window_id="before", from_at=volume.compared_from, to_at=volume.since, role="baseline")


def carried(
    spec: ClaimSpec, volume: Volume, window: Window, cargoes: DataFrame, zones: DataFrame, share: float | None
) -> Carried:
    """What the alerts' voyages that ended in the window can have carried.

    cargoes  ALERT_CARGO with pattern_id and synthetic of the alert, of alerts that stand and were not dismissed
    """
    chosen = cargoes["pattern_id"].isin(volume.patterns) & (cargoes["synthetic"] == spec.synthetic)
    chosen &= (cargoes["arrived_at"] >= window.from_at) & (cargoes["arrived_at"] < window.to_at)
    chosen &= cargoes["basis"] != "none"
    for selectors, side in ((spec.origins, "origin_zone_id"), (spec.destinations, "destination_zone_id")):
        if selectors:
            chosen &= cargoes[side].isin(select_zones(selectors, zones))
    rows = cargoes[chosen].drop_duplicates("voyage_id")
    return Carried(window.from_at, window.to_at, len(rows), rows["low_t"].sum(), rows["high_t"].sum(), share)


def leaning(volume: Volume, now: Carried, before: Carried, rules: VerdictRules) -> tuple[str, Piece] | None:
    """Whether the tonnage of a window supports or weakens the claim, and as which piece; None where it says nothing."""
    least = rules.rules.least_coverage_share.value
    if now.from_at < volume.since or any(one.share is None or one.share < least for one in (now, before)):
        return None
    monthly = (
        f"from {before.a_month(before.low_t):,.0f} to {before.a_month(before.high_t):,.0f} t a month before "
        f"{volume.since:%Y-%m-%d}, from {now.a_month(now.low_t):,.0f} to {now.a_month(now.high_t):,.0f} t in the window"
    )
    weight = rules.rules.tonnage.value
    if now.a_month(now.low_t) > before.a_month(before.high_t):
        said = f"What AIS-reported voyages can have carried rose: {monthly} (weight {weight:.2f})."
        return "supports", Piece("tonnage", weight, inside=True, direct=False, said=said)
    if now.a_month(now.high_t) <= before.a_month(before.low_t):
        said = f"What AIS-reported voyages can have carried did not rise: {monthly} (weight {weight:.2f})."
        return "weakens", Piece("tonnage", weight, inside=True, direct=False, said=said)
    return None


def told(volume: Volume, now: Carried, before: Carried, documented: DataFrame) -> Iterable[str]:
    """The numbers, in sentences.

    documented  OBSERVATION, known by then
    """
    known = {row["observation_id"]: row for row in documented.to_dict("records")}
    gap, a_month = known.get(volume.shortfall.observation), None
    if gap is None:
        yield "How large the shortfall was had not been published by then."
    else:
        a_month = round(gap["quantity"] / volume.shortfall.months, -4)
        yield f"The shortfall is about {a_month:,.0f} t a month ({gap['source']}; {volume.shortfall.of})."
    if now.share is None:
        yield "Without positions no tonnage can be read off AIS."
    else:
        yield (
            f"{now.voyages} AIS-reported voyages from where coal is loaded ended in the window; if each carried coal, "
            f"they carried {now.low_t:,.0f} to {now.high_t:,.0f} t, at most {now.a_month(now.high_t):,.0f} t a month"
            f"{_share(now.a_month(now.high_t), a_month)}. Where such voyages begin and end, ships were heard in "
            f"{now.share:.0%} of the hours. "
            f"{_NOT_COUNTED}"
        )
        if now.from_at >= volume.since:
            yield _compared(volume, before)
    for name in volume.documented:
        if (row := known.get(name)) and row["from_at"] < now.to_at:
            yield _documented(row, a_month)


def _compared(volume: Volume, before: Carried) -> str:
    since = f"{volume.compared_from:%Y-%m-%d} to {volume.since:%Y-%m-%d}"
    if before.share is None:
        return f"Of the time before ({since}) there are no positions, so no rise can be read off AIS."
    return (
        f"Before ({since}) it was {before.voyages} voyages, at most {before.a_month(before.high_t):,.0f} t a month, "
        f"with ships heard there in {before.share:.0%} of the hours."
    )


def _documented(row: dict[Any, Any], shortfall: float | None) -> str:
    rate = row["quantity"] / months(row["from_at"], row["to_at"])
    seen = "seen" if row["verified"] else "not seen"
    return (
        f"Documented: {row['statement'].rstrip('.')} (publication {seen}): about {round(rate, -3):,.0f} t a month"
        f"{_share(rate, shortfall)}."
    )


def _share(tonnes: float, shortfall: float | None) -> str:
    return f", {tonnes / shortfall:.1%} of the shortfall" if shortfall else ""
