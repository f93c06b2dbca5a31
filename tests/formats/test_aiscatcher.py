"""AIS-catcher's JSON lines: the sentences in them, or the decoded values where there are none; time and parts."""

import json

import pytest
from pandas import isna

from tests.formats.sentences import OTHER, POSITION, STATIC, sentence
from tests.lake.files import counts, land_one, reasons, write

DECODED = {
    "class": "AIS", "device": "AIS-catcher", "rxtime": "20231114221320", "scaled": True, "channel": "B", "type": 1,
    "repeat": 0, "mmsi": 441234567, "status": 0, "turn": 0, "speed": 8.8, "lon": 125.2, "lat": 38.6, "course": 231.0,
    "heading": 230, "second": 52,
}  # fmt: skip
DECODED_STATIC = {
    "class": "AIS", "rxuxtime": 1700000000.5, "type": 5, "mmsi": 441234567, "imo": 9074729, "callsign": "D7AB",
    "shipname": "ALPHA", "shiptype": 70, "to_bow": 100, "to_stern": 20, "to_port": 10, "to_starboard": 8,
    "draught": 7.5, "destination": "NAMPO",
}  # fmt: skip


def message(*bodies: str, **more) -> dict:
    """A message with its sentences, as `-o 3` writes it."""
    return {"class": "AIS", "device": "AIS-catcher", "mmsi": 1, "type": 1} | more | {
        "nmea": [sentence(body).rstrip() for body in bodies]
    }  # fmt: skip


def lines(*documents) -> str:
    return "".join(
        (text if isinstance(text := document, str) else json.dumps(document)) + "\n" for document in documents
    )


def land(lake, tmp_path, *documents, **options):
    return land_one(lake, write(tmp_path, "log.jsonl", lines(*documents)), **options)


def times(lake) -> list[str]:
    return sorted(str(t.tz_localize(None)) for day in lake.landed_days() for t in lake.positions(day)["timestamp"])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"rxtime": "20250508101019"}, "2025-05-08 10:10:19"),
        ({"rxtime": "20250508101019", "rxuxtime": 1746699019.123456}, "2025-05-08 10:10:19.123456"),
        ({"rxuxtime": 1700000000}, "2023-11-14 22:13:20"),
        ({"rxuxtime": 1700000000, "toa": 1600000000.5}, "2020-09-13 12:26:40.500000"),
        ({"rxuxtime": "1700000000.25"}, "2023-11-14 22:13:20.250000"),
        ({"rxuxtime": None, "rxtime": "20250508101019"}, "2025-05-08 10:10:19"),
    ],
)
@pytest.mark.parametrize("decoded", [False, True], ids=["sentence", "values"])
def test_a_message_has_the_time_it_was_received_with_its_fraction(lake, tmp_path, written, expected, decoded):
    document = {name: value for name, value in DECODED.items() if name != "rxtime"} if decoded else message(POSITION)
    landed = land(lake, tmp_path, document | written)

    assert landed.source_file["source"] == "aiscatcher"
    assert times(lake) == [expected]


@pytest.mark.parametrize("written", [{}, {"rxtime": "2025050810101x"}, {"rxuxtime": "soon"}, {"rxuxtime": 17}])
@pytest.mark.parametrize("decoded", [False, True], ids=["sentence", "values"])
def test_a_message_without_a_time_that_is_understood_has_none_of_another(lake, tmp_path, written, decoded):
    document = {name: value for name, value in DECODED.items() if name != "rxtime"} if decoded else message(POSITION)
    landed = land(lake, tmp_path, message(OTHER, rxtime="20231114221320"), document | written)

    assert reasons(lake, landed) == {"bad_time": 1}
    assert times(lake) == ["2023-11-14 22:13:20"]


def test_messages_without_any_time_take_the_clock_of_the_base_date(lake, tmp_path):
    land(lake, tmp_path, message(POSITION), base_date="2024-06-01")

    assert times(lake) == ["2024-06-01 00:00:00"]


def test_the_sentences_of_a_message_are_decoded_and_no_value_is_read_beside_them(lake, tmp_path):
    land(lake, tmp_path, DECODED | message(POSITION))

    (row,) = lake.positions("2023-11-14").itertuples()
    assert (row.mmsi, round(row.longitude, 5), row.sog_kn) == (367033650, -70.34691, 8.6)


def test_the_parts_of_a_message_are_those_of_its_line(lake, tmp_path):
    apart = [message(part, rxtime="20231114221320") for part in STATIC]
    landed = land(lake, tmp_path, message(*STATIC, rxtime="20231114221319"), *apart)

    assert counts(landed) == {"rows_read": 4, "vessel_reports": 1, "message_parts": 1, "rejected": 2}
    assert reasons(lake, landed) == {"incomplete_message": 2}


def test_decoded_values_are_read_where_there_is_no_sentence(lake, tmp_path):
    landed = land(lake, tmp_path, DECODED, DECODED_STATIC)

    assert counts(landed) == {"rows_read": 2, "positions": 1, "vessel_reports": 1}
    (position,) = lake.positions("2023-11-14").itertuples()
    assert (position.longitude, position.latitude, position.sog_kn, position.cog_deg) == (125.2, 38.6, 8.8, 231.0)
    assert (position.heading_deg, position.nav_status, position.transceiver_class) == (230, 0, "A")
    (report,) = lake.vessel_reports("2023-11-14").itertuples()
    assert (report.imo, report.name, report.call_sign, report.ship_type) == (9074729, "ALPHA", "D7AB", 70)
    assert (report.length_m, report.width_m, report.draught_m, report.destination) == (120, 18, 7.5, "NAMPO")


def test_values_that_mean_none_are_null(lake, tmp_path):
    none = {"speed": 102.3, "course": 360, "heading": 511, "status": 15}
    long_range = {"type": 27, "speed": 63, "course": 511, "mmsi": 441234568, "heading": None, "status": None}
    landed = land(lake, tmp_path, DECODED | none, DECODED | long_range, DECODED | {"lon": 181, "lat": 91})

    assert counts(landed) == {"rows_read": 3, "positions": 2, "not_ships": 1}
    for row in lake.positions("2023-11-14").itertuples():
        assert all(isna(value) for value in (row.sog_kn, row.cog_deg, row.heading_deg, row.nav_status))


def test_a_value_that_cannot_be_read_is_null_and_the_position_stays(lake, tmp_path):
    land(lake, tmp_path, DECODED | {"speed": "fast", "heading": 1e9, "status": -910, "course": {}})

    (row,) = lake.positions("2023-11-14").itertuples()
    assert row.longitude == 125.2
    assert all(isna(value) for value in (row.sog_kn, row.cog_deg, row.heading_deg, row.nav_status))


def test_an_envelope_holds_many_messages(lake, tmp_path):
    envelope = {
        "protocol": "jsonaiscatcher",
        "stationid": "x",
        "msgs": [DECODED, message(OTHER, rxtime="20231114221321")],
    }
    landed = land(lake, tmp_path, envelope, {"protocol": "jsonaiscatcher", "msgs": []})

    assert counts(landed) == {"rows_read": 3, "positions": 2, "not_ships": 1}
    assert times(lake) == ["2023-11-14 22:13:20", "2023-11-14 22:13:21"]


@pytest.mark.parametrize(
    ("document", "outcome"),
    [
        ({"class": "TPV", "lat": 38.6, "lon": 125.2}, "not_ships"),
        (DECODED | {"type": 4}, "not_ships"),
        (DECODED | {"type": 28}, "not_ships"),
        (DECODED | {"type": 29}, "unsupported_message"),
        (DECODED | {"type": "position"}, "unsupported_message"),
        (DECODED | {"lat": "north"}, "unreadable"),
        (DECODED | {"scaled": False}, "unreadable"),
        (DECODED | {"mmsi": "none"}, "bad_mmsi"),
        ("{torn", "unreadable"),
        ("[1, 2]", "unreadable"),
        (message(POSITION, rxtime="20231114221320") | {"nmea": ["", None]}, "unreadable"),
        (message(rxtime="20231114221320") | {"nmea": sentence(POSITION)[:-3] + "00"}, "bad_checksum"),
    ],
)
def test_every_other_line_is_counted(lake, tmp_path, document, outcome):
    landed = land(lake, tmp_path, DECODED, document)

    rows = landed.source_file["rows_read"] - 1
    assert landed.source_file["positions"] == 1
    if outcome == "not_ships":
        assert landed.source_file["not_ships"] == rows == 1
    else:
        assert reasons(lake, landed) == {outcome: rows}
        assert set(lake.rejects(landed.source_file["source_file_id"])["line"]) == {2}


def test_a_receivers_json_of_the_reports_has_its_time_of_arrival(samples, lake):
    landed = land_one(lake, samples / "reports/h16_aiscatcher_json.txt")

    assert counts(landed) == {"rows_read": 1, "positions": 1}
    assert times(lake) == ["2023-11-14 22:13:20.500000"]


def test_nmea_with_the_receivers_tag_is_read_as_nmea(lake, tmp_path):
    text = f"\\s:s0,c:1700000000.123456*00\\{sentence(POSITION)}\\s:s0,c:1700000001,g:1-2-7*00\\{sentence(STATIC[0])}"
    text += f"\\s:s0,c:1700000001,g:2-2-7*00\\{sentence(STATIC[1])}"
    landed = land_one(lake, write(tmp_path, "log.nmea", text.replace("\n", "\r\n")))

    assert counts(landed) == {"rows_read": 3, "positions": 1, "vessel_reports": 1, "message_parts": 1}
    assert times(lake) == ["2023-11-14 22:13:20.123456"]
