"""MarineCadastre, Danish and mapped files: their published forms, packings and errors."""

import gzip
import os
import zipfile
from pathlib import Path

import pytest

from pipeline.errors import InputError
from tests.lake.files import NOAA_2024, counts, format_of, land_one, noaa_row, write

NOAA_2025 = (
    "mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type,status,length,width,draft,cargo,transceiver\n"
    "445000001,2023-01-11 00:00:00,125.1,38.6,8.8,272.7,270,KUM SAN,IMO8518780,HMZF,70,0,96,16,6.5,70,A\n"
)
DMA_22 = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,Ship type,Cargo type,"  # noqa: E501
    "Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type"
)
DMA_ROW = (
    "11/01/2023 00:00:00,Class A,445000001,38.6,125.1,Under way using engine,0.0,8.8,272.7,270,8518780,HMZF,KUM SAN,Cargo,,16,96,GPS,6.5,"  # noqa: E501
    "NAMPO,01/02/2023 00:00:00,AIS"
)


def facts(lake):
    row = lake.positions("2023-01-11").iloc[0].drop("source_file_id")
    assert row[["precision_m", "precision_s"]].isna().all()  # exact
    row = row.drop(["precision_m", "precision_s"]).to_dict()
    report = lake.vessel_reports("2023-01-11").iloc[0].drop("source_file_id").to_dict()
    return row, report


def test_both_noaa_forms_and_the_danish_one_tell_the_same(tmp_path):
    from pipeline.lake.lake import Lake

    told = []
    for n, content in enumerate((NOAA_2024 + noaa_row(), NOAA_2025, f"{DMA_22}\n{DMA_ROW}\n")):
        lake = Lake(tmp_path / str(n))
        land_one(lake, write(tmp_path, f"{n}.csv", content))
        told.append(facts(lake))
    noaa_2024, noaa_2025, dma = told

    assert noaa_2024[0]["longitude"] == 125.1
    assert noaa_2024[0]["latitude"] == 38.6
    assert noaa_2024[0]["nav_status"] == 0
    assert noaa_2024[1]["imo"] == 8518780
    assert noaa_2025[0] == noaa_2024[0] == dma[0]
    assert (
        {**noaa_2024[1], "destination": None}
        == {**noaa_2025[1], "destination": None}
        == {**dma[1], "destination": None}
    )
    assert dma[1]["destination"] == "NAMPO"


def test_the_older_noaa_header_with_its_typo_and_without_status_is_read(lake, tmp_path):
    header = NOAA_2024.replace("TransceiverClass", "TranscieverClass").replace("Status,", "")
    landed = land_one(lake, write(tmp_path, "a.csv", header + noaa_row().replace(",0.0,96.0", ",96.0")))

    assert counts(landed) == {"rows_read": 1, "positions_with_report": 1}
    row, _ = facts(lake)
    assert row["transceiver_class"] == "A"
    assert row["nav_status"] is None or row["nav_status"] != row["nav_status"]


def test_danish_files_of_26_columns_are_read_and_duplicates_and_stations_counted(lake, tmp_path):
    row = f"{DMA_ROW},80,16,8,8\n"
    station = row.replace("Class A", "Base Station")
    landed = land_one(lake, write(tmp_path, "a.csv", f"{DMA_22},A,B,C,D\n{row * 3}{station}"))

    assert counts(landed) == {"rows_read": 4, "positions_with_report": 1, "not_ships": 1, "duplicates": 2}
    assert len(lake.vessel_reports("2023-01-11")) == 1


def test_unknown_and_sentinels_are_nulls(lake, tmp_path):
    row = (
        DMA_ROW.replace("8518780", "Unknown")
        .replace("Under way using engine", "Unknown value")
        .replace(",8.8,272.7,270,", ",102.3,360.0,511,")
    )
    land_one(lake, write(tmp_path, "a.csv", f"{DMA_22}\n{row}\n"))

    row, report = facts(lake)
    assert [name for name, value in row.items() if value != value or value is None] == [
        "sog_kn",
        "cog_deg",
        "heading_deg",
        "nav_status",
    ]
    assert report["imo"] != report["imo"] or report["imo"] is None


@pytest.mark.parametrize("packing", ["gz", "zip", "zst"])
def test_a_packed_file_is_read_and_a_torn_one_refused(lake, tmp_path, packing):
    content = (
        NOAA_2024 + "".join(noaa_row(time=f"2023-01-11T00:{m:02}:{s:02}") for m in range(60) for s in range(60))
    ).encode()
    path = tmp_path / f"a.csv.{packing}"
    if packing == "gz":
        path.write_bytes(gzip.compress(content))
    elif packing == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", content)
    else:
        import zstandard

        path.write_bytes(zstandard.compress(content))
    torn = write(tmp_path, f"torn.csv.{packing}", path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(InputError, match="torn"):
        land_one(lake, torn)
    assert lake.landed_days() == {}
    assert not lake.raw.exists() or not list(lake.raw.iterdir())
    assert counts(land_one(lake, path)) == {"rows_read": 3600, "positions_with_report": 3600}


def test_an_archive_of_several_files_says_so(lake, tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", NOAA_2024)
        archive.writestr("b.csv", NOAA_2024)

    with pytest.raises(InputError, match=r"2 files in the archive \(a.csv, b.csv"):
        land_one(lake, path)


def test_a_file_of_another_format_names_its_columns_and_the_source_that_fits(lake, tmp_path):
    path = write(tmp_path, "aisdk.csv", f"{DMA_22}\n{DMA_ROW}\n")

    with pytest.raises(InputError, match=r"aisdk.csv: .*found: # Timestamp, .*Try: coalwatch ingest dma aisdk.csv"):
        land_one(lake, path, "noaa")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "empty"), (b"a,b\n1,2\n", "no known format"), (b"\x00\x01\x02\x03", "binary")],
    ids=["empty", "unknown columns", "binary"],
)
def test_what_is_no_ais_file_is_refused(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        format_of(write(tmp_path, "a.csv", content))


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        format_of(tmp_path / "nothing.csv")
    with pytest.raises(InputError, match="is a folder"):
        format_of(tmp_path)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.symlink_to(path), "too many levels of symbolic links"),
        (lambda path: os.mkfifo(path), "no regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "no regular file"),
        (lambda path: path.symlink_to(Path(__file__, "day.csv")), "not a directory"),
        (lambda path: path.symlink_to("x" * 300), "file name too long"),
    ],
    ids=["loop of links", "pipe", "device", "path through a file", "long name"],
)
def test_what_cannot_be_opened_as_a_file_is_refused_at_once(tmp_path, make, message):
    try:
        make(tmp_path / "day.csv")
    except OSError as error:
        pytest.skip(str(error))  # this system allows no such path

    with pytest.raises(InputError, match=rf"(?i)day.csv: {message}"):
        format_of(tmp_path / "day.csv")


@pytest.mark.parametrize("inside", ["xl/workbook.xml", "content.xml"], ids=["Excel", "LibreOffice"])
def test_a_spreadsheet_is_told_to_be_one(lake, tmp_path, inside):
    path = tmp_path / "day.csv"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("[Content_Types].xml", inside):
            archive.writestr(name, "<x/>")

    with pytest.raises(InputError, match="a spreadsheet; save it as CSV"):
        land_one(lake, path)


def test_what_a_system_puts_into_an_archive_is_no_second_file(lake, tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("days/.DS_Store", "__MACOSX/days/._a.csv", "Thumbs.db"):
            archive.writestr(name, b"\0")
        archive.writestr("days/a.csv", NOAA_2024 + noaa_row())

    assert counts(land_one(lake, path)) == {"rows_read": 1, "positions_with_report": 1}


def test_damaged_rows_are_rejected_with_line_and_text_and_the_others_stay(lake, tmp_path):
    bad = [
        (noaa_row(lat="north"), "bad_position"),
        ("1,2\n", "unreadable"),
        (noaa_row(time="yesterday"), "bad_time"),
        (noaa_row(mmsi="none"), "bad_mmsi"),
        (noaa_row(mmsi=123), "bad_mmsi"),
        (noaa_row(time="2031-01-11T00:00:00"), "future"),
        (noaa_row(lat=95.0), "bad_position"),
        (noaa_row(lat=0.0, lon=0.0), "bad_position"),
    ]
    good = [noaa_row(time=f"2023-01-11T00:00:{n:02}") for n in range(len(bad))]
    lines = [line for pair in zip(good, (row for row, _ in bad), strict=True) for line in pair]
    landed = land_one(lake, write(tmp_path, "a.csv", NOAA_2024 + "".join(lines)))

    assert counts(landed) == {"rows_read": 16, "positions_with_report": 8, "rejected": 8}
    rejects = lake.rejects(landed.source_file["source_file_id"])
    assert rejects["line"].tolist() == list(range(3, 18, 2))
    assert rejects["reason"].tolist() == [reason for _, reason in bad]
    assert rejects["raw"].tolist() == [row.rstrip("\n") for row, _ in bad]


def test_a_name_in_another_encoding_or_with_a_stray_quote_costs_no_row(lake, tmp_path):
    rows = [noaa_row(time=f"2023-01-11T00:00:0{n}", name=name) for n, name in enumerate(("BLÅ", '"OPEN', "PLAIN"))]
    landed = land_one(lake, write(tmp_path, "a.csv", (NOAA_2024 + "".join(rows)).encode("latin-1")))

    assert counts(landed) == {"rows_read": 3, "positions_with_report": 3}
    assert sorted(lake.vessel_reports("2023-01-11")["name"]) == ["BL�", "OPEN", "PLAIN"]


def test_a_mapping_reads_units_times_and_constants_from_csv_and_parquet(tmp_path):
    import duckdb

    from pipeline.lake.lake import Lake

    mapping = write(
        tmp_path,
        "mine.yaml",
        """
mapping: mine
title: a format of my own
source: ours
licence: none
columns:
  mmsi: {from: id}
  timestamp: {from: t, format: unix_milliseconds}
  longitude: {from: x}
  latitude: {from: y}
  sog_kn: {from: speed, unit: m/s, null_values: [-1]}
constants: {receiver: satellite}
ignored: [note]
""",
    )
    csv = write(
        tmp_path,
        "a.csv",
        "id,t,x,y,speed,note\n445000001,1673395200000,125.1,38.6,10,a\n445000001,1673395201000,125.1,38.6,-1,b\n",
    )
    duckdb.sql(f"copy (select * from read_csv('{csv}')) to '{tmp_path / 'a.parquet'}'")

    frames = []
    for path in (csv, tmp_path / "a.parquet"):
        lake = Lake(tmp_path / path.suffix[1:])
        assert counts(land_one(lake, path, str(mapping))) == {"rows_read": 2, "positions": 2}
        frames.append(lake.positions("2023-01-11").drop(columns="source_file_id"))

    assert frames[0].equals(frames[1])
    assert frames[0]["sog_kn"].iloc[0] == pytest.approx(19.4384, abs=1e-4)
    assert frames[0]["sog_kn"].isna().tolist() == [False, True]
    assert frames[0]["receiver"].tolist() == ["satellite", "satellite"]


def test_a_column_that_a_mapping_neither_reads_nor_ignores_is_refused(lake, tmp_path):
    from pipeline.formats.registry import MAPPINGS

    path = write(tmp_path, "a.csv", "mmsi,longitude,latitude,timestamp,score,navstat,hdg,rot,cog,sog,draft\n")
    with pytest.raises(InputError, match="column draft is neither read nor ignored"):
        land_one(lake, path, str(MAPPINGS / "gfw_research.yaml"))
