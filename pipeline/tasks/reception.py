"""Task: who was heard on UTC days to outages of reception, and to the reception of the gaps around them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd
from pandas import DataFrame
from sqlalchemy import and_, or_

from pipeline.contracts import AIS_GAP, COVERAGE, OURS, RECEPTION_OUTAGE
from pipeline.events.reception import asked_cells, asked_hours
from pipeline.events.reception import judge_reception as judged
from pipeline.movement.coverage import widen, wider
from pipeline.movement.outages import find_outages
from pipeline.movement.source_changes import find_source_changes
from pipeline.tasks.home import Home
from pipeline.warehouse.models import model
from pipeline.warehouse.scope import Among, Where
from pipeline.warehouse.store import Warehouse

log = logging.getLogger(__name__)
GAPS_AT_ONCE = 10_000  # about 30 kB of work each
ROWS_AT_ONCE = 500_000  # of coverage, about 100 bytes each
_DAY = pd.Timedelta(days=1)


def with_reception(home: Home, warehouse: Warehouse, gaps: DataFrame, now: pd.Timestamp) -> DataFrame:
    """Gaps with their reception judged from the coverage around them and the outages that are known.

    gaps  AIS_GAP, or what it is made of
    now   end of the last day with runs (UTC)
    """
    if gaps.empty:
        return AIS_GAP.empty()
    outages = warehouse.read(RECEPTION_OUTAGE)
    limits = home.limits.gap
    ordered = gaps.sort_values(["began_at", "ais_gap_id"], ignore_index=True)
    parts = []
    for begin in range(0, len(gaps), GAPS_AT_ONCE):
        part = ordered.iloc[begin : begin + GAPS_AT_ONCE].reset_index(drop=True)
        asked = asked_hours(part, now, limits)
        cells = asked_cells(part, asked, limits)
        heard = [_in_cells(rows, cells) for rows in _coverage(home, cells["day"].unique())]
        coverage = pd.concat(heard, ignore_index=True) if heard else COVERAGE.empty()
        coverage = coverage.sort_values(["cell", "hour"], kind="stable", ignore_index=True)
        parts.append(judged(part, asked, coverage, outages, limits))
    return pd.concat(parts, ignore_index=True)


def _coverage(home: Home, days: Iterable[pd.Timestamp]) -> Iterator[DataFrame]:
    """COVERAGE of those of the UTC days that have any, in parts that fit into memory."""
    rows = home.results.rows("coverage")
    part, held = list[str](), 0
    for day in sorted(f"{day:%Y-%m-%d}" for day in days):
        if held and held + rows.get(day, 0) > ROWS_AT_ONCE:
            yield home.results.coverage(part)
            part, held = [], 0
        if rows.get(day):
            part.append(day)
            held += rows[day]
    if part:
        yield home.results.coverage(part)


def _in_cells(coverage: DataFrame, cells: DataFrame) -> DataFrame:
    """The coverage that lies in some cells: degrees, cell."""
    chosen = np.zeros(len(coverage), dtype=bool)
    for degrees, of_size in cells.drop_duplicates(["degrees", "cell"]).groupby("degrees")["cell"]:
        chosen |= np.isin(wider(coverage["cell"].to_numpy(), float(degrees)), of_size)
    return coverage[chosen]


def judge_reception(home: Home, warehouse: Warehouse, days: Sequence[str], now: pd.Timestamp) -> None:
    """Bring outages to what the coverage of days says now, and judge anew the gaps that they or these days bear on.

    In one transaction: what changed in the outages tells which gaps these are, and is not seen twice.
    """
    window = pd.Timedelta(hours=home.limits.gap.reception_window_hours)
    stretches = list(_stretches(days))
    with warehouse.transaction():
        spans = [*stretches, *(span for one in stretches for span in _sync_outages(home, warehouse, *one, now))]
        for begin, end in _joined([(first - window, last + window) for first, last in spans]):
            _judge_gaps(home, warehouse, begin, end, now)
    home.judged.note_reception(home.results.contents("coverage"), days)


def _judge_gaps(home: Home, warehouse: Warehouse, begin: pd.Timestamp, end: pd.Timestamp, now: pd.Timestamp) -> None:
    """Judge again our gaps that began or ended within a stretch of time."""
    gap, at = model(AIS_GAP).c, (begin.to_pydatetime(), end.to_pydatetime())
    beside = or_(gap.began_at.between(*at), gap.ended_at.between(*at))
    gaps = warehouse.read(AIS_GAP, Where(and_(gap.source == OURS, beside)))
    again = with_reception(home, warehouse, gaps, now)
    with warehouse.watch() as watch:
        warehouse.sync(AIS_GAP, again, Among("ais_gap_id", gaps["ais_gap_id"]))
    home.ship_days.note_changed_since(watch.since())


def _sync_outages(
    home: Home, warehouse: Warehouse, first: pd.Timestamp, last: pd.Timestamp, now: pd.Timestamp
) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Bring the outages that days from `first` to `last` (exclusive) bear on to what is heard; give when those that
    changed began and ended.

    Whether an outage is one rests on `reach` days on either side of its begin; what is open at the end of the data
    rests on where that is, so the last landed day before these counts among them.
    """
    limits = home.limits.outage
    reach = _DAY * (max(limits.max_days, limits.change_days + 1, limits.habit_hours / 24) + 2)
    landed = pd.to_datetime(sorted(home.results.made_from("coverage")), utc=True).as_unit("us")
    earlier = landed[landed < first]
    begin, end = min([first, *earlier[-1:]]) - reach, last + reach
    asked = landed[(landed >= begin - reach - _DAY) & (landed < end + reach + _DAY)]
    heard = [widen(rows, limits.cell_deg) for rows in _coverage(home, asked)]
    coverage = pd.concat(heard, ignore_index=True) if heard else COVERAGE.empty()
    found = pd.concat([find(coverage, now, limits) for find in (find_outages, find_source_changes)])
    found = found[(found["from_at"] >= begin) & (found["from_at"] < end)]
    outage = model(RECEPTION_OUTAGE).c
    scope = Where(and_(outage.from_at >= begin.to_pydatetime(), outage.from_at < end.to_pydatetime()))
    before = warehouse.read(RECEPTION_OUTAGE, scope)
    changes = warehouse.sync(RECEPTION_OUTAGE, found, scope)
    if not changes:
        return []
    log.info("outages of reception since %s: %s", f"{begin:%Y-%m-%d}", changes)
    both = pd.concat([before, RECEPTION_OUTAGE.conform(found)])
    changed = both[~both.duplicated(keep=False)]
    ends = changed["to_at"].fillna(now).where(changed["kind"] != "source_change", changed["from_at"] + _DAY)
    return list(zip(changed["from_at"], ends, strict=True))


def _joined(spans: Sequence[tuple[pd.Timestamp, pd.Timestamp]]) -> Iterator[tuple[pd.Timestamp, pd.Timestamp]]:
    """Stretches of time in order, those that overlap as one."""
    begin = end = None
    for first, last in sorted(spans):
        if end is None or begin is None or first > end:
            if begin is not None and end is not None:
                yield begin, end
            begin, end = first, last
        end = max(end, last)
    if begin is not None and end is not None:
        yield begin, end


def _stretches(days: Sequence[str]) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Begin and end of each stretch of consecutive days."""
    times = pd.to_datetime(sorted(days), utc=True).to_series()
    number = (times.diff() != _DAY).cumsum()
    return [(part.iloc[0], part.iloc[-1] + _DAY) for _, part in times.groupby(number)]
