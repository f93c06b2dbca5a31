"""Whatever a live source sends, each frame and each record of it is one row."""

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.lake.lake import Lake
from tests.lake.files import COUNTS, land_one, write
from tests.live import (
    CONFIRMATION,
    aishub,
    aishub_record,
    barentswatch_record,
    frame,
    poll,
)

NOW = datetime(2026, 11, 26, 6, tzinfo=UTC)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
VALUES = st.one_of(ANYTHING, st.sampled_from([0, 91, 181, -1, 10**12, "x", "8518780", "2026-11-26T05:00:00Z"]))


def changed(document, names):
    """A strategy of a document with some of its values replaced or taken out."""
    return st.dictionaries(st.sampled_from(names), VALUES, max_size=3).map(lambda said: document | said)


FRAMES = st.one_of(
    st.sampled_from(["PositionReport", "ShipStaticData", "StaticDataReport", "ExtendedClassBPositionReport"]).flatmap(
        lambda kind: st.dictionaries(
            st.sampled_from(["UserID", "Latitude", "Sog", "Name", "Dimension", "ReportB", "Valid", "ImoNumber"]),
            VALUES,
            max_size=3,
        ).map(lambda said: frame(kind, **said))
    ),
    ANYTHING.map(json.dumps),
    st.text(st.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"]), max_size=20),
    st.sampled_from([CONFIRMATION, frame()]),
)
AISHUB_POLLS = st.lists(
    ANYTHING | changed(aishub_record(), ["MMSI", "TIME", "LATITUDE", "SOG", "NAME", "A", "IMO"]), max_size=4
)
BARENTSWATCH_POLLS = st.lists(
    ANYTHING | changed(barentswatch_record(), ["mmsi", "msgtime", "latitude", "draught", "name", "reportClass"]),
    max_size=4,
)


def assert_adds_up(lines, rows):
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "home")
        landed = land_one(lake, write(Path(folder), "a.jsonl", "\n".join(lines)), now=NOW)
        file = landed.source_file
        assert file["rows_read"] == rows
        assert file["rows_read"] == sum(file[name] for name in COUNTS[1:])
        assert len(lake.rejects(file["source_file_id"])) == file["rejected"]
        lake.close()


@settings(max_examples=25)
@given(st.lists(FRAMES, max_size=25))
def test_whatever_frames_come_each_is_one_row(lines):
    kept = [line for line in lines if line.strip(" \t\ufeff") and not line.lstrip(" \t\ufeff").startswith(":")]

    assert_adds_up([frame(), *lines], 1 + len(kept))


@pytest.mark.parametrize("text", ["\x1f", "\x1c", "\xa0", "\x0b", "\u2028"])
def test_a_line_of_what_only_looks_blank_is_a_rejected_row(text):
    assert_adds_up([frame(), text, frame(Sog=9)], 3)


@pytest.mark.parametrize("text", ["", " ", "\t", "\ufeff", ": a comment of the stream"])
def test_a_blank_line_or_a_comment_is_no_row(text):
    assert_adds_up([frame(), text, frame(Sog=9)], 2)


@settings(max_examples=20)
@given(st.lists(AISHUB_POLLS, min_size=1, max_size=3))
def test_whatever_aishub_records_come_each_is_one_row(polls):
    lines = [poll("aishub", aishub(*records)) for records in polls]

    assert_adds_up(lines, sum(max(len(records), 1) for records in polls))


@settings(max_examples=20)
@given(st.lists(BARENTSWATCH_POLLS, min_size=1, max_size=3))
def test_whatever_barentswatch_records_come_each_is_one_row(polls):
    lines = [poll("barentswatch", json.dumps(records)) for records in polls]

    assert_adds_up(lines, sum(max(len(records), 1) for records in polls))
