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
from typing import Any, NamedTuple

from pipeline.imo import is_company_number, is_imo, read_imo, why_no_imo
from pipeline.judgement.known_ships import AIS, Known, comparable
from pipeline.judgement.listed import Listed, entry_of
from pipeline.judgement.similar_ships import near_names, near_numbers
from pipeline.names import normal_name
from pipeline.plain import Record

_MMSI = re.compile(r"(?i)^(?:mmsi)?[\s:.#_-]*([0-9]{9})$")
_VESSEL_ID = re.compile(r"(?i)^([a-z_]+)-([0-9]{7,9})(?:-[0-9]+)?$")


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


def search(key: str, known: Sequence[Known]) -> Search:
    """Which of the known names a key means, and through them every hull that bears their IMO number or MMSI.

    key    IMO number, MMSI, id of a hull as printed (imo-…, mmsi-…), call sign, or part of a name
    known  as `known_names` gives it
    """
    word, found, notes, asked = _meant(key, known)
    ships = [row.known for row in found]
    similar = near_numbers(asked, ships, known) if asked else near_names(word, ships, known)
    return Search(found, notes, similar)


def hulls_meant(key: str, known: Sequence[Known]) -> tuple[set[str], list[str]]:
    """vessel_id of every hull that a key means, as `search` finds them, and what to say of the key."""
    _, found, notes, _ = _meant(key, known)
    return {row.known.vessel_id for row in found if row.known.vessel_id is not None}, notes


def _meant(key: str, known: Sequence[Known]) -> tuple[str, list[Found], list[str], int | None]:
    """The key as it is compared, the known names that it means, what to say of it, and the number it is."""
    word = unicodedata.normalize("NFKC", key).strip()
    notes: list[str] = []
    as_id = word.casefold()
    by_id = [one for one in known if one.vessel_id and one.vessel_id.casefold() == as_id]
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
    asked = imo if imo is not None else int(mmsi.group(1)) if mmsi else None
    return word, _of_the_same_ships(rows, known), notes, asked


class Unheard(NamedTuple):
    """A ship that was found on lists or in particulars alone, by a number or an entry; `entries` are those of lists."""

    column: str
    value: Any
    entries: list[Record]


def ships_not_heard(found: Search, lists: Listed, heard: Iterable[Record]) -> list[Unheard]:
    """Ships found on lists or in particulars alone: one per IMO number, else per entry, else per ship of a provider.

    heard  VESSEL of the hulls found
    """
    rows = [row.known for row in found.rows if row.known.vessel_id is None]
    heard = list(heard)
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
    ships = []
    for imo, of_imo in entries_of.items():
        listed = [one for one in lists.entries if one["imo"] == imo or entry_of(one) in of_imo]
        ships.append(Unheard("imo", imo, listed))
    for entry in entries:
        ships.append(Unheard("entry", entry, [one for one in lists.entries if entry_of(one) == entry]))
    for mmsi in told:
        listed = [one for one in lists.entries if one["imo"] is None and one["mmsi"] == mmsi]
        ships.append(Unheard("mmsi", mmsi, listed))
    return ships


# ------------------------------------------------------------------------------------------------------------ inside


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
    normal, sign = comparable(word), _sign(word)
    if not normal:
        return []
    named = [Found(one, f"name {one.name}{_on(one)}", direct=True) for one in known if normal in comparable(one.name)]
    signed = [one for one in known if one.call_sign is not None and _sign(one.call_sign) == sign] if sign else []
    return [*named, *_because(signed, "call sign")]


@cache
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
