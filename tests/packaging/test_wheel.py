"""The wheel carries everything that a run needs: packages, seeds, zones, coast and SQL, side by side."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CARRIED = ("pipeline", "geo", "seeds", "sql")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Names of the files in a wheel built from this checkout with the locked build tool, without a network."""
    pytest.importorskip("hatchling", reason="hatchling builds the wheel; `make test` installs it")
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    with zipfile.ZipFile(next(folder.glob("coalwatch-*.whl"))) as archive:
        return {name: archive.getinfo(name).file_size for name in archive.namelist()}


@pytest.mark.parametrize("folder", CARRIED)
def test_every_file_of_a_carried_folder_travels(wheel, folder):
    ignored = ("__pycache__", ".mypy_cache", ".ruff_cache")
    files = {
        path.relative_to(ROOT).as_posix(): path.stat().st_size
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not any(part in ignored for part in path.parts) and path.suffix != ".pyc"
    }

    assert files
    assert files.items() <= wheel.items()


def test_zones_coast_and_migrations_are_among_them(wheel):
    assert "geo/zones/kp-nampo.geojson" in wheel
    assert any(name.startswith("geo/coast.") and size > 100_000 for name, size in wheel.items())
    assert any(name.startswith("sql/migrations/") for name in wheel)
    assert "seeds/scenarios/yellow-sea-month.yaml" in wheel


def test_nothing_else_travels(wheel):
    tops = {name.split("/")[0] for name in wheel}

    assert {top for top in tops if not top.endswith(".dist-info")} == set(CARRIED)


def test_licences_and_notice_travel(wheel):
    names = {name.split("dist-info/licenses/")[1] for name in wheel if "dist-info/licenses/" in name}
    map_library = {"pipeline/desk/MAPLIBRE-LICENCES.txt", "pipeline/desk/static/maplibre-gl/LICENSE.txt"}

    assert names == {"LICENSE", "NOTICE"} | map_library
