"""Sanctions lists as published: each record a ship or left out with a reason, and the traps of copies of them."""

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from pipeline.contracts import LISTED
from pipeline.errors import InputError
from pipeline.formats.lists.record import ListReading
from pipeline.formats.lists.registry import FORMS, form_of

UK_COLUMNS = [
    "Last Updated", "Unique ID", "OFSI Group ID", "UN Reference Number", "Name 6", "Name 1", "Name 2", "Name 3",
    "Name 4", "Name 5", "Name type", "Alias strength", "Title", "Name non-latin script", "Non-latin script type",
    "Non-latin script language", "Regime Name", "Designation Type", "Designation source", "Sanctions Imposed",
    "Other Information", "UK Statement of Reasons", "Address Line 1", "Address Line 2", "Address Line 3",
    "Address Line 4", "Address Line 5", "Address Line 6", "Address Postal Code", "Address Country", "Phone number",
    "Website", "Email address", "Date Designated", "D.O.B", "Nationality(/ies)", "National Identifier number",
    "National Identifier additional information", "Passport number", "Passport additional information", "Position",
    "Gender", "Town of birth", "Country of birth", "Type of entity", "Subsidiaries", "Parent company",
    "Business registration number (s)", "IMO number", "Current owner/operator (s)", "Previous owner/operator (s)",
    "Current believed flag of ship", "Previous flags", "Type of ship", "Tonnage of ship", "Length of ship",
    "Year Built", "Hull identification number (HIN)",
]  # fmt: skip
DPRK = "The Democratic People's Republic of Korea (Sanctions) (EU Exit) Regulations 2019"
PETREL_8 = {
    "Unique ID": "DPR0075", "Name 6": "Petrel 8", "Name type": "Primary Name", "Regime Name": DPRK,
    "Designation Type": "Ship", "Sanctions Imposed": "De-flag|Prohibition of port entry",
    "Date Designated": "03/10/2017", "IMO number": "IMO9562233", "Type of ship": "Bulk Carrier",
    "Current believed flag of ship": "Comoros",
    "Tonnage of ship": "7078", "Length of ship": "110 m", "Year Built": "2011",
    "Current owner/operator (s)": "Global United Shipping India",
}  # fmt: skip
CHON_MYONG_1 = {
    "Unique ID": "DPR0096", "Name 6": "Chon Myong 1", "Name type": "Primary Name", "Regime Name": DPRK,
    "Designation Type": "Ship", "Sanctions Imposed": "Asset freeze", "Date Designated": "30/03/2018",
    "IMO number": "8712362",
}  # fmt: skip


def uk_file(*rows: dict[str, str], first: str = "Report Date: 11-Aug-2025", kind: str = "Designation Type") -> bytes:
    import csv

    text = io.StringIO()
    columns = [kind if name == "Designation Type" else name for name in UK_COLUMNS]
    writer = csv.DictWriter(text, columns, restval="")
    text.write(first + "\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({kind if key == "Designation Type" else key: value for key, value in row.items()})
    return text.getvalue().encode("utf-8-sig")


def read(data: bytes, list_id: str, name: str = "file") -> ListReading:
    form = form_of(data, list_id, name)
    assert form.read is not None
    reading = form.read(data, name)
    LISTED.check(reading.listed)
    return reading


def ships(reading: ListReading) -> dict[str, dict[str, object]]:
    listed = reading.listed.astype(object).where(reading.listed.notna(), None)
    return {row["entry_id"]: row for row in listed.to_dict("records")}


def zipped(folder: Path, *names: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        for name in names:
            files.write(folder / name, name)
    return archive.getvalue()


# --------------------------------------------------------------------------------------------------------- OFAC


def test_ofac_has_106_north_korean_vessels_and_all_other_records_have_a_reason(samples: Path):
    data = zipped(samples / "sanctions", "sdn.csv", "alt.csv", "sdn_comments.csv")

    reading = read(data, "ofac")

    assert len(reading.listed) == 106
    assert reading.left_out == {"not a ship": 8570, "ship of another programme": 300}
    assert reading.published_on is None
    assert reading.listed["imo"].notna().all()


def test_ofac_numbers_are_found_with_and_without_the_word_imo_and_names_are_kept_as_text(samples: Path):
    found = ships(read((samples / "sanctions/sdn.csv").read_bytes(), "ofac"))

    assert (found["17104"]["name"], found["17104"]["imo"]) == ("RYONG GUN BONG", 8606173)
    assert (found["23156"]["name"], found["23156"]["imo"]) == ("7-28", 8898831)
    assert found["28716"]["other_names"] == "SAM 5|THINH CUONG"
    assert found["23764"]["dead_weight_t"] == 10030


def test_ofac_aliases_come_with_the_archive_and_linked_firms_stay_out(samples: Path):
    alone = ships(read((samples / "sanctions/sdn.csv").read_bytes(), "ofac"))
    together = ships(read(zipped(samples / "sanctions", "sdn.csv", "alt.csv"), "ofac"))

    assert alone["17084"]["other_names"] is None
    assert together["17084"]["other_names"] == "AP ROK GANG"
    assert not any("Linked To" in str(value) for row in together.values() for value in row.values())


def sdn_row(name: str, remarks: str = "Vessel Registration Identification IMO 8628597.") -> bytes:
    return f'1,"{name}","vessel","DPRK4",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"{remarks}"\r\n'.encode()


def test_a_name_that_a_spreadsheet_made_a_day_is_refused_with_its_row_and_what_to_do():
    with pytest.raises(InputError) as refused:
        read(sdn_row("HAO FAN 6").replace(b"1,", b"0,", 1) + sdn_row("Jul-28"), "ofac", "sdn.csv")

    assert str(refused.value) == (
        'sdn.csv: row 2: the name "Jul-28" is a day; a spreadsheet has changed the file: '
        "import it as it was published, unopened"
    )


def test_the_ship_7_28_itself_is_no_day():
    assert ships(read(sdn_row("7-28"), "ofac"))["1"]["name"] == "7-28"


@pytest.mark.parametrize("torn", [b'2,"BROKEN","ves', b'2,"BROKEN",-0- ,"CUBA"\r\n'])
def test_a_torn_csv_file_is_refused(torn: bytes):
    with pytest.raises(InputError, match="torn: download it again"):
        read(sdn_row("HAO FAN 6") + torn, "ofac", "sdn.csv")


def test_the_byte_that_ends_the_published_file_is_no_row():
    assert len(read(sdn_row("HAO FAN 6") + b"\x1a", "ofac").listed) == 1


SDN_XML = """<?xml version="1.0" standalone="yes"?>
<sdnList xmlns="https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML">
  <publshInformation><Publish_Date>05/31/2024</Publish_Date><Record_Count>3</Record_Count></publshInformation>
  <sdnEntry><uid>36</uid><lastName>AEROCARIBBEAN AIRLINES</lastName><sdnType>Entity</sdnType>
    <programList><program>CUBA</program></programList></sdnEntry>
  <sdnEntry><uid>15036</uid><lastName>ARTAVIL</lastName><sdnType>Vessel</sdnType>
    <programList><program>IRAN</program></programList></sdnEntry>
  <sdnEntry><uid>23771</uid><lastName>HAO FAN 6</lastName><sdnType>Vessel</sdnType>
    <remarks>(Linked To: SHEN ZHONG INTERNATIONAL SHPG)</remarks>
    <programList><program>DPRK4</program></programList>
    <idList><id><uid>1</uid><idType>Vessel Registration Identification</idType><idNumber>IMO 8628597</idNumber></id>
      <id><uid>2</uid><idType>MMSI</idType><idNumber>341985000</idNumber></id></idList>
    <akaList><aka><uid>3</uid><type>f.k.a.</type><lastName>OLD NAME</lastName></aka></akaList>
    <vesselInfo><vesselType>Bulk Carrier</vesselType><vesselFlag>Saint Kitts and Nevis</vesselFlag>
      <tonnage>13500</tonnage><grossRegisteredTonnage>8343</grossRegisteredTonnage></vesselInfo></sdnEntry>
</sdnList>"""


def test_ofac_xml_says_its_day_and_the_same_of_a_ship():
    reading = read(SDN_XML.encode(), "ofac")

    ship = ships(reading)["23771"]
    assert reading.published_on == date(2024, 5, 31)
    assert reading.left_out == {"not a ship": 1, "ship of another programme": 1}
    assert (ship["imo"], ship["mmsi"], ship["other_names"], ship["ship_kind"]) == (
        8628597, 341985000, "OLD NAME", "Bulk Carrier",
    )  # fmt: skip
    assert (ship["dead_weight_t"], ship["gross_tonnage"]) == (13500, 8343)
    assert ship["flag"] == "Saint Kitts and Nevis"


@pytest.mark.parametrize(
    "data",
    [
        SDN_XML[:-40].encode(),
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><sdnList>&b;</sdnList>',
    ],
)
def test_torn_or_hostile_xml_is_refused(data: bytes):
    with pytest.raises(InputError, match="torn"):
        read(data, "ofac")


# ------------------------------------------------------------------------------------------------------------ UK


def test_a_uk_ship_spans_several_rows_and_measures_differ_from_ship_to_ship():
    alias = PETREL_8 | {"Name 6": "Jal Vahini", "Name type": "Alias", "Sanctions Imposed": ""}
    person = {"Unique ID": "DPR0001", "Name 6": "X", "Designation Type": "Individual", "Regime Name": DPRK}
    other = CHON_MYONG_1 | {"Unique ID": "RUS1", "Regime Name": "The Russia (Sanctions) (EU Exit) Regulations 2019"}

    reading = read(uk_file(PETREL_8, alias, person, other, CHON_MYONG_1), "uk")

    found = ships(reading)
    assert reading.published_on == date(2025, 8, 11)
    assert reading.left_out == {"not a ship": 1, "ship of another programme": 1}
    assert list(found) == ["DPR0075", "DPR0096"]
    assert (found["DPR0075"]["imo"], found["DPR0096"]["imo"]) == (9562233, 8712362)
    assert found["DPR0075"]["other_names"] == "Jal Vahini"
    assert (found["DPR0075"]["measures"], found["DPR0096"]["measures"]) == (
        "De-flag; Prohibition of port entry", "Asset freeze",
    )  # fmt: skip
    assert found["DPR0075"]["listed_on"] == "2017-10-03"
    assert (found["DPR0075"]["length_m"], found["DPR0075"]["built"]) == (110, 2011)
    assert "which tonnage is not said" in str(found["DPR0075"]["note"])
    assert found["DPR0075"]["gross_tonnage"] is None


def test_the_uk_column_that_tells_ships_has_had_two_names():
    assert len(read(uk_file(PETREL_8, kind="Individual, Entity, Ship"), "uk").listed) == 1


@pytest.mark.parametrize("first", ["Report Date: 11-Aug-2025", "Report Date: 11/08/2025", '"Report Date: 11-Aug-2025"'])
def test_the_uk_report_date_is_the_day_of_the_edition(first: str):
    assert read(uk_file(PETREL_8, first=first), "uk").published_on == date(2025, 8, 11)


def test_a_rounded_number_is_refused():
    with pytest.raises(InputError, match=r'row 2: the number "9\.56E\+06" is rounded; a spreadsheet'):
        read(uk_file(PETREL_8 | {"IMO number": "9.56E+06"}), "uk")


def test_a_uk_file_cut_inside_a_row_is_refused():
    with pytest.raises(InputError, match="torn: download it again"):
        read(uk_file(PETREL_8, CHON_MYONG_1)[:-60], "uk")


def test_the_extract_of_the_samples_is_not_the_published_form(samples: Path):
    with pytest.raises(InputError, match="not a form that is known; expected the UK Sanctions List as CSV"):
        read((samples / "sanctions/uk_dprk_ships.csv").read_bytes(), "uk")


# ------------------------------------------------------------------------------------------------------------ EU


def test_the_annexes_of_the_regulation_name_75_ships(samples: Path):
    reading = read((samples / "sanctions/eu_32017R1509_dprk.csv").read_bytes(), "eu")

    found = ships(reading)
    assert len(found) == 75
    assert reading.left_out == {"not a ship": 251}
    assert (found["XIV.B-33"]["name"], found["XIV.B-33"]["imo"]) == ("MIN NING DE YOU 078", None)
    assert found["XIV.B-1"]["mmsi"] == 620233000
    assert found["XIII.B-imo-8909575"]["other_names"] == "Greenlight|Blue Nouvelle"
    assert {row["listed_on"] for row in found.values() if str(row["entry_id"]).startswith("XIII.B")} == {"2016-03-02"}


FSF_HEADER = (
    "fileGenerationDate;Entity_LogicalId;Entity_EU_ReferenceNumber;Entity_UnitedNationId;Entity_DesignationDate;"
    "Entity_DesignationDetails;Entity_Remark;Entity_SubjectType;Entity_SubjectType_ClassificationCode;"
    "Entity_Regulation_Programme;NameAlias_WholeName;Identification_Number;Identification_TypeCode;"
    "Identification_TypeDescription"
)


def fsf_row(entity: str, programme: str, name: str, number: str, code: str) -> str:
    reference = f"EU.{entity}.1"
    return f"22/09/2026;{entity};{reference};;2022-12-12;;;enterprise;E;{programme};{name};{number};{code};"


def test_the_consolidated_list_has_ships_as_entities_with_a_ships_number():
    rows = [
        fsf_row("10", "PRK", "Unica", "8514306", "imo"),
        fsf_row("10", "PRK", "Hai Zhou 168", "", ""),
        fsf_row("11", "PRK", "A bank", "123", "regnumber"),
        fsf_row("12", "RUS", "A tanker", "9036387", "imo"),
    ]
    reading = read("\n".join(["\ufeff" + FSF_HEADER, *rows]).encode(), "eu")

    ship = ships(reading)["EU.10.1"]
    assert reading.published_on == date(2026, 9, 22)
    assert reading.left_out == {"not a ship": 1, "ship of another programme": 1}
    assert (ship["name"], ship["other_names"], ship["imo"]) == ("Unica", "Hai Zhou 168", 8514306)


# ------------------------------------------------------------------------------------------------------------ UN


def entity(name: str, comment: str = "", regime: str = "DPRK") -> str:
    return (
        f"<ENTITY><DATAID>1</DATAID><FIRST_NAME>{name}</FIRST_NAME><UN_LIST_TYPE>{regime}</UN_LIST_TYPE>"
        f"<REFERENCE_NUMBER>KPe.1</REFERENCE_NUMBER><LISTED_ON>2018-03-30</LISTED_ON><COMMENTS1>{comment}</COMMENTS1>"
        "<ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>M/V OLD NAME</ALIAS_NAME></ENTITY_ALIAS></ENTITY>"
    )


def un_file(*entities: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><CONSOLIDATED_LIST dateGenerated="2026-09-30T14:00:03.12Z">'
        "<INDIVIDUALS><INDIVIDUAL><FIRST_NAME>RI</FIRST_NAME><UN_LIST_TYPE>DPRK</UN_LIST_TYPE></INDIVIDUAL></INDIVIDUALS>"
        f"<ENTITIES>{''.join(entities)}</ENTITIES></CONSOLIDATED_LIST>"
    ).encode()


@pytest.mark.parametrize(
    ("name", "comment"),
    [
        ("M/V HAO FAN 6", "IMO number: 8628597. Loaded coal at Nampo."),
        ("HAO FAN 6 (IMO 8628597)", ""),
        ("HAO FAN 6", "The DPRK vessel HAO FAN 6 (IMO: 8628597) loaded coal."),
    ],
)
def test_a_un_entity_that_says_it_is_a_ship_is_one(name: str, comment: str):
    reading = read(un_file(entity(name, comment)), "un")

    ship = ships(reading)["imo-8628597"]
    assert reading.published_on == date(2026, 9, 30)
    assert reading.left_out == {"not a ship": 1}
    assert (ship["name"], ship["imo"], ship["other_names"], ship["listed_on"]) == (
        "HAO FAN 6", 8628597, "OLD NAME", "2018-03-30",
    )  # fmt: skip


def test_a_un_company_with_a_company_number_that_runs_a_ship_is_none():
    comment = "Ocean Maritime Management (IMO Number: 1790183) is the operator of the vessel Chong Chon Gang."

    reading = read(un_file(entity("OCEAN MARITIME MANAGEMENT COMPANY", comment)), "un")

    assert reading.listed.empty
    assert reading.left_out == {"not a ship": 2}


def test_a_table_typed_from_the_designated_vessels_list():
    header = "#,vessel_name,imo_number,date_of_designation,mmsi,flag,type,other_information,Paragraph 6 of 2371 (2017)"
    rows = [
        "1,1: HAO FAN 6 2: NEW NAME,8628597,03-Oct-17,341985000,,Bulk Carrier,Loaded coal.,X",
        "2,MIN NING DE YOU 078,,30-Mar-18,,,,,NA",
    ]

    reading = read("\n".join([header, *rows]).encode(), "un")

    found = ships(reading)
    assert list(found) == ["imo-8628597", "min-ning-de-you-078"]
    assert (found["imo-8628597"]["name"], found["imo-8628597"]["other_names"]) == ("NEW NAME", "HAO FAN 6")
    assert found["imo-8628597"]["listed_on"] == "2017-10-03"
    assert found["imo-8628597"]["measures"] == "Paragraph 6 of 2371 (2017)"
    assert found["min-ning-de-you-078"]["measures"] is None


# ---------------------------------------------------------------------------------------------------- wrong files


@pytest.mark.parametrize(
    ("data", "list_id", "words"),
    [
        (uk_file(PETREL_8), "ofac", "looks like the UK Sanctions List as CSV (uk-dprk); expected OFAC's sdn.csv"),
        (un_file(entity("X")), "uk", "looks like the UN Security Council's consolidated list (XML) (un-consolidated)"),
        (SDN_XML.encode(), "eu", "looks like OFAC's sdn.xml (ofac-sdn)"),
        (b'17084,5,"aka","AP ROK GANG",-0- \r\n', "ofac", "alt.csv (other names alone) is not read; import sdn.csv"),
        (b"<Sanctions xmlns='urn:a' Version='3'/>", "ofac", "sdn_enhanced.xml is not read; download sdn.xml"),
        (b"<?xml version='1.0'?>\n<x:sanctionsData xmlns:x='urn:a'/>", "ofac", "is not read; download sdn.xml"),
        (b"<ArrayOfFinancialSanctionsTarget>", "uk", "it names no ships; download the UK Sanctions List as XML or CSV"),
        (b"Last Updated,22/09/2025\nName 6,Name 1,Group Type,Group ID\n", "uk", "OFSI's consolidated list is not read"),
        (b"<WHOLE Date='2020-01-01'/>", "eu", "download the same list as XML of version 1.1, or as CSV"),
        (b"%PDF-1.7 ...", "un", "(it is a PDF: convert it to HTML, or download another form)"),
        (b"PK\x03\x04 a spreadsheet", "uk", "(it is an archive or a spreadsheet: unpack it"),
        (b"<feed/>", "un", "not a form that is known (its root is feed)"),
        (b"<!DOCTYPE html><html>Service unavailable</html>", "un", "not a form that is known (it is a web page)"),
        (b"", "uk", "the file is empty; download it again"),
        (uk_file(PETREL_8), "xx", 'no list "xx" can be imported; expected un, uk, eu, ofac, un-1718'),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_and_told_what_it_looks_like(data: bytes, list_id: str, words: str):
    with pytest.raises(InputError) as refused:
        read(data, list_id)

    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_each_file_has_one_form_at_most(samples: Path):
    files = [path.read_bytes() for path in (samples / "sanctions").rglob("*.*") if path.is_file()]
    files += [uk_file(PETREL_8), un_file(entity("X")), SDN_XML.encode(), FSF_HEADER.encode()]

    assert max(sum(form.recognises(data) for form in FORMS) for data in files) == 1


def test_a_form_that_no_published_file_was_at_hand_for_says_so_in_its_module():
    import sys

    for form in FORMS:
        if form.read is not None and not form.tested:
            text = " ".join((sys.modules[form.read.__module__].__doc__ or "").split())
            assert "not tested against" in text, form.name
