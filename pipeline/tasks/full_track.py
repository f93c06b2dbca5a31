"""Task that only reads: the way of an alert's ship as she was heard, between the few points that are kept of it.

The warehouse keeps the ends of runs (`alert_track`), and a run under way may last a day: drawn alone, its line cuts
capes and crosses land that the ship went round. Where her positions lie in the lake they are drawn, simplified; where
they were pruned or cannot be read (a part is gone, a bucket does not answer), while some of them were false
(POSITION_ANOMALY), and where an MMSI is that of several ships, the line is what is kept.
"""

from __future__ import annotations

import logging
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.errors import CoalwatchError
from pipeline.movement.simplify import along
from pipeline.plain import Record, plain
from pipeline.warehouse.around import Tables, day_of

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.settings import Settings
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

log = logging.getLogger(__name__)
_FALSE = "select began_at, ended_at from position_anomaly where mmsi = :mmsi"
_MOST_DAYS = 60  # of positions of one ship that are read for one map


def with_positions(settings: Settings, warehouse: Reader | Warehouse, tables: Tables, alert: Record) -> Tables:
    """The tables of an alert (`warehouse.around`) with the points between those of `alert_track`, numbered anew."""
    kept = tables["alert_track"]
    tracks = warehouse.rows("select count(*) as tracks from track where mmsi = :mmsi", {"mmsi": alert["mmsi"]})
    if len(kept) < 2 or tracks[0]["tracks"] != 1:
        return tables
    first, last = (day_of(row["timestamp"]) for row in (kept[0], kept[-1]))
    days = [f"{first + timedelta(days=n):%Y-%m-%d}" for n in range(min((last - first).days + 1, _MOST_DAYS))]
    try:
        heard = _positions(settings, alert["mmsi"], days)
    except CoalwatchError as error:  # what else is to be read of the alert does not need them
        log.warning("alert %s: her way is drawn by what is kept of it alone: %s", alert["alert_id"], error)
        return tables
    for one in plain(warehouse.rows(_FALSE, {"mmsi": alert["mmsi"]})):
        began, ended = (datetime.fromisoformat(one[name]) for name in ("began_at", "ended_at"))
        heard = heard[~heard["timestamp"].between(began, ended)]
    points = along(_frame(kept), heard)
    rows = points.assign(
        alert_id=alert["alert_id"],
        sequence=range(1, len(points) + 1),
        timestamp=points["timestamp"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        zone_id=points["zone_id"].astype(object).where(points["zone_id"].notna(), None),
    )
    return tables | {"alert_track": rows[list(kept[0])].to_dict("records")}


def _frame(kept: list[Record]) -> DataFrame:
    import pandas as pd

    frame = pd.DataFrame(kept)[["timestamp", "longitude", "latitude", "motion", "zone_id"]]
    return frame.assign(timestamp=pd.to_datetime(frame["timestamp"], utc=True, format="ISO8601"))


def _positions(settings: Settings, mmsi: int, days: list[str]) -> DataFrame:
    """timestamp, longitude, latitude of a ship's exact positions of UTC days, in order of time."""
    import pandas as pd

    from pipeline.lake.lake import Lake

    with closing(Lake(settings.home)) as lake:
        parts = [lake.fixes(day, (mmsi, mmsi)) for day in days if lake.parts("positions", day)]
    frames = [
        pd.DataFrame({name: part[name] for name in ("at", "longitude", "latitude")})[part["precision_m"] == 0]
        for part in parts
    ]
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["at", "longitude", "latitude"])
    return rows.assign(timestamp=pd.to_datetime(rows["at"], unit="us", utc=True)).drop(columns="at")
