"""Zone files: GeoJSON, its features checked by a schema, with errors that name file, feature, field, found, expected.

Imported only where files are read: zones that were built before come from a cache.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import shapely
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from shapely.geometry.base import BaseGeometry

from geo.zone_error import ZoneError

Feature = Mapping[str, Any]


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("blank")
    return text


def _day(text: str) -> str:
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError("another form")
    return text


_Text = Annotated[str, AfterValidator(_said)]
_Day = Annotated[str, AfterValidator(_day)]
_Kind = Literal["country", "basin", "port", "terminal", "anchorage", "lock"]
_Precision = Literal["surveyed", "digitised", "estimated"]
_DAY = "a date like 2017-08-05, or null"


class ZoneProperties(BaseModel):
    """What a zone says of itself; each description is what an error says was expected. Nothing is converted."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    zone_id: str = Field(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", description="small letters, digits and hyphens, like kp-nampo-coal"
    )
    name: _Text = Field(description="a name for people")
    kind: _Kind = Field(description="one of country, basin, port, terminal, anchorage, lock")
    parent_zone_id: _Text | None = Field(description="the zone_id of another zone or null")
    port: _Text | None = Field(description="a port's name or null")
    country: str = Field(pattern="^[A-Z]{2}$", description="an ISO 3166 alpha-2 code, like KP")
    loads_coal: bool = Field(description="true or false")
    receives_coal: bool = Field(description="true or false")
    margin_m: Annotated[float, Field(ge=0, le=20_000)] | None = Field(
        description="metres from 0 to 20000, or null where stays are not port calls"
    )
    precision: _Precision = Field(description="one of surveyed, digitised, estimated")
    source: _Text = Field(description="where the shape comes from")
    valid_from: _Day | None = Field(description=_DAY)
    valid_to: _Day | None = Field(description=_DAY)
    only_way_into: _Text | None = Field(
        default=None, description="the zone_id of the enclosed basin or port that this lock is the only way into"
    )


@dataclass(frozen=True)
class Zone:
    """One feature, checked.

    where       file and feature, for messages
    properties  as `ZoneProperties` has them, exactly as they were written
    """

    where: str
    properties: Mapping[str, Any]
    shape: BaseGeometry


def read_features(name: str, content: bytes) -> list[Feature]:
    """The features of a GeoJSON file, not yet checked.

    raises  ZoneError for what is no FeatureCollection
    """
    try:
        found = json.loads(content.decode())
    except json.JSONDecodeError as error:
        raise ZoneError(f"{name}:{error.lineno}: {error.msg}; expected valid JSON") from None
    except UnicodeDecodeError as error:
        raise ZoneError(f"{name}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    if not isinstance(found, dict) or not isinstance(found.get("features"), list):
        raise ZoneError(f"{name}: no list of features; expected a GeoJSON FeatureCollection")
    return list(found["features"])


def read_feature(file: str, number: int, feature: Feature) -> Zone:
    """Check one feature; the number is only for features without an id.

    raises  ZoneError naming the first field that is wrong, or the geometry
    """
    properties = feature.get("properties") if isinstance(feature, Mapping) else None
    if not isinstance(properties, Mapping):
        raise ZoneError(f"{file}: feature {number + 1}: no properties; expected a GeoJSON Feature")
    where = f"{file}: {properties.get('zone_id', f'feature {number + 1}')}"
    try:
        ZoneProperties.model_validate(dict(properties))
    except ValidationError as error:
        raise ZoneError(f"{where}: {_first(error)}") from None
    if properties["valid_from"] and properties["valid_to"] and properties["valid_from"] >= properties["valid_to"]:
        raise ZoneError(f"{where}: valid_to is not after valid_from; expected the first day it no longer applies")
    return Zone(where, dict(properties), _shape(where, feature.get("geometry")))


def _first(error: ValidationError) -> str:
    """The first thing that is wrong: field, what was found, what was expected."""
    wrong = error.errors()[0]
    field, fields = str(wrong["loc"][0]), ZoneProperties.model_fields
    if wrong["type"] == "extra_forbidden":
        return f"{field} is not a known field; expected one of {', '.join(fields)}"
    if wrong["type"] == "missing":
        return f"{field} is missing; expected {fields[field].description}"
    return f"{field} is {json.dumps(wrong['input'], default=str)}; expected {fields[field].description}"


def _shape(where: str, geometry: Any) -> BaseGeometry:
    try:
        shape = geometry if isinstance(geometry, BaseGeometry) else shapely.from_geojson(json.dumps(geometry))
    except (shapely.GEOSException, TypeError) as error:
        raise ZoneError(f"{where}: geometry cannot be read ({error}); expected a GeoJSON geometry") from None
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        found = "null" if shape is None else f"an empty {shape.geom_type}" if shape.is_empty else shape.geom_type
        raise ZoneError(f"{where}: geometry is {found}; expected a Polygon or MultiPolygon with area")
    if not shape.is_valid:
        raise ZoneError(f"{where}: geometry is not valid ({shapely.is_valid_reason(shape)}); expected a clean outline")
    west, south, east, north = shape.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise ZoneError(f"{where}: geometry reaches {west:g}, {south:g}, {east:g}, {north:g}; expected lon, lat")
    return shape
