"""Draughts: what a ship took on or landed at a call, read from the draughts she reported around it.

One rule for both ends of a passage. A draught is typed by hand, often when she has sailed: it is read from the last
draught of the stay if that differs from the one on arrival, else from the first that differs after it, within a stated
time and before her next call in another harbour. A figure that is soon typed over is taken for a slip. Nothing is read
across a silence that outlasts that time: what she did in it is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.harbours import harbours_at
from pipeline.limits import DraughtLimits

if TYPE_CHECKING:
    from pandas import DataFrame, Series

READ = [
    "draught_in_m", "draught_least_m", "draught_most_m", "draught_out_m", "draught_change_m", "draught",
    "draught_stale", "draught_since",
    "draught_known_at", "draught_typed_at",
]  # fmt: skip
ROUNDING_M = 0.01  # decimetres are entered by hand; a tenth of one keeps binary fractions from deciding


def read_draughts(
    calls: DataFrame, changes: DataFrame, zones: DataFrame, least_m: float, limits: DraughtLimits
) -> DataFrame:
    """Read what the draught did at each call.

    calls    all calls of the tracks: track_id, zone_id, port, country, confidence, arrived_after (null where the data
             begins in it), arrived_by, departed_after (null while open), draught_in_m (in force on arrival),
             draught_in_at (since when; may be null)
    changes  DRAUGHT_CHANGE of the tracks
    zones    ZONE
    least_m  smallest change that means cargo, metres
    returns  `READ` for each call, same index: draught on arrival (else the first of the stay), the lowest,
             the highest, the one she left with and its change, a word (rose, fell, fell_then_rose, rose_then_fell,
             unchanged or unreported), and where a report after the stay established it, since when that is known and
             when it was first seen (UTC). Of a call that the data begins in, unchanged counts as unreported.
             draught_stale says that the one on arrival was not kept up: in force (`draught_since`) for
             `limits.stale_days`, and since before an earlier call in another harbour.
             rose_then_fell: she left with what she came with, and reported more between, as who types on arrival what
             she had long carried, and then lands it
    """
    from pandas import DataFrame, Timedelta, concat

    rows = calls[["track_id", "arrived_by", "departed_after", "draught_in_m"]].copy()
    # Unheard behind a lock (confidence 2 though her coming was seen), she was inside from when she was last heard.
    unheard = (calls["confidence"] == 2) & calls["arrived_after"].notna()
    came_by = calls["arrived_by"].mask(unheard, calls["arrived_after"])
    # Where the data begins at a lock, the draught on arrival was seen before the silence in which she was inside.
    rows["came_by"] = came_by.mask(calls["draught_in_at"] < came_by, calls["draught_in_at"])
    rows["call"] = range(len(rows))
    rows["until"] = rows["departed_after"] + Timedelta(hours=limits.typed_within_hours)
    harbours = harbours_at(calls, zones)
    rows["until"] = rows[["until"]].assign(next=_next_elsewhere(calls, harbours)).min(axis=1)
    pairs = rows.merge(_standing(changes, limits), on="track_id", validate="many_to_many")
    open_, inside = pairs["departed_after"].isna(), pairs["changed_by"] <= pairs["departed_after"]
    pairs = pairs.assign(inside=inside | open_).sort_values(["call", "changed_by"], kind="stable")
    earlier = pairs["changed_by"] <= pairs["came_by"]
    before = pairs[earlier].groupby("call")["draught_after_m"].last()
    pairs = pairs[~earlier]
    heard = pairs[pairs["departed_after"].isna() | (pairs["changed_by"] <= pairs["until"])]
    first = heard.drop_duplicates("call").set_index("call")["draught_before_m"]

    found = rows.set_index("call")
    came = first.reindex(found.index).fillna(before.reindex(found.index)).fillna(found["draught_in_m"])
    heard = heard.assign(came=heard["call"].map(came))
    left = heard[heard["inside"]].groupby("call")["draught_after_m"].last().reindex(found.index).fillna(came)
    far = (heard["draught_after_m"] - heard["came"]).abs() >= least_m - ROUNDING_M
    late = heard[~heard["inside"] & far].drop_duplicates("call").set_index("call")
    typed_late = ~((left - came).abs() >= least_m - ROUNDING_M) & found.index.isin(late.index)
    out = left.mask(typed_late, late["draught_after_m"].reindex(found.index))
    known_at, typed_at = (late[name].reindex(found.index).where(typed_late) for name in ("known_at", "changed_by"))

    lowest = heard["came"].where(~heard.duplicated("call"), heard.groupby("call")["draught_after_m"].shift())
    lowest = lowest.groupby(heard["call"]).cummin()
    again = heard.assign(lowest=lowest)
    again = again[
        (again["came"] - lowest >= least_m - ROUNDING_M) & (again["draught_after_m"] - lowest >= least_m - ROUNDING_M)
    ]
    again = again.drop_duplicates("call").set_index("call")
    twice = found.index.isin(again.index)
    out = out.mask(twice, again["draught_after_m"].reindex(found.index))
    later, seen = (again[name].where(~again["inside"]).reindex(found.index) for name in ("known_at", "changed_by"))

    highest = heard[heard["inside"]].groupby("call")["draught_after_m"].max().reindex(found.index)
    word = _word(out - came, least_m)
    word = word.mask((word == "unchanged") & (highest - came >= least_m - ROUNDING_M), "rose_then_fell")
    across = pairs[(pairs["changed_after"] < pairs["until"]) & (pairs["changed_by"] > pairs["until"])]
    out = out.where(came.notna())
    # Where the data begins in a call, what she came with is not known: she may have loaded before.
    cut = (calls["arrived_after"].isna() & ~(calls["draught_in_at"] < calls["arrived_by"])).to_numpy()
    unread = (word == "unchanged") & (found["departed_after"].isna() | found.index.isin(across["call"]) | cut)
    word = word.mask(unread, "unreported").mask(twice, "fell_then_rose")
    read = DataFrame({
        "draught_in_m": came,
        "draught_least_m": again["lowest"].reindex(found.index).fillna(out.clip(upper=came)),
        "draught_most_m": concat([came, out, highest], axis=1).max(axis=1),
        "draught_out_m": out,
        "draught_change_m": (out - came).round(1),
        "draught": word,
        "draught_stale": _stale(calls, harbours, limits).to_numpy(),
        "draught_since": calls["draught_in_at"].to_numpy(),
        "draught_known_at": known_at.mask(twice, later),
        "draught_typed_at": typed_at.mask(twice, seen),
    })  # fmt: skip
    return read.set_axis(calls.index)


def _next_elsewhere(calls: DataFrame, harbours: Series) -> Series:
    """When the next call of the track in another harbour begins: a shift of berth goes on with the same cargo."""
    stops = calls[calls["confidence"] > 1].assign(harbour=harbours)
    stops = stops.sort_values(["track_id", "arrived_by"], kind="stable")
    ends_run = (stops["harbour"] != stops["harbour"].shift(-1)) & (stops["track_id"] == stops["track_id"].shift(-1))
    elsewhere = stops["arrived_by"].shift(-1).where(ends_run)
    return elsewhere.groupby(stops["track_id"]).bfill().reindex(calls.index)


def _stale(calls: DataFrame, harbours: Series, limits: DraughtLimits) -> Series:
    """Whether the draught on arrival has outlived a call elsewhere, and a time in which cargoes come and go."""
    from pandas import Timedelta

    rows = calls[["track_id", "arrived_by", "draught_in_at"]].assign(harbour=harbours)
    rows = rows.sort_values(["track_id", "arrived_by"], kind="stable")
    elsewhere = (rows["harbour"] != rows["harbour"].shift()) & (rows["track_id"] == rows["track_id"].shift())
    came_before = rows["arrived_by"].shift().where(elsewhere).groupby(rows["track_id"]).ffill()
    old = rows["arrived_by"] - rows["draught_in_at"] >= Timedelta(days=limits.stale_days)
    return (old & (rows["draught_in_at"] <= came_before)).reindex(calls.index)


def _standing(changes: DataFrame, limits: DraughtLimits) -> DataFrame:
    """Changes to figures that stood: one typed over sooner than a hand corrects a slip is left out, and `before` and
    `changed_after` of the next are those of the last that stood."""
    from pandas import Timedelta

    columns = ["track_id", "changed_after", "changed_by", "draught_before_m", "draught_after_m", "known_at"]
    rows = changes[columns].dropna(subset=["track_id"]).sort_values(["track_id", "changed_by"], kind="stable")
    same = rows["track_id"] == rows["track_id"].shift(-1)
    slip = same & (rows["changed_by"].shift(-1) - rows["changed_by"] < Timedelta(hours=limits.slip_hours))
    first = (~slip).shift(fill_value=True) | (
        rows["track_id"] != rows["track_id"].shift()
    )  # of what ends in one figure
    began = rows[["draught_before_m", "changed_after"]].where(first).groupby(rows["track_id"]).ffill()
    rows = rows.assign(**began)[~slip]
    return rows[rows["draught_before_m"] != rows["draught_after_m"]]


def _word(change_m: Series, least_m: float) -> Series:
    """rose, fell, unchanged or unreported."""
    word = change_m.astype("float64").map(lambda _: "unchanged", na_action="ignore").astype("str")
    word = word.where(change_m.notna(), "unreported")
    return word.mask(change_m >= least_m - ROUNDING_M, "rose").mask(change_m <= -least_m + ROUNDING_M, "fell")
