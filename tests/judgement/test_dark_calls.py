"""Evidence of dark calls: each role speaks where it should, and not in a twin that differs in one thing."""

from functools import cache

import pytest

from pipeline.contracts import IDENTITY_CHANGE
from pipeline.judgement.alerts import AlertFrames, find_alerts
from pipeline.judgement.cases.events import Events
from tests.judgement.at_once import cases
from tests.judgement.sea import (
    another_imo,
    at,
    dark_call,
    draught,
    events,
    fleet,
    gap,
    hours,
    port_call,
    voyage,
    without_law,
)

BEGAN = at("2020-12-10T06:00")
LONG, BACK = 46, BEGAN + hours(46)


def silence(
    length: float | None = LONG,
    reception: str = "heard_others",
    deeper_m: float | None = 4.0,
    before: str | None = "cn-dalian",
    then: str | None = "cn-weihai",
    landed_m: float | None = None,
    ship: dict | None = None,
    off: dict | None = None,
    calls: list[dict] = (),
    also: str | None = None,
    nearer: str | None = None,
    renumbered: list[dict] = (),
    reported: bool = True,
    typed: list[dict] = (),
    unheard: list[dict] = (),
    **given,
) -> Events:
    """A ship that sails from one port, is unheard, and calls at another a day after; she reports 4 m before it.

    deeper_m  by how much more her draught is when she is heard again; None: she reports none
    landed_m  draught she leaves the next port with
    off       columns of the gap
    also      another zone that the silence left time for
    nearer    another zone that it left more time for
    reported  whether she reported a draught before it at all
    typed     further changes of her draught
    unheard   silences of hers before it
    """
    quiet = gap(BEGAN, length or LONG, reception, **{"distance_nm": 40.0} | (off or {}))
    quiet |= {} if length else {"ended_at": None, "hours": None}
    back = BEGAN + hours(length or 0)
    own, changes = [*calls], [*typed]
    sailed = port_call(before, BEGAN - hours(60), 40) if before else None
    own += [sailed] if sailed else []
    if then and length:
        own.append(port_call(then, back + hours(24), 30))
        if deeper_m is not None:
            own[-1] |= {"draught_in_m": 4.0 + deeper_m, "draught_in_at": back}
        if landed_m is not None:
            own[-1] |= {"draught_out_m": landed_m}
    if deeper_m and length and reported:
        changes.append(draught(back, 4.0, 4.0 + deeper_m, changed_after=BEGAN, changed_by=back))
    elif deeper_m is not None and sailed and reported:
        sailed |= {"draught_in_m": 4.0}
    passage = [voyage(sailed, own[-1])] if sailed and own[-1] is not sailed else []
    others = [dark_call(quiet, also, rank=2)] if also else []
    if nearer:
        others, given = [dark_call(quiet, nearer, longest_stay_hours=30.0)], given | {"rank": 2}
    return events(own, passage, [*unheard, quiet], changes, (), [dark_call(quiet, **given), *others], renumbered,
                  **ship or {})  # fmt: skip


def twice(between: float, again: float = 30) -> Events:
    """A ship unheard twice, some hours apart, each time for long enough to load; her draught rises over the second."""
    first = gap(BEGAN, LONG, "heard_others", distance_nm=40.0)
    second = gap(BACK + hours(between), again, "heard_others", distance_nm=40.0)
    sailed = port_call("cn-dalian", BEGAN - hours(60), 40, draught_in_m=4.0)
    back = second["ended_at"]
    landed = port_call("cn-weihai", back + hours(24), 30, draught_in_m=8.0, draught_in_at=back)
    rise = draught(back, 4.0, 8.0, changed_after=second["began_at"])
    return events([sailed, landed], [voyage(sailed, landed)], [first, second], [rise], (),
                  [dark_call(first), dark_call(second)])  # fmt: skip


KOREAN = {"mmsi": 445000001, "flag": "KP"}
OFF_THE_PORT = {"distance_in_nm": 60.0, "distance_out_nm": 55.0}
OPEN = {"length": None, "ship": KOREAN}
HOME = port_call("kp-taedong", BEGAN - hours(24 * 30), 24)
AS_ANOTHER = HOME | {"port_call_id": "as-another", "visit_id": "as-another", "track_id": "before-1"}
LONG_AGO = port_call("kp-taedong", BEGAN - hours(24 * 200), 24)


def from_port(**given) -> Events:
    """A ship that left Dalian four hours before she fell silent, on a course that tells nothing."""
    left = port_call("cn-dalian", BEGAN - hours(44), 40, draught_in_m=4.0)
    off = {"on_longitude": 122.9, "on_latitude": 36.5, "distance_nm": 144.0}
    return silence(length=120, deeper_m=0.0, before=None, calls=[left], off=off, approach_share=0.1,
                   distance_in_nm=340.0, **given)  # fmt: skip


def unheard_before(length: float = 64, days: float = 10, reception: str = "unknown", **given) -> list[dict]:
    """A silence that ended so many days before, which left no time for a call."""
    return [gap(BEGAN - hours(24 * days + length), length, reception, **given)]


TWINS = [
    ("call_not_seen", silence(), silence(deeper_m=None, reception="unknown")),  # the twin raises none
    ("silence_fits_loading", silence(), silence(length=30)),
    ("silence_barely_fits", silence(length=30), silence()),
    ("silence_fits_anything", silence(length=300), silence()),
    ("silence_goes_on", silence(**OPEN), silence(ship=KOREAN)),
    ("silent_among_others", silence(), silence(reception="unknown")),
    ("silent_with_all", silence(reception="not_heard"), silence(reception="unknown")),
    ("silence_not_judged", silence(reception="unknown"), silence()),
    ("unheard_as_long_before", silence(reception="unknown", ship=KOREAN, unheard=unheard_before()),
     silence(reception="unknown", ship=KOREAN, unheard=unheard_before(LONG - 1))),
    ("far_longer_than_the_passage", silence(), silence(off={"on_longitude": 119.6, "on_latitude": 35.3})),
    ("sends_number_of_another", silence(renumbered=[another_imo(BEGAN - hours(24 * 60))]),
     silence(renumbered=[another_imo(BEGAN - hours(24 * 60), ordinary="spelling")])),
    ("light_before_silence", from_port(), from_port(ship=KOREAN | {"width_m": 12.0})),
    ("was_bound_there", silence(), silence(approach_share=0.5)),
    ("was_bound_elsewhere", silence(approach_share=-0.5, ship=KOREAN), silence(ship=KOREAN)),
    ("silence_far_from_the_port", silence(distance_in_nm=250.0), silence()),
    ("silence_off_the_port", silence(**OFF_THE_PORT), silence()),
    ("waited_at_sea", silence(speed_before_kn=0.1, approach_share=None, off={"distance_nm": 1.0}), silence()),
    ("fell_silent_in_port", silence(calls=[port_call("cn-dalian", BEGAN - hours(20), 22)], before=None, ship=KOREAN),
     silence(ship=KOREAN)),
    ("rose_over_silence", silence(), silence(deeper_m=1.4, ship=KOREAN)),
    ("may_be_loaded_before", silence(), silence(before=None)),
    ("rose_after_two_silences", twice(6), twice(24 * 20)),
    ("fell_over_silence", silence(deeper_m=-3.0, ship=KOREAN), silence(ship=KOREAN)),
    ("same_over_silence", silence(deeper_m=1.4, ship=KOREAN), silence(ship=KOREAN)),
    ("no_draught_over_silence", silence(deeper_m=None, ship=KOREAN), silence(ship=KOREAN)),
    ("no_draught_over_silence", silence(deeper_m=2.9, reported=False, ship=KOREAN),
     silence(deeper_m=0.0, ship=KOREAN)),
    ("went_abroad_after", silence(), silence(then="cn-shanghai")),
    ("landed_after_silence", silence(landed_m=4.0), silence()),
    ("landed_after_silence", silence(landed_m=4.0), silence(deeper_m=-2.0, landed_m=0.4, ship=KOREAN)),
    ("called_in_korea_before", silence(calls=[HOME]), silence(calls=[LONG_AGO])),
    ("other_ports_in_reach", silence(also="kp-songnim"), silence(ports_in_reach=2)),  # not known yet while open
    ("rajin_in_reach", silence(nearer="kp-rajin"), silence(also="kp-songnim")),
]  # fmt: skip


@cache
def roles() -> list[set[str]]:
    """The roles that speak of each happening and of its twin, one after the other; all are judged at once."""
    told = find_alerts(fleet([one for _, *both in TWINS for one in both]), without_law(), synthetic=False)
    alerts = told.alerts[told.alerts["pattern_id"] == "dark-call"]
    said = told.evidence.merge(alerts[["alert_id", "vessel_id"]], on="alert_id")
    of_ship = said.groupby("vessel_id")["role"].agg(set)
    return [of_ship.get(f"ship-{number}", set()) for number in range(2 * len(TWINS))]


@pytest.mark.parametrize("number", range(len(TWINS)), ids=[role for role, _, _ in TWINS])
def test_a_role_speaks_of_a_happening_and_not_of_its_twin(number):
    role = TWINS[number][0]
    happening, twin = roles()[2 * number : 2 * number + 2]

    assert role in happening
    assert role not in twin


def judged(happened: Events) -> dict[str, dict]:
    """Dark-call alerts by the day on which their silence began, each with its roles and what they state."""
    return dark_calls(find_alerts(happened, without_law(), synthetic=False))


def dark_calls(told: AlertFrames) -> dict[str, dict]:
    """The same of what was found."""
    alerts = told.alerts[told.alerts["pattern_id"] == "dark-call"]
    said = told.evidence.set_index("alert_id")
    return {
        one["headline"].split(" from ")[1][:10]: one
        | {"roles": said.loc[[one["alert_id"]]].set_index("role")["statement"].to_dict()}
        for one in alerts.to_dict("records")
    }


@pytest.mark.parametrize("between", [6, 24 * 20], ids=["hours", "weeks"])
def test_one_rise_speaks_in_the_alert_of_the_silence_that_it_was_seen_after_alone(between):
    found = judged(twice(between))

    first, second = found["2020-12-10"], found[str((BACK + hours(between)).date())]
    assert "her AIS-reported draught rose" not in first["headline"]
    assert "4.0 m before, 4.0 m after" in first["roles"]["same_over_silence"]
    assert "her AIS-reported draught rose meanwhile by 4.0 m" in second["headline"]


@pytest.mark.parametrize(("after", "role"), [(24, "rose_over_silence"), (60, "same_over_silence")])
def test_a_draught_typed_in_late_counts_as_long_as_draughts_are_typed_late(after, role):
    sailed = port_call("cn-dalian", BEGAN - hours(60), 40, draught_in_m=4.0)
    typed = BACK + hours(after)
    landed = port_call("cn-weihai", BACK + hours(70), 30, draught_in_m=8.0, draught_in_at=typed)
    quiet = gap(BEGAN, LONG, "heard_others", distance_nm=40.0)
    happened = events([sailed, landed], [voyage(sailed, landed)], [quiet], [draught(typed, 4.0, 8.0)], (),
                      [dark_call(quiet)], **KOREAN)  # fmt: skip

    (alert,) = judged(happened).values()

    assert role in alert["roles"]


def test_a_draught_first_reported_after_the_silence_is_none_before_it():
    (alert,) = judged(silence(deeper_m=2.9, reported=False, ship=KOREAN)).values()
    (twin,) = judged(silence(deeper_m=0.0, ship=KOREAN)).values()

    missing = "draught reported before and after the silence"
    assert missing in alert["missing_evidence"]
    assert missing not in twin["missing_evidence"]


@pytest.mark.parametrize(("nearer", "raised"), [("kp-rajin", ["Taedong"]), ("kp-songnim", ["Songnim"])])
def test_the_port_that_fits_best_is_judged_and_rajin_is_none_of_them(nearer, raised):
    told = find_alerts(silence(nearer=nearer), without_law(), synthetic=False).alerts

    assert [one.split("call at ")[1].split(" of")[0] for one in told["headline"]] == raised


def test_a_silence_that_left_time_for_rajin_says_so_as_what_may_be_innocent():
    (alert,) = judged(silence(nearer="kp-rajin")).values()
    (twin,) = judged(silence(nearer="kp-songnim")).values()

    assert "Rajin (at most 30 h)" in alert["roles"]["rajin_in_reach"]
    assert "Rajin" in alert["innocent_explanation"]
    assert "other_ports_in_reach" not in alert["roles"]
    assert "Rajin" not in twin["innocent_explanation"]


def test_a_silence_that_left_time_for_rajin_alone_raises_none():
    assert not judged(silence(zone="kp-rajin"))
    assert judged(silence(zone="kp-songnim"))


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


OWNER, OTHER_HULL = "imo-2990027", "mmsi-511999999"


def shares_a_number(hers: str, others: str, *, later: bool, **given) -> Events:
    """A ship that was unheard for two days, months after she and another were heard to send one IMO number.

    hers, others  the hulls that they are taken for
    later         whether she is the one that sent it later
    """
    pair = another_imo(BEGAN - hours(24 * 150), kind="two_places", field="mmsi", value_before="1", value_after="2",
                       other_vessel_id=others)  # fmt: skip
    happened = silence(deeper_m=None, before="cn-shanghai", then="cn-shanghai", renumbered=[pair],
                       off={"distance_nm": 5.0}, **{"approach_share": 0.75} | given)  # fmt: skip
    changes = happened[IDENTITY_CHANGE].assign(vessel_id=hers if later else others, other_vessel_id=others)
    if not later:
        changes = changes.assign(track_id="thief-1", other_track_id="ship-1", other_vessel_id=hers)
    return happened.replaced({IDENTITY_CHANGE: changes})


@pytest.mark.parametrize(("hers", "others", "later", "raised"), [
    (OTHER_HULL, OWNER, True, True),
    (OTHER_HULL, OWNER, False, True),
    (OWNER, OTHER_HULL, True, False),
    (OWNER, OTHER_HULL, False, False),
    (OWNER, OWNER, True, True),
    (OWNER, OWNER, False, False),
])  # fmt: skip
def test_a_shared_number_speaks_against_the_ship_that_it_does_not_fit_or_that_sent_it_later(
    hers, others, later, raised
):
    found = judged(shares_a_number(hers, others, later=later))

    assert bool(found) == raised
    for alert in found.values():
        assert "may be hers, and another ship have sent it" in alert["innocent_explanation"]


@pytest.mark.parametrize(
    "given",
    [{"distance_in_nm": 520.0}, {"approach_share": 0.35, "distance_in_nm": 110.0}, {"approach_share": 0.25}],
    ids=["far", "on another way", "past it"],
)
def test_a_shared_number_says_nothing_of_a_silence_far_from_the_port_or_on_another_way(given):
    assert not judged(shares_a_number(OTHER_HULL, OWNER, later=True, **given))  # as it stands it raises one: see above


@pytest.mark.parametrize(("given", "raised"), [
    ({"deeper_m": 3.3, "landed_m": 4.0}, True),
    ({"deeper_m": 3.3}, False),  # nothing shows that it was a cargo
    ({"deeper_m": 0.0, "landed_m": 4.0}, False),
])  # fmt: skip
def test_who_sends_the_number_of_another_and_lands_what_she_took_on_unheard_is_asked_wherever_she_fell_silent(
    given, raised
):
    far = {"distance_in_nm": 540.0, "reception": "unknown", "length": 180, "then": "cn-weihai"}

    assert not judged(silence(**far | given))
    assert bool(judged(silence(renumbered=[another_imo(BEGAN - hours(24 * 60))], **far | given))) == raised


@pytest.mark.parametrize(("call", "tied"), [(AS_ANOTHER, True), (AS_ANOTHER | {"vessel_id": "another"}, False)])
def test_a_ship_that_called_in_north_korea_under_another_mmsi_is_tied_to_it(call, tied):
    found = judged(silence(None, calls=[call | {"mmsi": 511000009}]))

    assert bool(found) == tied
    for alert in found.values():
        assert "as MMSI 511000009" in alert["roles"]["called_in_korea_before"]


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


def test_every_role_of_dark_calls_alone_is_tried():
    tried = {role for role, _, _ in TWINS}

    assert {name for name, role in without_law().weights.roles.items() if role.of == ["dark_call"]} == tried
