"""Radar detections: rows of the 4Wings report and of the portal's monthly file, through one table."""

import json

import pytest

from pipeline.errors import InputError
from pipeline.formats import gfw_radar, gfw_radar_csv
from pipeline.formats.record import Content
from tests.lake.files import format_of
from tests.tasks.catalogue_world import write_answers

FUTURE = "2027-01-01T00:00:00"
HEADER = "scene_id,timestamp,lat,lon,presence_score,length_m,mmsi,matching_score,fishing_score,matched_category"
SHIP = {"vesselId": "ship-1", "mmsi": "351990002", "imo": "", "shipName": "DEMO", "flag": "PAN", "vesselType": "CARGO"}
NOBODY = dict.fromkeys(SHIP, "")


def row(date="2021-01-05 09:00", lat=38.6, lon=124.9300003, detections=1, **more):
    return {"date": date, "lat": lat, "lon": lon, "detections": detections} | NOBODY | more


@pytest.fixture
def report(tmp_path):
    def read(*rows, dataset="public-global-sar-presence:v5.0"):
        path = tmp_path / "answer.jsonl"
        path.write_text(json.dumps({"entries": [{dataset: list(rows)}], "total": 1, "nextOffset": None}))
        assert format_of(path) == "gfw_radar"
        found = gfw_radar.read_report(Content(path, path.name), FUTURE)
        assert found.rows_read == len(found.events) + len(found.rejects) + found.duplicates
        return found

    return read


@pytest.fixture
def month(tmp_path):
    def read(*lines, name="sar_vessel_detections_pipev3_202101.csv", header=HEADER):
        path = tmp_path / name
        path.write_text("\n".join([header, *lines]) + "\n")
        assert format_of(path) == "gfw_radar_csv"
        found = gfw_radar_csv.read_csv(Content(path, path.name), FUTURE)
        assert found.rows_read == len(found.events) + len(found.rejects) + found.duplicates
        return found

    return read


def test_recorded_rows_are_cells_with_the_ship_and_the_moment_of_the_pass(samples):
    path = samples / "providers" / "gfw" / "live-sar-report-rows.jsonl"
    assert format_of(path) == "gfw_radar"

    found = gfw_radar.read_report(Content(path, path.name), FUTURE)

    first = found.events.iloc[0]
    assert (first["name"], first["mmsi"], first["imo"], first["longitude"]) == (
        "BALTIC SAIL",
        244067000,
        1046104,
        14.33,
    )
    assert str(first["at"]) == "2025-12-06 05:25:03+00:00"
    assert list(found.rejects["reason"]) == ["too_coarse"]


def test_a_row_without_a_ship_is_unmatched_and_knows_the_hour_alone(report):
    (found,) = report(
        row(entryTimestamp="2021-01-05T09:28:34Z", exitTimestamp="2021-01-05T09:28:34Z")
    ).events.itertuples()

    assert not found.matched
    assert str(found.hour) == "2021-01-05 09:00:00+00:00"
    assert found.at is None or found.at != found.at
    assert found.longitude == 124.93


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (row(date="2021-01-05"), "too_coarse"),
        (row(date="2021-01"), "too_coarse"),
        (row(date="2021-01-01,2021-02-01"), "too_coarse"),
        (row(date="soon"), "bad_time"),
        (row(date="1999-01-05 09:00"), "bad_time"),
        (row(date="2031-01-05 09:00"), "future"),
        (row(lat=98.6), "bad_position"),
        (row(lat=38.605), "bad_position"),
        (row(lat=None), "bad_position"),
        (row(detections=0), "bad_count"),
        (row(detections=1.5), "bad_count"),
        (row(flag="PRK"), "not_by_ship"),
        ({"date": "2021-01-05 09:00", "lat": 38.6, "lon": 124.9, "detections": 1, "flag": ""}, "not_by_ship"),
        ("text", "unreadable"),
    ],
)
def test_a_row_that_is_no_echo_of_a_pass_is_rejected_with_its_reason_and_others_land(report, sent, reason):
    found = report(sent, row(lat=38.61))

    assert list(found.rejects["reason"]) == [reason]
    assert len(found.events) == 1


def test_rows_of_the_coarse_grid_are_rejected_when_all_of_a_file_lie_on_it(report):
    coarse = [row(lon=124.0 + n / 10) for n in range(4)]

    assert set(report(*coarse).rejects["reason"]) == {"too_coarse"}
    assert len(report(*coarse, row(lat=38.61)).events) == 5


def test_the_same_row_again_is_a_duplicate(report):
    assert report(row(), row()).duplicates == 1


def test_answers_as_fetched_are_read_and_a_servers_error_is_no_row(tmp_path):
    path = tmp_path / "nampo_unmatched_2021-01-01_2021-01-31.jsonl"
    bodies = [
        {"entries": [{"public-global-sar-presence:v5.0": [row(), row(lat=38.61)]}]},
        {"entries": [{"public-global-sar-presence:v5.0": None}]},
        {"entries": []},
        {"statusCode": 503, "error": "unavailable"},
    ]
    lines = [{"source": "gfw_radar", "polled_at": "2026-11-01T00:00:00Z", "asked": {}, "body": body} for body in bodies]
    path.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))

    found = gfw_radar.read_report(Content(path, path.name), FUTURE)

    assert format_of(path) == "gfw_radar"
    assert len(found.events) == 2
    assert list(found.rejects["reason"]) == ["unreadable"]


def test_an_answer_without_rows_is_an_answer(report):
    assert report().rows_read == 0


def test_a_report_of_another_data_set_is_not_taken_for_radar(tmp_path):
    path = tmp_path / "fishing.json"
    path.write_text(json.dumps({"entries": [{"public-global-fishing-effort:v3.0": [row()]}]}))

    assert format_of(path) != "gfw_radar"


def test_a_line_of_the_portals_file_is_a_position_with_length_and_scores(month):
    found = month("S1A_X,2021-01-05 09:28:34 UTC,38.6012,124.9034,0.99,92.4,412000001.0,3.2,0.01,cargo").events.iloc[0]

    assert (found["latitude"], found["length_m"], found["mmsi"], found["matching_score"]) == (
        38.6012,
        92.4,
        412000001,
        3.2,
    )
    assert found["dataset"] == "sar_vessel_detections_pipev3"
    assert found["precise"]
    assert str(found["at"]) == "2021-01-05 09:28:34+00:00"


def test_a_candidate_that_the_provider_refused_is_no_match(month):
    found = month("S1A_X,2021-01-05 09:28:34 UTC,38.6012,124.9034,0.99,92.4,412000001,0.004,0.01,unmatched").events

    assert not found["matched"].any()
    assert found["mmsi"].isna().all()


def test_columns_that_older_files_lack_are_null_and_torn_lines_are_rejects(month):
    header = "timestamp,lat,lon,length_m,mmsi,matching_score"
    found = month("2021-01-05 09:28:34 UTC,38.6012,124.9034,92.4,,", "2021-01-05 09:28", header=header)

    assert found.events["scene"].isna().all()
    assert list(found.rejects["reason"]) == ["unreadable"]


def test_a_month_without_a_line_is_a_month(month):
    assert month().rows_read == 0


@pytest.mark.parametrize(
    ("mmsi", "category", "matched"),
    [("NULL", "", False), ("nan", "unknown", False), ("0", "", False), ("", "", False), ("", "matched_cargo", True),
     ("NULL", "matched_unknown", True), ("412000001", "", True), ("12345", "cargo", True), ("", "cargo", False)],
)  # fmt: skip
def test_a_word_for_no_value_is_no_match_and_a_category_of_matched_ones_is(month, mmsi, category, matched):
    found = month(f"S1A_X,2021-01-05 09:28:34 UTC,38.6012,124.9034,0.99,92.4,{mmsi},,0.01,{category}").events

    assert found["matched"].tolist() == [matched]


@pytest.mark.parametrize(
    ("given", "matched"),
    [({"mmsi": "null"}, False), ({"mmsi": "0", "vesselId": None}, False), ({"mmsi": 0}, False), ({"imo": "0"}, False),
     ({"shipName": "DEMO"}, True), ({"vesselId": "ship-1"}, True)],
)  # fmt: skip
def test_a_row_of_a_report_is_matched_if_it_names_a_ship_in_any_way(report, given, matched):
    assert report(row(**given)).events["matched"].tolist() == [matched]


@pytest.mark.parametrize(
    "header",
    [HEADER.replace(",", ";"), HEADER.replace(",", "\t"), f"sep=,\n{HEADER}", f"# of the portal\n\n{HEADER}"],
    ids=["semicolons", "tabs", "sep", "comment"],
)
def test_a_month_that_a_table_program_saved_is_read(month, header):
    line = "S1A_X,2021-01-05 09:28:34 UTC,38.6012,124.9034,0.99,92.4,,,0.01,unmatched"
    between = next(sign for sign in (";", "\t", ",") if sign in header.splitlines()[-1])

    found = month(line.replace(",", between), header=header)

    assert (len(found.events), found.rows_read) == (1, 1)


def test_a_month_with_a_column_twice_is_refused(month):
    with pytest.raises(InputError, match="two columns are named lat"):
        month(header=f"{HEADER},lat")


def test_null_in_place_of_rows_is_an_answer_without_rows(tmp_path):
    path = tmp_path / "poll.jsonl"
    line = {"source": "gfw_radar", "polled_at": "2026-11-01T00:00:00Z", "asked": {}, "body": {"entries": [None]}}
    path.write_text(json.dumps(line, separators=(",", ":")) + "\n")

    assert gfw_radar.read_report(Content(path, path.name), FUTURE).rows_read == 0


def answered(tmp_path, rows=(), **changes):
    """What a month of matched='false' answers, with some of its question or its rows changed."""
    path = write_answers(tmp_path / "a.jsonl", "2020-12", list(rows), "unmatched")
    line = json.loads(path.read_text())
    line["asked"] |= changes
    path.write_text(json.dumps(line) + "\n")
    return gfw_radar.read_report(Content(path, path.name), FUTURE).answers


def test_a_file_answers_for_the_days_and_ground_that_were_asked_for(tmp_path):
    (found,) = answered(tmp_path, [row(date="2020-12-03 09:00")]).to_dict("records")
    (empty,) = answered(tmp_path).to_dict("records")

    assert (found["asked_of"], found["detections"], empty["detections"]) == ("unmatched", 1, 0)
    assert (f"{found['from_at']:%Y-%m-%d}", f"{found['to_at']:%Y-%m-%d}") == ("2020-12-01", "2021-01-01")
    assert found["ground"].startswith("POLYGON ((123.6 37.7")


def test_a_question_about_several_months_is_one_of_each(tmp_path):
    found = answered(tmp_path, [row(date="2020-12-01 00:00")], **{"date-range": "2020-11-15,2021-01-04"})

    assert [f"{at:%Y-%m-%d}" for at in found["from_at"]] == ["2020-11-15", "2020-12-01", "2021-01-01"]
    assert [f"{at:%Y-%m-%d}" for at in found["to_at"]] == ["2020-12-01", "2021-01-01", "2021-01-04"]
    assert list(found["detections"]) == [0, 1, 0]
    assert found["ground"].nunique() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"filters[0]": "neural_vessel_type='Likely non-fishing'"},
        {"filters[1]": "flag='CHN'"},
        {"temporal-resolution": "DAILY"},
        {"date-range": "2020-12"},
        {"polygon": [[123.6, 37.7]]},
    ],
)
def test_a_question_about_a_part_of_the_detections_answers_for_none(tmp_path, changes):
    assert not len(answered(tmp_path, **changes))


def test_a_file_of_which_a_row_could_not_be_read_answers_for_none(tmp_path):
    assert answered(tmp_path, [row(date="2020-12-03 09:00", lat=None)]) is None
