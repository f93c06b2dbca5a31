"""Identity: which hull a track is, and what it called itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pandas import DataFrame, Series

from pipeline.contracts import TRACK, VESSEL, VESSEL_IDENTITY
from pipeline.ids import deterministic_ids, hull_of_imo, known_by_imo
from pipeline.imo import is_imo
from pipeline.limits import IdentityLimits
from pipeline.mid import flag_of

_KEY = ["mmsi", "track"]


@dataclass(frozen=True)
class Vessels:
    """Hulls and their tracks: VESSEL, VESSEL_IDENTITY, TRACK; attribution: mmsi, track, track_id, vessel_id, imo."""

    vessels: DataFrame
    identities: DataFrame
    tracks: DataFrame
    attribution: DataFrame


def resolve_vessels(tracks: DataFrame, identities: DataFrame, limits: IdentityLimits) -> Vessels:
    """Say which hull each track is.

    A track that reports an IMO number with a valid check digit (of several the one reported over the longest time) is
    that hull, unless its length differs by more than `limits.length_tolerance_m` from the track that reported the
    number longest: numbers get reused, and an innocent hull must not be named. Any other track is a hull of its own.

    tracks      mmsi, track, from_at, to_at
    identities  mmsi, track, imo, name, call_sign, ship_type, length_m, width_m, from_at, to_at
    """
    imo = identities["imo"].astype("Int64")
    identities = identities.assign(
        imo=imo,
        imo_valid=imo.isin(valid_imos(imo)).astype(bool),
        span=(identities["to_at"] - identities["from_at"]).dt.total_seconds(),
    )
    tracks = tracks.assign(track_id=tracks["mmsi"].astype("str") + "-" + tracks["track"].astype("str"))
    tracks = tracks.merge(_reported_imo(identities, limits), on=_KEY, how="left", validate="1:1")
    own = (
        "mmsi-" + tracks["mmsi"].astype("str") + np.where(tracks["track"] > 1, "-" + tracks["track"].astype("str"), "")
    )
    by_imo = hull_of_imo(tracks["imo"])
    tracks["vessel_id"] = by_imo.where(tracks["imo"].notna() & ~tracks["other_hull"].fillna(False).astype(bool), own)
    identities = identities.merge(tracks[[*_KEY, "track_id", "vessel_id"]], on=_KEY, validate="m:1")
    identities["flag"] = flag_of(identities["mmsi"])
    return Vessels(
        vessels=_hulls(tracks, identities),
        identities=VESSEL_IDENTITY.conform(
            identities.assign(
                vessel_identity_id=deterministic_ids(
                    "vessel_identity", identities["track_id"], identities["identity_id"]
                )
            )
        ),
        tracks=TRACK.conform(tracks),
        attribution=tracks[[*_KEY, "track_id", "vessel_id"]].assign(
            imo=tracks["imo"].where(known_by_imo(tracks["vessel_id"]))
        ),
    )


def valid_imos(imo: Series) -> list[int]:
    """The distinct numbers that can be a ship's (see `imo.is_imo`)."""
    return [int(number) for number in imo.dropna().unique() if is_imo(int(number))]


def _reported_imo(identities: DataFrame, limits: IdentityLimits) -> DataFrame:
    """mmsi, track, imo, other_hull: the valid IMO number of each track that reports one."""
    valid = identities[identities["imo_valid"]]
    spans = valid.groupby([*_KEY, "imo"], as_index=False).agg(span=("span", "sum"), length_m=("length_m", "max"))
    best = spans.sort_values(["span", "imo"], ascending=[False, True]).drop_duplicates(_KEY)
    known = best[best["length_m"].notna()].sort_values(["span", *_KEY], ascending=[False, True, True])
    reference = best["imo"].map(known.drop_duplicates("imo").set_index("imo")["length_m"]).astype("float64")
    other = (best["length_m"] - reference).abs() > limits.length_tolerance_m
    return best[[*_KEY, "imo"]].assign(other_hull=other)


def _hulls(tracks: DataFrame, identities: DataFrame) -> DataFrame:
    """VESSEL: the hull's last known identity over all its tracks."""
    by_time = identities.sort_values(["vessel_id", "to_at", "from_at", "identity_id"])
    latest = by_time.groupby("vessel_id")[["name", "call_sign", "ship_type", "length_m", "width_m"]].last()
    last_track = tracks.sort_values(["vessel_id", "to_at", "track_id"]).drop_duplicates("vessel_id", keep="last")
    hulls = last_track.drop(columns=["from_at", "to_at"]).set_index("vessel_id")
    spans = tracks.groupby("vessel_id").agg(from_at=("from_at", "min"), to_at=("to_at", "max"))
    hulls = hulls.join(spans).join(latest).reset_index()
    hulls["imo"] = hulls["imo"].where(known_by_imo(hulls["vessel_id"]))
    return VESSEL.conform(hulls.assign(flag=flag_of(hulls["mmsi"]), licence=None))
