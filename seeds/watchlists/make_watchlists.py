"""Make the ship lists of this folder from the files their authorities publish.

    python seeds/watchlists/make_watchlists.py FOLDER

FOLDER holds `sdn.csv` and `alt.csv` (OFAC's legacy lists: no header, `-0-` for null, the IMO number inside the remarks,
sometimes without the word IMO), `eu_32017R1509_dprk.csv` (annexes of Regulation (EU) 2017/1509 as a table) and
`uk_dprk_ships.csv` (North Korea-related ships of the UK Sanctions List). The published files stay out of the project;
what is drawn from them is what a list says of a ship. Names of persons and firms linked to her are left out: they are
not needed to recognise her.

Read names as text: a spreadsheet turns the ship "7-28" into "Jul-28".
"""

import csv
import re
import sys
from datetime import datetime
from pathlib import Path

COLUMNS = ("entry_id", "imo", "name", "other_names", "listed_on", "delisted_on", "measures", "note")
HERE = Path(__file__).parent
Row = dict[str, str]


def _day(text: str, form: str) -> str:
    return datetime.strptime(text, form).date().isoformat()


def _row(**values: str) -> Row:
    return {name: " ".join(values.get(name, "").split()) for name in COLUMNS}


def ofac(folder: Path) -> list[Row]:
    """Vessels of OFAC's list under a North Korea programme; the list publishes no date of listing."""
    with (folder / "alt.csv").open(newline="", encoding="utf-8") as file:
        aliases = [record for record in csv.reader(file) if len(record) == 5]
    rows = []
    with (folder / "sdn.csv").open(newline="", encoding="utf-8") as file:
        for record in csv.reader(file):
            if len(record) < 12 or record[2] != "vessel" or not record[3].startswith("DPRK"):
                continue
            entry, name, _, programme, _, _, kind, tonnage, _, flag, _, remarks = (
                "" if value.strip() == "-0-" else value.strip() for value in record
            )
            imo = re.search(r"Vessel Registration Identification (?:IMO )?(\d{7})\b", remarks)
            names = [alias[3] for alias in aliases if alias[0] == entry] + re.findall(
                r"[af]\.k\.a\. '([^']+)'", remarks
            )
            described = [kind, f"{tonnage} tons" if tonnage else "", f"flag {flag}" if flag else ""]
            rows.append(
                _row(
                    entry_id=entry,
                    imo=imo[1] if imo else "",
                    name=name,
                    other_names="|".join(names),
                    measures=f"property blocked ({programme}); secondary sanctions risk",
                    note=", ".join(filter(None, described)),
                )
            )
    return sorted(rows, key=lambda row: int(row["entry_id"]))


def eu(folder: Path) -> list[Row]:
    """Ships of annexes XIII to XV; a ship in two annexes has two entries. Former names stand in brackets."""
    rows = []
    with (folder / "eu_32017R1509_dprk.csv").open(newline="", encoding="utf-8-sig") as file:
        ships = [record for record in csv.DictReader(file) if record["schema"] == "Vessel"]
    for annex in sorted({ship["annex"] for ship in ships}):
        for number, ship in enumerate((ship for ship in ships if ship["annex"] == annex), start=1):
            mmsi = f"MMSI {ship['mmsi']} as listed." if ship["mmsi"] else ""
            rows.append(
                _row(
                    entry_id=f"{annex}-{ship['recordId'] or number}",
                    imo=ship["imoNumber"] if ship["imoNumber"].isdigit() else "",
                    name=ship["name"].split(" (")[0],
                    other_names="|".join(re.findall(r"\(([^)]+)\)", ship["name"])),
                    listed_on=_day(ship["startDate"], "%d.%m.%Y"),
                    measures=ship["measure"].lower(),
                    note=f"{ship['notes']} {mmsi}",
                )
            )
    return rows


def uk(folder: Path) -> list[Row]:
    """The North Korea-related ships of the UK Sanctions List."""
    with (folder / "uk_dprk_ships.csv").open(newline="", encoding="utf-8-sig") as file:
        records = list(csv.DictReader(file))
    return [
        _row(
            entry_id=record["unique_id"],
            imo=(re.findall(r"\d{7}", record["identifiers"]) or [""])[0],
            name=record["primary_name"],
            other_names="|".join(name.strip() for name in record["other_names"].split(";") if name.strip()),
            listed_on=_day(record["date_designated"], "%d/%m/%Y"),
        )
        for record in records
    ]


def un(eu_rows: list[Row], uk_rows: list[Row]) -> list[Row]:
    """The 1718 Committee's ships as the Union transposed them (annexes XIII.B, XIV); one entry a ship, its first day.

    Where the UK's transposition gives the same ship another day, the notes of both say so.
    """
    uk_ships = {row["imo"]: row for row in uk_rows if row["imo"]}
    ships: dict[str, Row] = {}
    for row in sorted(eu_rows, key=lambda row: row["listed_on"]):
        if row["entry_id"].startswith("XV"):
            continue  # the Union's own listings
        key = f"imo-{row['imo']}" if row["imo"] else re.sub(r"\W+", "-", row["name"].lower())
        seen = ships.setdefault(key, {**row, "entry_id": key})
        if row["measures"] not in seen["measures"]:
            seen["measures"] += f"; {row['measures']}"
        if row["note"] not in seen["note"]:
            seen["note"] = f"{seen['note']} {row['note']}".strip()
    for ship in ships.values():
        other = uk_ships.get(ship["imo"])
        if other and other["listed_on"] != ship["listed_on"]:
            ship["note"] += f" Conflict: the UK's transposition dates the listing to {other['listed_on']}."
            other["note"] = f"Conflict: the Union's transposition dates the listing to {ship['listed_on']}."
    return list(ships.values())


def make(folder: Path) -> dict[str, list[Row]]:
    """All lists made from the published files, by the name of the list."""
    eu_rows, uk_rows = eu(folder), uk(folder)
    return {"ofac-sdn": ofac(folder), "eu-2017-1509": eu_rows, "uk-dprk": uk_rows, "un-1718": un(eu_rows, uk_rows)}


def main() -> None:
    """Write `<list>.csv` beside this script."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, rows in make(Path(sys.argv[1])).items():
        with (HERE / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        print(f"{name}: {len(rows)} entries")


if __name__ == "__main__":
    main()
