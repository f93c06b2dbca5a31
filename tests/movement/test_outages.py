"""Everyone's silence at once is an outage of reception; one ship's, a convoy's or a nightly one is none."""

import numpy as np
import pandas as pd
import pytest

from pipeline.contracts import COVERAGE, RECEIVERS
from pipeline.movement.coverage import cell_of, widen
from pipeline.movement.outages import find_outages
from pipeline.movement.source_changes import find_source_changes
from tests.sea import LIMITS

START = pd.Timestamp("2021-10-20", tz="UTC")
COAST = [(118.5 + east, 38.5 + north) for east in range(3) for north in range(2)]  # six cells of a degree
DEGREE = LIMITS.outage.cell_deg


def heard(hours, vessels=4, places=COAST, by="unknown"):
    """COVERAGE in cells of a degree, for hours after START."""
    cells = cell_of(*(np.array(axis) for axis in zip(*places, strict=True)), DEGREE)
    frame = pd.DataFrame([(cell, hour) for cell in cells for hour in hours], columns=["cell", "hour"])
    frame = frame.assign(hour=START + pd.to_timedelta(frame["hour"], unit="h"), vessels=vessels, fixes=vessels)
    return COVERAGE.conform(frame.assign(**{f"{kind}_vessels": vessels * (kind == by) for kind in RECEIVERS}))


def outages(*parts, days=10):
    coverage = pd.concat(parts).groupby(["cell", "hour"], as_index=False).sum()
    return find_outages(coverage, START + pd.Timedelta(days=days), LIMITS.outage)


def changes(*parts, days=30):
    coverage = pd.concat(parts).groupby(["cell", "hour"], as_index=False).sum()
    return find_source_changes(coverage, START + pd.Timedelta(days=days), LIMITS.outage)


def all_but(begin, end, last=240):
    return [hour for hour in range(last) if not begin <= hour < end]


def at(hour):
    return START + pd.Timedelta(hours=hour)


def test_a_coast_that_falls_silent_and_is_heard_again_is_one_outage():
    found = outages(heard(all_but(100, 112)))

    assert found[["kind", "receiver", "from_at", "to_at", "hours"]].to_numpy().tolist() == [
        ["outage", "unknown", at(100), at(112), 12.0]
    ]
    assert found[["west", "south", "east", "north"]].iloc[0].tolist() == [118, 38, 121, 40]
    assert (found["longitude"].iloc[0], found["latitude"].iloc[0], found["vessels_before"].iloc[0]) == (119.5, 39, 24)


def test_cells_that_are_heard_meanwhile_are_not_part_of_it():
    found = outages(heard(all_but(100, 112), places=COAST[:4]), heard(range(240), places=COAST[4:]))

    assert len(found["cells"].iloc[0].split()) == 4


def test_a_place_that_is_heard_all_along_has_none():
    assert outages(heard(range(240))).empty


def test_one_ship_alone_that_falls_silent_is_no_outage():
    assert outages(heard(all_but(100, 112), vessels=1, places=COAST[:1])).empty


def test_a_silence_of_five_hours_is_none():
    assert outages(heard(all_but(100, 105))).empty


def test_a_convoy_that_sails_on_into_the_next_cell_is_none():
    here, there = COAST[:1], COAST[2:3]
    convoy = heard(range(60), vessels=8, places=here), heard([80], places=here)

    assert len(outages(*convoy)) == 1
    assert outages(*convoy, heard(range(60, 240), vessels=8, places=there)).empty


def test_boats_that_switch_off_every_night_are_no_outage():
    by_day = [hour for hour in range(240) if 6 <= hour % 24 < 18]
    short = [hour for hour in range(240) if 6 <= hour % 24 < 18 or hour < 114]

    nights = outages(heard(by_day))

    assert nights[nights["from_at"] > at(24)].empty
    assert len(outages(heard(short))) == 1  # the first night, when it was no habit yet


def test_the_holes_between_satellite_passes_are_habit_and_a_day_without_any_is_not():
    passes = [hour for hour in range(240) if hour % 8 == 0]

    assert outages(heard(passes, by="satellite")).empty
    found = outages(heard([hour for hour in passes if not 100 <= hour < 130], by="satellite"))
    assert found[["receiver", "from_at", "to_at"]].to_numpy().tolist() == [["satellite", at(97), at(136)]]


def test_shore_stations_can_fail_while_satellites_go_on():
    found = outages(heard(all_but(100, 112), by="terrestrial"), heard(range(240), vessels=2, by="satellite"))

    assert found["receiver"].tolist() == ["terrestrial"]


def test_ships_that_are_each_heard_every_six_hours_fall_silent_together_too():
    apart = [heard(all_but(100, 124)[n::6], vessels=1, places=COAST[n : n + 1]) for n in range(6)]
    one_alone = [heard([h for h in range(n, 240, 6) if n or not 100 <= h < 124], 1, COAST[n : n + 1]) for n in range(6)]

    assert len(outages(*apart)) == 1
    assert outages(*one_alone).empty


def test_an_outage_at_the_end_of_the_data_is_open():
    found = outages(heard(range(220)), days=10)

    assert (found["from_at"].iloc[0], found["to_at"].isna().iloc[0]) == (at(220), True)


def test_a_day_that_nobody_landed_is_said_to_be_no_data():
    assert outages(heard(all_but(96, 120)))["kind"].tolist() == ["no_data"]


def test_what_lasts_longer_than_a_week_is_no_outage():
    assert outages(heard(all_but(100, 100 + 8 * 24, last=408)), days=17).empty


def test_a_ship_in_thin_traffic_beside_it_lies_in_the_area_if_nobody_was_heard_there_either():
    beside = [(117.5, 38.5)]

    found = outages(heard(all_but(100, 112)), heard([*range(90, 99), 113], vessels=1, places=beside))

    assert len(found["cells"].iloc[0].split()) == 7


@pytest.mark.parametrize("left", [0, 1, 2])
def test_shore_stations_that_are_lost_for_good_are_a_change_of_the_source(left):
    """As on 1 November 2021, when China's shore stations vanished: counts fell by 45 to 90 per cent and stayed low."""
    lost = 12 * 24 + 9

    found = changes(
        heard(range(lost), by="terrestrial"), heard(range(lost, 30 * 24), vessels=left, by="terrestrial"),
        heard(range(30 * 24), vessels=2, by="satellite"),
    )  # fmt: skip

    assert found[["kind", "receiver", "from_at"]].to_numpy().tolist() == [["source_change", "terrestrial", at(lost)]]
    assert found[["vessels_before", "vessels_after"]].iloc[0].tolist() == [24, 6 * left]
    assert found["to_at"].isna().all()


def test_a_fall_by_a_quarter_is_none():
    lost = 12 * 24

    assert changes(heard(range(lost)), heard(range(lost, 30 * 24), vessels=3)).empty


def test_a_fall_that_lasts_three_days_is_none():
    assert changes(heard(all_but(12 * 24, 15 * 24, last=30 * 24))).empty


def test_a_fleet_that_sails_over_to_the_next_waters_is_none():
    away = [(121.5 + east, 38.5 + north) for east in range(3) for north in range(2)]
    lost = 12 * 24

    assert changes(heard(range(lost)), heard(range(lost, 30 * 24), places=away)).empty


def test_a_port_that_closes_is_none():
    lost = 12 * 24

    assert changes(heard(range(lost), places=COAST[:1]), heard(range(30 * 24), places=COAST[1:])).empty


def test_a_change_is_seen_once_a_week_has_shown_that_it_lasts():
    lost = 12 * 24

    assert changes(heard(range(lost)), heard(range(lost, 17 * 24), vessels=1), days=17).empty
    assert len(changes(heard(range(lost)), heard(range(lost, 21 * 24), vessels=1), days=21)) == 1


def test_counts_in_wider_cells_are_the_sums_of_those_within():
    quarter = COVERAGE.conform(
        pd.DataFrame({"cell": [0, 1], "hour": START, "vessels": 2, "fixes": 2, "unknown_vessels": 2})
        .assign(terrestrial_vessels=0, satellite_vessels=0)
    )  # fmt: skip

    assert widen(quarter, DEGREE)[["cell", "vessels", "unknown_vessels"]].to_numpy().tolist() == [[0, 4, 4]]
