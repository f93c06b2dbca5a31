"""The UK Sanctions List as CSV (Foreign, Commonwealth & Development Office): its ships under the North Korea regime.

The first line states the day of the report, the second names the columns. A ship spans several rows, one a name; her
IMO number stands with or without the word IMO, and the measures differ from ship to ship. "Tonnage of ship" does not
say which tonnage it is, so it goes to the note.

Written from descriptions of the published file and rows quoted from it; not tested against a published file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from pipeline.errors import InputError
from pipeline.sources.lists.record import (
    NOT_A_SHIP,
    OTHER_PROGRAMME,
    Gathering,
    ListForm,
    ListReading,
    clean,
    csv_rows,
    day_of,
    imo_in,
    joined,
    number_in,
    table_rows,
    text_of,
    year_in,
)

WATCHLIST_ID = "uk-dprk"
_REPORT = re.compile(r'"?Report Date:?"?[,\s]*"?(?P<day>[^",\r\n]+)', re.IGNORECASE)
_REPORT_DAYS = ("%d-%b-%Y", "%d/%m/%Y", "%Y-%m-%d", "%d %B %Y", "%d-%b-%y")
_NAMES = ("Name 1", "Name 2", "Name 3", "Name 4", "Name 5", "Name 6")
_KINDS = ("Designation Type", "Individual, Entity, Ship")  # the column has had both names
_NEEDED = ("Unique ID", "Name 6", "Name type", "Regime Name", "Sanctions Imposed", "Date Designated", "IMO number")
_DAYS = ("%d/%m/%Y", "%d/%m/%Y %H:%M:%S")


def is_csv(data: bytes) -> bool:
    """Whether it begins with the report's day and has the list's columns."""
    head = data[:4000].decode("utf-8-sig", "replace")
    return "Unique ID" in head and "Regime Name" in head and not head.lstrip().startswith("<")


def is_xml(data: bytes) -> bool:
    """Whether it is the same list as XML."""
    head = data[:2000]
    return b"<Designations" in head


def read_csv(data: bytes, where: str) -> ListReading:
    """The ships of one report.

    where   the file's name, for messages
    raises  InputError for a torn file, a missing column, or names that a spreadsheet has changed
    """
    text = text_of(data, where)
    first, _, rest = text.lstrip().partition("\n")
    stated = _REPORT.match(first)
    reported = day_of(stated["day"], _REPORT_DAYS, where, "Report Date") if stated else None
    rows = table_rows(csv_rows(rest if stated else text, where), where, _NEEDED)
    kind = next((name for name in _KINDS if rows and name in rows[0][1]), None)
    if rows and kind is None:
        raise InputError(f'{where}: no column "{_KINDS[0]}"; the form of the list has changed')
    records: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for number, row in rows:
        records.setdefault(clean(row["Unique ID"]), []).append((number, row))
    found = Gathering(where)
    for entry_id, lines in records.items():
        row = lines[0][1]
        if clean(row[kind or ""]).lower() not in ("ship", "vessel"):
            found.left_out[NOT_A_SHIP] += 1
        elif "people's republic of korea" not in clean(row["Regime Name"]).replace("’", "'").lower():
            found.left_out[OTHER_PROGRAMME] += 1
        else:
            _add(found, entry_id, lines)
    return found.reading(date.fromisoformat(reported) if reported else None)


def _add(found: Gathering, entry_id: str, lines: list[tuple[int, dict[str, str]]]) -> None:
    rows = [row for _, row in lines]

    def said(column: str) -> list[str]:
        """What the ship's rows say in a column, each once."""
        return list(dict.fromkeys(text for row in rows if (text := clean(row.get(column, "")))))

    names = [clean(" ".join(row.get(part, "") for part in _NAMES)) for row in rows]
    primary = [name for name, row in zip(names, rows, strict=True) if clean(row["Name type"]).lower() == "primary name"]
    name = next(iter(primary), names[0])
    numbers = " ".join(said("IMO number"))
    tonnage = [f"Tonnage {text} (which tonnage is not said)." for text in said("Tonnage of ship")]
    found.add(
        f"row {lines[0][0]}",
        numbers=numbers,
        entry_id=entry_id,
        imo=imo_in(numbers),
        mmsi=None,
        name=name,
        other_names=joined(names, name),
        listed_on=day_of(_first(said("Date Designated")), _DAYS, found.where, f"Date Designated of {entry_id}"),
        delisted_on=None,
        measures="; ".join(dict.fromkeys(clean(one) for text in said("Sanctions Imposed") for one in text.split("|"))),
        programme=_first(said("Regime Name")),
        note=" ".join([*said("Other Information"), *said("UK Statement of Reasons"), *tonnage]),
        ship_kind=_first(said("Type of ship")),
        flag=_first(said("Current believed flag of ship")),
        gross_tonnage=None,
        dead_weight_t=None,
        length_m=number_in(_first(said("Length of ship"))),
        built=year_in(_first(said("Year Built"))),
        owner="; ".join(said("Current owner/operator (s)")),
    )


def _first(texts: Iterable[str]) -> str:
    return next(iter(texts), "")


FORMS = (
    ListForm("uk-csv", "the UK Sanctions List as CSV", WATCHLIST_ID, is_csv, read_csv),
    ListForm(
        "uk-xml", "the UK Sanctions List as XML", WATCHLIST_ID, is_xml,
        instead="download the same list as CSV (UK-Sanctions-List.csv)",
    ),
)  # fmt: skip
