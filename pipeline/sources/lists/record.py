"""What an importer of a sanctions list gives, and what all of them share.

Every record of a file is accounted for: it is a ship of the list, or left out with a counted reason. Names of persons
and firms linked to a ship are left out: they are not needed to recognise her (the file's bytes are kept as they came).
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pipeline.contracts import LISTED
from pipeline.errors import InputError
from pipeline.imo import is_imo

if TYPE_CHECKING:
    from pandas import DataFrame

NOT_A_SHIP = "not a ship"
OTHER_PROGRAMME = "ship of another programme"

_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_DATE_LIKE = re.compile(
    rf"(?:{_MONTHS})-\d+|\d+-(?:{_MONTHS})(?:-\d+)?|\d{{1,4}}[/.]\d{{1,2}}[/.]\d{{1,4}}|\d{{4}}-\d\d-\d\d(?: 00:00:00)?"
)
_SCIENTIFIC = re.compile(r"\d+(?:\.\d+)?E\+\d+", re.IGNORECASE)
_IMO = re.compile(r"(?<!\d)\d{7}(?!\d)")
_MMSI = re.compile(r"(?<!\d)\d{9}(?!\d)")


@dataclass(frozen=True)
class ListReading:
    """One file of a list, read: the ships (LISTED), records left out by reason, and the day it states, if any."""

    listed: DataFrame
    left_out: Counter[str]
    published_on: date | None


@dataclass(frozen=True)
class ListForm:
    """A form in which a list is published.

    name          short name, like uk-csv                  title   what it is, in words, for messages
    watchlist_id  the list whose editions have this form   tested  False: no published file was at hand to test against
    recognises    whether a file's bytes have this form    read    bytes and the file's name → ListReading;
                                                                   None for a form that is told apart and not read
    instead       what to do instead, where it is not read
    """

    name: str
    title: str
    watchlist_id: str
    recognises: Callable[[bytes], bool]
    read: Callable[[bytes, str], ListReading] | None = None
    tested: bool = False
    instead: str = ""


@dataclass
class Gathering:
    """Ships as they are found, one dictionary of LISTED columns each, and the count of what is none."""

    where: str
    ships: list[dict[str, Any]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

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
        return ListReading(listed, self.left_out, published_on)


def clean(text: str) -> str:
    """Text without breaks and doubled blanks."""
    return " ".join(text.split())


def joined(names: Iterable[str], name: str) -> str:
    """Other names than `name`, each once, in order, separated by a bar."""
    found = dict.fromkeys(clean(one.replace("|", " ")) for one in names)
    return "|".join(one for one in found if one and one != clean(name))


def imo_in(text: str) -> int | None:
    """The IMO number that a text holds, with or without the word IMO: one that can be a ship's before others."""
    numbers = [int(number) for number in _IMO.findall(text)]
    return next(filter(is_imo, numbers), numbers[0] if numbers else None)


def mmsi_in(text: str) -> int | None:
    """The MMSI that a text holds."""
    found = _MMSI.search(text)
    return int(found[0]) if found else None


def number_in(text: str) -> float | None:
    """The first number of a text; commas between thousands are no part of it."""
    found = re.search(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3})", "", text))
    return float(found[0]) if found else None


def year_in(text: str) -> int | None:
    """The first year of a text."""
    found = re.search(r"\b(?:18|19|20)\d\d\b", text)
    return int(found[0]) if found else None


def day_of(text: str, forms: Iterable[str], where: str, what: str) -> str | None:
    """A day as ISO text; None for nothing.

    raises  InputError for text that has none of the forms
    """
    text = clean(text)
    if not text:
        return None
    for form in forms:
        try:
            return datetime.strptime(text, form).date().isoformat()
        except ValueError:
            continue
    shapes = " or ".join(datetime(2018, 3, 30).strftime(form) for form in forms)
    raise InputError(f'{where}: {what} is "{text}"; expected a day like {shapes}')


def refuse_spreadsheet(where: str, place: str, said: Mapping[str, Any], numbers: str = "") -> None:
    """raises  InputError where a spreadsheet has made something else of what a list says"""
    remedy = "a spreadsheet has changed the file: import it as it was published, unopened"
    for name in (said.get("name") or "", *(said.get("other_names") or "").split("|")):
        if _DATE_LIKE.fullmatch(clean(name)):
            raise InputError(f'{where}: {place}: the name "{clean(name)}" is a day; {remedy}')
    if broken := _SCIENTIFIC.search(numbers):
        raise InputError(f'{where}: {place}: the number "{broken[0]}" is rounded; {remedy}')


def text_of(data: bytes, where: str) -> str:
    """A text file's content, in UTF-8 or else Windows-1252.

    raises  InputError for bytes that are no text
    """
    if b"\x00" in data[:1000]:
        raise InputError(f"{where}: no text file; expected the list as CSV")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def csv_rows(text: str, where: str, delimiter: str = ",") -> list[list[str]]:
    """Rows of a CSV text, blank ones left out.

    raises  InputError for a file that breaks off inside a row
    """
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InputError(f"{where}: {error}; the file is torn: download it again") from None


def table_rows(rows: list[list[str]], where: str, needed: Iterable[str]) -> list[tuple[int, dict[str, str]]]:
    """Rows below a header as (row number, cell by column name).

    raises  InputError if a needed column is missing, or a row has not as many cells as the header
    """
    header = [clean(name) for name in rows[0]]
    if missing := [name for name in needed if name not in header]:
        found = ", ".join(header[:6])
        raise InputError(f'{where}: no column "{missing[0]}" (found: {found}, …); the form of the list has changed')
    found_rows = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(header):
            cells = f"row {number} has {len(row)} cells, the header {len(header)}"
            raise InputError(f"{where}: {cells}; the file is torn: download it again")
        found_rows.append((number, dict(zip(header, row, strict=True))))
    return found_rows
