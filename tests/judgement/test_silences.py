"""Which silences matter by themselves: where they began and ended, for how long, and what was in her hold."""

from tests.judgement.at_once import cases
from tests.judgement.sea import (
    draught,
    hours,
    port_call,
    without_law,
)
from tests.judgement.silences import BEGAN, KOREAN, OFF_THE_PORT, dark_calls, judged, silence, unheard_before


def silences(usual: dict, of: list[tuple[dict, bool]], ids: list[str] | None = None):
    """Cases of a silence, each by what it has otherwise than usual and whether it raises an alert."""
    return cases(lambda given: silence(**usual | given), of, without_law, ids)


_LONGER = {
    "length": 120, "deeper_m": None, "before": "kr-incheon", "then": "cn-weihai",
    "off": {"on_longitude": 122.9, "on_latitude": 38.0, "distance_nm": 85.0},
}  # fmt: skip


@silences(_LONGER, [
    ({}, True),
    ({"distance_in_nm": 480.0}, False),
    ({"approach_share": 0.35}, True),
    ({"approach_share": 0.25}, False),
    ({"approach_share": 0.35, "distance_in_nm": 110.0}, False),
], ids=["bound there", "too far", "where ways part late", "past it", "where they have parted"])  # fmt: skip
def test_a_silence_longer_than_the_passage_matters_near_the_port_and_on_the_way_there(found, raised):
    assert bool(dark_calls(found())) == raised


NOTHING_ELSE = {"deeper_m": None, "reception": "unknown", "length": 60}
_HEADING = {"distance_in_nm": 35.0, "approach_share": 0.95, "then": "cn-dalian"}
_FROM_THERE = {"distance_out_nm": 20.0, "speed_before_kn": None, "approach_share": None}


@silences(NOTHING_ELSE, [
    (OFF_THE_PORT, True),
    (OFF_THE_PORT | {"distance_out_nm": 85.0}, False),
    (OFF_THE_PORT | {"distance_in_nm": 85.0}, False),
    (OFF_THE_PORT | {"off": {"distance_nm": 4.0}}, False),  # she may have lain there
    (OFF_THE_PORT | {"ship": {"ship_type": 30}}, False),
    (OFF_THE_PORT | {"length": 32}, False),  # ten hours there at most
    (OFF_THE_PORT | {"then": "kp-haeju"}, False),
    (_HEADING, True),
    (_HEADING | {"distance_in_nm": 80.0}, False),
    (_HEADING | {"approach_share": 0.5}, False),
    (_HEADING | {"then": "kr-incheon"}, False),  # further on the way
    (_FROM_THERE, True),
    (_FROM_THERE | {"distance_out_nm": 60.0}, False),
    (_FROM_THERE | {"before": "kr-incheon"}, False),
    (_FROM_THERE | {"deeper_m": -3.0}, False),
])  # fmt: skip
def test_a_silence_in_the_approaches_of_the_port_matters_whoever_else_was_heard(found, raised):
    assert bool(dark_calls(found())) == raised


SELDOM_HEARD = NOTHING_ELSE | OFF_THE_PORT | {"unheard": unheard_before()}


@silences(SELDOM_HEARD, [
    ({}, False),
    ({"unheard": unheard_before(59)}, True),  # never for so long
    ({"unheard": unheard_before(feasible_zone_id="kp-taedong", feasible_stay_hours=30.0)}, True),  # a call as well?
    ({"unheard": unheard_before(reception="heard_others")}, True),  # her set was off, so it may be again
    ({"unheard": unheard_before(days=31)}, True),
    ({"unheard": unheard_before(reception="not_heard", reception_outage_id="all", hours_hidden=64)}, True),  # as all
    ({"unheard": unheard_before(on_zone_id="kp-taedong")}, True),  # she may have loaded there
    ({"unheard": unheard_before(on_longitude=20.0)}, True),  # no way from there is known
    ({"reception": "heard_others"}, True),
    ({"ship": KOREAN}, True),
])  # fmt: skip
def test_who_is_as_long_unheard_elsewhere_need_not_have_called(found, raised):
    assert bool(dark_calls(found())) == raised


@silences({"deeper_m": None, "before": None, "off": {"distance_nm": 9.0}}, [
    ({}, True),
    ({"before": "cn-dalian"}, True),
    ({"before": "kr-incheon"}, False),  # further on her way
    ({"then": None}, False),  # where she went nobody knows
    ({"then": "kp-haeju"}, False),
    ({"speed_before_kn": 2.0}, False),  # she may have lain there
    ({"reception": "unknown"}, False),
])  # fmt: skip
def test_who_fell_silent_among_others_on_the_way_there_and_came_back_to_a_port_abroad(found, raised):
    assert bool(dark_calls(found())) == raised


_LANDED = {"landed_m": 4.0, "reception": "unknown", "distance_in_nm": 350.0, "approach_share": 0.5}


@silences(_LANDED, [
    ({"then": "cn-dalian"}, True),
    ({"then": "cn-weihai"}, False),  # she may have loaded in Dalian
    ({"then": "cn-dalian", "landed_m": None}, False),
    ({"then": "cn-dalian", "deeper_m": None}, False),
])  # fmt: skip
def test_a_cargo_landed_where_she_had_left_without_one_was_taken_on_meanwhile(found, raised):
    assert bool(dark_calls(found())) == raised


_ACROSS = {
    "reception": "unknown", "length": 120, "distance_in_nm": 340.0, "approach_share": 0.1, "deeper_m": 0.0,
    "off": {"on_longitude": 122.9, "on_latitude": 36.5, "distance_nm": 144.0},
}  # fmt: skip


def _left(hours_before: float, zone: str = "cn-dalian", **given) -> dict:
    return {"before": None, "calls": [port_call(zone, BEGAN - hours(hours_before + 40), 40, draught_in_m=4.0, **given)]}


@silences(_ACROSS | _left(4), [
    ({}, True),
    (_left(8), False),  # her course told that she was bound elsewhere
    (_left(4, "kp-haeju"), False),
    ({"ship": {"width_m": 12.0}}, False),  # laden by her draught
    ({"ship": {"width_m": None}}, True),  # nobody knows
    ({"deeper_m": None}, True),  # she types none
    ({"speed_before_kn": 0.4, "approach_share": None}, True),  # unheard from the port's entrance on
    (_left(8) | {"speed_before_kn": 0.4, "approach_share": None}, False),
    ({"ship": {"ship_type": 30}}, False),
    ({"length": 34}, False),  # little more than twice the passage
    ({"off": _ACROSS["off"] | {"distance_nm": 40.0}}, False),  # she may have waited there
    ({"reception": "not_heard"}, False),
    ({"deeper_m": -2.0}, False),
    ({"then": "cn-shanghai"}, False),
])  # fmt: skip
def test_a_light_ship_unheard_from_port_to_port_for_far_longer_than_her_passage_is_asked_whether_she_loaded(
    found, raised
):
    alerts = dark_calls(found())

    assert bool(alerts) == raised
    assert all(alert["grade"] == "weak" for alert in alerts.values())


def test_of_who_lay_off_the_port_that_she_had_just_left_nobody_says_that_she_was_under_way():
    (alert,) = judged(silence(**_ACROSS | _left(4) | {"speed_before_kn": 0.1})).values()

    said = alert["roles"]["far_longer_than_the_passage"]
    assert said.startswith("When last heard she was under way or had left a port within hours")
    assert alert["grade"] == "weak"


@silences(_ACROSS | {"deeper_m": 4.0, "landed_m": 4.0}, [
    ({}, True),
    ({"landed_m": None}, False),
    ({"length": 34}, False),
    ({"off": _ACROSS["off"] | {"distance_nm": 90.0}}, False),
    ({"reception": "not_heard"}, False),
    ({"then": "cn-shanghai"}, False),
])  # fmt: skip
def test_a_cargo_taken_on_somewhere_far_beside_the_passage_and_landed_is_asked_about(found, raised):
    assert bool(dark_calls(found())) == raised


def _in_the_roads(zone: str = "kp-nampo-anchorage") -> dict:
    return {"before": None, "calls": [port_call(zone, BEGAN - hours(20), 90)]}


_OUT_AND_IN = {"reception": "unknown", "deeper_m": None, "length": 60, "distance_in_nm": 20.0, "distance_out_nm": 27.0}


@silences(_OUT_AND_IN | _in_the_roads(), [
    ({}, True),
    (_in_the_roads("cn-dalian-anchorage"), False),
    ({"approach_share": -0.5}, False),
    ({"reception": "not_heard"}, False),
    ({"distance_in_nm": 80.0}, False),
    ({"length": 30}, False),  # eight hours there at most
    ({"then": "cn-shanghai"}, False),
    ({"then": None}, False),
])  # fmt: skip
def test_a_silence_that_began_out_of_the_roads_of_north_korea_matters_once_she_is_abroad(found, raised):
    assert bool(dark_calls(found())) == raised


_ROSE = {
    "reception": "unknown", "distance_in_nm": 120.0, "approach_share": 0.1, "before": None,
    "calls": [port_call("kp-haeju", BEGAN - hours(60), 40)],
}  # fmt: skip


@silences(_ROSE, [
    ({"ship": KOREAN, "then": "cn-weihai"}, True),
    ({"ship": KOREAN, "then": None}, False),  # coal also goes from port to port at home
    ({"then": None}, True),  # tied by her call at Haeju, under another flag
])  # fmt: skip
def test_a_cargo_that_a_north_korean_ship_took_on_matters_once_she_is_heard_abroad(found, raised):
    assert bool(dark_calls(found())) == raised


@silences({"ship": KOREAN}, [
    ({}, True),
    ({"landed_m": 4.0}, True),
    ({"typed": [draught(BEGAN - hours(21), 8.0, 4.0)]}, False),
    ({"typed": [draught(BEGAN - hours(3), 4.6, 4.0)]}, False),
    ({"typed": [draught(BEGAN - hours(70), 8.0, 4.0)]}, True),
    ({"before": None, "calls": [port_call("cn-dalian", BEGAN - hours(89), 40)]}, False),
    ({"before": None, "calls": [port_call("cn-dalian", BEGAN - hours(87), 40)]}, True),
    ({"before": "kp-haeju"}, False),
], ids=["left untyped", "and landed it", "typed in port", "typed at sea", "typed before she came", "two days before",
        "within two days", "a port of North Korea"])  # fmt: skip
def test_a_draught_typed_unheard_may_be_of_the_port_that_she_had_just_left(found, raised):
    """Crews type it up to two days after sailing: whom nobody heard then may have loaded where she came from."""
    alert = dark_calls(found())["2020-12-10"]

    assert ("may_be_loaded_before" in alert["roles"]) is raised
    if raised:
        assert alert["grade"] != "strong"
        assert "in Dalian" in alert["innocent_explanation"]
