"""Reviews: what a person decided about an alert; appended, never changed (the database itself refuses that)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd

from pipeline.contracts import ALERT, REVIEW, REVIEW_REQUEST
from pipeline.errors import InputError
from pipeline.warehouse.alert_ids import find_alert
from pipeline.warehouse.scope import Among, Matching
from pipeline.warehouse.store import Warehouse

DECISIONS = ("confirmed", "dismissed", "escalated", "needs_more")


def add_review(
    warehouse: Warehouse,
    alert_id: str,
    reviewer: str,
    decision: str,
    note: str | None,
    now: datetime,
    evidence_hash: str | None = None,
) -> str:
    """Append a decision about the alert, with the hash of its evidence as the reviewer saw it.

    alert_id       its id, or a beginning that no other alert has
    now            wall clock, with time zone
    evidence_hash  the evidence that was put to the reviewer (REVIEW_REQUEST), where it may have changed since: the
                   alert then stays in the queue, marked "evidence changed"; None: as it is now
    returns        review_id, made of alert, reviewer, decision, note and moment: the same review twice is one
    raises         InputError for an unknown alert or decision, an empty reviewer, or evidence that nobody was asked
                   about, listing what would do
    """
    if decision not in DECISIONS:
        raise InputError(f'decision is "{decision}"; expected one of {", ".join(DECISIONS)}')
    if not reviewer.strip():
        raise InputError("reviewer is empty; expected the name of who decides")
    for name, text in (("reviewer", reviewer), ("note", note or "")):
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise InputError(f"{name} holds what is no text (a null, or half a letter); expected UTF-8")
    moment = pd.Timestamp(now).tz_convert("UTC").as_unit("us")
    alert_id = find_alert(warehouse, alert_id)
    words = "\x1f".join([alert_id, reviewer, decision, note or "", moment.isoformat()])
    review_id = "review-" + hashlib.sha256(words.encode()).hexdigest()[:16]
    with warehouse.transaction():
        alert = warehouse.read(ALERT, Among("alert_id", [alert_id]))
        now_holds = str(alert["evidence_hash"].iloc[0])
        if evidence_hash not in (None, now_holds, *_asked_about(warehouse, alert_id)):
            raise InputError(
                f"alert {alert_id}: nobody was asked about evidence {evidence_hash}; expected {now_holds}, which it "
                "rests on now, or one of review_request"
            )
        row = {
            "review_id": review_id,
            "alert_id": alert_id,
            "reviewer": reviewer.strip(),
            "decided_at": moment,
            "decision": decision,
            "note": note,
            "evidence_hash": evidence_hash or now_holds,
        }
        warehouse.sync(REVIEW, pd.DataFrame([row]), Among("review_id", [review_id]))
    return review_id


def last_decisions(warehouse: Warehouse, as_of: datetime | None = None) -> pd.DataFrame:
    """What was decided last about each alert, or about those it takes the place of.

    as_of    only what was decided by then (UTC); None: everything
    returns  alert_id, decision, evidence_hash (of the alert as it was reviewed)
    """
    rows = warehouse.query("select alert_id, decision, evidence_hash, decided_at, review_id from lineage_review")
    rows = rows.assign(decided_at=pd.to_datetime(rows["decided_at"], utc=True, format="ISO8601"))
    if as_of is not None:
        rows = rows[rows["decided_at"] <= as_of]
    rows = rows.sort_values(["decided_at", "review_id"], kind="stable").drop_duplicates("alert_id", keep="last")
    return rows[["alert_id", "decision", "evidence_hash"]]


def add_requests(warehouse: Warehouse, asked: Sequence[Mapping[str, str]], now: datetime) -> None:
    """Add what a person was asked to decide: `alert_id` and `evidence_hash` of each; what was asked before stays.

    now  wall clock, with time zone
    """
    moment = pd.Timestamp(now).tz_convert("UTC").as_unit("us")
    rows = pd.DataFrame([{name: one[name] for name in REVIEW_REQUEST.key} for one in asked], columns=REVIEW_REQUEST.key)
    rows = rows.drop_duplicates()
    if len(rows):
        warehouse.sync(REVIEW_REQUEST, rows.assign(asked_at=moment), Matching(rows))


def remove_request(warehouse: Warehouse, alert_id: str, evidence_hash: str) -> None:
    """Take out what a person was asked, as if it never was."""
    row = pd.DataFrame([{"alert_id": alert_id, "evidence_hash": evidence_hash}])
    with warehouse.transaction():
        warehouse.sync(REVIEW_REQUEST, REVIEW_REQUEST.empty(), Matching(row))


def _asked_about(warehouse: Warehouse, alert_id: str) -> list[str]:
    return warehouse.read(REVIEW_REQUEST, Among("alert_id", [alert_id]))["evidence_hash"].tolist()
