"""Times in NMEA files: of the sentence, of the logger, of the receiver's clock, carried forward, or not understood."""

import pytest
from pandas import Timestamp

from pipeline.errors import InputError
from pipeline.settings import Settings
from pipeline.tasks.land import ingest, refuse_useless
from tests.formats.sentences import OTHER, POSITION, STATIC, sentence, tagged
from tests.lake.files import NOW, counts, land_one, reasons, write


def clock(body: str) -> str:
    return sentence(body, lead="$")


def times(lake) -> list[str]:
    """Times of all positions, in order, without their zone."""
    found = sorted(time for day in lake.landed_days() for time in lake.positions(day)["timestamp"])
    assert all(str(time.tz) == "UTC" for time in found)
    return [str(time.tz_localize(None)) for time in found]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1700000000", "2023-11-14 22:13:20"),
        ("1700000000.5", "2023-11-14 22:13:20.500000"),
        ("1700000000123", "2023-11-14 22:13:20.123000"),
        ("1700000000123456", "2023-11-14 22:13:20.123456"),
        ("1700000000123456789", "2023-11-14 22:13:20.123456"),
        ("900000000", "1998-07-09 16:00:00"),
        ("20231114221320", "2023-11-14 22:13:20"),
        ("2023-11-15T07:13:20+09:00", "2023-11-14 22:13:20"),
    ],
)
@pytest.mark.parametrize("place", ["tag block", "suffix"])
def test_a_time_since_1970_or_iso_8601_keeps_its_fraction(lake, tmp_path, written, expected, place):
    text = tagged(f"c:{written}", POSITION) if place == "tag block" else sentence(POSITION, f",r003669967,{written}")
    land_one(lake, write(tmp_path, "a.nmea", text))

    assert times(lake) == [expected]


@pytest.mark.parametrize(
    "written",
    ["yesterday", "-5", "17000000000", "17000000000000000000", "1700000000x", "100000000", "2023-02-29T00:00:00"],
)
def test_a_time_that_is_written_but_not_understood_is_rejected_and_no_other_line_lends_its_own(lake, tmp_path, written):
    before, after = tagged("c:1700000000", POSITION), tagged("c:1700000010", POSITION)
    landed = land_one(lake, write(tmp_path, "a.nmea", before + tagged(f"c:{written}", POSITION) + after))

    assert reasons(lake, landed) == {"bad_time": 1}
    assert times(lake) == ["2023-11-14 22:13:20", "2023-11-14 22:13:30"]


def test_the_line_after_a_time_that_is_not_understood_has_none_either(lake, tmp_path):
    text = tagged("c:1700000000", POSITION) + tagged("c:yesterday", POSITION) + sentence(POSITION)
    landed = land_one(lake, write(tmp_path, "a.nmea", text))

    assert reasons(lake, landed) == {"bad_time": 2}


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("2023-11-15T07:13:20Z ", "2023-11-15 07:13:20"),
        ("2023-11-15 07:13:20.250 ", "2023-11-15 07:13:20.250000"),
        ("2023-11-15T07:13:20.5+09:00 ", "2023-11-14 22:13:20.500000"),
        ("2023-11-15 07:13:20 -0330 ", "2023-11-15 10:43:20"),
        ("[2023-11-15 07:13:20] ", "2023-11-15 07:13:20"),
        ("<2023-11-15T07:13:20Z>", "2023-11-15 07:13:20"),
        ('"2023/11/15 07:13:20","', "2023-11-15 07:13:20"),
        ("2023-11-15 07:13:20,123 INFO ais: ", "2023-11-15 07:13:20.123000"),
        ("20231115071320 ", "2023-11-15 07:13:20"),
        ("20231115T071320Z,", "2023-11-15 07:13:20"),
        ("1700000000 ", "2023-11-14 22:13:20"),
        ("1700000000,", "2023-11-14 22:13:20"),
        ("1700000000.75\t", "2023-11-14 22:13:20.750000"),
        ("1700000000123;", "2023-11-14 22:13:20.123000"),
        ("15/11/2023 07:13:20 ", "2023-11-15 07:13:20"),
        ("11/15/2023 07:13:20 ", "2023-11-15 07:13:20"),
        ("11/15/2023 9:13:20 PM ", "2023-11-15 21:13:20"),
        ("11/15/2023 12:13:20 AM ", "2023-11-15 00:13:20"),
        ("15-Nov-2023 07:13:20 ", "2023-11-15 07:13:20"),
        ("05.11.2023 07:13:20 ", "2023-11-05 07:13:20"),
    ],
)
def test_a_time_stamp_that_a_logger_wrote_in_front_is_read(lake, tmp_path, front, expected):
    land_one(lake, write(tmp_path, "a.nmea", front + sentence(POSITION)))

    assert times(lake) == [expected]


@pytest.mark.parametrize(
    "front",
    [
        "05/11/2023 07:13:20 ",  # May or November
        "Nov 15 07:13:20 host ais: ",  # no year
        "07:13:20 ",
        "2023-11-15 07:13:20 KST ",
        "2023-11-31 07:13:20 ",
        "2023-11-15 27:13:20 ",
        "11/15/2023 13:13:20 PM ",
    ],
)
def test_a_time_stamp_that_could_be_another_is_not_guessed(lake, tmp_path, front):
    landed = land_one(lake, write(tmp_path, "a.nmea", tagged("c:1700000000", POSITION) + front + sentence(POSITION)))

    assert reasons(lake, landed) == {"bad_time": 1}


@pytest.mark.parametrize("front", ["AIS1 ", "192.168.1.5:4001 ", "441234567,", "\t", "> "])
def test_words_in_front_that_are_no_time_are_none(lake, tmp_path, front):
    land_one(lake, write(tmp_path, "a.nmea", tagged("c:1700000000", POSITION) + front + sentence(POSITION)))

    assert times(lake) == ["2023-11-14 22:13:20"]


def test_the_time_of_the_sentence_goes_before_that_of_the_logger(lake, tmp_path):
    text = "2023-11-15 07:13:20 " + tagged("c:1700000000", POSITION)
    land_one(
        lake, write(tmp_path, "a.nmea", text + "2023-11-15 07:13:20 " + sentence(POSITION, ",r003669967,1700000001"))
    )

    assert times(lake) == ["2023-11-14 22:13:20", "2023-11-14 22:13:21"]


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        (clock("GPRMC,221320.00,A,3830.000,N,12500.000,E,005.0,090.0,141123,,"), "2023-11-14 22:13:20"),
        (clock("GNRMC,221320.25,V,,,,,,,141123,,,N"), "2023-11-14 22:13:20.250000"),
        (clock("GPRMC,221320,A,3830.000,N,12500.000,E,005.0,090.0,141199,,"), "1999-11-14 22:13:20"),
        (clock("GPZDA,221320.5,14,11,2023,-09,00"), "2023-11-14 22:13:20.500000"),
        (
            clock("GPZDA,221320,14,11,2023,00,00") + clock("GPRMC,,V,,,,,,,,,,N") + clock("GPZDA,,,,,00,00"),
            "2023-11-14 22:13:20",
        ),
    ],
    ids=["RMC", "void RMC with a clock", "RMC of the last century", "ZDA", "RMC and ZDA that tell nothing"],
)
def test_a_receivers_own_log_takes_its_clock(lake, tmp_path, sentences, expected):
    landed = land_one(lake, write(tmp_path, "a.nmea", sentences + sentence(POSITION)))

    assert times(lake) == [expected]
    assert counts(landed)["not_ships"] == sentences.count("\n")


@pytest.mark.parametrize(
    "damaged",
    [
        clock("GPRMC,251320,A,3830.000,N,12500.000,E,005.0,090.0,141123,,"),
        clock("GPRMC,221320,A,3830.000,N,12500.000,E,005.0,090.0,310223,,"),
        clock("GPZDA,221420,14,11,2023,00,00").replace("2214", "2215"),
        clock("PGHP,1,1950,5,9,0,0,0,10,338,2,,1,09"),
    ],
    ids=["hour 25", "30 February", "checksum", "before 1970"],
)
def test_a_clock_that_is_not_understood_does_not_let_the_one_before_it_run_on(lake, tmp_path, damaged):
    good = clock("GPZDA,221320,14,11,2023,00,00") + sentence(POSITION)
    landed = land_one(lake, write(tmp_path, "a.nmea", good + damaged + sentence(POSITION)))

    assert times(lake) == ["2023-11-14 22:13:20"]
    assert reasons(lake, landed)["bad_time"] == 1


def test_a_message_takes_the_time_of_any_of_its_parts_before_that_of_another_line(lake, tmp_path):
    text = tagged("c:1600000000", POSITION) + tagged("s:ST1", STATIC[0]) + tagged("s:ST1,c:1700000000", STATIC[1])
    land_one(lake, write(tmp_path, "a.nmea", text))

    assert lake.vessel_reports("2023-11-14").iloc[0]["timestamp"] == Timestamp("2023-11-14 22:13:20", tz="UTC")


def test_a_message_whose_only_time_is_not_understood_is_rejected(lake, tmp_path):
    text = tagged("c:1600000000", POSITION) + tagged("s:ST1", STATIC[0]) + tagged("s:ST1,c:soon", STATIC[1])
    landed = land_one(lake, write(tmp_path, "a.nmea", text))

    assert reasons(lake, landed) == {"bad_time": 1}
    assert counts(landed)["message_parts"] == 1


def test_a_sentence_without_a_time_has_that_of_another_on_its_line(lake, tmp_path):
    text = tagged("c:1600000000", POSITION) + sentence(OTHER).rstrip() + sentence(POSITION, ",r003669967,1700000000")
    landed = land_one(lake, write(tmp_path, "a.nmea", text))

    assert times(lake) == ["2020-09-13 12:26:40", "2023-11-14 22:13:20", "2023-11-14 22:13:20"]
    assert counts(landed)["rows_read"] == 3


def test_without_any_time_the_user_is_told_of_the_date_to_give(tmp_path):
    path = write(tmp_path, "own.nmea", clock("GPGLL,,,,,,V,N") + sentence(POSITION))
    settings = Settings(home=tmp_path / "home")

    untimed = ingest(settings, [path], "auto", now=NOW, progress=lambda line: None)
    with pytest.raises(InputError, match=r"own\.nmea:2: none of its ships' messages .* --date YYYY-MM-DD"):
        refuse_useless(untimed)

    refuse_useless(ingest(settings, [path], "auto", now=NOW, progress=lambda line: None, base_date="2023-11-14"))


def test_a_logger_that_wrote_two_sentences_on_a_line_stamped_each(lake, tmp_path):
    line = "2023-11-14 22:13:20 " + sentence(OTHER).rstrip() + " 2023-11-14 22:13:25 " + sentence(POSITION)
    land_one(lake, write(tmp_path, "a.nmea", line))

    assert times(lake) == ["2023-11-14 22:13:20", "2023-11-14 22:13:25"]


def test_a_time_of_day_alone_is_of_the_date_that_is_given_and_of_the_days_after_it(lake, tmp_path):
    stamps = ["23:59:58 ", "[23:59:59.5] ", "00:00:01, ", "23:59:59.75 ", "06:00:00Z ", "16:00:00 ", "01:00:00 "]
    text = "".join(stamp + sentence(POSITION) for stamp in stamps)
    land_one(lake, write(tmp_path, "a.nmea", text), base_date="2023-11-14")

    assert times(lake) == [
        "2023-11-14 23:59:58",
        "2023-11-14 23:59:59.500000",
        "2023-11-14 23:59:59.750000",
        "2023-11-15 00:00:01",
        "2023-11-15 06:00:00",
        "2023-11-15 16:00:00",
        "2023-11-16 01:00:00",
    ]


@pytest.mark.parametrize("front", ["Nov 14 23:59:58 ", "05/11/2023 23:59:58 ", "23:59:58+09:00 ", "24:59:58 "])
def test_a_time_that_says_more_than_the_time_of_day_is_not_put_on_that_date(lake, tmp_path, front):
    landed = land_one(lake, write(tmp_path, "a.nmea", front + sentence(POSITION)), base_date="2023-11-14")

    assert reasons(lake, landed) == {"bad_time": 1}
