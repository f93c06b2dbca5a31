"""Which ships must be judged again because what they are judged by has changed.

patterns, weights, zones, limits   every ship
measures, articles                 ships with a standing alert, and those of which only the law is asked
lists                              ships whose IMO number, or whose name, is in entries that differ
terms of the positions of a day    ships with a standing alert that the day is part of
"""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame, Series
from sqlalchemy import ColumnElement, and_, func, or_, true

from pipeline.contracts import (
    ALERT,
    ALERT_EVIDENCE,
    ENCOUNTER,
    OURS,
    PORT_CALL,
    TRACK,
    VESSEL,
    VESSEL_IDENTITY,
    VOYAGE,
    WATCHLIST_HISTORY,
    Table,
)
from pipeline.judgement.alerts import find_spans
from pipeline.judgement.cases.events import Events
from pipeline.judgement.cases.past import HOME
from pipeline.judgement.cases.registry import judged_tables
from pipeline.judgement.knowledge_files import KnowledgeFiles
from pipeline.judgement.listings import difference
from pipeline.judgement.names import listed_names, resembling
from pipeline.judgement.patterns import Condition
from pipeline.judgement.reach import Reach
from pipeline.mid import flag_of
from pipeline.state.plan import Stored, Wanted, changed_rules
from pipeline.tasks.home import Home
from pipeline.terms import terms_between
from pipeline.warehouse.models import model
from pipeline.warehouse.scope import Among, Where
from pipeline.warehouse.store import Warehouse

log = logging.getLogger(__name__)
STANDING = Where(model(ALERT).c.withdrawn_at.is_(None))


class ToJudge(NamedTuple):
    """Ships that must be judged again.

    since    by MMSI when the first event that may have changed began (UTC); null: judged whole, or for the company
    company  those that are to be judged as far back as any of the others: an alert of theirs may speak of one
    whole    those that are judged whole
    """

    since: Series
    company: np.ndarray
    whole: np.ndarray


def ships_to_judge(
    home: Home, warehouse: Warehouse, knowledge: KnowledgeFiles, wanted: Wanted, stored: Stored
) -> ToJudge:
    """The ships whose events, or whose law, lists or terms, are not what they were judged by; before the warehouse's
    tables of lists are brought up to date."""
    since = home.ship_days.changed_since()
    reach = knowledge.of_alerts(home.zones.frame, home.limits).reach
    whole, dated = since.index[since.isna()].to_numpy(), since.index[since.notna()].to_numpy()
    company = np.union1d(_beside(warehouse, dated, reach), _resting_on(warehouse, dated))
    company = np.union1d(company, _after_others(warehouse, since, reach))
    found = [whole, _beside(warehouse, whole, reach), _resting_on(warehouse, whole)]
    found.append(_under_other_terms(warehouse, wanted, stored))
    if changed_rules(wanted, stored, "law"):
        found.append(_under_the_law(home, warehouse, knowledge))
    if wanted.entries != stored.entries:
        entries = difference(warehouse.read(WATCHLIST_HISTORY), knowledge.watchlists.history)
        found += [_of_numbers(warehouse, entries), _of_names(home, warehouse, knowledge, entries)]
    whole = np.unique(np.concatenate(found))
    ships = np.unique(np.concatenate([whole, dated, company]))
    return ToJudge(since.mask(since.index.isin(whole)).reindex(ships), company, whole)


def terms_of_days(warehouse: Warehouse) -> DataFrame:
    """day, licence: terms of the positions landed for each day, as the warehouse knows its files."""
    return warehouse.query(
        "select distinct cast(source_day.day as text) as day, source_terms.licence from source_day"
        " join source_terms on source_terms.source = source_day.source where source_day.fixes > 0"
    )


def ships_within(warehouse: Warehouse, reach: list[Reach], mmsis: np.ndarray) -> np.ndarray:
    """Those of the ships of which some pattern may match an event: who she is is asked first, then where she was."""
    within = [np.array([], dtype="int64")]
    for of_pattern in reach:
        who = mmsis
        if of_pattern.flags is not None:
            who = who[flag_of(pd.Series(who)).isin(of_pattern.flags)]
        if of_pattern.imos is not None:
            numbered = Among("imo", of_pattern.imos)
            reported = [warehouse.read(table, numbered)["mmsi"] for table in (VESSEL_IDENTITY, VESSEL)]
            who = np.intersect1d(who, pd.concat(reported))
        if (of_pattern.zone_ids is not None or of_pattern.rows) and len(who):
            who = np.intersect1d(who, _parties(warehouse, of_pattern, who))
        if of_pattern.after_home_call and len(who):
            came = warehouse.read(PORT_CALL, Where(model(PORT_CALL).c.country == HOME))["mmsi"].unique()
            came = _of_hulls(warehouse, came)
            who = np.intersect1d(who, _of_hulls(warehouse, np.union1d(came, _met(warehouse, came))))
        within.append(who)
    return np.unique(np.concatenate(within))


def events_of(warehouse: Warehouse, table: Table, mmsis: np.ndarray) -> DataFrame:
    """The rows of a table of events in which a ship is one of these."""
    rows = [warehouse.read(table, Among(name, mmsis)) for name in table.ships]
    if len(rows) == 1:
        return rows[0]
    filled = [found for found in rows if len(found)] or rows[:1]
    return pd.concat(filled).drop_duplicates(table.key[0], ignore_index=True)


def company_of(warehouse: Warehouse, mmsis: np.ndarray, reach: list[Reach]) -> np.ndarray:
    """Other ships that alerts of these may speak of, and whose alerts may speak of these: other MMSIs of the same
    hulls, whom they met, and who sailed on from where the other had come from North Korea."""
    return np.setdiff1d(_beside(warehouse, mmsis, reach), mmsis)


def _beside(warehouse: Warehouse, mmsis: np.ndarray, reach: list[Reach]) -> np.ndarray:
    """As `company_of`, with those of the ships themselves that are in company."""
    every = _of_hulls(warehouse, mmsis)
    others = np.setdiff1d(every, mmsis)
    found, mmsis = [_of_hulls(warehouse, others) if len(others) else others], every
    for one in reach if len(mmsis) else ():
        if len(one.table.ships) > 1:
            found.append(_parties(warehouse, one, mmsis))
        if one.after_home_call:
            found.append(_met(warehouse, mmsis))
        if one.onward:
            voyage = model(VOYAGE).c
            went = warehouse.read(VOYAGE, Among("origin_zone_id", one.zone_ids or []))
            came = warehouse.read(VOYAGE, Among("destination_port", went["origin_port"], voyage.origin_country == HOME))
            pairs = came.merge(went, left_on="destination_port", right_on="origin_port", suffixes=("", "_on"))
            pairs = pairs[pairs["arrived_at"] < pairs["departed_at_on"]]
            asked = pairs["mmsi"].isin(mmsis) | pairs["mmsi_on"].isin(mmsis)
            own = pairs["voyage_id"].isin(pairs.loc[asked, "voyage_id"])  # who sailed on before her counts too
            found += [pairs.loc[own, name].to_numpy() for name in ("mmsi", "mmsi_on")]
    return np.unique(np.concatenate(found))


def _of_hulls(warehouse: Warehouse, mmsis: np.ndarray) -> np.ndarray:
    """These MMSIs, and the others that the same hulls sent, by our tracks or a provider's calls: what a case says of a
    ship's past is asked of her hull."""
    told = [(TRACK, None), (PORT_CALL, model(PORT_CALL).c.source != OURS)]
    hulls = pd.concat([warehouse.read(table, Among("mmsi", mmsis, clause))["vessel_id"] for table, clause in told])
    asked = hulls.dropna().unique()
    sent = [warehouse.read(table, Among("vessel_id", asked, clause))["mmsi"] for table, clause in told]
    return np.union1d(mmsis, pd.concat(sent).dropna().to_numpy("int64"))


def _met(warehouse: Warehouse, mmsis: np.ndarray) -> np.ndarray:
    """MMSIs of both ships of each meeting in which one is one of these."""
    met = events_of(warehouse, ENCOUNTER, mmsis)
    return pd.concat([met["mmsi"], met["other_mmsi"]]).dropna().to_numpy("int64")


def _parties(warehouse: Warehouse, reach: Reach, mmsis: np.ndarray) -> np.ndarray:
    """MMSIs of all that took part in an event of one of the ships that the bare row shows to be within the reach."""
    columns = model(reach.table).c
    asked = [_holds(columns[name], condition) for name, condition in reach.rows.items()]
    if reach.zone_ids is not None:
        places = [columns[name] for name in reach.places]
        place = func.coalesce(*places) if len(places) > 1 else places[0]
        asked.append(or_(place.in_(reach.zone_ids), place.is_(None) & reach.unnamed))
    ships = list(reach.table.ships)
    rows = pd.concat([warehouse.read(reach.table, Among(name, mmsis, and_(true(), *asked)))[ships] for name in ships])
    return np.unique(np.concatenate([rows[name].dropna().to_numpy(dtype="int64") for name in ships]))


def _holds(column: ColumnElement[Any], condition: Condition) -> ColumnElement[bool]:
    """A pattern's condition on a column of a table."""
    asked: list[ColumnElement[bool]] = [true()]
    if condition.in_:
        asked.append(column.in_(condition.in_))
    if condition.not_in:
        asked.append(column.is_(None) | column.not_in(condition.not_in))
    if condition.at_least is not None:
        asked.append(column >= condition.at_least)
    if condition.below is not None:
        asked.append(column < condition.below)
    if condition.known is not None:
        asked.append(column.is_not(None) if condition.known else column.is_(None))
    return and_(*asked)


def every_ship(warehouse: Warehouse) -> np.ndarray:
    """MMSI of every ship that has a track, or calls or voyages bought in."""
    bought = [
        warehouse.query(f"select distinct mmsi from {table.name} where source <> '{OURS}'")["mmsi"]
        for table in (PORT_CALL, VOYAGE)
    ]
    return pd.concat([warehouse.read(TRACK)["mmsi"], *bought]).astype("int64").unique()


def _resting_on(warehouse: Warehouse, changed: np.ndarray) -> np.ndarray:
    """Ships with a standing alert that rests on an event of another ship, one of these, or on one that is no more."""
    if not len(changed):
        return changed
    found = [changed[:0]]
    for name, table in judged_tables().items():
        others = warehouse.query(
            f"select distinct alert.mmsi, {name}.mmsi as of_ship from alert join alert_evidence using (alert_id)"
            f" left join {name} on {name}.{table.key[0]} = alert_evidence.event_id"
            f" where alert.withdrawn_at is null and event_table = '{name}' and event_id is not null"
            f" and ({name}.mmsi is null or {name}.mmsi <> alert.mmsi)"
        )
        touched = others["of_ship"].isna() | others["of_ship"].isin(changed)
        found.append(others.loc[touched, "mmsi"].to_numpy("int64"))
    return np.unique(np.concatenate(found))


def _after_others(warehouse: Warehouse, since: Series, reach: list[Reach]) -> np.ndarray:
    """Ships with a standing alert that counts who sailed from the same port before, since the first event that may have
    changed: of a voyage that is no more, no row says where it was."""
    counting = [one.pattern_id for one in reach if one.onward]
    if since.empty or not counting:
        return np.array([], dtype="int64")
    alerts = warehouse.read(ALERT, Among("pattern_id", counting, STANDING.clause))
    return alerts.loc[since.isna().any() | (alerts["began_at"] >= since.min()), "mmsi"].to_numpy("int64")


def _under_the_law(home: Home, warehouse: Warehouse, knowledge: KnowledgeFiles) -> np.ndarray:
    """Ships with a standing alert, and those that a pattern may match without one: a law may be new to them."""
    known = knowledge.of_alerts(home.zones.frame, home.limits)
    alerted = warehouse.read(ALERT, STANDING)["mmsi"].to_numpy()
    return np.union1d(alerted, ships_within(warehouse, known.reach, every_ship(warehouse)))


def _under_other_terms(warehouse: Warehouse, wanted: Wanted, stored: Stored) -> np.ndarray:
    """Ships with a standing alert that rests on a day of which the terms are not what they were."""
    changed = DataFrame(sorted(wanted.terms ^ stored.terms), columns=["day", "licence"])
    if changed.empty:
        return np.array([], dtype="int64")
    alerts = warehouse.read(ALERT, STANDING).set_index("alert_id")
    evidence = warehouse.read(ALERT_EVIDENCE, Among("alert_id", alerts.index))
    event_ids = evidence["event_id"].dropna()
    events = {name: warehouse.read(table, Among(table.key[0], event_ids)) for name, table in judged_tables().items()}
    spans = find_spans(Events(events, VESSEL.empty(), VESSEL_IDENTITY.empty()))
    rests_on = evidence[["alert_id", "event_id"]].join(spans, on="event_id", how="inner")
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
    least, letters = home.limits.watchlist.name_similarity, int(home.limits.watchlist.name_letters)
    alike = resembling(named["name"], listed_names(entries, letters), least, letters)
    return named["mmsi"].to_numpy()[alike["row"].to_numpy(dtype=int)]
