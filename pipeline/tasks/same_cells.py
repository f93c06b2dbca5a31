"""Task that only reads: who was heard in one cell with the ship of an alert in one hour, at sea, as context beside it.

No alert, no encounter and no evidence follows from it: two ships in a cell of a kilometre in an hour may be a mile and
an hour apart.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.plain import Record, plain
from pipeline.tasks.home import read_zones
from pipeline.tasks.warehouse_stamp import ask_filled
from pipeline.warehouse.alert_ids import find_alert

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.settings import Settings

_HALF = 0.005  # degrees: from the middle of a cell to its edge
_ALERT = (
    "select alert_id, mmsi, vessel_name, began_at, ended_at, headline, synthetic, licence from alert"
    " where alert_id = :id"
)
_NAMES = "select mmsi, name from vessel where mmsi in ({}) order by mmsi, to_at, vessel_id"


def cells_of_alert(settings: Settings, alert_id: str) -> Record:
    """The hours of an alert in which others were heard in the cell of its ship, away from ports, anchorages and locks.

    alert_id  or a beginning that no other alert has
    returns   `alert`; `shared`: per other ship mmsi, name (null where none is known), hours, first_hour and last_hour
              (ISO, UTC: when they began), longitude and latitude of the first cell (its middle, degrees), most_others
              (ships beside her in one of these cells and hours); `days` of the alert's time with positions
    raises    InputError for an unknown alert, naming near ones, and for a part that is gone or damaged
    """
    from pipeline.lake.lake import Lake
    from pipeline.lake.same_cells import same_cells

    with ask_filled(settings) as warehouse:
        alert = plain(warehouse.rows(_ALERT, {"id": find_alert(warehouse, alert_id)}))[0]
    first, last = alert["began_at"][:10], alert["ended_at"][:10]
    lake = Lake(settings.home)
    with closing(lake), TemporaryDirectory(prefix="coalwatch-cells-") as spill:
        days = [day for day in sorted(lake.fixes_by_day()) if first <= day <= last]
        rows = same_cells(lake, alert["mmsi"], days, Path(spill))
    if len(rows):
        began, ended = (pd.Timestamp(alert[name]) for name in ("began_at", "ended_at"))
        rows = rows[rows["hour"].between(began.floor("h"), ended)]
        rows = rows[_at_sea(rows)]
    return {"alert": alert, "shared": _by_ship(settings, rows), "days": len(days)}


def _at_sea(rows: DataFrame) -> Any:
    """Which cells touch no zone but waters of countries: at a berth, on an anchorage and in a lock ships lie side by
    side for other reasons."""
    zones = read_zones()
    frame = zones.frame.set_index("zone_id")["kind"]
    open_sea = np.array([*(frame[zone_id] == "country" for zone_id in zones.ids), True])
    found = np.ones(len(rows), dtype=bool)
    for east, north in ((0, 0), *((x, y) for x in (-_HALF, _HALF) for y in (-_HALF, _HALF))):
        found &= open_sea[zones.locate(rows["longitude"] + east, rows["latitude"] + north)]
    return found


def _by_ship(settings: Settings, rows: DataFrame) -> list[Record]:
    names: dict[int, str] = {}
    mmsis = sorted({int(one) for one in rows["mmsi"]})
    if mmsis:
        with ask_filled(settings) as warehouse:
            names = {row["mmsi"]: row["name"] for row in warehouse.rows(_NAMES.format(", ".join(map(str, mmsis))))}
    found = []
    for mmsi, of_ship in rows.groupby("mmsi", sort=True):
        first = of_ship.iloc[0]
        found.append({
            "mmsi": int(mmsi), "name": names.get(int(mmsi)), "hours": len(of_ship),
            "first_hour": f"{of_ship['hour'].min():%Y-%m-%dT%H:%M:%SZ}",
            "last_hour": f"{of_ship['hour'].max():%Y-%m-%dT%H:%M:%SZ}",
            "longitude": float(first["longitude"]), "latitude": float(first["latitude"]),
            "most_others": int(of_ship["others"].max()),
        })  # fmt: skip
    return sorted(found, key=lambda one: (-one["hours"], one["mmsi"]))
