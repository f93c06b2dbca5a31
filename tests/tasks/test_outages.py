"""Outages of reception in a home: stored, and what they hide is no ship's doing; whatever the order of arrival."""

import pandas as pd
import pytest

from pipeline.tasks import reception
from tests.tasks.world import ARRIVALS, DAYS, Installation, assert_same, fleet, write_days

pytestmark = pytest.mark.long  # whole homes, run again and again

OUTAGE = (44, 58)  # hours after the first of June
ALONE = 413000001  # the ship that falls silent by herself


def landed(home, rows, parts=(DAYS,)):
    """What the home holds once each part of the days was landed and run."""
    files = write_days(rows, home.settings.home.parent / "files")
    for part in parts:
        home.land(*(files[day] for day in part))
        home.run()
    return home.rows()


@pytest.fixture
def home(tmp_path):
    return Installation(tmp_path / "home")


def test_a_feed_that_fails_is_stored_and_no_ship_has_gone_dark_but_one_that_stays_silent_long_after(home):
    """It fails before the data end, and is closed by the day that hears them again."""
    files = write_days(fleet(silent=(34, 50), alone=(34, 100)), home.settings.home.parent / "files")
    home.land(*(files[day] for day in DAYS[:2]))
    home.run()
    at_the_end = home.rows()["reception_outage"]
    home.land(*(files[day] for day in DAYS[2:]))
    home.run()
    rows = home.rows()

    assert at_the_end["kind"].tolist() == ["outage"]
    assert at_the_end["to_at"].isna().all()
    outage, gaps = rows["reception_outage"], rows["ais_gap"].set_index("mmsi")
    assert outage[["kind", "receiver", "hours"]].to_numpy().tolist() == [["outage", "terrestrial", 16.0]]
    assert outage["from_at"].iloc[0] == pd.Timestamp("2018-06-02 10:00", tz="UTC")
    assert outage["to_at"].notna().all()
    others = gaps.drop(ALONE)
    assert len(others) == 11
    assert set(others["reception"]) == {"not_heard"}
    assert set(others["reception_outage_id"]) == set(outage["reception_outage_id"])
    assert set(gaps["receiver"]) == {"terrestrial"}
    assert gaps.loc[ALONE, "reception"] == "heard_others"
    assert gaps.loc[ALONE, "hours_hidden"] == 16


def test_a_day_that_nobody_landed_is_no_data_until_it_lands_and_one_ship_silent_among_many_could_have_been_heard(home):
    files = write_days(fleet(alone=(76, 90)), home.settings.home.parent / "files")
    home.land(*(files[day] for day in DAYS if day != DAYS[2]))
    home.run()
    missing = home.rows()
    home.land(files[DAYS[2]])
    home.run()
    whole = home.rows()

    assert missing["reception_outage"]["kind"].tolist() == ["no_data"]
    unheard = missing["ais_gap"][missing["ais_gap"]["began_at"] < pd.Timestamp(DAYS[3], tz="UTC")]
    assert unheard["reception"].tolist() == ["not_heard"] * 12
    assert whole["reception_outage"].empty
    assert whole["ais_gap"][["mmsi", "reception"]].to_numpy().tolist() == [[ALONE, "heard_others"]]
    assert whole["ais_gap"]["reception_outage_id"].isna().all()


@pytest.mark.parametrize("parts", ARRIVALS)
def test_outages_and_whom_they_hid_are_the_same_in_every_order_of_arrival(parts, tmp_path):
    rows = fleet(silent=OUTAGE, alone=(OUTAGE[0], OUTAGE[1] + 20))
    expected = landed(Installation(tmp_path / "once" / "home"), rows)

    assert_same(landed(Installation(tmp_path / "ordered" / "home"), rows, parts), expected)


def test_stations_that_are_lost_for_good_are_a_change_of_the_source_and_of_no_ship(home):
    """As on 1 November 2021: half of the fleet is heard no more from one hour on, the other half goes on."""
    lost, alone = 10 * 24 + 9, ALONE + 8
    rows = fleet(days=19)
    rows = rows[~((rows["MMSI"] < ALONE + 6) & (rows["hours"] >= lost))]
    rows = rows[~((rows["MMSI"] == alone) & rows["hours"].between(14 * 24, 15 * 24))]
    write_days(rows, home.settings.home.parent / "files")
    home.land(*sorted((home.settings.home.parent / "files").glob("*.csv")))
    home.run()

    found = home.rows()
    change = found["reception_outage"]
    assert change[["kind", "receiver"]].to_numpy().tolist() == [["source_change", "terrestrial"]]
    assert change["from_at"].iloc[0] == pd.Timestamp("2018-06-01", tz="UTC") + pd.Timedelta(hours=lost)
    assert change[["vessels_before", "vessels_after"]].iloc[0].tolist() == [12, 6]
    gaps = found["ais_gap"].set_index("mmsi")
    assert set(gaps.drop(alone)["reception"]) == {"unknown"}
    assert set(gaps.drop(alone)["reception_outage_id"]) == set(change["reception_outage_id"])
    assert gaps.loc[alone, "reception"] == "heard_others"
    assert pd.isna(gaps.loc[alone, "reception_outage_id"])
    assert len(gaps) == 7


@pytest.mark.long
def test_a_run_that_is_stopped_while_gaps_are_judged_leaves_none_behind(home, monkeypatch):
    """What was an outage at the end of the data is too long for one once a later day is landed; of the ship that stays
    silent nothing but that tells."""
    folder = home.settings.home.parent / "files"
    first = list(write_days(fleet(silent=(30, 270), alone=(30, 288), days=12), folder).values())
    (later,) = set(folder.glob("*.csv")) - set(first)
    once = Installation(home.settings.home.parent / "once")
    once.land(*first, later)
    once.run()
    home.land(*first)
    home.run()
    home.land(later)

    def stopped(*_):
        raise KeyboardInterrupt

    assert home.rows()["reception_outage"]["to_at"].isna().tolist() == [True]
    with monkeypatch.context() as patch:
        patch.setattr(reception, "_judge_gaps", stopped)
        with pytest.raises(KeyboardInterrupt):
            home.run()
    home.run()

    assert_same(home.rows(), once.rows())
    assert once.rows()["reception_outage"].empty
