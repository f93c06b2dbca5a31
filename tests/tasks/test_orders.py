"""Whatever the order in which files arrive, the current rows of every table are the same."""

import logging
import random
import shutil

import pandas as pd
import pytest

from pipeline.contracts import PASSAGE, PORT_CALL
from pipeline.tasks.home import Home
from pipeline.warehouse.store import open_warehouse
from tests.tasks.world import DAYS, Installation, assert_same, month, write_days

pytestmark = pytest.mark.long  # whole homes, run again and again


@pytest.fixture(scope="module")
def expected(told):
    """What is there when all days land and are run at once."""
    return Installation(told).rows()


@pytest.fixture
def home(told, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    return Installation(tmp_path / "home")


def test_the_days_hold_what_the_orders_are_to_agree_on(expected):
    assert len(expected["alert"]) == 2
    assert len(expected["voyage"]) == 2
    assert set(expected["ais_gap"]["reception"]) >= {"heard_others"}
    assert len(expected["track"]) == 6
    assert (expected["position_anomaly"]["kind"] == "burst").sum() == 1
    assert expected["vessel"]["imo"].notna().sum() == 3
    assert expected["alert"]["synthetic"].all()


shuffled = random.Random(7).sample(DAYS, len(DAYS))


# In the gate all stories land in parts (`test_one_sea.py`), and others are those of a real schedule (`tests/dags`).
ORDERS = {"backward": DAYS[::-1], "forward": DAYS, "shuffled": shuffled}


@pytest.mark.long
@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_one_day_after_another_in_any_order_gives_the_same_rows(files, expected, order, tmp_path, caplog):
    home, derived = Installation(tmp_path), []
    for day in order:
        home.land(files[day])
        with caplog.at_level(logging.INFO, "pipeline.tasks.derive"):
            home.run()
        derived.append([record.args[:4] for record in caplog.records if str(record.msg).startswith("derived")])
        caplog.clear()

    assert_same(home.rows(), expected)
    assert {days for of_run in derived for days, *_ in of_run} == {1}  # no stretch is derived for the sake of a day
    stays = {ships for of_run in derived for *_, ships in of_run[2:]}
    # Of later days only ships whose stay began on another day than was known, or whose best speed was.
    assert stays <= {2, 5}, derived
    assert (2 in stays) is (order != DAYS)  # in the order of time no later day is derived again


def test_a_late_day_of_one_ship_derives_her_and_nobody_else(home, tmp_path, caplog):
    rows = month()
    late = write_days(rows[rows["MMSI"] == 412000001].assign(MMSI=412000099), tmp_path / "late")
    home.land(late[DAYS[0]])

    with caplog.at_level(logging.INFO, "pipeline.tasks.derive"):
        home.run()

    derived = [record.args[0:4:3] for record in caplog.records if str(record.msg).startswith("derived")]
    assert set(derived) == {(1, 1)}  # days, ships


def test_a_day_landed_twice_changes_nothing(home, files, expected):
    home.land(files[DAYS[2]])

    report = home.run()

    assert not report.changed
    assert_same(home.rows(), expected)


def test_a_second_run_does_not_touch_the_warehouse(home):
    warehouse = home.settings.home / "warehouse.sqlite"
    before = warehouse.read_bytes()

    home.run()

    assert warehouse.read_bytes() == before


@pytest.mark.long
def test_a_day_replaced_and_put_back_leaves_what_was_there(home, files, expected, tmp_path):
    other = write_days(month(draught_after=4.0), tmp_path / "other")
    home.land(other[DAYS[2]], replaces=files[DAYS[2]].name)
    home.run()
    between = home.rows()

    home.land(files[DAYS[2]], replaces=other[DAYS[2]].name)
    home.run()

    assert not between["voyage"].equals(expected["voyage"])
    assert_same(home.rows(), expected)


def test_a_ship_that_is_heard_no_more_is_taken_back_also_when_the_rules_changed_meanwhile(
    home, files, files_without, told_without
):
    for day in DAYS:
        home.land(files_without[day], replaces=files[day].name)
    Home(home.settings).run_state.note(rules_derive="other rules")

    home.run()

    found, expected = home.rows(), Installation(told_without).rows()
    for table in ("port_call", "passage", "stop", "voyage", "ais_gap", "track", "vessel", "alert"):
        assert_same({table: found[table]}, {table: expected[table]})


def test_deriving_everything_again_changes_nothing(home, expected):
    home.run(rebuild=True)

    assert_same(home.rows(), expected)


def test_a_range_of_days_first_and_the_rest_later_is_the_same(landed, expected, tmp_path):
    shutil.copytree(landed, tmp_path / "home")
    home = Installation(tmp_path / "home")
    home.run(days=set(DAYS[2:4]))
    home.run()

    assert_same(home.rows(), expected)


def test_a_range_that_holds_no_landed_day_leaves_the_home_usable(files, tmp_path):
    home = Installation(tmp_path)
    home.land(files[DAYS[0]])
    home.run(days={DAYS[4]})

    report = home.run()

    assert report.days == [DAYS[0]]


def test_a_home_of_an_earlier_form_is_told_again(home, expected):
    """What days hand on had fewer columns, and events were others, before the form changed."""
    results = Home(home.settings).results
    for kind, column in (("ends", "attested"), ("stays", "visit_id")):
        for file in (results.folder / kind).rglob("*.parquet"):
            pd.read_parquet(file).drop(columns=column).to_parquet(file.with_name(f"earlier-{file.name}"), index=False)
            file.unlink()
            results.catalog.execute("update result set file = replace(file, ?, ?)", [file.name, f"earlier-{file.name}"])
    Home(home.settings).run_state.note(rules_derive="of another form")
    with open_warehouse(home.settings.database_url) as warehouse, warehouse.transaction():
        warehouse.sync(PASSAGE, PASSAGE.empty())
        warehouse.sync(PORT_CALL, PORT_CALL.empty())

    home.run()

    assert_same(home.rows(), expected)
    assert not home.run().changed
