"""What false positions say of an alert: they speak against it where it rests on them, and nowhere else."""

import pandas as pd
import pytest

from pipeline.contracts import POSITION_ANOMALY
from pipeline.judgement.alerts import AlertFrames, Knowledge, find_alerts
from pipeline.judgement.evidence import load_weights
from tests.judgement.encounters import BEGAN, OTHER, at_nampo, her, met, partner
from tests.judgement.sea import at, direct_call, events, gap, hours, real_knowledge
from tests.judgement.silences import BEGAN as UNHEARD
from tests.judgement.silences import silence
from tests.judgement.test_past import DELIVERY, ONWARD, after, meeting
from tests.judgement.test_tampered_identity import FELL_SILENT, knowledge, renumbered

HERS = 441000001
LEFT, ARRIVED = at("2020-12-10"), at("2020-12-11")  # of `direct_call`
ROLES = {
    "false_positions",
    "lattice_positions",
    "heard_out_of_range",
    "interference",
    "false_positions_at_dprk_call",
    "interference_at_dprk_call",
    "false_positions_at_dprk_meeting",
}


def false(began: pd.Timestamp, length: float = 5, kind: str = "circle", mmsi: int = HERS, **given) -> dict:
    """A stretch of false positions."""
    return {
        "position_anomaly_id": f"{kind} {began} {mmsi}", "mmsi": mmsi, "kind": kind, "began_at": began,
        "ended_at": began + hours(length), "longitude": 125.0, "latitude": 38.6, "fixes": 60, "distance_nm": None,
        "implied_speed_kn": None, "ships": 1, "interference": False,
        "known_at": began.floor("D") + pd.Timedelta(days=1),
    } | given  # fmt: skip


def found(happened, *stretches: dict, known: Knowledge | None = None) -> AlertFrames:
    rows = POSITION_ANOMALY.conform(pd.DataFrame(stretches)) if stretches else POSITION_ANOMALY.empty()
    return find_alerts(happened.replaced({POSITION_ANOMALY: rows}), known or real_knowledge(), synthetic=False)


def roles(happened, *stretches: dict, known: Knowledge | None = None) -> set[str]:
    return ROLES & set(found(happened, *stretches, known=known).evidence["role"])


@pytest.mark.parametrize("kind", ["frozen", "circle", "replayed", "clock_off"])
def test_positions_that_are_no_ships_speak_against_what_rests_on_them(kind):
    voyage = events(*direct_call())
    trusted, doubted = found(voyage), found(voyage, false(LEFT - hours(10), kind=kind))

    (piece,) = doubted.evidence[doubted.evidence["role"] == "false_positions"].to_dict("records")
    assert piece["event_table"] == "position_anomaly"
    assert "from 2020-12-09 14:00 UTC on, for 5.0 hours" in piece["statement"]
    scores = (one.alerts.set_index("pattern_id")["score"]["direct-call"] for one in (doubted, trusted))
    assert next(scores) - next(scores) == piece["weight"] < 0


@pytest.mark.parametrize(
    "stretch",
    [
        false(LEFT - hours(10), kind="implausible_jump"),  # no run of hers has a part in it
        false(LEFT - hours(10), kind="burst"),
        false(LEFT - hours(10), mmsi=HERS + 1),
        false(ARRIVED + hours(25)),
        false(LEFT - hours(30)),
    ],
    ids=["jump", "burst", "another ship", "later", "before"],
)
def test_others_do_not(stretch):
    assert roles(events(*direct_call()), stretch) == set()


def test_a_stretch_in_the_middle_of_a_long_passage_leaves_its_ends_alone():
    passage = events(*direct_call(passage=120))

    assert roles(passage, false(LEFT + hours(50))) == set()
    assert roles(passage, false(LEFT + hours(100))) == {"false_positions"}


def test_what_hit_several_ships_is_called_interference():
    several = false(LEFT, ships=4, interference=True)

    assert roles(events(*direct_call()), several) == {"false_positions", "interference"}
    assert roles(events(*direct_call()), false(LEFT, ships=2)) == {"false_positions"}


@pytest.mark.parametrize(("kind", "role"), [("grid", "lattice_positions"), ("out_of_range", "heard_out_of_range")])
def test_what_may_be_rounded_or_well_heard_is_doubted_a_little_and_only_if_nothing_else_is_wrong(kind, role):
    far = false(LEFT, kind=kind, length=9)
    told = found(events(*direct_call()), far)

    weights = load_weights().roles
    assert roles(events(*direct_call()), far) == {role}
    assert roles(events(*direct_call()), far, false(LEFT, 2)) == {"false_positions"}
    assert 0 > weights[role].weight > weights["false_positions"].weight
    assert "from 2020-12-10 00:00 UTC on, for 9.0 hours" in " ".join(told.evidence["statement"])


def test_the_longest_stretch_is_named():
    told = found(events(*direct_call()), false(LEFT, 2, kind="frozen"), false(LEFT, 3), false(LEFT, 1, kind="grid"))

    assert told.evidence.set_index("role")["event_id"]["false_positions"].startswith("circle")


def test_those_around_the_call_in_north_korea_speak_against_the_180_days():
    called = at("2019-03-01")

    assert roles(after(60), false(called + hours(30))) == {"false_positions_at_dprk_call"}
    hit = false(called + hours(30), ships=3, interference=True)
    assert roles(after(60), hit) == {"false_positions_at_dprk_call", "interference_at_dprk_call"}
    assert roles(after(60), false(called + hours(24 * 20))) == set()
    assert roles(after(60), false(called + hours(48 + 24 * 60))) == {"false_positions"}


def test_one_stretch_between_both_calls_counts_once():
    assert roles(after(1), false(at("2019-03-03T02:00"))) == {"false_positions"}


@pytest.mark.parametrize("mmsi", [ONWARD["mmsi"], DELIVERY["mmsi"]])
def test_those_around_the_meeting_with_a_ship_from_there_speak_against_it(mmsi):
    parted = at("2019-03-04 04:00")

    assert "false_positions_at_dprk_meeting" in roles(meeting(), false(parted - hours(3), mmsi=mmsi))
    assert roles(meeting(), false(parted + hours(24 * 5), mmsi=mmsi)) == set()


@pytest.mark.parametrize("mmsi", [HERS, HERS + 1])
def test_either_number_of_a_pair_may_not_have_been_there(mmsi):
    off_nampo = [gap(FELL_SILENT, 900, "heard_others", ended_at=None, hours=None)]
    pair = renumbered(30.0, silences=off_nampo)

    assert roles(pair, false(FELL_SILENT, mmsi=mmsi), known=knowledge()) == {"false_positions"}
    assert roles(pair, false(FELL_SILENT + hours(24 * 40), mmsi=mmsi), known=knowledge()) == set()


def test_either_party_of_a_meeting_may_not_have_been_there():
    meeting = met(her(at_nampo()), partner())

    assert roles(meeting, false(BEGAN)) == {"false_positions"}
    assert roles(meeting, false(BEGAN, mmsi=OTHER)) == {"false_positions"}
    assert roles(meeting, false(BEGAN, mmsi=OTHER + 1)) == set()


def test_a_silence_that_false_positions_bound_may_have_begun_elsewhere():
    assert roles(silence(), false(UNHEARD - hours(6))) == {"false_positions"}
    assert roles(silence(), false(UNHEARD - hours(40))) == set()


def test_an_alert_is_known_when_what_speaks_against_it_is():
    stretch = false(ARRIVED, known_at=at("2020-12-30"))

    assert found(events(*direct_call()), stretch).alerts["known_at"].max() == at("2020-12-30")
