"""What live sources land is read as it was meant, and every line or record of it is accounted for."""

import json
from datetime import UTC, datetime

import pytest

from tests.lake.files import counts, format_of, land_one, reasons, write
from tests.live import (
    CONFIRMATION,
    KUM_SAN,
    aishub,
    aishub_record,
    aishub_record_as_sent,
    barentswatch_record,
    frame,
    poll,
)

NOW = datetime(2026, 11, 26, 6, tzinfo=UTC)


DAY = "2026-11-26"
POSITION = {
    "mmsi": KUM_SAN, "longitude": 125.2, "latitude": 38.7, "sog_kn": 8.8, "cog_deg": 272.7, "heading_deg": 270.0,
    "nav_status": 5, "receiver": "terrestrial",
}  # fmt: skip
REPORT = {
    "mmsi": KUM_SAN, "imo": 8518780, "name": "KUM SAN", "call_sign": "HMZF", "ship_type": 70, "length_m": 96.0,
    "width_m": 16.0, "draught_m": 6.5, "destination": "NAMPO",
}  # fmt: skip


@pytest.fixture
def land(lake, tmp_path):
    """Land lines as a file of their own, recognised by themselves."""
    return lambda *lines: land_one(lake, write(tmp_path, "a.jsonl", "".join(f"{line}\n" for line in lines)), now=NOW)


def one(rows, *columns):
    """The only row of a frame, with its nulls as None."""
    assert len(rows) == 1
    row = rows.astype(object).where(rows.notna(), None).iloc[0].to_dict()
    return {name: row[name] for name in columns} if columns else row


def test_a_position_report_has_the_time_of_its_envelope_and_not_its_second(lake, land):
    assert counts(land(frame(at="2026-11-26 05:00:07.25 +0000 UTC", Timestamp=59))) == {"rows_read": 1, "positions": 1}

    fix = one(lake.positions(DAY))
    assert {name: fix[name] for name in POSITION} == POSITION
    assert fix["timestamp"].isoformat() == "2026-11-26T05:00:07.250000+00:00"
    assert fix["transceiver_class"] == "A"


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-11-26 05:00:00.123456789 +0000 UTC", "2026-11-26T05:00:00.123456+00:00"),
        ("2026-11-26 05:00:00 +0000 UTC", "2026-11-26T05:00:00+00:00"),
        ("2026-11-26 05:00:00.5 +0900 KST", "2026-11-25T20:00:00.500000+00:00"),
    ],
)
def test_the_envelopes_time_is_read_in_all_its_lengths(lake, land, time, expected):
    landed = land(frame(at=time))

    assert [when.isoformat() for when in lake.positions(landed.days[0])["timestamp"]] == [expected]


@pytest.mark.parametrize("time", ["", "2026-11-26 05:00:00", "yesterday", "59"])
def test_a_frame_without_a_time_to_be_sure_of_is_rejected(lake, land, time):
    assert reasons(lake, land(frame(at=time))) == {"bad_time": 1}


@pytest.mark.parametrize(
    ("time", "reason"), [("1970-01-01 00:00:00 +0000 UTC", "bad_time"), ("2026-12-26 05:00:00 +0000 UTC", "future")]
)
def test_a_time_that_is_off_is_judged_as_that_of_any_source(lake, land, time, reason):
    assert reasons(lake, land(frame(at=time))) == {reason: 1}


@pytest.mark.parametrize(
    ("kind", "transceiver", "counted"),
    [
        ("StandardClassBPositionReport", "B", "positions"),
        ("ExtendedClassBPositionReport", "B", "positions_with_report"),
        ("LongRangeAisBroadcastMessage", None, "positions"),
    ],
)
def test_the_message_type_tells_the_transceiver(lake, land, kind, transceiver, counted):
    assert counts(land(frame(kind))) == {"rows_read": 1, counted: 1}
    assert one(lake.positions(DAY))["transceiver_class"] == transceiver


def test_sixty_three_knots_are_no_speed_over_the_horizon_and_a_speed_elsewhere(lake, land):
    land(frame("LongRangeAisBroadcastMessage", Sog=63), frame(Sog=63, UserID=KUM_SAN + 1))

    assert lake.positions(DAY)["sog_kn"].fillna(-1).tolist() == [-1, 63]


def test_static_data_are_a_report_and_the_envelopes_place_and_name_are_not_taken_for_the_messages(lake, land):
    assert counts(land(frame("ShipStaticData"))) == {"rows_read": 1, "vessel_reports": 1}
    assert one(lake.vessel_reports(DAY), *REPORT) == REPORT
    assert lake.positions(DAY).empty


def test_a_position_report_says_no_name(lake, land):
    land(frame())

    assert lake.vessel_reports(DAY).empty


def test_each_part_of_message_24_says_its_own(lake, land):
    b = {"Valid": True, "ShipType": 70, "CallSign": "HMZF", "Dimension": {"A": 80, "B": 16, "C": 6, "D": 10}}
    land(
        frame("StaticDataReport"),
        frame("StaticDataReport", PartNumber=True, ReportA={"Valid": False, "Name": "NOT SAID"}, ReportB=b),
    )

    reports = lake.vessel_reports(DAY).sort_values("name")
    assert reports["name"].fillna("").tolist() == ["KUM SAN", ""]
    assert reports["length_m"].fillna(0).tolist() == [0, 96]
    assert reports["call_sign"].fillna("").tolist() == ["", "HMZF"]


def test_sentinels_are_nulls(lake, land):
    land(
        frame(Sog=102.3, Cog=360, TrueHeading=511, NavigationalStatus=15),
        frame(Latitude=91, Longitude=181, at="2026-11-26 05:00:01 +0000 UTC"),
        frame("ShipStaticData", ImoNumber=0, MaximumStaticDraught=0, Type=0, CallSign="@@@@@@@"),
    )

    assert one(lake.positions(DAY), "sog_kn", "cog_deg", "heading_deg", "nav_status") == dict.fromkeys(
        ("sog_kn", "cog_deg", "heading_deg", "nav_status")
    )
    assert one(lake.vessel_reports(DAY), "imo", "draught_m", "ship_type", "call_sign") == dict.fromkeys(
        ("imo", "draught_m", "ship_type", "call_sign")
    )


def without(line, *path):
    """A line of JSON without one of its values."""
    document = json.loads(line)
    place = document
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return json.dumps(document)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"MessageType": "PositionReport", "MetaData": {"torn', "unreadable"),
        (frame(Valid=False), "unreadable"),
        (frame(Latitude="north"), "unreadable"),
        (without(frame(), "Message", "PositionReport", "Latitude"), "unreadable"),
        (without(frame(), "Message", "PositionReport"), "unreadable"),
        (without(frame(), "Message"), "unreadable"),
        (without(frame("ShipStaticData"), "Message", "ShipStaticData"), "unreadable"),
        (without(frame(), "Message", "PositionReport", "UserID"), "bad_mmsi"),
        (frame(UserID=0), "bad_mmsi"),
        (without(frame(), "MetaData"), "bad_time"),
        (frame(Latitude=95), "bad_position"),
        (frame("UnknownMessage"), "unsupported_message"),
        (frame("MessageOfTheFuture"), "unsupported_message"),
        ('{"hello": "world"}', "unsupported_message"),
        ("[1, 2]", "unsupported_message"),
        ('"text"', "unsupported_message"),
        ("[" * 10_000, "unreadable"),
    ],
)
def test_a_bad_line_is_rejected_with_its_reason_line_and_text_and_its_neighbours_stay(lake, land, line, reason):
    landed = land(frame(), line, frame(Sog=9.9))

    assert counts(landed) == {"rows_read": 3, "positions": 2, "rejected": 1}
    reject = one(lake.rejects(landed.source_file["source_file_id"]))
    assert (reject["line"], reject["reason"], reject["raw"]) == (2, reason, line)


@pytest.mark.parametrize("line", [CONFIRMATION, '{"error": "concurrent connections per user exceeded"}'])
def test_the_servers_own_words_are_no_ships(land, line):
    assert counts(land(line, frame("BaseStationReport"), frame("AidsToNavigationReport", UserID=992351000))) == {
        "rows_read": 3,
        "not_ships": 3,
    }


def test_an_aishub_record_says_the_same_in_words_and_as_sent(lake, land, tmp_path):
    for body in (aishub(aishub_record()), aishub(aishub_record_as_sent(), form="AIS")):
        assert counts(land(poll("aishub", body))) == {"rows_read": 1, "positions_with_report": 1}

    assert lake.source_files()["source"].tolist() == ["aishub", "aishub"]
    fix = one(lake.positions(DAY))  # told by two files in the same words
    assert {name: fix[name] for name in POSITION} == POSITION
    assert fix["timestamp"].isoformat() == "2026-11-26T05:00:00+00:00"
    assert fix["transceiver_class"] is None
    for _, report in lake.vessel_reports(DAY).iterrows():
        assert {name: report[name] for name in REPORT} == REPORT


def test_a_record_that_comes_again_in_the_next_poll_is_a_duplicate_and_a_newer_one_is_not(land):
    newer = aishub_record(TIME="2026-11-26 05:01:00 GMT")
    landed = land(poll("aishub", aishub(aishub_record())), poll("aishub", aishub(aishub_record(), newer)))

    assert counts(landed) == {"rows_read": 3, "positions_with_report": 2, "duplicates": 1}


def test_aishub_sentinels_are_nulls_in_both_forms(lake, land):
    human = aishub_record(COG=360, SOG=102.3, HEADING=511, NAVSTAT=15, IMO=0, DRAUGHT=0)
    sent = aishub_record_as_sent(COG=3600, SOG=1023, HEADING=511, NAVSTAT=15, IMO=0, DRAUGHT=0, MMSI=KUM_SAN + 1)
    nowhere = aishub_record_as_sent(LATITUDE=91 * 600_000, LONGITUDE=181 * 600_000, MMSI=KUM_SAN + 2)
    land(poll("aishub", aishub(human)), poll("aishub", aishub(sent, nowhere, form="AIS")))

    fixes = lake.positions(DAY)
    assert fixes["mmsi"].tolist() == [KUM_SAN, KUM_SAN + 1]
    assert fixes[["cog_deg", "sog_kn", "heading_deg", "nav_status"]].isna().all(axis=None)
    reports = lake.vessel_reports(DAY)
    assert reports[reports["mmsi"] < KUM_SAN + 2][["imo", "draught_m"]].isna().all(axis=None)


def test_a_barentswatch_record_is_in_utc_and_its_draught_in_metres(lake, land):
    landed = land(poll("barentswatch", json.dumps([barentswatch_record()])))

    assert counts(landed) == {"rows_read": 1, "positions_with_report": 1}
    fix = one(
        lake.positions(DAY), "mmsi", "timestamp", "latitude", "longitude", "sog_kn", "transceiver_class", "receiver"
    )
    assert fix.pop("timestamp").isoformat() == "2026-11-26T05:00:00+00:00"
    assert fix == {
        "mmsi": 257056190, "latitude": 60.083027, "longitude": 5.343123, "sog_kn": 16.3, "transceiver_class": "A",
        "receiver": "unknown",
    }  # fmt: skip
    report = one(lake.vessel_reports(DAY), "imo", "draught_m", "length_m", "width_m")
    assert report == {"imo": 9822073, "draught_m": 4.8, "length_m": 134.0, "width_m": 21.0}


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ({"latitude": None, "longitude": None}, {"vessel_reports": 1}),
        ({"msgtime": "2026-11-26T05:00:00.6375874Z", "reportClass": "B"}, {"positions_with_report": 1}),
        ({"msgtime": "2026-11-26T05:00:00"}, {"rejected": 1}),
        ({"latitude": "north"}, {"rejected": 1}),
        ({"mmsi": None}, {"rejected": 1}),
        ({"mmsi": 992576000}, {"not_ships": 1}),
    ],
)
def test_a_barentswatch_record_of_another_kind(land, said, counted):
    body = json.dumps([barentswatch_record(**said)])

    assert counts(land(poll("barentswatch", body))) == {"rows_read": 1} | counted


def test_a_record_without_the_keys_of_a_position_is_told_from_one_without_a_position(lake, land):
    renamed = barentswatch_record()
    renamed["lat"] = renamed.pop("latitude")

    assert reasons(lake, land(poll("barentswatch", json.dumps([renamed])))) == {"unreadable": 1}


@pytest.mark.parametrize("source", ["aishub", "barentswatch"])
@pytest.mark.parametrize(
    ("body", "counted"),
    [
        ('"<html>busy</html>"', {"rejected": 1}),
        ("null", {"rejected": 1}),
        ('{"status": 500}', {"rejected": 1}),
    ],
)
def test_a_poll_that_is_no_answer_is_one_unreadable_row(land, source, body, counted):
    assert counts(land(poll(source, body))) == {"rows_read": 1} | counted


@pytest.mark.parametrize(
    ("source", "body"),
    [
        ("aishub", aishub()),
        ("aishub", aishub(ERROR=True, ERROR_MESSAGE="Too frequent requests!")),
        ("aishub", json.dumps([{"ERROR": True}])),
        ("barentswatch", "[]"),
    ],
)
def test_a_poll_without_records_is_a_row_without_a_ship(land, source, body):
    assert counts(land(poll(source, body))) == {"rows_read": 1, "not_ships": 1}


def test_bare_answers_are_read_as_wrapped_ones(land):
    assert counts(land(aishub(aishub_record()))) == {"rows_read": 1, "positions_with_report": 1}
    assert counts(land(json.dumps(barentswatch_record()), json.dumps([barentswatch_record(mmsi=257056191)]))) == {
        "rows_read": 2,
        "positions_with_report": 2,
    }


def test_a_record_that_is_none_is_rejected_with_the_line_of_its_poll(lake, land):
    landed = land(poll("aishub", aishub()), poll("aishub", aishub(aishub_record(), "text", [1], {})))

    assert counts(landed) == {"rows_read": 5, "positions_with_report": 1, "not_ships": 1, "rejected": 3}
    rejects = lake.rejects(landed.source_file["source_file_id"])
    assert rejects["line"].tolist() == [2, 2, 2]
    assert sorted(rejects["raw"]) == ['"text"', "[1]", "{}"]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\n\n", b"\n  \n"])
def test_line_ends_and_blank_lines_cost_no_row_and_other_encodings_one(lake, tmp_path, ending):
    quoted = frame("ShipStaticData", Name='A "QUOTE"')
    lines = [frame().encode(), quoted.encode(), b'{"MessageType": "\xc5"}', frame(Sog=9).encode()]
    landed = land_one(lake, write(tmp_path, "a.jsonl", ending.join(lines)), now=NOW)

    assert counts(landed) == {"rows_read": 4, "positions": 2, "vessel_reports": 1, "rejected": 1}


@pytest.mark.parametrize(
    ("line", "source"),
    [
        (frame(), "aisstream"),
        (CONFIRMATION, "aisstream"),
        ('{"error": "Api Key Is Not Valid"}', "aisstream"),
        (poll("aishub", aishub()), "aishub"),
        (poll("aishub", '"<html>"'), "aishub"),
        (poll("barentswatch", "[]"), "barentswatch"),
        (poll("barentswatch", json.dumps([barentswatch_record()])), "barentswatch"),
    ],
)
def test_a_live_file_is_recognised_by_its_content(tmp_path, line, source):
    assert format_of(write(tmp_path, "a.jsonl", line)) == source
