"""From a reading to a file's parts: positions and vessel reports by day, rejects, and the count of every row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import ContractError
from pipeline.formats.record import MESSAGE_PART, NOT_SHIP, REPORT_COLUMNS, UNREAD_CELL, Reading, parquet, quoted
from pipeline.lake import accounting
from pipeline.lake.engine import Engine, Planned

if TYPE_CHECKING:
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


@dataclass(frozen=True)
class Census:
    """What a file's rows came to, as the tables `census` and `unreadable` have it; `refused` rows are in the latter."""

    outcomes: tuple[_Outcome, ...]
    refused: int

    @property
    def rows(self) -> int:
        """The rows read."""
        return sum(one.rows for one in self.outcomes) + self.refused


def take_census(engine: Engine, reading: Reading, now: datetime, spill: Path | None = None) -> Census:
    """Read the file once, into `judged` (rows with their outcome), and the tables `unreadable` and `census`.

    spill  a file to hold the rows, where they are too many for memory
    """
    con = engine.con
    con.execute("set preserve_insertion_order = false")  # rows are sorted later; keeping their order here costs a fifth
    if spill is None:
        engine.make("record", reading.records)
    else:
        con.execute(f"copy ({reading.records}) to {quoted(spill)} (format parquet, compression lz4)")
        con.execute(f"create or replace temp view record as from {parquet(spill)}")
    con.execute(f"create or replace temp view judged as {accounting.judged('from record', now)}")
    census = _census(engine, reading)
    con.execute("set preserve_insertion_order = true")
    return census


def take_numbered_census(engine: Planned, reading: Reading, now: datetime) -> Census:
    """As `take_census` for a small file, whose cost is the planning of its queries: its rows are read with number, text
    and cells at once, and judged once, so that all that follows asks a table."""
    engine.read(reading.rows or reading.numbered)
    engine.make("judged", accounting.judged_numbered(reading.numbered if reading.rows else "from row_read", now))
    return _census(engine, reading)


def _census(engine: Engine, reading: Reading) -> Census:
    refused = f"{reading.unreadable} union all by name select null::varchar as detail where false"
    engine.make("unreadable", f"select line::bigint as line, reason, detail, raw from ({refused})")
    engine.make("census", accounting.census("from judged"))
    outcomes = tuple(_Outcome(*row) for row in engine.rows(accounting.outcomes("census")))
    return Census(outcomes, engine.value("select count(*) from unreadable"))


def write_parts(
    engine: Engine, census: Census, numbered: str, misshapen: str, folder: Path, blank: Sequence[int] = ()
) -> tuple[Counts, list[Part]]:
    """Write a file's parts into a folder, after a census; returns the counts and the parts.

    numbered   the judged rows with `line`, `raw` and `unread_cells`
    misshapen  as of `Reading`
    blank      line numbers of the file that were left out of what was read, in order
    """
    outcomes, refused = census.outcomes, census.refused
    positions = list(_write_positions(engine, _days(one for one in outcomes if one.is_position), folder))
    reports = list(_write_reports(engine, _days(one for one in outcomes if one.is_report), folder))
    reported = any(one.is_reported for one in outcomes)
    if reported or refused:
        _report_rows(
            engine, accounting.reported_rows(numbered) if reported else None, misshapen if refused else None, blank
        )
    rejects = list(_write_rejects(engine, folder)) if refused or any(one.is_rejected for one in outcomes) else []
    reasons = _reasons(engine) if rejects else ()
    counts = _count(
        engine, outcomes, refused, sum(part.rows for part in positions), reasons, _unread(engine) if reported else ()
    )
    return counts, positions + reports + rejects


@dataclass(frozen=True)
class _Outcome:
    """Rows of the census of a UTC day that came to the same: how many, with the times of the first and the last."""

    outcome: str
    has_position: bool
    has_report: bool
    unread: bool
    day: str | None
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


def _days(outcomes: Iterable[_Outcome]) -> list[str]:
    """UTC days in order."""
    return sorted({one.day for one in outcomes if one.day is not None})


def _write_positions(engine: Engine, days: Sequence[str], folder: Path) -> Iterator[Part]:
    if not days:
        return
    whole = folder / "positions.parquet"
    rows = _copy_positions(engine, len(days) > 1, whole)
    if len(days) == 1:
        yield Part("positions", days[0], whole, rows)
        return
    for day in days:
        path = folder / f"positions-{day}.parquet"
        in_day = "timestamp >= ?::timestamp and timestamp < ?::timestamp + interval 1 day"
        of_day = f"select * from {parquet(whole)} where {in_day}"
        yield Part("positions", day, path, engine.copy(of_day, path, day, day))


def _copy_positions(engine: Engine, several_days: bool, path: Path) -> int:
    """Write the positions of all days, sorted. Most files repeat none, and finding duplicates costs half as much again
    as sorting: it is done where a look at (some) ships, or at the sorted rows, shows any need."""
    if not engine.value(accounting.seems_repeated("from judged", every_ship=engine.is_small)):
        rows = engine.copy(accounting.positions("from judged", several_days), path)
        if engine.is_small or not engine.value(accounting.is_repeated(parquet(path))):
            return rows
    return engine.copy(accounting.distinct_positions("from judged", several_days), path)


def _write_reports(engine: Engine, days: Sequence[str], folder: Path) -> Iterator[Part]:
    reports = accounting.vessel_reports("census")
    if len(days) > 1:
        engine.make("report", reports)
        reports = "select * from report where timestamp::date = ?::date"
    for day in days:
        path = folder / f"vessel_reports-{day}.parquet"
        query = f"select * from ({reports}) order by mmsi, timestamp, {', '.join(REPORT_COLUMNS)}"
        yield Part("vessel_reports", day, path, engine.copy(query, path, *[day] * (len(days) > 1)))


def _report_rows(engine: Engine, rows: str | None, misshapen: str | None, blank: Sequence[int]) -> None:
    """Make the table `reported`: rows that are rejected or could not be read whole, with line and text. Their lines,
    and those of `unreadable`, count what was not counted yet."""
    import pyarrow as pa

    if rows is None:
        none = f"null::bigint as line, null as outcome, null as raw, null as detail, null::{UNREAD_CELL}[] as cells"
        engine.make("reported", f"select {none} where false")
    else:
        engine.make("reported", rows)
        if misshapen is not None:
            engine.make("uncounted", misshapen)
            _count_in(engine, "reported")
    if blank:
        engine.hold("uncounted", pa.table({"line": pa.array(blank, pa.int64())}))
        for table in ("reported", "unreadable"):
            _count_in(engine, table)


def _count_in(engine: Engine, table: str) -> None:
    """Raise the line numbers of a table by the lines of the table `uncounted` before each, which it did not count.

    Of the k-th uncounted line b, b - k lines before it are counted.
    """
    engine.make(
        table,
        f"""
        select counted.* replace (counted.line + coalesce(step.k, 0) as line)
        from {table} as counted asof left join (
            select before, max(k) as k
            from (select line - row_number() over (order by line) as before, row_number() over (order by line) as k
                  from uncounted)
            group by before) as step on counted.line > step.before""",
    )


def _write_rejects(engine: Engine, folder: Path) -> Iterator[Part]:
    engine.make(
        "reject",
        f"""
        select line, reason, detail, raw from unreadable union all
        select line, outcome, detail, raw from reported where outcome not in {accounting.KEPT}""",
    )
    path = folder / "rejects.parquet"
    rows = engine.copy("select * from reject order by line", path)
    if rows:
        yield Part("rejects", None, path, rows)


def _count(
    engine: Engine,
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
            for has_report, n, distinct in engine.rows(accounting.distinct_counts("from judged", having)):
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


def _reasons(engine: Engine) -> tuple[dict[str, Any], ...]:
    return _dicts(
        engine,
        ("reason", "rows", "first_line", "detail", "example"),
        "select reason, count(*), min(line), arg_min_null(detail, line), arg_min_null(raw, line) "
        "from reject group by 1 order by 1",
    )


def _unread(engine: Engine) -> tuple[dict[str, Any], ...]:
    """What could not be read of rows that stand, by field."""
    return _dicts(
        engine,
        ("field", "column_name", "rows", "first_line", "example", "expected"),
        "select cell.field, arg_min_null(cell.column_name, line), count(*), min(line), arg_min(cell.said, line), "
        f"arg_min(cell.expected, line) from (select line, unnest(cells) as cell from reported where outcome = "
        f"'{accounting.SHIP}') group by 1 order by 1",
    )


def _dicts(engine: Engine, names: Sequence[str], query: str) -> tuple[dict[str, Any], ...]:
    return tuple(dict(zip(names, row, strict=True)) for row in engine.rows(query))
