"""AIS presence as it is kept by the fetch: rows to coarse positions, each accepted or rejected with its reason."""

import json
from datetime import UTC, datetime

import pytest

from pipeline.errors import InputError
from pipeline.settings import Settings
from pipeline.tasks.home import Home
from pipeline.tasks.land import ingest
from tests.fetch.test_gfw_reports import DAY, V5, row

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ASKED = {"datasets[0]": V5, "spatial-resolution": "HIGH", "temporal-resolution": "HOURLY", "date-range": "x"}


def line(*rows, version=V5, **asked):
    body = {"entries": [{version: list(rows) or None}], "limit": None, "metadata": {}, "total": 1}
    kept = {"source": "gfw_presence", "polled_at": NOW.isoformat(), "asked": ASKED | asked, "body": body}
    return json.dumps(kept, separators=(",", ":"))


@pytest.fixture
def land(tmp_path):
    def go(*lines, name="gfw_presence_x.jsonl"):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        settings = Settings(home=tmp_path / "home")
        [file] = ingest(settings, [path], "auto", now=NOW, progress=lambda told: None)
        return file, Home(settings).lake

    return go


def test_a_row_is_a_position_in_the_middle_of_its_cell_and_hour(land):
    file, lake = land(line(row(hour=4)))
    [position] = lake.positions(DAY).to_dict("records")

    assert file["source"] == "gfw_presence"
    assert position["timestamp"].isoformat() == "2020-12-03T04:30:00+00:00"
    assert (position["longitude"], position["latitude"]) == (125.2, 38.65)
    assert (position["precision_m"], position["precision_s"]) == (800, 1800)
    assert position["receiver"] == "unknown"


def test_what_she_calls_herself_is_a_vessel_report(land):
    _, lake = land(line(row(callsign="H3XB")))
    [said] = lake.vessel_reports(DAY).to_dict("records")

    assert (said["imo"], said["name"], said["call_sign"]) == (8628597, "TAE YANG", "H3XB")


def test_empty_texts_are_no_values(land):
    file, lake = land(line(row(imo="", shipName="", callsign="")))

    assert file["positions"] == 1
    assert lake.vessel_reports(DAY).empty


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"mmsi": ""}, "bad_mmsi"),
        ({"mmsi": "12"}, "bad_mmsi"),
        ({"date": DAY}, "bad_time"),
        ({"date": "2020-12-03,2020-12-04"}, "bad_time"),
        ({"date": "2027-12-03 04:00"}, "future"),
        ({"lat": None}, "unreadable"),
        ({"lat": 98.1}, "bad_position"),
        ({"lat": 38.655}, "unreadable"),
        ({"lon": "125.204"}, "unreadable"),
    ],
)
def test_a_row_that_is_worthless_is_rejected_for_a_reason_and_the_others_land(land, changed, reason):
    file, _ = land(line(row(), row(hour=5) | changed))

    assert file["rows_read"] == 2
    assert [(one["reason"], one["rows"]) for one in file["rejects"]] == [(reason, 1)]


def test_no_rows_is_an_answer(land):
    file, _ = land(line())

    assert (file["rows_read"], file["not_ships"], file["rejected"]) == (1, 1, 0)


def test_rows_of_halves_that_repeat_each_other_are_one(land):
    file, lake = land(line(row()), line(row()))

    assert file["duplicates"] == 1
    assert len(lake.positions(DAY)) == 1


def test_the_version_that_answered_is_the_layout_of_the_file(land):
    file, _ = land(line(row(), version="public-global-presence:v6.0"))

    assert file["layout"] == "public-global-presence:v6.0"


@pytest.mark.parametrize("asked", [{"spatial-resolution": "LOW"}, {"temporal-resolution": "DAILY"}])
def test_a_report_of_another_precision_is_not_read_with_ours(land, asked):
    with pytest.raises(InputError, match="its precision is another"):
        land(line(row(), **asked))


@pytest.mark.parametrize(
    "entries",
    [
        None,
        {},
        [row()],
        [[row()]],
        [{V5: row()}],
        [{"public-global-sar-presence:v5.0": [row()]}],
        [{V5: [row()], "public-global-fishing-effort:v3.0": [row()]}],
    ],
    ids=["null", "no list", "bare row", "list of rows", "one row", "radar", "two data sets"],
)
def test_an_answer_of_another_form_or_data_set_is_a_reject_and_no_silent_hour(land, entries):
    whole = json.loads(line())
    whole["body"]["entries"] = entries

    file, lake = land(line(row(hour=7)), json.dumps(whole, separators=(",", ":")))

    assert [(one["reason"], one["rows"]) for one in file["rejects"]] == [("unreadable", 1)]
    assert file["not_ships"] == 0
    assert len(lake.positions(DAY)) == 1


def test_the_question_of_every_line_is_looked_at(land):
    with pytest.raises(InputError, match=r"jsonl:2: .*its precision is another"):
        land(line(row()), line(row(lat=38.6, lon=125.2), **{"spatial-resolution": "LOW"}))


def test_of_a_torn_answer_the_whole_rows_land(land):
    file, lake = land(line(row(hour=4), row(hour=5), row(hour=6))[:-300])

    assert [(one["reason"], one["rows"]) for one in file["rejects"]] == [("unreadable", 1)]
    assert len(lake.positions(DAY)) == 2
