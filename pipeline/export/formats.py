"""The formats there are: what each is for, which endings name it, what it can hold, and what writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError
from pipeline.export.contents import Contents
from pipeline.export.names import SUBJECTS


@dataclass(frozen=True)
class Format:
    """One format.

    holds    subjects it can carry
    endings  of file names, the usual one first
    purpose  what opens it, in a few words
    single   whether a file holds one subject
    readme   whether what the export says of itself has no place in the file: it lies beside it then
    """

    name: str
    endings: tuple[str, ...]
    purpose: str
    holds: tuple[str, ...] = SUBJECTS
    single: bool = False
    readme: bool = False

    def write(self, contents: Contents, path: Path) -> None:
        """Write a file at a path that nobody else uses.

        raises  OSError
        """
        _writers()[self.name](contents, path)

    def beside(self, contents: Contents, output: Path) -> dict[Path, bytes]:
        """Files that belong beside the file `output`, with their content."""
        if self.readme:
            return {path: contents.about.text().encode() for path in self.companions(output)}
        if self.name == "gpkg":
            from pipeline.export.qgis import project

            return {path: project(contents, output.name) for path in self.companions(output)}
        return {}

    def companions(self, output: Path) -> list[Path]:
        """The names of these files."""
        if self.readme:
            return [output.with_name(f"{output.name}.README.txt")]
        return [output.with_name(f"{output.name.removesuffix('.gpkg')}.qgz")] if self.name == "gpkg" else []


FORMATS = {
    one.name: one
    for one in (
        Format("gpkg", (".gpkg",), "GeoPackage for QGIS and ArcGIS, with styles and a QGIS project beside it"),
        Format("geojson", (".geojson",), "GeoJSON (RFC 7946) for web maps"),
        Format("kml", (".kml",), "KML for Google Earth, with its time slider"),
        Format(
            "geoparquet",
            (".parquet", ".geoparquet"),
            "GeoParquet 1.1 for DuckDB, geopandas, Spark; one WHAT",
            single=True,
        ),
        Format("csv", (".csv",), "CSV for spreadsheets; one WHAT", single=True, readme=True),
        Format(
            "ftm",
            (".ftm.json", ".ftm.jsonl", ".ftm", ".ijson"),
            "FollowTheMoney entities for Aleph, one a line",
            ("alerts", "ships", "events", "claims"),
            readme=True,
        ),
        Format("claimreview", (".jsonld",), "ClaimReview (schema.org JSON-LD): the verdicts", ("claims",)),
    )
}


def format_of(given: str | None, output: Path) -> Format:
    """The format that was named, or that the file's name ends in.

    raises  InputError for a name that says nothing, listing the endings there are
    """
    if given:
        return FORMATS[given]
    for one in FORMATS.values():
        if output.name.lower().endswith(one.endings):
            return one
    endings = ", ".join(ending for one in FORMATS.values() for ending in one.endings)
    raise InputError(f"--output {output}: expected a name that ends in {endings}, or --format with it")


def subjects_of(form: Format, given: tuple[str, ...]) -> tuple[str, ...]:
    """What goes into a file: what was asked for, or all that the format holds; in the order of SUBJECTS.

    raises  InputError for what the format cannot hold, and for several where it holds one
    """
    if other := [one for one in given if one not in form.holds]:
        raise InputError(f"{form.name} has no form for {', '.join(other)}; it holds {', '.join(form.holds)}")
    if form.single and len(set(given)) != 1:
        found = f"{len(set(given))} were given" if given else "none was given"
        raise InputError(f"a {form.name} file holds one of {', '.join(form.holds)}; {found}")
    return tuple(one for one in SUBJECTS if one in (given or form.holds))


def _writers() -> dict[str, Callable[[Contents, Path], None]]:
    from pipeline.export.claimreview import write_claimreview
    from pipeline.export.csv_table import write_csv
    from pipeline.export.ftm import write_ftm
    from pipeline.export.geojson import write_geojson
    from pipeline.export.geopackage import write_geopackage
    from pipeline.export.geoparquet import write_geoparquet
    from pipeline.export.kml import write_kml

    return {
        "gpkg": write_geopackage, "geojson": write_geojson, "kml": write_kml, "geoparquet": write_geoparquet,
        "csv": write_csv, "ftm": write_ftm, "claimreview": write_claimreview,
    }  # fmt: skip
