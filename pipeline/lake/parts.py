"""From a reading to a file's parts: positions and vessel reports by day, rejects, and the count of every row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import ContractError
from pipeline.lake import accounting
from pipeline.sources.record import MESSAGE_PART, NOT_SHIP, REPORT_COLUMNS, UNREAD_CELL, Reading, quoted

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
        told = (
            self.positions, self.vessel_reports, self.positions_with_report, self.not_ships, self.message_parts,
            self.duplicates, self.events,
        )  # fmt: skip
        if sum(told) + self.rejected != self.rows_read:
            raise ContractError(
                f"accounting: {self.rows_read} rows read, {told} and {self.rejected} rejected; report the file"
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
    """Read the file once, into the tables `record`, `unreadable` and `census`; returns the rows read.

    spill  a file to hold the rows, where they are too many for memory
    """
    con.execute("set preserve_insertion_order = false")  # rows are sorted later; keeping their order here costs a fifth
    if spill is None:
        con.execute(f"create or replace temp table record as {reading.records}")
    else:
        con.execute(f"copy ({reading.records}) to {quoted(spill)} (format parquet, compression lz4)")
        con.execute(f"create or replace temp view record as from read_parquet({quoted(spill)})")
    refused = f"{reading.unreadable} union all by name select null::varchar as detail where false"
    con.execute(f"create or replace temp table unreadable as select line, reason, detail, raw from ({refused})")
    con.execute(f"create or replace temp table census as {accounting.census(accounting.judged('from record', now))}")
    con.execute("set preserve_insertion_order = true")
    return int(_one(con, "select (select count(*) from record) + (select count(*) from unreadable)"))


def write_parts(
    con: DuckDBPyConnection, reading: Reading, now: datetime, folder: Path, blank: Sequence[int] = ()
) -> tuple[Counts, list[Part]]:
    """Write a file's parts into a folder, after `take_census`; returns the counts and the parts.

    blank  line numbers of the file that were left out of what was read, in order
    """
    judged = accounting.judged("from record", now)
    positions = list(_write_positions(con, judged, folder))
    reports = list(_write_reports(con, folder))
    _tell_rows(con, reading, now, blank)
    rejects = list(_write_rejects(con, folder))
    counts = _count(con, judged, sum(part.rows for part in positions))
    return counts, positions + reports + rejects


def _write_positions(con: DuckDBPyConnection, judged: str, folder: Path) -> Iterator[Part]:
    ships = f"outcome = '{accounting.SHIP}' and has_position"
    days = _column(con, f"select distinct strftime(hour, '%Y-%m-%d') from census where {ships} order by 1")
    if not days:
        return
    whole = folder / "positions.parquet"
    rows = _copy_positions(con, judged, len(days) > 1, whole)
    if len(days) == 1:
        yield Part("positions", days[0], whole, rows)
        return
    for day in days:
        path = folder / f"positions-{day}.parquet"
        in_day = f"timestamp >= '{day}' and timestamp < '{day}'::timestamp + interval 1 day"
        of_day = f"select * from read_parquet({quoted(whole)}) where {in_day}"
        yield Part("positions", day, path, _copy(con, of_day, path))


def _copy_positions(con: DuckDBPyConnection, judged: str, several_days: bool, path: Path) -> int:
    """Write the positions of all days, sorted. Most files repeat none, and finding duplicates costs half as much again
    as sorting: it is done where a look at some ships, or at the sorted rows, shows any need."""
    if not _one(con, accounting.seems_repeated(judged)):
        rows = _copy(con, accounting.positions(judged, several_days), path)
        if not _one(con, accounting.is_repeated(f"read_parquet({quoted(path)})")):
            return rows
    return _copy(con, accounting.distinct_positions(judged, several_days), path)


def _write_reports(con: DuckDBPyConnection, folder: Path) -> Iterator[Part]:
    con.execute(f"create or replace temp table report as {accounting.vessel_reports('census')}")
    for day in _column(con, "select distinct strftime(timestamp, '%Y-%m-%d') from report order by 1"):
        path = folder / f"vessel_reports-{day}.parquet"
        order = f"order by mmsi, timestamp, {', '.join(REPORT_COLUMNS)}"
        rows = _copy(con, f"select * from report where timestamp::date = '{day}' {order}", path)
        yield Part("vessel_reports", day, path, rows)


def _tell_rows(con: DuckDBPyConnection, reading: Reading, now: datetime, blank: Sequence[int]) -> None:
    """Make the table `told`: rows that are rejected or could not be read whole, with line and text. They alone are
    worth a second, slower reading."""
    import pyarrow as pa

    ship = f"outcome = '{accounting.SHIP}'"
    wanted = f"outcome not in {accounting.KEPT} or ({ship} and unread)"
    con.execute("drop table if exists told")
    if _one(con, f"select count(*) from census where {wanted}"):
        con.execute(f"create temp table told as {accounting.told_rows(reading.numbered, now)}")
        _count_in(con, "told", reading.misshapen)
    else:
        told = f"line bigint, outcome varchar, raw varchar, detail varchar, cells {UNREAD_CELL}[]"
        con.execute(f"create temp table told ({told})")
    if blank:
        con.register("blank", pa.table({"line": pa.array(blank, pa.int64())}))
        for table in ("told", "unreadable"):
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
        select line, outcome, detail, raw from told where outcome not in {accounting.KEPT}"""
    path = folder / "rejects.parquet"
    rows = _copy(con, f"select * from ({refused}) order by line", path)
    con.execute(f"create or replace temp view reject as from read_parquet({quoted(path)})")
    if rows:
        yield Part("rejects", None, path, rows)


def _count(con: DuckDBPyConnection, judged: str, positions_written: int) -> Counts:
    outcomes = con.execute(
        "select outcome, has_position, has_report, sum(rows)::bigint, min(first_at), max(last_at) from census "
        "group by all"
    ).fetchall()
    rows: dict[tuple[str, bool, bool], int] = {}
    for outcome, has_position, has_report, n, _, _ in outcomes:
        rows[outcome, has_position, has_report] = n
    ships = {(p, r): n for (outcome, p, r), n in rows.items() if outcome == accounting.SHIP}
    duplicates = 0
    with_position = sum(n for (has_position, _), n in ships.items() if has_position)
    for has_position, repeated in ((True, with_position > positions_written), (False, (False, True) in ships)):
        if repeated:
            having = "has_position" if has_position else "not has_position"
            for has_report, n, distinct in con.execute(accounting.distinct_counts(judged, having)).fetchall():
                if has_position or has_report:
                    ships[has_position, has_report] = distinct
                    duplicates += n - distinct
    if positions_written != sum(n for (has_position, _), n in ships.items() if has_position):
        raise ContractError(f"accounting: {positions_written} positions written, {ships} counted; report the file")
    times = [row for row in outcomes if row[0] == accounting.SHIP and (row[1] or row[2])]
    reasons = _reasons(con)
    return Counts(
        rows_read=sum(rows.values()) + _one(con, "select count(*) from unreadable"),
        positions=ships.get((True, False), 0),
        vessel_reports=ships.get((False, True), 0),
        positions_with_report=ships.get((True, True), 0),
        not_ships=sum(n for (outcome, _, _), n in rows.items() if outcome == NOT_SHIP) + ships.get((False, False), 0),
        message_parts=sum(n for (outcome, _, _), n in rows.items() if outcome == MESSAGE_PART),
        duplicates=duplicates,
        rejected=sum(row["rows"] for row in reasons),
        from_at=min((row[4] for row in times), default=None),
        to_at=max((row[5] for row in times), default=None),
        reasons=reasons,
        unread=_unread(con),
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
        f"arg_min(cell.expected, line) from (select line, unnest(cells) as cell from told where outcome = "
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
