"""All stories of the other files in one sea: whatever comes late or is corrected, every table ends the same.

Each story by itself, and all of them day by day, are told in `make test-long`.
"""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from pipeline.contracts import ALERT
from pipeline.warehouse.store import open_for_reading
from tests.tasks import test_company, test_dark_calls, test_meetings, test_one_hull, test_stops_abroad, test_transfers
from tests.tasks.world import (
    ARRIVALS_BY_DAY,
    COAL,
    DAYS,
    IN_PARTS,
    Installation,
    Rows,
    assert_same,
    fleet,
    month,
    write_days,
)

pytestmark = pytest.mark.long  # whole homes, run again and again

WENT_ON, STAYED = 351990062, 351990064  # lay still off Zhuanghe; the one was at Longkou later
AT_ZHOUSHAN = 351990071  # a foreign ship beside a foreign barge: only that she was at Nampo makes it a matter
OLD, NEW = test_one_hull.OLD + 10, test_one_hull.NEW + 10
LATE = {  # what comes when all else was run: of which ship which days
    test_transfers.BARGE: DAYS[1:2],
    AT_ZHOUSHAN: DAYS[:1],
    test_meetings.ONE + 2: DAYS[2:3],
    test_meetings.THIRD: DAYS,
    WENT_ON: DAYS[3:],
}
ELSEWHERE = [test_transfers.BARGE, test_company.BROUGHT, STAYED]  # what turns out to have been elsewhere


def off_zhuanghe(mmsi: int, number: str, east: float, then=()) -> pd.DataFrame:
    longitude, latitude = test_stops_abroad.OFF_ZHUANGHE
    rows = test_stops_abroad.rows((longitude + east, latitude), then)
    return rows[rows["MMSI"] == COAL].assign(MMSI=mmsi, IMO=number)


def stories() -> list[pd.DataFrame]:
    """Ships of which none shares a number with those of another story."""
    hull, dark = test_one_hull, test_dark_calls
    again = hull.ship(hull.OLD, hull.BACK, IMO=hull.IMO)
    drifting = fleet(silent=(44, 58), alone=(44, 78))
    drifting.loc[(drifting["MMSI"] == 413000002) & (drifting["hours"] > 60), "VesselName"] = "DEMO RENAMED"
    return [
        month(),
        dark.lane(),
        dark.ship(1, "PA", dark.out_and_back(), dark.LANDED),
        dark.ship(4, "KP", dark.ONE_WAY, {0: 5.0}),
        test_company.world(),
        test_meetings.at_sea(test_meetings.ship(test_meetings.THIRD, -60, (21, 28), (0, 48))),
        test_transfers.loaded_at_nampo(),
        test_transfers.barge(),
        test_transfers.loaded(AT_ZHOUSHAN, VesselType=None),
        test_transfers.lighter(0, 40, (74.0, 92.0)),
        hull.of_their_own(1, [hull.loads(), again, hull.lands()]),
        off_zhuanghe(WENT_ON, hull.imo_number(40), 0.0, test_stops_abroad.LONGKOU),
        off_zhuanghe(STAYED, hull.imo_number(41), -0.1),
        drifting,
    ]


def elsewhere(folder: Path) -> tuple[list[Path], list[Path]]:
    """What turns out to be so: files in place of those of the same ship and day, and files beside them."""
    hull, dark = test_one_hull, test_dark_calls
    barge, stayed = test_transfers.barge(), off_zhuanghe(STAYED, hull.imo_number(41), -0.1)
    barge.loc[barge["hours"].between(24, 48, inclusive="left"), "LAT"] = 35.0
    stayed.loc[stayed["hours"].between(58, 78), ["SOG", "LAT"]] = [9.0, 38.0]  # she was under way
    first = test_company.world(first_berth="ru-vladivostok")
    first = first[first["MMSI"] == test_company.BROUGHT]
    heard = [
        hull.of_their_own(1, [hull.MEANWHILE.assign(IMO=None)]),
        dark.ship(1, "PA", dark.lie(dark.OFF, dark.GONE[-1][0] + 2, 44), {0: 4.0}),
    ]
    return tuple(test_transfers.files_of(folder / name, *ships) for name, ships in (
        ("instead", [barge, stayed, first]), ("beside", heard)
    ))  # fmt: skip


def day_of(file: Path) -> str:
    return file.stem[-10:]


def is_late(file: Path) -> bool:
    mmsi = file.stem.split("_")[0]
    return mmsi.isdigit() and day_of(file) in LATE.get(int(mmsi), ())


@pytest.fixture(scope="module")
def sea(tmp_path_factory) -> tuple[list[Path], Installation]:
    """The files of the sea, by day, and by ship and day where one is late or was elsewhere; and a home in which they
    landed and were run at once, only to be read."""
    folder = tmp_path_factory.mktemp("sea")
    rows = pd.concat(stories(), ignore_index=True)
    alone = rows["MMSI"].isin([*LATE, *ELSEWHERE])
    files = list(write_days(rows[~alone], folder / "days").values())
    files += test_transfers.files_of(folder / "ships", *(of_ship for _, of_ship in rows[alone].groupby("MMSI")))
    home = Installation(folder / "home")
    home.land(*files)
    home.run()
    return files, home


def alerts_of(rows: Rows, mmsi: int) -> list[dict]:
    return rows["alert"][rows["alert"]["mmsi"] == mmsi].to_dict("records")


def met(rows: Rows) -> set[tuple[int, int]]:
    return set(zip(rows["encounter"]["mmsi"], rows["encounter"]["other_mmsi"], strict=True))


def test_every_kind_of_event_and_alert_happens_in_it(sea):
    rows = sea[1].rows()

    for name in ("passage", "stop", "loitering", "draught_change", "dark_call", "encounter", "alert_cargo"):
        assert len(rows[name]), name
    assert set(rows["reception_outage"]["kind"]) == {"outage"}
    assert set(rows["ais_gap"]["reception"]) >= {"heard_others", "not_heard"}
    assert set(rows["identity_change"]["kind"]) >= {"value", "succession"}
    assert set(rows["alert"]["pattern_id"]) >= {
        "direct-call", "dark-call", "russian-transshipment", "tampered-identity", "transfer-off-nampo",
    }  # fmt: skip
    (sailed_on,) = alerts_of(rows, test_company.CARRIED)
    assert sailed_on["pattern_id"] == "russian-transshipment"
    assert "DEMO FIRST (MMSI 511990001)" in sailed_on["headline"]  # who landed there before


@pytest.mark.parametrize("parts", ARRIVALS_BY_DAY)
def test_whichever_day_comes_after_which_it_is_the_same(sea, tmp_path, parts):
    files, at_once = sea
    home = Installation(tmp_path / "home")
    for part in parts:
        home.land(*(file for file in files if day_of(file) in part))
        home.run()

    assert_same(home.rows(), at_once.rows())
    assert not home.run().changed


def test_in_whatever_order_days_come_it_is_the_same_and_what_is_late_of_one_party_tells_of_both(sea, tmp_path):
    files, at_once = sea
    one, other, third = test_meetings.ONE, test_meetings.OTHER, test_meetings.THIRD
    home = Installation(tmp_path / "home")
    for part in IN_PARTS:
        home.land(*(file for file in files if day_of(file) in part and not is_late(file)))
        home.run()
    before = home.rows()

    home.land(*filter(is_late, files))
    home.run()

    assert not home.run().changed
    after = home.rows()
    assert_same(after, at_once.rows())
    for of_a_transfer in (test_transfers.SHE, AT_ZHOUSHAN):
        assert (alerts_of(before, of_a_transfer), bool(alerts_of(after, of_a_transfer))) == ([], True)
    assert met(after) - met(before) >= {(one + 2, other + 2), (one, third), (other, third)}
    pair = [rows["encounter"].query(f"mmsi == {one} and other_mmsi == {other}") for rows in (before, after)]
    pd.testing.assert_frame_equal(*(rows.reset_index(drop=True) for rows in pair))  # a third leaves it as it is
    (stopped,), (called) = alerts_of(before, WENT_ON), alerts_of(after, WENT_ON)
    assert ("place at sea" in stopped["headline"], "arrived at Longkou" in called[0]["headline"]) == (True, True)
    assert stopped["alert_id"] == called[0]["alert_id"]
    assert stopped["evidence_hash"] != called[0]["evidence_hash"]


def test_what_turns_out_to_have_been_elsewhere_takes_back_what_rested_on_it(sea, tmp_path):
    """A barge, a ship at rest, the first of two ships at a berth; numbers that were heard meanwhile."""
    files, at_once = sea
    instead, beside = elsewhere(tmp_path)
    home = Installation(shutil.copytree(at_once.settings.home, tmp_path / "home"))
    before = home.rows()
    standing = {file.name: file for file in files}
    corrected = {file.name: file for file in instead if file.read_bytes() != standing[file.name].read_bytes()}

    for name, file in corrected.items():
        home.land(file.rename(file.with_name(f"corrected_{name}")), replaces=name)
    home.land(*(file.rename(file.with_name(f"beside_{file.name}")) for file in beside))
    home.run()

    after = home.rows()
    dark = test_dark_calls.FLAGS["PA"] + 1
    for mmsi in (test_transfers.SHE, test_company.CARRIED, STAYED, NEW, dark):
        assert (len(alerts_of(before, mmsi)), alerts_of(after, mmsi)) == (1, []), mmsi
    with open_for_reading(home.settings.database_url) as warehouse:
        withdrawn = warehouse.read(ALERT).set_index("mmsi")["withdrawn_reason"]
    assert "The encounter it rested on is no longer what AIS shows." in withdrawn[test_transfers.SHE]
    for table, mmsi in (("stop", STAYED), ("identity_change", NEW), ("dark_call", dark)):
        assert [(rows[table]["mmsi"] == mmsi).any() for rows in (before, after)] == [True, False], table
    afresh = Installation(tmp_path / "afresh")
    afresh.land(*(file for name, file in standing.items() if name not in corrected))
    afresh.land(*tmp_path.glob("instead/*/corrected_*"), *tmp_path.glob("beside/*/beside_*"))
    afresh.run()
    assert_same(after, afresh.rows())
