"""Step that only reads: what is known of one ship, heard here or only listed, and what was searched for her."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from pipeline.contracts import NOT_DERIVED
from pipeline.errors import InputError
from pipeline.judgement.names import compared_name, figures_of
from pipeline.plain import Record, plain
from pipeline.tasks.listed import Listed, read_listed
from pipeline.tasks.vessel_search import Search, known_names, names_of, search
from pipeline.tasks.warehouse_stamp import ask_filled

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.warehouse.reader import Reader
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
    if not key.strip():
        raise InputError(f"the ship is not named; {_EXPECTED}")
    lists = read_listed(settings)
    with ask_filled(settings, or_empty=True) as warehouse:
        synthetic = any(one["synthetic"] for one in warehouse.rows("select distinct synthetic from source_file"))
        searched = _searched(settings, warehouse, lists)
        found = search(key, known_names(warehouse, lists.history))
        hulls = _hulls(warehouse, found)
        ships = [
            {"vessel": hull, "synthetic": synthetic, **_told(warehouse, lists, hull)}
            | {"found_by": found.why("vessel_id", hull["vessel_id"])}
            for hull in hulls
        ]
        for ship in ships:
            ship["list_hints"] = _hints(lists, ship)
        ships += _not_heard(warehouse, lists, found, hulls)
    answer = {"searched": searched, "notes": found.notes, "similar": found.similar}
    if not ships:
        raise InputError(_none_found(key, answer))
    return [ship | answer for ship in ships]


def _searched(settings: Settings, warehouse: Reader | Warehouse, lists: Listed) -> Record:
    """What an answer rests on: `lists` with their newest edition, `ais` days (derived; landed and `waiting` for it;
    `held_back` by the quality gate), events `not_derived` from them, all of it `in_words`."""
    from pipeline.state.glance import glance

    days = "select min(day) as from_day, max(day) as to_day, count(distinct day) as days from coverage_day"
    held = "select count(*) as held_back from judged_day where failed > 0"
    korea = (
        "select count(distinct day) as days_heard_in_kp from coverage_day"
        " join zone on zone.zone_id = coverage_day.zone_id where zone.country = 'KP' and vessels_heard > 0"
    )
    ais = {name: value for sql in (days, held, korea) for name, value in plain(warehouse.rows(sql))[0].items()}
    lake = glance(settings.home)
    ais["waiting"] = lake.waiting_days if lake else 0
    others = warehouse.rows("select distinct provider from vessel_particulars order by provider")
    searched: Record = {
        "lists": lists.lists,
        "ais": ais | {name: str(ais[name]) if ais[name] else None for name in ("from_day", "to_day")},
        "providers": [one["provider"] for one in others],
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


def _hulls(warehouse: Reader | Warehouse, found: Search) -> list[Record]:
    ids = sorted({row.known.vessel_id for row in found.rows if row.known.vessel_id is not None})
    rows = [warehouse.rows("select * from vessel where vessel_id = :id", {"id": one}) for one in ids]
    return [hull for of_id in rows for hull in plain(of_id)]


def _told(warehouse: Reader | Warehouse, lists: Listed, ship: Record) -> Record:
    """What the warehouse and the lists tell of a ship that was heard."""

    def of_ship(sql: str) -> list[Record]:
        return plain(warehouse.rows(sql, {"id": ship["vessel_id"]}))

    imo = ship["imo"]
    events = of_ship("select * from vessel_history where vessel_id = :id order by from_at, to_at, event_id")
    of_her = "imo = :key" if imo else "imo is null and mmsi = :key"
    return {
        "identities": of_ship("select * from vessel_identity where vessel_id = :id order by from_at"),
        "particulars": plain(warehouse.rows(_PARTICULARS.format(of_her), {"key": imo or ship["mmsi"]})),
        "lists": [one for one in lists.entries if imo and one["imo"] == imo],
        "events": [event | {"lists": lists.on(imo, event["from_at"])} for event in events],
        "alerts": of_ship(
            "select alert_id, pattern_id, grade, score, headline, began_at, ended_at, synthetic, withdrawn_at,"
            " withdrawn_reason from alert where vessel_id = :id order by began_at, alert_id"
        ),
    }


def _not_heard(warehouse: Reader | Warehouse, lists: Listed, found: Search, heard: list[Record]) -> list[Record]:
    """Ships found on lists or in particulars alone: one per IMO number, else per entry, else per ship of a provider."""
    rows = [row.known for row in found.rows if row.known.vessel_id is None]
    imos = {hull["imo"] for hull in heard if hull["imo"]}
    mmsis = {hull["mmsi"] for hull in heard if not hull["imo"]}
    entries_of: dict[int, set[str | None]] = {}
    for one in rows:
        if one.imo is not None and one.imo not in imos:
            entries_of.setdefault(one.imo, set()).add(one.entry)
    without = [one for one in rows if one.imo is None]
    entries = dict.fromkeys(one.entry for one in without if one.entry is not None)
    told = dict.fromkeys(
        one.mmsi for one in without if one.entry is None and one.mmsi is not None and one.mmsi not in mmsis
    )
    nothing: Record = {"vessel": None, "synthetic": False, "identities": []}
    none: Record = {"events": [], "alerts": []}

    def ship(entries: list[Record], particulars: str, key: int, column: str, value: Any) -> Record:
        return (
            nothing
            | {"particulars": plain(warehouse.rows(_PARTICULARS.format(particulars), {"key": key}))}
            | {"lists": entries, **none, "found_by": found.why(column, value), "list_hints": []}
        )

    ships = []
    for imo, of_imo in entries_of.items():
        listed = [one for one in lists.entries if one["imo"] == imo or _id(one) in of_imo]
        ships.append(ship(listed, "imo = :key", imo, "imo", imo))
    for entry in entries:
        listed = [one for one in lists.entries if _id(one) == entry]
        ships.append(ship(listed, "1 = 0 and mmsi = :key", 0, "entry", entry))
    for mmsi in told:
        listed = [one for one in lists.entries if one["imo"] is None and one["mmsi"] == mmsi]
        ships.append(ship(listed, "imo is null and mmsi = :key", mmsi, "mmsi", mmsi))
    return ships


def _id(entry: Record) -> str:
    return f"{entry['watchlist_id']} {entry['entry_id']}"


def _hints(lists: Listed, ship: Record) -> list[Record]:
    """Entries that give the MMSI of a ship that was heard, or a name like hers, and not her IMO number."""
    hull = ship["vessel"]
    theirs = [one for one in lists.history if not hull["imo"] or one["imo"] != hull["imo"]]
    names = dict.fromkeys(one["name"] for one in [hull, *ship["identities"]] if one["name"])
    hints: dict[str, str] = {}
    for least, letters in ((100.0, 1), (lists.name_similarity, lists.name_letters)):
        for entry, name in _resembling(names, theirs, least, letters):
            hints.setdefault(entry, f"a name like hers: {name}")
    mmsis = {hull["mmsi"], *(one["mmsi"] for one in ship["identities"])} - {None}
    hints |= {_id(one): f"her MMSI {one['mmsi']}" for one in theirs if one["mmsi"] in mmsis}
    last = {_id(one): one for one in theirs}
    columns = ("watchlist_id", "entry_id", "name", "imo")
    return [{name: last[entry][name] for name in columns} | {"gives": gives} for entry, gives in hints.items()]


def _resembling(names: Iterable[str], history: list[Record], least: float, letters: int) -> Iterator[tuple[str, str]]:
    """Entries and those of their names that resemble a name, as `names.resembling` finds them for many ships."""
    from rapidfuzz import fuzz

    listed: dict[str, dict[tuple[str, str], None]] = {}
    for one in history:
        for name in names_of(one):
            if len(key := _compared(name)) >= letters:
                listed.setdefault(key, {})[_id(one), name] = None
    for own in dict.fromkeys(map(_compared, names)):
        for key, entries in listed.items():
            alike = len(own) >= letters and fuzz.ratio(own, key, score_cutoff=least)
            if alike and figures_of(own) == figures_of(key):
                yield from entries


_compared = cache(compared_name)
