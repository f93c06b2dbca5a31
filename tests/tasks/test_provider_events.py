"""Events bought in, from landed pages to alerts and claims: alone, and beside our own positions."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import sqlite3
from datetime import UTC, datetime

import pandas as pd
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.errors import InputError
from pipeline.show.alerts import show_alert, show_alerts
from pipeline.show.ships import show_vessels
from pipeline.tasks import reports, review
from pipeline.tasks.land import ingest, refuse_useless
from pipeline.tasks.vessel import vessel_report
from pipeline.warehouse.store import open_for_reading
from tests.tasks.gfw_world import (
    MMSI,
    coal_voyage,
    domestic_voyage,
    encounter,
    gap,
    loitering,
    vessel,
    visit,
    write_pages,
)
from tests.tasks.world import CLOCK, DAYS, Installation, assert_same, month, write_days

FIRST, LATER = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)


class Home(Installation):
    """An installation that lands pages of events too."""

    def land_events(self, *paths, **options):
        return ingest(
            self.settings, paths, "gfw", now=CLOCK, progress=lambda line: None, synthetic=True, **options
        )  # fmt: skip

    def query(self, sql):
        with open_for_reading(self.settings.database_url) as warehouse:
            return warehouse.query(sql)


def june(number: int, zone_id: str, start: str, end: str, label: str, flag: str):
    """A visit of the world's coal ship, in the days of the world."""
    return visit(f"j{number}", zone_id, f"2018-06-{start}", f"2018-06-{end}", label, flag)


JUNE = [
    june(1, "kp-nampo-coal", "01T04:00", "02T13:00", "NAMPO", "PRK"),
    june(2, "cn-longkou", "03T13:00", "05T20:00", "YANTAI", "CHN"),
]


@pytest.fixture(scope="module")
def december(tmp_path_factory):
    """A home that holds nothing but events of December 2020."""
    folder = tmp_path_factory.mktemp("december")
    bunker = vessel(412000009, "BUNKER ONE", flag="CHN", type="bunker")
    beside = [
        gap("g1", "2020-12-05T20:00", "2020-12-06T10:15"),
        encounter("e1", bunker, "2020-12-05T12:00", "2020-12-05T15:00"),
        loitering("l1", "2020-12-06T11:00", "2020-12-06T18:30"),
        {"id": "x", "type": "fishing"},
    ]
    home = Home(folder / "home")
    home.landed = home.land_events(write_pages(folder / "gfw.jsonl", coal_voyage(), beside, fetched_at=LATER))
    home.report = home.run()
    return home


def test_every_row_is_accounted_for_and_the_days_are_told(december):
    (file,) = december.landed

    assert (file["rows_read"], file["events"], file["rejected"], file["duplicates"]) == (6, 5, 1, 0)
    assert file["days"] == ["2020-12-05", "2020-12-06", "2020-12-10"]
    assert [reject["reason"] for reject in file["rejects"]] == ["unknown_event"]
    assert file["fetched_at"] == "2025-02-01T00:00:00Z" or file["fetched_at"].startswith("2025-02-01")


def test_events_alone_give_a_voyage_and_an_alert_under_their_terms(december):
    (alert,) = reports.alert_queue(december.settings)
    report = reports.alert_report(december.settings, alert["alert_id"])
    evidence = {one["role"]: one["weight"] for one in report["evidence"]}

    assert (alert["pattern_id"], alert["mmsi"], alert["synthetic"]) == ("direct-call", MMSI, True)
    assert "CC BY-NC 4.0" in alert["licence"]
    assert report["alert"]["licence"] == alert["licence"]
    assert evidence["bought_in"] == -1.5
    assert {"coal_berth", "provider_visit", "prompt_arrival", "draught_unreported"} <= set(evidence)
    assert "loading_time" not in evidence


def test_the_terms_stand_beside_every_event_of_the_ship(december):
    (ship,) = vessel_report(december.settings, str(MMSI))

    assert {event["event_table"] for event in ship["events"]} == {
        "port_call", "ais_gap", "encounter", "loitering", "voyage",
    }  # fmt: skip
    assert all("CC BY-NC 4.0" in event["licence"] for event in ship["events"])
    assert all(event["sentence"].endswith("; reported by gfw") for event in ship["events"])
    assert "two cargo ships side by side never appear" in december.rows()["encounter"]["provider_note"][0]


EVENTS = ("port_call", "ais_gap", "encounter", "loitering", "voyage")


@pytest.mark.parametrize("table", [*EVENTS, "vessel"])
def test_the_terms_travel_with_every_row_that_is_asked_for(december, table):
    answer = ask(december, f"select * from {table}")

    rows = json.loads(answer.stdout)
    assert rows
    assert all(row["licence"].startswith("Global Fishing Watch, CC BY-NC 4.0") for row in rows)
    assert "Terms of the data from gfw: Global Fishing Watch, CC BY-NC 4.0: non-commercial use only" in answer.stderr


def test_a_question_that_leaves_the_terms_out_is_told_them(december):
    answer = ask(december, "select count(*) as calls from port_call")

    assert json.loads(answer.stdout) == [{"calls": 2}]
    assert "non-commercial use only" in answer.stderr


def ask(home, query):
    answer = CliRunner().invoke(main, ["sql", query, "--json", "--home", str(home.settings.home)])
    assert answer.exit_code == 0, answer.stderr
    return answer


def test_the_terms_are_printed_under_alerts_and_ships(december, capsys):
    queue = reports.alert_queue(december.settings)
    for show, what in (
        (show_alerts, queue),
        (show_alert, reports.alert_report(december.settings, queue[0]["alert_id"])),
        (show_vessels, vessel_report(december.settings, str(MMSI))),
    ):
        show(what)
        assert "CC BY-NC 4.0: non-commercial use only" in " ".join(capsys.readouterr().out.split())


def test_events_are_no_coverage_and_no_verdict_says_so(december):
    rows = december.rows()

    assert rows["coverage_day"].empty
    assert (rows["source_day"][["fixes", "vessel_reports"]] == 0).all(axis=None)
    assert len(rows["claim_window"])
    assert rows["claim_window"]["coverage_share"].isna().all()
    assert not rows["claim_window"]["reason"].str.contains("were heard in").any()


def test_a_domestic_voyage_of_the_same_ship_stays_silent(tmp_path):
    home = Home(tmp_path / "home")
    home.land_events(write_pages(tmp_path / "gfw.jsonl", domestic_voyage()))

    home.run()

    rows = home.rows()
    assert rows["voyage"]["destination_port"].tolist() == ["Haeju"]
    assert rows["alert"].empty


def test_a_second_run_changes_nothing(december):
    before = (december.settings.home / "warehouse.sqlite").read_bytes()

    assert not december.run().changed
    assert (december.settings.home / "warehouse.sqlite").read_bytes() == before


def test_deriving_everything_again_changes_nothing(december):
    expected = december.rows()

    december.run(rebuild=True)

    assert_same(december.rows(), expected)


def test_a_file_without_an_event_is_an_answer(tmp_path):
    home = Home(tmp_path / "home")

    landed = home.land_events(write_pages(tmp_path / "gfw.jsonl", []))

    refuse_useless(landed)
    assert landed[0]["rows_read"] == 0


NET = {"id": "net-1", "ssvid": "888111223", "name": "NET 25232", "flag": None, "type": "gear"}


def test_a_quiet_day_with_one_event_that_fails_is_no_error(tmp_path):
    of_nets = encounter("e1", NET | {"id": "net-2"}, "2020-12-05T12:00", "2020-12-05T15:00", vessel=NET)
    home = Home(tmp_path / "home")

    landed = home.land_events(write_pages(tmp_path / "gfw.jsonl", [of_nets]))

    refuse_useless(landed)
    assert [reject["reason"] for reject in landed[0]["rejects"]] == ["bad_mmsi"]


def test_a_file_of_another_kind_of_event_is_an_error(tmp_path):
    landed = Home(tmp_path / "home").land_events(write_pages(tmp_path / "gfw.jsonl", [{"id": "x", "type": "fishing"}]))

    with pytest.raises(InputError, match="kind of event that is not read"):
        refuse_useless(landed)


@pytest.fixture(scope="module")
def beside_a_net(tmp_path_factory):
    """A home with a voyage, a meeting on the way with one that sent no ship's number, told from both sides, and a visit
    of years."""
    folder = tmp_path_factory.mktemp("net")
    when = "2020-12-05T12:00", "2020-12-05T15:00"
    met = [encounter("e.1", NET, *when), encounter("e.2", vessel(), *when, vessel=NET)]
    years = visit("old", "kp-nampo-coal", "2011-01-04T06:00", "2020-11-06T12:00")
    home = Home(folder / "home")
    refuse_useless(home.land_events(write_pages(folder / "gfw.jsonl", [*coal_voyage(), *met, years])))
    home.run()
    return home


def test_a_meeting_with_one_that_sent_no_ships_number_is_one_and_kept(beside_a_net):
    rows = beside_a_net.rows()

    (met,) = rows["encounter"].to_dict("records")
    assert met["mmsi"] == MMSI
    assert pd.isna(met["other_mmsi"])
    assert pd.isna(met["other_vessel_id"])
    assert rows["voyage"]["encounters"].tolist() == [1]
    assert rows["vessel"]["mmsi"].tolist() == [MMSI]
    history = beside_a_net.query("select vessel_id, sentence from vessel_history where event_table = 'encounter'")
    assert history["vessel_id"].tolist() == [f"mmsi-{MMSI}"]
    assert history["sentence"].str.startswith("Met an object that sent no ship's number at 200 m").all()


def test_a_visit_of_years_is_shown_and_counts_in_no_month(beside_a_net):
    calls = beside_a_net.query("select sum(calls_bought_in) as calls from nampo_calls_monthly")
    history = beside_a_net.query("select sentence from vessel_history where event_table = 'port_call' order by from_at")

    assert calls["calls"].tolist() == [1]
    assert ["longer than a ship stays" in one for one in history["sentence"]] == [True, False, False]
    assert history["sentence"].str.contains("confidence 4 of 4").all()


def test_recorded_answers_give_their_right_values(samples, tmp_path):
    home = Home(tmp_path / "home")
    answers = sorted((samples / "providers" / "gfw").glob("live-[ep]*.jsonl"))
    for file in (samples / "reports" / "h25_gfw_ok.json", *answers):
        ingest(home.settings, [file], "auto", now=datetime(2026, 12, 1, tzinfo=UTC), progress=lambda line: None)

    home.run()

    rows = home.rows()
    calls = rows["port_call"].sort_values("arrived_by")
    assert calls["port"].tolist() == [
        "VADINAR", "Nampo", "ROENNE", "WARD COVE", "ESQUIMALT", "SEATTLE", "HALIBUTPOINT",
    ]  # fmt: skip
    assert calls["country"].tolist() == ["IN", "KP", "DK", "US", "CA", "US", "US"]
    assert calls["confidence"].tolist() == [3, 4, 4, 4, 4, 4, 3]
    assert calls["implausible_stay"].tolist() == [True, *[False] * 6]
    assert rows["encounter"][["mmsi", "other_mmsi"]].to_numpy().tolist() == [[412000001, 412000002]]
    gaps = rows["ais_gap"].sort_values("began_at")
    assert gaps["ended_at"].isna().tolist() == [False, True, False, False]
    assert gaps["satellite_positions_per_day"].round(1).fillna(0).tolist() == [15.2, 0, 104.9, 87.6]
    assert not gaps["provider_note"].str.contains("takes it for switched off").any()
    assert rows["voyage"]["origin_port"].tolist() == ["WARD COVE", "ESQUIMALT", "SEATTLE"]


@pytest.mark.long  # in short: test_deriving_everything_again_changes_nothing
def test_all_of_it_told_again_is_the_same(beside_a_net):
    expected = beside_a_net.rows()

    beside_a_net.run(rebuild=True)

    assert_same(beside_a_net.rows(), expected)


def test_a_home_of_an_earlier_release_is_brought_to_the_columns_of_this_one(december, tmp_path):
    shutil.copytree(december.settings.home, tmp_path / "home")
    home = Home(tmp_path / "home")
    expected = home.rows()
    catalogue = next((tmp_path / "home").rglob("catalog.sqlite"))
    with sqlite3.connect(catalogue) as con:
        con.execute("alter table provider_event drop column dataset")
        (part,) = con.execute("select path from part where kind = 'events'").fetchone()
    path = next((tmp_path / "home").rglob(part))
    pd.read_parquet(path).drop(columns="dataset").to_parquet(path)

    home.run()

    assert_same(home.rows(), expected)


def test_only_ships_whose_events_changed_are_told_again(tmp_path):
    home = Home(tmp_path / "home")
    fleet = [one for n in range(20) for one in coal_voyage(vessel(351990100 + n, f"SHIP {n}"), prefix=f"s{n}-")]
    home.land_events(write_pages(tmp_path / "a.jsonl", fleet))
    assert home.run().ships == 20

    home.land_events(write_pages(tmp_path / "b.jsonl", coal_voyage(vessel(351990103, "SHIP 3"), prefix="again-")))

    assert home.run().ships == 1


# ------------------------------------------------------------------------------- versions of one event


def versions(folder):
    """The same visit told twice, with another end, and another ship's."""
    older, newer = JUNE[1], JUNE[1] | {"end": "2018-06-05T21:00:00.000Z"}
    return [
        write_pages(folder / "older.jsonl", [JUNE[0], older], fetched_at=FIRST),
        write_pages(folder / "newer.jsonl", [newer], fetched_at=LATER),
    ]


@pytest.mark.parametrize("backwards", [pytest.param(False, marks=pytest.mark.long), True])
def test_what_was_fetched_later_counts_whichever_landed_first(backwards, tmp_path):
    files = versions(tmp_path)
    home = Home(tmp_path / "home")
    for file in files[::-1] if backwards else files:
        home.land_events(file)
        home.run()

    calls = home.rows()["port_call"]

    assert calls.loc[calls["country"] == "CN", "departed_by"].dt.hour.tolist() == [21]


ORDERS = list(itertools.permutations(["older", "newer", "again"]))


@pytest.mark.parametrize("order", [ORDERS[-1], *(pytest.param(order, marks=pytest.mark.long) for order in ORDERS[:-1])])
def test_bytes_that_came_again_count_as_fetched_when_they_came_last(order, tmp_path):
    (tmp_path / "again").mkdir()
    older, newer = versions(tmp_path)
    again = write_pages(tmp_path / "again" / "older.jsonl", JUNE, fetched_at=LATER.replace(month=3))
    assert again.read_bytes() == older.read_bytes()
    files = {"older": older, "newer": newer, "again": again}
    home = Home(tmp_path / "home")
    for name in order:
        home.land_events(files[name])
        home.run()

    rows = home.rows()

    calls = rows["port_call"]
    assert calls.loc[calls["country"] == "CN", "departed_by"].dt.hour.tolist() == [20]
    assert sorted(rows["source_file"]["fetched_at"].dt.month) == [2, 3]


def test_of_bytes_that_came_again_only_ships_that_another_file_tells_of_are_told_again(tmp_path):
    (tmp_path / "again").mkdir()
    both, alone = coal_voyage(), coal_voyage(vessel(351990103, "SHIP 3"), prefix="alone-")
    home = Home(tmp_path / "home")
    home.land_events(write_pages(tmp_path / "a.jsonl", [*both, *alone], fetched_at=FIRST))
    home.land_events(write_pages(tmp_path / "b.jsonl", both[:1], fetched_at=LATER))
    home.run()

    home.land_events(
        write_pages(tmp_path / "again" / "a.jsonl", [*both, *alone], fetched_at=LATER.replace(month=3))
    )  # fmt: skip

    assert home.run().ships == 1
    assert not home.run().changed


def test_an_event_that_changed_hands_leaves_the_ship_it_had(tmp_path):
    home = Home(tmp_path / "home")
    home.land_events(write_pages(tmp_path / "a.jsonl", coal_voyage(), fetched_at=FIRST))
    home.run()
    home.land_events(
        write_pages(tmp_path / "b.jsonl", coal_voyage(vessel(351990077, "OTHER")), fetched_at=LATER)
    )  # fmt: skip
    home.run()

    rows = home.rows()

    assert set(rows["port_call"]["mmsi"]) == {351990077}
    assert rows["vessel"]["mmsi"].tolist() == [351990077]
    assert rows["alert"]["mmsi"].tolist() == [351990077]


def test_a_replaced_file_takes_its_events_and_alerts_along(tmp_path):
    home = Home(tmp_path / "home")
    home.land_events(write_pages(tmp_path / "a.jsonl", coal_voyage()))
    home.run()

    (file,) = home.land_events(write_pages(tmp_path / "b.jsonl", domestic_voyage()), replaces="a.jsonl")
    home.run()

    rows = home.rows()
    assert set(rows["port_call"]["country"]) == {"KP"}
    assert rows["alert"].empty
    assert file["days"] == ["2020-12-05", "2020-12-10"]


# --------------------------------------------------------------------------------- beside our own days


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    met = encounter("e1", vessel(412000001, "DEMO TRAFFIC"), "2018-06-02T20:00", "2018-06-02T23:00")
    lone = coal_voyage(vessel(445000123, "LONE", flag="PRK"))
    return [*versions(folder), write_pages(folder / "more.jsonl", [met, *lone], fetched_at=LATER)]


@pytest.fixture(scope="module")
def both(files, pages, tmp_path_factory):
    """Positions and events of the same voyage, landed at once."""
    home = Home(tmp_path_factory.mktemp("both"))
    home.land(*files.values())
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


def test_our_own_derivation_leaves_the_providers_rows_alone(both, pages, tmp_path):
    alone = Home(tmp_path)
    alone.land_events(*pages)
    alone.run()

    for table in ("port_call", "voyage", "encounter"):
        key, bound = f"{table}_id", "source <> 'ais'"
        found = both.query(f"select {key} from {table} where {bound} order by 1")
        assert found[key].tolist() == alone.query(f"select {key} from {table} order by 1")[key].tolist()


def test_when_our_positions_come_later_the_providers_alert_gives_way_to_ours(files, pages, both, tmp_path):
    home = Home(tmp_path)
    home.land_events(*pages)
    home.run()
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


@pytest.mark.parametrize("backwards", [pytest.param(False, marks=pytest.mark.long), True])
def test_a_visit_under_two_ids_counts_once_as_it_was_fetched_last(backwards, tmp_path):
    longer = JUNE[0] | {"id": "j1-longer", "end": "2018-06-02T20:00:00.000Z"}
    other = june(3, "kp-nampo-coal", "20T04:00", "21T13:00", "NAMPO", "PRK")
    files = [
        write_pages(tmp_path / "first.jsonl", [JUNE[0]], fetched_at=FIRST),
        write_pages(tmp_path / "later.jsonl", [longer, other], fetched_at=LATER),
    ]
    home = Home(tmp_path / "home")
    for file in files[::-1] if backwards else files:
        home.land_events(file)
        home.run()

    calls = home.rows()["port_call"].sort_values("arrived_by")

    assert calls["departed_by"].dt.strftime("%d %H").tolist() == ["02 20", "21 13"]


def test_encounters_with_two_ships_at_once_are_two(tmp_path):
    times = ("2020-12-05T12:00", "2020-12-05T15:00")
    met = [encounter(f"e{n}", vessel(412000000 + n, f"SHIP {n}"), *times) for n in (1, 2)]
    home = Home(tmp_path / "home")
    home.land_events(write_pages(tmp_path / "a.jsonl", met))
    home.run()

    assert len(home.rows()["encounter"]) == 2
