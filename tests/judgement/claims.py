"""Verdicts on one claim, from alerts and observations of a few words."""

from functools import cache

import pandas as pd

from pipeline.contracts import ALERT, COVERAGE_DAY, OBSERVATION
from pipeline.judgement.articles import Expected
from pipeline.judgement.bearing import relate
from pipeline.judgement.claims import judge_claims
from pipeline.judgement.measures import load_measures
from pipeline.judgement.observations import Observations
from pipeline.judgement.verdicts import load_verdict_rules
from tests.judgement.sea import ZONES, at, claim, hours

rules, measures = cache(load_verdict_rules), cache(load_measures)
FROM, TO = at("2020-12-01"), at("2021-01-01")  # the window of `claim()`
EXPECTED = Expected(value=6.0, source="made up for tests")


def alert(number: int, began: pd.Timestamp, grade: str = "strong", length: float = 24, **given) -> dict:
    """A direct call from the Nampo coal berth to Dalian."""
    return {
        "alert_id": f"alert-{number}", "pattern_id": "direct-call", "vessel_id": "ship", "mmsi": 441000001, "imo": None,
        "vessel_name": None, "voyage_id": f"voyage-{number}", "began_at": began, "ended_at": began + hours(length),
        "origin_zone_id": "kp-nampo-coal", "destination_zone_id": "cn-dalian", "score": 7.0, "grade": grade,
        "headline": f"Ship {number} AIS-reported a voyage.", "innocent_explanation": "-", "missing_evidence": "-",
        "synthetic": False, "known_at": began + hours(length + 24), "evidence_hash": "-", "first_raised_at": began,
        "withdrawn_at": None, "withdrawn_reason": None, "pipeline_run_id": "-",
    } | given  # fmt: skip


def seen(number: int, relation: str, from_at: pd.Timestamp = FROM, days: float = 5, **given) -> dict:
    """Imagery of ships at a berth, by a usually reliable source."""
    return {
        "observation_id": f"observation-{number}", "kind": "imagery", "place": "Nampo", "zone_id": "kp-nampo-coal",
        "from_at": from_at, "to_at": from_at + hours(24 * days), "extent": "somewhere", "quantity": None, "unit": None,
        "statement": f"Something was seen ({number}).", "source": "a paper",
        "published_at": from_at + hours(24 * days + 24),
        "source_grade": "B", "information_grade": "2", "verified": True, "claim_id": "article/C1", "relation": relation,
        "direct": False, "reason": "-",
    } | given  # fmt: skip


def observations(rows: list[dict]) -> Observations:
    names = ["observation_id", "claim_id", "relation", "direct", "reason"]
    frame = OBSERVATION.conform(pd.DataFrame(rows, columns=OBSERVATION.names))
    return Observations(frame, pd.DataFrame([{name: row[name] for name in names} for row in rows], columns=names), "-")


def heard(
    share: float, from_at: pd.Timestamp = FROM, to_at: pd.Timestamp = TO, zone: str = "kp-nampo-coal"
) -> pd.DataFrame:
    """Reception in `share` of the hours of every day in [from_at, to_at)."""
    days = pd.date_range(from_at, to_at, inclusive="left").strftime("%Y-%m-%d")
    hours_heard = round(24 * share)
    rows = [(zone, day, hours_heard, hours_heard / 24, 5, 50) for day in days]
    return COVERAGE_DAY.conform(pd.DataFrame(rows, columns=COVERAGE_DAY.names))


def judged(
    alerts=(),
    documented=(),
    coverage=None,
    as_of=None,
    synthetic=False,
    relation=None,
    of_synthetic=False,
    decided=(),
    **given,
) -> pd.DataFrame:
    spec = claim(synthetic=of_synthetic, **given)
    frame = ALERT.conform(pd.DataFrame(list(alerts), columns=ALERT.names))
    related = relate(frame, [spec], ZONES)
    if relation:
        related = related.assign(relation=relation)
    return judge_claims(
        [spec], frame, related, observations(list(documented)), COVERAGE_DAY.empty() if coverage is None else coverage,
        ZONES, measures(), rules(), synthetic=synthetic, as_of=as_of,
        decisions=pd.DataFrame(list(decided), columns=["alert_id", "decision", "evidence_hash"], dtype="str"),
    )  # fmt: skip


def verdict(*args, **given) -> str:
    (row,) = judged(*args, **given).itertuples()
    return row.verdict


def strong(count: int) -> list[dict]:
    return [alert(number, FROM + hours(48 * number + 24)) for number in range(count)]
