"""Claims: the verdict on each claim in each of its windows, from alerts, documented observations and reception.

A claim of class N is NOT_TESTABLE, one of class D is judged by the measure it speaks of (`documentary`), all others by
what speaks for and against them in the window (`verdicts`).

Nothing that happened at or after a window's end, or became known after `as_of`, changes its verdict. Windows do not see
each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipeline.contracts import ALERT_CARGO, CLAIM_WINDOW
from pipeline.days import end_of_day
from pipeline.judgement.articles import ClaimSpec, Volume, Window, select_zones
from pipeline.judgement.bearing import admitted, cut_at_end, window_frame
from pipeline.judgement.documentary import documentary_verdict
from pipeline.judgement.imagery import Imagery, imagery_pieces, images
from pipeline.judgement.listening import told_of_reception
from pipeline.judgement.measures import Measures
from pipeline.judgement.observations import Observations
from pipeline.judgement.radar import RadarWeights, radar_pieces
from pipeline.judgement.verdicts import Piece, Side, VerdictRules, decide
from pipeline.judgement.volumes import Carried, carried, compared_window, leaning, told

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_PIECE = ["claim_id", "window_id", "relation", "kind", "weight", "inside", "direct", "said", "decision", "changed"]


@dataclass(frozen=True)
class Weighed:
    """What a verdict was reached from; `aside` is what was told and weighed nothing."""

    spec: ClaimSpec
    window: Window
    supporting: Side
    weakening: Side
    aside: tuple[str, ...]


def judge_claims(
    specs: list[ClaimSpec],
    alerts: DataFrame,
    alert_claims: DataFrame,
    observations: Observations,
    coverage_days: DataFrame,
    zones: DataFrame,
    measures: Measures,
    rules: VerdictRules,
    *,
    synthetic: bool,
    as_of: datetime | None = None,
    decisions: DataFrame | None = None,
    cargoes: DataFrame | None = None,
    outages: DataFrame | None = None,
    looks: DataFrame | None = None,
    radar: RadarWeights | None = None,
    imagery: Imagery | None = None,
    weighed: list[Weighed] | None = None,
) -> DataFrame:
    """Judge every claim in each of its windows.

    alerts         rows of ALERT that stand
    alert_claims   ALERT_CLAIM; rows with relation supports or weakens are weighed
    coverage_days  COVERAGE_DAY; days that end after `as_of` do not count
    synthetic      whether the positions behind alerts and coverage are generated: they bear on synthetic articles only,
                   as real ones bear on real articles only; observations are not affected
    as_of          only what was known by then (UTC); None: everything known
    decisions      alert_id, decision, evidence_hash: what a reviewer decided last about an alert: one dismissed counts
                   for nothing
    cargoes        ALERT_CARGO with pattern_id, synthetic and known_at of the alert, of alerts that stand
    outages        RECEPTION_OUTAGE: told where a claim's places were heard
    looks, radar   RADAR_LOOK, and how it bears on claims; without them radar says nothing
    imagery        readings of images, and how they bear on claims; like positions, of real or generated ones
    weighed        takes what each verdict was reached from, in the order of the rows
    returns        CLAIM_WINDOW, one row per claim and window, in the order of `specs`
    raises         InputError if a zone selector matches no zone, or a documentary claim names no measure that is there
    """
    from pandas import DataFrame, to_datetime

    documented = observations.frame
    coverage = coverage_days.assign(from_at=to_datetime(coverage_days["day"], utc=True))
    if as_of is not None:
        alerts = alerts[alerts["known_at"] <= as_of]
        documented = documented[documented["published_at"] <= as_of]
        coverage = coverage[end_of_day(coverage["from_at"]) <= as_of]
        outages = outages if outages is None else outages[outages["known_at"] <= as_of]
        looks = looks if looks is None else looks[looks["known_at"] <= as_of]
    seen = None
    if imagery is not None:
        readings = imagery.readings
        seen = images(readings if as_of is None else readings[readings["known_at"] <= as_of])
    windows = window_frame(specs)
    known = _Known(
        sides=_sides(
            _of_alerts(alerts, alert_claims, windows, decisions, rules),
            _of_observations(documented, observations.relations, windows, rules),
        ),
        heard=_Heard(coverage), places=zones[zones["kind"] != "margin"], documented=documented,
        cargoes=_counting(cargoes, decisions, as_of), outages=outages, looks=looks, radar=radar, imagery=imagery,
        seen=seen, measures=measures, rules=rules, synthetic=synthetic,
    )  # fmt: skip
    rows = []
    for spec in specs:
        zone_ids = select_zones(spec.zones, known.places) if spec.zones and spec.synthetic == synthetic else []
        for window in spec.windows:
            one, row = _judged(spec, window, zone_ids, known)
            rows.append(row | {"as_of": as_of})
            if weighed is not None:
                weighed.append(one)
    return CLAIM_WINDOW.conform(DataFrame(rows, columns=CLAIM_WINDOW.names))


@dataclass(frozen=True)
class _Known:
    """All that verdicts may rest on, as far as it was known by the moment that was asked for.

    sides  what leans which way, by claim, window and relation
    seen   the images of `imagery`
    """

    sides: defaultdict[tuple[str, str, str], Side]
    heard: _Heard
    places: DataFrame
    documented: DataFrame
    cargoes: DataFrame
    outages: DataFrame | None
    looks: DataFrame | None
    radar: RadarWeights | None
    imagery: Imagery | None
    seen: Any
    measures: Measures
    rules: VerdictRules
    synthetic: bool


def _judged(spec: ClaimSpec, window: Window, zone_ids: list[str], known: _Known) -> tuple[Weighed, dict[str, Any]]:
    """What a verdict is reached from, and its row of CLAIM_WINDOW without `as_of`."""
    share = known.heard.share(zone_ids, window) if zone_ids else None
    leans: list[tuple[str, Piece]] = []
    both = _carried(spec, spec.volume, window, zone_ids, known) if spec.volume else None
    if spec.volume and both and (leaned := leaning(spec.volume, *both, known.rules)):
        leans.append(leaned)
    leans += _of_places(spec, window, known)
    aside = tuple(piece.said for side, piece in leans if side == "context")
    supporting, weakening = (
        Side((*known.sides[spec.claim_id, window.window_id, side].pieces, *(one for way, one in leans if way == side)))
        for side in ("supports", "weakens")
    )
    if spec.testability == "N":
        judged = "NOT_TESTABLE", "No open data, AIS included, can test this claim.", spec.would_change_it
    elif spec.testability == "D":
        judged = documentary_verdict(spec, known.measures)
    else:
        judged = decide(spec, window, supporting, weakening, share, known.rules)
    verdict, reason, would_change_it = judged
    said = [reason]
    if share is not None and known.outages is not None and spec.testability in ("A", "B"):
        of_claim = known.places[known.places["zone_id"].isin(zone_ids)]
        said += told_of_reception(known.outages, of_claim, window)
    said += aside
    if spec.volume and both:
        said += told(spec.volume, *both, known.documented)
    return Weighed(spec, window, supporting, weakening, aside), {
        "claim_id": spec.claim_id,
        "window_id": window.window_id,
        "from_at": window.from_at,
        "to_at": window.to_at,
        "verdict": verdict,
        "coverage_share": share,
        "alerts_for": supporting.count("alert"),
        "alerts_against": weakening.count("alert"),
        "alerts_confirmed": supporting.decided("confirmed") + weakening.decided("confirmed"),
        "alerts_dismissed": supporting.decided("dismissed") + weakening.decided("dismissed"),
        "observations_for": supporting.count("observation", "imagery", "radar"),
        "observations_against": weakening.count("observation", "imagery", "radar"),
        **(both[0].numbers() if both else dict.fromkeys(("voyages_estimated", "tonnes_low", "tonnes_high"))),
        "reason": " ".join(said),
        "would_change_it": would_change_it,
    }


def _carried(
    spec: ClaimSpec, volume: Volume, window: Window, zone_ids: list[str], known: _Known
) -> tuple[Carried, Carried]:
    """What was carried in the window, and in the one that it is compared with."""
    loading = select_zones(spec.origins, known.places) if zone_ids and spec.origins else zone_ids

    def of(one: Window) -> Carried:
        heard = known.heard.share_of_both(zone_ids, loading, one)
        return carried(spec, volume, one, known.cargoes, known.places, heard)

    return of(window), of(compared_window(volume))


def _of_places(spec: ClaimSpec, window: Window, known: _Known) -> list[tuple[str, Piece]]:
    """What radar and images say of a claim's places, each with the side it is on."""
    found: list[tuple[str, Piece]] = []
    if known.looks is not None and known.radar is not None and spec.synthetic == known.synthetic:
        found += radar_pieces(spec, window, known.looks, known.radar)
    if known.imagery is not None and known.seen is not None and spec.synthetic == known.synthetic:
        found += imagery_pieces(spec, window, known.seen, known.imagery.rules, known.rules)
    return found


def _counting(cargoes: DataFrame | None, decisions: DataFrame | None, as_of: datetime | None) -> DataFrame:
    """The cargoes known by then, of alerts that no reviewer dismissed."""
    from pandas import DataFrame

    if cargoes is None:
        return DataFrame(columns=[*ALERT_CARGO.names, "pattern_id", "synthetic"]).astype(
            {"arrived_at": "datetime64[us, UTC]", "synthetic": bool}
        )
    if decisions is not None:
        dismissed = decisions.loc[decisions["decision"] == "dismissed", "alert_id"]
        cargoes = cargoes[~cargoes["alert_id"].isin(dismissed)]
    return cargoes if as_of is None else cargoes[cargoes["known_at"] <= as_of]


def _sides(*pieces: DataFrame) -> defaultdict[tuple[str, str, str], Side]:
    """What leans which way, by claim, window and relation."""
    found: defaultdict[tuple[str, str, str], Side] = defaultdict(Side)
    for frame in pieces:
        for claim_id, window_id, relation, *piece in frame[_PIECE].itertuples(index=False):
            key = claim_id, window_id, relation
            found[key] = Side((*found[key].pieces, Piece(*piece)))
    return found


def _of_alerts(
    alerts: DataFrame, alert_claims: DataFrame, windows: DataFrame, decisions: DataFrame | None, rules: VerdictRules
) -> DataFrame:
    """`_PIECE` of each alert in each window that admits it, the strongest first; a dismissed one weighs nothing."""
    from pandas import DataFrame

    if decisions is None:
        decisions = DataFrame(columns=["alert_id", "decision", "evidence_hash"], dtype="str")
    bearing = alert_claims.loc[alert_claims["relation"] != "context", ["alert_id", "claim_id", "relation"]]
    rows = alerts.merge(bearing, on="alert_id", validate="one_to_many")
    rows = rows.merge(windows, on=["claim_id", "synthetic"], validate="many_to_many")
    rows = rows[admitted(rows)].sort_values(["score", "began_at", "alert_id"], ascending=[False, True, True])
    weight_of = {name: entry["value"] for name, entry in rules.alert_weight.model_dump().items()}
    # the grade of what is cut rests on what happened beyond the end too
    weight = rows["grade"].mask(cut_at_end(rows), "weak").map(weight_of).astype("float64")
    decided = decisions.set_index("alert_id").reindex(rows["alert_id"]).set_axis(rows.index)
    dismissed, confirmed = decided["decision"] == "dismissed", decided["decision"] == "confirmed"
    weight = weight.mask(dismissed, 0.0)
    marks = confirmed.map({True: "confirmed by a reviewer, ", False: ""})
    said = [
        f"{line} ({word}weight {value:.2f})" for line, word, value in zip(rows["headline"], marks, weight, strict=True)
    ]
    return rows.assign(
        kind="alert", weight=weight, inside=~dismissed, direct=rows["voyage_id"].notna() & ~dismissed, said=said,
        decision=decided["decision"].astype(object).where(decided["decision"].notna(), None),
        changed=decided["evidence_hash"].notna() & (decided["evidence_hash"] != rows["evidence_hash"]),
    )  # fmt: skip


def _of_observations(documented: DataFrame, relations: DataFrame, windows: DataFrame, rules: VerdictRules) -> DataFrame:
    """`_PIECE` of each observation in each window that it overlaps."""
    bearing = relations[["observation_id", "claim_id", "relation", "direct"]].astype({"claim_id": "str"})
    rows = documented.merge(bearing, on="observation_id", validate="one_to_many")
    rows = rows.merge(windows, on="claim_id", validate="many_to_many")
    rows = rows[(rows["from_at"] < rows["closes_at"]) & (rows["to_at"] > rows["opens_at"])]
    limits = rules.rules
    within = (rows["from_at"] >= rows["opens_at"]) & (rows["to_at"] <= rows["closes_at"])
    throughout = rows["extent"] == "throughout"
    begin, end = rows["from_at"].clip(lower=rows["opens_at"]), rows["to_at"].clip(upper=rows["closes_at"])
    share = (end - begin) / (rows["closes_at"] - rows["opens_at"])
    inside = within.mask(throughout, share >= limits.least_coverage_share.value)
    source = {grade: rule.value for grade, rule in rules.source_weight.items()}
    information = {grade: rule.value for grade, rule in rules.information_weight.items()}
    weight = (
        rows["source_grade"].map(source).astype("float64")
        * rows["information_grade"].map(information).astype("float64")
        * rows["verified"].map({True: 1.0, False: limits.unverified.value}).astype("float64")
        * within.map({True: 1.0, False: limits.spanning.value}).astype("float64").mask(throughout, share)
    )
    rows = rows.assign(kind="observation", weight=weight, inside=inside, direct=rows["direct"].astype(bool) & inside)
    return rows.assign(said=[_sentence(row) for row in rows.to_dict("records")], decision=None, changed=False)


def _sentence(observed: dict[Hashable, Any]) -> str:
    """What an observation says, who said it, and what it counts for."""
    seen = "seen" if observed["verified"] else "not seen"
    speaks = "speaks of the window" if observed["inside"] else "lies only partly in the window"
    return (
        f"{observed['statement'].rstrip('.')} ({observed['source']}; publication {seen}, {speaks}, "
        f"weight {observed['weight']:.2f})."
    )


class _Heard:
    """The hours in which zones were heard, added up once for each window that is asked for."""

    def __init__(self, coverage: DataFrame) -> None:
        self._coverage = coverage
        self._sums: dict[tuple[datetime, datetime], Series] = {}

    def share(self, zone_ids: list[str], window: Window) -> float | None:
        """Mean over the zones of the share of the window's hours in which a vessel was heard; None without days."""
        if (span := (window.from_at, window.to_at)) not in self._sums:
            of_span = self._coverage["from_at"].between(*span, inclusive="left")
            self._sums[span] = self._coverage[of_span].groupby("zone_id")["hours_heard"].sum()
        sums = self._sums[span]
        sums = sums[sums.index.isin(zone_ids)]
        if sums.empty:
            return None
        hours = (window.to_at - window.from_at).total_seconds() / 3600
        return min(1.0, float(sums.sum()) / (hours * len(zone_ids)))

    def share_of_both(self, zone_ids: list[str], others: list[str], window: Window) -> float | None:
        """The lesser share of two lots of zones; None where one is without days, or no zones are given."""
        shares = [self.share(zones, window) for zones in (zone_ids, others)] if zone_ids else []
        return min((share for share in shares if share is not None), default=None) if None not in shares else None
