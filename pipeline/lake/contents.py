"""From a file's content to its parts: the engine, its memory, and what is done with untidy and damaged files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.errors import ContractError
from pipeline.formats.record import Content, Head, Source
from pipeline.formats.unpack import torn_parquet
from pipeline.lake.accounting import judged_numbered
from pipeline.lake.disk import ctrl_c_waits
from pipeline.lake.parts import Counts, Part, take_census, take_numbered_census, write_parts
from pipeline.lake.provider_parts import read_events, read_vessels
from pipeline.lake.raw import RawFile
from pipeline.lake.tidying import tidy

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from pipeline.lake.lake import Lake

_MEMORY_LIMIT = "1300MB"
_SMALL = 1_000_000  # bytes of content that is read with all that a reject may need at once
_IN_MEMORY = 800_000_000  # bytes of text whose rows fit into half of that


def read_content(
    lake: Lake,
    content: Content,
    head: Head,
    source: Source,
    kept: Future[RawFile],
    *,
    now: datetime,
    base_date: str | None,
) -> tuple[Counts, list[Part]]:
    """Read a file's content into parts in the lake's staging folder, however large it is.

    kept       what comes of keeping the raw bytes at the same time
    now        wall clock (with zone): later times, by more than a day, are rejected
    base_date  YYYY-MM-DD of files without time stamps
    raises     InputError for a damaged file, SourceUnavailable if memory or disk do not suffice
    """
    if source.yields == "events":
        kept.result()
        return read_events(source, content, now, lake.staging)
    if source.yields == "particulars":
        kept.result()
        return read_vessels(source, content, lake.staging)
    with closing(_engine(lake)) as con, _damaged(head):
        return _read_rows(con, lake, content, head, source, kept, now, base_date)


def _read_rows(
    con: DuckDBPyConnection,
    lake: Lake,
    content: Content,
    head: Head,
    source: Source,
    kept: Future[RawFile],
    now: datetime,
    base_date: str | None,
) -> tuple[Counts, list[Part]]:
    """Read rows of AIS into parts; a table once more from a tidy copy if it is untidy or lines were swallowed."""
    assert source.read is not None  # it yields positions
    reading = source.read(con, content, head, lake.staging, base_date)
    size = content.path.stat().st_size
    spill = lake.staging / "records.parquet" if size > _most_in_memory(head) else None

    def census() -> int:
        return take_numbered_census(con, reading, now) if size <= _SMALL else take_census(con, reading, now, spill)

    def parts(blank: Sequence[int] = ()) -> tuple[Counts, list[Part]]:
        numbered = "from judged" if size <= _SMALL else f"from ({judged_numbered(reading.numbered, now)})"
        return write_parts(con, numbered, reading.misshapen, lake.staging, blank)

    if reading.delimiter is None:
        census()
        return parts()
    rows = _if_readable(census)
    raw = kept.result()
    blank: list[int] = []
    if not raw.is_tidy or rows != raw.lines - 1:
        content, lines, blank = tidy(content, lake.staging / "tidy", reading.delimiter)
        con.execute("drop table if exists reject_errors; drop table if exists reject_scans")
        reading = source.read(con, content, head, lake.staging, base_date)
        rows = census()
        if rows != lines - 1:
            raise ContractError(f"{content.name}: {rows} rows read, but {lines} lines; report this file")
    return parts(blank)


def _most_in_memory(head: Head) -> int:
    """Bytes of content up to which its rows are held in memory; Parquet is about five times as dense as text."""
    return _IN_MEMORY // 5 if head.parquet else _IN_MEMORY


def _if_readable(census: Callable[[], int]) -> int | None:
    """The rows of a table as it is; None where the engine cannot make them out."""
    import duckdb

    try:
        return census()
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return None


def _engine(lake: Lake) -> DuckDBPyConnection:
    with ctrl_c_waits():
        import duckdb

        con = duckdb.connect(config={"memory_limit": _MEMORY_LIMIT, "temp_directory": str(lake.staging / "tmp")})
        con.execute("set autoinstall_known_extensions = false")
    con.execute("set enable_progress_bar = false")  # we report progress ourselves
    con.execute("set TimeZone = 'UTC'")  # a time without a zone is UTC, whatever this machine's clock shows
    return con


@contextmanager
def _damaged(head: Head) -> Iterator[None]:
    """Tell what DuckDB cannot read of a Parquet file as the file's fault; text it reads whatever is in it.

    What a disk, Ctrl-C or a query of our own did is not the file's.
    """
    import duckdb

    others = (
        duckdb.IOException, duckdb.OutOfMemoryException, duckdb.InterruptException, duckdb.BinderException,
        duckdb.CatalogException, duckdb.ParserException, duckdb.SyntaxException,
    )  # fmt: skip
    try:
        yield
    except duckdb.Error as error:
        too_short = isinstance(error, duckdb.IOException) and "Could not read" in str(error)
        if not head.parquet or (isinstance(error, others) and not too_short):
            raise
        raise torn_parquet(head.name, error) from None
