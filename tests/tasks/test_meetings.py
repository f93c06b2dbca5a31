"""Encounters in the life of a home: whatever arrives in whatever order, they are those of a run from nothing."""

from __future__ import annotations

import shutil
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.tasks import meetings as task
from pipeline.tasks.home import Home
from tests.tasks.test_orders import assert_same
from tests.tasks.world import Installation, write_days

pytestmark = pytest.mark.long  # whole homes, run again and again

ONE, OTHER, THIRD = 351990021, 412990022, 445990023
PASSING = (ONE + 4, OTHER + 4)
SPOT = (123.4, 37.6)  # the open Yellow Sea


def ship(mmsi: int, east_m: float, lies: tuple[float, float], hours: tuple[float, float] = (0, 96)) -> pd.DataFrame:
    """A ship that comes from the south at 10 knots, lies some metres off the spot for a while, and sails on east."""
    at = np.arange(*hours, 1 / 6) + 1 / 60
    away = np.maximum(lies[0] - at, 0) / 6, np.maximum(at - lies[1], 0) / 6 / 0.79
    rows = pd.DataFrame({"hours": at, "LON": SPOT[0] + east_m / 88_000 + away[1], "LAT": SPOT[1] - away[0]})
    moving = (at < lies[0]) | (at > lies[1])
    return rows.assign(SOG=np.where(moving, 10.0, 0.2), MMSI=mmsi, VesselName=f"DEMO {mmsi % 100}", VesselType=70)


def at_sea(*more: pd.DataFrame) -> pd.DataFrame:
    """Two ships that meet before the first midnight and part after it; another pair on the third day."""
    first = [ship(ONE, 0, (20, 29), (0, 48)), ship(OTHER, 60, (19, 30), (0, 48))]
    later = [ship(ONE + 2, 0, (60, 66), (48, 96)), ship(OTHER + 2, 60, (61, 67), (48, 96))]
    return pd.concat([*first, *later, *more], ignore_index=True)


def files_of(rows: pd.DataFrame, folder) -> list:
    """A file for each ship and day."""
    return [path for mmsi, of_ship in rows.groupby("MMSI") for path in write_days(of_ship, folder / str(mmsi)).values()]


def renamed(paths: list) -> list:
    """The files under names of their own: one ship's day each."""
    return [path.rename(path.with_name(f"{path.parent.name}_{path.name}")) for path in paths]


def fresh(folder, files: list) -> dict[str, pd.DataFrame]:
    home = Installation(folder)
    home.land(*files)
    home.run()
    return home.rows()


def parties(rows: dict[str, pd.DataFrame]) -> list[tuple]:
    met = rows["encounter"].sort_values("began_at")
    return list(zip(met["mmsi"], met["other_mmsi"], met["began_at"].dt.day, met["ended_at"].dt.day, strict=True))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Of those two pairs, and of two that lie beside each other for an hour and a half, elsewhere."""
    one, other = (ship(mmsi, 30, (20, 21.5), (6, 28)) for mmsi in PASSING)  # 60 m apart, once one is mirrored
    other[["LON", "LAT"]] = 2 * np.array(SPOT) - other[["LON", "LAT"]]  # from the north, and on to the west
    passing = [rows.assign(LON=rows["LON"] + 0.5, LAT=rows["LAT"] - 1) for rows in (one, other)]
    return renamed(files_of(at_sea(*passing), tmp_path_factory.mktemp("files")))


@pytest.fixture(scope="module")
def world(files, tmp_path_factory):
    """A home in which all of it was run at once; only to be read. `read` are the days and ships of which positions were
    read."""
    home = Installation(tmp_path_factory.mktemp("world"))
    home.land(*files)
    home.read, whole = [], task._read
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(task, "_read", lambda of, day, mmsis: home.read.append((day, *mmsis)) or whole(of, day, mmsis))
        home.run()
    return home


@pytest.fixture(scope="module")
def expected(world):
    return world.rows()


@pytest.fixture
def home(world, tmp_path):
    shutil.copytree(world.settings.home, tmp_path / "home")
    return Installation(tmp_path / "home")


def test_two_ships_that_meet_across_midnight_have_one_encounter(expected):
    assert parties(expected) == [(ONE, OTHER, 1, 2), (ONE + 2, OTHER + 2, 3, 3)]
    met = expected["encounter"].sort_values("began_at").iloc[0]
    assert met["known_at"] == pd.Timestamp("2018-06-03", tz="UTC")
    assert (met["track_id"], met["other_track_id"]) == (f"{ONE}-1", f"{OTHER}-1")
    assert met["began_at"] == pd.Timestamp("2018-06-01 20:10", tz="UTC")
    assert 50 < met["median_distance_m"] < 70


def test_two_ships_that_soon_part_have_none(expected):
    assert set(expected["vessel"]["mmsi"]) > set(PASSING)
    assert not {mmsi for one, other, *_ in parties(expected) for mmsi in (one, other)} & set(PASSING)


ORDERS = [
    pytest.param(order, id="-".join(order), marks=pytest.mark.long)
    for number, order in enumerate(permutations(("01", "02", "03", "04")))
    if number % 6 == 5
]


@pytest.mark.parametrize("order", ORDERS)
def test_days_in_any_order_of_arrival_give_the_same_encounters(files, expected, order, tmp_path):
    home = Installation(tmp_path)
    for day in order:
        home.land(*(path for path in files if path.stem.endswith(day)))
        home.run()

    assert_same(home.rows(), expected)
    assert not home.run().changed


@pytest.mark.long  # in the gate a day of one of two ships is late in `test_one_sea.py`, and a third ship comes late
@pytest.mark.parametrize("which", range(4))
def test_a_late_file_of_one_party_finds_both(files, expected, which, tmp_path):
    """A day of either ship, before or after midnight."""
    late = [path for path in files if path.stem[:9] in (str(ONE), str(OTHER))][which]
    home = Installation(tmp_path / "home")
    home.land(*(path for path in files if path != late))
    home.run()
    before = home.rows()

    home.land(late)
    home.run()

    assert parties(before) != parties(expected)
    assert_same(home.rows(), expected)


@pytest.mark.long
def test_a_party_withdrawn_takes_the_encounter_with_her_and_brings_it_back(home, files, expected, tmp_path):
    (night,) = [path for path in files if path.stem.startswith(str(OTHER)) and path.stem.endswith("02")]
    away = tmp_path / "away.csv"
    pd.read_csv(night).assign(LAT=35.0).to_csv(away, index=False)

    home.land(away, replaces=night.name)
    home.run()
    without = home.rows()
    home.land(night, replaces=away.name)
    home.run()

    others = [path for path in files if path != night]
    assert_same(without, fresh(tmp_path / "without", [*others, away]))
    assert_same(home.rows(), expected)


def test_two_ships_not_seen_to_part_are_together_still_until_they_are(files, expected, tmp_path):
    home = Installation(tmp_path / "home")
    home.land(*(path for path in files if path.stem.endswith("01")))
    home.run()
    (open_,) = home.rows()["encounter"].to_dict("records")

    home.land(*(path for path in files if not path.stem.endswith("01")))
    home.run()

    assert (open_["ended_at"] is pd.NaT, open_["known_at"].day) == (True, 2)
    assert_same(home.rows(), expected)


def test_a_run_killed_between_the_warehouse_and_its_note_goes_on(files, expected, tmp_path, monkeypatch):
    home = Installation(tmp_path / "home")
    home.land(*files)
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.state.meetings.MeetingDays.note_found", killed)
        with pytest.raises(KeyboardInterrupt):
            home.run()
    with monkeypatch.context() as patch:
        patch.setattr(task, "_sync", killed)
        with pytest.raises(KeyboardInterrupt):
            home.run()

    plan = CliRunner().invoke(main, ["run", "--dry-run", "--home", str(home.settings.home)]).stdout
    home.run()

    assert plan.startswith("meetings   2018-06-01 to 2018-06-04")
    assert_same(home.rows(), expected)


def killed(*args, **named):
    raise KeyboardInterrupt


def test_a_rebuilt_home_and_one_of_an_earlier_form_hold_the_same(home, expected):
    home.run(rebuild=True)
    assert_same(home.rows(), expected)

    opened = Home(home.settings)
    opened.run_state.note(rules_derive="of another form")
    home.run()

    assert_same(home.rows(), expected)


def test_encounters_of_other_rules_stay_until_they_are_found_again(home, expected, monkeypatch):
    Home(home.settings).run_state.note(rules_derive="of another form")
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.tasks.run.find_meetings", killed)
        with pytest.raises(KeyboardInterrupt):
            home.run()
    assert parties(home.rows()) == parties(expected)

    limits = Home(home.settings).limits
    encounter = limits.encounter.model_copy(update={"min_hours": 30.0})
    for_days = limits.model_copy(update={"encounter": encounter})
    monkeypatch.setattr(Home, "limits", property(lambda _: for_days))
    Home(home.settings).run_state.note(rules_derive="of another form")
    home.run()

    assert parties(expected)
    assert parties(home.rows()) == []


@pytest.mark.parametrize("other_rules", [False, True])
def test_an_encounter_goes_with_both_its_parties_whatever_rules_find_it(home, files, expected, tmp_path, other_rules):
    gone = [path for path in files if path.stem.startswith((str(ONE + 2), str(OTHER + 2)))]
    for n, path in enumerate(gone):
        (other,) = renamed(files_of(ship(440990100 + n, 5000 * (n + 3), (60, 66), (50, 60)), tmp_path / str(n)))
        home.land(other, replaces=path.name)
    if other_rules:
        Home(home.settings).run_state.note(rules_derive="of another form")
    home.run()

    assert parties(home.rows()) == [one for one in parties(expected) if one[0] != ONE + 2]
    assert not home.run().changed


def test_positions_are_read_only_where_two_ships_were_slow_near_each_other(world, files, tmp_path, monkeypatch):
    read = []
    whole = task._read
    monkeypatch.setattr(task, "_read", lambda home, day, mmsis: read.append((day, *mmsis)) or whole(home, day, mmsis))

    fresh(tmp_path / "home", [path for path in files if path.stem.startswith((str(ONE), str(OTHER + 2)))])
    assert read == []
    assert {mmsi for _, *mmsis in world.read for mmsi in mmsis} == {ONE, OTHER, ONE + 2, OTHER + 2, *PASSING}
