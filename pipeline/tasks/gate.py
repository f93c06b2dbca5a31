"""Step: the quality gate. Judge the landed days, say what is published, tell people, ask about strong alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from pandas import DataFrame, concat

from pipeline.contracts import DAY_CHECK, SOURCE_DAY
from pipeline.plain import records
from pipeline.publish.file_checks import standing_files
from pipeline.publish.gate import Publication, check_days, reasons_against
from pipeline.publish.notices import News, Notice, ask_to_review, compose, failure_notice
from pipeline.publish.rules import GateRules
from pipeline.state.outbox import acknowledge, enqueue, pending
from pipeline.state.source_days import file_days, source_days
from pipeline.tasks.gate_report import days_held_back, gate_report, stale_of
from pipeline.tasks.reports import alert_report
from pipeline.tasks.warehouse_stamp import open_filled
from pipeline.warehouse.models import model, time_text
from pipeline.warehouse.review import add_requests, remove_request
from pipeline.warehouse.run_log import note_once
from pipeline.warehouse.scope import Among, Where
from pipeline.warehouse.store import Changes, Warehouse, open_warehouse

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.tasks.home import Home


class _Report(Protocol):
    """What a run did, as `running.RunReport` says it."""

    def as_dict(self) -> Mapping[str, Any]: ...


__all__ = [
    "Judged",
    "Notice",
    "Publication",
    "alerts_to_ask",
    "close_question",
    "days_of_alerts",
    "days_to_announce",
    "failure_notice",
    "gate_report",
    "judge_days",
    "note_announced",
    "note_asked",
    "note_judged",
    "notice",
    "publication",
    "why_closed",
]

WITHDRAWN = "the alert was withdrawn"
CHANGED = "the evidence of the alert changed"
DECIDED = "it was decided elsewhere"

# The day whose data established an alert, as held_back_alert has it.
_OF_DAY = (
    "join judged_day on judged_day.day < substr(cast(alert.known_at as text), 1, 10)"
    " and substr(cast(alert.known_at as text), 1, 10) <= judged_day.until_day"
)
_ALERTS = (
    "select alert.*, judged_day.day, coalesce(judged_day.failed, 0) as failed,"
    " case when alert.withdrawn_at is not null then 'withdrawn'"
    " when alert.first_raised_at = pipeline_run.started_at then 'new' else 'changed' end as fate"
    f" from alert left {_OF_DAY} left join pipeline_run on pipeline_run.pipeline_run_id = alert.pipeline_run_id"
)
_TO_ASK = (
    f"select alert.alert_id, alert.evidence_hash, judged_day.day from alert {_OF_DAY}"
    " join alert_queue on alert_queue.alert_id = alert.alert_id"
    " left join review_request on review_request.alert_id = alert.alert_id"
    " and review_request.evidence_hash = alert.evidence_hash"
    " where alert.grade = 'strong' and review_request.alert_id is null"
    " and (cast(:day as text) is null or judged_day.day = :day)"
    " order by alert.score desc, alert.alert_id"
)


@dataclass(frozen=True)
class Judged:
    """What judging the landed days did: rows written, and days whose publication is not what it was when the last run
    ended; `failed` are all checks that failed (DAY_CHECK)."""

    wrote: Changes
    released: list[str]
    held_back: list[str]
    failed: DataFrame

    @property
    def changed(self) -> bool:
        """Whether any day's publication changed."""
        return bool(self.released or self.held_back)

    def reasons(self, days: Sequence[str], most: int = 3) -> str | None:
        """Why these days are held back, in a line; None if none of them is."""
        held = self.failed[self.failed["day"].isin(days)].drop_duplicates("day")
        told = [f"{day}: {reason}" for day, reason in zip(held["day"], held["reason"], strict=True)]
        more = f"; and {len(told) - most} more days" if len(told) > most else ""
        return "; ".join(told[:most]) + more or None


def judge_days(home: Home, warehouse: Warehouse, rules: GateRules, files: DataFrame) -> Judged:
    """Bring `source_day` and `day_check` up to date with what has landed.

    files  SOURCE_FILE
    """
    home.provider_events.process_parts()
    given = source_days(home.lake.catalog)
    checks = check_days(given, standing_files(files, file_days(home.lake.catalog)), rules)
    failed = checks[~checks["passed"]]
    with warehouse.transaction():
        wrote = warehouse.sync(SOURCE_DAY, given) + warehouse.sync(DAY_CHECK, checks)
    before, now = set((home.run_state.get("days_held_back") or "").split()), set(failed["day"])
    return Judged(wrote, sorted((before - now) & set(checks["day"])), sorted(now - before), failed)


def note_judged(home: Home, judged: Judged) -> None:
    """Remember, at the end of a run, which days are held back, and what became of them in it."""
    home.run_state.note(
        days_held_back=" ".join(judged.failed["day"].unique()),
        released=" ".join(judged.released),
        held_back=" ".join(judged.held_back),
    )


def publication(settings: Settings, day: str, *, now: datetime) -> Publication:
    """Whether a UTC day is published: its checks passed, and no source that broke its promise still owes it.

    now  wall clock, with time zone: a promise is about it. A day withheld because of one is noted in `pipeline_run`;
         what the checks of the day said was noted by the run that judged it
    """
    from pipeline.tasks.home import Home

    with open_filled(settings) as warehouse:
        checks, stale = _checks_of(warehouse, day), stale_of(warehouse, now)
        raised = warehouse.query(f"{_ALERTS} where alert.withdrawn_at is null and judged_day.day = :day", {"day": day})
    reasons = reasons_against(day, checks, stale)
    if len(checks) and checks["passed"].all() and reasons:
        with open_warehouse(settings.database_url) as warehouse:
            note_once(warehouse, now, command="gate", status="withheld", message=f"{day}: {'; '.join(reasons)}")
    noted = Home(settings).run_state
    released, held_back = ((noted.get(what) or "").split() for what in ("released", "held_back"))
    raised = raised.sort_values(["score", "alert_id"], ascending=[False, True])
    return Publication(
        day, not reasons, reasons, released, held_back, [str(one) for one in stale], raised["alert_id"].tolist()
    )


def enqueue_days(home: Home, warehouse: Warehouse, run_id: str, days: set[str]) -> None:
    """Put days that a run changed into the outbox, with those whose alerts it raised, changed or withdrew."""
    of_alerts = warehouse.query(f"{_ALERTS} where alert.pipeline_run_id = :run", {"run": run_id})["day"].dropna()
    enqueue(home.lake.catalog, sorted(days.union(of_alerts)), run_id)


def days_to_announce(settings: Settings, *, now: datetime) -> dict[str, str]:
    """Changed UTC days that are to be announced and are published now; the others wait in the outbox.

    now      wall clock, with time zone: a day that is not over is not announced, nor one that a source which broke its
             promise still owes
    returns  day to stamp, in order of days, for `note_announced`
    """
    from pipeline.tasks.home import Home

    waiting = pending(Home(settings).lake.catalog)
    today = now.astimezone(UTC).strftime("%Y-%m-%d")
    over = [day for day in waiting if day < today]
    if not over:
        return {}
    with open_filled(settings) as warehouse:
        checks, stale = warehouse.read(DAY_CHECK, Among("day", over)), stale_of(warehouse, now)
    by_day = dict(iter(checks.groupby("day")))
    return {day: waiting[day] for day in over if day in by_day and not reasons_against(day, by_day[day], stale)}


def note_announced(settings: Settings, days: Mapping[str, str]) -> None:
    """Take announced days out of the outbox; one that changed again since stays.

    days  as `days_to_announce` gave them, or some of them
    """
    from pipeline.tasks.home import Home

    acknowledge(Home(settings).lake.catalog, days)


def days_of_alerts(settings: Settings, pipeline_run_id: str) -> list[str]:
    """Published UTC days whose alerts a run raised, changed or withdrew."""
    with open_filled(settings) as warehouse:
        found = warehouse.query(f"{_ALERTS} where alert.pipeline_run_id = :run", {"run": pipeline_run_id})
    return sorted(set(found.loc[found["failed"] == 0, "day"].dropna()))


# ------------------------------------------------------------------------------------------------- telling people


def notice(
    settings: Settings,
    day: str,
    report: _Report | Mapping[str, Any],
    *,
    now: datetime | None = None,
    since: datetime | None = None,
) -> Notice | None:
    """What to tell people after a run for a UTC day; None if nothing is new, withdrawn, released or held back.

    report  the run's report, or its `as_dict`
    now     wall clock, with time zone, for promises; None: asked here
    since   alerts of the day that changed since then are told as well: those of a run whose report was lost
    """
    told = report if isinstance(report, Mapping) else report.as_dict()
    now = now or datetime.now(UTC)
    with open_filled(settings) as warehouse:
        changed = _changed_alerts(warehouse, day, told, since)
        checks, stale = _checks_of(warehouse, day), stale_of(warehouse, now)
        held = days_held_back(warehouse)
    reasons = reasons_against(day, checks, stale)
    today = now.astimezone(UTC).strftime("%Y-%m-%d")  # a day that is not over is neither lost nor released
    stood = [] if day in told["held_back"] else checks.loc[~checks["passed"], "reason"].tolist()
    return compose(
        News(
            day=day,
            reasons=reasons,
            alerts=changed,
            released=[one for one in told["released"] if one < today],
            held_back=[one for one in told["held_back"] if one < today],
            all_held_back=[one for one in held if one["day"] < today],
            stale=[str(one) for one in stale],
            known=stood if day < today else reasons,
        )
    )


def _changed_alerts(
    warehouse: Warehouse, day: str, report: Mapping[str, Any], since: datetime | None
) -> list[dict[str, Any]]:
    """Alerts with `fate` (new to a reader, changed or withdrawn) and `published`, strongest first."""
    found = [warehouse.query(f"{_ALERTS} where alert.pipeline_run_id = :run", {"run": report["pipeline_run_id"]})]
    if since is not None:
        later = f"{_ALERTS} where judged_day.day = :day and cast(pipeline_run.started_at as text) >= :since"
        found.append(warehouse.query(later, {"day": day, "since": time_text(since)}))
    if report["released"]:
        standing = warehouse.query(f"{_ALERTS} where alert.withdrawn_at is null and judged_day.failed = 0")
        found.insert(0, standing[standing["day"].isin(report["released"])].assign(fate="new"))
    alerts = concat(found, ignore_index=True).drop_duplicates("alert_id")
    alerts = alerts.assign(published=alerts["failed"] == 0)
    return records(alerts.sort_values(["score", "alert_id"], ascending=[False, True]))


# ------------------------------------------------------------------------------------------------- asking people


def alerts_to_ask(settings: Settings, day: str | None = None, *, now: datetime) -> list[dict[str, str]]:
    """Strong alerts that a person should decide on: of published days, in the queue (new, or with other evidence than
    was reviewed), and not asked about with this evidence.

    day      only alerts that the data of this UTC day established; None: all
    now      wall clock, with time zone: a source that broke its promise keeps the days it owes from being asked about
    returns  alert_id, evidence_hash, subject and body (Markdown), strongest first
    """
    with open_filled(settings) as warehouse:
        stale = stale_of(warehouse, now)
        asked = records(warehouse.query(_TO_ASK, {"day": day}))
    return [
        {
            "alert_id": one["alert_id"],
            "evidence_hash": one["evidence_hash"],
            **ask_to_review(alert_report(settings, one["alert_id"])),
        }
        for one in asked
        if not any(late.holds_back(one["day"]) for late in stale)
    ]


def note_asked(settings: Settings, asked: Sequence[Mapping[str, str]], now: datetime) -> None:
    """Remember what a person was asked, as `alerts_to_ask` gave it; asked twice is noted once.

    now  wall clock, with time zone
    """
    with open_warehouse(settings.database_url) as warehouse:
        add_requests(warehouse, asked, now)


def why_closed(settings: Settings, alert_id: str, evidence_hash: str) -> str | None:
    """Why a person need no longer decide on an alert with the evidence that was put to them: it rests on other evidence
    now, was withdrawn, or was decided elsewhere; None while the question stands."""
    with open_filled(settings) as warehouse:
        now = records(
            warehouse.query("select evidence_hash, withdrawn_at from alert where alert_id = :id", {"id": alert_id})
        )
        decided = "select 1 from lineage_review where alert_id = :id and evidence_hash = :shown"
        reviews = warehouse.query(decided, {"id": alert_id, "shown": evidence_hash})
    if not now or now[0]["withdrawn_at"]:
        return WITHDRAWN
    if now[0]["evidence_hash"] != evidence_hash:
        return CHANGED
    return DECIDED if len(reviews) else None


def close_question(settings: Settings, alert_id: str, evidence_hash: str) -> str | None:
    """Note that a question ended without an answer; give why, as `why_closed` does.

    Where its alert was withdrawn or rests on other evidence, the question counts as never asked: should the alert rest
    on this evidence again, it is asked again.
    """
    why = why_closed(settings, alert_id, evidence_hash)
    if why in (WITHDRAWN, CHANGED):
        with open_warehouse(settings.database_url) as warehouse:
            remove_request(warehouse, alert_id, evidence_hash)
    return why


# ------------------------------------------------------------------------------------------------------- inside


def _checks_of(warehouse: Warehouse, day: str) -> DataFrame:
    return warehouse.read(DAY_CHECK, Where(model(DAY_CHECK).c.day == day))
