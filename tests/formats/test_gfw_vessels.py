"""Particulars of ships from made-up answers in the documented shape: what counts, and when no number is taken."""

import json

import pandas as pd
import pytest

from pipeline.contracts import PROVIDER_VESSEL
from pipeline.formats.gfw_vessels import read_pages
from pipeline.formats.record import Content
from tests.lake.files import format_of
from tests.tasks.gfw_world import MMSI, coal_voyage, hull, identity, page, registered, ships_page, write_ships

SHIP = f"ship-{MMSI}"
GOOD, OTHER, BAD = 8518780, 8628597, 8518781
NOTHING = pytest.approx(float("nan"), nan_ok=True)


def read(folder, *pages):
    return read_pages(Content(write_ships(folder / "ships.jsonl", *pages), "ships.jsonl"))


def particulars(folder, *entries, ship=SHIP):
    """Of one ship, as a dictionary without nulls."""
    found = read(folder, list(entries)).vessels.set_index("ship")
    return found.loc[ship].dropna().to_dict()


def test_what_a_ship_transmits_and_what_registries_hold_make_her_particulars(tmp_path):
    reading = read(tmp_path, [hull(identity(), registry=[registered(GOOD)], owner="DEMO SHIPPING LTD")])

    PROVIDER_VESSEL.conform(reading.vessels.assign(source_file_id="f"))
    (row,) = reading.vessels.to_dict("records")
    assert row == {
        "provider": "gfw", "ship": SHIP, "mmsi": MMSI, "imo": GOOD, "imo_note": NOTHING,
        "name": "DEMO COAL", "call_sign": "3EDM", "flag": "PA", "ship_kind": "cargo", "length_m": 119.5,
        "gross_tonnage": 6390.0, "registries": "IMO, TMT", "dataset": "public-global-vessel-identity:v4.0",
        "owner": "DEMO SHIPPING LTD", "owners": "DEMO SHIPPING LTD (HK), 2019-04-06 to 2020-12-20",
        "owner_from_at": pd.Timestamp("2019-04-06", tz="UTC"), "owner_to_at": pd.Timestamp("2020-12-20", tz="UTC"),
        "from_at": pd.Timestamp("2019-04-06 13:12:43", tz="UTC"), "to_at": pd.Timestamp("2020-12-20 08:00", tz="UTC"),
    }  # fmt: skip
    assert (reading.rows_read, reading.accepted, reading.duplicates, len(reading.rejects)) == (1, 1, 0, 0)


def test_a_ship_that_no_registry_knows_is_what_she_transmits(tmp_path):
    found = particulars(tmp_path, hull(identity(imo=str(GOOD), shipname=" demo coal ")))

    assert (found["imo"], found["name"]) == (GOOD, "DEMO COAL")
    assert not {"length_m", "gross_tonnage", "owner", "registries", "imo_note"} & set(found)


def test_what_she_does_not_transmit_comes_from_the_registry_that_knew_her_last(tmp_path):
    older = registered(GOOD, callsign="OLD1", lengthM=100, latestVesselInfo=False,
                       transmissionDateTo="2012-05-25 15:16:29 UTC")  # fmt: skip
    mute = identity(shipname=None, nShipname=None, callsign=None, flag=None)

    found = particulars(tmp_path, hull(mute, registry=[older, registered(GOOD, callsign="NEW2", tonnageGt="6390.5")]))

    assert (found["name"], found["call_sign"], found["flag"]) == ("DEMOCOAL", "NEW2", "PA")
    assert (found["length_m"], found["gross_tonnage"]) == (119.5, 6390.5)


def test_every_identity_of_a_hull_has_its_row(tmp_path):
    before = identity(445000123, "OLD NAME", flag="PRK", transmissionDateTo="2019-04-06 13:12:43 UTC")

    found = read(tmp_path, [hull(identity(), before, registry=[registered(GOOD)])]).vessels.set_index("ship")

    assert found["imo"].tolist() == [GOOD, GOOD]
    assert found["name"].to_dict() == {SHIP: "DEMO COAL", "ship-445000123": "OLD NAME"}
    assert found.loc["ship-445000123", "to_at"] == pd.Timestamp("2019-04-06 13:12:43", tz="UTC")


# ----------------------------------------------------------------- a number names a hull: the right one, or none


def test_records_that_agree_name_her(tmp_path):
    found = particulars(tmp_path, hull(identity(imo=f"IMO{GOOD}"), registry=[registered(GOOD), registered(GOOD)]))

    assert found["imo"] == GOOD
    assert "imo_note" not in found


@pytest.mark.parametrize(
    "entries",
    [
        [hull(identity(imo=str(OTHER)), registry=[registered(GOOD)])],
        [hull(identity(), registry=[registered(GOOD), registered(OTHER)])],
        [hull(identity(), registry=[registered(GOOD)]), hull(identity(), registry=[registered(OTHER)])],
        [hull(identity(), identity(412000009, imo=str(OTHER)), registry=[registered(GOOD)])],
    ],
    ids=["she transmits another", "registries differ", "sister ships share the id", "another identity of the hull"],
)
def test_records_that_disagree_name_nobody_and_it_is_said(tmp_path, entries):
    found = particulars(tmp_path, *entries)

    assert "imo" not in found
    assert found["imo_note"] == f"her records disagree: {GOOD}, {OTHER}"
    assert not {"length_m", "gross_tonnage", "owner"} & set(found)


def test_an_id_in_the_records_of_two_ships_of_which_one_has_no_number_names_nobody(tmp_path):
    nameless = registered(None, shipname="SISTER", lengthM=80)

    found = particulars(tmp_path, hull(identity(), registry=[registered(GOOD)]), hull(identity(), registry=[nameless]))

    assert "imo" not in found
    assert found["imo_note"] == f"stands in the records of 2 ships, not all of which tell {GOOD}"
    assert "length_m" not in found


def test_a_check_digit_that_fails_is_no_number_and_it_is_said(tmp_path):
    found = particulars(tmp_path, hull(identity(), registry=[registered(BAD)]))

    assert "imo" not in found
    assert found["imo_note"] == f"check digit fails: {BAD}"


def test_a_placeholder_that_many_ships_send_is_no_number_and_it_is_said(tmp_path):
    found = particulars(tmp_path, hull(identity(imo="1234567"), registry=[registered(BAD)]))

    assert "imo" not in found
    assert found["imo_note"] == f"check digit fails: {BAD}; placeholder, no ship's: 1234567"


@pytest.mark.parametrize("sent", [BAD, 1234567, "0", 0, "", "none", "9" * 5000])
def test_what_is_no_number_does_not_stand_against_one(tmp_path, sent):
    assert particulars(tmp_path, hull(identity(imo=sent), registry=[registered(GOOD)]))["imo"] == GOOD


# ------------------------------------- the number that her own transmissions and her own MMSI's record agree on

ELSE = 445000123


def sisters(*strays, **hers):
    """Two hulls; each has the other's MMSI in a record of hers, and both have the ids of both and of strays."""
    own = identity(imo=str(GOOD), positionsCounter=2_000_000, **hers)
    other = identity(ELSE, "SISTER", imo=str(OTHER), positionsCounter=2_100_000)
    return [
        hull(own, other, *strays, registry=[registered(GOOD), registered(GOOD, ssvid=str(ELSE))], owner="HERS"),
        hull(own, other, *strays, registry=[registered(OTHER, ssvid=str(ELSE), lengthM=90), registered(OTHER)]),
    ]


def test_a_sister_keeps_the_number_that_she_sends_and_her_record_has(tmp_path):
    found = {ship: particulars(tmp_path, *sisters(), ship=ship) for ship in (SHIP, f"ship-{ELSE}")}

    assert {ship: one["imo"] for ship, one in found.items()} == {SHIP: GOOD, f"ship-{ELSE}": OTHER}
    assert [one["length_m"] for one in found.values()] == [119.5, 90.0]
    assert [one.get("owner") for one in found.values()] == ["HERS", None]


def test_a_stray_message_under_her_sisters_mmsi_names_neither(tmp_path):
    stray = identity(ELSE, imo=str(GOOD), id="stray", positionsCounter=113)

    found = {ship: particulars(tmp_path, *sisters(stray), ship=ship) for ship in ("stray", f"ship-{ELSE}", SHIP)}

    assert found["stray"]["imo_note"] == f"her records disagree: {GOOD}, {OTHER}"
    assert "owner" not in found["stray"]
    assert [one.get("imo") for one in found.values()] == [None, OTHER, GOOD]


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"positionsCounter": 2_000_000}, None),
        ({"positionsCounter": "113"}, GOOD),
        ({"positionsCounter": None}, GOOD),
        ({"transmissionDateFrom": "2021-01-01T00:00:00Z", "transmissionDateTo": "2022-01-01T00:00:00Z",
          "positionsCounter": 5_000_000}, GOOD),
        ({"positionsCounter": 5_000_000, "imo": str(GOOD)}, GOOD),
        ({"positionsCounter": 5_000_000, "imo": str(BAD)}, GOOD),
    ],
    ids=["as often as she", "seldom", "nobody counted", "later", "the same number", "no number of a ship"],
)  # fmt: skip
def test_she_keeps_it_unless_another_sends_another_under_her_mmsi_at_the_time_as_often(tmp_path, change, number):
    stray = identity(id="stray", **({"imo": str(OTHER)} | change))

    assert particulars(tmp_path, *sisters(stray)).get("imo") == number


@pytest.mark.parametrize(
    "hers", [{"imo": None}, {"imo": str(OTHER)}, {"ssvid": "12345"}], ids=["sends none", "sends another", "no MMSI"]
)
def test_a_ship_that_does_not_send_the_number_of_her_own_record_has_none_of_the_two(tmp_path, hers):
    registry = [registered(GOOD)]

    found = particulars(tmp_path, hull(identity(**hers), registry=registry), hull(identity(**hers), registry=[
        registered(OTHER, ssvid=str(ELSE))]))  # fmt: skip

    assert "imo" not in found


# ----------------------------------------------------------------------------------------------------- owners


def owned(*owners, **hers):
    told = [{"name": "A", "flag": "HKG", "ssvid": str(MMSI), "sourceCode": ["IMO"]} | one for one in owners]
    return hull(identity(**hers), registry=[registered(GOOD)], registryOwners=told)


def test_an_owner_is_hers_for_the_time_told_and_no_longer(tmp_path):
    until_2019 = {"dateFrom": "2012-01-08T19:18:08Z", "dateTo": "2019-02-23T04:01:09Z"}
    now, then = (
        {"transmissionDateFrom": f"{year}-03-01T00:00:00Z", "transmissionDateTo": "2026-09-22T00:00:00Z"}
        for year in (2019, 2018)
    )

    later, at_the_time = (particulars(tmp_path, owned(until_2019, **of)) for of in (now, then))

    assert "owner" not in later
    assert later["owners"] == at_the_time["owners"] == "A (HK), 2012-01-08 to 2019-02-23"
    assert (at_the_time["owner"], at_the_time["owner_to_at"].year) == ("A", 2019)


def test_owners_are_told_the_last_first_and_times_that_meet_are_one(tmp_path):
    spans = [("A", 2019, 2020), ("B", 2013, 2014), ("A", 2020, 2021), ("B", 2016, 2017)]
    told = [
        {"name": name, "dateFrom": f"{a}-01-01T00:00:00Z", "dateTo": f"{b}-01-01T00:00:00Z"} for name, a, b in spans
    ]

    found = particulars(tmp_path, owned(*told))

    assert found["owners"] == (
        "A (HK), 2019-01-01 to 2021-01-01; B (HK), 2016-01-01 to 2017-01-01; B (HK), 2013-01-01 to 2014-01-01"
    )
    assert found["owner"] == "A"


def test_an_owner_under_an_mmsi_that_is_none_of_hers_is_shown_and_not_taken(tmp_path):
    found = particulars(tmp_path, owned({"ssvid": "412331038", "dateTo": None}))

    assert "owner" not in found
    assert found["owners"] == (
        "A (HK), an unknown time to an unknown time, under MMSI 412331038, which no record of hers has"
    )


# ------------------------------------------------------------------------------------------------- accounting


def test_every_row_is_accepted_a_duplicate_or_a_reject_with_its_reason(tmp_path):
    one, nobody = hull(identity(), registry=[registered(GOOD)]), hull(registry=[registered(OTHER)])
    path = write_ships(tmp_path / "ships.jsonl", [one, nobody, "ship"], [one, hull(identity(412000009))])
    path.write_text(path.read_text() + "<html>maintenance</html>\n")

    reading = read_pages(Content(path, path.name))

    assert (reading.rows_read, reading.accepted, reading.duplicates) == (6, 2, 1)
    rejects = reading.rejects[["line", "reason"]]
    assert list(rejects.itertuples(index=False, name=None)) == [(2, "no_vessel"), (3, "unreadable"), (6, "unreadable")]
    assert len(reading.vessels) == 2


def test_the_order_of_pages_makes_no_difference(tmp_path):
    entries = [
        hull(identity(), registry=[registered(GOOD)]),
        hull(identity(412000009), registry=[registered(OTHER, shipname="B")]),
        hull(identity(412000009), registry=[registered(OTHER, shipname="A")], owner="X"),
    ]
    (tmp_path / "a").mkdir()

    found = [read(tmp_path, entries).vessels, read(tmp_path / "a", entries[::-1]).vessels]

    pd.testing.assert_frame_equal(*found)


@pytest.mark.parametrize(
    "change",
    [{"selfReportedInfo": [{"id": SHIP}]}, {"registryInfo": None, "registryOwners": {"name": "x"}},
     {"combinedSourcesInfo": [None, {"vesselId": SHIP, "shiptypes": [None, {"name": 3}]}]}],
)  # fmt: skip
def test_what_is_missing_or_of_another_form_is_null(tmp_path, change):
    assert particulars(tmp_path, hull(identity(), **change))["ship_kind"] in ("cargo", "3")


@pytest.mark.parametrize("at", ["2019-04-06T13:12:43", "yesterday", 5, None])
def test_a_time_that_does_not_say_where_it_counts_from_is_not_guessed(tmp_path, at):
    found = particulars(tmp_path, hull(identity(transmissionDateFrom=at)))

    assert "from_at" not in found
    assert "to_at" in found


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2019-13-01T00:00:00Z"])
def test_a_time_beyond_all_times_is_none(tmp_path, at):
    assert "from_at" not in particulars(tmp_path, hull(identity(transmissionDateFrom=at)))


@pytest.mark.parametrize("length", [10**400, -(10**400), float("inf"), float("nan"), "1e999", [], True])
def test_an_amount_beyond_all_measure_is_none(tmp_path, length):
    found = particulars(tmp_path, hull(identity(), registry=[registered(GOOD, lengthM=length)]))

    assert found.get("length_m") in (None, 1.0)
    assert found["gross_tonnage"] == 6390


@pytest.mark.parametrize("sent", [float(OTHER), f"{OTHER}.0", OTHER])
def test_a_number_that_comes_as_a_number_stands_against_another(tmp_path, sent):
    found = particulars(tmp_path, hull(identity(imo=sent), registry=[registered(GOOD)]))

    assert found["imo_note"] == f"her records disagree: {GOOD}, {OTHER}"


def test_what_no_text_can_hold_is_taken_out(tmp_path):
    found = particulars(tmp_path, hull(identity(shipname="DEMO\ud800 COAL\0\0", callsign="\0"), owner="A\udfffB"))

    assert (found["name"], found["owner"]) == ("DEMO\ufffd COAL", "A\ufffdB")
    assert "call_sign" not in found


def test_what_looks_like_an_escape_is_kept(tmp_path):
    assert particulars(tmp_path, hull(identity(), owner=r"A\u0000B 船"))["owner"] == r"A\u0000B 船"


def test_a_line_that_nests_too_deep_is_a_reject(tmp_path):
    path = tmp_path / "ships.jsonl"
    path.write_text('{"entries": ' + "[" * 200_000 + "]" * 200_000 + "}\n")

    assert read_pages(Content(path, path.name)).rejects["reason"].tolist() == ["unreadable"]


def test_a_single_entry_and_a_list_of_them_are_read_as_a_page_is(tmp_path):
    one, other = hull(identity(), registry=[registered(GOOD)]), hull(identity(ELSE), registry=[registered(OTHER)])
    forms = {"single": one, "list": [one, other], "pages": [ships_page([one]), ships_page([other])]}

    for name, content in forms.items():
        path = tmp_path / name
        path.write_text(json.dumps(content, indent=2))
        assert format_of(path) == "gfw_vessels"
        reading = read_pages(Content(path, name))
        assert reading.vessels["imo"].tolist() == ([GOOD] if name == "single" else [GOOD, OTHER])
        assert reading.rows_read == reading.accepted == len(reading.vessels)


def test_files_of_events_and_of_particulars_are_told_apart(tmp_path):
    def written(name, content):
        (tmp_path / name).write_text(json.dumps(content) + "\n")
        return tmp_path / name

    assert format_of(written("a", ships_page([hull(identity())]))) == "gfw_vessels"
    assert format_of(written("b", ships_page([]))) == "gfw_vessels"
    assert format_of(written("c", {"entries": []})) == "gfw_vessels"
    assert format_of(written("d", page(coal_voyage()))) == "gfw"
    assert format_of(written("e", page([]))) == "gfw"
