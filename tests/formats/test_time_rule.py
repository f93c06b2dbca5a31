"""What a time in text means in every kind of file: zoned is converted, naive is UTC, an unknown zone is no time."""

import duckdb
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
        ("2023-11-15T07:13:20+14:30", None),  # no place has it
        ("2023-11-15T07:13:20+25:00", None),
        ("2023-11-15 07:13:20 KST", None),
        ("2023-11-15T07:13:20\N{MINUS SIGN}09:00", None),
        ("2023-13-15T07:13:20Z", None),
    ],
)
def test_tables_json_and_nmea_read_a_time_alike(text, us):
    assert readings(text) == [us, us, us]


def test_a_zone_by_its_region_is_converted_or_refused_and_never_dropped():
    table, json, nmea = readings("2023-11-15T07:13:20 Asia/Seoul")

    assert table == json == UTC_US - 9 * HOUR_US
    assert nmea is None
    assert readings("2023-11-15 07:13:20 udp/main")[2] == UTC_US  # a logger's word is no zone


@pytest.mark.parametrize(("text", "zoned"), [("2023-11-15T07:13:20Z", True), ("2023-11-15T07:13:20", False)])
def test_where_a_provider_always_gives_the_offset_a_time_without_one_is_none(text, zoned):
    assert (in_sql(utc_sql("x", naive=False), text) is not None) == zoned
