"""Each pattern fires, and stays silent in a twin that differs in one thing."""

import re
from functools import cache
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.judgement.alerts import AlertFrames, find_alerts
from pipeline.judgement.cases.registry import kinds
from pipeline.judgement.patterns import load_patterns
from pipeline.resources import SEEDS
from tests.judgement.sea import (
    LISTED_COAL_SHIP,
    LISTED_SOON_BEFORE_ARTICLE,
    at,
    direct_call,
    events,
    hours,
    knowing,
    needing_no_measure,
    open_call,
    port_call,
    real_knowledge,
    voyage,
    without_law,
)

KP_MMSI = 445000001
knowledge = cache(real_knowledge)


def found(*happened, **ship) -> AlertFrames:
    return find_alerts(events(*happened, **ship), without_law(), synthetic=False)


def law_of(*happened) -> AlertFrames:
    return find_alerts(events(*happened), knowledge(), synthetic=False)


def raised(*happened, **ship) -> list[str]:
    return sorted(found(*happened, **ship).alerts["pattern_id"])


def listed_call(imo: int, arrived: str, zone: str = "kr-incheon") -> list[str]:
    return raised([port_call(zone, at(arrived))], imo=imo)


# ---------------------------------------------------------------------------------------------- direct call


def test_a_voyage_from_the_coal_berth_to_a_receiving_port_raises_an_alert():
    assert raised(*direct_call()) == ["direct-call"]


def test_a_stay_in_the_basin_at_no_known_berth_raises_one_too():
    assert raised(*direct_call(origin="kp-taedong")) == ["direct-call"]


@pytest.mark.parametrize(
    "twin",
    [
        {"origin": "kp-nampo-oil"},  # next door to the coal berth
        {"origin": "kp-haeju"},  # loads no coal
        {"origin": "cn-weihai"},  # another country
        {"destination": "kp-haeju"},  # domestic
        {"destination": "cn-shanghai"},  # receives no coal
    ],
)
def test_the_same_voyage_between_other_places_raises_none(twin):
    assert raised(*direct_call(**twin)) == []


def test_a_ship_that_only_passed_the_origin_raises_none():
    calls, voyages = direct_call()
    calls[0]["confidence"] = 1

    assert raised(calls, voyages) == []


def test_a_voyage_still_under_way_raises_none():
    (origin, _), (passage,) = direct_call()
    ahead = [name for name in passage if name.startswith("destination")] + ["arrived_at", "hours"]

    assert raised([origin], [passage | dict.fromkeys(ahead)]) == []


def test_a_tanker_berthed_at_the_oil_terminal_raises_no_coal_alert():
    calls, voyages = direct_call(origin="kp-nampo-oil")

    assert raised(calls, voyages, ship_type=80) == []


# ---------------------------------------------------------------------------------------------------- Rajin


def test_a_voyage_from_rajin_is_recorded_with_its_possible_exemption_and_raises_no_alert():
    calls, voyages = direct_call("2018-06-01", origin="kp-rajin", destination="ru-vostochny")

    recorded = law_of(calls, voyages)

    assert recorded.alerts.empty
    law = recorded.assessments[recorded.assessments["authority"] == "UN"]
    assert set(law["subject_table"]) == {"voyage"}
    assert set(law["subject_id"]) == {voyages[0]["voyage_id"]}
    assert "exempt_possible" in set(law["answer"])


def test_the_same_voyage_from_nampo_raises_an_alert_without_exemption():
    calls, voyages = direct_call("2018-06-01", destination="ru-vostochny")

    told = law_of(calls, voyages)

    assert len(told.alerts) == 1
    assert "exempt_possible" not in set(told.assessments["answer"])


# ---------------------------------------------------------------------------------------------- listed ship


def test_a_ship_calls_in_port_while_listed():
    assert listed_call(LISTED_COAL_SHIP, "2018-04-01") == ["listed-vessel-in-port"]


def test_a_ship_listed_only_after_her_call_raises_none():
    assert listed_call(LISTED_SOON_BEFORE_ARTICLE, "2020-12-09") == ["listed-vessel-in-port"]
    assert listed_call(LISTED_SOON_BEFORE_ARTICLE, "2020-12-05") == []


def test_a_list_without_a_date_of_listing_makes_no_alert_but_is_said_in_another():
    ships = knowledge().watchlists.vessels.dropna(subset=["imo"])
    dated = ships.loc[ships["listed_on"].notna() | (ships["listed_by"] < "2018-12-31"), "imo"]
    undated = ships[~ships["imo"].isin(dated)].iloc[0]
    imo = int(undated["imo"])

    alone = raised([port_call("kr-incheon", at("2018-12-10"))], imo=imo)
    beside = found(*direct_call("2018-12-10"), imo=imo)

    assert alone == []
    said = beside.evidence.set_index("role").loc["list_status_unknown"]
    assert said["weight"] == 0
    assert undated["entry_id"] in said["statement"]


def test_waiting_at_the_anchorage_and_then_berthing_is_one_alert():
    waiting = port_call("cn-dalian-anchorage", at("2018-04-01"), stay=24)
    berthed = port_call("cn-dalian", at("2018-04-02T02:00"), stay=24)

    alerts = found([waiting, berthed], imo=LISTED_COAL_SHIP).alerts

    assert len(alerts) == 1
    assert alerts.loc[0, "began_at"] == waiting["arrived_by"]
    assert alerts.loc[0, "ended_at"] == berthed["departed_after"]
    assert alerts.loc[0, "destination_zone_id"] == "cn-dalian"


def test_going_there_twice_is_two_alerts():
    first = port_call("cn-dalian", at("2018-04-01"))
    between = port_call("cn-shanghai", at("2018-04-10"), confidence=2)
    second = port_call("cn-dalian", at("2018-04-20"))

    alerts = found([first, second], [voyage(first, between), voyage(between, second)], imo=LISTED_COAL_SHIP).alerts

    assert list(alerts["pattern_id"]) == ["listed-vessel-in-port"] * 2


def test_a_second_visit_to_one_port_is_an_alert_of_its_own_though_no_voyage_lies_between():
    before, after = (port_call("cn-dalian", at(day)) for day in ("2016-06-02", "2018-06-02"))

    alerts = found([before, after], mmsi=KP_MMSI, flag="KP").alerts

    assert list(alerts["began_at"]) == [before["arrived_by"], after["arrived_by"]]


def test_a_visit_before_any_measure_does_not_silence_one_after_it():
    before, after = (port_call("cn-dalian", at(day)) for day in ("2015-06-02", "2020-11-02"))
    ship = events([before, after], mmsi=KP_MMSI, flag="KP")

    assert list(find_alerts(ship, knowledge(), synthetic=False).alerts["began_at"]) == [after["arrived_by"]]


def test_a_voyage_ends_where_she_first_called_and_brings_her_to_no_call_years_later():
    loading = port_call("kp-nampo-coal", at("2016-06-01"))
    waiting = port_call("cn-dalian-anchorage", loading["departed_by"] + hours(24))
    later = port_call("cn-dalian", at("2020-11-02"))

    told = found([loading, waiting, later], [voyage(loading, waiting)], mmsi=KP_MMSI, flag="KP")

    assert dict(zip(told.alerts["pattern_id"], told.alerts["destination_zone_id"], strict=True)) == {
        "direct-call": "cn-dalian-anchorage",
        "dprk-flag-at-receiving-port": "cn-dalian",
    }
    assert "came_from_coal_port" not in set(told.evidence["role"])


# ---------------------------------------------------------------------------------------- North Korean flag


def test_a_north_korean_flag_at_a_receiving_port_raises_an_alert():
    assert raised([port_call("cn-weihai", at("2020-12-10"))], mmsi=KP_MMSI, flag="KP") == [
        "dprk-flag-at-receiving-port"
    ]


def test_a_call_that_still_goes_on_raises_one_too():
    assert raised([open_call("cn-weihai", at("2020-12-10"))], mmsi=KP_MMSI, flag="KP") == [
        "dprk-flag-at-receiving-port"
    ]


@pytest.mark.parametrize(
    ("zone", "ship"),
    [
        ("cn-weihai", {"mmsi": 441000001, "flag": "KR"}),
        ("cn-shanghai", {"mmsi": KP_MMSI, "flag": "KP"}),
        ("kp-haeju", {"mmsi": KP_MMSI, "flag": "KP"}),
    ],
)
def test_another_flag_or_another_port_raises_none(zone, ship):
    assert raised([port_call(zone, at("2020-12-10"))], **ship) == []


# ------------------------------------------------------------------------------------- one happening, one alert


def test_a_direct_call_by_a_listed_north_korean_ship_is_one_alert_with_list_and_flag_as_evidence():
    told = found(*direct_call("2019-05-01"), imo=LISTED_COAL_SHIP, mmsi=KP_MMSI, flag="KP")

    assert list(told.alerts["pattern_id"]) == ["direct-call"]
    assert {"listed", "dprk_flag"} <= set(told.evidence["role"])


def test_what_speaks_against_a_cargo_takes_nothing_from_a_listed_ships_call():
    came_laden = {"draught_before_m": 8.0, "draught_m": 4.0}

    told = found(*direct_call("2019-05-01", **came_laden, stay=9), imo=LISTED_COAL_SHIP)

    grades = told.alerts.set_index("pattern_id").groupby(level=0)["grade"].agg(set).to_dict()
    assert grades == {"direct-call": {"weak"}, "listed-vessel-in-port": {"strong"}}


def test_waiting_at_the_anchorage_before_the_berth_is_covered_by_the_same_direct_call():
    loading = port_call("kp-nampo-coal", at("2019-05-01"))
    waiting = port_call("cn-dalian-anchorage", loading["departed_by"] + hours(24))
    berthed = port_call("cn-dalian", waiting["departed_by"] + hours(1))

    told = found([loading, waiting, berthed], [voyage(loading, waiting)], imo=LISTED_COAL_SHIP)

    assert list(told.alerts["pattern_id"]) == ["direct-call"]
    assert told.alerts.loc[0, "destination_zone_id"] == "cn-dalian"
    assert "anchorage_only" not in set(told.evidence["role"])


def test_a_direct_call_that_ends_at_the_anchorage_says_so():
    loading = port_call("kp-nampo-coal", at("2019-05-01"))
    waiting = port_call("cn-dalian-anchorage", loading["departed_by"] + hours(24))

    assert "anchorage_only" in set(found([loading, waiting], [voyage(loading, waiting)]).evidence["role"])


# -------------------------------------------------------------------------------------------------- the files


def test_a_pattern_that_asks_for_an_unknown_column_is_refused_with_its_line(tmp_path: Path):
    folder = tmp_path / "seeds" / "patterns"
    folder.mkdir(parents=True)
    text = (SEEDS / "patterns" / "direct-call.yaml").read_text(encoding="utf-8")
    (folder / "direct-call.yaml").write_text(text.replace("origin_zone_id:", "origin_harbour:"), encoding="utf-8")

    with pytest.raises(InputError, match=r'direct-call\.yaml:\d+: .*"origin_harbour" is none'):
        load_patterns(folder)


def test_a_pattern_that_yields_to_a_missing_one_is_refused(tmp_path: Path):
    folder = tmp_path / "seeds" / "patterns"
    folder.mkdir(parents=True)
    text = (SEEDS / "patterns" / "listed-vessel-in-port.yaml").read_text(encoding="utf-8")
    (folder / "listed-vessel-in-port.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(InputError, match=r'unless names "[a-z-]+"; expected another pattern_id'):
        load_patterns(folder)


def test_a_new_pattern_is_a_new_file(tmp_path: Path):
    folder = tmp_path / "seeds" / "patterns"
    folder.mkdir(parents=True)
    text = (SEEDS / "patterns" / "dprk-flag-at-receiving-port.yaml").read_text(encoding="utf-8")
    text = text.replace("dprk-flag-at-receiving-port", "korean-flag-abroad").replace(
        "[KP]}\n  call_c", "[KR]}\n  call_c"
    )
    (folder / "korean-flag-abroad.yaml").write_text(re.sub(r"^unless: .*\n", "", text, flags=re.MULTILINE))
    there = knowing(without_law(), patterns=needing_no_measure(load_patterns(folder)))

    alerts = find_alerts(events([port_call("cn-weihai", at("2020-12-10"))]), there, synthetic=False).alerts

    assert list(alerts["pattern_id"]) == ["korean-flag-abroad"]


def test_an_installation_may_add_kinds_of_case_alone(tmp_path: Path, monkeypatch):
    (tmp_path / "cases").mkdir()
    monkeypatch.setenv("COALWATCH_EXTENSIONS", str(tmp_path))

    assert {"voyage", "port_call"} <= set(kinds())
