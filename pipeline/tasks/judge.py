"""Task: events to alerts and claims in the warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from pandas import DataFrame

from pipeline.contracts import (
    ALERT,
    ALERT_CARGO,
    ALERT_CLAIM,
    CLAIM_WINDOW,
    COVERAGE_DAY,
    RECEPTION_OUTAGE,
    SOURCE_FILE,
    VESSEL,
    VESSEL_IDENTITY,
)
from pipeline.judgement.alerts import find_alerts
from pipeline.judgement.articles import ClaimSpec, select_zones
from pipeline.judgement.as_of import as_known
from pipeline.judgement.cases.events import Events
from pipeline.judgement.cases.registry import judged_tables
from pipeline.judgement.claims import judge_claims
from pipeline.judgement.knowledge_files import KnowledgeFiles
from pipeline.judgement.volumes import compared_window
from pipeline.judgement.withdrawal import explain
from pipeline.limits import Limits
from pipeline.state.plan import Stored, Wanted, changed_rules
from pipeline.tasks.alert_tracks import alert_tracks
from pipeline.tasks.home import Home
from pipeline.tasks.ships_to_judge import (
    STANDING,
    company_of,
    events_of,
    every_ship,
    ships_to_judge,
    ships_within,
    terms_of_days,
)
from pipeline.warehouse.lifecycle import AlertChanges, sync_alerts
from pipeline.warehouse.models import model
from pipeline.warehouse.review import last_decisions
from pipeline.warehouse.scope import Among, Scope, Where
from pipeline.warehouse.store import Changes, Warehouse


@dataclass(frozen=True)
class Verdict:
    """What judging did: rows of knowledge and claims written, alerts, and number of ships judged."""

    wrote: Changes
    alerts: AlertChanges
    ships: int


def judge(
    home: Home,
    warehouse: Warehouse,
    knowledge: KnowledgeFiles,
    wanted: Wanted,
    stored: Stored,
    run_id: str,
    now: datetime,
) -> Verdict:
    """Bring alerts, claims and the tables of knowledge to what is known, inside a transaction.

    wanted, stored  what alerts are to be judged by, and were judged by last
    """
    everyone = changed_rules(wanted, stored, "judge")
    ships = every_ship(warehouse) if everyone else ships_to_judge(home, warehouse, knowledge, wanted, stored)
    wrote = Changes()
    for table, rows in knowledge.tables():
        wrote += warehouse.sync(table, rows)
    alerts = judge_alerts(home, warehouse, knowledge, None if everyone else ships, run_id, now)
    return Verdict(wrote + sync_claims(home, warehouse, knowledge), alerts, len(ships))


def judge_alerts(
    home: Home,
    warehouse: Warehouse,
    knowledge: KnowledgeFiles,
    mmsis: np.ndarray | None,
    run_id: str,
    now: datetime,
) -> AlertChanges:
    """Judge the events of some ships and make their standing alerts what the patterns see.

    mmsis  ships whose events may have changed; None: all, because the rules did
    """
    known = knowledge.of_alerts(home.zones.frame, home.limits)
    ships = every_ship(warehouse) if mmsis is None else mmsis
    within = ships_within(warehouse, known.reach, ships)
    events = _events(warehouse, np.union1d(within, company_of(warehouse, within, known.reach)))
    synthetic = bool(home.lake.is_synthetic())
    found = find_alerts(events, known, synthetic, terms_of_days(warehouse), within)
    standing = warehouse.read(ALERT, STANDING if mmsis is None else Among("mmsi", mmsis, STANDING.clause))
    gone = standing[~standing["alert_id"].isin(found.alerts["alert_id"])]
    recorded = set(found.assessments.loc[found.assessments["subject_table"] != ALERT.name, "subject_id"])
    happened = _events(warehouse, gone["mmsi"].unique())
    reasons = explain(gone, happened, found.alerts, known, recorded) if len(gone) else {}
    tracks = alert_tracks(home, warehouse, found.alerts, events)
    changes = sync_alerts(
        warehouse, found.alerts, found.evidence, found.assessments, found.claims, tracks, mmsis, run_id, now, reasons
    )
    warehouse.sync(ALERT_CARGO, found.cargoes, Among("alert_id", found.alerts["alert_id"]))
    return changes


def _events(warehouse: Warehouse, mmsis: np.ndarray) -> Events:
    """All that happened to these ships."""
    tables = {name: events_of(warehouse, table, mmsis) for name, table in judged_tables().items()}
    hulls = pd.concat([rows["vessel_id"] for rows in tables.values() if len(rows)] or [pd.Series(dtype="str")])
    vessels = warehouse.read(VESSEL, Among("vessel_id", hulls.dropna().unique()))
    return Events(tables, vessels, warehouse.read(VESSEL_IDENTITY, Among("mmsi", mmsis)))


def judge_all_claims(
    warehouse: Warehouse, knowledge: KnowledgeFiles, zones: DataFrame, limits: Limits, as_of: datetime | None
) -> DataFrame:
    """CLAIM_WINDOW of every claim, from what stands in the warehouse; `as_of`: only what was known by then.

    zones  ZONE
    """
    synthetic = bool(warehouse.read(SOURCE_FILE)["synthetic"].any())
    if as_of is None:
        bearing = warehouse.read(ALERT_CLAIM, Where(model(ALERT_CLAIM).c.relation != "context"))
        alerts = warehouse.read(ALERT, Among("alert_id", bearing["alert_id"].unique(), STANDING.clause))
        cargoes = warehouse.read(ALERT_CARGO)
        carriers = warehouse.read(ALERT, Among("alert_id", cargoes["alert_id"], STANDING.clause))
    else:
        known = knowledge.of_alerts(zones, limits)
        within = ships_within(warehouse, known.reach, every_ship(warehouse))
        events = _events(warehouse, np.union1d(within, company_of(warehouse, within, known.reach)))
        found = find_alerts(as_known(events, as_of, limits), known, synthetic, of=within)
        alerts, bearing, cargoes, carriers = found.alerts, found.claims, found.cargoes, found.alerts
    return judge_claims(
        knowledge.articles.specs,
        alerts,
        bearing,
        knowledge.observations,
        warehouse.read(COVERAGE_DAY, _heard_for(knowledge.articles.specs, zones)),
        zones,
        knowledge.measures,
        knowledge.rules,
        synthetic=synthetic,
        as_of=as_of,
        decisions=last_decisions(warehouse, as_of),
        cargoes=cargoes.merge(carriers[["alert_id", "pattern_id", "synthetic", "known_at"]], on="alert_id"),
        outages=warehouse.read(RECEPTION_OUTAGE),
    )


def _heard_for(specs: list[ClaimSpec], zones: DataFrame) -> Scope:
    """The days of coverage that any claim asks for."""
    zone_ids = {zone_id for spec in specs for zone_id in select_zones(spec.zones, zones)}
    zone_ids |= {zone_id for spec in specs if spec.volume for zone_id in select_zones(spec.origins, zones)}
    windows = [window for spec in specs if spec.zones for window in spec.windows]
    windows += [compared_window(spec.volume) for spec in specs if spec.zones and spec.volume]
    if not windows:
        return Among("zone_id", [])
    first, last = min(window.from_at for window in windows).date(), max(window.to_at for window in windows).date()
    return Among("zone_id", zone_ids, model(COVERAGE_DAY).c.day.between(first, last))


def sync_claims(home: Home, warehouse: Warehouse, knowledge: KnowledgeFiles) -> Changes:
    """Bring the warehouse's claim windows up to date."""
    return warehouse.sync(CLAIM_WINDOW, judge_all_claims(warehouse, knowledge, home.zones.frame, home.limits, None))
