"""Reviews: what a person decided about an alert; appended, never changed (the database itself refuses that)."""

from __future__ import annotations

import difflib
import hashlib
from datetime import datetime

import pandas as pd

from pipeline.contracts import ALERT, REVIEW
from pipeline.errors import InputError
from pipeline.warehouse.scope import WHOLE, Among
from pipeline.warehouse.store import Warehouse

DECISIONS = ("confirmed", "dismissed", "escalated", "needs_more")


def add_review(
    warehouse: Warehouse, alert_id: str, reviewer: str, decision: str, note: str | None, now: datetime
) -> str:
    """Append a decision about the alert, with the hash of its evidence as it is now.

    now      wall clock, with time zone
    returns  review_id, made of alert, reviewer, decision, note and moment: the same review twice is one
    raises   InputError for an unknown alert or decision, or an empty reviewer, listing what would do
    """
    if decision not in DECISIONS:
        raise InputError(f'decision is "{decision}"; expected one of {", ".join(DECISIONS)}')
    if not reviewer.strip():
        raise InputError("reviewer is empty; expected the name of who decides")
    moment = pd.Timestamp(now).tz_convert("UTC").as_unit("us")
    words = "\x1f".join([alert_id, reviewer, decision, note or "", moment.isoformat()])
    review_id = "review-" + hashlib.sha256(words.encode()).hexdigest()[:16]
    with warehouse.transaction():
        alert = warehouse.read(ALERT, Among("alert_id", [alert_id]))
        if alert.empty:
            raise InputError(f"alert {alert_id} does not exist; {known_alerts(warehouse, alert_id)}")
        row = {
            "review_id": review_id,
            "alert_id": alert_id,
            "reviewer": reviewer.strip(),
            "decided_at": moment,
            "decision": decision,
            "note": note,
            "evidence_hash": alert["evidence_hash"].iloc[0],
        }
        warehouse.sync(REVIEW, pd.DataFrame([row]), Among("review_id", [review_id]))
    return review_id


def known_alerts(warehouse: Warehouse, alert_id: str) -> str:
    """What to say of alerts that do exist, where this one does not."""
    standing = warehouse.read(ALERT, WHOLE)
    if standing.empty:
        return "there are no alerts yet (`coalwatch run` finds them)"
    ids = standing.sort_values("began_at", ascending=False)["alert_id"].tolist()
    near = difflib.get_close_matches(alert_id, ids, n=3) or ids[:3]
    return f"expected one of {len(ids)}, like {', '.join(near)} (`coalwatch alerts list` shows them)"
