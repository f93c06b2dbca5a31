"""The evidence of an alert as people had it before them: kept with their decisions, held against what it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.plain import Record, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

_STATE = ["alert_id", "evidence_hash"]
_PIECE = ("weight", "statement", "event_table", "event_id")
_OF_LINEAGE = "alert_id in (select reviewed_alert_id from lineage_review where alert_id = :id)"


def keep_reviewed(warehouse: Warehouse, asked: pd.DataFrame) -> None:
    """Keep alerts with their evidence as they are now, in states that are not kept yet.

    asked  alert_id and evidence_hash; of an alert that rests on other evidence by now, nothing can be kept
    """
    from pandas import MultiIndex

    from pipeline.contracts import ALERT, ALERT_EVIDENCE, REVIEWED_ALERT, REVIEWED_EVIDENCE
    from pipeline.warehouse.scope import Among, Matching

    states = asked[_STATE].drop_duplicates()
    now = warehouse.read(ALERT, Matching(states))[REVIEWED_ALERT.names]
    kept = warehouse.read(REVIEWED_ALERT, Matching(states))
    new = now[~MultiIndex.from_frame(now[_STATE]).isin(MultiIndex.from_frame(kept[_STATE]))]
    if new.empty:
        return
    evidence = warehouse.read(ALERT_EVIDENCE, Among("alert_id", new["alert_id"]))
    evidence = evidence.merge(new[_STATE], on="alert_id", validate="m:1")
    for table, rows in ((REVIEWED_ALERT, new), (REVIEWED_EVIDENCE, evidence)):
        warehouse.sync(table, rows, Matching(new[_STATE]))


def with_changes(warehouse: Reader | Warehouse, report: Mapping[str, list[Record]], alert: Record) -> list[Record]:
    """The reviews of an alert, each with `evidence_since`: None while it rests on the evidence that was reviewed; else
    `score` and `grade` as they were then (None where they are not kept) and `changes`, as `changes_between` gives them.

    report  reviews and evidence of the alert as it is now
    """
    reviews = report["reviews"]
    if all(one["evidence_hash"] == alert["evidence_hash"] for one in reviews):
        return [one | {"evidence_since": None} for one in reviews]
    states = {
        _state(row): row | {"evidence": []}
        for row in plain(warehouse.rows(f"select * from reviewed_alert where {_OF_LINEAGE}", {"id": alert["alert_id"]}))
    }
    pieces = f"select * from reviewed_evidence where {_OF_LINEAGE}"
    for row in plain(warehouse.rows(pieces, {"id": alert["alert_id"]})):
        states[_state(row)]["evidence"].append(row)
    now = {"headline": alert["headline"], "evidence": report["evidence"]}
    found = []
    for one in reviews:
        then = states.get((one["reviewed_alert_id"], one["evidence_hash"]))
        since: Record | None = {"score": None, "grade": None, "changes": None}
        if one["evidence_hash"] == alert["evidence_hash"]:
            since = None
        elif then is not None:
            since = {"score": then["score"], "grade": then["grade"], "changes": changes_between(then, now)}
        found.append(one | {"evidence_since": since})
    return found


def changes_between(then: Record, now: Record) -> list[Record]:
    """What changed in the evidence of an alert, what weighs most first.

    then, now  `headline` and `evidence` (rows of ALERT_EVIDENCE)
    returns    `role` (`headline` for the sentence itself) with `before` and `now`: weight, statement, event_table and
               event_id; None where there is no such piece
    """
    before, after = _pieces(then), _pieces(now)
    changed = [role for role in {**before, **after} if before.get(role) != after.get(role)]
    changed.sort(key=lambda role: (role != "headline", -max(map(_weight, (before.get(role), after.get(role)))), role))
    return [{"role": role, "before": before.get(role), "now": after.get(role)} for role in changed]


def _pieces(state: Record) -> dict[str, Record]:
    headline = {"weight": None, "statement": state["headline"], "event_table": None, "event_id": None}
    return {"headline": headline, **{one["role"]: {name: one[name] for name in _PIECE} for one in state["evidence"]}}


def _weight(piece: Record | None) -> float:
    return abs(piece["weight"] or 0.0) if piece else 0.0


def _state(row: Record) -> tuple[str, str]:
    return row["alert_id"], row["evidence_hash"]
