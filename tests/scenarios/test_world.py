"""Drawn worlds: on water, the same for the same seed, and their truth true of what the files hold."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from stdnum import imo

from geo.distance import distance_m
from geo.zones import load_zones
from pipeline.scenarios.days import write_days
from pipeline.scenarios.lanes import Chart
from pipeline.scenarios.reception import heard
from pipeline.scenarios.sailing import reports
from pipeline.scenarios.script import CHARTS, stories
from pipeline.scenarios.tracks import tracks
from pipeline.scenarios.waters import Waters
from pipeline.scenarios.world import World, draw_world
from pipeline.seedfile import load_seed
from tests.geo.shapes import on_water

KINDS = {
    "direct-call",
    "dark-call",
    "transfer-off-nampo",
    "transfer-at-receiving-anchorage",
    "tampered-identity",
    "russian-transshipment",
    "called-within-180-days",
    "listed-vessel-in-port",
}


@pytest.fixture(scope="module")
def world() -> World:
    return draw_world(7)


@pytest.fixture(scope="module")
def sent(world) -> dict[str, pd.DataFrame]:
    """What each ship of the world sends, by name."""
    return {frame["ship"].iloc[0]: frame for frame in reports(world.scenario) if len(frame)}


@pytest.fixture(scope="module")
def told(world) -> pd.DataFrame:
    return stories(world.scenario)


def due(told, kind):
    return told[(told["kind"] == kind) & (told["alert"] == "expected")].itertuples()


def during(frame, story, world):
    begin, end = (world.scenario.seconds(moment) for moment in (story.from_at, story.to_at))
    return frame[(frame["at_s"] >= begin) & (frame["at_s"] < end)]


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("name", [path.stem for path in CHARTS.glob("*.yaml")])
def test_lanes_of_charts_lead_over_water_and_their_places_lie_in_their_zones(name):
    """The shipped coast closes the Taedong for 300 m above the coal berth; nowhere else does a lane cross land."""
    waters, zones = load_seed(CHARTS / f"{name}.yaml", Waters), load_zones()
    chart = Chart(waters)
    for a, b in [pair for lane in waters.lanes for pair in pairwise(lane)]:
        ends = np.array([chart.places[a].at, chart.places[b].at])
        longitude, latitude = (ends[0] + (ends[1] - ends[0]) * np.linspace(0, 1, 200)[:, None]).T

        assert on_water(longitude, latitude).mean() >= 0.99 or "river_bend" in (a, b), (a, b)

    for name, place in chart.places.items():
        if place.stop is not None:
            code = zones.locate([place.at[0]], [place.at[1]])[0]
            assert (zones.ids[code] if code >= 0 else None) == place.zone, name


def test_the_same_seed_draws_the_same_world_and_another_seed_another(world):
    assert draw_world(7) == world
    assert draw_world(8) != world


def test_every_kind_of_story_is_in_a_world(told):
    assert set(told.loc[told["alert"] == "expected", "kind"]) >= KINDS


def test_numbers_are_invented(world):
    numbers = [ship.imo for ship in world.scenario.ships if ship.imo is not None]

    assert all(imo.is_valid(f"IMO {number}") and 2_000_000 <= number < 3_000_000 for number in numbers)
    assert all(ship.name.startswith("SYN ") for ship in world.scenario.ships)


def test_ships_stay_on_water_but_for_the_banks_of_generalised_rivers(sent):
    places = pd.concat(frame.iloc[::9] for frame in sent.values())

    ashore = ~on_water(places["true_longitude"], places["true_latitude"])

    moving = places["sog_kn"] > 1
    assert (ashore & moving).sum() / moving.sum() < 0.02
    assert ashore.mean() < 0.06


def test_ships_sail_no_faster_than_ships(sent):
    for name, frame in sent.items():
        metres = distance_m(
            *(
                frame[c].to_numpy()[s]
                for s in (slice(0, -1), slice(1, None))
                for c in ("true_longitude", "true_latitude")
            )
        )

        knots = metres / 1852 / np.diff(frame["at_s"]) * 3600

        assert knots[np.diff(frame["at_s"]) > 120].max() < 23, name


def test_a_loader_lies_at_her_berth_and_leaves_it_deeper(world, sent, told):
    berths = [
        place.at
        for name, place in Chart(world.scenario.waters).places.items()
        if place.zone and place.zone.startswith("kp-")
    ]
    for story in due(told, "direct-call"):
        frame = during(sent[story.ships[0]], story, world)
        away = np.min([distance_m(*at, frame["true_longitude"], frame["true_latitude"]) for at in berths], axis=0)

        lying = frame[(away < 800) & (frame["sog_kn"] < 0.5)]
        assert lying["at_s"].max() - lying["at_s"].min() > 10 * 3600, story.ships


def test_a_dark_ship_sends_nothing_while_she_loads(world, sent, told):
    for story in due(told, "dark-call"):
        everything = sent[story.ships[0]]
        frame = during(everything, story, world)

        assert np.diff(everything["at_s"]).max() > 14 * 3600
        assert not (frame["true_longitude"].between(125.2, 125.7) & frame["true_latitude"].between(38.6, 38.9)).any()


def test_ships_of_a_transfer_lie_side_by_side(world, sent, told):
    for kind in ("transfer-off-nampo", "transfer-at-receiving-anchorage"):
        for story in due(told, kind):
            mother, *others = (during(sent[name], story, world) for name in story.ships)
            for other in others:
                there = [
                    np.interp(other["at_s"], mother["at_s"], mother[c]) for c in ("true_longitude", "true_latitude")
                ]
                metres = distance_m(*there, other["true_longitude"], other["true_latitude"])
                assert (metres < 120).sum() >= 10, (story.ships, other["ship"].iloc[0])


@pytest.mark.parametrize("seed", [11, 501, 503, 653])
def test_a_transfer_under_way_that_is_told_took_place(seed):
    scenario = draw_world(seed).scenario
    (story,) = [one for one in scenario.stories if "under way" in one.because]
    pair = [ship for ship in scenario.ships if ship.name in story.ships]
    one, other = tracks(scenario.model_copy(update={"ships": pair}))

    at = np.arange(scenario.seconds(story.from_at), scenario.seconds(story.to_at) - 4 * 3600, 600.0)
    (here, _), (there, _) = one.where(at), other.where(at)

    assert (distance_m(*here, *there) < 120).all()


def test_a_pair_of_ships_that_only_lie_in_the_same_roads_keep_apart(sent):
    """The twin of a transfer: bulkers in one anchorage are never alongside each other."""
    bulkers = [frame for name, frame in sent.items() if name.startswith("SYN BULKER")]
    for n, one in enumerate(bulkers):
        for other in bulkers[n + 1 :]:
            still = other[other["sog_kn"] < 0.5]
            there = [np.interp(still["at_s"], one["at_s"], one[c]) for c in ("true_longitude", "true_latitude")]
            metres = distance_m(*there, still["true_longitude"], still["true_latitude"])
            assert (metres < 120).sum() < 10


def test_a_tampered_ship_is_heard_under_more_than_one_number_or_under_a_tugs(sent, told):
    for story in due(told, "tampered-identity"):
        mmsis = {mmsi for name in story.ships for mmsi in sent[name]["mmsi"]}

        assert mmsis == set(story.mmsis)
        assert len(mmsis) > 1 or "tug" in story.because


def test_what_reaches_the_files_of_a_smaller_share_is_a_part_of_a_larger(world, sent):
    some = list(sent.values())[:12]
    kept = [
        [heard(frame, world.scenario.model_copy(update={"heard": share}), world.scenario.receivers) for frame in some]
        for share in (1, 0.5, 0.2)
    ]

    all_of, half, fifth = (np.concatenate(masks) for masks in kept)
    assert not (half & ~all_of).any()
    assert not (fifth & ~half).any()
    assert half.sum() / all_of.sum() == pytest.approx(0.5, abs=0.02)
    assert fifth.sum() / all_of.sum() == pytest.approx(0.2, abs=0.02)


def test_interference_moves_many_ships_at_once_and_a_lie_one(world, sent):
    def moved(frame):
        return distance_m(*(frame[c] for c in ("true_longitude", "true_latitude", "longitude", "latitude"))) > 500

    for disturbed in world.scenario.interference:
        begin, end = world.scenario.seconds(disturbed.from_at), world.scenario.seconds(disturbed.to_at)
        west, south, east, north = disturbed.box
        for frame in sent.values():
            now = frame[(frame["at_s"] >= begin) & (frame["at_s"] < end)]
            inside = now["true_longitude"].between(west, east) & now["true_latitude"].between(south, north)
            assert moved(now[inside]).mean() > 0.5 if inside.any() else True
    assert moved(sent["SYN CIRCLES"]).any()
    assert not moved(sent["SYN BULKER 01"]).all()


def test_the_files_of_a_world_are_ordinary_daily_files(world, tmp_path):
    few = world.scenario.model_copy(update={"ships": world.scenario.ships[:4], "stories": []})

    files = write_days(few, tmp_path)

    assert len(files) == (few.to_at - few.from_at).days
    assert files[0].read_text(encoding="utf-8").startswith("MMSI,BaseDateTime,LAT,LON,")


def test_no_two_ships_lie_at_one_berth_at_once(world):
    """A ship that stays on at her berth keeps it: whoever comes later takes another. Service craft have their own."""
    stays = pd.DataFrame(
        [
            (place, planned.berth, track.ship.name, begin, end)
            for track in tracks(world.scenario)
            for planned, (place, begin, end) in zip(track.ship.way, track.stays, strict=False)
            if planned.to is not None and planned.berth != 24
        ],
        columns=["place", "berth", "ship", "begin", "end"],
    ).sort_values("begin")

    for at, of_berth in stays.groupby(["place", "berth"]):
        before = of_berth["end"].cummax().shift()
        other = of_berth["ship"] != of_berth["ship"].shift()
        assert not (other & (of_berth["begin"] < before - 3600)).any(), at
