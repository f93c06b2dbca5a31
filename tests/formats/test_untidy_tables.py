"""Tables as people and programs leave them: odd cells, headers, line ends. Each cell costs itself or its row."""

import json
import os
import subprocess
import sys

import duckdb
import pyarrow as pa
import pytest

from pipeline.contracts import UNREAD_FIELD_COUNT
from pipeline.lake.lake import Lake
from tests.formats.tables import AT, DANISH, DANISH_ROW, MAPPING, landed_times, mapping, parquet, reports
from tests.lake.files import NOAA_2024, counts, land_one, noaa_row, reasons, write

MANY = ("22:00:20", "22:01:20", "22:02:20", "22:03:20", "22:04:20", "22:05:20", "22:06:20", "22:07:20")


@pytest.mark.parametrize(
    ("file", "source", "times", "rejected"),
    [
        ("h01_offset.csv", "map_iso.yaml", [AT] * 4, {}),
        ("h01_offset_noaa.csv", "noaa", [AT], {}),
        ("h02_utc.parquet", "map_iso.yaml", [AT], {}),
        ("h02_text_dmy.parquet", "map_dmy.yaml", [AT], {}),
        ("h08_unix_nan.csv", "map_unix_seconds.yaml", [AT], {"bad_time": 1}),
        ("h08_unix_ns.csv", "map_unix_seconds.yaml", [AT], {"bad_time": 1}),
        ("h08_unix_ns.parquet", "map_unix_seconds.yaml", [AT], {"bad_time": 1}),
        ("h04_imo_spelling.csv", "noaa", [f"2023-11-14 {at}" for at in MANY], {}),
        ("h05_eni_in_imo.csv", "noaa", ["2023-11-14 22:00:20", "2023-11-14 22:01:20"], {}),
        ("h18_mmsi_spreadsheet.csv", "noaa", [], {"bad_mmsi": 2}),
        ("h20_spaces_after_commas.csv", "noaa", [AT], {}),
        ("h06_pandas_index.csv", "noaa", ["2023-11-14 22:00:20"], {}),
        ("h06_trailing_comma.csv", "noaa", ["2023-11-14 22:00:20"], {}),
        ("h07_na.csv", "map_null_na.yaml", ["2023-11-14 22:00:20"] * 3, {}),
        ("h07_imo0.csv", "map_null_imo0.yaml", ["2023-11-14 22:00:20"] * 2, {}),
        ("h07_r_na.csv", "noaa", ["2023-11-14 22:00:20"], {}),
        ("h17_class_words.csv", "map_class.yaml", [AT] * 4, {}),
        ("h21_crlf_in_quotes.csv", "noaa", ["2023-11-14 22:14:20"], {"unreadable": 2}),
        ("h30_negative_cog.csv", "noaa", [AT, "2023-11-14 22:14:20", "2023-11-14 22:15:20"], {}),
        ("h34_decimal_comma.csv", "map_semicolon.yaml", [], {"bad_position": 1}),
    ],
)
def test_reported_tables_give_their_right_times_and_rejects(samples, lake, file, source, times, rejected):
    folder = samples / "reports"
    landed = land_one(lake, folder / file, str(folder / source) if source.endswith(".yaml") else source)

    assert landed_times(lake) == times
    assert reasons(lake, landed) == rejected


@pytest.mark.parametrize(
    ("file", "source", "imo", "unread"),
    [
        ("h04_imo_spelling.csv", "noaa", [9562233], 0),
        ("h05_eni_in_imo.csv", "noaa", [None, None], 2),
        ("h20_spaces_after_commas.csv", "noaa", [9074729], 0),
        ("h07_na.csv", "map_null_na.yaml", [9562233, 9562233], 1),
        ("h07_imo0.csv", "map_null_imo0.yaml", [9562233], 0),
        ("h07_r_na.csv", "noaa", [9562233], 0),
    ],
)
def test_reported_imo_numbers_are_read_or_counted(samples, lake, file, source, imo, unread):
    folder = samples / "reports"
    landed = land_one(lake, folder / file, str(folder / source) if source.endswith(".yaml") else source)

    assert [None if one != one else one for one in reports(lake)["imo"].astype(object).fillna(float("nan"))] == imo
    assert landed.source_file["imo_unread"] == unread


def test_courses_and_speeds_below_zero_are_never_kept(samples, lake):
    land_one(lake, samples / "reports" / "h30_negative_cog.csv")

    found = lake.positions("2023-11-14")
    assert found["cog_deg"].fillna(-1).tolist() == [213.1, -1, 90.0]
    assert found["sog_kn"].fillna(-1).tolist() == [10.0, -1, -1]


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/New_York"])
def test_the_zone_of_the_machine_changes_no_byte_of_the_lake(tmp_path, zone):
    """Naive and zoned times, as text and as Parquet's own types, in processes that live in other zones."""
    source = mapping(tmp_path)
    duckdb.sql(
        "set TimeZone = 'UTC'; create table fix as select 445000001 as id, timestamptz '2023-11-14 22:13:20+00' as t, "
        f"125.0 as x, 38.5 as y; copy fix to '{tmp_path}/zoned.parquet'; "
        f"copy (select * replace (t::timestamp as t) from fix) to '{tmp_path}/naive.parquet'; drop table fix"
    )
    write(tmp_path, "text.csv", "id,t,x,y\n445000001,2023-11-15T07:13:20+09:00,125,38.5\n445000001,2023-11-14 22:13:20,125,38.5\n")  # fmt: skip # noqa: E501
    script = (
        "import sys; from pathlib import Path; from tests.lake.files import *\n"
        "for name in ('zoned.parquet', 'naive.parquet', 'text.csv'):\n"
        "    lake = Lake(Path(sys.argv[1]) / sys.argv[3] / name)\n"
        "    land_one(lake, Path(sys.argv[1]) / name, sys.argv[2])\n"
        "    print(lake.landed_days(), lake.positions('2023-11-14')[['timestamp', 'longitude']].to_csv())\n"
    )
    environment = os.environ | {"TZ": zone}
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), source, zone.replace("/", "-")],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip

    assert done.stdout.count("2023-11-14 22:13:20+00:00") == 3
    assert "22:13:20" in done.stdout
    assert "07:13" not in done.stdout


def test_a_mapping_may_state_the_zone_of_times_without_one(lake, tmp_path):
    source = mapping(tmp_path, MAPPING.replace("format: iso", "format: iso, zone: Asia/Seoul"))
    rows = "id,t,x,y\n445000001,2023-11-15T07:13:20,125,38.5\n445000001,2023-11-14T22:14:20Z,125,38.5\n"
    land_one(lake, write(tmp_path, "a.csv", rows), source)

    assert landed_times(lake) == [AT, "2023-11-14 22:14:20"]


@pytest.mark.parametrize(
    ("time", "right"),
    [
        ("2023-11-14T22:13:20.123456789Z", "2023-11-14 22:13:20"),
        ("2023-11-15 07:13:20+0900", AT),
        ("2023-11-15T07:13:20+09", AT),
        ("2023-11-14", None),
        ("infinity", None),
        ("20231114T221320", None),
        ("2023-11-14 22:13:20 XYZ", None),
        ("2023-11-14 22:13:20 UTC", AT),
        ("2023-11-15 07:13:20 Asia/Seoul", AT),
        ("2023-11-14 22:13:20Z ", AT),
        ("2023-11-15 06:13:20 CST", None),  # Chicago's or Shanghai's
        ("2023-11-15 03:43:20 IST", None),
        ("0", None),
        ("", None),
    ],
)
def test_a_time_is_read_whole_or_its_row_is_rejected(lake, tmp_path, time, right):
    good = noaa_row(time="2023-11-14T20:00:00")
    landed = land_one(lake, write(tmp_path, "a.csv", NOAA_2024 + good + noaa_row(time=time)))

    assert landed_times(lake)[1:] == ([right] if right else [])
    assert sum(reasons(lake, landed).values()) == (0 if right else 1)


@pytest.mark.parametrize(
    ("mmsi", "accepted"),
    [
        ("445000001", True),
        (" 445000001 ", True),
        ("445000001.0", True),
        ("4.45E+08", False),
        ("4.45E+008", False),
        ("445000001.5", False),
        ("445,000,001", False),
        ("0x1A864351", False),
        ("445_000_001", False),
        ("4450000010", False),
        ("-445000001", False),
        ("nan", False),
        ("", False),
    ],
)
def test_an_mmsi_is_read_by_its_digits_not_by_its_value(lake, tmp_path, mmsi, accepted):
    good = noaa_row(mmsi=441000000)
    row = noaa_row(mmsi=f'"{mmsi}"')
    landed = land_one(lake, write(tmp_path, "a.csv", NOAA_2024 + good + row))

    assert sorted(lake.positions("2023-01-11")["mmsi"]) == ([441000000, 445000001] if accepted else [441000000])
    assert reasons(lake, landed) == ({} if accepted else {"bad_mmsi": 1})


def test_an_optional_cell_that_cannot_be_read_costs_no_position_and_is_counted_with_an_example(lake, tmp_path):
    rows = noaa_row() + noaa_row(time="2023-01-11T00:00:01", heading="north", draft="deep", imo="02312342")
    landed = land_one(lake, write(tmp_path, "a.csv", NOAA_2024 + rows))

    assert counts(landed) == {"rows_read": 2, "positions_with_report": 2}
    unread = lake.unread_field_counts().drop(columns="source_file_id").set_index("field")
    assert unread["rows"].to_dict() == {"draught_m": 1, "heading_deg": 1, "imo": 1}
    assert unread.loc["heading_deg"].tolist() == ["Heading", 1, 3, "north", "degrees"]
    assert landed.source_file["imo_unread"] == 1


def test_words_for_not_known_are_no_unread_cells(lake, tmp_path):
    rows = "".join(
        noaa_row(time=f"2023-01-11T00:00:0{n}", heading=word, draft=word, imo=word)
        for n, word in enumerate(("NA", "nan", "", "N/A", "null", "None"))
    )
    landed = land_one(lake, write(tmp_path, "a.csv", NOAA_2024 + rows))

    assert counts(landed) == {"rows_read": 6, "positions_with_report": 6}
    assert lake.unread_field_counts().empty
    assert lake.positions("2023-01-11")["heading_deg"].isna().all()


def test_a_reject_names_the_column_what_it_says_and_what_was_expected(lake, tmp_path):
    rows = noaa_row(mmsi="4.45E+08") + noaa_row(lat="95.0") + noaa_row(time="soon") + "1,2\n"
    landed = land_one(lake, write(tmp_path, "a.csv", NOAA_2024 + noaa_row() + rows))

    assert lake.rejects(landed.source_file["source_file_id"])["detail"].tolist() == [
        'MMSI is "4.45E+08"; expected nine digits',
        "position is 125.1 east, 95.0 north; expected -180 to 180 and -90 to 90, and not 0, 0",
        'BaseDateTime is "soon"; expected a time like 2024-06-01T12:00:00, in UTC or with its offset',
        "expected 17 columns",
    ]


@pytest.mark.parametrize("value", [".nan", ".inf", "-.inf", "1e400", "7"])
def test_any_number_can_stand_for_null(lake, tmp_path, value):
    text = MAPPING + f"  sog_kn: {{from: s, null_values: [{value}]}}\n"
    landed = land_one(lake, write(tmp_path, "a.csv", "id,t,x,y,s\n445000001,2023-01-11T00:00:00,125.1,38.6,7\n"),
                      mapping(tmp_path, text))  # fmt: skip

    assert counts(landed) == {"rows_read": 1, "positions": 1}
    assert lake.positions("2023-01-11")["sog_kn"].isna().tolist() == [value == "7"]


@pytest.mark.parametrize("word", ["NA", "nan", "None", "null", "N/A", "\\N", "unknown", "-"])
def test_a_word_for_not_known_is_no_name_of_a_ship(lake, tmp_path, word):
    row = f"445000001,2023-01-11T00:00:00,38.6,125.1,1,2,3,{word},{word},{word},{word},0,{word},{word},{word},,A\n"
    landed = land_one(lake, write(tmp_path, "a.csv", NOAA_2024 + row))

    assert counts(landed) == {"rows_read": 1, "positions": 1}
    assert landed.source_file["imo_unread"] == 0


def test_a_length_in_two_parts_is_unread_where_one_of_them_is_and_null_where_one_is_not_given(lake, tmp_path):
    parts = ["12,8", "12,x", ",x", "12,", ","]
    rows = "".join(f"445000001,2023-11-14T22:0{n}:00Z,125.1,38.6,{part}\n" for n, part in enumerate(parts))
    source = mapping(tmp_path, MAPPING + "  length_m: {from: [bow, stern]}\n")
    landed = land_one(lake, write(tmp_path, "a.csv", "id,t,x,y,bow,stern\n" + rows), source)

    assert counts(landed) == {"rows_read": 5, "positions": 4, "positions_with_report": 1}
    unread = lake.unread_field_counts()
    assert unread[["field", "column_name", "rows", "first_line", "example"]].to_numpy().tolist() == [
        ["length_m", "bow + stern", 2, 3, "12 + x"]
    ]


@pytest.mark.parametrize(("status", "right"), [("5", 5), ("5.0", 5), ("5.7", None), ("nan", None)])
def test_a_code_is_a_whole_number(lake, tmp_path, status, right):
    land_one(lake, write(tmp_path, "a.csv", NOAA_2024 + noaa_row(status=status)))

    kept = lake.positions("2023-01-11")["nav_status"]
    assert kept.isna().all() if right is None else kept.tolist() == [right]
    assert lake.unread_field_counts()["example"].tolist() == (["5.7"] if status == "5.7" else [])


def test_bytes_of_another_encoding_cost_a_parquet_file_no_row(lake, tmp_path):
    names = pa.array(["Ærø".encode(), "Ærø".encode("latin-1"), b"PLAIN"])
    times = [f"2023-11-14T22:0{n}:00Z" for n in range(3)]
    path = parquet(tmp_path, id=[445000001] * 3, t=times, x=[125.1] * 3, y=[38.6] * 3, n=names)
    land_one(lake, path, mapping(tmp_path, MAPPING + "  name: {from: n}\n"))

    assert reports(lake)["name"].tolist() == ["ÆRØ", "\ufffdR\ufffd", "PLAIN"]


def test_numbers_that_a_narrow_float_cannot_hold_are_refused_not_rounded(lake, tmp_path):
    """445123456 and 445123470 are the same 32-bit float: two ships would be one."""
    path = parquet(tmp_path, id=pa.array([445123456.0], pa.float32()))
    landed = land_one(lake, path, mapping(tmp_path))

    assert reasons(lake, landed) == {"bad_mmsi": 1}
    assert "32-bit" in lake.rejects(landed.source_file["source_file_id"])["detail"].iloc[0]


def test_a_reject_of_parquet_bears_the_names_of_its_columns(lake, tmp_path):
    landed = land_one(lake, parquet(tmp_path, t=["never"]), mapping(tmp_path))

    raw = lake.rejects(landed.source_file["source_file_id"])["raw"].iloc[0]
    assert json.loads(raw) == {"id": 445000001, "t": "never", "x": 125.1, "y": 38.6}


@pytest.mark.parametrize(
    ("number", "is_one"), [("1_0", False), ("10", True), ("1_0.5", False), ("10.5", True), ("1e1", True)]
)
def test_digits_grouped_as_programmers_do_are_no_number(tmp_path, number, is_one):
    lake = Lake(tmp_path / "home")

    file = land_one(lake, write(tmp_path, "a.csv", NOAA_2024 + noaa_row(sog=number)), "noaa")

    speeds = lake.positions("2023-01-11")["sog_kn"]
    assert speeds.notna().tolist() == [is_one]
    unread = lake.counts_of(UNREAD_FIELD_COUNT, file.source_file["source_file_id"])
    assert [one["field"] for one in unread] == ([] if is_one else ["sog_kn"])


def test_a_position_in_grouped_digits_costs_the_row(tmp_path):
    lake = Lake(tmp_path / "home")

    file = land_one(lake, write(tmp_path, "a.csv", NOAA_2024 + noaa_row(lat="3_8.6") + noaa_row()), "noaa")

    assert reasons(lake, file) == {"bad_position": 1}


@pytest.mark.parametrize("word", ["Not known", "does not exist", "---", "Unknown value", "default", "N/A"])
def test_one_list_of_words_for_unknown_holds_for_numbers_and_imo_fields(tmp_path, word):
    lake = Lake(tmp_path / "home")

    file = land_one(lake, write(tmp_path, "a.csv", NOAA_2024 + noaa_row(sog=word, imo=word)), "noaa")

    assert lake.counts_of(UNREAD_FIELD_COUNT, file.source_file["source_file_id"]) == []


@pytest.mark.parametrize(
    ("said", "right"), [("CLASS_A", "A"), ("class-b", "B"), (" Class B ", "B"), ("Class AB", None)]
)
def test_a_class_of_transceiver_is_read_as_programs_write_it(lake, tmp_path, said, right):
    text = MAPPING + "  transceiver_class: {from: c}\n"
    rows = f"id,t,x,y,c\n445000001,2023-11-14T22:13:20,125,38.5,{said}\n"
    land_one(lake, write(tmp_path, "a.csv", rows), mapping(tmp_path, text))

    assert lake.positions("2023-11-14")["transceiver_class"].astype(object).where(
        lambda c: c.notna(), None
    ).tolist() == [right]


@pytest.mark.parametrize(
    ("time", "right"),
    [
        ("18/03/2023 00:00:00", "2023-03-18 00:00:00"),
        ("2023-03-18 00:00:00", "2023-03-18 00:00:00"),  # pandas wrote it
        ("2023-03-18T01:00:00+01:00", "2023-03-18 00:00:00"),
        ("03/18/2023 00:00:00", None),
        ("18-03-2023 00:00:00", None),
    ],
)
def test_a_danish_time_may_have_the_year_first(lake, tmp_path, time, right):
    good = DANISH_ROW.replace("00:00:00", "22:00:00")
    land_one(lake, write(tmp_path, "a.csv", DANISH + good + DANISH_ROW.replace("18/03/2023 00:00:00", time)))

    assert landed_times(lake)[:-1] == ([right] if right else [])
