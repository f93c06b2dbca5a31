"""Commands answer from what is kept exactly as they do without it, and notice every change."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from pandas import DataFrame, Timedelta, concat, date_range, to_datetime

from geo.cache import cache_folder
from pipeline import remembered
from pipeline.judgement.listed_then import listed_as_of
from pipeline.plain import plain
from pipeline.settings import Settings
from pipeline.tasks.home import read_watchlists
from pipeline.tasks.reports import alert_queue, claim_windows
from pipeline.tasks.review import review_alert
from pipeline.tasks.vessel import read_listed
from tests.cli.conftest import coalwatch
from tests.cli.privilege import without_privilege
from tests.tasks.world import CLOCK

pytestmark = pytest.mark.long  # whole homes, run again and again

ASKED = [
    ("claims",), ("claims", "--claim", "C16"), ("claims", "--as-of", "2018-06-03"), ("claims", "--article", "nobody"),
    ("gate",), ("gate", "2018-06-02"), ("gate", "2011-01-01"), ("sources",),
    ("vessel", "DEMO"), ("vessel", "8628597"), ("vessel", "chun kuan"), ("vessel", "no such ship"),
]  # fmt: skip
HEAVY = ("numpy", "pandas", "pydantic", "sqlalchemy", "yaml")


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("command", ASKED, ids=" ".join)
def test_what_is_kept_says_what_is_made_anew(invoke, told, tmp_path, monkeypatch, command, form):
    (tmp_path / "no folder").touch()

    def ask(kept_in):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / kept_in))
        done = invoke(*command, *form, "--home", told)
        return done.exit_code, done.stdout, done.stderr

    anew = ask("no folder")

    assert ask("cache") == anew
    assert ask("cache") == anew


@pytest.mark.parametrize(
    ("command", "home"),
    [
        ("claims", "told"),
        ("gate", "told"),
        ("vessel 8628597", "none"),
        *(
            pytest.param(command, home, marks=pytest.mark.long)
            for command, home in (
                ("sources", "told"),
                ("vessel 8628597", "told"),
                ("claims", "none"),
                ("sources", "none"),
            )
        ),
    ],
)
def test_a_second_question_loads_nothing_heavy(told, tmp_path, command, home):
    place = told if home == "told" else tmp_path / "none"
    code = (
        "import sys; from pipeline.cli import main\n"
        f"try: main({[*command.split(), '--home', str(place)]!r})\n"
        f"except SystemExit: print(*(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)"
    )
    environment = {"XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": ":".join(sys.path), "COLUMNS": "80"}
    (tmp_path / "coalwatch").mkdir()  # no answer is kept there yet; zones that are take seconds to make
    for zones in cache_folder().glob("zones-*"):
        shutil.copy(zones, tmp_path / "coalwatch")

    def loaded() -> str:
        return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True).stderr

    loaded()
    assert loaded().strip() == ""


def test_a_review_is_noticed_at_once(told, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    settings = Settings(home=tmp_path / "home")
    before = claim_windows(settings, None)
    assert claim_windows(settings, None) == before

    for alert in alert_queue(settings):
        review_alert(settings, alert["alert_id"], "me", "dismissed", None, CLOCK)

    assert sum(one["alerts_dismissed"] or 0 for one in claim_windows(settings, None)) > 0


def test_an_edit_of_the_warehouse_is_noticed_at_once(told, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    settings = Settings(home=tmp_path / "home")
    assert any(one["alerts_for"] for one in claim_windows(settings, None))

    with sqlite3.connect(tmp_path / "home/warehouse.sqlite") as warehouse:
        warehouse.execute("delete from alert_claim")
    warehouse.close()

    assert not any(one["alerts_for"] for one in claim_windows(settings, None))


@pytest.mark.parametrize("edit", ["seeds/sources/a.yaml", "pipeline/rule.py", "geo/zones/port.geojson"])
def test_an_edited_file_is_noticed_at_once_though_its_size_and_time_stay(tmp_path, monkeypatch, edit):
    monkeypatch.setattr(remembered, "ROOT", tmp_path)
    file = tmp_path / edit
    file.parent.mkdir(parents=True)
    file.write_text("1")
    os.utime(file, (0, 0))
    assert remembered.from_files("test", lambda: "before") == "before"

    file.write_text("2")
    os.utime(file, (0, 0))

    assert remembered.from_files("test", lambda: "after") == "after"
    assert remembered.from_files("test", lambda: pytest.fail("made again")) == "after"


def test_a_link_to_nothing_among_the_files_is_no_obstacle(tmp_path, monkeypatch):
    monkeypatch.setattr(remembered, "ROOT", tmp_path)
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds/.#limits.yaml").symlink_to("me@here.1234")

    assert remembered.from_files("test", lambda: "made") == "made"


def test_an_empty_warehouse_is_not_taken_for_none(invoke, tmp_path):
    assert invoke("claims", "--home", tmp_path).exit_code == 0
    (tmp_path / "warehouse.sqlite").touch()

    done = invoke("claims", "--home", tmp_path)

    assert done.exit_code == 2
    assert "is empty" in done.stderr


@pytest.mark.parametrize("command", [("claims",), ("gate",), ("sources",), ("vessel", "8628597")], ids=" ".join)
def test_a_home_that_is_read_only_answers_too(told, tmp_path, command):
    shutil.copytree(told, tmp_path / "home")
    for name in ("warehouse.sqlite", "lake/catalog.sqlite"):  # as the last writer leaves it: with nothing beside it
        with closing(sqlite3.connect(tmp_path / "home" / name)) as con:
            con.execute("pragma wal_checkpoint(truncate)")
        assert not list((tmp_path / "home" / name).parent.glob("*.sqlite-*"))
    for path in [tmp_path / "home", *(tmp_path / "home").rglob("*")]:
        path.chmod(0o500 if path.is_dir() else 0o400)

    done = coalwatch(*command, "--home", tmp_path / "home", preexec_fn=without_privilege())

    for path in [tmp_path / "home", *(tmp_path / "home").rglob("*")]:
        path.chmod(0o700)
    assert done.returncode == 0, done.stderr


def test_lists_say_on_each_day_what_they_are_judged_by():
    watchlists = read_watchlists()
    imos = watchlists.vessels["imo"].dropna().unique()[::7]
    named = watchlists.listings[["listed_on", "listed_by", "delisted_on", "delisted_by"]].stack().unique()
    days = to_datetime(named, utc=True, format="%Y-%m-%d")
    days = sorted({*days, *(days + Timedelta(days=1)), *(days - Timedelta(minutes=1))})
    days = [*days, *date_range("2005-01-01", "2026-01-01", periods=20, tz="UTC"), None]
    asked = concat([DataFrame({"imo": imo, "at": days}) for imo in imos], ignore_index=True)
    found = listed_as_of(asked["imo"].astype("Int64"), asked["at"], watchlists)
    expected = {}
    for row, one in zip(found["row"], plain(found.drop(columns="row").to_dict("records")), strict=True):
        expected.setdefault(row, []).append(one)
    lists = read_listed(Settings(home="no such home"))

    moments = plain({"at": at} for at in asked["at"].astype(object).where(asked["at"].notna(), None))
    for row, (imo, moment) in enumerate(zip(asked["imo"], moments, strict=True)):
        assert lists.on(imo, moment["at"]) == expected.get(row, [])
