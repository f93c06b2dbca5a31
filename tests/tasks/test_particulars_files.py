"""Of several files of particulars, which one's word counts, in whatever order they land."""

import itertools
import shutil

import pytest

from pipeline.tasks.home import Home as StepHome
from tests.tasks.gfw_world import (
    MMSI,
    coal_voyage,
    encounter,
    hull,
    identity,
    registered,
    vessel,
    write_pages,
    write_ships,
)
from tests.tasks.test_particulars import FIRST, LATER, LISTED, SHIP, UNLISTED, Home
from tests.tasks.world import assert_same


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    met = encounter("e1", vessel(412000009, "BUNKER ONE"), "2020-12-05T12:00", "2020-12-05T15:00")
    events = write_pages(folder / "gfw.jsonl", [*coal_voyage(), met], fetched_at=FIRST)
    coal, bunker = (
        hull(identity(mmsi), registry=[registered(number)]) for mmsi, number in ((MMSI, UNLISTED), (412000009, 2990039))
    )
    older = write_ships(folder / "older.jsonl", [coal, bunker], fetched_at=FIRST)
    newer = write_ships(folder / "newer.jsonl", [hull(identity(), registry=[registered(LISTED)])], fetched_at=LATER)
    return {"events": events, "older": older, "newer": newer}


def land(home, pages, name):
    (home.land if name == "events" else home.ships)(pages[name])


@pytest.fixture(scope="module")
def at_once(pages, tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("at-once"))
    for name in pages:
        land(home, pages, name)
    home.run()
    return home


ORDERS = list(itertools.permutations(["events", "older", "newer"]))


@pytest.mark.long
@pytest.mark.parametrize("order", [pytest.param(one, marks=pytest.mark.long) for one in ORDERS[:-1]] + ORDERS[-1:])
def test_before_or_after_the_events_with_runs_between_the_rows_are_the_same(order, pages, at_once, tmp_path):
    home = Home(tmp_path / "home")
    for n, name in enumerate(order):
        land(home, pages, name)
        if n or name == "events":  # a run without an event has nothing to tell
            home.run()

    assert_same(home.rows(), at_once.rows())


@pytest.mark.parametrize("order", ORDERS)
def test_which_file_counts_does_not_hang_on_the_order_of_landing(order, pages, tmp_path):
    home = Home(tmp_path / "home")
    for name in order:
        land(home, pages, name)
        opened = StepHome(home.settings)
        opened.provider_events.process_parts()

    counting = opened.provider_events.vessels([MMSI, 412000009]).set_index("ship")
    assert counting["imo"].to_dict() == {SHIP: LISTED, "ship-412000009": 2990039}
    assert opened.provider_events.due() == [MMSI, 412000009]


@pytest.mark.long
def test_a_replaced_file_takes_its_word_along(pages, at_once, tmp_path):
    shutil.copytree(at_once.settings.home, tmp_path / "home")
    home = Home(tmp_path / "home")
    assert set(home.rows()["alert"]["imo"]) == {LISTED}

    other = write_ships(tmp_path / "other.jsonl", [hull(identity(440000001))], fetched_at=LATER)
    home.ships(other, replaces="newer.jsonl")  # and what the older one told of her counts again

    assert home.run().ships == 2  # she, and whom she met
    assert set(home.rows()["alert"]["imo"]) == {UNLISTED}
