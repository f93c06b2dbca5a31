"""What late, moved, withdrawn and missing data, and edited rules, do to alerts, reviews and verdicts.

A fleet sails as the coal ship of `tests.tasks.world` does, each ship with a story of her own. Their home is run after
three days and after five, then with other files of those that turn out otherwise, then with one of them put back.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from pipeline.contracts import REVIEW
from pipeline.resources import ROOT
from pipeline.tasks.reports import alert_queue, alert_report, claim_windows, every_alert
from pipeline.tasks.review import review_alert
from pipeline.warehouse.store import open_for_reading
from tests.tasks.test_one_hull import imo_number
from tests.tasks.world import CLOCK, COAL, DAYS, Installation, month, place, traffic, voyage, write_days

pytestmark = pytest.mark.long  # whole homes, run again and again

IMO = 2990027  # of COAL: Nampo coal berth to Longkou, silent on the way
TO_HAEJU, GONE, STAYED, TANKER, TRIMMED, DISCHARGED, UNHEARD = SHIPS = range(351990081, 351990088)
TWO_HULLS = 445990003  # a number on which two ships of `month` are heard
OUTAGE = (62.9, 80.1)  # hours in which nobody is heard: UNHEARD is a day behind the others, and silent then


def of_ship(rows: pd.DataFrame, mmsi: int = COAL) -> pd.Series:
    return rows["MMSI"] == mmsi


def with_fixes(rows: pd.DataFrame, mmsi: int, *fixes: tuple[float, float, float, float]) -> pd.DataFrame:
    """The rows and some more of a ship: hours, longitude, latitude, speed."""
    added = pd.DataFrame(fixes, columns=["hours", "LON", "LAT", "SOG"])
    identity = rows[of_ship(rows, mmsi) & (rows["hours"] > 36)].iloc[0].drop(["hours", "LON", "LAT", "SOG"])
    return pd.concat([rows, added.assign(**identity)], ignore_index=True)


def fleet_rows() -> pd.DataFrame:
    """As it was told first."""
    ships = [voyage(mmsi, imo_number(60 + n)[3:], f"DEMO {mmsi}") for n, mmsi in enumerate(SHIPS)]
    later, beside = ships[-1], traffic()
    later["hours"] += 24
    beside = beside.assign(hours=beside["hours"] + 24, MMSI=beside["MMSI"] + 10)
    return discharged(pd.concat([month(), *ships, beside], ignore_index=True))


def discharged(rows: pd.DataFrame) -> pd.DataFrame:
    """One leaves Longkou on the fourth day, and types a lighter draught then: known only then."""
    rows = rows[~(of_ship(rows, DISCHARGED) & (rows["hours"] > 80))]
    way = np.array([(81.0, 120.6, 37.9, 10.0), (84.0, 121.3, 38.1, 10.0), (100.0, 123.0, 38.3, 10.0)])
    left = with_fixes(rows, DISCHARGED, *map(tuple, way))
    late = of_ship(left, DISCHARGED) & (left["hours"] > 80)
    return left.assign(Draft=left["Draft"].mask(late, 4.0))


def called_at_haeju(rows: pd.DataFrame, mmsi: int) -> pd.DataFrame:
    """The silence of one filled: she lay at Haeju, a North Korean port, before she crossed."""
    stay = [(44.5 + 0.5 * n, *place("kp-haeju"), 0.0) for n in range(6)]
    return with_fixes(rows, mmsi, (42.0, 125.2, 38.0, 9.0), *stay, (48.0, 125.2, 37.8, 9.0))


def turned_out() -> pd.DataFrame:
    """As it is told when most are known to have fared otherwise."""
    rows = fleet_rows()
    rows = rows[~of_ship(rows, GONE)]
    # A fix in the lock, the only way out, later than all others: the voyage begins anew.
    rows = with_fixes(rows, STAYED, (37.0, *place("kp-barrage"), 4.0))
    rows["VesselType"] = rows["VesselType"].mask(of_ship(rows, TANKER), 80)
    rows = rows[~(of_ship(rows, TRIMMED) & rows["hours"].between(36.2, 38))]  # how she left the basin
    crowd = rows["MMSI"].between(412000000, 449999999) & (rows["MMSI"] != TWO_HULLS)
    rows = rows[~(crowd & rows["hours"].between(*OUTAGE))]
    rows.loc[rows["MMSI"] == 412000001, "VesselName"] = "DEMO RENAMED"
    return rows


@pytest.fixture(scope="module")
def by_then(tmp_path_factory):
    """The home after three of the days, only to be read; and the files of all five."""
    folder = tmp_path_factory.mktemp("by-then")
    files = write_days(fleet_rows(), folder / "files")
    home = Installation(folder / "home")
    home.land(*(files[day] for day in DAYS[:3]))
    home.run()
    return home, files


def copy_of(home: Installation, folder: Path) -> Installation:
    return Installation(shutil.copytree(home.settings.home, folder / "home"))


@pytest.fixture(scope="module")
def fleet(by_then, tmp_path_factory):
    """The home after all five; only to be read."""
    home, files = by_then
    home = copy_of(home, tmp_path_factory.mktemp("fleet"))
    home.land(*(files[day] for day in DAYS[3:]))
    home.run()
    return home


@pytest.fixture(scope="module")
def late(fleet, by_then, tmp_path_factory):
    """The home after two alerts were reviewed and what turned out came; only to be read. And the files that count."""
    folder = tmp_path_factory.mktemp("late")
    home = copy_of(fleet, folder)
    for mmsi in (TO_HAEJU, STAYED):
        review_alert(
            home.settings, alert_of(home, mmsi)["alert_id"], "an analyst", "confirmed", "imagery agrees", CLOCK
        )
    files = replace_days(home, by_then[1], called_at_haeju(turned_out(), TO_HAEJU), folder / "files")
    return home, files


@pytest.fixture(scope="module")
def put_back(late, tmp_path_factory):
    """The home after the ship that was at Haeju turned out not to have been; only to be read."""
    folder = tmp_path_factory.mktemp("put-back")
    home = copy_of(late[0], folder)
    replace_days(home, late[1], turned_out(), folder / "files")
    return home


def replace_days(home: Installation, old: dict[str, Path], rows: pd.DataFrame, folder: Path) -> dict[str, Path]:
    """Land other files in place of those days that differ, and run."""
    new = write_days(rows, folder)
    changed = [day for day in DAYS if new[day].read_bytes() != old[day].read_bytes()]
    for day in changed:
        renamed = new[day].rename(folder / f"late_{new[day].name}")
        home.land(renamed, replaces=old[day].name)
        new[day] = renamed
    home.run()
    return new


def alert_of(home: Installation, mmsi: int = COAL) -> dict:
    hers = [row for row in every_alert(home.settings) if row["mmsi"] == mmsi and row["pattern_id"] == "direct-call"]
    (alert,) = [row for row in hers if row["status"] == "standing"]
    return alert


def report_of(home: Installation, alert: dict) -> dict:
    return alert_report(home.settings, alert["alert_id"])


def roles(home: Installation, mmsi: int = COAL) -> dict[str, float]:
    """Weight of each piece of evidence of the ship's alert."""
    return {piece["role"]: piece["weight"] for piece in report_of(home, alert_of(home, mmsi))["evidence"]}


def silence(home: Installation, mmsi: int) -> pd.Series:
    gaps = home.rows()["ais_gap"]
    return gaps[(gaps["mmsi"] == mmsi) & gaps["ended_at"].notna()].iloc[0]


def reviews(home: Installation) -> pd.DataFrame:
    with open_for_reading(home.settings.database_url) as warehouse:
        return warehouse.read(REVIEW)


# ------------------------------------------------------------------------------------------ withdrawn, put back


def test_an_alert_whose_voyage_turns_out_to_end_elsewhere_is_withdrawn_and_says_where(fleet, late, put_back):
    raised = alert_of(fleet, TO_HAEJU)

    report = report_of(late[0], raised)

    assert report["alert"]["withdrawn_at"] is not None
    reason = report["alert"]["withdrawn_reason"]
    assert "is now a voyage from Nampo coal berth that ended at Haeju on 2018-06-02" in reason
    assert len(report["evidence"]) > 3  # what was said stays to be read
    assert [row["decision"] for row in report["reviews"]] == ["confirmed"]
    assert raised["alert_id"] not in {row["alert_id"] for row in alert_queue(late[0].settings)}

    again = report_of(put_back, raised)["alert"]
    assert (again["withdrawn_at"], again["withdrawn_reason"]) == (None, None)
    assert again["first_raised_at"] == report["alert"]["first_raised_at"]
    (shown,) = reviews(put_back).query("alert_id == @raised['alert_id']")["evidence_hash"]
    assert again["evidence_hash"] == shown
    assert_frame_equal(reviews(put_back), reviews(late[0]))
    assert raised["alert_id"] not in {
        row["alert_id"] for row in alert_queue(put_back.settings)
    }  # reviewed as it stands


def test_an_alert_whose_ship_is_gone_from_the_data_is_withdrawn(fleet, late):
    withdrawn = report_of(late[0], alert_of(fleet, GONE))["alert"]

    assert withdrawn["withdrawn_reason"] == (
        "The voyage it rested on is no longer what AIS shows. In its time the ship now has no voyage."
    )


def test_a_moved_event_hands_its_alerts_review_on_to_the_successor(fleet, late):
    home, _ = late
    raised, moved = alert_of(fleet, STAYED), alert_of(home, STAYED)

    old, new = report_of(home, raised), report_of(home, moved)

    assert moved["alert_id"] != raised["alert_id"]
    assert [row["successor_alert_id"] for row in old["succeeded_by"]] == [moved["alert_id"]]
    reason = old["alert"]["withdrawn_reason"]
    assert "In its time the ship now has a voyage from Nampo coal berth that ended at Longkou" in reason
    assert [row["reviewed_alert_id"] for row in new["reviews"]] == [raised["alert_id"]]
    queued = {row["alert_id"]: row for row in alert_queue(home.settings)}
    assert raised["alert_id"] not in queued
    assert (queued[moved["alert_id"]]["status"], queued[moved["alert_id"]]["last_decision"]) == (
        "evidence changed", "confirmed",
    )  # fmt: skip


def test_what_she_calls_herself_is_evidence_though_no_event_changed(fleet, late):
    before, after = (home.rows()["voyage"].query("mmsi == @TANKER") for home in (fleet, late[0]))

    assert len(before)
    assert_frame_equal(before.reset_index(drop=True), after.reset_index(drop=True))
    assert "tanker" not in roles(fleet, TANKER)
    assert roles(late[0], TANKER)["tanker"] < 0


def test_a_day_that_changes_nothing_of_an_alert_leaves_it_as_it_was_raised(fleet, late):
    raised = report_of(fleet, alert_of(fleet))

    assert report_of(late[0], raised["alert"]) == raised


# ------------------------------------------------------------------------------------------------ whose track


def test_the_track_of_an_alert_is_of_her_own_hull_and_not_of_another_on_her_mmsi(fleet):
    (shared,) = [row for row in every_alert(fleet.settings) if row["mmsi"] == TWO_HULLS]

    track = pd.DataFrame(report_of(fleet, shared)["track"])

    assert len(track) > 3
    assert track["longitude"].max() < 130  # the other ship lies at 139 degrees east


def test_the_track_of_an_alert_follows_a_late_file_under_it(fleet, late):
    whole, without = (report_of(home, alert_of(home, TRIMMED))["track"] for home in (fleet, late[0]))

    assert len(whole) != len(without)


# --------------------------------------------------------------------------------------------- silence or outage


def test_a_silence_in_which_others_were_heard_weighs(fleet, late):
    for home, mmsi in ((fleet, COAL), (fleet, UNHEARD), (late[0], COAL)):
        assert silence(home, mmsi)["reception"] == "heard_others"
        assert roles(home, mmsi)["heard_gap_in_korea_bay"] > 0


def test_an_outage_in_which_nobody_was_heard_does_not(late):
    home, _ = late

    assert silence(home, UNHEARD)["reception"] == "not_heard"
    assert "heard_gap_in_korea_bay" not in roles(home, UNHEARD)
    assert roles(home, UNHEARD)["poor_reception"] < 0


# ------------------------------------------------------------------------------------------------ known by then


def verdicts(home: Installation, as_of: str | None) -> pd.DataFrame:
    day = datetime.strptime(as_of, "%Y-%m-%d") if as_of else None
    rows = pd.DataFrame(claim_windows(home.settings, day, article="demo-2018"))
    return rows.drop(columns="as_of")


def test_what_is_learnt_later_changes_no_verdict_as_of_an_earlier_day(by_then, fleet):
    then, early = verdicts(by_then[0], None), alert_of(by_then[0], DISCHARGED)

    assert "discharged" in roles(fleet, DISCHARGED)  # the fourth day did tell something
    assert alert_of(fleet, DISCHARGED)["score"] > early["score"]
    assert then.set_index(["claim_id", "window_id"]).loc[("demo-2018/D01", "W0"), "alerts_for"] > 0
    assert_frame_equal(verdicts(fleet, DAYS[2]), then)
    before = verdicts(fleet, DAYS[1])
    assert before.set_index(["claim_id", "window_id"]).loc[("demo-2018/D01", "W0"), "alerts_for"] == 0


# -------------------------------------------------------------------------------------------------- edited rules


class Checkout:
    """The project's own files, copied, so that a test can edit them as a person would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("pipeline", "geo", "seeds", "sql"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{path}: {old} is there {text.count(old)} times"
        (self.folder / path).write_text(text.replace(old, new), encoding="utf-8")

    def run(self, home: Installation) -> None:
        command = [sys.executable, "-m", "pipeline.cli", "run", "--quiet", "--home", str(home.settings.home)]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)


@pytest.fixture
def home(told, tmp_path):
    """The five days of the world, run; one's own."""
    return Installation(shutil.copytree(told, tmp_path / "home"))


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path / "checkout")


EDITS = {
    "limit": ("seeds/limits.yaml", "draught_change_m: {value: 1.5,", "draught_change_m: {value: 4.5,"),
    "zone": (
        "geo/zones/cn-longkou.geojson",
        '"name": "Longkou", "kind": "port", "parent_zone_id": null, "port": "Longkou", "country": "CN",'
        ' "loads_coal": false, "receives_coal": true',
        '"name": "Longkou", "kind": "port", "parent_zone_id": null, "port": "Longkou", "country": "CN",'
        ' "loads_coal": false, "receives_coal": false',
    ),
    "list": (
        "seeds/watchlists/eu-2017-1509.csv",
        "XIII.B-imo-8606173,8606173,",
        f"DEMO-1,{IMO},Demo Coal,,2016-03-02,,asset freeze,\nXIII.B-imo-8606173,8606173,",
    ),
}


def laden(rows: dict[str, pd.DataFrame]) -> str:
    voyages = rows["voyage"]
    return voyages.loc[voyages["mmsi"] == COAL, "cargo_state"].iloc[0]


@pytest.mark.long
def test_edited_rules_derive_again_what_they_bear_on_and_nothing_else(home, landed, checkout, tmp_path):
    before, raised = home.rows(), alert_of(home)

    checkout.edit(*EDITS["list"])
    checkout.run(home)
    listed = roles(home)

    assert listed["listed"] > 0
    for name in ("port_call", "voyage", "ais_gap", "track", "coverage_day", "alert_track"):
        assert_frame_equal(home.rows()[name], before[name])

    checkout.edit(*EDITS["limit"])
    checkout.run(home)

    assert (laden(before), laden(home.rows())) == ("laden", "unknown")
    assert set(listed) - set(roles(home)) == {"draught_rose"}

    checkout.edit(*EDITS["zone"])
    checkout.run(home)

    withdrawn = alert_report(home.settings, raised["alert_id"])["alert"]
    assert "That is no match of the pattern" in withdrawn["withdrawn_reason"]
    assert_as_derived_afresh(home, landed, checkout, tmp_path)


def test_files_that_say_the_same_in_other_words_leave_every_byte(fleet, checkout, tmp_path):
    home = copy_of(fleet, tmp_path)
    for path in ("seeds/limits.yaml", "seeds/evidence/draught.yaml", "seeds/patterns/direct-call.yaml"):
        (checkout.folder / path).write_text("# a remark\n" + (checkout.folder / path).read_text(encoding="utf-8"))
    before = (home.settings.home / "warehouse.sqlite").read_bytes()

    checkout.run(home)

    assert (home.settings.home / "warehouse.sqlite").read_bytes() == before


def assert_as_derived_afresh(home: Installation, landed: Path, checkout: Checkout, folder: Path) -> None:
    """The home holds what a new one would that never knew other rules."""
    shutil.copytree(landed, folder / "afresh")
    afresh = Installation(folder / "afresh")
    checkout.run(afresh)
    expected = afresh.rows()
    for name, rows in home.rows().items():
        assert_frame_equal(rows, expected[name], obj=name)
