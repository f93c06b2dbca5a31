"""What a time in text means in every kind of file: zoned is converted, naive is UTC, an unknown zone is no time."""

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from pipeline.formats.cells import iso_time
from pipeline.formats.json_values import utc_sql
from pipeline.formats.nmea_times import BAD_TIME, written

UTC_US = 1_700_032_400_000_000  # 2023-11-15T07:13:20Z
HOUR_US = 3_600_000_000


def in_sql(sql: str, text: str) -> int | None:
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        return con.execute(f"select epoch_us({sql}) from (select ?::varchar as x)", [text]).fetchone()[0]


def readings(text: str) -> list[int | None]:
    nmea = int(written(pa.array([text.encode()], pa.binary()))[0])
    return [in_sql(iso_time("x"), text), in_sql(utc_sql("x", naive=True), text), None if nmea == BAD_TIME else nmea]


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("2023-11-15T07:13:20Z", UTC_US),
        ("2023-11-15 07:13:20", UTC_US),
        (" 2023-11-15T07:13:20Z ", UTC_US),
        ("2023/11/15 07:13:20", UTC_US),
        ("2023-11-15 07:13:20 UTC", UTC_US),
        ("2023-11-15T07:13:20+09:00", UTC_US - 9 * HOUR_US),
        ("2023-11-15T07:13:20-1000", UTC_US + 10 * HOUR_US),
        ("2023-11-15T07:13:20+14:00", UTC_US - 14 * HOUR_US),
        ("2023-11-15 07:13:20 +0900", UTC_US - 9 * HOUR_US),  # Ruby's, Git's
        ("2023-11-15 07:13:20.5 -03:00", UTC_US + 3 * HOUR_US + 500_000),
        ("2023-11-15 07:13:20 Z", UTC_US),
        ("2023-11-15 07:13:20 +0000 UTC", UTC_US),  # Go's
        ("2023-11-15 07:13:20,123", UTC_US + 123_000),  # Python's log, ISO 8601's own
        ("2023-11-15T07:13:20,123+09:00", UTC_US - 9 * HOUR_US + 123_000),
        ("2023-11-15T07:13:20+14:30", None),  # no place has it
        ("2023-11-15 07:13:20 +25:00", None),
        ("2023-11-15T07:13:20+25:00", None),
        ("2023-11-15 07:13:20 KST", None),
        ("2023-11-15T07:13:20\N{MINUS SIGN}09:00", None),
        ("2023-13-15T07:13:20Z", None),
    ],
)
def test_tables_json_and_nmea_read_a_time_alike(text, us):
    assert readings(text) == [us, us, us]


@pytest.mark.parametrize("text", ["2023-11-15 -09:00", "2023-11-15 +0900", "2023-11-15 07:13:20 PM", "2023-11-15 07,5"])
def test_what_is_no_offset_behind_a_clock_makes_no_time_of_a_table(text):
    assert readings(text)[:2] == [None, None]


def test_a_comma_of_decimals_leaves_a_time_in_the_zone_of_its_file():
    seoul = iso_time("x", "Asia/Seoul")

    assert in_sql(seoul, "2023-11-15 07:13:20,500") == UTC_US - 9 * HOUR_US + 500_000
    assert in_sql(seoul, "2023-11-15 07:13:20 +0000") == UTC_US


def test_a_zone_by_its_region_is_converted_or_refused_and_never_dropped():
    table, json, nmea = readings("2023-11-15T07:13:20 Asia/Seoul")

    assert table == json == UTC_US - 9 * HOUR_US
    assert nmea is None
    assert readings("2023-11-15 07:13:20 udp/main")[2] == UTC_US  # a logger's word is no zone


@pytest.mark.parametrize(("text", "zoned"), [("2023-11-15T07:13:20Z", True), ("2023-11-15T07:13:20", False)])
def test_where_a_provider_always_gives_the_offset_a_time_without_one_is_none(text, zoned):
    assert (in_sql(utc_sql("x", naive=False), text) is not None) == zoned


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2023-10-29 01:59:59", "2023-10-28 23:59:59"),
        ("2023-10-29 02:00:00", None),  # twice
        ("2023-10-29 02:59:59.5", None),
        ("2023-10-29 02:30:00+02:00", "2023-10-29 00:30:00"),  # the offset tells which
        ("2023-10-29 03:00:00", "2023-10-29 02:00:00"),
        ("2023-03-26 01:59:59", "2023-03-26 00:59:59"),
        ("2023-03-26 02:30:00", None),  # never
        ("2023-03-26 03:00:00", "2023-03-26 01:00:00"),
    ],
)
def test_an_hour_that_a_zone_has_twice_or_never_is_no_time(text, utc):
    us = utc and pd.Timestamp(utc, tz="UTC").value // 1000

    assert in_sql(iso_time("x", "Europe/Copenhagen"), text) == us


def test_a_zone_whose_clocks_are_never_changed_has_every_hour_once():
    assert in_sql(iso_time("x", "Asia/Pyongyang"), "2023-10-29 02:30:00") == (
        pd.Timestamp("2023-10-28 17:30:00", tz="UTC").value // 1000
    )
