"""Reviews: what a person decided about an alert; appended, never changed (the database itself refuses that)."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from pipeline.contracts import ALERT, REVIEW, REVIEW_REQUEST
from pipeline.errors import InputError
from pipeline.warehouse.alert_ids import find_alert
from pipeline.warehouse.reviewed import keep_reviewed
from pipeline.warehouse.scope import Among, Matching
from pipeline.warehouse.store import Warehouse

DECISIONS = ("confirmed", "dismissed", "escalated", "needs_more", "undone")
_REVIEWS = (
    "select review_id, reviewer, decision, evidence_hash, decided_at from lineage_review where alert_id = :id"
    " order by decided_at, review_id"
)
# What one person says of an alert that two must agree on; it counts for nothing until a second one does.
PROPOSED = {"confirmed": "would_confirm", "dismissed": "would_dismiss"}


@dataclass(frozen=True)
class Seen:
    """An alert as a reviewer had it before them when they decided.

    evidence_hash  of its evidence
    withdrawn      whether it was withdrawn
    review_id      of its last review; None: it had none
    """

    evidence_hash: str
    withdrawn: bool = False
    review_id: str | None = None


class ReviewConflict(InputError):
    """The alert is not what the reviewer had before them: nothing was recorded."""


def add_review(
    warehouse: Warehouse,
    alert_id: str,
    reviewer: str,
    decision: str,
    note: str | None,
    now: datetime,
    evidence_hash: str | None = None,
    *,
    reason: str | None = None,
    seen: Seen | None = None,
    two_people: Collection[str] = (),
) -> str:
    """Append a decision about the alert, with its evidence as the reviewer saw it (REVIEWED_ALERT, REVIEWED_EVIDENCE).

    Arguments and errors are those of `next_review`.

    returns  review_id, made of alert, reviewer, decision, note and moment: the same review twice is one
    """
    with warehouse.transaction():
        row = next_review(
            warehouse, alert_id, reviewer, decision, note, now, evidence_hash,
            reason=reason, seen=seen, two_people=two_people,
        )  # fmt: skip
        mine = Among("review_id", [row["review_id"]])
        if warehouse.read(REVIEW, mine).empty:
            keep_reviewed(warehouse, pd.DataFrame([row]))
            warehouse.sync(REVIEW, pd.DataFrame([row]), mine)
    return str(row["review_id"])


def next_review(
    warehouse: Warehouse,
    alert_id: str,
    reviewer: str,
    decision: str,
    note: str | None,
    now: datetime,
    evidence_hash: str | None = None,
    *,
    reason: str | None = None,
    seen: Seen | None = None,
    two_people: Collection[str] = (),
) -> dict[str, Any]:
    """The row of REVIEW that a decision makes; nothing is written.

    alert_id       its id, or a beginning that no other alert has
    now            wall clock, with time zone
    evidence_hash  the evidence that was put to the reviewer (REVIEW_REQUEST), where it may have changed since: the
                   alert then stays in the queue, marked "evidence changed"; None: as it is now
    reason         from the short list, if one was chosen
    seen           the alert as the reviewer had it before them, if that must be what it still is
    two_people     grades of which an alert is confirmed or dismissed only once a second person agrees: until then what
                   the first one says is kept as would_confirm or would_dismiss
    raises         ReviewConflict if the alert is no longer what was seen, or was decided since it was put to the
                   reviewer; InputError for an unknown alert or decision,
                   an empty reviewer, nothing to undo, or evidence that nobody was asked about, listing what would do
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
    reviewer = reviewer.strip()
    alert = warehouse.read(ALERT, Among("alert_id", [alert_id]))
    now_holds = str(alert["evidence_hash"].iloc[0])
    if evidence_hash not in (None, now_holds, *_asked_about(warehouse, alert_id)):
        raise InputError(
            f"alert {alert_id}: nobody was asked about evidence {evidence_hash}; expected {now_holds}, which it "
            "rests on now, or one of review_request"
        )
    earlier = warehouse.query(_REVIEWS, {"id": alert_id})
    if not (earlier["review_id"] == review_id).any():
        if seen is not None and (what := changed_since(seen, alert.iloc[0], earlier)):
            raise ReviewConflict(f"alert {alert_id}: {what}; nothing was recorded: look again, then decide")
        if evidence_hash is not None and (what := _decided_since_asked(warehouse, alert_id, evidence_hash, earlier)):
            raise ReviewConflict(f"alert {alert_id}: {what}; nothing was recorded: look again, then decide")
        if decision == "undone" and not _stands(earlier):
            raise InputError(f"alert {alert_id}: no decision on it stands, so there is nothing to undo")
    evidence = evidence_hash or now_holds
    proposed = PROPOSED.get(decision) if alert["grade"].iloc[0] in two_people else None
    if proposed and not _agrees(earlier, reviewer, proposed, evidence):
        decision = proposed
    return {
        "review_id": review_id,
        "alert_id": alert_id,
        "reviewer": reviewer,
        "decided_at": moment,
        "decision": decision,
        "reason": reason,
        "note": note,
        "evidence_hash": evidence,
    }


def changed_since(seen: Seen, alert: Mapping[str, Any], reviews: pd.DataFrame) -> str | None:
    """What happened to an alert since it was seen, in words; None: nothing.

    alert    evidence_hash and withdrawn_at
    reviews  of its lineage, in order of time: review_id, reviewer, decision
    """
    if pd.notna(alert["withdrawn_at"]) and not seen.withdrawn:
        return "it was withdrawn since you opened it"
    if alert["evidence_hash"] != seen.evidence_hash:
        return "it rests on other evidence than when you opened it"
    if pd.isna(alert["withdrawn_at"]) and seen.withdrawn:
        return "it stands again since you opened it"
    last = None if reviews.empty else reviews.iloc[-1]
    if last is not None and last["review_id"] != seen.review_id:
        return f"{last['reviewer']} decided {last['decision']} since you opened it"
    return None


def _decided_since_asked(warehouse: Warehouse, alert_id: str, evidence_hash: str, reviews: pd.DataFrame) -> str | None:
    """What somebody decided, and that stands, since a person was asked about this evidence, in words; None: nothing."""
    asked = warehouse.read(
        REVIEW_REQUEST, Matching(pd.DataFrame([{"alert_id": alert_id, "evidence_hash": evidence_hash}]))
    )
    counted = reviews[~reviews["decision"].isin(PROPOSED.values())]
    if asked.empty or counted.empty or counted["decision"].iloc[-1] == "undone":
        return None
    last = counted.iloc[-1]
    if pd.to_datetime(last["decided_at"], utc=True) <= asked["asked_at"].iloc[0]:
        return None
    return f"{last['reviewer']} decided {last['decision']} since you were asked"


def _stands(reviews: pd.DataFrame) -> bool:
    """Whether there is anything to take back since the last undoing: a decision, or a proposal of one."""
    return not reviews.empty and bool(reviews["decision"].iloc[-1] != "undone")


def _agrees(reviews: pd.DataFrame, reviewer: str, proposed: str, evidence_hash: str) -> bool:
    """Whether another person's last word, since anything was decided, is the same proposal on the same evidence."""
    since = list(reviews["decision"].isin(PROPOSED.values()))
    open_ones = reviews.iloc[len(since) - since[::-1].index(False) :] if False in since else reviews
    people = open_ones["reviewer"].map(_person)
    last = open_ones[~people.duplicated(keep="last") & (people != _person(reviewer))]
    return bool(((last["decision"] == proposed) & (last["evidence_hash"] == evidence_hash)).any())


def _person(reviewer: str) -> str:
    """Who a reviewer is, whichever way they decide and however the name is written: `airflow:Kim` is kim."""
    name = unicodedata.normalize("NFKC", reviewer).rpartition(":")[2].casefold()
    return " ".join("".join(letter for letter in name if letter.isprintable()).split())


def last_decisions(warehouse: Warehouse, as_of: datetime | None = None) -> pd.DataFrame:
    """What was decided last about each alert, or about those it takes the place of; nothing of those whose decision was
    undone, and nothing that waits for a second person to agree.

    as_of    only what was decided by then (UTC); None: everything
    returns  alert_id, decision, evidence_hash (of the alert as it was reviewed)
    """
    rows = warehouse.query("select alert_id, decision, evidence_hash, decided_at, review_id from lineage_review")
    rows = rows.assign(decided_at=pd.to_datetime(rows["decided_at"], utc=True, format="ISO8601"))
    if as_of is not None:
        rows = rows[rows["decided_at"] <= as_of]
    rows = rows[~rows["decision"].isin(PROPOSED.values())]
    rows = rows.sort_values(["decided_at", "review_id"], kind="stable").drop_duplicates("alert_id", keep="last")
    rows = rows[rows["decision"] != "undone"]
    return rows[["alert_id", "decision", "evidence_hash"]]


def add_requests(warehouse: Warehouse, asked: Sequence[Mapping[str, str]], now: datetime) -> None:
    """Add what a person was asked to decide: `alert_id` and `evidence_hash` of each, with that evidence; what was asked
    before stays.

    now  wall clock, with time zone
    """
    moment = pd.Timestamp(now).tz_convert("UTC").as_unit("us")
    rows = pd.DataFrame([{name: one[name] for name in REVIEW_REQUEST.key} for one in asked], columns=REVIEW_REQUEST.key)
    rows = rows.drop_duplicates()
    if len(rows):
        with warehouse.transaction():
            keep_reviewed(warehouse, rows)
            warehouse.sync(REVIEW_REQUEST, rows.assign(asked_at=moment), Matching(rows))


def remove_request(warehouse: Warehouse, alert_id: str, evidence_hash: str) -> None:
    """Take out what a person was asked, as if it never was."""
    row = pd.DataFrame([{"alert_id": alert_id, "evidence_hash": evidence_hash}])
    with warehouse.transaction():
        warehouse.sync(REVIEW_REQUEST, REVIEW_REQUEST.empty(), Matching(row))


def _asked_about(warehouse: Warehouse, alert_id: str) -> list[str]:
    return warehouse.read(REVIEW_REQUEST, Among("alert_id", [alert_id]))["evidence_hash"].tolist()
