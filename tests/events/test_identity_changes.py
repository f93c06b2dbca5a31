"""What a track begins to call herself: what changes, what is a slip of the hand, and what is no change at all."""

import pandas as pd
import pytest

from pipeline.contracts import VESSEL_REPORT
from tests.meetings import sails
from tests.sea import days_of, derive_history, derive_stretches, positions, small_sea

SEA = small_sea()
MMSI = 445000001
SHIP = {"imo": 8909915, "name": "EVER GLORY", "call_sign": "HMZL", "ship_type": 70, "length_m": 103.0, "width_m": 16.0}


def reports(*rows, mmsi=MMSI):
    """VESSEL_REPORT of one ship from (first hour, last hour, what differs from SHIP)."""
    frame = pd.DataFrame([{**SHIP, **new, "first": first, "last": last} for first, last, new in rows])
    start = pd.Timestamp("2018-06-01", tz="UTC")
    at = {name: start + pd.to_timedelta(frame[name] * 3600, unit="s") for name in ("first", "last")}
    return VESSEL_REPORT.conform(
        frame.assign(
            mmsi=mmsi,
            timestamp=at["first"],
            last_at=at["last"],
            draught_m=None,
            destination=None,
            source_file_id="test",
        )
    )


FIXES = positions(sails([(0, 122.0, 36.0), (72, 125.0, 36.0)]), mmsi=MMSI)


def from_the_second_day(new):
    """What differs from SHIP from the second day on."""
    return [(1, 30, {}), (31, 71, new)]


CHANGED = [
    ({"name": "KRYSPER SINGA"}, ("name", "EVER GLORY", "KRYSPER SINGA", None)),
    ({"name": "EVR GLORY"}, ("name", "EVER GLORY", "EVR GLORY", "spelling")),
    ({"name": "EVER GLO"}, ("name", "EVER GLORY", "EVER GLO", "spelling")),
    ({"imo": 9126819}, ("imo", "8909915", "9126819", None)),
    ({"imo": 8909916}, ("imo", "8909915", "8909916", "spelling")),
    ({"call_sign": "5NGE"}, ("call_sign", "HMZL", "5NGE", None)),
    ({"ship_type": 80}, ("ship_type", "70", "80", None)),
    ({"ship_type": 99}, ("ship_type", "70", "99", "unspecific")),
    ({"length_m": 146.0}, ("dimensions", "103 x 16", "146 x 16", None)),
    ({"length_m": 110.0}, ("dimensions", "103 x 16", "110 x 16", "remeasured")),
]
UNCHANGED = [
    {"name": "Ever  Glory"},
    {"name": "M/V EVER GLORY"},
    {"ship_type": 79},
    {"length_m": 104.0},
    {"imo": None},
    {"name": None},
]
BOTH = from_the_second_day({"name": "GE", "imo": 9126819})
FIGURE = [(1, 30, {"name": "JIN HUNG 9"}), (31, 71, {"name": "JIN HUNG 8"})]
SLIP = [(1, 10, {}), (11, 11, {"name": "WRONG"}), (12, 71, {})]
IN_TURN = [
    (h + 0.5 * n, h + 0.5 * n, {"name": name})
    for h in range(71)
    for n, name in enumerate(("EVER GLORY", "SEA HARRIER"))
]
STORIES = [
    *(from_the_second_day(new) for new in (*(new for new, _ in CHANGED), *UNCHANGED)),
    BOTH,
    FIGURE,
    SLIP,
    IN_TURN,
]


@pytest.fixture(scope="module")
def found():
    """The changes of all stories, each of a ship of her own: day by day what they are at once."""
    said = pd.concat([reports(*rows, mmsi=MMSI + n) for n, rows in enumerate(STORIES)], ignore_index=True)
    fixes = pd.concat([FIXES.assign(mmsi=MMSI + n) for n in range(len(STORIES))], ignore_index=True)
    days = days_of(FIXES)
    by_day, at_once = (
        derive_stretches(fixes, SEA, stretches, said)["identity_change"].sort_values(
            ["mmsi", "changed_by", "field"], ignore_index=True
        )
        for stretches in ([[day] for day in days], [days])
    )
    pd.testing.assert_frame_equal(by_day, at_once, check_dtype=False)
    return by_day


def told(found, story):
    return [
        (one.field, one.value_before, one.value_after, None if pd.isna(one.ordinary) else one.ordinary)
        for one in found[found["mmsi"] == MMSI + STORIES.index(story)].itertuples()
    ]


def test_a_ship_that_takes_another_name_and_number_is_told_with_when_and_where(found):
    hers = found[found["mmsi"] == MMSI + STORIES.index(BOTH)]

    assert hers["field"].tolist() == ["imo", "name"]
    assert set(hers["changed_after"]) == {pd.Timestamp("2018-06-02 06:00", tz="UTC")}
    assert set(hers["changed_by"]) == {pd.Timestamp("2018-06-02 07:00", tz="UTC")}
    assert hers["longitude"].between(122.9, 124.1).all()
    assert set(hers["kind"]) == {"value"}


@pytest.mark.parametrize(("new", "expected"), CHANGED, ids=lambda case: str(case))
def test_each_change_has_the_ordinary_cause_that_fits_it(found, new, expected):
    assert told(found, from_the_second_day(new)) == [expected]


@pytest.mark.parametrize("new", UNCHANGED, ids=str)
def test_what_is_only_set_otherwise_or_not_said_is_no_change(found, new):
    assert told(found, from_the_second_day(new)) == []


def test_a_figure_makes_another_ship_and_no_spelling(found):
    assert told(found, FIGURE) == [("name", "JIN HUNG 9", "JIN HUNG 8", None)]


def test_a_slip_while_she_goes_on_saying_the_other_is_none(found):
    assert told(found, SLIP) == []


def test_two_names_said_in_turn_are_one_change_and_not_one_a_day(found):
    assert len(told(found, IN_TURN)) == 1


def test_two_ships_on_one_number_do_not_change_into_each_other():
    far = positions(sails([(0, 130.0, 30.0), (72, 133.0, 30.0)]), mmsi=MMSI)
    fixes = pd.concat([FIXES, far]).sort_values(["mmsi", "timestamp"], kind="stable")
    said = []
    for frame, name, imo in ((FIXES, "EVER GLORY", 8909915), (far, "SEA HARRIER", 9126819)):
        rows = frame.iloc[::6].assign(name=name, imo=imo, last_at=lambda rows: rows["timestamp"])
        said.append(rows.assign(**{key: SHIP[key] for key in ("call_sign", "ship_type", "length_m", "width_m")}))
    both = VESSEL_REPORT.conform(pd.concat(said).assign(draught_m=None, destination=None))

    assert derive_history(fixes, SEA, both)["identity_change"].empty
