"""The plan: whatever happened, doing its first piece of work until none is left ends with everything as wanted."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.state.plan import Bounds, Stored, Wanted, Work, make_plan, quiet_since

DAYS = [f"2020-03-{day:02}" for day in range(1, 13)]
STAGES = ["compress", "derive", "reception", "provider", "judge"]
BOUNDS = Bounds(fixes=250, runs=30, days=4)


def wanted_of(days: dict[str, str], sea: str = "s1", law: str = "l1") -> Wanted:
    rules = {"derive": sea, "provider": sea, "judge": sea, "law": law, "claims": sea, "lists": "lists"}
    versions = {day: f"{content}-{sea}" for day, content in days.items()}
    return Wanted(versions, dict.fromkeys(days, 100), rules, quiet_hours=24)


class Home:
    """What a home stores, and what each piece of work makes of it."""

    def __init__(self) -> None:
        self.stored = Stored()
        self.done: list[Work] = []

    def do(self, work: Work, wanted: Wanted) -> None:
        self.done.append(work)
        getattr(self, work.stage)(work, wanted)

    def compress(self, work: Work, wanted: Wanted) -> None:
        days, due = dict(self.stored.days), dict(self.stored.due)
        for day in work.days:
            days.pop(day, None)
            if day in wanted.days:
                days[day] = wanted.days[day]
            due[day] = 1
        self.put(days=days, due=due, runs=dict.fromkeys(days, 10), coverage=dict(days), announce=1)

    def derive(self, work: Work, wanted: Wanted) -> None:
        end, due = max(self.stored.days, default=""), dict(self.stored.due)
        if self.stored.rules.get("derive") != wanted.rules["derive"]:
            rules = {**self.stored.rules, "derive": wanted.rules["derive"]}
            self.put(rules=rules, due=dict.fromkeys(self.stored.days, 1), data_end=end)
        elif quiet_since(wanted, self.stored):
            self.put(due=due | dict.fromkeys([end], 1), data_end=end)
        else:
            self.put(due={day: n for day, n in due.items() if not work.days[0] <= day <= work.days[-1]}, to_judge=1)

    def reception(self, work: Work, wanted: Wanted) -> None:
        known = {day: name for day, name in self.stored.reception.items() if day not in work.days}
        known |= {day: self.stored.coverage[day] for day in work.days if day in self.stored.coverage}
        self.put(reception=known)

    def provider(self, work: Work, wanted: Wanted) -> None:
        self.put(rules={**self.stored.rules, "provider": wanted.rules["provider"]}, provider=0, to_judge=1)

    def judge(self, work: Work, wanted: Wanted) -> None:
        rules = {**wanted.rules, "derive": self.stored.rules.get("derive", "")}
        self.put(
            rules=rules, to_judge=0, announce=0, entries=wanted.entries, terms=wanted.terms, reviews=wanted.reviews
        )

    def put(self, **values: object) -> None:
        self.stored = replace(self.stored, **values)

    def run(self, wanted: Wanted, most: int = 500) -> None:
        """Do the first of the plan until nothing is left, or until the run is stopped after so many pieces."""
        for _ in range(most):
            left = make_plan(wanted, self.stored, BOUNDS)
            if not left:
                return
            self.do(left[0], wanted)
        assert most < 500, [work.reason for work in left]


changes = st.one_of(
    st.tuples(st.just("land"), st.sampled_from(DAYS), st.sampled_from("abc")),
    st.tuples(st.just("withdraw"), st.sampled_from(DAYS)),
    st.tuples(st.just("edit"), st.sampled_from(["sea", "law"]), st.sampled_from(["x", "y"])),
    st.tuples(st.just("run"), st.integers(0, 6)),
)


@example([("land", "2020-03-01", "a"), ("run", 2), ("withdraw", "2020-03-01")])
@given(st.lists(changes, max_size=25))
def test_whatever_happened_a_run_ends_with_everything_as_wanted(history):
    home, days, edited = Home(), {}, {}
    for what, *which in history:
        if what == "land":
            days[which[0]] = which[1]
        elif what == "withdraw":
            days.pop(which[0], None)
        elif what == "edit":
            edited[which[0]] = which[1]
        else:
            home.run(wanted_of(days, **edited), which[0])
    wanted = wanted_of(days, **edited)

    home.run(wanted)

    assert home.stored.days == wanted.days
    assert not home.stored.due
    assert home.stored.reception == home.stored.coverage
    assert make_plan(wanted, home.stored, BOUNDS) == []


@given(st.dictionaries(st.sampled_from(DAYS), st.sampled_from("abc"), min_size=1), st.sampled_from(DAYS))
def test_only_what_changed_is_compressed_again(days, late):
    home = Home()
    home.run(wanted_of(days))
    home.done.clear()

    home.run(wanted_of(days | {late: "late"}))

    assert [work.days for work in home.done if work.stage == "compress"] == [(late,)]
    derived = [work for work in home.done if work.stage == "derive" and work.size]
    assert {day for work in derived for day in work.days} <= {late, max([*days, late]), *days}


@given(st.lists(st.sampled_from(DAYS), unique=True, min_size=1))
def test_consecutive_days_are_one_piece_of_bounded_size(days):
    plan = make_plan(wanted_of(dict.fromkeys(days, "a")), Stored(), BOUNDS)

    batches = [work.days for work in plan if work.stage == "compress"]
    assert list(itertools.chain(*batches)) == sorted(days)
    assert all(100 * len(batch) <= BOUNDS.fixes or len(batch) == 1 for batch in batches)
    for one, following in itertools.pairwise(batches):
        full = 100 * (len(one) + 1) > BOUNDS.fixes or len(one) == BOUNDS.days
        assert full or int(following[0][-2:]) - int(one[-1][-2:]) > BOUNDS.apart


def test_a_late_day_of_years_ago_is_not_done_together_with_today():
    stored = Stored(
        days={"2015-01-05": "a-s1", "2024-01-05": "a-s1"}, due={"2015-01-05": 1, "2024-01-05": 9},
        rules=wanted_of({}).rules, data_end="2024-01-05",
    )  # fmt: skip
    wanted = wanted_of({"2015-01-05": "a", "2024-01-05": "a"})

    assert [one.days for one in make_plan(wanted, stored) if one.stage == "derive"] == [
        ("2015-01-05", "2015-01-05"), ("2024-01-05", "2024-01-05"),
    ]  # fmt: skip


def test_what_is_heard_no_more_is_planned_also_when_nothing_is_left_and_the_rules_changed():
    stored = Stored(due={"2020-03-10": 3}, rules={"derive": "s0"})

    assert "derive" in {work.stage for work in make_plan(wanted_of({}), stored)}


def test_texts_of_knowledge_files_are_shown_though_nothing_is_judged_by_them():
    rules = wanted_of({}).rules
    wanted = replace(wanted_of({}), rules={**rules, "texts": "new"})

    assert [work.stage for work in make_plan(wanted, Stored(rules=rules))] == ["judge"]


@pytest.mark.parametrize(("stored", "wanted", "reason"), [
    ({}, {"2020-03-10": "a"}, "2020-03-10: positions that no run has seen"),
    ({"2020-03-10": "a-s1"}, {"2020-03-10": "b"}, "2020-03-10: its positions changed"),
    ({"2020-03-10": "a-s0"}, {"2020-03-10": "a"}, "2020-03-10: zones or limits changed"),
    ({"2020-03-10": "a-s1"}, {}, "2020-03-10: its positions were withdrawn"),
])  # fmt: skip
def test_each_piece_of_work_says_why(stored, wanted, reason):
    plan = make_plan(wanted_of(wanted), Stored(days=stored))

    assert plan[0].reason == reason
    assert plan[0].as_dict()["if_skipped"]


def test_work_comes_in_the_order_of_the_stages():
    stored = Stored(
        days={"2020-03-10": "a-s1"}, rules=wanted_of({}).rules, coverage={"2020-03-10": "x"}, due={"2020-03-10": 2},
        provider=3, to_judge=4, data_end="2020-03-10",
    )  # fmt: skip
    wanted = wanted_of({"2020-03-10": "a", "2020-03-11": "a"})

    assert [work.stage for work in make_plan(wanted, stored)] == STAGES


def test_what_a_list_brings_is_counted_by_entry():
    rules = wanted_of({}).rules
    stored = Stored(rules=rules, entries={"uk-dprk": frozenset({1, 2})})
    wanted = replace(wanted_of({}), entries={"uk-dprk": frozenset({2, 3, 4})})

    assert [work.reason for work in make_plan(wanted, stored)] == ["list uk-dprk: 2 entries new, 1 gone"]


@pytest.mark.parametrize(("end", "due"), [("2020-03-12", True), ("2020-03-11", False)])
def test_ships_may_have_fallen_silent_only_when_the_data_ends_elsewhere(end, due):
    days = {day: "a-s1" for day in DAYS if day <= "2020-03-11"} | {end: "a-s1"}
    stored = Stored(days=days, rules=wanted_of({}).rules, data_end="2020-03-11")

    plan = make_plan(wanted_of(dict.fromkeys(days, "a")), stored)

    assert [work.days for work in plan] == ([("2020-03-10", "2020-03-12")] if due else [])


def test_pruned_days_that_changed_stop_the_plan_and_are_compressed_no_more():
    days = dict.fromkeys(DAYS[:4], "c1")
    stored = Stored(days=wanted_of(days).days, rules=wanted_of(days).rules)
    other = replace(wanted_of(days, sea="s2"), pruned=frozenset(DAYS[:2]))

    first, *rest = make_plan(other, stored)

    assert (first.stage, first.days) == ("pruned", tuple(DAYS[:2]))
    assert "zones or limits changed, but positions were pruned" in first.reason
    assert [work.days for work in rest if work.stage == "compress"] == [tuple(DAYS[2:4])]


def test_pruned_days_that_are_as_they_were_are_no_work():
    days = dict.fromkeys(DAYS[:4], "c1")
    stored = Stored(days=wanted_of(days).days, rules=wanted_of(days).rules)
    same = replace(wanted_of(days), pruned=frozenset(DAYS[:2]), lacking=frozenset(DAYS[:1]))

    assert make_plan(same, stored) == make_plan(wanted_of(days), stored)


def test_days_that_lack_positions_for_other_rules_stop_the_plan():
    days = dict.fromkeys(DAYS[:4], "c1")
    now = wanted_of(days)
    stored = Stored(days=now.days, rules={**now.rules, "derive": "s0"})
    lacking = replace(now, pruned=frozenset(DAYS[:2]), lacking=frozenset(DAYS[:1]))

    assert make_plan(lacking, stored)[0].stage == "pruned"
    assert make_plan(replace(lacking, lacking=frozenset()), stored)[0].stage == "derive"
