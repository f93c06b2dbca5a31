"""Task: what a run has to do, from what is wanted and what is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from pandas import DataFrame, util

from geo.anchorages import hash_of_anchorages
from geo.water import hash_of_water
from pipeline.contracts import WATCHLIST_HISTORY
from pipeline.engines.engine import fixes_of_batch
from pipeline.errors import InputError
from pipeline.events.registry import detectors_version
from pipeline.judgement.flags import hash_of_flags
from pipeline.judgement.knowledge_files import KnowledgeFiles
from pipeline.lake.pruned import how_to_restore, kept_ships, pruned_days
from pipeline.mid import hash_of_digits
from pipeline.state.plan import BOUNDS, Bounds, Stored, Wanted, Work, changed_rules, make_plan
from pipeline.tasks.compress import wanted_days
from pipeline.tasks.home import Home, read_knowledge
from pipeline.tasks.provider_events import provider_rules
from pipeline.tasks.radar import wanted_radar
from pipeline.tasks.ships_to_judge import every_ship, ships_to_judge, terms_of_days
from pipeline.warehouse.store import Warehouse, open_or_empty

if TYPE_CHECKING:
    from pipeline.settings import Settings

# Of what a stage gives: raise it where a new version says other things of the same data.
_FORMS = {"derive": 18, "judge": 19, "provider": 1, "claims": 3}


def planned(settings: Settings, days: set[str] | None = None, *, rebuild: bool = False) -> list[Work]:
    """What a run would do, and of which ships; nothing is changed.

    days     UTC days to compress; None: every landed day that needs it
    rebuild  as for a home of which nothing is derived
    """
    home, knowledge = Home(settings), read_knowledge(settings)
    with open_or_empty(settings.database_url) as warehouse:
        wanted = read_wanted(home, warehouse, knowledge)
        stored = Stored() if rebuild else read_stored(home, warehouse, wanted)
        wanted = only(days, wanted, stored)
        plan = make_plan(wanted, stored, bounds_of(settings))
        judged = _judged_ships(home, warehouse, knowledge, wanted, stored) if _of_judging(plan) else []
    return [replace(work, ships=tuple(_ships_of(work, home, judged, wanted, stored))) for work in plan]


def bounds_of(settings: Settings) -> Bounds:
    """How much is done at once: of positions what the engine takes, of everything else what fits into memory here."""
    return replace(BOUNDS, fixes=fixes_of_batch(settings.engine))


def _of_judging(plan: list[Work]) -> bool:
    return any(work.stage == "judge" for work in plan)


def _judged_ships(
    home: Home, warehouse: Warehouse, knowledge: KnowledgeFiles, wanted: Wanted, stored: Stored
) -> list[int]:
    """MMSIs of the ships whose alerts would be judged again, all the work of judging together."""
    everyone = changed_rules(wanted, stored, "judge")
    if everyone:
        return sorted(every_ship(warehouse).tolist())
    return sorted(ships_to_judge(home, warehouse, knowledge, wanted, stored).since.index.tolist())


def _ships_of(work: Work, home: Home, judged: list[int], wanted: Wanted, stored: Stored) -> Iterable[int]:
    """MMSIs of the ships that a piece of work is about, in order: of days, those heard on them now or before; none
    where it is about gaps of whoever was silent."""
    first, last = (work.days[0], work.days[-1]) if work.days else ("", "")
    if work.stage in ("compress", "pruned"):
        now = {ship for day in work.days for ship in home.lake.ships(day)}
        return sorted(now.union(*(home.ship_days.ships(day, day) for day in work.days)))
    if work.stage == "derive":
        if changed_rules(wanted, stored, "derive") or not work.size:
            return home.ship_days.ships(first, last)
        return home.ship_days.due(first, last)["mmsi"].tolist()
    if work.stage == "meetings":
        return sorted(set().union(*home.meetings.due(first, last).values()))
    if work.stage == "provider":
        return home.provider_events.due()
    return judged if work.stage == "judge" else ()


def only(days: set[str] | None, wanted: Wanted, stored: Stored) -> Wanted:
    """What is wanted if other days than these stay as they are; None: of all days. Pruned days are among these in any
    case: what they were compressed to by other rules must not be mixed with what is compressed now."""
    if days is None:
        return wanted
    days = days | wanted.pruned
    chosen = {day: made for day, made in stored.days.items() if day not in days}
    return replace(wanted, days=chosen | {day: made for day, made in wanted.days.items() if day in days})


def read_wanted(home: Home, warehouse: Warehouse, knowledge: KnowledgeFiles) -> Wanted:
    """What results should be made from, now that the warehouse knows the files."""
    gap = home.limits.gap
    gone, lacking = pruned(home, knowledge)
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
        pruned=gone,
        lacking=lacking,
        radar=wanted_radar(home, home.lake.landed_days()),
    )


def pruned(home: Home, knowledge: KnowledgeFiles) -> tuple[frozenset[str], frozenset[str]]:
    """Of `Wanted`: `pruned`, and where events are derived by other rules now, `lacking`."""
    days = pruned_days(home.lake.catalog)
    lacking: set[str] = set()
    if days and rules(home, knowledge)["derive"] != home.run_state.get("rules_derive"):
        from pipeline.tasks.meetings import ships_near_others

        for day, ships in ships_near_others(home, sorted(days)).items():
            if ships - kept_ships(home.lake, day):
                lacking.add(day)
    return frozenset(days), frozenset(lacking)


def refuse_pruned(home: Home, knowledge: KnowledgeFiles, days: set[str] | None, *, rebuild: bool) -> None:
    """Refuse a run that would have to make pruned days again, before it writes anything.

    raises  InputError with the reason and what to do
    """
    gone, lacking = pruned(home, knowledge)
    if not gone:
        return
    now = rules(home, knowledge)
    wanted = Wanted(wanted_days(home), fixes={}, rules=now, quiet_hours=0, pruned=gone, lacking=lacking)
    derived = {"derive": home.run_state.get("rules_derive") or ""}
    stored = Stored() if rebuild else Stored(rules=derived, days=home.results.made_from())
    for work in make_plan(only(days, wanted, stored), stored):
        if work.stage == "pruned":
            remedy = "put the zones, limits and version back" if not rebuild else "run without --rebuild"
            raise InputError(
                f"{work.reason}; nothing was changed: {remedy}, or make these days whole: "
                f"{how_to_restore(home.lake.catalog)}"
            )


def rules(home: Home, knowledge: KnowledgeFiles) -> dict[str, str]:
    """Versions of what the results of each stage go by."""
    sea = f"{home.zones.hash} {home.limits.hash}"
    return {
        "derive": _hash(
            _FORMS["derive"], sea, hash_of_anchorages(), hash_of_water(), hash_of_digits(), detectors_version()
        ),
        "provider": _hash(_FORMS["provider"], sea, provider_rules()),
        "judge": _hash(
            _FORMS["judge"],
            sea,
            knowledge.patterns.hash,
            knowledge.weights.hash,
            knowledge.tonnage.hash,
            hash_of_flags(),
        ),
        "law": _hash(knowledge.measures.hash, knowledge.articles.hash),
        "claims": _hash(
            _FORMS["claims"],
            sea,
            knowledge.observations.hash,
            knowledge.rules.hash,
            knowledge.radar.hash,
            knowledge.imagery.hash,
        ),
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
        rules={**stored.rules}
        | {name: home.run_state.get(f"rules_{name}") or "" for name in ("derive", "provider", "claims")},
        days=home.results.made_from(),
        coverage=home.results.contents("coverage"),
        reception=home.judged.reception(),
        runs=home.results.rows("runs"),
        heard=home.results.rows("coverage"),
        due=home.ship_days.due_days(),
        meetings=home.meetings.due_days(),
        provider=len(home.provider_events.due()),
        radar=home.radar.made_from(),
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
    pruned = frozenset(pruned_days(home.lake.catalog))
    wanted = Wanted(days=wanted_days(home), fixes={}, rules={}, quiet_hours=0, pruned=pruned)
    work = make_plan(wanted, Stored(days=home.results.made_from()))
    return sorted({day for one in work if one.stage == "compress" for day in one.days})
