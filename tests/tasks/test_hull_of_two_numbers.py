"""A hull that called in North Korea under one MMSI and arrives abroad under another is one, in any order of files."""

import pandas as pd

from tests.tasks.world import COAL, Installation, assert_same, place, write_days

LATER = 440990002
IMO = 2990027


def under(mmsi, rows, imo=IMO):
    frame = pd.DataFrame(rows, columns=["hours", "LON", "LAT", "SOG"])
    said = {"VesselName": "DEMO COAL", "IMO": f"IMO{imo}", "VesselType": 70, "Length": 120, "Width": 18}
    return frame.assign(MMSI=mmsi, Draft=4.0, **said)


def from_nampo():
    berth = place("kp-nampo-coal")
    lies = [(5.5 + 0.5 * n, *berth, 0.0) for n in range(60)]
    way_in, way_out = [(2.0, 125.0, 38.6, 9.0), (3.0, 125.17, 38.68, 5.0)], [(36.5, 125.17, 38.68, 5.0)]
    return under(
        COAL, [*way_in, (5.0, *berth, 1.0), *lies, *way_out, (37.5, 125.0, 38.6, 9.0), (39.0, 124.7, 38.5, 10)]
    )


def to_incheon(**given):
    incheon = place("kr-incheon")
    way_in = [(56.0, 126.0, 37.2, 10.0), (60.5, 126.2, 37.25, 10.0), (64.0, *incheon, 1.0)]
    return under(LATER, [*way_in, *[(64.5 + n, *incheon, 0.1) for n in range(50)]], **given)


def called_before(home):
    rows = home.rows()["alert"]
    return rows.loc[rows["pattern_id"] == "called-within-180-days", "mmsi"].tolist()


def test_a_call_under_another_mmsi_of_the_hull_counts_in_whatever_order_the_files_come(tmp_path):
    before = write_days(from_nampo(), tmp_path / "before", None).values()
    after = write_days(to_incheon(), tmp_path / "after", None).values()
    at_once, late = Installation(tmp_path / "at once"), Installation(tmp_path / "late")

    at_once.land(*before, *after)
    at_once.run()
    assert called_before(at_once) == [LATER]

    late.land(*after)
    late.run()
    assert called_before(late) == []
    late.land(*before)
    late.run()
    assert_same(late.rows(), at_once.rows())


def test_a_call_of_another_hull_does_not(tmp_path):
    home = Installation(tmp_path / "home")
    both = [from_nampo(), to_incheon(imo=2990039)]

    home.land(*write_days(pd.concat(both, ignore_index=True), tmp_path / "files", None).values())
    home.run()
    assert called_before(home) == []
