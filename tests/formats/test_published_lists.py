"""Sanctions lists as their authorities published them: how many ships, and which; and that two forms say the same."""

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

from pipeline.errors import InputError
from tests.formats.test_lists import read, ships

UN_TABLE = "un_1718_designated_vessels_2020-06-04.html"


@pytest.fixture
def published(samples: Path) -> Path:
    return samples / "sanctions/published"


@pytest.mark.parametrize(
    ("name", "list_id", "day", "count", "left_out"),
    [
        (UN_TABLE, "un", "2020-06-04", 59, {}),
        ("un_1718_designated_vessels_2020-06-04_typed.csv", "un", None, 59, {}),
        ("un_consolidated_2018-10-29.xml", "un", "2018-10-29", 0, {"not a ship": 77}),
        ("un_consolidated_2021-03-12.xml", "un", "2021-03-12", 0, {"not a ship": 77}),
        ("un_consolidated_2024-05-15.xml", "un", "2024-05-15", 0, {"not a ship": 77}),
        ("un_consolidated_2026-02-27.xml", "un", "2026-02-27", 0, {"not a ship": 79}),
        ("ofac_sdn_2019-01_sdn.csv", "ofac", None, 101, {"not a ship": 8, "ship of another programme": 3}),
        ("ofac_sdn_2021-03-10.xml", "ofac", "2021-03-10", 106, {"not a ship": 11, "ship of another programme": 4}),
        ("ofac_sdn_2024-05-07.xml", "ofac", "2024-05-07", 105, {"not a ship": 11, "ship of another programme": 5}),
        ("eu_fsf_2021-03-02.xml", "eu", "2021-03-02", 0, {"not a ship": 15}),
        ("eu_fsf_2024-05-13.xml", "eu", "2024-05-13", 2, {"not a ship": 26}),
        ("eu_fsf_2024-05-13_derived.csv", "eu", "2024-05-13", 2, {"not a ship": 26}),
        ("uk_sanctions_list_2026-09-07.xml", "uk", "2026-09-07", 2, {"not a ship": 1}),
        (
            "uk_sanctions_list_2026-04-29_rebuilt.csv", "uk", "2026-04-29", 37,
            {"not a ship": 3, "ship of another programme": 1},
        ),
    ],
)  # fmt: skip
def test_every_record_is_a_ship_or_left_out(
    published: Path, name: str, list_id: str, day: str | None, count: int, left_out: dict[str, int]
):
    reading = read((published / name).read_bytes(), list_id, name)

    assert (len(reading.listed), dict(reading.left_out)) == (count, left_out)
    assert reading.published_on == (date.fromisoformat(day) if day else None)
    assert reading.imo_unread == ()


def test_companies_filed_under_an_imo_number_are_no_ships_of_the_eu(published: Path):
    found = ships(read((published / "eu_fsf_2024-05-13.xml").read_bytes(), "eu"))

    assert {(row["name"], row["imo"]) for row in found.values()} == {("Unica", 8514306), ("New Konk", 9036387)}
    assert {row["listed_on"] for row in found.values()} == {"2022-12-12"}
    assert {row["ship_kind"] for row in found.values()} == {"delivery vessel, oil tanker"}
    assert "International Company" not in str(found)  # the owner, in the same remark


def archive(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        for name, data in files.items():
            target.writestr(f"{name}.csv", data)
    return made.getvalue()


def test_two_forms_of_one_list_say_the_same_of_every_ship(published: Path, samples: Path):
    legacy = {name: (samples / f"sanctions/{name}.csv").read_bytes() for name in ("sdn", "alt", "sdn_comments")}
    forms = {
        "un": (UN_TABLE, "un_1718_designated_vessels_2020-06-04_typed.csv"),
        "eu": ("eu_fsf_2024-05-13.xml", "eu_fsf_2024-05-13_derived.csv"),
    }

    for list_id, names in forms.items():
        one, other = (read((published / name).read_bytes(), list_id).listed for name in names)
        assert_frame_equal(one, other)
    xml = read((published / "ofac_sdn_2021-03-10.xml").read_bytes(), "ofac").listed  # four months before
    assert_frame_equal(xml, read(archive(**legacy), "ofac").listed)


def test_no_firm_or_person_linked_to_a_vessel_is_left_in_what_ofac_says(published: Path, samples: Path):
    for path in (*published.glob("ofac_sdn_*.xml"), samples / "reports/h19_ofac_linked.xml"):
        listed = read(path.read_bytes(), "ofac").listed
        notes = " ".join(listed["note"].dropna())
        assert "Linked" not in notes
        assert "PERSON" not in notes
        assert notes.count("(") == notes.count(")")
        assert listed["owner"].isna().all()


def test_the_last_of_numbered_names_radio_numbers_and_flags_is_todays(published: Path):
    found = ships(read((published / UN_TABLE).read_bytes(), "un"))

    assert found["imo-8909575"]["name"] == "Chong Bong"
    assert found["imo-8909575"]["other_names"] == "Blue Nouvelle|Greenlight"
    assert found["imo-8909575"]["mmsi"] == 445528000
    assert found["imo-8909575"]["flag"] == "Democratic People’s Republic of Korea"
    assert "Former MMSI: 529734000, 515721000, 445114000. Former flag: Kiribati, Cambodia." in str(
        found["imo-8909575"]["note"]
    )
    assert (found["imo-9191773"]["name"], found["imo-9191773"]["other_names"]) == ("BILLIONS NO. 18", None)
    assert found["imo-8713471"]["mmsi"] == 445498000  # written "1:445498000"
    assert found["min-ning-de-you-078"]["imo"] is None
    assert sum(row["mmsi"] is not None for row in found.values()) == 26


def test_a_ship_with_two_days_is_one_with_the_measures_of_both_and_the_earlier_day(published: Path):
    ship = ships(read((published / UN_TABLE).read_bytes(), "un"))["imo-8628597"]

    assert ship["listed_on"] == "2017-10-03"
    assert ship["measures"] == (
        "Paragraph 12 (a) of resolution 2321 (2016); "
        "Paragraph 6 of resolution 2371 (2017) and paragraph 6 of resolution 2375 (2017)"
    )


def test_a_ship_of_the_uk_has_the_same_facts_in_xml(published: Path):
    ship = ships(read((published / "uk_sanctions_list_2026-09-07.xml").read_bytes(), "uk"))["DPR0075"]

    assert (ship["imo"], ship["name"], ship["other_names"]) == (
        9562233,
        "Petrel 8",
        "Jal Vahini|Jal_Vahini|Tian Tai 36",
    )
    assert (ship["listed_on"], ship["measures"], ship["flag"]) == ("2017-10-03", "Prohibition of port entry", "Comoros")
    assert (ship["ship_kind"], ship["length_m"], ship["built"]) == ("Bulk Carrier", 134.5, 2011)


# ------------------------------------------------------------------------------------ small files with right values


def numbers(samples: Path, name: str, list_id: str) -> dict[str, object]:
    return {
        str(row["name"]): row["imo"] for row in ships(read((samples / "reports" / name).read_bytes(), list_id)).values()
    }


def test_numbers_of_ofac_are_read_in_all_their_forms(samples: Path):
    assert numbers(samples, "h29_ofac_ok.csv", "ofac") == {
        "TESTSHIP ONE": 9074729, "TESTSHIP TWO": 9321483, "TESTSHIP THREE": 9074730, "TESTSHIP FOUR": 9321483,
        "TESTSHIP FIVE": 9074729, "TESTSHIP SIX": 9074729, "TESTSHIP 7": 9074729,
    }  # fmt: skip
    ship = ships(read((samples / "reports/h29_ofac_xml_ok.xml").read_bytes(), "ofac"))["90001"]
    assert (ship["imo"], ship["mmsi"], ship["other_names"]) == (9074729, 445123456, "OLD TESTSHIP")


def test_numbers_of_the_uk_are_read_and_failing_ones_never_mended(samples: Path):
    assert numbers(samples, "h29_uk_ok.csv", "uk") == {
        "TESTSHIP ONE": 9074729, "TESTSHIP TWO": None, "TESTSHIP THREE": 9074728, "TESTSHIP FOUR": 9321483,
        "TESTSHIP FIVE": 9074729, "TESTSHIP SIX": 1234567, "TESTSHIP SEVEN": None, "TESTSHIP EIGHT": 9321483,
        "TESTSHIP NINE": None, "TESTSHIP TEN": 9074729,
    }  # fmt: skip


def test_a_company_that_a_ship_is_named_beside_is_none(samples: Path):
    assert numbers(samples, "h03_un_company.xml", "un") == {"TESTSHIP NINE": 9321483}


def test_a_file_of_ofacs_form_without_a_north_korean_vessel_is_another_list(published: Path):
    rows = (published / "ofac_sdn_2019-01_sdn.csv").read_text().splitlines(keepends=True)
    others = "".join(row for row in rows if '"vessel"' not in row)

    with pytest.raises(InputError, match=r"found: 8 not a ship.*Consolidated \(non-SDN\) list.*download sdn\.xml"):
        read(others.encode(), "ofac", "cons_prim.csv")
