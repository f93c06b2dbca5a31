"""Who listened: changes of reception at a claim's places, which an absence in its window may be owed to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.judgement.articles import Window

if TYPE_CHECKING:
    from pandas import DataFrame

_TOLD = 3  # the longest are named, the others counted
_LEAST_HOURS = 24  # a shorter outage is no matter for a window of months


def told_of_reception(outages: DataFrame, zones: DataFrame, window: Window) -> Iterable[str]:
    """Sentences on outages and changes of the source that bear on places in a window.

    outages  RECEPTION_OUTAGE known by then
    zones    ZONE of the claim's places
    """
    from pandas import Timedelta

    end = outages["to_at"].fillna(window.to_at)
    within = (outages["from_at"] < window.to_at) & (end > window.from_at)
    change = outages["kind"] == "source_change"
    long_ = change | (end - outages["from_at"] >= Timedelta(hours=_LEAST_HOURS))
    within &= ~change | (outages["from_at"] >= window.from_at)
    rows = outages[within & long_].assign(end=end)
    rows = rows.assign(places=[_inside(row, zones) for row in rows.to_dict("records")])
    rows = rows[rows["places"] > 0].assign(length=lambda found: found["end"] - found["from_at"])
    rows = rows.sort_values(["length", "from_at", "reception_outage_id"], ascending=[False, True, True])
    for row in rows.head(_TOLD).to_dict("records"):
        of = "receivers of unknown kind" if row["receiver"] == "unknown" else f"{row['receiver']} receivers"
        where = f"at {row['places']} of its {len(zones)} places"
        if row["kind"] == "source_change":
            yield (
                f"From {row['from_at']:%Y-%m-%d %H:%M} UTC on {of} heard {row['vessels_after']:.0f} vessels an hour "
                f"{where}, where they had heard {row['vessels_before']:.0f}: a change of the source, so fewer calls "
                "since then are no finding."
            )
        else:
            until = f"to {row['to_at']:%Y-%m-%d %H:%M}" if row["to_at"] == row["to_at"] else "on"
            yield f"From {row['from_at']:%Y-%m-%d %H:%M} {until} UTC {of} heard nobody {where}: an outage of reception."
    if len(rows) > _TOLD:
        yield f"{len(rows) - _TOLD} more outages of reception fall into the window."


def _inside(outage: dict[str, float], zones: DataFrame) -> int:
    """How many places lie in the box of an outage."""
    east_of = (zones["longitude"] - outage["west"]) % 360 <= outage["east"] - outage["west"]
    return int((east_of & zones["latitude"].between(outage["south"], outage["north"])).sum())
