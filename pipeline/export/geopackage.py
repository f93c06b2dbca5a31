"""GeoPackage: all layers in one file, with the styles that QGIS loads by itself and a table `about`."""

from __future__ import annotations

import errno
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.export.about import About
from pipeline.export.contents import Contents
from pipeline.export.layer import Layer
from pipeline.export.qgis import style

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

_VERSION = "1.3"  # GDAL before 3.7 warns of 1.4
_NO_DAY = "1970-01-01"
# As QGIS itself makes it; it loads a style only from a table with an update_time.
_STYLES = """
create table layer_styles (
    id integer primary key autoincrement not null, f_table_catalog text(256), f_table_schema text(256),
    f_table_name text(256), f_geometry_column text(256), styleName text(30), styleQML text, styleSLD text,
    useAsDefault boolean, description text, owner text(30), ui text(30), update_time datetime
)
"""
_CONTENTS = (
    "insert into gpkg_contents (table_name, data_type, identifier, description, last_change)"
    " values (?, 'attributes', ?, ?, ?)"
)


def write_geopackage(contents: Contents, path: Path) -> None:
    """A table a layer: those with places as features (column `geom`), `claims` as attributes.

    Times are UTC, in whole seconds: a broken one is written in another form, and filters compare text. The day that
    GDAL notes as that of the last change is the last day of the data, so that the same rows give the same bytes.
    """
    moment = f"{contents.about.data_to or _NO_DAY}T00:00:00.000Z"
    path.unlink(missing_ok=True)
    with _disk_errors(path):
        with _dated(moment):
            for layer in contents.layers:
                _write(layer, contents.about, path)
        with closing(sqlite3.connect(path)) as file, file:
            file.execute("pragma synchronous = off")
            _see_whole(file, contents)
            _write_about(file, contents.about, moment)
            _write_styles(file, contents, moment)


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    """GDAL and SQLite report a full disk each in its own way: all of it is an OSError."""
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

    try:
        yield
    except (DataLayerError, DataSourceError, FeatureError, sqlite3.Error) as error:
        raise OSError(errno.EIO, f"the GeoPackage cannot be written ({error})", str(path)) from error


@contextmanager
def _dated(moment: str) -> Iterator[None]:
    """Let GDAL note this moment as that of the last change, and not wait for the disk: the file is a draft."""
    import pyogrio

    options = {"OGR_CURRENT_DATE": moment, "OGR_SQLITE_SYNCHRONOUS": "OFF"}
    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _see_whole(file: sqlite3.Connection, contents: Contents) -> None:
    """raises  sqlite3.Error for a layer that lacks rows: GDAL does not report what fails when it closes a file"""
    for layer in contents.layers:
        (number,) = file.execute(f"select count(*) from {layer.name}").fetchone()
        if number != len(layer.rows):
            raise sqlite3.DatabaseError(f"{number} of {len(layer.rows)} {layer.name} were kept")


def _write(layer: Layer, about: About, path: Path) -> None:
    import pyogrio

    frame = _whole_seconds(layer)
    with warnings.catch_warnings():
        for words in ("The filename extension should", ".*non conformant file extension"):  # that of the draft
            warnings.filterwarnings("ignore", words, RuntimeWarning)
        pyogrio.write_dataframe(
            frame,
            path,
            layer=layer.name,
            driver="GPKG",
            geometry_type=layer.geometry or None,
            append=path.exists(),
            dataset_options={"VERSION": _VERSION},
            layer_options={
                "GEOMETRY_NAME": "geom",
                "IDENTIFIER": layer.name,
                "DESCRIPTION": f"{about.title}; {' '.join(about.notes)} See the table about.",
            },
        )


def _whole_seconds(layer: Layer) -> GeoDataFrame:
    frame = layer.geo() if layer.geometry else layer.rows
    times = [name for name in layer.rows.columns if layer.rows[name].dtype.kind == "M"]
    return frame.assign(**{name: frame[name].dt.floor("s").dt.as_unit("ms") for name in times})


def _write_about(file: sqlite3.Connection, about: About, moment: str) -> None:
    file.execute("create table about (id integer primary key autoincrement not null, item text, value text)")
    file.executemany("insert into about (item, value) values (?, ?)", about.items())
    file.execute(_CONTENTS, ("about", "about", "Licence, terms, days of the data, what AIS cannot prove", moment))


def _write_styles(file: sqlite3.Connection, contents: Contents, moment: str) -> None:
    file.execute(_STYLES)
    file.executemany(
        "insert into layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
        " styleQML, styleSLD, useAsDefault, description, owner, update_time)"
        " values ('', '', ?, 'geom', 'coalwatch', ?, '', 1, 'coalwatch', '', ?)",
        [(layer.name, style(layer), moment) for layer in contents.layers if layer.geometry],
    )
    file.execute(_CONTENTS, ("layer_styles", "layer_styles", "", moment))
