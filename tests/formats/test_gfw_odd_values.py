"""Whatever JSON values stand in the fields of a provider's pages: reading never raises, and every entry is counted."""

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st
from pandas import read_parquet

from pipeline.contracts import PROVIDER_EVENT, PROVIDER_VESSEL
from pipeline.formats import gfw_events, gfw_vessels
from pipeline.formats.record import Content
from pipeline.lake.provider_parts import read_events, read_vessels
from tests.tasks.gfw_world import (
    coal_voyage,
    encounter,
    gap,
    hull,
    identity,
    loitering,
    registered,
    vessel,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SHIPS = [
    hull(identity(), registry=[registered(8628597)], owner="A"),
    hull(identity(412000009), registry=[registered(8518780)], owner="B"),
]
EVENTS = [
    *coal_voyage(),
    gap("g1", "2020-12-05T20:00", "2020-12-06T10:15"),
    encounter("e1", vessel(412000009), "2020-12-05T12:00", "2020-12-05T15:00"),
    loitering("l1", "2020-12-06T11:00", "2020-12-06T18:30"),
]

BEYOND = [
    10**400, -(10**400), 2**63, 1e308, float("nan"), float("inf"), "1e400", "9" * 400, 8628597.0, "8628597.0", -1, 0.5,
    "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00Z", "-271821-04-20T00:00:00Z", "\0",
    "\ud800", "a\udfff\0b", "٣", "²", " UTC", "", "NaT", "nan", "inf",
]  # fmt: skip
TEXT = st.text(st.characters(exclude_categories=()))
VALUES = st.sampled_from(BEYOND) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)


def fields(value, path=()):
    """Paths of all values inside, lists and dictionaries too."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [found for name, one in inside for found in fields(one, (*path, name))]


def changed(value, changes):
    """A copy with other values at some paths."""
    if () in changes:
        return changes[()]

    def inner(name, one):
        return changed(one, {path[1:]: new for path, new in changes.items() if path[:1] == (name,)})

    if isinstance(value, dict):
        return {name: inner(name, one) for name, one in value.items()}
    return [inner(n, one) for n, one in enumerate(value)] if isinstance(value, list) else value


def changes_of(entries):
    return st.dictionaries(st.sampled_from(fields(entries)), VALUES, min_size=1, max_size=8)


def everywhere(entries, value):
    """The value in each field that holds no others."""
    inner = {path[:n] for path in fields(entries) for n in range(len(path))}
    return {path: value for path in fields(entries) if path not in inner}


def parts_of(read):
    """Counts and content of the parts, as a landing writes them."""
    with tempfile.TemporaryDirectory() as folder:
        counts, parts = read(Path(folder))
        return counts, {part.kind: read_parquet(part.path) for part in parts}


@given(changes_of(SHIPS))
@example(everywhere(SHIPS, 10**400))
@example(everywhere(SHIPS, "0001-01-01T00:00:00+01:00"))
@example(everywhere(SHIPS, "9999-12-31T23:59:59-01:00"))
@example(everywhere(SHIPS, "a\ud800\0"))
def test_particulars(changes):
    def read(folder):
        path = folder / "ships.jsonl"
        path.write_text(json.dumps({"entries": changed(SHIPS, changes)}) + "\n", encoding="utf-8")
        return read_vessels(gfw_vessels.SOURCE, Content(path, path.name), folder)

    counts, parts = parts_of(read)

    assert counts.rows_read == len(SHIPS) == counts.vessel_reports + counts.duplicates + counts.rejected
    for kind in parts.keys() & {"vessels"}:
        PROVIDER_VESSEL.conform(parts[kind].assign(source_file_id="f"))


@given(changes_of(EVENTS))
@example(everywhere(EVENTS, 10**400))
@example(everywhere(EVENTS, "0001-01-01T00:00:00+01:00"))
@example(everywhere(EVENTS, "9999-12-31T23:59:59-01:00"))
@example(everywhere(EVENTS, "a\ud800\0"))
def test_events(changes):
    def read(folder):
        path = folder / "gfw.jsonl"
        path.write_text(json.dumps({"entries": changed(EVENTS, changes)}) + "\n", encoding="utf-8")
        return read_events(gfw_events.SOURCE, Content(path, path.name), NOW, folder)

    counts, parts = parts_of(read)

    assert counts.rows_read == len(EVENTS) == counts.events + counts.duplicates + counts.rejected
    for kind in parts.keys() & {"events"}:
        PROVIDER_EVENT.conform(parts[kind].assign(source_file_id="f"))
