"""The rows of a question as a file that other programs open: CSV, JSON, Parquet, Markdown."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.csv_text import as_csv, cell
from pipeline.errors import InputError
from pipeline.plain import kind_of

if TYPE_CHECKING:
    import pyarrow

Record = dict[str, Any]
_ENDINGS = {".csv": "csv", ".json": "json", ".parquet": "parquet", ".md": "markdown", ".markdown": "markdown"}


def format_of(given: str | None, output: Path | None) -> str:
    """The format that was named, or that the ending of the file names; a table without a file.

    raises  InputError for a file that is to hold a table, or whose ending says nothing; for Parquet without a file
    """
    if output is None:
        if given == "parquet":
            raise InputError("Parquet is no text; name a file: --output rows.parquet")
        return given or "table"
    found = given or _ENDINGS.get(output.suffix.lower())
    if found in (None, "table"):
        raise InputError(f"--output {output}: expected a name that ends in {', '.join(_ENDINGS)}, or --format with it")
    return str(found)


def written(form: str, names: Sequence[str], rows: Sequence[Record]) -> bytes:
    """The rows in a format of FORMATS; text is UTF-8.

    names  of the columns, which an answer without rows has too
    """
    return FORMATS[form](names, rows)


def as_json(names: Sequence[str], rows: Sequence[Record]) -> bytes:
    """A list of objects."""
    return (json.dumps(rows, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def as_markdown(names: Sequence[str], rows: Sequence[Record]) -> bytes:
    """A table of GitHub's Markdown."""
    head = ["| " + " | ".join(map(_in_table, names)) + " |", "|" + " --- |" * len(names)]
    body = ["| " + " | ".join(_in_table(cell(row[name])) for name in names) + " |" for row in rows]
    return ("\n".join(head + body) + "\n").encode()


def as_parquet(names: Sequence[str], rows: Sequence[Record]) -> bytes:
    """One file, zstd; whole numbers are int64, times timestamp[us, UTC], days date32, all by name as the contracts
    have them, else by value."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = [_array(name, [row[name] for row in rows]) for name in names]
    target = io.BytesIO()
    pq.write_table(pa.table(columns, names=list(names)), target, compression="zstd")
    return target.getvalue()


FORMATS: dict[str, Callable[[Sequence[str], Sequence[Record]], bytes]] = {
    "csv": as_csv,
    "json": as_json,
    "parquet": as_parquet,
    "markdown": as_markdown,
}


def _array(name: str, values: list[Any]) -> pyarrow.Array:
    import pyarrow as pa

    moment = pa.timestamp("us", "UTC")
    types = {"int": pa.int64(), "real": pa.float64(), "text": pa.string(), "bool": pa.bool_()}
    kind = kind_of(name)
    try:
        if kind == "time" or (not kind and _all(values, _moment)):
            return pa.array([value and _moment(value) for value in values], moment)
        if kind == "date" or (not kind and _all(values, _day)):
            return pa.array([value and _day(value) for value in values], pa.date32())
        return pa.array(values, types.get(kind) or (pa.string() if all(v is None for v in values) else None))
    except (pa.ArrowException, ValueError, TypeError):  # a name of ours for something else, or values of several kinds
        return pa.array([None if value is None else str(value) for value in values], pa.string())


def _all(values: Sequence[Any], read: Callable[[str], Any]) -> bool:
    there = [value for value in values if value is not None]
    try:
        return bool(there) and all(isinstance(value, str) and read(value) for value in there)
    except ValueError:
        return False


def _moment(text: str) -> datetime:
    """A time as `plain` writes it."""
    if not text.endswith("Z"):
        raise ValueError(text)
    return datetime.fromisoformat(text).astimezone(UTC)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _in_table(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\r", "").replace("\n", "<br>")
