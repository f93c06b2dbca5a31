"""What a ship landed or took on is read from the draughts around her call, at both ends of a passage alike."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contracts import DRAUGHT_CHANGE, PORT_CALL
from pipeline.judgement.alerts import find_alerts
from pipeline.judgement.as_of import as_known
from pipeline.judgement.draughts import read_draughts
from pipeline.limits import load_limits
from tests.judgement.sea import ZONES, at, direct_call, draught, events, hours, port_call, without_law

LIMITS = load_limits().draught
ARRIVED = at("2020-12-10")
LEFT = ARRIVED + hours(48)


def read(*typed: tuple[float, float, float], came_m: float | None = 6.9, then: str | None = None, **given) -> pd.Series:
    """What is read of a call at Dalian; `typed`: hours after leaving, the figure before and after; `then` a call there
    thirty hours later."""
    calls = [port_call("cn-dalian", ARRIVED, draught_in_m=came_m) | given]
    calls += [port_call(then, LEFT + hours(30))] if then else []
    happened = events(calls, draughts=[draught(LEFT + hours(hour), *metres) for hour, *metres in typed])
    return read_draughts(happened[PORT_CALL], happened[DRAUGHT_CHANGE], ZONES, 1.5, LIMITS).iloc[0]


def test_a_draught_typed_two_minutes_after_leaving_is_what_was_landed():
    found = read((2 / 60, 6.9, 3.3))

    assert (found["draught"], found["draught_in_m"], found["draught_out_m"]) == ("fell", 6.9, 3.3)
    assert found["draught_known_at"] == at("2020-12-13")


def test_one_typed_inside_is_read_too():
    found = read((-3, 6.9, 3.3))

    assert (found["draught"], found["draught_change_m"]) == ("fell", -3.6)
    assert pd.isna(found["draught_known_at"])


@pytest.mark.parametrize(("hour", "word"), [(47, "fell"), (49, "unchanged")])
def test_one_typed_after_the_stated_time_is_not(hour, word):
    assert read((hour, 6.9, 3.3))["draught"] == word


@pytest.mark.parametrize(("then", "hour", "word"), [
    ("cn-weihai", 29, "fell"), ("cn-weihai", 31, "unchanged"),
    ("cn-dalian-anchorage", 31, "fell"),  # a shift of berth: with the same cargo
])  # fmt: skip
def test_one_typed_at_the_next_port_speaks_of_that_port(then, hour, word):
    assert read((hour, 6.9, 3.3), then=then)["draught"] == word


def test_one_typed_in_the_anchorage_off_a_basin_speaks_of_the_berth_inside_whatever_its_port_is_called():
    songnim = port_call("kp-songnim", ARRIVED, draught_in_m=3.3)
    outside = port_call("kp-nampo-anchorage", LEFT + hours(6))
    happened = events([songnim, outside], draughts=[draught(LEFT + hours(8), 3.3, 7.5)])

    found = read_draughts(happened[PORT_CALL], happened[DRAUGHT_CHANGE], ZONES, 1.5, LIMITS).iloc[0]

    assert songnim["port"] != outside["port"]
    assert (found["draught"], found["draught_out_m"]) == ("rose", 7.5)


def test_a_passing_call_on_the_way_ends_nothing():
    passing = port_call("cn-weihai", LEFT + hours(5), stay=1, confidence=1)
    calls = events([port_call("cn-dalian", ARRIVED, draught_in_m=6.9), passing])
    changes = events([], draughts=[draught(LEFT + hours(10), 6.9, 3.3)])[DRAUGHT_CHANGE]

    assert read_draughts(calls[PORT_CALL], changes, ZONES, 1.5, LIMITS)["draught"].iloc[0] == "fell"


def test_a_figure_after_a_long_silence_leaves_what_was_landed_unreported():
    happened = events(
        [port_call("cn-dalian", ARRIVED, draught_in_m=6.9)],
        draughts=[draught(LEFT + hours(120), 6.9, 3.3, changed_after=LEFT + hours(1))],
    )

    assert (
        read_draughts(happened[PORT_CALL], happened[DRAUGHT_CHANGE], ZONES, 1.5, LIMITS)["draught"].iloc[0]
        == "unreported"
    )


def test_a_call_that_ended_in_silence_is_measured_from_when_she_was_last_seen_there():
    silent = {"state": "ended_in_silence", "departed_by": LEFT + hours(120)}
    happened = events(
        [port_call("cn-dalian", ARRIVED, draught_in_m=6.9) | silent],
        draughts=[draught(LEFT + hours(120), 6.9, 3.3, changed_after=LEFT)],
    )

    assert (
        read_draughts(happened[PORT_CALL], happened[DRAUGHT_CHANGE], ZONES, 1.5, LIMITS)["draught"].iloc[0]
        == "unreported"
    )


@pytest.mark.parametrize("typo", [3.3, 12.0])
def test_a_slip_that_is_typed_over_at_once_is_no_change(typo):
    assert read((1, 6.9, typo), (1.2, typo, 6.9))["draught"] == "unchanged"


def test_a_slip_on_the_way_to_the_right_figure_is_passed_over():
    found = read((1, 6.9, 9.3), (1.2, 9.3, 3.3))

    assert (found["draught"], found["draught_out_m"]) == ("fell", 3.3)


def test_a_slip_in_force_on_arrival_does_not_count_as_what_she_came_with():
    found = read((-48.5, 4.0, 9.3), (-47.8, 9.3, 3.9), came_m=9.3)

    assert (found["draught"], found["draught_in_m"]) == ("unchanged", 4.0)


def test_a_cargo_landed_and_another_taken_on_are_both_read():
    found = read((-20, 8.0, 4.0), (1, 4.0, 7.5), came_m=8.0)

    assert found["draught"] == "fell_then_rose"
    assert (found["draught_least_m"], found["draught_out_m"]) == (4.0, 7.5)


@pytest.mark.parametrize(("peak", "out", "word"), [
    (7.5, 3.3, "rose_then_fell"), (4.5, 3.3, "unchanged"), (8.0, 5.5, "rose"), (7.5, 1.5, "fell"),
])  # fmt: skip
def test_a_draught_typed_on_arrival_and_landed_is_not_one_unchanged(peak, out, word):
    found = read((-40, 3.3, peak), (-3, peak, out), came_m=3.3)

    assert (found["draught"], found["draught_most_m"], found["draught_out_m"]) == (word, peak, out)


@pytest.mark.parametrize(("end", "said", "unsaid"), [
    (1, "discharged_after_rise", "cargo_not_landed"), (0, "draught_rose_then_fell", "draught_unchanged"),
])  # fmt: skip
def test_what_was_typed_on_arrival_and_landed_is_said_at_both_ends(end, said, unsaid):
    calls, voyages = direct_call("2020-12-10T23:00")
    for call in calls:
        call["draught_in_m"] = 3.3
    came = calls[end]["arrived_by"]
    typed = [draught(came + hours(2), 3.3, 7.5), draught(came + hours(30), 7.5, 3.3)]

    found = find_alerts(events(calls, voyages, draughts=typed), without_law(), synthetic=False)

    statements = found.evidence.set_index("role")["statement"]
    assert "rose from 3.3 m on arrival" in statements[said]
    assert "to 7.5 m and fell to 3.3 m before she left" in statements[said]
    assert unsaid not in statements
    assert ("inbound cargo" in found.alerts.loc[0, "headline"]) == (end == 0)


def test_the_first_figure_of_the_stay_stands_in_for_one_on_arrival():
    assert read((1, 6.9, 3.3), came_m=None)["draught"] == "fell"
    assert read(came_m=None)["draught"] == "unreported"


def test_a_call_still_open_is_not_said_to_have_landed_nothing():
    still = {"departed_after": None, "departed_by": None, "state": "open"}

    assert read(**still)["draught"] == "unreported"
    assert read((-20, 6.9, 3.3), **still)["draught"] == "fell"


@given(
    st.lists(st.tuples(st.floats(-47, 100), st.integers(30, 90)), max_size=6, unique_by=lambda typed: typed[0]),
    st.integers(30, 90),
)
def test_the_word_says_what_the_figures_say(typed, came):
    typed, figure, rows = sorted(typed), came / 10, []
    for hour, decimetres in typed:
        if decimetres / 10 != figure:
            rows.append((hour, figure, decimetres / 10))
        figure = decimetres / 10

    found = read(*rows, came_m=came / 10)

    change = found["draught_change_m"]
    agrees = {
        "rose": change >= 1.5, "fell": change <= -1.5, "unchanged": abs(change) < 1.5, "unreported": True,
        "fell_then_rose": found["draught_out_m"] - found["draught_least_m"] >= 1.49,
        "rose_then_fell": abs(change) < 1.5 and found["draught_most_m"] - found["draught_in_m"] >= 1.49,
    }  # fmt: skip
    assert agrees[found["draught"]]
    assert found["draught_least_m"] <= min(found["draught_in_m"], found["draught_out_m"])
    assert found["draught_most_m"] >= max(found["draught_in_m"], found["draught_out_m"])


def test_of_a_call_in_which_the_data_begins_nothing_is_said_of_an_arrival():
    calls, voyages = direct_call(draught_before_m=3.5, draught_m=7.6)
    calls[0]["arrived_after"] = None
    cut, whole = (
        find_alerts(events(ends, voyages), without_law(), synthetic=False).evidence.set_index("role")["statement"]
        for ends in (calls, [calls[0] | {"arrived_after": calls[0]["arrived_by"] - hours(0.1)}, calls[1]])
    )

    assert "3.5 m when first heard there" in cut["draught_rose"]
    assert "3.5 m on arrival" in whole["draught_rose"]


@pytest.mark.parametrize(("unheard", "word"), [(True, "fell"), (False, "unchanged")])
def test_a_figure_that_changed_unheard_behind_the_lock_is_of_the_stay_and_one_on_the_way_in_is_not(unheard, word):
    heard_again = LEFT - hours(1)
    call = {"arrived_after": heard_again - hours(40), "arrived_by": heard_again, "confidence": 2 if unheard else 4}

    found = read((-1, 6.9, 3.3), came_m=6.9 if unheard else 3.3, **call)

    assert (found["draught"], found["draught_out_m"]) == (word, 3.3)


def test_the_origin_is_read_by_the_same_rule_and_the_alert_is_known_when_the_figure_is():
    calls, voyages = direct_call("2020-12-10T23:00")
    calls[0]["draught_in_m"] = 3.5
    late = draught(calls[0]["departed_by"] + hours(2), 3.5, 7.6, known_at=at("2021-03-01"))
    happened = events(calls, voyages, draughts=[late])

    now = find_alerts(happened, without_law(), synthetic=False)
    then = find_alerts(as_known(happened, at("2021-02-01"), load_limits()), without_law(), synthetic=False)

    assert "draught_rose" in set(now.evidence["role"])
    assert now.alerts.loc[0, "known_at"] == at("2021-03-01")
    assert not {"draught_rose", "draught_unreported"} & set(then.evidence["role"])


@pytest.mark.parametrize(("since", "word"), [(-40, "rose"), (None, "unreported")])
def test_of_a_stay_unheard_since_the_data_began_the_draught_counts_that_was_seen_before_it(since, word):
    call = port_call("kp-taedong", at("2020-12-10"), 1, arrived_after=None, confidence=2, draught_in_m=4.0)
    call["draught_in_at"] = since and call["arrived_by"] + hours(since)
    happened = events([call], draughts=[draught(call["arrived_by"], 4.0, 8.2, changed_after=at("2020-12-08T08:00"))])

    assert read_draughts(happened[PORT_CALL], happened[DRAUGHT_CHANGE], ZONES, 1.5, LIMITS)["draught"].iloc[0] == word


@pytest.mark.parametrize(("since", "before", "stale"), [
    ("2020-10-01", "cn-weihai", True),
    ("2020-11-25", "cn-weihai", False),  # not long enough
    ("2020-10-01", None, False),  # no call that it outlived is known
    ("2020-10-01", "cn-dalian-anchorage", False),  # a shift of berth
])  # fmt: skip
def test_a_draught_that_outlived_a_call_elsewhere_and_a_month_was_not_kept_up(since, before, stale):
    call = port_call("cn-dalian", ARRIVED, draught_in_m=6.9, draught_in_at=at(since))
    earlier = [port_call(before, ARRIVED - hours(24 * 12))] if before else []
    happened = events([*earlier, call])

    found = read_draughts(happened[PORT_CALL], happened[DRAUGHT_CHANGE], ZONES, 1.5, LIMITS).iloc[-1]

    assert bool(found["draught_stale"]) is stale
    assert found["draught_since"] == at(since)
