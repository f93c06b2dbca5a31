"""What late, moved, withdrawn and missing data, and edited rules, do to alerts, reviews and verdicts."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime
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
from tests.tasks.world import CLOCK, DAYS, Installation, month, place, write_days

SHIP, IMO = 351990002, 2990027  # DEMO COAL: Nampo coal berth to Longkou, silent on the way


def of_ship(rows: pd.DataFrame) -> pd.Series:
    return rows["MMSI"] == SHIP


def with_fixes(rows: pd.DataFrame, *fixes: tuple[float, float, float, float]) -> pd.DataFrame:
    """The rows and some more of the ship: hours, longitude, latitude, speed."""
    added = pd.DataFrame(fixes, columns=["hours", "LON", "LAT", "SOG"])
    identity = rows[of_ship(rows) & (rows["hours"] > 36)].iloc[0].drop(["hours", "LON", "LAT", "SOG"])
    return pd.concat([rows, added.assign(**identity)], ignore_index=True)


def called_at_haeju() -> pd.DataFrame:
    """The silence filled: she lay at Haeju, a North Korean port, before she crossed."""
    stay = [(44.5 + 0.5 * n, *place("kp-haeju"), 0.0) for n in range(6)]
    return with_fixes(month(), (42.0, 125.2, 38.0, 9.0), *stay, (48.0, 125.2, 37.8, 9.0))


def stayed_longer() -> pd.DataFrame:
    """A fix in the lock, the only way out, later than all others: the voyage begins anew."""
    return with_fixes(month(), (37.0, *place("kp-barrage"), 4.0))


@pytest.fixture(scope="module")
def derived(told):
    """A home in which the five days were run; only to be read."""
    return Installation(told)


@pytest.fixture
def home(derived, tmp_path):
    shutil.copytree(derived.settings.home, tmp_path / "home")
    return Installation(tmp_path / "home")


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


def alert_of(home: Installation) -> dict:
    hers = [row for row in every_alert(home.settings) if row["mmsi"] == SHIP and row["pattern_id"] == "direct-call"]
    (alert,) = [row for row in hers if row["status"] == "standing"]
    return alert


def roles(home: Installation) -> dict[str, float]:
    """Weight of each piece of evidence of the ship's alert."""
    evidence = alert_report(home.settings, alert_of(home)["alert_id"])["evidence"]
    return {piece["role"]: piece["weight"] for piece in evidence}


def silence(home: Installation) -> pd.Series:
    gaps = home.rows()["ais_gap"]
    return gaps[(gaps["mmsi"] == SHIP) & gaps["ended_at"].notna()].iloc[0]


def review(home: Installation, alert_id: str) -> None:
    review_alert(home.settings, alert_id, "an analyst", "confirmed", "imagery agrees", CLOCK)


def reviews(home: Installation) -> pd.DataFrame:
    with open_for_reading(home.settings.database_url) as warehouse:
        return warehouse.read(REVIEW)


# ------------------------------------------------------------------------------------------ withdrawn, put back


def test_an_alert_whose_voyage_turns_out_to_end_elsewhere_is_withdrawn_and_says_where(home, files, tmp_path):
    raised = alert_of(home)
    review(home, raised["alert_id"])
    before = reviews(home)

    late = replace_days(home, files, called_at_haeju(), tmp_path / "late")

    report = alert_report(home.settings, raised["alert_id"])
    assert report["alert"]["withdrawn_at"] is not None
    reason = report["alert"]["withdrawn_reason"]
    assert "is now a voyage from Nampo coal berth that ended at Haeju on 2018-06-02" in reason
    assert len(report["evidence"]) > 3  # what was said stays to be read
    assert [row["decision"] for row in report["reviews"]] == ["confirmed"]
    assert raised["alert_id"] not in {row["alert_id"] for row in alert_queue(home.settings)}

    replace_days(home, late, month(), tmp_path / "again")

    again = alert_report(home.settings, raised["alert_id"])["alert"]
    assert (again["withdrawn_at"], again["withdrawn_reason"]) == (None, None)
    assert again["first_raised_at"] == report["alert"]["first_raised_at"]
    assert again["evidence_hash"] == reviews(home).loc[0, "evidence_hash"]
    assert_frame_equal(reviews(home), before)
    assert raised["alert_id"] not in {row["alert_id"] for row in alert_queue(home.settings)}  # reviewed as it stands


def test_an_alert_whose_ship_is_gone_from_the_data_is_withdrawn(home, files, tmp_path):
    raised = alert_of(home)

    replace_days(home, files, month()[~of_ship(month())], tmp_path / "late")

    withdrawn = alert_report(home.settings, raised["alert_id"])["alert"]
    assert withdrawn["withdrawn_reason"] == (
        "The voyage it rested on is no longer what AIS shows. In its time the ship now has no voyage."
    )


def test_a_moved_event_hands_its_alerts_review_on_to_the_successor(home, files, tmp_path):
    raised = alert_of(home)
    review(home, raised["alert_id"])

    replace_days(home, files, stayed_longer(), tmp_path / "late")

    moved = alert_of(home)
    old, new = (alert_report(home.settings, row["alert_id"]) for row in (raised, moved))
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


def test_what_she_calls_herself_is_evidence_though_no_event_changed(home, files, tmp_path):
    before = home.rows()
    tanker = month()
    tanker["VesselType"] = tanker["VesselType"].mask(of_ship(tanker), 80)

    replace_days(home, files, tanker, tmp_path / "late")

    assert_frame_equal(home.rows()["voyage"], before["voyage"])
    assert roles(home)["tanker"] < 0


def test_a_day_that_changes_nothing_of_an_alert_leaves_it_as_it_was_raised(home, files, tmp_path):
    raised = alert_report(home.settings, alert_of(home)["alert_id"])
    more = month()
    more.loc[more["MMSI"] == 412000001, "VesselName"] = "DEMO RENAMED"

    replace_days(home, files, more, tmp_path / "late")

    assert alert_report(home.settings, raised["alert"]["alert_id"]) == raised


# ------------------------------------------------------------------------------------------------ whose track


def test_the_track_of_an_alert_is_of_her_own_hull_and_not_of_another_on_her_mmsi(derived):
    (shared,) = [row for row in every_alert(derived.settings) if row["mmsi"] == 445990003]

    track = pd.DataFrame(alert_report(derived.settings, shared["alert_id"])["track"])

    assert len(track) > 3
    assert track["longitude"].max() < 130  # the other ship lies at 139 degrees east


def test_the_track_of_an_alert_follows_a_late_file_under_it(home, files, tmp_path):
    lost = month()
    lost = lost[~(of_ship(lost) & lost["hours"].between(36.2, 38))]  # how she left the basin

    whole = alert_report(home.settings, alert_of(home)["alert_id"])["track"]
    replace_days(home, files, lost, tmp_path / "late")
    without = alert_report(home.settings, alert_of(home)["alert_id"])["track"]

    assert len(whole) != len(without)


# --------------------------------------------------------------------------------------------- silence or outage


def test_a_silence_in_which_others_were_heard_weighs(derived):
    assert silence(derived)["reception"] == "heard_others"
    assert roles(derived)["heard_gap_in_korea_bay"] > 0


def test_an_outage_in_which_nobody_was_heard_does_not(home, files, tmp_path):
    outage = month()
    outage = outage[of_ship(outage) | ~outage["hours"].between(38.9, 56.1)]  # everybody silent while she was

    replace_days(home, files, outage, tmp_path / "late")

    assert silence(home)["reception"] == "not_heard"
    assert "heard_gap_in_korea_bay" not in roles(home)
    assert roles(home)["poor_reception"] < 0


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
    return voyages.loc[voyages["mmsi"] == SHIP, "cargo_state"].iloc[0]


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


def test_files_that_say_the_same_in_other_words_leave_every_byte(home, checkout):
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


# ------------------------------------------------------------------------------------------------ known by then


def discharged() -> pd.DataFrame:
    """She leaves Longkou on the fourth day, and types a lighter draught then: known only then."""
    rows = month()
    rows = rows[~(of_ship(rows) & (rows["hours"] > 80))]
    way = np.array([(81.0, 120.6, 37.9, 10.0), (84.0, 121.3, 38.1, 10.0), (100.0, 123.0, 38.3, 10.0)])
    left = with_fixes(rows, *map(tuple, way))
    late = of_ship(left) & (left["hours"] > 80)
    return left.assign(Draft=left["Draft"].mask(late, 4.0))


def verdicts(home: Installation, as_of: str | None) -> pd.DataFrame:
    day = datetime.strptime(as_of, "%Y-%m-%d").replace(tzinfo=UTC) if as_of else None
    rows = pd.DataFrame(claim_windows(home.settings, day.replace(tzinfo=None) if day else None, article="demo-2018"))
    return rows.drop(columns="as_of")


def test_what_is_learnt_later_changes_no_verdict_as_of_an_earlier_day(tmp_path):
    files = write_days(discharged(), tmp_path / "files")
    home = Installation(tmp_path / "home")
    home.land(*(files[day] for day in DAYS[:3]))
    home.run()
    then = verdicts(home, None)
    early = alert_of(home)

    home.land(*(files[day] for day in DAYS[3:]))
    home.run()

    assert "discharged" in roles(home)  # the fourth day did tell something
    assert alert_of(home)["score"] > early["score"]
    assert then.set_index(["claim_id", "window_id"]).loc[("demo-2018/D01", "W0"), "alerts_for"] > 0
    assert_frame_equal(verdicts(home, DAYS[2]), then)
    assert verdicts(home, DAYS[1]).set_index(["claim_id", "window_id"]).loc[("demo-2018/D01", "W0"), "alerts_for"] == 0
