"""Step that only reads: what the quality gate says of the landed days, as plain values."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipeline.contracts import DAY_CHECK
from pipeline.lake.catalog import asking
from pipeline.plain import Record, plain
from pipeline.publish.promises import Stale, broken_promises, why_not_published
from pipeline.remembered import from_files, from_home
from pipeline.tasks.warehouse_stamp import ask_filled

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse


def gate_report(settings: Settings, day: str | None, *, now: datetime) -> Record:
    """What the gate says, as plain values; nothing is written.

    day      one UTC day: `day`, `published`, `reasons`, `checks` (DAY_CHECK) and `stale`
    returns  without a day: `days` judged, `first_day`, `last_day`, `held_back` (day and reasons, newest first),
             `held_back_alerts`, `stale`, `undated`: files without a usable row that no day can be held back for, and
             `without_habit` and `without_fixes`: of the days, those whose fixes could be compared with nothing, because
             there are fewer than `least_days` same weekdays before them, or because no fixes have landed for them
    """
    with ask_filled(settings) as warehouse:
        stale = stale_of(warehouse, now)
        told = [str(one) for one in stale]
        if day is not None:
            checks = _checks_of(warehouse, day)
            failed = [one["reason"] for one in checks if not one["passed"]]
            reasons = why_not_published(day, failed, stale, judged=bool(checks))
            return {"day": day, "published": not reasons, "reasons": reasons, "checks": checks, "stale": told}
        (judged,) = plain(warehouse.rows("select count(*) as days, min(day) as f, max(day) as l from judged_day"))
        held = days_held_back(warehouse)
        (alerts,) = warehouse.rows("select count(*) as alerts from held_back_alert")
        bare = warehouse.rows("select day, reason from day_check where check_name = 'coverage' and habit is null")
    rules = _rules()
    no_fixes = [str(one["day"]) for one in bare if one["reason"] == rules["no_fixes"]]
    return {
        "days": judged["days"], "first_day": judged["f"], "last_day": judged["l"], "held_back": held,
        "held_back_alerts": alerts["alerts"], "stale": told, "undated": _undated(settings),
        "without_habit": sorted(str(one["day"]) for one in bare if one["reason"] != rules["no_fixes"]),
        "without_fixes": sorted(no_fixes),
        "least_days": rules["least_days"],
    }  # fmt: skip


def stale_of(warehouse: Reader | Warehouse, now: datetime) -> list[Stale]:
    """Sources that broke their promise by what the warehouse knows of them; generated data promises nothing.

    now  wall clock, with time zone
    """
    days = warehouse.rows("select source, cast(max(day) as text) as last_at from source_day group by source")
    answered = {one["source"]: one["last_at"] for one in plain(days)}  # also with an empty listing
    promised = []
    for one in plain(warehouse.rows("select source, synthetic, last_data_at, promise_hours from freshness")):
        last = [datetime.fromisoformat(at) for at in (one["last_data_at"], answered.get(one["source"])) if at]
        if last and one["promise_hours"] is not None and not one["synthetic"]:
            promised.append((one["source"], max(last), one["promise_hours"]))
    return broken_promises(promised, now, _rules()["gone_days"])


def days_held_back(warehouse: Reader | Warehouse) -> list[dict[str, Any]]:
    """Days held back, newest first, each with its reasons."""
    held: dict[str, list[str]] = {}
    for one in warehouse.rows("select day, reason from held_back order by day desc, check_name, subject"):
        held.setdefault(str(one["day"]), []).append(one["reason"])
    return [{"day": day, "reasons": reasons} for day, reasons in held.items()]


def _checks_of(warehouse: Reader | Warehouse, day: str) -> list[Record]:
    """DAY_CHECK of a day, sorted by key."""
    names = ", ".join(DAY_CHECK.names)
    checks = plain(warehouse.rows(f"select {names} from day_check where cast(day as text) = :day", {"day": day}))
    return sorted(checks, key=lambda one: (one["check_name"], one["subject"]))


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
    from pipeline.tasks.home import Home

    home = Home(settings)
    undated = standing_files(home.lake.source_files(), file_days(home.lake.catalog)).undated
    names: list[str] = undated["name"].tolist()
    return names
