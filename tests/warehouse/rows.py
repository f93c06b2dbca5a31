"""Rows for tests: what a test does not name is filled with a plain value of the column's type."""

from typing import Any

import pandas as pd

from pipeline import contracts

_PLAIN = {"int": 1, "real": 1.5, "text": "x", "bool": False, "time": "2024-06-01 12:00", "date": "2024-06-01"}


def rows(table: contracts.Table, *given: dict[str, Any]) -> pd.DataFrame:
    """A frame of the table, one row for each of `given`; columns that may be null are, unless named."""
    plain = {column.name: None if column.null else _PLAIN[column.type] for column in table.columns}
    if not given:
        return table.empty()
    if "provider_note" in plain:
        plain["source"] = "ais"  # an event of ours
    if table is contracts.ZONE:
        plain["geometry"] = "POLYGON ((125 38, 126 38, 126 39, 125 38))"
    if "visit_id" in plain:  # a call is a visit of its own
        given = tuple({"visit_id": row.get("port_call_id", "x"), **row} for row in given)
    columns = {name: [{**plain, **row}[name] for row in given] for name in table.names}
    frame = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
    for column in table.columns:
        if column.type == "time":
            frame[column.name] = pd.to_datetime(frame[column.name], utc=True, format="ISO8601")
    return table.conform(frame)


def gap(number: int, mmsi: int = 1, closed_on: str | None = "2024-06-01", **more: Any) -> dict[str, Any]:
    """A silence that was closed on a day, known at the midnight after it; or one that is open, known on 4 June."""
    known_at = "2024-06-04" if closed_on is None else pd.Timestamp(closed_on) + pd.Timedelta(days=1)
    ended_at = None if closed_on is None else f"{closed_on} 18:00"
    return {"ais_gap_id": f"gap-{number}", "mmsi": mmsi, "known_at": str(known_at), "ended_at": ended_at, **more}
