"""Task: pairs of tracks that are one ship, or say so, in the warehouse.

Of the ships whose days were derived, pairs by number are found anew from all that they reported; pairs by place and
size where a life or a silence that decides one is another than before (`state.lives`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from pipeline.contracts import IDENTITY_CHANGE, RUN
from pipeline.events.attribution import attribute_both
from pipeline.events.identity import Vessels
from pipeline.events.one_hull import (
    KINDS_BY_NUMBER,
    SUCCESSION,
    both_heard,
    find_shared_numbers,
    find_successions,
    pairs_by_number,
)
from pipeline.state.lives import LIFE, SILENCE, cell_of
from pipeline.tasks.home import Home
from pipeline.tasks.hulls import resolve
from pipeline.warehouse.models import model
from pipeline.warehouse.scope import Among
from pipeline.warehouse.store import Warehouse

_TRACK = ["mmsi", "track"]
_DAY = pd.Timedelta(days=1)


def note_lives(home: Home, spans: DataFrame, vessels: Vessels, everyone: np.ndarray, gaps: DataFrame) -> None:
    """Keep when and where tracks were heard first, what size they report, and their silences.

    spans     mmsi, from_day, to_day, reaches_end: the days derived
    vessels   hulls of `everyone`, who are the ships of the spans and all that share a number with them
    gaps      mmsi, track, began_at, ended_at, off_longitude, off_latitude: silences of the spans
    """
    lives = vessels.attribution[["mmsi", "track", "track_id"]].merge(
        vessels.tracks[["track_id", "from_at", "to_at"]], on="track_id", validate="1:1"
    )
    lives = lives.merge(_sizes(vessels.identities), on="track_id", how="left", validate="1:1")
    lives = _with_first_place(home, lives, home.lives.known(everyone))
    lives["cell"] = cell_of(lives["longitude"].to_numpy(), lives["latitude"].to_numpy())
    silences = gaps.rename(columns={"off_longitude": "longitude", "off_latitude": "latitude"})
    silences = silences.assign(cell=cell_of(silences["longitude"].to_numpy(), silences["latitude"].to_numpy()))
    times = {
        "from_at": pd.to_datetime(spans["from_day"], utc=True).dt.as_unit("us"),
        "to_at": pd.to_datetime(spans["to_day"], utc=True).dt.as_unit("us") + _DAY,
    }
    marks = spans[["mmsi", "reaches_end"]].assign(**times)
    home.lives.replace(everyone, LIFE.conform(lives), marks, SILENCE.conform(silences))


def _sizes(identities: DataFrame) -> DataFrame:
    """track_id, length_m, width_m, imo, name: what each track reported longest."""
    spans = identities.assign(span=identities["to_at"] - identities["from_at"])
    spans = spans.sort_values(
        ["track_id", "span", "from_at", "vessel_identity_id"], ascending=[True, False, True, True]
    )
    sized = spans.dropna(subset=["length_m", "width_m"]).drop_duplicates("track_id")
    numbered = spans[spans["imo_valid"]].drop_duplicates("track_id")
    named = spans.dropna(subset=["name"]).drop_duplicates("track_id")
    found = sized[["track_id", "length_m", "width_m"]]
    for part in (numbered[["track_id", "imo"]], named[["track_id", "name"]]):
        found = found.merge(part, on="track_id", how="outer")
    return found


def _with_first_place(home: Home, lives: DataFrame, known: DataFrame) -> DataFrame:
    """Add where each track was heard first: as kept, else by the runs of that day."""
    place = ["longitude", "latitude"]
    lives = lives.merge(known[[*_TRACK, "from_at", *place]], on=[*_TRACK, "from_at"], how="left", validate="1:1")
    new = lives["longitude"].isna()
    if new.any():
        days = lives.loc[new, "from_at"].dt.strftime("%Y-%m-%d").unique()
        runs = home.results.runs(days, lives.loc[new, "mmsi"])
        first = runs[["mmsi", "began_at", "first_longitude", "first_latitude"]].drop_duplicates(["mmsi", "began_at"])
        found = lives.loc[new, ["mmsi", "from_at"]].merge(
            first, left_on=["mmsi", "from_at"], right_on=["mmsi", "began_at"], how="left", validate="m:1"
        )
        lives.loc[new, place] = found[["first_longitude", "first_latitude"]].to_numpy()
    return lives.dropna(subset=place)


def sync_pairs(home: Home, warehouse: Warehouse, vessels: Vessels, everyone: np.ndarray) -> list[tuple[int, int]]:
    """Bring the pairs of these ships in the warehouse to what is known, inside a transaction.

    returns  mmsi, track of the tracks whose pairs by place and size were looked at: to be noted once it is committed
    """
    _sync_by_number(home, warehouse, vessels, everyone)
    pair = model(IDENTITY_CHANGE).c
    stored = [
        warehouse.read(IDENTITY_CHANGE, Among(name, everyone, pair.kind == SUCCESSION))
        for name in ("mmsi", "other_mmsi")
    ]
    rows = pd.concat(stored, ignore_index=True).drop_duplicates("identity_change_id")
    number = rows["track_id"].str.rsplit("-", n=1).str[-1].astype("int64")
    home.lives.let_be_due(rows[["mmsi"]].assign(track=number))
    due = home.lives.due()
    if not due:
        return []
    found = find_successions(home.lives.pairs(), home.limits)
    track_ids = [f"{mmsi}-{track}" for mmsi, track in due]
    scope = Among("track_id", track_ids, pair.kind == SUCCESSION)
    warehouse.sync(IDENTITY_CHANGE, _attributed(home, found), scope)
    return due


def _sync_by_number(home: Home, warehouse: Warehouse, vessels: Vessels, everyone: np.ndarray) -> None:
    numbered = vessels.attribution[["track_id", "track"]]
    pairs = pairs_by_number(vessels.identities.merge(numbered, on="track_id", validate="m:1"))
    found = find_shared_numbers(pairs, _together(home, pairs), home.lives.last_silences(pairs), home.limits)
    kinds = model(IDENTITY_CHANGE).c.kind.in_(KINDS_BY_NUMBER)
    warehouse.sync(IDENTITY_CHANGE, _attributed(home, found), Among("mmsi", everyone, kinds))


def _together(home: Home, pairs: DataFrame) -> DataFrame:
    """Where both were heard within an hour, on the first and the last day on which both sent the number."""
    begin, end = pairs[["from_at", "other_from_at"]].max(axis=1), pairs[["to_at", "other_to_at"]].min(axis=1)
    pairs = pairs[begin <= end]
    days = pd.concat([begin[pairs.index], end[pairs.index]]).dt.strftime("%Y-%m-%d").unique()
    runs = RUN.empty()
    if len(days):
        runs = _on_tracks(home, days, pd.concat([pairs["mmsi"], pairs["other_mmsi"]]).unique())
    return both_heard(pairs, runs)


def _on_tracks(home: Home, days: np.ndarray, mmsis: np.ndarray) -> DataFrame:
    """RUN of ships on UTC days, `ship` the number of the track; silences, and what is of no track, left out."""
    runs = home.results.runs(days, mmsis)
    runs = runs[runs["fixes"] > 0].assign(day=lambda rows: rows["began_at"].dt.floor("D"))
    of_ship = ["mmsi", "ship", "day"]
    ships = runs.groupby(of_ship, as_index=False).agg(from_at=("began_at", "min"), to_at=("ended_at", "max"))
    heard = home.spans.first_fixes(mmsis, min(days), max(days))
    links = ships.merge(heard, on=["mmsi", "from_at", "to_at"]).drop_duplicates(of_ship)
    linked = runs.merge(links[[*of_ship, "track"]], on=of_ship, validate="m:1")
    return RUN.conform(linked.assign(ship=linked["track"]))


def _attributed(home: Home, found: DataFrame) -> DataFrame:
    """IDENTITY_CHANGE of pairs as found."""
    if found.empty:
        return IDENTITY_CHANGE.empty()
    tracks = resolve(home, np.unique(found[["mmsi", "other_mmsi"]].to_numpy("int64")))[0].attribution
    placed = found["longitude"].notna()
    code = home.zones.locate(found.loc[placed, "longitude"], found.loc[placed, "latitude"])
    names = np.array([*home.zones.ids, None], dtype=object)[code]
    zone_id = Series(names, index=found.index[placed], dtype="str").reindex(found.index)
    return attribute_both(IDENTITY_CHANGE, found.assign(zone_id=zone_id), tracks)
