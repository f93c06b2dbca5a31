"""Places as PostGIS knows them: `geography` columns that follow from the numbers beside them, each with an index.

The tables are the same on every database; where a PostgreSQL has PostGIS, these columns are added to them, made by the
database itself from longitude and latitude (degrees, WGS 84), so that nothing that writes rows knows of them:

    geog       where: the point of an event or of a fix of a track; the area of a zone or an outage
    geog_path  ais_gap: from where she fell silent to where she was heard again
    alert_path one row per alert: the line through its track, kept by triggers

geography folds a coordinate that cannot be (longitude 181 becomes −179) into one that can: each is checked before.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.contracts import Table
from pipeline.errors import ContractError

_EXTENSION = sa.text(
    "select nspname from pg_extension join pg_namespace on pg_namespace.oid = extnamespace where extname = 'postgis'"
)
_THERE = sa.text(
    "select table_name, column_name from information_schema.columns"
    " where table_schema = current_schema() and udt_name = 'geography'"
)
_PAIRS = ("", "stop_", "off_", "on_")  # beginnings of names of longitude and latitude
_POINT = "{gis}.st_setsrid({gis}.st_makepoint({pair}longitude, {pair}latitude), 4326)"


@dataclass(frozen=True)
class Place:
    """A generated column: its table, name, kind of shape, and what it is made from ({gis}: the schema of PostGIS)."""

    table: str
    name: str
    kind: str
    made_from: str


def _point(table: str, pair: str = "") -> Place:
    return Place(table, "geog", "Point", _POINT.replace("{pair}", pair))


PLACES = (
    Place("zone", "geog", "MultiPolygon", "{gis}.st_multi({gis}.st_geomfromtext(geometry, 4326))"),
    Place("reception_outage", "geog", "Polygon", "{gis}.st_makeenvelope(west, south, east, north, 4326)"),
    _point("port_call", "stop_"),
    _point("stop"),
    _point("ais_gap", "off_"),
    Place(
        "ais_gap",
        "geog_path",
        "LineString",
        "{gis}.st_setsrid({gis}.st_makeline({gis}.st_makepoint(off_longitude, off_latitude),"
        " {gis}.st_makepoint(on_longitude, on_latitude)), 4326)",
    ),
    _point("encounter"),
    _point("loitering"),
    _point("identity_change"),
    _point("position_anomaly"),
    _point("alert_track"),
)
PATHS = "alert_path"
_TRACKS = """
create table alert_path (
    alert_id text primary key references alert deferrable initially deferred,
    geog {gis}.geography(LineString, 4326)
);
create index ix_alert_path_geog on alert_path using gist (geog);
create function alert_path_follows() returns trigger language plpgsql as $$
begin
    delete from alert_path where alert_id in (select alert_id from changed);
    insert into alert_path
    select alert_id, {gis}.st_setsrid({gis}.st_makeline(
               {gis}.st_makepoint(longitude, latitude) order by sequence), 4326)::{gis}.geography
    from alert_track where alert_id in (select alert_id from changed)
    group by alert_id having count(*) > 1;
    return null;
end $$;
create trigger alert_path_after_insert after insert on alert_track
    referencing new table as changed for each statement execute function alert_path_follows();
create trigger alert_path_after_update after update on alert_track
    referencing new table as changed for each statement execute function alert_path_follows();
create trigger alert_path_after_delete after delete on alert_track
    referencing old table as changed for each statement execute function alert_path_follows();
insert into alert_path
select alert_id, {gis}.st_setsrid({gis}.st_makeline(
           {gis}.st_makepoint(longitude, latitude) order by sequence), 4326)::{gis}.geography
from alert_track group by alert_id having count(*) > 1
"""


def missing(connection: Connection) -> list[Place | str]:
    """Columns that PostGIS would give and that are not there yet, and `PATHS`; nothing without PostGIS."""
    if connection.dialect.name != "postgresql" or connection.execute(_EXTENSION).first() is None:
        return []
    there = {(row.table_name, row.column_name) for row in connection.execute(_THERE)}
    places: list[Place | str] = [place for place in PLACES if (place.table, place.name) not in there]
    return places if (PATHS, "geog") in there else [*places, PATHS]


def add(connection: Connection) -> None:
    """Add what is missing, with an index on each; a table is rewritten once."""
    gis = connection.execute(_EXTENSION).scalar()
    quoted = connection.dialect.identifier_preparer.quote(str(gis))
    for place in missing(connection):
        if isinstance(place, str):
            connection.exec_driver_sql(_TRACKS.replace("{gis}", quoted))
            continue
        shape, made = f"{quoted}.geography({place.kind}, 4326)", place.made_from.replace("{gis}", quoted)
        column = f"{place.name} {shape} generated always as (({made})::{quoted}.geography) stored"
        connection.exec_driver_sql(f"alter table {place.table} add column {column}")
        index = f"ix_{place.table}_{place.name}"
        connection.exec_driver_sql(f"create index {index} on {place.table} using gist ({place.name})")


def see_on_earth(table: Table, rows: pd.DataFrame) -> None:
    """See that each pair of longitude and latitude is one: −180 to 180 and −90 to 90 degrees, or both null.

    raises  ContractError naming table, key, column and value
    """
    for pair in _PAIRS:
        for name, most in ((f"{pair}longitude", 180.0), (f"{pair}latitude", 90.0)):
            if name in rows.columns and (wrong := rows[name].abs() > most).any():
                first = rows[wrong].iloc[0]
                where = f"{table.name}: {name} of {first[table.key[0]]} is {first[name]}"
                raise ContractError(f"{where}; expected −{most:g} to {most:g} degrees")
