"""Which hull a track is: by IMO number where it holds, never an innocent namesake."""

import json

import pandas as pd
import pytest
from stdnum.imo import calc_check_digit

from pipeline.events.identity import resolve_vessels
from pipeline.mid import flag_of
from tests.sea import LIMITS

WISE, JIE = 8905490, 8518780  # both check digits hold


def spans(*rows):
    columns = ["mmsi", "track", "imo", "name", "length_m", "from_day", "to_day"]
    frame = pd.DataFrame(rows, columns=columns)
    times = {
        f"{end}_at": pd.to_datetime(frame.pop(f"{end}_day"), unit="D", origin="2018-06-01", utc=True)
        for end in ("from", "to")
    }
    frame = frame.assign(
        **times, call_sign=None, ship_type=70, width_m=18.0, identity_id=[f"id{n}" for n in range(len(rows))]
    )
    return frame.astype({"imo": "Int64", "from_at": "datetime64[us, UTC]", "to_at": "datetime64[us, UTC]"})


def resolve(*rows):
    identities = spans(*rows)
    tracks = identities.groupby(["mmsi", "track"], as_index=False).agg(
        from_at=("from_at", "min"), to_at=("to_at", "max")
    )
    return resolve_vessels(tracks, identities, LIMITS.identity)


def hulls(found):
    return found.tracks.set_index("track_id")["vessel_id"].to_dict()


def test_one_hull_under_two_mmsis_is_one_vessel():
    found = resolve((445000001, 1, WISE, "WISE", 177.0, 0, 10), (667000001, 1, WISE, "WISER", 176.0, 11, 20))

    assert hulls(found) == {"445000001-1": f"imo-{WISE}", "667000001-1": f"imo-{WISE}"}
    vessel = found.vessels.iloc[0]
    assert (vessel["name"], vessel["mmsi"], vessel["flag"]) == ("WISER", 667000001, "SL")
    assert len(found.identities) == 2


def test_a_ship_that_borrows_the_number_of_another_length_is_a_hull_of_its_own():
    found = resolve((445000001, 1, WISE, "WISE", 177.0, 0, 10), (525000001, 1, WISE, "TUG", 30.0, 0, 1))

    assert hulls(found) == {"445000001-1": f"imo-{WISE}", "525000001-1": "mmsi-525000001"}
    assert found.attribution.set_index("vessel_id")["imo"].notna().to_dict() == {
        f"imo-{WISE}": True,
        "mmsi-525000001": False,
    }
    assert found.vessels.set_index("vessel_id")["imo"].notna().to_dict() == {
        f"imo-{WISE}": True,
        "mmsi-525000001": False,
    }


@pytest.mark.parametrize("imo", [8905491, 0, None])
def test_a_number_whose_check_digit_fails_names_no_hull(imo):
    found = resolve((445000001, 1, imo, "WISE", 177.0, 0, 10))

    assert hulls(found) == {"445000001-1": "mmsi-445000001"}
    assert not found.identities["imo_valid"].any()


@pytest.mark.parametrize("imo", [1234567, 5555555])
def test_a_number_that_stands_for_none_makes_no_hull_of_many_ships(imo):
    assert calc_check_digit(str(imo)[:6]) == str(imo)[6]

    found = resolve((445000001, 1, imo, "ONE", 90.0, 0, 10), (445000002, 1, imo, "OTHER", 92.0, 0, 10))

    assert hulls(found) == {"445000001-1": "mmsi-445000001", "445000002-1": "mmsi-445000002"}
    assert not found.identities["imo_valid"].any()


def test_of_a_placeholder_and_a_number_the_number_counts():
    found = resolve((445000001, 1, 1234567, "ONE", 177.0, 0, 9), (445000001, 1, WISE, "WISE", 177.0, 9, 10))

    assert hulls(found) == {"445000001-1": f"imo-{WISE}"}


def test_of_two_numbers_the_one_reported_longer_counts():
    found = resolve((445000001, 1, JIE, "TYPO", 177.0, 0, 1), (445000001, 1, WISE, "WISE", 177.0, 1, 10))

    assert hulls(found) == {"445000001-1": f"imo-{WISE}"}


def test_a_second_ship_on_one_mmsi_is_a_hull_of_its_own():
    found = resolve((445000001, 1, None, "ONE", 90.0, 0, 10), (445000001, 2, None, "OTHER", 120.0, 0, 10))

    assert hulls(found) == {"445000001-1": "mmsi-445000001", "445000001-2": "mmsi-445000001-2"}


def test_flags_follow_the_maritime_identification_digits():
    flags = flag_of(pd.Series([445000001, 412000001, 477000001, 199000001]))

    assert flags.fillna("none").tolist() == ["KP", "CN", "HK", "none"]


def test_published_check_digits_agree(samples):
    cases = json.loads((samples / "conformance" / "identity.json").read_text())
    for imo in cases["imo_checksum_ok"]:
        assert resolve((445000001, 1, int(imo), "X", 90.0, 0, 1)).identities["imo_valid"].all(), imo
    for imo in cases["imo_checksum_bad"]:
        assert not resolve((445000001, 1, int(imo), "X", 90.0, 0, 1)).identities["imo_valid"].any(), imo


def test_published_flags_agree(samples):
    cases = json.loads((samples / "conformance" / "identity.json").read_text())["mmsi_flag"]
    two_letters = {"IND": "IN", "PAN": "PA", "PRK": "KP"}

    for case in cases:
        found = flag_of(pd.Series([int(case["mmsi"])])).iloc[0]
        assert (found == two_letters[case["flag"]]) == case["ok"], case
