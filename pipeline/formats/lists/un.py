"""Ships designated by the United Nations' 1718 Committee (North Korea), and the Security Council's consolidated list.

`un-1718`          the Committee's 1718 Designated Vessels List. It is published as a PDF; what is read is that page
                   converted to HTML (`un_vessels`, which has the rows), or a table typed from it (CSV with the columns
                   `vessel_name`, `imo_number`, `date_of_designation` and, if there are any, `mmsi`, `flag`, `type`,
                   `other_information` and one a paragraph). Names, MMSIs and flags are numbered from the oldest to the
                   latest: the last one counts, those before are former ones. The
                   page was tested against the list of 4 June 2020; the typed table is no published form and not tested
                   against a published file, but against that list typed.
`un-consolidated`  the consolidated list (XML) of persons and entities under all regimes. No edition seen, of 2018 to
                   2026, names a ship: it is a list of its own, so that a file without ships takes nobody off the
                   Committee's. Should an entity be a ship, her name or comment says so (`_no_ship`). A company whose
                   comment mentions a ship, or has a company's IMO number, is none. Tested against four editions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from xml.etree.ElementTree import Element

from pipeline.errors import InputError
from pipeline.formats.lists.markup import elements, root_of, text_at, texts
from pipeline.formats.lists.record import (
    NOT_A_SHIP,
    OTHER_PROGRAMME,
    Gathering,
    ListForm,
    ListReading,
    imo_numbers,
    joined,
    mmsi_in,
    names_company,
    ships_number,
    why_no_ship,
)
from pipeline.formats.lists.text import clean, csv_rows, day_of, first_row, table_rows, text_of
from pipeline.formats.lists.un_vessels import is_vessels_page, vessels_of_page
from pipeline.imo import is_company_number, is_imo

WATCHLIST_ID = "un-1718"
CONSOLIDATED_ID = "un-consolidated"
_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_SHIP_NAME = re.compile(r"^(?:M/[VT]|M\.[VT]\.?|MV|MT|vessel|ship)\s+(?!management\b|manager\b|owner)", re.IGNORECASE)
_SAID_IMO = (
    r"(?:\(?IMO\)?|International Maritime Organi[sz]ation)\W*(?:\(IMO\)\W*)?(?:number|no)?\W{0,3}(?P<imo>\d{7})(?!\d)"
)
_IMO_IN_NAME = re.compile(rf"[,(\s]*\b{_SAID_IMO}\W*", re.IGNORECASE)
_IMO_FIRST = re.compile(rf"^\W*{_SAID_IMO}", re.IGNORECASE)
_SHIP_FIRST = re.compile(
    r"^\W*(?:the\s+)?(?:[\w-]+-flagged\s+|DPRK\s+)?"
    r"(?:M/?[VT]|M\.[VT]\.|(?:merchant |cargo |crude |oil )*(?:vessel|ship|tanker))\s+",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:^|\s)(?P<number>\d{1,2})\s*[:.]\s*(?=\S)")
_DAYS = ("%d-%b-%y", "%d-%b-%Y", "%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d %b %Y")
_FORMER = {"mmsi": "Former MMSI", "flag": "Former flag"}


def is_xml(data: bytes) -> bool:
    """Whether it is the consolidated list."""
    return root_of(data) == "CONSOLIDATED_LIST"


def is_table(data: bytes) -> bool:
    """Whether it is a table typed from the designated vessels list."""
    return {"vessel_name", "imo_number"} <= set(first_row(data))


def read_xml(data: bytes, where: str) -> ListReading:
    """Ships of the consolidated list.

    raises  InputError for a torn file
    """
    found, generated = Gathering(where), ""
    for element in elements(data, where, "INDIVIDUAL", "ENTITY"):
        if element.tag in ("INDIVIDUAL", "ENTITY"):
            _add_record(found, element)
        else:
            generated = element.get("dateGenerated", "")
    day = day_of(generated[:10], ("%Y-%m-%d",), where, "dateGenerated")
    return found.reading(date.fromisoformat(day) if day else None)


def _add_record(found: Gathering, record: Element) -> None:
    full_name = clean(" ".join(text_at(record, part) for part in _NAMES))
    comment = text_at(record, "COMMENTS1")
    name = _SHIP_NAME.sub("", clean(_IMO_IN_NAME.sub(" ", full_name)))
    imo = _said_imo(full_name) or _said_imo(comment)
    if reason := NOT_A_SHIP if record.tag == "INDIVIDUAL" else _no_ship(full_name, name, comment, imo):
        found.left_out[reason] += 1
        return
    if text_at(record, "UN_LIST_TYPE").upper() != "DPRK":
        found.left_out[OTHER_PROGRAMME] += 1
        return
    radio = re.search(r"MMSI\D{0,12}(\d{9})", comment, re.IGNORECASE)
    found.add(
        f"record {text_at(record, 'REFERENCE_NUMBER') or text_at(record, 'DATAID')}",
        numbers=f"{full_name} {comment}",
        entry_id=_entry_id(imo, name),
        imo=imo,
        mmsi=mmsi_in(radio[1]) if radio else None,
        name=name,
        other_names=joined((_SHIP_NAME.sub("", one) for one in texts(record, "ENTITY_ALIAS/ALIAS_NAME")), name),
        listed_on=day_of(text_at(record, "LISTED_ON")[:10], ("%Y-%m-%d",), found.where, f"LISTED_ON of {name}"),
        delisted_on=None,
        measures=None,
        programme=clean(f"{text_at(record, 'UN_LIST_TYPE')} {text_at(record, 'REFERENCE_NUMBER')}"),
        note=comment,
        ship_kind=None, flag=None, gross_tonnage=None, dead_weight_t=None, length_m=None, built=None, owner=None,
    )  # fmt: skip


def _no_ship(full_name: str, name: str, comment: str, imo: int | None) -> str | None:
    """Why an entity is no ship; None for one. The list has no type for ships, so it must be said of the entity itself:
    her name begins with M/V or holds an IMO number, or her comment begins with one, or with "The vessel" and her name.
    """
    begin = _SHIP_FIRST.match(comment)
    hers = begin is not None and bool(name) and comment[begin.end() :].upper().startswith(name.upper())
    says_ship = bool(_SHIP_NAME.match(full_name)) or hers
    if not (says_ship or _said_imo(full_name) or _IMO_FIRST.match(comment)):
        return NOT_A_SHIP
    if says_ship and not names_company(name):
        return NOT_A_SHIP if imo and is_company_number(imo) and not is_imo(imo) else None
    return why_no_ship(name, [imo] if imo else [])


def _said_imo(text: str) -> int | None:
    """The number that a text calls an IMO number: a ship's before others."""
    found = re.finditer(_SAID_IMO, text, re.IGNORECASE)
    return ships_number(number for one in found for number in imo_numbers(one["imo"])[0])


def read_table(data: bytes, where: str) -> ListReading:
    """Ships of a table typed from the designated vessels list. It states no day.

    raises  InputError for a torn file, a missing column, or names that a spreadsheet has changed
    """
    needed = ("vessel_name", "imo_number", "date_of_designation")
    rows = table_rows(csv_rows(text_of(data, where), where), where, needed)
    return _vessels([(f"row {number}", row) for number, row in rows], where, None)


def read_page(data: bytes, where: str) -> ListReading:
    """Ships of the designated vessels list as HTML; its day is the one that its title states, if any.

    raises  InputError for a page without the table, or names that a spreadsheet has changed
    """
    title, rows = vessels_of_page(data, where)
    stated = re.search(r"\b\d{1,2} [A-Z][a-z]+ 20\d\d\b", title)
    day = day_of(stated[0] if stated else "", ("%d %B %Y", "%d %b %Y"), where, "the day in its title")
    return _vessels(rows, where, date.fromisoformat(day) if day else None)


def _vessels(rows: Iterable[tuple[str, Mapping[str, str]]], where: str, published_on: date | None) -> ListReading:
    """Ships of rows with the columns of the typed table. A ship in several rows, one a day of designation, is one:
    with the measures of all, and the earliest day."""
    found = Gathering(where)
    ships: dict[str, list[tuple[str, Mapping[str, str]]]] = {}
    for place, row in rows:
        numbers, _ = imo_numbers(row["imo_number"])
        names = _numbered(row["vessel_name"])
        ships.setdefault(_entry_id(ships_number(numbers), names[-1]), []).append((place, row))
    for entry_id, lines in ships.items():
        _add_vessel(found, entry_id, lines)
    return found.reading(published_on)


def _add_vessel(found: Gathering, entry_id: str, lines: list[tuple[str, Mapping[str, str]]]) -> None:
    (place, first), others = lines[0], [row for _, row in lines[1:]]
    names = _numbered(first["vessel_name"])
    for row in others:
        if not set(_numbered(row["vessel_name"])) & set(names):
            clash = f"{names[-1]} and {_numbered(row['vessel_name'])[-1]} have the same IMO number"
            raise InputError(f"{found.where}: {lines[-1][0]}: {clash}; expected one ship per number: damaged file")
    said = {name: _numbered(first.get(name, "")) for name in ("mmsi", "flag")}
    days = [
        day_of(day, _DAYS, found.where, f"{place}: date_of_designation")
        for row in (first, *others)
        for day in _numbered(row["date_of_designation"])
    ]
    measures = [
        name
        for name in first
        if name.startswith(("Paragraph", "Economic resources")) and any(_given(row[name]) for row in (first, *others))
    ]
    former = [f"{title}: {', '.join(said[name][:-1])}." for name, title in _FORMER.items() if said[name][:-1]]
    notes = dict.fromkeys(clean(row.get("other_information", "")) for row in (first, *others))
    found.add(
        place,
        numbers=f"{first['imo_number']} {first.get('mmsi', '')}",
        entry_id=entry_id,
        imo=found.imo(entry_id, first["imo_number"]),
        mmsi=mmsi_in(said["mmsi"][-1]),
        name=names[-1],
        other_names=joined(names[:-1], names[-1]),
        listed_on=min(filter(None, days), default=None),
        delisted_on=None,
        measures="; ".join(measures),
        programme="DPRK",
        note=" ".join([*filter(_given, notes), *former]),
        ship_kind=first.get("type", ""),
        flag=said["flag"][-1],
        gross_tonnage=None, dead_weight_t=None, length_m=None, built=None, owner=None,
    )  # fmt: skip


def _numbered(text: str) -> list[str]:
    """The parts of a text like "1: OLD NAME 2: NEW NAME" in order; of any other the text itself."""
    text = clean(text)
    starts: list[re.Match[str]] = []
    for mark in _NUMBERED.finditer(text):
        if int(mark["number"]) == len(starts) + 1 and (starts or mark.start() == 0):
            starts.append(mark)
    ends = [mark.start() for mark in starts[1:]] + [len(text)]
    return [text[mark.end() : end].strip() for mark, end in zip(starts, ends, strict=True)] if starts else [text]


def _given(text: str) -> bool:
    return clean(text).lower() not in ("", "na", "n/a", "no", "none", "-")


def _entry_id(imo: int | None, name: str) -> str:
    """The Committee numbers no ship: her IMO number is her id, else her name."""
    return f"imo-{imo}" if imo else re.sub(r"\W+", "-", name.lower()).strip("-")


_ABOUT = "the Committee's ships stand in this list alone; the Security Council's consolidated list names none of them"
FORMS = (
    ListForm(
        "un-html", "the 1718 Designated Vessels List as HTML (converted from the Committee's PDF)", WATCHLIST_ID,
        is_vessels_page, read_page, tested=True, about=_ABOUT,
    ),
    ListForm(
        "un-table", "a table typed from the 1718 Designated Vessels List", WATCHLIST_ID, is_table, read_table,
        about=_ABOUT,
    ),
    ListForm(
        "un-xml", "the UN Security Council's consolidated list (XML)", CONSOLIDATED_ID, is_xml, read_xml, tested=True,
        about="it has persons and entities, and no edition seen names a ship: the Committee's ships stand in the 1718 "
        "Designated Vessels List (un-1718), which this file does not change",
    ),
)  # fmt: skip
