"""Tables as people and programs leave them: odd cells, headers, line ends. Each cell costs itself or its row."""

import gzip
import io
import json
import os
import subprocess
import sys
import time
import zipfile

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.contracts import UNREAD_FIELD_COUNT
from pipeline.errors import InputError, SourceUnavailable
from pipeline.formats.delimited import LONGEST_LINE
from pipeline.lake import tidying
from pipeline.lake.engine import Engine
from pipeline.lake.lake import Lake
from pipeline.lake.parts import _count_in
from tests.lake.files import NOAA_2024, NOW, counts, land_one, noaa_row, reasons, write

MAPPING = """
mapping: mine
title: t
source: s
licence: l
columns:
  mmsi: {from: id}
  timestamp: {from: t, format: iso}
  longitude: {from: x}
  latitude: {from: y}
"""
AT = "2023-11-14 22:13:20"
DANISH = "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type\n"  # noqa: E501
DANISH_ROW = "18/03/2023 00:00:00,Class A,352002266,55.4921,14.7525,Moored,,0.1,,,Unknown,,,,,,,,,,,AIS\n"
MANY = ("22:00:20", "22:01:20", "22:02:20", "22:03:20", "22:04:20", "22:05:20", "22:06:20", "22:07:20")


def landed_times(lake):
    days = [str(day) for day in lake.landed_days()]
    return [str(at)[:19] for day in days for at in lake.positions(day)["timestamp"]]


def reports(lake):
    days = list(lake.landed_days())
    return lake.vessel_reports(days[0]) if days else None


def mapping(tmp_path, text=MAPPING):
    return str(write(tmp_path, "mine.yaml", text))


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


LINE_ENDS = {
    "one CRLF among LF": lambda lines: "\n".join(lines[:2]) + "\r\n" + "\n".join(lines[2:]) + "\n",
    "one LF among CRLF": lambda lines: "\r\n".join(lines[:2]) + "\n" + "\r\n".join(lines[2:]) + "\r\n",
    "all CRLF": lambda lines: "\r\n".join(lines),
    "all CR": lambda lines: "\r".join(lines) + "\r",
    "CR in the second half": lambda lines: "\n".join(lines[:3]) + "\n" + "\r".join(lines[3:]) + "\r",
    "a lone CR in a field": lambda lines: "\n".join(lines).replace("KUM SAN", "KUM\rSAN", 1),
    "blank lines between": lambda lines: "\n\n".join(lines) + "\n\n\n",
    "blank lines first": lambda lines: "\n\r\n" + "\n".join(lines),
    "a byte order mark": lambda lines: "\ufeff" + "\n".join(lines),
    "a NUL in a name": lambda lines: "\n".join(lines).replace("KUM SAN", "KUM\0SAN", 1),
}


@pytest.mark.parametrize("ends", LINE_ENDS)
def test_no_line_end_costs_a_row(lake, tmp_path, ends):
    rows = [noaa_row(time=f"2023-01-11T00:00:0{n}").rstrip() for n in range(5)]
    landed = land_one(lake, write(tmp_path, "a.csv", LINE_ENDS[ends]([NOAA_2024.rstrip(), *rows])))

    assert counts(landed) == {"rows_read": 5, "positions_with_report": 5}
    assert len(landed_times(lake)) == 5


def test_lines_of_rejects_are_those_of_the_file_whatever_lies_between(lake, tmp_path):
    text = NOAA_2024 + "\n" + noaa_row() + "1,2\n\n\n" + noaa_row(mmsi="x") + "3\r\n" + noaa_row(time="never")
    landed = land_one(lake, write(tmp_path, "a.csv", text))

    rejects = lake.rejects(landed.source_file["source_file_id"])
    assert rejects[["line", "reason"]].to_numpy().tolist() == [
        [4, "unreadable"], [7, "bad_mmsi"], [8, "unreadable"], [9, "bad_time"],
    ]  # fmt: skip


@pytest.mark.parametrize("ends", ["tidy", "untidy"])
@pytest.mark.parametrize(("length", "lands"), [(200_000, True), (LONGEST_LINE, False)])
def test_a_line_too_long_for_a_row_is_refused_whole_and_a_shorter_one_is_read_whole(
    lake, tmp_path, ends, length, lands
):
    """The last column too: a name that was cut would be another name."""
    row = "445000001,2023-11-14T22:13:20Z,125.1,38.6," + "X" * length + "\n"
    text = "id,t,x,y,n\n" + row + ("\n" if ends == "untidy" else "") + "445000002,2023-11-14T22:13:20Z,125.1,38.6,Y\n"
    landed = land_one(lake, write(tmp_path, "a.csv", text), mapping(tmp_path, MAPPING + "  name: {from: n}\n"))

    assert reasons(lake, landed) == ({} if lands else {"unreadable": 1})
    assert reports(lake)["name"].str.len().tolist() == ([length, 1] if lands else [1])


@pytest.mark.parametrize("at_once", [1 << 24, 1000, 1001, 1187, 2000])
def test_a_file_of_carriage_returns_is_read_piece_by_piece_and_an_odd_row_costs_itself(
    lake, tmp_path, monkeypatch, at_once
):
    monkeypatch.setattr(tidying, "_MOST_AT_ONCE", at_once)
    rows = [noaa_row(time=f"2023-01-11T00:{minute:02}:00") for minute in range(50)]
    text = "".join([NOAA_2024, *rows[:30], "1,2\n", *rows[30:]]).replace("\n", "\r")
    landed = land_one(lake, write(tmp_path, "a.csv", text))

    assert counts(landed) == {"rows_read": 51, "positions_with_report": 50, "rejected": 1}
    assert lake.rejects(landed.source_file["source_file_id"])[["line", "raw"]].to_numpy().tolist() == [[32, "1,2"]]


def test_a_line_of_another_shape_is_kept_without_the_line_ends_around_it(lake, tmp_path):
    text = (NOAA_2024 + noaa_row() + "1,2\n" + noaa_row(time="2023-01-11T00:01:00")).replace("\n", "\r\n")
    landed = land_one(lake, write(tmp_path, "a.csv", text))

    assert lake.rejects(landed.source_file["source_file_id"])["raw"].tolist() == ["1,2"]


def test_a_file_of_hundreds_of_thousands_of_rejects_and_blank_lines_tells_their_lines_in_seconds():
    blank, told = range(3, 400_001, 2), range(2, 400_001, 2)  # in turn, from the line after the header on
    with duckdb.connect() as con:
        engine = Engine(con)
        engine.make("reported", "select unnest(range(2, 200002)) as line")
        engine.make("uncounted", f"select unnest(range({blank.start}, {blank.stop}, {blank.step})) as line")

        began = time.monotonic()
        _count_in(engine, "reported")

        assert time.monotonic() - began < 20  # a comparison of each with each takes minutes
        assert engine.value("select list(line order by line) from reported") == list(told)


@pytest.mark.parametrize(
    ("before", "after"),
    [("Cargo", ""), ("Cargo", 'cargo; "of" ship\'s'), ("Cargo", "value_mmsi"), ("Cargo", "c1"), ("Cargo", "select")],
)
def test_header_names_never_reach_the_engine(lake, tmp_path, before, after):
    path = write(tmp_path, "a.csv", NOAA_2024.replace(before, after) + noaa_row())

    assert counts(land_one(lake, path, "noaa")) == {"rows_read": 1, "positions_with_report": 1}


@pytest.mark.parametrize(
    ("mobile", "ship"),
    [("Class A", "A"), ("CLASS B ", "B"), ("Klasse A", None), ("", None), ("Base Station", "no"), ("ATON", "no")],
)
def test_a_danish_row_is_no_ships_only_where_its_kind_says_so(lake, tmp_path, mobile, ship):
    """A kind that nobody foresaw must not hide a ship."""
    landed = land_one(lake, write(tmp_path, "a.csv", DANISH + DANISH_ROW.replace("Class A", mobile)))

    assert counts(landed) == {"rows_read": 1, "not_ships" if ship == "no" else "positions": 1}
    if ship != "no":
        kinds = lake.positions("2023-03-18")["transceiver_class"]
        assert kinds.astype(object).where(kinds.notna(), None).tolist() == [ship]
    assert lake.unread_field_counts()["example"].tolist() == (["Klasse A"] if mobile == "Klasse A" else [])


@pytest.mark.parametrize(("header", "row"), [(NOAA_2024, noaa_row()), (DANISH, DANISH_ROW)])
def test_a_header_between_the_rows_of_pasted_files_is_one_reject(lake, tmp_path, header, row):
    landed = land_one(lake, write(tmp_path, "a.csv", header + row + header + row.replace("00:00:00", "00:00:01")))

    assert landed.source_file["rows_read"] == 3
    assert reasons(lake, landed) == {"bad_mmsi": 1}
    assert len(landed_times(lake)) == 2


def test_a_needed_column_without_its_name_is_asked_for(lake, tmp_path):
    with pytest.raises(InputError, match="no vesselname column"):
        land_one(lake, write(tmp_path, "a.csv", NOAA_2024.replace("VesselName", "") + noaa_row()), "noaa")


def test_two_columns_that_could_both_be_meant_are_refused(lake, tmp_path):
    with pytest.raises(InputError, match='"LAT", "lat" could each be lat'):
        land_one(lake, write(tmp_path, "a.csv", NOAA_2024.replace("Cargo", "lat") + noaa_row()), "noaa")
    twice = "id,t,x,y,x\n445000001,2023-11-14T22:13:20,1,2,3\n"
    with pytest.raises(InputError, match='2 columns are named "x"'):
        land_one(lake, write(tmp_path, "b.csv", twice), mapping(tmp_path))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (("id}", "id, unit: kn}"), "columns.mmsi.unit"),
        (("format: iso", "format: '%Q'"), "expected iso, unix_seconds"),
        (("format: iso", "zone: Asia/Pyongjang"), "no time zone is named"),
        (("y}\n", "y}\nconstants: {receiver: shore}\n"), 'constants.receiver is "shore"; expected satellite'),
        (("y}\n", "y}\nconstants: {nav_status: '5'}\n"), "constants.nav_status: holds for no whole file"),
        (("y}\n", "y}\ndelimiter: ';;'\n"), "delimiter"),
        (("{from: x}", "{from: [x, y]}"), "only length_m and width_m are added up"),
        (("{from: x}", "{from: x, unit: kn}"), "columns.longitude.unit"),
    ],
)
def test_a_mapping_that_says_what_has_no_meaning_is_refused(lake, tmp_path, edit, message):
    source = mapping(tmp_path, MAPPING.replace(*edit))
    with pytest.raises(InputError, match=message):
        land_one(lake, write(tmp_path, "a.csv", "id,t,x,y\n445000001,2023-11-14T22:13:20,125,38.5\n"), source)


def test_a_mapping_reads_decimal_commas_nameless_columns_and_lengths_in_two_parts(lake, tmp_path):
    text = MAPPING + '  length_m: {from: [bow, stern], unit: m}\ndelimiter: ";"\ndecimal: ","\nignored: [""]\n'
    rows = ";id;t;x;y;bow;stern\n0;445000001;2023-11-14 22:13:20;125,25;38,5;100,5;20\n"
    land_one(lake, write(tmp_path, "a.csv", rows), mapping(tmp_path, text))

    assert lake.positions("2023-11-14")[["longitude", "latitude"]].to_numpy().tolist() == [[125.25, 38.5]]
    assert reports(lake)["length_m"].tolist() == [120.5]


def test_a_zoned_strptime_form_is_converted(lake, tmp_path):
    source = mapping(tmp_path, MAPPING.replace("format: iso", "format: '%d.%m.%Y %H:%M:%S %z'"))
    land_one(lake, write(tmp_path, "a.csv", "id,t,x,y\n445000001,15.11.2023 07:13:20 +0900,125,38.5\n"), source)

    assert landed_times(lake) == [AT]


def test_nothing_of_a_large_table_is_kept_in_memory_at_once(tmp_path, monkeypatch):
    """The same rows by way of a file on disk and in memory: equal parts."""
    from pipeline.lake import contents

    rows = "".join(
        noaa_row(mmsi=445000001 + n % 7, time=f"2023-01-1{1 + n % 2}T00:{n // 60 % 60:02}:{n % 60:02}", draft=n % 5)
        for n in range(2000)
    )
    path = write(tmp_path, "a.csv", NOAA_2024 + rows + rows[:900] + noaa_row(lat=95))
    landed = []
    for most in (800_000_000, 0):
        monkeypatch.setattr(contents, "_IN_MEMORY", most)
        lake = Lake(tmp_path / str(most))
        file = land_one(lake, path, now=NOW)
        landed.append((counts(file), lake.landed_days(), *(lake.positions(day) for day in lake.landed_days())))

    assert landed[0][:2] == landed[1][:2]
    assert landed[0][0]["duplicates"] > 0
    assert all(one.equals(other) for one, other in zip(landed[0][2:], landed[1][2:], strict=True))


@pytest.mark.parametrize(
    "text",
    [
        MAPPING + "\0",
        MAPPING + "\x1a",
        MAPPING + "\nseen: 0000-01-01",
        MAPPING + "\n[a, b]: c",
        MAPPING + "\n{a: b}: c",
        MAPPING + "\n" + "[" * 5000,
        MAPPING + "\ntitle: again",
        MAPPING + "\n\tx: y",
    ],
    ids=lambda text: repr(text[-18:]),
)
def test_a_mapping_that_is_no_yaml_is_refused_with_its_name(lake, tmp_path, text):
    with pytest.raises(InputError, match=r"mine\.yaml.*expected valid YAML|mine\.yaml.*given twice"):
        land_one(lake, write(tmp_path, "day.csv", "a,b\n1,2\n"), mapping(tmp_path, text))


def test_a_fault_of_our_own_query_is_not_told_as_a_damaged_file(lake, tmp_path, monkeypatch):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": [1]}), tmp_path / "day.parquet")

    def faulty(*args):
        raise duckdb.BinderException("Binder Error: no such column")

    monkeypatch.setattr("pipeline.lake.contents.take_numbered_census", faulty)
    text = MAPPING.partition("columns:")[0] + (
        "columns:\n  mmsi: {from: a}\n  timestamp: {from: a}\n  longitude: {from: a}\n  latitude: {from: a}\n"
    )
    with pytest.raises(duckdb.BinderException):
        land_one(lake, tmp_path / "day.parquet", mapping(tmp_path, text))


def parquet(folder, name="a.parquet", **columns):
    """A Parquet file of the columns of MAPPING, some of them others."""
    usual = {"id": [445000001], "t": ["2023-01-11T00:00:00"], "x": [125.1], "y": [38.6]}
    pq.write_table(pa.table(usual | columns), folder / name)
    return folder / name


@pytest.mark.parametrize("left", [20, -1, -8, -40])
def test_a_torn_parquet_file_is_refused_as_that(lake, tmp_path, left):
    path = parquet(tmp_path)
    path.write_bytes(path.read_bytes()[:left])

    with pytest.raises(InputError, match=r"a\.parquet: torn or damaged Parquet"):
        land_one(lake, path, mapping(tmp_path))


def test_parquet_in_an_archive_is_refused_with_the_remedy(lake, tmp_path):
    packed = write(tmp_path, "a.parquet.gz", gzip.compress(parquet(tmp_path).read_bytes()))

    with pytest.raises(InputError, match="Parquet inside an archive; unpack it"):
        land_one(lake, packed, mapping(tmp_path))


@pytest.mark.parametrize(
    ("flag", "method", "message"), [(1, 0, "password required"), (0, 9, "not supported"), (0, 99, "not supported")]
)
def test_an_archive_that_cannot_be_unpacked_here_is_refused_with_the_remedy(lake, tmp_path, flag, method, message):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", NOAA_2024 + noaa_row())
    data = bytearray(packed.getvalue())
    entry = data.index(b"PK\x01\x02")
    data[6], data[8], data[entry + 8], data[entry + 10] = flag, method, flag, method

    with pytest.raises(InputError, match=f"a.zip: the archive cannot be read .*{message}.*unpack it"):
        land_one(lake, write(tmp_path, "a.zip", bytes(data)))


@pytest.mark.parametrize("value", [".nan", ".inf", "-.inf", "1e400", "7"])
def test_any_number_can_stand_for_null(lake, tmp_path, value):
    text = MAPPING + f"  sog_kn: {{from: s, null_values: [{value}]}}\n"
    landed = land_one(lake, write(tmp_path, "a.csv", "id,t,x,y,s\n445000001,2023-01-11T00:00:00,125.1,38.6,7\n"),
                      mapping(tmp_path, text))  # fmt: skip

    assert counts(landed) == {"rows_read": 1, "positions": 1}
    assert lake.positions("2023-01-11")["sog_kn"].isna().tolist() == [value == "7"]


@pytest.mark.parametrize(
    ("error", "words", "expected"),
    [
        ("IOException", 'Could not read enough bytes from file "day.parquet": attempted to read 6 bytes', InputError),
        ("IOException", 'Could not write file "spill": No space left on device', SourceUnavailable),
        ("OutOfMemoryException", "could not allocate block", SourceUnavailable),
    ],
)
def test_what_the_disk_did_is_told_apart_from_a_file_shorter_than_it_says(
    lake, tmp_path, monkeypatch, error, words, expected
):
    import pyarrow as pa
    import pyarrow.parquet as pq

    def failing(*args):
        raise getattr(duckdb, error)(words)

    names = ("id", "t", "x", "y")
    pq.write_table(pa.table({name: ["1"] for name in names}), tmp_path / "day.parquet")
    monkeypatch.setattr("pipeline.lake.contents.take_numbered_census", failing)

    with pytest.raises(expected):
        land_one(lake, tmp_path / "day.parquet", mapping(tmp_path))


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


@pytest.mark.parametrize("line", ['"', '"""', '" "', '""', ' " '])
def test_a_line_of_quotes_alone_is_a_row_that_is_rejected(lake, tmp_path, line):
    text = NOAA_2024 + noaa_row() + f"{line}\n\n" + noaa_row(time="2023-01-11T00:01:00")
    landed = land_one(lake, write(tmp_path, "a.csv", text), "noaa")

    assert counts(landed) == {"rows_read": 3, "positions_with_report": 2, "rejected": 1}
    assert lake.rejects(landed.source_file["source_file_id"])["line"].tolist() == [3]


def test_a_run_of_nuls_where_a_logger_lost_its_power_costs_its_own_line(lake, tmp_path):
    text = NOAA_2024 + "\0" * 4096 + "\n" + noaa_row() + noaa_row(time="2023-01-11T00:01:00")

    landed = land_one(lake, write(tmp_path, "day.csv", text))

    assert counts(landed) == {"rows_read": 3, "positions_with_report": 2, "rejected": 1}


def test_a_text_in_sixteen_bits_is_told_to_be_no_text(lake, tmp_path):
    path = tmp_path / "day.csv"
    path.write_bytes((NOAA_2024 + noaa_row()).encode("utf-16-le"))

    with pytest.raises(InputError, match="binary content"):
        land_one(lake, path, "noaa")


@pytest.mark.parametrize(
    "above",
    [
        "sep=,\n",
        "# exported 2023-01-12\n",
        "\ufeffsep=,\r\n",
        "# a, b\n#\n\n",
        "\n# from our archive\n \n",
        "#1\n#2\n#3\n",
    ],
)
def test_what_stands_above_the_header_is_no_header_and_costs_no_row(lake, tmp_path, above):
    bad = noaa_row(time="soon")
    landed = land_one(lake, write(tmp_path, "day.csv", above + NOAA_2024 + noaa_row() + bad))

    assert counts(landed) == {"rows_read": 2, "positions_with_report": 1, "rejected": 1}
    assert lake.rejects(landed.source_file["source_file_id"])["line"].tolist() == [above.count("\n") + 3]


def test_a_header_that_begins_like_a_comment_is_one_whatever_the_delimiter(lake, tmp_path):
    rows = "#id t x y\n445000001 2023-11-14T22:13:20 125 38.5\n"
    text = MAPPING.replace("columns:", 'delimiter: " "\ncolumns:').replace("from: id", 'from: "#id"')
    land_one(lake, write(tmp_path, "a.csv", rows), mapping(tmp_path, text))

    assert landed_times(lake) == [AT]


def test_a_mapped_table_may_have_comments_above_its_header_too(lake, tmp_path):
    rows = "# our export; times are UTC\nid,t,x,y\n445000001,2023-11-14T22:13:20,125,38.5\n"
    land_one(lake, write(tmp_path, "a.csv", rows), mapping(tmp_path))

    assert landed_times(lake) == [AT]


@pytest.mark.parametrize("odd", ["", DANISH_ROW.replace("\n", ",x,y,z\n"), DANISH_ROW[:40] + "\n"])
def test_the_danish_header_is_no_comment_whatever_row_is_below_it(lake, tmp_path, odd):
    rest = DANISH_ROW.replace("00:00:00", "00:00:10") + DANISH_ROW.replace("00:00:00", "00:00:20")
    landed = land_one(lake, write(tmp_path, "day.csv", "# of 2023\n" + DANISH + odd + rest))

    assert counts(landed) == {"rows_read": 2 + bool(odd), "positions": 2} | ({"rejected": 1} if odd else {})


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
