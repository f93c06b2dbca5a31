"""Alerts are withdrawn, never deleted; what stands is a function of the data, whatever the order it came in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pipeline.contracts import (
    ALERT,
    ALERT_CLAIM,
    ALERT_EVIDENCE,
    ALERT_SUCCESSION,
    ALERT_TRACK,
    LEGAL_ASSESSMENT,
    VOYAGE,
)
from pipeline.errors import ContractError
from pipeline.warehouse.lifecycle import NO_LONGER_TRUE, AlertChanges, successions, sync_alerts
from pipeline.warehouse.review import add_review
from pipeline.warehouse.store import Warehouse
from tests.warehouse.rows import rows

START = datetime(2024, 7, 1, 6, tzinfo=UTC)
FACTS = [name for name in ALERT.names if name not in ALERT.lifecycle]


def alert(alert_id: str, mmsi: int = 1, days: tuple[int, int] = (1, 3), **more: Any) -> dict[str, Any]:
    began, ended = (f"2024-06-{day:02}" for day in days)
    plain = {"alert_id": alert_id, "mmsi": mmsi, "vessel_id": f"mmsi-{mmsi}", "pattern_id": "direct-call"}
    return {**plain, "began_at": began, "ended_at": ended, "evidence_hash": f"hash of {alert_id}", **more}


def judge(warehouse: Warehouse, *alerts: dict[str, Any], day: int = 0, mmsis=None, **more: Any) -> AlertChanges:
    """One run: these alerts stand, each with a piece of evidence, a claim, a track point and an answer of the law."""
    ids = [given["alert_id"] for given in alerts]
    return sync_alerts(
        warehouse,
        rows(ALERT, *alerts)[FACTS],
        rows(ALERT_EVIDENCE, *({"alert_id": key, "statement": f"day {day}"} for key in ids)),
        pd.concat(
            [
                rows(LEGAL_ASSESSMENT, *({"subject_table": "alert", "subject_id": key} for key in ids)),
                more.get("recorded", LEGAL_ASSESSMENT.empty()),
            ]
        ),
        rows(ALERT_CLAIM, *({"alert_id": key} for key in ids)),
        rows(ALERT_TRACK, *({"alert_id": key} for key in ids)),
        mmsis,
        f"run-{day}",
        START + timedelta(days=day),
        more.get("reasons"),
    )


def stored(warehouse: Warehouse) -> pd.DataFrame:
    return warehouse.read(ALERT).set_index("alert_id").sort_index()


def links(warehouse: Warehouse) -> set[tuple[str, str]]:
    return set(warehouse.read(ALERT_SUCCESSION).itertuples(index=False, name=None))


def queue(warehouse: Warehouse) -> dict[str, str]:
    found = warehouse.query("select alert_id, status from alert_queue")
    return dict(zip(found["alert_id"], found["status"], strict=True))


def test_a_new_alert_is_raised_now_and_a_second_run_alters_nothing(warehouse: Warehouse):
    assert judge(warehouse, alert("a")) == AlertChanges(raised=1)
    before = warehouse.read(ALERT)

    assert judge(warehouse, alert("a"), day=0) == AlertChanges()
    changes = sync_again(warehouse, day=5)

    assert changes == AlertChanges()
    assert_frame_equal(warehouse.read(ALERT), before)
    assert before["first_raised_at"].tolist() == [pd.Timestamp(START)]
    assert before["pipeline_run_id"].tolist() == ["run-0"]


def sync_again(warehouse: Warehouse, day: int) -> AlertChanges:
    return judge(warehouse, alert("a"), day=day)


def test_an_alert_whose_facts_change_keeps_the_day_it_was_raised(warehouse: Warehouse):
    judge(warehouse, alert("a"))

    assert judge(warehouse, alert("a", score=9.0), day=1) == AlertChanges(changed=1)

    row = stored(warehouse).loc["a"]
    assert (row["score"], row["first_raised_at"], row["pipeline_run_id"]) == (9.0, pd.Timestamp(START), "run-1")


def test_an_alert_that_is_no_longer_true_is_withdrawn_with_the_reason_and_keeps_its_evidence(warehouse: Warehouse):
    judge(warehouse, alert("a"), alert("b", mmsi=2))

    changes = judge(warehouse, day=1, reasons={"a": "late data changed voyage v"})

    assert changes == AlertChanges(withdrawn=2)
    found = stored(warehouse)
    assert found["withdrawn_reason"].tolist() == ["late data changed voyage v", NO_LONGER_TRUE]
    assert found["withdrawn_at"].tolist() == [pd.Timestamp(START + timedelta(days=1))] * 2
    for table in (ALERT_EVIDENCE, ALERT_CLAIM, ALERT_TRACK, LEGAL_ASSESSMENT):
        assert len(warehouse.read(table)) == 2
    assert queue(warehouse) == {}
    assert judge(warehouse, day=2) == AlertChanges()


def test_ships_that_were_not_judged_again_keep_their_alerts(warehouse: Warehouse):
    judge(warehouse, alert("a"), alert("b", mmsi=2))

    assert judge(warehouse, day=1, mmsis=[2]) == AlertChanges(withdrawn=1)

    assert stored(warehouse)["withdrawn_at"].isna().tolist() == [True, False]


def test_the_successor_is_of_the_same_pattern_and_ship_at_an_overlapping_time(warehouse: Warehouse):
    judge(warehouse, alert("old", days=(5, 9)))

    judge(
        warehouse,
        alert("overlapping", days=(8, 12)),
        alert("inside", days=(6, 7)),
        alert("later", days=(10, 12)),
        alert("of-other-pattern", days=(5, 9), pattern_id="listed-vessel"),
        alert("of-other-ship", days=(5, 9), mmsi=2),
        day=1,
    )

    assert links(warehouse) == {("old", "overlapping"), ("old", "inside")}


def test_a_successor_that_comes_a_run_later_is_linked_too(warehouse: Warehouse):
    judge(warehouse, alert("old"))
    judge(warehouse, day=1)
    assert links(warehouse) == set()

    judge(warehouse, alert("new"), day=2)

    assert links(warehouse) == {("old", "new")}


def test_an_alert_that_becomes_true_again_is_reinstated_and_succeeded_by_nobody(warehouse: Warehouse):
    judge(warehouse, alert("a"))
    judge(warehouse, alert("b"), day=1)

    assert judge(warehouse, alert("a"), day=2) == AlertChanges(reinstated=1, withdrawn=1)

    found = stored(warehouse)
    assert found["withdrawn_at"].isna().to_dict() == {"a": True, "b": False}
    assert pd.isna(found.loc["a", "withdrawn_reason"])
    assert found.loc["a", "first_raised_at"] == pd.Timestamp(START)
    assert links(warehouse) == {("b", "a")}


def test_a_review_follows_the_lineage_and_comes_back_when_the_evidence_is_other(warehouse: Warehouse):
    judge(warehouse, alert("a"))
    assert queue(warehouse) == {"a": "new"}
    add_review(warehouse, "a", "kim", "dismissed", "scrap, not coal", START)
    assert queue(warehouse) == {}

    judge(warehouse, alert("b"), day=1)
    assert queue(warehouse) == {"b": "evidence changed"}
    judge(warehouse, alert("c"), day=2)
    assert queue(warehouse) == {"c": "evidence changed"}

    lineage = warehouse.query("select alert_id, reviewed_alert_id, note from lineage_review where alert_id = 'c'")
    assert lineage.to_numpy().tolist() == [["c", "a", "scrap, not coal"]]

    add_review(warehouse, "c", "kim", "dismissed", None, START + timedelta(days=3))
    assert queue(warehouse) == {}


def test_a_reviewed_alert_whose_evidence_is_the_same_stays_out_of_the_queue(warehouse: Warehouse):
    judge(warehouse, alert("a"))
    add_review(warehouse, "a", "kim", "confirmed", None, START)

    judge(warehouse, alert("a", headline="worded anew"), day=1)

    assert queue(warehouse) == {}


def test_answers_about_recorded_voyages_follow_their_ships_and_go_with_them(warehouse: Warehouse):
    def recorded(*ids: str) -> pd.DataFrame:
        return rows(LEGAL_ASSESSMENT, *({"subject_table": "voyage", "subject_id": key} for key in ids))

    def subjects() -> set[str]:
        return set(warehouse.read(LEGAL_ASSESSMENT)["subject_id"])

    voyages = rows(VOYAGE, *({"voyage_id": f"v{n}", "mmsi": n} for n in (1, 2)))
    warehouse.sync(VOYAGE, voyages)
    judge(warehouse, recorded=recorded("v1", "v2"))

    judge(warehouse, mmsis=[1], day=1, recorded=recorded("v1"))
    assert subjects() == {"v1", "v2"}
    judge(warehouse, mmsis=[1], day=2)
    assert subjects() == {"v2"}
    warehouse.sync(VOYAGE, VOYAGE.empty())
    judge(warehouse, mmsis=[1], day=3)
    assert subjects() == set()


def test_evidence_of_an_alert_that_is_not_given_is_our_fault(warehouse: Warehouse):
    evidence = rows(ALERT_EVIDENCE, {"alert_id": "nobody"})
    empty = (LEGAL_ASSESSMENT.empty(), ALERT_CLAIM.empty(), ALERT_TRACK.empty())

    with pytest.raises(ContractError, match="alert_evidence: alert nobody is not among"):
        sync_alerts(warehouse, ALERT.empty(), evidence, *empty, None, "run", START)


def test_an_alert_of_a_ship_that_was_not_judged_is_our_fault(warehouse: Warehouse):
    with pytest.raises(ContractError, match="a: mmsi 1 is not among the ships judged"):
        judge(warehouse, alert("a"), mmsis=[2])


states = st.lists(
    st.dictionaries(
        st.sampled_from("abcde"), st.tuples(st.integers(1, 2), st.integers(1, 9), st.integers(0, 4)), max_size=4
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(detours=states)
def test_what_stands_depends_on_the_data_and_not_on_how_we_came_to_know_it(warehouse: Warehouse, detours):
    """Whatever was believed before: the last state stands, no alert is lost, succession makes no circle."""

    def as_alerts(state):
        return [alert(f"{key}{ship}", ship, (day, day + more)) for key, (ship, day, more) in sorted(state.items())]

    for day, state in enumerate(detours):
        judge(warehouse, *as_alerts(state), day=day)

    expected = rows(ALERT, *as_alerts(detours[-1]))[FACTS].sort_values("alert_id", ignore_index=True)
    found = warehouse.read(ALERT)
    standing = found[found["withdrawn_at"].isna()][FACTS].sort_values("alert_id", ignore_index=True)
    assert_frame_equal(standing, expected)
    evidence = set(warehouse.read(ALERT_EVIDENCE)["alert_id"])
    assert evidence == set(found["alert_id"])
    assert {given["alert_id"] for state in detours for given in as_alerts(state)} <= evidence
    withdrawn = set(found.loc[found["withdrawn_at"].notna(), "alert_id"])
    assert {old for old, _ in links(warehouse)} <= withdrawn
    assert not _has_circle(links(warehouse))


def _has_circle(pairs: set[tuple[str, str]]) -> bool:
    left = set(pairs)
    while left:
        ends = {new for _, new in left} - {old for old, _ in left}
        rest = {pair for pair in left if pair[1] not in ends}
        if rest == left:
            return True
        left = rest
    return False


@pytest.mark.parametrize(("before", "after", "follows"), [
    ("imo-8000015", "imo-8000015", True), ("mmsi-7", "imo-8000015", True), ("imo-8000015", "mmsi-7", True),
    ("imo-8000015", "imo-8000027", False), ("mmsi-7", "mmsi-7-2", False),
])  # fmt: skip
def test_a_successor_is_of_the_same_hull_or_of_her_mmsi_where_one_of_the_two_knew_no_number(before, after, follows):
    span = {"pattern_id": "direct-call", "mmsi": 7, "began_at": "2024-06-01", "ended_at": "2024-06-03"}
    gone = {"alert_id": "gone", "vessel_id": before, "withdrawn_at": "2024-06-09", **span}
    stands = {"alert_id": "stands", "vessel_id": after, **span}

    pairs = successions(rows(ALERT, gone, stands))

    assert pairs.to_numpy().tolist() == ([["gone", "stands"]] if follows else [])
