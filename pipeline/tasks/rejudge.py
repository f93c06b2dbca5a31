"""Which ships must be judged again because what they are judged by has changed.

    patterns, weights, zones, limits   every ship
    measures, articles                 ships with a standing alert, and those of which only the law is asked
    lists                              ships whose IMO number, or whose name, is in entries that differ
    terms of the positions of a day    ships with a standing alert that the day is part of

What alerts were judged by last is noted in the lake (`told`); a run that was stopped notes nothing, and the next one
judges everyone.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame

from pipeline.contracts import (
    AIS_GAP,
    ALERT,
    ALERT_EVIDENCE,
    PORT_CALL,
    VESSEL,
    VESSEL_IDENTITY,
    VOYAGE,
    WATCHLIST_HISTORY,
)
from pipeline.judgement.alerts import find_spans
from pipeline.judgement.listings import difference
from pipeline.judgement.names import resembling
from pipeline.tasks.home import Home
from pipeline.tasks.judge import STANDING, every_ship, ships_within, terms_of_days
from pipeline.tasks.knowledge import KnowledgeFiles
from pipeline.terms import terms_between
from pipeline.warehouse.scope import Among
from pipeline.warehouse.store import Warehouse

log = logging.getLogger(__name__)
_FORM = 3  # of what is judged: another one judges everyone, where a new version says other things of the same data


@dataclass(frozen=True)
class Due:
    """What has changed since alerts were judged last.

    entries  rows of WATCHLIST_HISTORY that differ
    terms    terms of the days' positions as they were (day, licence): what they are is known once files are in
    """

    everyone: bool
    law: bool
    entries: DataFrame
    terms: DataFrame


def judged_by(home: Home, knowledge: KnowledgeFiles) -> str:
    """What alerts are judged by now, to be compared with what `told` notes of the last time: two hashes."""
    everyone = f"{_FORM} {home.zones.hash} {home.limits.hash} {knowledge.patterns.hash} {knowledge.weights.hash}"
    law = f"{knowledge.measures.hash} {knowledge.articles.hash}"
    return " ".join(hashlib.sha256(part.encode()).hexdigest()[:16] for part in (everyone, law))


def find_due(home: Home, warehouse: Warehouse, knowledge: KnowledgeFiles) -> Due:
    """Compare what is known now with what the warehouse and the lake hold; before either is written to."""
    everyone, law = judged_by(home, knowledge).split()
    before = (home.derived.told("judged") or "").split()
    return Due(
        everyone=before[:1] != [everyone],
        law=before[1:] != [law],
        entries=difference(warehouse.read(WATCHLIST_HISTORY), knowledge.watchlists.history),
        terms=terms_of_days(warehouse),
    )


def ships_due(home: Home, warehouse: Warehouse, knowledge: KnowledgeFiles, due: Due) -> np.ndarray:
    """MMSIs that must be judged again; after files were noted and the ships' stories were told.

    due  as `find_due` found it before
    """
    if due.everyone:
        return every_ship(warehouse)
    found = [np.array([], dtype="int64"), _under_other_terms(warehouse, due.terms)]
    if due.law:
        found += [_under_the_law(home, warehouse, knowledge)]
    if len(due.entries):
        found += [_of_numbers(warehouse, due.entries), _of_names(home, warehouse, knowledge, due.entries)]
    ships = np.unique(np.concatenate(found))
    log.info("judged again: %d ships (law %s, %d entries of lists)", len(ships), due.law, len(due.entries))
    return ships


def _under_the_law(home: Home, warehouse: Warehouse, knowledge: KnowledgeFiles) -> np.ndarray:
    """Ships with a standing alert, and those that a pattern may match without one: a law may be new to them."""
    known = knowledge.of_alerts(home.zones.frame, home.limits)
    alerted = warehouse.read(ALERT, STANDING)["mmsi"].to_numpy()
    return np.union1d(alerted, ships_within(warehouse, known.reach, every_ship(warehouse)))


def _under_other_terms(warehouse: Warehouse, before: DataFrame) -> np.ndarray:
    """Ships with a standing alert that rests on a day of which the terms are not what they were."""
    changed = pd.concat([before, terms_of_days(warehouse)]).drop_duplicates(keep=False)
    if changed.empty:
        return np.array([], dtype="int64")
    alerts = warehouse.read(ALERT, STANDING).set_index("alert_id")
    evidence = warehouse.read(ALERT_EVIDENCE, Among("alert_id", alerts.index))
    events = [
        warehouse.read(table, Among(table.key[0], evidence["event_id"].dropna()))
        for table in (VOYAGE, PORT_CALL, AIS_GAP)
    ]
    rests_on = evidence[["alert_id", "event_id"]].join(find_spans(*events), on="event_id", how="inner")
    own = alerts[["began_at", "ended_at"]].set_axis(["from_at", "to_at"], axis=1)
    spans = pd.concat([rests_on.set_index("alert_id")[["from_at", "to_at"]], own])
    touched = terms_between(spans["from_at"], spans["to_at"], changed).index
    return alerts.loc[touched.unique(), "mmsi"].to_numpy()


def _of_numbers(warehouse: Warehouse, entries: DataFrame) -> np.ndarray:
    """Ships that reported, or whose events carry, an IMO number of the entries."""
    imos = entries["imo"].dropna().unique()
    tables = (VESSEL_IDENTITY, VOYAGE, PORT_CALL)
    return np.unique(np.concatenate([warehouse.read(table, Among("imo", imos))["mmsi"] for table in tables]))


def _of_names(home: Home, warehouse: Warehouse, knowledge: KnowledgeFiles, entries: DataFrame) -> np.ndarray:
    """Ships within a pattern's reach that bear a name like one of the entries'."""
    reach = knowledge.of_alerts(home.zones.frame, home.limits).reach
    within = ships_within(warehouse, reach, every_ship(warehouse))
    tables = (VESSEL_IDENTITY, VESSEL)
    named = pd.concat([warehouse.read(table, Among("mmsi", within))[["mmsi", "name"]] for table in tables])
    limits = home.limits.watchlist
    alike = resembling(named["name"], entries, limits.name_similarity, int(limits.name_letters))
    return named["mmsi"].to_numpy()[alike["row"].to_numpy(dtype=int)]
