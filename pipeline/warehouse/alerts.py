"""What the warehouse says of alerts: the queue, all of them, one in full, and those that bear on a claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.plain import Record, plain
from pipeline.warehouse.alert_ids import find_alert
from pipeline.warehouse.reviewed import with_changes

if TYPE_CHECKING:
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

_STANDING = "select * from alert_queue order by score desc, began_at desc, alert_id"
_EVERY = (
    "select alert.alert_id, case when withdrawn_at is not null then 'withdrawn'"
    " when alert.alert_id in (select alert_id from held_back_alert) then 'held back' else 'standing' end as status,"
    " grade, score,"
    " pattern_id, vessel_id, vessel_name, imo, mmsi, began_at, ended_at, origin_zone_id, destination_zone_id, headline,"
    " synthetic, licence, first_raised_at, withdrawn_at, withdrawn_reason, last_decision,"
    " last_reviewer, last_decided_at, evidence_changed"
    " from alert left join alert_decision on alert_decision.alert_id = alert.alert_id"
    " order by withdrawn_at is not null, score desc, began_at desc, alert.alert_id"
)
_SPANS = (
    "select alert.alert_id, alert.mmsi, min(alert.began_at) as began_at, max(alert.ended_at) as ended_at,"
    " min(alert_track.timestamp) as first_at, max(alert_track.timestamp) as last_at from alert"
    " left join alert_track on alert_track.alert_id = alert.alert_id"
    " group by alert.alert_id, alert.mmsi order by alert.alert_id"
)
_LAST_DECISION = (
    "select alert.alert_id, alert.mmsi, alert.vessel_name, decision, reviewer from lineage_review"
    " join alert on alert.alert_id = lineage_review.alert_id"
    " where lineage_review.alert_id = :id order by decided_at desc, review_id desc limit 1"
)
_OF_ALERT = {
    "evidence": "select * from alert_evidence where alert_id = :id order by weight desc, role",
    "calibration": "select calibration.* from calibration join alert on alert.pattern_id = calibration.pattern_id"
    " and alert.score >= score_from and alert.score < score_to where alert_id = :id",
    "cargo": "select * from alert_cargo where alert_id = :id",
    "law": "select authority, answer, measure_id, paragraph, reason, judged_at, verified from legal_assessment"
    " where subject_table = 'alert' and subject_id = :id order by authority, measure_id",
    "claims": "select alert_claim.claim_id, relation, reason, statement from alert_claim"
    " join claim on claim.claim_id = alert_claim.claim_id where alert_id = :id"
    " order by relation = 'context', relation, alert_claim.claim_id",
    "reception": "select provider_reception.* from provider_reception join alert on"
    " (provider_reception.imo = alert.imo or (alert.imo is null and provider_reception.imo is null"
    " and provider_reception.mmsi = alert.mmsi)) where alert_id = :id and not alert.synthetic"
    " and from_at <= ended_at and to_at > began_at order by provider, from_at, ship",
    "track": "select * from alert_track where alert_id = :id order by sequence",
    "reviews": "select * from lineage_review where alert_id = :id order by decided_at, review_id",
    "succeeded_by": "select successor_alert_id from alert_succession where alert_id = :id order by 1",
    "succeeds": "select alert_id from alert_succession where successor_alert_id = :id order by 1",
}


def alert_queue(warehouse: Reader | Warehouse) -> list[Record]:
    """Alerts to be read today: standing, and not reviewed with the evidence they have now."""
    return plain(warehouse.rows(_STANDING))


def every_alert(warehouse: Reader | Warehouse) -> list[Record]:
    """All alerts, standing and withdrawn."""
    return plain(warehouse.rows(_EVERY))


def held_back(warehouse: Reader | Warehouse) -> Record:
    """How many `alerts` the quality gate keeps from the queue, and of how many `days`."""
    counts = "select count(*) as alerts, count(distinct day) as days from held_back_alert"
    return plain(warehouse.rows(counts))[0]


def last_decision(warehouse: Reader | Warehouse, alert_id: str) -> Record | None:
    """alert_id, mmsi and vessel_name of an alert, with the `decision` and `reviewer` of its last review, be it of one
    that it took the place of; None for what is none or was never reviewed."""
    found = plain(warehouse.rows(_LAST_DECISION, {"id": alert_id}))
    return found[0] if found else None


def alert_in_full(warehouse: Reader | Warehouse, given: str) -> Record:
    """One alert with its evidence, what she may have carried, what the law says, the claims it bears on, `reception`
    (how much of her voyages of the time providers received: PROVIDER_RECEPTION), its track, reviews (each with what
    changed in the evidence since: `reviewed.with_changes`) and succession.

    given   its id, or a beginning that no other alert has
    raises  InputError for an unknown alert, naming near ones
    """
    alert_id = find_alert(warehouse, given)
    alert = plain(warehouse.rows("select * from alert where alert_id = :id", {"id": alert_id}))[0]
    answers = {name: plain(warehouse.rows(sql, {"id": alert_id})) for name, sql in _OF_ALERT.items()}
    return {"alert": alert, **answers, "reviews": with_changes(warehouse, answers, alert)}


def claims(warehouse: Reader | Warehouse) -> list[Record]:
    """claim_id and label of every claim, in order of claim_id."""
    return warehouse.rows("select claim_id, label from claim order by claim_id")


def bearings(warehouse: Reader | Warehouse) -> list[Record]:
    """alert_id and claim_id: which alerts bear on which claims, whichever way."""
    return warehouse.rows("select alert_id, claim_id from alert_claim")


def spans_of_alerts(warehouse: Reader | Warehouse) -> list[Record]:
    """alert_id, mmsi, from_at, to_at (ISO, UTC) of every alert, standing or withdrawn, with the track around it."""
    spans = []
    for row in plain(warehouse.rows(_SPANS)):
        times = [row[name] for name in ("began_at", "ended_at", "first_at", "last_at") if row[name]]
        spans.append({"alert_id": row["alert_id"], "mmsi": row["mmsi"], "from_at": min(times), "to_at": max(times)})
    return spans
