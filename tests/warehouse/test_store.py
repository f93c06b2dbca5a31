import multiprocessing
import os
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from pipeline.contracts import AIS_GAP, ALERT_EVIDENCE, COVERAGE_DAY, TRACK
from pipeline.errors import InputError, SourceUnavailable
from pipeline.warehouse.models import METADATA, model, time_text
from pipeline.warehouse.reader import open_reader
from pipeline.warehouse.schema import head
from pipeline.warehouse.scope import Among
from pipeline.warehouse.store import Warehouse, open_for_reading, open_warehouse
from tests.warehouse.rows import gap, rows

pytestmark = pytest.mark.both_engines


def test_times_are_text_that_sqlites_own_functions_understand(warehouse: Warehouse, sqlite_file: None):
    warehouse.sync(TRACK, rows(TRACK, {"from_at": "2024-06-01 23:59:59", "to_at": "2024-06-02 00:00:00.250000"}))

    found = warehouse.query(
        "select from_at, to_at, date(from_at) as day, strftime('%H', from_at) as hour, "
        "from_at = datetime('2024-06-02', '-1 second') as is_equal, "
        "cast(round((julianday(to_at) - julianday(from_at)) * 86400, 2) as real) as seconds from track"
    )

    assert found.iloc[0].tolist() == [
        "2024-06-01 23:59:59", "2024-06-02 00:00:00.250000", "2024-06-01", "23", 1, 1.25
    ]  # fmt: skip


def test_the_text_of_times_sorts_in_the_order_of_time():
    moments = [
        datetime(2024, 6, 1, 23, 59, 59, microsecond, tzinfo=UTC) + timedelta(seconds=second)
        for second in (0, 1, 2)
        for microsecond in (0, 1, 250_000, 999_999)
    ]

    texts = [time_text(moment) for moment in moments]

    assert sorted(texts) == texts


def test_a_time_comes_back_in_utc_whatever_zone_it_was_given_in(warehouse: Warehouse, path: Path):
    seoul = timezone(timedelta(hours=9))
    warehouse.sync(TRACK, rows(TRACK, {"from_at": "2024-06-01 00:00", "to_at": "2024-06-01 15:00"}))
    engine = sa.create_engine(f"sqlite:///{path}")

    with engine.connect() as connection:
        to_at = model(TRACK).c.to_at
        found = connection.execute(sa.select(to_at).where(to_at == datetime(2024, 6, 2, tzinfo=seoul))).scalar_one()
        with pytest.raises(sa.exc.StatementError, match="no time zone"):
            connection.execute(sa.select(to_at).where(to_at == datetime(2024, 6, 2)))
    engine.dispose()

    assert found == datetime(2024, 6, 1, 15, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_a_day_is_text_in_frames_and_in_sqlite(warehouse: Warehouse, sqlite_file: None):
    warehouse.sync(COVERAGE_DAY, rows(COVERAGE_DAY, {"day": "2024-02-29"}))

    assert warehouse.read(COVERAGE_DAY)["day"].tolist() == ["2024-02-29"]
    assert warehouse.query("select date(day, '+1 day') as next from coverage_day")["next"].tolist() == ["2024-03-01"]


def test_what_is_interrupted_leaves_nothing(warehouse: Warehouse):
    with pytest.raises(KeyboardInterrupt):
        _write_and_stop(warehouse)

    assert warehouse.read(AIS_GAP).empty
    assert warehouse.read(TRACK).empty
    assert warehouse.sync(AIS_GAP, rows(AIS_GAP, gap(1))).inserted == 1


def _write_and_stop(warehouse: Warehouse) -> None:
    with warehouse.transaction():
        warehouse.sync(AIS_GAP, rows(AIS_GAP, gap(1)))
        with warehouse.transaction():
            warehouse.sync(TRACK, rows(TRACK, {}))
        raise KeyboardInterrupt


def test_a_killed_process_leaves_nothing(path: Path):
    writer = multiprocessing.get_context("fork").Process(target=_write_and_die, args=(path,))
    writer.start()
    writer.join()

    with open_warehouse(f"sqlite:///{path}") as warehouse:
        assert warehouse.read(AIS_GAP).empty
        assert warehouse.query("pragma integrity_check").iloc[0, 0] == "ok"


def _write_and_die(path: Path) -> None:
    warehouse = open_warehouse(f"sqlite:///{path}")
    with warehouse.transaction():
        warehouse.sync(AIS_GAP, rows(AIS_GAP, *(gap(n) for n in range(2000))))
        os._exit(1)


def test_a_reader_sees_the_state_before_until_the_writer_is_done(warehouse: Warehouse, path: Path):
    warehouse.sync(AIS_GAP, rows(AIS_GAP, gap(1)))
    with open_for_reading(f"sqlite:///{path}") as reader:
        with warehouse.transaction():
            warehouse.sync(AIS_GAP, rows(AIS_GAP, gap(2), gap(3)))

            assert reader.read(AIS_GAP)["ais_gap_id"].tolist() == ["gap-1"]

        assert reader.read(AIS_GAP)["ais_gap_id"].tolist() == ["gap-1"]
    with open_for_reading(f"sqlite:///{path}") as reader:
        assert sorted(reader.read(AIS_GAP)["ais_gap_id"]) == ["gap-2", "gap-3"]


@pytest.mark.parametrize("opener", [open_for_reading, open_reader])
def test_all_questions_of_one_reader_see_one_moment(warehouse: Warehouse, address: str, opener):
    def counted() -> list[int]:
        return [opened.rows(f"select count(*) as n from {table}")[0]["n"] for table in ("track", "ais_gap")]

    with opener(address) as opened:
        before = [counted()]
        with warehouse.transaction():
            warehouse.sync(TRACK, rows(TRACK, {"track_id": "1-1"}))
            warehouse.sync(AIS_GAP, rows(AIS_GAP, gap("g")))
        before.append(counted())

        assert before == [[0, 0], [0, 0]]
        with pytest.raises(InputError, match="nowhere"):
            opened.rows("select 1 from nowhere")
        opened.rows("select count(*) as n from track")  # a wrong question ends none that come after it
    with opener(address) as opened:
        assert counted() == [1, 1]


def test_a_second_writer_is_told_to_wait(warehouse: Warehouse, path: Path):
    other = open_warehouse(f"sqlite:///{path}", busy_seconds=0.05)
    with warehouse.transaction(), pytest.raises(SourceUnavailable, match="is locked by another process; wait"):
        other.sync(AIS_GAP, rows(AIS_GAP, gap(1)))
    other.close()


def test_a_full_disk_is_said_in_one_line_and_leaves_nothing(path: Path):
    with open_warehouse(f"sqlite:///{path}") as warehouse:
        # A limit on the file's pages gives the error that a full disk gives.
        with warehouse.transaction():
            pages = warehouse.query("pragma page_count").iloc[0, 0]
            warehouse.query(f"pragma max_page_count = {pages + 5}")
            many = rows(AIS_GAP, *(gap(n, reception="x" * 500) for n in range(500)))

            with pytest.raises(SourceUnavailable, match="the disk is full; free some space") as caught:
                warehouse.sync(AIS_GAP, many)
        assert "\n" not in str(caught.value)
        assert warehouse.read(AIS_GAP).empty


def test_a_damaged_file_is_named(path: Path):
    content = bytearray(path.read_bytes())
    content[4096 * 2 : 4096 * 60] = b"\x00\xff" * (4096 * 29)
    path.write_bytes(content)

    with pytest.raises(InputError, match=r"warehouse\.sqlite is (damaged|not an SQLite database)"):
        _read_all(path)


def _read_all(path: Path) -> None:
    with open_warehouse(f"sqlite:///{path}") as warehouse:
        for table in METADATA.tables:
            warehouse.query(f"select * from {table}")


def test_evidence_of_no_alert_is_refused_at_the_end_of_the_transaction(warehouse: Warehouse):
    with pytest.raises(sa.exc.IntegrityError):
        warehouse.sync(ALERT_EVIDENCE, rows(ALERT_EVIDENCE, {"alert_id": "nobody"}))

    assert warehouse.read(ALERT_EVIDENCE).empty


def test_a_reading_warehouse_cannot_be_written(warehouse: Warehouse, path: Path):
    with open_for_reading(f"sqlite:///{path}") as reader, pytest.raises(InputError, match="opened for reading only"):
        reader.sync(AIS_GAP, rows(AIS_GAP, gap(1)))

    assert warehouse.read(AIS_GAP).empty


def test_reading_a_warehouse_nobody_has_open_works_for_sets_too(path: Path):
    with open_for_reading(f"sqlite:///{path}") as reader:
        assert reader.read(AIS_GAP).empty
        assert reader.read(AIS_GAP, Among("mmsi", range(3))).empty


def test_an_older_schema_is_not_read_but_the_way_out_is_said(path: Path):
    with sqlite3.connect(path) as connection:
        connection.execute("update alembic_version set version_num = '0000'")
    connection.close()

    with pytest.raises(
        InputError, match=f"has schema 0000, expected {head()}; `coalwatch db upgrade`, or the next `coalwatch run`"
    ):
        open_for_reading(f"sqlite:///{path}")


def test_an_empty_frame_of_a_select_has_its_columns(warehouse: Warehouse):
    assert list(warehouse.query("select track_id, mmsi from track").columns) == ["track_id", "mmsi"]
    assert isinstance(warehouse.query("select 1 as one"), pd.DataFrame)
