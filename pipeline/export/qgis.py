"""QGIS: how its layers are drawn (QML), and a project that opens a GeoPackage beside it, as QGIS 3.22 writes them."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape, quoteattr

from pipeline.export.colours import LOOKS, OTHER, Look
from pipeline.export.contents import Contents
from pipeline.export.layer import Layer

_VERSION = "3.22.4-Białowieża"
_KINDS = {"Point": ("Point", "marker"), "MultiLineString": ("Line", "line"), "MultiPolygon": ("Polygon", "fill")}
_START_AND_END = 2  # QgsVectorLayerTemporalProperties: a feature's time is from one field to another
_BELOW = ("zones", "tracks", "events", "ships", "alerts")  # drawn in this order
_SRS = (
    "<spatialrefsys><proj4>+proj=longlat +datum=WGS84 +no_defs</proj4><srsid>3452</srsid><srid>4326</srid>"
    "<authid>EPSG:4326</authid><description>WGS 84</description><projectionacronym>longlat</projectionacronym>"
    "<ellipsoidacronym>EPSG:7030</ellipsoidacronym><geographicflag>true</geographicflag></spatialrefsys>"
)
_HOME = (117.0, 34.0, 131.0, 42.5)  # the Yellow Sea: what a project without places shows


def style(layer: Layer) -> str:
    """How a layer is drawn, and by which columns its time runs: the text of a QML file."""
    return (
        f'<qgis version="{_VERSION}" styleCategories="Symbology|Temporal">{_renderer(layer)}{_temporal(layer)}</qgis>'
    )


def project(contents: Contents, geopackage: str) -> bytes:
    """A project (.qgz) that opens the layers of a GeoPackage of this name, which lies in the same folder."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        entry = zipfile.ZipInfo(f"{geopackage.rpartition('.')[0]}.qgs", (1980, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        file.writestr(entry, _project(contents, geopackage))
    return archive.getvalue()


def _project(contents: Contents, geopackage: str) -> str:
    layers = sorted(contents.layers, key=lambda one: _BELOW.index(one.name) if one.name in _BELOW else len(_BELOW))
    on_top = layers[::-1]
    tree = "".join(
        f'<layer-tree-layer id={quoteattr(layer.name)} name={quoteattr(layer.name)} providerKey="ogr" expanded="0"'
        f' checked="Qt::Checked" source={quoteattr(_source(layer, geopackage))}/>'
        for layer in on_top
    )
    order = "".join(f"<layer id={quoteattr(layer.name)}/>" for layer in on_top)
    said = "\n".join(f"{key}: {value}" for key, value in contents.about.items())
    west, south, east, north = _extent(contents)
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        f'<qgis projectname={quoteattr(contents.about.title)} version="{_VERSION}">\n'
        f'<homePath path=""/><title>{escape(contents.about.title)}</title>'
        f"<projectCrs>{_SRS}</projectCrs>\n<layer-tree-group>{tree}</layer-tree-group>\n"
        '<mapcanvas name="theMapCanvas" annotationsVisible="1"><units>degrees</units>'
        f"<extent><xmin>{west}</xmin><ymin>{south}</ymin><xmax>{east}</xmax><ymax>{north}</ymax></extent>"
        f"<rotation>0</rotation><destinationsrs>{_SRS}</destinationsrs></mapcanvas>\n"
        f"<projectlayers>{''.join(_map_layer(layer, geopackage) for layer in layers)}</projectlayers>\n"
        f"<layerorder>{order}</layerorder>\n"
        '<properties><Paths><Absolute type="bool">false</Absolute></Paths></properties>\n'
        f"<projectMetadata><identifier></identifier><parentidentifier></parentidentifier><language></language>"
        f"<type></type><title>{escape(contents.about.title)}</title><abstract>{escape(said)}</abstract>"
        "<links/></projectMetadata>\n</qgis>\n"
    )


def _source(layer: Layer, geopackage: str) -> str:
    return f"./{geopackage}|layername={layer.name}"


def _map_layer(layer: Layer, geopackage: str) -> str:
    kind = _KINDS[layer.geometry][0] if layer.geometry else "No geometry"
    srs = f"<srs>{_SRS}</srs>" if layer.geometry else "<srs><spatialrefsys/></srs>"
    return (
        f'\n<maplayer type="vector" geometry="{kind}" wkbType="{layer.geometry or "NoGeometry"}"'
        ' autoRefreshEnabled="0" hasScaleBasedVisibilityFlag="0"'
        f' refreshOnNotifyEnabled="0" readOnly="1"><id>{layer.name}</id>'
        f"<datasource>{escape(_source(layer, geopackage))}</datasource><layername>{layer.name}</layername>{srs}"
        f'<provider encoding="UTF-8">ogr</provider>{_renderer(layer)}{_temporal(layer)}'
        f'<previewExpression>"{layer.label}"</previewExpression></maplayer>'
    )


def _renderer(layer: Layer) -> str:
    if not layer.geometry:
        return ""
    kind = _KINDS[layer.geometry][1]
    looks = LOOKS.get(layer.name, {})
    if layer.colour is None:
        only = next(iter(looks.values()), OTHER)
        return (
            '<renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0" forceraster="0">'
            f"<symbols>{_symbol(0, kind, only)}</symbols></renderer-v2>"
        )
    shown = [*looks.items(), ("", OTHER)]  # the empty value takes whatever has none of its own
    categories = "".join(
        f'<category render="true" symbol="{number}" value={quoteattr(value)} label={quoteattr(value or "other")}/>'
        for number, (value, _) in enumerate(shown)
    )
    symbols = "".join(_symbol(number, kind, look) for number, (_, look) in enumerate(shown))
    return (
        f'<renderer-v2 type="categorizedSymbol" attr={quoteattr(layer.colour)} symbollevels="0" enableorderby="0"'
        f' forceraster="0"><categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2>'
    )


def _symbol(number: int, kind: str, look: Look) -> str:
    colour = ",".join(str(int(look.colour[at : at + 2], 16)) for at in (0, 2, 4))
    of_kind = {
        "marker": (
            "SimpleMarker",
            {
                "name": "circle", "color": f"{colour},255", "size": f"{look.size}", "size_unit": "MM",
                "outline_color": "255,255,255,255", "outline_width": "0.2", "outline_style": "solid",
            },
        ),
        "line": (
            "SimpleLine",
            {
                "line_color": f"{colour},255", "line_width": f"{look.size}", "line_width_unit": "MM",
                "line_style": "dash" if look.dashed else "solid", "capstyle": "round", "joinstyle": "round",
            },
        ),
        "fill": (
            "SimpleFill",
            {
                "color": f"{colour},{round(255 * look.fill)}", "style": "solid" if look.fill else "no",
                "outline_color": f"{colour},255", "outline_style": "solid", "outline_width": f"{look.size}",
                "outline_width_unit": "MM",
            },
        ),
    }  # fmt: skip
    drawn, properties = of_kind[kind]
    # Written twice, as QGIS 3.22 does: older versions read `prop`, newer ones `Option`.
    options = "".join(f'<Option type="QString" name="{key}" value="{value}"/>' for key, value in properties.items())
    props = "".join(f'<prop k="{key}" v="{value}"/>' for key, value in properties.items())
    return (
        f'<symbol type="{kind}" name="{number}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="{drawn}" enabled="1" locked="0" pass="0"><Option type="Map">{options}</Option>{props}</layer>'
        "</symbol>"
    )


def _temporal(layer: Layer) -> str:
    if layer.span is None or not layer.geometry:
        return ""
    begin, end = layer.span
    return (
        f'<temporal enabled="1" mode="{_START_AND_END}" startField="{begin}" endField="{end}" startExpression=""'
        ' endExpression="" durationField="" durationUnit="min" fixedDuration="0" limitMode="0" accumulate="0">'
        "<fixedRange><start></start><end></end></fixedRange></temporal>"
    )


def _extent(contents: Contents) -> tuple[float, float, float, float]:
    """A box around what is in it, zones apart: those lie all over the world."""
    import numpy as np
    import shapely

    places = [layer.places for layer in contents.layers if layer.geometry and layer.name != "zones"]
    found = np.concatenate(places) if places else np.empty(0)
    west, south, east, north = shapely.total_bounds(found) if len(found) else (np.nan,) * 4
    if np.isnan(west):
        return _HOME
    return float(west) - 0.5, float(south) - 0.5, float(east) + 0.5, float(north) + 0.5
