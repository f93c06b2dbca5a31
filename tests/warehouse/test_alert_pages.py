"""Alerts a page at a time say what the views say of them, in order, each once, whoever decided what meanwhile."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.contracts import ALERT, ALERT_SUCCESSION, REVIEW
from pipeline.settings import Settings
from pipeline.tasks.alert_pages import Asked, Remembered, alert_page
from pipeline.warehouse import alert_pages
from pipeline.warehouse.alert_pages import (
    Wanted,
    count_alerts,
    few_of,
    few_with,
    narrowed,
    page_of_alerts,
    reviewed_since,
    reviewed_until,
)
from pipeline.warehouse.alert_statuses import STATUSES
from pipeline.warehouse.reader import open_reader
from pipeline.warehouse.review import DECISIONS, PROPOSED, add_review
from tests.warehouse.rows import rows

NOW, HOUR, SINCE = datetime(2024, 7, 3, tzinfo=UTC), timedelta(hours=1), "2024-07-02"
WHOLE = replace(ALERT, lifecycle=())


def alert(number: int, **more: object) -> dict[str, object]:
    raised = "2024-07-02 08:00:00" if number % 3 == 0 else "2024-06-01 08:00:00"
    facts = {"score": float(number % 5), "grade": "strong", "evidence_hash": "e1", "vessel_id": f"imo-{number % 4}",
             "began_at": f"2024-06-{1 + number % 7:02}", "first_raised_at": raised}  # fmt: skip
    return {"alert_id": f"a{number:02}", **facts, **more}


def every_page(warehouse, wanted, size=3):
    after, found = None, []
    while True:
        page = page_of_alerts(warehouse, wanted, new_since=SINCE, after=after, size=size)
        few = few_of(warehouse, wanted.status)
        assert page == page_of_alerts(warehouse, wanted, new_since=SINCE, after=after, size=size, few=few)
        found += page.rows
        if page.after is None:
            return found
        assert len(page.rows) == size
        after = page.after


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch):
    """Alerts that are named come a piece at a time here too."""
    monkeypatch.setattr(alert_pages, "_AT_ONCE", 2)


@pytest.fixture
def read(warehouse):
    """Twenty alerts, some withdrawn, some in the place of another, read by people who disagree at random."""
    draw = random.Random(7)
    withdrawn = [alert(n, withdrawn_at="2024-06-20") for n in range(3)]
    warehouse.sync(WHOLE, rows(ALERT, *withdrawn, *(alert(n) for n in range(3, 20))))
    pairs = [{"alert_id": "a00", "successor_alert_id": "a01"}, {"alert_id": "a01", "successor_alert_id": "a05"},
             {"alert_id": "a02", "successor_alert_id": "a06"}]  # fmt: skip
    warehouse.sync(ALERT_SUCCESSION, rows(ALERT_SUCCESSION, *pairs))
    said = [*DECISIONS, *PROPOSED.values()]
    reviews = [
        {"review_id": f"r{n:02}", "alert_id": f"a{draw.randrange(14):02}", "reviewer": draw.choice(["kim", "lee"]),
         "decision": draw.choice(said), "decided_at": str(NOW + n * HOUR), "evidence_hash": "e1"}
        for n in range(24)
    ]  # fmt: skip
    warehouse.sync(REVIEW, rows(REVIEW, *reviews))
    changed = [alert(n, evidence_hash="e2") for n in (3, 4, 5, 7, 9, 15)]
    warehouse.sync(WHOLE, rows(ALERT, *withdrawn, *changed, *(alert(n) for n in range(3, 20) if n not in
                                                              (3, 4, 5, 7, 9, 15))))  # fmt: skip
    return warehouse


def test_what_waits_is_what_the_view_says_or_asks_for_a_second_person_and_each_once(read):
    found = every_page(read, Wanted())

    told = {one["alert_id"] for one in read.rows("select alert_id from alert_queue")}
    overturned = {one["alert_id"] for one in found if one["proposed_by"] and one["last_decision"]}
    assert len(found) == len({one["alert_id"] for one in found})
    assert {one["alert_id"] for one in found} - overturned == told - overturned
    assert 5 < len(told) < 20


def test_decisions_are_those_of_the_view(read):
    told = {one["alert_id"]: one["last_decision"] for one in read.rows("select * from alert_decision")}
    standing = every_page(read, Wanted(status="standing"))

    assert {one["alert_id"]: one["last_decision"] for one in standing if one["last_decision"]} == {
        name: decision for name, decision in told.items() if name > "a02"
    }
    for decision in ("confirmed", "dismissed", "escalated", "needs_more"):
        found = {one["alert_id"] for one in every_page(read, Wanted(status=decision))}
        assert found == {name for name, last in told.items() if last == decision and name > "a02"}


def test_groups_follow_each_other_and_each_is_strongest_first(read):
    found = every_page(read, Wanted())
    groups = [name for name, _ in STATUSES["waiting"]]

    assert found == sorted(found, key=lambda one: groups.index(one["group"]))
    for group in groups:
        scores = [one["score"] for one in found if one["group"] == group]
        assert scores == sorted(scores, reverse=True)
    assert {"evidence changed", "new since yesterday", "new"} <= {one["group"] for one in found}


def test_as_many_are_counted_as_are_shown(read):
    for status in STATUSES:
        found = every_page(read, Wanted(status=status), size=4)
        counts = count_alerts(read, Wanted(status=status), new_since=SINCE)
        few = few_of(read, status)
        assert counts == count_alerts(read, Wanted(status=status), new_since=SINCE, few=few)

        assert counts == {name: sum(one["group"] == name for one in found) for name in counts}, status


def test_a_decision_on_a_page_loses_no_row_of_the_next(read):
    page = page_of_alerts(read, Wanted(), new_since=SINCE, size=3)
    rest = {one["alert_id"] for one in every_page(read, Wanted())} - {one["alert_id"] for one in page.rows}
    add_review(read, page.rows[-1]["alert_id"], "kim", "confirmed", None, NOW + 48 * HOUR)

    after, found = page.after, set()
    while after:
        later = page_of_alerts(read, Wanted(), new_since=SINCE, after=after, size=3)
        found, after = found | {one["alert_id"] for one in later.rows}, later.after

    assert found == rest


def test_a_decision_moves_what_it_is_about_and_what_took_its_place_and_nothing_else(read):
    draw = random.Random(3)
    for n in range(8):
        before = {status: few_of(read, status) for status in STATUSES}
        _, latest = reviewed_until(read)
        number = draw.randrange(14) if n else 0  # which a01 took the place of, and a05 of that
        add_review(read, f"a{number:02}", "may", draw.choice(DECISIONS[:4]), None, NOW + (50 + n) * HOUR)

        more, touched = reviewed_since(read, latest)

        assert more == 1
        assert set(touched) == ({"a00", "a01", "a05"} if n == 0 else set(touched) | {f"a{number:02}"})
        for status, few in before.items():
            wanted, grown = Wanted(status=status), few_with(few, touched)
            anew = page_of_alerts(read, wanted, new_since=SINCE, size=50)
            assert page_of_alerts(read, wanted, new_since=SINCE, size=50, few=grown) == anew
            assert count_alerts(read, wanted, new_since=SINCE, few=grown) == count_alerts(read, wanted, new_since=SINCE)


@pytest.mark.parametrize("hours", [62, -60])  # a decision may be recorded long after it was made
def test_a_desk_that_runs_shows_what_another_process_decided(read, address, tmp_path, hours):
    settings, kept = Settings(tmp_path / "none", address), Remembered()
    for at, number in ((60, 17), (61, 18), (hours, 16)):
        for status in ("waiting", "confirmed"):
            asked = Asked(status)
            shown = alert_page(settings, asked, now=NOW, remembered=kept)
            assert shown == alert_page(settings, asked, now=NOW)
            assert shown == alert_page(settings, asked, now=NOW, remembered=kept)
        add_review(read, f"a{number:02}", "may", "confirmed", None, NOW + at * HOUR)

    confirmed = alert_page(settings, Asked("confirmed"), now=NOW, remembered=kept, decided="a16")
    assert {"a17", "a18", "a16"} <= {one["alert_id"] for one in confirmed.page.rows}
    assert confirmed.counts == {"confirmed": len(confirmed.page.rows)}
    assert (confirmed.decided["alert_id"], confirmed.decided["decision"]) == ("a16", "confirmed")


@pytest.mark.parametrize("most", [3, 6])
def test_alerts_that_were_decided_more_than_once_are_all_there(warehouse, monkeypatch, most):
    """Six of them, where as many as `most` count as few."""
    monkeypatch.setattr(alert_pages, "_FEW", most)
    warehouse.sync(WHOLE, rows(ALERT, *(alert(n) for n in range(6))))
    for at, number in enumerate(sorted([*range(6)] * 2)):
        add_review(warehouse, f"a{number:02}", "kim", "confirmed", None, NOW + at * HOUR)
    warehouse.sync(WHOLE, rows(ALERT, *(alert(n, evidence_hash="e2") for n in range(6))))

    for status in ("waiting", "confirmed"):
        few = few_of(warehouse, status)
        assert {len(found) for found in few.values()} <= {0, 6}
        assert ({"evidence changed", "confirmed"} & set(few) != set()) == (most >= 6)
        assert len(every_page(warehouse, Wanted(status=status), size=2)) == 6
        assert sum(count_alerts(warehouse, Wanted(status=status), new_since=SINCE, few=few).values()) == 6


class Told:
    """A warehouse that notes how what it is asked would be found."""

    def __init__(self, reader):
        self._reader, self.plans = reader, []

    def rows(self, sql, params=None):
        self.plans += [row["detail"] for row in self._reader.rows(f"explain query plan {sql}", params)]
        return self._reader.rows(sql, params)

    def scans(self):
        """Steps that read all alerts or reviews from their tables."""
        return [step for step in self.plans if step in ("SCAN review", "SCAN its", "SCAN alert", "SCAN one")]


def test_the_page_after_a_decision_reads_neither_all_alerts_nor_all_reviews(filled_file):
    with open_reader(filled_file) as reader:
        few = few_of(reader, "waiting")
        told = Told(reader)
        _, latest = reviewed_until(told)
        more, touched = reviewed_since(told, "2024-01-01")
        grown = few_with(few, touched)
        page_of_alerts(told, Wanted(), new_since=SINCE, few=grown)

        assert more == 1
        assert latest is not None
        assert told.scans() == []
        first = Told(reader)
        few_of(first, "waiting")
        assert first.scans() != []  # which is why it is kept until a run


def test_filters_let_pass_what_they_say(read):
    every = every_page(read, Wanted(status="standing"))
    for filters, passes in (
        ({"hulls": ("imo-1",)}, lambda one: one["vessel_id"] == "imo-1"),
        ({"hulls": ()}, lambda one: False),
        ({"hulls": (), "ids": "a1"}, lambda one: one["alert_id"].startswith("a1")),
        ({"grade": ("weak",)}, lambda one: False),
        ({"grade": ("strong", "weak")}, lambda one: True),
        ({"since": "2024-06-04"}, lambda one: one["ended_at"][:10] >= "2024-06-04"),
        ({"until": "2024-06-03"}, lambda one: one["began_at"][:10] <= "2024-06-03"),
    ):
        wanted = Wanted(status="standing", **filters)
        found = every_page(read, wanted)
        assert found == every_page(read, narrowed(read, wanted))
        assert found == [one for one in every if passes(one)], filters


def test_claims_ports_and_sources_are_found_by_what_alerts_rest_on(filled):
    with open_reader(filled) as warehouse:

        def found(**filters):
            page = page_of_alerts(warehouse, Wanted(status="standing", **filters), new_since=SINCE)
            return {one["alert_id"] for one in page.rows}

        every = found()
        assert found(claim=("C1",)) == every != set()
        assert found(claim=("C2",)) == found(port=("nowhere",)) == found(source=("gfw",)) == set()


def test_what_a_day_holds_back_does_not_wait(filled):
    with open_reader(filled) as warehouse:
        waiting = {one["alert_id"] for one in every_page(warehouse, Wanted())}
        held = {one["alert_id"] for one in every_page(warehouse, Wanted(status="held back"))}

        assert held == {one["alert_id"] for one in warehouse.rows("select alert_id from held_back_alert")} != set()
        assert waiting == {one["alert_id"] for one in warehouse.rows("select alert_id from alert_queue")}
