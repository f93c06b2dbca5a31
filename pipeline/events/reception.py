"""Reception of AIS gaps: could she have been heard? Judged by who else was, where she fell silent and came back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from pipeline.contracts import RECEIVERS
from pipeline.limits import GapLimits
from pipeline.movement.coverage import HOUR_US, cell_of, widen

_HOURS_SPAN = 1 << 24  # more hours than since 1970 for centuries
RECEPTION = ["reception", "reception_cell_deg", "hours_tested", "hours_heard", "vessel_hours_before"]


class Asked(NamedTuple):
    """The hours that reception is judged by: row (of the gap), hour, longitude, latitude (where she may have been).

    tested  after she fell silent and before she came back
    before  the window before she fell silent, at her last position
    """

    tested: DataFrame
    before: DataFrame


def asked_hours(gaps: DataFrame, now: pd.Timestamp, limits: GapLimits) -> Asked:
    """The hours that decide the reception of gaps (`judge_reception`).

    gaps  began_at, ended_at (null while open), off_/on_longitude, off_/on_latitude; index from 0 on
    now   end of the last landed day; hours after it are not tested
    """
    window = pd.Timedelta(hours=limits.reception_window_hours)
    before = _hours(gaps["began_at"].dt.floor("h") - window, gaps["began_at"].dt.floor("h"))
    before = before.join(gaps[["off_longitude", "off_latitude"]].set_axis(["longitude", "latitude"], axis=1), on="row")
    return Asked(_tested_hours(gaps, now, window), before)


def asked_cells(gaps: DataFrame, asked: Asked, limits: GapLimits) -> DataFrame:
    """The cells whose coverage decides the reception of gaps: day (midnight, UTC), degrees (size of the cell), cell."""
    rows = pd.concat([asked.tested, asked.before], ignore_index=True)
    by_satellite = (gaps["receiver"] == "satellite").to_numpy()[rows["row"].to_numpy()]
    found = [
        DataFrame({"day": some["hour"].dt.floor("D"), "degrees": degrees, "cell": _cell(some, degrees)})
        for some, degrees in ((rows, max(limits.cell_deg)), (rows[by_satellite], limits.pass_deg))
    ]
    return pd.concat(found).drop_duplicates(ignore_index=True)


def judge_reception(
    gaps: DataFrame, asked: Asked, coverage: DataFrame, outages: DataFrame, limits: GapLimits
) -> DataFrame:
    """Judge whether a silent ship could have been heard, from whom else the kind of receiver heard that heard her last.

    Tested are the full hours, at most `limits.reception_window_hours`, after she fell silent and before she came back,
    each in the cell where she was if she sailed straight from her last position to her first (while the gap is open:
    in the cell of her last position), so that a ship that sails out of reception is not taken for one that hides.
    Others heard in `limits.heard_share` of the hours: she could have been heard. In at most `limits.not_heard_share`:
    an outage or a hole, in which nobody was. The cell is the smallest of `limits.cell_deg` that says one of the two, of
    those in which at least `limits.busy_vessel_hours` vessel-hours of others were heard around her last position in
    the window before. Where none does, there was no full hour to test, or too little traffic: unknown.

    Whom shore stations heard is asked against shore stations. Whom satellites heard is asked against satellites, and
    only in hours in which one passed, of which it takes `limits.least_passes`: between passes nobody is heard. Where
    the kind of receiver is not known, anyone heard counts. Hours after a change of the source that she fell silent
    across (`reception_outage`) are not tested where others are heard still: it took her, and not them.

    gaps      as for `asked_hours`, and receiver
    coverage  COVERAGE, of the cells that `asked_cells` names at least
    outages   RECEPTION_OUTAGE around the gaps
    returns   gaps with reception, reception_cell_deg, hours_tested, hours_heard, vessel_hours_before,
              reception_outage_id, hours_hidden
    """
    hidden = _hidden(gaps, asked.tested, outages, limits)
    lost = asked.tested.index.isin(hidden.loc[hidden["lost"], "at"])
    tested, before = asked.tested[~lost], asked.before
    parts = []
    for receiver in RECEIVERS:
        chosen = (gaps["receiver"] == receiver).to_numpy()
        if chosen.any():
            heard = _heard_by(coverage, receiver)
            hours, habit = (rows[chosen[rows["row"].to_numpy()]] for rows in (tested, before))
            parts.append(_judged(gaps[chosen], hours, habit, heard, limits, passes=receiver == "satellite"))
    result = pd.concat([*parts, gaps.iloc[:0]]).reindex(gaps.index)
    return _with_outages(result, hidden, asked.tested, limits)


def _heard_by(coverage: DataFrame, receiver: str) -> DataFrame:
    """Coverage of one kind of receiver, where the kind is not known of all: cell, hour, vessels."""
    vessels = coverage["vessels" if receiver == "unknown" else f"{receiver}_vessels"]
    return coverage.assign(vessels=vessels).loc[vessels > 0, ["cell", "hour", "vessels"]]


def _judged(
    gaps: DataFrame, tested: DataFrame, before: DataFrame, coverage: DataFrame, limits: GapLimits, *, passes: bool
) -> DataFrame:
    """Gaps of one kind of receiver with `RECEPTION`."""
    if passes:
        above = widen(coverage, limits.pass_deg)
        place = _place(_cell(tested, limits.pass_deg), tested["hour"])
        tested = tested[np.isin(place, _place(above["cell"].to_numpy(), above["hour"]))]
    result = gaps.assign(
        reception="unknown", reception_cell_deg=np.nan, hours_tested=0, hours_heard=0, vessel_hours_before=0
    )
    undecided = Series(True, index=gaps.index)
    for degrees in limits.cell_deg:
        if not undecided.any():
            break
        heard = widen(coverage, degrees)
        habit = _heard(heard, before, degrees, gaps.index)
        others = (habit["vessels"] - habit["heard"]).clip(lower=0)  # she herself was heard in those hours
        busy = undecided & (others >= limits.busy_vessel_hours)
        found = _heard(heard, tested, degrees, gaps.index)
        share = found["heard"] / found["hours"].where(found["hours"] >= (limits.least_passes if passes else 1))
        verdict = np.select(
            [share >= limits.heard_share, share <= limits.not_heard_share], ["heard_others", "not_heard"], "unknown"
        )
        values = DataFrame(
            {
                "reception": verdict,
                "reception_cell_deg": degrees,
                "hours_tested": found["hours"],
                "hours_heard": found["heard"],
                "vessel_hours_before": others,
            },
            index=gaps.index,
        )
        for column in RECEPTION:
            result[column] = result[column].where(~busy, values[column])
        undecided &= ~(busy & (verdict != "unknown"))
    return result.astype({c: "int64" for c in ("hours_tested", "hours_heard", "vessel_hours_before")})


def _hidden(gaps: DataFrame, tested: DataFrame, outages: DataFrame, limits: GapLimits) -> DataFrame:
    """Hours in which an outage, or a change of the source, hid her: at (index of `tested`), row, reception_outage_id,
    change (whether it was one), lost (whether others are heard still)."""
    columns = ["at", "row", "reception_outage_id", "change", "lost"]
    if outages.empty or tested.empty:
        return DataFrame(columns=columns)
    change = outages["kind"] == "source_change"
    cells = outages.assign(
        cell=outages["cells"].str.split(), change=change,
        lost=change & (outages["vessels_after"] > limits.not_heard_share * outages["vessels_before"]),
    ).explode("cell").astype({"cell": "int64"})  # fmt: skip
    hours = tested.rename_axis("at").reset_index()
    hours["cell"] = _cell(hours, float(outages["cell_deg"].iloc[0]))
    hours = hours[hours["cell"].isin(cells["cell"])]
    facts = gaps[["began_at", "receiver"]].iloc[hours["row"]].set_axis(hours.index)
    pairs = hours.assign(**facts).merge(cells, on=["cell", "receiver"], validate="many_to_many")
    begun = pairs["hour"] >= pairs["from_at"]
    meanwhile = ~pairs["change"] & (pairs["to_at"].isna() | (pairs["hour"] < pairs["to_at"]))
    since = pairs["from_at"] - pairs["began_at"].dt.floor("h")
    across = pairs["change"] & (since >= pd.Timedelta(0)) & (
        since <= pd.Timedelta(hours=limits.reception_window_hours)
    )  # fmt: skip
    return pairs.loc[begun & (meanwhile | across), columns]


def _with_outages(gaps: DataFrame, hidden: DataFrame, tested: DataFrame, limits: GapLimits) -> DataFrame:
    """Gaps with the outage that hid each in the most hours, and what follows from it.

    One that was hidden all along could not have been heard. Of one that began with an outage, and did not outlast it by
    hours in which others were heard, or that was hidden half of the time, nobody knows: everybody fell silent then.

    tested  full hours after each fell silent and before she came back, in order
    """
    hours = np.bincount(tested["row"], minlength=len(gaps))
    count = hidden.groupby(["row", "reception_outage_id"], as_index=False).agg(
        hours=("at", "nunique"), change=("change", "first")
    )
    most = count.sort_values(["row", "hours", "reception_outage_id"], ascending=[True, False, True])
    most = most.drop_duplicates("row").set_index("row").reindex(range(len(gaps)))
    share = most["hours"].to_numpy("float64") / np.maximum(hours, 1)
    change = most["change"].eq(True).to_numpy()
    all_along = ~change & (share >= 1 - limits.not_heard_share)
    few = change & (gaps["hours_tested"].to_numpy() < limits.min_hours)
    began_in = gaps.index.isin(hidden.loc[~hidden["change"] & hidden["at"].isin(_first_of(tested)), "row"])
    began_in &= gaps["hours_heard"].to_numpy() < limits.min_hours
    with_all = ~change & (began_in | (share >= limits.heard_share)) & (gaps["reception"] == "heard_others").to_numpy()
    unknown = (gaps["reception"] == "unknown").to_numpy()
    return gaps.assign(
        reception=gaps["reception"]
        .mask(all_along & (unknown | with_all), "not_heard")
        .mask(few | (with_all & ~all_along), "unknown"),
        reception_outage_id=most["reception_outage_id"].astype("str").set_axis(gaps.index),
        hours_hidden=most["hours"].astype("Int64").set_axis(gaps.index),
    )


def _first_of(tested: DataFrame) -> pd.Index:
    """Where in the tested hours the first one of each row is."""
    return tested.drop_duplicates("row").index


def _tested_hours(gaps: DataFrame, now: pd.Timestamp, window: pd.Timedelta) -> DataFrame:
    """row, hour, longitude, latitude: the hours to test, and where the ship was in each if she sailed straight."""
    began, ended = gaps["began_at"], gaps["ended_at"].fillna(now)
    first, last = began.dt.ceil("h"), ended.dt.floor("h")
    until = pd.concat([first + window, last], axis=1).min(axis=1)
    again = pd.concat([last - window, until], axis=1).max(axis=1).where(gaps["ended_at"].notna(), last)
    hours = pd.concat([_hours(first, until), _hours(again, last)], ignore_index=True)
    way = gaps.loc[hours["row"]].reset_index(drop=True)
    middle = hours["hour"] + pd.Timedelta(minutes=30)
    part = ((middle - way["began_at"]) / (way["ended_at"] - way["began_at"])).fillna(0.0).clip(0, 1)
    east = (way["on_longitude"] - way["off_longitude"] + 180) % 360 - 180  # the short way round
    hours["longitude"] = (way["off_longitude"] + part * east.fillna(0.0) + 180) % 360 - 180
    hours["latitude"] = way["off_latitude"] + part * (way["on_latitude"] - way["off_latitude"]).fillna(0.0)
    return hours


def _hours(begin: Series, end: Series) -> DataFrame:
    """row, hour: the full hours of [begin, end) of each row."""
    count = ((end - begin) // pd.Timedelta(hours=1)).clip(lower=0).to_numpy("int64")
    row = np.repeat(begin.index.to_numpy(), count)
    number = np.arange(count.sum()) - np.repeat(count.cumsum() - count, count)
    return DataFrame({"row": row, "hour": begin.loc[row].reset_index(drop=True) + pd.to_timedelta(number, unit="h")})


def _heard(coverage: DataFrame, hours: DataFrame, degrees: float, rows: pd.Index) -> DataFrame:
    """Per row: hours asked, hours in which anybody was heard in the cell, and vessel-hours heard there.

    coverage  in order of cell and hour, as `widen` gives it
    """
    known = _place(coverage["cell"].to_numpy(), coverage["hour"])
    asked = _place(_cell(hours, degrees), hours["hour"])
    at = np.searchsorted(known, asked)
    heard = np.append(known, -1)[at] == asked
    vessels = np.append(coverage["vessels"].to_numpy(), 0)[at]
    row, most = hours["row"].to_numpy(), int(rows.max()) + 1
    sums = {
        "hours": np.bincount(row, minlength=most),
        "heard": np.bincount(row[heard], minlength=most),
        "vessels": np.bincount(row, np.where(heard, vessels, 0), minlength=most).astype("int64"),
    }
    return DataFrame(sums).reindex(rows)


def _cell(rows: DataFrame, degrees: float) -> NDArray[np.int64]:
    return cell_of(rows["longitude"].to_numpy("float64"), rows["latitude"].to_numpy("float64"), degrees)


def _place(cell: NDArray[np.int64], hour: Series) -> NDArray[np.int64]:
    """One number for a cell and an hour; numbers are in order of cell, then hour."""
    hours = hour.dt.as_unit("us").astype("int64").to_numpy() // HOUR_US
    return cell * _HOURS_SPAN + hours
