"""Task: events to alerts and claims in the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, pairwise

import numpy as np
import pandas as pd
from pandas import DataFrame, Series
from sqlalchemy import or_

from pipeline.contracts import (
    ALERT,
    ALERT_CARGO,
    ALERT_CLAIM,
    CLAIM_WINDOW,
    COVERAGE_DAY,
    RADAR_LOOK,
    RECEPTION_OUTAGE,
    SOURCE_FILE,
    VESSEL,
    VESSEL_IDENTITY,
)
from pipeline.ids import deterministic_ids
from pipeline.judgement.again import events_to_judge
from pipeline.judgement.alerts import Knowledge, find_alerts
from pipeline.judgement.articles import ClaimSpec
from pipeline.judgement.as_of import as_known
from pipeline.judgement.cases.events import Events
from pipeline.judgement.cases.registry import judged_tables, kinds
from pipeline.judgement.claims import Weighed, judge_claims
from pipeline.judgement.knowledge_files import KnowledgeFiles
from pipeline.judgement.volumes import compared_window
from pipeline.judgement.withdrawal import explain
from pipeline.limits import Limits
from pipeline.state.plan import Stored, Wanted, changed_rules
from pipeline.tasks.alert_tracks import alert_tracks
from pipeline.tasks.home import Home
from pipeline.tasks.ships_to_judge import (
    STANDING,
    ToJudge,
    company_of,
    events_of,
    every_ship,
    ships_to_judge,
    ships_within,
    terms_of_days,
)
from pipeline.warehouse.lifecycle import AlertChanges, Judged, sync_alerts
from pipeline.warehouse.models import model
from pipeline.warehouse.review import last_decisions
from pipeline.warehouse.scope import Among, Where
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
    ships = None if everyone else ships_to_judge(home, warehouse, knowledge, wanted, stored)
    wrote = Changes()
    for table, rows in knowledge.tables():
        wrote += warehouse.sync(table, rows)
    alerts = judge_alerts(home, warehouse, knowledge, ships, run_id, now)
    count = len(every_ship(warehouse) if ships is None else ships.since)
    return Verdict(wrote + sync_claims(home, warehouse, knowledge), alerts, count)


def judge_alerts(
    home: Home,
    warehouse: Warehouse,
    knowledge: KnowledgeFiles,
    to_judge: ToJudge | None,
    run_id: str,
    now: datetime,
) -> AlertChanges:
    """Judge the events of some ships that may be judged otherwise now, and make the alerts that stand on them what the
    patterns see.

    to_judge  ships whose events may have changed, and since when; None: all, because the rules did
    """
    known = knowledge.of_alerts(home.zones.frame, home.limits)
    ships = every_ship(warehouse) if to_judge is None else to_judge.since.index.to_numpy()
    within = ships_within(warehouse, known.reach, ships)
    events = _events(warehouse, np.union1d(within, company_of(warehouse, within, known.reach)))
    synthetic = bool(home.lake.is_synthetic())
    asked = None if to_judge is None else _asked(events, to_judge, within, home.limits)
    found = find_alerts(events, known, synthetic, terms_of_days(warehouse), within, asked)
    judged = None if asked is None or to_judge is None else _judged(warehouse, events, asked, to_judge, within, known)
    standing = warehouse.read(ALERT, STANDING if judged is None else Among("alert_id", judged.alerts, STANDING.clause))
    gone = standing[~standing["alert_id"].isin(found.alerts["alert_id"])]
    recorded = set(found.assessments.loc[found.assessments["subject_table"] != ALERT.name, "subject_id"])
    happened = _events(warehouse, gone["mmsi"].unique())
    reasons = explain(gone, happened, found.alerts, known, recorded) if len(gone) else {}
    tracks = alert_tracks(home, warehouse, found.alerts, events)
    changes = sync_alerts(
        warehouse, found.alerts, found.evidence, found.assessments, found.claims, tracks,
        None if judged is None else ships, run_id, now, reasons, judged,
    )  # fmt: skip
    warehouse.sync(ALERT_CARGO, found.cargoes, Among("alert_id", found.alerts["alert_id"]))
    return changes


def _asked(events: Events, to_judge: ToJudge, within: np.ndarray, limits: Limits) -> dict[str, frozenset[str]]:
    """Ids of the events to judge again, by kind of case; of ships that no pattern looks at, none is."""
    since = _since(to_judge)
    since = since.mask(since.index.isin(to_judge.whole))
    return events_to_judge(events, since[since.index.isin(within)], to_judge.company, limits)


def _since(to_judge: ToJudge) -> Series:
    """By MMSI since when a ship is judged; of the company of those that changed, as early as any of them. Null where
    all are judged for other reasons than events: whenever."""
    return to_judge.since.fillna(to_judge.since.min())


def _judged(
    warehouse: Warehouse,
    events: Events,
    asked: Mapping[str, frozenset[str]],
    to_judge: ToJudge,
    within: np.ndarray,
    known: Knowledge,
) -> Judged:
    """What is judged again: the alerts on these events, those of the time since then, whatever they rested on, and all
    of ships that are judged whole or that no pattern looks at. The other events stay as they were judged."""
    begun = _since(to_judge)
    whole = begun.index.isin(to_judge.whole) | ~begun.index.isin(within) | begun.isna()
    of_whole = warehouse.read(ALERT, Among("mmsi", begun.index[whole]))
    alert, dated = model(ALERT).c, begun[~whole]
    later = []
    if len(dated):
        lasts = or_(alert.ended_at.is_(None), alert.ended_at >= dated.min().to_pydatetime())
        rows = warehouse.read(ALERT, Among("mmsi", dated.index, lasts))
        later = rows.loc[~(rows["ended_at"] < rows["mmsi"].map(dated)), "alert_id"].tolist()
    ids = [
        deterministic_ids("alert", [pattern_id] * len(asked[pattern.event]), asked[pattern.event])
        for pattern_id, pattern in known.patterns.entries.items()
    ]
    every = {(table.name, event_id) for table in judged_tables().values() for event_id in events[table][table.key[0]]}
    again = {(kind.table.name, event_id) for name, kind in kinds().items() for event_id in asked[name]}
    return Judged({*of_whole["alert_id"], *later, *chain.from_iterable(ids)}, every - again)


def _events(warehouse: Warehouse, mmsis: np.ndarray) -> Events:
    """All that happened to these ships."""
    tables = {name: events_of(warehouse, table, mmsis) for name, table in judged_tables().items()}
    hulls = pd.concat(
        [rows["vessel_id"] for rows in tables.values() if len(rows) and "vessel_id" in rows] or [pd.Series(dtype="str")]
    )
    vessels = warehouse.read(VESSEL, Among("vessel_id", hulls.dropna().unique()))
    return Events(tables, vessels, warehouse.read(VESSEL_IDENTITY, Among("mmsi", mmsis)))


def judge_all_claims(
    warehouse: Warehouse,
    knowledge: KnowledgeFiles,
    zones: DataFrame,
    limits: Limits,
    as_of: datetime | None,
    weighed: list[Weighed] | None = None,
) -> DataFrame:
    """CLAIM_WINDOW of every claim, from what stands in the warehouse; `as_of`: only what was known by then.

    zones    ZONE
    weighed  takes what each verdict was reached from
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
        _heard_in(warehouse, knowledge.articles.specs, as_of),
        zones,
        knowledge.measures,
        knowledge.rules,
        synthetic=synthetic,
        as_of=as_of,
        decisions=last_decisions(warehouse, as_of),
        cargoes=cargoes.merge(carriers[["alert_id", "pattern_id", "synthetic", "known_at"]], on="alert_id"),
        outages=warehouse.read(RECEPTION_OUTAGE),
        looks=warehouse.read(RADAR_LOOK),
        radar=knowledge.radar,
        imagery=knowledge.imagery,
        weighed=weighed,
    )


def _heard_in(warehouse: Warehouse, specs: list[ClaimSpec], as_of: datetime | None) -> DataFrame:
    """COVERAGE_DAY as far as claims ask for it: of all zones, its hours added up between the days at which a window
    begins or ends, each sum under the first of its days. A year of days and zones is a hundred thousand rows."""
    windows = [window for spec in specs if spec.zones for window in spec.windows]
    windows += [compared_window(spec.volume) for spec in specs if spec.zones and spec.volume]
    ends = {pd.Timestamp(moment).ceil("D") for window in windows for moment in (window.from_at, window.to_at)}
    if not ends:
        return COVERAGE_DAY.empty()
    days = sorted(f"{day:%Y-%m-%d}" for day in ends | ({pd.Timestamp(as_of).floor("D")} if as_of else set()))
    first_of = " ".join(f"when day < '{day}' then '{first}'" for first, day in pairwise(days))
    heard = warehouse.query(
        "select zone_id, day, sum(hours_heard) as hours_heard from"
        f" (select zone_id, case {first_of} end as day, hours_heard from coverage_day"
        f" where day >= '{days[0]}' and day < '{days[-1]}') as heard group by zone_id, day"
    )
    return heard.astype({"zone_id": "str", "day": "str", "hours_heard": "int64"})


def sync_claims(home: Home, warehouse: Warehouse, knowledge: KnowledgeFiles) -> Changes:
    """Bring the warehouse's claim windows up to date."""
    return warehouse.sync(CLAIM_WINDOW, judge_all_claims(warehouse, knowledge, home.zones.frame, home.limits, None))
