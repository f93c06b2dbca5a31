"""The reports folder of the samples: what real logs do to sentences, each with its right value."""

import pytest
from pandas import isna

from tests.lake.files import counts, land_one, reasons

NOON = "2023-11-14 22:13:20"


def positions(lake) -> list[tuple]:
    """(longitude, latitude, time) of all positions, in order of time and longitude."""
    rows = [
        (round(row.longitude, 2), round(row.latitude, 2), str(row.timestamp.tz_localize(None)))
        for day in lake.landed_days()
        for row in lake.positions(day).itertuples()
    ]
    return sorted(rows, key=lambda row: (row[2], row[0]))


def reports(lake) -> list[tuple]:
    """(imo, name, draught, destination) of all reports, in order of MMSI."""
    return [
        (row.imo, row.name, row.draught_m, row.destination)
        for day in lake.landed_days()
        for row in lake.vessel_reports(day).sort_values("mmsi").itertuples(name="Report", index=False)
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("h12_two_tag_blocks.nmea", [(125.0, 38.5, NOON), (125.1, 38.5, "2023-11-14 22:13:30")]),
        ("h13_two_on_a_line.nmea", [(125.0, 38.5, NOON), (125.3, 38.5, NOON)]),
        ("h14_rmc_clock.nmea", [(125.0, 38.5, NOON), (125.02, 38.5, "2023-11-14 22:14:20")]),
        (
            "h15_suffix_time_not_read.nmea",
            [(125.0, 38.5, NOON), (125.3, 38.5, "2023-11-15 06:00:00"), (125.6, 38.5, "2023-11-15 12:06:40")],
        ),
        ("h16_aiscatcher_text.txt", [(125.0, 38.5, NOON)]),
        ("h16_c_microseconds.nmea", [(125.0, 38.5, f"{NOON}.123456"), (125.1, 38.5, "2023-11-14 22:13:30")]),
        (
            "h22_bom.nmea",
            [
                (125.0, 38.5, NOON),
                (125.01, 38.5, "2023-11-14 22:13:21"),
                (125.02, 38.5, "2023-11-14 22:13:22"),
            ],
        ),
        ("h27_type27_ok.nmea", [(125.02, 38.61, NOON), (-125.02, -38.61, "2023-11-14 22:15:20")]),
        ("h28_tag_info_ok.nmea", [(125.0, 38.5, NOON)]),
        ("h31_type1_204_ok.nmea", [(125.0, 38.5, NOON)]),
    ],
)
def test_positions_have_their_place_and_time(samples, lake, name, expected):
    landed = land_one(lake, samples / "reports" / name)

    assert positions(lake) == expected
    assert landed.source_file["rejected"] == 0


@pytest.mark.parametrize("name", ["h10_long_station", "h10_short_station_control", "h11_parts_30_min_apart"])
def test_parts_of_two_stations_or_two_times_are_no_message(samples, lake, name):
    landed = land_one(lake, samples / f"reports/{name}.nmea")

    assert counts(landed) == {"rows_read": 2, "rejected": 2}
    assert reasons(lake, landed) == {"incomplete_message": 2}


def test_long_groups_that_differ_in_their_last_digit_are_two_messages(samples, lake):
    land_one(lake, samples / "reports/h10_long_group.nmea")

    assert reports(lake) == [
        (9074729, "ALPHA", 8.0, "NAMPO FOR LOADING"),
        (9321483, "BRAVO", 8.0, "DALIAN VIA RAJIN"),
    ]


def test_static_data_cut_in_their_last_bits_are_read(samples, lake):
    land_one(lake, samples / "reports/h09_type5_420_422_424.nmea")

    assert reports(lake) == [(9074729, f"SHORT FIVE {bits}", 8.0, "NAMPO") for bits in (420, 422, 424)]


def test_twenty_kinds_of_mmsi_are_told_apart(samples, lake):
    landed = land_one(lake, samples / "reports/h26_mmsis_ok.nmea")

    assert counts(landed) == {"rows_read": 20, "positions": 4, "not_ships": 10, "rejected": 6}
    assert reasons(lake, landed) == {"bad_mmsi": 6}
    assert list(lake.positions("2023-11-14")["mmsi"]) == [200000000, 441234567, 777777777, 799999999]


def test_speed_and_course_that_the_long_range_message_lacks_are_null(samples, lake):
    land_one(lake, samples / "reports/h27_type27_ok.nmea")

    first, last = lake.positions("2023-11-14").sort_values("timestamp").itertuples()
    assert isna(first.sog_kn)
    assert isna(first.cog_deg)
    assert (last.sog_kn, last.cog_deg) == (12, 359)


def test_a_position_report_longer_than_it_should_be_is_read(samples, lake):
    land_one(lake, samples / "reports/h31_type1_204_ok.nmea")

    (row,) = lake.positions("2023-11-14").itertuples()
    assert (row.sog_kn, row.heading_deg) == (10, 90)
