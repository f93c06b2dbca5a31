"""Alerts as a person reads them: those that wait, or those of another status, filtered, a page at a time.

A page is found by walking the alerts in their order until it is full, and the next one starts where it ended (its last
key), so that a queue of a hundred thousand costs little more than one of fifty. The SQL is the same on both engines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline import contracts
from pipeline.plain import Record, plain
from pipeline.warehouse.alert_statuses import CANDIDATES, FIRST, STATUSES, WAITING

if TYPE_CHECKING:
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

# Keeps PostgreSQL from joining all claims or evidence there are, where a page looks at some hundred alerts.
_ONE_BY_ONE = "limit 1 offset 0"
_FEW = 2000  # alerts that are named one by one
_AT_ONCE = 250  # of them in a statement
MOST = 500  # counting ends here: "more than 500" says as much

# Alerts by their ids, each with its place in the order of pages: score, began_at, alert_id as the database gives them.
Named = Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Wanted:
    """Which alerts; everything given must hold, and of several values of one kind any.

    status   of STATUSES
    hulls    vessel_ids; None: any
    ids      beginning of an alert's id, as another way to be one of `hulls`
    pattern  pattern_id
    claim    label of a claim, like C16
    port     of a zone where it began or ended
    source   ais, or the provider of an event that it rests on
    since    UTC day (ISO): what AIS reported ended on it or later
    until    UTC day: it began on it or earlier
    among    alerts; None: any (see `narrowed`)
    """

    status: str = WAITING
    hulls: tuple[str, ...] | None = None
    ids: str = ""
    pattern: tuple[str, ...] = ()
    grade: tuple[str, ...] = ()
    claim: tuple[str, ...] = ()
    port: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    among: Named | None = field(default=None, hash=False)


class Key(NamedTuple):
    """Where a page ended: in which group of its status, and the score, began_at (ISO) and alert_id of its last row."""

    group: int
    score: float
    began_at: str
    alert_id: str


class Page(NamedTuple):
    """Rows of ALERT, each with its `group`, `last_decision`, `last_reviewer`, `last_decided_at`, `proposed_by` (who
    would decide, and waits for a second person) and `claims` (labels); and where the next page starts: None at the end.
    """

    rows: list[Record]
    after: Key | None


_NAMES = (
    "with alerted as (select distinct vessel_id from alert)"
    " select 'AIS' as source, vessel_id, imo, mmsi, name, call_sign from vessel_identity"
    " where vessel_id in (select vessel_id from alerted)"
    " union select 'AIS', vessel_id, imo, mmsi, name, call_sign from vessel"
    " where vessel_id in (select vessel_id from alerted)"
    " union select 'AIS', vessel_id, imo, mmsi, vessel_name, null from alert"
    " union select provider, null, imo, mmsi, name, call_sign from vessel_particulars"
)


def few_of(warehouse: Reader | Warehouse, status: str) -> dict[str, Named]:
    """Of each group of a status in which only few alerts can be, these; they stay the same until a run or a review."""
    found: dict[str, Named] = {}
    for name, _ in STATUSES[status]:
        if name in CANDIDATES:
            # distinct: many rows may be of few alerts, and cut off before they are, alerts would be missing
            sql = f"{FIRST}select distinct alert_id from ({CANDIDATES[name]}) as candidate limit {_FEW + 1}"
            ids = {str(row["alert_id"]) for row in warehouse.rows(sql)}
            if len(ids) <= _FEW:
                found[name] = _named(warehouse, ids)
    return found


def reviewed_until(warehouse: Reader | Warehouse) -> tuple[int, Any]:
    """How many reviews there are, and when the last was decided (as the database gives it; None without any). Reviews
    are only ever added."""
    each = "(select count(*) from review) as n, (select max(decided_at) from review) as latest"  # of its own index
    row = warehouse.rows(f"select {each}")[0]
    return row["n"], row["latest"]


def reviewed_since(warehouse: Reader | Warehouse, moment: Any) -> tuple[int, Named]:
    """How many reviews are of later than a moment (as the database gives it), and the alerts that they are about: those
    decided on, and those that took their place. No other alert is in another group because of them."""
    rows = warehouse.rows(
        "select review_id, alert_id from lineage_review where decided_at > :moment", {"moment": moment}
    )
    return len({row["review_id"] for row in rows}), _named(warehouse, {str(row["alert_id"]) for row in rows})


def few_with(few: Mapping[str, Named], touched: Named) -> dict[str, Named] | None:
    """What `few_of` gave, and the alerts of `reviewed_since`; None where they are no longer few."""
    both: dict[str, Named] = {name: {**named, **touched} for name, named in few.items()}
    return both if all(len(named) <= _FEW for named in both.values()) else None


def narrowed(warehouse: Reader | Warehouse, wanted: Wanted) -> Wanted:
    """The same, its alerts named where few pass its filters: they are then looked for once, and not in each group."""
    params: dict[str, Any] = {"most": _FEW + 1}
    filters = list(_filters(wanted, params))
    if not filters:
        return wanted
    where = " and ".join(f"({one})" for one in ("alert.withdrawn_at is null", *filters))
    where = where if wanted.status != "withdrawn" else where.replace("is null", "is not null", 1)
    found = warehouse.rows(f"select {_PLACE} from alert where {where} limit :most", params)
    return wanted if len(found) > _FEW else Wanted(wanted.status, among=_placed(found))


def page_of_alerts(
    warehouse: Reader | Warehouse,
    wanted: Wanted,
    *,
    new_since: str,
    after: Key | None = None,
    size: int = 50,
    few: Mapping[str, Named] = {},
) -> Page:
    """A page of alerts: group by group, strongest first, of one strength the latest first.

    new_since  UTC day (ISO): what was first raised on it or later is new since yesterday
    after      where the page before ended
    size       how many rows
    few        of the status (`few_of`); without it the same answer takes longer
    """
    groups = STATUSES[wanted.status]
    rows: list[Record] = []
    more = False
    for number in range(after.group if after else 0, len(groups)):
        key = after if after and after.group == number else None
        name, condition = groups[number]
        for piece in _pieces(wanted, few.get(name), key):
            sql, params = _select("alert.*", condition, piece, key)
            found = warehouse.rows(
                f"{sql} order by alert.score desc, alert.began_at desc, alert.alert_id desc limit :size",
                params | {"new_since": new_since, "size": size - len(rows) + 1},
            )
            more = len(found) > size - len(rows)
            rows += [row | {"group": name, "number": number} for row in plain(found)[: size - len(rows)]]
            if more:
                break
        if more:
            break
    last = rows[-1] if more and rows else None
    next_key = Key(last["number"], last["score"], last["began_at"], last["alert_id"]) if last else None
    return Page(_with_details(warehouse, rows), next_key)


def count_alerts(
    warehouse: Reader | Warehouse,
    wanted: Wanted,
    *,
    new_since: str,
    few: Mapping[str, Named] = {},
) -> dict[str, int]:
    """How many alerts there are, by group, counted up to `MOST` and one more; `few` as of `page_of_alerts`."""
    counts = {}
    for name, condition in STATUSES[wanted.status]:
        counts[name] = 0
        for piece in _pieces(wanted, few.get(name), None):
            sql, params = _select("1 as one", condition, piece, None)
            first, _, rest = sql.partition("select 1 as one")
            found = warehouse.rows(
                f"{first}select count(*) as n from (select 1 as one{rest} limit :most) as counted",
                params | {"new_since": new_since, "most": MOST + 1 - counts[name]},
            )
            counts[name] += int(found[0]["n"])
            if counts[name] > MOST:
                break
    return counts


# What tells the place of an alert in the order of pages.
_PLACE = "alert.score, alert.began_at, alert.alert_id"


def _named(warehouse: Reader | Warehouse, ids: Collection[str]) -> Named:
    every, named = sorted(ids), dict[str, tuple[Any, ...]]()
    for start in range(0, len(every), _AT_ONCE):
        params = {f"id_{n}": one for n, one in enumerate(every[start : start + _AT_ONCE])}
        among = ", ".join(f":{name}" for name in params)
        named |= _placed(warehouse.rows(f"select {_PLACE} from alert where alert_id in ({among})", params))
    return named


def _placed(rows: Iterable[Record]) -> dict[str, tuple[Any, ...]]:
    return {str(row["alert_id"]): (row["score"], row["began_at"], row["alert_id"]) for row in rows}


def _pieces(wanted: Wanted, few: Named | None, after: Key | None) -> Iterator[Wanted]:
    """The same; if its alerts are named, in the order of pages and some at a time, beginning where a page ended."""
    named = wanted.among if few is None else few
    if named is None:
        yield wanted
        return
    if few is not None and wanted.among is not None:
        named = {one: place for one, place in few.items() if one in wanted.among}
    ids = sorted(named, key=named.__getitem__, reverse=True)
    if after and after.alert_id in named:
        ids = ids[ids.index(after.alert_id) :]
    for start in range(0, len(ids), _AT_ONCE):
        yield replace(wanted, among={one: named[one] for one in ids[start : start + _AT_ONCE]})


def _select(what: str, condition: str, wanted: Wanted, after: Key | None) -> tuple[str, dict[str, Any]]:
    """The statement up to its order, and its parameters."""
    params: dict[str, Any] = {}
    where = [condition, *_filters(wanted, params)]
    if after:
        where.append("(alert.score, alert.began_at, alert.alert_id) < (:score, :began_at, :alert_id)")
        params |= {"score": after.score, "began_at": _stored(after.began_at), "alert_id": after.alert_id}
    return f"{FIRST}select {what} from alert where {' and '.join(f'({one})' for one in where)}", params


def _filters(wanted: Wanted, params: dict[str, Any]) -> Iterable[str]:
    def any_of(name: str, values: Sequence[str]) -> str:
        params.update({f"{name}_{n}": value for n, value in enumerate(values)})
        return "(" + ", ".join(f":{name}_{n}" for n in range(len(values))) + ")"

    if wanted.among is not None:
        yield f"alert.alert_id in {any_of('among', list(wanted.among))}" if wanted.among else "1 = 0"
    if wanted.pattern:
        yield f"alert.pattern_id in {any_of('pattern', wanted.pattern)}"
    if wanted.grade:
        yield f"alert.grade in {any_of('grade', wanted.grade)}"
    if wanted.claim:
        yield (
            "exists (select 1 from alert_claim where alert_claim.alert_id = alert.alert_id and claim_id in"
            f" (select claim_id from claim where label in {any_of('claim', wanted.claim)}) {_ONE_BY_ONE})"
        )
    if wanted.port:
        zones = f"(select zone_id from zone where port in {any_of('port', wanted.port)})"
        yield f"alert.origin_zone_id in {zones} or alert.destination_zone_id in {zones}"
    if wanted.hulls is not None:
        named = [f"alert.vessel_id in {any_of('hull', wanted.hulls)}"] if wanted.hulls else []
        if wanted.ids:
            params["ids"], params["letters"] = wanted.ids, len(wanted.ids)
            named.append("substr(alert.alert_id, 1, :letters) = :ids")
        yield " or ".join(named) or "1 = 0"
    if wanted.source:
        sources = " ".join(
            f"when '{table.name}' then (select its.source from {table.name} as its where its.{table.key[0]} = event_id)"
            for table in contracts.EVENTS
            if "source" in table.names
        )
        yield (
            "exists (select 1 from alert_evidence where alert_evidence.alert_id = alert.alert_id and"
            f" case event_table {sources} end in {any_of('source', wanted.source)} {_ONE_BY_ONE})"
        )
    if wanted.since:
        params["since"] = wanted.since
        yield "substr(cast(alert.ended_at as text), 1, 10) >= :since"
    if wanted.until:
        params["until"] = wanted.until
        yield "substr(cast(alert.began_at as text), 1, 10) <= :until"


def choices(warehouse: Reader | Warehouse) -> dict[str, list[str]]:
    """What alerts can be filtered by: `claim` (labels), `port` (of zones), `source`."""
    asked = {
        "claim": "select distinct label as one from claim",
        "port": "select distinct port as one from zone where port is not null",
        "source": "select 'ais' as one union select distinct provider from vessel_particulars",
    }
    return {name: sorted(str(row["one"]) for row in warehouse.rows(sql)) for name, sql in asked.items()}


def names_of_alerted(warehouse: Reader | Warehouse) -> list[Record]:
    """Who the ships of alerts are, and those that share a number with them: as `ships.names_told`."""
    return warehouse.rows(_NAMES)


def _with_details(warehouse: Reader | Warehouse, rows: Sequence[Record]) -> list[Record]:
    """What people decided of each row, and the claims that it bears on."""
    if not rows:
        return []
    params = {f"id_{n}": row["alert_id"] for n, row in enumerate(rows)}
    among = "(" + ", ".join(f":{name}" for name in params) + ")"
    claims = warehouse.rows(
        "select alert_id, label from alert_claim join claim on claim.claim_id = alert_claim.claim_id"
        f" where alert_id in {among} and relation <> 'context' order by label",
        params,
    )
    reviews = plain(
        warehouse.rows(
            "select alert_id, reviewed_alert_id, decision, reviewer, decided_at from lineage_review"
            f" where alert_id in {among} order by decided_at, review_id",
            params,
        )
    )
    detailed = []
    for row in rows:
        theirs = [one for one in reviews if one["alert_id"] == row["alert_id"]]
        counted = [one for one in theirs if not one["decision"].startswith("would_")]
        last = counted[-1] if counted and counted[-1]["decision"] != "undone" else None
        own = [one for one in theirs if one["reviewed_alert_id"] == one["alert_id"]]
        waits = own and own[-1]["decision"].startswith("would_")
        detailed.append(
            row
            | {
                "last_decision": last and last["decision"],
                "last_reviewer": last and last["reviewer"],
                "last_decided_at": last and last["decided_at"],
                "proposed_by": own[-1]["reviewer"] if waits else None,
                "claims": [one["label"] for one in claims if one["alert_id"] == row["alert_id"]],
            }
        )
    return detailed


def _stored(moment: str) -> str:
    """A time of `plain` in the form that SQLite keeps; PostgreSQL reads it as well."""
    return moment.replace("T", " ").removesuffix("Z")
