"""Bearing: which claims an alert supports, weakens or is only context for, and what of it a window of time admits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.contracts import ALERT_CLAIM
from pipeline.judgement.articles import ClaimSpec, Window, select_zones

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def relate(alerts: DataFrame, specs: list[ClaimSpec], zones: DataFrame) -> DataFrame:
    """How each alert bears on each claim that names its pattern.

    Only claims that AIS can test (class A or B) are related, and synthetic alerts only to claims of synthetic articles.
    An alert supports or weakens a claim as the claim's spec says of its pattern, if it began and ended where the claim
    asks and a window of the claim admits it; otherwise it is context, and the reason says what is amiss. So is an alert
    in which what speaks against weighs as much as what speaks for.

    alerts   alert_id, pattern_id, voyage_id, began_at, ended_at, origin_zone_id, destination_zone_id, score, synthetic
    zones    ZONE
    returns  ALERT_CLAIM
    raises   InputError if a claim's zone selector matches no zone
    """
    from pandas import concat

    related = [_relate(alerts, spec, zones) for spec in specs if spec.testability in ("A", "B")] if len(alerts) else []
    related = [rows for rows in related if len(rows)]
    return ALERT_CLAIM.conform(concat(related, ignore_index=True) if related else ALERT_CLAIM.empty())


def _relate(alerts: DataFrame, spec: ClaimSpec, zones: DataFrame) -> DataFrame:
    """ALERT_CLAIM rows of one claim."""
    supporting = alerts["pattern_id"].isin(spec.supporting_patterns)
    weakening = alerts["pattern_id"].isin(spec.weakening_patterns)
    rows = alerts[(supporting | weakening) & (alerts["synthetic"] == spec.synthetic)]
    inside = {window.window_id: admitted(rows, spec, window) for window in spec.windows}
    windows = rows["alert_id"].map(lambda _: "")
    for window_id, admits in inside.items():
        windows = windows.mask(admits, windows + f" {window_id}")
    amiss = {
        "it began elsewhere than the claim speaks of": ~_within(rows["origin_zone_id"], spec.origins, zones),
        "it ended elsewhere than the claim speaks of": ~_within(rows["destination_zone_id"], spec.destinations, zones),
        "none of the claim's windows admits it": windows == "",
        "what speaks against it weighs as much as what speaks for it": rows["score"] <= 0,
    }
    reason = rows["alert_id"].map(lambda _: "")
    for why, fails in amiss.items():
        reason = reason.mask(fails, reason.where(reason == "", reason + "; ") + why)
    direction = supporting[rows.index].map({True: "supports", False: "weakens"})
    verb = direction.map({"supports": "the pattern supports the claim", "weakens": "the pattern weakens the claim"})
    happened = (
        verb + ", and it happened where the claim speaks of, in" + windows.str.replace(" ", ", ").str.removeprefix(",")
    )
    return rows[["alert_id"]].assign(
        claim_id=spec.claim_id,
        relation=direction.where(reason == "", "context"),
        reason=(verb + ", but ").where(reason != "", "") + reason.where(reason != "", happened),
    )


def _within(zone_ids: Series, selectors: list[str], zones: DataFrame) -> Series:
    """Which zones the selectors choose, as bool; without selectors all."""
    if not selectors:
        return zone_ids.isin([]) | True
    return zone_ids.isin(select_zones(selectors, zones))


def admitted(alerts: DataFrame, spec: ClaimSpec, window: Window) -> Series:
    """Which alerts a window [from_at, to_at) of a claim admits, as bool.

    A voyage must have ended before the window's end: cut there, only a departure is left of it, and a departure is no
    alert. It must have begun inside too, unless the claim asks where it ended: then its arrival is what counts.
    A port call is admitted by every window it reaches into; see `cut_at_end`.
    """
    voyage = alerts["voyage_id"].notna()
    began_before_end = alerts["began_at"] < window.to_at
    ended_after_start = alerts["ended_at"] >= window.from_at
    passed = (alerts["ended_at"] < window.to_at) & ended_after_start
    if not spec.destinations:
        passed &= alerts["began_at"] >= window.from_at
    return passed.where(voyage, began_before_end & ended_after_start).astype(bool)


def cut_at_end(alerts: DataFrame, window: Window) -> Series:
    """Which alerts go on beyond the window's end; what was learnt of them there must not count inside it."""
    return (alerts["ended_at"] >= window.to_at).astype(bool)
