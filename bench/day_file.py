"""A day of AIS in the form NOAA MarineCadastre published for 2023, as large as asked for: what the benchmark reads.

At least 5,000 ships: most under way or at rest at sea, some moored in monitored ports all day (about 2 % of the fixes
lie in ports, berths or anchorages), and 50 that leave the coal berth of Nampo at night, deeper than before, and are off
Dalian in the evening. Rows are in order of time. Above 20 million rows, if some ships have more of them than others,
this holds for each 20 million: the next begin a little earlier than the last ended.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from geo.files import atomic_write
from pipeline.scenarios.lanes import Chart
from pipeline.scenarios.script import load_scenario
from pipeline.scenarios.ships import with_check_digit

DAY = "2018-06-12"  # the full ban is in force
COAL_SHIPS = 50
LEAST_SHIPS = 5000
ROWS_PER_SHIP = 1000  # at most: a class A ship reduced to a report every 86 seconds
MOORED_SHARE = 0.016  # of the ships; with the coal ships' own stays, about 2 % of the fixes lie in zones
OPEN_SEA = (122.0, 31.5, 124.5, 36.0)  # west, south, east, north: off the ports, inside the coast's extent
SEED = 20180612
AT_A_TIME = 20_000_000  # rows in memory
_DAY_S = 86_400
_LEAVES_S, _KNOTS = 2 * 3600, 11.0


def day_file(folder: Path, rows: int, ships: int | None = None, *, packed: bool = False) -> Path:
    """The file, made once for each size and version of this script.

    ships   how many; otherwise as many as rows of this number mostly come from
    packed  as .csv.zst
    """
    version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    ships = ships or max(LEAST_SHIPS, -(-rows // ROWS_PER_SHIP))
    path = folder / f"AIS_{DAY.replace('-', '_')}_{rows}_{ships}_{version}.csv{'.zst' if packed else ''}"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as draft:
            _write(draft, rows, ships, packed)
    return path


def _write(path: Path, rows: int, ships: int, packed: bool) -> None:
    rng = np.random.default_rng(SEED)
    con = duckdb.connect(config={"memory_limit": "4GB", "temp_directory": f"{path}.spill"})
    con.register("ship", _ships(ships, rng))
    some = path.with_name(f"{path.name}.some")
    with pa.output_stream(path, compression="zstd" if packed else None) as whole:
        for n, fixes in enumerate(_fixes(ships, rows, rng)):
            con.register("fix", fixes)
            con.execute(
                f"""
                copy (
                    select
                        mmsi as MMSI,
                        strftime(timestamp '{DAY}' + to_seconds(at_s), '%Y-%m-%dT%H:%M:%S') as BaseDateTime,
                        round(latitude, 5) as LAT, round(longitude, 5) as LON, round(sog, 1) as SOG,
                        round(cog, 1) as COG, round(cog) as Heading, name as VesselName, imo as IMO,
                        call_sign as CallSign, ship_type as VesselType, status as Status, length_m as Length,
                        width_m as Width, case when deeper then draught_m + 4 else draught_m end as Draft,
                        ship_type as Cargo, class as TransceiverClass
                    from fix join ship using (ship)
                    order by at_s, mmsi
                ) to '{some}' (format csv, header {n == 0})
                """
            )
            with some.open("rb") as source:
                shutil.copyfileobj(source, whole, 1 << 24)
            some.unlink()


def _ships(ships: int, rng: np.random.Generator) -> pa.Table:
    """Identities; class B ships send no IMO number or draught, and every fifth of the others no draught."""
    number = np.arange(ships)
    coal = number < COAL_SHIPS
    class_b = ~coal & (rng.random(ships) < 0.3)
    mid = np.where(coal, 667, rng.choice([412, 413, 440, 477, 351, 538, 636], ships))
    imo = [None if b else f"IMO{with_check_digit(200_000 + int(n))}" for n, b in zip(number, class_b, strict=True)]
    draught = np.where(coal, 3.6, rng.uniform(2.5, 14, ships).round(1))
    return pa.table(
        {
            "ship": number,
            "mmsi": mid * 1_000_000 + 100_000 + number,
            "name": [f"BENCH {n:05}" for n in number],
            "imo": imo,
            "call_sign": [f"BX{n:05}" for n in number],
            "ship_type": np.where(coal, 70.0, rng.choice([30.0, 37.0, 52.0, 60.0, 70.0, 80.0], ships)),
            "length_m": np.where(coal, 132.0, rng.uniform(12, 300, ships).round()),
            "width_m": np.where(coal, 19.0, rng.uniform(4, 45, ships).round()),
            "draught_m": pa.array(draught, mask=class_b | (~coal & (rng.random(ships) < 0.2))),
            "class": np.where(class_b, "B", "A"),
        }
    )


def _fixes(ships: int, rows: int, rng: np.random.Generator) -> Iterator[pa.Table]:
    """Positions through the day, `rows` in all, as even over the ships as they go, one stretch of time at a time."""
    step = _DAY_S / (rows // ships + (np.arange(ships) < rows % ships))
    first_s = rng.uniform(0, 1, ships) * step
    moored = COAL_SHIPS + np.arange(int(ships * MOORED_SHARE))
    speed = np.where(rng.random(ships) < 0.4, 0.0, rng.uniform(3, 16, ships))
    speed[moored] = 0.0
    course = rng.uniform(0, 360, ships)
    west, south, east, north = OPEN_SEA
    start_lon, start_lat = rng.uniform(west, east, ships), rng.uniform(south, north, ships)
    berths = _berths()
    start_lon[moored], start_lat[moored] = berths[np.arange(len(moored)) % len(berths)].T

    way_lon, way_lat, way_s = _coal_way()
    each = max(AT_A_TIME // ships, 1)  # rows of a ship at a time
    for done in range(0, -(-rows // ships), each):
        numbers = np.arange(done * ships, min((done + each) * ships, rows))
        order = np.argsort(numbers % ships, kind="stable")
        ship, nth = numbers[order] % ships, numbers[order] // ships
        at_s = np.minimum((first_s[ship] + nth * step[ship]).astype(np.int64), _DAY_S - 1)
        hours, knots, heading = at_s / 3600, speed[ship], np.radians(course[ship])
        noise = rng.normal(0, 15 / 1852 / 60, (2, len(ship)))
        latitude = start_lat[ship] + knots * hours / 60 * np.cos(heading) + noise[0]
        longitude = (
            start_lon[ship] + knots * hours / 60 * np.sin(heading) / np.cos(np.radians(start_lat[ship])) + noise[1]
        )
        sog = np.where(knots > 0, np.abs(knots + rng.normal(0, 0.3, len(ship))), np.abs(rng.normal(0, 0.05, len(ship))))
        cog = (course[ship] + rng.normal(0, 3, len(ship))) % 360

        coal = ship < COAL_SHIPS
        longitude[coal] = np.interp(at_s[coal], way_s, way_lon) + noise[1][coal]
        latitude[coal] = np.interp(at_s[coal], way_s, way_lat) + noise[0][coal]
        sails = (at_s[coal] > way_s[0]) & (at_s[coal] < way_s[-1])
        sog[coal] = np.where(sails, _KNOTS, 0.0)
        deeper = coal & (at_s > _LEAVES_S - 1800)
        yield pa.table(
            {
                "ship": ship, "at_s": at_s, "latitude": latitude, "longitude": longitude, "sog": sog, "cog": cog,
                "status": np.where(sog > 0.5, 0.0, 5.0), "deeper": deeper,
            }
        )  # fmt: skip


def _coal_way() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """From the coal berth of Nampo to the anchorage of Dalian: longitude, latitude, second of the day."""
    from geo.distance import METRES_PER_NM, distance_m

    longitude, latitude = np.array(Chart(load_scenario().waters).way("nampo_coal", "dalian_anchorage")).T
    legs_nm = distance_m(longitude[:-1], latitude[:-1], longitude[1:], latitude[1:]) / METRES_PER_NM
    return longitude, latitude, _LEAVES_S + np.r_[0.0, np.cumsum(legs_nm)] / _KNOTS * 3600


def _berths() -> NDArray[np.float64]:
    """Places of the demonstration scenario that lie in zones of China and South Korea."""
    places = load_scenario().places.values()
    return np.array([place.at for place in places if place.zone is not None and not place.zone.startswith("kp-")])


if __name__ == "__main__":
    print(day_file(Path(sys.argv[1]), int(sys.argv[2])))
