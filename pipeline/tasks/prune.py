"""Task: let go of what the warehouse does not need any more: raw bytes and positions of settled days."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.lake.disk import disk_failures
from pipeline.lake.pruned import KINDS, PrunedPart, parts_to_prune, prune_day, prune_raw, pruned_days, raw_to_prune
from pipeline.plain import Record
from pipeline.tasks.home import Home
from pipeline.tasks.warehouse_stamp import ask_filled
from pipeline.warehouse.alerts import spans_of_alerts

if TYPE_CHECKING:
    from pipeline.settings import Settings


def prune(settings: Settings, before: datetime, *, dry_run: bool, progress: Callable[[str], None]) -> Record:
    """Prune raw files and positions of UTC days before a day; no row of the warehouse changes.

    Of each day the positions stay of ships that were near others, for encounters may be found again once a ship's
    identity shows, and of ships that an alert is about, while it lasted. The last day before `before` stays whole: the
    first hours of the next rest on it. What days were compressed to (runs, coverage) stays.

    returns  `days` (pruned now), `from_day`, `to_day`, `closed_until` (the last day that no file may change then),
             `bytes` by kind: `before`, `after` (of a dry run an estimate for positions), `kept_rows`, `rows`, `alerts`
             whose raw lines go with it
    raises   InputError if a run has work to do first, or the warehouse is not this home's; SourceUnavailable if the
             disk is full, or the bucket's server does not answer: days done so far stay pruned
    """
    home = Home(settings)
    limit = _limit(home, before)
    _see_settled(settings)
    if dry_run:
        return _pruned(home, settings, limit, dry_run=True, progress=progress)
    remedy = "days done so far are pruned: free some space and run the same command again"
    with disk_failures(settings.home, remedy), home.writing(progress), home.lake.landing_lock(progress):
        _see_settled(settings)  # again: a run or a landing may have come first
        return _pruned(home, settings, limit, dry_run=False, progress=progress)


def _limit(home: Home, before: datetime) -> str:
    """The first UTC day whose positions stay."""
    landed = sorted(home.lake.fixes_by_day())
    if not landed:
        raise InputError(f"{home.settings.home}: no positions have landed; there is nothing to prune")
    day = before.date()
    if day.isoformat() > landed[-1]:
        raise InputError(
            f"--before {day}: the newest day with positions is {landed[-1]}; expected a day up to it, for what it and "
            "the day before it hold is needed by the next one"
        )
    return (day - timedelta(days=1)).isoformat() if day > date.min else day.isoformat()


def _see_settled(settings: Settings) -> None:
    """raises  InputError unless everything that has landed is derived and judged, in the warehouse of this home"""
    from pipeline.tasks.plan import planned

    ask_filled(settings).close()
    work = planned(settings)
    if work:
        raise InputError(f"not everything is derived yet ({work[0].reason}); `coalwatch run` first, nothing was pruned")


def _pruned(home: Home, settings: Settings, limit: str, *, dry_run: bool, progress: Callable[[str], None]) -> Record:
    from pipeline.tasks.meetings import ships_near_others

    lake = home.lake
    standing = pruned_days(lake.catalog)
    days = [day for day in lake.landed_days() if day < limit and day not in standing]
    progress(f"pruning: who was near whom on {len(days)} days")
    keep, alerts = ships_near_others(home, days), _alerts(settings)
    for day, ships in keep.items():
        ships.update(one["mmsi"] for one in alerts if one["from_at"][:10] <= day <= one["to_at"][:10])
    raw = raw_to_prune(lake, limit)
    parts: list[PrunedPart] = []
    with TemporaryDirectory(prefix="coalwatch-") as spill:
        if dry_run:
            parts += parts_to_prune(lake, limit, keep)
        else:
            for day in days:
                progress(f"pruning: {day}")
                parts += prune_day(lake, day, keep[day], Path(spill))
            prune_raw(lake, raw)
    return _report(
        days, parts, sum(raw.values()), [one for one in alerts if one["from_at"][:10] < limit], dry_run=dry_run
    )


def _report(
    days: list[str], parts: Iterable[PrunedPart], raw_bytes: int, alerts: list[Record], *, dry_run: bool
) -> Record:
    kinds: dict[str, dict[str, int]] = {"raw": {"before": raw_bytes, "after": 0}}
    rows = {"rows": 0, "kept_rows": 0}
    for kind in KINDS:
        of_kind = [part for part in parts if part.kind == kind]
        kinds[kind] = {"before": sum(part.bytes for part in of_kind), "after": sum(part.left for part in of_kind)}
        if kind == "positions":
            rows = {"rows": sum(part.rows for part in of_kind), "kept_rows": sum(part.kept for part in of_kind)}
    return {
        "days": len(days),
        "from_day": days[0] if days else None,
        "to_day": days[-1] if days else None,
        "closed_until": (date.fromisoformat(days[-1]) + timedelta(days=1)).isoformat() if days else None,
        "bytes": kinds,
        **rows,
        "alerts": sorted(one["alert_id"] for one in alerts),
        "dry_run": dry_run,
    }


def _alerts(settings: Settings) -> list[Record]:
    with ask_filled(settings) as warehouse:
        return spans_of_alerts(warehouse)
