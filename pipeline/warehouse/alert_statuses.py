"""Statuses of alerts as SQL, which both engines read: what waits and why, what was decided, what is held back."""

from __future__ import annotations

WAITING = "waiting"
# What one person proposed counts for nothing until a second one agrees; by these words, an index of them is found.
_PROPOSES = "decision in ('would_confirm', 'would_dismiss')"
_COUNTS = f"not ({_PROPOSES})"
# What a statement begins with in which a condition of STATUSES stands, or one of CANDIDATES.
FIRST = f"""with recursive lineage (alert_id, ancestor_id) as (
    select successor_alert_id, alert_id from alert_succession
    union
    select lineage.alert_id, alert_succession.alert_id
    from lineage join alert_succession on alert_succession.successor_alert_id = lineage.ancestor_id
),
inherited as materialized (  -- what was decided about alerts that another took the place of
    select lineage.alert_id, review_id, decided_at, decision, evidence_hash
    from lineage cross join review  -- cross: SQLite then looks reviews up, and does not read them all
    where review.alert_id = lineage.ancestor_id and {_COUNTS}
),
proposed as materialized (
    select alert_id from review as one where {_PROPOSES} and not exists (
        select 1 from review as later where later.alert_id = one.alert_id
        and (later.decided_at, later.review_id) > (one.decided_at, one.review_id))
),
held as materialized (select day, until_day from judged_day where failed > 0)
"""
_LATEST = "order by decided_at desc, review_id desc limit 1"
_OWN = f"from review where review.alert_id = alert.alert_id and {_COUNTS}"
_OF_LINEAGE = (
    f"from (select decided_at, review_id, decision, evidence_hash {_OWN} union all"
    " select decided_at, review_id, decision, evidence_hash from inherited"
    " where inherited.alert_id = alert.alert_id) as theirs"
)


def _standing(column: str) -> str:
    """A column of the decision that stands on an alert; null without one."""
    what = f"select case when decision <> 'undone' then {column} end"
    return (
        f"case when alert.alert_id in (select alert_id from inherited) then ({what} {_OF_LINEAGE} {_LATEST})"
        f" else ({what} {_OWN} {_LATEST}) end"
    )


_KNOWN_DAY = "substr(cast(alert.known_at as text), 1, 10)"
_HELD = f"exists (select 1 from held where held.day < {_KNOWN_DAY} and {_KNOWN_DAY} <= held.until_day)"
_HERE = f"alert.withdrawn_at is null and not {_HELD}"
_IS_PROPOSED = "alert.alert_id in (select alert_id from proposed)"
_IS_NEW = f"not {_IS_PROPOSED} and {_standing('evidence_hash')} is null"
_IS_CHANGED = f"{_standing('evidence_hash')} <> alert.evidence_hash"
_FRESH = "alert.first_raised_at >= :new_since"


def _decided(decision: str) -> str:
    return f"alert.withdrawn_at is null and {_standing('decision')} = '{decision}'"


# Each status is a row of groups: those of the first come first.
STATUSES: dict[str, tuple[tuple[str, str], ...]] = {
    WAITING: (
        ("evidence changed", f"{_HERE} and not {_IS_PROPOSED} and {_IS_CHANGED}"),
        ("a second person is wanted", f"{_HERE} and {_IS_PROPOSED}"),
        ("new since yesterday", f"{_HERE} and {_IS_NEW} and {_FRESH}"),
        ("new", f"{_HERE} and {_IS_NEW} and not ({_FRESH})"),
    ),
    "evidence changed": (("evidence changed", f"{_HERE} and {_IS_CHANGED}"),),
    "second person": (("a second person is wanted", f"{_HERE} and {_IS_PROPOSED}"),),
    "new": (("new", f"{_HERE} and {_IS_NEW}"),),
    "new since yesterday": (("new since yesterday", f"{_HERE} and {_IS_NEW} and {_FRESH}"),),
    **{one: ((one.replace("_", " "), _decided(one)),) for one in ("confirmed", "dismissed", "escalated", "needs_more")},
    "standing": (("standing", "alert.withdrawn_at is null"),),
    "held back": (("held back", f"alert.withdrawn_at is null and {_HELD}"),),
    "withdrawn": (("withdrawn", "alert.withdrawn_at is not null"),),
}

# What alone can be in a group: where it is little, its alerts are named, and the others not walked past (see
# `alert_pages.few_of`).
CANDIDATES = {
    "evidence changed": "select review.alert_id from review join alert as its on its.alert_id = review.alert_id"
    " where review.evidence_hash <> its.evidence_hash union all select alert_id from inherited",
    "a second person is wanted": "select alert_id from proposed",
    **{
        one.replace("_", " "): f"select alert_id from review where decision = '{one}'"
        " union all select alert_id from inherited"
        for one in ("confirmed", "dismissed", "escalated", "needs_more")
    },
}
