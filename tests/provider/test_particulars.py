"""Which hull a provider's ship is: by what we heard, by its number, by its particulars; and what these tell."""

import pandas as pd
import pytest

from tests.provider.telling import COAL, GAP, encounter, event, one, tell, visit


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
