"""From a file's content to its parts: which engine reads it, and what is done with untidy and damaged files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from pipeline.errors import ContractError
from pipeline.formats.record import Content, Head, Reading, Source
from pipeline.formats.unpack import torn_parquet
from pipeline.lake.accounting import judged_numbered
from pipeline.lake.engine import Engine, Planned, opened
from pipeline.lake.parts import Census, Counts, Part, take_census, take_numbered_census, write_parts
from pipeline.lake.provider_parts import read_detections, read_events, read_figures, read_images, read_vessels
from pipeline.lake.raw import RawFile
from pipeline.lake.tidying import tidy

_SMALL = 1_000_000  # bytes of content that is read with all that a reject may need at once
_SMALL_ROWS = 20_000
_IN_MEMORY = 800_000_000  # bytes of text whose rows fit into half of that


class Desk:
    """Where the files of a landing are read one after another: small ones by one engine, which plans for all that are
    alike; a larger one by an engine of its own, whose memory is free again once it is read."""

    def __init__(self) -> None:
        self._small: Planned | None = None
        self._open = ExitStack()

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def read(
        self,
        content: Content,
        head: Head,
        source: Source,
        kept: Future[RawFile],
        staging: Path,
        *,
        now: datetime,
        base_date: str | None,
    ) -> tuple[Counts, list[Part]]:
        """Read a file's content into parts, however large it is.

        kept       what comes of keeping the raw bytes at the same time
        staging    folder of the parts, and of what is needed meanwhile
        now        wall clock (with zone): later times, by more than a day, are rejected
        base_date  YYYY-MM-DD of files without time stamps
        raises     InputError for a damaged file, SourceUnavailable if memory or disk do not suffice
        """
        if source.yields == "events":
            kept.result()
            return read_events(source, content, now, staging)
        if source.yields == "detections":
            kept.result()
            return read_detections(source, content, now, staging)
        if source.yields == "images":
            kept.result()
            return read_images(source, content, now, staging)
        if source.yields == "particulars":
            kept.result()
            return read_vessels(source, content, staging)
        if source.yields == "figures":
            kept.result()
            return read_figures(source, content, staging)
        with self._engine(content, head, staging / "tmp") as engine, _damaged(head):
            return _read_rows(engine, staging, content, head, source, kept, now, base_date)

    @contextmanager
    def _engine(self, content: Content, head: Head, spill: Path) -> Iterator[Engine]:
        if not _is_small(content, head):
            with opened(spill) as con:
                yield Engine(con)
            return
        if self._small is None:
            self._small = Planned(self._open.enter_context(opened(spill)))
        yield self._small


def _read_rows(
    engine: Engine,
    staging: Path,
    content: Content,
    head: Head,
    source: Source,
    kept: Future[RawFile],
    now: datetime,
    base_date: str | None,
) -> tuple[Counts, list[Part]]:
    """Read rows of AIS into parts; a table once more from a tidy copy if it is untidy or lines were swallowed."""
    read_table = source.read
    assert read_table is not None  # it yields positions
    spill = staging / "records.parquet" if content.path.stat().st_size > _most_in_memory(head) else None

    def read(content: Content) -> Reading:
        return read_table(engine.con, content, head, staging, base_date)

    def take() -> Census:
        if reading.delimiter is not None:  # what DuckDB could not make out of the table before
            engine.con.execute("drop table if exists reject_errors; drop table if exists reject_scans")
        if isinstance(engine, Planned):
            return take_numbered_census(engine, reading, now)
        return take_census(engine, reading, now, spill)

    reading, blank = read(content), list[int]()
    if reading.delimiter is None:
        census = take()
    else:
        found = None if head.above else _if_readable(take)
        raw = kept.result()
        if found is None or not raw.is_tidy or found.rows != raw.lines - 1:
            content, lines, blank = tidy(content, staging / "tidy", reading.delimiter, head.above)
            reading = read(content)
            found = take()
            if found.rows != lines - 1:
                raise ContractError(f"{content.name}: {found.rows} rows read, but {lines} lines; report this file")
        census = found
    numbered = "from judged" if engine.is_small else f"from ({judged_numbered(reading.numbered_whole, now)})"
    return write_parts(engine, census, numbered, reading.misshapen, staging, blank)


def _is_small(content: Content, head: Head) -> bool:
    """Whether a file's rows may lie in memory twice. A few bytes of Parquet can hold millions of equal ones."""
    if content.path.stat().st_size > _SMALL:
        return False
    if not head.parquet:
        return True
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_metadata(content.path).num_rows <= _SMALL_ROWS
    except (pa.ArrowException, OSError):
        return False  # its reading tells what is wrong with it


def _most_in_memory(head: Head) -> int:
    """Bytes of content up to which its rows are held in memory; Parquet is about five times as dense as text."""
    return _IN_MEMORY // 5 if head.parquet else _IN_MEMORY


def _if_readable(take: Callable[[], Census]) -> Census | None:
    """The census of a table as it is; None where the engine cannot make out its rows."""
    import duckdb

    try:
        return take()
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return None


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
