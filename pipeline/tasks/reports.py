"""Steps that only read: what the warehouse says of alerts and claims, as plain values for people and programs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.plain import Record, plain, records

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.settings import Settings

_STANDING = "select * from alert_queue order by score desc, began_at desc, alert_id"
_EVERY = (
    "select alert.alert_id, case when withdrawn_at is not null then 'withdrawn'"
    " when alert.alert_id in (select alert_id from held_back_alert) then 'held back' else 'standing' end as status,"
    " grade, score,"
    " pattern_id, vessel_id, vessel_name, imo, mmsi, began_at, ended_at, origin_zone_id, destination_zone_id, headline,"
    " synthetic, licence, first_raised_at, withdrawn_at, withdrawn_reason, last_decision,"
    " last_reviewer, last_decided_at, evidence_changed"
    " from alert left join alert_decision on alert_decision.alert_id = alert.alert_id"
    " order by withdrawn_at is not null, score desc, began_at desc, alert.alert_id"
)


def alert_queue(settings: Settings) -> list[Record]:
    """Alerts to be read today: standing, and not reviewed with the evidence they have now."""
    return _query(settings, _STANDING)


def held_back(settings: Settings) -> Record:
    """How many `alerts` the quality gate keeps from the queue, and of how many `days`."""
    counts = "select count(*) as alerts, count(distinct day) as days from held_back_alert"
    return _query(settings, counts)[0]


def waiting(settings: Settings) -> int:
    """How many landed UTC days nothing is derived of yet."""
    from pipeline.state.glance import glance

    lake = glance(settings.home)
    return lake.waiting_days if lake else 0


def every_alert(settings: Settings) -> list[Record]:
    """All alerts, standing and withdrawn."""
    return _query(settings, _EVERY)


def alert_report(settings: Settings, alert_id: str) -> Record:
    """One alert with its evidence, what the law says, the claims it bears on, its track, reviews and succession.

    alert_id  its id, or a beginning that no other alert has
    raises  InputError for an unknown alert, naming near ones
    """
    from pipeline.tasks.warehouse_stamp import ask_filled
    from pipeline.warehouse.alert_ids import find_alert

    ask = {
        "evidence": "select * from alert_evidence where alert_id = :id order by weight desc, role",
        "law": "select authority, answer, measure_id, paragraph, reason, judged_at, verified from legal_assessment"
        " where subject_table = 'alert' and subject_id = :id order by authority, measure_id",
        "claims": "select alert_claim.claim_id, relation, reason, statement from alert_claim"
        " join claim on claim.claim_id = alert_claim.claim_id where alert_id = :id"
        " order by relation = 'context', relation, alert_claim.claim_id",
        "track": "select * from alert_track where alert_id = :id order by sequence",
        "reviews": "select * from lineage_review where alert_id = :id order by decided_at",
        "succeeded_by": "select successor_alert_id from alert_succession where alert_id = :id",
        "succeeds": "select alert_id from alert_succession where successor_alert_id = :id",
    }
    with ask_filled(settings) as warehouse:
        alert_id = find_alert(warehouse, alert_id)
        found = warehouse.rows("select * from alert where alert_id = :id", {"id": alert_id})
        answers = {name: plain(warehouse.rows(sql, {"id": alert_id})) for name, sql in ask.items()}
    return {"alert": plain(found)[0], **answers}


def claim_windows(
    settings: Settings, as_of: datetime | None, article: str | None = None, label: str | None = None
) -> list[Record]:
    """Every claim in each of its windows with its verdict, judged now from the warehouse and the knowledge files.

    as_of    only what was known by the end of that UTC day
    article  only claims of this article
    label    only the claim with this label
    raises   InputError if no claim is meant, naming those there are

    Where there is no warehouse yet, it answers from documented observations alone, and makes no file.
    """
    from pipeline.remembered import from_home

    judged = from_home(
        "claims", f"as of {as_of}", lambda: _judged_claims(settings, as_of), settings.home, settings.database_url
    )
    rows: list[Record] = judged["windows"]
    if article is not None and article not in judged["articles"]:
        raise InputError(f'no article "{article}"; expected one of {", ".join(judged["articles"])}')
    rows = [row for row in rows if row["article_id"] == article] if article else rows
    if label is not None:
        known = {row["claim_id"]: row["label"] for row in rows}
        rows = [row for row in rows if row["label"] == label.upper()]
        if not rows:
            raise InputError(f'no claim "{label}"; expected one of {", ".join(known.values())}')
    return rows


def _judged_claims(settings: Settings, as_of: datetime | None) -> Record:
    """`articles` (article_id), and `windows` of all their claims as `claim_windows` gives them."""
    from pipeline.days import day_ended_at
    from pipeline.limits import load_limits
    from pipeline.tasks.home import read_zones
    from pipeline.tasks.judge import judge_all_claims
    from pipeline.tasks.knowledge import read_knowledge
    from pipeline.tasks.warehouse_stamp import open_filled

    knowledge = read_knowledge(settings)
    articles, claims = knowledge.articles.articles, knowledge.articles.claims
    moment = None if as_of is None else day_ended_at(as_of.date())
    with open_filled(settings, or_empty=True) as warehouse:
        windows = judge_all_claims(warehouse, knowledge, read_zones().frame, load_limits(), moment)
    claims = claims.merge(articles[["article_id", "title", "synthetic"]], on="article_id", validate="m:1")
    claims = claims.merge(windows, on="claim_id", how="left", validate="1:m")
    return {"articles": articles["article_id"].tolist(), "windows": records(claims)}


def zone_findings(map_path: Path | None) -> tuple[list[Record], int]:
    """Check the zones and, if a path is given, draw their map; give all findings and the number of zones.

    raises  InputError for a wrong zone file
    """
    from geo.files import atomic_write
    from geo.map import draw_map
    from pipeline.tasks.home import read_zones

    zones = read_zones()
    if map_path is not None:
        with atomic_write(map_path) as draft:
            draft.touch()  # drawing takes seconds: a path that cannot be written is told before
            draw_map(zones, draft)
    return records(_checked_zones()), sum(not margin for margin in zones.is_margin)


@cache
def _checked_zones() -> DataFrame:
    """What checking the zones found, once in a process as they are read once: it takes seconds."""
    from geo.check import check_zones
    from pipeline.tasks.home import read_zones

    return check_zones(read_zones())


def export_zones(path: Path) -> None:
    """Write the zones and their margins for other programs (GeoJSON, GeoPackage or GeoParquet, by the file's name).

    raises  InputError for a wrong zone file, or another kind of file
    """
    from geo import export
    from pipeline.tasks.home import read_zones

    zones = read_zones()
    try:
        export.export_zones(zones, path)
    except ValueError as error:
        raise InputError(str(error)) from None


def zone_labels() -> list[Record]:
    """How many anchorages of each port's label lie in a zone of that port; then labels that name no port of ours.

    Of the latter `port` and `ok` are null, and `inside` counts anchorages in any zone.

    raises  InputError for a wrong zone file
    """
    from geo.check import check_labels, unclaimed_labels
    from pipeline.tasks.home import read_zones

    zones = read_zones()
    nobodys = unclaimed_labels(zones).drop(columns=["longitude", "latitude"]).assign(port=None, ok=None)
    return records(check_labels(zones)) + records(nobodys)


def named_queries() -> list[Record]:
    """The named queries: name, question, reading, parameters."""
    from dataclasses import asdict

    from pipeline.warehouse.queries import list_queries

    return [asdict(query) for query in list_queries()]


def answer(settings: Settings, query: str, parameters: Sequence[str]) -> list[Record]:
    """The rows of a named query (parameters as name=value), or of a select.

    raises  InputError with what is wrong
    """
    from pipeline.tasks.warehouse_stamp import ask_filled
    from pipeline.warehouse.queries import run_query, run_sql

    ask_filled(settings).close()
    for part in parameters:
        if "=" not in part or " " in query.strip():
            expected = "a named query and name=value" if " " in query.strip() else "name=value"
            raise InputError(f'parameter "{part}" cannot be read; expected {expected}, like ship_history imo=8628597')
    if " " in query.strip():
        return plain(run_sql(settings.database_url, query))
    return plain(run_query(settings.database_url, query, dict(part.split("=", 1) for part in parameters)))


def not_derived_in(query: str) -> list[str]:
    """Tables of events that a question reads and that are not derived from AIS: that it finds none there says nothing.

    query  a select, or the name of a named query
    """
    from pipeline.contracts import NOT_DERIVED

    text = next((one["sql"] for one in named_queries() if one["name"] == query.strip()), query)
    words = set(re.findall(r"\w+", text.lower()))
    names = [table.name for table in NOT_DERIVED]
    return [name for name in names if "vessel_history" in words or {name, f"{name}s"} & words]


def terms(settings: Settings) -> list[Record]:
    """What binds whoever passes on what this warehouse says: `source`, `licence`."""
    return _query(settings, "select * from source_terms order by source, licence")


def data_dictionary() -> str:
    """The data dictionary, Markdown."""
    from pipeline.warehouse import dictionary

    return dictionary.data_dictionary()


def _query(settings: Settings, sql: str) -> list[Record]:
    from pipeline.tasks.warehouse_stamp import ask_filled

    with ask_filled(settings) as warehouse:
        return plain(warehouse.rows(sql))
