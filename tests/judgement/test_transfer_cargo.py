"""What the draughts of ships that met say: who gave, who took, and what belongs to a call of theirs."""

import pandas as pd
import pytest

from pipeline.contracts import ENCOUNTER, VOYAGE
from pipeline.judgement.alerts import find_alerts
from pipeline.judgement.cases.events import Events
from tests.judgement.encounters import (
    BEGAN,
    DEEPER,
    HAEJU,
    OTHER,
    ROADS,
    SHE,
    at_nampo,
    her,
    knowledge,
    met,
    of_other,
    partner,
    raised,
)
from tests.judgement.sea import (
    LISTED_COAL_SHIP,
    direct_call,
    draught,
    events,
    fleet,
    hours,
    port_call,
)


def test_the_linked_party_is_the_ship_of_the_alert():
    happened = met(her(), partner(at_nampo(), flag="KP"))
    alerts = find_alerts(happened, knowledge(), synthetic=False).alerts

    assert alerts["mmsi"].tolist() == [OTHER]


GAVE, TOOK = [draught(BEGAN + hours(14), 8.0, 4.0)], [draught(BEGAN + hours(13), 2.0, 4.5)]
NUMBER_TWO = {"imo": LISTED_COAL_SHIP}


def led_by(one: Events, other: Events, **given) -> tuple[list[int], set[str], str | None]:
    """MMSIs that the alerts of transfers are of, the roles of their evidence, and the grade of the first."""
    happened = met(one, other, **given)
    _, roles, grade = raised(happened)
    alerts = find_alerts(happened, knowledge(), synthetic=False).alerts
    return alerts.loc[alerts["pattern_id"].str.startswith("transfer"), "mmsi"].tolist(), roles, grade


@pytest.mark.parametrize("taker", [NUMBER_TWO, {"flag": "KP"}, {"calls": at_nampo(5)}], ids=["listed", "flag", "call"])
def test_who_gave_by_the_draughts_is_the_ship_of_the_alert_however_the_taker_is_linked(taker):
    number = {"other_imo": LISTED_COAL_SHIP} if taker is NUMBER_TWO else {}
    ships, roles, grade = led_by(her(at_nampo(), draughts=GAVE), partner(**taker, draughts=of_other(TOOK)), **number)

    assert (ships, grade) == ([SHE], "strong")
    assert {"ship_lightened", "partner_deepened", "called_at_coal_port_before"} <= roles
    assert not {"ship_deepened", "partner_lightened"} & roles


def test_a_cargo_given_to_a_ship_from_north_korea_by_one_that_was_not_there_is_no_export():
    for giver in (her(draughts=GAVE), her(**NUMBER_TWO, draughts=GAVE)):
        ships, roles, grade = led_by(giver, partner(flag="KP", draughts=of_other(TOOK)))

        assert (ships, grade) == ([OTHER], "weak")
        assert {"ship_deepened", "partner_lightened"} <= roles


def test_without_draughts_the_one_from_a_loading_port_is_the_ship_of_the_alert():
    assert led_by(her(at_nampo()), partner(flag="KP"))[0] == [SHE]
    assert led_by(her(at_nampo()), partner(**NUMBER_TWO), other_imo=LISTED_COAL_SHIP)[0] == [SHE]
    assert led_by(her(HAEJU), partner(flag="KP"))[0] == [OTHER]


def test_a_change_too_small_for_a_cargo_decides_nothing():
    burnt = [draught(BEGAN + hours(14), 8.0, 7.8)]

    assert led_by(her(HAEJU, draughts=burnt), partner(flag="KP"))[0] == [OTHER]


def test_what_the_draughts_say_turns_the_reading():
    fell = [draught(BEGAN + hours(14), 8.0, 4.0)]
    rose = [draught(BEGAN + hours(14), 4.0, 8.0)]
    of_barge = {"draughts": [draught(BEGAN + hours(13), 2.0, 4.5, mmsi=OTHER)]}

    given = raised(met(her(at_nampo(), draughts=fell), partner(**of_barge)))
    taken = raised(met(her(at_nampo(), draughts=rose), partner()))

    assert {"ship_lightened", "partner_deepened"} <= given[1]
    assert "ship_deepened" in taken[1]
    assert (given[2], taken[2]) == ("strong", "weak")


def test_a_draught_typed_after_the_next_call_says_nothing_of_the_encounter():
    later = port_call("cn-dalian", BEGAN + hours(30))
    typed = [draught(BEGAN + hours(40), 8.0, 4.0)]

    assert "ship_lightened" not in raised(met(her([*at_nampo(), later], draughts=typed), partner()))[1]


def sailed(passage: float = 72, rise: float = 20, **given) -> Events:
    """She leaves the coal berth 15 hours before they meet, types a draught, and goes on to Dalian."""
    calls, voyages = direct_call(left=f"{BEGAN - hours(15.1):%Y-%m-%d %H:%M}", passage=passage)
    calls[0]["draught_in_m"] = 4.0
    return events(calls, voyages, draughts=[draught(calls[0]["departed_by"] + hours(rise), 4.0, 8.0)], flag="PA")


def test_one_voyage_raises_one_alert_and_without_its_voyage_the_transfer_does():
    happened = met(sailed(), partner(), length=15.0)
    alone = happened.replaced({VOYAGE: happened[VOYAGE].iloc[:0]})
    patterns = [
        find_alerts(one, knowledge(), synthetic=False).alerts["pattern_id"].tolist() for one in (happened, alone)
    ]

    assert patterns == [["direct-call"], ["transfer-off-nampo"]]


def test_a_transfer_that_says_more_than_the_voyage_stays():
    calls, voyages = direct_call(left=f"{BEGAN - hours(15.1):%Y-%m-%d %H:%M}", destination="kp-haeju")
    happened = met(events(calls, voyages, draughts=GAVE, flag="PA"), partner(draughts=of_other(TOOK)))

    assert raised(happened)[0] == ["transfer-off-nampo"]


def test_a_rise_read_as_loaded_at_a_call_is_not_taken_from_the_partner():
    loaded = met(sailed(), partner(flag="KP"), length=15.0)  # without the voyage's alert
    alone = loaded.replaced({VOYAGE: loaded[VOYAGE].iloc[:0]})
    late = met(her(at_nampo(), draughts=DEEPER), partner(), length=15.0)

    assert "ship_deepened" not in raised(alone)[1]
    assert "ship_deepened" in raised(late)[1]


def test_a_fall_read_as_landed_at_a_port_abroad_before_is_not_given_to_the_partner():
    """At the port that she left 15 hours before they met; not at the roads where they met."""
    fell = [draught(BEGAN + hours(14), 8.0, 4.0)]
    landed = port_call("cn-dalian", BEGAN - hours(39), 24, draught_in_m=8.0)
    lay = port_call("cn-dalian-anchorage", BEGAN - hours(12), 25.5, draught_in_m=8.0)

    assert "ship_lightened" not in raised(met(her([*at_nampo(5), landed], draughts=fell), partner()))[1]
    assert "ship_lightened" in raised(met(her([*at_nampo(5), lay], draughts=fell), partner(), **ROADS))[1]


def test_who_left_a_port_elsewhere_and_grew_deeper_beside_a_ship_from_nampo_took_her_cargo():
    empty = port_call("cn-dalian", BEGAN - hours(48), 34, draught_in_m=2.0)
    taker = partner([empty], draughts=of_other([draught(BEGAN + hours(13), 2.0, 4.5)]))

    assert "partner_deepened" in raised(met(her(at_nampo()), taker))[1]


def test_how_long_both_were_heard_is_said_with_how_long_they_were_together():
    pieces = find_alerts(met(her(at_nampo()), partner(), heard_share=0.17), knowledge(), synthetic=False).evidence
    said = pieces.set_index("role")["statement"]

    assert "heard for 17% of them" in said["transfer_time"]
    assert "lay 45 m apart by their antennas (both were heard 17% of the time)" in said["alongside"]


THIRD = 413990003


def two_meetings(first: float, second: float, to_coal=False, deeper=False, lighter=False, third: Events | None = None):
    """She met the other ship for so many hours, and a third one two days later; what became of the first two."""
    calls = [port_call("cn-dalian", BEGAN + hours(40))] if to_coal else []
    took, left = ([draught(BEGAN + hours(first + 1), *metres)] for metres in ((2.0, 4.5), (8.0, 4.0)))
    one = her(at_nampo(), draughts=left if lighter else [])
    rows = met(one, partner())[ENCOUNTER].assign(ended_at=BEGAN + hours(first), last_at=BEGAN + hours(first))
    then = BEGAN + hours(48)
    later = rows.assign(
        encounter_id="another", other_mmsi=THIRD, other_vessel_id="ship-2", other_track_id="ship-2-1", began_at=then,
        ended_at=then + hours(second), last_at=then + hours(second), longitude=124.9,
    )  # fmt: skip
    ships = [one, partner(calls, draughts=of_other(took) if deeper else []), third or events([], flag="CN", mmsi=THIRD)]
    both = fleet(ships)
    tables = {**both.tables, ENCOUNTER.name: pd.concat([rows, later], ignore_index=True)}
    return Events(tables, both.vessels, both.identities)


def test_a_headline_tells_time_and_place_of_one_meeting_and_the_evidence_names_every_partner():
    found = find_alerts(two_meetings(3, 9), knowledge(), synthetic=False)
    (alert,) = found.alerts.to_dict("records")
    named = found.evidence.set_index("role").at["met_several", "statement"]

    assert "124.90 E, for 9 hours from 2020-12-12 10:00 UTC, one of 2 ships" in alert["headline"]
    assert "(MMSI 413990003)" in alert["headline"]
    assert alert["began_at"] == BEGAN
    assert f"MMSI {OTHER} from 2020-12-10 10:00, MMSI {THIRD} from 2020-12-12 10:00" in named
    alone = find_alerts(met(her(at_nampo()), partner()), knowledge(), synthetic=False).alerts.iloc[0]
    assert "one of" not in alone["headline"]


def test_a_longer_meeting_later_takes_nothing_from_what_the_first_partner_took():
    roles = {"ship_lightened", "partner_deepened", "partner_to_receiving_port"}
    for second in (4, 9):
        found = find_alerts(two_meetings(3.2, second, True, True, True), knowledge(), synthetic=False)
        (alert,) = found.alerts.to_dict("records")

        assert roles <= set(found.evidence["role"])
        assert (alert["grade"], f"(MMSI {OTHER}) were" in alert["headline"]) == ("strong", True)
    assert not roles & raised(two_meetings(3.2, 9))[1]


def test_of_two_partners_one_took_the_cargo_and_the_other_s_port_is_told_as_hers():
    taker = events([], flag="CN", mmsi=THIRD, name="TAKER", draughts=[draught(BEGAN + hours(60), 2.0, 4.5, mmsi=THIRD)])
    found = find_alerts(two_meetings(3.2, 3, to_coal=True, third=taker), knowledge(), synthetic=False)
    said = found.evidence.set_index("role")["statement"]

    assert said["partner_deepened"].startswith(f"The AIS-reported draught of TAKER (MMSI {THIRD}) rose")
    assert said["partner_to_receiving_port"].startswith(f"MORNING STAR (MMSI {OTHER}) went on to Dalian")
