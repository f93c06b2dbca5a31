"""Every AIS file of the samples, with every row or sentence accounted for."""

import pytest

from tests.lake.files import counts, duplicates_across_files, land_one, reasons

DATE = "2020-04-08"
OF_MANY_DAYS = {"gfw/research-points-10k.csv.gz"}  # 359 of them, each with a folder of its own
SAMPLES = [
    (
        "noaa/marinecadastre-2023-1000.csv",
        "noaa",
        None,
        {"rows_read": 1000, "positions": 1, "positions_with_report": 997, "not_ships": 2},
        {},
    ),
    (
        "nmea/gfw-tagblock.nmea",
        "nmea",
        None,
        {
            "rows_read": 10000,
            "positions": 7665,
            "vessel_reports": 865,
            "positions_with_report": 114,
            "not_ships": 409,
            "message_parts": 619,
            "duplicates": 200,
            "rejected": 128,
        },
        {"bad_mmsi": 127, "incomplete_message": 1},
    ),
    (
        "nmea/kystverket-1000.nm4",
        "nmea",
        None,
        {"rows_read": 1000, "positions": 742, "vessel_reports": 128, "not_ships": 7, "message_parts": 123},
        {},
    ),
    (
        "nmea/uscg-2006.ais",
        "nmea",
        None,
        {
            "rows_read": 1000,
            "positions": 641,
            "vessel_reports": 129,
            "not_ships": 84,
            "message_parts": 132,
            "duplicates": 5,
            "rejected": 9,
        },
        {"bad_mmsi": 9},
    ),
    (
        "nmea/pyais-sample.nmea",
        "nmea",
        DATE,
        {"rows_read": 898, "positions": 755, "vessel_reports": 2, "not_ships": 18, "duplicates": 3, "rejected": 120},
        {"incomplete_message": 20, "unreadable": 100},
    ),
    (
        "nmea/gpsd-ais.log",
        "nmea",
        DATE,
        {"rows_read": 1496, "positions": 141, "vessel_reports": 21, "not_ships": 1322, "message_parts": 12},
        {},
    ),
    (
        "nmea/typeexamples.nmea",
        "nmea",
        None,
        {"rows_read": 26, "positions": 3, "vessel_reports": 2, "not_ships": 20, "rejected": 1},
        {"bad_position": 1},
    ),
    ("nmea/tagblock.nmea", "nmea", None, {"rows_read": 5, "positions": 3, "vessel_reports": 1, "message_parts": 1}, {}),
    (
        "gfw/research-points-10k.csv.gz",
        "gfw_research",
        None,
        {"rows_read": 10000, "positions": 9280, "not_ships": 720},
        {},
    ),
    (
        "gfw/position-messages-2018.csv.zip",
        "gfw_segments",
        None,
        {"rows_read": 19846, "positions": 19758, "duplicates": 88},
        {},
    ),
]


@pytest.mark.parametrize(
    ("name", "source", "date", "expected", "expected_reasons"),
    [pytest.param(*row, id=row[0], marks=pytest.mark.long if row[0] in OF_MANY_DAYS else ()) for row in SAMPLES],
)
def test_every_row_of_a_sample_is_accounted_for(samples, lake, name, source, date, expected, expected_reasons):
    landed = land_one(lake, samples / name, base_date=date)

    assert landed.source_file["source"] == source
    assert counts(landed) == expected
    assert reasons(lake, landed) == expected_reasons
    rejects = lake.rejects(landed.source_file["source_file_id"])
    assert rejects.groupby("reason").size().to_dict() == expected_reasons
    stored = sum(len(lake.positions(day)) + duplicates_across_files(lake, day) for day in lake.landed_days())
    assert stored == landed.source_file["positions"] + landed.source_file["positions_with_report"]
