"""Alerts: matches of patterns, each with what speaks for and against it, what the law says, and the claims it bears on.

One event raises one alert: a pattern names those that say more (`unless`), and where one of them matches an event of
the same stop-over it stays silent; what it would have said is evidence of the other. A provider's event that our own
positions show too raises nothing (`duplicate_events`). An alert stands against a measure: where none in force on the
day forbids, caps, suspends or conditions anything, or where the pattern raises a record, only what the law says of the
event is kept.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.contracts import ALERT, ALERT_CARGO, ALERT_CLAIM, ALERT_EVIDENCE, LEGAL_ASSESSMENT, OURS, VOYAGE
from pipeline.ids import deterministic_ids
from pipeline.judgement.again import tells, touched
from pipeline.judgement.articles import ClaimSpec
from pipeline.judgement.bearing import relate
from pipeline.judgement.cases.around import Around
from pipeline.judgement.cases.registry import judged_tables, kinds
from pipeline.judgement.duplicate_events import find_duplicates
from pipeline.judgement.evidence import Weights, grade, weigh
from pipeline.judgement.measures import SUBJECT_COLUMNS, Measures, assess
from pipeline.judgement.patterns import Pattern, Patterns, find_matches, without_covered
from pipeline.judgement.reach import Reach, find_reach
from pipeline.judgement.tonnage import TonnageRules, estimate_cargoes
from pipeline.terms import all_terms, terms_between

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray
    from pandas import DataFrame, Index, Series

    from pipeline.judgement.cases.events import Events
    from pipeline.judgement.cases.kind import Kind
    from pipeline.judgement.watchlists import Watchlists
    from pipeline.limits import Limits

# What of an alert is a function of the data and the knowledge files.
ALERT_FACTS = replace(ALERT, columns=tuple(c for c in ALERT.columns if c.name not in ALERT.lifecycle), lifecycle=())


@dataclass(frozen=True)
class Knowledge:
    """What alerts are judged by: ZONE, and what the loaders of `seeds/` give."""

    zones: DataFrame
    patterns: Patterns
    weights: Weights
    watchlists: Watchlists
    measures: Measures
    specs: list[ClaimSpec]
    limits: Limits
    tonnage: TonnageRules

    @cached_property
    def reach(self) -> list[Reach]:
        """The reach of each pattern."""
        return find_reach(self.patterns, self.zones, self.watchlists)


@dataclass(frozen=True)
class AlertFrames:
    """What there is to say: ALERT without its lifecycle columns, ALERT_EVIDENCE, LEGAL_ASSESSMENT, ALERT_CLAIM,
    ALERT_CARGO.

    Assessments are of alerts, and of voyages and port calls that are only recorded.
    """

    alerts: DataFrame
    evidence: DataFrame
    assessments: DataFrame
    claims: DataFrame
    cargoes: DataFrame


def find_alerts(
    events: Events,
    knowledge: Knowledge,
    synthetic: bool,
    terms: DataFrame | None = None,
    of: NDArray[np.int64] | None = None,
    asked: Mapping[str, frozenset[str]] | None = None,
) -> AlertFrames:
    """Find every alert that the patterns see in the events.

    synthetic  whether the events rest on generated data: alerts then say so and bear on synthetic articles only
    terms      day, licence: terms of the positions landed for a day that are not free for any use
    of         MMSIs whose alerts are asked for: the events of others are there for what lies around theirs; None: all
    asked      by kind of case the ids of the events whose alerts are asked for (`again`); None: all
    returns    frames that are a function of what is given alone
    raises     InputError if a claim's zone selector matches no zone; ContractError if a frame misses its contract
    """
    from pandas import concat

    cases, unnumbered = _cases(events, knowledge, of, asked)
    matches = find_matches(cases, knowledge.patterns)
    if unnumbered:
        matches = {
            pattern_id: found[~found["event_id"].isin(unnumbered) | (found["list_status"] == "listed")]
            for pattern_id, found in matches.items()
        }
    raising, recorded = _by_the_law(matches, knowledge, asked)
    alerts, evidence, assessments, cargoes = [], [], list(recorded), [ALERT_CARGO.empty()]
    weighed = {}
    for pattern_id, found in raising.items():
        pattern = knowledge.patterns.entries[pattern_id]
        found = found.assign(alert_id=deterministic_ids("alert", [pattern_id] * len(found), found["event_id"]))
        weighed[pattern_id] = weigh(found, pattern, found["alert_id"], knowledge.weights)
        grades = grade(_scores(found, weighed[pattern_id]), knowledge.weights)
        raising[pattern_id] = found.assign(rank=grades.map({"weak": 0, "moderate": 1, "strong": 2}).astype("float64"))
    for pattern_id, found in without_covered(raising, knowledge.patterns).items():
        pattern, pieces = knowledge.patterns.entries[pattern_id], weighed[pattern_id]
        found = found[_asked(found, pattern, asked)]
        if found.empty:
            continue
        pieces = pieces[pieces["alert_id"].isin(found["alert_id"])]
        rows = _worded(_alerts(found, pattern), found, pattern, pieces)
        rows["known_at"] = _known_at(rows, pieces, events)
        rows["licence"] = _licence(rows, found, pieces, events, terms)
        alerts.append(_graded(rows, pieces, knowledge.weights).assign(synthetic=synthetic))
        evidence.append(pieces)
        if pattern.event == VOYAGE.name and pattern.cargo == "coal":
            cargoes.append(estimate_cargoes(found, knowledge.watchlists, knowledge.tonnage))
        assessments.append(_law(found, pattern, "alert", rows["alert_id"], knowledge.measures))
    raised = ALERT_FACTS.conform(concat(alerts)) if alerts else ALERT_FACTS.empty()
    return AlertFrames(
        alerts=raised,
        evidence=ALERT_EVIDENCE.conform(concat(evidence)) if evidence else ALERT_EVIDENCE.empty(),
        assessments=LEGAL_ASSESSMENT.conform(
            concat(assessments).drop_duplicates(list(LEGAL_ASSESSMENT.key)).sort_values(list(LEGAL_ASSESSMENT.key))
        )
        if assessments
        else LEGAL_ASSESSMENT.empty(),
        claims=relate(raised, knowledge.specs, knowledge.zones) if len(raised) else ALERT_CLAIM.empty(),
        cargoes=concat(cargoes[1:] or cargoes, ignore_index=True),
    )


def _asked(found: DataFrame, pattern: Pattern, asked: Mapping[str, frozenset[str]] | None) -> NDArray[np.bool_]:
    """Which matches are of events that are asked for."""
    ids = found["event_id"]
    return (ids.notna() if asked is None else ids.isin(asked[pattern.event])).to_numpy(dtype=bool)


def _cases(
    events: Events, knowledge: Knowledge, of: NDArray[np.int64] | None, asked: Mapping[str, frozenset[str]] | None
) -> tuple[dict[str, DataFrame], set[str]]:
    """By kind the cases within the patterns' reach, without providers' events that our own show; and the ids of those
    that ours show too, but without the number that may be on a list. Of events that are not asked for, the cases are
    among them that may cover one that is."""
    around = Around(events, knowledge.zones, knowledge.watchlists, knowledge.limits)
    cases, unnumbered, admitted = dict[str, "DataFrame"](), set[str](), dict[str, "Series"]()
    for name, kind in kinds().items():
        rows = events[kind.table]
        if rows.empty:
            cases[name] = _none(kind)
            continue
        wanted = rows["mmsi"].isin([])
        for reach in knowledge.reach:
            if reach.kind is kind:
                wanted |= reach.admits(events)
        if of is not None:
            wanted &= rows[list(kind.table.ships)].isin(of).any(axis=1)
        duplicates = find_duplicates(kind.table, rows, knowledge.zones)
        ours, given = duplicates["same_hull"].astype(bool), duplicates["provider_event_id"]
        unnumbered.update(given[~ours])
        admitted[name] = wanted & ~rows[kind.table.key[0]].isin(given[ours])
        within = admitted[name]
        if asked is not None:
            within = within & rows[kind.table.key[0]].isin(asked[name])
        cases[name] = _found(kind, around, rows.index[within], of)
    if asked is not None:
        stories = touched(cases)
        for name, within in admitted.items():
            kind, rows = kinds()[name], events[kinds()[name].table]
            of_asked = within & rows[kind.table.key[0]].isin(asked[name])
            covering = within & tells(kind.table, rows, stories)
            if (covering & ~of_asked).any():
                cases[name] = _found(kind, around, rows.index[of_asked | covering], of)
    return cases, unnumbered


def _found(kind: Kind, around: Around, wanted: Index, of: NDArray[np.int64] | None) -> DataFrame:
    found = kind.find(around, wanted) if len(wanted) else _none(kind)
    # nullable: whether a number is written 441000001 or 441000001.0 must not depend on other cases, that lack one
    found = found.astype({name: "Int64" for name in found if name.endswith("mmsi")})
    return found if of is None else found[found["mmsi"].isin(of)]


def _none(kind: Kind) -> DataFrame:
    from pandas import DataFrame

    return DataFrame(columns=list(kind.columns), dtype=object)


def _alerts(found: DataFrame, pattern: Pattern) -> DataFrame:
    """ALERT columns that the case and the pattern give, index as `found`."""
    rows = found[["alert_id", "vessel_id", "mmsi", "imo", "vessel_name", "began_at", "ended_at", "known_at"]].copy()
    rows["pattern_id"] = pattern.pattern_id
    said = kinds()[pattern.event].alert
    for name in ("voyage_id", "origin_zone_id", "destination_zone_id"):
        rows[name] = found[said[name]] if name in said else None
    return rows


def _worded(rows: DataFrame, found: DataFrame, pattern: Pattern, pieces: DataFrame) -> DataFrame:
    """Add headline, innocent_explanation and missing_evidence, computed from the evidence."""
    from pandas import DataFrame

    roles = pieces.groupby("alert_id")["role"].agg(set)
    words = [
        pattern.words(case, roles.get(alert_id, set()))
        for alert_id, case in zip(rows["alert_id"], found.to_dict("records"), strict=True)
    ]
    return rows.join(DataFrame(words, index=rows.index))


def _by_the_law(
    matches: dict[str, DataFrame], knowledge: Knowledge, asked: Mapping[str, frozenset[str]] | None
) -> tuple[dict[str, DataFrame], list[DataFrame]]:
    """The matches that raise alerts, because some measure stands against them; and the law's answer to the others.

    Patterns that match nothing, most of them on most days, are in neither.
    """
    raising, recorded = {}, []
    for pattern_id, found in matches.items():
        if found.empty:
            continue
        pattern = knowledge.patterns.entries[pattern_id]
        law = _law(found, pattern, kinds()[pattern.event].table.name, found["event_id"], knowledge.measures)
        speaking = law[law["answer"] != "none"]
        if pattern.stands_against is not None:
            subject = knowledge.measures.frame.set_index("measure_id")["subject"]
            speaking = speaking[speaking["measure_id"].map(subject).isin(pattern.stands_against)]
        stands = found["event_id"].isin(speaking["subject_id"]) | (pattern.stands_against == [])
        stands &= pattern.raises == "alert"
        if stands.any():
            raising[pattern_id] = found[stands]
        silent = ~stands & _asked(found, pattern, asked)
        recorded.append(law[law["subject_id"].isin(found.loc[silent, "event_id"])])
    return raising, recorded


def _law(found: DataFrame, pattern: Pattern, table: str, ids: Series, measures: Measures) -> DataFrame:
    """LEGAL_ASSESSMENT of each match. The law of coal is asked what holds if coal is what she carried, and its reason
    says so: AIS reports no cargo. Of a cargo that may be any, the answer is a condition."""
    law = assess(_subjects(found, pattern, table, ids), measures)
    if pattern.cargo:
        of_coal = law["measure_id"].map(measures.frame.set_index("measure_id")["subject"]) == "coal"
        of_coal &= law["answer"] != "none"
        reason = "If what she carried was North Korean coal: " + law["reason"]
        law = law.assign(reason=law["reason"].mask(of_coal, reason))
        if pattern.cargo == "coal_possible":
            of_coal &= law["answer"] != "exempt_possible"
            law = law.assign(answer=law["answer"].mask(of_coal, "conditional"))
    return law


def _known_at(rows: DataFrame, pieces: DataFrame, events: Events) -> Series:
    """When the last of the event and of all that the evidence rests on was known."""
    from pandas import concat

    known = events.of_all(judged_tables(), "known_at").reindex(pieces["event_id"]).set_axis(pieces["alert_id"])
    last = known.groupby(level=0).max().reindex(rows["alert_id"]).set_axis(rows.index)  # of some alerts nothing is said
    return concat([rows["known_at"], last], axis=1).max(axis=1)


def _licence(rows: DataFrame, found: DataFrame, pieces: DataFrame, events: Events, of_days: DataFrame | None) -> Series:
    """Terms of all that an alert rests on: providers' events, and positions, which may be any of its events' days."""
    from pandas import Series, concat

    case = Series(found["event_id"].to_numpy(), index=rows["alert_id"])
    rests_on = concat([case, pieces.set_index("alert_id")["event_id"]])
    terms = [rests_on.map(events.of_all(judged_tables(), "licence"))]
    if of_days is not None:
        ours = rests_on[rests_on.map(events.of_all(judged_tables(), "source")).fillna(OURS) == OURS].dropna()
        spans = find_spans(events).reindex(ours).set_axis(ours.index)
        terms.append(terms_between(spans["from_at"], spans["to_at"], of_days))
    bound = concat(terms).dropna()
    return rows["alert_id"].map(bound.groupby(level=0).agg(all_terms) if len(bound) else bound).astype("str")


def find_spans(events: Events) -> DataFrame:
    """from_at, to_at (null while it goes on) of events that alerts rest on, by event id."""
    from pandas import DataFrame, concat

    spans = []
    for table in judged_tables().values():
        rows, (begin, end) = events[table], table.span
        spans.append(DataFrame({"event_id": rows[table.key[0]], "from_at": rows[begin], "to_at": rows[end]}))
    return concat(spans).set_index("event_id")


def _scores(rows: DataFrame, pieces: DataFrame) -> Series:
    """The sum of each alert's evidence."""
    return rows["alert_id"].map(pieces.groupby("alert_id")["weight"].sum()).astype("float64").fillna(0.0)


def _graded(rows: DataFrame, pieces: DataFrame, weights: Weights) -> DataFrame:
    """Add score, grade and evidence_hash."""
    score = _scores(rows, pieces)
    said = pieces.sort_values(["alert_id", "role"]).drop(columns="alert_id").fillna("").groupby(pieces["alert_id"])
    contents = {alert_id: group.to_numpy().tolist() for alert_id, group in said}
    hashes = [
        hashlib.sha256(json.dumps([headline, contents.get(alert_id, [])]).encode()).hexdigest()[:16]
        for alert_id, headline in zip(rows["alert_id"], rows["headline"], strict=True)
    ]
    return rows.assign(score=score, grade=grade(score, weights), evidence_hash=hashes)


def _subjects(found: DataFrame, pattern: Pattern, table: str, ids: Series) -> DataFrame:
    """What `measures.assess` asks of each match."""
    asked = dict.fromkeys(SUBJECT_COLUMNS) | {"ship_to_ship": False} | dict(kinds()[pattern.event].law(found))
    if pattern.cargo_origin:
        asked |= {f"origin_{name}": found[f"{pattern.cargo_origin}_{name}"] for name in ("country", "zone_id")}
    asked |= {
        "subject_table": table, "subject_id": ids, "cargo": "coal" if pattern.cargo else None, "flag": found["flag"],
        "listed": found["list_status"].map({"listed": True, "none": False}),
    }  # fmt: skip
    return found[[]].assign(**asked)
