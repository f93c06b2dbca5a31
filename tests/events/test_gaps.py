"""Silences, and who else was heard meanwhile."""

import numpy as np
import pandas as pd
import pytest

from pipeline.contracts import COVERAGE, RECEIVERS, RECEPTION_OUTAGE
from pipeline.events.reception import asked_cells, asked_hours, judge_reception
from pipeline.movement.coverage import cell_of
from tests.sea import LIMITS, derive_history, positions, small_sea

SEA = small_sea()
NOON = pd.Timestamp("2018-06-02 12:00", tz="UTC")
AT_SEA = (124.1, 38.3)


def gaps_of(rows, **options):
    return derive_history(positions(rows), SEA, **options)["ais_gap"]


@pytest.mark.parametrize(("hours", "found"), [(6.0, 0), (6.1, 1)])
def test_a_gap_is_longer_than_the_limit(hours, found):
    assert len(gaps_of([(15, *AT_SEA, 9), (16, 124.2, 38.3, 9), (16 + hours, 124.3, 38.3, 9)])) == found


def test_a_gap_across_midnight_is_one_gap():
    gap = gaps_of([(20, *AT_SEA, 9), (30, 124.3, 38.3, 9)]).iloc[0]

    assert (gap["hours"], gap["known_at"]) == (10.0, pd.Timestamp("2018-06-03", tz="UTC"))


def test_a_silence_with_no_end_is_an_open_gap_once_it_is_long_enough():
    rows = [(1, *AT_SEA, 9), (2, *AT_SEA, 9), (17, *AT_SEA, 9)]

    assert gaps_of(rows)["ended_at"].isna().tolist() == [False, True]


def test_a_silence_of_five_hours_at_the_end_of_the_data_is_none_yet():
    assert gaps_of([(17, *AT_SEA, 9), (18, *AT_SEA, 9), (19, *AT_SEA, 9)]).empty


def test_a_ship_heard_twice_only_does_not_go_silent():
    assert gaps_of([(1, *AT_SEA, 9), (2, *AT_SEA, 9)]).empty


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize(("heard_by", "receiver"), [
    (["terrestrial", "terrestrial", "satellite"], "terrestrial"),  # a satellite heard her in reach of the shore too
    (["terrestrial", "satellite", "satellite"], "satellite"),
    (["terrestrial", "terrestrial", "unknown"], "terrestrial"),
    (["unknown", "unknown", "unknown"], "unknown"),
])  # fmt: skip
@pytest.mark.parametrize("ended", [True, False])
def test_a_gap_names_the_kind_of_receiver_that_heard_her_last_across_midnight_too(heard_by, receiver, ended):
    rows = [(21.0, *AT_SEA, 9), (23.5, *AT_SEA, 9), (24.2, *AT_SEA, 9), *([(40.0, *AT_SEA, 9)] if ended else [])]
    fixes = positions(rows)
    fixes["receiver"] = [*heard_by, *(["unknown"] if ended else [])]

    gap = derive_history(fixes, SEA, until="2018-06-04")["ais_gap"].iloc[0]

    assert gap["receiver"] == receiver


def silence(hours=30.0, ended=True, receiver="unknown"):
    return pd.DataFrame(
        {
            "began_at": [NOON], "receiver": receiver,
            "ended_at": pd.Series([NOON + pd.Timedelta(hours=hours) if ended else pd.NaT], dtype="datetime64[us, UTC]"),
            "off_longitude": [AT_SEA[0]], "off_latitude": [AT_SEA[1]],
            "on_longitude": [AT_SEA[0] if ended else np.nan], "on_latitude": [AT_SEA[1] if ended else np.nan],
        }
    ).astype({"began_at": "datetime64[us, UTC]"})  # fmt: skip


def heard(begin, end, vessels=3, at=AT_SEA, by="unknown"):
    """COVERAGE of one cell for hours [begin, end) relative to NOON."""
    hours = pd.date_range(NOON + pd.Timedelta(hours=begin), NOON + pd.Timedelta(hours=end), freq="h", inclusive="left")
    cell = int(cell_of(np.array([at[0]]), np.array([at[1]]))[0])
    frame = pd.DataFrame({"cell": cell, "hour": hours, "vessels": vessels, "fixes": vessels * 10})
    by_kind = {f"{kind}_vessels": vessels if kind == by else 0 for kind in RECEIVERS}
    return COVERAGE.conform(frame.assign(**by_kind))


def reception(coverage, gap=None, outages=None):
    gap = silence() if gap is None else gap
    asked = asked_hours(gap, NOON + pd.Timedelta(days=3), LIMITS.gap)
    outages = RECEPTION_OUTAGE.empty() if outages is None else outages
    return judge_reception(gap, asked, coverage, outages, LIMITS.gap).iloc[0]


def test_others_heard_all_along_means_she_could_have_been():
    found = reception(heard(-24, 40))

    assert (found["reception"], found["hours_tested"], found["hours_heard"]) == ("heard_others", 30, 30)
    assert found["reception_cell_deg"] == 0.25


def test_a_busy_cell_gone_silent_altogether_is_an_outage():
    assert reception(heard(-24, 0))["reception"] == "not_heard"


def test_too_little_traffic_even_in_the_widest_cell_is_unknown():
    found = reception(heard(-24, 40, vessels=1))  # nobody but herself

    assert (found["reception"], found["hours_tested"]) == ("unknown", 0)
    assert np.isnan(found["reception_cell_deg"])


def test_the_cell_widens_where_traffic_is_thin():
    found = reception(heard(-24, 40, at=(AT_SEA[0] + 0.3, AT_SEA[1])))

    assert found["reception"] == "heard_others"
    assert found["reception_cell_deg"] > 0.25


def test_where_a_small_cell_leaves_it_open_the_next_wider_one_is_asked():
    near = heard(-24, 9)
    about = heard(-24, 40, at=(AT_SEA[0] + 0.3, AT_SEA[1]))

    alone, both = reception(near), reception(pd.concat([near, about]))

    assert (alone["reception"], alone["reception_cell_deg"]) == ("unknown", 1.0)
    assert (both["reception"], both["hours_heard"], both["hours_tested"]) == ("heard_others", 30, 30)
    assert both["reception_cell_deg"] > 0.25


def test_where_a_small_cell_says_that_nobody_was_heard_a_wider_one_is_not_asked():
    about = heard(-24, 40, at=(AT_SEA[0] + 0.3, AT_SEA[1]))

    assert reception(pd.concat([heard(-24, 0), about]))["reception"] == "not_heard"


def test_others_heard_for_a_few_hours_only_is_unknown():
    assert reception(heard(-24, 9))["reception"] == "unknown"


def test_an_open_silence_is_tested_after_it_began_only():
    found = reception(heard(-24, 60), silence(ended=False))

    assert (found["reception"], found["hours_tested"]) == ("heard_others", 24)


def test_reception_rests_on_the_days_around_both_ends():
    gap = silence(hours=24 * 10)

    asked = asked_cells(gap, asked_hours(gap, NOON + pd.Timedelta(days=20), LIMITS.gap), LIMITS.gap)

    assert sorted(asked["day"].dt.strftime("%m-%d")) == ["06-01", "06-02", "06-03", "06-11", "06-12"]


def test_a_ship_that_sails_out_of_reception_is_not_taken_for_one_that_hides():
    away = silence(hours=20).assign(on_longitude=AT_SEA[0], on_latitude=AT_SEA[1] - 3)  # through a hole, 180 nm south
    others = heard(-24, 20)

    found = reception(others, away)

    assert found["reception"] == "not_heard"
    assert reception(others, silence(hours=20))["reception"] == "heard_others"


def test_the_way_across_the_180th_meridian_is_the_short_one():
    across = silence(hours=20).assign(off_longitude=179.9, on_longitude=-179.9, off_latitude=0.1, on_latitude=0.1)
    others = pd.concat([heard(-24, 20, at=(179.9, 0.1)), heard(-24, 20, at=(-179.9, 0.1))])

    assert reception(others, across)["reception"] == "heard_others"


def test_whom_shore_stations_heard_is_asked_against_shore_stations():
    shore = heard(-24, 0, by="terrestrial")  # lost with her
    others = pd.concat([shore, heard(0, 40, by="satellite")])

    assert reception(others, silence(receiver="terrestrial"))["reception"] == "not_heard"
    assert reception(others, silence(receiver="unknown"))["reception"] == "heard_others"


def test_between_the_passes_of_satellites_nobody_is_heard_and_these_hours_say_nothing():
    passes = pd.concat([heard(hour, hour + 1, vessels=4, by="satellite") for hour in range(-24, 40, 5)])

    found = reception(passes, silence(receiver="satellite"))

    assert (found["reception"], found["hours_tested"], found["hours_heard"]) == ("heard_others", 6, 6)


def test_passes_that_hear_others_about_but_none_where_she_was_are_a_hole():
    about = (AT_SEA[0] - 2, AT_SEA[1])
    before = [heard(hour, hour + 1, vessels=5, by="satellite") for hour in range(-24, 0, 5)]
    after = [heard(hour, hour + 1, vessels=5, at=about, by="satellite") for hour in range(1, 40, 5)]

    found = reception(pd.concat([*before, *after]), silence(receiver="satellite"))

    assert (found["reception"], found["hours_heard"]) == ("not_heard", 0)


def test_three_passes_are_too_few_to_say_that_a_satellite_would_have_heard_her():
    passes = pd.concat([heard(hour, hour + 1, vessels=4, by="satellite") for hour in range(-24, 10, 5)])

    assert reception(passes, silence(hours=12, receiver="satellite"))["reception"] == "unknown"


def hidden_by(kind, begin, end=None, receiver="unknown", vessels_after=0.0):
    """RECEPTION_OUTAGE over the degree around AT_SEA, hours relative to NOON."""
    row = dict.fromkeys(RECEPTION_OUTAGE.names, 0.0) | {
        "reception_outage_id": "o1", "kind": kind, "receiver": receiver, "from_at": NOON + pd.Timedelta(hours=begin),
        "to_at": pd.NaT if end is None else NOON + pd.Timedelta(hours=end), "cell_deg": 1.0,
        "cells": str(cell_of(*map(np.array, AT_SEA), 1.0)), "vessels_before": 9.0, "vessels_after": vessels_after,
        "known_at": NOON,
    }  # fmt: skip
    return RECEPTION_OUTAGE.conform(pd.DataFrame([row]))


def test_a_gap_says_which_outage_hid_it_and_for_how_many_hours():
    found = reception(heard(-24, 0), outages=hidden_by("outage", 0, 30))

    assert (found["reception"], found["reception_outage_id"], found["hours_hidden"]) == ("not_heard", "o1", 30)


def test_a_ship_that_stays_silent_when_reception_is_back_could_have_been_heard():
    others = pd.concat([heard(-24, 0), heard(8, 40)])

    found = reception(others, outages=hidden_by("outage", 0, 8))

    assert (found["reception"], found["hours_hidden"]) == ("heard_others", 8)


@pytest.mark.parametrize(
    ("failed", "told"), [((0, 12), "unknown"), ((-12, -2), "heard_others")], ids=["with it", "after it"]
)
def test_a_ship_that_fell_silent_with_everybody_and_sailed_to_where_others_are_heard_did_not_hide(failed, told):
    """Seven hours from one cell, whose station fails, to the next one, in which others are heard all along."""
    gap = silence(7).assign(on_longitude=123.75)
    others = pd.concat([heard(-24, 0), heard(-24, 40, at=(123.85, AT_SEA[1])), heard(-24, 40, at=(123.7, AT_SEA[1]))])

    found = reception(others, gap, hidden_by("outage", *failed))

    assert found["reception"] == told
    assert found["hours_heard"] >= 0.5 * found["hours_tested"]


def test_an_outage_of_another_kind_of_receiver_hides_nobody():
    found = reception(heard(-24, 40), outages=hidden_by("outage", 0, 30, receiver="satellite"))

    assert found["reception"] == "heard_others"
    assert pd.isna(found["reception_outage_id"])


def test_a_ship_in_thin_traffic_is_hidden_by_the_outage_around_her():
    alone = heard(-24, 0, vessels=1)

    assert reception(alone)["reception"] == "unknown"
    assert reception(alone, outages=hidden_by("outage", 0, 30))["reception"] == "not_heard"


def test_who_falls_silent_across_a_change_of_the_source_is_not_held_to_those_who_are_heard_still():
    others = heard(-24, 40)
    change = hidden_by("source_change", 1, vessels_after=3.0)

    found = reception(others, outages=change)

    assert reception(others)["reception"] == "heard_others"
    assert (found["reception"], found["reception_outage_id"]) == ("unknown", "o1")


def test_who_falls_silent_after_a_change_of_the_source_is():
    assert (
        reception(heard(-24, 40), outages=hidden_by("source_change", -3, vessels_after=3.0))["reception"]
        == "heard_others"
    )
