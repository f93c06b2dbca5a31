"""Tonnage: how much a ship may have carried on a voyage, as a range, if a cargo of coal is what she carried.

A draught that rose at the origin, or fell at the destination, bounds the cargo by the water that the hull displaced in
between; without one it is anything up to what she can carry. Coefficients with their errors: `seeds/tonnage.yaml`.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from pipeline.cargo import BALLAST, LADEN, cargo_state
from pipeline.contracts import ALERT_CARGO
from pipeline.judgement.craft import CARRY_NONE, craft_of
from pipeline.resources import SEEDS
from pipeline.seedfile import Seed, digest, load_seed

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from pipeline.judgement.watchlists import Watchlists

_CM_PER_M = 100


class Figure(Seed):
    """A figure with its error (value - error to value + error), and where it is from."""

    value: float
    error: float = Field(ge=0)
    verified: bool
    source: str

    @property
    def low(self) -> float:
        """The least it may be."""
        return self.value - self.error

    @property
    def high(self) -> float:
        """The most it may be."""
        return self.value + self.error


class TonnageRules(Seed):
    """The tonnage file."""

    water_t_m3: Figure
    block_coefficient: Figure
    gross_tonnage_per_dead_weight: Figure
    gross_tonnage_error: Figure
    length_between_perpendiculars_share: Figure
    draught_per_beam: Figure
    dead_weight_share: Figure
    length_per_beam: Figure
    typed_error_m: Figure
    cargo_share: Figure
    least_dead_weight_t: Figure
    greatest_dead_weight_t: Figure

    @cached_property
    def hash(self) -> str:
        """Identifies what was estimated with these figures."""
        return digest([self])


def load_tonnage(path: Path = SEEDS / "tonnage.yaml") -> TonnageRules:
    """Read the tonnage file.

    raises  InputError naming file, line, field, found and expected
    """
    return load_seed(path, TonnageRules)


def estimate_cargoes(cases: DataFrame, watchlists: Watchlists, rules: TonnageRules) -> DataFrame:
    """What each ship may have carried on the voyage of her case.

    cases    cases of voyages (`cases.voyage`) with alert_id
    returns  ALERT_CARGO
    """
    from pandas import DataFrame

    rows = cases.reset_index(drop=True)
    weight = _dead_weight(rows, watchlists, rules)
    state = _state(rows)
    change = _draught_change(rows, state)
    low, high = _displaced(rows, change, rules)
    most = weight["high"] * rules.cargo_share.value
    by_draught = low.notna()
    none = (state == BALLAST) | craft_of(rows).isin(CARRY_NONE)
    low = low.fillna(0.0).clip(lower=0.0, upper=most).mask(none, 0.0)
    high = high.fillna(most).clip(upper=most).mask(none, 0.0)
    basis = by_draught.map({True: "draught", False: "dead_weight"}).mask(none, "none")
    return ALERT_CARGO.conform(
        DataFrame(
            {
                "alert_id": rows["alert_id"],
                "voyage_id": rows["voyage_id"],
                "departed_at": rows["departed_at"],
                "arrived_at": rows["arrived_at"],
                "origin_zone_id": rows["origin_zone_id"],
                "destination_zone_id": rows["destination_zone_id"],
                "destination_country": rows["destination_country"],
                "cargo_state": state,
                "draught_change_m": change.round(1),
                "dead_weight_low_t": weight["low"].round(-2),
                "dead_weight_high_t": weight["high"].round(-2),
                "dead_weight_basis": weight["basis"],
                "low_t": low.round(-2),
                "high_t": high.round(-2),
                "basis": basis,
            }
        )
    )


def _state(cases: DataFrame) -> Series:
    """laden, ballast or unknown: what she sailed with, by the draughts around both calls. A rise from a figure that was
    not kept up says nothing, unless a fall at the destination bears it out."""
    landed = cases["destination_draught"].isin(["fell", "fell_then_rose", "rose_then_fell"])
    fresh = ~cases["origin_draught_stale"].eq(True)
    loaded = cases["origin_draught"].isin(["rose", "fell_then_rose"]) & fresh
    left_empty = cases["origin_draught"].isin(["fell", "rose_then_fell"]) & fresh
    return cargo_state(loaded, left_empty, landed)


def _draught_change(cases: DataFrame, state: Series) -> Series:
    """Metres by which the cargo sank her, read at the origin, else at the destination; null where nothing says."""
    fresh = ~cases["origin_draught_stale"].eq(True)
    loaded = cases["origin_draught"].isin(["rose", "fell_then_rose"]) & fresh
    at_origin = (cases["origin_draught_out_m"] - cases["origin_draught_least_m"]).astype("float64")
    at_destination = (cases["destination_draught_most_m"] - cases["destination_draught_least_m"]).astype("float64")
    after_rise = (cases["destination_draught_most_m"] - cases["destination_draught_out_m"]).astype("float64")
    at_destination = at_destination.mask(cases["destination_draught"] == "rose_then_fell", after_rise)
    return at_origin.where(loaded, at_destination).where(state == LADEN)


def _displaced(cases: DataFrame, change_m: Series, rules: TonnageRules) -> tuple[Series, Series]:
    """Least and most tonnes that sink her by so much (tonnes per centimetre, times centimetres); null where her size or
    the change is not known."""
    ends = []
    for low in (True, False):
        plane = _plane_m2(cases, rules, low=low)
        coefficient = rules.block_coefficient.low if low else min(rules.block_coefficient.high, 1.0)
        area = plane * (1 + 2 * coefficient) / 3  # water plane over the rectangle around it, of usual cargo hulls
        per_cm = (rules.water_t_m3.low if low else rules.water_t_m3.high) * area / _CM_PER_M
        typed = rules.typed_error_m.value * (-1 if low else 1)
        ends.append(per_cm * (change_m + typed) * _CM_PER_M)
    return ends[0], ends[1]


def _plane_m2(cases: DataFrame, rules: TonnageRules, *, low: bool) -> Series:
    """Length between perpendiculars times beam, square metres."""
    length, beam = (cases[name].astype("float64") for name in ("length_m", "width_m"))
    share, ratio = rules.length_between_perpendiculars_share, rules.length_per_beam
    beam = beam.where(beam > 0, length / (ratio.high if low else ratio.low))
    return length * beam * (share.low if low else share.high)


def _dead_weight(cases: DataFrame, watchlists: Watchlists, rules: TonnageRules) -> DataFrame:
    """Dead weight of each ship: low, high (tonnes) and basis: listed, gross_tonnage, dimensions, or trade where nothing
    is known of her size: there alone the ships known in the trade bound it."""
    from pandas import DataFrame

    least, most = rules.least_dead_weight_t.value, rules.greatest_dead_weight_t.value
    found = DataFrame({"low": least, "high": most, "basis": "trade"}, index=cases.index)
    ends = [_by_dimensions(cases, rules, low=low) for low in (True, False)]
    gross = _listed(cases, watchlists, "gross_tonnage")
    listed = _listed(cases, watchlists, "dead_weight_t")
    per_ton, error = rules.gross_tonnage_per_dead_weight.value, rules.gross_tonnage_error.value
    for basis, low, high in (
        ("dimensions", *ends),
        ("gross_tonnage", (gross - error) / per_ton, (gross + error) / per_ton),
        ("listed", listed, listed),
    ):
        known = high.notna()
        found = found.assign(
            low=found["low"].mask(known, low.clip(lower=0.0)),
            high=found["high"].mask(known, high),
            basis=found["basis"].mask(known, basis),
        )
    return found


def _by_dimensions(cases: DataFrame, rules: TonnageRules, *, low: bool) -> Series:
    """Dead weight by length, beam and the deepest draught that is known of her or usual for her beam."""
    plane = _plane_m2(cases, rules, low=low)
    length, beam = (cases[name].astype("float64") for name in ("length_m", "width_m"))
    beam = beam.where(beam > 0, length / rules.length_per_beam.value)
    sides = [cases[f"{side}_draught_most_m"].astype("float64") for side in ("origin", "destination")]
    reported = sides[0].combine(sides[1], max).fillna(sides[0]).fillna(sides[1])
    usual = beam * (rules.draught_per_beam.low if low else rules.draught_per_beam.high)
    draught = usual.where(~(reported > usual), reported)
    block = rules.block_coefficient.low if low else rules.block_coefficient.high
    share = rules.dead_weight_share.low if low else rules.dead_weight_share.high
    water = rules.water_t_m3.low if low else rules.water_t_m3.high
    return water * plane * draught * block * share


def _listed(cases: DataFrame, watchlists: Watchlists, name: str) -> Series:
    """What lists give for each hull, by her IMO number: the greatest where they differ."""
    entries = watchlists.vessels.dropna(subset=["imo", name])
    by_imo = entries.groupby(entries["imo"].astype("int64"))[name].max().astype("float64")
    return cases["imo"].map(by_imo).astype("float64")
