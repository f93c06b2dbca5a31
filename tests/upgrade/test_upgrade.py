"""Homes of every earlier version open: they migrate, run, end as fresh ones do, and keep what people decided."""

from __future__ import annotations

import io
import lzma
import shutil
import sqlite3
import tarfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import InputError
from pipeline.settings import Settings
from pipeline.tasks.reports import every_alert
from pipeline.tasks.review import review_alert
from pipeline.tasks.run import run
from pipeline.warehouse.sqlite_file import head
from pipeline.warehouse.store import open_for_reading, open_warehouse
from tests.tasks.world import CLOCK, Installation, assert_same

BEFORE = r" Of these decisions \d+ were made before the evidence changed\."
HOMES = sorted(Path(__file__).parent.glob("*.tar.xz"))
RUNS = [pytest.param(path, marks=() if path == HOMES[0] else pytest.mark.long, id=path.stem) for path in HOMES]
REVIEWS = (
    "select review_id, alert_id, reviewer, decided_at, decision, note, evidence_hash from review order by review_id"
)


def opened(archive: Path, home: Path) -> Installation:
    """A home as that version left it."""
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress(archive.read_bytes()))) as content:
        content.extractall(home, filter="data")
    return Installation(home)


def asked(home: Path, file: str, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(f"file:{home / file}?mode=ro", uri=True)) as con:
        return con.execute(sql).fetchall()


def landed_again(home: Path, folder: Path) -> Installation:
    """Another home, in which the same bytes land under the same names, run and decided on with this version."""
    files = asked(home, "lake/catalog.sqlite", "select name, sha256 from source_file order by name")
    (folder / "files").mkdir()
    for name, sha256 in files:
        shutil.copy(next((home / "raw").glob(f"{sha256}*")), folder / "files" / name)
    fresh = Installation(folder / "fresh")
    fresh.land(*sorted((folder / "files").iterdir()))
    fresh.run()
    decided = {alert_id for (alert_id,) in asked(home, "warehouse.sqlite", "select alert_id from alert_decision")}
    for alert in every_alert(fresh.settings):
        if alert["alert_id"] in decided:
            review_alert(fresh.settings, alert["alert_id"], "kim", "confirmed", None, CLOCK)
    fresh.run()
    return fresh


def comparable(rows: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Rows without what only the past knows: that evidence changed since a decision; and the layout of files, which
    the first version did not note."""
    windows, files = rows["claim_window"], rows["source_file"]
    reason = windows["reason"].str.replace(BEFORE, "", regex=True)
    checks = rows["day_check"][rows["day_check"]["check_name"] != "layout"].reset_index(drop=True)
    told = {"claim_window": windows.assign(reason=reason), "source_file": files.drop(columns="layout")}
    return {**rows, **told, "day_check": checks}


@pytest.mark.parametrize("archive", RUNS)
def test_a_home_of_an_earlier_version_runs_and_ends_as_a_fresh_one_with_its_reviews(archive: Path, tmp_path: Path):
    old = opened(archive, tmp_path / "home")
    reviews = asked(old.settings.home, "warehouse.sqlite", REVIEWS)

    report = old.run()

    assert report.changed or archive == HOMES[-1]
    assert_same(*map(comparable, (old.rows(), landed_again(old.settings.home, tmp_path).rows())))
    assert asked(old.settings.home, "warehouse.sqlite", REVIEWS) == reviews
    assert len(reviews) > 0
    assert not run(old.settings, now=CLOCK, progress=lambda line: None).changed


def test_there_is_a_home_of_each_step_of_the_tables(tmp_path: Path):
    found = [
        asked(opened(path, tmp_path / path.stem).settings.home, "warehouse.sqlite", "select * from alembic_version")
        for path in HOMES
    ]

    assert [row[0][0] for row in found] == sorted({row[0][0] for row in found})
    assert found[-1][0][0] <= head()


@pytest.mark.parametrize("opener", [open_warehouse, open_for_reading])
def test_a_warehouse_of_a_newer_version_is_refused_in_words(opener, tmp_path: Path):
    home = opened(HOMES[-1], tmp_path / "home").settings.home
    with closing(sqlite3.connect(home / "warehouse.sqlite")) as con, con:
        con.execute("update alembic_version set version_num = '9000'")

    with pytest.raises(InputError, match=r"has schema 9000, newer than the .* install the newer coalwatch"):
        opener(Settings(home=home, warehouse_url="").database_url)


def test_a_lake_of_a_newer_version_is_refused_in_words_and_left_as_it_is(tmp_path: Path):
    old = opened(HOMES[-1], tmp_path / "home")
    catalog = old.settings.home / "lake" / "catalog.sqlite"
    with closing(sqlite3.connect(catalog)) as con, con:
        con.execute("pragma user_version = 900")

    for attempt in (old.run, lambda: old.land(*(old.settings.home / "raw").iterdir())):
        with pytest.raises(InputError, match=r"catalog\.sqlite has form 900, newer than the .* install the newer"):
            attempt()

    assert asked(old.settings.home, "lake/catalog.sqlite", "pragma user_version") == [(900,)]
