"""Global Fishing Watch pages: every entry is an event, a duplicate, or a reject with its reason."""

import json

import pandas as pd
import pytest

from pipeline.contracts import PROVIDER_EVENT
from pipeline.errors import InputError
from pipeline.formats.gfw_events import SOURCE, read_pages
from pipeline.formats.record import Content
from pipeline.lake.accounting import REASONS
from tests.lake.files import format_of
from tests.tasks.gfw_world import MMSI, coal_voyage, encounter, gap, loitering, page, vessel, visit, write_pages

FUTURE = "2021-06-01T00:00:00"


def read(path, *pages):
    return read_pages(Content(write_pages(path / "gfw.jsonl", *pages), "gfw.jsonl"), FUTURE)


def rejected(path, *entries):
    reading = read(path, list(entries))
    assert reading.events.empty
    return list(reading.rejects["reason"])


def test_every_kind_of_event_is_read_in_its_own_units(tmp_path):
    other = vessel(412000009, "BUNKER ONE", flag="CHN")
    entries = [
        visit("p1", "kp-nampo-coal", "2020-12-03T06:00", "2020-12-05T08:00"),
        gap("g1", "2020-12-05T20:00", "2020-12-06T10:15"),
        encounter("e1", other, "2020-12-05T12:00", "2020-12-05T15:00"),
        loitering("l1", "2020-12-06T11:00", "2020-12-06T18:30"),
    ]

    reading = read(tmp_path, entries)

    events = PROVIDER_EVENT.conform(reading.events.assign(source_file_id="f")).set_index("event_id")
    assert reading.rows_read == len(events) == 4
    assert events.loc["p1", ["kind", "mmsi", "flag", "port", "port_country", "confidence"]].tolist() == [
        "port_visit", 351990002, "PA", "NAMPO", "KP", 4,
    ]  # fmt: skip
    assert events.loc["g1", ["distance_km", "speed_kn", "hours", "on_longitude", "switched_off"]].tolist() == [
        92.6, 3.5, 14.25, 123.2, True,
    ]  # fmt: skip
    assert events.loc["g1", ["satellite_positions_per_day", "satellite_positions_before"]].tolist() == [87.5, 22]
    assert events.loc["e1", ["other_mmsi", "other_name", "other_flag", "encounter_kind", "distance_km"]].tolist() == [
        412000009, "BUNKER ONE", "CN", "BUNKER-CARRIER", 0.2,
    ]  # fmt: skip
    assert events.loc["l1", ["hours", "distance_km", "speed_kn"]].tolist() == [7.5, 18.52, 1.3]


def test_a_visit_is_read_under_either_of_its_names(tmp_path):
    entry = visit("p1", "kp-nampo-coal", "2020-12-03T06:00", "2020-12-05T08:00")
    other = {**entry, "id": "p2", "portVisit": entry["port_visit"]}
    del other["port_visit"]

    events = read(tmp_path, [entry, other]).events

    assert events["confidence"].tolist() == [4, 4]
    assert events["port"].tolist() == ["NAMPO", "NAMPO"]


def test_a_number_that_the_api_does_not_document_counts_only_with_its_check_digit(tmp_path):
    good = visit("p1", "kp-nampo-coal", "2020-12-03T06:00", "2020-12-05T08:00", vessel=vessel(imo="8518780"))
    bad = visit("p2", "kp-nampo-coal", "2020-12-03T06:00", "2020-12-05T08:00", vessel=vessel(imo="8512345"))

    events = read(tmp_path, [good, bad]).events

    assert events["imo"].tolist()[0] == 8518780
    assert events["imo"].isna().tolist() == [False, True]


def test_an_open_gap_has_no_end_and_a_visit_without_an_end_is_none(tmp_path):
    reading = read(tmp_path, [gap("g1", "2020-12-05T20:00", None), visit("p1", "kp-nampo", "2020-12-03T06:00", None)])

    assert reading.events["event_id"].tolist() == ["g1"]
    assert reading.events["ended_at"].isna().all()
    assert reading.rejects["reason"].tolist() == ["bad_time"]


VISIT = visit("p1", "kp-nampo-coal", "2020-12-03T06:00", "2020-12-05T08:00")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": None}, "no_event_id"),
        ({"type": "fishing"}, "unknown_event"),
        ({"type": None}, "unknown_event"),
        ({"vessel": None}, "no_vessel"),
        ({"vessel": {"id": "x", "ssvid": None}}, "no_vessel"),
        ({"vessel": {"id": "x", "ssvid": "12345"}}, "bad_mmsi"),
        ({"vessel": {"id": "x", "ssvid": "buoy 7"}}, "bad_mmsi"),
        ({"start": "yesterday"}, "bad_time"),
        ({"start": None}, "bad_time"),
        ({"start": 1606975200}, "bad_time"),
        ({"end": "2020-12-01T00:00:00.000Z"}, "ends_before_start"),
        ({"end": "2021-07-01T00:00:00.000Z"}, "future"),
        ({"position": {"lat": 91.0, "lon": 125.0}}, "bad_position"),
        ({"position": {"lat": "north", "lon": 125.0}}, "bad_position"),
        ({"port_visit": {"confidence": "5"}}, "bad_confidence"),
        ({"port_visit": None}, "bad_confidence"),
    ],
)
def test_what_is_no_event_is_rejected_with_its_reason(change, reason, tmp_path):
    assert rejected(tmp_path, VISIT | change) == [reason]
    assert reason in REASONS


def test_loitering_without_a_place_is_rejected_and_a_visit_is_placed_by_its_anchorage(tmp_path):
    adrift = loitering("l1", "2020-12-06T11:00", "2020-12-06T18:30", position=None)
    calling = VISIT | {"position": None}

    reading = read(tmp_path, [adrift, calling])

    assert reading.rejects["reason"].tolist() == ["bad_position"]
    assert reading.events["anchorage_latitude"].notna().all()


# ------------------------------------------------------------------------- an encounter with one that is no ship


def met(other, **more):
    return encounter("e1", other, "2020-12-05T12:00", "2020-12-05T15:00", **more)


BUOY = {"id": "net-1", "ssvid": "888111223", "name": "NET 25232", "flag": None}


@pytest.mark.parametrize("sent", ["888111223", None, "", "buoy 7", 12345, "4.12E+08", "991234567"])
def test_an_encounter_with_one_that_sends_no_ships_number_stands_without_her(sent, tmp_path):
    (event,) = read(tmp_path, [met(BUOY | {"ssvid": sent})]).events.to_dict("records")

    assert (event["mmsi"], event["other_ship"], event["other_name"]) == (MMSI, "net-1", "NET 25232")
    assert pd.isna(event["other_mmsi"])
    assert event["other_number"] == str(sent) if sent else pd.isna(event["other_number"])


def test_told_from_the_other_side_it_is_the_same(tmp_path):
    turned = met(vessel(), vessel=BUOY)

    one, other = (read(tmp_path, [told]).events.drop(columns="ship_kind") for told in (met(BUOY), turned))

    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    ("other", "reason"), [({}, "no_vessel"), (None, "no_vessel"), ({"id": None, "name": ""}, "no_vessel")]
)
def test_an_encounter_without_another_at_all_is_rejected(other, reason, tmp_path):
    assert rejected(tmp_path, met(other)) == [reason]


def test_an_encounter_of_two_that_are_no_ships_is_rejected(tmp_path):
    assert rejected(tmp_path, met(BUOY, vessel=BUOY | {"id": "net-2"})) == ["bad_mmsi"]


def test_a_number_whose_digits_are_lost_is_no_ships(tmp_path):
    assert rejected(tmp_path, VISIT | {"vessel": vessel(ssvid="4.12E+08")}) == ["bad_mmsi"]


# ------------------------------------------------------------------------------------------- the port of a visit

PORTS = {
    "id alone": ({"id": "usa-seattle", "flag": "USA"}, ("SEATTLE", "US")),
    "id without flag": ({"id": "prk-kimch'aek"}, ("KIMCH'AEK", "KP")),
    "id with hyphens": ({"id": "usa-port-arthur", "flag": "USA"}, ("PORT-ARTHUR", "US")),
    "name": ({"id": "usa-wardcove", "name": "WARD COVE", "flag": "USA"}, ("WARD COVE", "US")),
    "no country in the id": ({"id": "nampo", "flag": "PRK"}, ("NAMPO", "KP")),
    "countries that contradict": ({"id": "prk-nampo", "name": "DANDONG", "flag": "CHN"}, ("DANDONG", None)),
    "a cell's number": ({"id": "35a1b2c3", "flag": "PRK"}, (None, "KP")),
    "what ships type": ({"flag": "USA", "topDestination": "SITKA"}, (None, "US")),
}


@pytest.mark.parametrize("case", PORTS)
def test_a_port_is_the_name_or_the_id_of_its_anchorage(case, tmp_path):
    anchorage, expected = PORTS[case]
    told = {"confidence": "4", "intermediateAnchorage": {"topDestination": "SITKA"} | anchorage}

    (event,) = read(tmp_path, [VISIT | {"port_visit": told}]).events.to_dict("records")

    assert tuple(None if pd.isna(event[name]) else event[name] for name in ("port", "port_country")) == expected


DANDONG = {"id": "chn-dandong", "name": "DANDONG", "flag": "CHN", "lon": 124.3, "lat": 39.9}
SINUIJU = {"id": "prk-sinuiju", "name": None, "flag": "PRK", "lon": 124.4, "lat": 40.1, "topDestination": "DANDONG"}


@pytest.mark.parametrize(
    ("entry", "stop", "leaving", "expected"),
    [
        (DANDONG, SINUIJU, DANDONG, ("SINUIJU", "KP", 124.4, "DANDONG (CN)", "DANDONG (CN)")),
        (DANDONG, {"flag": "PRK", "lon": 124.4, "lat": 40.1}, SINUIJU, ("DANDONG", "CN", 124.3, None, "SINUIJU (KP)")),
        (DANDONG, None, SINUIJU, ("DANDONG", "CN", 124.3, None, "SINUIJU (KP)")),
        (None, None, SINUIJU, ("SINUIJU", "KP", 124.4, None, None)),
        (SINUIJU, SINUIJU, SINUIJU, ("SINUIJU", "KP", 124.4, None, None)),
    ],
    ids=["the stop", "a stop without a label", "no stop", "the exit alone", "one port"],
)
def test_of_two_ports_the_one_where_she_stopped_counts_with_its_own_country(entry, stop, leaving, expected, tmp_path):
    told = {"confidence": 4, "startAnchorage": entry, "intermediateAnchorage": stop, "endAnchorage": leaving}

    (event,) = read(tmp_path, [VISIT | {"port_visit": told}]).events.to_dict("records")

    names = ("port", "port_country", "anchorage_longitude", "entered_at", "left_at")
    assert tuple(None if pd.isna(event[name]) else event[name] for name in names) == expected


# ------------------------------------------------------------------------------------------------------- accounting


def test_an_id_that_comes_twice_is_a_duplicate_and_the_later_row_counts(tmp_path):
    later = VISIT | {"end": "2020-12-05T09:00:00.000Z"}

    reading = read(tmp_path, [VISIT], [later])

    assert (reading.rows_read, reading.duplicates, len(reading.rejects)) == (2, 1, 0)
    assert reading.events["ended_at"].dt.hour.tolist() == [9]


def test_an_unusable_row_does_not_take_the_place_of_a_usable_one(tmp_path):
    reading = read(tmp_path, [VISIT, VISIT | {"end": "never"}])

    assert len(reading.events) == 1
    assert reading.rejects["reason"].tolist() == ["bad_time"]


def test_a_line_that_is_no_page_is_a_reject_and_the_pages_around_it_are_read(tmp_path):
    path = write_pages(tmp_path / "gfw.jsonl", coal_voyage())
    path.write_text(path.read_text() + '{"total": 2, "entr\n' + "[1, 2]\n" + json.dumps({"entries": [7]}) + "\n")

    reading = read_pages(Content(path, path.name), FUTURE)

    assert len(reading.events) == 2
    assert reading.rejects["reason"].tolist() == ["unreadable"] * 3
    assert reading.rejects["line"].tolist() == [3, 4, 5]


def test_an_empty_page_holds_no_row(tmp_path):
    reading = read(tmp_path, [])

    assert (reading.rows_read, len(reading.events), len(reading.rejects)) == (0, 0, 0)


def test_the_form_is_recognised_by_its_first_line(tmp_path):
    assert format_of(write_pages(tmp_path / "pages.jsonl", coal_voyage())) == SOURCE.name
    assert format_of(write_pages(tmp_path / "nothing.jsonl", [])) == SOURCE.name


@pytest.mark.parametrize("indent", [None, 0, 2], ids=["a line", "flush left", "indented"])
def test_pages_entries_and_lists_of_them_are_read_however_they_are_printed(indent, tmp_path):
    voyage = coal_voyage()
    forms = [page(voyage), voyage, [page(voyage[:1]), page(voyage[1:])], voyage[0]]

    for n, content in enumerate(forms):
        path = tmp_path / f"{n}.json"
        path.write_text("\ufeff" + json.dumps(content, indent=indent) + "\n")
        assert format_of(path) == SOURCE.name
        reading = read_pages(Content(path, path.name), FUTURE)
        assert reading.events["event_id"].tolist() == (["v1"] if n == 3 else ["v1", "v2"])
        assert reading.rejects.empty


def test_pages_are_told_apart_whatever_stands_between_them_and_bytes_that_are_no_text_cost_none(tmp_path):
    one, other = (json.dumps(page([entry])) for entry in coal_voyage(vessel(name="CAFE")))
    for n, between in enumerate(["", "\r", "\r\n\r\n", ",\n", "\n \t\n"]):
        path = tmp_path / f"{n}.json"
        path.write_bytes((one + between + other).replace("CAFE", "CAF\xe9").encode("latin-1"))

        reading = read_pages(Content(path, path.name), FUTURE)

        assert reading.events["name"].tolist() == ["CAF\ufffd"] * 2
        assert reading.rejects.empty


def test_after_a_torn_document_the_next_one_is_read(tmp_path):
    path, whole = tmp_path / "gfw.json", json.dumps(page(coal_voyage()), indent=2)
    path.write_text(whole[:900] + "\n" + whole + "\n")

    reading = read_pages(Content(path, path.name), FUTURE)

    assert reading.events["event_id"].tolist() == ["v1", "v2"]
    assert reading.rejects["reason"].tolist() == ["unreadable"] * 2  # the page, and the entry in which it is torn


@pytest.mark.parametrize("indent", [None, 0, 2], ids=["a line", "flush left", "indented"])
@pytest.mark.parametrize("form", [page, list], ids=["page", "list"])
@pytest.mark.parametrize(
    "end", ["", ",", ",]}", ', {"id": "v3", "sta'], ids=["cut", "comma", "comma at the end", "entry"]
)
def test_of_a_torn_document_the_entries_that_came_whole_are_read_and_the_tear_is_counted(form, indent, end, tmp_path):
    voyage = coal_voyage()
    whole, last = (json.dumps(form(entries), indent=indent) for entries in (voyage, voyage[:1]))
    path = tmp_path / "gfw.json"
    path.write_text(whole[: whole.rindex("]")].rstrip() + end + "\n" + last + "\n")

    reading = read_pages(Content(path, path.name), FUTURE)

    assert sorted(reading.events["event_id"]) == ["v1", "v2"]
    assert reading.duplicates == 1
    assert reading.rejects["reason"].tolist() == ["unreadable"] * (2 if "v3" in end else 1)


def test_the_version_of_the_data_stays_with_each_event(tmp_path):
    named = page(coal_voyage()) | {"metadata": {"datasets": ["public-global-port-visits-events:v5.0"]}}
    path = tmp_path / "gfw.json"
    path.write_text(json.dumps(named) + "\n" + json.dumps(page([VISIT]) | {"metadata": None}))

    found = read_pages(Content(path, path.name), FUTURE).events.set_index("event_id")["dataset"]

    assert found["v1"] == found["v2"] == "public-global-port-visits-events:v5.0"
    assert pd.isna(found["p1"])


@pytest.mark.parametrize("field", ["offPosition", "onPosition"])
@pytest.mark.parametrize("lat", ["north", 91, None, [38.0]])
def test_an_end_of_a_gap_that_cannot_be_read_does_not_cost_the_gap(field, lat, tmp_path):
    told = gap("g1", "2020-12-05T20:00", "2020-12-06T10:15", **{field: {"lat": lat, "lon": "124.2"}})

    (event,) = read(tmp_path, [told]).events.to_dict("records")

    assert pd.isna(event[f"{field[:-8]}_latitude"])
    assert pd.isna(event[f"{field[:-8]}_longitude"])


@pytest.mark.parametrize("start", ["now", "today", "2020", "2020-12", "NaT", "20201203T06"])
def test_a_time_that_is_no_moment_is_rejected(start, tmp_path):
    assert rejected(tmp_path, VISIT | {"start": start}) == ["bad_time"]


@pytest.mark.parametrize("start", ["2020-12-03T15:00:00+09:00", "2020-12-03 06:00:00 UTC", "2020-12-03T06:00:00"])
def test_a_time_is_counted_in_utc(start, tmp_path):
    assert read(tmp_path, [VISIT | {"start": start}]).events["began_at"].tolist() == [pd.Timestamp("2020-12-03T06Z")]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ({"entries": [{"public-global-presence:v5.0": [{"lat": 38.7, "lon": 125.2, "hours": 3}]}]}, "4Wings report"),
        ({"numEvents": 3, "timeseries": []}, "statistics of events"),
        ({"period": {}, "vesselIdsWithoutIdentity": None}, "insights into ships"),
        ([{"id": "prk-nampo", "name": "NAMPO", "flag": "PRK"}], "a list of ports"),
        ({"datasets": ["public-global-gaps-events:latest"], "startDate": "2019-01-01"}, "a request and no answer"),
    ],
)
def test_another_answer_of_the_api_is_named_and_not_read(content, what, tmp_path):
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(content, indent=1))

    assert format_of(path) == SOURCE.name
    with pytest.raises(InputError, match=what):
        read_pages(Content(path, path.name), FUTURE)
