"""Warehouses on real SQLite files and in databases of a real PostgreSQL: a test that asks for `warehouse`, `filled` or
`reader` runs on both, unless it asks for an SQLite file by `path` (or by `sqlite_file`, what only SQLite does).

What is true of one warehouse is true of the other. `make test` holds of PostgreSQL what a database does by itself, and
that every table, view and query says the same on both (test_engines.py); all else runs on it in `make test-long`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.warehouse.store import Warehouse, open_warehouse
from tests.postgres import Server, name_of
from tests.warehouse.filled import fill

ENGINES = ("sqlite", "postgresql")
_ONLY_SQLITE = {"path", "sqlite_file"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for an engine on each that it may be."""
    if "engine" in metafunc.fixturenames:
        sqlite, postgresql = ENGINES
        again = () if metafunc.definition.get_closest_marker("both_engines") else (pytest.mark.long,)
        engines = [sqlite, pytest.param(postgresql, marks=again)]
        if _ONLY_SQLITE & set(metafunc.fixturenames):
            engines = [sqlite]
        metafunc.parametrize("engine", engines, indirect=True, scope="session")


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    """The kind of database that the test runs on."""
    return request.param


@pytest.fixture
def sqlite_file() -> None:
    """Asked for by tests of what only an SQLite file does."""


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated warehouse without rows, made once."""
    path = tmp_path_factory.mktemp("empty") / "warehouse.sqlite"
    open_warehouse(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def empty_database(postgres: Server) -> str:
    """A migrated warehouse without rows on PostgreSQL, made once: the template of the others."""
    url = postgres.new()
    open_warehouse(url).close()
    return url


@pytest.fixture
def path(tmp_path: Path, empty_file: Path) -> Path:
    """A warehouse file of this test's own."""
    copy = tmp_path / "warehouse.sqlite"
    copy.write_bytes(empty_file.read_bytes())
    return copy


@pytest.fixture
def database(postgres: Server, empty_database: str) -> Iterator[str]:
    """A warehouse on PostgreSQL of this test's own."""
    url = postgres.new(name_of(empty_database))
    yield url
    postgres.drop(url)


@pytest.fixture
def address(request: pytest.FixtureRequest, engine: str) -> str:
    """Where the warehouse of this test is."""
    return f"sqlite:///{request.getfixturevalue('path')}" if engine == "sqlite" else request.getfixturevalue("database")


@pytest.fixture
def warehouse(address: str) -> Iterator[Warehouse]:
    """The warehouse of this test, open."""
    with open_warehouse(address, busy_seconds=0.1) as opened:
        yield opened


@pytest.fixture(scope="session")
def filled_file(tmp_path_factory: pytest.TempPathFactory, empty_file: Path) -> str:
    """Address of an SQLite warehouse with something of everything; for reading only."""
    path = tmp_path_factory.mktemp("filled") / "warehouse.sqlite"
    path.write_bytes(empty_file.read_bytes())
    with open_warehouse(f"sqlite:///{path}") as opened:
        fill(opened)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def filled_database(postgres: Server, empty_database: str) -> str:
    """The same on PostgreSQL."""
    url = postgres.new(name_of(empty_database))
    with open_warehouse(url) as opened:
        fill(opened)
    return url


@pytest.fixture(scope="session")
def filled(request: pytest.FixtureRequest, engine: str) -> str:
    """Address of a warehouse with something of everything; for reading only."""
    return request.getfixturevalue("filled_file" if engine == "sqlite" else "filled_database")
