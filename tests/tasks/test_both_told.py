"""Events bought in beside our own positions of the same ships: one alert of a voyage, each row under its own terms."""

from __future__ import annotations

import random
import shutil

import pytest

from pipeline.tasks import reports, review
from tests.tasks.gfw_world import FIRST, LATER, MMSI, Home, coal_voyage, encounter, june_voyage, vessel, write_pages
from tests.tasks.world import CLOCK, DAYS, assert_same, month, write_days

pytestmark = pytest.mark.long  # whole homes, run again and again


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    call, older = june_voyage()
    newer = older | {"end": "2018-06-05T21:00:00.000Z"}
    met = encounter("e1", vessel(412000001, "DEMO TRAFFIC"), "2018-06-02T20:00", "2018-06-02T23:00")
    lone = coal_voyage(vessel(445000123, "LONE", flag="PRK"))
    return [
        write_pages(folder / "older.jsonl", [call, older], fetched_at=FIRST),
        write_pages(folder / "newer.jsonl", [newer], fetched_at=LATER),
        write_pages(folder / "more.jsonl", [met, *lone], fetched_at=LATER),
    ]


@pytest.fixture(scope="module")
def bought(pages, tmp_path_factory):
    """The events alone; only to be read."""
    home = Home(tmp_path_factory.mktemp("bought") / "home")
    home.land_events(*pages)
    home.run()
    return home


@pytest.fixture(scope="module")
def both(landed, pages, tmp_path_factory):
    """Positions and events of the same voyage, landed at once."""
    home = Home(shutil.copytree(landed, tmp_path_factory.mktemp("both") / "home"))
    home.land_events(*pages)
    home.run()
    return home


def alerts_of_the_coal_ship(home):
    alerts = home.query(f"select * from alert where mmsi = {MMSI} and withdrawn_at is null")
    voyages = home.query("select voyage_id, source from voyage").set_index("voyage_id")["source"]
    return [(alert, voyages[alert["voyage_id"]]) for alert in alerts.to_dict("records")]


def test_one_voyage_told_by_both_raises_one_alert_and_it_is_ours(both):
    ((alert, source),) = alerts_of_the_coal_ship(both)
    evidence = both.query(f"select role, weight from alert_evidence where alert_id = '{alert['alert_id']}'")
    weights = dict(zip(evidence["role"], evidence["weight"], strict=True))

    assert source == "ais"
    assert weights["seen_by_provider_voyage"] == 0.5
    assert "bought_in" not in weights
    assert "CC BY-NC 4.0" in alert["licence"]


@pytest.mark.parametrize("table", ["port_call", "ais_gap", "voyage"])
def test_of_the_events_only_those_bought_in_are_under_terms(both, table):
    bound = both.query(f"select source, licence is not null as bound, count(*) as n from {table} group by 1, 2")

    assert ("ais", 0) in set(zip(bound["source"], bound["bound"], strict=True)) <= {("ais", 0), ("gfw", 1)}


def test_hulls_that_we_heard_ourselves_are_under_no_terms(both):
    hulls = both.query("select vessel_id, licence, vessel_id in (select vessel_id from track) as heard from vessel")

    assert set(zip(hulls["heard"], hulls["licence"].notna(), strict=True)) <= {(1, False), (0, True)}
    assert hulls["heard"].any()


def test_an_alert_that_rests_on_our_positions_alone_is_under_no_terms(both):
    others = both.query(f"select licence from alert where mmsi not in ({MMSI}, 445000123) and withdrawn_at is null")

    assert len(others)
    assert others["licence"].isna().all()


def test_events_bought_in_are_of_the_hull_that_our_positions_know(both):
    calls = both.query(f"select distinct vessel_id, imo from port_call where mmsi = {MMSI}")

    assert calls["vessel_id"].tolist() == ["imo-2990027"]
    assert both.query("select imo from vessel where vessel_id = 'imo-2990027'")["imo"].tolist() == [2990027]


def test_our_own_derivation_leaves_the_providers_rows_alone(both, bought):
    for table in ("port_call", "voyage", "encounter"):
        key, bound = f"{table}_id", "source <> 'ais'"
        found = both.query(f"select {key} from {table} where {bound} order by 1")
        assert found[key].tolist() == bought.query(f"select {key} from {table} order by 1")[key].tolist()


def test_when_our_positions_come_later_the_providers_alert_gives_way_to_ours(files, bought, both, tmp_path):
    home = Home(shutil.copytree(bought.settings.home, tmp_path / "home"))
    ((first, source),) = alerts_of_the_coal_ship(home)
    assert source == "gfw"
    review.review_alert(home.settings, first["alert_id"], "an analyst", "confirmed", None, CLOCK)

    home.land(*files.values())
    home.run()

    ((ours, _),) = alerts_of_the_coal_ship(home)
    withdrawn = home.query(f"select withdrawn_reason from alert where alert_id = '{first['alert_id']}'")
    assert f"Our own positions show it too; alert {ours['alert_id']}" in withdrawn["withdrawn_reason"][0]
    reviews = reports.alert_report(home.settings, ours["alert_id"])["reviews"]
    assert [(one["reviewed_alert_id"], one["decision"]) for one in reviews] == [(first["alert_id"], "confirmed")]
    found, expected = dict(home.rows()), dict(both.rows())
    windows, unreviewed = found.pop("claim_window"), expected.pop("claim_window")
    assert_same(found, expected)
    reviewed = ["alerts_confirmed", "reason"]  # what was decided is known to the one home only
    assert (windows["alerts_confirmed"].sum(), unreviewed["alerts_confirmed"].sum()) == (1, 0)
    assert_same({"claim_window": windows.drop(columns=reviewed)}, {"claim_window": unreviewed.drop(columns=reviewed)})


@pytest.mark.long
@pytest.mark.parametrize("seed", [0, 1])
def test_files_and_days_in_any_order_give_the_same_rows(seed, files, pages, both, tmp_path):
    home = Home(tmp_path)
    for file in random.Random(seed).sample([*files.values(), *pages], len(files) + len(pages)):
        (home.land if file in files.values() else home.land_events)(file)
        if random.Random(f"{seed} {file.name}").random() < 0.4:
            home.run()
    home.run()

    assert_same(home.rows(), both.rows())


@pytest.mark.long
def test_when_our_positions_go_the_ship_is_the_providers_again(files, pages, tmp_path):
    home, alone = Home(tmp_path / "home"), Home(tmp_path / "alone")
    without = month()
    without = write_days(without[without["MMSI"] != MMSI], tmp_path / "without")
    home.land(*files.values())
    home.land_events(*pages)
    home.run()
    for day in DAYS:
        home.land(without[day], replaces=files[day].name)
    home.run()
    alone.land(*without.values())
    alone.land_events(*pages)
    alone.run()

    assert_same(home.rows(), alone.rows())
    ((_, source),) = alerts_of_the_coal_ship(home)
    assert source == "gfw"
