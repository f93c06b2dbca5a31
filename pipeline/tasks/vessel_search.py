"""Which ships a user may mean: a number, a call sign, an id as printed or a name, resolved to hulls before any answer.

A ship has many names. Each source (her own AIS reports, the particulars of providers, every edition of every list)
tells name, call sign, MMSI and IMO number side by side; what the user gave is looked up in all of them, and a valid IMO
number found beside it leads to the hulls that bear it under other names. Hulls are never joined by a name: each is an
answer of its own, with the reason why it is one. Names that only resemble are offered, and answer nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.imo import is_company_number, is_imo, read_imo, why_no_imo
from pipeline.judgement.names import normal_name

if TYPE_CHECKING:
    from pipeline.plain import Record
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

AIS = "AIS"
_OURS = (
    f"select '{AIS}' as source, vessel_id, imo, mmsi, name, call_sign from vessel_identity"
    f" union select '{AIS}', vessel_id, imo, mmsi, name, call_sign from vessel"
    " union select provider, null, imo, mmsi, name, call_sign from vessel_particulars"
)
_MMSI = re.compile(r"(?i)^(?:mmsi)?[\s:.#_-]*([0-9]{9})$")
_VESSEL_ID = re.compile(r"(?i)^([a-z_]+)-([0-9]{7,9})(?:-[0-9]+)?$")
# A question back to who asks, not a match: of 100, the share of letters both names have in order.
_OFFERED = 75
_OFFERED_BESIDE_MATCHES = 88
_MOST_OFFERED = 5


class Known(NamedTuple):
    """What a source (AIS, list ID or a provider) tells of who a ship is; None where it tells nothing.

    vessel_id  of hulls heard
    entry      of lists: ID and entry
    """

    source: str
    vessel_id: str | None
    imo: int | None
    mmsi: int | None
    name: str | None
    call_sign: str | None
    entry: str | None = None
    note: str | None = None


class Found(NamedTuple):
    """A known name that answers, why it does, and whether by the key itself."""

    known: Known
    why: str
    direct: bool


@dataclass(frozen=True)
class Search:
    """What a key may mean, what to say of the key, and which other ships resemble it."""

    rows: list[Found]
    notes: list[str] = field(default_factory=list)
    similar: list[str] = field(default_factory=list)

    def why(self, column: str, value: Any) -> list[str]:
        """Why a ship is an answer: reasons of the rows with a value, those by the key itself where there are any."""
        of_ship = [row for row in self.rows if getattr(row.known, column) == value]
        direct = [row for row in of_ship if row.direct]
        return list(dict.fromkeys(row.why for row in direct or of_ship))


def known_names(warehouse: Reader | Warehouse, history: Iterable[Record]) -> list[Known]:
    """Everything that sources tell of who ships are.

    history  rows of WATCHLIST_HISTORY
    """
    return list(dict.fromkeys([*(Known(*row.values()) for row in warehouse.rows(_OURS)), *listed_names(history)]))


def listed_names(history: Iterable[Record]) -> list[Known]:
    """What every edition of every list tells of who ships are; in the form of `known_names`."""
    told = (
        Known(
            f"list {one['watchlist_id']}", None, one["imo"], one["mmsi"], name, None,
            f"{one['watchlist_id']} {one['entry_id']}", one["note"],
        )
        for one in history
        for name in names_of(one)
        if name
    )  # fmt: skip
    return list(dict.fromkeys(told))


def names_of(entry: Record) -> list[str]:
    """Name and other names of an entry."""
    return f"{entry['name']}|{entry['other_names'] or ''}".split("|")


def search(key: str, known: Sequence[Known]) -> Search:
    """Which of the known names a key means, and through them every hull that bears their IMO number or MMSI.

    key    IMO number, MMSI, id of a hull as printed (imo-…, mmsi-…), call sign, or part of a name
    known  as `known_names` gives it
    """
    word = unicodedata.normalize("NFKC", key).strip()
    notes: list[str] = []
    by_id = [one for one in known if one.vessel_id and one.vessel_id.casefold() == word.casefold()]
    number = _VESSEL_ID.match(word)
    imo = read_imo(word)
    mmsi = _MMSI.match(re.sub(r"(?<=\d)\s+(?=\d)", "", number.group(2) if number and imo is None else word))
    if number and not by_id and imo is None:
        notes.append(f"{word}: no hull of this id here; its number was looked up")
    if by_id and imo is None:
        rows = _because(by_id, "id")
    elif imo is not None:
        rows = _because([one for one in known if one.imo == imo], "IMO number")
        if why := why_no_imo(imo):
            company = "; it would be the number of a company" if is_company_number(imo) else ""
            notes.append(f"IMO {imo}: {why}, so no ship's own number{company}; taken as written")
    elif mmsi is not None:
        rows = _by_mmsi(int(mmsi.group(1)), known)
    else:
        rows = _by_name(word, known)
        if inside := re.findall(r"(?<!\d)(?:\d{7}|\d{9})(?!\d)", word):
            notes.append(f"{', '.join(inside)} in it was not looked up; give a number alone")
        elif not normal_name(word) and any(map(str.isalpha, word)):
            notes.append("AIS and most lists write names in Latin letters: try the romanised name too")
        elif re.fullmatch(r"[\d\s-]+", word):
            notes.append(f"{len(re.sub('[^0-9]', '', word))} digits: an IMO number has 7, an MMSI 9")
    found = _of_the_same_ships(rows, known)
    asked = imo if imo is not None else int(mmsi.group(1)) if mmsi else None
    similar = _near_numbers(asked, found, known) if asked else _near_names(word, found, known)
    return Search(found, notes, similar)


# ------------------------------------------------------------------------------------------------------------ inside


@cache
def _plain(name: str | None) -> str:
    """A name as it is compared; one without Latin letters or figures in small letters as it is."""
    if name is None:
        return ""
    return normal_name(name) or "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold()))


def _because(rows: Iterable[Known], what: str) -> list[Found]:
    return [Found(one, what + _on(one), direct=True) for one in rows]


def _on(one: Known) -> str:
    return "" if one.source == AIS else f" on {one.source}"


def _by_mmsi(mmsi: int, known: Sequence[Known]) -> list[Found]:
    told = re.compile(rf"(?<!\d){mmsi}(?!\d)")
    return [
        *_because([one for one in known if one.mmsi == mmsi], "MMSI"),
        *_because([one for one in known if one.note and told.search(one.note)], "MMSI in a note"),
    ]


def _by_name(word: str, known: Sequence[Known]) -> list[Found]:
    normal, sign = _plain(word), _sign(word)
    if not normal:
        return []
    named = [Found(one, f"name {one.name}{_on(one)}", direct=True) for one in known if normal in _plain(one.name)]
    signed = [one for one in known if one.call_sign is not None and _sign(one.call_sign) == sign] if sign else []
    return [*named, *_because(signed, "call sign")]


def _sign(text: str) -> str:
    return "".join(filter(str.isalnum, text.upper()))


def _of_the_same_ships(rows: list[Found], known: Sequence[Known]) -> list[Found]:
    """The rows, and those of every hull that bears a valid IMO number found in them, or an MMSI that another than AIS
    tells of them."""
    by_imo: dict[int, str] = {}
    by_mmsi: dict[int, str] = {}
    for one, why, _ in rows:
        if one.imo is not None and is_imo(one.imo):
            by_imo.setdefault(one.imo, f"bears IMO {one.imo} ({why})")
        if one.mmsi is not None and one.source != AIS:
            by_mmsi.setdefault(one.mmsi, f"heard on MMSI {one.mmsi} ({why})")
    of_ships = [
        *rows,
        *(Found(one, by_imo[one.imo], direct=False) for one in known if one.imo in by_imo),
        *(Found(one, by_mmsi[one.mmsi], direct=False) for one in known if one.source == AIS and one.mmsi in by_mmsi),
    ]
    first: dict[Known, Found] = {}
    for row in of_ships:
        first.setdefault(row.known, row)
    return list(first.values())


def _near_names(word: str, found: list[Found], known: Sequence[Known]) -> list[str]:
    """Ships not found whose name has the same letters, the same words, or nearly so."""
    from rapidfuzz import fuzz, process

    normal = _plain(word)
    others: dict[str, list[Known]] = {}
    if len(normal) >= 3:
        for one in _others(known, found):
            others.setdefault(_plain(one.name), []).append(one)
    names = list(others)
    least = _OFFERED_BESIDE_MATCHES if found else _OFFERED
    scores: dict[str, float] = {}
    for form in (_letters, _words):
        near = process.extract(
            form(normal), [form(name) for name in names], scorer=fuzz.ratio, score_cutoff=least, limit=20
        )
        for _, score, place in near:
            scores[names[place]] = max(score, scores.get(names[place], 0))
    ranked = sorted(scores, key=lambda name: (-scores[name], name))
    return _shown([one for name in ranked for one in others[name]], known)


def _letters(name: str) -> str:
    return name.replace(" ", "")


def _words(name: str) -> str:
    return " ".join(sorted(name.split()))


def _near_numbers(asked: int, found: list[Found], known: Sequence[Known]) -> list[str]:
    """Ships with a number that differs in one digit or in two that changed places, where the number names no ship."""
    from rapidfuzz.distance import OSA

    if found and (len(str(asked)) == 9 or is_imo(asked)):
        return []
    column = "imo" if len(str(asked)) == 7 else "mmsi"
    others: dict[int, list[Known]] = {}
    for one in _others(known, found):
        if (number := getattr(one, column)) is not None:
            others.setdefault(number, []).append(one)
    near = [number for number in others if OSA.distance(str(number), str(asked)) == 1]
    return _shown([one for number in sorted(near) for one in others[number]], known)


def _others(known: Sequence[Known], found: list[Found]) -> list[Known]:
    """Rows of ships that were not found."""
    ids = {row.known.vessel_id for row in found} - {None}
    entries = {row.known.entry for row in found} - {None}
    imos = {row.known.imo for row in found if row.known.imo is not None and is_imo(row.known.imo)}
    return [
        one
        for one in known
        if one.vessel_id not in ids and one.entry not in entries and one.imo not in imos and _plain(one.name)
    ]


def _shown(rows: list[Known], known: Sequence[Known]) -> list[str]:
    """One line a ship: name, number, and who tells of her."""
    ships: dict[str, list[Known]] = {}
    for one in rows:
        ids = (one.imo, one.vessel_id, one.entry, one.mmsi)
        if ship := next((str(value) for value in ids if value is not None), ""):
            ships.setdefault(ship, []).append(one)
    imos = {one.imo for one in known if one.vessel_id is not None} - {None}
    lines = []
    for of_ship in list(ships.values())[:_MOST_OFFERED]:
        heard = any(one.vessel_id is not None for one in of_ship) or of_ship[0].imo in imos
        numbers = ((name, getattr(one, name)) for name in ("imo", "mmsi") for one in of_ship)
        number = next(
            (f"{name.upper()} {value}" for name, value in numbers if value is not None), str(of_ship[0].entry)
        )
        where = "heard here" if heard else ", ".join(dict.fromkeys(one.source for one in of_ship))
        lines.append(f"{of_ship[0].name} ({number}, {where})")
    return lines
