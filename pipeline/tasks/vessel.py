"""Step that only reads: what is known of one ship, heard here or only listed, and what was searched for her."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.contracts import NOT_DERIVED, SOURCE_FILE
from pipeline.errors import InputError
from pipeline.tasks.plain import Record, plain, records

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.judgement.watchlists import Watchlists
    from pipeline.settings import Settings
    from pipeline.tasks.vessel_search import Search
    from pipeline.warehouse.store import Warehouse

_PARTICULARS = "select * from vessel_particulars where {} order by provider, to_at, ship"
_EXPECTED = "expected an IMO number (7 digits), an MMSI (9 digits), a call sign, or part of a name"


def vessel_report(settings: Settings, key: str) -> list[Record]:
    """Every ship that the key may mean, those heard here first.

    key      IMO number (7 digits, with or without IMO), MMSI (9 digits), id of a hull (imo-…, mmsi-…), call sign, or
             part of a name that she bears, bore or is listed under (see `ship_search`)
    returns  vessel (None: not heard here), synthetic (what was heard is generated), identities, particulars (as
             providers of bought events know her: VESSEL_PARTICULARS of her IMO number, or without one of her MMSI),
             lists (entries with her IMO number; of a ship that was not heard and has none, the entry that was found),
             events (with what each list said of her on the day, under `lists`), alerts, found_by (why she is an
             answer), list_hints (entries that name her MMSI or a name like hers, and are not hers by number), and what
             the answer rests on, the same for all: `searched`, `notes` on the key, `similar` (others whose name or
             number resembles it)
    raises   InputError if nothing matches, naming what was searched and what resembles it
    """
    from pipeline.limits import load_limits
    from pipeline.tasks.knowledge import read_watchlists
    from pipeline.tasks.vessel_search import known_names, search
    from pipeline.tasks.warehouse_stamp import open_filled

    if not key.strip():
        raise InputError(f"the ship is not named; {_EXPECTED}")
    watchlists = read_watchlists(settings)
    with open_filled(settings, or_empty=True) as warehouse:
        synthetic = bool(warehouse.read(SOURCE_FILE)["synthetic"].any())
        searched = _searched(settings, warehouse, watchlists)
        found = search(key, known_names(warehouse, watchlists))
        hulls = _hulls(warehouse, found)
        limits = load_limits().watchlist
        ships = [
            {"vessel": hull, "synthetic": synthetic, **_told(warehouse, watchlists, hull)}
            | {"found_by": _why(found, vessel_id=hull["vessel_id"])}
            for hull in hulls
        ]
        for ship in ships:
            ship["list_hints"] = _hints(watchlists, ship, limits.name_similarity, limits.name_letters)
        ships += _not_heard(warehouse, watchlists, found, hulls)
    answer = {"searched": searched, "notes": found.notes, "similar": found.similar}
    if not ships:
        raise InputError(_none_found(key, answer))
    return [ship | answer for ship in ships]


def _searched(settings: Settings, warehouse: Warehouse, watchlists: Watchlists) -> Record:
    """What an answer rests on: `lists` with their newest edition, `ais` days (derived; landed and `waiting` for it;
    `held_back` by the quality gate), events `not_derived` from them, all of it `in_words`."""
    from pipeline.state.glance import glance

    newest = watchlists.editions.groupby("watchlist_id")["published_on"].agg(["max", "size"])
    lists = watchlists.lists[["watchlist_id", "authority", "title"]]
    lists = lists.merge(newest, left_on="watchlist_id", right_index=True, how="left", validate="1:1")
    lists = lists.rename(columns={"max": "edition", "size": "editions"}).fillna({"editions": 0})
    days = "select min(day) as from_day, max(day) as to_day, count(distinct day) as days from coverage_day"
    held = "select count(*) as held_back from judged_day where failed > 0"
    korea = (
        "select count(distinct day) as days_heard_in_kp from coverage_day"
        " join zone on zone.zone_id = coverage_day.zone_id where zone.country = 'KP' and vessels_heard > 0"
    )
    ais = {name: value for sql in (days, held, korea) for name, value in records(warehouse.query(sql))[0].items()}
    lake = glance(settings.home)
    ais["waiting"] = lake.waiting_days if lake else 0
    others = warehouse.query("select distinct provider from vessel_particulars order by provider")
    searched: Record = {
        "lists": records(lists.astype({"editions": int}).sort_values("watchlist_id")),
        "ais": ais | {name: str(ais[name]) if ais[name] else None for name in ("from_day", "to_day")},
        "providers": others["provider"].tolist(),
        "not_derived": [table.name for table in NOT_DERIVED],
    }
    return searched | {"in_words": _in_words(searched)}


def _in_words(searched: Record) -> str:
    """What was searched, with dates, in a line."""
    ais = searched["ais"]
    heard = f"AIS of {ais['days']} days from {ais['from_day']} to {ais['to_day']}" if ais["days"] else "no AIS at all"
    if ais["days"]:
        heard += f" (in North Korean waters anybody was heard on {ais['days_heard_in_kp']} of them)"
    heard += f" ({ais['waiting']} landed and not derived yet: coalwatch run)" if ais["waiting"] else ""
    heard += f" (events of {ais['held_back']} held back by the quality gate, left out)" if ais["held_back"] else ""
    editions = [f"{one['watchlist_id']} of {one['edition']}" for one in searched["lists"] if one["edition"]]
    empty = [one["watchlist_id"] for one in searched["lists"] if not one["edition"]]
    without = f" (not {', '.join(empty)}: no edition at hand)" if empty else ""
    told = f", particulars of {', '.join(searched['providers'])}" if searched["providers"] else ""
    return f"{heard}{told}, lists {', '.join(editions) or 'none'}{without}"


def _none_found(key: str, answer: Record) -> str:
    pieces = [f'no ship found for "{key}", neither heard nor listed', *answer["notes"]]
    if answer["similar"]:
        pieces.append(f"did you mean {', or '.join(answer['similar'])}?")
    return "; ".join([*pieces, f"searched {answer['searched']['in_words']}", _EXPECTED])


def _why(found: Search, **of: Any) -> list[str]:
    ((column, value),) = of.items()
    rows = found.rows[(found.rows[column] == value).fillna(False).astype(bool)]
    direct = rows[rows["direct"]]
    return (direct if len(direct) else rows)["why"].drop_duplicates().tolist()


def _hulls(warehouse: Warehouse, found: Search) -> list[Record]:
    ids = sorted(found.rows["vessel_id"].dropna().unique())
    rows = [records(warehouse.query("select * from vessel where vessel_id = :id", {"id": one})) for one in ids]
    return [hull for of_id in rows for hull in of_id]


def _told(warehouse: Warehouse, watchlists: Watchlists, ship: Record) -> Record:
    """What the warehouse and the lists tell of a ship that was heard."""

    def of_ship(sql: str) -> DataFrame:
        return warehouse.query(sql, {"id": ship["vessel_id"]})

    events = of_ship("select * from vessel_history where vessel_id = :id order by from_at, to_at, event_id")
    of_her = "imo = :key" if ship["imo"] else "imo is null and mmsi = :key"
    return {
        "identities": records(of_ship("select * from vessel_identity where vessel_id = :id order by from_at")),
        "particulars": records(warehouse.query(_PARTICULARS.format(of_her), {"key": ship["imo"] or ship["mmsi"]})),
        "lists": _entries(watchlists, watchlists.vessels["imo"] == ship["imo"]) if ship["imo"] else [],
        "events": _with_lists(records(events), ship["imo"], watchlists),
        "alerts": records(
            of_ship(
                "select alert_id, pattern_id, grade, score, headline, began_at, ended_at, synthetic, withdrawn_at,"
                " withdrawn_reason from alert where vessel_id = :id order by began_at, alert_id"
            )
        ),
    }


def _with_lists(events: list[Record], imo: int | None, watchlists: Watchlists) -> list[Record]:
    """Events with what each list said of the ship when they began."""
    from pandas import Series, to_datetime

    from pipeline.judgement.watchlists import listed_as_of

    moments = Series(to_datetime([event["from_at"] for event in events], utc=True, format="ISO8601"))
    said = listed_as_of(Series([imo] * len(events), dtype="Int64"), moments, watchlists)
    by_event: dict[int, list[Record]] = {}
    for row, one in zip(said["row"], plain(said.drop(columns="row").to_dict("records")), strict=True):
        by_event.setdefault(row, []).append(one)
    return [event | {"lists": by_event.get(row, [])} for row, event in enumerate(events)]


def _not_heard(warehouse: Warehouse, watchlists: Watchlists, found: Search, heard: list[Record]) -> list[Record]:
    """Ships found on lists or in particulars alone: one per IMO number, else per entry, else per ship of a provider."""
    rows = found.rows[found.rows["vessel_id"].isna()]
    imos = {hull["imo"] for hull in heard if hull["imo"]}
    mmsis = {hull["mmsi"] for hull in heard if not hull["imo"]}
    numbers = [int(imo) for imo in rows["imo"].dropna().unique() if int(imo) not in imos]
    without = rows[rows["imo"].isna()]
    entries = without["entry"].dropna().unique()
    told = without.loc[without["entry"].isna() & ~without["mmsi"].isin(mmsis), "mmsi"].dropna().unique()
    vessels = watchlists.vessels
    entry_of = vessels["watchlist_id"] + " " + vessels["entry_id"]
    nothing: Record = {"vessel": None, "synthetic": False, "identities": []}
    none: Record = {"events": [], "alerts": []}

    def ship(lists: Any, particulars: str, key: int, **of: Any) -> Record:
        return (
            nothing
            | {"particulars": records(warehouse.query(_PARTICULARS.format(particulars), {"key": key}))}
            | {"lists": _entries(watchlists, lists), **none, "found_by": _why(found, **of), "list_hints": []}
        )

    ships = [
        ship((vessels["imo"] == imo) | entry_of.isin(rows.loc[rows["imo"] == imo, "entry"]), "imo = :key", imo, imo=imo)
        for imo in numbers
    ]
    ships += [ship(entry_of == entry, "1 = 0 and mmsi = :key", 0, entry=entry) for entry in entries]
    return ships + [
        ship(vessels["imo"].isna() & (vessels["mmsi"] == mmsi), "imo is null and mmsi = :key", int(mmsi), mmsi=mmsi)
        for mmsi in told
    ]


def _entries(watchlists: Watchlists, which: Any) -> list[Record]:
    """Entries of lists with the title and authority of their list."""
    lists = watchlists.lists[["watchlist_id", "title", "authority", "verified"]]
    found = watchlists.vessels[which.fillna(False).astype(bool)]
    return records(found.merge(lists, on="watchlist_id", validate="m:1").sort_values(["watchlist_id", "entry_id"]))


def _hints(watchlists: Watchlists, ship: Record, least: float, letters: int) -> list[Record]:
    """Entries that give the MMSI of a ship that was heard, or a name like hers, and not her IMO number."""
    from pandas import Series

    from pipeline.judgement.names import resembling

    hull, history = ship["vessel"], watchlists.history
    theirs = history[~(history["imo"] == hull["imo"]).fillna(False)] if hull["imo"] else history
    names = Series([one["name"] for one in [hull, *ship["identities"]] if one["name"]], dtype="str").drop_duplicates()
    hints: dict[tuple[str, str], str] = {}
    for alike in (resembling(names, theirs, 100, 1), resembling(names, theirs, least, letters)):
        for one in alike.itertuples():
            hints.setdefault((one.watchlist_id, one.entry_id), f"a name like hers: {one.resembles}")
    mmsis = {hull["mmsi"], *(one["mmsi"] for one in ship["identities"])}
    for one in theirs[theirs["mmsi"].isin(mmsis)].itertuples():
        hints[(one.watchlist_id, one.entry_id)] = f"her MMSI {one.mmsi}"
    entries = theirs.drop_duplicates(["watchlist_id", "entry_id"], keep="last").set_index(["watchlist_id", "entry_id"])
    return (
        records(entries.loc[list(hints), ["name", "imo"]].reset_index().assign(gives=list(hints.values())))
        if hints
        else []
    )
