"""From a reading to a file's parts: positions and vessel reports by day, rejects, and the count of every row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import ContractError
from pipeline.formats.record import MESSAGE_PART, NOT_SHIP, REPORT_COLUMNS, UNREAD_CELL, Reading, quoted
from pipeline.lake import accounting

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pandas import DataFrame


@dataclass(frozen=True)
class Part:
    """One Parquet file, still in staging. kind: positions, vessel_reports; without a day: events, vessels, rejects."""

    kind: str
    day: str | None
    path: Path
    rows: int


@dataclass(frozen=True)
class Counts:
    """What became of the rows read: the counts of SOURCE_FILE, `reasons` for REJECTED_ROW_COUNT, and `unread` for
    UNREAD_FIELD_COUNT."""

    rows_read: int
    positions: int
    vessel_reports: int
    positions_with_report: int
    not_ships: int
    message_parts: int
    duplicates: int
    rejected: int
    from_at: datetime | None
    to_at: datetime | None
    reasons: tuple[dict[str, Any], ...]
    events: int = 0
    unread: tuple[dict[str, Any], ...] = ()

    def __post_init__(self) -> None:
        """Every row read is one of these.

        raises  ContractError if the sum does not hold
        """
        counted = (
            self.positions, self.vessel_reports, self.positions_with_report, self.not_ships, self.message_parts,
            self.duplicates, self.events,
        )  # fmt: skip
        if sum(counted) + self.rejected != self.rows_read:
            raise ContractError(
                f"accounting: {self.rows_read} rows read, {counted} and {self.rejected} rejected; report the file"
            )

    def columns(self) -> dict[str, Any]:
        """The counts and times as columns of SOURCE_FILE (times in ISO 8601)."""
        times = {"from_at": self.from_at, "to_at": self.to_at}
        counts = {name: value for name, value in vars(self).items() if name not in ("reasons", "unread")}
        counts["imo_unread"] = sum(one["rows"] for one in self.unread if one["field"] == "imo")
        return counts | {name: value and value.replace(tzinfo=UTC).isoformat() for name, value in times.items()}


def whole_parts(folder: Path, frames: Mapping[str, DataFrame]) -> list[Part]:
    """Write frames that are of no day into a folder, by kind of part; empty ones are none."""
    parts = []
    for kind, frame in frames.items():
        if len(frame):
            path = folder / f"{kind}.parquet"
            times = [name for name in frame if getattr(frame[name].dtype, "tz", None) is not None]
            frame.assign(**{name: frame[name].dt.tz_localize(None) for name in times}).to_parquet(path, index=False)
            parts.append(Part(kind, None, path, len(frame)))
    return parts


def reasons_of(rejects: DataFrame) -> tuple[dict[str, Any], ...]:
    """`reasons` of `Counts` from rejects in order: line, reason, raw."""
    return tuple(
        {
            "reason": str(reason),
            "rows": len(of_reason),
            "first_line": int(first["line"]),
            "detail": first.get("detail"),
            "example": first["raw"],
        }
        for reason, of_reason in rejects.groupby("reason", sort=True)
        for first in of_reason.head(1).to_dict("records")
    )


def take_census(con: DuckDBPyConnection, reading: Reading, now: datetime, spill: Path | None = None) -> int:
    """Read the file once, into `judged` (rows with their outcome), and the tables `unreadable` and `census`; returns
    the rows read.

    spill  a file to hold the rows, where they are too many for memory
    """
    con.execute("set preserve_insertion_order = false")  # rows are sorted later; keeping their order here costs a fifth
    if spill is None:
        con.execute(f"create or replace temp table record as {reading.records}")
    else:
        con.execute(f"copy ({reading.records}) to {quoted(spill)} (format parquet, compression lz4)")
        con.execute(f"create or replace temp view record as from read_parquet({quoted(spill)})")
    con.execute(f"create or replace temp view judged as {accounting.judged('from record', now)}")
    rows = _census(con, reading)
    con.execute("set preserve_insertion_order = true")
    return rows


def take_numbered_census(con: DuckDBPyConnection, reading: Reading, now: datetime) -> int:
    """As `take_census` for a small file, whose cost is the planning of its queries: its rows are read with number, text
    and cells at once, and judged once, so that all that follows asks a table."""
    con.execute(f"create or replace temp table judged as {accounting.judged_numbered(reading.numbered, now)}")
    return _census(con, reading)


def _census(con: DuckDBPyConnection, reading: Reading) -> int:
    refused = f"{reading.unreadable} union all by name select null::varchar as detail where false"
    con.execute(f"create or replace temp table unreadable as select line, reason, detail, raw from ({refused})")
    con.execute(f"create or replace temp table census as {accounting.census('from judged')}")
    return int(_one(con, "select (select coalesce(sum(rows), 0) from census) + (select count(*) from unreadable)"))


def write_parts(
    con: DuckDBPyConnection, numbered: str, misshapen: str, folder: Path, blank: Sequence[int] = ()
) -> tuple[Counts, list[Part]]:
    """Write a file's parts into a folder, after a census; returns the counts and the parts.

    numbered   the judged rows with `line`, `raw` and `unread_cells`
    misshapen  as of `Reading`
    blank      line numbers of the file that were left out of what was read, in order
    """
    outcomes = [_Outcome(*row) for row in con.execute(accounting.outcomes("census")).fetchall()]
    refused = int(_one(con, "select count(*) from unreadable"))
    positions = list(_write_positions(con, folder)) if any(one.is_position for one in outcomes) else []
    reports = list(_write_reports(con, folder)) if any(one.is_report for one in outcomes) else []
    reported = any(one.is_reported for one in outcomes)
    if reported or refused:
        _report_rows(
            con, accounting.reported_rows(numbered) if reported else None, misshapen if refused else None, blank
        )
    rejects = list(_write_rejects(con, folder)) if refused or any(one.is_rejected for one in outcomes) else []
    reasons = _reasons(con) if rejects else ()
    counts = _count(
        con, outcomes, refused, sum(part.rows for part in positions), reasons, _unread(con) if reported else ()
    )
    return counts, positions + reports + rejects


@dataclass(frozen=True)
class _Outcome:
    """Rows of the census that came to the same: how many, with the times of the first and the last."""

    outcome: str
    has_position: bool
    has_report: bool
    unread: bool
    rows: int
    first_at: datetime | None
    last_at: datetime | None

    @property
    def is_ship(self) -> bool:
        return self.outcome == accounting.SHIP

    @property
    def is_position(self) -> bool:
        return self.is_ship and self.has_position

    @property
    def is_report(self) -> bool:
        return self.is_ship and self.has_report

    @property
    def is_rejected(self) -> bool:
        return self.outcome not in accounting.KEPT

    @property
    def is_reported(self) -> bool:
        """Whether these rows are worth a second, slower reading: rejected, or not read whole."""
        return self.is_rejected or (self.is_ship and self.unread)


def _write_positions(con: DuckDBPyConnection, folder: Path) -> Iterator[Part]:
    ships = f"outcome = '{accounting.SHIP}' and has_position"
    days = _column(con, f"select distinct strftime(hour, '%Y-%m-%d') from census where {ships} order by 1")
    if not days:
        return
    whole = folder / "positions.parquet"
    rows = _copy_positions(con, len(days) > 1, whole)
    if len(days) == 1:
        yield Part("positions", days[0], whole, rows)
        return
    for day in days:
        path = folder / f"positions-{day}.parquet"
        in_day = f"timestamp >= '{day}' and timestamp < '{day}'::timestamp + interval 1 day"
        of_day = f"select * from read_parquet({quoted(whole)}) where {in_day}"
        yield Part("positions", day, path, _copy(con, of_day, path))


def _copy_positions(con: DuckDBPyConnection, several_days: bool, path: Path) -> int:
    """Write the positions of all days, sorted. Most files repeat none, and finding duplicates costs half as much again
    as sorting: it is done where a look at some ships, or at the sorted rows, shows any need."""
    if not _one(con, accounting.seems_repeated("from judged")):
        rows = _copy(con, accounting.positions("from judged", several_days), path)
        if not _one(con, accounting.is_repeated(f"read_parquet({quoted(path)})")):
            return rows
    return _copy(con, accounting.distinct_positions("from judged", several_days), path)


def _write_reports(con: DuckDBPyConnection, folder: Path) -> Iterator[Part]:
    con.execute(f"create or replace temp table report as {accounting.vessel_reports('census')}")
    for day in _column(con, "select distinct strftime(timestamp, '%Y-%m-%d') from report order by 1"):
        path = folder / f"vessel_reports-{day}.parquet"
        order = f"order by mmsi, timestamp, {', '.join(REPORT_COLUMNS)}"
        rows = _copy(con, f"select * from report where timestamp::date = '{day}' {order}", path)
        yield Part("vessel_reports", day, path, rows)


def _report_rows(con: DuckDBPyConnection, rows: str | None, misshapen: str | None, blank: Sequence[int]) -> None:
    """Make the table `reported`: rows that are rejected or could not be read whole, with line and text. Their lines,
    and those of `unreadable`, count what was not counted yet."""
    import pyarrow as pa

    if rows is None:
        empty = f"line bigint, outcome varchar, raw varchar, detail varchar, cells {UNREAD_CELL}[]"
        con.execute(f"create or replace temp table reported ({empty})")
    else:
        con.execute(f"create or replace temp table reported as {rows}")
        if misshapen is not None:
            _count_in(con, "reported", misshapen)
    if blank:
        con.register("blank", pa.table({"line": pa.array(blank, pa.int64())}))
        for table in ("reported", "unreadable"):
            _count_in(con, table, "from blank")


def _count_in(con: DuckDBPyConnection, table: str, uncounted: str) -> None:
    """Raise the line numbers of a table by the lines (a query) before each that it did not count.

    Of the k-th uncounted line b, b - k lines before it are counted.
    """
    con.execute(
        f"""
        create or replace temp table {table} as
        select counted.* replace (counted.line + coalesce(step.k, 0) as line)
        from {table} as counted asof left join (
            select before, max(k) as k
            from (select line - row_number() over (order by line) as before, row_number() over (order by line) as k
                  from ({uncounted}))
            group by before) as step on counted.line > step.before"""
    )


def _write_rejects(con: DuckDBPyConnection, folder: Path) -> Iterator[Part]:
    refused = f"""
        select line, reason, detail, raw from unreadable union all
        select line, outcome, detail, raw from reported where outcome not in {accounting.KEPT}"""
    path = folder / "rejects.parquet"
    rows = _copy(con, f"select * from ({refused}) order by line", path)
    con.execute(f"create or replace temp view reject as from read_parquet({quoted(path)})")
    if rows:
        yield Part("rejects", None, path, rows)


def _count(
    con: DuckDBPyConnection,
    outcomes: Sequence[_Outcome],
    refused: int,
    positions_written: int,
    reasons: tuple[dict[str, Any], ...],
    unread: tuple[dict[str, Any], ...],
) -> Counts:
    rows: Counter[tuple[str, bool, bool]] = Counter()
    for one in outcomes:
        rows[one.outcome, one.has_position, one.has_report] += one.rows
    ships = {(p, r): n for (outcome, p, r), n in rows.items() if outcome == accounting.SHIP}
    duplicates = 0
    with_position = sum(n for (has_position, _), n in ships.items() if has_position)
    for has_position, repeated in ((True, with_position > positions_written), (False, (False, True) in ships)):
        if repeated:
            having = "has_position" if has_position else "not has_position"
            for has_report, n, distinct in con.execute(accounting.distinct_counts("from judged", having)).fetchall():
                if has_position or has_report:
                    ships[has_position, has_report] = distinct
                    duplicates += n - distinct
    if positions_written != sum(n for (has_position, _), n in ships.items() if has_position):
        raise ContractError(f"accounting: {positions_written} positions written, {ships} counted; report the file")
    times = [one for one in outcomes if one.is_position or one.is_report]
    return Counts(
        rows_read=rows.total() + refused,
        positions=ships.get((True, False), 0),
        vessel_reports=ships.get((False, True), 0),
        positions_with_report=ships.get((True, True), 0),
        not_ships=sum(n for (outcome, _, _), n in rows.items() if outcome == NOT_SHIP) + ships.get((False, False), 0),
        message_parts=sum(n for (outcome, _, _), n in rows.items() if outcome == MESSAGE_PART),
        duplicates=duplicates,
        rejected=sum(row["rows"] for row in reasons),
        from_at=min((one.first_at for one in times if one.first_at), default=None),
        to_at=max((one.last_at for one in times if one.last_at), default=None),
        reasons=reasons,
        unread=unread,
    )


def _reasons(con: DuckDBPyConnection) -> tuple[dict[str, Any], ...]:
    return _dicts(
        con,
        ("reason", "rows", "first_line", "detail", "example"),
        "select reason, count(*), min(line), arg_min_null(detail, line), arg_min_null(raw, line) "
        "from reject group by 1 order by 1",
    )


def _unread(con: DuckDBPyConnection) -> tuple[dict[str, Any], ...]:
    """What could not be read of rows that stand, by field."""
    return _dicts(
        con,
        ("field", "column_name", "rows", "first_line", "example", "expected"),
        "select cell.field, arg_min_null(cell.column_name, line), count(*), min(line), arg_min(cell.said, line), "
        f"arg_min(cell.expected, line) from (select line, unnest(cells) as cell from reported where outcome = "
        f"'{accounting.SHIP}') group by 1 order by 1",
    )


def _dicts(con: DuckDBPyConnection, names: Sequence[str], query: str) -> tuple[dict[str, Any], ...]:
    return tuple(dict(zip(names, row, strict=True)) for row in con.execute(query).fetchall())


def _copy(con: DuckDBPyConnection, query: str, path: Path) -> int:
    """Write a query's rows, in its order, as Parquet; returns their number."""
    return int(_one(con, f"copy ({query}) to {quoted(path)} (format parquet)"))


def _one(con: DuckDBPyConnection, query: str) -> Any:
    row = con.execute(query).fetchone()
    return row[0] if row else None


def _column(con: DuckDBPyConnection, query: str) -> list[str]:
    return [row[0] for row in con.execute(query).fetchall()]
