"""The law of sync: in its scope stands what was given, outside it what stood; a second time nothing is written."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pipeline.contracts import (
    AIS_GAP,
    ALERT,
    COVERAGE_DAY,
    DRAUGHT_CHANGE,
    SOURCE_FILE,
    WAREHOUSE,
    WATCHLIST_VESSEL,
    Table,
)
from pipeline.errors import ContractError
from pipeline.warehouse.models import model
from pipeline.warehouse.scope import WHOLE, Among, Derived, Matching, Where
from pipeline.warehouse.store import Changes, Warehouse, open_warehouse
from tests.warehouse.rows import gap, rows

DAYS = [f"2024-06-0{day}" for day in range(1, 8)]
PER_EXAMPLE = [HealthCheck.function_scoped_fixture]


def derived(*given: tuple[int, str, str, bool]) -> pd.DataFrame:
    return pd.DataFrame(given, columns=["mmsi", "from_day", "to_day", "reaches_end"])


def sorted_rows(table, frame):
    return frame.sort_values(list(table.key), ignore_index=True)


def assert_same(table, one, other):
    assert_frame_equal(sorted_rows(table, one), sorted_rows(table, other))


@pytest.fixture(scope="module")
def with_parents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A warehouse with the alerts and files that other rows point at."""
    with open_warehouse(f"sqlite:///{tmp_path_factory.mktemp('all')}/warehouse.sqlite") as opened:
        opened.sync(ALERT, rows(ALERT, {"alert_id": "x"}, {"alert_id": "y"}))
        opened.sync(SOURCE_FILE, rows(SOURCE_FILE, {"source_file_id": "x"}, {"source_file_id": "y"}))
        yield opened


@pytest.mark.parametrize("table", WAREHOUSE, ids=lambda table: table.name)
def test_every_table_gives_back_the_frame_it_was_given(with_parents: Warehouse, table: Table):
    key = table.key[0]
    bare, full = rows(table, {key: "x"}), rows(table, {column.name: _value(column.type) for column in table.columns})
    plain = replace(table, lifecycle=())

    for offered in (bare, full):
        with_parents.sync(plain, offered, Among(key, offered[key]))

        assert_same(table, with_parents.read(table, Among(key, offered[key])), offered)


def _value(kind: str):
    return {
        "int": 2**53 + 1,
        "real": 0.1 + 0.2,
        "text": "y",
        "bool": True,
        "time": "2024-06-01 12:00:00.000001",
        "date": "2024-02-29",
    }[kind]


closing = st.none() | st.sampled_from(DAYS)
gaps = st.dictionaries(st.integers(1, 12), st.tuples(st.integers(1, 3), closing, st.integers(0, 2)), max_size=10).map(
    lambda found: rows(AIS_GAP, *(gap(n, mmsi, closed, hours_tested=h) for n, (mmsi, closed, h) in found.items()))
)
scopes = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 6), st.integers(0, 3), st.booleans()).map(
        lambda s: (s[0], DAYS[s[1]], DAYS[min(s[1] + s[2], 6)], s[3])
    ),
    min_size=1,
    max_size=4,
).map(lambda found: derived(*found))


@pytest.mark.both_engines
@settings(max_examples=20, deadline=None, suppress_health_check=PER_EXAMPLE)
@given(stored=gaps, offered=gaps, scope=scopes)
def test_a_sync_of_derived_events_replaces_its_scope_and_nothing_else(warehouse: Warehouse, stored, offered, scope):
    of_days = pd.Series(False, index=stored.index)
    for mmsi, first, last, reaches_end in scope.itertuples(index=False):
        is_open = stored["ended_at"].isna()
        day = stored["ended_at"].dt.strftime("%Y-%m-%d")
        inside = (~is_open & (day >= first) & (day <= last)) | (is_open & reaches_end)
        of_days |= (stored["mmsi"] == mmsi) & inside
    offered = offered[~offered.index.isin(Derived(scope).outside(AIS_GAP, offered).index)]
    untouched = stored[~of_days & ~stored["ais_gap_id"].isin(offered["ais_gap_id"])]
    warehouse.sync(AIS_GAP, stored)

    warehouse.sync_events(AIS_GAP, offered, scope)

    assert_same(AIS_GAP, warehouse.read(AIS_GAP), AIS_GAP.conform(pd.concat([untouched, offered])))
    assert not warehouse.sync_events(AIS_GAP, offered, scope)


@pytest.mark.both_engines
@settings(max_examples=10, deadline=None, suppress_health_check=PER_EXAMPLE)
@given(stored=gaps, offered=gaps, ships=st.sets(st.integers(1, 3)))
def test_a_sync_of_ships_replaces_their_rows_and_nothing_else(warehouse: Warehouse, stored, offered, ships):
    offered = offered[offered["mmsi"].isin(ships)]
    others = stored[~stored["mmsi"].isin(ships) & ~stored["ais_gap_id"].isin(offered["ais_gap_id"])]
    warehouse.sync(AIS_GAP, stored)

    warehouse.sync(AIS_GAP, offered, Among("mmsi", ships))

    assert_same(AIS_GAP, warehouse.read(AIS_GAP), AIS_GAP.conform(pd.concat([others, offered])))
    assert not warehouse.sync(AIS_GAP, offered, Among("mmsi", ships))


@pytest.mark.both_engines
def test_only_the_rows_that_differ_are_written(warehouse: Warehouse):
    warehouse.sync(AIS_GAP, rows(AIS_GAP, gap(1), gap(2), gap(3)))

    changes = warehouse.sync(AIS_GAP, rows(AIS_GAP, gap(1), gap(2, reception="heard_others"), gap(4)))

    assert changes == Changes(inserted=1, updated=1, deleted=1)
    assert warehouse.query("select count(*) as n from ais_gap where reception = 'heard_others'")["n"].tolist() == [1]


@pytest.mark.parametrize(("column", "value"), [("hours", 7.0), ("imo", 8000003), ("on_zone_id", "kp-nampo-coal")])
def test_a_null_that_becomes_a_value_is_a_change_and_so_is_the_way_back(warehouse: Warehouse, column: str, value):
    known, unknown = rows(AIS_GAP, gap(1, **{column: value})), rows(AIS_GAP, gap(1))
    warehouse.sync(AIS_GAP, unknown)

    assert warehouse.sync(AIS_GAP, known).updated == 1
    assert warehouse.read(AIS_GAP)[column].tolist() == [value]
    assert warehouse.sync(AIS_GAP, unknown).updated == 1
    assert warehouse.read(AIS_GAP)[column].isna().all()


def test_an_open_event_does_not_go_by_its_day(warehouse: Warehouse):
    warehouse.sync(AIS_GAP, rows(AIS_GAP, gap(1, closed_on=None)))

    warehouse.sync_events(AIS_GAP, AIS_GAP.empty(), derived((1, "2024-06-01", "2024-06-07", False)))
    assert len(warehouse.read(AIS_GAP)) == 1

    warehouse.sync_events(AIS_GAP, AIS_GAP.empty(), derived((1, "2024-06-07", "2024-06-07", True)))
    assert warehouse.read(AIS_GAP).empty


def test_a_second_sync_leaves_every_byte_of_the_file(path: Path):
    given_rows = rows(AIS_GAP, *(gap(n, mmsi=n % 50, hours=n / 3) for n in range(500)))
    scope = derived(*((mmsi, "2024-06-01", "2024-06-01", True) for mmsi in range(50)))
    with open_warehouse(f"sqlite:///{path}") as warehouse:
        warehouse.sync_events(AIS_GAP, given_rows, scope)
    before = path.read_bytes()

    with open_warehouse(f"sqlite:///{path}") as warehouse:
        changes = warehouse.sync_events(AIS_GAP, given_rows.sample(frac=1, random_state=1), scope)

        assert not changes
        assert not (path.with_name("warehouse.sqlite-wal")).stat().st_size
    assert path.read_bytes() == before


def test_a_row_known_at_midnight_belongs_to_the_day_before(warehouse: Warehouse):
    closed_on_the_second = rows(AIS_GAP, gap(1, closed_on="2024-06-02"))
    warehouse.sync(AIS_GAP, closed_on_the_second)

    warehouse.sync_events(AIS_GAP, AIS_GAP.empty(), derived((1, "2024-06-03", "2024-06-04", True)))
    assert len(warehouse.read(AIS_GAP)) == 1

    warehouse.sync_events(AIS_GAP, AIS_GAP.empty(), derived((1, "2024-06-02", "2024-06-02", False)))
    assert warehouse.read(AIS_GAP).empty


def test_events_that_never_close_go_by_the_day_they_were_known(warehouse: Warehouse):
    change = {"draught_change_id": "d", "mmsi": 1, "known_at": "2024-06-03"}
    warehouse.sync(DRAUGHT_CHANGE, rows(DRAUGHT_CHANGE, change))

    warehouse.sync_events(DRAUGHT_CHANGE, DRAUGHT_CHANGE.empty(), derived((1, "2024-06-03", "2024-06-09", True)))
    assert len(warehouse.read(DRAUGHT_CHANGE)) == 1

    warehouse.sync_events(DRAUGHT_CHANGE, DRAUGHT_CHANGE.empty(), derived((1, "2024-06-02", "2024-06-02", False)))
    assert warehouse.read(DRAUGHT_CHANGE).empty


def test_an_event_outside_what_was_derived_is_our_fault_and_said_so(warehouse: Warehouse):
    scope = derived((1, "2024-06-01", "2024-06-02", False))

    with pytest.raises(ContractError, match=r"gap-9 \(mmsi 1, known at 2024-06-06 .* lie outside what was derived"):
        warehouse.sync_events(AIS_GAP, rows(AIS_GAP, gap(9, closed_on="2024-06-05")), scope)
    with pytest.raises(ContractError, match="gap-9"):
        warehouse.sync_events(AIS_GAP, rows(AIS_GAP, gap(9, closed_on=None)), scope)


def test_an_event_that_was_stored_outside_the_scope_is_taken_over(warehouse: Warehouse):
    warehouse.sync(AIS_GAP, rows(AIS_GAP, gap(1, closed_on="2024-06-07")))

    moved = rows(AIS_GAP, gap(1, closed_on="2024-06-02"))
    changes = warehouse.sync_events(AIS_GAP, moved, derived((1, "2024-06-01", "2024-06-02", False)))

    assert changes == Changes(updated=1)
    assert_same(AIS_GAP, warehouse.read(AIS_GAP), moved)


def test_when_we_learnt_a_row_is_neither_compared_nor_altered(warehouse: Warehouse):
    first = rows(SOURCE_FILE, {"source_file_id": "a", "landed_at": "2024-06-01"})
    warehouse.sync(SOURCE_FILE, first)

    later = rows(SOURCE_FILE, {"source_file_id": "a", "landed_at": "2024-06-09"})
    replaced = later.assign(bytes=9)

    assert not warehouse.sync(SOURCE_FILE, later)
    assert warehouse.sync(SOURCE_FILE, replaced).updated == 1
    assert warehouse.read(SOURCE_FILE)["landed_at"].tolist() == [pd.Timestamp("2024-06-01", tz="UTC")]


def test_a_key_of_two_columns_is_compared_as_a_pair(warehouse: Warehouse):
    entries = [{"watchlist_id": w, "entry_id": e} for w in ("ofac", "un") for e in ("1", "2")]
    warehouse.sync(WATCHLIST_VESSEL, rows(WATCHLIST_VESSEL, *entries))

    changes = warehouse.sync(WATCHLIST_VESSEL, rows(WATCHLIST_VESSEL, *entries[:2], {**entries[2], "name": "NEW"}))

    assert changes == Changes(updated=1, deleted=1)


def test_rows_can_be_meant_by_a_clause_by_a_set_and_by_pairs(warehouse: Warehouse):
    days = [{"zone_id": zone, "day": day} for zone in ("a", "b") for day in DAYS[:3]]
    warehouse.sync(COVERAGE_DAY, rows(COVERAGE_DAY, *days))
    column = model(COVERAGE_DAY).c

    assert len(warehouse.read(COVERAGE_DAY, WHOLE)) == 6
    assert len(warehouse.read(COVERAGE_DAY, Where((column.zone_id == "a") & (column.day > DAYS[0])))) == 2
    assert len(warehouse.read(COVERAGE_DAY, Among("day", [DAYS[0], DAYS[0], "1999-01-01"]))) == 2
    assert len(warehouse.read(COVERAGE_DAY, Matching(pd.DataFrame({"zone_id": ["a", "b"], "day": DAYS[:2]})))) == 2
    assert warehouse.read(COVERAGE_DAY, Among("day", [])).empty


@pytest.mark.both_engines
def test_a_set_may_be_larger_than_any_limit_on_parameters(warehouse: Warehouse):
    warehouse.sync(AIS_GAP, rows(AIS_GAP, gap(1, mmsi=39_999), gap(2, mmsi=50_000)))

    assert warehouse.read(AIS_GAP, Among("mmsi", range(40_000)))["ais_gap_id"].tolist() == ["gap-1"]


def test_a_sync_of_a_few_ships_reads_by_the_index_and_not_the_whole_table(warehouse: Warehouse, sqlite_file: None):
    plans = "\n".join(
        warehouse.query(
            f"explain query plan select * from ais_gap join track on track.mmsi = ais_gap.mmsi where {condition}"
        )["detail"].str.cat(sep="\n")
        for condition in (
            "ais_gap.known_at > track.from_at and ais_gap.known_at <= track.to_at and ais_gap.ended_at is not null",
            "ais_gap.ended_at is null",
        )
    )

    assert "ix_ais_gap_mmsi_known_at (mmsi=? AND known_at>? AND known_at<?)" in plans
    assert "USING INDEX ix_ais_gap_open" in plans
    assert "SCAN ais_gap\n" not in plans
