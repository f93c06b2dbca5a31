"""Visits as rows: `port_visit` follows from `port_call`, and is kept in step by whatever changes calls.

A visit is made from its own calls alone, so a sync costs the visits that it touches, never the history.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.contracts import PORT_CALL, PORT_VISIT, ZONE, Table
from pipeline.warehouse.difference import Difference, difference
from pipeline.warehouse.models import model
from pipeline.warehouse.scope import Among, read_matching

_FIRST = ["cut_at_start", "arrived_after", "arrived_by", "draught_in_m"]
_LAST = ["departed_after", "departed_by", "state", "draught_out_m"]


def visits_of(calls: pd.DataFrame, anchorages: Collection[str]) -> pd.DataFrame:
    """PORT_VISIT: one row per visit, ordered by its id.

    calls       PORT_CALL, every call of each visit, in any order
    anchorages  zone_id of the zones that are anchorages
    """
    if calls.empty:
        return PORT_VISIT.empty()
    in_order = calls.sort_values(["visit_id", "arrived_by", "port_call_id"], kind="stable")
    of_visit = in_order.groupby("visit_id")
    first, last = (
        in_order.drop_duplicates("visit_id", keep=which).set_index("visit_id") for which in ("first", "last")
    )
    visits = _places(in_order, anchorages).set_index("visit_id").sort_index()
    return PORT_VISIT.conform(
        visits.assign(
            **{name: first[name] for name in _FIRST},
            **{name: last[name] for name in _LAST},
            parts=of_visit.size(),
            known_at=of_visit["known_at"].max(),
            stopped_hours=of_visit["stopped_hours"].sum(min_count=1).round(6),
            max_silence_hours=of_visit["max_silence_hours"].max(),
            confidence=of_visit["confidence"].max(),
            implausible_stay=in_order["implausible_stay"].fillna(False).groupby(in_order["visit_id"]).max(),
        ).reset_index()
    )


def touched(connection: Connection, table: Table, found: Difference) -> np.ndarray:
    """Ids of the visits that a change of a table's rows, not written yet, may alter: those that calls leave, join or
    stand in, and those in zones that became or ceased to be anchorages."""
    if table is PORT_CALL:
        keys = pd.concat([found.updated[list(table.key)], found.deleted])
        left = read_matching(connection, table, keys)["visit_id"] if len(keys) else []
        return np.unique(np.concatenate([left, found.updated["visit_id"], found.inserted["visit_id"]]).astype(object))
    if table is ZONE:
        zones = pd.concat([rows["zone_id"] for rows in (found.inserted, found.updated, found.deleted)]).tolist()
        calls = model(PORT_CALL).c
        asked = sa.select(calls.visit_id).where(calls.zone_id.in_(zones)).distinct()
        return np.array(connection.execute(asked).scalars().all() if zones else [], dtype=object)
    return np.array([], dtype=object)


def changed(connection: Connection, visits: np.ndarray) -> Difference:
    """What must be written of PORT_VISIT so that these visits are what their calls now make them."""
    zones = model(ZONE).c
    anchorages = set(connection.execute(sa.select(zones.zone_id).where(zones.kind == "anchorage")).scalars())
    calls, stored = (Among("visit_id", visits).read(connection, table) for table in (PORT_CALL, PORT_VISIT))
    return difference(PORT_VISIT, stored, visits_of(calls, anchorages))


def _places(calls: pd.DataFrame, anchorages: Collection[str]) -> pd.DataFrame:
    """Of each visit, the call where she lay closest: at a berth, else not at an anchorage; then the longest stop."""
    closeness = np.where(calls["berth_zone_id"].notna(), 0, np.where(calls["zone_id"].isin(anchorages), 2, 1))
    ranked = calls.assign(closeness=closeness, shortness=-calls["stopped_hours"].fillna(0.0))
    ranked = ranked.sort_values(["visit_id", "closeness", "shortness", "arrived_by", "port_call_id"], kind="stable")
    return ranked.drop_duplicates("visit_id").drop(columns=["closeness", "shortness"])
