"""Step: everything between the lake and the warehouse, for the days that need it."""

from __future__ import annotations

import logging
import math
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.contracts import REJECTED_ROW_COUNT, SOURCE, SOURCE_FILE, UNREAD_FIELD_COUNT, ZONE
from pipeline.errors import CoalwatchError, InputError
from pipeline.fetch.sources import load_catalogue
from pipeline.lake.disk import disk_failures
from pipeline.publish.rules import load_gate_rules
from pipeline.tasks.compress import Progress, compress_days, days_to_compress
from pipeline.tasks.derive import TOLD_FORM, judge_reception_again, tell_all
from pipeline.tasks.gate import judge_days, note_judged, owe_days
from pipeline.tasks.home import Home
from pipeline.tasks.idle import note_idle, read_by_run, version_of
from pipeline.tasks.judge import judge_alerts, sync_claims
from pipeline.tasks.knowledge import KnowledgeFiles, read_knowledge
from pipeline.tasks.provider_events import sync_bought, sync_particulars
from pipeline.tasks.rejudge import find_due, judged_by, ships_due
from pipeline.tasks.run_log import note_failure, note_run
from pipeline.tasks.warehouse_stamp import OtherHome, needs_filling, new_stamp, note_stamp, stamp
from pipeline.warehouse.lifecycle import AlertChanges
from pipeline.warehouse.store import Changes, Warehouse, open_warehouse

if TYPE_CHECKING:
    from pipeline.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunReport:
    """What a run did: days compressed, ships told again and judged, alerts; `changed` is false if it wrote nothing.

    released         days that the quality gate held back before, and does no more
    held_back        days that it holds back since this run
    pipeline_run_id  its row in `pipeline_run`; empty if nothing changed
    """

    days: list[str]
    ships: int
    alerts: AlertChanges
    changed: bool
    judged: int
    released: list[str]
    held_back: list[str]
    pipeline_run_id: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for programs."""
        return asdict(self)


def run(
    settings: Settings,
    *,
    now: datetime,
    progress: Progress,
    days: set[str] | None = None,
    rebuild: bool = False,
) -> RunReport:
    """Derive what is new or changed: runs, events, alerts, claims; and judge which days are published.

    now      wall clock, for lifecycle columns only
    days     UTC days to compress; None: every landed day that needs it. Later days that depend on them follow by
             themselves
    rebuild  derive everything again
    raises   InputError for a wrong zone, limit or knowledge file (nothing is written then), a home that this user may
             not write to, or a warehouse of another home; SourceUnavailable if the disk is full or another process
             holds the warehouse. Why a run failed is noted in `pipeline_run`, where there is a warehouse of this home
    """
    try:
        return _derive(settings, now, progress, days, rebuild)
    except OtherHome:
        raise  # nothing is noted in a warehouse that is not ours
    except CoalwatchError as error:
        note_failure(settings, "run", error, now)
        raise


def _derive(settings: Settings, now: datetime, progress: Progress, days: set[str] | None, rebuild: bool) -> RunReport:
    home, read = Home(settings), read_by_run(settings)
    knowledge, gate_rules, zones = read_knowledge(settings), load_gate_rules(), home.zones
    rules = f"{TOLD_FORM} {zones.hash} {home.limits.hash}"
    with (
        disk_failures(settings.home, "the days done so far are kept: free some space and run again"),
        home.writing(progress),
        open_warehouse(settings.database_url) as warehouse,
    ):
        version = version_of(home.lake.catalog)
        rebuild |= needs_filling(home, warehouse, rebuild=rebuild, progress=progress)
        due = find_due(home, warehouse, knowledge)
        if rebuild:
            home.derived.forget_all()
        heard_anew = _leave_word(home, days)
        if heard_anew or home.derived.dirty() is not None:
            stamp(home, warehouse)
        with warehouse.transaction():
            files = home.lake.source_files()
            wrote = _sync_knowledge(home, warehouse, knowledge, files)
            gate = judge_days(home, warehouse, gate_rules, files)
            wrote += sync_particulars(home, warehouse)
        wrote += gate.wrote
        if rebuild or home.derived.told("rules") != rules:
            home.derived.mark_all_dirty()
        compressed = compress_days(home, warehouse, days, progress)
        last_day = max(home.derived.made_from(), default="")
        _mark_quiet(home, last_day)
        end = pd.Timestamp(last_day or "1970-01-01", tz="UTC").as_unit("us") + pd.Timedelta(days=1)
        ships = tell_all(home, warehouse, end, progress)
        ships = np.union1d(ships, judge_reception_again(home, warehouse, heard_anew, end))
        ships = np.union1d(ships, sync_bought(home, warehouse, rules, rebuild=rebuild, progress=progress))
        progress("events to alerts and claims")
        run_id = uuid.uuid4().hex[:16]
        with warehouse.transaction():
            judged = np.union1d(ships, ships_due(home, warehouse, knowledge, due))
            alerts = judge_alerts(home, warehouse, knowledge, None if due.everyone else judged, run_id, now)
            wrote += sync_claims(home, warehouse, knowledge)
            changed = bool(wrote or compressed or len(ships) or alerts != AlertChanges() or gate.changed)
            if changed:
                done = new_stamp(home, warehouse)
                withheld = gate.reasons([*compressed, *gate.held_back])
                note_run(
                    warehouse, now, command="run", status="withheld" if withheld else "done", message=withheld,
                    run_id=run_id, days=len(compressed), knowledge_hash=f"{rules} {knowledge.hash}",
                )  # fmt: skip
            # Before the commit: a run that is stopped after it finds no change when it is repeated.
            owe_days(home, warehouse, run_id, {*heard_anew, *compressed, *gate.released})
        home.derived.note_told(rules=rules, judged=judged_by(home, knowledge), heard_anew="")
        if changed:
            note_stamp(home, done)
            note_judged(home, gate)
        if compressed or len(ships):
            home.derived.sweep()
    if days is None:
        note_idle(settings, read, home.lake.catalog, version)
    log.info("run: %d days, %d ships told, %d judged, %s", len(compressed), len(ships), len(judged), alerts)
    return RunReport(
        compressed, len(ships), alerts, changed, len(judged), gate.released, gate.held_back, run_id if changed else ""
    )


def days_between(settings: Settings, first: datetime | None, last: datetime | None) -> set[str] | None:
    """The landed UTC days from `first` to `last` (inclusive); None if neither is given.

    raises  InputError if the last day is before the first
    """
    if first is None and last is None:
        return None
    if first and last and last < first:
        raise InputError(f"--to {last:%Y-%m-%d} is before --from {first:%Y-%m-%d}; expected the first day first")
    home = Home(settings)
    days = home.lake.landed_days().keys() | home.derived.made_from().keys()
    begin = first.strftime("%Y-%m-%d") if first else ""
    end = last.strftime("%Y-%m-%d") if last else "9999"
    return {day for day in days if begin <= day <= end}


def waiting_days(settings: Settings, days: set[str] | None, rebuild: bool) -> list[str]:
    """The UTC days that `run` would compress."""
    home = Home(settings)
    landed = home.lake.landed_days()
    waiting = sorted(landed) if rebuild else list(days_to_compress(home))
    return [day for day in waiting if days is None or day in days]


def _sync_knowledge(home: Home, warehouse: Warehouse, knowledge: KnowledgeFiles, files: pd.DataFrame) -> Changes:
    """Files, zones and knowledge tables as they are now."""
    wrote = Changes()
    with warehouse.transaction():
        wrote += warehouse.sync(SOURCE, load_catalogue().frame)
        wrote += warehouse.sync(SOURCE_FILE, files)
        wrote += warehouse.sync(REJECTED_ROW_COUNT, home.lake.rejected_row_counts())
        wrote += warehouse.sync(UNREAD_FIELD_COUNT, home.lake.unread_field_counts())
        wrote += warehouse.sync(ZONE, home.zones.frame)
        for table, rows in knowledge.tables():
            wrote += warehouse.sync(table, rows)
    return wrote


def _leave_word(home: Home, days: set[str] | None) -> list[str]:
    """Note what the next run must look at besides its own work, should this one be stopped: every alert, and the gaps
    around days whose coverage this one (or one stopped before it) changes.

    returns  these days
    """
    waiting = {day for day in days_to_compress(home) if days is None or day in days}
    heard_anew = sorted(waiting.union((home.derived.told("heard_anew") or "").split()))
    home.derived.note_told(judged="", heard_anew=" ".join(heard_anew))
    return heard_anew


def _mark_quiet(home: Home, last_day: str) -> None:
    """When the data ends later (or earlier) than at the last run, ships not heard since may have fallen silent."""
    before = home.derived.told("last_day")
    if before and last_day and before != last_day:
        hours = max(home.limits.gap.min_hours, home.limits.gap.reception_window_hours)
        since = pd.Timestamp(min(before, last_day)) - pd.Timedelta(days=math.ceil(hours / 24))
        home.derived.mark_quiet_dirty(since.strftime("%Y-%m-%d"))
    home.derived.note_told(last_day=last_day)
