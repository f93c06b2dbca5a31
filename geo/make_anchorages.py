"""Make `geo/anchorages.csv.gz`, the anchorages of the world, from the cells that Global Fishing Watch publishes.

    python -m geo.make_anchorages gfw_anchorage_overrides.csv seeds/iso3166.csv

Input: port_lists/anchorage_overrides.csv of GlobalFishingWatch/anchorages_pipeline (Apache-2.0), a row a cell of about
500 m in which many ships lay still; the table of country codes. Output: longitude and latitude to four decimals (about
10 m), alpha-2 country, label and sublabel as published, sorted; the bytes depend on the inputs alone. The cell number
is left out: in 504 rows a spreadsheet made "1.46E+83" of it. Licence: ANCHORAGES-LICENCE.md.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from pathlib import Path
from typing import Any

from geo.anchorages import ANCHORAGES, COLUMNS
from geo.files import write_whole


def make_anchorages(cells: Path, countries: Path) -> bytes:
    """The layer's bytes. A country code that is none (empty, "NA") becomes an empty field.

    raises  ValueError for a latitude or longitude that is no number
    """
    with countries.open(encoding="utf-8", newline="") as file:
        alpha2 = {
            row["alpha3"]: row["alpha2"] for row in csv.DictReader(line for line in file if not line.startswith("#"))
        }
    with cells.open(encoding="utf-8", newline="") as file:
        rows = {
            (
                f"{float(row['longitude']):.4f}",
                f"{float(row['latitude']):.4f}",
                alpha2.get(row["iso3"].strip(), ""),
                row["label"].strip(),
                row["sublabel"].strip(),
            )
            for row in csv.DictReader(file)
        }
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(sorted(rows, key=_order))
    return gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0)


def _order(row: Any) -> tuple[tuple[str, ...], float, float]:
    return row[2:], float(row[1]), float(row[0])


if __name__ == "__main__":
    write_whole(ANCHORAGES, make_anchorages(Path(sys.argv[1]), Path(sys.argv[2])))
    print(f"{ANCHORAGES.stat().st_size:,} bytes")
