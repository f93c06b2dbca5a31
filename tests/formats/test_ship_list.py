"""Lists of ships as people write them: separators, headings, spreadsheets, and rows that name no ship."""

import csv

import pytest

from pipeline.errors import InputError
from pipeline.formats.ship_list import read_ship_list
from pipeline.imo import is_company_number, is_imo

CHUN_KUAN, MOON = 8628597, 9562233


@pytest.fixture
def read(tmp_path):
    def read(content):
        path = tmp_path / "ships.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_ship_list(path)

    return read


def numbers(found):
    return [one.imo for one in found.ships]


@pytest.mark.parametrize(
    "content",
    [
        "IMO\n8628597\n9562233\n",
        "imo_number,name\n8628597,A\n9562233,B\n",
        '"Name";"IMO No."\n"A;B";"8628597"\n"C";"9562233"',
        "Vessel Name\tIMO Number\tMMSI\r\nA\tIMO 8628597\t445000001\r\nB\tIMO-9562233\t\r\n",
        "ship|Imo-Nr\rA|8628597\rB|9562233.0\r",
        'sep=;\nIMO;Name\n="8628597";A\n="9562233";B\n',
        "8628597\n9562233\n",
        "A,8628597\nB,9562233\n",
        "\n\nIMO\n\n8628597\n  \n9562233\n,,\n",
        "LR/IMO no\n8628597\n９５６２２３３\n",
        "IMO,Owner's IMO company\n8628597,1\n9562233,2\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lists_are_read_as_they_are_written(read, content, encoding):
    assert numbers(read(content.encode(encoding))) == [CHUN_KUAN, MOON]


def test_names_and_mmsis_come_with_the_row_and_its_line(read):
    found = read('\nName;IMO No.;MMSI\n\n Chun\u00a0 Kuan ;8628597;445000001\n"two\nlines";9562233;\nlast;9562233\n')

    assert [(one.line, one.name_given, one.mmsi_given) for one in found.ships] == [
        (4, "Chun Kuan", "445000001"), (5, "two lines", ""), (7, "last", ""),
    ]  # fmt: skip
    assert found.blank == 2


def test_what_windows_writes_is_read(read):
    assert read("IMO;Name\n8628597;Møn\n".encode("cp1252")).ships[0].name_given == "Møn"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("", "no IMO number given"), ("0", "no IMO number given"), ("n/a", "no IMO number given"),
        ("8628598", "check digit fails"), ("1234567", "no ship's"), ("445000001", "expected 7 digits"),
        ("8.62860E+06", "a spreadsheet has shortened"), ("Chun Kuan", "expected 7 digits"),
        ("862859", "expected 7 digits"), ("x" * 200, "…"),
    ],
)  # fmt: skip
def test_a_row_without_a_valid_number_stays_with_its_reason(read, cell, words):
    found = read(f"IMO,Name\n{cell},A\n8628597,B\n").ships

    assert [one.imo for one in found] == [None, CHUN_KUAN]
    assert words in found[0].reason
    assert found[1].reason is None


def test_a_number_of_a_company_is_told(read):
    company = next(n for n in range(5_858_600, 5_858_700) if is_company_number(n) and not is_imo(n))

    assert "the number of a company" in read(f"IMO\n{company}\n").ships[0].reason


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no row"), (b"\n\n", "no row"), (b"IMO;Name\n", "no row below"),
        (b"Name,Flag\nA,KP\n", "found: Name, Flag"),
        (b"IMO,IMO number\n1,2\n", "several columns"), (b"PK\x03\x04rest", "save it as CSV"),
        (b"\xff\xfe\x00", "no text"), (b'IMO\n"' + b"x" * 200_000 + b'"', "field larger"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_told_in_one_line(read, content, words):
    with pytest.raises(InputError, match=words) as told:
        read(content)

    assert "\n" not in str(told.value)


def test_how_long_a_field_may_be_is_not_what_others_have_set_for_all_readers(read):
    before = csv.field_size_limit(10_000_000)
    try:
        with pytest.raises(InputError, match="field larger"):
            read(b'IMO\n"' + b"x" * 200_000 + b'"')
    finally:
        csv.field_size_limit(before)


def test_a_file_that_is_not_there_is_told(tmp_path):
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(InputError, match="expected a CSV file"):
            read_ship_list(path)


@pytest.mark.parametrize(
    ("title", "above", "blank"),
    [
        ("Our fleet, June 2018;;\n;;\n", 1, 1),
        ("Our fleet\nas of 1 June 2018, 2 ships\n\n", 2, 1),
        ("\n", 0, 1),
        ("", 0, 0),
    ],
)
def test_lines_above_the_headings_are_counted_and_not_read(read, title, above, blank):
    found = read(title + "Name;IMO No.;Flag\nA;8628597;KP\nB;9562233;\n")

    assert numbers(found) == [CHUN_KUAN, MOON]
    assert [one.name_given for one in found.ships] == ["A", "B"]
    assert (found.above, found.blank) == (above, blank)
    assert found.ships[0].line == title.count("\n") + 2


def test_ships_above_a_second_heading_are_read(read):
    found = read("8628597\nIMO\n9562233\n")

    assert [one.imo for one in found.ships if one.imo] == [CHUN_KUAN, MOON]
    assert found.above == 0
