"""Changes of a source: from one day on, far fewer vessels are heard over an area, and it stays so.

On 1 November 2021 China's shore stations vanished from the feeds of the world; ships sailed as before. Such a step in
the counts is a fact about the source: whoever fell silent across it did not do so by herself.
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
from pipeline.movement.outages import Heard

_RINGS = 3  # of cells around, that a fleet may have sailed over to within days


def find_source_changes(coverage: DataFrame, now: pd.Timestamp, limits: OutageLimits) -> DataFrame:
    """Find the steps down in what each kind of receiver hears.

    Of a cell, every landed day of the week after is below every one of the week before, and the median of the one is at
    most `limits.change_share` of the other's. An area is `limits.change_cells` such cells side by side, whose vessels
    do not turn up in the cells around. The hour is the one that parts the counts of its cells best.

    coverage  COVERAGE in cells of `limits.cell_deg`, with two weeks before the first day asked for and after the last
    now       end of the last landed day
    returns   RECEPTION_OUTAGE of kind source_change; `to_at` is null: how long it lasts is not known
    """
    found = [_of_receiver(Heard(coverage, one), one, _landed(coverage), now, limits) for one in RECEIVERS]
    return RECEPTION_OUTAGE.conform(pd.concat([one for one in found if len(one)] or [RECEPTION_OUTAGE.empty()]))


def _landed(coverage: DataFrame) -> NDArray[np.int64]:
    """The UTC days with any position, as numbers since 1970."""
    return np.unique(coverage["hour"].to_numpy("datetime64[D]").astype("int64"))


def _of_receiver(
    heard: Heard, receiver: str, landed: NDArray[np.int64], now: pd.Timestamp, limits: OutageLimits
) -> DataFrame:
    cells = np.unique(heard.cell)
    sums = heard.between(cells[:, None], landed[None, :] * 24, landed[None, :] * 24 + 24)
    busy = (sums >= limits.change_vessels * 24).any(axis=1)
    if busy.sum() < limits.change_cells:
        return RECEPTION_OUTAGE.empty()
    steps = _steps(cells[busy], sums[busy], landed, int(now.timestamp()) // 86400, limits)
    day = steps["day"].tolist()
    rows = []
    for area in grow(steps["cell"].tolist(), limits.cell_deg, lambda first, other: abs(day[first] - day[other]) <= 1):
        of_area = steps.iloc[area].sort_values("fall", ascending=False).drop_duplicates("cell")
        numbers = of_area["cell"].to_numpy("int64")
        if len(numbers) < limits.change_cells or _sailed(cells, sums, landed, of_area, limits):
            continue
        hour = _hour(heard, numbers, int(of_area["day"].min()), int(of_area["day"].max()))
        rows.append((np.sort(numbers), hour, of_area["before"].sum() / 24, of_area["after"].sum() / 24))
    table = DataFrame(rows, columns=["numbers", "hour", "vessels_before", "vessels_after"])
    areas = boxes(table["numbers"].tolist(), limits.cell_deg)
    from_at = pd.to_datetime(table["hour"].astype("int64") * 3600, unit="s", utc=True).dt.as_unit("us")
    return RECEPTION_OUTAGE.conform(
        areas.assign(
            reception_outage_id=deterministic_ids("source_change", [receiver] * len(areas), from_at, areas["cells"]),
            kind="source_change",
            receiver=receiver,
            from_at=from_at,
            to_at=pd.NaT,
            hours=np.nan,
            cell_deg=limits.cell_deg,
            vessels_before=table["vessels_before"].astype("float64").round(1),
            vessels_after=table["vessels_after"].astype("float64").round(1),
            known_at=end_of_day(from_at + pd.Timedelta(days=limits.change_days)),
        )
    )


def _steps(
    cells: NDArray[np.int64], sums: NDArray[np.int64], landed: NDArray[np.int64], today: int, limits: OutageLimits
) -> DataFrame:
    """Cells and days that part a week of many vessel-hours from a week of few, the greatest fall first: cell, day,
    before and after (median vessel-hours a day), fall."""
    found = [DataFrame(columns=["cell", "day", "before", "after", "fall"])]
    for day in landed[landed + limits.change_days < today]:
        back = (landed >= day - limits.change_days) & (landed < day)
        on = (landed > day) & (landed <= day + limits.change_days)
        if min(back.sum(), on.sum()) < limits.change_least_days:
            continue
        before, after = np.median(sums[:, back], axis=1), np.median(sums[:, on], axis=1)
        step = (sums[:, on].max(axis=1) < sums[:, back].min(axis=1)) & (after <= limits.change_share * before)
        step &= before >= limits.change_vessels * 24
        fall = sums[:, back].min(axis=1) - sums[:, on].max(axis=1)
        rows = DataFrame({"cell": cells, "day": day, "before": before, "after": after, "fall": fall})
        found.append(rows[step])
    steps = pd.concat([one for one in found if len(one)] or found)
    return steps.sort_values(["fall", "cell", "day"], ascending=[False, True, True], ignore_index=True)


def _sailed(
    cells: NDArray[np.int64], sums: NDArray[np.int64], landed: NDArray[np.int64], steps: DataFrame, limits: OutageLimits
) -> bool:
    """Whether most of those who are missed turned up in the cells around."""
    first, last = steps["day"].min(), steps["day"].max()
    beside = np.isin(cells, neighbours(steps["cell"].to_numpy("int64"), limits.cell_deg, _RINGS))
    back = (landed >= first - limits.change_days) & (landed < first)
    on = (landed > last) & (landed <= last + limits.change_days)
    more = np.median(sums[beside][:, on], axis=1) - np.median(sums[beside][:, back], axis=1)
    return bool(np.clip(more, 0, None).sum() >= limits.sailed_share * (steps["before"] - steps["after"]).sum())


def _hour(heard: Heard, cells: NDArray[np.int64], first: int, last: int) -> int:
    """The hour (since 1970) that parts the counts of these cells best, from the day before to the day after."""
    hours = np.arange((first - 1) * 24, (last + 2) * 24)
    counts = heard.between(cells[:, None], hours[None, :], hours[None, :] + 1).sum(axis=0)
    before = np.arange(1, len(hours))
    after = len(hours) - before
    sums = counts.cumsum()[:-1]
    apart = before * after * (sums / before - (counts.sum() - sums) / after) ** 2
    return int(hours[1 + int(apart.argmax())])
