"""Task: many ships at once, for a compliance officer: listed, in North Korea, met whom; and what a "no" rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.formats.ship_list import ListedShip, read_ship_list
from pipeline.judgement.known_ships import comparable
from pipeline.judgement.screening import (
    NOT_SCREENED,
    Period,
    answer_of,
    heard_in,
    listed_words,
    period_before,
    rests_on,
)
from pipeline.plain import Record
from pipeline.publish.searched import searched_in_words
from pipeline.tasks.sign_off import withheld
from pipeline.tasks.vessel import read_listed, what_is_searched
from pipeline.tasks.warehouse_stamp import ask_filled
from pipeline.terms import all_terms_of
from pipeline.warehouse import screening, ships

if TYPE_CHECKING:
    from pipeline.judgement.listed import Listed
    from pipeline.settings import Settings
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

_MOST_DAYS = 36_525
_MOST_HINTS = 5
_GIVEN = ("imo_given", "name_given", "mmsi_given")


def screen_ships(settings: Settings, path: Path, as_of: datetime, days: int, progress: Callable[[str], None]) -> Record:
    """Every ship of a list (`formats.ship_list`), in its order.

    as_of    the UTC day as of which lists are read and the period ends; events count whenever they became known
    days     UTC days before it that the period holds too
    returns  `as_of`, `from_day`, `to_day`, `days`, `data` (`warehouse.screening.data_at_hand`), `file`, `rests_on`
             (what was searched, in words), `synthetic`, `terms`, `blank_lines`, `lines_above`, and `ships`: one per
             row (see `_ship`)
    raises   InputError for a list that cannot be read, or a warehouse that this home did not fill
    """
    if not 0 < days <= _MOST_DAYS:
        raise InputError(f"--days {days}: expected days from 1 to {_MOST_DAYS}")
    listed = read_ship_list(path)
    period = _period(as_of, days)
    progress(f"screening: {len(listed.ships)} rows of {path.name}")
    lists = read_listed(settings)
    with ask_filled(settings, or_empty=True) as warehouse:
        searched = what_is_searched(settings, warehouse, lists)
        searched["ais"]["held_back"] = 0  # here what the quality gate holds back counts as well
        synthetic = ships.is_synthetic(warehouse)
        hulls = screening.hulls_of(warehouse, [one.imo for one in listed.ships if one.imo])
        known = _Known(warehouse, hulls, period)
        hints = _hints(warehouse, lists, listed.ships, known)
    rows = [_ship(one, known, lists, hints[nth], period) for nth, one in enumerate(listed.ships)]
    first: dict[int, int] = {}
    for row in rows:
        if row["imo"]:
            row["same_as_row"] = first.get(row["imo"])
            first.setdefault(row["imo"], row["row"])
    return {
        "file": path.name,
        "as_of": period.last,
        "from_day": period.first,
        "to_day": period.last,
        "rests_on": searched_in_words(searched),
        "data": known.at_hand,
        "days": period.days,
        "synthetic": synthetic,
        "terms": all_terms_of(row["licence"] for row in rows),
        "blank_lines": listed.blank,
        "lines_above": listed.above,
        "ships": rows,
    }


def to_hand_on(settings: Settings, report: Record) -> tuple[Record, int]:
    """A report of `screen_ships` that names no ship that must not be named outside (`sign_off.withheld`), and how many
    rows are of such ships: of these nothing that was given is told but the line, `row`."""
    hidden, unnamed = withheld(settings), 0
    rows = []
    for row in report["ships"]:
        number = hidden.numbers.get(str(row["imo"]))
        unnamed += number is not None
        given = {name: f"ship {number}" for name in _GIVEN if number is not None and row[name]}
        rows.append(hidden.hide(row) | given)
    return report | {"ships": rows}, unnamed


def screen_hull(warehouse: Reader | Warehouse, lists: Listed, hull: Record, as_of: datetime, days: int) -> Record:
    """One ship that was heard, with or without a valid IMO number.

    hull     VESSEL; of one with an IMO number every hull with that number counts
    returns  `from_day`, `to_day`, `days`, `data`, and what `_answered` gives
    raises   InputError for days that do not fit into the calendar
    """
    if not 0 < days <= _MOST_DAYS:
        raise InputError(f"days {days}: expected days from 1 to {_MOST_DAYS}")
    period = _period(as_of, days)
    hulls = screening.hulls_of(warehouse, [hull["imo"]]) if hull["imo"] else [hull]
    known = _Known(warehouse, hulls, period)
    said = {"from_day": period.first, "to_day": period.last, "days": period.days, "data": known.at_hand}
    return said | _answered(hulls, known, lists, hull["imo"], period)


def _period(as_of: datetime, days: int) -> Period:
    try:
        return period_before(as_of, days)
    except OverflowError:
        raise InputError(
            f"--as-of {as_of:%Y-%m-%d} --days {days}: expected days between the years 1 and 9999"
        ) from None


class _Known:
    """What the warehouse holds of some hulls in a period."""

    def __init__(self, warehouse: Reader | Warehouse, hulls: Sequence[Record], period: Period) -> None:
        during = period.first, period.ends_before
        self.hulls = _by("imo", hulls)
        ids = [one["vessel_id"] for one in hulls]
        met = screening.meetings(warehouse, ids, *during)
        ties = screening.identity_ties(warehouse, ids, *during)
        others = {one["other_vessel_id"] for one in [*met, *ties] if one["other_vessel_id"]}
        stays = _by("vessel_id", screening.stays_in_north_korea(warehouse, {*ids, *others}, *during))
        self.stays = stays
        self.meetings = _by("vessel_id", [one | {"other_stays": stays.get(one["other_vessel_id"], [])} for one in met])
        self.ties = _by("vessel_id", [one | {"other_stays": _of_other(one, stays)} for one in ties])
        too_long = screening.stays_too_long(warehouse, ids, *during)
        self.too_long = {one["vessel_id"]: one["stays"] for one in too_long}
        self.tracks = _by("vessel_id", screening.tracks(warehouse, ids, *during))
        self.silences = _by("vessel_id", screening.silences(warehouse, ids, *during))
        reach = screening.silences_in_reach(warehouse, ids, *during)
        self.in_reach = {one["vessel_id"]: one["silences"] for one in reach}
        self.at_hand = screening.data_at_hand(warehouse, *during)


def _of_other(tie: Record, stays: dict[object, list[Record]]) -> list[Record]:
    """The stays of the other ship of a pair; where both are held to be one hull they are hers already."""
    return [] if tie["other_vessel_id"] == tie["vessel_id"] else stays.get(tie["other_vessel_id"], [])


def _by(name: str, rows: Iterable[Record]) -> dict[object, list[Record]]:
    found: dict[object, list[Record]] = {}
    for row in rows:
        found.setdefault(row[name], []).append(row)
    return found


def _ship(given: ListedShip, known: _Known, lists: Listed, hints: list[str], period: Period) -> Record:
    """A row of the answer: `row` (line in the list), what was given, `imo`, `answer` (of `screening.ANSWERS`),
    `reason` why she was not screened, names and MMSIs heard, `listed` (rows of `Listed.on` with her number) and
    `listed_words`, `stays`, `stays_too_long` (a number, which count for nothing), `identity`
    (`warehouse.screening.identity_ties`, each with `other_stays`), `meetings` (each with `other_stays` and
    `other_listed`), `ordinary_meetings` (a number: berth neighbours, tugs, company), `heard`
    (`screening.heard_in`), `silences_in_reach`, `rests_on`, `name_hints`, `licence`."""
    row: Record = {
        "row": given.line, "imo_given": given.imo_given, "name_given": given.name_given, "mmsi_given": given.mmsi_given,
        "imo": given.imo, "same_as_row": None, "answer": NOT_SCREENED, "reason": given.reason, "names_heard": [],
        "mmsis": [], "listed": [], "listed_words": [], "stays": [], "stays_too_long": 0, "identity": [],
        "meetings": [], "ordinary_meetings": 0,
        "heard": None, "silences_in_reach": 0, "rests_on": "Not screened: " + (given.reason or ""),
        "name_hints": hints, "licence": None,
    }  # fmt: skip
    if given.imo is None:
        return row
    return row | _answered(known.hulls.get(given.imo, []), known, lists, given.imo, period)


def _answered(hulls: Sequence[Record], known: _Known, lists: Listed, imo: int | None, period: Period) -> Record:
    """What is known of the hulls of one ship in a period: the columns of `_ship` from `answer` on."""
    ids = [one["vessel_id"] for one in hulls]
    stays, met, tracks, silences, ties = (
        [row for hull in ids for row in of.get(hull, [])]
        for of in (known.stays, known.meetings, known.tracks, known.silences, known.ties)
    )
    heard = heard_in(tracks, silences, known.at_hand)
    answer = answer_of(stays, met, heard)
    in_reach, too_long = (sum(of.get(hull, 0) for hull in ids) for of in (known.in_reach, known.too_long))
    listed = lists.on(imo, period.last)
    meetings = [
        one | {"other_listed": [said for said in lists.on(one["other_imo"], period.last) if said["status"] == "listed"]}
        for one in met
        if not one["context"]
    ]
    rested_on = [*hulls, *stays, *meetings, *ties]
    rested_on += [stay for one in [*meetings, *ties] for stay in one["other_stays"]]
    return {
        "answer": answer,
        "reason": None,
        "names_heard": list(dict.fromkeys(one["name"] for one in hulls if one["name"])),
        "mmsis": sorted({one["mmsi"] for one in [*hulls, *tracks]}),
        "listed": listed,
        "listed_words": listed_words(listed),
        "stays": stays,
        "stays_too_long": too_long,
        "identity": ties,
        "meetings": meetings,
        "ordinary_meetings": len(met) - len(meetings),
        "heard": heard,
        "silences_in_reach": in_reach,
        "rests_on": rests_on(
            answer, heard, known.at_hand, period, in_reach=in_reach, too_long=too_long, ties=len(ties)
        ),
        "licence": all_terms_of(one["licence"] for one in rested_on),
    }


def _hints(warehouse: Reader | Warehouse, lists: Listed, given: Sequence[ListedShip], known: _Known) -> list[list[str]]:
    """For each row, who else bears the name (or sent the MMSI) that was given or that her number sends: never her."""
    by_name: dict[str, dict[str, int | None]] = {}
    by_mmsi: dict[str, dict[str, int | None]] = {}
    for one in ships.names_told(warehouse):
        who = f"{one['source']}: {one['name'] or 'unnamed'} (" + _numbers(one) + ")"
        by_name.setdefault(comparable(one["name"]), {})[who] = one["imo"]
        by_mmsi.setdefault(str(one["mmsi"]), {})[who] = one["imo"]
    for entry in lists.history:
        for name in f"{entry['name']}|{entry['other_names'] or ''}".split("|"):
            by_name.setdefault(comparable(name), {})[f"list {entry['watchlist_id']}: {name} ({_numbers(entry)})"] = (
                entry["imo"]
            )
    found = []
    for ship in given:
        heard = [one["name"] for one in known.hulls.get(ship.imo, [])] if ship.imo else []
        names = {comparable(name) for name in (ship.name_given, *heard)} - {""}
        alike = [
            f"same name as {who}"
            for name in sorted(names)
            for who, imo in by_name.get(name, {}).items()
            if not ship.imo or imo != ship.imo
        ]
        alike += [
            f"MMSI {ship.mmsi_given} of {who}"
            for who, imo in by_mmsi.get(ship.mmsi_given, {}).items()
            if not ship.imo or imo != ship.imo
        ]
        more = [f"and {len(alike) - _MOST_HINTS} more"] if len(alike) > _MOST_HINTS else []
        found.append(alike[:_MOST_HINTS] + more)
    return found


def _numbers(one: Record) -> str:
    said = [f"IMO {one['imo']}" if one["imo"] else "no IMO number"]
    return ", ".join([*said, f"MMSI {one['mmsi']}"] if one["mmsi"] else said)
