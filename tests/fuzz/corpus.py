"""What is mutated: small inputs of every format, made here, and pieces of the samples where they are at hand."""

# ruff: noqa: E501 (rows of tables and sentences are as long as they are)

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.mutations import repair_checksums
from tests.live import aishub, aishub_record, aishub_record_as_sent, barentswatch_record, frame, poll

FORMATS = (
    "noaa", "dma", "mapped", "mapping", "parquet", "nmea", "aisstream", "aishub", "barentswatch", "json", "events",
    "vessels", "ofac", "un", "uk", "eu",
)  # fmt: skip
LISTS = ("ofac", "un", "uk", "eu")
_LEAST = 2000  # bytes of a piece of a sample, or one record if that is longer


@dataclass(frozen=True, eq=False)  # known by itself: what is found of one is looked up a thousand times a second
class Seed:
    """An input that is as its format wants it.

    format      one of FORMATS
    name        file name, and where it is from
    data        its bytes; of the format `mapping` the YAML, of `parquet` a CSV that becomes a table
    source      as on the command line; `mapping` where the mapping of this seed is meant
    mapping     YAML of the mapping that reads it
    table       for a mapping that is mutated itself, the file that it reads
    base_date   for sentences without a time
    """

    format: str
    name: str
    data: bytes
    source: str = "auto"
    mapping: bytes | None = None
    table: bytes | None = None
    base_date: str | None = None


def seeds(formats: tuple[str, ...] = FORMATS, samples: str | None = None) -> list[Seed]:
    """All seeds of some formats, in an order that depends on nothing but the samples.

    samples  folder of the samples; by default the one that COALWATCH_SAMPLES names, if any
    """
    samples = samples if samples is not None else os.environ.get("COALWATCH_SAMPLES", "")
    found = [*_made(), *(_pieces(Path(samples)) if samples else ())]
    return [seed for seed in found if seed.format in formats]


# -------------------------------------------------------------------------------------------------------- made here

_NOAA = b"""\
MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass
445000001,2023-01-11T00:00:00,38.60001,125.10000,8.8,272.7,270.0,KUM SAN,IMO8518780,HMZF,70,0,96,16,6.5,70,A
445000001,2023-01-11T00:01:00,38.60101,125.09000,8.9,272.7,270.0,KUM SAN,IMO8518780,HMZF,70,0,96,16,6.5,70,A
445000001,2023-01-11T00:01:00,38.60101,125.09000,8.9,272.7,270.0,KUM SAN,IMO8518780,HMZF,70,0,96,16,6.5,70,A
412000009,2023-01-11T23:59:59,37.50000,-122.50000,0.0,360.0,511.0,,,,,,,,,,B
2000001,2023-01-12T00:00:00,37.1,-122.1,,,,,,,,,,,,,A
367000001,2023-01-12T00:00:01,91.0,181.0,102.3,360.0,511.0,"SMITH, J",IMO0000000,WDX1234,1004,under way using engine,20,5,,,A
367000002,2023-01-12T00:00:02,0.0,0.0,1.0,1.0,1.0,X,,,,,,,,,A
"""
_DMA = b"""\
# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type,A,B,C,D
01/06/2018 00:00:00,Class A,219000001,55.1,12.3,Under way using engine,0.0,8.8,272.7,270,9276389,OUXX2,KUM SAN,Cargo,No additional information,16,96,GPS,6.5,NAMPO,04/06/2018 06:00:00,AIS,80,16,6,10
01/06/2018 00:00:10,Class A,219000001,55.2,12.4,Under way using engine,,8.9,272.7,271,Unknown,,,Undefined,,,,Undefined,,,,AIS,,,,
01/06/2018 00:00:20,Class B,219000002,91.0000000,0.0000000,Unknown value,,,,,Unknown,Unknown,,Undefined,,,,Undefined,,,,AIS,,,,
02/06/2018 00:00:30,Base Station,2190064,56.7,11.5,Unknown value,,,,,Unknown,Unknown,,Undefined,,,,GPS,,,,AIS,,,,
02/06/2018 00:00:40,AtoN,992191001,54.7,12.1,Unknown value,,,,,Unknown,Unknown,BUOY,Undefined,,,,GPS,,,,AIS,,,,
"""
_MAPPED = b"""\
id,when,x,y,speed,course,heading,status,imo,ship,callsign,len,wid,draft,dest,other
445000001,2023-11-15 07:13:20,125.1,38.6,8.8,272.7,270,5,9562233,KUM SAN,HMZF,96,16,6.5,NAMPO,a
445000001,2023-11-15 07:14:20,125.2,38.7,8.9,272.7,270,5,IMO9562233,KUM SAN,HMZF,96,16,6.5,NAMPO,b
412000009,2023-11-16 00:00:00,125.3,38.8,0.0,,,,,,,,,,,c
412000009,2023-11-16 00:00:10,125.3,38.8,0.1,0,511,15,0,NA,NA,NA,NA,0,NA,
"""
_MAPPING = b"""\
mapping: trial
title: A file of trials
source: "made for this test"
licence: "none"
columns:
  mmsi: {from: id}
  timestamp: {from: when, format: iso}
  longitude: {from: x, unit: deg}
  latitude: {from: y, unit: deg}
  sog_kn: {from: speed, unit: kn}
  cog_deg: {from: course, unit: deg, null_values: [0]}
  heading_deg: {from: heading}
  nav_status: {from: status, null_values: [15]}
  imo: {from: imo, null_values: [0, NA]}
  name: {from: ship, null_values: [NA]}
  call_sign: {from: callsign}
  length_m: {from: len, unit: m, null_values: [NA]}
  width_m: {from: wid, unit: m}
  draught_m: {from: draft, unit: m}
  destination: {from: dest}
constants:
  receiver: unknown
ignored: [other]
"""
_UNIX_MAPPING = (
    _MAPPING.replace(b"format: iso", b"format: unix_seconds")
    .replace(b"unit: kn", b"unit: m/s")
    .replace(b"from: draft, unit: m", b"from: draft, unit: dm")
    .replace(b'licence: "none"', b'licence: "none"\ndelimiter: ";"')
)
_DAY_FIRST_MAPPING = _MAPPING.replace(b"format: iso", b'format: "%d/%m/%Y %H:%M:%S"')
_UNIX = re.sub(rb"2023-11-1(\d) \d\d:(\d\d):(\d\d)", rb"17000\1\2\3", _MAPPED).replace(b",", b";")
_DAY_FIRST = re.sub(rb"(\d{4})-(\d\d)-(\d\d) ", rb"\3/\2/\1 ", _MAPPED)

_NMEA = repair_checksums(
    rb"""\s:rORBCOMM104,c:1668038400*50\!AIVDM,1,1,,A,15N1u<PP1FJuvSRHOE6QIwwh0HQ6,0*7C
\g:1-2-7,s:station,c:1668038401*24\!AIVDM,2,1,9,B,55R3Vn82=ILTQ3KKS>1<D60Dq@E918U<F222221J1`?164vc03S1CCAD,0*67
\g:2-2-7*5C\!AIVDM,2,2,9,B,`88888888888880,2*70
!AIVDM,1,1,,B,15N1u<PP1FJuvSRHOE6QIwwh0HQ6,0*7F,r003669987,1152921693
$PGHP,1,2008,5,9,0,0,0,10,338,2,,1,09*17
!AIVDM,1,1,,A,15N1u<PP1FJuvSRHOE6QIwwh0HQ6,0*7C
!AIVDM,1,1,,B,B52K>;h00Fc>jpUlNV@ikwpUoP06,0*4C,1668038402
!AIVDM,1,1,,A,403OviQuMGCqWrRO9>E6fE700@GO,0*4D
!AIVDM,1,1,,A,H52K>;h4i@E=<T0000000000000,0*00
$GPRMC,081836.75,A,3751.65,S,14507.36,E,000.0,360.0,130998,011.3,E*67
$GPZDA,181813.00,14,10,2003,00,00*4D
!AIVDO,1,1,,,B00000000868rA6<H7KNswPUoP06,0*6A
"""
)
_AISCATCHER = (
    b"""{"class":"AIS","device":"AIS-catcher","channel":"A","rxtime":"20231115071320","rxuxtime":1700032400.5,"""
    b""""scaled":true,"nmea":["!AIVDM,1,1,,A,15N1u<PP1FJuvSRHOE6QIwwh0HQ6,0*00"],"mmsi":367033650,"type":1}\n"""
)


def _events() -> bytes:
    place = {"id": "prk-nampo", "name": "NAMPO", "flag": "PRK", "lat": 38.72, "lon": 125.4, "atDock": True}
    ship = {"id": "ship-1", "name": "DEMO COAL", "ssvid": "351990002", "flag": "PAN", "type": "cargo"}
    common = {"start": "2020-12-03T06:00:00.000Z", "end": "2020-12-05T08:00:00.000Z", "vessel": ship}
    at = {"position": {"lat": 38.7, "lon": 125.4}, "regions": {"eez": ["8351"]}}
    visit = {"visitId": "v", "confidence": "4", "durationHrs": 48.5} | dict.fromkeys(
        ("startAnchorage", "intermediateAnchorage", "endAnchorage"), place
    )
    gap = {
        "intentionalDisabling": True, "distanceKm": "92.6", "durationHours": 14.25, "impliedSpeedKnots": "3.5",
        "offPosition": {"lat": 38.0, "lon": 123.0}, "onPosition": {"lat": 38.1, "lon": 123.2},
        "positionsPerDaySatReception": 12.5,
    }  # fmt: skip
    meeting = {
        "vessel": ship | {"id": "ship-2", "ssvid": "412000009"}, "medianDistanceKilometers": 0.2,
        "medianSpeedKnots": 0.5, "type": "CARRIER-BUNKER", "potentialRisk": True,
    }  # fmt: skip
    slow = {"totalTimeHours": 7.5, "totalDistanceKm": 18.52, "averageSpeedKnots": 1.3}
    entries = [
        {"id": "a", "type": "port_visit", "port_visit": visit} | common | at,
        {"id": "b", "type": "gap", "gap": gap} | common | at,
        {"id": "c", "type": "encounter", "encounter": meeting} | common | at,
        {"id": "d", "type": "loitering", "loitering": slow} | common | at,
    ]
    pages = [{"total": 4, "limit": 2, "nextOffset": 2, "entries": half} for half in (entries[:2], entries[2:])]
    return "".join(json.dumps(page) + "\n" for page in pages).encode()


def _vessels() -> bytes:
    times = {"transmissionDateFrom": "2019-04-06T13:12:43Z", "transmissionDateTo": "2020-12-20T08:00:00Z"}
    ship = {"id": "ship-1", "ssvid": "351990002", "shipname": "DEMO COAL", "flag": "PAN", "callsign": "3EDM"}
    told = ship | times | {"imo": "8518780", "sourceCode": ["AIS"], "positionsCounter": 1000, "messagesCounter": 1100}
    registry = ship | times | {"imo": "8518780", "lengthM": 119.5, "tonnageGt": 6390, "sourceCode": ["IMO", "TMT"]}
    owner = {"name": "DEMO SHIPPING LTD", "flag": "PAN", "ssvid": "351990002", "dateFrom": "2019-01-01T00:00:00Z"}
    kinds = {"geartypes": [], "shiptypes": [{"name": "CARGO", "source": "GFW", "yearFrom": 2019, "yearTo": 2020}]}
    entry = {
        "dataset": "public-global-vessel-identity:v3.0", "registryInfoTotalRecords": 1, "registryInfo": [registry],
        "registryOwners": [owner], "registryPublicAuthorizations": [], "selfReportedInfo": [told],
        "combinedSourcesInfo": [{"vesselId": "ship-1", **kinds}],
    }  # fmt: skip
    return (json.dumps({"entries": [entry, entry]}) + "\n").encode()


_OFAC_CSV = b"""\
4238,"MAR AZUL","vessel","CUBA",-0- ,"CL2192","General Cargo","15,292","8,500","Cuba",-0- ,-0- 
17067,"CHONG CHON GANG","vessel","DPRK",-0- ,"HMZF","General Cargo","13,000","9,147","North Korea",-0- ,"Vessel Registration Identification IMO 7937317; MMSI 445114000; Linked To: CHONGCHONGANG SHIPPING COMPANY LIMITED."
24250,"SOME PERSON","individual","DPRK",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 1970."
24999,"PETREL 8","vessel","DPRK2",-0- ,-0- ,"Bulk Carrier",-0- ,-0- ,"Comoros",-0- ,"Vessel Registration Identification IMO 9562233 (vessel) [DPRK2]; alt. name X; (Linked To: Y CO)."
"""
_OFAC_XML = b"""\
<?xml version="1.0" standalone="yes"?>
<sdnList xmlns="http://tempuri.org/sdnList.xsd">
  <publshInformation><Publish_Date>03/10/2021</Publish_Date><Record_Count>2</Record_Count></publshInformation>
  <sdnEntry><uid>17067</uid><lastName>CHONG CHON GANG</lastName><sdnType>Vessel</sdnType>
    <remarks>(Linked To: CHONGCHONGANG SHIPPING COMPANY LIMITED)</remarks>
    <programList><program>DPRK</program></programList>
    <idList>
      <id><uid>1</uid><idType>Vessel Registration Identification</idType><idNumber>IMO 7937317</idNumber></id>
      <id><uid>2</uid><idType>MMSI</idType><idNumber>445114000</idNumber></id>
    </idList>
    <akaList><aka><uid>3</uid><type>a.k.a.</type><category>strong</category><lastName>C C G</lastName></aka></akaList>
    <vesselInfo><callSign>HMZF</callSign><vesselType>General Cargo</vesselType><vesselFlag>North Korea</vesselFlag>
      <tonnage>13000</tonnage><grossRegisteredTonnage>9147</grossRegisteredTonnage></vesselInfo>
  </sdnEntry>
  <sdnEntry><uid>24250</uid><firstName>A</firstName><lastName>B</lastName><sdnType>Individual</sdnType>
    <programList><program>DPRK</program></programList></sdnEntry>
</sdnList>
"""
_UN_XML = b"""\
<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST dateGenerated="2021-03-12T00:00:02.000Z">
  <INDIVIDUALS><INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>A</FIRST_NAME><UN_LIST_TYPE>DPRK</UN_LIST_TYPE></INDIVIDUAL>
  </INDIVIDUALS>
  <ENTITIES>
    <ENTITY><DATAID>2</DATAID><VERSIONNUM>1</VERSIONNUM><FIRST_NAME>OCEAN MARITIME MANAGEMENT</FIRST_NAME>
      <UN_LIST_TYPE>DPRK</UN_LIST_TYPE><REFERENCE_NUMBER>KPe.020</REFERENCE_NUMBER><LISTED_ON>2014-07-28</LISTED_ON>
      <COMMENTS1>IMO Number: 1790183. Vessels with IMO numbers: 8518780</COMMENTS1></ENTITY>
  </ENTITIES>
</CONSOLIDATED_LIST>
"""
_UN_HTML = b"""\
<!DOCTYPE html><html><head><title>1718 Designated Vessels List | United Nations Security Council</title></head><body>
<h1>1718 Designated Vessels List</h1><p>Last updated: 4 June 2020</p>
<table><thead><tr><th>#</th><th>Vessel Name</th><th>IMO Number</th><th>MMSI</th><th>Flag</th><th>Call sign</th>
<th>Type</th><th>Other information</th><th>Date of Designation</th><th>Measures</th></tr></thead><tbody>
<tr><td>1</td><td>Chon Ma San</td><td>8660313</td><td>1: 445114000 2: 445123000</td><td>DPRK</td><td>HMZF</td>
<td>Tanker</td><td></td><td>30 March 2018</td><td>Asset freeze</td></tr>
<tr><td>2</td><td>1: Petrel 8 2: Petrel 9</td><td>9562233</td><td></td><td>Comoros</td><td></td><td>Bulk carrier</td>
<td>x</td><td>3 October 2017</td><td>Port entry ban, paragraph 6 of resolution 2371</td></tr></tbody></table></body></html>
"""
_UN_CSV = b"""\
#,vessel_name,imo_number,mmsi,flag,call_sign,type,other_information,designated_owner,image_url,date_of_designation
1,Chon Ma San,8660313,445114000,DPRK,HMZF,Tanker,,,,30-Mar-18
2,Petrel 8,9562233,,Comoros,,Bulk carrier,x,,,3-Oct-17
"""
_UK_CSV = b"""\
Report Date: 29-Apr-2026
Last Updated,Unique ID,OFSI Group ID,UN Reference Number,Name 6,Name 1,Name 2,Name 3,Name 4,Name 5,Name type,Alias strength,Title,Name non-latin script,Non-latin script type,Non-latin script language,Regime Name,Designation Type,Designation source,Sanctions Imposed,Other Information,UK Statement of Reasons,Date Designated,IMO number,Current owner/operator (s),Previous owner/operator (s),Current believed flag of ship,Previous flags,Type of ship,Tonnage of ship,Length of ship,Year Built,Hull identification number (HIN)
01/02/2021,DPR0075,1,,Petrel 8,,,,,,Primary Name,,,,,,The Democratic People's Republic of Korea (Sanctions) (EU Exit) Regulations 2019,Ship,UN,De-flag|Prohibition of port entry,,,03/10/2017,IMO9562233,Global United,,Comoros,,Bulk Carrier,7078,110 m,2011,
01/02/2021,DPR0096,2,,"Chon, Myong 1",,,,,,Primary Name,,,,,,The Democratic People's Republic of Korea (Sanctions) (EU Exit) Regulations 2019,Ship,UN,Asset freeze,,,30/03/2018,8712362,,,DPRK,,,,,,
01/02/2021,RUS0001,3,,Somebody,,,,,,Primary Name,,,,,,The Russia (Sanctions) (EU Exit) Regulations 2019,Individual,UK,Asset freeze,,,30/03/2018,,,,,,,,,,
"""
_UK_XML = b"""\
<?xml version="1.0" encoding="utf-8"?>
<Designations><DateGenerated>2026-09-07</DateGenerated>
  <Designation><LastUpdated>01/02/2021</LastUpdated><DateDesignated>03/10/2017</DateDesignated>
    <UniqueID>DPR0075</UniqueID><OFSIGroupID>1</OFSIGroupID>
    <Names><Name><Name6>Petrel 8</Name6><NameType>Primary Name</NameType></Name></Names>
    <RegimeName>The Democratic People's Republic of Korea (Sanctions) (EU Exit) Regulations 2019</RegimeName>
    <IndividualEntityShip>Ship</IndividualEntityShip><DesignationSource>UN</DesignationSource>
    <SanctionsImposed>De-flag|Prohibition of port entry</SanctionsImposed>
    <ShipDetails><IMONumbers><IMONumber>9562233</IMONumber></IMONumbers><TypeOfShip>Bulk Carrier</TypeOfShip>
    </ShipDetails></Designation>
</Designations>
"""
_EU_XML = b"""\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2024-05-13T17:44:28.283+02:00" globalFileId="1">
  <sanctionEntity designationDetails="" unitedNationId="" euReferenceNumber="EU.4444.44" logicalId="1">
    <regulation regulationType="amendment" organisationType="commission" publicationDate="2018-04-09"
      numberTitle="2018/548 (OJ L91)" programme="PRK" logicalId="2"/>
    <subjectType code="enterprise" classificationCode="E"/>
    <nameAlias firstName="" lastName="" wholeName="Unica" strong="true" logicalId="3"/>
    <identification identificationTypeCode="imo" identificationTypeDescription="IMO (vessel identification)"
      number="8514306" latinNumber="8514306" logicalId="4"/>
  </sanctionEntity>
  <sanctionEntity euReferenceNumber="EU.1.1" logicalId="5">
    <regulation publicationDate="2018-04-09" programme="PRK" logicalId="6"/><subjectType code="person"/>
    <nameAlias wholeName="Somebody" logicalId="7"/></sanctionEntity>
</export>
"""


def _lines(*records: object) -> bytes:
    return "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in records).encode()


def _made() -> Iterator[Seed]:
    yield Seed("noaa", "noaa.csv", _NOAA)
    yield Seed("noaa", "noaa-crlf.csv", _NOAA.replace(b"\n", b"\r\n"), "noaa")
    yield Seed("dma", "dma.csv", _DMA)
    yield Seed("dma", "dma-crlf.csv", _DMA.replace(b"\n", b"\r\n"), "dma")
    for data, mapping, name in (
        (_MAPPED, _MAPPING, "iso"), (_UNIX, _UNIX_MAPPING, "unix"), (_DAY_FIRST, _DAY_FIRST_MAPPING, "day-first"),
    ):  # fmt: skip
        yield Seed("mapped", f"mapped-{name}.csv", data, "mapping", mapping)
        yield Seed("mapping", f"mapping-{name}.yaml", mapping, "mapping", mapping, table=data)
        yield Seed("parquet", f"mapped-{name}.parquet", data, "mapping", mapping)
    yield Seed("nmea", "sentences.nmea", _NMEA)
    yield Seed("nmea", "untimed.nmea", re.sub(rb"(?m)^(?:\\[^\\]*\\|\$.*\n)", b"", _NMEA), base_date="2022-11-10")
    yield Seed("nmea", "ais-catcher.json", repair_checksums(_AISCATCHER) * 2)
    kinds = (
        "PositionReport", "StandardClassBPositionReport", "ExtendedClassBPositionReport",
        "LongRangeAisBroadcastMessage", "ShipStaticData", "StaticDataReport", "BaseStationReport",
    )  # fmt: skip
    yield Seed("aisstream", "aisstream.jsonl", _lines(*(frame(kind) for kind in kinds)))
    human, as_sent = aishub(aishub_record(), aishub_record()), aishub(aishub_record_as_sent(), form="AIS")
    yield Seed("aishub", "aishub.json", human.encode())
    yield Seed("aishub", "aishub.jsonl", _lines(poll("aishub", human), poll("aishub", as_sent)))
    records = json.dumps([barentswatch_record(), barentswatch_record(mmsi=257000001, reportClass="B")])
    yield Seed("barentswatch", "barentswatch.jsonl", _lines(poll("barentswatch", records)))
    yield Seed("barentswatch", "barentswatch.json", records.encode())
    yield Seed("events", "events.jsonl", _events())
    yield Seed("vessels", "vessels.jsonl", _vessels())
    yield Seed("ofac", "sdn.csv", _OFAC_CSV)
    yield Seed("ofac", "sdn.xml", _OFAC_XML)
    yield Seed("un", "un.xml", _UN_XML)
    yield Seed("un", "un.html", _UN_HTML)
    yield Seed("un", "un.csv", _UN_CSV)
    yield Seed("uk", "uk.csv", _UK_CSV)
    yield Seed("uk", "uk.xml", _UK_XML)
    yield Seed("eu", "eu.xml", _EU_XML)


# ------------------------------------------------------------------------------------------------ from the samples

# Folder and suffix of the samples → the format they are of; the rest is no input.
_SAMPLES = (
    ("noaa", r".*\.csv", "noaa"), ("providers/noaa", r".*\.csv", "noaa"), ("providers/dma", r".*\.csv", "dma"),
    ("nmea", r".*\.(nmea|nm4|ais|log)", "nmea"), ("providers/gfw", r"live-vessels.*", "vessels"),
    ("providers/gfw", r"live-(events|port).*", "events"), ("providers/barentswatch", r".*", "barentswatch"),
    ("providers/aishub", r".*", "aishub"), ("providers/digitraffic", r".*json", "json"),
    ("providers/kystdatahuset", r".*json", "json"), ("providers/marinetraffic", r".*json", "json"),
    ("providers/datalastic", r".*json", "json"), ("reports", r".*\.nmea|.*aiscatcher.*", "nmea"),
    ("reports", r".*aishub.*", "aishub"), ("reports", r".*aisstream.*", "aisstream"),
    ("reports", r".*(noaa|spelling|eni|h07_r|class_words|h18|h20|h21).*\.csv", "noaa"),
    ("sanctions/published", r"ofac.*(xml|csv)", "ofac"), ("sanctions/published", r"un_.*(xml|csv|html)", "un"),
    ("sanctions/published", r"uk.*(xml|csv)", "uk"), ("sanctions/published", r"eu.*(xml|csv)", "eu"),
    ("sanctions", r"sdn\.csv", "ofac"),
)  # fmt: skip
RECORD = re.compile(
    rb"<(sdnEntry|INDIVIDUAL|ENTITY|sanctionEntity|Designation|tr)\b.*?</\1>\s*", re.DOTALL
)  # of a published list


def _pieces(samples: Path) -> Iterator[Seed]:
    """Pieces of the samples, as small as a landing of thousands of them asks for."""
    for folder, names, kind in _SAMPLES:
        for path in sorted((samples / folder).glob("*")):
            if path.is_file() and re.fullmatch(names, path.name):
                for number, piece in enumerate(_cut(path.read_bytes(), path.suffix)):
                    yield Seed(kind, f"{number}-{path.name}", piece)


def _cut(data: bytes, suffix: str, most: int = 8) -> Iterator[bytes]:
    """Pieces from all over a file, each with its header where there is one."""
    if suffix in (".xml", ".html"):
        records = list(RECORD.finditer(data))
        for at in range(0, max(len(records), 1), max(1, len(records) // most)):
            kept, size = set(), 0
            for record in records[at:]:
                kept.add(record.start())
                size += len(record.group())
                if size > _LEAST:
                    break
            yield RECORD.sub(lambda record, kept=kept: record.group() if record.start() in kept else b"", data)
        return
    if suffix == ".json" and len(data) > 12 * _LEAST:
        records = json.loads(data)
        for at in range(0, len(records), max(1, len(records) // most)):
            yield json.dumps(records[at : at + 4]).encode()
        return
    lines = data.splitlines(keepends=True)
    if suffix == ".json" or len(lines) < 3 or len(data) <= _LEAST:
        if len(data) <= 12 * _LEAST:
            yield data
        return
    header = lines[:1] if suffix == ".csv" and not lines[0][:1].isdigit() else []
    if lines[0].startswith(b"Report Date"):
        header = lines[:2]
    for at in range(len(header), len(lines), max(1, len(lines) // most)):
        taken, size = [], 0
        for line in lines[at:]:
            taken.append(line)
            size += len(line)
            if size > _LEAST:
                break
        yield b"".join(header + taken)
