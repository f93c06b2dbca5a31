"""Global Fishing Watch pages: every entry is an event, a duplicate, or a reject with its reason."""

import json

import pytest

from pipeline.contracts import BOUGHT_EVENT
from pipeline.lake.accounting import REASONS
from pipeline.sources.gfw_events import SOURCE, read_pages
from pipeline.sources.record import Content
from pipeline.sources.registry import detect
from tests.steps.gfw_world import coal_voyage, encounter, gap, loitering, vessel, visit, write_pages

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

    events = BOUGHT_EVENT.conform(reading.events.assign(source_file_id="f")).set_index("event_id")
    assert reading.rows_read == len(events) == 4
    assert events.loc["p1", ["kind", "mmsi", "flag", "port", "port_country", "confidence"]].tolist() == [
        "port_visit", 351990002, "PA", "NAMPO", "KP", 4,
    ]  # fmt: skip
    assert events.loc["g1", ["distance_km", "speed_kn", "hours", "on_longitude", "switched_off"]].tolist() == [
        92.6, 3.5, 14.25, 123.2, True,
    ]  # fmt: skip
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


def test_an_encounter_without_the_other_ship_is_rejected(tmp_path):
    alone = encounter("e1", {"id": "x", "ssvid": None}, "2020-12-05T12:00", "2020-12-05T15:00")

    assert rejected(tmp_path, alone) == ["no_vessel"]


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
    assert detect(write_pages(tmp_path / "pages.jsonl", coal_voyage())) == SOURCE.name
    assert detect(write_pages(tmp_path / "nothing.jsonl", [])) == SOURCE.name
