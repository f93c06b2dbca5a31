"""Harbours: the ports that share waters, and the anchorages off them, taken for one place when a voyage is cut.

A basin serves several ports, and the anchorage off it serves them all: a ship that waits there between two of its
berths is not on a voyage. Each stop keeps the port it was at; only what begins and ends a voyage asks for the harbour.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_READ = ["zone_id", "call_zone_id", "port", "country"]


def harbour_of(zones: DataFrame) -> Series:
    """The harbour of each zone: zones of one port belong together, and zones whose stays count for one call.

    zones    zone_id, call_zone_id, port, country
    returns  zone_id of the first zone of the harbour; index zone_id; not to be changed
    """
    return _harbour_of(tuple(zip(*(zones[name].tolist() for name in _READ), strict=True)))


@lru_cache(maxsize=8)
def _harbour_of(rows: tuple[tuple[Hashable, ...], ...]) -> Series:
    from pandas import DataFrame

    zones = DataFrame(rows, columns=_READ, dtype="str")
    called = zones["call_zone_id"].fillna(zones["zone_id"])
    port = (zones["country"] + "/" + zones["port"]).fillna(zones["zone_id"])
    harbour, before = called, None
    while before is None or (harbour != before).any():  # as often as ports and calls alternate on the longest way
        before = harbour
        harbour = harbour.groupby(port).transform("min")
        harbour = harbour.groupby(called).transform("min")
    return harbour.set_axis(zones["zone_id"])


def harbours_at(places: DataFrame, zones: DataFrame, side: str = "") -> Series:
    """The harbour of each place: its zone's; outside every zone, the port so labelled in its country.

    places  zone_id, port, country, each with `side` before its name; zone_id and country may be null
    """
    labelled = places[f"{side}country"].fillna("") + "/" + places[f"{side}port"]
    return places[f"{side}zone_id"].map(harbour_of(zones)).fillna(labelled)
