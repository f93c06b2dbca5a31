"""Sentences: where they begin and end, their receiver, their parts, and what is damaged."""

import pytest
from pandas import Timestamp

from tests.formats.sentences import OTHER, POSITION, STATIC, sentence, tagged
from tests.lake.files import counts, land_one, reasons, write


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


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_lines_end_in_any_way(lake, tmp_path, end):
    text = "".join(tagged(f"c:{1700000000 + n}", POSITION).rstrip() + end for n in range(5))
    landed = land_one(lake, write(tmp_path, "a.nmea", text))

    assert counts(landed) == {"rows_read": 5, "positions": 5}


def test_lines_of_one_file_may_end_in_different_ways_and_the_last_in_none(lake, tmp_path):
    lines = [tagged(f"c:{1700000000 + n}", POSITION).rstrip() for n in range(6)]
    text = "".join(line + end for line, end in zip(lines, ["\r\n", "\n", "\r", "\r", "\n", ""], strict=True))
    landed = land_one(lake, write(tmp_path, "a.nmea", text + "\rgarbage"))

    assert counts(landed) == {"rows_read": 7, "positions": 6, "rejected": 1}
    assert lake.rejects(landed.source_file["source_file_id"]).iloc[0]["line"] == 7


@pytest.mark.parametrize("front", ["\ufeff", " ", "\t ", "\ufeff "])
def test_a_byte_order_mark_or_blanks_in_front_are_no_part_of_the_text(lake, tmp_path, front):
    text = front + "# a comment\n" + front + tagged("c:1700000000", POSITION)
    landed = land_one(lake, write(tmp_path, "a.nmea", text))

    assert counts(landed) == {"rows_read": 1, "positions": 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (tagged("c:1700000000", POSITION).rstrip() + sentence(OTHER), {"rows_read": 2, "positions": 2}),
        (
            tagged("c:1700000000", POSITION).rstrip()
            + tagged("c:1700000001", OTHER).rstrip()
            + tagged("c:1700000002", OTHER),
            {"rows_read": 3, "positions": 3},
        ),
        (
            tagged("c:1700000000", POSITION)[:40] + tagged("c:1700000001", OTHER),
            {"rows_read": 2, "positions": 1, "rejected": 1},
        ),
        (
            tagged("c:1700000000", POSITION).rstrip() + sentence(OTHER)[:-9],
            {"rows_read": 2, "positions": 1, "rejected": 1},
        ),
        (
            tagged("c:1700000000", POSITION).rstrip() + sentence("GPGLL,,,,,,V,N", lead="$"),
            {"rows_read": 2, "positions": 1, "not_ships": 1},
        ),
    ],
    ids=["two", "three, each with its tag block", "a torn one before", "a torn one behind", "one of another kind"],
)
def test_every_sentence_of_a_line_is_read_or_counted(lake, tmp_path, text, expected):
    landed = land_one(lake, write(tmp_path, "a.nmea", text))

    assert counts(landed) == expected


def test_of_two_sentences_on_a_line_each_has_its_own_tag_block(lake, tmp_path):
    text = tagged("c:1700000000", POSITION).rstrip() + tagged("c:1700000060,s:rORBCOMM000000000104", OTHER)
    land_one(lake, write(tmp_path, "a.nmea", text))

    found = lake.positions("2023-11-14").set_index("mmsi")
    assert found["timestamp"].dt.strftime("%H:%M:%S").to_dict() == {367033650: "22:13:20", 441234568: "22:14:20"}
    assert found["receiver"].to_dict() == {367033650: "unknown", 441234568: "satellite"}


@pytest.mark.parametrize(
    "tags",
    [
        "\\s:rTEST1*1C\\\\c:1700000000,n:2*5F\\",
        "\\c:1700000000*5F\\\\s:rTEST1*1C\\",
        "\\c:1700000000*5F\\ \\s:rTEST1*1C\\ ",
        "\\s:rTEST1*1C\\c:1700000000*5F\\",
    ],
    ids=["time last", "time first", "blanks between", "a backslash between"],
)
def test_two_tag_blocks_before_a_sentence_are_both_read(lake, tmp_path, tags):
    land_one(lake, write(tmp_path, "a.nmea", tags + sentence(POSITION)))

    assert only_position(lake)["timestamp"] == Timestamp("2023-11-14 22:13:20", tz="UTC")


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
    ("first", "second"),
    [
        ("g:1-2-170000000012345678", "g:2-2-170000000012345679"),
        ("s:COAST-STATION-NORTH", "s:COAST-STATION-SOUTH"),
        ("g:1-2-7,s:NORTH", "g:2-2-7,s:SOUTH"),
        ("s:ST1,c:1700000000", "s:ST1,c:1700001800"),
    ],
    ids=["groups", "stations", "stations of one group number", "half an hour"],
)
def test_parts_that_differ_in_their_whole_origin_or_lie_far_apart_in_time_are_no_message(lake, tmp_path, first, second):
    text = tagged("c:1700000000", POSITION) + tagged(first, STATIC[0]) + tagged(second, STATIC[1])
    landed = land_one(lake, write(tmp_path, "a.nmea", text))

    assert reasons(lake, landed) == {"incomplete_message": 2}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("g:1-2-170000000012345678", "g:2-2-170000000012345678"),
        ("1G2:1234", "2G2:1234"),
        ("s:COAST-STATION-NORTH", "s:COAST-STATION-NORTH"),
        ("s:ST1,c:1700000000", "s:ST1,c:1700000010"),
        ("s:ST1,c:1700000000", "c:1700000001"),
        ("c:1700000000", "s:ST1,c:1700000001"),
        ("g:1-2-7,s:ST1", "g:2-2-7"),
    ],
    ids=[
        "group",
        "group of NMEA 4.0",
        "station",
        "ten seconds",
        "first names it",
        "second names it",
        "group, one named",
    ],
)
def test_parts_whose_origin_is_one_are_one_message(lake, tmp_path, first, second):
    text = tagged("c:1700000000", POSITION) + tagged(first, STATIC[0]) + tagged(second, STATIC[1])
    landed = land_one(lake, write(tmp_path, "a.nmea", text))

    assert counts(landed) == {"rows_read": 3, "positions": 1, "vessel_reports": 1, "message_parts": 1}


@pytest.mark.parametrize(("ending", "whole"), [("1", 1), ("2", 0)])
def test_receivers_of_the_suffix_form_are_compared_by_their_whole_name(lake, tmp_path, ending, whole):
    first = sentence(STATIC[0], ",rCOAST-STATION-NUMBER-1,1700000000")
    landed = land_one(
        lake, write(tmp_path, "a.nmea", first + sentence(STATIC[1], f",rCOAST-STATION-NUMBER-{ending},1700000000"))
    )

    assert landed.source_file["vessel_reports"] == whole
    assert landed.source_file["rejected"] == 2 - 2 * whole


# Another ship's two parts, with the sequence number and channel of STATIC.
OTHER_STATIC = (
    "AIVDM,2,1,9,B,56TjlR02>?0dCL4<000985Ht0000000000000016<PD::40HtD10C2@C`5R@,0",
    "AIVDM,2,2,9,B,H4PBRC`8880,2",
)


@pytest.mark.parametrize("stations", [("ST1", "ST2"), ("ST1", "ST1")])
def test_where_two_messages_are_open_a_part_without_a_station_goes_to_neither(lake, tmp_path, stations):
    open_ones = tagged(f"s:{stations[0]},c:1700000000", STATIC[0]) + tagged(f"s:{stations[1]}", OTHER_STATIC[0])
    landed = land_one(lake, write(tmp_path, "a.nmea", open_ones + sentence(STATIC[1]) + sentence(OTHER_STATIC[1])))

    assert reasons(lake, landed) == {"incomplete_message": 4}


def test_two_messages_whose_parts_alternate_are_told_apart_by_their_stations(lake, tmp_path):
    text = "".join(
        tagged(f"s:{station},c:1700000000", parts[nth])
        for nth in (0, 1)
        for station, parts in (("ST1", STATIC), ("ST2", OTHER_STATIC))
    )
    land_one(lake, write(tmp_path, "a.nmea", text))

    reports = lake.vessel_reports("2023-11-14").set_index("imo")["destination"].to_dict()
    assert reports == {9266633: "LEMMER", 9321483: "DALIAN VIA RAJIN"}


def test_a_first_part_that_lost_its_second_does_not_spoil_the_next_message(lake, tmp_path):
    text = tagged("s:ST1,c:1700000000", OTHER_STATIC[0]) + tagged("s:ST1,c:1700000005", STATIC[0]) + sentence(STATIC[1])
    landed = land_one(lake, write(tmp_path, "a.nmea", text))

    assert counts(landed) == {"rows_read": 3, "vessel_reports": 1, "message_parts": 1, "rejected": 1}
    assert lake.vessel_reports("2023-11-14").iloc[0]["name"] == "SEA ENTERPRISE"


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("name", ["uscg-2006.ais", "gfw-tagblock.nmea"])
@pytest.mark.parametrize("size", [1000, 4096, 100_000])
def test_a_file_read_in_blocks_of_any_size_gives_the_same(lake, tmp_path, samples, monkeypatch, name, size):
    from pipeline.formats import nmea_records
    from pipeline.lake.lake import Lake

    text = b"".join((samples / "nmea" / name).read_bytes().splitlines(keepends=True)[:1500])
    path = write(tmp_path, name, text.replace(b"\n", b"\r", 300))
    whole = land_one(lake, path)
    monkeypatch.setattr(nmea_records, "BLOCK_BYTES", size)
    other = Lake(tmp_path / "other")
    pieces = land_one(other, path)

    assert counts(pieces) == counts(whole)
    for day in lake.landed_days():
        assert other.positions(day).equals(lake.positions(day))
        assert other.vessel_reports(day).equals(lake.vessel_reports(day))
    assert other.rejects(pieces.source_file["source_file_id"]).equals(lake.rejects(whole.source_file["source_file_id"]))


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


def test_messages_of_the_newest_edition_are_no_ships_and_unknown_ones_are_rejected(lake, tmp_path):
    text = "".join(tagged("c:1700000000", f"AIVDM,1,1,,A,{kind}>M4nf@P1T8t=60F1rH3Q2lD0000,0") for kind in ("L", "M"))
    landed = land_one(lake, write(tmp_path, "a.nmea", text))  # message 28, an aid to navigation; and 29

    assert counts(landed) == {"rows_read": 2, "not_ships": 1, "rejected": 1}
    assert reasons(lake, landed) == {"unsupported_message": 1}


def test_a_file_of_comments_alone_has_no_rows(lake, tmp_path):
    landed = land_one(lake, write(tmp_path, "a.nmea", "# " + sentence(POSITION)))

    assert counts(landed) == {}
