"""Craft: which ships carry no dry cargo, by the AIS ship type that they report (ITU-R M.1371-5, table 53)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame, Series

TANKER, TOW, OTHER = "tanker", "tow", "other"
CARRY_NONE = (TANKER, TOW, OTHER)
_TANKERS = dict.fromkeys(range(80, 90), "tanker")
_TOWS = {31: "towing", 32: "towing, long or wide", 52: "tug"}
_OTHERS = {
    30: "fishing", 33: "dredging or underwater work", 34: "diving", 35: "military", 36: "sailing", 37: "pleasure craft",
    **dict.fromkeys(range(40, 50), "high-speed craft"), 50: "pilot", 51: "search and rescue", 53: "port tender",
    54: "anti-pollution", 55: "law enforcement", 58: "medical transport",
    **dict.fromkeys(range(60, 70), "passenger ship"),
}  # fmt: skip
_CRAFT = dict.fromkeys(_TANKERS, TANKER) | dict.fromkeys(_TOWS, TOW) | dict.fromkeys(_OTHERS, OTHER)
_BARGE_M = 60  # as limits: encounter.service_m; longer ones that say they are tugs are barges that carry a cargo


def craft_of(ships: DataFrame) -> Series:
    """What a ship is that carries no dry cargo: tanker, tow (a tug, shorter than a barge), or other (fishing, service,
    passenger and pleasure craft); null of every other type, and where none is reported.

    ships  ship_type, length_m
    """
    craft = ships["ship_type"].map(_CRAFT).astype(object)
    barge = (craft == TOW) & (ships["length_m"].astype("float64") >= _BARGE_M)
    return craft.mask(barge, None)


def in_words(ship_type: Series) -> Series:
    """The types of which `craft_of` speaks in words; null for others."""
    return ship_type.map(_TANKERS | _TOWS | _OTHERS).astype(object)
