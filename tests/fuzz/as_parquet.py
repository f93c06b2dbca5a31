"""A CSV as a Parquet file of the same cells, some of them typed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any


def to_parquet(data: bytes, chance: Random, *, lenient: bool = False) -> bytes:
    """A CSV as a Parquet file: columns as text, or typed as programs would have done; at times a byte is changed.

    lenient  at times a cell that is not of its column's type is null, so that a column with odd cells has a type
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    lines = data.decode("utf-8", "replace").replace("\0", "").splitlines()
    rows = [next(csv.reader([line], delimiter=_delimiter(data)), []) for line in lines if line]
    header, *body = rows or [[""]]
    body = [(row + [""] * len(header))[: len(header)] for row in body]
    arrays = [_array([row[at] or None for row in body], chance, lenient) for at in range(len(header))]
    target = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, names=header), target, compression=chance.choice(("snappy", "none")))
    content = bytearray(target.getvalue())
    if chance.random() < 0.1 and not lenient:
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(content)


def _delimiter(data: bytes) -> str:
    first = data.split(b"\n", 1)[0]
    return max((",", ";", "\t"), key=lambda one: first.count(one.encode()))


def _array(cells: list[str | None], chance: Random, lenient: bool) -> Any:
    import pyarrow as pa

    for kind in chance.sample(("int64", "float64", "int32", "float32", "time", "text", "large", "dictionary"), 4):
        nullable = lenient and chance.random() < 0.7
        try:
            if kind == "time":
                unit, zone = chance.choice(("s", "ms", "us", "ns")), chance.choice((None, "UTC", "Asia/Pyongyang"))
                parsed = _as(datetime.fromisoformat, cells, nullable)
                return pa.array(parsed, pa.timestamp("us")).cast(pa.timestamp(unit)).cast(pa.timestamp(unit, zone))
            if kind in ("int64", "int32"):
                size = 1 << (int(kind[3:]) - 1)
                whole = _as(int, cells, nullable)
                if nullable:
                    whole = [one if one is not None and -size <= one < size else None for one in whole]
                return pa.array(whole, getattr(pa, kind)())
            if kind in ("float64", "float32"):
                return pa.array(_as(float, cells, nullable), getattr(pa, kind)())
            if kind == "large":
                return pa.array(cells, pa.large_string())
            if kind == "dictionary":
                return pa.array(cells, pa.string()).dictionary_encode()
        except (ValueError, OverflowError, TypeError, pa.ArrowException):
            continue
    return pa.array(cells, pa.string())


def _as(kind: Callable[[str], Any], cells: list[str | None], nullable: bool) -> list[Any]:
    """Cells in a type; ValueError for one that is not of it, or null. None is nothing of any type."""

    def typed(cell: str | None) -> Any:
        try:
            return None if cell is None else kind(cell)
        except (ValueError, OverflowError):
            if nullable:
                return None
            raise

    found = [typed(cell) for cell in cells]
    if nullable and 2 * sum(one is not None for one in found) < len(found):
        raise ValueError("hardly a cell is of this type")
    return found
