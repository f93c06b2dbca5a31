"""What an importer of a sanctions list gives, and what all of them share.

Every record of a file is accounted for: it is a ship of the list, or left out with a counted reason. Firms and persons
to whom a remark links a ship are left out: they are not needed to recognise her (the file's bytes are kept as they
came). How files are opened, and cells and days read, is in `text` and `markup`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from pipeline.contracts import LISTED
from pipeline.errors import InputError
from pipeline.formats.lists.text import clean
from pipeline.imo import gives_imo, is_company_number, is_imo, read_imo

if TYPE_CHECKING:
    from pandas import DataFrame

NOT_A_SHIP = "not a ship"
OTHER_PROGRAMME = "ship of another programme"
SHIPS_NUMBER = "company under a ship's IMO number"
EITHERS_NUMBER = "IMO number that a ship or a company may have"
NO_VALID_NUMBER = "IMO number that neither a ship nor a company can have"

_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_DATE_LIKE = re.compile(
    rf"(?:{_MONTHS})-\d+|\d+-(?:{_MONTHS})(?:-\d+)?|\d{{1,4}}[/.]\d{{1,2}}[/.]\d{{1,4}}|\d{{4}}-\d\d-\d\d(?: 00:00:00)?"
)
_SCIENTIFIC = re.compile(r"\d+(?:\.\d+)?E\+\d+", re.IGNORECASE)
_MMSI = re.compile(r"(?<!\d)\d{9}(?!\d)")
_SEVERAL = re.compile(r"[,;/|&\n，；、]|\b(?:and|or)\b", re.IGNORECASE)
_NUMBER_IN_WORDS = re.compile(r"(?<!\w)(?:IMO[\W_]*)?\d{7}(?!\w)", re.IGNORECASE)
_COMPANY = re.compile(
    r"\b(?:co|corp|corporation|company|compan[yi]es|ltd|limited|inc|llc|llp|plc|pte|gmbh|jv|joint venture|bank|group|"
    r"holdings?|enterprises?|shipping|shpg|maritime|management|managers?|trading|trdg|agency|agencies|services|"
    r"industr(?:y|ies|ial)|bureau|department|ministry|committee|academy|organi[sz]ation|association)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ListReading:
    """One file of a list, read: the ships (LISTED), records left out by reason, and the day it states, if any.

    imo_unread   what stood in place of IMO numbers and is none, like "DPR9002: 907472"
    imo_several  fields with more than one number, of which one was taken
    """

    listed: DataFrame
    left_out: Counter[str]
    published_on: date | None
    imo_unread: tuple[str, ...] = ()
    imo_several: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListForm:
    """A form in which a list is published.

    name          short name, like uk-csv                  title   what it is, in words, for messages
    watchlist_id  the list whose editions have this form   tested  False: no published file was at hand to test against
    recognises    whether a file's bytes have this form    read    bytes and the file's name → ListReading;
                                                                   None for a form that is recognised but not read
    instead       what to do instead, where it is not read
    about         which ships a file of this form has, and which not, for whoever imports one
    """

    name: str
    title: str
    watchlist_id: str
    recognises: Callable[[bytes], bool]
    read: Callable[[bytes, str], ListReading] | None = None
    tested: bool = False
    instead: str = ""
    about: str = ""


@dataclass
class Gathering:
    """Ships as they are found, one dictionary of LISTED columns each, and the count of what is none."""

    where: str
    ships: list[dict[str, Any]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    imo_unread: list[str] = field(default_factory=list)
    imo_several: list[str] = field(default_factory=list)

    def imo(self, entry: str, text: str) -> int | None:
        """The IMO number of a field. What it says that is none is kept as unread, several numbers as such.

        entry  id of the entry, for messages
        """
        numbers, unread = imo_numbers(text)
        self.imo_unread += [f"{entry}: {one}" for one in unread]
        self.imo_several += [f"{entry}: {', '.join(map(str, numbers))}"] if len(numbers) > 1 else []
        return ships_number(numbers)

    def add(self, place: str, numbers: str = "", **said: Any) -> None:
        """Take a ship; empty texts become nulls.

        place    row or record, for messages
        numbers  what her numbers were read from
        raises   InputError where a spreadsheet has made a day, or a power of ten, of a name or number
        """
        refuse_spreadsheet(self.where, place, said, numbers)
        values = {name: clean(value) if isinstance(value, str) else value for name, value in said.items()}
        if not values["name"]:
            raise InputError(f"{self.where}: {place} has no name; expected the ship's name: the file is damaged")
        if not values["entry_id"]:
            raise InputError(
                f"{self.where}: {place} has no id; expected the list's own number of it: the file is damaged"
            )
        self.ships.append({name: value if value != "" else None for name, value in values.items()})

    def reading(self, published_on: date | None) -> ListReading:
        """All of it as frames.

        raises  InputError if two ships have one entry_id
        """
        from pandas import DataFrame

        frame = DataFrame(self.ships, columns=LISTED.names).astype({"name": "str"})
        twice = frame["entry_id"].duplicated()
        if twice.any():
            first = frame.loc[twice, "entry_id"].iloc[0]
            raise InputError(f"{self.where}: entry {first} is there twice; expected it once: the file is damaged")
        listed = LISTED.conform(frame.sort_values("entry_id"))
        return ListReading(listed, self.left_out, published_on, tuple(self.imo_unread), tuple(self.imo_several))


def joined(names: Iterable[str], name: str) -> str:
    """Other names than `name`, each once, in order, separated by a bar."""
    found = dict.fromkeys(clean(one.replace("|", " ")) for one in names)
    return "|".join(one for one in found if one and one != clean(name))


def imo_numbers(text: str) -> tuple[list[int], list[str]]:
    """The IMO numbers of a field that may hold several, each once and in order, and what of it is none."""
    if whole := read_imo(text):
        return [whole], []
    if not gives_imo(text):
        return [], []
    numbers: list[int] = []
    unread = []
    for piece in _SEVERAL.split(text):
        read = read_imo(piece)
        found = [read] if read else [read_imo(one) for one in _NUMBER_IN_WORDS.findall(piece)]
        numbers += [number for number in found if number]
        if gives_imo(piece) and not any(found):
            unread.append(clean(piece))
    return list(dict.fromkeys(numbers)), unread


def ships_number(numbers: Iterable[int]) -> int | None:
    """Of several numbers the first that can be a ship's, else the first."""
    numbers = list(numbers)
    return next(filter(is_imo, numbers), numbers[0] if numbers else None)


def why_no_ship(name: str, numbers: Iterable[int]) -> str | None:
    """Why an entry of a list that does not separate ships from companies is none, by its IMO numbers (those of ships
    and those of companies have check digits of their own) and its name; None for a ship."""
    numbers = list(numbers)
    of_ship, of_company = any(map(is_imo, numbers)), any(map(is_company_number, numbers))
    if names_company(name):
        return SHIPS_NUMBER if of_ship and not of_company else NOT_A_SHIP
    if of_ship:
        return EITHERS_NUMBER if of_company else None
    return NOT_A_SHIP if of_company or not numbers else NO_VALID_NUMBER


def names_company(name: str) -> bool:
    """Whether a name has a word that companies and offices bear, and ships do not."""
    return bool(_COMPANY.search(name))


def mmsi_in(text: str) -> int | None:
    """The MMSI that a text holds."""
    found = _MMSI.search(text)
    return int(found[0]) if found else None


def refuse_spreadsheet(where: str, place: str, said: Mapping[str, Any], numbers: str = "") -> None:
    """raises  InputError where a spreadsheet has made something else of what a list says"""
    remedy = "a spreadsheet has changed the file: import it as it was published, unopened"
    for name in (said.get("name") or "", *(said.get("other_names") or "").split("|")):
        if _DATE_LIKE.fullmatch(clean(name)):
            raise InputError(f'{where}: {place}: the name "{clean(name)}" is a day; {remedy}')
    if broken := _SCIENTIFIC.search(numbers):
        raise InputError(f'{where}: {place}: the number "{broken[0]}" is rounded; {remedy}')
