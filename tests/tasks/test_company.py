"""Alerts that rest on what another ship did: whosever days come last, all is as if they had come at once.

The gate tells it in `test_one_sea.py`.
"""

import pandas as pd
import pytest

from tests.tasks.world import DAYS, Installation, assert_same, place, write_days

BROUGHT, CARRIED = 511990001, 312990002


def ship(mmsi: int, name: str, stops: list[tuple[str, float, float]], draughts: dict[float, float]) -> pd.DataFrame:
    """Hourly fixes: at rest in each zone from an hour to another, and on the straight way between.

    draughts  metres, by the hour from which she reports them
    """
    rows: list[tuple[float, float, float, float]] = []
    for zone, begin, end in stops:
        lon, lat = place(zone)
        if rows:
            gone, *start, _ = rows[-1]
            share = [n / (begin - gone) for n in range(1, int(begin - gone))]
            rows += [
                (
                    gone + part * (begin - gone),
                    start[0] + (lon - start[0]) * part,
                    start[1] + (lat - start[1]) * part,
                    11.0,
                )
                for part in share
            ]
        rows += [(begin + n, lon, lat, 0.0) for n in range(int(end - begin) + 1)]
    frame = pd.DataFrame(rows, columns=["hours", "LON", "LAT", "SOG"])
    period = pd.cut(frame["hours"], [*draughts, 1000], labels=False, right=False)
    draught = period.map(dict(enumerate(draughts.values())))
    return frame.assign(MMSI=mmsi, VesselName=name, VesselType=70, Length=110, Width=17, Draft=draught)


def world(first_berth: str = "ru-vostochny") -> pd.DataFrame:
    """From Chongjin to Vostochny, where another ship loads on the next day and sails to Donghae."""
    brought = [("kp-chongjin", 1, 20), (first_berth, 38, 50)]
    carried = [("ru-nakhodka", 1, 20), ("ru-vostochny", 50, 70), ("kr-donghae", 110, 116)]
    return pd.concat(
        [
            ship(BROUGHT, "DEMO FIRST", brought, {0: 7.5, 48: 3.5}),
            ship(CARRIED, "DEMO SECOND", carried, {0: 3.5, 68: 7.0}),
        ],
        ignore_index=True,
    )


@pytest.fixture(scope="module")
def at_once(tmp_path_factory) -> tuple[Installation, dict]:
    folder = tmp_path_factory.mktemp("at once")
    files = write_days(world(), folder / "files")
    home = Installation(folder / "home")
    home.land(*files.values())
    home.run()
    return home, files


@pytest.mark.long
def test_the_other_ships_days_may_come_later(tmp_path, at_once):
    home = Installation(tmp_path / "home")
    for part in (DAYS[2:], DAYS[:2]):
        home.land(*(at_once[1][day] for day in part))
        home.run()

    assert_same(home.rows(), at_once[0].rows())
