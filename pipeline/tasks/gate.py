"""Task: the quality gate. Judge the landed days, say what is published, tell people of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from pipeline.lake.catalog import asking
from pipeline.plain import Record
from pipeline.publish import publication as published
from pipeline.publish.notices import News, Notice, compose, failure_notice
from pipeline.publish.promises import Stale, reasons_against, stale_sources
from pipeline.publish.publication import HeldDays, Publication
from pipeline.remembered import from_files, from_home
from pipeline.tasks.sign_off import withheld
from pipeline.tasks.warehouse_stamp import ask_filled
from pipeline.warehouse import judged_days

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.publish.rules import GateRules
    from pipeline.settings import Settings
    from pipeline.tasks.home import Home
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Changes, Warehouse


class _Report(Protocol):
    """What a run did, as `run.RunReport` says it."""

    def as_dict(self) -> Mapping[str, Any]: ...


__all__ = [
    "Judged",
    "Notice",
    "Publication",
    "days_of_alerts",
    "days_to_announce",
    "failure_notice",
    "gate_report",
    "judge_days",
    "note_announced",
    "note_judged",
    "notice",
    "publication",
]


@dataclass(frozen=True)
class Judged(HeldDays):
    """What judging the landed days did: rows written, and days whose publication is not what it was when the last run
    ended; `failed` are all checks that failed (DAY_CHECK)."""

    wrote: Changes


def judge_days(home: Home, warehouse: Warehouse, rules: GateRules, files: DataFrame) -> Judged:
    """Bring `source_day` and `day_check` up to date with what has landed.

    files  SOURCE_FILE
    """
    from pipeline.contracts import DAY_CHECK, SOURCE_DAY
    from pipeline.publish.file_checks import standing_files
    from pipeline.publish.gate import check_days
    from pipeline.state.source_days import file_days, source_days

    home.provider_events.process_parts()
    given = source_days(home.lake.catalog)
    checks = check_days(given, standing_files(files, file_days(home.lake.catalog)), rules)
    with warehouse.transaction():
        wrote = warehouse.sync(SOURCE_DAY, given) + warehouse.sync(DAY_CHECK, checks)
    held = published.compare_held(checks, (home.run_state.get("days_held_back") or "").split())
    return Judged(held.released, held.held_back, held.failed, wrote)


def note_judged(home: Home, judged: Judged) -> None:
    """Remember, at the end of a run, which days are held back, and what became of them in it."""
    home.run_state.note(
        days_held_back=" ".join(judged.failed["day"].unique()),
        released=" ".join(judged.released),
        held_back=" ".join(judged.held_back),
    )


def publication(settings: Settings, day: str, *, now: datetime) -> Publication:
    """Whether a UTC day is published: its checks passed, and no source that broke its promise has yet to give it.

    now  wall clock, with time zone: a promise is about it. A day withheld because of one is noted in `pipeline_run`;
         what the checks of the day said was noted by the run that judged it
    """
    with ask_filled(settings) as warehouse:
        checks, stale = judged_days.checks_of(warehouse, [day]).get(day, []), stale_now(warehouse, now)
        raised = judged_days.standing_alerts_of(warehouse, day)
    reasons = reasons_against(day, checks, stale)
    if checks and all(one["passed"] for one in checks) and reasons:
        _note_withheld(settings, day, reasons, now)
    noted = _home(settings).run_state
    released, held_back = ((noted.get(what) or "").split() for what in ("released", "held_back"))
    return Publication(
        day, not reasons, reasons, released, held_back, [str(one) for one in stale],
        [one["alert_id"] for one in published.strongest_first(raised)],
    )  # fmt: skip


def _note_withheld(settings: Settings, day: str, reasons: Sequence[str], now: datetime) -> None:
    from pipeline.warehouse.run_log import note_once
    from pipeline.warehouse.store import open_warehouse

    with open_warehouse(settings.database_url) as warehouse:
        note_once(warehouse, now, command="gate", status="withheld", message=f"{day}: {'; '.join(reasons)}")


def gate_report(settings: Settings, day: str | None, *, now: datetime) -> Record:
    """What the gate says, as plain values; nothing is written.

    day      one UTC day: `day`, `published`, `reasons`, `checks` (DAY_CHECK) and `stale`
    returns  without a day: `days` judged, `first_day`, `last_day`, `held_back` (day and reasons, newest first),
             `held_back_alerts`, `stale`, `undated`: files without a usable row that no day can be held back for, and
             `without_habit` and `without_fixes`: of the days, those whose fixes could be compared with nothing, because
             there are fewer than `least_days` same weekdays before them, or because no fixes have landed for them
    """
    with ask_filled(settings) as warehouse:
        stale = stale_now(warehouse, now)
        told = [str(one) for one in stale]
        if day is not None:
            checks = judged_days.checks_of(warehouse, [day]).get(day, [])
            reasons = reasons_against(day, checks, stale)
            return {"day": day, "published": not reasons, "reasons": reasons, "checks": checks, "stale": told}
        judged, held = judged_days.days_judged(warehouse), judged_days.days_held_back(warehouse)
        bare = judged_days.days_without_habit(warehouse)
    rules = _rules()
    return {
        "days": judged["days"], "first_day": judged["first_day"], "last_day": judged["last_day"], "held_back": held,
        "held_back_alerts": judged["held_back_alerts"], "stale": told, "undated": _undated(settings),
        "without_habit": sorted(one["day"] for one in bare if one["reason"] != rules["no_fixes"]),
        "without_fixes": sorted(one["day"] for one in bare if one["reason"] == rules["no_fixes"]),
        "least_days": rules["least_days"],
    }  # fmt: skip


def enqueue_days(home: Home, warehouse: Warehouse, run_id: str, days: set[str]) -> None:
    """Put days that a run changed into the outbox, with those whose alerts it raised, changed or withdrew."""
    from pipeline.state.outbox import enqueue

    of_alerts = {one["day"] for one in judged_days.alerts_of_run(warehouse, run_id)} - {None}
    enqueue(home.lake.catalog, sorted(days | of_alerts), run_id)


def days_to_announce(settings: Settings, *, now: datetime) -> dict[str, str]:
    """Changed UTC days that are to be announced and are published now; the others wait in the outbox.

    now      wall clock, with time zone: a day that is not over is not announced, nor one that a source which broke its
             promise still owes
    returns  day to stamp, in order of days, for `note_announced`
    """
    from pipeline.state.outbox import pending

    waiting = pending(_home(settings).lake.catalog)
    today = now.astimezone(UTC).strftime("%Y-%m-%d")
    over = [day for day in waiting if day < today]
    if not over:
        return {}
    with ask_filled(settings) as warehouse:
        checks, stale = judged_days.checks_of(warehouse, over), stale_now(warehouse, now)
    return {day: waiting[day] for day in over if day in checks and not reasons_against(day, checks[day], stale)}


def note_announced(settings: Settings, days: Mapping[str, str]) -> None:
    """Take announced days out of the outbox; one that changed again since stays.

    days  as `days_to_announce` gave them, or some of them
    """
    from pipeline.state.outbox import acknowledge

    acknowledge(_home(settings).lake.catalog, days)


def days_of_alerts(settings: Settings, pipeline_run_id: str) -> list[str]:
    """Published UTC days whose alerts a run raised, changed or withdrew."""
    with ask_filled(settings) as warehouse:
        found = judged_days.alerts_of_run(warehouse, pipeline_run_id)
    return sorted({one["day"] for one in found if one["day"] is not None and not one["failed"]})


def notice(
    settings: Settings,
    day: str,
    report: _Report | Mapping[str, Any],
    *,
    now: datetime | None = None,
    since: datetime | None = None,
) -> Notice | None:
    """The notice after a run for a UTC day; None if nothing is new, withdrawn, released or held back. It names no ship
    that must not be named outside (`sign_off.withheld`).

    report  the run's report, or its `as_dict`
    now     wall clock, with time zone, for promises; None: asked here
    since   alerts of the day that changed since then are included: those of a run whose report was lost
    """
    changes = report if isinstance(report, Mapping) else report.as_dict()
    now = now or datetime.now(UTC)
    with ask_filled(settings) as warehouse:
        changed = judged_days.alerts_of_run(warehouse, changes["pipeline_run_id"])
        changed += judged_days.alerts_changed_since(warehouse, day, since) if since else []
        newly = judged_days.published_alerts(warehouse) if changes["released"] else []
        checks, stale = judged_days.checks_of(warehouse, [day]).get(day, []), stale_now(warehouse, now)
        held = judged_days.days_held_back(warehouse)
    reasons = reasons_against(day, checks, stale)
    today = now.astimezone(UTC).strftime("%Y-%m-%d")  # a day that is not over is neither lost nor released
    failed_before = [] if day in changes["held_back"] else [one["reason"] for one in checks if not one["passed"]]
    return compose(
        News(
            day=day,
            reasons=reasons,
            alerts=withheld(settings).hide(published.alerts_to_tell(changed, newly, changes["released"])),
            released=[one for one in changes["released"] if one < today],
            held_back=[one for one in changes["held_back"] if one < today],
            all_held_back=[one for one in held if one["day"] < today],
            stale=[str(one) for one in stale],
            known=failed_before if day < today else reasons,
        )
    )


def stale_now(warehouse: Reader | Warehouse, now: datetime) -> list[Stale]:
    """Sources that broke their promise by what the warehouse knows of them.

    now  wall clock, with time zone
    """
    return stale_sources(judged_days.freshness(warehouse), now, _rules()["gone_days"])


def _home(settings: Settings) -> Home:
    from pipeline.tasks.home import Home

    return Home(settings)


def _rules() -> Record:
    """Of the gate's rules and words those that a report needs."""
    rules: Record = from_files("gate", _read_rules)
    return rules


def _read_rules() -> Record:
    from pipeline.publish.coverage import NO_FIXES
    from pipeline.publish.rules import load_gate_rules

    coverage = load_gate_rules().coverage
    return {"gone_days": coverage.gone_days, "least_days": coverage.least_days, "no_fixes": NO_FIXES}


def _undated(settings: Settings) -> list[str]:
    """Names of the files of no known day; there are none where every file with rows says from when on they are."""
    with asking(settings.home) as catalog:
        if not catalog.execute("select 1 from source_file where rows_read > 0 and from_at is null limit 1").fetchone():
            return []
    undated: list[str] = from_home("undated", "", lambda: _find_undated(settings), settings.home, settings.database_url)
    return undated


def _find_undated(settings: Settings) -> list[str]:
    from pipeline.publish.file_checks import standing_files
    from pipeline.state.source_days import file_days

    home = _home(settings)
    undated = standing_files(home.lake.source_files(), file_days(home.lake.catalog)).undated
    names: list[str] = undated["name"].tolist()
    return names
