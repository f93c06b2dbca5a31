"""The engine of a landing: a query is planned once, and answers for the tables that lie there now."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.formats.record import Content
from pipeline.formats.unpack import read_head
from pipeline.lake import contents
from pipeline.lake.engine import _MOST_PLANS, Engine, Planned, opened
from pipeline.lake.landing import land
from tests.lake.files import NOAA_2024, NOW, counts, noaa_row, write


@pytest.fixture(params=[Engine, Planned])
def engine(request, tmp_path):
    with opened(tmp_path / "tmp") as con:
        yield request.param(con)


@pytest.fixture
def planned(tmp_path):
    with opened(tmp_path / "tmp") as con:
        yield Planned(con)


def test_a_table_takes_the_place_of_the_one_before(engine):
    engine.hold("judged", pa.table({"a": [1, 2]}))
    engine.make("census", "select sum(a)::bigint as a from judged")
    first = engine.rows("select a from census")
    engine.hold("judged", pa.table({"a": [40, 2]}))
    engine.make("census", "select sum(a)::bigint as a from judged")

    assert (first, engine.rows("select a from census")) == ([(3,)], [(42,)])
    assert engine.value("select max(a) from judged where a < ?::bigint", "40") == 2


def test_a_table_of_other_columns_or_types_is_planned_for_itself(engine):
    told = []
    for table in ({"a": [1]}, {"a": ["x"]}, {"b": [None], "a": [True]}):
        engine.hold("judged", pa.table(table))
        told.append(engine.rows("select * from judged"))

    assert told == [[(1,)], [("x",)], [(None, True)]]


def test_parts_are_written_in_the_order_of_the_query(engine, tmp_path):
    engine.hold("judged", pa.table({"a": [3, 1, 2]}))

    for name, query, values in (("all", "from judged order by a", ()), ("one", "from judged where a = ?::bigint", "2")):
        assert engine.copy(query, tmp_path / f"{name}.parquet", *values) == (3 if name == "all" else 1)

    assert pq.read_table(tmp_path / "all.parquet")["a"].to_pylist() == [1, 2, 3]
    assert pq.read_table(tmp_path / "one.parquet")["a"].to_pylist() == [2]
    assert {path.name for path in tmp_path.glob("*.parquet")} == {"all.parquet", "one.parquet"}


def test_no_more_plans_are_kept_than_is_of_use(planned):
    planned.hold("judged", pa.table({"a": [1]}))

    for n in range(_MOST_PLANS + 5):
        assert planned.value(f"select a + {n} from judged") == n + 1
    assert planned.value("select a + 0 from judged") == 1  # its plan is gone, and made again

    assert len(planned._plans) == _MOST_PLANS


def test_files_that_are_alike_are_planned_once(lake, tmp_path, monkeypatch):
    made = []
    answer = Planned._execute

    def counted(engine, *args, **options):
        found = answer(engine, *args, **options)
        made.append(engine._made)
        return found

    monkeypatch.setattr(Planned, "_execute", counted)
    rows = [noaa_row(), noaa_row(412000001, name="OTHER"), noaa_row(mmsi=1)]
    paths = [
        write(tmp_path, f"{day}.csv", NOAA_2024 + "".join(rows).replace("2023-01-11", f"2023-01-{day}"))
        for day in (11, 12, 13, 14)
    ]

    landed = land(lake, paths, now=NOW)

    assert [counts(one) for one in landed] == [{"rows_read": 3, "positions_with_report": 2, "rejected": 1}] * 4
    assert [one.days for one in landed] == [(f"2023-01-{day}",) for day in (11, 12, 13, 14)]
    assert made[len(made) // 4 - 1] == made[-1] > 5


def test_many_rows_of_parquet_are_not_small_however_few_their_bytes(tmp_path):
    small = {}
    for rows in (10, contents._SMALL_ROWS + 1):
        path = tmp_path / f"{rows}.parquet"
        pq.write_table(pa.table({"a": ["1"] * rows}), path)
        small[rows] = contents._is_small(Content(path, path.name), read_head(path))

    assert list(small.values()) == [True, False]
    assert path.stat().st_size < contents._SMALL
