"""An odd value, line or document of a provider's answer costs its own row, and nothing beside it."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.formats.json_lines import documents_of
from pipeline.lake.lake import Lake
from tests.lake.files import COUNTS, counts, land_one, reasons, write
from tests.live import KUM_SAN, aishub, aishub_record, aishub_record_as_sent, barentswatch_record, frame

NOW = datetime(2026, 11, 26, 6, tzinfo=UTC)
DAY = "2026-11-26"
SHIPS = [257056190, 257056191, 257056192]
RECORDS = [barentswatch_record(mmsi=mmsi) for mmsi in SHIPS]
VESSEL = (
    '<vessel MMSI="445000001" TIME="2026-11-26 05:00:00 GMT" LONGITUDE="125.2" LATITUDE="38.7" COG="272.7" SOG="8.8" '
    'HEADING="270" ROT="128" NAVSTAT="5" IMO="8518780" NAME="KUM &amp; SAN" CALLSIGN="HMZF" TYPE="70" A="80" B="16" '
    'C="6" D="10" DRAUGHT="6.5" DEST="CN > SHA" ETA="00-00 24:60" />'
)


@pytest.fixture
def land(lake, tmp_path):
    """Land a text as a file of its own, recognised by itself."""
    return lambda text: land_one(lake, write(tmp_path, "a.json", text), now=NOW)


def lines(separator, records=RECORDS, **how):
    return separator.join(json.dumps(record, **how) for record in records)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(RECORDS),
        json.dumps(RECORDS, indent=2),
        "[\n" + lines(",\n") + "\n]\n",
        "[\n  " + lines("\n, ") + "\n]",
        lines("\n"),
        lines("\n", indent=4),
        lines("\r"),
        lines("\r\n") + "\n\n",
        lines(""),
        "\ufeff" + lines("\n"),
        ": start\n\n" + "\n\n".join(f"data: {json.dumps(record)}" for record in RECORDS),
        "event: position\nid: 1\n" + "\n\n".join(f"data:{json.dumps(record)}" for record in RECORDS),
        "\n\n".join("\n".join(f"data: {line}" for line in json.dumps(r, indent=1).split("\n")) for r in RECORDS),
        json.dumps({"type": "FeatureCollection", "features": [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [5, 60]}, "properties": record}
            for record in RECORDS
        ]}, indent=1),
    ],
)  # fmt: skip
def test_records_are_the_same_however_they_are_laid_out(lake, land, text):
    assert counts(land(text)) == {"rows_read": 3, "positions_with_report": 3}
    assert lake.positions(DAY)["mmsi"].tolist() == SHIPS


@pytest.mark.parametrize("indent", [None, 1])
def test_frames_of_aisstream_may_be_a_list_or_indented(land, indent):
    frames = [json.loads(frame()), json.loads(frame(UserID=KUM_SAN + 1)), json.loads(frame("UnknownMessage"))]

    listed = counts(land(json.dumps(frames, indent=indent)))
    apart = counts(land("\n".join(json.dumps(one, indent=indent) for one in frames)))

    assert listed == apart == {"rows_read": 3, "positions": 2, "rejected": 1}


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ({"draught": [1], "name": {"a": 1}, "trueHeading": "fast", "shipType": True}, {"positions_with_report": 1}),
        (
            {"draught": "NaN", "speedOverGround": 10**400, "courseOverGround": float("nan")},
            {"positions_with_report": 1},
        ),
        ({"mmsi": [257056190]}, {"rejected": 1}),
        ({"mmsi": 10**30}, {"rejected": 1}),
        ({"mmsi": "2.57E+08"}, {"rejected": 1}),
        ({"msgtime": {}}, {"rejected": 1}),
        ({"msgtime": 1e300}, {"rejected": 1}),
        ({"msgtime": "1969-12-31T23:59:59Z"}, {"rejected": 1}),
        ({"latitude": float("nan")}, {"rejected": 1}),
        ({"latitude": [60]}, {"rejected": 1}),
        ({"latitude": None}, {"rejected": 1}),  # half a position
        ({"type": "Aton"}, {"not_ships": 1}),
        ({"type": "Whatever"}, {"rejected": 1}),
        ({"name": "A\x00B"}, {"positions_with_report": 1}),
        ({"name": "A\ud800B"}, {"positions_with_report": 1}),  # half a sign costs itself
    ],
)
def test_an_odd_value_is_the_affair_of_its_row(lake, land, said, counted):
    landed = land(json.dumps([RECORDS[0], barentswatch_record(**{"mmsi": 258000000} | said), RECORDS[1]]))

    expected = {"rows_read": 3, "positions_with_report": 2}
    assert counts(landed) == expected | {name: expected.get(name, 0) + n for name, n in counted.items()}


def test_an_optional_field_that_cannot_be_read_is_null_and_its_position_lands(lake, land):
    land(json.dumps([barentswatch_record(speedOverGround="fast", draught="4,5", navigationalStatus=5.5)]))

    assert lake.positions(DAY)[["sog_kn", "nav_status"]].isna().all(axis=None)
    assert lake.vessel_reports(DAY)["draught_m"].isna().all()


def test_a_number_of_a_ship_that_lost_its_digits_is_none(lake, land):
    text = lines("\n").replace(str(SHIPS[0]), "2.57E+08").replace(str(SHIPS[1]), "2.57e8")

    assert reasons(lake, land(text)) == {"bad_mmsi": 2}
    assert lake.positions(DAY)["mmsi"].tolist() == SHIPS[2:]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (json.dumps(RECORDS)[:-150], 2),
        (json.dumps(RECORDS, indent=1)[:-150], 2),
        (json.dumps(RECORDS).replace('"mmsi"', '"mmsi', 1), 2),
        (json.dumps(RECORDS).replace("200.6", "01", 1), 2),
        (json.dumps({"source": "barentswatch", "polled_at": "2026-11-26T05:00:01Z", "body": RECORDS})[:-150], 2),
    ],
)
def test_of_a_torn_answer_the_whole_records_land_and_the_rest_is_a_reject(lake, land, text, whole):
    landed = land(text)

    assert counts(landed) == {"rows_read": whole + 1, "positions_with_report": whole, "rejected": 1}
    assert reasons(lake, landed) == {"unreadable": 1}


def test_a_torn_document_of_many_lines_does_not_swallow_the_next(land):
    torn = "\n".join(json.dumps(RECORDS[0], indent=1).split("\n")[:5])

    assert counts(land(torn + "\n" + lines("\n", RECORDS[1:]))) == {
        "rows_read": 3,
        "positions_with_report": 2,
        "rejected": 1,
    }


def test_a_record_that_is_null_is_no_ship_and_no_silence(lake, land):
    landed = land(json.dumps([RECORDS[0], None, 3]))

    assert counts(landed) == {"rows_read": 3, "positions_with_report": 1, "rejected": 2}


def test_xml_of_aishub_says_the_same_as_its_json(lake, land):
    other = VESSEL.replace("445000001", "445000002").replace('"', "'").replace(" />", "></vessel>")
    landed = land(f'<?xml version="1.0" encoding="UTF-8"?>\n<VESSELS>\n{VESSEL}\n{other}\n</VESSELS>')

    assert counts(landed) == {"rows_read": 2, "positions_with_report": 2}
    fix = lake.positions(DAY).iloc[0]
    assert (fix["mmsi"], fix["longitude"], fix["latitude"], fix["sog_kn"]) == (KUM_SAN, 125.2, 38.7, 8.8)
    assert fix["timestamp"].isoformat() == "2026-11-26T05:00:00+00:00"
    report = lake.vessel_reports(DAY).iloc[0]
    assert (report["imo"], report["name"], report["destination"]) == (8518780, "KUM & SAN", "CN > SHA")
    assert (report["length_m"], report["width_m"], report["draught_m"]) == (96, 16, 6.5)


@pytest.mark.parametrize(("text", "line"), [(f"{VESSEL}\n{VESSEL[:100]}", 3), (f"{VESSEL[:13]}\n{VESSEL}", 2)])
def test_a_torn_element_is_one_reject_with_its_line(lake, land, text, line):
    landed = land(f"<VESSELS>\n{text}")

    assert counts(landed) == {"rows_read": 2, "positions_with_report": 1, "rejected": 1}
    assert lake.rejects(landed.source_file["source_file_id"])["line"].tolist() == [line]


def test_an_xml_answer_without_ships_is_not_passed_over(lake, land):
    assert reasons(lake, land("<VESSELS></VESSELS>")) == {"unreadable": 1}


@pytest.mark.parametrize("listed", [False, True])
def test_a_record_of_aishub_without_a_header_tells_its_units_by_its_time(lake, land, listed):
    records = [aishub_record(), aishub_record_as_sent(MMSI=KUM_SAN + 1)]
    land(json.dumps(records) if listed else lines("\n", records))

    fixes = lake.positions(DAY)
    assert fixes["mmsi"].tolist() == [KUM_SAN, KUM_SAN + 1]
    assert fixes["longitude"].tolist() == [125.2, 125.2]
    assert fixes["sog_kn"].tolist() == [8.8, 8.8]


def test_an_error_among_answers_is_a_row_and_alone_it_refuses_the_file(land):
    error = json.dumps([{"ERROR": True, "ERROR_MESSAGE": "Too frequent requests!"}])

    assert counts(land(f"{error}\n{aishub(aishub_record())}")) == {
        "rows_read": 2,
        "positions_with_report": 1,
        "not_ships": 1,
    }
    with pytest.raises(InputError, match='an error of AISHub: "Too frequent requests!"'):
        land(f"{error}\n{error}")


MQTT = {"topic": "vessels-v2/230092610/location", "payload": {
    "cog": 200.0, "heading": 200, "lat": 60.3, "lon": 26.4, "navStat": 0, "sog": 21.7, "time": 1795669200,
}}  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        json.dumps(MQTT),
        json.dumps(MQTT | {"payload": json.dumps(MQTT["payload"])}),
        json.dumps([MQTT | {"payload": json.dumps(MQTT["payload"])}], indent=1),
        f"{MQTT['topic']} {json.dumps(MQTT['payload'])}",
    ],
)
def test_an_mqtt_message_is_read_in_each_form_that_programs_write(lake, land, line):
    assert counts(land(line)) == {"rows_read": 1, "positions": 1}
    fix = lake.positions(DAY).iloc[0]
    assert (fix["mmsi"], fix["longitude"], fix["sog_kn"]) == (230092610, 26.4, 21.7)
    assert fix["timestamp"].isoformat() == "2026-11-26T05:00:00+00:00"


@pytest.mark.parametrize(
    ("change", "counted"),
    [
        ({"topic": "vessels-v2/status"}, {"not_ships": 1}),
        ({"topic": "vessels-v2/abc/location"}, {"not_ships": 1}),
        ({"payload": "no JSON"}, {"rejected": 1}),
        ({"payload": {"time": 1795669200}}, {"rejected": 1}),
        (
            {"topic": "vessels-v2/230092610/metadata", "payload": {"imo": 9198393, "timestamp": 1795669200000}},
            {"vessel_reports": 1},
        ),
        ({"topic": "vessels-v2/230092610/metadata", "payload": None}, {"rejected": 1}),
        ({"payload": MQTT["payload"] | {"time": 1e30}}, {"rejected": 1}),
        ({"payload": MQTT["payload"] | {"lat": 91, "lon": 181}}, {"not_ships": 1}),
    ],
)
def test_an_mqtt_message_of_another_kind_is_counted(land, change, counted):
    assert counts(land(json.dumps(MQTT) + "\n" + json.dumps(MQTT | change))) == {
        "rows_read": 2, "positions": 1,
    } | counted  # fmt: skip


def test_the_second_of_the_minute_of_a_finnish_position_is_no_time(lake, land):
    feature = {"mmsi": 230092610, "geometry": {"type": "Point", "coordinates": [26.4, 60.3]}}
    timed = feature | {"properties": {"timestamp": 27, "timestampExternal": 1795669200000}}
    landed = land(json.dumps({"features": [timed, feature | {"properties": {"timestamp": 27}}]}))

    assert counts(landed) == {"rows_read": 2, "positions": 1, "rejected": 1}
    assert reasons(lake, landed) == {"bad_time": 1}


EXPORT = {
    "MMSI": "304010417", "LAT": "47.758499", "LON": "-5.154223", "SPEED": "74", "HEADING": "329", "COURSE": "327",
    "STATUS": "0", "TIMESTAMP": "2026-11-26T05:00:00", "DSRC": "TER", "DRAUGHT": "44",
}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "sog", "draught"),
    [({}, 7.4, 4.4), ({"SPEED": "7.4", "DRAUGHT": "4.4"}, None, None), ({"SPEED": ""}, None, 4.4)],
)
def test_a_fraction_is_no_count_of_tenths(lake, land, said, sog, draught):
    land(json.dumps([EXPORT | said]))

    found = lake.positions(DAY)["sog_kn"].tolist() + lake.vessel_reports(DAY)["draught_m"].tolist()
    assert [value for value in found if value == value] == [value for value in (sog, draught) if value is not None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{"data": {"mmsi": "566093000", "navigational_status": "x", "last_position_UTC": "2021"}}',
            "Datalastic's answer. Not read",
        ),
        ('[["304010417", "47.7"], ["304010418", "47.8"]]', "Ask for protocol jsono"),
        ('{"errors": [{"code": "1h", "detail": "SERVICE KEY NOT FOUND"}]}', "SERVICE KEY NOT FOUND"),
        ('{"error": "invalid_client", "error_description": "no such client"}', "a server's error and no data"),
        ('{"statusCode": 401, "error": "Unauthorized", "messages": []}', "Unauthorized"),
        ("<!DOCTYPE html>\n<html><body>Log in</body></html>", "a web page"),
        ('[{"AIS": {"MMSI": 304010417, "NAVSTAT": 0}}]', "VesselFinder's answer"),
        (
            "MMSI,TSTAMP,LATITUDE,LONGITUDE,COG,SOG,HEADING,NAVSTAT,IMO,NAME,CALLSIGN,TYPE,A,B,C,D,DRAUGHT,DEST,ETA\n1\n",
            "Ask for output=json or xml",
        ),
    ],
)
def test_what_is_known_and_not_read_says_so_and_what_to_do(land, text, said):
    with pytest.raises(InputError) as error:
        land(text)

    assert said in str(error.value)


def test_it_says_so_whatever_it_is_asked_to_be_read_as(lake, tmp_path):
    page = write(tmp_path, "a.json", "<html>Log in</html>")

    with pytest.raises(InputError, match="It is a web page"):
        land_one(lake, page, "barentswatch", now=NOW)


TEXTS = st.lists(
    st.sampled_from(
        ["{", "}", "[", "]", ",", '"', "\n", "\r", ":", "data: ", "\\", " ", "\ud7ff", json.dumps(RECORDS[0]),
         json.dumps(RECORDS[1], indent=1), '"mmsi"', "1"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@given(TEXTS)
def test_every_line_is_in_some_document(tmp_path_factory, text):
    path = write(tmp_path_factory.mktemp("text"), "a.json", text)

    kept = "".join(document for _, document in documents_of(path))

    fields = [line.strip() for line in text.replace("\r", "\n").split("\n")]
    said = [line.removeprefix("data:") for line in fields if not line.startswith(":")]
    assert "".join(kept.split()) == "".join("".join(said).split())


@given(TEXTS)
def test_whatever_an_answer_holds_its_rows_add_up(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("text")
    lake = Lake(folder / "home")
    try:
        file = land_one(lake, write(folder, "a.json", json.dumps(RECORDS[2]) + "\n" + text), now=NOW).source_file
        assert file["rows_read"] == sum(file[name] for name in COUNTS[1:])
        assert file["positions_with_report"] >= 1
        assert len(lake.rejects(file["source_file_id"])) == file["rejected"]
    finally:
        lake.close()


def test_a_byte_order_mark_before_a_later_line_is_no_part_of_it(land):
    record = '{"type": "Position", "mmsi": 445000001, "msgtime": "%s", "latitude": 38.6, "longitude": 125}\n'
    first, second = (record % f"2026-11-26T05:00:0{n}Z" for n in (1, 2))

    assert counts(land(first + "\ufeff" + second)) == {"rows_read": 2, "positions": 2}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"msgtime": 1771328319}, 'msgtime is "1771328319"; expected a time'),
        ({"msgtime": "2026-11-26T05:00:00"}, 'msgtime is "2026-11-26T05:00:00"; expected a time'),
        ({"mmsi": "2.57E+08"}, 'mmsi is "2.57E+08"; expected nine digits'),
        ({"latitude": "north"}, 'latitude or geometry.coordinates[1] is "north"; expected degrees north'),
        ({"msgtime": None}, "no time that can be read; expected one since 1998"),
    ],
)
def test_a_reject_of_an_answer_names_the_field_what_it_says_and_what_was_expected(lake, land, said, told):
    landed = land(json.dumps([RECORDS[0], barentswatch_record(**{"mmsi": 258000000} | said)]))

    (detail,) = lake.rejects(landed.source_file["source_file_id"])["detail"]
    assert detail.startswith(told)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (r"KUM \ud83d", "KUM \ufffd"),  # cut in the middle of a sign
        (r"\udea2 SAN", "\ufffd SAN"),
        (r"KUM \ud83d\udea2", "KUM \U0001f6a2"),
        (r"KUM \uD83D\uD83D\uDEA2", "KUM \ufffd\U0001f6a2"),
    ],
)
def test_half_a_sign_in_a_name_costs_no_position(lake, land, written, name):
    landed = land(json.dumps(barentswatch_record(name="N A M E")).replace("N A M E", written))

    assert counts(landed) == {"rows_read": 1, "positions_with_report": 1}
    assert lake.vessel_reports(DAY)["name"].tolist() == [name]
