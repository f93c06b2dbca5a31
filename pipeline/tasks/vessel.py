"""Task: what is known of one ship, heard here or only listed, and what was searched for her."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.contracts import NOT_DERIVED
from pipeline.errors import InputError
from pipeline.judgement.known_ships import known_names
from pipeline.judgement.listed import Listed, list_hints, listed_values
from pipeline.judgement.ship_search import Unheard, search, ships_not_heard
from pipeline.plain import Record
from pipeline.publish.searched import searched_in_words
from pipeline.remembered import from_files
from pipeline.state.glance import glance
from pipeline.tasks.warehouse_stamp import ask_filled
from pipeline.warehouse import ships

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

_EXPECTED = "expected an IMO number (7 digits), an MMSI (9 digits), a call sign, or part of a name"


def vessel_report(settings: Settings, key: str) -> list[Record]:
    """Every ship that the key may mean, those heard here first.

    key      IMO number (7 digits, with or without IMO), MMSI (9 digits), id of a hull (imo-…, mmsi-…), call sign, or
             part of a name that she bears, bore or is listed under (see `ship_search`)
    returns  vessel (None: not heard here), synthetic (what was heard is generated), identities, particulars (as
             providers of events know her: VESSEL_PARTICULARS of her IMO number, or without one of her MMSI),
             reception (how much of her voyages providers received: PROVIDER_RECEPTION, likewise),
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
        searched = what_is_searched(settings, warehouse, lists)
        found = search(key, known_names(ships.names_told(warehouse), lists.history))
        heard = ships.hulls(warehouse, {row.known.vessel_id for row in found.rows if row.known.vessel_id is not None})
        synthetic = ships.is_synthetic(warehouse)
        reports = [
            heard_ship(warehouse, lists, hull, found.why("vessel_id", hull["vessel_id"]), synthetic=synthetic)
            for hull in heard
        ]
        reports += [
            _not_heard(warehouse, ship, found.why(ship.column, ship.value))
            for ship in ships_not_heard(found, lists, heard)
        ]
    answer = {"searched": searched, "notes": found.notes, "similar": found.similar}
    if not reports:
        raise InputError(_none_found(key, answer))
    return [ship | answer for ship in reports]


def read_listed(settings: Settings) -> Listed:
    """The lists of the seeds and the editions of a home.

    raises  InputError naming file, line, field, found and expected
    """
    return Listed(**from_files("lists", lambda: _read_listed(settings), settings.home))


def _read_listed(settings: Settings) -> Record:
    from pipeline.limits import load_limits
    from pipeline.tasks.home import read_watchlists

    return listed_values(read_watchlists(settings), load_limits().watchlist)


def what_is_searched(settings: Settings, warehouse: Reader | Warehouse, lists: Listed) -> Record:
    """What an answer rests on: `lists` with their newest edition, `ais` days (derived; landed and `waiting` for it;
    `held_back` by the quality gate), events `not_derived` from them, all of it `in_words`."""
    lake = glance(settings.home)
    searched: Record = {
        "lists": lists.lists,
        "ais": ships.ais_at_hand(warehouse) | {"waiting": lake.waiting_days if lake else 0},
        "providers": ships.providers_of_particulars(warehouse),
        "not_derived": [table.name for table in NOT_DERIVED],
    }
    return searched | {"in_words": searched_in_words(searched)}


def _none_found(key: str, answer: Record) -> str:
    pieces = [f'no ship found for "{key}", neither heard nor listed', *answer["notes"]]
    if answer["similar"]:
        pieces.append(f"did you mean {', or '.join(answer['similar'])}?")
    return "; ".join([*pieces, f"searched {answer['searched']['in_words']}", _EXPECTED])


def heard_ship(
    warehouse: Reader | Warehouse, lists: Listed, hull: Record, found_by: list[str], *, synthetic: bool
) -> Record:
    """What the warehouse and the lists tell of a ship that was heard."""
    imo, life = hull["imo"], ships.life_of(warehouse, hull["vessel_id"])
    return {
        "vessel": hull,
        "synthetic": synthetic,
        "identities": life["identities"],
        "particulars": ships.particulars(warehouse, imo=imo, mmsi=hull["mmsi"]),
        "reception": ships.reception(warehouse, imo=imo, mmsi=hull["mmsi"]),
        "lists": [one for one in lists.entries if imo and one["imo"] == imo],
        "events": [event | {"lists": lists.on(imo, event["from_at"])} for event in life["events"]],
        "alerts": life["alerts"],
        "found_by": found_by,
        "list_hints": list_hints(lists, hull, life["identities"]),
    }


def _not_heard(warehouse: Reader | Warehouse, ship: Unheard, found_by: list[str]) -> Record:
    number = {} if ship.column == "entry" else {ship.column: ship.value}
    return {
        "vessel": None,
        "synthetic": False,
        "identities": [],
        "particulars": ships.particulars(warehouse, **number) if number else [],
        "reception": ships.reception(warehouse, **number) if number else [],
        "lists": ship.entries,
        "events": [],
        "alerts": [],
        "found_by": found_by,
        "list_hints": [],
    }
