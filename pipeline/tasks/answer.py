"""The article answered as far as it goes: for each claim and window what each kind of evidence says, side by side.

Without a token, without positions and without a home it is the same page, from documented observations and the law.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.contracts import RADAR_LOOK
from pipeline.errors import InputError
from pipeline.fetch.sources import SourceSpec, load_sources
from pipeline.judgement.articles import ClaimSpec, Window, select_zones
from pipeline.judgement.claims import Weighed
from pipeline.judgement.imagery import IMAGES_READ
from pipeline.judgement.radar import seen
from pipeline.judgement.verdicts import Side
from pipeline.limits import load_limits
from pipeline.plain import Record, plain, records
from pipeline.publish.notices import counted
from pipeline.tasks.fetch import plan_requests
from pipeline.tasks.home import read_knowledge, read_zones
from pipeline.tasks.judge import judge_all_claims
from pipeline.tasks.warehouse_stamp import open_filled

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.judgement.knowledge_files import KnowledgeFiles
    from pipeline.settings import Settings
    from pipeline.warehouse.store import Warehouse

_ROLES = {"primary": 0, "before": 1, "context": 2, "baseline": 3}
_ASKED = ("reports", "passes", "events", "figures")  # kinds of sources, in the order in which they tell most of Nampo
_NO_POSITIONS = "no positions for this window"


def answer_article(
    settings: Settings, *, label: str | None = None, secrets: Mapping[str, str], now: datetime
) -> Record:
    """What each kind of evidence says of each claim that open data can test, and what to ask next.

    label    only the claim with this label
    secrets  environment variable to value: which tokens there are
    now      wall clock (with zone): days that are not over are not asked for
    returns  `claims` (label, statement, windows: verdict, reason, would_change_it, `evidence` a kind) of real articles
             and, where the home is synthetic, of synthetic ones; `ask_next`
    raises   InputError if no such claim can be tested, naming those that can
    """
    knowledge, zones = read_knowledge(settings), read_zones().frame
    weighed: list[Weighed] = []
    with open_filled(settings, or_empty=True) as warehouse:
        windows = records(judge_all_claims(warehouse, knowledge, zones, load_limits(), None, weighed))
        synthetic = bool(warehouse.rows("select count(*) as files from source_file where synthetic")[0]["files"])
        told = {
            (row["claim_id"], row["window_id"]): row | {"evidence": list(_kinds(one, row, warehouse, knowledge, zones))}
            for one, row in zip(weighed, windows, strict=True)
            if one.spec.testability in ("A", "B") and one.spec.synthetic == synthetic
        }
    specs = {one.spec.claim_id: one.spec for one in weighed if (one.spec.claim_id, one.window.window_id) in told}
    claims = [
        claim | {"windows": [row for (claim_id, _), row in told.items() if claim_id == claim["claim_id"]]}
        for claim in records(knowledge.articles.claims)
        if claim["claim_id"] in specs
    ]
    if label is not None:
        known = [claim["label"] for claim in claims]
        claims = [claim for claim in claims if claim["label"] == label.upper()]
        if not claims:
            raise InputError(f'no claim "{label}" that open data can test; expected one of {", ".join(known)}')
    asked = [specs[claim["claim_id"]] for claim in claims if not specs[claim["claim_id"]].synthetic]
    return {"synthetic": synthetic, "claims": claims, "ask_next": plain(list(_ask_next(settings, asked, secrets, now)))}


# ------------------------------------------------------------------------------------------------- kinds of evidence


def _kinds(
    one: Weighed, row: Record, warehouse: Warehouse, knowledge: KnowledgeFiles, zones: DataFrame
) -> Iterator[Record]:
    """What each kind of evidence says of a claim in a window, whether or not there is any."""
    spec, window = one.spec, one.window
    places = zones[zones["kind"] != "margin"]
    zone_ids = select_zones([*spec.zones, *spec.origins], places) if spec.zones else []
    days = _days_heard(warehouse, window)
    share = row["coverage_share"]
    heard = _NO_POSITIONS if share is None else f"its places were heard in {share:.0%} of the hours"
    exact = f"{days['exact']} days with exact positions; {heard}" if days["exact"] else _NO_POSITIONS
    yield _kind("exact AIS", one, ("alert", "silence", "tonnage"), exact, nothing="no alert bears on it")
    coarse = days["coarse"]
    yield {
        "kind": "presence",
        "says": "calls and stays of its coarse positions count among those of AIS" if coarse else "none is at hand",
        "reception": f"{coarse} days with rows" if coarse else "no presence data for this window",
        "for": None, "against": None,
    }  # fmt: skip
    yield _radar(one, warehouse, knowledge)
    ports = set(places.loc[places["zone_id"].isin(zone_ids), "port"].dropna().str.lower())
    yield _visits(warehouse, window, zone_ids, ports)
    seen_there = [text for text in one.aside if text.startswith(IMAGES_READ)]
    nothing = " ".join(seen_there) or "none is at hand"
    yield _kind("imagery read", one, ("imagery",), "what was seen on the images themselves", nothing=nothing)
    yield _kind("press and panel", one, ("observation",), "as their authors could see", nothing="none for this window")
    yield _law(knowledge, spec, window)


def _kind(name: str, one: Weighed, kinds: tuple[str, ...], reception: str, *, nothing: str) -> Record:
    said = [
        f"{lean}: {piece.said}"
        for lean, side in (("For", one.supporting), ("Against", one.weakening))
        for piece in side.pieces
        if piece.kind in kinds and piece.decision != "dismissed"
    ]
    weights = [_weight(side, kinds) for side in (one.supporting, one.weakening)]
    return {
        "kind": name, "says": " ".join(said) or nothing, "reception": reception, "for": weights[0],
        "against": weights[1],
    }  # fmt: skip


def _weight(side: Side, kinds: tuple[str, ...]) -> float | None:
    found = [piece.weight for piece in side.pieces if piece.kind in kinds]
    return round(sum(found), 2) if found else None


def _radar(one: Weighed, warehouse: Warehouse, knowledge: KnowledgeFiles) -> Record:
    bearings = [bearing for bearing in knowledge.radar.bears_on if bearing.claim == one.spec.bearing_id]
    found = _kind("radar", one, ("radar",), "", nothing="")
    looks = warehouse.read(RADAR_LOOK)
    zones = tuple(zone for bearing in bearings for zone in bearing.zones)
    saw = seen(looks, zones, one.window)
    if not bearings:
        return found | {"says": "radar cannot see its places", "reception": "nothing near the shore is seen"}
    if not saw.passes:
        return found | {"says": "no pass is known", "reception": "no radar data for this window"}
    reception = f"{saw.passes} known passes; at most {saw.ships_heard} ships heard in the hour of one"
    return found | {"says": found["says"] or saw.told(), "reception": reception}


def _visits(warehouse: Warehouse, window: Window, zone_ids: list[str], ports: Collection[str]) -> Record:
    """Port visits that providers tell of the claim's places, and how many they count there beside ours."""
    rows = warehouse.rows(
        "select source, zone_id, count(distinct visit_id) as visits from port_call where source <> 'ais' "
        "and arrived_by >= :since and arrived_by < :until group by source, zone_id",
        {"since": _text(window.from_at), "until": _text(window.to_at)},
    )
    rows = [row for row in rows if row["zone_id"] in zone_ids]
    by_source = {
        name: sum(row["visits"] for row in rows if row["source"] == name) for name in {r["source"] for r in rows}
    }
    said = ", ".join(f"{name} reports {counted(visits, 'visit')}" for name, visits in sorted(by_source.items()))
    told = [f"{said} to its places", *_counted(warehouse, window, ports)][not said :]
    return {
        "kind": "visits of others", "says": "; ".join(told) or "none is at hand",
        "reception": "providers do not say where they could not hear", "for": None, "against": None,
    }  # fmt: skip


def _counted(warehouse: Warehouse, window: Window, ports: Collection[str]) -> Iterator[str]:
    """What providers count at ports in the whole months of a window, beside visits of ours in the same months: theirs
    name no ship, and what may explain a difference is said by the view."""
    before = f"{window.from_at - timedelta(seconds=1):%Y-%m}"  # that of the window too, where it begins within one
    rows = warehouse.rows(
        "select provider, port, theirs, ours from visits_counted_monthly where month > :before and month < :until"
        " order by provider, port, month",
        {"before": before, "until": f"{window.to_at:%Y-%m}"},
    )
    rows = [row for row in rows if row["port"].lower() in ports]
    for provider, port in dict.fromkeys((row["provider"], row["port"]) for row in rows):
        of_port = [row for row in rows if (row["provider"], row["port"]) == (provider, port)]
        heard = [row for row in of_port if row["ours"] is not None]
        theirs, months = counted(sum(row["theirs"] for row in of_port), "visit"), counted(len(of_port), "whole month")
        beside = "we have positions of none of them"
        if heard:
            beside = (
                f"of {counted(len(heard), 'month')} we have positions: {sum(row['theirs'] for row in heard):,} theirs, "
                f"{sum(row['ours'] for row in heard):,} ours (coalwatch sql our_visits_beside_theirs: what explains a "
                "difference)"
            )
        yield f"{provider} counts {theirs} at {port} in {months}; {beside}"


def _law(knowledge: KnowledgeFiles, spec: ClaimSpec, window: Window) -> Record:
    """Measures of the United Nations and China in force in the window, on what the claim speaks of."""
    found = [
        entry
        for entry in knowledge.measures.entries.values()
        if entry.subject == spec.law
        and (entry.cases or spec.law != "coal")  # one without cases answers nothing: it is on coal of Australia
        and entry.authority in ("UN", "CN")
        and entry.in_force.from_at < window.to_at
        and (entry.in_force.to_at is None or entry.in_force.to_at > window.from_at)
    ]
    found.sort(key=lambda one: (one.authority != "UN", one.in_force.from_at))
    said = dict.fromkeys(
        f"{one.authority} {', '.join(filter(None, (one.basis.instrument, one.basis.paragraph)))}: {one.effect}"
        for one in found
    )
    nothing = "it is not about what a law forbids" if spec.law is None else f"no measure on {spec.law} was in force"
    texts = "texts were seen" if all(one.verified for one in found) else "not every text was seen"
    return {
        "kind": "law", "says": "; ".join(said) or nothing, "reception": texts if said else "seeds/measures",
        "for": None, "against": None,
    }  # fmt: skip


def _days_heard(warehouse: Warehouse, window: Window) -> dict[str, int]:
    coarse = [spec.source for spec in load_sources().values() if spec.kind == "reports"]
    rows = warehouse.rows(
        "select day, source from source_day where fixes > 0 and day >= :since and day < :until",
        {"since": f"{window.from_at:%Y-%m-%d}", "until": f"{window.to_at:%Y-%m-%d}"},
    )
    named = {name: {str(row["day"]) for row in rows if (row["source"] in coarse) == is_coarse}
             for name, is_coarse in (("exact", False), ("coarse", True))}  # fmt: skip
    return {name: len(found) for name, found in named.items()}


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


# ------------------------------------------------------------------------------------------------------ what to ask


def _ask_next(
    settings: Settings, specs: list[ClaimSpec], secrets: Mapping[str, str], now: datetime
) -> Iterator[Record]:
    """What there is to ask for that does not lie in the home, window by window, the claim's own time first; then
    figures, which are of no window."""
    windows = {window.window_id: window for spec in specs for window in spec.windows}
    sources = sorted(
        (spec for spec in load_sources().values() if spec.kind in _ASKED), key=lambda one: _ASKED.index(one.kind)
    )
    for window in sorted(windows.values(), key=lambda one: (_ROLES[one.role], one.from_at)):
        for spec in sources:
            last = min(window.to_at, now - timedelta(days=(spec.latency_days or 0) + 1)) - timedelta(days=1)
            first = window.from_at
            if spec.history_from:
                first = max(first, datetime(*spec.history_from.timetuple()[:3], tzinfo=UTC))
            if spec.by_day and first <= last:
                yield from _to_ask(settings, spec, (first.date(), last.date()), window.window_id, secrets, now)
    for spec in sources if windows else ():
        if not spec.by_day:
            yield from _to_ask(settings, spec, (now.date(), now.date()), None, secrets, now)


def _to_ask(
    settings: Settings,
    spec: SourceSpec,
    days: tuple[date, date],
    window_id: str | None,
    secrets: Mapping[str, str],
    now: datetime,
) -> Iterator[Record]:
    """What is to be asked of a source, unless all of it lies there: `requests`, `at_least` and `minutes` are None where
    that is not known beforehand."""
    planned = plan_requests(settings, spec.source, *days, now=now)
    if planned is None or planned["requests"]:
        span = f" --from {days[0]} --to {days[1]}" if spec.by_day else ""
        yield {
            "window_id": window_id,
            "source": spec.source,
            "requests": planned and planned["requests"],
            "at_least": planned and planned["at_least"],
            "minutes": planned and max(1, round(planned["about_s"] / 60)),
            "non_commercial": spec.commercial_use is False,
            "command": f"coalwatch fetch {spec.source}{span}",
            "needs": [name for name in spec.secrets if not secrets.get(name)],
        }
