"""A pruned home: no row of the warehouse changes, later days come to what they would have, the rest is refused."""

import shutil
from contextlib import closing
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import InputError
from pipeline.lake import pruned as pruned_lake
from pipeline.lake.lake import Lake
from pipeline.tasks import compress, meetings, plan
from pipeline.tasks import prune as pruning
from pipeline.tasks.home import Home
from pipeline.tasks.plan import planned
from tests.tasks.world import DAYS, Installation, assert_same, month, place, write_days

pytestmark = pytest.mark.long  # whole homes, run again and again

BEFORE = datetime(2018, 6, 4)  # 1 and 2 June are pruned; 3 June stays whole
QUIET = {"progress": lambda line: None}
MOVED = 413000003
ALONE = 445990077


def prune(installation, before=BEFORE, dry_run=False):
    return pruning.prune(installation.settings, before, dry_run=dry_run, **QUIET)


def stages(installation, **options):
    return [(work.stage, work.days) for work in planned(installation.settings, **options)]


def positions(home, day):
    with closing(Lake(home)) as lake:
        return lake.positions(day)


def holds(home):
    """Every file of a home with its bytes, without locks, notes and SQLite's own."""
    left_out = (".lock", "-wal", "-shm", ".sqlite", "idle.json")
    return {
        str(p.relative_to(home)): p.read_bytes()
        for p in home.rglob("*")
        if p.is_file() and not p.name.endswith(left_out)
    }


def pair(mmsi, begin, end, east):
    """Two ships at sea, one of which comes beside the other for some hours; heard every ten minutes."""
    hours = np.arange(0, 120, 1 / 6)
    away = np.interp(hours, [begin - 3, begin, end, end + 3], [0.3, 0.001, 0.001, 0.3])
    moving = np.interp(
        hours,
        [begin - 3, begin - 2.9, begin - 0.1, begin, end, end + 0.1, end + 2.9, end + 3],
        [0, 9, 9, 0, 0, 9, 9, 0],
    )
    one = pd.DataFrame({"hours": hours, "LON": 124.0 + east, "LAT": 37.6, "SOG": 0.1, "MMSI": mmsi})
    rows = pd.concat([one, one.assign(LAT=37.6 + away, SOG=moving, MMSI=mmsi + 1)])
    return rows.assign(VesselName="DEMO PAIR", VesselType=70, Length=100, Width=16)


def alone_in_port():
    """A North Korean ship in a receiving port for two days, nobody near her: of her an alert is raised."""
    longitude, latitude = place("cn-lianyungang")
    rows = pd.DataFrame({"hours": np.arange(1, 47, 0.5), "LON": longitude, "LAT": latitude, "SOG": 0.1})
    return rows.assign(MMSI=ALONE, VesselName="DEMO ALONE", VesselType=70, Length=100, Width=16)


def ships_in_company():
    """The month with two pairs that meet, one over midnight; on the last day one ship says which hull she is."""
    pairs = pd.concat([pair(413000003, 6, 11, 0.0), pair(413000005, 44, 52, 0.5)], ignore_index=True)
    said = (pairs["MMSI"] == MOVED) & (pairs["hours"] >= 96)
    pairs["IMO"] = pd.Series("IMO2990053", pairs.index).where(said)
    return pd.concat([month(), alone_in_port(), pairs], ignore_index=True)


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """Files of five days, and homes after four and after five of them."""
    files = write_days(ships_in_company(), tmp_path_factory.mktemp("company"))
    four, five = (Installation(tmp_path_factory.mktemp(name) / "home") for name in ("four", "five"))
    four.land(*(files[day] for day in DAYS[:4]))
    four.run()
    shutil.copytree(four.settings.home, five.settings.home)
    five.land(files[DAYS[4]])
    five.run()
    return files, four, five


@pytest.fixture
def four(company, tmp_path):
    """A home of one's own after four days."""
    shutil.copytree(company[1].settings.home, tmp_path / "home")
    return Installation(tmp_path / "home")


@pytest.fixture(scope="module")
def pruned(company, tmp_path_factory):
    """The home after four days, pruned; only to be read."""
    home = Installation(shutil.copytree(company[1].settings.home, tmp_path_factory.mktemp("pruned") / "home"))
    prune(home)
    return home


@pytest.fixture
def small(pruned, tmp_path):
    """The same, one's own."""
    return Installation(shutil.copytree(pruned.settings.home, tmp_path / "home"))


def test_no_row_of_the_warehouse_changes_and_a_run_has_nothing_to_do(four):
    before = four.rows()
    raw = {path.name for path in (four.settings.home / "raw").iterdir()}

    report = prune(four)

    assert_same(four.rows(), before)
    assert stages(four) == []
    assert not four.run().changed
    assert (report["days"], report["from_day"], report["to_day"], report["closed_until"]) == (2, *DAYS[:2], DAYS[2])
    assert len(raw - {path.name for path in (four.settings.home / "raw").iterdir()}) == 2
    assert report["kept_rows"] < report["rows"]


def test_the_next_day_comes_to_what_it_would_have_though_a_ship_changes_hulls(company, small):
    files, _, five = company

    small.land(files[DAYS[4]])
    small.run()

    expected = five.rows()
    assert expected["encounter"]["mmsi"].tolist() == [413000003, 413000005]
    assert "imo-2990053" in set(expected["vessel"]["vessel_id"])
    assert_same(small.rows(), expected)
    assert stages(small) == []


def test_ships_near_others_and_ships_of_alerts_keep_their_positions(company, pruned):
    whole, small = company[1].settings.home, pruned.settings.home
    for day in DAYS[:2]:
        before, after = positions(whole, day), positions(small, day)
        of_both = before[before["mmsi"].isin(after["mmsi"])]
        pd.testing.assert_frame_equal(after, of_both.reset_index(drop=True))
        assert 351990002 in set(after["mmsi"])  # near others in port, and she raised an alert
        assert (ALONE in set(after["mmsi"])) == (day == DAYS[0])  # near nobody; the alert is of her arrival
        assert set(before["mmsi"]) - set(after["mmsi"])
    pd.testing.assert_frame_equal(positions(small, DAYS[2]), positions(whole, DAYS[2]))


@pytest.mark.parametrize("day", [DAYS[0], DAYS[2]])
def test_a_late_file_of_a_settled_day_is_refused_with_nothing_changed(company, small, tmp_path, day):
    late = write_days(ships_in_company().iloc[::7].assign(MMSI=538000001, IMO="IMO2990065"), tmp_path / "late")[day]
    rows, files = small.rows(), holds(small.settings.home)

    with pytest.raises(InputError, match=f"would change {day}.* land") as told:
        small.land(late)

    assert "nothing of it was landed, keep it" in str(told.value)
    assert "AIS_2018-06-01.csv … AIS_2018-06-02.csv" in str(told.value)
    assert late.exists()
    assert holds(small.settings.home) == files
    assert stages(small) == []
    assert_same(small.rows(), rows)


@pytest.mark.long
def test_a_late_file_of_an_open_day_lands_and_is_derived_as_ever(company, small, tmp_path):
    late = write_days(ships_in_company().iloc[::7].assign(MMSI=538000001, IMO="IMO2990065"), tmp_path / "late")[DAYS[3]]
    whole = Installation(tmp_path / "whole")
    shutil.copytree(company[1].settings.home, whole.settings.home)

    for one in (small, whole):
        one.land(late)
        one.run()

    assert_same(small.rows(), whole.rows())


def test_the_same_files_make_the_days_whole_and_open_them(company, small, tmp_path):
    files, four, _ = company
    late = write_days(ships_in_company().iloc[::7].assign(MMSI=538000001, IMO="IMO2990065"), tmp_path / "late")[DAYS[0]]

    small.land(files[DAYS[0]])
    with pytest.raises(InputError, match="1 file"):
        small.land(late)
    small.land(files[DAYS[1]])

    assert stages(small) == []
    for day in DAYS[:2]:
        pd.testing.assert_frame_equal(positions(small.settings.home, day), positions(four.settings.home, day))
    assert {p.name for p in (small.settings.home / "raw").iterdir()} == {
        p.name for p in (four.settings.home / "raw").iterdir()
    }
    small.land(late)
    assert stages(small)[0] == ("compress", (DAYS[0],))


def test_replacing_a_file_of_a_pruned_day_is_refused(company, small, tmp_path):
    other = write_days(ships_in_company().iloc[::2], tmp_path / "other")[DAYS[0]]

    with pytest.raises(InputError, match=f"would change {DAYS[0]}"):
        small.land(other, replaces=company[0][DAYS[0]].name)


@pytest.mark.parametrize("days", [None, {DAYS[3]}])
def test_other_zones_or_limits_stop_a_run_before_it_writes(small, monkeypatch, days):
    rows = small.rows()
    monkeypatch.setattr(compress, "_FORM", 99)

    assert stages(small, days=days)[0] == ("pruned", tuple(DAYS[:2]))
    with pytest.raises(InputError, match="zones or limits changed, but positions were pruned: these days are settled"):
        small.run(days=days)

    assert_same(small.rows(), rows)
    monkeypatch.undo()
    assert stages(small) == []


@pytest.mark.long
def test_another_code_of_events_derives_again_what_it_can(company, small, monkeypatch):
    monkeypatch.setitem(plan._FORMS, "derive", 99)

    assert stages(small)[0][0] == "derive"
    small.run()

    assert_same(small.rows(), company[1].rows())


def test_rules_by_which_other_ships_are_near_stop_a_run_before_it_writes(small, monkeypatch):
    rows, near = small.rows(), meetings.ships_near_others
    monkeypatch.setitem(plan._FORMS, "derive", 99)
    monkeypatch.setattr(
        meetings, "ships_near_others", lambda *args: {day: ships | {1} for day, ships in near(*args).items()}
    )

    assert stages(small)[0] == ("pruned", tuple(DAYS[:2]))
    with pytest.raises(InputError, match="positions that encounters of these days rest on"):
        small.run()

    assert_same(small.rows(), rows)


def test_a_ship_whose_positions_are_gone_is_told_and_no_encounter_is_lost(small, monkeypatch):
    rows = small.rows()
    home = Home(small.settings)
    kept = pruned_lake.kept_ships
    monkeypatch.setattr(meetings, "kept_ships", lambda lake, day: kept(lake, day) - {MOVED})
    home.meetings.let_be_due([MOVED])

    with pytest.raises(InputError, match=f"MMSI {MOVED} must be found again, and its positions were pruned"):
        small.run()

    assert_same(small.rows(), rows)


def test_everything_again_is_refused(small):
    rows = small.rows()

    assert stages(small, rebuild=True)[0] == ("pruned", tuple(DAYS[:2]))
    with pytest.raises(InputError, match="run without --rebuild"):
        small.run(rebuild=True)

    assert_same(small.rows(), rows)
    assert stages(small) == []


def test_a_lost_warehouse_is_not_filled_with_half_of_it(small):
    (small.settings.home / "warehouse.sqlite").unlink()

    with pytest.raises(InputError, match="restore it from a backup"):
        small.run()
    with pytest.raises(InputError, match="restore it from a backup"):  # and again: nothing was noted meanwhile
        small.run()


def test_a_dry_run_says_bytes_by_kind_and_writes_nothing(four):
    files = holds(four.settings.home)

    report = prune(four, dry_run=True)

    assert holds(four.settings.home) == files
    assert {kind: size["before"] > size["after"] >= 0 for kind, size in report["bytes"].items()} == dict.fromkeys(
        ("raw", "positions", "vessel_reports"), True
    )
    done = prune(four)
    assert (done["kept_rows"], done["rows"]) == (report["kept_rows"], report["rows"])
    assert done["bytes"]["raw"] == report["bytes"]["raw"]


def test_what_is_not_derived_yet_is_not_pruned(company, four):
    four.land(company[0][DAYS[4]])
    files = holds(four.settings.home)

    with pytest.raises(InputError, match="`coalwatch run` first, nothing was pruned"):
        prune(four)

    assert holds(four.settings.home) == files


@pytest.mark.parametrize(
    ("before", "words"),
    [(datetime(2018, 6, 5), "newest day with positions is 2018-06-04"), (datetime(2019, 1, 1), "newest")],
)
def test_the_newest_days_stay(four, before, words):
    with pytest.raises(InputError, match=words):
        prune(four, before)


def test_a_day_before_all_data_prunes_nothing(four):
    files = holds(four.settings.home)

    assert prune(four, datetime(1, 1, 1))["days"] == prune(four, datetime(2018, 6, 2))["days"] == 0
    assert holds(four.settings.home) == files


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_a_stopped_one_leaves_whole_days_and_goes_on(four, monkeypatch, error):
    rows, done = four.rows(), pruned_lake.prune_day

    def stop(lake, day, *rest):
        if day == DAYS[1]:
            raise error
        return done(lake, day, *rest)

    monkeypatch.setattr(pruning, "prune_day", stop)
    with pytest.raises((KeyboardInterrupt, Exception)):
        prune(four)
    with closing(Lake(four.settings.home)) as lake:
        assert list(pruned_lake.pruned_days(lake.catalog)) == DAYS[:1]
    assert stages(four) == []
    assert_same(four.rows(), rows)
    monkeypatch.undo()

    report = prune(four)

    assert (report["days"], report["from_day"]) == (1, DAYS[1])
    assert len(list((four.settings.home / "raw").iterdir())) == 2
    assert_same(four.rows(), rows)


@pytest.mark.long
def test_a_second_one_prunes_only_what_is_new(company, small):
    small.land(company[0][DAYS[4]])
    small.run()

    report = prune(small, datetime(2018, 6, 5))

    assert (report["days"], report["from_day"]) == (1, DAYS[2])
    assert_same(small.rows(), company[2].rows())
