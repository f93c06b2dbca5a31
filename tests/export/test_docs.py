"""docs/export.md: its commands run, its Python reads what they wrote, and it names every format."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.export.formats import FORMATS
from pipeline.export.names import SUBJECTS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "export.md").read_text(encoding="utf-8")


def test_the_commands_and_the_python_of_the_page_run(told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COALWATCH_HOME", str(told))
    commands = [
        line.strip().partition("  #")[0] for line in PAGE.splitlines() if line.startswith("    coalwatch export")
    ]

    for command in commands:
        done = CliRunner().invoke(main, shlex.split(command)[1:])
        assert done.exit_code == 0, (command, done.output)
    for snippet in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(snippet, "docs/export.md", "exec"), {})

    assert len(commands) >= 7
    assert "port_call" in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} >= {"june.gpkg", "june.qgz", "strong.kml", "her.csv.README.txt"}


@pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
def test_the_page_names_every_ending(form):
    for ending in form.endings:
        assert f"`{ending}`" in PAGE


def test_the_page_names_every_subject():
    for name in SUBJECTS:
        assert f"`{name}`" in PAGE
