"""Colours in which maps draw a layer, by the values of its column `colour`: one choice for QGIS and Google Earth."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """How a value is drawn.

    colour  red, green, blue, like b2182b
    size    diameter of a point, width of a line, in millimetres
    dashed  of a line: nothing was heard on it
    fill    of an outline: how opaque it is filled, 0 to 1
    """

    colour: str
    size: float = 2.4
    dashed: bool = False
    fill: float = 0.2


# ColorBrewer's RdBu and Set2 in the main, which colour-blind people tell apart; events that suggest most stand out.
LOOKS: dict[str, dict[str, Look]] = {
    "alerts": {
        "strong": Look("b2182b", 4.4),
        "moderate": Look("ef8a62", 3.6),
        "weak": Look("fddbc7", 3.0),
    },
    "ships": {"": Look("2166ac", 2.4)},
    "tracks": {
        "under_way": Look("2166ac", 0.6),
        "slow": Look("67a9cf", 0.6),
        "drifting": Look("67a9cf", 0.6),
        "stopped": Look("1a1a1a", 0.9),
        "silence": Look("7f7f7f", 0.5, dashed=True),
        "unknown": Look("7f7f7f", 0.5),
    },
    "events": {
        "port_call": Look("1b7837", 2.0),
        "passage": Look("a6dba0", 1.4),
        "stop": Look("762a83", 2.0),
        "ais_gap": Look("4d4d4d", 2.2),
        "dark_call": Look("b2182b", 2.6),
        "encounter": Look("e08214", 2.0),
        "loitering": Look("fdb863", 1.8),
        "draught_change": Look("8073ac", 1.6),
        "identity_change": Look("c51b7d", 2.2),
        "voyage": Look("2166ac", 1.6),
    },
    "zones": {
        "port": Look("d6604d", 0.3),
        "terminal": Look("b2182b", 0.4, fill=0.5),
        "anchorage": Look("4393c3", 0.3),
        "basin": Look("d6604d", 0.3),
        "lock": Look("1a1a1a", 0.4, fill=0.5),
        "margin": Look("bababa", 0.2, fill=0.0),
        "country": Look("878787", 0.3, fill=0.0),
    },
}
OTHER = Look("636363")


def look_of(layer: str, value: object) -> Look:
    """How a value of a layer is drawn."""
    looks = LOOKS.get(layer, {})
    return looks.get(str(value), looks.get("", OTHER))
