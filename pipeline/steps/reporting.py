"""Steps that only read: what the warehouse says of alerts, claims and ships, as plain values for people and programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.settings import Settings

Record = dict[str, Any]
_STANDING = "select * from alert_queue order by score desc, began_at desc, alert_id"
_EVERY = (
    "select alert_id, case when withdrawn_at is null then 'standing' else 'withdrawn' end as status, grade, score,"
    " pattern_id, vessel_id, vessel_name, imo, mmsi, began_at, ended_at, origin_zone_id, destination_zone_id, headline,"
    " synthetic, first_raised_at, withdrawn_at, withdrawn_reason"
    " from alert order by withdrawn_at is not null, score desc, began_at desc, alert_id"
)


def alert_queue(settings: Settings) -> list[Record]:
    """Alerts to be read today: standing, and not reviewed with the evidence they have now."""
    return _query(settings, _STANDING)


def every_alert(settings: Settings) -> list[Record]:
    """All alerts, standing and withdrawn."""
    return _query(settings, _EVERY)


def alert_report(settings: Settings, alert_id: str) -> Record:
    """One alert with its evidence, what the law says, the claims it bears on, its track, reviews and succession.

    raises  InputError for an unknown alert, naming near ones
    """
    found = _query(settings, "select * from alert where alert_id = :id", id=alert_id)
    if not found:
        raise InputError(f"alert {alert_id} does not exist; {_known_alerts(settings)}")
    ask = {
        "evidence": "select * from alert_evidence where alert_id = :id order by weight desc, role",
        "law": "select authority, answer, measure_id, paragraph, reason, judged_at, verified from legal_assessment"
        " where subject_table = 'alert' and subject_id = :id order by authority, measure_id",
        "claims": "select alert_claim.claim_id, relation, reason, statement from alert_claim"
        " join claim on claim.claim_id = alert_claim.claim_id where alert_id = :id order by relation, alert_claim.claim_id",
        "track": "select * from alert_track where alert_id = :id order by sequence",
        "reviews": "select * from lineage_review where alert_id = :id order by decided_at",
        "succeeded_by": "select successor_alert_id from alert_succession where alert_id = :id",
        "succeeds": "select alert_id from alert_succession where successor_alert_id = :id",
    }
    return {"alert": found[0], **{name: _query(settings, sql, id=alert_id) for name, sql in ask.items()}}


def review_alert(
    settings: Settings, alert_id: str, reviewer: str, decision: str, note: str | None, now: datetime
) -> str:
    """Append a review; give its id.

    raises  InputError for an unknown alert or decision
    """
    from pipeline.warehouse.review import add_review
    from pipeline.warehouse.store import open_warehouse

    with open_warehouse(settings.database_url) as warehouse:
        return add_review(warehouse, alert_id, reviewer, decision, note, now)


def claim_windows(
    settings: Settings, as_of: datetime | None, article: str | None = None, label: str | None = None
) -> list[Record]:
    """Every claim in each of its windows with its verdict, judged now from the warehouse and the knowledge files.

    as_of    only what was known by the end of that UTC day
    article  only claims of this article
    label    only the claim with this label
    raises   InputError if no claim is meant
    """
    from pandas import Timedelta, Timestamp

    from pipeline.steps.home import Home
    from pipeline.steps.judging import judge_all_claims
    from pipeline.steps.knowledge import read_knowledge
    from pipeline.warehouse.store import open_warehouse

    knowledge = read_knowledge()
    moment = None if as_of is None else Timestamp(as_of, tz="UTC") + Timedelta(days=1)
    with open_warehouse(settings.database_url) as warehouse:
        windows = judge_all_claims(Home(settings), warehouse, knowledge, moment)
    claims = knowledge.articles.claims.merge(
        knowledge.articles.articles[["article_id", "title", "synthetic"]], on="article_id", validate="m:1"
    )
    if article is not None:
        claims = claims[claims["article_id"] == article]
    if label is not None:
        claims = claims[claims["label"] == label.upper()]
    if not len(claims):
        known = ", ".join(knowledge.articles.articles["article_id"])
        raise InputError(f"no claim {label or ''} of article {article or 'any'}; articles are {known}, labels like C16")
    return _records(claims.merge(windows, on="claim_id", how="left", validate="1:m"))


def vessel_report(settings: Settings, key: str) -> list[Record]:
    """Every ship that the key may mean: identities, lists she is on, events, alerts.

    key     IMO number (7 digits, with or without IMO), MMSI (9 digits), or part of a name
    raises  InputError if nothing matches
    """
    word = key.strip().upper().removeprefix("IMO").strip(" :")
    if word.isdigit() and len(word) == 7:
        where, value = "vessel.imo = :key", int(word)
    elif word.isdigit() and len(word) == 9:
        where, value = "vessel_identity.mmsi = :key", int(word)
    else:
        where, value = "upper(vessel_identity.name) like '%' || :key || '%'", word
    ships = _query(
        settings,
        "select distinct vessel.* from vessel left join vessel_identity"
        f" on vessel_identity.vessel_id = vessel.vessel_id where {where} order by vessel.vessel_id",
        key=value,
    )
    listed = _listed(settings, word)
    if not ships and not listed:
        raise InputError(f'no ship found for "{key}"; expected an IMO number, an MMSI or part of a name that was heard')
    if not ships:
        return [{"vessel": None, "identities": [], "lists": listed, "events": [], "alerts": []}]
    return [
        {
            "vessel": ship,
            "identities": _query(
                settings, "select * from vessel_identity where vessel_id = :id order by from_at", id=ship["vessel_id"]
            ),
            "lists": _listed(settings, str(ship["imo"])) if ship["imo"] else [],
            "events": _query(
                settings, "select * from vessel_history where vessel_id = :id order by from_at", id=ship["vessel_id"]
            ),
            "alerts": _query(
                settings,
                "select alert_id, grade, headline, began_at, withdrawn_at from alert where vessel_id = :id"
                " order by began_at",
                id=ship["vessel_id"],
            ),
        }
        for ship in ships
    ]


def zone_findings(map_path: Path | None) -> tuple[list[Record], int]:
    """Check the zones and, if a path is given, draw their map; give the findings and the number of zones."""
    from geo.check import check_zones
    from geo.map import draw_map

    from pipeline.steps.home import read_zones

    zones = read_zones()
    if map_path is not None:
        draw_map(zones, map_path)
    return _records(check_zones(zones)), len(zones.ids)


def named_queries() -> list[Record]:
    """The named queries: name, question, reading, parameters."""
    from dataclasses import asdict

    from pipeline.warehouse.queries import list_queries

    return [asdict(query) for query in list_queries()]


def answer(settings: Settings, query: str, parameters: Sequence[str]) -> list[Record]:
    """The rows of a named query (parameters as name=value), or of a select.

    raises  InputError with what is wrong
    """
    from pipeline.warehouse.queries import run_query, run_sql

    if " " in query.strip():
        return _records(run_sql(settings.database_url, query))
    given = dict(part.split("=", 1) if "=" in part else (part, "") for part in parameters)
    return _records(run_query(settings.database_url, query, given))


def data_dictionary() -> str:
    """The data dictionary, Markdown."""
    from pipeline.warehouse import dictionary

    return dictionary.data_dictionary()


def _listed(settings: Settings, word: str) -> list[Record]:
    """Entries of lists with that IMO number."""
    if not (word.isdigit() and len(word) == 7):
        return []
    return _query(
        settings,
        "select watchlist_vessel.*, title from watchlist_vessel join watchlist using (watchlist_id)"
        " where imo = :imo order by watchlist_id, entry_id",
        imo=int(word),
    )


def _known_alerts(settings: Settings) -> str:
    ids = [row["alert_id"] for row in _query(settings, "select alert_id from alert order by began_at desc limit 3")]
    if not ids:
        return "there are no alerts yet (`coalwatch run` finds them)"
    return f"expected an id like {', '.join(ids)} (`coalwatch alerts list --all` shows them)"


def _query(settings: Settings, sql: str, **parameters: Any) -> list[Record]:
    from pipeline.warehouse.store import open_for_reading

    with open_for_reading(settings.database_url) as warehouse:
        return _records(warehouse.query(sql, parameters))


def _records(frame: DataFrame) -> list[Record]:
    """Rows as plain values; nulls are None."""
    return [
        {name: None if value is None or value != value else value for name, value in row.items()}
        for row in frame.astype(object).where(frame.notna(), None).to_dict("records")
    ]
