"""A damaged backup, one of another form and one that points outside are found before anything is written."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.tasks.backup import make_backup
from pipeline.tasks.backup_manifest import NAME, SUM, read_manifest, write_manifest
from pipeline.tasks.restore import restore, verify_backup
from pipeline.warehouse.store import open_for_reading
from tests.cli.backups import LATER, damaged, leftovers, quiet

DAMAGES = {
    "cut": r"warehouse\.\w+ has .* bytes, expected", "a byte": "other bytes than were backed up", "gone": "is gone",
    "manifest": "is not what manifest.json.sha256 vouches for", "manifest cut": "vouches for",
    "no manifest": "expected a folder that `coalwatch backup` wrote", "no sum": "vouches for",
}  # fmt: skip


@pytest.mark.parametrize(("engine", "what"), [("postgresql", "cut"), *(("sqlite", what) for what in DAMAGES)])
def test_a_damaged_backup_is_found_before_anything_is_written(copy, empty, engine, what):
    folder, there = copy(engine), empty(engine)
    damaged(folder, what)

    for attempt in (lambda: verify_backup(folder, quiet), lambda: restore(there, folder, quiet)):
        with pytest.raises(InputError, match=DAMAGES[what]):
            attempt()

    assert not there.home.exists()
    assert not leftovers(there.home.parent)
    if engine == "postgresql":
        with pytest.raises(InputError, match="has no such database"):
            open_for_reading(there.database_url)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.pop("format"),
        lambda m: m.update(files=[{}]),
        lambda m: m.update(files=[]),
        lambda m: m.update(more=1),
        lambda m: m["files"][1].update(bytes="1"),
        lambda m: m["warehouse"].update(engine="oracle"),
        lambda m: m["warehouse"].update(file="/etc/passwd"),
    ],
)
def test_a_manifest_of_another_form_is_refused_in_words(copy, change):
    folder = copy("sqlite")
    manifest = json.loads((folder / NAME).read_text())
    change(manifest)
    text = json.dumps(manifest)
    (folder / NAME).write_text(text)
    (folder / SUM).write_text(hashlib.sha256(text.encode()).hexdigest())

    with pytest.raises(InputError, match="is no manifest of a backup"):
        verify_backup(folder, quiet)


def test_a_file_that_backups_share_is_copied_anew_once_it_was_found_damaged_and_removed(reviewed, tmp_path):
    first, second = (
        Path(make_backup(reviewed, tmp_path / "to", now=now, progress=quiet, with_lake=True)["backup"])
        for now in LATER[:2]
    )
    shared = next(one.path for one in read_manifest(second).kept if one.kind == "raw")
    with (second / shared).open("r+b") as file:
        file.write(b"x")

    with pytest.raises(InputError, match=rf"{shared} .*remove {shared} there") as refused:
        verify_backup(second, quiet)
    assert first.name not in str(refused.value)  # it holds the same damaged file

    (second / shared).unlink()
    third = Path(make_backup(reviewed, tmp_path / "to", now=LATER[2], progress=quiet, with_lake=True)["backup"])
    assert verify_backup(third, quiet)["left_out"] == 0


@pytest.mark.parametrize("path", ["/etc/passwd", "home/../../outside", "elsewhere/file"])
def test_a_manifest_that_points_outside_is_refused(copy, path):
    folder = copy("sqlite")
    manifest = read_manifest(folder)
    write_manifest(folder, replace(manifest, files=[*manifest.files, replace(manifest.files[1], path=path)]))

    with pytest.raises(InputError, match="expected a path inside the backup"):
        verify_backup(folder, quiet)


def test_a_backup_of_a_newer_coalwatch_is_refused_in_words(copy, empty):
    folder = copy("sqlite")
    manifest = read_manifest(folder)
    write_manifest(folder, replace(manifest, warehouse=replace(manifest.warehouse, revision="9999")))

    with pytest.raises(InputError, match=r"schema 9999, newer than the .* install the newer coalwatch"):
        restore(empty("sqlite"), folder, quiet)
