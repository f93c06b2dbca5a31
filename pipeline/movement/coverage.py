"""Coverage: who was heard where and when, the ground on which every silence and every absence is judged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from pipeline.contracts import COVERAGE, COVERAGE_DAY, RECEIVERS
from pipeline.movement.tracks import Fixes

CELL_DEG = 0.25
HOUR_US = 3_600_000_000


def cell_of(
    longitude: NDArray[np.float64], latitude: NDArray[np.float64], degrees: float = CELL_DEG
) -> NDArray[np.int64]:
    """Number of the cell of that size, counted in rows from the south-west; for CELL_DEG as COVERAGE.cell counts it."""
    columns, rows = round(360 / degrees), round(180 / degrees)
    row = ((latitude + 90) * (1 / degrees)).astype(np.int64)
    column = ((longitude + 180) * (1 / degrees)).astype(np.int64)
    return np.minimum(row, rows - 1) * columns + np.where(column == columns, 0, column)


def wider(cell: NDArray[np.int64], degrees: float) -> NDArray[np.int64]:
    """The wider cell that each COVERAGE.cell lies in."""
    columns, step = round(360 / CELL_DEG), round(degrees / CELL_DEG)
    return cell // columns // step * round(360 / degrees) + cell % columns // step


def widen(coverage: DataFrame, degrees: float) -> DataFrame:
    """Coverage in wider cells: its counts summed over the cells within (who crosses counts in each)."""
    return (
        coverage.assign(cell=wider(coverage["cell"].to_numpy(), degrees))
        .groupby(["cell", "hour"], as_index=False)
        .sum()
    )


def hear(fixes: Fixes) -> DataFrame:
    """Distinct vessels heard per quarter-degree cell and UTC hour, by any receiver and by each kind.

    fixes    sorted by MMSI, then time
    returns  COVERAGE, sorted by cell, hour
    """
    if not len(fixes.at):
        return COVERAGE.empty()
    hour = fixes.at // HOUR_US
    base = hour.min()
    span = int(hour.max() - base + 1)
    place = cell_of(fixes.longitude, fixes.latitude) * span + (hour - base)
    fresh = np.ones(len(place), dtype=bool)
    fresh[1:] = (place[1:] != place[:-1]) | (fixes.mmsi[1:] != fixes.mmsi[:-1])
    start = np.flatnonzero(fresh)
    count = np.diff(np.r_[start, len(place)])
    kinds = np.bitwise_or.reduceat(np.left_shift(1, fixes.receiver, dtype=np.int64), start)
    place, mmsi = place[start], fixes.mmsi[start]
    order = np.lexsort((mmsi, place))  # who left and came back within the hour counts once
    place, mmsi = place[order], mmsi[order]
    vessel = np.flatnonzero(np.r_[True, (place[1:] != place[:-1]) | (mmsi[1:] != mmsi[:-1])])
    kinds, place = np.bitwise_or.reduceat(kinds[order], vessel), place[vessel]
    count = np.add.reduceat(count[order], vessel)
    first = np.flatnonzero(np.r_[True, place[1:] != place[:-1]])
    by_kind = {f"{kind}_vessels": np.add.reduceat(kinds >> code & 1, first) for code, kind in enumerate(RECEIVERS)}
    return COVERAGE.conform(
        DataFrame(
            {
                "cell": place[first] // span,
                "hour": pd.to_datetime((place[first] % span + base) * HOUR_US, unit="us", utc=True),
                "vessels": np.diff(np.r_[first, len(place)]),
                **by_kind,
                "fixes": np.add.reduceat(count, first),
            }
        )
    )


def add_up(parts: Sequence[DataFrame]) -> DataFrame:
    """COVERAGE of several sets of fixes of which no two hold the same MMSI."""
    if len(parts) == 1:
        return parts[0]
    return COVERAGE.conform(pd.concat(parts).groupby(["cell", "hour"], sort=True, as_index=False).sum())


def zone_hours(fixes: Fixes, zone: NDArray[np.int16]) -> DataFrame:
    """code, hour (since 1970), mmsi, fixes: who was heard when in each innermost zone.

    zone  innermost zone code of each fix, -1 at sea
    """
    inside = np.flatnonzero(zone >= 0)
    stays = DataFrame(
        {"code": zone[inside].astype("int64"), "hour": fixes.at[inside] // HOUR_US, "mmsi": fixes.mmsi[inside]}
    )
    return stays.groupby(["code", "hour", "mmsi"]).size().rename("fixes").reset_index()


def cover_zones(heard: DataFrame, parents: DataFrame, days: Sequence[str]) -> DataFrame:
    """Hours of UTC days in which any vessel was heard in each zone, with everything nested in it.

    heard    as `zone_hours` gives it
    parents  code, zone_id: one row per zone code and zone that contains it (itself included)
    days     the UTC days
    returns  COVERAGE_DAY: one row per day and zone of `parents`, also where nobody was heard
    """
    stays = heard.assign(day=heard["hour"] // 24).merge(parents, on="code")
    by_zone = stays.groupby(["day", "zone_id"]).agg(
        hours_heard=("hour", "nunique"), vessels_heard=("mmsi", "nunique"), fixes=("fixes", "sum")
    )
    numbers = pd.to_datetime(list(days)).to_numpy("datetime64[D]").astype("int64")
    every = pd.MultiIndex.from_product([numbers, sorted(parents["zone_id"].unique())], names=["day", "zone_id"])
    table = by_zone.reindex(every, fill_value=0).reset_index()
    names = dict(zip(numbers, days, strict=True))
    return COVERAGE_DAY.conform(table.assign(day=table["day"].map(names), coverage_share=table["hours_heard"] / 24))
