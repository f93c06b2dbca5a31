"""A pack of the five days' coal ship, made once: of lines, not of whole files."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.pack.archive import archive, read_archive
from pipeline.pack.manifest import NAME, with_manifest
from pipeline.settings import Settings
from pipeline.tasks import verify as verifying
from pipeline.tasks.pack import Packed, pack
from pipeline.tasks.reports import every_alert
from pipeline.tasks.verify import Verified, verify
from tests.tasks.world import CLOCK


def quiet(line: str) -> None:
    """No progress."""


@dataclass(frozen=True)
class Made:
    """A home, the pack made of it, and its alert."""

    settings: Settings
    packed: Packed
    alert_id: str

    @property
    def path(self) -> Path:
        return Path(self.packed.path)

    @property
    def members(self) -> dict[str, bytes]:
        return read_archive(self.path)


def again(path: Path, settings: Settings | None = None, digest: str | None = None) -> Verified:
    """Verify a pack where there is no lake, unless one is named."""
    return verify(settings or Settings(home=path.parent / "none"), path, digest=digest, now=CLOCK, progress=quiet)


def written(members: dict[str, bytes], folder: Path) -> Path:
    """Members as a pack, as somebody would write them who changed them: the zip is in order."""
    path = folder / "changed.zip"
    path.write_bytes(archive(members))
    return path


def fitting(members: dict[str, bytes], facts: dict) -> dict[str, bytes]:
    """The members with a manifest that fits them."""
    said = {name: value for name, value in facts.items() if name not in ("members", "coalwatch_pack")}
    return with_manifest({name: content for name, content in members.items() if name != NAME}, said)


def read_tables(members, manifest):
    return (
        verifying._read(members, "tables", manifest["recomputed"]),
        verifying._read(members, "stated", manifest["stated"]),
    )


@pytest.fixture(scope="session")
def made(told, tmp_path_factory) -> Made:
    """The pack of the coal ship's alert; read it, never change it."""
    for needed in ("jinja2", "matplotlib", "weasyprint"):
        pytest.importorskip(needed, reason="pip install 'coalwatch[report]'")
    folder = tmp_path_factory.mktemp("pack")
    shutil.copytree(told, folder / "home")
    settings = Settings(home=folder / "home", warehouse_url="")
    alert_id = next(row["alert_id"] for row in every_alert(settings) if row["mmsi"] == 351990002)
    packed = pack(settings, folder / "pack.zip", alert=alert_id[:6], small=0, now=CLOCK, progress=quiet)
    return Made(settings, packed, alert_id)
