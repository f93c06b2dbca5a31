"""Sanctions lists as they arrive: other encodings and line ends, cut, doubled, another kind of file, odd numbers."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pipeline.errors import InputError
from pipeline.formats.lists.record import (
    EITHERS_NUMBER,
    NO_VALID_NUMBER,
    NOT_A_SHIP,
    SHIPS_NUMBER,
    imo_numbers,
    why_no_ship,
)
from pipeline.formats.lists.registry import AUTHORITIES, FORMS, form_of
from pipeline.imo import is_company_number, is_imo
from tests.formats.test_lists import (
    CHON_MYONG_1,
    FSF_HEADER,
    PETREL_8,
    SDN_XML,
    entity,
    fsf_row,
    read,
    sdn_row,
    ships,
    uk_file,
    un_file,
)

EU_XML = """<?xml version="1.0" encoding="UTF-8"?>
<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2024-05-13T17:44:28.283+02:00">
<sanctionEntity designationDate="2022-12-12" euReferenceNumber="EU.1.1"><regulation programme="PRK"/>
<subjectType code="enterprise" classificationCode="E"/>
<nameAlias wholeName="Testship"><remark>{remark}</remark></nameAlias>
<identification number="{number}" identificationTypeCode="imo"
 identificationTypeDescription="IMO (vessel identification)"/>
</sanctionEntity></export>"""
PAGE = """<!DOCTYPE html><html><head><title>1718 Designated Vessels List 4 June 2020</title></head><body><table>
<tr><td colspan="8">1718 Designated Vessels List</td></tr>
<tr><td rowspan="2">#</td><td colspan="2" rowspan="2">Vessel Name</td><td rowspan="2">IMO number</td>
<td rowspan="2">Date of designation</td><td colspan="3">Relevant sanctions measures</td></tr>
<tr><td>Paragraph 8</td><td>Paragraph 12</td><td>Economic resources</td></tr>
<tr><td rowspan="2">1</td><td colspan="2">1: ALFA 2 2: BETA</td>
<td rowspan="2">IMO 9074729 MMSI: 1: 445000001 2: 445000002</td>
<td rowspan="2">03-Oct-17</td><td rowspan="2">Yes</td><td rowspan="2">na</td><td rowspan="2">na</td></tr>
<tr><td>Other information</td><td>Coal.</td></tr></table></body></html>"""


# ------------------------------------------------------------------------------------------ bytes, lines and columns


@pytest.mark.parametrize(
    "untidy",
    [
        lambda data: data.replace(b"\r\n", b"\r"),
        lambda data: data.replace(b"\r\n", b"\n", 1),
        lambda data: b"\r\n\n" + data.removeprefix(b"\xef\xbb\xbf"),
        lambda data: data.decode("utf-8-sig").encode("utf-16"),
        lambda data: data.decode("utf-8-sig").encode("utf-16-be").join([b"\xfe\xff", b""]),
        lambda data: b"\r\n".join(line + b",," for line in data.split(b"\r\n")),
        lambda data: data.replace(b"Year Built,", b"Year Built,Unique ID,").replace(b",2011,", b",2011,DPR0075,"),
        lambda data: data.replace(b"IMO number", b"IMO Number"),
    ],
    ids=[
        "CR alone",
        "mixed ends",
        "blank lines first",
        "UTF-16",
        "UTF-16 big",
        "trailing commas",
        "a column twice",
        "other spelling",
    ],
)
def test_a_table_says_the_same_in_other_bytes(untidy):
    tidy = uk_file(PETREL_8)

    assert_frame_equal(read(untidy(tidy), "uk").listed, read(tidy, "uk").listed)


def test_two_columns_of_one_name_that_contradict_each_other_are_refused():
    doubled = uk_file(PETREL_8).replace(b"Year Built,", b"Year Built,IMO number,").replace(b",2011,", b",2011,9074729,")

    with pytest.raises(InputError, match=r'row 2: column "IMO number" is there twice, as "IMO9562233" and "9074729"'):
        read(doubled, "uk")


@pytest.mark.parametrize(
    ("data", "list_id"), [(SDN_XML, "ofac"), (EU_XML.format(number=9074729, remark=""), "eu"), (PAGE, "un")]
)
@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_a_file_that_breaks_off_is_refused(data: str, list_id: str, kept: float):
    with pytest.raises(InputError, match="torn"):
        read(data[: int(len(data) * kept)].encode(), list_id)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_is_read_whatever_prefix_its_namespace_has_and_in_its_own_encoding(encoding: str):
    tidy = EU_XML.format(number=9074729, remark="")
    prefixed = tidy.replace("<", "<f:").replace("<f:/", "</f:").replace("<f:?", "<?").replace("xmlns=", "xmlns:f=")
    data = prefixed.replace("UTF-8", encoding.upper()).encode(encoding)

    assert_frame_equal(read(b"\n " * (encoding == "utf-8") + data, "eu").listed, read(tidy.encode(), "eu").listed)


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_said_to_be_empty(data: bytes):
    with pytest.raises(InputError, match="the file is empty"):
        read(data, "un")


def test_a_header_alone_has_no_ships_and_a_day_alone_no_columns():
    assert read(uk_file(), "uk").listed.empty
    with pytest.raises(InputError, match='no column "Unique ID"'):
        read(b"Report Date: 29-Apr-2026, with Unique ID and Regime Name\n", "uk")


def test_a_ship_without_the_lists_own_number_of_her_is_said_to_be_one():
    with pytest.raises(InputError, match=r"file: row \d has no id; expected"):
        read(uk_file(PETREL_8 | {"Unique ID": ""}), "uk")


def test_a_locked_or_damaged_archive_is_refused():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("sdn.csv", sdn_row("HAO FAN 6"))
    data = made.getvalue()
    locked = bytearray(data)
    for at in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        locked[at] |= 1

    for broken in (bytes(locked), data.replace(b"HAO FAN", b"HAO FUN", 1)):
        with pytest.raises(InputError, match="torn or locked"):
            read(broken, "ofac")


SMALL = {
    "uk": uk_file(PETREL_8, CHON_MYONG_1), "ofac": SDN_XML.encode(), "un": PAGE.encode(),
    "eu": EU_XML.format(number=9074729, remark="Type of ship: tanker").encode(),
}  # fmt: skip
FILES = [
    *SMALL.items(), ("un", un_file(entity("HAO FAN 6", "IMO 8628597"))), ("ofac", sdn_row("HAO FAN 6")),
    ("eu", "\n".join([FSF_HEADER, fsf_row("10", "PRK", "Unica", "8514306", "imo")]).encode()),
    ("un", b"vessel_name,imo_number,date_of_designation\n1: A 2: B,9074729,03-Oct-17\n"),
]  # fmt: skip
ODD = [b"\x00", b"\xff", b'"', b",", b";", b"<", b">", b"\r", b"9" * 400, b"\xef\xbb\xbf", b"1e999", "９".encode(), b""]


@given(st.sampled_from(FILES), st.data())
def test_no_damage_ends_otherwise_than_in_ships_or_one_message(file: tuple[str, bytes], draw: st.DataObject):
    list_id, data = file
    for _ in range(draw.draw(st.integers(1, 3))):
        start = draw.draw(st.integers(0, len(data)))
        end = draw.draw(st.integers(start, min(len(data), start + 40)))
        data = data[:start] + draw.draw(st.sampled_from(ODD) | st.binary(max_size=3)) + data[end:]

    told = ""
    try:
        read(data, list_id)
    except InputError as refused:
        told = str(refused)
    assert "\n" not in told


# ------------------------------------------------------------------------------------------------------ IMO numbers


@pytest.mark.parametrize(
    ("text", "numbers", "unread"),
    [
        ("9074729", [9074729], []),
        (" imo-9074729.0 ", [9074729], []),
        ("９０７４７２９", [9074729], []),
        ("9074729, 9321483", [9074729, 9321483], []),
        ("9074729 / IMO 9321483 and 9074729", [9074729, 9321483], []),
        ("9074729 (reported)", [9074729], []),
        ("", [], []),
        ("Does not exist", [], []),
        ("N/A", [], []),
        ("907472", [], ["907472"]),
        ("02312342", [], ["02312342"]),
        ("90747290; 9321483", [9321483], ["90747290"]),
        ("unregistered", [], ["unregistered"]),
    ],
)
def test_a_field_gives_its_numbers_and_what_is_none(text: str, numbers: list[int], unread: list[str]):
    assert imo_numbers(text) == (numbers, unread)


BOTH = next(number for number in range(9000000, 9999999) if is_imo(number) and is_company_number(number))


@pytest.mark.parametrize(
    ("name", "number", "why"),
    [
        ("TESTSHIP", 9074729, None),
        ("TESTSHIP", 5342883, NOT_A_SHIP),
        ("TESTSHIP", BOTH, EITHERS_NUMBER),
        ("TEST SHIPPING CO LTD", BOTH, NOT_A_SHIP),
        ("TEST SHIPPING CO LTD", 9074729, SHIPS_NUMBER),
        ("TESTSHIP", 9074728, NO_VALID_NUMBER),
        ("TEST MARITIME", 9074728, NOT_A_SHIP),
    ],
)
def test_ships_and_companies_are_told_apart_by_check_digits_and_names(name: str, number: int, why: str | None):
    assert why_no_ship(name, [number]) == why


@pytest.mark.parametrize("number", ["9074729", "IMO: 9074729", "9074728", "5342883"])
def test_what_the_eu_says_is_a_ship_is_one_whatever_her_number(number: str):
    reading = read(EU_XML.format(number=number, remark="Type of ship: tanker Owner: (X Ltd)").encode(), "eu")

    assert len(reading.listed) == 1
    assert "X Ltd" not in str(ships(reading))


def test_a_person_with_a_ships_number_is_none_and_an_unreadable_number_is_counted():
    person = EU_XML.format(number=9074729, remark="").replace('"enterprise"', '"person"')

    assert read(person.encode(), "eu").left_out == {"not a ship": 1}
    reading = read(EU_XML.format(number="90747290", remark="").encode(), "eu")
    assert (reading.left_out, reading.imo_unread) == ({"not a ship": 1}, ("EU.1.1: 90747290",))


# ------------------------------------------------------------------------------------------ OFAC's remarks, UN names


@pytest.mark.parametrize(
    ("remarks", "kept"),
    [
        ("(Linked To: A CO.)", None),
        ("(Linked To: A (HK) CO; B (C (D)) LTD; Linked To: PERSON, X.); Old ship", "Old ship"),
        ("Old ship. (linked to:  A CO", "Old ship"),
        ("Linked To: KOREA (DPRK) CO., LTD; Old ship; Linked To: B.", "Old ship"),
        (
            "Vessel Year of Build 1990; alt. Call Sign HMXX (vessel) [DPRK4] (Linked To: A).",
            "Call Sign HMXX; Vessel Year of Build 1990",
        ),
        ("Part of a (small) fleet", "Part of a (small) fleet"),
    ],
)  # fmt: skip
def test_remarks_keep_all_but_whom_they_link(remarks: str, kept: str | None):
    ship = ships(read(sdn_row("TESTSHIP", f"Vessel Registration Identification IMO 9074729; {remarks}"), "ofac"))["1"]

    assert (ship["imo"], ship["note"]) == (9074729, kept)


@pytest.mark.parametrize(
    ("name", "comment", "count"),
    [
        ("TESTSHIP", "The vessel TESTSHIP carried coal.", 1),
        ("TESTSHIP", "The vessel OTHERSHIP, of this owner, carried coal.", 0),
        ("M/V TESTSHIP", "", 1),
        ("SHIP MANAGEMENT TEST", "", 0),
        ("TESTSHIP", "IMO Number: 5342883.", 0),
        ("TESTSHIP", f"IMO Number: {BOTH}.", 0),
        ("M/V TESTSHIP", f"IMO Number: {BOTH}.", 1),
        ("M/V TESTSHIP", "IMO Number: 9074728.", 1),
        ("M/V MANAGEMENT CO LTD", "", 0),
        ("TEST SHIPPING CO", "IMO 9074729. Bulk carrier.", 0),
        ("TESTSHIP", "Registered owner of a tanker. IMO number: 9074729", 0),
    ],
)
def test_an_entity_of_the_consolidated_list_is_a_ship_only_if_that_is_said_of_itself(
    name: str, comment: str, count: int
):
    assert len(read(un_file(entity(name, comment)), "un").listed) == count


def test_a_page_of_the_committees_list_has_todays_name_and_the_former_one():
    reading = read(PAGE.encode(), "un")

    ship = ships(reading)["imo-9074729"]
    assert (ship["name"], ship["other_names"], ship["mmsi"]) == ("BETA", "ALFA 2", 445000002)
    assert (ship["measures"], ship["listed_on"]) == ("Paragraph 8", "2017-10-03")
    assert ship["note"] == "Coal. Former MMSI: 445000001."
    assert str(reading.published_on) == "2020-06-04"


def test_two_ships_under_one_number_in_the_committees_table_are_a_damaged_file():
    rows = "vessel_name,imo_number,date_of_designation\n1: ALFA,9074729,30-Mar-18\n1: {},9074729,03-Oct-17\n"

    assert ships(read(rows.format("ALFA").encode(), "un"))["imo-9074729"]["listed_on"] == "2017-10-03"
    with pytest.raises(InputError, match="row 3: ALFA and BETA have the same IMO number"):
        read(rows.format("BETA").encode(), "un")


def test_every_form_that_is_read_says_which_ships_it_has_where_an_authority_has_several_lists():
    for name in ("un", "ofac", "eu", "uk"):
        forms = [form for form in AUTHORITIES[name] if form.read and form.name != "eu-annexes"]
        assert all(form.about for form in forms), name
    assert all(form.instead for form in FORMS if form.read is None)


def test_no_sample_is_taken_for_another_list(samples: Path):
    of = {"un": "un", "eu": "eu", "uk": "uk", "ofac": "ofac"}
    for path in (samples / "sanctions/published").glob("*_*.*"):
        own = of[path.name.partition("_")[0]]
        for other in set(of) - {own}:
            with pytest.raises(InputError, match=r"looks like|is not read"):
                form_of(path.read_bytes(), other, path.name)
