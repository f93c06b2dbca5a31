"""Many ships at once, on both databases: the same stays as one by one, meetings from either side, who was heard."""

import json

import pytest

from pipeline.warehouse import screening
from pipeline.warehouse.queries import run_query
from pipeline.warehouse.reader import open_reader

STAR, MOON = 8000003, 8000015
PERIODS = [
    ("2024-06-01", "2024-07-01"),
    ("2024-06-05", "2024-06-21"),
    ("2024-06-06", "2024-06-20"),
    ("2024-06-22", "2024-06-23"),
]


@pytest.fixture
def warehouse(filled):
    with open_reader(filled) as reader:
        yield reader


@pytest.mark.parametrize("period", PERIODS, ids=" ".join)
def test_stays_are_those_that_the_named_query_finds_ship_by_ship(warehouse, filled, period):
    hulls = {one["vessel_id"]: one["imo"] for one in screening.hulls_of(warehouse, [STAR, MOON, 9999999])}
    found = screening.stays_in_north_korea(warehouse, hulls, *period)

    alone = {
        imo: [
            row["event_id"]
            for row in run_query(filled, "in_north_korea_before", {"imo": imo, "since": period[0], "until": period[1]})
        ]
        for imo in (STAR, MOON)
    }
    assert {imo: [one["event_id"] for one in found if hulls[one["vessel_id"]] == imo] for imo in (STAR, MOON)} == alone
    assert period != PERIODS[0] or all(alone.values())


def test_a_meeting_is_told_from_the_side_of_each_that_was_asked_about(warehouse):
    june = PERIODS[0]
    hers, both = (screening.meetings(warehouse, ids, *june) for ids in (["imo-8000003"], ["imo-8000003", "mmsi-3"]))

    assert [(one["vessel_id"], one["other_vessel_id"], one["encounter_id"]) for one in hers] == [
        ("imo-8000003", "mmsi-3", "e1")
    ]
    assert [(one["vessel_id"], one["other_vessel_id"], one["other_name"]) for one in both] == [
        ("imo-8000003", "mmsi-3", None), ("mmsi-3", "imo-8000003", "STAR"),
    ]  # fmt: skip
    assert screening.meetings(warehouse, ["imo-8000003"], "2024-06-07", "2024-07-01") == []


def test_a_silence_that_fits_another_port_better_is_counted_once(warehouse):
    assert screening.silences_in_reach(warehouse, ["imo-8000015"], *PERIODS[0]) == []
    assert [one["ais_gap_id"] for one in warehouse.rows("select ais_gap_id from dark_call where rank = 1")] == ["g2"]


def test_data_and_silences_of_the_period_are_told_in_plain_values(warehouse):
    at_hand = screening.data_at_hand(warehouse, "2024-06-01", "2024-06-16")
    silences = screening.silences(warehouse, ["imo-8000003", "imo-8000015"], *PERIODS[0])

    assert at_hand == {"first_day": "2024-06-01", "last_day": "2024-06-15", "days_with_data": 3, "days_heard_in_kp": 3}
    assert [(one["vessel_id"], one["ended_at"]) for one in silences] == [
        ("imo-8000003", "2024-06-06T13:15:00Z"), ("imo-8000015", None),
    ]  # fmt: skip
    assert json.dumps(silences)


def test_nobody_asked_about_is_nobody_found(warehouse):
    assert screening.hulls_of(warehouse, []) == []
    assert screening.stays_in_north_korea(warehouse, [], *PERIODS[0]) == []


def test_a_pair_that_sends_one_number_is_told_from_either_side_and_a_ships_own_new_name_is_no_pair(warehouse):
    of_names = [
        one["vessel_id"] for one in warehouse.rows("select vessel_id from identity_change where kind = 'value'")
    ]
    ties = screening.identity_ties(warehouse, ["imo-8000003", "imo-8000015", *of_names], *PERIODS[0])
    early = screening.identity_ties(warehouse, ["imo-8000003", "imo-8000015"], "2024-05-01", "2024-05-02")

    assert of_names
    assert [(one["vessel_id"], one["side"], one["kind"], one["other_vessel_id"]) for one in ties] == [
        ("imo-8000015", "earlier", "same_number", "mmsi-3"), ("mmsi-3", "later", "same_number", "imo-8000015"),
    ]  # fmt: skip
    assert early == []
    assert screening.stays_too_long(warehouse, ["imo-8000003", "imo-8000015"], *PERIODS[0]) == []


@pytest.mark.parametrize("period", [("2024-07-01", "2024-08-01"), ("2031-01-01", "2031-06-30")], ids=" ".join)
def test_who_is_in_port_when_the_data_ends_is_not_there_for_ever(warehouse, filled, period):
    with_data = screening.stays_in_north_korea(warehouse, ["imo-8000015"], "2024-06-20", "2024-08-01")
    period_of = dict(zip(("since", "until"), period, strict=True))

    assert [one["to_at"] for one in with_data if one["what"] == "call"] == [None]
    assert screening.stays_in_north_korea(warehouse, ["imo-8000015"], *period) == []
    assert run_query(filled, "in_north_korea_before", {"imo": MOON, **period_of}) == []
    assert run_query(filled, "near_a_berth", period_of) == []
    assert run_query(filled, "at_coal_berths", period_of) == []
