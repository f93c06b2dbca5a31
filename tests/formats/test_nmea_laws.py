"""Laws of reading NMEA: nothing is lost, the size of a block changes nothing, parts of two messages never mix."""

import re
import tempfile
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas import DataFrame
from pandas.testing import assert_frame_equal

from pipeline.formats import nmea_records
from pipeline.formats.nmea_parts import MAX_LINES_APART
from tests.formats.sentences import OTHER, POSITION, STATIC, sentence, tagged

OTHER_STATIC = (
    "AIVDM,2,1,9,B,56TjlR02>?0dCL4<000985Ht0000000000000016<PD::40HtD10C2@C`5R@,0",
    "AIVDM,2,2,9,B,H4PBRC`8880,2",
)
TRUE = {(9266633, "LEMMER"), (9321483, "DALIAN VIA RAJIN")}


def read(text: bytes, base_date: date | None = None, block: int = 1 << 23) -> DataFrame:
    """The records of a file, in the order of its lines."""
    usual = nmea_records.BLOCK_BYTES
    nmea_records.BLOCK_BYTES = block
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.nmea"
            path.write_bytes(text)
            nmea_records.write_records(path, Path(folder) / "records", base_date)
            tables = [pq.read_table(part) for part in sorted(Path(folder, "records").glob("*.parquet"))]
            return pa.concat_tables(tables).to_pandas().sort_values(["line", "raw"], ignore_index=True)
    finally:
        nmea_records.BLOCK_BYTES = usual


ENDS = st.sampled_from(["\n", "\r\n", "\r", "\r\r\n", "\n\n"])
SENTENCES = st.sampled_from(
    [
        sentence(POSITION),
        sentence(OTHER, ",r003669967,1700000003"),
        tagged("c:1700000001", POSITION),
        tagged("s:ST1,c:1700000002.5", OTHER),
        tagged("s:ST1", STATIC[0]),
        tagged("s:ST1,c:1700000004", STATIC[1]),
        sentence("GPRMC,221320.00,V,,,,,,,141123,,,N", lead="$"),
        "2023-11-15 07:13:20 " + sentence(POSITION),
    ]
).map(str.rstrip)
ODD_LINES = st.sampled_from(["garbage", "!AIVDM,1,1,,A,15N1u", "\\c:17", "$", "\\\\", "12:34:56"]) | st.text(
    max_size=30
)


@given(lines=st.lists(st.tuples(st.lists(SENTENCES, min_size=1, max_size=3), ENDS), max_size=12))
@settings(max_examples=60, deadline=None)
def test_each_sentence_is_one_row_however_lines_end_and_are_pasted_together(lines):
    records = read("".join("".join(sentences) + end for sentences, end in lines).encode())

    assert len(records) == sum(len(sentences) for sentences, _ in lines)
    assert not records["hint"].isin(["bad_checksum", "unreadable"]).any()


@given(
    lines=st.lists(st.tuples(SENTENCES | ODD_LINES, ENDS), max_size=40),
    block=st.integers(1, 3000),
    base_date=st.sampled_from([None, date(2024, 6, 1)]),
)
@settings(max_examples=60, deadline=None)
def test_every_line_is_read_and_the_size_of_a_block_changes_nothing(lines, block, base_date):
    text = "".join(line + end for line, end in lines).encode("utf-8", "surrogatepass")
    whole, pieces = read(text, base_date), read(text, base_date, block)

    assert_frame_equal(whole, pieces)
    expected = {
        number
        for number, line in enumerate(re.split(rb"\r\n|\r|\n", text), 1)
        if line.strip(b" \t") and not line.strip(b" \t").startswith(b"#")
    }
    assert set(whole["line"]) == expected


# What a station writes before a first part, and whether it writes it before a second too.
STATIONS = [("n:1", True), ("s:COAST-STATION-1", True), ("s:COAST-STATION-2,c:1700000000", True), ("s:ST3", False)]


@st.composite
def interleaved(draw) -> list[str]:
    """Lines of one or two messages, each one's parts in order, with stations and other lines between them."""
    queues = []
    for first, second in draw(st.lists(st.sampled_from([STATIC, OTHER_STATIC]), min_size=1, max_size=2)):
        station, again = draw(st.sampled_from(STATIONS))
        queues.append([tagged(station, first), tagged(station if again else "n:1", second)])
    lines = []
    while queues:
        queue = draw(st.sampled_from(queues))
        lines.append(queue.pop(0))
        lines += [sentence(POSITION)] * draw(st.sampled_from([0, 0, 0, 1, 3]))
        queues = [queue for queue in queues if queue]
    return lines


@given(lines=interleaved())
@settings(max_examples=150, deadline=None)
def test_parts_of_whole_messages_never_make_a_ship_that_is_none(lines):
    records = read("".join(lines).encode())

    found = records[records["hint"] == ""].dropna(subset="imo")
    assert {(int(row.imo), row.destination.split("@")[0].strip()) for row in found.itertuples()} <= TRUE


@given(apart=st.integers(0, 2 * MAX_LINES_APART), block=st.sampled_from([700, 4000, 1 << 23]))
@settings(max_examples=30, deadline=None)
def test_parts_are_one_message_exactly_if_they_stand_close_together(apart, block):
    text = sentence(STATIC[0]) + sentence(POSITION) * apart + sentence(STATIC[1])
    records = read(text.encode(), block=block)

    assert (records["hint"] == "message_part").any() == (apart < MAX_LINES_APART)
