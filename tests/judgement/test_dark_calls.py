"""Evidence of dark calls: each role speaks where it should, and not in a twin that differs in one thing."""

from functools import cache

import pytest

from pipeline.contracts import IDENTITY_CHANGE
from pipeline.judgement.alerts import find_alerts
from pipeline.judgement.cases.events import Events
from tests.judgement.sea import (
    another_imo,
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
from tests.judgement.silences import BACK, BEGAN, KOREAN, LONG, OFF_THE_PORT, judged, silence, unheard_before


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


def test_every_role_of_dark_calls_alone_is_tried():
    tried = {role for role, _, _ in TWINS}

    assert {name for name, role in without_law().weights.roles.items() if role.of == ["dark_call"]} == tried
