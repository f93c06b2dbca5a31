"""Alerts that rest on what another ship did: whosever days come last, all is as if they had come at once.

The gate tells it in `test_one_sea.py`.
"""

from pathlib import Path

import pandas as pd
import pytest

from tests.tasks.world import DAYS, Installation, assert_same, place, write_days

BROUGHT, CARRIED, BEFORE = 511990001, 312990002, 351990083
BERTHED = [("kp-chongjin", 1.0, 20.0), ("ru-vostochny", 38.0, 50.0)]


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
    brought = [BERTHED[0], (first_berth, 38, 50)]
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


@pytest.mark.long
def test_who_turns_out_not_to_have_sailed_on_is_not_counted_among_those_who_did(tmp_path):
    """Of the voyage that is no more no row is left that could say in whose alert it was counted."""

    carried = [("ru-nakhodka", 1, 20), ("ru-vostochny", 66, 80), ("kr-donghae", 112, 118)]
    there = [ship(BROUGHT, "DEMO FIRST", BERTHED, {0: 7.5, 48: 3.5}), ship(CARRIED, "DEMO SECOND", carried, {0: 3.5})]

    def before(name: str, *stops: tuple[str, float, float]) -> dict[str, Path]:
        files = write_days(ship(BEFORE, "DEMO THIRD", list(stops), {0: 3.5}), tmp_path / name)
        return {day: file.rename(file.with_name(f"{name}-{file.name}")) for day, file in files.items()}

    files = write_days(pd.concat(there, ignore_index=True), tmp_path / "files")
    abroad = before("abroad", ("ru-nakhodka", 1, 30), ("ru-vostochny", 52, 62), ("kr-donghae", 100, 118))
    at_home = before("at-home", ("ru-nakhodka", 1, 118))
    at_once, corrected = Installation(tmp_path / "at-once"), Installation(tmp_path / "corrected")
    for home, hers in ((at_once, at_home), (corrected, abroad)):
        home.land(*files.values(), *hers.values())
        home.run()

    def said(home: Installation) -> set[str]:
        rows = home.rows()
        hers = rows["alert"][rows["alert"]["mmsi"] == CARRIED]["alert_id"]
        return set(rows["alert_evidence"].set_index("alert_id").loc[hers, "role"])

    assert "others_sailed_on" in said(corrected)
    for day, file in at_home.items():
        if file.read_bytes() != abroad[day].read_bytes():
            corrected.land(file, replaces=abroad[day].name)
    corrected.run()
    assert "others_sailed_on" not in said(corrected)
    assert said(corrected) == said(at_once)
