"""What the warehouse says of days as the quality gate judged them, and of the alerts that their data established."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipeline.contracts import DAY_CHECK
from pipeline.plain import Record, plain

if TYPE_CHECKING:
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

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


def checks_of(warehouse: Reader | Warehouse, days: Sequence[str]) -> dict[str, list[Record]]:
    """DAY_CHECK of days, sorted by key; a day without checks is left out."""
    names = ", ".join(DAY_CHECK.names)
    ask = f"select {names} from day_check where cast(day as text) between :first and :last"
    found: dict[str, list[Record]] = {}
    wanted = set(days)
    for one in plain(warehouse.rows(ask, {"first": min(days), "last": max(days)}) if days else []):
        if one["day"] in wanted:
            found.setdefault(one["day"], []).append(one)
    return {day: sorted(rows, key=lambda one: (one["check_name"], one["subject"])) for day, rows in found.items()}


def days_held_back(warehouse: Reader | Warehouse) -> list[dict[str, Any]]:
    """Days held back, newest first, each with its reasons."""
    held: dict[str, list[str]] = {}
    for one in warehouse.rows("select day, reason from held_back order by day desc, check_name, subject"):
        held.setdefault(str(one["day"]), []).append(one["reason"])
    return [{"day": day, "reasons": reasons} for day, reasons in held.items()]


def days_judged(warehouse: Reader | Warehouse) -> Record:
    """How many `days` were judged, `first_day` and `last_day` of them, and `held_back_alerts`: how many alerts wait."""
    (judged,) = plain(warehouse.rows("select count(*) as days, min(day) as f, max(day) as l from judged_day"))
    (alerts,) = warehouse.rows("select count(*) as alerts from held_back_alert")
    return {
        "days": judged["days"],
        "first_day": judged["f"],
        "last_day": judged["l"],
        "held_back_alerts": alerts["alerts"],
    }


def days_without_habit(warehouse: Reader | Warehouse) -> list[Record]:
    """`day` and `reason` of those whose fixes could be compared with nothing."""
    bare = warehouse.rows(
        "select day, reason from day_check where check_name = 'coverage' and habit is null order by 1"
    )
    return [{"day": str(one["day"]), "reason": one["reason"]} for one in bare]


def freshness(warehouse: Reader | Warehouse) -> list[Record]:
    """When each source gave data last: source, synthetic, last_data_at (ISO, UTC; null if never), promise_hours.

    An answer counts as data, though its listing was empty.
    """
    days = warehouse.rows("select source, cast(max(day) as text) as last_at from source_day group by source")
    answered = {one["source"]: one["last_at"] for one in plain(days)}
    rows = []
    for one in plain(
        warehouse.rows("select source, synthetic, last_data_at, promise_hours from freshness order by 1, 2")
    ):
        last = [at for at in (one["last_data_at"], answered.get(one["source"])) if at]
        rows.append(one | {"last_data_at": max(last, default=None, key=datetime.fromisoformat)})
    return rows


def alerts_of_run(warehouse: Reader | Warehouse, pipeline_run_id: str) -> list[Record]:
    """Alerts that a run raised, changed or withdrew.

    returns  ALERT with the `day` whose data established it (null if none was judged), `failed`: how many checks of that
             day did, and `fate`: new, changed or withdrawn
    """
    return _alerts(warehouse, "alert.pipeline_run_id = :run", {"run": pipeline_run_id})


def alerts_changed_since(warehouse: Reader | Warehouse, day: str, since: datetime) -> list[Record]:
    """Alerts of a UTC day that changed since a moment (with zone), as `alerts_of_run` gives them."""
    from pipeline.warehouse.models import time_text

    later = "judged_day.day = :day and pipeline_run.started_at >= :since"
    return _alerts(warehouse, later, {"day": day, "since": time_text(since)})


def standing_alerts_of(warehouse: Reader | Warehouse, day: str) -> list[Record]:
    """Alerts of a UTC day that stand, as `alerts_of_run` gives them."""
    return _alerts(warehouse, "alert.withdrawn_at is null and judged_day.day = :day", {"day": day})


def published_alerts(warehouse: Reader | Warehouse) -> list[Record]:
    """Alerts that stand and are of days not held back, as `alerts_of_run` gives them."""
    return _alerts(warehouse, "alert.withdrawn_at is null and judged_day.failed = 0", {})


def alerts_to_ask_about(warehouse: Reader | Warehouse, day: str | None) -> list[Record]:
    """alert_id, evidence_hash and day of strong alerts in the queue that nobody was asked about with this evidence.

    day  only alerts that the data of this UTC day established; None: all
    """
    return plain(warehouse.rows(_TO_ASK, {"day": day}))


def evidence_now(warehouse: Reader | Warehouse, alert_id: str) -> Record | None:
    """evidence_hash and withdrawn_at of an alert; None if it is unknown."""
    ask = "select evidence_hash, withdrawn_at from alert where alert_id = :id"
    return next(iter(plain(warehouse.rows(ask, {"id": alert_id}))), None)


def is_decided(warehouse: Reader | Warehouse, alert_id: str, evidence_hash: str) -> bool:
    """Whether an alert rests on this evidence, and a decision that was made with it stands."""
    decided = (
        "select 1 from alert_decision join alert on alert.alert_id = alert_decision.alert_id"
        " where alert.alert_id = :id and alert.evidence_hash = :shown and not alert_decision.evidence_changed"
    )
    return bool(warehouse.rows(decided, {"id": alert_id, "shown": evidence_hash}))


def is_asked_otherwise(warehouse: Reader | Warehouse, alert_id: str, evidence_hash: str) -> bool:
    """Whether a person was asked about an alert with other evidence, of which there is no review."""
    asked = (
        "select 1 from review_request as asked where alert_id = :id and evidence_hash <> :shown and not exists"
        " (select 1 from review where review.alert_id = asked.alert_id and review.evidence_hash = asked.evidence_hash)"
    )
    return bool(warehouse.rows(asked, {"id": alert_id, "shown": evidence_hash}))


def _alerts(warehouse: Reader | Warehouse, where: str, params: Mapping[str, Any]) -> list[Record]:
    return plain(warehouse.rows(f"{_ALERTS} where {where} order by alert.score desc, alert.alert_id", params))
