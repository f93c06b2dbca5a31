"""Alerts that rest on what another ship did: whosever days come last, all is as if they had come at once."""

import shutil

import pandas as pd
import pytest

from tests.tasks.world import ARRIVALS, DAYS, Installation, assert_same, place, write_days

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


def onward(home: Installation) -> pd.DataFrame:
    alerts = home.rows()["alert"]
    return alerts[alerts["mmsi"] == CARRIED]


def test_a_ship_that_sails_on_from_where_another_landed_is_an_alert(at_once):
    alerts = onward(at_once[0])

    assert alerts["pattern_id"].tolist() == ["russian-transshipment"]
    assert "DEMO FIRST (MMSI 511990001)" in alerts["headline"].iloc[0]


HER_DAYS_FIRST = pytest.param([DAYS[2:], DAYS[:2]], id="her days first")


@pytest.mark.parametrize("parts", [HER_DAYS_FIRST, *ARRIVALS[1:]])
def test_the_other_ships_days_may_come_later(tmp_path, at_once, parts):
    home = Installation(tmp_path / "home")
    for part in parts:
        home.land(*(at_once[1][day] for day in part))
        home.run()

    assert_same(home.rows(), at_once[0].rows())


def test_when_the_other_ship_turns_out_to_have_been_elsewhere_the_alert_is_withdrawn(tmp_path, at_once):
    shutil.copytree(at_once[0].settings.home, tmp_path / "home")
    home = Installation(tmp_path / "home")
    assert len(onward(home)) == 1

    files = write_days(world(first_berth="ru-vladivostok"), tmp_path / "files")
    for day, path in files.items():
        home.land(path.rename(path.with_name(f"again_{day}.csv")), replaces=at_once[1][day].name)
    home.run()

    assert onward(home).empty
    scratch = Installation(tmp_path / "scratch")
    scratch.land(*(tmp_path / "files").glob("*.csv"))
    scratch.run()
    assert_same({"alert": home.rows()["alert"]}, {"alert": scratch.rows()["alert"]})
