"""Events bought in, told in our tables: what a provider tells, and nothing it does not."""

import pandas as pd
import pytest

from pipeline.contracts import PROVIDER_EVENT, PROVIDER_VESSEL, TRACK
from pipeline.limits import load_limits
from pipeline.provider.events import derive_provider_events
from pipeline.tasks.home import read_zones

NOTES = {kind: f"({kind} blind spots)" for kind in ("port_visit", "gap", "encounter", "loitering", "voyage")}
TERMS = {"gfw": "for no trade"}
LIMITS = load_limits().voyage
_PLACES = {"berth": "kp-nampo-coal", "roads": "kp-nampo-anchorage", "longkou": "cn-longkou", "haeju": "kp-haeju"}


def at(text):
    return pd.Timestamp(text, tz="UTC")


def event(kind, number, began, ended, **given):
    return {
        "provider": "gfw", "event_id": number, "kind": kind, "ship": "ship-1", "mmsi": 351990002, "name": "DEMO",
        "began_at": at(began), "ended_at": at(ended) if ended else pd.NaT, "source_file_id": "f",
        "longitude": 123.0, "latitude": 38.1,
    } | given  # fmt: skip


def visit(number, where, began, ended, **given):
    zones = read_zones().frame.set_index("zone_id")
    zone = _PLACES.get(where)
    spot = {"longitude": 129.0, "latitude": 35.0} if zone is None else dict(zones.loc[zone, ["longitude", "latitude"]])
    label = {"port": where.upper(), "port_country": "KR" if zone is None else None, "confidence": 4}
    return event("port_visit", number, began, ended, **(spot | label | given))


def encounter(number, mmsi, ship, other_mmsi, other_ship, began="2020-12-06T01:00", **given):
    sides = {"mmsi": mmsi, "ship": ship, "other_mmsi": other_mmsi, "other_ship": other_ship}
    return event("encounter", number, began, "2020-12-06T04:00", distance_km=0.25, speed_kn=0.5, **(sides | given))


def tell(*rows, vessels=(), tracks=(), notes=NOTES):
    frame = PROVIDER_EVENT.conform(pd.DataFrame(list(rows), columns=PROVIDER_EVENT.names))
    heard = TRACK.conform(
        pd.DataFrame(
            [
                (f"{mmsi}-{n}", mmsi, hull, at(began), at(ended))
                for n, (mmsi, hull, began, ended) in enumerate(tracks, 1)
            ],
            columns=["track_id", "mmsi", "vessel_id", "from_at", "to_at"],
        )
    )
    known = pd.DataFrame(
        [{"provider": "gfw", "source_file_id": "f"} | one for one in vessels], columns=PROVIDER_VESSEL.names
    )
    return derive_provider_events(frame, PROVIDER_VESSEL.conform(known), heard, read_zones(), notes, TERMS, LIMITS)


COAL = (
    visit("p1", "berth", "2020-12-03T06:00", "2020-12-05T08:00"),
    visit("p2", "longkou", "2020-12-07T01:00", "2020-12-10T12:00"),
)


def one(told, table):
    rows = told.tables[table].to_dict("records")
    assert len(rows) == 1
    return rows[0]


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


GAP = {
    "distance_km": 92.6, "speed_kn": 3.5, "hours": 14.25, "off_longitude": 124.2, "off_latitude": 38.2,
    "on_longitude": 123.2, "on_latitude": 38.0, "switched_off": True, "satellite_positions_per_day": 87.56,
    "satellite_positions_before": 22.0,
}  # fmt: skip


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


def hull_of(told):
    return told.tables["port_call"][["vessel_id", "imo"]].drop_duplicates().iloc[0].tolist()


def test_a_ship_nobody_heard_is_a_hull_of_her_own():
    told = tell(*COAL)

    assert hull_of(told)[0] == "mmsi-351990002"
    assert told.vessels[["vessel_id", "name", "flag"]].to_numpy().tolist() == [["mmsi-351990002", "DEMO", "PA"]]


def test_a_ship_that_we_heard_on_the_mmsi_is_that_hull():
    told = tell(*COAL, tracks=[(351990002, "imo-8518780", "2020-12-01", "2020-12-31")])

    assert hull_of(told) == ["imo-8518780", 8518780]


def test_of_two_hulls_on_one_mmsi_it_is_the_one_heard_at_the_time():
    told = tell(
        *COAL,
        tracks=[
            (351990002, "imo-8518780", "2018-01-01", "2018-12-31"),
            (351990002, "mmsi-351990002-2", "2020-12-01", "2020-12-31"),
        ],
    )

    assert hull_of(told)[0] == "mmsi-351990002-2"


def test_where_it_could_be_either_of_two_hulls_it_is_neither():
    told = tell(
        *COAL,
        tracks=[
            (351990002, "imo-8518780", "2020-12-01", "2020-12-31"),
            (351990002, "mmsi-351990002-2", "2020-12-01", "2020-12-31"),
        ],
    )

    assert hull_of(told)[0] == "gfw-351990002"
    assert pd.isna(hull_of(told)[1])


def test_a_valid_number_of_the_provider_names_the_hull():
    rows = [row | {"imo": 8518780} for row in COAL]

    assert hull_of(tell(*rows, tracks=[(351990002, "mmsi-351990002", "2020-12-01", "2020-12-31")]))[1] == 8518780


KNOWN = {"ship": "ship-1", "imo": 8518780, "name": "KNOWN", "call_sign": "3EDM", "length_m": 119.5, "owner": "X LTD"}


def test_particulars_name_the_hull_and_tell_what_she_is():
    told = tell(*COAL, vessels=[KNOWN])

    assert hull_of(told) == ["imo-8518780", 8518780]
    assert told.tables["voyage"]["imo"].tolist() == [8518780]
    (vessel,) = told.vessels.to_dict("records")
    assert (vessel["imo"], vessel["name"], vessel["call_sign"], vessel["length_m"]) == (8518780, "DEMO", "3EDM", 119.5)


def test_particulars_without_a_number_tell_what_she_is_and_name_nobody():
    told = tell(*COAL, vessels=[KNOWN | {"imo": None, "imo_note": "her records disagree: 8518780, 8628597"}])

    assert hull_of(told) == ["mmsi-351990002", pd.NA]
    assert told.vessels[["vessel_id", "call_sign"]].to_numpy().tolist() == [["mmsi-351990002", "3EDM"]]


def test_particulars_of_another_ship_on_the_same_mmsi_are_not_hers():
    told = tell(*COAL, vessels=[KNOWN | {"ship": "ship-2"}])

    assert hull_of(told) == ["mmsi-351990002", pd.NA]
    assert told.vessels["call_sign"].isna().all()


def test_the_number_of_an_event_goes_before_that_of_particulars():
    told = tell(*(row | {"imo": 8628597} for row in COAL), vessels=[KNOWN])

    assert hull_of(told) == ["imo-8628597", 8628597]


def test_particulars_name_a_ship_that_we_heard_without_a_number():
    told = tell(*COAL, vessels=[KNOWN], tracks=[(351990002, "mmsi-351990002", "2020-12-01", "2020-12-31")])

    assert hull_of(told) == ["imo-8518780", 8518780]


@pytest.mark.parametrize(("began", "ended", "hull"), [
    ("2020-12-01", "2020-12-31", "gfw-351990002"), ("2018-01-01", "2018-12-31", "imo-8518780"),
])  # fmt: skip
def test_where_we_heard_another_number_at_the_time_she_is_neither_of_the_two(began, ended, hull):
    told = tell(*COAL, vessels=[KNOWN], tracks=[(351990002, "imo-8628597", began, ended)])

    assert hull_of(told)[0] == hull


def test_where_we_heard_the_number_of_her_particulars_she_is_that_hull():
    told = tell(*COAL, vessels=[KNOWN], tracks=[(351990002, "imo-8518780", "2020-12-01", "2020-12-31")])

    assert hull_of(told) == ["imo-8518780", 8518780]


def test_particulars_of_another_mmsi_do_not_name_her():
    told = tell(*COAL, vessels=[KNOWN | {"mmsi": 440000001}])

    assert hull_of(told)[0] == "mmsi-351990002"
    assert told.vessels["call_sign"].isna().all()


def test_the_other_one_of_an_encounter_is_known_by_her_particulars_too():
    met = encounter("e1", 351990002, "ship-1", 412000009, "ship-9")

    told = one(tell(met, vessels=[KNOWN | {"ship": "ship-9"}]), "encounter")

    assert (told["other_imo"], told["other_vessel_id"]) == (8518780, "imo-8518780")
    assert pd.isna(told["imo"])


def test_two_ids_of_one_number_are_one_hull_as_the_later_one_knows_it():
    later = visit("p3", "longkou", "2021-01-03T06:00", "2021-01-05T08:00", mmsi=445000123, ship="ship-2", name="NEW")

    told = tell(*COAL, later, vessels=[KNOWN, KNOWN | {"ship": "ship-2", "call_sign": None, "length_m": 99.0}])

    (vessel,) = told.vessels.to_dict("records")
    assert (vessel["vessel_id"], vessel["mmsi"], vessel["name"]) == ("imo-8518780", 445000123, "NEW")
    assert (vessel["call_sign"], vessel["length_m"]) == ("3EDM", 99.0)


def test_a_name_that_no_event_tells_comes_from_particulars():
    told = tell(*(row | {"name": None} for row in COAL), vessels=[KNOWN])

    assert told.vessels["name"].tolist() == ["KNOWN"]


def test_ids_come_from_the_providers_id_and_no_order_matters():
    rows = [*COAL, event("gap", "g1", "2020-12-05T20:00", "2020-12-06T10:15", **GAP)]

    forward, backward = tell(*rows), tell(*rows[::-1])

    for name, frame in forward.tables.items():
        key = f"{name}_id"
        pd.testing.assert_frame_equal(
            frame.sort_values(key, ignore_index=True), backward.tables[name].sort_values(key, ignore_index=True)
        )


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
