"""Sentences: their time, their parts, their receiver, and what is damaged."""

import pytest
from pandas import Timestamp

from tests.lake.files import counts, land_one, reasons, write

POSITION = "AIVDM,1,1,,A,15N1u<PP1FJuvSRHOE6QIwwh0HQ6,0"  # 367033650, second 56
STATIC = ("AIVDM,2,1,9,B,55R3Vn82=ILTQ3KKS>1<D60Dq@E918U<F222221J1`?164vc03S1CCAD,0", "AIVDM,2,2,9,B,`88888888888880,2")


def checksum(body: str) -> str:
    value = 0
    for byte in body.encode():
        value ^= byte
    return f"{value:02X}"


def sentence(body: str, suffix: str = "", lead: str = "!") -> str:
    return f"{lead}{body}*{checksum(body)}{suffix}\n"


def tagged(tag: str, body: str) -> str:
    return f"\\{tag}*{checksum(tag)}\\{sentence(body)}"


def only_position(lake):
    (day,) = lake.landed_days()
    frame = lake.positions(day)
    assert len(frame) == 1
    return frame.iloc[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (tagged("s:rORBCOMM104,c:1418172113", POSITION), ("2014-12-10 00:41:53", "satellite")),
        (tagged("c:1418172113500", POSITION), ("2014-12-10 00:41:53.500", "unknown")),
        (sentence(POSITION, ",r003669987,1152921693"), ("2006-07-15 00:01:33", "terrestrial")),
        (
            sentence("PGHP,1,2008,5,9,0,0,0,10,338,2,,1,09", lead="$") + sentence(POSITION),
            ("2008-05-09 00:00:00.010", "unknown"),
        ),
    ],
    ids=["tag block", "tag block in milliseconds", "suffix", "$PGHP"],
)
def test_a_sentence_takes_the_time_and_receiver_it_came_with(lake, tmp_path, text, expected):
    land_one(lake, write(tmp_path, "a.nmea", text))

    row = only_position(lake)
    assert (row["timestamp"], row["receiver"]) == (Timestamp(expected[0], tz="UTC"), expected[1])
    assert row["longitude"] == pytest.approx(-70.346908, abs=5e-6)


def test_without_any_time_a_sentence_is_rejected(lake, tmp_path):
    landed = land_one(lake, write(tmp_path, "a.nmea", sentence(POSITION)))

    assert reasons(lake, landed) == {"bad_time": 1}


def test_with_a_base_date_a_clock_runs_on_the_seconds_that_reports_carry(lake, tmp_path):
    later = "AIVDM,1,1,,A,15N1u<PP1FJuvSRHOE6QIwv00HQ6,0"  # the same report at second 0 of the next minute

    land_one(lake, write(tmp_path, "a.nmea", sentence(POSITION) + sentence(later)), base_date="2024-06-01")

    times = [str(t) for t in lake.positions("2024-06-01")["timestamp"]]
    assert times == ["2024-06-01 00:00:00+00:00", "2024-06-01 00:00:04+00:00"]


def test_two_parts_are_one_message_though_others_stand_between(lake, tmp_path):
    first, second = (sentence(body) for body in STATIC)
    landed = land_one(lake, write(tmp_path, "a.nmea", first + sentence(POSITION) + second), base_date="2024-06-01")

    assert counts(landed) == {"rows_read": 3, "positions": 1, "vessel_reports": 1, "message_parts": 1}
    report = lake.vessel_reports("2024-06-01").iloc[0]
    assert (report["imo"], report["name"], report["destination"], report["draught_m"]) == (
        9266633,
        "SEA ENTERPRISE",
        "LEMMER",
        1.4,
    )


def test_a_part_whose_other_part_stands_far_away_is_incomplete(lake, tmp_path):
    first, second = (sentence(body) for body in STATIC)
    landed = land_one(
        lake, write(tmp_path, "a.nmea", first + sentence(POSITION) * 150 + second), base_date="2024-06-01"
    )

    assert reasons(lake, landed) == {"incomplete_message": 2}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (sentence(POSITION).replace("15N1", "15N2"), "bad_checksum"),
        ("!AIVDM,1,1,,A,15N1u<PP1FJuv\n", "unreadable"),
        (sentence("AIVDM,1,1,,B,,0"), "unreadable"),
        ("garbage\n", "unreadable"),
        (sentence(STATIC[0]), "incomplete_message"),
    ],
    ids=["one character changed", "torn line", "no payload", "no sentence", "first part alone"],
)
def test_a_damaged_line_is_rejected_with_its_reason_and_kept(lake, tmp_path, line, reason):
    landed = land_one(lake, write(tmp_path, "a.nmea", sentence(POSITION) + line), base_date="2024-06-01")

    assert reasons(lake, landed) == {reason: 1}
    reject = lake.rejects(landed.source_file["source_file_id"]).iloc[0]
    assert (reject["line"], reject["raw"]) == (2, line.rstrip("\n"))


def test_other_sentences_and_messages_are_no_ships(lake, tmp_path):
    base_station = "AIVDM,1,1,,A,403Ovl@000Htt<tSF0l4Q@100`Pq,0"
    gps = sentence("GPGLL,5250.53669,N,00542.34920,E,213950.00,A,A", lead="$")
    landed = land_one(
        lake, write(tmp_path, "a.nmea", sentence(base_station) + gps + "# a comment\n\n"), base_date="2024-06-01"
    )

    assert counts(landed) == {"rows_read": 2, "not_ships": 2}


def test_a_file_read_in_small_blocks_gives_the_same(lake, tmp_path, samples, monkeypatch):
    from pipeline.lake.lake import Lake
    from pipeline.sources import nmea_records

    whole = land_one(lake, samples / "nmea/uscg-2006.ais")
    monkeypatch.setattr(nmea_records, "BLOCK_BYTES", 1000)
    other = Lake(tmp_path / "other")
    pieces = land_one(other, samples / "nmea/uscg-2006.ais")

    assert counts(pieces) == counts(whole)
    assert other.positions("2006-07-15").equals(lake.positions("2006-07-15"))
