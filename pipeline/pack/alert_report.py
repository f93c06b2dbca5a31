"""One alert of a pack as `alerts show` has it: from the pack's tables, in the same order, for the same words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline import contracts as c
from pipeline.pack.tables import Tables
from pipeline.plain import Record


def report_of(tables: Tables, stated: Tables, alert: Record) -> Record:
    """What `pipeline.warehouse.alerts.alert_in_full` gives of an alert, as far as words are made of it.

    alert  a row of the table alert
    """
    alert_id = alert["alert_id"]
    statements = {row["claim_id"]: row["statement"] for row in tables[c.CLAIM.name]}
    law = [row for row in tables[c.LEGAL_ASSESSMENT.name] if row["subject_id"] == alert_id]
    claims = [row | {"statement": statements[row["claim_id"]]} for row in _of(tables, c.ALERT_CLAIM.name, alert_id)]
    return {
        "alert": alert | {"withdrawn_at": None, "withdrawn_reason": None},
        "evidence": _ordered(_of(tables, c.ALERT_EVIDENCE.name, alert_id), lambda row: (-row["weight"], row["role"])),
        "calibration": [
            row
            for row in tables[c.CALIBRATION.name]
            if row["pattern_id"] == alert["pattern_id"] and row["score_from"] <= alert["score"] < row["score_to"]
        ],
        "cargo": _of(tables, c.ALERT_CARGO.name, alert_id),
        "law": _ordered(law, lambda row: (row["authority"], row["measure_id"])),
        "claims": _ordered(claims, lambda row: (row["relation"] == "context", row["relation"], row["claim_id"])),
        "track": _ordered(_of(tables, c.ALERT_TRACK.name, alert_id), lambda row: row["sequence"]),
        "reviews": [row for row in stated["review"] if row["alert_id"] == alert_id],
        "succeeds": [row for row in stated[c.ALERT_SUCCESSION.name] if row["successor_alert_id"] == alert_id],
    }


def event_row(tables: Tables, rests_on: tuple[str, str] | None) -> Record:
    """The row of an event that a piece of evidence rests on; empty where it rests on none that is shown."""
    if rests_on is None:
        return {}
    table, event_id = rests_on
    key = next((one.key[0] for one in (*c.EVENTS, c.POSITION_ANOMALY) if one.name == table), None)
    return next((row for row in tables.get(table, []) if key and row[key] == event_id), {})


def _of(tables: Tables, table: str, alert_id: str) -> list[Record]:
    return [row for row in tables[table] if row["alert_id"] == alert_id]


def _ordered(rows: list[Record], key: Callable[[Record], Any]) -> list[Record]:
    return sorted(rows, key=key)
