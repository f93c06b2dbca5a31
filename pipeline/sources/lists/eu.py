"""Ships that the European Union lists over North Korea, in two forms that are two lists.

`eu-2017-1509`  the annexes of Regulation (EU) 2017/1509 as a table, one row an entry of an annex: the regulation's full
                list, asset freezes and bans from ports alike. A ship in two annexes has two entries; former names stand
                in brackets. Tested against a copy of such a table.
`eu-fsf`        the consolidated list of financial sanctions (CSV, semicolons, several rows an entity): asset freezes
                only. Written from descriptions of the published file; not tested against one.
"""

from __future__ import annotations

import re
from datetime import date

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

_ANNEX_COLUMNS = (
    "recordId", "programKey", "annex", "measure", "startDate", "schema", "name", "imoNumber", "mmsi", "notes",
)  # fmt: skip
_FSF_COLUMNS = (
    "fileGenerationDate", "Entity_LogicalId", "Entity_EU_ReferenceNumber", "Entity_SubjectType",
    "Entity_Regulation_Programme", "NameAlias_WholeName",
)  # fmt: skip


def is_annexes(data: bytes) -> bool:
    """Whether it is the table of annexes."""
    header = data[:2000].split(b"\n")[0].removeprefix(b"\xef\xbb\xbf")
    return {b"celex", b"annex", b"imoNumber"} <= set(header.strip().split(b","))


def is_fsf(data: bytes) -> bool:
    """Whether it is the consolidated list as CSV."""
    return b"Entity_LogicalId;" in data[:4000]


def is_fsf_xml(data: bytes) -> bool:
    """Whether it is the consolidated list as XML."""
    return b"<sanctionEntity" in data[:20000]


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
        imo, name = imo_in(row["imoNumber"]), clean(row["name"]).split(" (")[0]
        found.add(
            f"row {number}",
            numbers=f"{row['imoNumber']} {row['mmsi']}",
            # without a number of its own an entry would change its id when one before it goes
            entry_id=f"{row['annex']}-{row['recordId'] or (f'imo-{imo}' if imo else _slug(name))}",
            imo=imo,
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


def read_fsf(data: bytes, where: str) -> ListReading:
    """The ships of the consolidated list: entities with a ship's number, under the programme PRK.

    raises  InputError as `read_annexes`
    """
    rows = table_rows(csv_rows(text_of(data, where), where, ";"), where, _FSF_COLUMNS)
    entities: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for number, row in rows:
        entities.setdefault(row["Entity_LogicalId"], []).append((number, row))
    found = Gathering(where)
    for lines in entities.values():
        numbers = _ship_numbers([row for _, row in lines])
        if not numbers:
            found.left_out[NOT_A_SHIP] += 1
        elif not any("PRK" in row["Entity_Regulation_Programme"] for _, row in lines):
            found.left_out[OTHER_PROGRAMME] += 1
        else:
            _add_entity(found, lines, numbers)
    generated = day_of(rows[0][1]["fileGenerationDate"], _DAYS, where, "fileGenerationDate") if rows else None
    return found.reading(date.fromisoformat(generated) if generated else None)


_DAYS = ("%d/%m/%Y", "%Y-%m-%d")


def _ship_numbers(rows: list[dict[str, str]]) -> str:
    """The identification numbers that are a ship's; empty for anything but a ship."""
    of_ship = [
        row.get("Identification_Number", "")
        for row in rows
        if "imo" in f"{row.get('Identification_TypeCode', '')} {row.get('Identification_TypeDescription', '')}".lower()
    ]
    return " ".join(dict.fromkeys(of_ship))


def _add_entity(found: Gathering, lines: list[tuple[int, dict[str, str]]], numbers: str) -> None:
    number, first = lines[0]
    names = [clean(row["NameAlias_WholeName"]) for _, row in lines if clean(row["NameAlias_WholeName"])]
    name = next(iter(names), "")
    days = (first.get("Entity_DesignationDate", ""), first.get("Entity_Regulation_EntryIntoForceDate", ""))
    found.add(
        f"row {number}",
        numbers=numbers,
        entry_id=first["Entity_EU_ReferenceNumber"] or first["Entity_LogicalId"],
        imo=imo_in(numbers),
        mmsi=None,
        name=name,
        other_names=joined(names, name),
        listed_on=day_of(next(filter(None, days), ""), ("%Y-%m-%d", "%d/%m/%Y"), found.where, f"row {number}: its day"),
        delisted_on=None,
        measures="asset freeze",
        programme=first["Entity_Regulation_Programme"],
        note=clean(f"{first.get('Entity_DesignationDetails', '')} {first.get('Entity_Remark', '')}"),
        ship_kind=None, flag=None, gross_tonnage=None, dead_weight_t=None, length_m=None, built=None, owner=None,
    )  # fmt: skip


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower()).strip("-")


FORMS = (
    ListForm(
        "eu-annexes", "the annexes of Regulation (EU) 2017/1509 as a table", "eu-2017-1509", is_annexes, read_annexes,
        tested=True,
    ),
    ListForm("eu-fsf", "the EU's consolidated list of financial sanctions as CSV", "eu-fsf", is_fsf, read_fsf),
    ListForm(
        "eu-fsf-xml", "the EU's consolidated list of financial sanctions as XML", "eu-fsf", is_fsf_xml,
        instead="download the same list as CSV (version 1.1)",
    ),
)  # fmt: skip
