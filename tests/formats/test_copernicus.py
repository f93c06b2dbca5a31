"""The catalogue of Copernicus: each image accepted once or rejected with its reason, whatever it comes in."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.formats import copernicus
from pipeline.formats.record import Content, Head
from pipeline.formats.registry import find_source
from tests.tasks.catalogue_world import HIGH, LOW, image, page, pass_over, write_catalogue

START = datetime(2020, 12, 3, 9, 28, 34, tzinfo=UTC)
UNTIL = "2026-01-01T00:00:00"


def read(path):
    return copernicus.read_images(Content(path, path.name), UNTIL)


def read_images(tmp_path, *images):
    return read(write_catalogue(tmp_path / "c.jsonl", list(images)))


def changed(**others):
    return image(START) | others


def test_an_image_tells_satellite_orbit_times_and_outline(tmp_path):
    (row,) = read_images(tmp_path, image(START)).events.to_dict("records")

    assert (row["satellite"], row["from_at"].isoformat()) == ("S1A", "2020-12-03T09:28:34+00:00")
    assert row["to_at"].isoformat() == "2020-12-03T09:29:00+00:00"
    assert row["ground"].startswith("POLYGON ((123 37.2, 126.2 37.6")
    assert f"_{row['orbit']:06}_" in row["name"]


def test_a_slice_that_was_made_anew_or_is_kept_in_two_forms_is_one(tmp_path):
    anew = image(START, HIGH, unique="BEEF", published_days=700)
    reading = read_images(tmp_path, anew, *pass_over(START))

    assert (reading.rows_read, len(reading.events), reading.duplicates) == (5, 2, 3)
    assert "BEEF" in reading.events["name"].iloc[0]  # what was published last counts


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (changed(Name=None), "unreadable"),
        ("S1A", "unreadable"),
        (image(START, kind="EW_GRDM"), "another_dataset"),
        (image(START, kind="IW_SLC_"), "another_dataset"),
        (changed(ContentDate=None), "bad_time"),
        (changed(ContentDate={"Start": "2020-12-03", "End": "2020-12-03T09:29:00Z"}), "bad_time"),
        (changed(ContentDate={"Start": "2020-12-04T09:28:34Z", "End": "2020-12-04T09:29:00Z"}), "bad_time"),
        (changed(ContentDate={"Start": "2020-12-03T09:28:34Z", "End": "2020-12-03T11:29:00Z"}), "bad_time"),
        (changed(ContentDate={"Start": "2020-12-03T09:28:34Z", "End": "2020-12-03T09:28:00Z"}), "ends_before_start"),
        (image(datetime(2026, 12, 3, tzinfo=UTC)), "future"),
        (changed(GeoFootprint=None), "bad_position"),
        (changed(GeoFootprint={"type": "Point", "coordinates": [125.0, 38.5]}), "bad_position"),
        (changed(GeoFootprint={"type": "Polygon", "coordinates": [[[123, 37], [124, 37]]]}), "bad_position"),
        (changed(GeoFootprint={"type": "Polygon", "coordinates": [[[x, y + 60] for x, y in LOW]]}), "bad_position"),
        (changed(GeoFootprint={"type": "Polygon", "coordinates": [["?"]]}), "bad_position"),
    ],
)
def test_what_is_no_image_of_use_is_rejected_with_its_reason(tmp_path, entry, reason):
    reading = read_images(tmp_path, entry, image(START + timedelta(days=6)))

    assert list(reading.rejects["reason"]) == [reason]
    assert len(reading.events) == 1
    assert reading.rejects["detail"].notna().all()


def test_a_time_with_another_offset_is_utc_here(tmp_path):
    taken = {"Start": "2020-12-03T18:28:34.171+09:00", "End": "2020-12-03T18:28:59.112+09:00"}
    reading = read_images(tmp_path, changed(ContentDate=taken))

    assert reading.events["from_at"].iloc[0].isoformat() == "2020-12-03T09:28:34+00:00"


def test_bare_answers_are_read_and_a_torn_line_is_one_reject(tmp_path):
    path = tmp_path / "bare.json"
    path.write_text(json.dumps(page([image(START)]), indent=1) + '\n{"value": [')
    reading = read(path)

    assert (len(reading.events), list(reading.rejects["reason"])) == (1, ["unreadable"])
    head = Head(path.name, tuple(path.read_text().splitlines()))
    assert find_source("auto", head) is copernicus.SOURCE


def test_an_answer_without_images_has_no_row(tmp_path):
    path = write_catalogue(tmp_path / "none.jsonl", [])

    assert read(path).rows_read == 0
    assert find_source("auto", Head(path.name, tuple(path.read_text().splitlines()))) is copernicus.SOURCE
