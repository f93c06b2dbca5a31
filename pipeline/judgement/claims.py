"""Claims: the verdict on each claim in each of its windows, from alerts, documented observations and reception.

A claim of class N is NOT_TESTABLE, one of class D is judged by the measure it speaks of (`documentary`), all others by
what speaks for and against them in the window (`verdicts`).

Nothing that happened at or after a window's end, or became known after `as_of`, changes its verdict. Windows do not see
each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipeline.contracts import ALERT_CARGO, CLAIM_WINDOW
from pipeline.days import end_of_day
from pipeline.judgement.articles import ClaimSpec, Window, select_zones
from pipeline.judgement.bearing import admitted, cut_at_end, window_frame
from pipeline.judgement.documentary import documentary_verdict
from pipeline.judgement.listening import told_of_reception
from pipeline.judgement.measures import Measures
from pipeline.judgement.observations import Observations
from pipeline.judgement.verdicts import Piece, Side, VerdictRules, decide
from pipeline.judgement.volumes import carried, compared_window, leaning, told

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_PIECE = ["claim_id", "window_id", "relation", "kind", "weight", "inside", "direct", "said", "decision", "changed"]


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
    windows = window_frame(specs)
    sides = _sides(
        _of_alerts(alerts, alert_claims, windows, decisions, rules),
        _of_observations(documented, observations.relations, windows, rules),
    )
    places = zones[zones["kind"] != "margin"]
    heard = _Heard(coverage)
    cargoes = _counting(cargoes, decisions, as_of)
    rows = []
    for spec in specs:
        zone_ids = select_zones(spec.zones, places) if spec.zones and spec.synthetic == synthetic else []
        for window in spec.windows:
            share = heard.share(zone_ids, window) if zone_ids else None
            volume = spec.volume
            if volume:
                loading = select_zones(spec.origins, places) if zone_ids and spec.origins else zone_ids
                now, before = (
                    carried(spec, volume, one, cargoes, places, heard.share_of_both(zone_ids, loading, one))
                    for one in (window, compared_window(volume))
                )
                if leans := leaning(volume, now, before, rules):
                    side, piece = leans
                    key = spec.claim_id, window.window_id, side
                    sides[key] = Side((*sides[key].pieces, piece))
            supporting, weakening = (sides[spec.claim_id, window.window_id, side] for side in ("supports", "weakens"))
            if spec.testability == "N":
                judged = "NOT_TESTABLE", "No open data, AIS included, can test this claim.", spec.would_change_it
            elif spec.testability == "D":
                judged = documentary_verdict(spec, measures)
            else:
                judged = decide(spec, window, supporting, weakening, share, rules)
            verdict, reason, would_change_it = judged
            if share is not None and outages is not None and spec.testability in ("A", "B"):
                of_claim = places[places["zone_id"].isin(zone_ids)]
                reason = " ".join([reason, *told_of_reception(outages, of_claim, window)])
            if volume:
                reason = " ".join([reason, *told(volume, now, before, documented)])
            rows.append(
                {
                    "claim_id": spec.claim_id,
                    "window_id": window.window_id,
                    "from_at": window.from_at,
                    "to_at": window.to_at,
                    "verdict": verdict,
                    "as_of": as_of,
                    "coverage_share": share,
                    "alerts_for": supporting.count("alert"),
                    "alerts_against": weakening.count("alert"),
                    "alerts_confirmed": supporting.decided("confirmed") + weakening.decided("confirmed"),
                    "alerts_dismissed": supporting.decided("dismissed") + weakening.decided("dismissed"),
                    "observations_for": supporting.count("observation"),
                    "observations_against": weakening.count("observation"),
                    **(now.numbers() if volume else dict.fromkeys(("voyages_estimated", "tonnes_low", "tonnes_high"))),
                    "reason": reason,
                    "would_change_it": would_change_it,
                }
            )
    return CLAIM_WINDOW.conform(DataFrame(rows, columns=CLAIM_WINDOW.names))


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
