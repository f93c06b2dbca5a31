"""Step: events to alerts and claims in the warehouse."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
from pandas import DataFrame

from pipeline.contracts import (
    AIS_GAP,
    ALERT,
    ALERT_CLAIM,
    ALERT_TRACK,
    CLAIM_WINDOW,
    COVERAGE_DAY,
    PORT_CALL,
    VESSEL,
    VESSEL_IDENTITY,
    VOYAGE,
)
from pipeline.judgement.alerts import AlertFrames, find_alerts
from pipeline.judgement.cases import Events
from pipeline.judgement.claims import judge_claims
from pipeline.movement.sketch import sketch
from pipeline.steps.home import Home
from pipeline.steps.knowledge import KnowledgeFiles
from pipeline.warehouse.lifecycle import AlertChanges, sync_alerts
from pipeline.warehouse.models import model
from pipeline.warehouse.scope import WHOLE, Among, Scope, Where
from pipeline.warehouse.store import Changes, Warehouse


def judge_alerts(
    home: Home, warehouse: Warehouse, knowledge: KnowledgeFiles, mmsis: np.ndarray | None, run_id: str, now: datetime
) -> AlertChanges:
    """Judge the events of some ships (None: of all) and make their standing alerts what the patterns see."""
    scope: Scope = WHOLE if mmsis is None else Among("mmsi", mmsis)
    voyages, calls, gaps = (warehouse.read(table, scope) for table in (VOYAGE, PORT_CALL, AIS_GAP))
    identities = warehouse.read(VESSEL_IDENTITY, scope)
    vessels = warehouse.read(
        VESSEL, Among("vessel_id", identities["vessel_id"].unique()) if mmsis is not None else WHOLE
    )
    events = Events(voyages, calls, gaps, vessels, identities)
    synthetic = bool(home.lake.is_synthetic())
    found = find_alerts(events, knowledge.of_alerts(home.zones.frame, home.limits), synthetic)
    return sync_alerts(
        warehouse, found.alerts, found.evidence, found.assessments, found.claims, _tracks(home, found, calls, voyages),
        mmsis, run_id, now,
    )  # fmt: skip


def judge_all_claims(home: Home, warehouse: Warehouse, knowledge: KnowledgeFiles, as_of: datetime | None) -> DataFrame:
    """CLAIM_WINDOW of every claim, from what stands in the warehouse; `as_of`: only what was known by then."""
    standing = Where(model(ALERT).c.withdrawn_at.is_(None))
    return judge_claims(
        knowledge.articles.specs,
        warehouse.read(ALERT, standing),
        warehouse.read(ALERT_CLAIM),
        knowledge.observations,
        warehouse.read(COVERAGE_DAY),
        home.zones.frame,
        knowledge.measures,
        knowledge.rules,
        synthetic=bool(home.lake.is_synthetic()),
        as_of=as_of,
    )


def sync_claims(home: Home, warehouse: Warehouse, knowledge: KnowledgeFiles) -> Changes:
    """Bring the warehouse's claim windows up to date."""
    return warehouse.sync(CLAIM_WINDOW, judge_all_claims(home, warehouse, knowledge, None))


def _tracks(home: Home, found: AlertFrames, calls: DataFrame, voyages: DataFrame) -> DataFrame:
    """ALERT_TRACK: the simplified track of each alert, from arrival at the origin to the end."""
    alerts = found.alerts.merge(
        voyages[["voyage_id", "origin_port_call_id"]], on="voyage_id", how="left", validate="m:1"
    ).merge(
        calls[["port_call_id", "arrived_by"]], left_on="origin_port_call_id", right_on="port_call_id", how="left",
        validate="m:1",
    )  # fmt: skip
    alerts["from_at"] = alerts["arrived_by"].fillna(alerts["began_at"])
    runs = _runs(home, alerts)
    pieces = [
        sketch(ours[(ours["ended_at"] >= alert.from_at) & (ours["began_at"] <= alert.ended_at)]).assign(
            alert_id=alert.alert_id
        )
        for alert in alerts.itertuples()
        if len(ours := runs.get(alert.mmsi, runs[None]))
    ]
    if not pieces:
        return ALERT_TRACK.empty()
    points = pd.concat(pieces, ignore_index=True)
    return ALERT_TRACK.conform(points.assign(sequence=points.groupby("alert_id").cumcount() + 1))


def _runs(home: Home, alerts: DataFrame) -> dict[int | None, DataFrame]:
    """Runs of the alerts' ships over their days, by MMSI; None: no runs."""
    first, last = alerts["from_at"].dt.floor("D"), alerts["ended_at"].dt.floor("D")
    wanted: dict[str, set[int]] = {}
    for mmsi, begin, end in zip(alerts["mmsi"], first, last, strict=True):
        for day in pd.date_range(begin, end, freq="D"):
            wanted.setdefault(day.strftime("%Y-%m-%d"), set()).add(mmsi)
    made = home.derived.made_from()
    frames = []
    for day in sorted(wanted.keys() & made.keys()):
        runs = home.derived.runs(day)
        frames.append(runs[runs["mmsi"].isin(wanted[day])])
    runs = pd.concat(frames, ignore_index=True) if frames else home.derived.runs("")
    return {None: runs.iloc[:0], **{int(mmsi): of_ship for mmsi, of_ship in runs.groupby("mmsi")}}
