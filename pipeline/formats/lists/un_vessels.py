"""The rows of the 1718 Designated Vessels List in a page of HTML, as converters make one of the Committee's PDF.

A table is cut at every page of the PDF, and its header stands in the first one alone. A ship is a block of rows: her
names span two columns, below them stand labels and what they say ("Flag", "Other information"); IMO number with MMSIs,
day and measures stand beside, over as many rows as they hold for. A ship with two days has two rows of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from pipeline.errors import InputError
from pipeline.formats.lists.markup import root_of
from pipeline.formats.lists.text import clean, text_of

_LABELS = {"flag": "flag", "call sign": "call_sign", "type": "type", "other information": "other_information"}
_MOST_SPANNED = 64
_TITLE = re.compile(r"1718\s+Designated\s+Vessels\s+List", re.IGNORECASE)


@dataclass(eq=False)
class _Cell:
    """One cell of the page; rows and columns that it spans hold the same one."""

    rows: int
    columns: int
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return clean("".join(self.pieces))


_Grid = list[list[_Cell | None]]


class _Page(HTMLParser):
    """The title and the tables of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title: list[str] = []
        self.tables: list[list[list[_Cell]]] = []
        self._into: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            cell = _Cell(_span(said.get("rowspan")), _span(said.get("colspan")))
            self.tables[-1][-1].append(cell)
            self._into = cell.pieces
        elif tag == "title":
            self._into = self.title
        elif self._into is not None and tag in ("br", "p", "div", "li"):
            self._into.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table", "title"):
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)


def is_vessels_page(data: bytes) -> bool:
    """Whether it is a page with the designated vessels list."""
    if root_of(data).lower() != "html":
        return False
    try:
        return bool(_TITLE.search(text_of(data, "")))
    except InputError:
        return False


def vessels_of_page(data: bytes, where: str) -> tuple[str, list[tuple[str, dict[str, str]]]]:
    """The title of a page, and the rows of its tables with the columns of a typed table (vessel_name, imo_number, mmsi,
    flag, type, other_information, date_of_designation, one a paragraph), each with its place for messages. A ship with
    two days has two rows.

    raises  InputError for a page without the table's header, or that breaks off
    """
    text = text_of(data, where)
    if not re.search(r"</html\s*>\s*\Z", text, re.IGNORECASE):
        raise InputError(
            f"{where}: the page breaks off (it has no end, </html>); the file is torn: convert the PDF again"
        )
    page = _Page()
    page.feed(text)
    page.close()
    grids = [_grid(table) for table in page.tables]
    columns = _columns(grids, where)
    rows: list[tuple[str, dict[str, str]]] = []
    ship: dict[str, str] = {}
    seen: set[int] = set()
    for number, line in enumerate((line for grid in grids for line in grid), 1):
        cells = {name: line[at] if at < len(line) else None for name, at in columns.items()}
        name, value = cells["vessel_name"], cells["value"]
        if name is None or name.text.lower() in ("", "vessel name") or name is cells["imo_number"] or name is line[0]:
            continue
        label = name.text.lower()
        if name is value:  # it spans both columns: a ship's names
            if id(name) not in seen:
                number_and_radio = _text(cells["imo_number"]).partition("MMSI")
                ship = {"vessel_name": name.text, "imo_number": number_and_radio[0], "mmsi": number_and_radio[2]}
                ship["mmsi"] = ship["mmsi"].removeprefix(":")
                rows.append((f"row {number}", ship))
        elif label in _LABELS and value is not None:
            for row in _of_ship(rows, ship):
                row[_LABELS[label]] = value.text
        day = cells["date_of_designation"]
        if day is not None and day.text and id(day) not in seen and ship:
            said = {text: _text(cells[text]) for text in columns if text.startswith(("Paragraph", "Economic"))}
            if "date_of_designation" in ship:
                rows.append((f"row {number}", ship | said | {"date_of_designation": day.text}))
            else:
                ship.update(said, date_of_designation=day.text)
        seen |= {id(cell) for cell in line if cell is not None}
    if lost := next((row["vessel_name"] for _, row in rows if "date_of_designation" not in row), None):
        raise InputError(f"{where}: {lost} has no date of designation; the page is torn: convert the PDF again")
    return clean("".join(page.title)), rows


def _of_ship(rows: list[tuple[str, dict[str, str]]], ship: dict[str, str]) -> list[dict[str, str]]:
    return [row for _, row in rows if row.get("vessel_name") == ship.get("vessel_name")]


def _columns(grids: list[_Grid], where: str) -> dict[str, int]:
    """Where the columns stand, by the header: names, labels' values, number, day, and the paragraphs."""
    for grid in grids:
        for above, line in enumerate(grid):
            header = [_text(cell).lower() for cell in line]
            if not {"vessel name", "imo number", "date of designation"} <= set(header):
                continue
            names, day = header.index("vessel name"), header.index("date of designation")
            below = grid[above + 1] if above + 1 < len(grid) else line
            found = {"vessel_name": names, "value": names + 1, "imo_number": header.index("imo number")}
            found["date_of_designation"] = day
            return found | {_text(below[at]): at for at in range(day + 1, len(below)) if _text(below[at])}
    raise InputError(
        f"{where}: no table with Vessel Name, IMO number and Date of designation; the page is no list of vessels, or "
        "the PDF was converted without its tables"
    )


def _grid(table: list[list[_Cell]]) -> _Grid:
    """Rows in which every cell stands in all places that it spans."""
    grid: _Grid = [[] for _ in table]
    for at, cells in enumerate(table):
        column = 0
        for cell in cells:
            while column < len(grid[at]) and grid[at][column] is not None:
                column += 1
            for row in grid[at : at + cell.rows]:
                row.extend([None] * (column + cell.columns - len(row)))
                row[column : column + cell.columns] = [cell] * cell.columns
            column += cell.columns
    return grid


def _text(cell: _Cell | None) -> str:
    return cell.text if cell is not None else ""


def _span(text: str | None) -> int:
    found = re.match(r"\d{1,4}", (text or "").strip())
    return min(max(int(found[0]), 1), _MOST_SPANNED) if found else 1
