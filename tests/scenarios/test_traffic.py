"""What the demonstration's ships send and who hears it: reproducible, on water, and true to the labels."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from geo.distance import METRES_PER_NM, distance_m
from pipeline.scenarios.days import write_days
from pipeline.scenarios.reception import heard
from pipeline.scenarios.sailing import reports
from pipeline.scenarios.script import Scenario, load_scenario
from tests.geo.shapes import on_water

COLUMNS = (
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,"
    "TransceiverClass"
)


@pytest.fixture(scope="module")
def demo() -> Scenario:
    return load_scenario()


@pytest.fixture(scope="module")
def folder(demo, tmp_path_factory):
    folder = tmp_path_factory.mktemp("days")
    write_days(demo, folder)
    return folder


@pytest.fixture(scope="module")
def month(folder):
    """All rows of the month, with `at` in UTC."""
    days = [pd.read_csv(path, parse_dates=["BaseDateTime"]) for path in sorted(folder.glob("*.csv"))]
    return pd.concat(days, ignore_index=True).rename(columns={"BaseDateTime": "at"})


def of(month, name):
    return month[month["VesselName"] == name].reset_index(drop=True)


def longest_silence(ship) -> tuple[float, pd.Timestamp]:
    """Hours, and when it began."""
    waits = ship["at"].diff()
    return waits.max() / pd.Timedelta(hours=1), ship["at"][waits.idxmax() - 1]


def test_a_file_a_day_in_the_published_form(folder, month):
    files = sorted(folder.glob("*"))

    assert [path.name for path in files] == [f"AIS_2018_06_{day:02}.csv" for day in range(1, 31)]
    assert all(path.read_text(encoding="utf-8").startswith(COLUMNS + "\n") for path in files)
    assert 300_000 <= len(month) <= 600_000


def test_each_row_lies_in_the_file_of_its_utc_day(folder):
    for path in (folder / "AIS_2018_06_01.csv", folder / "AIS_2018_06_30.csv"):
        days = {line.split(",")[1][:10] for line in path.read_text(encoding="utf-8").splitlines()[1:]}

        assert days == {path.stem[4:].replace("_", "-")}


def test_a_second_writing_gives_the_same_bytes_and_touches_no_file(demo, folder):
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.glob("*.csv")}

    write_days(demo, folder)

    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.glob("*.csv")} == before


@pytest.mark.long
def test_a_writing_that_was_cut_off_is_made_good(demo, folder, tmp_path):
    spoiled = tmp_path / "days"
    spoiled.mkdir()
    (spoiled / "AIS_2018_06_05.csv").write_text(COLUMNS + "\n412990", encoding="utf-8")
    (spoiled / "AIS_2018_06_07.csv").write_bytes((folder / "AIS_2018_06_07.csv").read_bytes())
    told = []

    write_days(demo, spoiled, progress=lambda done, days: told.append((done, days)))

    for path in folder.glob("*.csv"):
        assert (spoiled / path.name).read_bytes() == path.read_bytes()
    assert told[-1] == (30, 30)


def test_another_seed_gives_another_month(demo, folder, tmp_path):
    write_days(demo.model_copy(update={"seed": demo.seed + 1}), tmp_path)

    assert (tmp_path / "AIS_2018_06_05.csv").read_bytes() != (folder / "AIS_2018_06_05.csv").read_bytes()


def test_one_more_ship_changes_no_other(demo):
    fewer = demo.model_copy(update={"ships": demo.ships[1:], "fleets": []})
    some = demo.model_copy(update={"fleets": []})

    with_her, without_her = list(reports(some)), list(reports(fewer))

    for left, right in zip(with_her[1:], without_her, strict=True):
        pd.testing.assert_frame_equal(left, right)


def test_lanes_lead_over_water(demo):
    """The shipped coast is generalised to 100 m, so a point may lie ashore by no more than 300 m of water's edge."""
    ends = np.array([(*demo.places[a].at, *demo.places[b].at) for a, b in demo.legs])
    along = np.linspace(0, 1, 200)[:, None]
    longitude = (ends[:, 0] + (ends[:, 2] - ends[:, 0]) * along).ravel()
    latitude = (ends[:, 1] + (ends[:, 3] - ends[:, 1]) * along).ravel()

    ashore = ~on_water(longitude, latitude)

    around = 0.0035 * np.exp(1j * np.linspace(0, 2 * np.pi, 16, endpoint=False))
    shore = [
        on_water(x + around.real, y + around.imag).any()
        for x, y in zip(longitude[ashore], latitude[ashore], strict=True)
    ]
    assert all(shore)
    assert ashore.mean() < 0.01


def test_ships_at_work_stay_on_water(demo):
    for fleet in demo.fleets:
        if fleet.area is not None:
            west, south, east, north = fleet.area
            x, y = (grid.ravel() for grid in np.meshgrid(np.linspace(west, east, 30), np.linspace(south, north, 30)))

            assert on_water(x, y).all(), fleet.name


def test_ships_sail_at_their_speed(demo):
    for frame in reports(demo.model_copy(update={"fleets": []})):
        place = frame[["true_longitude", "true_latitude"]].to_numpy()
        metres = distance_m(place[:-1, 0], place[:-1, 1], place[1:, 0], place[1:, 1])
        hours = np.diff(frame["at_s"]) / 3600

        assert (metres / METRES_PER_NM - 0.3 <= 13 * hours).all(), frame["ship"].iloc[0]


def test_a_coal_ship_stops_at_the_berth_and_leaves_it_four_metres_deeper(demo, month):
    ship = of(month, "DEMO COAL LONGKOU")
    berth = distance_m(*demo.places["nampo_coal"].at, ship["LON"], ship["LAT"]) < 500
    stopped = ship[berth & (ship["SOG"] < 0.5)]
    first_call = stopped[stopped["at"] < "2018-06-12"]

    assert first_call["at"].max() - first_call["at"].min() > pd.Timedelta(hours=40)
    assert (first_call["Draft"].iloc[0], first_call["Draft"].iloc[-1]) == (3.6, 7.6)


def test_the_inbound_ship_leaves_lighter_than_she_came(demo, month):
    ship = of(month, "DEMO GRAIN INBOUND")
    berth = distance_m(*demo.places["nampo_coal"].at, ship["LON"], ship["LAT"]) < 500

    assert (ship["Draft"][berth].iloc[0], ship["Draft"][berth].iloc[-1]) == (6.9, 3.3)


def test_the_ship_for_songnim_passes_the_berths_of_nampo_without_stopping(demo, month):
    ship = of(month, "DEMO SONGNIM PASSER")
    for berth in ("nampo_coal", "nampo_oil", "nampo_outer"):
        near = ship[distance_m(*demo.places[berth].at, ship["LON"], ship["LAT"]) < 1000]

        assert (near["SOG"] > 5).all()


def test_the_dark_ship_is_silent_while_others_are_heard_around_her(month):
    ship = of(month, "DEMO DARK KOREA BAY")
    hours, began = longest_silence(ship)
    last = ship[ship["at"] <= began].iloc[-1]
    others = month[
        (month["at"] > began) & (month["at"] < began + pd.Timedelta(hours=24)) & (month["MMSI"] != ship["MMSI"][0])
    ]
    near = others[(others["LON"] - last["LON"]).abs().lt(1) & (others["LAT"] - last["LAT"]).abs().lt(1)]

    assert 58 <= hours <= 61
    assert 123 < last["LON"] < 125
    assert near["at"].dt.floor("h").nunique() >= 20


def test_in_the_outage_the_whole_north_is_silent_and_the_south_is_not(month):
    outage = month[(month["at"] >= "2018-06-19T04:00") & (month["at"] < "2018-06-19T18:00")]
    before = month[(month["at"] >= "2018-06-18T04:00") & (month["at"] < "2018-06-18T18:00")]
    queue = of(month, "DEMO QUEUE DALIAN")

    assert outage[outage["LAT"] > 38.4].empty
    assert len(before[before["LAT"] > 38.4]) > 1000
    assert len(outage[outage["LAT"] < 36.5]) > 1000
    assert longest_silence(queue)[0] == pytest.approx(14, abs=0.5)


def test_nampo_is_heard_as_satellites_pass_and_dalian_all_the_time(demo, month):
    """Thin, but without a silence of an hour and a half: what happens there can be seen."""
    ship = of(month, "DEMO CALL STILL OPEN")
    berth = ship[distance_m(*demo.places["nampo_coal"].at, ship["LON"], ship["LAT"]) < 500]

    assert berth["at"].diff().max() < pd.Timedelta(hours=2)
    assert berth["at"].dt.minute.max() < 16


def test_nobody_hears_the_middle_of_the_sea_far_from_all_receivers(demo):
    at_s = np.arange(0, 86400, 60.0)
    sent = pd.DataFrame({"at_s": at_s, "true_longitude": 123.4, "true_latitude": 37.0, "ship": "DEMO X"}).assign(
        transceiver_class="A"
    )

    assert not heard(sent, demo, demo.receivers).any()
    assert heard(sent.assign(true_latitude=38.0), demo, demo.receivers).any()


def test_twins_share_an_mmsi_from_far_apart(month):
    north, south = of(month, "DEMO TWIN NORTH"), of(month, "DEMO TWIN SOUTH")

    assert set(north["MMSI"]) == set(south["MMSI"])
    assert north["LAT"].min() > 38
    assert south["LAT"].max() < 37


def test_stray_positions_are_few_and_far_off(month):
    ship = of(month, "DEMO STRAY POSITIONS")

    leap = distance_m(ship["LON"].iloc[:-1], ship["LAT"].iloc[:-1], ship["LON"].iloc[1:], ship["LAT"].iloc[1:])

    assert 5 <= (leap > 300_000).sum() / 2 <= 14  # there and back


def test_a_call_is_cut_at_the_start_and_one_is_open_at_the_end(demo, month):
    first, last = of(month, "DEMO CALL CUT AT START").iloc[0], of(month, "DEMO CALL STILL OPEN").iloc[-1]

    assert first["at"] < pd.Timestamp("2018-06-01T02:00")
    assert last["at"] > pd.Timestamp("2018-06-30T22:00")
    for fix in (first, last):
        assert distance_m(*demo.places["nampo_coal"].at, fix["LON"], fix["LAT"]) < 500


def test_ways_follow_the_lanes_both_ways(demo):
    from pipeline.scenarios.lanes import Chart

    chart = Chart(demo.waters)
    there, back = chart.way("nampo_coal", "longkou"), chart.way("longkou", "nampo_coal")

    assert there == back[::-1]
    assert demo.places["barrage_lock"].at in there
    assert all(a != b for a, b in pairwise(there))
