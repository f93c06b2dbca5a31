"""Line ends, torn lines, and what stands above or between the rows: each costs its own line and no other."""

import time

import duckdb
import pytest

from pipeline.errors import InputError
from pipeline.formats.delimited import LONGEST_LINE
from pipeline.lake import tidying
from pipeline.lake.engine import Engine
from pipeline.lake.parts import _count_in
from tests.formats.tables import AT, DANISH, DANISH_ROW, MAPPING, landed_times, mapping, reports
from tests.lake.files import NOAA_2024, counts, land_one, noaa_row, reasons, write

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
