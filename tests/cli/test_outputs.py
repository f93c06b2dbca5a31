"""What commands write: never over what the installation keeps itself, nor over what they were asked about."""

import shutil

import pytest

from tests.cli.conftest import one_line

WRITING = [
    ("positions", "--format", "csv", "--output"),
    ("screen", "{ships}", "--as-of", "2018-06-05", "--format", "csv", "--output"),
    ("sql", "select 1 as one", "--format", "csv", "--output"),
    ("pack", "--ship", "2990027", "--output"),
    ("export", "alerts", "--format", "kml", "--output"),
    ("zones", "--map"),
]


@pytest.fixture
def home(told, tmp_path):
    """Its warehouse lies outside of it, and is copied; the rest are names that exist in it."""
    (tmp_path / "home" / "lake").mkdir(parents=True)
    for name in ("warehouse.sqlite", "lake/catalog.sqlite"):
        shutil.copy(told / name, tmp_path / "home" / name)
    shutil.copy(told / "warehouse.sqlite", tmp_path / "elsewhere.sqlite")
    return tmp_path / "home"


@pytest.mark.parametrize("words", WRITING, ids=lambda words: words[0])
@pytest.mark.parametrize("name", ["warehouse.sqlite", "warehouse.sqlite-wal", "lake/x.csv", "../elsewhere.sqlite"])
def test_what_the_home_keeps_is_never_overwritten(invoke, home, tmp_path, words, name):
    (tmp_path / "ships.csv").write_text("IMO\n2990027\n")
    target = home / name
    before = target.read_bytes() if target.exists() else None

    words = [word.format(ships=tmp_path / "ships.csv") for word in words]
    done = invoke(*words, target, "--home", home, "--warehouse", f"sqlite:///{tmp_path / 'elsewhere.sqlite'}")

    assert done.exit_code == 2
    assert "belongs to home" in one_line(done.stderr)
    assert (target.read_bytes() if target.exists() else None) == before


def test_a_screening_never_overwrites_its_list(invoke, home, tmp_path):
    (tmp_path / "ships.csv").write_text("IMO\n2990027\n")

    done = invoke(
        "screen", tmp_path / "ships.csv", "--as-of", "2018-06-05", "--output", tmp_path / "ships.csv", "--home", home
    )

    assert done.exit_code == 2
    assert "is the list itself" in one_line(done.stderr)
    assert (tmp_path / "ships.csv").read_text() == "IMO\n2990027\n"
