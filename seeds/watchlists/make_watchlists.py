"""Make the ship lists of this folder from the files their authorities publish.

    python seeds/watchlists/make_watchlists.py FOLDER

FOLDER holds OFAC's legacy lists of July 2021 (`sdn.csv`, `alt.csv`, `sdn_comments.csv`), `eu_32017R1509_dprk.csv`
(annexes of Regulation (EU) 2017/1509 as a table) and, in `published`, OFAC's files of January 2019, March 2021 and May
2024, the UK Sanctions List of April 2026 as CSV and the 1718 Designated Vessels List of June 2020 as HTML. The
published files stay out of the project; what is drawn from them, by the importers of `coalwatch lists import`, is what
a list says of a ship: importing such a file again changes nothing.
"""

import csv
import io
import sys
import zipfile
from pathlib import Path

from pandas import DataFrame

from geo.files import atomic_write
from pipeline.formats.lists import eu, ofac, uk, un

COLUMNS = ("entry_id", "imo", "name", "other_names", "listed_on", "delisted_on", "measures", "note")
MORE = ("mmsi", "programme", "ship_kind", "flag", "gross_tonnage", "dead_weight_t", "length_m", "built", "owner")
HERE = Path(__file__).parent
Row = dict[str, str]


def _rows(listed: DataFrame) -> list[Row]:
    """Rows of LISTED as text, whole numbers without a fraction; columns that are empty throughout left out."""
    texts = listed.astype(object).where(listed.notna(), "").to_dict("records")
    rows = [
        {name: f"{row[name]:g}" if isinstance(row[name], float) else str(row[name]) for name in (*COLUMNS, *MORE)}
        for row in texts
    ]
    empty = {name for name in MORE if not any(row[name] for row in rows)}
    return [{name: text for name, text in row.items() if name not in empty} for row in rows]


def _archive(**files: Path) -> bytes:
    """OFAC's legacy files in one archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        for name, path in files.items():
            target.write(path, f"{name}.csv")
    return archive.getvalue()


def make(folder: Path) -> dict[str, list[Row]]:
    """All editions made from the published files, by the name of their file."""
    published = folder / "published"
    early = _archive(sdn=published / "ofac_sdn_2019-01_sdn.csv", alt=published / "ofac_sdn_2019-01_alt.csv")
    late = _archive(**{name: folder / f"{name}.csv" for name in ("sdn", "alt", "sdn_comments")})
    files = {
        "ofac-sdn.2019-01-04": (ofac.read_zip, early),
        "ofac-sdn.2021-03-10": (ofac.read_xml, published / "ofac_sdn_2021-03-10.xml"),
        "ofac-sdn.2021-07-07": (ofac.read_zip, late),
        "ofac-sdn": (ofac.read_xml, published / "ofac_sdn_2024-05-07.xml"),
        "eu-2017-1509": (eu.read_annexes, folder / "eu_32017R1509_dprk.csv"),
        "uk-dprk": (uk.read_csv, published / "uk_sanctions_list_2026-04-29_rebuilt.csv"),
        "un-1718": (un.read_page, published / "un_1718_designated_vessels_2020-06-04.html"),
    }
    return {
        name: _rows(read(file if isinstance(file, bytes) else file.read_bytes(), name).listed)
        for name, (read, file) in files.items()
    }


def main() -> None:
    """Write `<list>.csv` beside this script."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, rows in make(Path(sys.argv[1])).items():
        with atomic_write(HERE / f"{name}.csv") as draft, draft.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        print(f"{name}: {len(rows)} entries")


if __name__ == "__main__":
    main()
