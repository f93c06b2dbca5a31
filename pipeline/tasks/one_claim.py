"""Tasks that only read: claims with what speaks for and against them, and how well their waters were heard."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.plain import Record, plain, records
from pipeline.tasks.reports import claim_windows
from pipeline.tasks.warehouse_stamp import ask_filled

if TYPE_CHECKING:
    from pipeline.settings import Settings

_ALERTS = (
    "select alert_claim.relation, alert_claim.reason, alert.alert_id, grade, score, headline, vessel_id, vessel_name,"
    " mmsi, began_at, ended_at, known_at, withdrawn_at, alert.synthetic, last_decision, last_reviewer, last_decided_at,"
    " evidence_changed from alert_claim join alert on alert.alert_id = alert_claim.alert_id"
    " left join alert_decision on alert_decision.alert_id = alert.alert_id"
    " where alert_claim.claim_id = :id order by alert_claim.relation = 'context', alert.began_at, alert.alert_id"
)
_HEARD = (
    "select cast(coverage_day.day as text) as day, avg(coverage_share) as share from coverage_day"
    " where zone_id in ({}) group by cast(coverage_day.day as text) order by 1"
)
_ARTICLES = "select * from article order by published_at desc, article_id"


def claims_page(settings: Settings, as_of: datetime | None = None) -> list[Record]:
    """Every article with `claims`, each with `windows` as `reports.claim_windows` gives them; a claim without a window
    has none.

    as_of  only what was known by the end of that UTC day
    """
    rows = claim_windows(settings, as_of)
    with ask_filled(settings, or_empty=True) as warehouse:
        told = {row["article_id"]: row for row in plain(warehouse.rows(_ARTICLES))}
    articles: dict[str, Record] = {}
    for row in rows:
        known = told.get(row["article_id"], {"url": None, "publisher": "", "author": None, "published_at": None})
        article = articles.setdefault(
            row["article_id"],
            known | {name: row[name] for name in ("article_id", "title", "synthetic")} | {"claims": {}},
        )
        claim = article["claims"].setdefault(row["claim_id"], row | {"windows": []})
        if row["window_id"]:
            claim["windows"].append(row)
    return [article | {"claims": list(article["claims"].values())} for article in articles.values()]


def claim_page(settings: Settings, claim_id: str, as_of: datetime | None = None) -> Record:
    """One claim.

    returns  `claim` (a row of `claim_windows`), `article`, `windows`, `observations` (OBSERVATION with relation and
             reason), `alerts` (that bear on it, with the last decision), `heard` (day, share: the mean share of hours
             in which any vessel was heard in its zones), `zones` (names), `moved` (when what became known that speaks
             for or against it)
    raises   InputError for an unknown claim
    """
    from pipeline.judgement.articles import select_zones
    from pipeline.tasks.home import read_knowledge, read_zones

    articles = claims_page(settings, as_of)
    found = [(article, one) for article in articles for one in article["claims"] if one["claim_id"] == claim_id]
    if not found:
        known = ", ".join(one["claim_id"] for article in articles for one in article["claims"])
        raise InputError(f'no claim "{claim_id}"; expected one of {known}')
    article, claim = found[0]
    knowledge = read_knowledge(settings)
    spec = next(one for one in knowledge.articles.specs if one.claim_id == claim_id)
    zones = read_zones().frame
    zone_ids = select_zones(spec.zones, zones)
    bearing = knowledge.observations.relations
    bearing = bearing[bearing["claim_id"] == claim_id][["observation_id", "relation", "reason"]]
    observed = records(knowledge.observations.frame.merge(bearing, on="observation_id").sort_values("from_at"))
    with ask_filled(settings, or_empty=True) as warehouse:
        alerts = plain(warehouse.rows(_ALERTS, {"id": claim_id}))
        named = ", ".join("'" + one.replace("'", "''") + "'" for one in zone_ids) or "''"
        heard = plain(warehouse.rows(_HEARD.format(named)))
    if as_of is not None:
        last = f"{as_of:%Y-%m-%d}T99"
        observed = [one for one in observed if one["published_at"] <= last]
        alerts = [one for one in alerts if one["known_at"] <= last]
    return {
        "claim": claim,
        "article": article,
        "windows": claim["windows"],
        "observations": observed,
        "alerts": alerts,
        "heard": heard,
        "zones": zones.set_index("zone_id")["name"].reindex(zone_ids).tolist(),
        "moved": _moved(observed, alerts),
    }


def _moved(observed: list[Record], alerts: list[Record]) -> list[Record]:
    """What became known when: at, kind (observation or alert), relation, words, alert_id; context moves nothing."""
    moves = [
        {"at": one["published_at"], "kind": "observation", "relation": one["relation"], "words": one["statement"],
         "alert_id": None}
        for one in observed
    ]  # fmt: skip
    moves += [
        {"at": one["known_at"], "kind": "alert", "relation": one["relation"], "words": one["headline"],
         "alert_id": one["alert_id"]}
        for one in alerts
        if not one["withdrawn_at"]
    ]  # fmt: skip
    return sorted((one for one in moves if one["relation"] != "context"), key=lambda one: (one["at"], one["words"]))
