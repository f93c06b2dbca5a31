"""What a user sees of sources: the table, a day fetched and landed, and each thing that can go wrong on the way."""

import io
import json
import shlex
import signal
import subprocess
import time
import zipfile
from functools import partial

import pytest

from tests.cli.conftest import COMMAND, ENVIRONMENT, coalwatch, one_line
from tests.fetch.conftest import FileServer
from tests.lake.files import NOAA_2024, noaa_row
from tests.tasks.gfw_world import coal_voyage, hull, identity, registered, ships_page, write_pages

PATH = "/2023/AIS_2023_01_11.zip"
TOKEN = "very/secret+token"


def zipped(*rows):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        content = NOAA_2024 + "".join(rows)
        archive.writestr(zipfile.ZipInfo("AIS_2023_01_11.csv"), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def mirrored(monkeypatch, httpserver):
    """Every source is asked at the local server."""
    url = httpserver.url_for("").rstrip("/")
    monkeypatch.setenv(
        "COALWATCH_SOURCE_URLS",
        json.dumps({"noaa": url, "dma": url, "gfw": url, "gfw_vessels": url} | {"gfw_presence": url}),
    )
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return httpserver


def test_the_table_says_who_can_speak_of_nampo(invoke, home):
    shown = invoke("sources", "--home", home)

    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert lines[0].split("  ")[0] == "source"
    assert [line.split()[0] for line in lines[1:5]] == ["gfw", "gfw_counts", "gfw_presence", "gfw_radar"]
    assert {line.split()[1] for line in lines[1:5]} == {"weakly"}
    assert {line.split()[1] for line in lines[6:11]} == {"no"}
    assert max(map(len, lines)) <= 80
    assert not home.exists()


def test_it_says_whether_a_token_is_set_and_never_which(invoke, home, monkeypatch):
    monkeypatch.delenv("COALWATCH_GFW_TOKEN", raising=False)
    before = invoke("sources", "--home", home).stdout
    monkeypatch.setenv("COALWATCH_GFW_TOKEN", TOKEN)
    after = invoke("sources", "--home", home)
    as_json = invoke("sources", "--json", "--home", home).stdout

    assert "Set COALWATCH_GFW_TOKEN to use it." in " ".join(before.split())
    assert "Set COALWATCH_GFW_TOKEN" not in " ".join(after.stdout.split())
    assert TOKEN not in after.stdout + after.stderr + as_json
    gfw = next(one for one in json.loads(as_json) if one["source"] == "gfw")
    assert gfw["secrets"] == [{"name": "COALWATCH_GFW_TOKEN", "set": True}]
    assert gfw["commercial_use"] is False
    assert gfw["speaks_of_nampo"]["answer"] == "weakly"


def test_it_says_when_the_last_data_of_a_home_is_from(invoke, copied):
    rows = {one["source"]: one for one in json.loads(invoke("sources", "--json", "--home", copied).stdout)}

    assert rows["noaa"]["last_data_at"] is not None
    assert rows["dma"]["last_data_at"] is None


def test_a_day_is_fetched_landed_and_known_by_its_address(invoke, home, mirrored, samples):
    """The published sample of MarineCadastre, packed as NOAA packs a day."""
    text = (samples / "noaa" / "marinecadastre-2023-1000.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    packed = zipped(*text[1:])
    mirrored.expect_request(PATH).respond_with_data(packed)

    fetched = invoke("fetch", "noaa", "--from", "2023-01-11", "--home", home)

    assert fetched.exit_code == 0, fetched.stderr
    path = home / "landing" / "noaa" / "AIS_2023_01_11.zip"
    assert path.read_bytes() == packed
    assert f"  coalwatch ingest noaa {path} --home {home}" in fetched.stdout.splitlines()
    (landed,) = json.loads(invoke("ingest", "noaa", path, "--json", "--home", home).stdout)
    assert landed["rows_read"] == 1000
    assert landed["url"] == mirrored.url_for(PATH)
    assert landed["fetched_at"] is not None
    assert invoke("run", "--home", home).exit_code == 0
    asked = "select f.url, s.licence, s.speaks_of_nampo from source_file f join source s on s.reads_as = f.source"
    rows = json.loads(invoke("sql", "--json", "--home", home, asked + " where s.source = 'noaa'").stdout)
    assert rows == [
        {"url": mirrored.url_for(PATH), "licence": "US public domain (CC0 1.0)", "speaks_of_nampo": "no"}
    ]  # fmt: skip
    shown = next(
        row for row in json.loads(invoke("sources", "--json", "--home", home).stdout) if row["source"] == "noaa"
    )
    assert shown["last_data_at"].startswith("2023-01-11T")


def test_a_second_call_fetches_nothing(invoke, home, mirrored):
    mirrored.expect_request(PATH).respond_with_data(zipped(noaa_row()))
    invoke("fetch", "noaa", "--from", "2023-01-11", "--home", home)

    again = invoke("fetch", "noaa", "--from", "2023-01-11", "--home", home)

    assert again.exit_code == 0
    assert "there already" in again.stdout
    assert len(mirrored.log) == 1


def test_another_edition_takes_the_place_of_the_first_by_the_line_that_is_printed(invoke, home, mirrored):
    mirrored.expect_oneshot_request(PATH).respond_with_data(zipped(noaa_row(), noaa_row(time="2023-01-11T01:00:00")))
    mirrored.expect_request(PATH).respond_with_data(zipped(noaa_row()))
    invoke("fetch", "noaa", "--from", "2023-01-11", "--home", home)
    invoke("ingest", "noaa", home / "landing" / "noaa" / "AIS_2023_01_11.zip", "--home", home)

    fetched = invoke("fetch", "noaa", "--from", "2023-01-11", "--again", "--home", home)

    assert "another edition" in fetched.stdout
    printed = next(line for line in fetched.stdout.splitlines() if "--replaces" in line)
    landed = invoke(*shlex.split(printed)[1:], "--json")
    assert landed.exit_code == 0, landed.stderr
    files = json.loads(landed.stdout)
    assert files[0]["days"] == ["2023-01-11"]
    assert files[0]["rows_read"] == 1


def test_trying_it_first_asks_nobody_and_writes_nothing(invoke, home, mirrored):
    planned = invoke("fetch", "noaa", "--from", "2024-12-31", "--to", "2025-01-01", "--dry-run", "--home", home)

    assert planned.exit_code == 0
    assert "2024/AIS_2024_12_31.zip" in planned.stdout
    assert "2025/ais-2025-01-01.csv.zst" in planned.stdout
    assert mirrored.log == []
    assert not home.exists()


def test_a_day_that_is_not_published_does_not_stop_the_others(invoke, home, mirrored):
    mirrored.expect_request(PATH).respond_with_data(zipped(noaa_row()))
    for gone in ("/2023/AIS_2023_01_10.zip", "/csv2/csv2023/ais-2023-01-10.csv.zst"):
        mirrored.expect_request(gone).respond_with_data(status=404)

    fetched = invoke("fetch", "noaa", "--from", "2023-01-10", "--to", "2023-01-11", "--json", "--home", home)

    assert fetched.exit_code == 3
    assert [(one["day"], one["state"]) for one in json.loads(fetched.stdout)] == [
        ("2023-01-10", "not_published"), ("2023-01-11", "fetched"),
    ]  # fmt: skip
    assert "1 of 2 days not fetched" in one_line(fetched.stderr)
    assert "the catalogue says that 2023-01-10 is published" in one_line(fetched.stderr)


@pytest.mark.parametrize(
    ("source", "day", "said"),
    [
        ("dma", "2024-06-01", "should be there: the address may have changed"),
        ("noaa", "2026-10-01", "not published (yet)"),
    ],
)
def test_a_day_that_should_be_there_is_not_told_as_one_that_is_late(invoke, home, mirrored, source, day, said):
    year = day[:4]
    for name in (f"aisdk-{day}.zip", f"ais-{day}.csv.zst"):
        for path in (f"/{name}", f"/{year}/{name}", f"/csv2/csv{year}/{name}"):
            mirrored.expect_request(path).respond_with_data(status=404)

    fetched = invoke("fetch", source, "--from", day, "--home", home)

    assert fetched.exit_code == 3
    assert said in fetched.stdout


def test_a_server_that_is_down_is_one_line_and_exit_code_3(invoke, home, mirrored):
    mirrored.expect_request(PATH).respond_with_data(status=503, headers={"Retry-After": "0"})

    fetched = invoke("fetch", "noaa", "--from", "2023-01-11", "--home", home)

    assert fetched.exit_code == 3
    assert "503" in one_line(fetched.stderr)
    assert "attempt 2 of 5" in fetched.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["noah", "--from", "2023-01-11"], "no source named noah"),
        (["noaa", "--from", "2009-01-11"], "no address is known for the file of 2009-01-11"),
        (["noaa", "--from", "2999-01-11"], "2999-01-11 has not begun"),
        (["noaa", "--from", "2023-01-11", "--to", "2023-01-10"], "--to 2023-01-10 is before --from 2023-01-11"),
        (["gfw", "--from", "2021-01-11"], "COALWATCH_GFW_TOKEN not set"),
        (["noaa"], "Missing option '--from'"),
        (["gfw_vessels", "--from", "2021-01-11"], "gfw_vessels is of no day; leave --from and --to out"),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_exit_code_2(invoke, home, mirrored, monkeypatch, words, said):
    monkeypatch.delenv("COALWATCH_GFW_TOKEN", raising=False)
    fetched = invoke("fetch", *words, "--home", home)

    assert fetched.exit_code == 2
    assert said in one_line(fetched.stderr)
    assert mirrored.log == []


def test_a_refused_token_is_named_by_its_variable_and_nowhere_shown_or_kept(invoke, home, mirrored, monkeypatch):
    monkeypatch.setenv("COALWATCH_GFW_TOKEN", TOKEN)
    mirrored.expect_request("/v3/events").respond_with_data(f"bad token {TOKEN}", status=401)

    fetched = invoke("-v", "fetch", "gfw", "--from", "2021-01-11", "--home", home)

    assert fetched.exit_code == 2
    assert "COALWATCH_GFW_TOKEN is wrong or expired" in one_line(fetched.stderr)
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert TOKEN not in fetched.stdout + fetched.stderr + kept.decode("utf-8", "replace")


def test_particulars_of_ships_are_fetched_without_a_day_and_landed_by_the_line_that_is_printed(
    invoke, home, tmp_path, mirrored, monkeypatch
):
    monkeypatch.setenv("COALWATCH_GFW_TOKEN", TOKEN)
    answer = ships_page([hull(identity(), registry=[registered(8628597)])])
    mirrored.expect_request("/v3/vessels", query_string=None).respond_with_json(answer)
    nothing = invoke("fetch", "gfw_vessels", "--home", home)
    invoke("ingest", "gfw", write_pages(tmp_path / "gfw.jsonl", coal_voyage()), "--home", home)

    planned = invoke("fetch", "gfw_vessels", "--dry-run", "--home", home)
    fetched = invoke("fetch", "gfw_vessels", "--home", home)
    printed = next(line for line in fetched.stdout.splitlines() if "coalwatch ingest gfw_vessels" in line)
    landed = invoke(*shlex.split(printed)[1:])

    assert (nothing.exit_code, planned.exit_code, fetched.exit_code, landed.exit_code) == (0, 0, 0, 0)
    assert "No ships to request from gfw_vessels" in nothing.stdout
    assert "would be asked for 1 ship," in planned.stdout
    assert len(mirrored.log) == 1
    assert "1 vessel report alone" in landed.stdout
    assert "Next: coalwatch run" in landed.stdout
    assert TOKEN not in nothing.stdout + planned.stdout + fetched.stdout + fetched.stderr


def test_files_of_a_folder_are_those_whose_names_hold_the_day(invoke, home):
    folder = home / "landing" / "folder"
    folder.mkdir(parents=True)
    (folder / "bought_20230111.csv").write_text(NOAA_2024 + noaa_row())
    (folder / "bought_20230112.csv.part").write_text("not yet")

    there = invoke("fetch", "folder", "--from", "2023-01-11", "--json", "--home", home)
    missing = invoke("fetch", "folder", "--from", "2023-01-12", "--home", home)

    assert [one["name"] for one in json.loads(there.stdout)] == ["bought_20230111.csv"]
    assert missing.exit_code == 3
    assert "put one there" in one_line(missing.stderr)


def test_ctrl_c_stops_at_once_and_the_same_command_goes_on_from_there(home, monkeypatch):
    server = FileServer()
    server.content, server.cuts, server.hangs = (
        zipped(*(noaa_row(mmsi=445_000_000 + n) for n in range(5000))),
        [2_000],
        True,
    )
    environment = ENVIRONMENT | {"COALWATCH_SOURCE_URLS": json.dumps({"noaa": server.url.rpartition("/")[0]})}
    words = ["fetch", "noaa", "--from", "2023-01-11", "--home", str(home)]
    try:
        running = subprocess.Popen(
            [*COMMAND, *words], env=environment, text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # a shell in the background ignores it
        )  # fmt: skip
        until = time.monotonic() + 30
        part = home / "landing" / "noaa" / "AIS_2023_01_11.zip.part"
        while not (server.sent and part.exists()) and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.2)
        running.send_signal(signal.SIGINT)
        _, stderr = running.communicate(timeout=30)

        assert running.returncode == 130
        assert "interrupted" in one_line(stderr)
        assert part.stat().st_size == 2_000
        done = coalwatch(*words, env=environment)
        assert done.returncode == 0, done.stderr
        assert server.asked[-1]["Range"] == "bytes=2000-"
        assert (home / "landing" / "noaa" / "AIS_2023_01_11.zip").read_bytes() == server.content
    finally:
        server.close()


def test_a_dry_run_of_reports_names_each_and_says_about_how_long_they_take(invoke, home, mirrored):
    planned = invoke("fetch", "gfw_presence", "--from", "2020-12-01", "--to", "2021-01-31", "--dry-run", "--home", home)

    assert planned.exit_code == 0
    assert planned.stdout.count("gfw_presence_nampo_hours_") == 2
    assert "gfw_presence_dandong_hours_2020-12-08_2020-12-14_" in planned.stdout
    assert "102 requests, about 34 minutes." in planned.stdout
    assert mirrored.log == []
