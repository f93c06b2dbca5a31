"""Positions as a file that other programs open: Parquet, GeoParquet or CSV, written as they stream by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pipeline.lake.extract import BATCH, schema

if TYPE_CHECKING:
    import pyarrow as pa

FORMS = ("parquet", "csv", "geoparquet")
_ENDINGS = {".parquet": "parquet", ".csv": "csv", ".geoparquet": "geoparquet"}
_POINT = b"\x01\x01\x00\x00\x00"  # well-known binary: little-endian, point


def form_of(path: Path) -> str | None:
    """The form that the ending of a file names; None where it names none."""
    return _ENDINGS.get(path.suffix.lower())


class PositionsFile(AbstractContextManager["PositionsFile"]):
    """A file that rows of `extract.schema` are added to. What was added is in it once it is closed.

    path  where to write
    form  of FORMS; geoparquet has a column `geometry` more: points, WGS 84 (GeoParquet 1.1, WKB)
    told  key-values of a Parquet file, as text

    `rows` counts what was added.
    """

    def __init__(self, path: Path, form: str, told: Mapping[str, str]) -> None:
        import pyarrow as pa
        import pyarrow.csv
        import pyarrow.parquet as pq

        self.rows = 0
        self._form, self._waiting = form, schema().empty_table()
        self._bounds: list[float] | None = None
        self._writer: Any
        if form == "csv":
            options = pa.csv.WriteOptions(quoting_header="none")
            self._writer = pa.csv.CSVWriter(path, _as_text(self._waiting).schema, write_options=options)
        else:
            self._writer = pq.ParquetWriter(path, self._finished(self._waiting).schema, compression="zstd")
            self._writer.add_key_value_metadata({f"coalwatch.{name}": value for name, value in told.items()})

    def add(self, rows: pa.Table) -> None:
        """Add rows, which are written once there are enough for a row group."""
        import pyarrow as pa

        self.rows += len(rows)
        self._waiting = pa.concat_tables([self._waiting, rows]) if len(rows) else self._waiting
        if len(self._waiting) >= BATCH:
            self._write()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            self._write()
            if self._form == "geoparquet":
                self._writer.add_key_value_metadata({"geo": json.dumps(self._geo())})
        self._writer.close()

    def _write(self) -> None:
        if len(self._waiting):
            self._writer.write_table(self._finished(self._waiting))
            self._waiting = self._waiting.slice(0, 0)

    def _finished(self, rows: pa.Table) -> pa.Table:
        if self._form == "csv":
            return _as_text(rows)
        return self._with_points(rows) if self._form == "geoparquet" else rows

    def _with_points(self, rows: pa.Table) -> pa.Table:
        import numpy as np
        import pyarrow as pa

        numbers = [rows.column(name).to_numpy() for name in ("longitude", "latitude")]
        points = np.zeros(len(rows), dtype=[("head", "V5"), ("longitude", "<f8"), ("latitude", "<f8")])
        points["head"] = np.void(_POINT)
        points["longitude"], points["latitude"] = numbers
        held = pa.py_buffer(points.tobytes())
        fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(points.dtype.itemsize), len(rows), [None, held])
        if len(rows):
            before = self._bounds or [np.inf, np.inf, -np.inf, -np.inf]
            low = [min(had, float(of.min())) for had, of in zip(before[:2], numbers, strict=True)]
            high = [max(had, float(of.max())) for had, of in zip(before[2:], numbers, strict=True)]
            self._bounds = low + high
        return rows.append_column(pa.field("geometry", pa.binary(), nullable=False), fixed.cast(pa.binary()))

    def _geo(self) -> dict[str, Any]:
        """The metadata of GeoParquet 1.1; without a `crs` it is longitude and latitude, WGS 84 (OGC:CRS84)."""
        of_column = {"encoding": "WKB", "geometry_types": ["Point"]}
        bounds = {"bbox": self._bounds} if self._bounds else {}
        return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": of_column | bounds}}


def _as_text(rows: pa.Table) -> pa.Table:
    """Rows for CSV: times are ISO 8601 in UTC, with a fraction where they have one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    at = rows.column("timestamp")
    whole = pc.cast(at, pa.timestamp("s", "UTC"), safe=False)
    is_whole = pc.equal(pc.cast(whole, at.type), at)
    texts = [pc.strftime(moment, "%Y-%m-%dT%H:%M:%SZ") for moment in (whole, at)]
    place = rows.schema.get_field_index("timestamp")
    return rows.set_column(place, "timestamp", pc.if_else(is_whole, *texts))
