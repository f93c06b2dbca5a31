"""Alerts by their ids as people give them: whole, or a beginning."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from pipeline.errors import InputError

if TYPE_CHECKING:
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

_SHOWN = 10


def find_alert(warehouse: Reader | Warehouse, given: str) -> str:
    """The id of the alert that was given by it, or by a beginning of it that no other alert has.

    raises  InputError for an unknown alert, naming near ones, or for a beginning that several have, naming these
    """
    begins = "select alert_id from alert where substr(alert_id, 1, :letters) = :given order by began_at desc, alert_id"
    word = given.strip()
    if warehouse.rows("select 1 from alert where alert_id = :given", {"given": word}):
        return word
    rows = warehouse.rows(begins, {"given": word, "letters": len(word)}) if word else []
    ids = [str(row["alert_id"]) for row in rows]
    if len(ids) == 1:
        return ids[0]
    if ids:
        shown = ", ".join(ids[:_SHOWN]) + (f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else "")
        raise InputError(f"alert {word} is the beginning of {len(ids)}: {shown}; give more of it")
    raise InputError(f"alert {given} does not exist; {known_alerts(warehouse, given)}")


def known_alerts(warehouse: Reader | Warehouse, alert_id: str) -> str:
    """What to say of alerts that do exist, where this one does not."""
    ids = [
        str(row["alert_id"])
        for row in warehouse.rows(
            "select alert_id from alert where withdrawn_at is null order by began_at desc, alert_id"
        )
    ]
    if not ids:
        return "there are no alerts yet (`coalwatch run` finds them)"
    near = difflib.get_close_matches(alert_id, ids, n=3) or ids[:3]
    return f"expected one of {len(ids)}, like {', '.join(near)} (`coalwatch alerts list` shows them)"
