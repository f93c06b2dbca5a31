"""Task: everything between the lake and the warehouse, as the plan has it."""

from __future__ import annotations

import logging
import sys
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
from pandas import DataFrame

from pipeline.contracts import REJECTED_ROW_COUNT, SOURCE, SOURCE_FILE, UNREAD_FIELD_COUNT, ZONE
from pipeline.engines.engine import Engine, open_engine
from pipeline.errors import CoalwatchError, ContractError, InputError
from pipeline.events.registry import detectors
from pipeline.fetch.sources import load_catalogue
from pipeline.lake.catalog import transaction
from pipeline.lake.disk import disk_failures
from pipeline.publish.rules import load_gate_rules
from pipeline.state.plan import Stored, Wanted, Work, changed_rules, make_plan, quiet_since
from pipeline.tasks.compress import compress
from pipeline.tasks.derive import derive, take_back_underived
from pipeline.tasks.figures import sync_figures
from pipeline.tasks.gate import enqueue_days, judge_days, note_judged
from pipeline.tasks.home import Home, read_knowledge
from pipeline.tasks.idle import note_idle, read_by_run, version_of
from pipeline.tasks.judge import judge
from pipeline.tasks.meetings import find_meetings
from pipeline.tasks.plan import bounds_of, only, progress_of, read_stored, read_wanted, refuse_pruned
from pipeline.tasks.provider_events import sync_particulars, sync_provider_events
from pipeline.tasks.radar import sync_radar
from pipeline.tasks.reception import judge_reception
from pipeline.tasks.warehouse_stamp import OtherHome, forget_results, needs_filling, new_stamp, note_stamp, stamp
from pipeline.warehouse.lifecycle import AlertChanges
from pipeline.warehouse.run_log import note_failure, note_run
from pipeline.warehouse.store import Changes, Warehouse, open_warehouse

if TYPE_CHECKING:
    from pipeline.settings import Settings

log = logging.getLogger(__name__)
Progress = Callable[[str], None]
_JUDGED_BY = ("judge", "law", "claims", "lists", "texts")  # versions of what alerts, claims and their tables go by


@dataclass(frozen=True)
class RunReport:
    """What a run did: days compressed, ships derived again and judged, alerts; `changed` is false if it wrote nothing.

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
    raises   InputError for a wrong zone, limit, knowledge file or detector (nothing is written then), a home that this
             user may not write to, or a warehouse of another home; SourceUnavailable if the disk is full or another
             process holds the warehouse. Why a run failed is noted in `pipeline_run`, where there is a warehouse of
             this home
    """
    try:
        return _run(settings, now, progress, days, rebuild)
    except OtherHome:
        raise  # nothing is noted in a warehouse that is not ours
    except CoalwatchError as error:
        note_failure(settings, "run", error, now)
        raise


def _run(settings: Settings, now: datetime, progress: Progress, days: set[str] | None, rebuild: bool) -> RunReport:
    home, read = Home(settings), read_by_run(settings)
    knowledge, gate_rules, *_ = read_knowledge(settings), load_gate_rules(), home.zones, detectors()
    with (
        disk_failures(settings.home, "the days done so far are kept: free some space and run again"),
        home.writing(progress),
        open_warehouse(settings.database_url) as warehouse,
        open_engine(settings.engine, settings.spark_master, home.lake.pieces) as engine,
    ):
        refuse_pruned(home, knowledge, days, rebuild=rebuild)
        version = version_of(home.lake.catalog)
        if not needs_filling(home, warehouse, rebuild=rebuild, progress=progress) and rebuild:
            forget_results(home)
        with warehouse.transaction():
            files = home.lake.source_files()
            wrote = _sync_files(home, warehouse, files)
            gate = judge_days(home, warehouse, gate_rules, files)
            wrote += gate.wrote + sync_particulars(home, warehouse) + sync_figures(home, warehouse)
        wanted = read_wanted(home, warehouse, knowledge)
        stored = read_stored(home, warehouse, wanted)
        wanted = only(days, wanted, stored)
        done, bounds = _Done(), bounds_of(settings)
        left = make_plan(wanted, stored, bounds)
        if any(work.stage != "judge" for work in left):
            stamp(home, warehouse)
        while left and left[0].stage != "judge":
            _do(left[0], home, warehouse, engine, wanted, stored, done, progress)
            _give_back_memory()
            stored = progress_of(home, stored)
            before, left = left[0], make_plan(wanted, stored, bounds)
            if left[:1] == [before]:
                raise ContractError(f"run: {before.reason} is planned again although it was done; report it")
        for work in left:
            log.info("%s: %s", work.stage, work.reason)
        begun = [name for name in _JUDGED_BY if changed_rules(wanted, stored, name)]
        # If this run is stopped from here on, the next one judges by them again.
        home.run_state.note(**{f"rules_{name}": "" for name in begun})
        run_id = uuid.uuid4().hex[:16]
        ships = home.ship_days.to_judge()
        with warehouse.transaction():
            if left:
                progress("events to alerts and claims")
                verdict = judge(home, warehouse, knowledge, wanted, stored, run_id, now)
                wrote += verdict.wrote
                done.alerts, done.judged = verdict.alerts, verdict.ships
            changed = bool(wrote or done.days or len(ships) or done.alerts != AlertChanges() or gate.changed)
            if changed:
                new = new_stamp(home, warehouse)
                withheld = gate.reasons([*done.days, *gate.held_back])
                sea = f"{home.zones.hash} {home.limits.hash}"
                note_run(
                    warehouse, now, command="run", status="withheld" if withheld else "done", message=withheld,
                    run_id=run_id, days=len(done.days), knowledge_hash=f"{sea} {knowledge.hash}",
                )  # fmt: skip
            # Before the commit: a run that is stopped after it finds no change when it is repeated.
            enqueue_days(home, warehouse, run_id, {*home.ship_days.changed_days(), *gate.released})
        if left:
            _note_judged(home, wanted)
        if changed:
            note_stamp(home, new)
            note_judged(home, gate)
        if done.days or len(ships):
            home.results.sweep()
    if days is None:
        note_idle(settings, read, home.lake.catalog, version)
    log.info("run: %d days, %d ships derived, %d judged, %s", len(done.days), len(ships), done.judged, done.alerts)
    return RunReport(
        done.days, len(ships), done.alerts, changed, done.judged, gate.released, gate.held_back,
        run_id if changed else "",
    )  # fmt: skip


@dataclass
class _Done:
    """What a run has done so far."""

    days: list[str] = field(default_factory=list)
    alerts: AlertChanges = field(default_factory=AlertChanges)
    judged: int = 0


def _do(
    work: Work, home: Home, warehouse: Warehouse, engine: Engine, wanted: Wanted, stored: Stored, done: _Done,
    progress: Progress,
) -> None:  # fmt: skip
    """Do a piece of work, so that what is stored is what is wanted."""
    log.info("%s: %s", work.stage, work.reason)
    if work.stage == "compress":
        progress(f"positions to runs: {work.reason}")
        compress(home, warehouse, engine, work.days)
        done.days.extend(work.days)
        return
    end = max(stored.days, default="")
    if work.stage == "derive":
        progress(f"runs to events: {work.reason}")
        if not _outdate(home, warehouse, wanted, stored, end):
            derive(home, warehouse, (work.days[0], work.days[-1]), _after(end))
    elif work.stage == "meetings":
        progress(f"runs to encounters: {work.reason}")
        find_meetings(home, warehouse, work.days)
    elif work.stage == "reception":
        progress(f"reception of gaps: {work.reason}")
        judge_reception(home, warehouse, work.days, _after(end))
    elif work.stage == "provider":
        progress(f"events of providers: {work.reason}")
        outdated = changed_rules(wanted, stored, "provider")
        home.run_state.note(rules_provider="")
        sync_provider_events(home, warehouse, outdated=outdated)
        home.run_state.note(rules_provider=wanted.rules["provider"])
    elif work.stage == "radar":
        progress(f"radar: {work.reason}")
        home.run_state.note(rules_claims="")
        sync_radar(home, warehouse)


def _give_back_memory() -> None:
    """Return to the system what a stage allocated and no longer uses: kept, it adds to the peak of the next one."""
    if arrow := sys.modules.get("pyarrow"):
        arrow.default_memory_pool().release_unused()


def _outdate(home: Home, warehouse: Warehouse, wanted: Wanted, stored: Stored, end: str) -> bool:
    """Let be due what other rules, or another end of the data, bear on; give whether anything was."""
    if changed_rules(wanted, stored, "derive"):
        take_back_underived(home, warehouse)
        with transaction(home.lake.catalog):
            home.ship_days.outdate()
            home.meetings.outdate()
            home.lives.forget()
            home.results.forget_handed_on()
        home.run_state.note(rules_derive=wanted.rules["derive"], data_end=end)
        return True
    if since := quiet_since(wanted, stored):
        home.ship_days.outdate_last_heard(since, max(stored.data_end, end))
        home.run_state.note(data_end=end)
        return True
    return False


def _after(day: str) -> pd.Timestamp:
    """The midnight after a UTC day."""
    return pd.Timestamp(day or "1970-01-01", tz="UTC").as_unit("us") + pd.Timedelta(days=1)


def _note_judged(home: Home, wanted: Wanted) -> None:
    """Note what alerts and claims are judged by now."""
    with transaction(home.lake.catalog):
        home.judged.note_terms(wanted.terms)
        home.ship_days.note_judged()
    judged_by = {f"rules_{name}": wanted.rules[name] for name in _JUDGED_BY}
    home.run_state.note(reviews=wanted.reviews, **judged_by)


def days_between(settings: Settings, first: datetime | None, last: datetime | None) -> set[str] | None:
    """The landed UTC days from `first` to `last` (inclusive); None if neither is given.

    raises  InputError if the last day is before the first
    """
    if first is None and last is None:
        return None
    if first and last and last < first:
        raise InputError(f"--to {last:%Y-%m-%d} is before --from {first:%Y-%m-%d}; expected the first day first")
    home = Home(settings)
    days = home.lake.landed_days().keys() | home.results.made_from().keys()
    begin = first.strftime("%Y-%m-%d") if first else ""
    end = last.strftime("%Y-%m-%d") if last else "9999"
    return {day for day in days if begin <= day <= end}


def _sync_files(home: Home, warehouse: Warehouse, files: DataFrame) -> Changes:
    """Sources, files and zones as they are now."""
    return (
        warehouse.sync(SOURCE, load_catalogue().frame)
        + warehouse.sync(SOURCE_FILE, files)
        + warehouse.sync(REJECTED_ROW_COUNT, home.lake.rejected_row_counts())
        + warehouse.sync(UNREAD_FIELD_COUNT, home.lake.unread_field_counts())
        + warehouse.sync(ZONE, home.zones.frame)
    )
