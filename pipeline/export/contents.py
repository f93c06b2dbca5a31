"""What an export holds, whatever the format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.export.about import About
from pipeline.export.layer import Layer

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Contents:
    """Layers in the order of `names.SUBJECTS`, what the file says of itself, and what ties rows of one to another.

    ties  by name: evidence, bearings (alert to claim), listed (ship to list), names (of ships); for formats that tell
          how things hang together
    """

    about: About
    layers: tuple[Layer, ...]
    ties: Mapping[str, DataFrame]

    def of(self, name: str) -> Layer | None:
        """The layer with a name, if it is in it."""
        return next((layer for layer in self.layers if layer.name == name), None)
