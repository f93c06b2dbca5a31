"""Bearing: which claims an alert supports, weakens or is only context for, and what of it a window of time admits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pipeline.contracts import ALERT_CLAIM
from pipeline.judgement.articles import ClaimSpec, select_zones

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_VERB = {"supports": "the pattern supports the claim", "weakens": "the pattern weakens the claim"}


def relate(alerts: DataFrame, specs: list[ClaimSpec], zones: DataFrame) -> DataFrame:
    """How each alert bears on each claim that names its pattern.

    Only claims that AIS can test (class A or B) are related, and synthetic alerts only to claims of synthetic articles.
    An alert supports or weakens a claim as the claim's spec says of its pattern, if it began and ended where the claim
    asks and a window of the claim admits it; otherwise it is context, and the reason says what is amiss. So is an alert
    in which what speaks against weighs as much as what speaks for.

    alerts   alert_id, pattern_id, voyage_id, began_at, ended_at, origin_zone_id, destination_zone_id, score, synthetic
    zones    ZONE
    returns  ALERT_CLAIM
    raises   InputError if a zone selector of a claim that an alert may bear on matches no zone
    """
    specs = [spec for spec in specs if spec.testability in ("A", "B")]
    rows = _named(specs).merge(alerts, on=["pattern_id", "synthetic"], validate="many_to_many")
    windows = rows.merge(window_frame(specs), on=["claim_id", "synthetic"], validate="many_to_many")
    windows = windows[admitted(windows)].groupby(["alert_id", "claim_id"], as_index=False)["window_id"].agg(", ".join)
    rows = rows.merge(windows, on=["alert_id", "claim_id"], how="left", validate="one_to_one")
    amiss = {
        "it began elsewhere than the claim speaks of": _elsewhere(rows, "origin", specs, zones),
        "it ended elsewhere than the claim speaks of": _elsewhere(rows, "destination", specs, zones),
        "none of the claim's windows admits it": rows["window_id"].isna(),
        "what speaks against it weighs as much as what speaks for it": rows["score"] <= 0,
    }
    reason = rows["alert_id"].map(lambda _: "")
    for why, fails in amiss.items():
        reason = reason.mask(fails, reason.where(reason == "", reason + "; ") + why)
    verb = rows["relation"].map(_VERB)
    fits = verb + ", and it happened where the claim speaks of, in " + rows["window_id"]
    return ALERT_CLAIM.conform(
        rows.assign(
            relation=rows["relation"].where(reason == "", "context"),
            reason=fits.where(reason == "", verb + ", but " + reason),
        )
    )


def _named(specs: list[ClaimSpec]) -> DataFrame:
    """claim_id, synthetic, pattern_id, relation: the patterns that each claim names."""
    from pandas import DataFrame

    rows = [
        (spec.claim_id, spec.synthetic, pattern_id, relation)
        for spec in specs
        for relation, named in (("supports", spec.supporting_patterns), ("weakens", spec.weakening_patterns))
        for pattern_id in named
    ]
    named = DataFrame(rows, columns=["claim_id", "synthetic", "pattern_id", "relation"])
    return named.drop_duplicates(["claim_id", "pattern_id"]).astype({"synthetic": bool})


def _elsewhere(
    rows: DataFrame, side: Literal["origin", "destination"], specs: list[ClaimSpec], zones: DataFrame
) -> Series:
    """Which rows have their origin (destination) outside the zones that their claim asks for, as bool."""
    inside = rows["claim_id"].isin([])
    for spec in specs:
        of_claim = rows["claim_id"] == spec.claim_id
        if of_claim.any():
            selectors = spec.origins if side == "origin" else spec.destinations
            there = rows[f"{side}_zone_id"].isin(select_zones(selectors, zones)) if selectors else True
            inside |= of_claim & there
    return ~inside


def window_frame(specs: list[ClaimSpec]) -> DataFrame:
    """One row per claim and window, in order.

    returns  claim_id, synthetic, window_id, opens_at, closes_at (UTC), by_arrival (the claim asks where a voyage ended)
    """
    from pandas import DataFrame

    rows = [
        (spec.claim_id, spec.synthetic, window.window_id, window.from_at, window.to_at, bool(spec.destinations))
        for spec in specs
        for window in spec.windows
    ]
    dtypes = {
        "claim_id": "str", "synthetic": "bool", "window_id": "str", "opens_at": "datetime64[us, UTC]",
        "closes_at": "datetime64[us, UTC]", "by_arrival": "bool",
    }  # fmt: skip
    return DataFrame(rows, columns=list(dtypes)).astype(dtypes)


def admitted(rows: DataFrame) -> Series:
    """Which alerts a window [opens_at, closes_at) of a claim admits, as bool.

    A voyage must have ended before the window's end: cut there, only a departure is left of it, and a departure is no
    alert. It must have begun inside too, unless the claim asks where it ended: then its arrival is what counts.
    A port call is admitted by every window it reaches into; see `cut_at_end`.

    rows  voyage_id, began_at, ended_at of the alert; opens_at, closes_at, by_arrival of the window
    """
    voyage = rows["voyage_id"].notna()
    ended_after_start = rows["ended_at"] >= rows["opens_at"]
    passed = ~cut_at_end(rows) & ended_after_start & (rows["by_arrival"] | (rows["began_at"] >= rows["opens_at"]))
    return passed.where(voyage, (rows["began_at"] < rows["closes_at"]) & ended_after_start).astype(bool)


def cut_at_end(rows: DataFrame) -> Series:
    """Which alerts go on beyond the window's end; what was learnt of them there must not count inside it."""
    return (rows["ended_at"] >= rows["closes_at"]).astype(bool)
