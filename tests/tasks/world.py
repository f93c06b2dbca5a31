"""A few ships over five days, written as daily files, and what the warehouse holds after they were run."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from pipeline import contracts
from pipeline.settings import Settings
from pipeline.tasks.home import read_zones
from pipeline.tasks.land import ingest
from pipeline.tasks.run import RunReport, run
from pipeline.warehouse.engine import address, sqlite_path
from pipeline.warehouse.store import open_for_reading

CLOCK = datetime(2026, 1, 1, tzinfo=UTC)
COAL = 351990002  # the coal ship of `month`
START = pd.Timestamp("2018-06-01")
DAYS = [f"2018-06-0{n}" for n in range(1, 6)]
# Orders of arrival, as parts that are landed and then run: what comes last fills a hole before days that are there.
IN_PARTS = [DAYS[3:], DAYS[:1], DAYS[1:3]]
ARRIVALS = [pytest.param(IN_PARTS, id="in parts", marks=pytest.mark.long)]  # of each story by itself
# Of all in one sea (`test_one_sea.py`): day by day costs a run a day, and each of these all later days.
ARRIVALS_BY_DAY = [
    pytest.param([[DAYS[n]] for n in order], id=name, marks=pytest.mark.long)
    for name, order in (("forward", range(5)), ("backward", range(4, -1, -1)), ("mixed", (2, 0, 4, 1, 3)))
]
# What tells in which order things were learnt is not compared; nor are tables that hold nothing else.
COMPARED = [
    t for t in contracts.WAREHOUSE
    if not t.name.startswith("review") and t.name not in ("pipeline_run", "alert_succession")
]  # fmt: skip


def place(zone_id: str) -> tuple[float, float]:
    """A point inside a zone."""
    frame = read_zones().frame.set_index("zone_id")
    return float(frame.loc[zone_id, "longitude"]), float(frame.loc[zone_id, "latitude"])


def voyage(mmsi: int, imo: int, name: str, draught_after: float = 8.0) -> pd.DataFrame:
    """From outside into the coal berth on day 1, out on day 2, over a silence, at Longkou from day 3 on."""
    berth, longkou = place("kp-nampo-coal"), place("cn-longkou")
    rows = [(2.0, 125.0, 38.6, 9.0), (3.0, 125.17, 38.68, 5.0), (5.0, *berth, 1.0)]
    rows += [(5.5 + 0.5 * n, *berth, 0.0) for n in range(60)]
    rows += [(36.5, 125.17, 38.68, 5.0), (37.5, 125.0, 38.6, 9.0), (39.0, 124.7, 38.5, 10.0)]
    rows += [(56.0, 121.5, 38.0, 10.0), (62.0, *longkou, 1.0)]
    rows += [(62.5 + 1.0 * n, *longkou, 0.1) for n in range(50)]
    frame = pd.DataFrame(rows, columns=["hours", "LON", "LAT", "SOG"])
    return frame.assign(
        MMSI=mmsi, VesselName=name, IMO=f"IMO{imo}", VesselType=70, Length=120, Width=18, CallSign="DEMO",
        Draft=[4.0 if hours < 36 else draught_after for hours in frame["hours"]],
    )  # fmt: skip


def traffic() -> pd.DataFrame:
    """Other ships heard every hour, in the approach, then on the way across: enough to tell silence from an outage."""
    hours = pd.DataFrame({"hours": [0.25 + n for n in range(24 * 5)]})
    hours["LON"] = np.interp(hours["hours"], [39.0, 56.0], [124.7, 121.5])
    hours["LAT"] = np.interp(hours["hours"], [39.0, 56.0], [38.51, 38.01])
    ships = pd.DataFrame({"MMSI": [412000001, 412000002, 440000003], "beside": [-0.01, 0.01, 0.02]})
    rows = hours.merge(ships, how="cross").assign(SOG=8.0, VesselName="DEMO TRAFFIC", VesselType=70)
    return rows.assign(LON=rows["LON"] + rows["beside"]).drop(columns="beside")


_COAST = [(119.2 + 0.8 * east, 38.2 + 0.8 * north) for east in range(3) for north in range(2)]


def fleet(silent=(0, 0), alone=(0, 0), days=5):
    """Ships that drift off a coast, heard twice an hour but for the hours in which all, or the first one, are not."""
    rows = []
    for n in range(12):
        (east, north), first = _COAST[n % 6], 0.01 * n
        drift = [(half / 2 + first, east + 0.001 * (half % 20), north + 0.01 * (n // 6)) for half in range(48 * days)]
        rows += [(*fix, 1.0, 413000001 + n) for fix in drift]
    frame = pd.DataFrame(rows, columns=["hours", "LON", "LAT", "SOG", "MMSI"])
    hidden = frame["hours"].between(*silent, inclusive="left")
    hidden |= frame["hours"].between(*alone, inclusive="left") & (frame["MMSI"] == 413000001)
    return frame[~hidden].assign(VesselName="DEMO", VesselType=70, Length=100)


def month(draught_after: float = 8.0) -> pd.DataFrame:
    """All rows of the five days."""
    coal = voyage(COAL, 2990027, "DEMO COAL", draught_after)
    false = coal.iloc[:5].assign(
        hours=[20.6 + 0.01 * n for n in range(5)], **dict(zip(("LON", "LAT"), place("kp-rajin"), strict=True))
    )
    ships = [coal, false, traffic()]
    two_hulls = voyage(445990003, 2990039, "DEMO ONE").iloc[::4]
    away = {"LON": 139.0, "LAT": 34.0, "VesselName": "DEMO OTHER", "IMO": "IMO2990041", "Draft": 9.0}
    other = two_hulls.assign(**away, hours=two_hulls["hours"] + 0.1)
    return pd.concat([*ships, two_hulls, other], ignore_index=True)


def write_days(rows: pd.DataFrame, folder: Path, days: Collection[str] | None = DAYS) -> dict[str, Path]:
    """One MarineCadastre file a day (the form up to 2024); None: of every day."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = rows.assign(at=START + pd.to_timedelta((rows["hours"] * 3600).round(), unit="s"))
    columns = [
        "MMSI", "BaseDateTime", "LAT", "LON", "SOG", "COG", "Heading", "VesselName", "IMO", "CallSign", "VesselType",
        "Status", "Length", "Width", "Draft", "Cargo", "TransceiverClass",
    ]  # fmt: skip
    files = {}
    for day, of_day in rows.groupby(rows["at"].dt.strftime("%Y-%m-%d")):
        table = of_day.assign(BaseDateTime=of_day["at"].dt.strftime("%Y-%m-%dT%H:%M:%S"), TransceiverClass="A")
        files[day] = folder / f"AIS_{day}.csv"
        table.reindex(columns=columns).to_csv(files[day], index=False)
    return {day: path for day, path in files.items() if days is None or day in days}


def assert_same(found: Mapping[str, pd.DataFrame], expected: Mapping[str, pd.DataFrame]) -> None:
    """Every compared table holds the same rows."""
    for name, rows in expected.items():
        if not found[name].equals(rows):  # which costs a tenth of what says in which value they differ
            assert_frame_equal(found[name], rows, obj=name)


class Installation:
    """One home: land files, run, look at what the warehouse holds."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home)

    def land(self, *paths: Path, **options: object) -> None:
        ingest(self.settings, paths, "noaa", now=CLOCK, progress=lambda line: None, synthetic=True, **options)

    def run(self, **options: object) -> RunReport:
        return run(self.settings, now=CLOCK, progress=lambda line: None, **options)

    def rows(self) -> Rows:
        """What the warehouse, an SQLite file, holds now."""
        warehouse = sqlite_path(address(self.settings.database_url))
        assert warehouse is not None
        return Rows(warehouse)


class Rows(Mapping[str, pd.DataFrame]):
    """Current rows of every compared table at one moment, in order of key, without lifecycle columns.

    Most tests look at a few tables of forty: one is read when it is first asked for, from a copy of the warehouse.
    """

    def __init__(self, warehouse: Path) -> None:
        self._folder = TemporaryDirectory()
        for file in warehouse.parent.glob(f"{warehouse.name}*"):
            shutil.copy(file, self._folder.name)
        self._warehouse = open_for_reading(f"sqlite:///{self._folder.name}/{warehouse.name}")
        weakref.finalize(self, self._warehouse.close)
        self._read: dict[str, pd.DataFrame] = {}

    def __iter__(self) -> Iterator[str]:
        return (table.name for table in COMPARED)

    def __len__(self) -> int:
        return len(COMPARED)

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._read:
            table = next((table for table in COMPARED if table.name == name), None)
            if table is None:
                raise KeyError(name)
            rows = self._current(table).drop(columns=list(table.lifecycle))
            self._read[name] = rows.sort_values(list(table.key), ignore_index=True)
        return self._read[name]

    def _current(self, table: contracts.Table) -> pd.DataFrame:
        """Rows of alerts that stand and of files that count, and of all other tables."""
        rows = self._warehouse.read(table)
        if table.name in ("alert", "alert_evidence", "alert_claim", "alert_track", "alert_cargo", "legal_assessment"):
            if table is contracts.LEGAL_ASSESSMENT:
                return rows[(rows["subject_table"] != "alert") | rows["subject_id"].isin(self._standing)]
            return rows[rows["alert_id"].isin(self._standing)]
        if table.name in ("source_file", "rejected_row_count"):
            files = self._warehouse.read(contracts.SOURCE_FILE)
            counting = files.loc[files["replaced_by_source_file_id"].isna(), "source_file_id"]
            return rows[rows["source_file_id"].isin(counting)]
        return rows

    @cached_property
    def _standing(self) -> pd.Series:
        alerts = self._warehouse.read(contracts.ALERT)
        return alerts.loc[alerts["withdrawn_at"].isna(), "alert_id"]
