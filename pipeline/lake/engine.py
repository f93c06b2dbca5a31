"""The engine of a landing: DuckDB, and tables by name, each made from those before it.

What a small file costs is not its rows but the planning of what is asked of them, four fifths of its landing. `Planned`
plans each query once: its tables are Arrow's, which DuckDB scans where they lie, and where the next file of the same
form lies after it. (A query of DuckDB's own tables is planned anew at each execution, prepared or not.)
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.formats.record import quoted
from pipeline.lake.disk import ctrl_c_waits

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

_MEMORY_LIMIT = "950MB"  # a day of five million rows stays in it; more is spilled
_MOST_PLANS = 100
_FROM = re.compile(r"\b(?:from|join)\s+(\w+)")
_TABLES = ("row_read", "judged", "unreadable", "census", "report", "reported", "uncounted", "reject")


@contextmanager
def opened(spill: Path) -> Iterator[DuckDBPyConnection]:
    """A connection to an empty database in memory, with everything pinned that a landing relies on.

    spill  a folder for what does not fit into memory, which need not be there
    """
    with ctrl_c_waits():
        import duckdb

        con = duckdb.connect(config={"memory_limit": _MEMORY_LIMIT, "temp_directory": str(spill)})
        con.execute("set autoinstall_known_extensions = false")
    with closing(con):
        # We report progress ourselves. In Jupyter without ipywidgets there is no bar, and DuckDB lets nobody set it.
        if con.execute("select current_setting('enable_progress_bar')").fetchone() == (True,):
            con.execute("set enable_progress_bar = false")
        con.execute("set TimeZone = 'UTC'")  # a time without a zone is UTC, whatever this machine's clock shows
        yield con


class Engine:
    """Tables by name in a connection of their own."""

    is_small = False

    def __init__(self, con: DuckDBPyConnection) -> None:
        self.con = con

    def make(self, name: str, query: str) -> None:
        """Make a table of a query's rows, in place of one of that name."""
        self.con.execute(f"create or replace temp table {name} as {query}")

    def hold(self, name: str, table: pa.Table) -> None:
        """Take a table as it is, in place of one of that name."""
        self.con.register("held", table)
        self.make(name, "from held")
        self.con.unregister("held")

    def rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """The rows of a query, with values for its `?`."""
        return self.con.execute(query, values).fetchall()

    def value(self, query: str, *values: str) -> Any:
        """The one value of a query of one row."""
        return self.rows(query, *values)[0][0]

    def copy(self, query: str, path: Path, *values: str) -> int:
        """Write a query's rows, in its order, as Parquet; returns their number."""
        return int(self.value(f"copy ({query}) to {quoted(path)} (format parquet)", *values))


class Planned(Engine):
    """As `Engine`, for tables that are small and bear one of the names _TABLES."""

    is_small = True

    def __init__(self, con: DuckDBPyConnection) -> None:
        super().__init__(con)
        con.execute("set threads = 1")  # what a second one would do costs less than waking it
        self._tables = {name: _Table() for name in _TABLES}
        self._plans: dict[tuple[object, ...], str] = {}
        self._made = 0

    def read(self, query: str) -> None:
        """Make the table `row_read` of a query that no other file will ask again."""
        self.hold("row_read", _as_table(self.con.execute(query)))

    def make(self, name: str, query: str) -> None:
        """As of `Engine`."""
        self.hold(name, self._execute(query, as_table=True))

    def hold(self, name: str, table: pa.Table) -> None:
        """As of `Engine`."""
        self._tables[name].hold(table)

    def rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """As of `Engine`."""
        return self._execute(query, values)

    def copy(self, query: str, path: Path, *values: str) -> int:
        """As of `Engine`."""
        draft = path.with_name("copied.parquet")  # always the same: the place is part of the plan
        rows = super().copy(query, draft, *values)
        os.replace(draft, path)
        return rows

    def _execute(self, query: str, values: Sequence[str] = (), *, as_table: bool = False) -> Any:
        key = (query, *(self._tables[name].form for name in _read_by(query)))
        plan = self._plans.pop(key, None)
        # DuckDB finds these by their names here when it plans.
        row_read, judged, unreadable, census = (self._tables[name] for name in _TABLES[:4])  # noqa: RUF059
        report, reported, uncounted, reject = (self._tables[name] for name in _TABLES[4:])  # noqa: RUF059
        if plan is None:
            if len(self._plans) == _MOST_PLANS:
                self.con.execute(f"deallocate {self._plans.pop(next(iter(self._plans)))}")
            self._made += 1
            plan = f"plan_{self._made}"
            self.con.execute(f"prepare {plan} as {query}")
        self._plans[key] = plan  # the last one now: the first is the one that was of no use for longest
        execution = f"execute {plan}" + (f"({', '.join(map(quoted, values))})" if values else "")
        con = self.con.execute(execution)
        return _as_table(con) if as_table else con.fetchall()


def _as_table(con: DuckDBPyConnection) -> pa.Table:
    """The rows of the statement just executed."""
    with warnings.catch_warnings():
        # DuckDB warns that they are copied; that costs less than what it does around a relation.
        warnings.simplefilter("ignore", UserWarning)
        return con.to_arrow_table()


@lru_cache(_MOST_PLANS)
def _read_by(query: str) -> list[str]:
    """The tables that a query reads, of those with our names."""
    return [name for name in _FROM.findall(query) if name in _TABLES]


class _Table:
    """A place where a table lies: a plan reads the one that lies there when it is executed."""

    _table: pa.Table

    def __init__(self) -> None:
        self.form: tuple[object, ...] = ()  # names and types of the columns, for which a plan holds

    def hold(self, table: pa.Table) -> None:
        """Lay a table here, in place of the one before."""
        self._table = table
        self.form = (*table.schema.names, *table.schema.types)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)
