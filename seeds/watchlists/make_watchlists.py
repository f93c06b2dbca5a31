"""Make the ship lists of this folder from the files their authorities publish.

    python seeds/watchlists/make_watchlists.py FOLDER

FOLDER holds OFAC's legacy lists (`sdn.csv`, `alt.csv`, `sdn_comments.csv`), `eu_32017R1509_dprk.csv` (annexes of
Regulation (EU) 2017/1509 as a table) and `uk_dprk_ships.csv` (North Korea-related ships of the UK Sanctions List, a
condensed extract and not the published form). The published files stay out of the project; what is drawn from them, by
the importers of `coalwatch lists import`, is what a list says of a ship. These lists are the first edition of each;
later ones are imported into a home.
"""

import csv
import io
import re
import sys
import zipfile
from datetime import datetime
from pathlib import Path

from pandas import DataFrame

from pipeline.sources.lists import eu, ofac

COLUMNS = ("entry_id", "imo", "name", "other_names", "listed_on", "delisted_on", "measures", "note")
MORE = ("mmsi", "programme", "ship_kind", "flag", "gross_tonnage", "dead_weight_t", "length_m", "built", "owner")
HERE = Path(__file__).parent
Row = dict[str, str]


def _row(**values: str) -> Row:
    return {name: " ".join(values.get(name, "").split()) for name in (*COLUMNS, *MORE)}


def _rows(listed: DataFrame) -> list[Row]:
    """Rows of LISTED as text; whole numbers without a fraction."""
    texts = listed.astype(object).where(listed.notna(), "").to_dict("records")
    return [
        _row(**{str(key): f"{value:g}" if isinstance(value, float) else str(value) for key, value in text.items()})
        for text in texts
    ]


def ofac_rows(folder: Path) -> list[Row]:
    """Vessels of OFAC's list under a North Korea programme."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        for name in ("sdn.csv", "alt.csv", "sdn_comments.csv"):
            files.write(folder / name, name)
    return _rows(ofac.read_zip(archive.getvalue(), "sdn.zip").listed)


def eu_rows(folder: Path) -> list[Row]:
    """Ships of annexes XIII to XV; a ship in two annexes has two entries."""
    path = folder / "eu_32017R1509_dprk.csv"
    return _rows(eu.read_annexes(path.read_bytes(), path.name).listed)


def uk_rows(folder: Path) -> list[Row]:
    """The North Korea-related ships of the UK Sanctions List."""
    with (folder / "uk_dprk_ships.csv").open(newline="", encoding="utf-8-sig") as file:
        records = list(csv.DictReader(file))
    return [
        _row(
            entry_id=record["unique_id"],
            imo=(re.findall(r"\d{7}", record["identifiers"]) or [""])[0],
            name=record["primary_name"],
            other_names="|".join(name.strip() for name in record["other_names"].split(";") if name.strip()),
            listed_on=datetime.strptime(record["date_designated"], "%d/%m/%Y").date().isoformat(),
        )
        for record in records
    ]


def un_rows(of_eu: list[Row], of_uk: list[Row]) -> list[Row]:
    """The 1718 Committee's ships as the Union transposed them (annexes XIII.B, XIV); one entry a ship, its first day.

    Where the UK's transposition gives the same ship another day, the notes of both say so.
    """
    uk_ships = {row["imo"]: row for row in of_uk if row["imo"]}
    ships: dict[str, Row] = {}
    for row in sorted(of_eu, key=lambda row: (row["listed_on"], row["entry_id"])):
        if row["entry_id"].startswith("XV"):
            continue  # the Union's own listings
        key = f"imo-{row['imo']}" if row["imo"] else re.sub(r"\W+", "-", row["name"].lower())
        seen = ships.setdefault(key, {**row, "entry_id": key})
        for name in ("measures", "programme"):
            if row[name] not in seen[name].split("; "):
                seen[name] += f"; {row[name]}"
        if row["note"] not in seen["note"]:
            seen["note"] = f"{seen['note']} {row['note']}".strip()
    for ship in ships.values():
        other = uk_ships.get(ship["imo"])
        if other and other["listed_on"] != ship["listed_on"]:
            ship["note"] = (
                f"{ship['note']} Conflict: the UK's transposition dates the listing to {other['listed_on']}.".strip()
            )
            other["note"] = f"Conflict: the Union's transposition dates the listing to {ship['listed_on']}."
    return list(ships.values())


def make(folder: Path) -> dict[str, list[Row]]:
    """All lists made from the published files, by the name of the list; columns that are empty throughout left out."""
    of_eu, of_uk = eu_rows(folder), uk_rows(folder)
    lists = {
        "ofac-sdn": ofac_rows(folder), "eu-2017-1509": of_eu, "uk-dprk": of_uk, "un-1718": un_rows(of_eu, of_uk),
    }  # fmt: skip
    for name, rows in lists.items():
        empty = {column for column in MORE if not any(row[column] for row in rows)}
        lists[name] = [{key: value for key, value in row.items() if key not in empty} for row in rows]
    return lists


def main() -> None:
    """Write `<list>.csv` beside this script."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, rows in make(Path(sys.argv[1])).items():
        with (HERE / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        print(f"{name}: {len(rows)} entries")


if __name__ == "__main__":
    main()
