"""The demo on the first days of its month: resumes, changes nothing twice, and takes up an edited scenario."""

import json
from datetime import timedelta

import pytest

from pipeline.scenarios import script
from tests.cli.conftest import holds


@pytest.fixture
def scenario(monkeypatch):
    """Cut the demo's scenario to its first day, with changes if need be."""
    whole = script.load_scenario()

    def cut(**changes):
        short = whole.model_copy(update={"to_at": whole.from_at + timedelta(days=1), **changes})
        monkeypatch.setattr(script, "load_scenario", lambda: short)

    return cut


@pytest.mark.long  # the gate runs `make demo` twice as well
def test_the_demo_resumes_and_takes_up_an_edited_scenario(invoke, scenario, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    scenario()
    first = invoke("demo")
    before = holds(tmp_path)
    again = json.loads(invoke("demo", "--json").stdout)
    between = holds(tmp_path)
    scenario(seed=4711)
    edited = json.loads(invoke("demo", "--json").stdout)

    assert first.exit_code == 0, first.stderr
    for words in (
        "Alerts: what a person should read today", "Claims: each verdict per window", "C16", "SYNTHETIC ARTICLE",
        "The warehouse is sqlite:///coalwatch-demo/warehouse.sqlite", "Three things to try next:",
        "coalwatch claims --claim C16 --home coalwatch-demo",
    ):  # fmt: skip
        assert words in first.stdout
    assert max(map(len, first.stdout.splitlines())) <= 80
    assert (again["changed"], again["files"]) == (False, 1)
    assert between == before
    assert {path.split("/")[0] for path in before} == {"coalwatch-demo"}
    assert edited["changed"]
    question = "select name, replaced_by_source_file_id is null as standing from source_file order by standing"
    rows = json.loads(invoke("sql", question, "--json", "--home", "coalwatch-demo").stdout)
    assert rows == [{"name": "AIS_2018_06_01.csv", "standing": standing} for standing in (0, 1)]
