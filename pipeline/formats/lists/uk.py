"""The UK Sanctions List (Foreign, Commonwealth & Development Office): its ships under the North Korea regime.

Two forms that say the same. XML, one record a ship, tested against an excerpt of September 2026. CSV, whose first line
states the day of the report and whose second names the columns: a ship spans several rows, one a name; its header is
the published one, its rows were quoted or rebuilt, so it is not tested against a published file. The IMO number stands
with or without the word IMO, and the measures differ from ship to ship. "Tonnage of ship" does not say which tonnage it
is, so it goes to the note.

OFSI's consolidated list (ConList) was another list, of asset freezes, and has no ships' IMO numbers; it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from xml.etree.ElementTree import Element

from pipeline.errors import InputError
from pipeline.formats.lists.markup import elements, root_of, text_at, texts
from pipeline.formats.lists.record import NOT_A_SHIP, OTHER_PROGRAMME, Gathering, ListForm, ListReading, joined
from pipeline.formats.lists.text import clean, csv_rows, day_of, head_of, number_in, table_rows, text_of, year_in

WATCHLIST_ID = "uk-dprk"
_REPORT = re.compile(r'"?Report Date:?"?[,\s]*"?(?P<day>[^",\r\n]+)', re.IGNORECASE)
_REPORT_DAYS = ("%d-%b-%Y", "%d/%m/%Y", "%Y-%m-%d", "%d %B %Y", "%d-%b-%y")
_NAMES = ("Name 1", "Name 2", "Name 3", "Name 4", "Name 5", "Name 6")
_KINDS = ("Designation Type", "Individual, Entity, Ship")  # the column has had both names
_NEEDED = ("Unique ID", "Name 6", "Name type", "Regime Name", "Sanctions Imposed", "Date Designated", "IMO number")
_DAYS = ("%d/%m/%Y", "%d/%m/%Y %H:%M:%S")


# Columns of the CSV, and where the XML says the same of a record.
_PATHS = {
    "Regime Name": "RegimeName",
    "Sanctions Imposed": "SanctionsImposed",
    "Date Designated": "DateDesignated",
    "Other Information": "OtherInformation",
    "UK Statement of Reasons": "UKStatementofReasons",
    "IMO number": ".//IMONumber",
    "Type of ship": ".//TypeOfShip",
    "Tonnage of ship": ".//TonnageOfShip",
    "Length of ship": ".//LengthOfShip",
    "Year Built": ".//YearBuilt",
    "Current believed flag of ship": ".//CurrentBelievedFlagOfShip",
    "Current owner/operator (s)": ".//CurrentOwnerOperator",
}
_Said = Callable[[str], list[str]]


def is_csv(data: bytes) -> bool:
    """Whether it has the list's columns."""
    head = head_of(data)
    return "Unique ID" in head and "Regime Name" in head and not head.startswith("<")


def is_xml(data: bytes) -> bool:
    """Whether it is the same list as XML."""
    return root_of(data) == "Designations"


def is_ofsi(data: bytes) -> bool:
    """Whether it is OFSI's consolidated list, as XML or CSV."""
    head = head_of(data)
    is_table = head.startswith(("Last Updated", '"Last Updated')) and "Group ID" in head and "Group Type" in head
    return is_table or root_of(data) == "ArrayOfFinancialSanctionsTarget"


def read_csv(data: bytes, where: str) -> ListReading:
    """The ships of one report.

    where   the file's name, for messages
    raises  InputError for a torn file, a missing column, or names that a spreadsheet has changed
    """
    text = text_of(data, where).lstrip()
    first, _, rest = text.partition("\n")
    stated = _REPORT.match(first)
    rows = table_rows(csv_rows(rest if stated else text, where), where, _NEEDED)
    kind = next((name for name in _KINDS if rows and name in rows[0][1]), None)
    if rows and kind is None:
        raise InputError(f'{where}: no column "{_KINDS[0]}"; the form of the list has changed')
    records: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for number, row in rows:
        records.setdefault(clean(row["Unique ID"]), []).append((number, row))
    found = Gathering(where)
    for entry_id, lines in records.items():
        of_entry = [row for _, row in lines]
        names = [(clean(" ".join(row.get(part, "") for part in _NAMES)), clean(row["Name type"])) for row in of_entry]
        _take(found, f"row {lines[0][0]}", entry_id, of_entry[0][kind or ""], names, _said_by_rows(of_entry))
    return found.reading(_reported(stated["day"] if stated else "", where))


def _said_by_rows(rows: list[dict[str, str]]) -> _Said:
    return lambda column: [text for row in rows if (text := clean(row.get(column, "")))]


def read_xml(data: bytes, where: str) -> ListReading:
    """The ships of one report as XML.

    raises  InputError for a torn file
    """
    found, generated = Gathering(where), ""
    for number, element in enumerate(elements(data, where, "DateGenerated", "Designation")):
        if element.tag == "DateGenerated":
            generated = element.text or ""
        elif element.tag == "Designation":
            kind = text_at(element, "IndividualEntityShip") or text_at(element, "DesignationType")
            names = [
                (clean(" ".join(text_at(one, part.replace(" ", "")) for part in _NAMES)), text_at(one, "NameType"))
                for one in element.iterfind("Names/Name")
            ]
            place = f"record {number}"
            _take(found, place, text_at(element, "UniqueID"), kind, names, _said_by_record(element))
    return found.reading(_reported(generated, where))


def _said_by_record(record: Element) -> _Said:
    return lambda column: texts(record, _PATHS[column])


def _reported(text: str, where: str) -> date | None:
    day = day_of(text, _REPORT_DAYS, where, "the day of the report")
    return date.fromisoformat(day) if day else None


def _take(found: Gathering, place: str, entry_id: str, kind: str, names: list[tuple[str, str]], said: _Said) -> None:
    """Take a record, if it is a ship of the regime.

    names  (name, its type: primary or alias)
    said   texts of a column of the CSV
    """
    if clean(kind).lower() not in ("ship", "vessel"):
        found.left_out[NOT_A_SHIP] += 1
        return
    if "people's republic of korea" not in _first(said("Regime Name")).replace("’", "'").lower():
        found.left_out[OTHER_PROGRAMME] += 1
        return
    primary = [name for name, of_type in names if of_type.lower() == "primary name"]
    name = next(iter(primary), names[0][0] if names else "")
    numbers = "; ".join(_each(said("IMO number")))
    tonnage = [f"Tonnage {text} (which tonnage is not said)." for text in _each(said("Tonnage of ship"))]
    measures = [clean(one) for text in said("Sanctions Imposed") for one in text.split("|")]
    found.add(
        place,
        numbers=numbers,
        entry_id=entry_id,
        imo=found.imo(entry_id, numbers),
        mmsi=None,
        name=name,
        other_names=joined((one for one, _ in names), name),
        listed_on=day_of(_first(said("Date Designated")), _DAYS, found.where, f"Date Designated of {entry_id}"),
        delisted_on=None,
        measures="; ".join(_each(measures)),
        programme=_first(said("Regime Name")),
        note=" ".join([*_each(said("Other Information")), *_each(said("UK Statement of Reasons")), *tonnage]),
        ship_kind=_first(said("Type of ship")),
        flag=_first(said("Current believed flag of ship")),
        gross_tonnage=None,
        dead_weight_t=None,
        length_m=number_in(_first(said("Length of ship"))),
        built=year_in(_first(said("Year Built"))),
        owner="; ".join(_each(said("Current owner/operator (s)"))),
    )


def _each(texts: Iterable[str]) -> list[str]:
    """Each text once, in order."""
    return list(dict.fromkeys(text for text in texts if text))


def _first(texts: Iterable[str]) -> str:
    return next(iter(texts), "")


_ABOUT = "it names the ships of all UK regimes; taken are those under the North Korea regulations"
FORMS = (
    ListForm("uk-csv", "the UK Sanctions List as CSV", WATCHLIST_ID, is_csv, read_csv, about=_ABOUT),
    ListForm("uk-xml", "the UK Sanctions List as XML", WATCHLIST_ID, is_xml, read_xml, tested=True, about=_ABOUT),
    ListForm(
        "uk-ofsi", "OFSI's consolidated list", WATCHLIST_ID, is_ofsi,
        instead="it names no ships; download the UK Sanctions List as XML or CSV (UK-Sanctions-List.csv)",
    ),
)  # fmt: skip
