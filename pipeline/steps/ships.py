"""Step that only reads: what is known of one ship, heard here or only listed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pipeline.contracts import NOT_DERIVED, SOURCE_FILE
from pipeline.errors import InputError
from pipeline.imo import read_imo
from pipeline.steps.plain import Record, plain, records

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.judgement.watchlists import Watchlists
    from pipeline.settings import Settings
    from pipeline.warehouse.store import Warehouse

_BY_IMO = "vessel.imo = :key"
_BY_MMSI = "vessel.mmsi = :key or vessel_identity.mmsi = :key"
_BY_NAME = "upper(vessel.name) like :key escape '!' or upper(vessel_identity.name) like :key escape '!'"

_NOT_DERIVED = [table.name for table in NOT_DERIVED]
_MMSI = re.compile("[0-9]{9}")
_PARTICULARS = "select * from vessel_particulars where {} order by provider, to_at, ship"


def vessel_report(settings: Settings, key: str) -> list[Record]:
    """Every ship that the key may mean, those heard here first.

    key      IMO number (7 digits, with or without IMO), MMSI (9 digits), or part of a name
    returns  vessel (None: only listed), not_derived (kinds of event not derived from AIS yet: what providers tell of
             them, if anything, stands among the events), synthetic (what was heard is generated), identities,
             particulars (as providers of bought events know her: VESSEL_PARTICULARS of her IMO number, or without one
             of her MMSI), lists (her entries), events (with what each list said of her on the day, under `lists`),
             alerts. Lists are matched by IMO number; by name only for ships that were not heard
    raises   InputError if nothing matches
    """
    from pipeline.steps.knowledge import read_watchlists
    from pipeline.warehouse.store import open_or_empty

    word, imo = key.strip().upper(), read_imo(key)
    if not word:
        raise InputError("the ship is not named; expected an IMO number, an MMSI or part of a name")
    watchlists = read_watchlists(settings)
    with open_or_empty(settings.database_url) as warehouse:
        synthetic = bool(warehouse.read(SOURCE_FILE)["synthetic"].any())
        heard = [
            {"vessel": ship, "not_derived": _NOT_DERIVED, "synthetic": synthetic, **_told(warehouse, watchlists, ship)}
            for ship in _find(warehouse, word, imo)
        ]
    told = {entry["imo"] for ship in heard for entry in ship["lists"]}
    listed = [ship for ship in _listed(watchlists, word, imo) if ship["lists"][0]["imo"] not in told]
    if not heard and not listed:
        raise InputError(
            f'no ship found for "{key}", neither heard nor listed; '
            "expected an IMO number (7 digits), an MMSI (9 digits) or part of a name"
        )
    return heard + listed


def _find(warehouse: Warehouse, word: str, imo: int | None) -> list[Record]:
    where, value = _BY_NAME, f"%{_escaped(word)}%"  # type: tuple[str, Any]
    if imo is not None:
        where, value = _BY_IMO, imo
    elif _MMSI.fullmatch(word):
        where, value = _BY_MMSI, int(word)
    return records(
        warehouse.query(
            "select distinct vessel.* from vessel left join vessel_identity"
            f" on vessel_identity.vessel_id = vessel.vessel_id where {where} order by vessel.vessel_id",
            {"key": value},
        )
    )


def _escaped(word: str) -> str:
    for sign in "!%_":
        word = word.replace(sign, f"!{sign}")
    return word


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


def _listed(watchlists: Watchlists, word: str, imo: int | None) -> list[Record]:
    """Ships of the lists with that IMO number or a name that holds the word, one per IMO number."""
    vessels = watchlists.vessels
    if imo is not None:
        found = vessels["imo"] == imo
    else:
        names = vessels["name"] + "|" + vessels["other_names"].fillna("")
        found = names.str.upper().str.contains(word, regex=False)
    ships: dict[object, list[Record]] = {}
    for entry in _entries(watchlists, found):
        ships.setdefault(entry["imo"] or entry["entry_id"], []).append(entry)
    nothing: Record = {
        "vessel": None,
        "not_derived": _NOT_DERIVED,
        "synthetic": False,
        "identities": [],
        "particulars": [],
    }
    return [nothing | {"lists": entries, "events": [], "alerts": []} for entries in ships.values()]


def _entries(watchlists: Watchlists, which: Any) -> list[Record]:
    """Entries of lists with the title and authority of their list."""
    lists = watchlists.lists[["watchlist_id", "title", "authority", "verified"]]
    found = watchlists.vessels[which.fillna(False)]
    return records(found.merge(lists, on="watchlist_id", validate="m:1").sort_values(["watchlist_id", "entry_id"]))
