"""Faults of our own and broken knowledge files: one line, an exit code, and where to look."""

import shutil

import click
import pytest
from click.testing import CliRunner

from pipeline.errors import ContractError
from pipeline.options import CommandGroup, shared
from tests.cli.conftest import ENVIRONMENT, ROOT, coalwatch, holds, one_line


@click.group(cls=CommandGroup)
@shared
def faulty():
    pass


@faulty.command()
def divide():
    return 1 / 0


@faulty.command()
def promise():
    raise ContractError("run: column mmsi is missing")


@pytest.mark.parametrize("command", ["divide", "promise"])
def test_a_fault_of_our_own_is_one_line_and_exit_code_4(command):
    done = CliRunner().invoke(faulty, [command])

    assert done.exit_code == 4
    assert one_line(done.stderr)


def test_the_line_says_how_to_see_where_it_happened():
    done = CliRunner().invoke(faulty, ["divide"])

    assert one_line(done.stderr) == (
        "coalwatch: ZeroDivisionError: division by zero; a fault of coalwatch, please report it "
        "(`coalwatch -v …` prints where it happened)"
    )


def test_verbose_prints_where_it_happened(caplog):
    done = CliRunner().invoke(faulty, ["-v", "divide"])

    assert done.exit_code == 4
    assert "return 1 / 0" in caplog.text


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A copy of the program whose knowledge files may be broken."""
    folder = tmp_path_factory.mktemp("installed")
    for name in ("pipeline", "geo", "seeds", "sql"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize(
    ("file", "old", "new", "command", "place", "words"),
    [
        ("seeds/limits.yaml", "value: 0.2", "value: slow", "run", "limits.yaml", "slow"),
        ("seeds/measures/un-2371-coal.yaml", "2017-08-05", "5 Aug 2017, ", "claims", "un-2371-coal.yaml:", "expected"),
        ("seeds/watchlists/un-1718.csv", ",8628597,", ",86285,", "vessel", "un-1718.csv:", "expected seven digits"),
        (
            "seeds/articles/dailynk-2021-coal-labour.yaml",
            "\nclaims:",
            "\nclaim:",
            "claims",
            "coal-labour.yaml:",
            "claim",
        ),
        (
            "geo/zones/kp-nampo.geojson",
            '"Polygon"',
            '"Polygone"',
            "zones",
            "kp-nampo.geojson",
            "expected a GeoJSON geometry",
        ),
    ],
    ids=lambda value: None,
)
def test_a_broken_knowledge_file_is_named_with_what_to_mend(installed, tmp_path, file, old, new, command, place, words):
    path = installed / file
    sound = path.read_text(encoding="utf-8")
    assert old in sound
    path.write_text(sound.replace(old, new, 1), encoding="utf-8")

    arguments = [command, "x"] if command == "vessel" else [command]
    try:
        done = coalwatch(
            *arguments, "--home", tmp_path / "home", cwd=installed, env=ENVIRONMENT | {"PYTHONPATH": str(installed)}
        )
    finally:
        path.write_text(sound, encoding="utf-8")

    assert done.returncode == 2, done.stderr
    line = one_line(done.stderr)
    assert place in line
    assert words in line
    assert holds(tmp_path) == set()
