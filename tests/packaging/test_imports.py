"""Import rules that the import linter does not see: schedules, and what starting the command costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "pipeline":
            yield from (f"pipeline.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", sorted((ROOT / "dags").glob("*.py")), ids=lambda path: path.name)
def test_a_schedule_calls_steps_and_nothing_deeper(path):
    allowed = ("pipeline.tasks", "pipeline.settings", "pipeline.errors")
    ours = [name for name in imported(path) if name.split(".")[0] in ("pipeline", "geo")]

    assert [name for name in ours if not name.startswith(allowed)] == []


def test_asking_for_help_loads_no_heavy_library():
    code = """
import sys
from click.testing import CliRunner
from pipeline.cli import main
result = CliRunner().invoke(main, ["--help"])
assert result.exit_code == 0, result.output
print(*sorted({"pandas", "geopandas", "duckdb", "sqlalchemy", "pyais", "airflow", "pyarrow"} & sys.modules.keys()))
"""
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert loaded.split() == []


def test_drawing_a_world_loads_nothing_of_what_will_judge_it():
    """That alerts agree with a drawn world means something only if neither knows of the other."""
    code = """
import sys
from pipeline.scenarios.days import write_days
from pipeline.scenarios.script import stories
from pipeline.scenarios.world import draw_world
world = draw_world(1).scenario
stories(world)
rooms = ["pipeline." + room for room in ("events", "judgement", "movement", "limits", "provider")]
print(*sorted(name for name in sys.modules if name.startswith((*rooms, "geo.zones"))))
"""
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert loaded.split() == []
