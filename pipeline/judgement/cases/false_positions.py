"""False positions beside an event: what was sent under a ship's number when it began or ended, and no ship can have
sent from there. They weigh against what rests on positions of that time, and say nothing of what she did."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pipeline.contracts import POSITION_ANOMALY

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.judgement.cases.around import Around

FALSE_POSITIONS = """
    {0}_id       longest stretch of false positions under her MMSI, or her partner's, within a day of its begin or end
    {0}_kind     its kind, as in POSITION_ANOMALY; grid or out_of_range only where there is no other
    {0}_mmsi     that MMSI
    {0}_from     first position of it (UTC)
    {0}_hours    its hours
    {0}_said     what is wrong with them, for sentences
    {0}_ships    ships with false positions there and then; from three on it is interference
    {0}_for_all  whether it is interference, and no matter of the ship
"""
# Kinds that make runs and events of ours, unlike a stray position or a burst, which belong to no ship.
_SAID = {
    "frozen": "stood still to the last digit at a speed that would have moved her",
    "circle": "went round and round on one circle",
    "grid": "lay on a lattice of hundredths of a degree",
    "replayed": "repeated an earlier way",
    "clock_off": "repeated an earlier way by whole hours, as a wrong clock does",
    "out_of_range": "were heard by shore stations that heard none of the ships which satellites heard around her",
}


def with_false_positions(cases: DataFrame, around: Around, *parties: str) -> DataFrame:
    """Add `FALSE_POSITIONS` (false_…) to cases with began_at and ended_at.

    parties  the columns with the MMSIs of those whose positions it rests on
    """
    from pandas import concat

    asked = [
        cases[[party, end]].set_axis(["mmsi", "at"], axis=1) for party in parties for end in ("began_at", "ended_at")
    ]
    return cases.join(false_positions(concat(asked), around).add_prefix("false_"))


def false_positions(asked: DataFrame, around: Around) -> DataFrame:
    """The longest stretch of false positions within some hours of the moments (limits: anomaly.beside_hours) of each
    row: id, kind, mmsi, from, hours, said, ships, for_all; index as of `asked`, rows of one index together.

    asked  mmsi, at
    """
    from pandas import Timedelta, concat

    day, beside = Timedelta(days=1), Timedelta(hours=around.limits.anomaly.beside_hours)
    false = around.of(POSITION_ANOMALY)
    false = false[false["kind"].isin(_SAID)]
    false = false.assign(day=false["began_at"].dt.floor("D"))  # no stretch goes on over midnight
    asked = asked.rename_axis("case").reset_index().dropna().astype({"mmsi": "int64"})
    reach = range(-(days := math.ceil(beside / day)), days + 1)
    asked = concat([asked.assign(day=asked["at"].dt.floor("D") + step * day) for step in reach])
    pairs = asked.merge(false, on=["mmsi", "day"], validate="many_to_many")
    pairs = pairs[(pairs["began_at"] <= pairs["at"] + beside) & (pairs["ended_at"] >= pairs["at"] - beside)]
    lasted = pairs["ended_at"] - pairs["began_at"]
    pairs = pairs.assign(
        lasted=lasted, hours=lasted.dt.total_seconds() / 3600, said=pairs["kind"].map(_SAID),
        doubtful=pairs["kind"].isin(["grid", "out_of_range"]),
    )  # fmt: skip
    order = ["doubtful", "lasted", "position_anomaly_id"]
    pairs = pairs.sort_values(order, ascending=[True, False, True]).drop_duplicates("case")
    names = {
        "position_anomaly_id": "id", "kind": "kind", "mmsi": "mmsi", "began_at": "from", "hours": "hours",
        "said": "said", "ships": "ships", "interference": "for_all",
    }  # fmt: skip
    return pairs.set_index("case")[list(names)].rename(columns=names)
