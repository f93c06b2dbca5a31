"""Particulars of ships: asked of a server, landed, and what they change in what is told and judged."""

import itertools
import json
import shutil
from datetime import UTC, datetime

import pytest
from pandas.testing import assert_frame_equal
from werkzeug import Response

from pipeline.errors import InputError, SourceUnavailable
from pipeline.origin import write_origin
from pipeline.settings import Settings
from pipeline.show.ships import show_vessels
from pipeline.tasks import arrivals, gate
from pipeline.tasks.arrivals import land_late, late_files
from pipeline.tasks.home import Home as StepHome
from pipeline.tasks.land import ingest
from pipeline.tasks.sources import list_sources
from pipeline.tasks.vessel import vessel_report
from pipeline.warehouse.store import open_for_reading
from tests.tasks.gfw_world import (
    MMSI,
    coal_voyage,
    encounter,
    hull,
    identity,
    registered,
    ships_page,
    vessel,
    write_pages,
    write_ships,
)
from tests.tasks.world import CLOCK, Installation

FIRST, LATER = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)
LISTED, UNLISTED, BAD = 8628597, 2990027, 8628598  # Hao Fan 6, listed in 2017; nobody's; its check digit fails
SHIP = f"ship-{MMSI}"
SECRETS = {"COALWATCH_GFW_TOKEN": "very/secret+token"}


class Home(Installation):
    """An installation of bought events and particulars alone, real ones."""

    def land(self, *paths, source="gfw", **options):
        return ingest(self.settings, paths, source, now=CLOCK, progress=lambda line: None, **options)

    def ships(self, *paths, **options):
        return self.land(*paths, source="gfw_vessels", **options)

    def refresh(self, now=CLOCK, secrets=SECRETS, told=lambda line: None):
        return arrivals.refresh_particulars(
            self.settings, "gfw_vessels", secrets=secrets, now=now, progress=told
        )  # fmt: skip


@pytest.fixture(scope="module")
def events_only(tmp_path_factory):
    """A home that was told the events of the coal ship, and knows nothing else of her."""
    folder = tmp_path_factory.mktemp("told")
    home = Home(folder / "home")
    home.land(write_pages(folder / "gfw.jsonl", coal_voyage(vessel(name="NO NAME OF A LIST")), fetched_at=FIRST))
    home.run()
    return home


@pytest.fixture
def home(events_only, tmp_path):
    """A copy of it."""
    shutil.copytree(events_only.settings.home, tmp_path / "home")
    return Home(tmp_path / "home")


# ------------------------------------------------------------------------------------------ told and judged


@pytest.fixture(scope="module")
def recognised(events_only, tmp_path_factory):
    """A copy of it that was told her particulars since; `landed` is their file, `report` of the run."""
    folder = tmp_path_factory.mktemp("recognised")
    shutil.copytree(events_only.settings.home, folder / "home")
    home = Home(folder / "home")
    entries = [hull(identity(), registry=[registered(LISTED)]), "no ship"]
    (home.landed,) = home.ships(write_ships(folder / "gfw_vessels_2026-01-01.jsonl", entries))
    home.report = home.run()
    return home


def test_a_listed_ship_is_recognised_by_the_number_of_her_particulars(events_only, recognised):
    assert LISTED not in set(events_only.rows()["alert"]["imo"])

    assert recognised.report.ships == 1
    rows = recognised.rows()
    assert "listed" in set(rows["alert_evidence"]["role"])
    assert set(rows["alert"]["imo"]) == set(rows["voyage"]["imo"]) == {LISTED}
    assert rows["vessel"]["vessel_id"].tolist() == [f"imo-{LISTED}"]
    assert rows["vessel"][["call_sign", "length_m"]].to_numpy().tolist() == [["3EDM", 119.5]]
    for name in ("vessel", "vessel_particulars"):
        assert rows[name]["licence"].str.contains("CC BY-NC 4.0").all()


def test_a_ship_with_a_number_is_shown_no_particulars_of_others_on_her_mmsi(home, tmp_path):
    hers = hull(identity(), registry=[registered(LISTED)], owner="HERS")
    other = hull(identity(MMSI, "SOME OTHER", id="ship-other"), owner="INNOCENT LTD")
    home.ships(write_ships(tmp_path / "gfw_vessels_2026-01-01.jsonl", [hers, other]))
    home.run()

    (ship,) = vessel_report(home.settings, str(LISTED))

    assert [one["owner"] for one in ship["particulars"]] == ["HERS"]


@pytest.fixture(scope="module")
def owned(events_only, tmp_path_factory):
    """A copy of it that was told who owns her, and no number."""
    folder = tmp_path_factory.mktemp("owned")
    home = Home(shutil.copytree(events_only.settings.home, folder / "home"))
    home.ships(write_ships(folder / "gfw_vessels_2026-01-01.jsonl", [hull(identity(), owner="HERS")]))
    home.run()
    return home


def test_an_owner_is_shown_with_the_time_that_is_told(owned, capsys):
    show_vessels(vessel_report(owned.settings, str(MMSI)))

    assert "owners: HERS (HK), 2019-04-06 to 2020-12-20" in " ".join(capsys.readouterr().out.split())


def test_a_ship_without_a_number_is_shown_those_of_her_mmsi(owned):
    (ship,) = vessel_report(owned.settings, str(MMSI))

    assert [one["owner"] for one in ship["particulars"]] == ["HERS"]


def test_a_second_run_changes_nothing(recognised):
    before = (recognised.settings.home / "warehouse.sqlite").read_bytes()

    assert not recognised.run().changed
    assert (recognised.settings.home / "warehouse.sqlite").read_bytes() == before


def test_particulars_are_of_no_day_and_no_business_of_the_gate(events_only, recognised):
    file = recognised.landed

    assert (file["rows_read"], file["vessel_reports"], file["rejected"], file["days"]) == (2, 1, 1, [])
    for name in ("source_day", "day_check"):
        assert_frame_equal(recognised.rows()[name], events_only.rows()[name])
    assert gate.gate_report(recognised.settings, None, now=CLOCK)["undated"] == []


def fleet_of(ships):
    return [one for n in range(ships) for one in coal_voyage(vessel(351990100 + n, f"SHIP {n}"), prefix=f"s{n}-")]


def known(n, *numbers, **more):
    registry = [registered(number, **more) for number in numbers or (None,)]
    return hull(identity(351990100 + n, f"SHIP {n}"), registry=registry)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """Seven ships on the same voyage; what registries tell of the numbers of the first five differs."""
    folder = tmp_path_factory.mktemp("fleet")
    home = Home(folder / "home")
    home.land(write_pages(folder / "gfw.jsonl", fleet_of(7)))
    entries = [known(0, LISTED), known(1, BAD), known(2, LISTED, UNLISTED), known(3, UNLISTED), *map(known, (4, 5, 6))]
    home.ships(write_ships(folder / "a.jsonl", entries, fetched_at=FIRST))
    assert home.run().ships == 7
    return home


def test_a_ship_whose_number_is_wrong_disputed_or_not_told_stays_unmatched(fleet):
    rows = fleet.rows()

    matched = rows["alert_evidence"].loc[rows["alert_evidence"]["role"] == "listed", "alert_id"]
    assert set(rows["alert"].loc[rows["alert"]["alert_id"].isin(matched), "mmsi"]) == {351990100}
    numbers = rows["vessel"].set_index("mmsi")["imo"].dropna().to_dict()
    assert numbers == {351990100: LISTED, 351990103: UNLISTED}


def test_why_a_number_is_not_taken_stands_beside_her_particulars(fleet):
    notes = fleet.rows()["vessel_particulars"].set_index("mmsi")["imo_note"].dropna().to_dict()

    assert notes == {
        351990101: f"check digit fails: {BAD}", 351990102: f"her records disagree: {UNLISTED}, {LISTED}",
    }  # fmt: skip


def test_it_is_said_of_the_ship_too(fleet, capsys):
    show_vessels(vessel_report(fleet.settings, "351990102"))
    disputed = " ".join(capsys.readouterr().out.split())
    show_vessels(vessel_report(fleet.settings, str(LISTED)))
    known = " ".join(capsys.readouterr().out.split())

    assert f"no IMO number taken (her records disagree: {UNLISTED}, {LISTED})" in disputed
    assert f"IMO {LISTED}, call sign 3EDM, cargo, 120 m, 6,390 GT (registries: IMO, TMT)" in known
    assert disputed.count("Terms of the data from gfw: Global Fishing Watch, CC BY-NC 4.0") == 1


def test_only_ships_whose_particulars_changed_are_told_again(fleet, tmp_path):
    shutil.copytree(fleet.settings.home, tmp_path / "home")
    home = Home(tmp_path / "home")
    heard_again = {"transmissionDateTo": "2025-01-30T00:00:00Z", "tonnageGt": 7000}
    entries = [known(4, **heard_again), known(5, lengthM=99), known(6, **heard_again)]

    home.ships(write_ships(tmp_path / "b.jsonl", entries, fetched_at=LATER))

    assert home.run().ships == 1
    rows = home.rows()
    assert rows["vessel_particulars"].set_index("mmsi")["gross_tonnage"].loc[351990104] == 7000
    assert rows["vessel"].set_index("mmsi")["length_m"].loc[[351990104, 351990105]].tolist() == [119.5, 99]


# ------------------------------------------------------------------------------------ which file's word counts


AGAIN = list(itertools.permutations(["older", "newer", "older again"]))


@pytest.fixture
def three(home, tmp_path):
    """The home of the events, and three files: of the second day, and of the first and the third the same bytes."""
    days = {"older": FIRST, "newer": LATER, "older again": LATER.replace(month=3)}
    entries = {"older": hull(identity(), registry=[registered(LISTED)]), "newer": hull(identity())}
    home.files = {}
    for name, day in days.items():
        (tmp_path / name).mkdir()
        content = name.removesuffix(" again")
        home.files[name] = write_ships(tmp_path / name / f"{content}.jsonl", [entries[content]], fetched_at=day)
    return home


@pytest.mark.parametrize("order", [pytest.param(one, marks=pytest.mark.long) for one in AGAIN[:-1]] + AGAIN[-1:])
def test_bytes_that_came_again_count_as_fetched_when_they_came_last(order, three):
    for name in order:
        three.ships(three.files[name])
        three.run()

    rows = three.rows()
    assert set(rows["alert"]["imo"]) == {LISTED}
    assert rows["vessel_particulars"]["imo"].tolist() == [LISTED]
    fetched = rows["source_file"].set_index("name")["fetched_at"].dt.strftime("%m")
    assert fetched.loc[["older.jsonl", "newer.jsonl"]].tolist() == ["03", "02"]


@pytest.mark.parametrize("order", AGAIN)
def test_whose_word_counts_is_noted_in_whatever_order_the_same_bytes_come(order, three):
    for name in order:
        three.ships(three.files[name])
        opened = StepHome(three.settings)
        opened.provider_events.process_parts()

    assert opened.provider_events.vessels()["imo"].tolist() == [LISTED]
    assert opened.provider_events.due() == [MMSI]


@pytest.mark.long
def test_ships_whose_word_does_not_change_when_bytes_come_again_are_not_told_again(three):
    three.ships(three.files["older"])
    three.run()

    (again,) = three.ships(three.files["older again"])

    assert again["fetched_at"].startswith("2025-03")
    assert three.run().ships == 0


@pytest.mark.long
def test_a_lake_that_did_not_note_when_files_were_fetched_tells_nobody_again(three):
    three.ships(three.files["older"])
    three.run()
    catalog = StepHome(three.settings).lake.catalog
    for table in ("provider_event_part", "particulars_part"):
        catalog.execute(f"alter table {table} drop column fetched_at")

    assert three.run().ships == 0

    three.ships(three.files["newer"])
    assert three.run().ships == 1


@pytest.mark.parametrize("order", [("asked", "searched"), ("searched", "asked")])
def test_a_search_by_number_takes_nothing_away_from_what_was_told_of_a_ship(order, home, tmp_path):
    """A search tells no registries: neither her number nor her owner may go because it came last."""
    write_ships(tmp_path / "asked", [hull(identity(), registry=[registered(LISTED)], owner="HERS")], fetched_at=FIRST)
    write_ships(tmp_path / "searched", [hull(identity()), hull(identity(440000001, imo=str(LISTED)))])
    write_origin(tmp_path / "searched", "https://gateway.api.globalfishingwatch.org/v3/vessels/search {}", LATER)
    for name in order:
        home.ships(tmp_path / name)
        opened = StepHome(home.settings)
        opened.provider_events.process_parts()

    told = opened.provider_events.vessels().set_index("ship")
    assert told["imo"].to_dict() == {SHIP: LISTED, "ship-440000001": LISTED}
    assert told["owner"].dropna().to_dict() == {SHIP: "HERS"}


# ---------------------------------------------------------------------------------------------- days and gate


def test_a_late_file_sets_off_the_last_day_of_its_ships(home, tmp_path):
    folder = home.settings.landing / "gfw_vessels"
    folder.mkdir(parents=True)
    write_ships(folder / "ships.jsonl", [hull(identity(), registry=[registered(LISTED)]), hull(identity(412000009))])

    (found,) = late_files(home.settings)
    arrived = land_late(home.settings, "gfw_vessels", folder / "ships.jsonl", now=CLOCK, progress=lambda line: None)

    assert found["source"] == "gfw_vessels"
    assert arrived.days == ["2020-12-10"]


# -------------------------------------------------------------------------------------------------- refreshing


@pytest.fixture
def server(home, httpserver, monkeypatch):
    """A server that knows the coal ship; `asked` are the ids of each request."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    httpserver.asked = []

    def answer(request):
        ids = [value for name, value in request.args.items() if name.startswith("ids[")]
        httpserver.asked.append(ids)
        return Response(json.dumps(ships_page([hull(identity(), registry=[registered(LISTED)])]), indent=1))

    httpserver.expect_request("/v3/vessels").respond_with_handler(answer)
    home.settings = Settings(
        home=home.settings.home, source_urls={"gfw_vessels": httpserver.url_for(""), "gfw": httpserver.url_for("")}
    )
    return httpserver


def test_a_refresh_asks_for_the_ships_of_the_events_and_lands_what_it_hears(home, server):
    report = home.refresh()

    assert server.asked == [[SHIP]]
    assert (report["asked"], report["rows_read"], report["rejected"]) == (1, 1, 0)
    opened = StepHome(home.settings)
    opened.provider_events.process_parts()
    assert opened.provider_events.vessels()["imo"].tolist() == [LISTED]
    assert opened.provider_events.due() == [MMSI]
    row = next(one for one in list_sources(home.settings, {}) if one["source"] == "gfw_vessels")
    assert row["last_data_at"].startswith("2026-01-01")
    assert late_files(home.settings) == []


def test_ships_that_events_know_by_mmsi_alone_are_not_asked_for(home, server, tmp_path):
    unnamed = vessel(412000001, id=None)
    met = encounter("e1", vessel(412000009, "OTHER"), "2020-12-05T12:00", "2020-12-05T15:00", vessel=unnamed)
    home.land(write_pages(tmp_path / "more.jsonl", [met]))

    home.refresh()

    assert server.asked == [["ship-351990002", "ship-412000009"]]


def test_nothing_to_ask_asks_nobody_and_says_so(tmp_path, httpserver):
    home = Home(tmp_path / "home")
    home.settings = Settings(home=tmp_path / "home", source_urls={"gfw_vessels": httpserver.url_for("")})
    said = []

    report = home.refresh(told=said.append, secrets={})

    assert report.pop("why") == "no event that names a ship has landed here"
    assert report == {"source": "gfw_vessels", "asked": 0, "file": None}
    assert said == ["gfw_vessels: no event that names a ship has landed here; nothing was requested"]
    assert httpserver.log == []


def test_a_refresh_that_is_repeated_the_same_day_asks_nothing_and_changes_nothing(home, server):
    first, again = home.refresh(), home.refresh()

    assert again == first
    assert len(server.asked) == 1


def test_a_week_later_they_are_asked_again(home, server):
    first, later = home.refresh(), home.refresh(now=datetime(2026, 1, 8, tzinfo=UTC))

    assert len(server.asked) == 2
    assert first["file"] != later["file"]


def test_without_a_token_it_names_the_variable(home, server):
    with pytest.raises(InputError, match="COALWATCH_GFW_TOKEN not set"):
        home.refresh(secrets={})
    assert server.asked == []


def test_a_failure_is_noted_and_lands_nothing(home, httpserver):
    home.settings = Settings(home=home.settings.home, source_urls={"gfw_vessels": httpserver.url_for("")})
    httpserver.expect_request("/v3/vessels").respond_with_data("gone", status=404)

    with pytest.raises(SourceUnavailable, match="404 for all of 1 ships"):
        home.refresh()

    with open_for_reading(home.settings.database_url) as warehouse:
        noted = warehouse.query("select message from pipeline_run where status = 'failed'")["message"]
    assert noted.str.contains("404 for all of 1 ships").tolist() == [True]
    assert list((home.settings.landing / "gfw_vessels").glob("*.jsonl")) == []
