"""A list of ships as people keep one: CSV of any separator, saved by a spreadsheet or typed, with IMO numbers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import InputError
from pipeline.imo import gives_imo, is_company_number, read_imo, why_no_imo

_SEPARATORS = ";,\t|"
_IMO = re.compile(r"(?:ship|vessel|lr|lloyds?)?imo(?:ship|vessel)?(?:no|nr|num|number|numbers|nummer|id)?")
_NAMES = ("shipname", "vesselname", "nameofship", "nameofvessel", "name", "ship", "vessel")
_MMSI = ("mmsi", "mmsino", "mmsinumber", "mmsinr")
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)  # ="9562233" keeps a spreadsheet from making a number of it
_SHORTENED = re.compile(r"\d[.,]\d+E\+?\d+", re.IGNORECASE)
_MOST_BYTES = 100_000_000
_MOST_ABOVE = 20  # lines, in which the headings are looked for

_LONGEST = 131_072  # characters of a field: beyond, a quotation mark was never closed


class ListedShip(NamedTuple):
    """A row of the list: its first line, what its cells say, the IMO number read, or why there is none."""

    line: int
    imo_given: str
    name_given: str
    mmsi_given: str
    imo: int | None
    reason: str | None


class ShipList(NamedTuple):
    """The rows in their order, the number of lines that say nothing, and of those above the headings (titles)."""

    ships: list[ListedShip]
    blank: int
    above: int


def read_ship_list(path: Path) -> ShipList:
    """Read a list of ships: separators are semicolons, commas, tabs or bars; text is UTF-8, UTF-16 or Windows-1252.

    The column of IMO numbers is found by its heading (IMO, imo_number, IMO No. …), and names and MMSIs likewise; the
    headings may stand below a title. A list without headings, whose first row has an IMO number, is read too.

    raises  InputError for a file that cannot be read, is empty, or has no such column, naming what was found
    """
    lines = _lines(path)
    first, above = _headings(lines)
    separator = _separator(next((line for line in lines[first:] if line.strip()), ""))
    rows, blank = [], first - above
    reader = csv.reader(io.StringIO("\n".join(lines[first:]), newline=""), delimiter=separator)
    for line, cells in _numbered(reader, path, first):
        texts = [_plain(cell) for cell in cells]
        if "".join(texts).strip(_SEPARATORS):
            rows.append((line, texts))
        else:
            blank += 1
    if rows and re.fullmatch(r"sep=.?", separator.join(rows[0][1]).rstrip(separator), re.IGNORECASE):
        del rows[0]  # Excel's own note of the separator
    if not rows:
        raise InputError(f"{path}: no row; expected a list of ships with a column IMO")
    imo, name, mmsi, has_heading = _columns(path, rows[0][1])
    ships = [_ship(line, *(_cell(texts, at) for at in (imo, name, mmsi))) for line, texts in rows[has_heading:]]
    if not ships:
        raise InputError(f"{path}: headings and no row below them; expected a ship a row")
    return ShipList(ships, blank, above)


def _lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(
                f"{path}: {path.stat().st_size:,} bytes; expected a list of ships of at most {_MOST_BYTES:,}"
            )
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; expected a CSV file with a column IMO") from None
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InputError(f"{path}: a workbook of a spreadsheet; save it as CSV")
    return _text(path, content).replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _text(path: Path, content: bytes) -> str:
    for encoding in ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{path}: no text in UTF-8, UTF-16 or Windows-1252; save it as CSV UTF-8")


def _separator(heading: str) -> str:
    outside = re.sub(r'"[^"]*"', "", heading)
    noted = re.fullmatch(r"sep=(.)", heading.strip('"'), re.IGNORECASE)
    if noted:
        return noted[1] if noted[1] in _SEPARATORS else ","
    return max(_SEPARATORS, key=outside.count)


def _headings(lines: Sequence[str]) -> tuple[int, int]:
    """Where the headings are, and how many lines above them say something; 0 and 0 where ships stand above."""
    above = 0
    for nth, line in enumerate(lines[:_MOST_ABOVE]):
        texts = [_plain(cell) for cell in next(csv.reader([line], delimiter=_separator(line)), [])]
        if any(_IMO.fullmatch(_key(text)) for text in texts):
            return (nth, above) if above else (0, 0)
        if any(read_imo(text) is not None for text in texts) or line.lower().startswith(("sep=", '"sep=')):
            break
        above += bool("".join(texts).strip(_SEPARATORS))
    return 0, 0


def _key(heading: str) -> str:
    """What a heading is known by, whatever its case, blanks and marks."""
    return "".join(filter(str.isalnum, heading.casefold()))


def _numbered(reader: Iterator[list[str]], path: Path, before: int) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line that each begins in, after so many lines before them."""
    line = before + 1
    try:
        for cells in reader:
            if max(map(len, cells), default=0) > _LONGEST:  # the module's own limit is whatever others set for all
                raise csv.Error(f"field larger than field limit ({_LONGEST})")
            yield line, cells
            line = before + reader.line_num + 1  # type: ignore[attr-defined]
    except csv.Error as error:
        raise InputError(f"{path}:{line}: {error}; expected a row of CSV") from None


def _plain(cell: str) -> str:
    cell = cell.strip(" \t\n\ufeff\u00a0\0")
    told = _AS_TEXT.fullmatch(cell)
    return " ".join((told[1] if told else cell).split())


def _cell(texts: Sequence[str], at: int | None) -> str:
    return texts[at] if at is not None and at < len(texts) else ""


def _columns(path: Path, heading: Sequence[str]) -> tuple[int, int | None, int | None, bool]:
    """Places of IMO number, name and MMSI; and whether the first row was their heading."""
    keys = [_key(text) for text in heading]
    imos = [at for at, key in enumerate(keys) if _IMO.fullmatch(key)]
    names = [keys.index(key) for key in _NAMES if key in keys]
    mmsis = [at for at, key in enumerate(keys) if key in _MMSI]
    if len(imos) > 1:
        found = ", ".join(heading[at] for at in imos)
        raise InputError(f"{path}: several columns of IMO numbers ({found}); expected one")
    if imos:
        return imos[0], next(iter(names), None), next(iter(mmsis), None), True
    numbers = [at for at, text in enumerate(heading) if read_imo(text) is not None]
    if len(numbers) == 1:
        words = [at for at, text in enumerate(heading) if at not in numbers and any(map(str.isalpha, text))]
        nines = [at for at, text in enumerate(heading) if re.fullmatch(r"[2-7]\d{8}", text)]
        return numbers[0], next(iter(words), None), next(iter(nines), None), False
    found = ", ".join(filter(None, heading))[:200]
    raise InputError(f"{path}: no column of IMO numbers (found: {found}); expected a heading like IMO or imo_number")


def _ship(line: int, imo: str, name: str, mmsi: str) -> ListedShip:
    number = read_imo(imo)
    reason = why_no_imo(number) if number is not None else _unread(imo)
    if number is not None and reason:
        company = "; it would be the number of a company" if is_company_number(number) else ""
        reason = f"{number} is no ship's IMO number: {reason}{company}"
    return ListedShip(line, imo, name, mmsi, None if reason else number, reason)


def _unread(imo: str) -> str:
    if not gives_imo(imo):
        return "no IMO number given"
    shown = imo if len(imo) <= 40 else imo[:40] + "…"
    if _SHORTENED.fullmatch(imo):
        return f'"{shown}": a spreadsheet has shortened the number; format the column as text and give 7 digits'
    return f'"{shown}" is no IMO number; expected 7 digits, like 8628597'
