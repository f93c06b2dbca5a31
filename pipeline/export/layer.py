"""Layers: rows of one kind, each with a place on the map or none; every format is written from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.contracts import DTYPES
from pipeline.plain import Record, kind_of, one_line

if TYPE_CHECKING:
    import numpy as np
    from geopandas import GeoDataFrame
    from pandas import DataFrame, Series

WGS84 = "EPSG:4326"
_COUNTS = {"days_held_back", "alerts"}  # of views and of ours: no contract has them


@dataclass(frozen=True)
class Layer:
    """Rows of one kind.

    name      alerts, ships, events, tracks, zones or claims
    rows      a row each, in the order in which they are written; dtypes as the contracts have them, times UTC
    key       columns that are together unique
    label     column to call a row by
    span      columns with its first and last moment; None where it has none
    places    a shapely geometry a row (longitude, latitude; WGS 84), None where it has no place
    geometry  kind of these: Point, MultiLineString, MultiPolygon; empty if the layer is a table
    colour    column by which it is drawn, and what it is drawn in (`pipeline.export.colours`)
    """

    name: str
    rows: DataFrame
    key: tuple[str, ...]
    label: str
    places: np.ndarray
    geometry: str = ""
    span: tuple[str, str] | None = None
    colour: str | None = None

    @property
    def id_of(self) -> Series:
        """The key of each row as one text."""
        parts = [self.rows[name].astype("str") for name in self.key]
        joined = parts[0]
        for part in parts[1:]:
            joined = joined + "/" + part
        return joined

    def geo(self) -> GeoDataFrame:
        """The rows with their places as `geometry`."""
        from geopandas import GeoDataFrame

        return GeoDataFrame(self.rows, geometry=list(self.places), crs=WGS84)


def typed(names: Sequence[str], rows: Sequence[Record]) -> DataFrame:
    """Plain rows (`pipeline.plain`) as a frame: each column in the dtype that the contracts give its name, text for
    names that they do not know; texts are such as every file can hold.

    Nulls are allowed everywhere, whatever the table they came from says.
    """
    from pandas import DataFrame, Series, to_datetime

    def column(name: str) -> Series:
        kind, values = kind_of(name) or ("int" if name in _COUNTS else "text"), [row[name] for row in rows]
        if kind == "time":
            return to_datetime(Series(values, dtype=object), utc=True, format="ISO8601").dt.as_unit("us")
        if kind in ("text", "date"):
            values = [None if value is None else one_line(value) for value in values]
        return Series(values, dtype=DTYPES[kind][True])

    return DataFrame({name: column(name) for name in names})


def none(rows: DataFrame) -> np.ndarray:
    """No place for any row."""
    import numpy as np

    return np.full(len(rows), None, dtype=object)


def points(longitude: Series, latitude: Series) -> np.ndarray:
    """A point a row; none where a coordinate is null."""
    import numpy as np
    import shapely

    x, y = (one.to_numpy("float64", na_value=np.nan) for one in (longitude, latitude))
    there = np.isfinite(x) & np.isfinite(y)
    found = np.full(len(x), None, dtype=object)
    found[there] = shapely.points(x[there], y[there])
    return found


def plain_rows(layer: Layer) -> list[Record]:
    """The rows of a layer, as `plain_frame`."""
    return plain_frame(layer.rows)


def plain_frame(frame: DataFrame) -> list[Record]:
    """Rows as plain values: times like 2018-06-06T16:11:31Z, in whole seconds, nulls None."""
    columns = {name: _plain(frame[name]) for name in frame.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(values: Series) -> list[Any]:
    if values.dtype.kind == "M":
        values = iso(values)
    return values.astype(object).where(values.notna(), None).tolist()


def iso(moments: Series) -> Series:
    """Times as text of whole seconds in UTC, like 2018-06-06T16:11:31Z; nulls stay."""
    return moments.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
