"""Events bought in, from landed pages to alerts and claims: alone. Beside our own positions: test_both_told.py."""

from __future__ import annotations

import itertools
import json
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.errors import InputError
from pipeline.show.alerts import show_alert, show_alerts
from pipeline.show.ships import show_vessels
from pipeline.tasks import reports
from pipeline.tasks.land import ingest, refuse_useless
from pipeline.tasks.vessel import vessel_report
from tests.tasks.gfw_world import (
    AGAIN,
    FIRST,
    LATER,
    MMSI,
    Home,
    coal_voyage,
    domestic_voyage,
    encounter,
    gap,
    june_voyage,
    loitering,
    vessel,
    visit,
    write_pages,
)
from tests.tasks.world import Rows, assert_same


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


@pytest.mark.long  # of particulars: in test_particulars.py
def test_only_ships_whose_events_changed_are_told_again(tmp_path):
    (tmp_path / "again").mkdir()
    ships = [coal_voyage(vessel(351990100 + n, f"SHIP {n}"), prefix=f"s{n}-") for n in range(6)]
    fleet = [one for of_ship in ships for one in of_ship]
    third = coal_voyage(vessel(351990103, "SHIP 3"), prefix="again-")
    home = Home(tmp_path / "home")
    home.land_events(write_pages(tmp_path / "a.jsonl", fleet, fetched_at=FIRST))
    assert home.run().ships == 6

    home.land_events(write_pages(tmp_path / "b.jsonl", [ships[3][0], *third], fetched_at=LATER))
    assert home.run().ships == 1

    # Of bytes that came again only ships that another file tells of are told again.
    home.land_events(write_pages(tmp_path / "again" / "a.jsonl", fleet, fetched_at=AGAIN))
    assert home.run().ships == 1
    assert not home.run().changed


# ------------------------------------------------------------------------------- versions of one event
TOLD_TWICE, SENT_AGAIN, UNDER_TWO_IDS, HAD_IT, HAS_IT, REPLACED, DOMESTIC, MET = range(351990011, 351990019)
NUMBERS = (412000001, 412000002)  # whom MET met, at once


def landings(folder: Path) -> tuple[dict[str, list[Path]], list[list[Path]]]:
    """Files of ships, each with a story of her own: those that count by when they were fetched, by name, and those that
    come at the first, second and last landing."""
    (folder / "again").mkdir(parents=True)
    twice, sent = june_voyage(TOLD_TWICE), june_voyage(SENT_AGAIN)
    longer = twice[1] | {"end": "2018-06-05T21:00:00.000Z"}
    once, other = june_voyage(UNDER_TWO_IDS)[0], visit(
        "other", "kp-nampo-coal", "2018-06-20T04:00", "2018-06-21T13:00", vessel=vessel(UNDER_TWO_IDS)
    )  # fmt: skip
    renamed = once | {"id": "longer", "end": "2018-06-02T20:00:00.000Z"}
    older = [write_pages(folder / "older.jsonl", [*twice, once], fetched_at=FIRST)]
    newer = [write_pages(folder / "newer.jsonl", [longer, renamed, other], fetched_at=LATER)]
    older += [write_pages(folder / "sent.jsonl", sent, fetched_at=FIRST)]
    newer += [write_pages(folder / "told.jsonl", [sent[1] | {"end": longer["end"]}], fetched_at=LATER)]
    again = write_pages(folder / "again" / "sent.jsonl", sent, fetched_at=AGAIN)
    assert again.read_bytes() == older[1].read_bytes()
    had, has = (coal_voyage(vessel(mmsi, f"SHIP {mmsi}"), "hands-") for mmsi in (HAD_IT, HAS_IT))
    times = ("2020-12-05T12:00", "2020-12-05T15:00")
    met = [encounter(f"e{n}", vessel(n, f"SHIP {n}"), *times, vessel=vessel(MET)) for n in NUMBERS]
    first = [*had, *domestic_voyage(vessel(DOMESTIC)), *met]
    return {"older": older, "newer": newer, "again": [again]}, [
        [
            write_pages(folder / "first.jsonl", first, fetched_at=FIRST),
            write_pages(folder / "replaced.jsonl", coal_voyage(vessel(REPLACED), "replaced-")),
        ],
        [],
        [write_pages(folder / "last.jsonl", has, fetched_at=LATER)],
    ]


ORDERS = list(itertools.permutations(["older", "newer", "again"]))


@pytest.fixture(
    scope="module",
    params=[ORDERS[-1], *(pytest.param(order, marks=pytest.mark.long) for order in ORDERS[:-1])],
    ids=lambda order: "-".join(order),
)
def retold(request, tmp_path_factory):
    """What a home of these ships holds after the first of three landings and after the last, a run after each; and what
    was said of the file that took another's place at the last."""
    folder = tmp_path_factory.mktemp("retold")
    by_name, by_landing = landings(folder / "files")
    home, held = Home(folder / "home"), []
    for name, files in zip(request.param, by_landing, strict=True):
        home.land_events(*by_name[name], *files)
        if name is request.param[-1]:
            corrected = write_pages(folder / "corrected.jsonl", domestic_voyage(vessel(REPLACED), "corrected-"))
            (file,) = home.land_events(corrected, replaces="replaced.jsonl")
        home.run()
        held.append(home.rows())
    assert not home.run().changed
    return held[0], held[-1], file


def of_ships(rows: pd.DataFrame, *ships: int) -> pd.DataFrame:
    return rows[rows["mmsi"].isin(ships)]


def left_china(rows: Rows, mmsi: int) -> list[int]:
    calls = of_ships(rows["port_call"], mmsi)
    return calls.loc[calls["country"] == "CN", "departed_by"].dt.hour.tolist()


def test_what_was_fetched_later_counts_whichever_landed_first(retold):
    assert left_china(retold[1], TOLD_TWICE) == [21]


def test_bytes_that_came_again_count_as_fetched_when_they_came_last(retold):
    _, rows, _ = retold

    files = rows["source_file"].set_index("name")["fetched_at"].dt.month

    assert left_china(rows, SENT_AGAIN) == [20]
    assert files[["told.jsonl", "sent.jsonl"]].tolist() == [2, 3]


def test_a_visit_under_two_ids_counts_once_as_it_was_fetched_last(retold):
    calls = of_ships(retold[1]["port_call"], UNDER_TWO_IDS).sort_values("arrived_by")

    assert calls["departed_by"].dt.strftime("%d %H").tolist() == ["02 20", "21 13"]


def test_an_event_that_changed_hands_leaves_the_ship_it_had(retold):
    for rows, holder in zip(retold, (HAD_IT, HAS_IT), strict=False):
        assert set(of_ships(rows["port_call"], HAD_IT, HAS_IT)["mmsi"]) == {holder}
        assert of_ships(rows["vessel"], HAD_IT, HAS_IT)["mmsi"].tolist() == [holder]
        assert of_ships(rows["alert"], HAD_IT, HAS_IT)["mmsi"].tolist() == [holder]


def test_a_replaced_file_takes_its_events_and_alerts_along(retold):
    before, after, file = retold

    assert len(of_ships(before["alert"], REPLACED)) == 1
    assert set(of_ships(after["port_call"], REPLACED)["country"]) == {"KP"}
    assert of_ships(after["alert"], REPLACED).empty
    assert file["days"] == ["2020-12-05", "2020-12-10"]


def test_a_domestic_voyage_stays_silent(retold):
    for rows in retold[:2]:
        assert of_ships(rows["voyage"], DOMESTIC)["destination_port"].tolist() == ["Haeju"]
        assert of_ships(rows["alert"], DOMESTIC).empty


def test_encounters_with_two_ships_at_once_are_two(retold):
    met = retold[1]["encounter"]

    assert sorted(map(sorted, met[["mmsi", "other_mmsi"]].to_numpy().tolist())) == [[MET, one] for one in NUMBERS]
