"""Which hulls ships are, from all that they and those that share a number with them reported."""

from __future__ import annotations

import numpy as np

from pipeline.events.identity import Vessels, resolve_vessels, valid_imos
from pipeline.tasks.home import Home


def resolve(home: Home, mmsis: np.ndarray) -> tuple[Vessels, np.ndarray]:
    """The hulls of ships and of all that share a valid IMO number with them, however indirectly; and who these are."""
    everyone = mmsis
    while True:
        identities = home.spans.identities(everyone)
        sharing = np.union1d(everyone, home.spans.reporting(valid_imos(identities["imo"])))
        if len(sharing) == len(everyone):
            return resolve_vessels(home.spans.tracks(everyone), identities, home.limits.identity), everyone
        everyone = sharing
