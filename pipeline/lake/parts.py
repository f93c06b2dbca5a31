"""From a reading to a file's parts: positions and vessel reports by day, rejects, and the count of every row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import ContractError
from pipeline.lake import accounting
from pipeline.sources.record import MESSAGE_PART, NOT_SHIP, REPORT_COLUMNS, Reading, quoted

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
    """What became of the rows read: the counts of SOURCE_FILE, and `reasons` for REJECTED_ROW_COUNT."""

    rows_read: int
    positions: int
    vessel_reports: int
    both: int
    not_ships: int
    message_parts: int
    duplicates: int
    rejected: int
    from_at: datetime | None
    to_at: datetime | None
    reasons: tuple[dict[str, Any], ...]
    events: int = 0

    def __post_init__(self) -> None:
        """Every row read is one of these.

        raises  ContractError if the sum does not hold
        """
        told = (
            self.positions, self.vessel_reports, self.both, self.not_ships, self.message_parts, self.duplicates,
            self.events,
        )  # fmt: skip
        if sum(told) + self.rejected != self.rows_read:
            raise ContractError(
                f"accounting: {self.rows_read} rows read, {told} and {self.rejected} rejected; report the file"
            )

    def columns(self) -> dict[str, Any]:
        """The counts and times as columns of SOURCE_FILE (times in ISO 8601)."""
        times = {"from_at": self.from_at, "to_at": self.to_at}
        counts = {name: value for name, value in vars(self).items() if name != "reasons"}
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
        {"reason": str(reason), "rows": len(of_reason), "first_line": int(first["line"]), "example": first["raw"]}
        for reason, of_reason in rejects.groupby("reason", sort=True)
        for first in of_reason.head(1).to_dict("records")
    )


def take_census(con: DuckDBPyConnection, reading: Reading, now: datetime) -> int:
    """Read the file once, into the tables `record`, `unreadable` and `census`; returns the rows read."""
    con.execute("set preserve_insertion_order = false")  # rows are sorted later; keeping their order here costs a fifth
    con.execute(f"create or replace temp table record as {reading.records}")
    con.execute("set preserve_insertion_order = true")
    con.execute(f"create or replace temp table unreadable as {reading.unreadable}")
    con.execute(f"create or replace temp table census as {accounting.census(accounting.judged('from record', now))}")
    return int(_one(con, "select (select count(*) from record) + (select count(*) from unreadable)"))


def write_parts(con: DuckDBPyConnection, reading: Reading, now: datetime, folder: Path) -> tuple[Counts, list[Part]]:
    """Write a file's parts into a folder, after `take_census`; returns the counts and the parts."""
    judged = accounting.judged("from record", now)
    positions = list(_write_positions(con, judged, folder))
    reports = list(_write_reports(con, folder))
    rejects, reasons = _write_rejects(con, reading, now, folder)
    counts = _count(con, judged, sum(part.rows for part in positions), reasons)
    return counts, positions + reports + rejects


def _write_positions(con: DuckDBPyConnection, judged: str, folder: Path) -> Iterator[Part]:
    ships = f"outcome = '{accounting.SHIP}' and has_position"
    days = _column(con, f"select distinct strftime(hour, '%Y-%m-%d') from census where {ships} order by 1")
    if not days:
        return
    whole = folder / "positions.parquet"
    repeated = _one(con, accounting.has_duplicates("census"))
    rows = _copy(con, accounting.distinct_positions(judged) if repeated else accounting.positions(judged), whole)
    if len(days) == 1:
        yield Part("positions", days[0], whole, rows)
        return
    # The sort is by vessel: each day is a selection of it, in the same order.
    con.execute(f"create or replace temp table by_day as select * from read_parquet({quoted(whole)})")
    for day in days:
        path = folder / f"positions-{day}.parquet"
        in_day = f"timestamp >= '{day}' and timestamp < '{day}'::timestamp + interval 1 day"
        yield Part("positions", day, path, _copy(con, f"select * from by_day where {in_day}", path))


def _write_reports(con: DuckDBPyConnection, folder: Path) -> Iterator[Part]:
    con.execute(f"create or replace temp table report as {accounting.vessel_reports('census')}")
    for day in _column(con, "select distinct strftime(timestamp, '%Y-%m-%d') from report order by 1"):
        path = folder / f"vessel_reports-{day}.parquet"
        order = f"order by mmsi, timestamp, {', '.join(REPORT_COLUMNS)}"
        rows = _copy(con, f"select * from report where timestamp::date = '{day}' {order}", path)
        yield Part("vessel_reports", day, path, rows)


def _write_rejects(
    con: DuckDBPyConnection, reading: Reading, now: datetime, folder: Path
) -> tuple[list[Part], tuple[dict[str, Any], ...]]:
    """The rejected rows with line and text: they alone are worth a second, slower reading."""
    judged_rejects = _one(con, f"select coalesce(sum(rows), 0) from census where outcome not in {accounting.KEPT}")
    refused = "select line, reason, raw from unreadable"
    if not judged_rejects and not _one(con, "select count(*) from unreadable"):
        return [], ()
    if judged_rejects:
        refused += f" union all {accounting.rejects(accounting.judged(f'from ({reading.numbered})', now))}"
    path = folder / "rejects.parquet"
    rows = _copy(con, f"select * from ({refused}) order by line", path)
    reasons = con.execute(
        "select reason, count(*), min(line), arg_min(raw, line) "
        f"from read_parquet({quoted(path)}) group by 1 order by 1"
    ).fetchall()
    names = ("reason", "rows", "first_line", "example")
    return [Part("rejects", None, path, rows)], tuple(dict(zip(names, row, strict=True)) for row in reasons)


def _count(con: DuckDBPyConnection, judged: str, positions_written: int, reasons: tuple[dict[str, Any], ...]) -> Counts:
    outcomes = con.execute(
        f"select outcome, has_position, {accounting.HAS_REPORT} as has_report, sum(rows)::bigint, min(first_at), "
        "max(last_at) from census group by all"
    ).fetchall()
    rows: dict[tuple[str, bool, bool], int] = {}
    for outcome, has_position, has_report, n, _, _ in outcomes:
        rows[outcome, has_position, has_report] = n
    ships = {(p, r): n for (outcome, p, r), n in rows.items() if outcome == accounting.SHIP}
    duplicates = 0
    if _one(con, accounting.has_duplicates("census")):
        for p, r, n, distinct in con.execute(accounting.distinct_counts(judged)).fetchall():
            if p or r:
                ships[p, r] = distinct
                duplicates += n - distinct
    if positions_written != sum(n for (has_position, _), n in ships.items() if has_position):
        raise ContractError(f"accounting: {positions_written} positions written, {ships} counted; report the file")
    times = [row for row in outcomes if row[0] == accounting.SHIP and (row[1] or row[2])]
    return Counts(
        rows_read=sum(rows.values()) + _one(con, "select count(*) from unreadable"),
        positions=ships.get((True, False), 0),
        vessel_reports=ships.get((False, True), 0),
        both=ships.get((True, True), 0),
        not_ships=sum(n for (outcome, _, _), n in rows.items() if outcome == NOT_SHIP) + ships.get((False, False), 0),
        message_parts=sum(n for (outcome, _, _), n in rows.items() if outcome == MESSAGE_PART),
        duplicates=duplicates,
        rejected=sum(row["rows"] for row in reasons),
        from_at=min((row[4] for row in times), default=None),
        to_at=max((row[5] for row in times), default=None),
        reasons=reasons,
    )


def _copy(con: DuckDBPyConnection, query: str, path: Path) -> int:
    """Write a query's rows, in its order, as Parquet; returns their number."""
    return int(_one(con, f"copy ({query}) to {quoted(path)} (format parquet)"))


def _one(con: DuckDBPyConnection, query: str) -> Any:
    row = con.execute(query).fetchone()
    return row[0] if row else None


def _column(con: DuckDBPyConnection, query: str) -> list[str]:
    return [row[0] for row in con.execute(query).fetchall()]
