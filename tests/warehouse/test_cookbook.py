"""The cookbook shows every named query, and the answers that the demonstration month gives."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.warehouse.queries import list_queries
from tests.cookbook import SECTIONS, cookbook

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cookbook.md"


def test_every_named_query_has_its_place_in_the_cookbook():
    placed = [name for names in SECTIONS.values() for name in names]

    assert sorted(placed) == [query.name for query in list_queries()]
    page = PAGE.read_text(encoding="utf-8")
    assert [query.name for query in list_queries() if f"### {query.question}\n" not in page] == []


@pytest.mark.long
def test_the_answers_are_those_of_the_demonstration(tmp_path):
    done = CliRunner().invoke(main, ["demo", "--home", str(tmp_path / "demo")])

    assert done.exit_code == 0, done.output
    # written again by `python -m tests.cookbook HOME > docs/cookbook.md`
    assert cookbook(tmp_path / "demo") == PAGE.read_text(encoding="utf-8")
    words = ["export", "--output", str(tmp_path / "june.gpkg"), "--home", str(tmp_path / "demo")]
    wrote = " ".join(CliRunner().invoke(main, words).stdout.split())
    shown = re.search(r"^    (gpkg: .*)$", PAGE.with_name("export.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert shown
    assert wrote.startswith(" ".join(shown[1].split()))
