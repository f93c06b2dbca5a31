"""Files appear whole or not at all."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from geo.files import atomic_write, write_whole


def test_a_written_file_has_its_content_and_leaves_no_draft(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.json", "né\n", durable=True)

    assert (tmp_path / "a.json").read_bytes() == "né\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("error", [OSError("no space left"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_the_old_content_and_no_draft(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "a.json"
    target.write_text("old")

    def half_write() -> None:
        with atomic_write(target) as draft:
            draft.write_text("ne")
            raise error

    with pytest.raises(type(error)):
        half_write()

    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_reader_sees_nothing_of_a_file_until_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"

    with atomic_write(target) as draft:
        draft.write_text("half")
        assert not target.exists()
        assert draft.suffix == ".part"  # what collects files leaves these alone

    assert target.read_text() == "half"


def test_what_must_outlive_a_power_cut_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, done = tmp_path / "raw", []
    monkeypatch.setattr(os, "fsync", lambda fd: done.append(target.exists()))

    write_whole(target, b"1", durable=True)
    write_whole(tmp_path / "cache", b"1")

    assert done == [False]


def test_a_name_as_long_as_a_disk_allows_can_be_written(tmp_path: Path) -> None:
    write_whole(tmp_path / ("n" * 255), b"1")

    assert (tmp_path / ("n" * 255)).read_bytes() == b"1"


def _moves_a_file(node: ast.AST) -> bool:
    """`path.replace(target)`; that of a text has two arguments, that of a time has names."""
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "replace"
    return called and len(node.args) == 1 and not node.keywords


def test_drafts_take_their_names_in_one_place() -> None:
    root = Path(__file__).resolve().parents[2]
    rooms = ("geo", "pipeline", "dags", "bench", "seeds")
    files = {str(path.relative_to(root)): path for room in rooms for path in (root / room).rglob("*.py")}
    own_way = {
        name
        for name, path in files.items()
        if any(map(_moves_a_file, ast.walk(ast.parse(path.read_text(encoding="utf-8")))))
    }

    assert own_way == {"geo/files.py"}
