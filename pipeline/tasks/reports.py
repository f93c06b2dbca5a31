"""Tasks that only read: what is known of alerts, claims and zones, as plain values for people and programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.plain import Record, plain, records
from pipeline.state.glance import glance
from pipeline.tasks.warehouse_stamp import ask_filled
from pipeline.warehouse import alerts
from pipeline.warehouse.alert_filter import GRADES, AlertFilter, alerts_on, choose, see_known

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.settings import Settings

__all__ = [
    "GRADES",
    "AlertFilter",
    "alert_queue",
    "alert_report",
    "answer",
    "choose_alerts",
    "claim_windows",
    "data_dictionary",
    "every_alert",
    "export_zones",
    "held_back",
    "named_queries",
    "not_derived_in",
    "terms",
    "waiting",
    "zone_findings",
    "zone_labels",
]


def alert_queue(settings: Settings) -> list[Record]:
    """Alerts to be read today: standing, and not reviewed with the evidence they have now."""
    with ask_filled(settings) as warehouse:
        return alerts.alert_queue(warehouse)


def every_alert(settings: Settings) -> list[Record]:
    """All alerts, standing and withdrawn."""
    with ask_filled(settings) as warehouse:
        return alerts.every_alert(warehouse)


def held_back(settings: Settings) -> Record:
    """How many `alerts` the quality gate keeps from the queue, and of how many `days`."""
    with ask_filled(settings) as warehouse:
        return alerts.held_back(warehouse)


def waiting(settings: Settings) -> int:
    """How many landed UTC days nothing is derived of yet."""
    lake = glance(settings.home)
    return lake.waiting_days if lake else 0


def choose_alerts(settings: Settings, rows: Sequence[Record], wanted: AlertFilter) -> list[Record]:
    """The rows (of `alert` or `alert_queue`) that a filter lets pass, in their order.

    raises  InputError for an unknown pattern, claim or ship, naming those there are
    """
    if wanted.pattern:
        from pipeline.judgement.patterns import load_patterns

        see_known("pattern", wanted.pattern, sorted(load_patterns().frame["pattern_id"]))
    see_known("grade", wanted.grade, GRADES)
    on_claims, hulls = set[str](), set[str]()
    if wanted.claim:
        with ask_filled(settings) as warehouse:
            on_claims = alerts_on(wanted.claim, alerts.claims(warehouse), alerts.bearings(warehouse))
    if wanted.vessel is not None:
        from pipeline.tasks.vessel import vessel_report

        found = vessel_report(settings, wanted.vessel)
        hulls = {ship["vessel"]["vessel_id"] for ship in found if ship["vessel"]}
    return choose(rows, wanted, on_claims=on_claims, hulls=hulls)


def alert_report(settings: Settings, alert_id: str) -> Record:
    """One alert with its evidence, what the law says, the claims it bears on, its track, reviews and succession.

    alert_id  its id, or a beginning that no other alert has
    raises  InputError for an unknown alert, naming near ones
    """
    with ask_filled(settings) as warehouse:
        return alerts.alert_in_full(warehouse, alert_id)


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
    from pipeline.tasks.home import read_knowledge, read_zones
    from pipeline.tasks.judge import judge_all_claims
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
            draft.touch()  # drawing takes seconds: a path that cannot be written is reported first
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


def answer(
    settings: Settings, query: str, parameters: Sequence[str], *, explain: bool = False
) -> tuple[list[str], list[Record]]:
    """Names of the columns, and the rows, of a named query (parameters as name=value) or of a select.

    explain  how the database would find the answer, instead
    raises   InputError with what is wrong
    """
    from pipeline.warehouse.queries import ask_query, ask_sql

    ask_filled(settings).close()
    for part in parameters:
        if "=" not in part or " " in query.strip():
            expected = "a named query and name=value" if " " in query.strip() else "name=value"
            raise InputError(f'parameter "{part}" cannot be read; expected {expected}, like ship_history imo=8628597')
    if " " in query.strip():
        names, rows = ask_sql(settings.database_url, query, explain=explain)
    else:
        given = dict(part.split("=", 1) for part in parameters)
        names, rows = ask_query(settings.database_url, query, given, explain=explain)
    return names, plain(rows)


def not_derived_in(query: str) -> list[str]:
    """Tables and columns of events that a question reads and that are not derived from AIS: that it finds none there
    says nothing.

    query  a select, or the name of a named query
    """
    from pipeline.warehouse.queries import not_derived_in

    return not_derived_in(query)


def terms(settings: Settings) -> list[Record]:
    """What binds whoever passes on what this warehouse says: `source`, `licence`."""
    from pipeline.warehouse.queries import source_terms

    with ask_filled(settings) as warehouse:
        return source_terms(warehouse)


def data_dictionary() -> str:
    """The data dictionary, Markdown."""
    from pipeline.warehouse import dictionary

    return dictionary.data_dictionary()
