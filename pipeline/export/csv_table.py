"""CSV: one layer as a table; a point as longitude and latitude, any other place as well-known text."""

from __future__ import annotations

from pathlib import Path

from pipeline.csv_text import as_csv
from pipeline.export.contents import Contents
from pipeline.export.layer import plain_rows


def write_csv(contents: Contents, path: Path) -> None:
    """The rows of the one layer, RFC 4180; a text that a spreadsheet would take for a formula is made text."""
    import shapely

    layer = contents.layers[0]
    names, rows = list(layer.rows.columns), plain_rows(layer)
    if layer.geometry == "Point":
        x, y = (where(layer.places).round(6) for where in (shapely.get_x, shapely.get_y))
        place = [{"longitude": _number(one), "latitude": _number(other)} for one, other in zip(x, y, strict=True)]
    elif layer.geometry:
        place = [{"geometry": text} for text in shapely.to_wkt(layer.places, rounding_precision=6).tolist()]
    else:
        place = [{} for _ in rows]
    more = {"Point": ["longitude", "latitude"], "": []}.get(layer.geometry, ["geometry"])
    names = [name for name in names if name not in more] + more
    path.write_bytes(as_csv(names, [{**row, **of_row} for row, of_row in zip(rows, place, strict=True)]))


def _number(value: float) -> float | None:
    return None if value != value else float(value)
