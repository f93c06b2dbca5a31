"""KML 2.2 for Google Earth: a folder a layer, in colours, each placemark with its time for the slider."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape as html
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from pipeline.export.about import About
from pipeline.export.colours import LOOKS, Look
from pipeline.export.contents import Contents
from pipeline.export.layer import Layer, plain_rows
from pipeline.plain import Record

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_TURNED_OFF = ("zones", "events", "ships")  # drawn when a person ticks them, as long as there is something else
# Fields that programs read as more than data: `heading` makes a camera of a point when GDAL writes the file again.
_TAKEN = {"id", "name", "description", "heading", "roll", "tilt", "model", "icon", "snippet", "begin", "end"}


def write_kml(contents: Contents, path: Path) -> None:
    """One document: what it says of itself is its description; every column of a row is in its ExtendedData.

    A placemark has a TimeSpan, open where the row's is; a moment is a TimeStamp. Balloons show text, never what a
    ship's name would be as HTML.
    """
    about = contents.about
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n')
        file.write(f"<name>{escape(about.title)}</name><open>1</open>\n{_described(about)}\n")
        file.writelines(_styles())  # the schema wants a document's data behind them
        said = _joined(about)
        file.write(f"<ExtendedData>{''.join(map(_data, said, said.values()))}</ExtendedData>\n")
        shown = any(layer.name not in _TURNED_OFF and len(layer.rows) for layer in contents.layers)
        for layer in contents.layers:
            hidden = shown and layer.name in _TURNED_OFF
            unseen = "<visibility>0</visibility>" if hidden else ""
            file.write(f"<Folder><name>{layer.name}</name>{unseen}\n")
            file.writelines(_placemarks(layer, hidden=hidden))
            file.write("</Folder>\n")
        file.write("</Document>\n</kml>\n")


def _described(about: About) -> str:
    lines = "".join(f"<p><b>{html(key)}</b>: {html(value)}</p>" for key, value in about.items())
    return f"<description>{escape(lines)}</description>"


def _joined(about: About) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in about.items():
        name = f"coalwatch_{key}"
        found[name] = f"{found[name]}; {value}" if name in found else value
    return found


def _styles() -> Iterator[str]:
    for layer, looks in LOOKS.items():
        for value, look in looks.items():
            yield _style(f"{layer}-{value}", look)


def _style(name: str, look: Look) -> str:
    """Google Earth writes colours as opacity, blue, green, red."""
    red, green, blue = look.colour[:2], look.colour[2:4], look.colour[4:]
    line = f"{'80' if look.dashed else 'ff'}{blue}{green}{red}"
    area = f"{round(255 * look.fill):02x}{blue}{green}{red}"
    icon = "<Icon><href>http://maps.google.com/mapfiles/kml/shapes/placemark_circle.png</href></Icon>"
    return (
        f"<Style id={quoteattr(name)}><IconStyle><color>ff{blue}{green}{red}</color>"
        f"<scale>{0.25 * look.size:.2f}</scale>{icon}</IconStyle><LabelStyle><scale>0.7</scale></LabelStyle>"
        f"<LineStyle><color>{line}</color><width>{max(1.0, 4 * min(look.size, 1.0)):.1f}</width></LineStyle>"
        f"<PolyStyle><color>{area}</color><fill>{int(look.fill > 0)}</fill></PolyStyle>"
        "<BalloonStyle><text>$[description]</text></BalloonStyle></Style>\n"
    )


def _placemarks(layer: Layer, *, hidden: bool) -> Iterator[str]:
    names = layer.rows[layer.label].astype("str").fillna("").tolist()
    unseen = "<visibility>0</visibility>" if hidden else ""
    for id_, name, row, place in zip(layer.id_of, names, plain_rows(layer), layer.places, strict=True):
        told = {key: _word(value) for key, value in row.items() if value is not None}
        described = "".join(f"<p><b>{html(key)}</b>: {html(value)}</p>" for key, value in told.items())
        yield (
            f'<Placemark><name>{escape(name or id_)}</name>{unseen}<Snippet maxLines="0"></Snippet>'
            f"<description>{escape(described)}</description>{_when(layer, row)}{_styled(layer, row)}"
            f"<ExtendedData>{''.join(map(_data, told, told.values()))}</ExtendedData>{_shape(place)}</Placemark>\n"
        )


def _styled(layer: Layer, row: Record) -> str:
    value = str(row[layer.colour]) if layer.colour else ""
    return f"<styleUrl>#{layer.name}-{value}</styleUrl>" if value in LOOKS.get(layer.name, {}) else ""


def _when(layer: Layer, row: Record) -> str:
    if not layer.span:
        return ""
    begin, end = (row[name] for name in layer.span)
    if begin and begin == end:
        return f"<TimeStamp><when>{begin}</when></TimeStamp>"
    ends = f"<begin>{begin}</begin>" * bool(begin) + f"<end>{end}</end>" * bool(end)
    return f"<TimeSpan>{ends}</TimeSpan>" if ends else ""


def _data(name: str, text: str) -> str:
    key = f"{name}_" if name in _TAKEN else name
    return f"<Data name={quoteattr(key)}><value>{escape(text)}</value></Data>"


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shape(place: BaseGeometry | None) -> str:
    if place is None:
        return ""
    if place.geom_type == "Point":
        return f"<Point><coordinates>{_corners([place.coords[0]])}</coordinates></Point>"
    parts = "".join(_line(one) if place.geom_type == "MultiLineString" else _area(one) for one in place.geoms)
    return f"<MultiGeometry>{parts}</MultiGeometry>"


def _line(line: Any) -> str:
    return f"<LineString><tessellate>1</tessellate><coordinates>{_corners(line.coords)}</coordinates></LineString>"


def _area(area: Any) -> str:
    def ring(one: Any) -> str:
        return f"<LinearRing><coordinates>{_corners(one.coords)}</coordinates></LinearRing>"

    inner = "".join(f"<innerBoundaryIs>{ring(one)}</innerBoundaryIs>" for one in area.interiors)
    outer = f"<outerBoundaryIs>{ring(area.exterior)}</outerBoundaryIs>"
    return f"<Polygon><tessellate>1</tessellate>{outer}{inner}</Polygon>"


def _corners(coordinates: Any) -> str:
    return " ".join(f"{x:.6f},{y:.6f}" for x, y, *_ in coordinates)
