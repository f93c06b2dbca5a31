"""Answers that providers gave are read as they were meant, each file of the samples with its right values."""

from datetime import UTC, datetime

import pytest

from pipeline.errors import InputError
from tests.lake.files import counts, land_one, reasons

NOW = datetime(2026, 11, 26, 6, tzinfo=UTC)


@pytest.fixture
def landed(lake, samples):
    """Land a recorded answer, recognised by itself."""
    return lambda name: land_one(lake, samples / name, now=NOW)


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        (
            "barentswatch/combined-full.jsonl",
            "barentswatch",
            {"rows_read": 300, "positions_with_report": 299, "duplicates": 1},
        ),
        (
            "barentswatch/combined-simple.jsonl",
            "barentswatch",
            {"rows_read": 326, "positions_with_report": 324, "duplicates": 2},
        ),
        ("barentswatch/combined-full-geojson.jsonl", "barentswatch", {"rows_read": 150, "positions_with_report": 150}),
        ("barentswatch/latest-ais.json", "barentswatch", {"rows_read": 500, "positions": 500}),
        (
            "barentswatch/stream-ais.jsonl",
            "barentswatch",
            {"rows_read": 600, "positions": 565, "vessel_reports": 29, "not_ships": 6},
        ),
        (
            "barentswatch/stream-ais.sse",
            "barentswatch",
            {"rows_read": 59, "positions": 56, "vessel_reports": 2, "not_ships": 1},
        ),
        ("digitraffic/locations.json", "digitraffic", {"rows_read": 10, "positions": 9, "not_ships": 1}),
        ("digitraffic/vessels.json", "digitraffic", {"rows_read": 5, "vessel_reports": 5}),
        ("digitraffic/mqtt-vessels-v2.ndjson", "digitraffic", {"rows_read": 10, "positions": 6, "vessel_reports": 4}),
        (
            "kystdatahuset/ais-realtime.json",
            "kystdatahuset",
            {"rows_read": 5, "positions_with_report": 3, "rejected": 2},
        ),
        ("marinetraffic/ps01.json", "marinetraffic", {"rows_read": 4, "positions": 4}),
        ("marinetraffic/ps02-ps06.json", "marinetraffic", {"rows_read": 3, "positions_with_report": 3}),
        ("marinetraffic/ps07.json", "marinetraffic", {"rows_read": 1, "positions_with_report": 1}),
    ],
)
def test_every_record_of_an_answer_is_accounted_for(landed, name, source, expected):
    file = landed(f"providers/{name}")

    assert file.source_file["source"] == source
    assert counts(file) == expected


def fix_of(lake, mmsi, day):
    """The only position of a ship on a day."""
    return of(lake.positions(day), mmsi)


def report_of(lake, mmsi, day):
    """The only vessel report of a ship on a day."""
    return of(lake.vessel_reports(day), mmsi)


def of(rows, mmsi):
    rows = rows[rows["mmsi"] == mmsi]
    assert len(rows) == 1
    row = rows.astype(object).where(rows.notna(), None).iloc[0]
    return row.drop("source_file_id").to_dict()


def test_static_data_of_barentswatch_bring_imo_number_and_draught_and_positions_their_class(lake, landed):
    landed("providers/barentswatch/stream-ais.jsonl")

    report = report_of(lake, 257088710, "2023-02-20")
    assert (report["imo"], report["name"], report["call_sign"]) == (9855173, "STANGVIKFJORD", "LFMC")
    assert (report["draught_m"], report["length_m"], report["width_m"]) == (4.5, 67, 15)
    fixes = lake.positions("2023-02-20")
    assert fixes["transceiver_class"].value_counts().to_dict() == {"A": 543, "B": 22}
    assert set(fixes["receiver"]) == {"unknown"}
    first = fixes[fixes["mmsi"] == 248024000].iloc[0]
    assert first["timestamp"].isoformat() == "2023-02-20T13:13:55.620904+00:00"
    assert (first["longitude"], first["latitude"], first["sog_kn"]) == (2.023988, 58.186747, 4.8)


def test_a_geojson_feature_says_the_same_as_a_record(lake, landed):
    landed("providers/barentswatch/combined-full-geojson.jsonl")

    fix = fix_of(lake, 257399000, "2023-02-17")
    assert (fix["longitude"], fix["latitude"], fix["cog_deg"], fix["nav_status"]) == (6.12674, 62.52776, 223, 3)
    report = report_of(lake, 257399000, "2023-02-17")
    assert (report["name"], report["draught_m"], report["length_m"], report["ship_type"]) == ("NOR SLEP", 2.4, 17, 52)


def test_the_time_of_a_finnish_position_is_to_the_millisecond_and_its_sentinels_are_nulls(lake, landed):
    landed("providers/digitraffic/locations.json")

    fix = fix_of(lake, 273335380, "2026-08-19")
    assert fix["timestamp"].isoformat() == "2026-08-19T16:58:16.531000+00:00"
    assert (fix["longitude"], fix["latitude"]) == (28.564037, 60.615087)
    assert (fix["sog_kn"], fix["cog_deg"], fix["heading_deg"]) == (None, None, 154)
    assert fix_of(lake, 230002660, "2026-08-19")["heading_deg"] is None


def test_finnish_static_data_are_in_metres(lake, landed):
    landed("providers/digitraffic/vessels.json")

    report = report_of(lake, 275545000, "2026-08-18")
    assert (report["imo"], report["name"], report["call_sign"]) == (9201865, "SERENADA", "YLSR")
    assert (report["draught_m"], report["length_m"], report["width_m"], report["ship_type"]) == (4.9, 100, 16, 70)


def test_an_mqtt_message_has_its_ship_in_the_topic(lake, landed):
    landed("providers/digitraffic/mqtt-vessels-v2.ndjson")

    fix = fix_of(lake, 210681000, "2026-08-19")
    assert fix["timestamp"].isoformat() == "2026-08-19T22:57:04+00:00"
    assert (fix["longitude"], fix["latitude"], fix["sog_kn"], fix["heading_deg"]) == (18.831058, 60.913175, 10.9, 347)
    report = report_of(lake, 255806257, "2026-08-19")
    assert report["timestamp"].isoformat() == "2026-08-19T22:57:05.438000+00:00"
    assert (report["imo"], report["draught_m"], report["length_m"], report["width_m"]) == (9344722, 8.9, 179, 28)


def test_the_last_point_of_a_way_is_the_position_and_an_empty_way_has_none(lake, landed):
    file = landed("providers/kystdatahuset/ais-realtime.json")

    assert reasons(lake, file) == {"bad_mmsi": 2}  # fishing buoys under 310 and 941500442
    fix = fix_of(lake, 255805989, "2026-08-23")
    assert (fix["longitude"], fix["latitude"], fix["sog_kn"]) == (8.71031, 57.51994, 9.3)
    assert fix["timestamp"].isoformat() == "2026-08-23T09:43:34+00:00"
    report = report_of(lake, 255805989, "2026-08-23")
    assert (report["imo"], report["draught_m"], report["length_m"], report["width_m"]) == (9552020, 6, 100, 14)


def test_marinetraffic_counts_in_tenths_and_tells_the_receiver(lake, landed):
    landed("providers/marinetraffic/ps02-ps06.json")
    landed("providers/marinetraffic/ps07.json")
    landed("providers/marinetraffic/ps01.json")

    fix = fix_of(lake, 304010417, "2017-05-19")
    assert fix["timestamp"].isoformat() == "2017-05-19T09:39:57+00:00"
    assert (fix["longitude"], fix["latitude"], fix["sog_kn"]) == (-5.154223, 47.758499, 7.4)
    assert fix["receiver"] == "terrestrial"
    report = report_of(lake, 304010417, "2017-05-19")
    assert (report["imo"], report["name"], report["draught_m"], report["destination"]) == (
        9015462, "DORNUM", 4.4, "GREENORE",
    )  # fmt: skip
    assert fix_of(lake, 205623000, "2016-04-18")["receiver"] == "satellite"
    assert fix_of(lake, 241486000, "2017-07-12")["receiver"] == "unknown"


def test_an_indented_answer_of_aishub_is_read(lake, landed):
    assert counts(landed("reports/h23_aishub_pretty.json")) == {"rows_read": 1, "positions_with_report": 1}

    assert fix_of(lake, 441234567, "2023-11-14")["timestamp"].isoformat() == "2023-11-14T22:13:20+00:00"
    assert report_of(lake, 441234567, "2023-11-14")["imo"] == 9074729


def test_frames_of_aisstream_have_their_times_to_the_microsecond(lake, landed):
    file = landed("reports/h24_aisstream_ok.jsonl")

    assert counts(file) == {"rows_read": 13, "positions": 6, "vessel_reports": 2, "not_ships": 3, "rejected": 2}
    assert reasons(lake, file) == {"bad_mmsi": 1, "unsupported_message": 1}
    times = lake.positions("2023-11-14").set_index("mmsi")["timestamp"]
    assert times[441234567].isoformat() == "2023-11-14T22:13:20.123456+00:00"
    assert times[441234570].isoformat() == "2023-11-14T22:13:20.500000+00:00"
    assert times[441234571].isoformat() == times[441234572].isoformat() == "2023-11-14T22:13:20+00:00"
    assert 441234573 not in times  # 91, 181


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "barentswatch/error-400.json",
            'an error of BarentsWatch: "400 One or more validation errors occurred. Atleast',
        ),
        ("aishub/error-invalid-username.json", 'an error of AISHub: "Invalid username or password!"'),
    ],
)
def test_a_file_that_holds_but_an_error_is_told_as_what_it_is(landed, name, said):
    with pytest.raises(InputError) as error:
        landed(f"providers/{name}")

    assert said in str(error.value)
    assert "fetch it again" in str(error.value)


def test_a_finnish_position_says_no_kind_of_ship_and_nothing_that_cannot_be_read(lake, landed):
    landed("providers/digitraffic/locations.json")

    assert lake.unread_field_counts().empty
