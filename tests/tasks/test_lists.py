"""Lists imported, fetched and kept; and who is judged again when one changes."""

import csv
import gzip
import io
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipeline.errors import InputError
from pipeline.judgement.knowledge_files import KnowledgeFiles
from pipeline.lake.editions import read_kept
from pipeline.resources import SEEDS
from pipeline.settings import Settings
from pipeline.tasks import lists, run
from pipeline.tasks.home import read_knowledge, read_watchlists
from pipeline.tasks.vessel import vessel_report
from tests.tasks.world import Installation

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
SHIP = 2990027  # IMO number of the ship that makes the voyage in `tests.tasks.world`
COLUMNS = [
    "Unique ID", "Name 6", "Name type", "Regime Name", "Designation Type", "Sanctions Imposed", "Date Designated",
    "IMO number",
]  # fmt: skip
DPRK = "The Democratic People's Republic of Korea (Sanctions) (EU Exit) Regulations 2019"


def uk_ships() -> list[list[str]]:
    """The ships of the seeds' edition, as rows of the published form."""
    with (SEEDS / "watchlists/uk-dprk.csv").open(newline="", encoding="utf-8") as file:
        return [uk_ship(row["entry_id"], row["name"], row["imo"], row["listed_on"]) for row in csv.DictReader(file)]


def uk_ship(
    entry: str, name: str, imo: int | str, listed_on: str = "2018-03-30", measures: str = "De-flag"
) -> list[str]:
    day = date.fromisoformat(listed_on).strftime("%d/%m/%Y")
    return [entry, name, "Primary Name", DPRK, "Ship", measures, day, str(imo)]


def uk_file(rows: list[list[str]], day: str = "30-Jun-2026") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    return f"Report Date: {day}\r\n{text.getvalue()}".encode()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def take(settings: Settings, tmp_path: Path):
    """Import a file."""

    def taken(data: bytes, list_id: str = "uk", name: str = "list.csv", **options: object) -> lists.ListReport:
        path = tmp_path / name
        path.write_bytes(data)
        given = {"published_on": None, "now": NOW, "progress": lambda line: None} | options
        return lists.import_list(settings, list_id, path, **given)  # type: ignore[arg-type]

    return taken


# ------------------------------------------------------------------------------------------------------ importing


def test_an_import_keeps_the_bytes_and_says_what_changed(settings, take):
    rows = uk_ships()
    data = uk_file([*rows[:10], *rows[11:], uk_ship("DPR0999", "Demo Coal", SHIP)])

    report = take(data)

    kept = read_kept(settings.home)[0]
    folder = settings.home / "lists" / "uk-dprk"
    assert (report.outcome, report.published_on, report.accepted) == ("new", "2026-06-30", 37)
    assert report.added == [f"Demo Coal (IMO {SHIP})"]
    assert len(report.vanished) == 1
    assert gzip.decompress((folder / kept.file).read_bytes()) == data
    assert kept.file == f"2026-06-30_{kept.sha256[:12]}.csv.gz"
    assert sorted(path.name for path in folder.iterdir()) == sorted([kept.file, f"{kept.file[:-7]}.edition.json"])


def test_the_same_file_again_is_no_other_edition(settings, take):
    take(uk_file(uk_ships()))

    assert take(uk_file(uk_ships())).outcome == "unchanged"
    assert len(read_kept(settings.home)) == 1


def test_another_file_of_the_same_day_is_refused_unless_it_says_the_same_of_every_ship(settings, take):
    take(uk_file(uk_ships()))

    assert take(uk_file(uk_ships()[::-1])).outcome == "unchanged"
    with pytest.raises(InputError, match="keeps another edition of uk-dprk of 2026-06-30"):
        take(uk_file(uk_ships()[1:]))
    assert len(read_kept(settings.home)) == 1


def test_a_list_that_lost_most_of_its_ships_is_refused_until_one_insists(take):
    rows = uk_ships()

    with pytest.raises(InputError, match=r"names 18 ships, the edition of 2026-04-29 37: .*--accept-shrunken"):
        take(uk_file(rows[:18]))
    assert take(uk_file(rows[:19])).outcome == "new"
    assert take(uk_file(rows[:1], "31-Jul-2026"), accept_shrunken=True).outcome == "new"


def test_a_list_without_ships_is_refused(take):
    with pytest.raises(InputError, match="names 0 ships"):
        take(uk_file([]))


def test_a_file_without_a_day_needs_one_and_a_day_of_its_own_is_not_contradicted(take, samples):
    sdn = (samples / "sanctions/sdn.csv").read_bytes()

    with pytest.raises(InputError, match=r"states no day of publication; give it \(--published"):
        take(sdn, "ofac", "sdn.csv")
    with pytest.raises(InputError, match="states the day 2026-06-30, and --published says 2026-05-31"):
        take(uk_file(uk_ships()), published_on=date(2026, 5, 31))
    with pytest.raises(InputError, match="its day, 2027-01-01, is to come"):
        take(sdn, "ofac", "sdn.csv", published_on=date(2027, 1, 1))
    assert take(sdn, "ofac", "sdn.csv", published_on=date(2021, 4, 30)).outcome == "new"


def test_a_try_writes_nothing(settings, take):
    assert take(uk_file(uk_ships()), dry_run=True).outcome == "new"
    assert not settings.home.exists()


def test_a_form_that_was_not_tested_says_so_and_wrong_numbers_are_kept(settings, take):
    report = take(uk_file([*uk_ships(), uk_ship("DPR0999", "Jie Shun", 8512345)]))

    assert any("8512345" in line for line in report.warnings)
    assert any("not tested with a published file" in line for line in report.warnings)
    row = read_watchlists(settings).vessels.query("entry_id == 'DPR0999'").iloc[0]
    assert (row["imo"], row["note"]) == (8512345, "IMO check digit fails.")


def test_every_order_of_import_gives_the_same_lists(take, settings, tmp_path):
    rows = uk_ships()
    files = [uk_file(rows, "31-May-2026"), uk_file(rows[1:], "30-Jun-2026"), uk_file(rows, "31-Jul-2026")]
    for data in files:
        take(data)
    first = read_watchlists(settings)
    shutil.rmtree(settings.home)
    for data in reversed(files):
        take(data)

    again = read_watchlists(settings)

    assert_frame_equal(again.history, first.history)
    assert again.hash == first.hash
    assert again.history["change"].value_counts()["returned"] == 1


def test_editions_are_shown_with_what_they_changed(settings, take):
    rows = uk_ships()
    take(uk_file([*rows[1:], uk_ship("DPR0999", "Demo Coal", SHIP)]))

    shown = {one["watchlist_id"]: one for one in lists.list_editions(settings)}

    assert [(one["published_on"], one["added"], one["vanished"]) for one in shown["uk-dprk"]["editions"]] == [
        ("2026-04-29", None, None), ("2026-06-30", 1, 1),
    ]  # fmt: skip
    assert [(one["published_on"], one["added"], one["vanished"]) for one in shown["ofac-sdn"]["editions"]] == [
        ("2019-01-04", None, None), ("2021-03-10", 5, 0), ("2021-07-07", 0, 0), ("2024-05-07", 0, 1),
    ]  # fmt: skip
    assert shown["eu-fsf"]["editions"] == []
    assert {name for name, one in shown.items() if one["importer"] == "tested"} == set(shown) - {"kr-entry-ban"}


def test_one_ship_is_shown_as_each_edition_worded_her(settings, take):
    rows = uk_ships()
    take(uk_file([uk_ship("DPR0075", "Petrel 8", 9562233, "2017-10-03", "De-flag|Port ban"), *rows[1:]]))

    said = [one for one in lists.listed_ship(settings, "IMO 9562233") if one["watchlist_id"] == "uk-dprk"]

    assert [(one["change"], one["measures"]) for one in said] == [("listed", None), ("changed", "De-flag; Port ban")]
    with pytest.raises(InputError, match='no list names "9074729"'):
        lists.listed_ship(settings, "9074729")


def test_a_ship_report_tells_that_an_entry_is_closed(settings, take):
    rows = uk_ships()
    take(uk_file(rows[1:]))

    entries = vessel_report(settings, "9562233")[0]["lists"]

    assert {one["delisted_by"] for one in entries if one["watchlist_id"] == "uk-dprk"} == {"2026-06-30"}


def test_an_edition_that_cannot_be_read_is_named(settings, take):
    take(uk_file(uk_ships()))
    note = next((settings.home / "lists").glob("*/*.edition.json"))
    note.write_text(note.read_text(encoding="utf-8")[:100], encoding="utf-8")

    with pytest.raises(InputError, match=r"\.edition\.json: no edition .*; remove it and import its list again"):
        read_watchlists(settings)


# ------------------------------------------------------------------------------------ files as they were published


def published(samples: Path, name: str) -> bytes:
    return (samples / "sanctions/published" / name).read_bytes()


def test_another_form_of_the_shipped_list_says_the_same_of_every_ship_and_one_vanished(take, samples):
    report = take(published(samples, "ofac_sdn_2024-05-07.xml"), "ofac", "sdn.xml")

    assert (report.outcome, report.published_on, report.accepted) == ("new", "2024-05-07", 105)
    assert (report.added, report.changed, report.vanished) == ([], [], ["JW JEWEL (IMO 9402964)"])
    assert "Consolidated (non-SDN) list" in report.about


@pytest.mark.parametrize(
    ("list_id", "name"),
    [
        ("un", "un_1718_designated_vessels_2020-06-04.html"), ("uk", "uk_sanctions_list_2026-04-29_rebuilt.csv"),
        ("ofac", "ofac_sdn_2021-03-10.xml"), ("ofac", "ofac_sdn_2024-05-07.xml"),
    ],
)  # fmt: skip
def test_what_the_shipped_editions_were_drawn_from_changes_nothing(settings, take, samples, list_id, name):
    before = read_watchlists(settings).history

    report = take(published(samples, name), list_id, name)

    assert not [line for line in report.warnings if "differs" in line]
    assert_frame_equal(read_watchlists(settings).history, before)


@pytest.mark.parametrize("day", ["2018-10-29", "2021-03-12", "2024-05-15", "2026-02-27"])
def test_the_consolidated_list_of_the_un_takes_no_ship_off_the_committees(settings, take, samples, day):
    data = published(samples, f"un_consolidated_{day}.xml")
    before = read_watchlists(settings).history

    with pytest.raises(InputError, match=r"names 0 ships; .* ships stand in the 1718 Designated Vessels List"):
        take(data, "un", "consolidated.xml")
    report = take(data, "un", "consolidated.xml", accept_shrunken=True)

    assert (report.watchlist_id, report.accepted) == ("un-consolidated", 0)
    assert_frame_equal(read_watchlists(settings).history, before)


def test_a_ship_of_the_consolidated_list_is_listed_and_her_neighbours_are_not(settings, take, samples):
    data = (samples / "reports/h03_un_company.xml").read_bytes()

    report = take(data, "un", "consolidated.xml", accept_shrunken=True)

    assert (report.accepted, report.left_out) == (1, {"not a ship": 7})
    assert [one["name"] for one in lists.listed_ship(settings, "9321483")] == ["TESTSHIP NINE"]
    with pytest.raises(InputError, match="no list names"):
        lists.listed_ship(settings, "9074729")


def test_an_older_file_tells_that_it_is_older_and_the_newest_stands(settings, take, samples):
    report = take(published(samples, "ofac_sdn_2021-03-10.xml"), "ofac", "sdn.xml")

    told = "older than the edition of 2024-05-07, which stays the newest: it records what the list said then"
    assert told in report.warnings
    shown = read_watchlists(settings).lists.set_index("watchlist_id")
    assert shown.loc["ofac-sdn", "list_date"] == "2024-05-07"


def test_an_old_file_under_a_new_day_is_told_by_its_ships(take, samples):
    old = published(samples, "ofac_sdn_2019-01_sdn.csv")

    report = take(old, "ofac", "sdn.csv", published_on=date(2026, 9, 1))

    assert any(
        "names the ships of the edition of 2019-01-04, and not those of 2024-05-07" in w for w in report.warnings
    )
    assert not any("names the ships" in w for w in take(old, "ofac", "sdn.csv", published_on=date(2019, 2, 1)).warnings)


def test_an_edition_that_was_once_taken_for_one_of_another_list_is_named(settings, take, samples):
    take(published(samples, "un_consolidated_2026-02-27.xml"), "un", "consolidated.xml", accept_shrunken=True)
    folder = settings.home / "lists"
    shutil.move(folder / "un-consolidated", folder / "un-1718")
    for note in folder.glob("*/*.edition.json"):
        note.write_text(note.read_text(encoding="utf-8").replace('"un-consolidated"', '"un-1718"'), encoding="utf-8")

    with pytest.raises(InputError, match="a file of un-consolidated is no edition of un-1718; remove it"):
        read_watchlists(settings)


def test_what_stands_in_place_of_imo_numbers_is_counted_and_told(take, samples):
    report = take((samples / "reports/h29_uk_ok.csv").read_bytes(), accept_shrunken=True)

    assert (report.accepted, report.imo_unread) == (10, 2)
    assert "IMO fields that give no number (2): DPR9002: 907472; DPR9009: 90747290" in report.warnings
    assert any("taken: DPR9008: 9321483, 9074729" in line for line in report.warnings)
    assert "IMO check digit fails: 9074728; placeholder, no ship's: 1234567; kept as listed" in report.warnings


# ------------------------------------------------------------------------------------------------------- fetching


def at(server: HTTPServer, settings: Settings, *names: str) -> Settings:
    """Settings that send us to a server of our own for some lists; the others are not published there."""
    server.expect_request("/none.csv").respond_with_data("gone", status=404)
    addresses = {name: f"/{name if name in names else 'none'}.csv" for name in lists.lists_with_address()}
    return Settings(settings.home, source_urls={name: server.url_for(path) for name, path in addresses.items()})


def refreshed(settings: Settings) -> dict[str, lists.ListReport]:
    reports = lists.refresh_lists(settings, now=NOW, progress=lambda line: None)
    return {one.watchlist_id: one for one in reports}


def served(data: bytes, etag: str):
    """An answer that knows whether it has changed."""

    def answer(request: Request) -> Response:
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304)
        return Response(data, headers={"ETag": etag})

    return answer


def test_a_refresh_takes_what_changed_and_one_failing_list_stops_no_other(settings, httpserver: HTTPServer):
    httpserver.expect_request("/uk-dprk.csv").respond_with_handler(served(uk_file(uk_ships()), '"one"'))
    httpserver.expect_request("/ofac-sdn.csv").respond_with_data("<!doctype html><html>Maintenance</html>")
    mirror = at(httpserver, settings, "uk-dprk", "ofac-sdn")

    reports = refreshed(mirror)

    assert {name: one.outcome for name, one in reports.items()} == {
        "uk-dprk": "new", "ofac-sdn": "failed", "eu-fsf": "failed",
    }  # fmt: skip
    assert "it is a web page" in reports["ofac-sdn"].reason
    assert "404" in reports["eu-fsf"].reason
    kept = read_kept(settings.home)[0]
    assert (kept.url, kept.etag) == (mirror.source_urls["uk-dprk"], '"one"')
    with pytest.raises(Exception, match=r"eu-fsf, ofac-sdn: not refreshed"):
        lists.refuse_failed(list(reports.values()))


def test_a_list_that_did_not_change_is_asked_for_by_its_tag_and_not_sent_again(settings, httpserver: HTTPServer):
    httpserver.expect_request("/uk-dprk.csv").respond_with_handler(served(uk_file(uk_ships()), '"one"'))
    mirror = at(httpserver, settings, "uk-dprk")
    refreshed(mirror)

    assert refreshed(mirror)["uk-dprk"].outcome == "unchanged"
    assert [answer.status_code for request, answer in httpserver.log if "uk" in request.path] == [200, 304]
    assert len(read_kept(settings.home)) == 1


def test_a_changed_list_is_a_new_edition_of_the_day_it_states(settings, httpserver: HTTPServer):
    rows = uk_ships()
    for day, ships in (("30-Jun-2026", rows), ("31-Jul-2026", rows[1:])):
        httpserver.clear()
        mirror = at(httpserver, settings, "uk-dprk")
        httpserver.expect_request("/uk-dprk.csv").respond_with_handler(served(uk_file(ships, day), f'"{day}"'))
        report = refreshed(mirror)["uk-dprk"]

    assert (report.outcome, report.published_on) == ("new", "2026-07-31")
    assert report.vanished == ["Petrel 8 (IMO 9562233)"]


def test_a_list_that_lost_its_ships_on_the_way_is_not_taken(settings, httpserver: HTTPServer):
    httpserver.expect_request("/uk-dprk.csv").respond_with_data(uk_file(uk_ships()[:3]))

    assert "names 3 ships" in refreshed(at(httpserver, settings, "uk-dprk"))["uk-dprk"].reason
    assert read_kept(settings.home) == []


def test_a_list_without_an_address_is_not_fetched(settings):
    with pytest.raises(InputError, match="un-1718: no address is known; download the list and import it"):
        lists.refresh_list(settings, "un-1718", now=NOW, progress=lambda line: None)
    assert "un-1718" not in lists.lists_with_address()


@pytest.mark.parametrize("found", [True, False])
def test_a_mirrors_password_and_key_are_neither_told_nor_kept(settings, httpserver: HTTPServer, found: bool):
    answer = served(uk_file(uk_ships()), '"one"') if found else Response(status=404)
    httpserver.expect_request("/uk.csv").respond_with_handler(answer if found else lambda request: answer)
    url = httpserver.url_for("/uk.csv").replace("://", "://joe:xq7@zq8@") + "?key=topsecret"
    mirror = at(httpserver, settings)
    mirror = Settings(mirror.home, source_urls={**mirror.source_urls, "uk-dprk": url})
    told: list[str] = []

    reports = lists.refresh_lists(mirror, now=NOW, progress=told.append)

    report = next(one for one in reports if one.watchlist_id == "uk-dprk")
    assert report.outcome == ("new" if found else "failed")
    notes = [path.read_text(encoding="utf-8") for path in settings.home.glob("lists/*/*.edition.json")]
    assert len(notes) == found
    everything = "\n".join([*told, *notes, str(report)])
    assert "uk.csv" in everything
    assert not [secret for secret in ("joe", "xq7", "zq8", "topsecret") if secret in everything]
    if found:
        again = lists.refresh_list(mirror, "uk-dprk", now=NOW, progress=told.append)
        assert again["outcome"] == "unchanged"
        assert httpserver.log[-1][1].status_code == 304


# ------------------------------------------------------------------------------------------------- judged again


@pytest.fixture
def home(told, tmp_path):
    """A home with five days of ships derived, among them one that carries coal and others that only pass."""
    shutil.copytree(told, tmp_path / "home")
    return Installation(tmp_path / "home")


def rebuilt(home: Installation, folder: Path) -> dict:
    """What the same home holds when all of it is derived again."""
    shutil.copytree(home.settings.home, folder)
    copy = Installation(folder)
    copy.run(rebuild=True)
    return copy.rows()


def roles(home: Installation) -> set[str]:
    return set(home.rows()["alert_evidence"]["role"])


def fsf_file(day: str, *ships: tuple[str, str, int]) -> bytes:
    """The EU's consolidated list, of which the seeds have no edition."""
    rows = [f"{day};{n};EU.{n}.1;2018-03-30;enterprise;PRK;{name};{imo};imo" for n, name, imo in ships]
    return "\n".join([FSF_HEADER, *rows]).encode()


FSF_HEADER = (
    "fileGenerationDate;Entity_LogicalId;Entity_EU_ReferenceNumber;Entity_DesignationDate;Entity_SubjectType;"
    "Entity_Regulation_Programme;NameAlias_WholeName;Identification_Number;Identification_TypeCode"
)
HERS, OTHER = ("1", "Demo Coal", SHIP), ("2", "Petrel 8", 9562233)


def test_a_listed_ship_is_judged_again_and_no_other(home, take, tmp_path):
    take(fsf_file("31/05/2018", HERS, OTHER), "eu")

    report = home.run()

    assert (report.judged, report.ships) == (1, 0)
    assert "listed" in roles(home)
    rows = home.rows()
    for name, again in rebuilt(home, tmp_path / "rebuilt").items():
        assert_frame_equal(rows[name], again, obj=name)

    take(fsf_file("01/06/2018", OTHER), "eu")  # she vanishes before she leaves Nampo
    report = home.run()

    assert report.judged == 1
    assert "listed" not in roles(home)
    assert home.run().judged == 0  # nothing changed


def test_a_changed_entry_of_a_ship_never_heard_here_judges_nobody(home, take):
    take(fsf_file("31/05/2018", OTHER), "eu")

    report = home.run()

    assert report.judged == 0
    assert report.changed  # the lists themselves are new


def test_a_name_like_a_listed_one_is_judged_again_where_no_number_contradicts(home, take):
    for day in ("31-May-2018", "31-Dec-2018"):
        take(uk_file([*uk_ships(), uk_ship("DPR0998", "Demo Coall", "")], day))

    assert home.run().judged == 1
    assert "listed_name_hint" in roles(home)


def test_a_stopped_run_still_owes_it(home, take, monkeypatch):
    take(fsf_file("31/05/2018", HERS), "eu")
    with monkeypatch.context() as patch:
        patch.setattr(run, "judge", stop)
        with pytest.raises(KeyboardInterrupt):
            home.run()

    home.run()

    assert "listed" in roles(home)


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_changed_law_judges_the_ships_that_it_may_bear_on(home, monkeypatch):
    def other_law(settings: Settings | None = None) -> KnowledgeFiles:
        files = read_knowledge(settings)
        coal = files.measures.entries["un-2371-coal"]
        changed = coal.model_copy(update={"basis": coal.basis.model_copy(update={"paragraph": "8 bis"})})
        entries = files.measures.entries | {"un-2371-coal": changed}
        return replace(files, measures=replace(files.measures, entries=entries, hash="other"))

    monkeypatch.setattr(run, "read_knowledge", other_law)

    report = home.run()

    rows = home.rows()
    assert 0 < report.judged < len(rows["track"]["mmsi"].unique())
    law = rows["legal_assessment"].query("measure_id == 'un-2371-coal'")
    assert set(law["paragraph"]) == {"8 bis"}


def test_changed_weights_judge_everyone(home, monkeypatch):
    def other_weights(settings: Settings | None = None) -> KnowledgeFiles:
        files = read_knowledge(settings)
        tanker = files.weights.roles["tanker"].model_copy(update={"weight": -6.0})
        return replace(
            files, weights=files.weights.model_copy(update={"roles": files.weights.roles | {"tanker": tanker}})
        )

    monkeypatch.setattr(run, "read_knowledge", other_weights)

    assert home.run().judged == len(home.rows()["track"]["mmsi"].unique())
