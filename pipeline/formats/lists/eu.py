"""Ships that the European Union lists over North Korea, in two lists.

`eu-2017-1509`  the annexes of Regulation (EU) 2017/1509 as a table, one row an entry of an annex: the regulation's full
                list, asset freezes and bans from ports alike. A ship in two annexes has two entries; former names stand
                in brackets. Tested against a copy of such a table.
`eu-fsf`        the consolidated list of financial sanctions: asset freezes only, as XML (version 1.1, tested against
                files of 2021 and 2024) or as CSV (semicolons, several rows an entity; not tested against a published
                file, but against rows made from that XML). It files ships as enterprises, and ships' and companies' IMO
                numbers alike as "IMO (vessel identification)": check digits, names and the remark "Type of ship"
                distinguish them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element

from pipeline.formats.lists.markup import elements, root_of, text_at
from pipeline.formats.lists.record import (
    NOT_A_SHIP,
    OTHER_PROGRAMME,
    Gathering,
    ListForm,
    ListReading,
    imo_numbers,
    joined,
    mmsi_in,
    ships_number,
    why_no_ship,
)
from pipeline.formats.lists.text import clean, csv_rows, day_of, first_row, head_of, table_rows, text_of

_ANNEX_COLUMNS = (
    "recordId", "programKey", "annex", "measure", "startDate", "schema", "name", "imoNumber", "mmsi", "notes",
)  # fmt: skip
_FSF_COLUMNS = (
    "fileGenerationDate", "Entity_LogicalId", "Entity_EU_ReferenceNumber", "Entity_SubjectType",
    "Entity_Regulation_Programme", "NameAlias_WholeName", "Identification_Number", "Identification_TypeCode",
)  # fmt: skip
_DAYS = ("%Y-%m-%d", "%d/%m/%Y")
_SHIP_KIND = re.compile(r"Type of (?:ship|vessel):\s*(?P<kind>[^;\n()]+)", re.IGNORECASE)


def is_annexes(data: bytes) -> bool:
    """Whether it is the table of annexes."""
    return {"celex", "annex", "imoNumber"} <= set(first_row(data))


def read_annexes(data: bytes, where: str) -> ListReading:
    """The ships of the annexes. The table states no day.

    raises  InputError for a torn file, a missing column, or names that a spreadsheet has changed
    """
    found = Gathering(where)
    for number, row in table_rows(csv_rows(text_of(data, where), where), where, _ANNEX_COLUMNS):
        if row["schema"] != "Vessel":
            found.left_out[NOT_A_SHIP] += 1
            continue
        if row["programKey"] != "EU-PRK":
            found.left_out[OTHER_PROGRAMME] += 1
            continue
        numbers, _ = imo_numbers(row["imoNumber"])
        imo, name = ships_number(numbers), clean(row["name"]).split(" (")[0]
        # without a number of its own an entry would change its id when one before it goes
        entry_id = f"{row['annex']}-{row['recordId'] or (f'imo-{imo}' if imo else _slug(name))}"
        found.add(
            f"row {number}",
            numbers=f"{row['imoNumber']} {row['mmsi']}",
            entry_id=entry_id,
            imo=found.imo(entry_id, row["imoNumber"]),
            mmsi=mmsi_in(row["mmsi"]),
            name=name,
            other_names=joined(re.findall(r"\(([^)]+)\)", row["name"]), name),
            listed_on=day_of(row["startDate"], ("%d.%m.%Y", "%Y-%m-%d"), where, f"row {number}: startDate"),
            delisted_on=None,
            measures=row["measure"].lower(),
            programme=f"annex {row['annex']}",
            note=clean(f"{row.get('reason', '')} {row['notes']}"),
            ship_kind=None, flag=row.get("flag", ""), gross_tonnage=None, dead_weight_t=None, length_m=None, built=None,
            owner=None,
        )  # fmt: skip
    return found.reading(None)


def is_fsf(data: bytes) -> bool:
    """Whether it is the consolidated list as CSV."""
    return "Entity_LogicalId" in first_row(data, ";")


def is_fsf_xml(data: bytes) -> bool:
    """Whether it is the consolidated list as XML, version 1.1."""
    return root_of(data) == "export" and ("fsd/export" in head_of(data) or "sanctionEntity" in head_of(data))


def is_old_fsf_xml(data: bytes) -> bool:
    """Whether it is the consolidated list as XML, version 1.0."""
    return root_of(data) == "WHOLE"


@dataclass(frozen=True)
class _Entity:
    """One entity of the consolidated list, whatever form it came in: what it says, each once and in order."""

    place: str
    entry_id: str
    subject: str
    programmes: list[str]
    names: list[str]
    identifications: list[tuple[str, str]]  # (type and its description, number)
    remarks: list[str]
    details: list[str]
    days: list[str]


def read_fsf(data: bytes, where: str) -> ListReading:
    """The ships of the consolidated list as CSV: entities with a ship's number, under the programme PRK.

    raises  InputError as `read_annexes`
    """
    rows = table_rows(csv_rows(text_of(data, where), where, ";"), where, _FSF_COLUMNS)
    of_entities: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for number, row in rows:
        of_entities.setdefault(row["Entity_LogicalId"], []).append((number, row))
    found = Gathering(where)
    for lines in of_entities.values():
        _add(found, _entity_of_rows(lines))
    generated = next((row["fileGenerationDate"] for _, row in rows), "")
    return found.reading(_generated(generated, where, "fileGenerationDate"))


def _entity_of_rows(lines: list[tuple[int, dict[str, str]]]) -> _Entity:
    (number, first), rows = lines[0], [row for _, row in lines]

    def said(*columns: str) -> list[str]:
        # the CSV writes remarks in brackets, and breaks in them as \n
        texts = (row.get(column, "").replace("\\n", "\n").strip() for row in rows for column in columns)
        texts = (text[1:-1].strip() if text[:1] + text[-1:] == "()" else text for text in texts)
        return list(dict.fromkeys(text for text in texts if text))

    types = ("Identification_TypeCode", "Identification_TypeDescription")
    return _Entity(
        place=f"row {number}",
        entry_id=clean(first["Entity_EU_ReferenceNumber"]) or clean(first["Entity_LogicalId"]),
        subject=" ".join(said("Entity_SubjectType", "Entity_SubjectType_ClassificationCode")),
        programmes=said("Entity_Regulation_Programme"),
        names=said("NameAlias_WholeName"),
        identifications=[(" ".join(row.get(name, "") for name in types), row["Identification_Number"]) for row in rows],
        remarks=said("NameAlias_Remark"),
        details=said("Entity_DesignationDetails", "Entity_Remark"),
        days=said("Entity_DesignationDate") or said("Entity_Regulation_EntryIntoForceDate"),
    )


def read_fsf_xml(data: bytes, where: str) -> ListReading:
    """The ships of the consolidated list as XML, as `read_fsf`.

    raises  InputError for a torn file
    """
    found, generated = Gathering(where), ""
    for number, element in enumerate(elements(data, where, "sanctionEntity")):
        if number == 0:
            generated = element.get("generationDate", "")
        else:
            _add(found, _entity_of_xml(number, element))
    return found.reading(_generated(generated, where, "generationDate"))


def _entity_of_xml(number: int, entity: Element) -> _Entity:
    def said(path: str, attribute: str) -> list[str]:
        texts = ((one.get(attribute) or "").strip() for one in entity.iterfind(path))
        return list(dict.fromkeys(text for text in texts if text))

    numbered = entity.iterfind("identification")
    return _Entity(
        place=f"entity {number}",
        entry_id=clean(entity.get("euReferenceNumber", "")) or clean(entity.get("logicalId", "")),
        subject=" ".join(said("subjectType", "code") + said("subjectType", "classificationCode")),
        programmes=said("regulation", "programme"),
        names=said("nameAlias", "wholeName"),
        identifications=[
            (f"{one.get('identificationTypeCode')} {one.get('identificationTypeDescription')}", one.get("number") or "")
            for one in numbered
        ],
        remarks=[one.text.strip() for one in entity.iterfind("nameAlias/remark") if one.text],
        details=[text for text in (clean(entity.get("designationDetails", "")), text_at(entity, "remark")) if text],
        days=[day for day in (entity.get("designationDate", ""), *said("regulation", "entryIntoForceDate")) if day],
    )


def _add(found: Gathering, entity: _Entity) -> None:
    fields = dict.fromkeys(number for kind, number in entity.identifications if "imo" in kind.lower())
    numbers, unread = imo_numbers("; ".join(fields))
    kind = next((match["kind"] for text in entity.remarks if (match := _SHIP_KIND.search(text))), "")
    if reason := _left_out(entity, numbers, is_ship=bool(kind)):
        found.imo_unread += [f"{entity.entry_id}: {text}" for text in unread]
        found.left_out[reason] += 1
        return
    name = next((clean(one) for one in entity.names), "")
    found.add(
        entity.place,
        numbers="; ".join(fields),
        entry_id=entity.entry_id,
        imo=found.imo(entity.entry_id, "; ".join(fields)),
        mmsi=None,
        name=name,
        other_names=joined(entity.names, name),
        listed_on=day_of(next(iter(entity.days), ""), _DAYS, found.where, f"{entity.place}: its day"),
        delisted_on=None,
        measures="asset freeze",
        programme=", ".join(entity.programmes),
        note=" ".join(map(clean, entity.details)),
        ship_kind=kind,
        flag=None, gross_tonnage=None, dead_weight_t=None, length_m=None, built=None, owner=None,
    )  # fmt: skip


def _left_out(entity: _Entity, numbers: list[int], *, is_ship: bool) -> str | None:
    """Why an entity is no ship of the list; None for one that is."""
    if "person" in entity.subject.lower() or not (numbers or is_ship):
        return NOT_A_SHIP
    if not is_ship and (reason := why_no_ship(" ".join(entity.names), numbers)):
        return reason
    return None if any("PRK" in programme for programme in entity.programmes) else OTHER_PROGRAMME


def _generated(text: str, where: str, what: str) -> date | None:
    day = day_of(clean(text).partition("T")[0], _DAYS, where, what)
    return date.fromisoformat(day) if day else None


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower()).strip("-")


_ABOUT = (
    "it names only ships whose assets are frozen (two since December 2022); those that are merely barred from ports "
    "stand in the annexes of Regulation (EU) 2017/1509 (eu-2017-1509)"
)
FORMS = (
    ListForm(
        "eu-annexes", "the annexes of Regulation (EU) 2017/1509 as a table", "eu-2017-1509", is_annexes, read_annexes,
        tested=True,
    ),
    ListForm(
        "eu-fsf-xml", "the EU's consolidated list of financial sanctions as XML", "eu-fsf", is_fsf_xml, read_fsf_xml,
        tested=True, about=_ABOUT,
    ),
    ListForm(
        "eu-fsf", "the EU's consolidated list of financial sanctions as CSV", "eu-fsf", is_fsf, read_fsf, about=_ABOUT
    ),
    ListForm(
        "eu-fsf-old", "the EU's consolidated list as XML of version 1.0", "eu-fsf", is_old_fsf_xml,
        instead="download the same list as XML of version 1.1, or as CSV",
    ),
)  # fmt: skip
