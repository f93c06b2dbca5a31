"""Editions of the list of the United Kingdom, made of a few ships."""

import csv
import io
from datetime import UTC, date, datetime

from pipeline.resources import SEEDS

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
SHIP = 2990027  # IMO number of the ship that makes the voyage in `tests.tasks.world`
COLUMNS = [
    "Unique ID", "Name 6", "Name type", "Regime Name", "Designation Type", "Sanctions Imposed", "Date Designated",
    "IMO number",
]  # fmt: skip
DPRK = "The Democratic People's Republic of Korea (Sanctions) (EU Exit) Regulations 2019"


def uk_ships() -> list[list[str]]:
    """The ships of the seeds' edition, as rows of the published form."""
    with (SEEDS / "watchlists/uk-dprk.csv").open(newline="", encoding="utf-8") as file:
        return [uk_ship(row["entry_id"], row["name"], row["imo"], row["listed_on"]) for row in csv.DictReader(file)]


def uk_ship(
    entry: str, name: str, imo: int | str, listed_on: str = "2018-03-30", measures: str = "De-flag"
) -> list[str]:
    day = date.fromisoformat(listed_on).strftime("%d/%m/%Y")
    return [entry, name, "Primary Name", DPRK, "Ship", measures, day, str(imo)]


def uk_file(rows: list[list[str]], day: str = "30-Jun-2026") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    return f"Report Date: {day}\r\n{text.getvalue()}".encode()
