"""The accounting law: every row of a file is exactly one of seven things, whatever is in the file."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.contracts import POSITION, VESSEL_REPORT
from pipeline.lake.lake import Lake
from tests.lake.files import COUNTS, NOAA_2024, counts, duplicates_across_files, land_one, noaa_row, write

ROWS = st.lists(
    st.one_of(
        st.builds(
            noaa_row,
            mmsi=st.sampled_from([445000001, 412000001, 3580000, 111234567, 992351000, 981234567, 970123456, 0, 123, "", "x", 10**12]),  # noqa: E501
            time=st.sampled_from(["2023-01-11T00:00:00", "2023-01-11T23:59:59", "2023-01-12T00:00:00", "1970-01-01T00:00:00",  # noqa: E501
                                  "2099-01-01T00:00:00", "", "11/01/2023"]),
            lat=st.sampled_from([38.6, 91, 90.5, 0, "", "nan", "x"]),
            lon=st.sampled_from([125.1, 181, 180.5, 0, ""]),
            name=st.sampled_from(["KUM SAN", "", " ", "Unknown", '"A, B"', '"OPEN', "Å", "A,B"]),
            sog=st.sampled_from(["8.8", "102.3", "", "fast"]),
            imo=st.sampled_from(["IMO8518780", "IMO0000000", "", "8518780"]),
            draft=st.sampled_from(["6.5", "0.0", ""]),
        ),
        st.sampled_from(["1,2\n", "\n", "text\n"]),
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(ROWS, st.sampled_from(["utf-8", "latin-1"]))
def test_the_counts_always_add_up_to_the_rows_read(rows, encoding):
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "home")
        landed = land_one(lake, write(Path(folder), "a.csv", (NOAA_2024 + "".join(rows)).encode(encoding)))

        file = landed.source_file
        assert file["rows_read"] == sum(row != "\n" for row in rows)
        assert file["rows_read"] == sum(file[name] for name in COUNTS[1:])
        assert len(lake.rejects(file["source_file_id"])) == file["rejected"]
        days = {day: lake.positions(day) for day in landed.days}
        stored = sum(len(frame) + duplicates_across_files(lake, day) for day, frame in days.items())
        assert stored == file["positions"] + file["positions_with_report"]
        for day, frame in days.items():
            POSITION.check(frame)
            VESSEL_REPORT.check(lake.vessel_reports(day))
            assert (frame["timestamp"].dt.strftime("%Y-%m-%d") == day).all()
            assert frame[["mmsi", "timestamp"]].apply(tuple, axis=1).is_monotonic_increasing
            assert not frame.duplicated([n for n in POSITION.names if n not in ("receiver", "source_file_id")]).any()
        lake.close()


@pytest.mark.parametrize(
    ("mmsi", "kind"),
    [
        ("445000001", "positions_with_report"),
        ("003580000", "not_ships"),
        ("044512345", "not_ships"),
        ("111234567", "not_ships"),
        ("812345678", "not_ships"),
        ("970123456", "not_ships"),
        ("981234567", "not_ships"),
        ("992351000", "not_ships"),
        ("123456789", "rejected"),
        ("912345678", "rejected"),
        ("0", "rejected"),
    ],
)
def test_only_ships_are_ships(lake, tmp_path, mmsi, kind):
    assert counts(land_one(lake, write(tmp_path, "a.csv", NOAA_2024 + noaa_row(mmsi)))) == {"rows_read": 1, kind: 1}


def test_mmsi_forms_that_the_samples_call_no_hull_are_no_ships(lake, tmp_path, samples):
    import json

    for case in json.loads((samples / "conformance/identity.json").read_text())["mmsi_form_not_a_hull"]:
        landed = land_one(lake, write(tmp_path, f"{case['mmsi']}.csv", NOAA_2024 + noaa_row(case["mmsi"])))
        assert counts(landed) == {"rows_read": 1, "not_ships": 1}, case


def test_a_row_without_a_position_is_a_vessel_report_and_one_without_both_is_no_ship(lake, tmp_path):
    nothing = "445000001,2023-01-11T00:00:00,91.0,181.0,,,,,,,,,,,,,A\n"
    landed = land_one(lake, write(tmp_path, "a.csv", NOAA_2024 + noaa_row(lat=91.0, lon=181.0) + nothing))

    assert counts(landed) == {"rows_read": 2, "vessel_reports": 1, "not_ships": 1}


def test_reports_of_one_content_in_one_hour_are_one_row_and_those_of_another_hour_or_content_are_not(lake, tmp_path):
    rows = [noaa_row(time=f"2023-01-11T{time}") for time in ("00:00:00", "00:10:00", "00:10:00", "01:00:00")]
    land_one(
        lake, write(tmp_path, "a.csv", NOAA_2024 + "".join(rows) + noaa_row(time="2023-01-11T00:20:00", draft="7.0"))
    )

    reports = lake.vessel_reports("2023-01-11")
    assert reports["draught_m"].tolist() == [6.5, 7.0, 6.5]
    assert reports["last_at"].dt.strftime("%H:%M").tolist() == ["00:10", "00:20", "01:00"]


def test_a_position_told_twice_is_one_and_a_different_one_at_the_same_time_stays(lake, tmp_path):
    landed = land_one(lake, write(tmp_path, "a.csv", NOAA_2024 + noaa_row() + noaa_row(lat=38.7) + noaa_row()))

    assert counts(landed) == {"rows_read": 3, "positions_with_report": 2, "duplicates": 1}
    assert lake.positions("2023-01-11")["latitude"].tolist() == [38.6, 38.7]
