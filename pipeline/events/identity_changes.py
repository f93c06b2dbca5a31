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
_SAID_OF = [*TRACK, "field"]
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
    changes = _with_place(_changes(days.once(_reported), days.limits.identity), days.runs)
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
    rows = days.once(_reported)
    last = rows[~rows.duplicated(_SAID_OF, keep="last")].set_index(TRACK)
    said = last.index.unique().sort_values().to_frame(index=False)
    tracks = pd.MultiIndex.from_frame(said)
    for number, name in enumerate(FIELDS):
        own = last.loc[last["field"] == number, ["value", "last_at"]].reindex(tracks)
        said[name], said[f"{name}_at"] = own["value"].array, own["last_at"].array
    return SAID.conform(said)


def _reported(days: ToldDays) -> DataFrame:
    """mmsi, track, field (its place in FIELDS), value, first_at, last_at: what was said before the days, then what was
    said on each, in order of field, track, and what was said last. What was said only while another value went on
    being said is a slip, and left out."""
    named, before = days.identities, days.before.said
    size = named["length_m"].round().astype("Int64").astype("str") + " x "
    size += named["width_m"].round().astype("Int64").astype("str")
    named = named.assign(dimensions=size.where(named["length_m"].notna() & named["width_m"].notna()))
    keys = [*_SAID_OF, "day", "value"]
    given = _stacked(named, dict.fromkeys(FIELDS, ("first_at", "last_at")))
    given["day"] = given["first_at"].dt.floor("D")
    again = given.duplicated(keys, keep=False)
    if again.any():  # said in several messages: most ships say all in one
        spans = given[again].groupby(keys, as_index=False).agg(first_at=("first_at", "min"), last_at=("last_at", "max"))
        given = pd.concat([given[~again], spans], ignore_index=True)
    several = given.duplicated(keys[:-1], keep=False)
    if several.any():
        given = given[~several | ~_within_another(given, keys[:-1])]
    old = _stacked(before, {name: (f"{name}_at", f"{name}_at") for name in FIELDS})
    rows = pd.concat([part for part in (old, given.drop(columns="day")) if len(part)] or [old], ignore_index=True)
    rows = rows.sort_values(["field", *TRACK, "last_at", "first_at", "value"], ignore_index=True)
    return _without_turns(rows)


def _stacked(said: DataFrame, times: dict[str, tuple[str, str]]) -> DataFrame:
    """mmsi, track, field, value (text), first_at, last_at of the values in columns of their own.

    times  of each field the columns that hold when its value was said first and last
    """
    parts = []
    for number, (name, (first, last)) in enumerate(times.items()):
        of_field = said[said[name].notna()]
        parts.append(
            DataFrame(
                {
                    "mmsi": of_field["mmsi"], "track": of_field["track"], "field": number,
                    "value": of_field[name].astype("str"), "first_at": of_field[first], "last_at": of_field[last],
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _without_turns(rows: DataFrame) -> DataFrame:
    """Rows without values that were said in turn with the one before and after them, as by two transponders."""
    around = _follows(rows, 1) & _follows(rows, -1)
    before, after = rows["value"].shift(), rows["value"].shift(-1)
    turn = around & (before == after) & (rows["first_at"].shift(-1) < rows["last_at"])
    return rows[~turn & ~(around & (rows["value"] == before) & (rows["value"] == after))]


def _follows(rows: DataFrame, by: int) -> Series:
    """Whether the row before each, or after (-1), is of the same track and field."""
    same = [rows[name] == rows[name].shift(by) for name in _SAID_OF]
    return same[0] & same[1] & same[2]


def _within_another(given: DataFrame, keys: list[str]) -> Series:
    """Whether another value of the same track and day was said both before and after each."""
    of = [given[name] for name in keys]
    ordered = given.sort_values([*keys, "first_at", "last_at"])
    latest = ordered.groupby([ordered[name] for name in keys])["last_at"].cummax()
    latest = latest.groupby([ordered[name] for name in keys]).shift().reindex(given.index)
    earliest = given["first_at"].groupby(of).transform("min")
    return (latest > given["last_at"]) & (earliest < given["first_at"])


def _changes(rows: DataFrame, limits: IdentityLimits) -> DataFrame:
    """mmsi, track, field, changed_after, changed_by, value_before, value_after, ordinary of what was `_reported`."""
    other = _follows(rows, 1) & (rows["value"] != rows["value"].shift())
    last, rows = rows.shift()[other], rows[other]
    named = [FIELDS[number] for number in rows["field"]]
    changes = rows[TRACK].assign(
        field=pd.array(named, dtype="str"),
        changed_after=last["last_at"].where(last["last_at"] <= rows["first_at"], rows["first_at"]),
        changed_by=rows["first_at"],
        value_before=last["value"],
        value_after=rows["value"],
    )
    told = [_compared(*change, limits) for change in zip(named, last["value"], rows["value"], strict=True)]
    changes["ordinary"] = Series([cause or None for cause in told], index=changes.index, dtype="str")
    return changes[np.array([cause is not None for cause in told], dtype=bool)].reset_index(drop=True)


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
