"""Each role of evidence speaks where it should, and not in a twin that differs in one thing; sums and grades."""

from functools import cache

import pandas as pd
import pytest

from pipeline.judgement.alerts import AlertFrames, find_alerts
from pipeline.judgement.evidence import grade, load_weights
from tests.judgement.sea import (
    LISTED_COAL_SHIP,
    LISTED_SOON_BEFORE_ARTICLE,
    at,
    bought_in,
    direct_call,
    draught,
    events,
    fleet,
    gap,
    hours,
    port_call,
    stop,
    under_way,
    voyage,
    without_law,
)
from tests.judgement.test_false_positions import ROLES as DOUBTS
from tests.judgement.test_past import TRIED

KP_SHIP = {"mmsi": 445000001, "flag": "KP"}
HUA_FU, HAO_FAN_6, SOUTH_HILL_2 = 9020003, 8628597, 8412467
LISTED = {"imo": LISTED_COAL_SHIP}
LISTED_BY_TREASURY = LISTED_SOON_BEFORE_ARTICLE  # who blocks property and closes no port


def found(*happened, **ship) -> AlertFrames:
    return find_alerts(events(*happened, **ship), without_law(), synthetic=False)


def passage(
    ship_type: int = 70, length_m: float = 140.0, call: dict | None = None, landing: dict | None = None, **given
):
    """A direct call; `call` and `landing` override columns of the calls at its ends."""
    calls, voyages = direct_call(**given)
    calls[0] |= call or {}
    calls[1] |= landing or {}
    return events(calls, voyages, ship_type=ship_type, length_m=length_m)


def stay(
    zone: str, arrived: str, before: str | None = None, then: str | None = None, ship: dict | None = None, **given
):
    """A call, with the calls before and after it."""
    call = port_call(zone, at(arrived)) | given
    calls, voyages = [call], []
    if before:
        calls.append(port_call(before, call["arrived_by"] - hours(120)))
        voyages.append(voyage(calls[-1], call))
    if then:
        calls.append(port_call(then, call["departed_by"] + hours(30)))
        voyages.append(voyage(call, calls[-1]))
    return events(calls, voyages, **(ship or {}))


def abroad(zone: str = "cn-weihai", arrived: str = "2020-12-10", **given):
    """A North Korean ship's call abroad."""
    return stay(zone, arrived, ship=KP_SHIP, **given)


UNNAMED = {"zone_id": None, "port": "BUSAN", "country": "KR"}


def passage_off(place: dict):
    """A direct call whose landing is where `place` says."""
    calls, _ = direct_call()
    return events([calls[0], calls[1] | place], [voyage(calls[0], calls[1] | place)], length_m=140.0)


def at_home(zone: str = "kp-nampo-coal", arrived: str = "2019-05-01", **given):
    """A listed ship's call in North Korea."""
    return stay(zone, arrived, ship=LISTED, **given)


def returned(month: str):
    """A call in China, then a voyage to Nampo and back."""
    first = port_call("cn-weihai", at(f"2017-{month}-08"))
    back = port_call("kp-nampo-coal", first["departed_by"] + hours(24))
    again = port_call("cn-weihai", back["departed_by"] + hours(24))
    return events([first, back, again], [voyage(first, back), voyage(back, again)])


def silent(length: float, reception: str, later: float = 0, **given):
    """A direct call with a silence that begins `later` hours after leaving."""
    calls, voyages = direct_call()
    return events(calls, voyages, [gap(voyages[0]["departed_at"] + hours(later), length, reception) | given])


def rested(country: str, home: str | None = None):
    """A voyage from the coal berth with a long stop at sea, that goes on to a home port or is not heard of again."""
    call = port_call("kp-nampo-coal", at("2020-12-01"))
    lay = stop(call["departed_by"] + hours(30), 20, country)
    then = [port_call(home, lay["ended_at"] + hours(30))] if home else []
    return events([call, *then], [voyage(call, then[0]) if home else under_way(call)], stops=[lay])


def deeper(left_m: float, silence: float, before: str = "cn-shanghai", feasible: str | None = "kp-taedong"):
    """A North Korean ship in at 7.0 m that lands a cargo; she left the port before with `left_m`, and was unheard,
    long enough to call at `feasible`."""
    call = port_call("cn-weihai", at("2020-12-10"), draught_in_m=7.0, draught_out_m=3.5)
    came = port_call(before, at("2020-12-04"), draught_in_m=left_m)
    sailed = voyage(came, call)
    quiet = gap(call["arrived_by"] - hours(50), silence, "unknown", feasible_zone_id=feasible)
    typed = [draught(call["arrived_by"] - hours(1), left_m, 7.0)]
    return events([came, call], [sailed], [quiet], typed, **KP_SHIP)


def unheard_inside(began: float, length: float, **call):
    """A direct call with a silence of hers, among others, that begins `began` hours after she came to the origin."""
    calls, voyages = direct_call()
    calls[0] |= call
    return events(calls, voyages, [gap(calls[0]["arrived_by"] + hours(began), length, "heard_others")])


def told(**given):
    """A direct call that a provider alone tells of."""
    return events(*map(bought_in, direct_call(**given)))


def told_of_landing(confidence: int):
    """A direct call that a provider alone tells of, with that confidence in where it ended."""
    calls, voyages = direct_call()
    calls[1]["confidence"] = confidence
    return events(*map(bought_in, (calls, voyages)))


def told_abroad(**given):
    """A North Korean ship's call abroad that a provider alone tells of."""
    return events(bought_in([port_call("cn-weihai", at("2020-12-10")) | given]), **KP_SHIP)


def told_too(left: str = "2020-12-10"):
    """A direct call of our own, and one that a provider tells of."""
    ours, theirs = direct_call("2020-12-10"), map(bought_in, direct_call(left))
    return events(*(own + other for own, other in zip(ours, theirs, strict=True)))


def told_too_abroad(zone: str):
    """A North Korean ship's call abroad, and one that a provider tells of."""
    calls = [port_call("cn-weihai", at("2020-12-10")), *bought_in([port_call(zone, at("2020-12-10"))])]
    return events(calls, **KP_SHIP)


def named(name: str, **given):
    """A direct call of a ship of that name, without IMO number unless one is given."""
    return events(*direct_call(), name=name, **given)


def flying(flag: str, imo: int = HUA_FU, left: str = "2020-12-10"):
    """A direct call of a listed ship whose MMSI is of a country; Hua Fu is of Panama by OFAC's list."""
    mmsi = {"KR": 441000001, "PA": 351000001, "SL": 667000001}[flag]
    return events(*direct_call(left), imo=imo, flag=flag, mmsi=mmsi)


def kept_since(day: str):
    """A direct call that loads, to which the ship came from Weihai with a draught in force since that day."""
    before = port_call("cn-weihai", at("2020-11-10"), draught_in_m=4.0, draught_in_at=at("2020-08-01"))
    call = port_call("kp-nampo-coal", at("2020-12-01"), draught_in_m=4.0, draught_in_at=at(day))
    there = port_call("cn-dalian", call["departed_by"] + hours(30))
    loaded = voyage(call, there, draught_before_m=4.0, draught_m=8.0)
    typed = [draught(call["departed_by"] - hours(1), 4.0, 8.0)]
    return events([before, call, there], [voyage(before, call), loaded], draughts=typed)


def both_ways(lowest_m: float, left_m: float):
    """A direct call of a ship that came in at 8.0 m, landed down to `lowest_m` and left with `left_m`."""
    calls, voyages = direct_call()
    left = calls[0]["departed_after"]
    typed = [draught(left - hours(20), 8.0, lowest_m), draught(left + hours(2), lowest_m, left_m)]
    return events([calls[0] | {"draught_in_m": 8.0}, calls[1]], voyages, draughts=typed)


def typed_on_arrival(peak_m: float, calls: list[dict], voyages: list[dict] = (), end: int = 0, **ship):
    """Events in which the ship comes to the call `end` with 3.3 m, types `peak_m` there, and leaves with 3.3 m."""
    calls[end] |= {"draught_in_m": 3.3}
    came = calls[end]["arrived_by"]
    typed = [draught(came + hours(2), 3.3, peak_m), draught(came + hours(30), peak_m, 3.3)]
    return events(calls, voyages, draughts=typed, **ship)


def typed_at(zone: str, arrived: str, peak_m: float, ship: dict):
    """A single call of the same kind."""
    return typed_on_arrival(peak_m, [port_call(zone, at(arrived))], **ship)


def typed_soon(after: float, came_m: float = 8.0, **given):
    """A direct call of a ship that types 4 m so many hours after her arrival, having come and left with 8 m."""
    (call, landing), voyages = direct_call(**given)
    typed = [draught(landing["arrived_by"] + hours(after), 8.0, 4.0)]
    call |= {"draught_in_m": came_m, "draught_out_m": 8.0}
    return events([call, landing | {"draught_in_m": 8.0}], voyages, draughts=typed)


def listed_abroad(**given):
    """A listed ship's call at a port that receives no coal."""
    return stay("cn-shanghai", "2019-05-01", ship=LISTED, **given)


APRIL, ROADS = "2017-04-08", "cn-dalian-anchorage"
UP, DOWN = {"draught_in_m": 4.0, "draught_out_m": 8.0}, {"draught_in_m": 8.0, "draught_out_m": 4.0}
SAME, HALF = {"draught_in_m": 8.0, "draught_out_m": 8.0}, {"draught_out_m": 8.0}
LOADED = {"draught_before_m": 4.0, "draught_m": 5.5}
LADEN = {"draught_before_m": 8.0, "draught_m": 8.0}
CUT = {"arrived_after": None}  # the data begins in it

TWINS = [  # role, a happening of which it speaks, and one that differs in one thing, of which it does not
    ("coal_berth", passage(), passage(origin="kp-taedong")),
    ("berth_not_seen", passage(origin="kp-taedong"), passage()),
    ("berth_not_seen", passage(origin="kp-nampo"), passage()),  # somewhere at Nampo, the coal berth being told apart
    ("loading_time", passage(stay=14), passage(stay=13)),  # two hours of a stay are spent moving
    ("stay_too_short", passage(stay=9), passage(stay=10)),
    ("stay_too_short", passage(stay=9), passage(stay=9, call={"max_silence_hours": 38.0})),  # at the berth, unheard
    ("origin_confidence_low", passage(call={"confidence": 2}), passage(call={"confidence": 3})),
    ("songnim", passage(origin="kp-songnim"), passage()),
    ("draught_rose", passage(**LOADED), passage(draught_before_m=4.0, draught_m=5.4)),
    ("draught_fell", passage(draught_before_m=5.5, draught_m=4.0), passage(draught_before_m=5.4, draught_m=4.0)),
    ("draught_fell_then_rose", both_ways(4.0, 7.5), both_ways(4.0, 4.2)),
    ("draught_rose_then_fell", typed_on_arrival(7.5, *direct_call()), typed_on_arrival(4.5, *direct_call())),
    ("discharged_after_rise", typed_on_arrival(7.5, *direct_call(), 1), typed_on_arrival(4.5, *direct_call(), 1)),
    ("cargo_not_landed", typed_on_arrival(4.5, *direct_call(), 1), typed_on_arrival(7.5, *direct_call(), 1)),
    ("landed_after_rise", typed_at("cn-weihai", "2020-12-10", 7.5, KP_SHIP),
     typed_at("cn-weihai", "2020-12-10", 4.5, KP_SHIP)),
    ("unloaded_after_rise", typed_at("kp-nampo-coal", "2019-05-01", 7.5, LISTED),
     typed_at("kp-nampo-coal", "2019-05-01", 4.5, LISTED)),
    ("draught_was_stale", kept_since("2020-08-01"), kept_since("2020-11-20")),
    ("draught_unchanged", passage(draught_before_m=4.0, draught_m=5.4), passage(**LOADED)),
    ("draught_unreported", passage(draught_m=5.5), passage(**LOADED)),
    ("discharged", passage(landing=DOWN), passage(landing=HALF)),
    ("discharged", passage(landing=DOWN, **LOADED), passage(landing=DOWN, draught_before_m=7.5, draught_m=7.5)),
    ("fall_may_be_of_the_call_before", typed_soon(3), typed_soon(9)),  # by then a cargo can have been landed
    ("fall_may_be_of_the_call_before", typed_soon(3), typed_soon(3, passage=60)),  # too late to be typed late
    ("fall_may_be_of_the_call_before", typed_soon(3), typed_soon(3, came_m=4.0)),  # she took it on at the origin
    ("discharged_after_unchanged", passage(landing=DOWN, draught_before_m=4.0, draught_m=5.4),
     passage(landing=DOWN, **LOADED)),
    ("cargo_not_landed", passage(landing=SAME), passage(landing=HALF)),
    ("prompt_arrival", passage(passage=239), passage(passage=241)),
    ("prompt_arrival", passage(), passage(call={"state": "ended_in_silence"})),  # nobody knows when she left
    ("late_arrival", passage(passage=241), passage(passage=239)),
    ("coal_ship", passage(79, 185), passage(79, 200)),
    ("coal_ship", passage(70), passage(30)),
    ("tanker", passage(80), passage(79)),
    ("carries_no_coal", passage(60), passage(80)),
    ("carries_no_coal", passage(30), passage(79)),
    ("carries_no_coal", passage(52, length_m=35.0), passage(52, length_m=90.0)),
    ("stay_too_short", passage(stay=6), passage(stay=6, call=CUT)),
    ("draught_unchanged", passage(**LADEN), passage(**LADEN, call=CUT)),
    ("discharged", passage(**LADEN, call=CUT, landing=DOWN), passage(**LADEN, landing=DOWN)),
    ("returned_cargo_2017_voyage", returned("04"), returned("06")),
    ("heard_gap_in_korea_bay", silent(14, "heard_others"), silent(14, "unknown")),
    ("heard_gap_in_korea_bay", silent(14, "heard_others"), silent(11, "heard_others")),
    ("heard_gap_in_korea_bay", silent(14, "heard_others"), silent(14, "heard_others", later=200)),
    ("heard_gap_in_korea_bay", silent(14, "heard_others"), silent(14, "heard_others", off_longitude=130.3)),
    ("silence_of_all", silent(14, "not_heard", reception_outage_id="outage", hours_hidden=9),
     silent(14, "not_heard")),
    ("heard_gap_in_korea_bay", unheard_inside(40, 20), unheard_inside(10, 20)),
    ("heard_gap_in_korea_bay", unheard_inside(-20, 20), unheard_inside(0, 46, first_stop_at=None)),
    ("poor_reception", silent(14, "not_heard"), silent(14, "heard_others")),
    ("poor_reception", silent(14, "unknown"), silent(14, "heard_others")),
    ("port_entry_ban", listed_abroad(), at_home()),
    ("port_entry_ban", listed_abroad(), stay("cn-shanghai", "2020-12-10", ship={"imo": LISTED_BY_TREASURY})),
    ("came_from_other_home_port", abroad(before="kp-haeju"), abroad(before="cn-shanghai")),
    ("loading_draught_unreported", at_home(), at_home(**UP)),
    ("coal_berth_call", at_home(), stay("kp-nampo-coal", "2019-05-01", ship=LISTED | {"ship_type": 80})),
    ("anchorage_only", passage(destination=ROADS), passage(destination=ROADS, landing=DOWN)),
    ("origin_unknown", abroad(), abroad(before="cn-shanghai")),
    ("came_from_elsewhere", abroad(before="cn-shanghai"), abroad(before="kp-haeju")),
    ("came_from_rajin", abroad(before="kp-rajin"), abroad(before="kp-haeju")),
    ("landed_at_call", abroad(**DOWN), abroad(**SAME)),
    ("nothing_landed", abroad(**SAME), abroad(**DOWN)),
    ("loaded_abroad", abroad(**UP), abroad(**SAME)),
    ("call_draught_unreported", abroad(**HALF), abroad(**SAME)),
    ("anchorage_only_call", abroad("cn-dalian-anchorage"), abroad("cn-dalian")),
    ("returned_cargo_2017", abroad(arrived=APRIL, then="kp-taedong"), abroad(arrived="2017-06-08", then="kp-taedong")),
    ("returned_cargo_2017", abroad(arrived=APRIL, then="kp-taedong"), abroad(arrived=APRIL, then="cn-shanghai")),
    ("came_from_coal_port", listed_abroad(before="kp-taedong"), listed_abroad(before="kp-haeju")),
    ("coal_berth_call", at_home(), at_home("kp-nampo-oil")),
    ("loaded_at_call", at_home(**UP), at_home(**SAME)),
    ("unloaded_at_call", at_home(**DOWN), at_home(**SAME)),
    ("domestic_next_call", at_home(then="kp-haeju"), at_home(then="cn-shanghai")),
    ("dprk_flag", events(*direct_call(), **KP_SHIP), passage()),
    ("listed", at_home(), passage()),
    ("listed_name_hint", named("XIN GUANG HAI"), named("XIN GUANG HAI", imo=9074729)),  # a hull that is not listed
    ("listed_name_hint", named("XIN GUANG HAI"), named("KOTI")),  # listed too, and borne by many
    ("flag_not_as_listed", flying("KR"), flying("PA")),
    ("flag_not_as_listed", flying("KR"), flying("KR", imo=HAO_FAN_6)),  # of whom the list gives no flag
    ("flag_not_as_listed", flying("PA", imo=SOUTH_HILL_2), flying("SL", imo=SOUTH_HILL_2)),  # two lists of one mind
    ("flag_not_as_listed", flying("KR"), flying("KR", left="2018-12-01")),  # not listed yet, as far as is known
    ("mmsi_of_no_state", events(*direct_call(), mmsi=500123456), events(*direct_call(), mmsi=457123456)),
    ("anchorage_only", passage(destination="cn-dalian-anchorage"), passage()),
    ("unnamed_destination", passage_off(UNNAMED), passage_off({})),
    ("unnamed_call", abroad(**UNNAMED), abroad()),
    ("bought_in", told(), passage()),
    ("stop_at_sea", rested("CN"), passage()),
    ("stop_at_sea", rested("CN", home="kp-haeju"), passage(destination="cn-weihai")),
    ("ended_at_home", rested("CN", home="kp-haeju"), rested("CN", home="kp-nampo-coal")),
    ("ended_at_home", rested("CN", home="kp-haeju"), rested("CN")),
    ("no_stop_heard", passage(call={"first_stop_at": None, "max_silence_hours": 40}), passage()),
    ("no_stop_heard", passage(call={"first_stop_at": None, "max_silence_hours": 40}), told()),
    ("rose_on_the_way", deeper(3.5, 40), deeper(6.8, 40)),
    ("rose_on_the_way", deeper(3.5, 40), deeper(3.5, 3)),
    ("rose_on_the_way", deeper(3.5, 40), deeper(3.5, 40, feasible=None)),
    ("rose_on_the_way", deeper(3.5, 40), deeper(3.5, 40, "kp-haeju")),
    ("call_unheard", at_home(first_stop_at=None), at_home()),
    ("listed_number_not_heard", events(*map(bought_in, direct_call()), **LISTED), events(*direct_call(), **LISTED)),
    ("listed_number_not_heard", events(*map(bought_in, direct_call()), **LISTED), told()),
    ("provider_visit", told(stay=12), told(stay=11)),
    ("provider_visit", told(stay=12), passage(stay=12)),
    ("provider_visit_short", told(stay=7), told(stay=8)),
    ("seen_by_provider_voyage", told_too("2020-12-10T06:00"), told_too("2020-12-25")),
    ("provider_destination_confidence_low", told_of_landing(2), told_of_landing(3)),
    ("provider_call_confidence_low", told_abroad(confidence=2), told_abroad(confidence=3)),
    ("provider_call_confidence_low", told_abroad(confidence=2), abroad(confidence=2)),
    ("implausible_stay", told_abroad(implausible_stay=True), told_abroad(implausible_stay=False)),
    ("seen_by_provider_call", told_too_abroad("cn-weihai"), told_too_abroad("cn-dalian")),
]  # fmt: skip


@cache
def roles_of_duplicates() -> list[tuple[str, set[str], set[str]]]:
    """The roles that speak of each happening and of its twin; all ships are judged at once."""
    ships = [ship for _, happening, twin in TWINS for ship in (happening, twin)]
    told = find_alerts(fleet(ships), without_law(), synthetic=False)
    said = told.evidence.merge(told.alerts[["alert_id", "vessel_id"]], on="alert_id")
    roles = said.groupby("vessel_id")["role"].agg(set)
    of_ship = [roles.get(f"ship-{number}", set()) for number in range(len(ships))]
    return [(role, of_ship[2 * n], of_ship[2 * n + 1]) for n, (role, _, _) in enumerate(TWINS)]


@pytest.mark.parametrize("number", range(len(TWINS)), ids=[role for role, _, _ in TWINS])
def test_a_role_speaks_of_a_happening_and_not_of_its_twin(number):
    role, happening, twin = roles_of_duplicates()[number]

    assert happening, "an alert"
    assert role in happening
    assert role not in twin


def test_every_role_is_tried():
    elsewhere = {"list_status_unknown"}  # in test_patterns.py
    elsewhere |= DOUBTS  # in test_false_positions.py
    roles = without_law().weights.roles
    ours = {
        name for name, role in roles.items() if {"voyage", "port_call"} & set(role.of)
    }  # a file for each other kind

    assert ours == {role for role, _, _ in TWINS} | elsewhere | set(TRIED)


def test_a_score_is_the_sum_of_its_evidence_and_its_grade_a_band():
    calls, voyages = direct_call(draught_before_m=4.0, draught_m=8.0)
    told = found(calls, voyages, **KP_SHIP)
    weights = load_weights()

    alert = told.alerts.iloc[0]

    assert alert["score"] == pytest.approx(told.evidence["weight"].sum())
    assert set(told.evidence["weight"]) <= {role.weight for role in weights.roles.values()}
    assert alert["grade"] == "strong"
    bands = weights.grades
    edges = pd.Series([bands.moderate.at_least - 0.1, bands.moderate.at_least, bands.strong.at_least])
    assert list(grade(edges, weights)) == ["weak", "moderate", "strong"]


def test_without_a_draught_no_direct_call_is_strong():
    assert found(*direct_call(), **KP_SHIP).alerts.loc[0, "grade"] == "moderate"


def test_what_speaks_against_stands_beside_what_speaks_for():
    signs = found(*direct_call(origin="kp-taedong")).evidence["weight"]

    assert (signs > 0).any()
    assert (signs < 0).any()


def laden_tanker(origin: str, ship_type: int = 80) -> set[str]:
    """Grades of the direct call of a listed ship: deeper when she leaves, unheard, less deep after the next port."""
    calls, voyages = direct_call("2019-05-01", origin=origin, draught_before_m=4.0, draught_m=8.0)
    calls[1] |= {"draught_in_m": 8.0, "draught_out_m": 4.0}
    silence = gap(voyages[0]["departed_at"], 20, "heard_others")
    alerts = found(calls, voyages, [silence], ship_type=ship_type, **LISTED, **KP_SHIP).alerts
    return set(alerts.loc[alerts["pattern_id"] == "direct-call", "grade"])


def test_a_tanker_somewhere_in_the_basin_was_at_the_oil_terminal_for_all_that_is_known():
    assert laden_tanker("kp-taedong", ship_type=79)
    assert laden_tanker("kp-nampo-coal")  # the type is typed in by hand
    assert not laden_tanker("kp-taedong")
