"""OFAC's list of Specially Designated Nationals (US Treasury): its vessels under the North Korea programmes.

Two forms that say the same: the legacy CSV file (`sdn.csv` alone, or in one .zip with `alt.csv` and `sdn_comments.csv`;
no header, `-0-` for null, no day, the IMO number inside the remarks and sometimes without the word IMO), tested against
published files of 2019 and 2021; and `sdn.xml`, which states its day and has all names, tested against files of 2021
and 2024. The list publishes no day of listing. "Tonnage" is dead weight, "gross registered tonnage" gross.

The Consolidated (non-SDN) list comes in the same forms and has no North Korean vessel: a file without any is refused,
lest all ships seem to have left the list.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element

from pipeline.errors import InputError
from pipeline.formats.lists.markup import elements, root_of, text_at, texts
from pipeline.formats.lists.record import (
    NOT_A_SHIP,
    OTHER_PROGRAMME,
    Gathering,
    ListForm,
    ListReading,
    joined,
    mmsi_in,
)
from pipeline.formats.lists.text import clean, csv_rows, day_of, first_row, number_in, text_of

WATCHLIST_ID = "ofac-sdn"
# RuntimeError: locked by a password, or packed in a way that is not known; ValueError: places that cannot be.
_BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError, KeyError)
_CELLS = 12  # of a row of sdn.csv; alt.csv has 5, sdn_comments.csv 2
_ALIAS_CELLS = 5
_ALIAS = re.compile(r"^[afn]\.k\.a\. '(.+)'$")
_RISK = re.compile(r"^(Secondary sanctions risk|Transactions Prohibited For [^:]+):")
_REGISTERED = re.compile(
    r"^(?P<label>Vessel Registration Identification|Identification Number(?=\W*IMO\b)|(?=IMO\b))\W*(?P<number>.*)$",
    re.IGNORECASE,
)
# Persons and firms: in brackets (which may hold brackets, or be cut off), or a clause of their own. The printed list
# also has the type and the programme behind a vessel.
_LINKED = re.compile(
    r"\(\s*Linked To:(?:[^()]|\((?:[^()]|\([^()]*\))*\))*(?:\)|$)|(?<![\w(])Linked To:.*?(?=;\s|$)", re.IGNORECASE
)
_PRINTED = re.compile(r"\(vessel\)|\[[A-Z][A-Z0-9-]*\](?!\w)")
_ABOUT = (
    "it names the vessels of all programmes, taken are those of North Korea's; the Consolidated (non-SDN) list, in the "
    "same form, has none of them and is no edition of this list"
)
_ALONE = f"{_ABOUT}; other names stand in alt.csv: put both into one .zip"


def is_csv(data: bytes) -> bool:
    """Whether it begins with a row of sdn.csv, or with a header that someone gave it."""
    row = first_row(data)
    return len(row) == _CELLS and (row[0].isdigit() or row[0].lower() == "ent_num")


def is_alias_csv(data: bytes) -> bool:
    """Whether it begins with a row of alt.csv."""
    row = first_row(data)
    return len(row) == _ALIAS_CELLS and row[0].isdigit() and row[1].isdigit()


def is_zip(data: bytes) -> bool:
    """Whether it is an archive that holds sdn.csv."""
    if not data.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "sdn.csv" in _members(archive)
    except _BROKEN_ARCHIVE:
        return False


def is_xml(data: bytes) -> bool:
    """Whether it is sdn.xml."""
    return root_of(data) == "sdnList"


def is_advanced_xml(data: bytes) -> bool:
    """Whether it is sdn_advanced.xml or sdn_enhanced.xml."""
    return root_of(data) in ("Sanctions", "sanctionsData")


def read_csv(data: bytes, where: str) -> ListReading:
    """Vessels of sdn.csv alone: of other names, those in the remarks.

    raises  InputError for a torn file, one without a North Korean vessel, or names that a spreadsheet has changed
    """
    return _legacy(data, b"", b"", where)


def read_zip(data: bytes, where: str) -> ListReading:
    """Vessels of an archive of sdn.csv and, if it has them, alt.csv (names) and sdn_comments.csv (the rest of
    long remarks).

    raises  InputError as `read_csv`
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = _members(archive)
            files = [
                archive.read(members[name]) if name in members else b""
                for name in ("sdn.csv", "alt.csv", "sdn_comments.csv")
            ]
    except _BROKEN_ARCHIVE as error:
        raise InputError(f"{where}: {error}; the archive is torn or locked: make it again") from None
    return _legacy(files[0], files[1], files[2], where)


def _legacy(sdn: bytes, alt: bytes, comments: bytes, where: str) -> ListReading:
    names: dict[str, list[str]] = {}
    for row in _rows(alt, where, _ALIAS_CELLS):
        names.setdefault(row[0], []).append(row[3])
    rest: dict[str, str] = {}
    for row in _rows(comments, where, 2):
        rest[row[0]] = rest.get(row[0], "") + row[1]
    found = Gathering(where)
    for number, row in enumerate(_rows(sdn, where, _CELLS), 1):
        entry_id, name, kind, programme, _, _, ship_kind, tonnage, gross, flag, owner, remarks = row
        if kind.lower() != "vessel":
            found.left_out[NOT_A_SHIP] += 1
        elif not _is_north_korean(programme):
            found.left_out[OTHER_PROGRAMME] += 1
        else:
            remarks = (remarks + rest.get(entry_id, "")).rstrip().removesuffix(".")
            said = _remarks(found, entry_id, name, _clauses(remarks), names.get(entry_id, []))
            found.add(
                f"row {number}", entry_id=entry_id, name=name, listed_on=None, delisted_on=None,
                programme=programme.replace("] [", ", "), ship_kind=ship_kind, flag=flag,
                gross_tonnage=number_in(gross), dead_weight_t=number_in(tonnage), length_m=None, built=None,
                owner=owner, **said,
            )  # fmt: skip
    return _reading(found, None)


def _rows(data: bytes, where: str, cells: int) -> list[list[str]]:
    """Rows of a file without header, `-0-` read as nothing; the byte 1A that ends it is no row."""
    rows = csv_rows(text_of(data, where).replace("\x1a", ""), where)
    rows = rows[1:] if rows and rows[0][0].strip().lower() == "ent_num" else rows
    for number, row in enumerate(rows, 1):
        if len(row) != cells:
            raise InputError(
                f"{where}: row {number} has {len(row)} cells, expected {cells}; the file is torn: download it again"
            )
    return [["" if cell.strip() == "-0-" else cell.strip() for cell in row] for row in rows]


def _clauses(remarks: str) -> list[str]:
    """What remarks say, clause by clause, without the firms and persons that they link to the vessel. Only the CSV
    writes "alt." before what is there a second time."""
    own = _PRINTED.sub(" ", _LINKED.sub(" ", clean(remarks)))
    clauses = [clean(one).removesuffix(".").removeprefix("alt. ").strip() for one in re.split(r";(?:\s|$)", own)]
    return [one for one in clauses if one]


def _remarks(found: Gathering, entry_id: str, name: str, clauses: list[str], names: Iterable[str]) -> dict[str, Any]:
    """What the clauses of a vessel's remarks say, as LISTED columns; in one order, as the forms have orders of their
    own."""
    numbered = [match for one in clauses if (match := _REGISTERED.match(one))]
    registered = sorted(numbered, key=lambda one: not one["label"].lower().startswith("vessel"))[:1]
    radio = [one for one in clauses if one.startswith("MMSI")]
    aliases = {one: match[1] for one in clauses if (match := _ALIAS.match(one))}
    risks = {one: match[1] for one in clauses if (match := _RISK.match(one))}
    read = {*(one.string for one in registered), *radio[:1], *aliases, *risks}
    number = next((one["number"] for one in registered), "")
    return {
        "numbers": number,
        "imo": found.imo(entry_id, number),
        "mmsi": mmsi_in(" ".join(radio)),
        "other_names": joined(sorted([*names, *aliases.values()]), name),
        "measures": "; ".join(["property blocked", *sorted(set(risks.values()))]),
        "note": "; ".join(sorted({one for one in clauses if one not in read})),
    }


def read_xml(data: bytes, where: str) -> ListReading:
    """Vessels of sdn.xml.

    raises  InputError for a torn file, or one without a North Korean vessel
    """
    found, published = Gathering(where), ""
    for element in elements(data, where, "Publish_Date", "sdnEntry"):
        if element.tag == "Publish_Date":
            published = element.text or ""
        elif element.tag == "sdnEntry":
            _add_entry(found, element)
    day = day_of(published, ("%m/%d/%Y", "%Y-%m-%d"), where, "Publish_Date")
    return _reading(found, date.fromisoformat(day) if day else None)


def _reading(found: Gathering, published_on: date | None) -> ListReading:
    """All of it, if it is the list.

    raises  InputError for a file without a North Korean vessel
    """
    if not found.ships:
        left_out = ", ".join(f"{number} {reason}" for reason, number in sorted(found.left_out.items())) or "nothing"
        raise InputError(
            f"{found.where}: no vessel under a North Korea programme (found: {left_out}). The SDN list has a hundred, "
            "the Consolidated (non-SDN) list, which has the same form, none: download sdn.xml"
        )
    return found.reading(published_on)


def _add_entry(found: Gathering, entry: Element) -> None:
    if text_at(entry, "sdnType").lower() != "vessel":
        found.left_out[NOT_A_SHIP] += 1
        return
    programmes = texts(entry, "programList/program")
    if not any(map(_is_north_korean, programmes)):
        found.left_out[OTHER_PROGRAMME] += 1
        return
    clauses = _clauses("; ".join(texts(entry, "remarks")))
    for one in entry.iterfind("idList/id"):
        clauses += _clauses(f"{text_at(one, 'idType')} {text_at(one, 'idNumber')}")
    name, entry_id = text_at(entry, "lastName"), text_at(entry, "uid")
    found.add(
        f"entry {entry_id}", entry_id=entry_id, name=name, listed_on=None, delisted_on=None,
        programme=", ".join(programmes), ship_kind=text_at(entry, "vesselInfo/vesselType"),
        flag=text_at(entry, "vesselInfo/vesselFlag"),
        gross_tonnage=number_in(text_at(entry, "vesselInfo/grossRegisteredTonnage")),
        dead_weight_t=number_in(text_at(entry, "vesselInfo/tonnage")),
        length_m=None, built=None, owner=text_at(entry, "vesselInfo/vesselOwner"),
        **_remarks(found, entry_id, name, clauses, texts(entry, "akaList/aka/lastName")),
    )  # fmt: skip


def _is_north_korean(programme: str) -> bool:
    return any(one.startswith("DPRK") for one in re.split(r"[\]\[\s,]+", programme))


def _members(archive: zipfile.ZipFile) -> dict[str, str]:
    """Names in an archive by their last part in small letters."""
    return {name.rpartition("/")[2].lower(): name for name in archive.namelist()}


FORMS = (
    ListForm("ofac-csv", "OFAC's sdn.csv", WATCHLIST_ID, is_csv, read_csv, tested=True, about=_ALONE),
    ListForm(
        "ofac-zip", "OFAC's legacy CSV files in one archive", WATCHLIST_ID, is_zip, read_zip, tested=True, about=_ABOUT
    ),
    ListForm("ofac-xml", "OFAC's sdn.xml", WATCHLIST_ID, is_xml, read_xml, tested=True, about=_ABOUT),
    ListForm(
        "ofac-alt", "OFAC's alt.csv (other names alone)", WATCHLIST_ID, is_alias_csv,
        instead="import sdn.csv, or a .zip of sdn.csv, alt.csv and sdn_comments.csv",
    ),
    ListForm(
        "ofac-advanced", "OFAC's sdn_advanced.xml or sdn_enhanced.xml", WATCHLIST_ID, is_advanced_xml,
        instead="download sdn.xml, the standard form",
    ),
)  # fmt: skip
