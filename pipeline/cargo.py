"""What a ship sailed with, by what her draught did: the one rule, whoever reads the draughts.

A voyage reads the figure on arrival at its origin and the last one in force on the way (`events.voyages`); an alert
also those that were typed late, and at the destination (`judgement.tonnage`). What they differ in is the reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import Series

LADEN, BALLAST, UNKNOWN = "laden", "ballast", "unknown"


def cargo_state(rose: Series, fell: Series, landed: Series | None = None) -> Series:
    """laden, ballast or unknown, of each passage.

    rose, fell  whether by her draught she took on, or landed, a cargo where she sailed from
    landed      whether by her draught she landed one where she went: then she had carried it, whatever the figure said
                where she sailed from. None: not read
    """
    laden = rose if landed is None else rose | landed
    return laden.map({True: LADEN, False: UNKNOWN}).astype("str").mask(fell & ~laden, BALLAST)
