"""What a meeting comes to: an encounter, how near the two lay, and what is known to make it no transfer."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from pipeline.contracts import OURS
from pipeline.days import end_of_day
from pipeline.ids import deterministic_ids
from pipeline.limits import EncounterLimits
from pipeline.movement.moments import wrap
from pipeline.movement.neighbours import FISHING, Scene, beside_m, serves

_LEAST_HEARD = 3  # moments at which both were heard: fewer have no quartiles to speak of
_TANKER = 8  # first figure of the AIS ship types of tankers
_NOISE = 1.25  # white noise parts the quartiles of the distance by 0.85 of the median scatter; and some


def long_enough(chains: DataFrame, rules: EncounterLimits) -> Series:
    """Whether meetings lasted long enough, and were together for so long."""
    lasted = chains["last_at"] - chains["began_at"] >= pd.Timedelta(hours=rules.min_hours)
    return lasted & (chains["moments"] * rules.moment_minutes >= rules.min_hours * 60)


def report(scene: Scene, chains: DataFrame, counts: DataFrame) -> DataFrame:
    """The encounters among meetings (`events.encounters`).

    chains   OPEN_MEETING with chain, ended_by (UTC; null: it may go on), left (apart, company or unheard)
    counts   MEETING_COUNT by chain
    returns  with the columns of MET
    """
    rules = scene.limits.encounter
    met = chains[long_enough(chains, rules) & (chains["moments"] > chains["parted"])]
    of = {name: counts[counts["quantity"] == name] for name in ("distance", "speed", "other_speed", "scatter", "heard")}
    lower, middle, upper = _quartiles(met["chain"], of["distance"])
    # How near they lay is told, and judged, by moments at which both were heard, where there are any to speak of.
    enough = met["chain"].map(of["heard"].groupby("chain")["moments"].sum()).fillna(0) >= _LEAST_HEARD
    heard = [part.where(enough) for part in _quartiles(met["chain"], of["heard"])]
    speed_kn = np.fmax(*(met["chain"].map(_quantile(of[name], 2)) for name in ("speed", "other_speed"))) / 100
    open_ = met["ended_by"].isna()
    found = met.assign(
        **{
            "encounter_id": deterministic_ids(
                "encounter",
                *(met[name] for name in ("mmsi", "other_mmsi", "began_at")),
                *((met[f"first_{axis}"] * 1e6).round().astype("int64") for axis in ("longitude", "latitude")),
            ),
            "source": OURS,
            "known_at": end_of_day(met["ended_by"].fillna(met["known_until"])),
            "cut_at_start": met["came"] == "unheard",
            "ended_at": met["last_at"].mask(open_),
            "median_distance_m": middle,
            "lay_m": heard[1].fillna(middle),
            "spread_m": upper - lower,
            "median_speed_kn": speed_kn,
            "longitude": wrap(met["first_longitude"] + met["east_udeg"] / met["moments"] / 1e6),
            "latitude": met["first_latitude"] + met["north_udeg"] / met["moments"] / 1e6,
            "heard_share": met["heard"] / met["moments"],
            "under_way_share": met["under_way"] / met["moments"],
        }
    )
    found["scatter_m"] = met["chain"].map(_quantile(of["scatter"], 2))
    found["vary_m"] = (heard[2] - heard[0]).fillna(found["spread_m"])
    found = found[~(speed_kn > rules.slow_kn) | (found["under_way_share"] > 0.5)]
    as_one = found["vary_m"] <= (found["scatter_m"] * _NOISE).clip(rules.spread_m, rules.noisy_spread_m).fillna(
        rules.spread_m
    )
    return found.assign(**_nearness(found, as_one, rules), context=_context(scene, found, as_one))


def _nearness(met: DataFrame, as_one: Series, rules: EncounterLimits) -> dict[str, Series]:
    """How far apart two such ships may be seen when side by side, and whether they lay so."""
    lengths = met[["length_m", "other_length_m"]].astype("float64")
    beside = Series(beside_m(lengths.max(axis=1).to_numpy(), rules), index=met.index)
    sure = as_one & lengths.notna().all(axis=1) & (met["heard_share"] >= 0.5)
    # What was heard of both now and then may be the exception: at most of the other moments they lay so near as well.
    near = met[["lay_m", "median_distance_m"]].max(axis=1) <= beside
    # Of two that are well heard the middle is free of noise: further apart than the longer is long and both are broad
    # by half, one lies beyond the other's end, where no crane reaches. Both are at anchor of their own.
    broad_m = lengths.sum(axis=1) * rules.breadth_share / 2
    reach_m = lengths.max(axis=1).clip(lower=rules.unsized_m) + broad_m + rules.steady_m
    near &= ~(sure & (met["lay_m"] > reach_m))
    alongside = Series(np.select([near & sure, near], ["yes", "unsure"], "no"), index=met.index, dtype="str")
    return {"beside_m": beside, "alongside": alongside}


def _context(scene: Scene, met: DataFrame, as_one: Series) -> Series:
    """What is known to make encounters no transfers; the first that holds."""
    rules = scene.limits.encounter
    types = [met[name].to_numpy() for name in ("ship_type", "other_ship_type")]
    lengths = [met[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in ("length_m", "other_length_m")]
    sides = met[["came", "left"]]
    company = (sides == "company").any(axis=1) | (met["under_way_share"] > 0.5)
    tanker = [kind // 10 == _TANKER for kind in types]
    of: dict[str, NDArray[np.bool_] | Series] = {
        "berth": met["in_port"] * 2 > met["moments"],
        "service_craft": serves(types[0], lengths[0], rules) | serves(types[1], lengths[1], rules),
        "fishing_boats": (types[0] == FISHING) & (types[1] == FISHING),
        "in_company": company & ~(sides == "apart").any(axis=1),
        "own_anchors": scene.anchored(met["zone_id"], met["longitude"], met["latitude"]) & ~as_one,
        "tankers": tanker[0] & tanker[1],
        "bunkering": tanker[0] | tanker[1],
    }
    said = np.select([np.asarray(holds, dtype=bool) for holds in of.values()], list(of), "")
    return Series(said, index=met.index, dtype="str").mask(said == "")


def _quartiles(chains: Series, counts: DataFrame) -> tuple[Series, Series, Series]:
    """The three quartiles of a quantity in each meeting."""
    lower, middle, upper = (chains.map(_quantile(counts, part)) for part in (1, 2, 3))
    return lower, middle, upper


def _quantile(counts: DataFrame, quarters: int) -> Series:
    """Quartile by chain of values with how often each was met: the mean of the two in the middle, if there are two."""
    counts = counts.sort_values(["chain", "value"])
    reached = counts.groupby("chain")["moments"].cumsum() * 4
    whole = counts.groupby("chain")["moments"].transform("sum") * quarters
    sides = [
        counts[of].drop_duplicates("chain").set_index("chain")["value"] for of in (reached >= whole, reached > whole)
    ]
    return (sides[0] + sides[1]) / 2
