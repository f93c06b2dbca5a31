"""Radar files, landed and run: passes, echoes, what they say of the article's claims, and in any order of arrival."""

import json
import shutil
from datetime import UTC, datetime

import pytest
from werkzeug import Response

from pipeline.contracts import RADAR_DETECTION, RADAR_LOOK, RADAR_PASS
from pipeline.fetch.providers import copernicus, gfw_reports
from pipeline.fetch.sources import load_sources
from pipeline.settings import Settings
from pipeline.tasks.land import ingest
from pipeline.tasks.plan import planned
from pipeline.tasks.prune import prune
from pipeline.tasks.reports import answer, claim_windows
from pipeline.warehouse.store import open_for_reading
from tests.tasks.catalogue_world import LOW, image, page, pass_over, write_answers, write_catalogue
from tests.tasks.radar_world import AT_SEA, DATASET, FAR, matched, passes, scene, unmatched, write_report
from tests.tasks.world import CLOCK, Installation


class Home(Installation):
    """An installation of real files alone."""

    def land(self, *paths, source="auto", **options):
        return ingest(self.settings, paths, source, now=CLOCK, progress=lambda line: None, **options)

    def read(self, table):
        with open_for_reading(self.settings.database_url) as warehouse:
            return warehouse.read(table).sort_values(list(table.key), ignore_index=True)

    def verdict(self, label, window):
        (row,) = [
            row for row in claim_windows(self.settings, None, "dailynk-2021", label) if row["window_id"] == window
        ]
        return row


@pytest.fixture(scope="module")
def waiting_hulls(tmp_path_factory):
    """A winter in which radar sees a hull off the barrage on every pass."""
    folder = tmp_path_factory.mktemp("waiting")
    home = Home(folder / "home")
    far = unmatched(passes(1)[0], 14.31, 55.23)
    home.land(write_report(folder / "w.jsonl", [*scene(passes(12), (AT_SEA,)), far]))
    home.run()
    return home


def test_passes_echoes_and_what_was_seen_of_the_anchorage_stand_in_the_warehouse(waiting_hulls):
    looks = waiting_hulls.read(RADAR_LOOK)

    assert len(waiting_hulls.read(RADAR_PASS)) == 12
    assert list(looks["unexplained"]) == [1] * 12
    assert waiting_hulls.read(RADAR_DETECTION)["longitude"].between(124, 126).all()  # others stay in the lake
    assert set(looks["zone_id"]) == {"kp-nampo-anchorage"}
    assert set(waiting_hulls.read(RADAR_DETECTION)["licence"].str[:20]) == {"Global Fishing Watch"}


def test_one_run_brings_claims_along_and_leaves_nothing_to_do(waiting_hulls):
    with open_for_reading(waiting_hulls.settings.database_url) as warehouse:
        (row,) = warehouse.rows(
            "select reason from claim_window where claim_id = 'dailynk-2021/C16' and window_id = 'W0'"
        )

    assert "12 known passes" in row["reason"]
    assert planned(waiting_hulls.settings) == []


def test_the_months_can_be_asked_for(waiting_hulls):
    _, rows = answer(waiting_hulls.settings, "radar_by_month", [])

    assert [(row["month"], row["passes"], row["unexplained"]) for row in rows] == [
        ("2020-11", 5, 5), ("2020-12", 5, 5), ("2021-01", 2, 2),
    ]  # fmt: skip


def test_unexplained_echoes_on_pass_after_pass_speak_for_exports_but_settle_nothing(waiting_hulls):
    row = waiting_hulls.verdict("C16", "W0")

    assert "12 known passes, 0 without an echo" in row["reason"]
    assert "(weight 0.30)" in row["reason"]
    assert row["verdict"] != "SUPPORTED"


def test_what_radar_saw_later_changes_no_window_before(waiting_hulls):
    assert "Radar" not in waiting_hulls.verdict("C16", "Wpre")["reason"]


@pytest.mark.long
def test_radar_rows_that_come_in_any_order_and_versions_give_the_same(tmp_path):
    moments = passes(4)
    old = write_report(
        tmp_path / "v4.jsonl", scene(moments, (AT_SEA, (124.88, 38.55))), "public-global-sar-presence:v4.0",
        datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    new = write_report(tmp_path / "v5.jsonl", scene(moments, (AT_SEA,)), fetched_at=datetime(2026, 2, 1, tzinfo=UTC))
    more = write_report(tmp_path / "more.jsonl", scene(passes(2, moments[1].replace(month=12)), (AT_SEA,)))
    found = []
    for number, order in enumerate(((old, new, more), (more, new, old))):
        home = Home(tmp_path / str(number))
        for path in order:
            home.land(path)
            if number:
                home.run()
        home.run()
        found.append({table.name: home.read(table) for table in (RADAR_PASS, RADAR_DETECTION, RADAR_LOOK)})

    for one in found[1:]:
        for name, rows in found[0].items():
            assert rows.equals(one[name]), name
    assert found[0]["radar_look"]["unexplained"].max() == 1


def test_a_file_that_is_replaced_takes_its_echoes_along(tmp_path):
    home = Home(tmp_path / "home")
    wrong = write_report(tmp_path / "wrong.jsonl", scene(passes(5), (AT_SEA,)))
    home.land(wrong)
    home.run()
    home.land(write_report(tmp_path / "right.jsonl", scene(passes(2), (AT_SEA,))), replaces="wrong.jsonl")
    home.run()

    assert len(home.read(RADAR_LOOK)) == 2


@pytest.mark.long
def test_our_positions_explain_an_echo_and_where_they_were_pruned_none_counts_as_unexplained(told, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    home = Home(tmp_path / "home")
    days = [datetime(2018, 6, day, 6, 15, tzinfo=UTC) for day in (1, 5)]
    first = write_report(tmp_path / "first.jsonl", [*scene(days[:1]), unmatched(days[0], 124.69, 38.51)])
    home.land(first, synthetic=True)
    home.run()
    (near,) = home.read(RADAR_DETECTION).query("not matched").to_dict("records")
    assert (near["outcome"], near["our_mmsi"]) == ("explained", 412000001)  # who sails there in `world.traffic`
    assert not near["weak"]  # the next ship is two cells off
    assert near["ships_heard"] >= 3

    prune(home.settings, datetime(2018, 6, 4), dry_run=False, progress=lambda line: None)
    home.land(write_report(tmp_path / "later.jsonl", scene(days, (AT_SEA,))), synthetic=True)
    home.run()
    echoes = home.read(RADAR_DETECTION).query("not matched and longitude > 124.7").sort_values("at")
    assert list(echoes["outcome"]) == ["cannot_tell", "unexplained"]
    assert "pruned" in echoes["reason"].iloc[0]


def test_radar_and_the_catalogue_are_asked_over_a_socket_and_land_as_they_were_kept(httpserver, tmp_path):
    (moment,) = passes(1)
    rows, asked = scene([moment], (AT_SEA,)), []

    def report(request):
        wanted = request.args["filters[0]"] == "matched='true'"
        asked.append(request.args["filters[0]"])
        found = [row for row in rows if bool(row["mmsi"]) == wanted]
        if wanted and asked.count("matched='true'") == 1:
            return Response("upstream is slow", 524)  # and then it is had as the last report
        return Response(json.dumps({"entries": [{DATASET: found}], "total": 1}), content_type="application/json")

    def last(request):
        body = {"entries": [{DATASET: [row for row in rows if row["mmsi"]]}], "total": 1}
        return Response(json.dumps(body), content_type="application/json")

    httpserver.expect_request("/v3/4wings/report", method="POST").respond_with_handler(report)
    httpserver.expect_request("/v3/4wings/last-report", method="GET").respond_with_handler(last)
    httpserver.expect_request("/odata/v1/Products").respond_with_json(page(pass_over(moment)))
    home = Home(tmp_path / "home")
    addresses = dict.fromkeys(("gfw_radar", "copernicus"), httpserver.url_for(""))
    settings = Settings(home=tmp_path / "home", source_urls=addresses)
    spec = load_sources()["gfw_radar"]
    spec = spec.model_copy(update={"per_minute": None, "reports": spec.reports.model_copy(update={"wait_s": 0})})
    files = gfw_reports.fetch_days(
        spec, settings, moment.date(), moment.date(), secrets={"COALWATCH_GFW_TOKEN": "t"}, now=CLOCK,
        progress=lambda line: None,
    )  # fmt: skip
    files += copernicus.fetch_days(
        load_sources()["copernicus"], settings, moment.date(), moment.date(), secrets={}, now=CLOCK,
        progress=lambda line: None,
    )  # fmt: skip
    home.land(*(file.path for file in files))
    home.run()

    assert sorted(set(asked)) == ["matched='false'", "matched='true'"]
    assert home.read(RADAR_DETECTION)["matched"].value_counts().to_dict() == {True: 1, False: 1}
    assert list(home.read(RADAR_LOOK)["unexplained"]) == [1]
    assert home.read(RADAR_PASS)["moment_known"].all()
    assert list(home.read(RADAR_PASS)["known_from"]) == ["both"]


MOMENTS = passes(12)  # November to January; on every other pass one hull far off is all that is told
ALONE = [matched(moment, *FAR[0]) for moment in MOMENTS[1::2]]
TOLD = scene(MOMENTS[::2], (AT_SEA,)) + ALONE


def catalogued(folder, *, images=None, asked=("matched", "unmatched"), rows=TOLD, ring=None):
    """A home with the answers of a winter and the catalogue's images of it."""
    home = Home(folder / "home")
    for month in ("2020-11", "2020-12", "2021-01"):
        for which in asked:
            home.land(write_answers(folder / f"{month}_{which}.jsonl", month, rows, which, ring))
    listed = [one for moment in MOMENTS for one in pass_over(moment)] if images is None else images
    home.land(write_catalogue(folder / "catalogue.jsonl", listed))
    home.run()
    return home


@pytest.fixture(scope="module")
def winter(tmp_path_factory):
    return catalogued(tmp_path_factory.mktemp("catalogued"))


def test_passes_without_echo_that_a_catalogue_tells_reach_table_view_and_claim(winter):
    found = winter.read(RADAR_PASS)
    _, months = answer(winter.settings, "radar_by_month", [])
    reason = winter.verdict("C16", "W0")["reason"]

    assert set(found["known_from"]) == {"both"}
    assert [(row["passes"], row["passes_without_echo"]) for row in months] == [(5, 2), (5, 3), (2, 1)]
    assert "12 known passes, 6 without an echo, 6 with echoes" in reason
    assert "speak against traffic through the barrage" in reason
    assert set(winter.read(RADAR_LOOK)["zone_id"]) == {
        "kp-nampo-anchorage"
    }  # nothing by the shore, nothing in the river
    assert planned(winter.settings) == []


def test_what_nobody_was_asked_for_counts_nowhere(tmp_path):
    home = catalogued(tmp_path, asked=("unmatched",), rows=[])

    assert set(home.read(RADAR_PASS)["known_from"]) == {"catalogue_only"}
    assert home.read(RADAR_LOOK).empty
    assert "Radar" not in home.verdict("C16", "W0")["reason"]


@pytest.mark.long
def test_a_pass_of_which_the_provider_tells_nothing_at_all_is_no_pass_without_ships(tmp_path):
    home = catalogued(tmp_path, rows=scene(MOMENTS[::2], (AT_SEA,)))
    reason = home.verdict("C16", "W0")["reason"]

    assert home.read(RADAR_PASS)["known_from"].value_counts().to_dict() == {"both": 6, "catalogue_only": 6}
    assert "6 known passes, 0 without an echo" in reason


@pytest.mark.long
def test_images_that_hold_a_part_of_the_anchorage_did_not_see_it_not_even_on_passes_with_an_echo_there(tmp_path):
    listed = [image(moment, [[x - 0.9, y] for x, y in LOW]) for moment in MOMENTS]  # its edge crosses the roads
    seldom = [unmatched(moment, *AT_SEA) for moment in MOMENTS[::3]]
    rows = seldom + [matched(moment, *FAR[0]) for moment in MOMENTS]
    home = catalogued(tmp_path, images=listed, rows=rows)

    assert home.read(RADAR_LOOK).empty
    assert "Radar" not in home.verdict("C16", "W0")["reason"]
    assert len(home.read(RADAR_DETECTION).query("zone_id == 'kp-nampo-anchorage'")) == 4  # they are shown all the same


@pytest.mark.long  # in short: tests/provider/test_radar.py
@pytest.mark.parametrize(
    "echoes",
    [
        [row for row in scene(MOMENTS[::3], (AT_SEA,)) if not row["mmsi"]] + scene(MOMENTS),
        [unmatched(moment, *AT_SEA) for moment in MOMENTS[::3]] + [matched(moment, *FAR[0]) for moment in MOMENTS],
    ],
    ids=["the hull holds the anchorage", "an echo alone tells of it"],
)
def test_a_catalogue_without_answers_takes_no_look_away(tmp_path, echoes):
    home = Home(tmp_path / "home")
    home.land(write_report(tmp_path / "report.jsonl", echoes))
    home.run()
    before, said = home.read(RADAR_LOOK), home.verdict("C16", "W0")
    home.land(write_catalogue(tmp_path / "catalogue.jsonl", [one for moment in MOMENTS for one in pass_over(moment)]))
    home.run()

    assert set(home.read(RADAR_PASS)["known_from"]) == {"both"}
    assert len(before) in (4, 12)
    assert home.read(RADAR_LOOK)[["radar_pass_id", "zone_id"]].equals(before[["radar_pass_id", "zone_id"]])
    assert home.verdict("C16", "W0")["reason"] == said["reason"]


@pytest.mark.long
def test_answers_and_images_that_come_in_any_order_give_the_same(winter, tmp_path):
    files = sorted(winter.settings.home.parent.glob("*.jsonl"))
    home = Home(tmp_path / "home")
    for path in reversed(files):
        home.land(path)
        home.run()

    for table in (RADAR_PASS, RADAR_DETECTION, RADAR_LOOK):
        assert home.read(table).equals(winter.read(table)), table.name


@pytest.mark.long  # as its echoes: above
def test_a_catalogue_that_is_replaced_takes_its_passes_along(winter, tmp_path):
    shutil.copytree(winter.settings.home, tmp_path / "home")
    home = Home(tmp_path / "home")
    less = write_catalogue(tmp_path / "less.jsonl", pass_over(MOMENTS[1]))
    home.land(less, replaces="catalogue.jsonl")
    home.run()

    assert home.read(RADAR_PASS)["known_from"].value_counts().to_dict() == {"detections": 6, "both": 1}
