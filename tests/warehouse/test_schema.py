import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateTable

from pipeline import contracts
from pipeline.errors import InputError
from pipeline.warehouse import schema
from pipeline.warehouse.models import METADATA
from pipeline.warehouse.store import open_for_reading, open_warehouse

pytestmark = pytest.mark.both_engines


@pytest.mark.filterwarnings("ignore:.*expression-based index")  # which is compared by its name alone
def test_a_migrated_database_is_what_the_models_say(path: Path):
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA)

        indexes = connection.exec_driver_sql("select name from sqlite_master where type = 'index' and sql is not null")
        assert set(indexes.scalars()) == {one.name for table in METADATA.tables.values() for one in table.indexes}
        found = sa.inspect(connection)
        for table in METADATA.tables.values():
            keys = found.get_foreign_keys(table.name)
            assert {(key["constrained_columns"][0], key["referred_table"]) for key in keys} == {
                (key.parent.name, key.column.table.name) for key in table.foreign_keys
            }
            assert found.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]
    engine.dispose()

    assert differences == []


def test_every_contract_of_the_warehouse_is_a_table_with_its_columns_and_sentences():
    for table in contracts.WAREHOUSE:
        modelled = [(column.name, column.nullable, column.comment) for column in METADATA.tables[table.name].columns]
        assert modelled == [(column.name, column.null, column.doc) for column in table.columns]


def test_migrations_are_one_line_of_history_in_order_of_their_names():
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_heads() == [schema.head()]


def test_migrations_do_not_lean_on_the_models():
    for file in (schema.MIGRATIONS / "versions").glob("*.py"):
        assert "import pipeline" not in file.read_text()
        assert "from pipeline" not in file.read_text()


@pytest.mark.parametrize(
    ("language", "time"),
    [
        (sqlite.dialect(), "known_at TEXT NOT NULL"),
        (postgresql.dialect(), "known_at TIMESTAMP WITH TIME ZONE NOT NULL"),
    ],
)
def test_a_time_is_written_in_the_language_of_each_database(language: Dialect, time: str):
    written = [str(CreateTable(table).compile(dialect=language)) for table in METADATA.sorted_tables]

    assert sum(time in text for text in written) == sum("known_at" in table.names for table in contracts.WAREHOUSE)


def test_opening_again_changes_no_byte(path: Path):
    before = path.read_bytes()

    open_warehouse(f"sqlite:///{path}").close()

    assert path.read_bytes() == before


def test_a_folder_that_is_missing_is_made(tmp_path: Path):
    open_warehouse(f"sqlite:///{tmp_path}/a/b/warehouse.sqlite").close()

    assert (tmp_path / "a/b/warehouse.sqlite").is_file()


def test_a_view_is_made_anew_when_its_text_changed(path: Path):
    with sqlite3.connect(path) as connection:
        connection.execute("update view_text set text = 'older' where name = 'alert_queue'")
        connection.execute("drop view alert_queue")
        connection.execute("create view alert_queue as select 'older' as status")
    connection.close()

    with open_warehouse(f"sqlite:///{path}") as warehouse:
        assert "grade" in warehouse.query("select * from alert_queue").columns


def test_a_view_whose_file_is_gone_is_dropped(path: Path):
    with sqlite3.connect(path) as connection:
        connection.execute("create view forgotten as select 1 as one")
        connection.execute("insert into view_text values ('forgotten', 'create view forgotten as select 1 as one')")
    connection.close()

    with open_warehouse(f"sqlite:///{path}") as warehouse:
        assert warehouse.query("select * from sqlite_master where name = 'forgotten'").empty


def test_a_failing_view_leaves_the_database_at_the_old_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(schema, "VIEWS", tmp_path)
    (tmp_path / "wrong.sql").write_text("create view wrong as selec 1")
    path = tmp_path / "warehouse.sqlite"

    with pytest.raises(sa.exc.OperationalError, match="syntax error"):
        open_warehouse(f"sqlite:///{path}")

    with sqlite3.connect(path) as connection:
        assert connection.execute("select count(*) from sqlite_master").fetchone() == (0,)
    connection.close()


def test_a_schema_newer_than_the_code_is_refused_with_the_remedy(path: Path):
    with sqlite3.connect(path) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()

    with pytest.raises(InputError, match=r"has schema 9999, newer than the 0\d+ .* install the newer coalwatch"):
        open_warehouse(f"sqlite:///{path}")


def test_somebody_elses_database_is_left_alone(tmp_path: Path):
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("create table invoice (id integer)")
    connection.close()

    with pytest.raises(InputError, match=r"holds tables that are not coalwatch's \(invoice\)"):
        open_warehouse(f"sqlite:///{path}")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    path = tmp_path / "notes.txt"
    path.write_text("this is not a database, it is a note " * 50)

    with pytest.raises(InputError, match="is not an SQLite database"):
        open_warehouse(f"sqlite:///{path}")

    assert path.read_text().startswith("this is not")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("warehouse.sqlite", "cannot be read; expected an SQLAlchemy URL"),
        ("nosuchdatabase://host/db", "no driver for it is known; expected sqlite:///… or postgresql://…"),
        ("sqlite:////proc/version/warehouse.sqlite", "its folder cannot be made"),
        ("sqlite:////tmp", "cannot be opened"),
    ],
)
def test_an_address_that_cannot_be_used_is_named_with_what_was_expected(url: str, said: str):
    with pytest.raises(InputError, match=said):
        open_warehouse(url)


def test_reading_makes_no_file_where_there_is_none(tmp_path: Path):
    with pytest.raises(InputError, match="no such file; `coalwatch run` makes it"):
        open_for_reading(f"sqlite:///{tmp_path}/none.sqlite")

    assert not list(tmp_path.iterdir())
