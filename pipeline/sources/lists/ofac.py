"""OFAC's list of Specially Designated Nationals (US Treasury): its vessels under the North Korea programmes.

Two forms: the legacy CSV file (`sdn.csv` alone, or in one .zip with `alt.csv` and `sdn_comments.csv`; no header, `-0-`
for null, no day, the IMO number inside the remarks and sometimes without the word IMO), tested against published files
of about 2021; and `sdn.xml`, which states its day and has all names, written from descriptions of the published file
and not tested against one. The list publishes no day of listing. "Tonnage" is dead weight, "gross registered tonnage"
gross.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import date
from typing import Any
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
    number_in,
    text_of,
)

WATCHLIST_ID = "ofac-sdn"
_CELLS = 12  # of a row of sdn.csv; alt.csv has 5, sdn_comments.csv 2
_ALIAS_CELLS = 5
_ALIAS = re.compile(r"^[afn]\.k\.a\. '(.+)'$")
_RISK = re.compile(r"^(Secondary sanctions risk|Transactions Prohibited For [^:]+):")
_LEFT_OUT = ("Linked To:",)  # persons and firms


def is_csv(data: bytes) -> bool:
    """Whether it begins with a row of sdn.csv."""
    return bool(re.match(rb'(?:\xef\xbb\xbf)?\d+,"', data)) and len(_first_row(data)) == _CELLS


def is_alias_csv(data: bytes) -> bool:
    """Whether it begins with a row of alt.csv."""
    return bool(re.match(rb"(?:\xef\xbb\xbf)?\d+,\d+,", data)) and len(_first_row(data)) == _ALIAS_CELLS


def is_zip(data: bytes) -> bool:
    """Whether it is an archive that holds sdn.csv."""
    if not data.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "sdn.csv" in _members(archive)
    except zipfile.BadZipFile:
        return False


def is_xml(data: bytes) -> bool:
    """Whether it is sdn.xml."""
    return b"<sdnList" in data[:2000]


def is_advanced_xml(data: bytes) -> bool:
    """Whether it is sdn_advanced.xml."""
    return b"<Sanctions" in data[:2000]


def read_csv(data: bytes, where: str) -> ListReading:
    """Vessels of sdn.csv alone: of other names, those in the remarks.

    raises  InputError for a torn file, or names that a spreadsheet has changed
    """
    return _legacy(data, b"", b"", where)


def read_zip(data: bytes, where: str) -> ListReading:
    """Vessels of an archive of sdn.csv and, if it has them, alt.csv (names) and sdn_comments.csv (the rest of
    long remarks).

    raises  InputError as `read_csv`
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = _members(archive)
        try:
            files = [
                archive.read(members[name]) if name in members else b""
                for name in ("sdn.csv", "alt.csv", "sdn_comments.csv")
            ]
        except (zipfile.BadZipFile, EOFError, OSError) as error:
            raise InputError(f"{where}: {error}; the archive is torn: make it again") from None
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
        if kind != "vessel":
            found.left_out[NOT_A_SHIP] += 1
        elif not _is_north_korean(programme):
            found.left_out[OTHER_PROGRAMME] += 1
        else:
            clauses = [clean(one) for one in re.split(r";\s", (remarks + rest.get(entry_id, "")).removesuffix("."))]
            said = _remarks(name, clauses, names.get(entry_id, []))
            found.add(
                f"row {number}", entry_id=entry_id, name=name, listed_on=None, delisted_on=None,
                programme=programme.replace("] [", ", "), ship_kind=ship_kind, flag=flag,
                gross_tonnage=number_in(gross), dead_weight_t=number_in(tonnage), length_m=None, built=None,
                owner=owner, **said,
            )  # fmt: skip
    return found.reading(None)


def _rows(data: bytes, where: str, cells: int) -> list[list[str]]:
    """Rows of a file without header, `-0-` read as nothing; the byte 1A that ends it is no row."""
    rows = csv_rows(text_of(data, where).replace("\x1a", ""), where)
    for number, row in enumerate(rows, 1):
        if len(row) != cells:
            raise InputError(
                f"{where}: row {number} has {len(row)} cells, expected {cells}; the file is torn: download it again"
            )
    return [["" if cell.strip() == "-0-" else cell.strip() for cell in row] for row in rows]


def _remarks(name: str, clauses: list[str], names: Iterable[str]) -> dict[str, Any]:
    """What the clauses of a vessel's remarks say, as LISTED columns."""
    registered = [one for one in clauses if one.startswith("Vessel Registration Identification")]
    radio = [one for one in clauses if one.startswith("MMSI")]
    aliases = {one: match[1] for one in clauses if (match := _ALIAS.match(one))}
    risks = {one: match[1] for one in clauses if (match := _RISK.match(one))}
    read = {*registered, *radio, *aliases, *risks}
    kept = [one for one in clauses if one and one not in read and not one.startswith(_LEFT_OUT)]
    return {
        "numbers": " ".join(registered),
        "imo": imo_in(" ".join(registered)),
        "mmsi": mmsi_in(" ".join(radio)),
        "other_names": joined([*names, *aliases.values()], name),
        "measures": "; ".join(["property blocked", *risks.values()]),
        "note": "; ".join(kept),
    }


def read_xml(data: bytes, where: str) -> ListReading:
    """Vessels of sdn.xml.

    raises  InputError for a torn file
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    found, published = Gathering(where), ""
    try:
        for _, element in iterparse(io.BytesIO(data)):
            tag = _local(element)
            if tag == "Publish_Date":
                published = element.text or ""
            elif tag == "sdnEntry":
                _add_entry(found, element)
                element.clear()
    except (ParseError, DefusedXmlException) as error:
        raise InputError(f"{where}: {error}; the file is torn: download it again") from None
    day = day_of(published, ("%m/%d/%Y", "%Y-%m-%d"), where, "Publish_Date")
    return found.reading(date.fromisoformat(day) if day else None)


def _add_entry(found: Gathering, entry: Element) -> None:
    said = {_local(child): child for child in entry}

    def texts(parent: str, *path: str) -> list[str]:
        """Texts of the elements below a child of the entry."""
        nodes = [said[parent]] if parent in said else []
        for name in path:
            nodes = [child for node in nodes for child in node if _local(child) == name]
        return [text for node in nodes if (text := clean(node.text or ""))]

    def of_vessel(name: str) -> str:
        return next(iter(texts("vesselInfo", name)), "")

    if "".join(texts("sdnType")).lower() != "vessel":
        found.left_out[NOT_A_SHIP] += 1
        return
    programmes = texts("programList", "program")
    if not any(map(_is_north_korean, programmes)):
        found.left_out[OTHER_PROGRAMME] += 1
        return
    clauses = [clean(one) for text in texts("remarks") for one in re.split(r";\s", text.removesuffix("."))]
    for node in said.get("idList", ()):
        parts = {_local(child): clean(child.text or "") for child in node}
        clauses.append(clean(f"{parts.get('idType', '')}: {parts.get('idNumber', '')}".rstrip(": ")))
    name, entry_id = "".join(texts("lastName")), "".join(texts("uid"))
    found.add(
        f"entry {entry_id}", entry_id=entry_id, name=name, listed_on=None, delisted_on=None,
        programme=", ".join(programmes), ship_kind=of_vessel("vesselType"), flag=of_vessel("vesselFlag"),
        gross_tonnage=number_in(of_vessel("grossRegisteredTonnage")), dead_weight_t=number_in(of_vessel("tonnage")),
        length_m=None, built=None, owner=of_vessel("vesselOwner"),
        **_remarks(name, clauses, texts("akaList", "aka", "lastName")),
    )  # fmt: skip


def _is_north_korean(programme: str) -> bool:
    return any(one.startswith("DPRK") for one in re.split(r"[\]\[\s,]+", programme))


def _local(element: Element) -> str:
    """A tag without its namespace."""
    return element.tag.rpartition("}")[2]


def _first_row(data: bytes) -> list[str]:
    line = data[:4000].split(b"\n")[0].decode("utf-8-sig", "replace")
    return [] if line.count('"') % 2 else next(iter(csv_rows(line, "the file")), [])


def _members(archive: zipfile.ZipFile) -> dict[str, str]:
    """Names in an archive by their last part in small letters."""
    return {name.rpartition("/")[2].lower(): name for name in archive.namelist()}


FORMS = (
    ListForm("ofac-csv", "OFAC's sdn.csv", WATCHLIST_ID, is_csv, read_csv, tested=True),
    ListForm("ofac-zip", "OFAC's legacy CSV files in one archive", WATCHLIST_ID, is_zip, read_zip, tested=True),
    ListForm("ofac-xml", "OFAC's sdn.xml", WATCHLIST_ID, is_xml, read_xml),
    ListForm(
        "ofac-alt", "OFAC's alt.csv (other names alone)", WATCHLIST_ID, is_alias_csv,
        instead="import sdn.csv, or a .zip of sdn.csv, alt.csv and sdn_comments.csv",
    ),
    ListForm(
        "ofac-advanced", "OFAC's sdn_advanced.xml", WATCHLIST_ID, is_advanced_xml,
        instead="download sdn.xml, the standard form",
    ),
)  # fmt: skip
