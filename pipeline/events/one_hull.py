"""One hull, two numbers: pairs of tracks that are one ship, or say so.

Two tracks may be one ship because they send one IMO number (`same_number`); they are not where it is heard at two
places at once (`two_places`) or from a ship of another size (`other_ship`): numbers are borrowed, and which of the two
borrowed it, AIS does not say. And a track that is first heard where a ship of the same size fell silent, and only
while that one is silent, may be her under another number (`succession`). Sizes are shared by many ships and silences
are common, so such a pair says how many silences fit.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from geo.distance import METRES_PER_NM, distance_m
from pipeline.contracts import IDENTITY_CHANGE, OURS
from pipeline.contracts.table import Table, columns
from pipeline.days import end_of_day
from pipeline.ids import deterministic_ids
from pipeline.limits import Limits

KINDS_BY_NUMBER = ("same_number", "two_places", "other_ship")
SUCCESSION = "succession"
TRACK = ["mmsi", "track"]
OTHER = ["other_mmsi", "other_track"]

_ADDED = ("vessel_id", "track_id", "imo", "other_vessel_id", "other_track_id", "zone_id", "provider_note", "licence")
FOUND = Table(
    "found",
    "pair as found, not yet attributed to hulls",
    (
        *(column for column in IDENTITY_CHANGE.columns if column.name not in _ADDED),
        *columns("""
            track        int   number of the track on its MMSI
            other_track  int   number of the other track on its MMSI
        """),
    ),
    key=IDENTITY_CHANGE.key,
)


def find_successions(pairs: DataFrame, limits: Limits) -> DataFrame:
    """Find which tracks may be a ship that fell silent near by.

    pairs    `state.lives.PAIR`: by time and size they can be
    returns  FOUND, kind `succession`: those near enough, one a pair of tracks (the last silence before she was heard)
    """
    rules = limits.identity
    pairs = pairs[~(pairs["imo"] == pairs["other_imo"]).fillna(False).astype(bool)]  # see `find_shared_numbers`
    here, there = ([pairs[f"{side}{axis}"] for axis in ("longitude", "latitude")] for side in ("", "other_"))
    pairs = pairs.assign(distance_nm=distance_m(*here, *there) / METRES_PER_NM)
    # who sailed on first is not the one who comes after: a ship makes at most so much way in that time
    waited = pairs["from_at"] - pairs["other_began_at"]
    hours = waited.dt.total_seconds() / 3600
    reach = np.where(hours <= rules.sailed_on_hours, rules.sailed_on_nm, rules.succession_nm)
    within = pairs["distance_nm"] <= np.minimum(reach, rules.meanwhile_nm + limits.port_call.sailing_kn * hours)
    pairs = pairs.assign(hours=hours)[within].sort_values([*TRACK, *OTHER, "other_began_at"])
    pairs = pairs.drop_duplicates([*TRACK, *OTHER], keep="last").reset_index(drop=True)
    candidates = pairs.groupby(TRACK)["other_mmsi"].transform("size").astype("int64")
    own = pairs["imo"].notna() & (pairs["hours"] > rules.nameless_hours)  # within a day it may be a borrowed one
    silent = pairs["other_began_at"] + pd.Timedelta(hours=limits.gap.min_hours)
    known = pairs["from_at"].where(pairs["from_at"] >= silent, silent)
    return FOUND.conform(
        pairs.assign(
            identity_change_id=_ids(SUCCESSION, pairs, pairs["other_began_at"], pairs["from_at"]),
            source=OURS,
            known_at=end_of_day(known),
            cut_at_start=False,
            kind=SUCCESSION,
            field="mmsi",
            changed_after=pairs["other_began_at"],
            changed_by=pairs["from_at"],
            value_before=_called(pairs, "other_"),
            value_after=_called(pairs, ""),
            ordinary=Series("own_number", index=pairs.index, dtype="str").where(own.astype(bool)),
            off_longitude=pairs["other_longitude"],
            off_latitude=pairs["other_latitude"],
            other_back_at=pairs["other_ended_at"],
            distance_nm=pairs["distance_nm"].round(1),
            hours=pairs["hours"].round(2),
            candidates=candidates,
        )
    )


def pairs_by_number(identities: DataFrame) -> DataFrame:
    """Tracks that report one IMO number, each with the one that reported it first before it.

    identities  VESSEL_IDENTITY with `track`, of all ships that share a number
    returns     imo, then of either side (the other's with `other_`): mmsi, track, vessel_id, from_at, to_at (of the
                reports of that number), length_m, width_m, name
    """
    said = identities[identities["imo_valid"]].sort_values(["from_at", "to_at"])
    said = said.groupby(["imo", *TRACK, "vessel_id"], as_index=False).agg(
        from_at=("from_at", "min"), to_at=("to_at", "max"), length_m=("length_m", "last"), width_m=("width_m", "last"),
        name=("name", "last"),
    )  # fmt: skip
    said = said.sort_values(["imo", "from_at", "mmsi", "track"], ignore_index=True)
    before = said.shift().add_prefix("other_")
    pairs = pd.concat([said, before.drop(columns="other_imo")], axis=1)[
        (said["imo"] == said["imo"].shift()).fillna(False)
    ]
    pairs = pairs[pairs["mmsi"] != pairs["other_mmsi"]].reset_index(drop=True)
    return pairs.astype({"other_mmsi": "int64", "other_track": "int64"})


def find_shared_numbers(pairs: DataFrame, together: DataFrame, silences: DataFrame, limits: Limits) -> DataFrame:
    """Find what it is that two tracks send one IMO number.

    pairs     as `pairs_by_number` gives them
    together  row (of pairs), at, distance_nm, and both positions (`off_…` the other's), where both were heard within
              an hour on a day on which both sent the number
    silences  row (of pairs), began_at, longitude, latitude: the last silence of the other before this one sent it
    returns   FOUND
    """
    rules = limits.identity
    apart = together[together["distance_nm"] > rules.apart_nm].sort_values(["row", "at"]).drop_duplicates("row")
    apart = apart.set_index("row").reindex(pairs.index)
    at_once = together.drop_duplicates("row").set_index("row").reindex(pairs.index)["at"].notna()
    off = silences.set_index("row").reindex(pairs.index)
    other_size = (pairs["length_m"] - pairs["other_length_m"]).abs() > rules.length_tolerance_m
    two_places = apart["at"].notna()
    kind = np.select([two_places, other_size], ["two_places", "other_ship"], "same_number")
    passed_on = pairs["other_to_at"] <= pairs["from_at"]
    ordinary = np.select([at_once & ~two_places, passed_on], ["two_sets", "reflagged"], "")
    ordinary = Series(ordinary, index=pairs.index, dtype="str").where((ordinary != "") & (kind == "same_number"))
    by = apart["at"].fillna(pairs["from_at"])
    before = pairs["other_to_at"].where(pairs["other_to_at"] <= by, by)
    return FOUND.conform(
        pairs.assign(
            identity_change_id=_ids("number", pairs, pairs["imo"], by),
            source=OURS,
            known_at=end_of_day(by),
            cut_at_start=False,
            kind=kind,
            field="mmsi",
            changed_after=before,
            changed_by=by,
            value_before=_called(pairs, "other_"),
            value_after=_called(pairs, ""),
            ordinary=ordinary,
            longitude=apart["longitude"],
            latitude=apart["latitude"],
            off_longitude=apart["off_longitude"].fillna(off["longitude"]),
            off_latitude=apart["off_latitude"].fillna(off["latitude"]),
            other_back_at=None,
            distance_nm=apart["distance_nm"].round(1),
            hours=((by - before).dt.total_seconds() / 3600).round(2),
            candidates=None,
        )
    )


def both_heard(pairs: DataFrame, runs: DataFrame) -> DataFrame:
    """Where both tracks of pairs were within an hour of each other.

    pairs    mmsi, track, other_mmsi, other_track; its index is the row
    runs     RUN of days, `ship` the number of the track
    returns  row, at, distance_nm, longitude, latitude, off_longitude, off_latitude: at the begins and ends of runs
    """
    ends = pd.concat(
        [
            runs[["mmsi", "ship", at, f"{end}_longitude", f"{end}_latitude"]].set_axis(
                [*TRACK, "at", "longitude", "latitude"], axis=1
            )
            for end, at in (("first", "began_at"), ("last", "ended_at"))
        ],
        ignore_index=True,
    )
    own = pairs[[*TRACK, *OTHER]].assign(row=pairs.index).merge(ends, on=TRACK).sort_values("at")
    others = ends.add_prefix("other_").assign(at=ends["at"]).sort_values("at")
    found = pd.merge_asof(
        own, others, on="at", by=OTHER, direction="nearest", tolerance=pd.Timedelta(hours=1)
    ).dropna(subset=["other_at"])  # fmt: skip
    places = [found[name] for name in ("longitude", "latitude", "other_longitude", "other_latitude")]
    away_nm = distance_m(*places) / METRES_PER_NM
    # what the nearer of both may have sailed meanwhile is no distance between them
    sailed = (found["at"] - found["other_at"]).abs().dt.total_seconds() / 3600 * _FASTEST_KN
    found = found.rename(columns={"other_longitude": "off_longitude", "other_latitude": "off_latitude"})
    found = found.assign(distance_nm=(away_nm - sailed).clip(lower=0))
    return found[["row", "at", "distance_nm", "longitude", "latitude", "off_longitude", "off_latitude"]]


_FASTEST_KN = 30.0  # no cargo ship is faster


def _called(pairs: DataFrame, side: str) -> Series:
    """The MMSI of a side, with the name it reported."""
    name = (" " + pairs[f"{side}name"]).fillna("")
    return pairs[f"{side}mmsi"].astype("str") + name


def _ids(kind: str, pairs: DataFrame, *moments: Series) -> list[str]:
    return deterministic_ids(f"identity_change {kind}", *(pairs[name] for name in (*TRACK, *OTHER)), *moments)
