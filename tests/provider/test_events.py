"""Events bought in, told in our tables: what a provider tells, and nothing it does not."""

import pandas as pd
import pytest

from pipeline.tasks.home import read_zones
from tests.provider.telling import COAL, GAP, at, encounter, event, one, tell, visit


def test_a_visit_is_a_call_at_our_zone_without_what_is_not_told():
    call = one(tell(COAL[0]), "port_call")

    assert (call["zone_id"], call["berth_zone_id"], call["port"]) == ("kp-taedong", "kp-nampo-coal", "Nampo")
    assert (call["country"], call["source"], call["confidence"], call["state"]) == ("KP", "gfw", 4, "closed")
    assert (call["arrived_by"], call["departed_by"]) == (at("2020-12-03T06:00"), at("2020-12-05T08:00"))
    assert call["known_at"] == at("2020-12-06")
    for name in ("track_id", "stopped_hours", "draught_in_m", "draught_out_m", "arrived_after", "first_stop_at"):
        assert pd.isna(call[name])
    assert call["provider_note"] == 'Labelled "BERTH" by its provider. (port_visit blind spots)'


def test_a_visit_outside_our_zones_keeps_the_providers_label():
    call = one(tell(visit("p1", "busan", "2020-12-03T06:00", "2020-12-05T08:00")), "port_call")

    assert pd.isna(call["zone_id"])
    assert (call["port"], call["country"]) == ("BUSAN", "KR")


def test_a_visit_that_is_placed_at_sea_is_at_the_zone_of_its_anchorage():
    berth = dict(read_zones().frame.set_index("zone_id").loc["kp-nampo-coal", ["longitude", "latitude"]])
    anchorage = {f"anchorage_{name}": value for name, value in berth.items()}

    call = one(tell(visit("p1", "busan", "2020-12-03T06:00", "2020-12-05T08:00", **anchorage)), "port_call")

    assert call["berth_zone_id"] == "kp-nampo-coal"


def test_consecutive_visits_are_a_voyage():
    voyage = one(tell(*COAL), "voyage")

    assert (voyage["origin_zone_id"], voyage["origin_country"]) == ("kp-nampo-coal", "KP")
    assert (voyage["destination_zone_id"], voyage["destination_country"]) == ("cn-longkou", "CN")
    assert (voyage["departed_at"], voyage["arrived_at"]) == (at("2020-12-05T08:00"), at("2020-12-07T01:00"))
    assert (voyage["hours"], voyage["cargo_state"], voyage["encounters"]) == (41.0, "unknown", 0)
    assert voyage["provider_note"] == "(voyage blind spots)"
    for name in ("distance_nm", "draught_m", "draught_change_m", "dark_hours"):
        assert pd.isna(voyage[name])


@pytest.mark.parametrize(
    "second",
    [
        visit("p2", "longkou", "2020-12-07T01:00", "2020-12-10T12:00", ship="ship-2"),
        visit("p2", "longkou", "2020-12-07T01:00", "2020-12-10T12:00", mmsi=351990099),
        visit("p2", "longkou", "2020-12-07T01:00", "2020-12-10T12:00", confidence=1),
        visit("p2", "longkou", "2020-12-04T01:00", "2020-12-10T12:00"),
        visit("p2", "berth", "2020-12-06T01:00", "2020-12-10T12:00"),
    ],
    ids=[
        "of another ship",
        "of another MMSI",
        "that shows no stop",
        "that began before the first ended",
        "at once back",
    ],
)
def test_a_second_visit_that_is_no_next_call_makes_no_voyage(second):
    assert tell(COAL[0], second).tables["voyage"].empty


def test_back_at_the_same_port_after_more_than_a_shift_is_a_voyage():
    later = visit("p2", "berth", "2020-12-06T09:00", "2020-12-10T12:00")

    assert one(tell(COAL[0], later), "voyage")["destination_port"] == "Nampo"


def test_a_wait_in_the_roads_is_part_of_the_stay_and_the_voyage_starts_from_the_berth():
    roads = visit("p1b", "roads", "2020-12-05T12:00", "2020-12-05T20:00")

    told = tell(COAL[0], roads, COAL[1])

    voyage = one(told, "voyage")
    calls = told.tables["port_call"].set_index("zone_id")["port_call_id"]
    assert voyage["origin_port_call_id"] == calls["kp-taedong"]
    assert voyage["departed_at"] == at("2020-12-05T20:00")


def test_a_call_between_makes_two_voyages():
    between = visit("p1b", "haeju", "2020-12-05T20:00", "2020-12-06T08:00")

    voyages = tell(COAL[0], between, COAL[1]).tables["voyage"].sort_values("departed_at")

    assert voyages["origin_port"].tolist() == ["Nampo", "Haeju"]


def test_a_gap_says_nothing_of_reception_and_counts_as_dark_on_the_way():
    told = tell(*COAL, event("gap", "g1", "2020-12-05T20:00", "2020-12-06T10:15", **GAP))

    gap = one(told, "ais_gap")
    assert (gap["reception"], gap["hours_tested"], gap["hours_heard"]) == ("unknown", 0, 0)
    assert (gap["hours"], gap["distance_nm"]) == (14.25, 50.0)
    assert gap["satellite_positions_per_day"] == 87.56
    assert gap["provider_note"] == (
        "Reception by satellite where it began, as its provider has it: 87.6 positions a day and 22 of her in the 12 "
        "hours before. (gap blind spots)"
    )
    assert one(told, "voyage")["dark_hours"] == 14.25


def test_a_gap_of_which_no_reception_is_told_says_none():
    silent = GAP | {"satellite_positions_per_day": None}

    gap = one(tell(event("gap", "g1", "2020-12-05T20:00", "2020-12-06T10:15", **silent)), "ais_gap")

    assert gap["provider_note"] == "(gap blind spots)"


def test_an_open_gap_has_no_end_and_no_length():
    gap = one(tell(event("gap", "g1", "2020-12-05T20:00", None, **GAP | {"hours": None})), "ais_gap")

    assert pd.isna(gap["ended_at"])
    assert pd.isna(gap["hours"])
    assert gap["known_at"] == at("2020-12-06")


def test_a_meeting_told_from_both_sides_is_one_and_counts_on_the_way():
    bunker = 412000009
    one_side = encounter("e.1", 351990002, "ship-1", bunker, "bunker", encounter_kind="CARRIER-BUNKER")
    other_side = encounter("e.2", bunker, "bunker", 351990002, "ship-1", encounter_kind="BUNKER-CARRIER")

    told, turned = (tell(*COAL, *sides) for sides in ((one_side, other_side), (other_side,)))

    for each in (told, turned):
        met = one(each, "encounter")
        assert (met["mmsi"], met["other_mmsi"], met["median_distance_m"]) == (351990002, bunker, 250.0)
        assert one(each, "voyage")["encounters"] == 1
    assert set(told.vessels["mmsi"]) == {351990002, bunker}


def test_a_meeting_in_port_does_not_count_on_the_way():
    told = tell(*COAL, encounter("e1", 351990002, "ship-1", 412000009, "b", began="2020-12-04T01:00") | {
        "ended_at": at("2020-12-04T05:00")})  # fmt: skip

    assert one(told, "voyage")["encounters"] == 0


NET = {"other_number": "888111223", "other_name": "NET 25232"}


def test_a_meeting_with_one_that_sent_no_ships_number_stands_without_her():
    told = tell(*COAL, encounter("e1", 351990002, "ship-1", None, "net-1", **NET))

    met = one(told, "encounter")
    assert met["mmsi"] == 351990002
    assert all(pd.isna(met[name]) for name in ("other_mmsi", "other_vessel_id", "other_imo"))
    assert (
        "The other one (NET 25232) sent no ship's number (888111223): who she is cannot be told."
        in (met["provider_note"])
    )
    assert one(told, "voyage")["encounters"] == 1
    assert told.vessels["mmsi"].tolist() == [351990002]


def test_meetings_with_two_that_sent_no_ships_number_are_two():
    both = [encounter(f"e{n}", 351990002, "ship-1", None, f"net-{n}", **NET) for n in (1, 2)]
    again = encounter("e3", 351990002, "ship-1", None, "net-1", **NET)

    assert len(tell(*both, again).tables["encounter"]) == 2


def test_a_visit_of_years_is_marked_and_begins_and_ends_no_voyage():
    years = visit("p0", "longkou", "2011-01-04T06:00", "2021-06-06T12:00", confidence=3)

    told = tell(*COAL, years)

    calls = told.tables["port_call"].sort_values("arrived_by")
    assert calls["implausible_stay"].tolist() == [True, False, False]
    assert "A stay of 91350 hours is none of a ship" in calls["provider_note"].iloc[0]
    assert one(told, "voyage")["origin_port"] == "Nampo"


def test_a_visit_of_months_is_a_call():
    months = visit("p0", "berth", "2020-01-04T06:00", "2020-12-02T12:00")

    told = tell(months, COAL[1])

    assert told.tables["port_call"]["implausible_stay"].tolist() == [False, False]
    assert one(told, "voyage")["origin_port"] == "Nampo"


def test_a_visit_that_went_in_and_out_at_other_ports_says_so():
    call = one(tell(COAL[0] | {"entered_at": "HAEJU (KP)", "left_at": "SONGNIM (KP)"}), "port_call")

    assert "She came in at HAEJU (KP). She went out at SONGNIM (KP). " in call["provider_note"]


def test_the_data_set_with_its_version_stands_beside_every_row():
    rows = [row | {"dataset": "visits:v5.0"} for row in COAL]

    tables = tell(*rows, event("gap", "g1", "2020-12-05T20:00", None, **GAP, dataset="gaps:v5.0")).tables

    for name, dataset in (("port_call", "visits"), ("voyage", "visits"), ("ais_gap", "gaps")):
        assert tables[name]["provider_note"].str.endswith(f" Data set: {dataset}:v5.0.").all()


def test_loitering_is_told_in_our_units():
    row = one(
        tell(event("loitering", "l1", "2020-12-06T11:00", "2020-12-06T18:30", distance_km=18.52, speed_kn=1.3)),
        "loitering",
    )

    assert (row["hours"], row["distance_nm"], row["mean_speed_kn"]) == (7.5, 10.0, 1.3)


def test_no_events_are_normal():
    told = tell()

    assert all(frame.empty for frame in told.tables.values())
    assert told.vessels.empty


@pytest.mark.parametrize(("where", "counted"), [("busan", 1), ("longkou", 0), ("berth", 0)])
def test_a_visit_in_which_no_stop_was_seen_is_a_passage_and_counted_unless_it_is_the_way_in_or_out(where, counted):
    passing = visit("p3", where, "2020-12-05T20:00", "2020-12-05T22:00", confidence=1)

    told = tell(*COAL, passing)

    assert len(told.tables["port_call"]) == 2
    assert len(told.tables["passage"]) == 1
    assert one(told, "voyage")["passages"] == counted


def test_visits_of_one_harbour_within_a_day_are_parts_of_one():
    told = tell(COAL[0], visit("p9", "berth", "2020-12-05T20:00", "2020-12-06T02:00"), COAL[1])

    calls = told.tables["port_call"].sort_values("arrived_by")
    assert calls["visit_id"].nunique() == 2
    assert calls["visit_id"].iloc[0] == calls["visit_id"].iloc[1] == calls["port_call_id"].iloc[0]
