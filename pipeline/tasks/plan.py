"""Task: what a run has to do, from what is wanted and what is stored."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from pandas import DataFrame, util

from geo.anchorages import hash_of_anchorages
from geo.water import hash_of_water
from pipeline.contracts import WATCHLIST_HISTORY
from pipeline.events.registry import detectors_version
from pipeline.judgement.knowledge_files import KnowledgeFiles
from pipeline.state.plan import Stored, Wanted, Work, make_plan
from pipeline.tasks.compress import wanted_days
from pipeline.tasks.home import Home, read_knowledge
from pipeline.tasks.provider_events import provider_rules
from pipeline.tasks.ships_to_judge import terms_of_days
from pipeline.warehouse.store import Warehouse, open_or_empty

if TYPE_CHECKING:
    from pipeline.settings import Settings

# Of what a stage gives: raise it where a new version says other things of the same data.
_FORMS = {"derive": 13, "judge": 10, "provider": 1}


def planned(settings: Settings, days: set[str] | None = None, *, rebuild: bool = False) -> list[Work]:
    """What a run would do; nothing is changed.

    days     UTC days to compress; None: every landed day that needs it
    rebuild  as for a home of which nothing is derived
    """
    home = Home(settings)
    with open_or_empty(settings.database_url) as warehouse:
        wanted = read_wanted(home, warehouse, read_knowledge(settings))
        stored = Stored() if rebuild else read_stored(home, warehouse, wanted)
    return make_plan(only(days, wanted, stored), stored)


def only(days: set[str] | None, wanted: Wanted, stored: Stored) -> Wanted:
    """What is wanted if other days than these stay as they are; None: of all days."""
    if days is None:
        return wanted
    chosen = {day: made for day, made in stored.days.items() if day not in days}
    return replace(wanted, days=chosen | {day: made for day, made in wanted.days.items() if day in days})


def read_wanted(home: Home, warehouse: Warehouse, knowledge: KnowledgeFiles) -> Wanted:
    """What results should be made from, now that the warehouse knows the files."""
    gap = home.limits.gap
    terms = terms_of_days(warehouse)
    reviews = warehouse.rows("select count(*) as reviews, max(decided_at) as last from review")[0]
    return Wanted(
        days=wanted_days(home),
        fixes=home.lake.fixes_by_day(),
        rules=rules(home, knowledge),
        quiet_hours=max(gap.min_hours, gap.reception_window_hours),
        entries=_entries(knowledge.watchlists.history),
        terms=frozenset(zip(terms["day"], terms["licence"], strict=True)),
        reviews=f"{reviews['reviews']} {reviews['last']}" if reviews["reviews"] else "",
    )


def rules(home: Home, knowledge: KnowledgeFiles) -> dict[str, str]:
    """Versions of what the results of each stage go by."""
    sea = f"{home.zones.hash} {home.limits.hash}"
    return {
        "derive": _hash(_FORMS["derive"], sea, hash_of_anchorages(), hash_of_water(), detectors_version()),
        "provider": _hash(_FORMS["provider"], sea, provider_rules()),
        "judge": _hash(_FORMS["judge"], sea, knowledge.patterns.hash, knowledge.weights.hash, knowledge.tonnage.hash),
        "law": _hash(knowledge.measures.hash, knowledge.articles.hash),
        "claims": _hash(sea, knowledge.observations.hash, knowledge.rules.hash),
        "lists": knowledge.watchlists.hash,
        "texts": knowledge.hash,
    }


def read_stored(home: Home, warehouse: Warehouse, wanted: Wanted) -> Stored:
    """What results were made from."""
    made = {name: home.run_state.get(f"rules_{name}") or "" for name in wanted.rules}
    same_lists = made["lists"] == wanted.rules["lists"]
    entries = wanted.entries if same_lists else _entries(warehouse.read(WATCHLIST_HISTORY))
    return progress_of(home, Stored(
        rules=made, entries=entries, terms=home.judged.terms(), reviews=home.run_state.get("reviews") or "",
    ))  # fmt: skip


def progress_of(home: Home, stored: Stored) -> Stored:
    """What is stored, with what the work of this run changes in it as it is now."""
    return replace(
        stored,
        rules={**stored.rules} | {name: home.run_state.get(f"rules_{name}") or "" for name in ("derive", "provider")},
        days=home.results.made_from(),
        coverage=home.results.contents("coverage"),
        reception=home.judged.reception(),
        runs=home.results.rows("runs"),
        heard=home.results.rows("coverage"),
        due=home.ship_days.due_days(),
        meetings=home.meetings.due_days(),
        provider=len(home.provider_events.due()),
        to_judge=len(home.ship_days.to_judge()),
        announce=len(home.ship_days.changed_days()),
        data_end=home.run_state.get("data_end") or "",
    )


def _entries(history: DataFrame) -> dict[str, frozenset[int]]:
    """List to hashes of its entries."""
    hashes = util.hash_pandas_object(WATCHLIST_HISTORY.conform(history), index=False)
    return {str(name): frozenset(of_list.tolist()) for name, of_list in hashes.groupby(history["watchlist_id"].array)}


def _hash(*parts: object) -> str:
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()[:16]


def days_to_compress(home: Home) -> list[str]:
    """UTC days whose positions no run has seen as they are now. No warehouse is asked: a run may be making it."""
    wanted = Wanted(days=wanted_days(home), fixes={}, rules={}, quiet_hours=0)
    work = make_plan(wanted, Stored(days=home.results.made_from()))
    return sorted({day for one in work if one.stage == "compress" for day in one.days})
