"""Warehouses on real SQLite files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.warehouse.store import Warehouse, open_warehouse
from tests.warehouse.filled import fill


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated warehouse without rows, made once."""
    path = tmp_path_factory.mktemp("empty") / "warehouse.sqlite"
    open_warehouse(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def path(tmp_path: Path, empty_file: Path) -> Path:
    """A warehouse file of this test's own."""
    copy = tmp_path / "warehouse.sqlite"
    copy.write_bytes(empty_file.read_bytes())
    return copy


@pytest.fixture
def warehouse(path: Path) -> Iterator[Warehouse]:
    """The warehouse of this test, open."""
    with open_warehouse(f"sqlite:///{path}", busy_seconds=0.1) as opened:
        yield opened


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, empty_file: Path) -> str:
    """Address of a warehouse with something of everything; for reading only."""
    path = tmp_path_factory.mktemp("filled") / "warehouse.sqlite"
    path.write_bytes(empty_file.read_bytes())
    with open_warehouse(f"sqlite:///{path}") as opened:
        fill(opened)
    return f"sqlite:///{path}"
