"""Hulls: which of the ships that share an MMSI are attested, and what a burst of false positions is taken for.

Receivers are spoofed and jammed: for minutes a ship seems to lie in a port a thousand miles away. Such fixes make a
ship of the day of their own (no track leads there), and must make no hull, no call and no alert. A ship of the day is
attested by the time it was heard, or by an IMO number of its own; what is not attested by itself is decided where
days are joined (`tracks.link_ships`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from geo.distance import METRES_PER_NM, distance_m
from pipeline.contracts import POSITION_ANOMALY
from pipeline.days import end_of_day
from pipeline.ids import deterministic_ids
from pipeline.imo import is_imo
from pipeline.limits import TrackLimits

_SHIP = ["mmsi", "ship"]
_PLACE = ["longitude", "latitude"]


def attest_ships(runs: DataFrame, identities: DataFrame, limits: TrackLimits) -> DataFrame:
    """First fix of each ship of a day, and whether the day by itself attests her.

    runs        RUN of one UTC day
    identities  mmsi, ship, imo: what the ships of the day called themselves
    returns     mmsi, ship, at, longitude, latitude, attested: heard for `limits.hull_hours` without the silences
                between, or at `limits.hull_times` times with silences between, or under a valid IMO number that is
                not the one of the others on her MMSI
    """
    silent = runs["fixes"] == 0
    lengths = (runs["ended_at"] - runs["began_at"]).where(silent, pd.Timedelta(0))
    of_ship = [runs[name] for name in _SHIP]
    heard = runs.assign(
        silent=lengths.groupby(of_ship).transform("sum"), silences=silent.groupby(of_ship).transform("sum")
    )[~silent]
    ships = heard.groupby(_SHIP, as_index=False).agg(
        at=("began_at", "first"), longitude=("first_longitude", "first"), latitude=("first_latitude", "first"),
        until=("ended_at", "last"), silent=("silent", "first"), silences=("silences", "first"),
    )  # fmt: skip
    long_enough = ships.pop("until") - ships["at"] - ships.pop("silent") >= pd.Timedelta(hours=limits.hull_hours)
    often_enough = ships.pop("silences") + 1 >= limits.hull_times
    return ships.assign(attested=long_enough | often_enough | _own_number(ships, identities))


def _own_number(ships: DataFrame, identities: DataFrame) -> Series:
    """Whether a ship reports a valid IMO number, and another one on her MMSI reports a different one only."""
    several = identities["mmsi"].duplicated(keep=False) & identities["imo"].notna()
    if not several.any():
        return Series(False, index=ships.index)
    said = identities.loc[several, [*_SHIP, "imo"]].drop_duplicates()
    said = said[np.array([is_imo(int(number)) for number in said["imo"]], dtype=bool)]
    of_ships = said.groupby(["mmsi", "imo"])["ship"].nunique().rename("ships").reset_index()
    numbers = said.groupby("mmsi")["imo"].nunique()
    own = said.merge(of_ships, on=["mmsi", "imo"], validate="m:1")
    own = own[(own["ships"] == 1) & (own["mmsi"].map(numbers) > 1)]
    index = pd.MultiIndex.from_frame(ships[_SHIP])
    return Series(index.isin(pd.MultiIndex.from_frame(own[_SHIP])), index=ships.index)


def find_bursts(runs: DataFrame, links: DataFrame, ends: DataFrame) -> DataFrame:
    """Ships of a day that are not attested, each against the nearest moment of a hull on the same MMSI.

    runs     RUN of the day, with the number of the track as `ship`
    links    as `tracks.link_ships` gives them
    ends     TRACK_END before the day
    returns  POSITION_ANOMALY, kind `burst`
    """
    waiting = links.loc[~links["attested"], ["mmsi", "track"]]
    if waiting.empty:
        return POSITION_ANOMALY.empty()
    heard = runs[runs["fixes"] > 0].rename(columns={"ship": "track"})
    bursts = waiting.merge(heard, on=["mmsi", "track"], validate="1:m")
    bursts = bursts.groupby(["mmsi", "track"], as_index=False).agg(
        began_at=("began_at", "first"), ended_at=("ended_at", "last"), longitude=("first_longitude", "first"),
        latitude=("first_latitude", "first"), fixes=("fixes", "sum"),
    )  # fmt: skip
    sides = [
        heard[["mmsi", "track", at, f"{end}_longitude", f"{end}_latitude"]].set_axis(
            ["mmsi", "track", "at", *_PLACE], axis=1
        )
        for end, at in (("first", "began_at"), ("last", "ended_at"))
    ]
    sides.append(ends.loc[ends["attested"], ["mmsi", "track", "at", *_PLACE]])
    hulls = pd.concat(sides, ignore_index=True)
    hulls = hulls[~pd.MultiIndex.from_frame(hulls[["mmsi", "track"]]).isin(pd.MultiIndex.from_frame(waiting))]
    near = bursts.merge(hulls[["mmsi", "at", *_PLACE]], on="mmsi", suffixes=("", "_hull"), validate="m:m")
    near["wait"] = (near["began_at"] - near["at"]).abs()
    near = near.sort_values(["wait", "at", "longitude_hull", "latitude_hull"]).drop_duplicates(["mmsi", "track"])
    away_nm = distance_m(*(near[c] for c in (*_PLACE, "longitude_hull", "latitude_hull"))) / METRES_PER_NM
    hours = np.maximum(near["wait"].dt.total_seconds() / 3600, 1 / 3600)
    return POSITION_ANOMALY.conform(
        near.assign(
            position_anomaly_id=deterministic_ids(
                "position_anomaly", near["mmsi"], near["began_at"], near["longitude"], near["latitude"]
            ),
            kind="burst",
            distance_nm=np.round(away_nm, 1),
            implied_speed_kn=np.round(away_nm / hours, 1),
            ships=1,
            interference=False,
            known_at=end_of_day(near["began_at"]),
        ).sort_values(["mmsi", "began_at"])
    )
