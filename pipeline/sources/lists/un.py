"""Ships designated by the United Nations' 1718 Committee (North Korea), in two forms.

The consolidated list of the Security Council (XML) has persons and entities of all regimes; a ship is an entity of the
regime DPRK whose name or comment begins by saying that it is one, with the IMO number in either. A company whose
comment mentions a ship or carries a company's IMO number is none. The Committee's own 1718 Designated Vessels List is
published as a PDF; what is read here is a table typed from it (CSV with the columns `vessel_name`, `imo_number`,
`date_of_designation` and, if there are any, `mmsi`, `flag`, `type`, `other_information`).

Written from descriptions of both; not tested against a published file. The consolidated list may name no ship at all.
"""

from __future__ import annotations

import io
import re
from datetime import date
from xml.etree.ElementTree import Element, ParseError

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
    mmsi_in,
    table_rows,
    text_of,
)

WATCHLIST_ID = "un-1718"
_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_SHIP_NAME = re.compile(r"^(?:M/?[VT]|M\.[VT]\.?|vessel|ship)\s+", re.IGNORECASE)
_SHIP_COMMENT = re.compile(
    r"^\W*(?:the\s+)?(?:DPRK\s+)?"
    r"(?:IMO\b|M/?[VT]\b|M\.[VT]\.|(?:merchant |cargo |crude |oil )*(?:vessel|ship|tanker)\b)",
    re.IGNORECASE,
)
_IMO_IN_NAME = re.compile(r"[,(\s]*\bIMO(?: number)?\W{0,2}\d{7}\W*", re.IGNORECASE)
_PREFIXED = re.compile(r"(?:^|\s)\d+:\s")  # "1: OLD NAME 2: NEW NAME"


def is_xml(data: bytes) -> bool:
    """Whether it is the consolidated list."""
    return b"<CONSOLIDATED_LIST" in data[:2000]


def is_table(data: bytes) -> bool:
    """Whether it is a table typed from the designated vessels list."""
    head = data[:2000].decode("utf-8-sig", "replace").split("\n")[0]
    return "vessel_name" in head and "imo_number" in head


def read_xml(data: bytes, where: str) -> ListReading:
    """Ships of the consolidated list.

    raises  InputError for a torn file
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    found, generated = Gathering(where), ""
    try:
        for event, element in iterparse(io.BytesIO(data), events=("start", "end")):
            if event == "start":
                generated = generated or element.get("dateGenerated", "")
            elif element.tag in ("INDIVIDUAL", "ENTITY"):
                _add_record(found, element)
                element.clear()
    except (ParseError, DefusedXmlException) as error:
        raise InputError(f"{where}: {error}; the file is torn: download it again") from None
    day = day_of(generated[:10], ("%Y-%m-%d",), where, "dateGenerated")
    return found.reading(date.fromisoformat(day) if day else None)


def _add_record(found: Gathering, record: Element) -> None:
    def said(tag: str) -> str:
        return clean(record.findtext(tag) or "")

    full_name = clean(" ".join(said(part) for part in _NAMES))
    comment = said("COMMENTS1")
    is_ship = bool(_SHIP_NAME.match(full_name) or _IMO_IN_NAME.search(full_name) or _SHIP_COMMENT.match(comment))
    if record.tag == "INDIVIDUAL" or not is_ship:
        found.left_out[NOT_A_SHIP] += 1
        return
    if said("UN_LIST_TYPE").upper() != "DPRK":
        found.left_out[OTHER_PROGRAMME] += 1
        return
    name = _SHIP_NAME.sub("", clean(_IMO_IN_NAME.sub(" ", full_name)))
    aliases = [alias.text or "" for alias in record.iterfind("ENTITY_ALIAS/ALIAS_NAME")]
    imo = imo_in(full_name) or imo_in(comment)
    found.add(
        f"record {said('REFERENCE_NUMBER') or said('DATAID')}",
        numbers=f"{full_name} {comment}",
        entry_id=_entry_id(imo, name),
        imo=imo,
        mmsi=_mmsi(comment),
        name=name,
        other_names=joined((_SHIP_NAME.sub("", clean(alias)) for alias in aliases), name),
        listed_on=day_of(said("LISTED_ON")[:10], ("%Y-%m-%d",), found.where, f"LISTED_ON of {name}"),
        delisted_on=None,
        measures=None,
        programme=clean(f"{said('UN_LIST_TYPE')} {said('REFERENCE_NUMBER')}"),
        note=comment,
        ship_kind=None, flag=None, gross_tonnage=None, dead_weight_t=None, length_m=None, built=None, owner=None,
    )  # fmt: skip


def read_table(data: bytes, where: str) -> ListReading:
    """Ships of a table typed from the designated vessels list. It states no day.

    raises  InputError for a torn file, a missing column, or names that a spreadsheet has changed
    """
    found = Gathering(where)
    needed = ("vessel_name", "imo_number", "date_of_designation")
    for number, row in table_rows(csv_rows(text_of(data, where), where), where, needed):
        names = [clean(name) for name in _PREFIXED.split(row["vessel_name"]) if clean(name)] or [""]
        days = [day for day in _PREFIXED.split(row["date_of_designation"]) if clean(day)]
        imo = imo_in(row["imo_number"])
        measures = [name for name in row if name.startswith(("Paragraph", "Economic resources")) and _given(row[name])]
        found.add(
            f"row {number}",
            numbers=f"{row['imo_number']} {row.get('mmsi', '')}",
            entry_id=_entry_id(imo, names[0]),
            imo=imo,
            mmsi=mmsi_in(row.get("mmsi", "")),
            name=names[0],
            other_names=joined(names[1:], names[0]),
            listed_on=day_of(
                next(iter(days), ""), ("%d-%b-%y", "%Y-%m-%d", "%d/%m/%Y"), where, f"row {number}: date_of_designation"
            ),
            delisted_on=None,
            measures="; ".join(measures),
            programme="DPRK",
            note=row.get("other_information", ""),
            ship_kind=row.get("type", ""),
            flag=row.get("flag", ""),
            gross_tonnage=None, dead_weight_t=None, length_m=None, built=None, owner=None,
        )  # fmt: skip
    return found.reading(None)


def _given(text: str) -> bool:
    return clean(text).lower() not in ("", "na", "n/a")


def _mmsi(comment: str) -> int | None:
    found = re.search(r"MMSI\D{0,12}(\d{9})", comment, re.IGNORECASE)
    return mmsi_in(found[1]) if found else None


def _entry_id(imo: int | None, name: str) -> str:
    """The Committee numbers no ship: her IMO number is her id, else her name."""
    return f"imo-{imo}" if imo else re.sub(r"\W+", "-", name.lower()).strip("-")


FORMS = (
    ListForm("un-xml", "the UN Security Council's consolidated list (XML)", WATCHLIST_ID, is_xml, read_xml),
    ListForm("un-table", "a table typed from the 1718 Designated Vessels List", WATCHLIST_ID, is_table, read_table),
)
