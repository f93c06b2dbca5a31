"""Identity changes of one track: where it begins to report another number, name, call sign, type or size.

Hands type these fields, so what differs by a letter, by rounding, or by a word that says little, is told as what it
most likely is (`ordinary`); so are slips within a day, which are left out. What a change is worth is judged later, by
where and when she made it. Pairs of tracks that are one ship, or say so: `pipeline.events.one_hull`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas import DataFrame, Series
from rapidfuzz.distance import Levenshtein

from pipeline.contracts import IDENTITY_CHANGE, OURS, SAID
from pipeline.days import end_of_day
from pipeline.events.detector import Detector, ToldDays
from pipeline.ids import deterministic_ids
from pipeline.imo import is_imo
from pipeline.limits import IdentityLimits
from pipeline.names import compared_name, figures_of

DETECTOR = Detector(IDENTITY_CHANGE, lambda days: find_value_changes(days))

TRACK = ["mmsi", "track"]
FIELDS = ("imo", "name", "call_sign", "ship_type", "dimensions")
OF_PAIRS = (
    "other_mmsi", "other_vessel_id", "other_track_id", "off_longitude", "off_latitude", "other_back_at", "distance_nm",
    "hours", "candidates",
)  # fmt: skip
_KINDS_OF_SHIP = range(2, 9)  # first digit of the AIS ship type: the others say "other" or nothing
_SAYING_LITTLE = {"", "0", "NONE", "NIL", "UNKNOWN", "TBN"}


def find_value_changes(days: ToldDays) -> DataFrame:
    """Find where tracks report other values than the ones before.

    returns  IDENTITY_CHANGE, kind `value`, without what attribution adds (vessel_id, track_id, imo), plus `track`
    """
    found = [_changes(field, rows, days.limits.identity) for field, rows in _reported(days).items()]
    changes = pd.concat([one for one in found if len(one)] or found[:1], ignore_index=True)
    changes = _with_place(changes, days.runs)
    return changes.assign(
        identity_change_id=deterministic_ids(
            "identity_change",
            *(changes[name] for name in ("field", "mmsi", "changed_by", "value_before", "value_after")),
        ),
        source=OURS,
        known_at=end_of_day(changes["changed_by"]),
        cut_at_start=False,
        kind="value",
        **dict.fromkeys(OF_PAIRS),
    )


def last_said(days: ToldDays) -> DataFrame:
    """SAID after the days: what each track called itself last."""
    wide: DataFrame | None = None
    for field, rows in _reported(days).items():
        last = rows.drop_duplicates(TRACK, keep="last")[[*TRACK, "value", "last_at"]]
        last = last.rename(columns={"value": field, "last_at": f"{field}_at"})
        wide = last if wide is None else wide.merge(last, on=TRACK, how="outer")
    return SAID.conform(wide.sort_values(TRACK)) if wide is not None else SAID.empty()


def _reported(days: ToldDays) -> dict[str, DataFrame]:
    """Field to mmsi, track, value, first_at, last_at: what was said before the days, then what was said on each, in
    order of what was said last. What was said only while another value went on being said is a slip, and left out."""
    named, before = days.identities, days.before.said
    size = named["length_m"].round().astype("Int64").astype("str") + " x "
    size += named["width_m"].round().astype("Int64").astype("str")
    named = named.assign(dimensions=size.where(named["length_m"].notna() & named["width_m"].notna()))
    return {field: _of_field(named, before, field) for field in FIELDS}


def _of_field(named: DataFrame, before: DataFrame, field: str) -> DataFrame:
    given = named[[*TRACK, field, "first_at", "last_at"]].dropna(subset=[field])
    given = given.assign(value=given[field].astype("str"), day=given["first_at"].dt.floor("D"))
    keys = [*TRACK, "day", "value"]
    given = given[[*keys, "first_at", "last_at"]]
    again = given.duplicated(keys, keep=False)
    if again.any():  # said in several messages: most ships say all in one
        spans = given[again].groupby(keys, as_index=False).agg(first_at=("first_at", "min"), last_at=("last_at", "max"))
        given = pd.concat([given[~again], spans], ignore_index=True)
    several = given.duplicated([*TRACK, "day"], keep=False)
    if several.any():
        given = given[~several | ~_within_another(given, [*TRACK, "day"])]
    old = before[[*TRACK, field, f"{field}_at"]].dropna(subset=[field])
    old = old.set_axis([*TRACK, "value", "last_at"], axis=1).assign(first_at=old[f"{field}_at"], day=pd.NaT)
    parts = [part for part in (old, given) if len(part)] or [given]
    rows = pd.concat([part[[*keys, "first_at", "last_at"]] for part in parts], ignore_index=True)
    return _without_turns(rows.sort_values([*TRACK, "last_at", "first_at", "value"], ignore_index=True))


def _without_turns(rows: DataFrame) -> DataFrame:
    """Rows without values that were said in turn with the one before and after them, as by two transponders."""
    before, after = rows.shift(), rows.shift(-1)
    around = (rows[TRACK] == before[TRACK]).all(axis=1) & (rows[TRACK] == after[TRACK]).all(axis=1)
    turn = around & (before["value"] == after["value"]) & (after["first_at"] < rows["last_at"])
    return rows[~turn & ~(around & (rows["value"] == before["value"]) & (rows["value"] == after["value"]))]


def _within_another(given: DataFrame, keys: list[str]) -> Series:
    """Whether another value of the same track and day was said both before and after each."""
    of = [given[name] for name in keys]
    ordered = given.sort_values([*keys, "first_at", "last_at"])
    latest = ordered.groupby([ordered[name] for name in keys])["last_at"].cummax()
    latest = latest.groupby([ordered[name] for name in keys]).shift().reindex(given.index)
    earliest = given["first_at"].groupby(of).transform("min")
    return (latest > given["last_at"]) & (earliest < given["first_at"])


def _changes(field: str, rows: DataFrame, limits: IdentityLimits) -> DataFrame:
    """mmsi, track, field, changed_after, changed_by, value_before, value_after, ordinary of a field's changes."""
    last = rows.shift()
    same_track = (rows[TRACK] == last[TRACK]).all(axis=1)
    other = same_track & (rows["value"] != last["value"])
    changes = rows.loc[other, [*TRACK]].assign(
        field=field,
        changed_after=last["last_at"].where(last["last_at"] <= rows["first_at"], rows["first_at"])[other],
        changed_by=rows.loc[other, "first_at"],
        value_before=last.loc[other, "value"],
        value_after=rows.loc[other, "value"],
    )
    told = [
        _compared(field, *pair, limits) for pair in zip(changes["value_before"], changes["value_after"], strict=True)
    ]
    changes["ordinary"] = Series([cause or None for cause in told], index=changes.index, dtype="str")
    return changes[Series([cause is not None for cause in told], index=changes.index, dtype=bool)]


def _compared(field: str, before: str, after: str, limits: IdentityLimits) -> str | None:
    """The ordinary cause of a change, empty if none fits; null if the values are the same but for how they are set."""
    if field in ("name", "call_sign"):
        own, other = compared_name(before), compared_name(after)
        if own == other:
            return None
        if own in _SAYING_LITTLE or other in _SAYING_LITTLE:
            return "unspecific"
        return "spelling" if same_but_for_letters(own, other) else ""
    if field == "imo":
        typed = sum(one != two for one, two in zip(before, after, strict=False)) + abs(len(before) - len(after))
        if typed <= 2 and is_imo(int(before)) != is_imo(int(after)):
            return "spelling"
        return "" if is_imo(int(before)) else "numbered"
    if field == "ship_type":
        kinds = int(before) // 10, int(after) // 10
        if kinds[0] == kinds[1]:
            return None
        return "" if all(kind in _KINDS_OF_SHIP for kind in kinds) else "unspecific"
    lengths, widths = zip(*(map(int, value.split(" x ")) for value in (before, after)), strict=True)
    by_length, by_width = abs(lengths[0] - lengths[1]), abs(widths[0] - widths[1])
    if by_length <= limits.same_hull_m and by_width <= limits.same_hull_m:
        return None
    return "remeasured" if by_length <= limits.length_tolerance_m and by_width <= limits.width_tolerance_m else ""


def same_but_for_letters(own: str, other: str) -> bool:
    """Whether two compared names or call signs differ by how they are spelt: by a letter in five at most, or as the
    begin of one; the figures being the same."""
    if figures_of(own) != figures_of(other):
        return False
    short, long = sorted((own, other), key=len)
    if len(short) >= 5 and long.startswith(short):
        return True
    return int(Levenshtein.distance(own, other)) <= max(len(short) // 5, 1 if len(short) >= 4 else 0)


def _with_place(changes: DataFrame, runs: DataFrame) -> DataFrame:
    """Add where the ship was: of the run of that day that had begun by then, else of the first one."""
    heard = runs[runs["fixes"] > 0].rename(columns={"ship": "track"})
    heard = heard[heard["mmsi"].isin(changes["mmsi"])].assign(day=lambda rows: rows["began_at"].dt.floor("D"))
    keys = [*TRACK, "day"]
    asked = changes.assign(day=changes["changed_by"].dt.floor("D"), row=np.arange(len(changes)))
    pairs = asked[[*keys, "row", "changed_by"]].merge(heard, on=keys, how="inner", validate="m:m")
    wait = (pairs["began_at"] - pairs["changed_by"]).where(
        pairs["began_at"] > pairs["changed_by"], (pairs["changed_by"] - pairs["ended_at"]).clip(lower=pd.Timedelta(0))
    )
    pairs = pairs.assign(wait=wait).sort_values(["row", "wait", "began_at"], kind="stable").drop_duplicates("row")
    pairs = pairs.set_index("row").reindex(np.arange(len(changes)))
    over = (pairs["ended_at"] <= pairs["changed_by"]).to_numpy()
    return changes.assign(
        longitude=np.where(over, pairs["last_longitude"], pairs["first_longitude"]),
        latitude=np.where(over, pairs["last_latitude"], pairs["first_latitude"]),
        zone_id=pairs["zone_id"].array,
    )
