"""Outages of reception: an area in which nobody is heard for hours, though many were until then.

The silence of one ship is hers; the silence of everyone at once is the receiver's, or the feed's. Each kind of receiver
is looked at by itself, since satellites go on where shore stations fail. What lasts longer than `limits.max_days` is a
change of the source (`source_changes`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from pipeline.contracts import RECEIVERS, RECEPTION_OUTAGE
from pipeline.days import end_of_day
from pipeline.ids import deterministic_ids
from pipeline.limits import OutageLimits
from pipeline.movement.areas import boxes, grow, neighbours
from pipeline.movement.coverage import HOUR_US

_SPAN = 1 << 24  # more hours than since 1970 for centuries


class Heard:
    """Vessels that one kind of receiver heard, by cell and hour.

    coverage  COVERAGE in cells of one size
    """

    def __init__(self, coverage: DataFrame, receiver: str) -> None:
        rows = coverage[coverage[f"{receiver}_vessels"] > 0]
        hour = rows["hour"].to_numpy("datetime64[us]").astype("int64") // HOUR_US
        key = rows["cell"].to_numpy("int64") * _SPAN + hour
        order = np.argsort(key, kind="stable")
        self.key = key[order]
        self.vessels = rows[f"{receiver}_vessels"].to_numpy("int64")[order]
        self.cell, self.hour = self.key // _SPAN, self.key % _SPAN
        self._sums = np.r_[0, self.vessels.cumsum()]

    def between(
        self, cell: NDArray[np.int64], begin: NDArray[np.int64] | int, end: NDArray[np.int64] | int
    ) -> NDArray[np.int64]:
        """Vessel-hours in each cell during the hours [begin, end)."""
        first, last = (np.searchsorted(self.key, cell * _SPAN + hour) for hour in (begin, end))
        return self._sums[last] - self._sums[first]

    def hours(self, cell: NDArray[np.int64], begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
        """Of the hours [begin, end) those in which anyone was heard in each cell."""
        return np.searchsorted(self.key, cell * _SPAN + end) - np.searchsorted(self.key, cell * _SPAN + begin)


def find_outages(coverage: DataFrame, now: pd.Timestamp, limits: OutageLimits) -> DataFrame:
    """Find the outages of each kind of receiver.

    A cell is silent from the last hour in which anyone was heard to the next one (or to `now`). It is a hole in
    reception if it was busy the day before, and the silence is much longer than those of the days before. Neighbouring
    cells whose holes begin and end together are one area; it is an outage if so many vessels were heard at once before,
    and most of them do not turn up in the cells around.

    coverage  COVERAGE in cells of `limits.cell_deg`, from `limits.habit_hours` before the first outage asked for to
              `limits.max_days` after the last
    now       end of the last landed day
    returns   RECEPTION_OUTAGE
    """
    days = np.unique(coverage["hour"].to_numpy("datetime64[D]"))
    found = [_of_receiver(Heard(coverage, receiver), receiver, days, now, limits) for receiver in RECEIVERS]
    return RECEPTION_OUTAGE.conform(pd.concat([one for one in found if len(one)] or [RECEPTION_OUTAGE.empty()]))


def _of_receiver(
    heard: Heard, receiver: str, days: NDArray[np.datetime64], now: pd.Timestamp, limits: OutageLimits
) -> DataFrame:
    holes = _holes(heard, int(now.timestamp()) // 3600, limits)
    if holes.empty:
        return RECEPTION_OUTAGE.empty()
    begin, end = holes["begin"].to_numpy(), holes["end"].to_numpy()

    def together(first: int, other: int) -> bool:  # in a quieter cell the silence is longer
        late, early = begin[other] - begin[first], end[first] - end[other]
        return max(late, early) <= limits.apart_hours and min(late, early) >= -limits.min_hours

    rows = []
    for area in grow(holes["cell"].tolist(), limits.cell_deg, together):
        of_area = holes.iloc[area]
        cells = np.unique(of_area["cell"].to_numpy("int64"))
        first, last = (_most(of_area[name], of_area["before"]) for name in ("begin", "end"))
        if of_area["peak"].sum() >= limits.least_vessels and not _sailed(heard, cells, first, of_area, limits):
            cells = _with_thin_cells(heard, cells, first, last, limits)
            rows.append((cells, first, last, bool(of_area["open"].all()), of_area["before"].sum() / 24))
    areas = boxes([cells for cells, *_ in rows], limits.cell_deg)
    table = DataFrame(rows, columns=["numbers", "first", "last", "open", "vessels_before"]).drop(columns="numbers")
    from_at, to_at = (_times(table[name]) for name in ("first", "last"))
    to_at = to_at.mask(table["open"].astype(bool))
    known = to_at.fillna(from_at + pd.Timedelta(hours=limits.min_hours))
    return RECEPTION_OUTAGE.conform(
        areas.assign(
            reception_outage_id=deterministic_ids("reception_outage", [receiver] * len(areas), from_at, areas["cells"]),
            kind=np.where(_any_landed(table["first"], table["last"], days), "outage", "no_data"),
            receiver=receiver,
            from_at=from_at,
            to_at=to_at,
            hours=(to_at - from_at).dt.total_seconds() / 3600,
            cell_deg=limits.cell_deg,
            vessels_before=table["vessels_before"].astype("float64").round(1),
            vessels_after=0.0,
            known_at=end_of_day(known - pd.Timedelta(microseconds=1)),
        )
    )


def _holes(heard: Heard, now: int, limits: OutageLimits) -> DataFrame:
    """Silences of busy cells, longer than habit, the busiest first: cell, begin, end (hours), open, before
    (vessel-hours of the day before), peak (vessels heard at once in the last hours)."""
    if not len(heard.key):
        return DataFrame(columns=["cell", "begin", "end", "open", "before", "peak"])
    last = np.r_[heard.cell[1:] != heard.cell[:-1], True]
    end = np.where(last, now, np.r_[heard.hour[1:], now])
    every = DataFrame({"cell": heard.cell, "begin": heard.hour + 1, "end": end, "open": last})
    every["length"] = every["end"] - every["begin"]
    long_ = every["length"].between(limits.min_hours, limits.max_days * 24)
    holes = every[long_].reset_index(drop=True)
    cell, begin = holes["cell"].to_numpy("int64"), holes["begin"].to_numpy("int64")
    holes["before"] = heard.between(cell, begin - 24, begin)
    holes["peak"] = np.max([heard.between(cell, begin - n, begin - n + 1) for n in (1, 2, 3)], axis=0)
    busy = holes["before"] >= limits.busy_vessel_hours
    holes = holes[busy & (heard.hours(cell, begin - limits.habit_hours, begin) >= limits.least_hours)]
    earlier = every[(every["length"] > 0) & every["cell"].isin(holes["cell"])]
    pairs = holes[["cell", "begin"]].reset_index().merge(earlier, on="cell", suffixes=("", "_earlier"))
    pairs = pairs[(pairs["end"] < pairs["begin"]) & (pairs["end"] > pairs["begin"] - limits.habit_hours)]
    longest = pairs.groupby("index")["length"].max().reindex(holes.index).fillna(0)
    holes = holes[holes["length"] >= limits.longest_holes * longest]
    return holes.sort_values(["before", "cell", "begin"], ascending=[False, True, True], ignore_index=True)


def _sailed(heard: Heard, cells: NDArray[np.int64], begin: int, holes: DataFrame, limits: OutageLimits) -> bool:
    """Whether most of those who are missed turned up in the cells around."""
    around = neighbours(cells, limits.cell_deg)
    hours = 3
    more = heard.between(around, begin, begin + hours) - heard.between(around, begin - hours, begin)
    return bool(np.clip(more, 0, None).sum() / hours >= limits.sailed_share * holes["peak"].sum())


def _with_thin_cells(
    heard: Heard, cells: NDArray[np.int64], begin: int, end: int, limits: OutageLimits
) -> NDArray[np.int64]:
    """The cells, and those with little traffic beside them, heard the day before and silent meanwhile too."""
    around = neighbours(cells, limits.cell_deg)
    was, silent = heard.between(around, begin - 24, begin) > 0, heard.between(around, begin, end) == 0
    return np.union1d(cells, around[was & silent])


def _most(hours: pd.Series, weights: pd.Series) -> int:
    """The median of hours by weight: where many ships are heard, the hour is sure."""
    order = np.argsort(hours.to_numpy(), kind="stable")
    sums = weights.to_numpy()[order].cumsum()
    return int(hours.to_numpy()[order][np.searchsorted(sums, sums[-1] / 2)])


def _any_landed(first: pd.Series, last: pd.Series, days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Whether any of the UTC days that each stretch of hours touches was landed."""
    begin, end = first.to_numpy("int64") // 24, (last.to_numpy("int64") - 1) // 24
    landed = days.astype("int64")
    return np.searchsorted(landed, begin) < np.searchsorted(landed, end, side="right")


def _times(hours: pd.Series) -> pd.Series:
    return (
        pd.to_datetime(hours.to_numpy("int64") * HOUR_US, unit="us", utc=True)
        .as_unit("us")
        .to_series(index=hours.index)
    )
