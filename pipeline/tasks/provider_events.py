"""Task: providers' events into the warehouse, beside our own and never instead of them.

Only ships whose events were added, removed or changed, or whose hulls differ in our positions now, are derived; so a
new file costs what it holds, however long the history.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.contracts import (
    AIS_GAP,
    ENCOUNTER,
    LOITERING,
    OURS,
    PASSAGE,
    PORT_CALL,
    TRACK,
    VESSEL,
    VESSEL_PARTICULARS,
    VOYAGE,
)
from pipeline.fetch.event_providers import blind_spots, event_providers, event_terms
from pipeline.fetch.sources import load_sources
from pipeline.provider.events import EventsOfProvider, derive_provider_events
from pipeline.seedfile import digest
from pipeline.tasks.home import Home
from pipeline.warehouse.models import model
from pipeline.warehouse.scope import Among
from pipeline.warehouse.store import Changes, Warehouse

log = logging.getLogger(__name__)
_TABLES = (PORT_CALL, PASSAGE, AIS_GAP, ENCOUNTER, LOITERING, VOYAGE)
_AT_ONCE = 5000  # ships: bounds what is held in memory


def sync_provider_events(home: Home, warehouse: Warehouse, *, outdated: bool) -> None:
    """Bring the events of providers up to date.

    outdated  they were derived by other rules: every ship of theirs is derived again
    """
    if outdated:
        home.provider_events.mark_all_due()
    while waiting := home.provider_events.due():
        _sync_ships(home, warehouse, waiting[:_AT_ONCE])


def sync_particulars(home: Home, warehouse: Warehouse) -> Changes:
    """Bring the ships' particulars up to date, each ship as in the file fetched last."""
    particulars = home.provider_events.vessels()
    bound = [spec for spec in load_sources().values() if spec.vessels and not spec.commercial_use]
    rows = particulars.assign(licence=particulars["provider"].map({spec.provider: spec.licence for spec in bound}))
    return warehouse.sync(VESSEL_PARTICULARS, VESSEL_PARTICULARS.conform(rows))


def provider_rules() -> str:
    """Identifies what the catalogue says of providers (their blind spots and terms), and what rows hold of it."""
    told = [digest(list(event_providers().values())), *(",".join(table.names) for table in (*_TABLES, VESSEL))]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _sync_ships(home: Home, warehouse: Warehouse, mmsis: Sequence[int]) -> list[int]:
    """Tell some ships and all with whom they share a hull; give their MMSIs."""
    ships = sorted(mmsis)
    while True:
        derived = _derive(home, warehouse, ships)
        of_ships = derived.hulls[derived.hulls["mmsi"].isin(ships)]
        hulls = sorted({*of_ships["vessel_id"], *home.provider_events.hulls(ships)})
        sharing = sorted({*ships, *home.provider_events.ships_of(hulls)})
        if len(sharing) == len(ships):
            break
        ships = sharing
    with warehouse.transaction():
        home.ship_days.note_to_judge(ships)
        for table in _TABLES:
            rows = derived.tables[table.name]
            scope = Among("mmsi", ships, model(table).c.source != OURS)
            warehouse.sync(table, rows[rows["mmsi"].isin(ships)], scope)
        ours = warehouse.read(TRACK, Among("vessel_id", hulls))["vessel_id"]
        foreign = sorted(set(hulls) - set(ours))  # a hull that we heard ourselves is as we heard it
        vessels = derived.vessels
        warehouse.sync(VESSEL, vessels[vessels["vessel_id"].isin(foreign)], Among("vessel_id", foreign))
    home.provider_events.settle(ships, of_ships.itertuples(index=False, name=None))
    counts = ", ".join(f"{len(derived.tables[table.name])} {table.name}" for table in _TABLES)
    log.info("derived events of providers: %d ships, %s", len(ships), counts)
    return ships


def _derive(home: Home, warehouse: Warehouse, ships: list[int]) -> EventsOfProvider:
    """The events of ships, and of those they met: an encounter names both hulls."""
    events = home.provider_events.events(ships)
    met = events.loc[events["kind"] == "encounter", ["mmsi", "other_mmsi"]].dropna()
    everyone = np.union1d(ships, met.astype("int64").to_numpy().ravel())
    if len(everyone) > len(ships):
        events = home.provider_events.events(everyone.tolist())
    sides = pd.concat([events["mmsi"], events["other_mmsi"].dropna()]).unique()
    tracks = warehouse.read(TRACK, Among("mmsi", sides))
    vessels = home.provider_events.vessels(everyone.tolist())
    return derive_provider_events(
        events, vessels, tracks, home.zones, blind_spots(events["provider"].unique()), event_terms(), home.limits.voyage
    )
