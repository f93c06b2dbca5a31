"""The ships of a provider's events: who took part, which hull each is, and what the provider tells of her."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from pandas import DataFrame, Series

from pipeline.contracts import VESSEL
from pipeline.ids import hull_of_imo
from pipeline.mid import flag_of
from pipeline.terms import all_terms

SHIP = ["provider", "mmsi", "ship"]  # what a ship of a provider is told by
_ID = ["provider", "ship"]


def sides_of(events: DataFrame) -> DataFrame:
    """Who took part in each event: SHIP, imo, name, from_at, to_at."""
    span = {"from_at": events["began_at"], "to_at": events["ended_at"].fillna(events["began_at"])}
    main = events[[*SHIP, "imo", "name"]].assign(**span)
    other = events[["provider", "other_mmsi", "other_ship", "other_name"]].set_axis([*SHIP, "name"], axis=1)
    other = other.assign(imo=pd.Series(pd.NA, index=other.index, dtype="Int64"), **span).dropna(subset=["mmsi"])
    return pd.concat([main, other.astype({"mmsi": "int64"})[main.columns]], ignore_index=True)


def find_hulls(sides: DataFrame, particulars: DataFrame, tracks: DataFrame) -> DataFrame:
    """_SHIP, vessel_id: the hull of each ship of the provider."""
    latest = sides.sort_values(["to_at", "from_at", "imo", "name"])
    ships = latest.groupby(SHIP, as_index=False).agg(
        imo=("imo", "last"), from_at=("from_at", "min"), to_at=("to_at", "max")
    )
    heard = ships[[*SHIP, "from_at", "to_at"]].merge(tracks, on="mmsi", suffixes=("", "_heard"), validate="m:m")
    then = heard[(heard["from_at_heard"] <= heard["to_at"]) & (heard["to_at_heard"] >= heard["from_at"])]
    own = "mmsi-" + ships["mmsi"].astype("str")
    unclear = ships["provider"] + "-" + ships["mmsi"].astype("str")
    key = pd.MultiIndex.from_frame(ships[SHIP])
    hull = unclear.where(key.isin(pd.MultiIndex.from_frame(heard[SHIP])), own)
    for candidates in (heard, then):
        of_ship = candidates.groupby(SHIP)["vessel_id"].agg(["nunique", "first"])
        single = of_ship.loc[of_ship["nunique"] == 1, "first"].reindex(key).set_axis(ships.index)
        several = of_ship["nunique"].gt(1).reindex(key, fill_value=False).to_numpy()
        hull = single.fillna(hull).mask(several, unclear)
    told = ships[SHIP].merge(particulars[[*SHIP, "imo_known"]], on=SHIP, how="left", validate="1:1")["imo_known"]
    numbers = ships["imo"].astype("Int64").fillna(told)
    disputed = key.isin(_heard_otherwise(ships.assign(imo=told), then)) & ships["imo"].isna()
    by_imo = hull_of_imo(numbers)
    return ships[SHIP].assign(vessel_id=by_imo.where(numbers.notna(), hull).mask(disputed, unclear).astype("str"))


def _heard_otherwise(ships: DataFrame, heard: DataFrame) -> pd.MultiIndex:
    """_SHIP of those on whose MMSI ours heard another IMO number than is told of them.

    ships  SHIP, imo
    heard  SHIP, vessel_id: the hulls of ours over the time of their events
    """
    ours = heard[SHIP].assign(imo_heard=imo_of(heard["vessel_id"])).dropna(subset=["imo_heard"])
    both = ours.merge(ships.dropna(subset=["imo"]), on=SHIP, validate="m:1")
    return pd.MultiIndex.from_frame(both.loc[both["imo_heard"] != both["imo"], SHIP])


def particulars_of(sides: DataFrame, vessels: DataFrame) -> DataFrame:
    """_SHIP and the particulars of each ship, columns ending in `_known`; none where they are of another MMSI."""
    known = vessels.drop(columns="source_file_id").add_suffix("_known")
    known = known.rename(columns={f"{name}_known": name for name in _ID})
    found = sides[SHIP].drop_duplicates().merge(known, on=_ID, validate="m:1")
    of_her = found["mmsi_known"].isna() | (found["mmsi_known"] == found["mmsi"])
    return found[of_her.fillna(False)].drop(columns="mmsi_known")


def imo_of(vessel_ids: Series) -> Series:
    """The IMO number that a hull is known by; null for one known by MMSI."""
    return vessel_ids.str.extract(r"^imo-(\d+)$", expand=False).astype("Int64")


def vessels_of(sides: DataFrame, particulars: DataFrame, hulls: DataFrame, terms: Mapping[str, str]) -> DataFrame:
    """VESSEL: each hull as the provider knew it last."""
    known = sides.merge(hulls, on=SHIP, validate="m:1").merge(particulars, on=SHIP, how="left", validate="m:1")
    known["name"] = known["name"].fillna(known["name_known"])
    known["licence"] = known["provider"].map(terms)
    known = known.sort_values(["to_at", "from_at", "mmsi", "name", "ship"])
    found = known.groupby("vessel_id", as_index=False).agg(
        mmsi=("mmsi", "last"),
        name=("name", "last"),
        call_sign=("call_sign_known", "last"),
        length_m=("length_m_known", "last"),
        from_at=("from_at", "min"),
        to_at=("to_at", "max"),
        licence=("licence", all_terms),
    )
    nothing = dict.fromkeys(("ship_type", "width_m"))
    return VESSEL.conform(found.assign(imo=imo_of(found["vessel_id"]), flag=flag_of(found["mmsi"]), **nothing))
