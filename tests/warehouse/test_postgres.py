"""PostgreSQL as a place: addresses, doors that are shut, and servers that go away."""

import secrets

import alembic.command
import pandas as pd
import psycopg
import pytest
from alembic.config import Config

from pipeline.contracts import PORT_CALL, REVIEW, SOURCE_FILE
from pipeline.errors import InputError, SourceUnavailable
from pipeline.warehouse import schema
from pipeline.warehouse.engine import address
from pipeline.warehouse.postgres import meaning, shown_address
from pipeline.warehouse.store import Warehouse, open_for_reading, open_warehouse
from tests.postgres import Server, name_of
from tests.warehouse.rows import rows

pytestmark = pytest.mark.both_engines


@pytest.mark.parametrize(
    ("where", "kind", "said"),
    [
        ("coalwatch@/{database}?host=/tmp/nowhere", SourceUnavailable, "does not answer; start the server"),
        ("coalwatch@127.0.0.1:1/{database}?", SourceUnavailable, "does not answer; start the server"),
        ("coalwatch@no.such.host.invalid/{database}?", SourceUnavailable, "does not answer; start the server"),
        ("coalwatch@/nosuch?host={folder}", InputError, "has no such database; `coalwatch db init` makes it"),
        ("stranger@/{database}?host={folder}", InputError, "knows no such user"),
        ("secretive:wrong@/{database}?host={folder}", InputError, "refused the password"),
        ("secretive@/{database}?host={folder}", InputError, "asks for a password"),
        ("coalwatch@/{database}?host={folder}&sslmode=bogus", InputError, "correct sslmode"),
        ("coalwatch@/{database}?host={folder}&color=red", InputError, "option that is not known"),
        ("coalwatch@/{database}?host={folder}&options=-cnonesuch%3D1", InputError, "option that is not known"),
        ("coalwatch@/{database}?host={folder}&options=-csearch_path%3Dnone", InputError, "begins with a schema"),
        ("coalwatch@/{database}?host={folder}&options=-csearch_path%3Dnone,public", InputError, "begins with a schema"),
        ("coalwatch@/{database}?host={folder}&options=-cstatement_timeout%3D1", SourceUnavailable, "statement_timeout"),
    ],
)  # fmt: skip
def test_a_door_that_is_shut_is_said_in_one_line(
    postgres: Server, empty_database: str, where: str, kind: type[Exception], said: str
):
    postgres.sql("drop role if exists secretive; create role secretive login password 'right'")
    url = "postgresql://" + where.format(database=name_of(empty_database), folder=postgres.folder)
    for opener in (open_for_reading, open_warehouse):
        with pytest.raises(kind, match=said) as caught, opener(url) as opened:
            opened.rows("select pg_sleep(1)")

        assert "\n" not in str(caught.value)
        assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("DiskFull", SourceUnavailable, "the server's disk is full"),
        ("IoError", SourceUnavailable, "the server's disk reports an error"),
        ("OutOfMemory", SourceUnavailable, "is out of resources"),
        ("TooManyConnections", SourceUnavailable, "has no connection left"),
        ("AdminShutdown", SourceUnavailable, "is shutting down"),
        ("DeadlockDetected", SourceUnavailable, "could not finish beside another process"),
        ("InsufficientPrivilege", InputError, "coalwatch db roles"),
        ("InvalidPassword", InputError, "refused this user"),
    ],
)
def test_what_a_server_says_is_told_as_whose_it_is_to_mend(name: str, kind: type[Exception], said: str):
    what = meaning("warehouse here", getattr(psycopg.errors, name)("its\nwords"), connecting=False)

    assert type(what) is kind
    assert said in str(what)
    assert str(what).startswith("warehouse here ")
    assert str(what).endswith("(its words)")


def test_a_quota_is_told_as_a_full_disk_and_a_fault_of_the_server_as_what_it_is():
    quota, fault = (
        psycopg.errors.InternalError_(f'could not {what} file "base/5/16385"') for what in ("extend", "open")
    )

    assert "the server's disk is full" in str(meaning("warehouse here", quota, connecting=False))
    assert meaning("warehouse here", fault, connecting=False) is None


def test_a_server_that_can_write_no_more_is_told_as_a_full_disk_and_keeps_nothing(postgres: Server, database: str):
    layout = [secrets.token_hex(2**19) for _ in range(20)]
    given = rows(SOURCE_FILE, *({"source_file_id": f"f{n}", "layout": text} for n, text in enumerate(layout)))
    with open_warehouse(database) as opened:
        with pytest.raises(SourceUnavailable, match="the server's disk is full; free some space") as caught:
            load_until_no_file_may_grow(postgres, opened, given)
        with open_for_reading(database) as reader:
            assert reader.rows("select count(*) as n from source_file") == [{"n": 0}]
        assert "\n" not in str(caught.value)
        with opened.transaction():
            opened.sync(SOURCE_FILE, given.iloc[:1])


def load_until_no_file_may_grow(server: Server, opened: Warehouse, given: pd.DataFrame) -> None:
    """A limit on the files of the session's process stops it in the middle of a page, as a full disk does. The files of
    the server's log have 16 MB: with a lower limit it would stop as a whole."""
    with opened.transaction():
        (row,) = opened.rows("select pg_backend_pid() as pid")
        server.limit_files(row["pid"], str(2**24 + 4097))
        try:
            opened.sync(SOURCE_FILE, given)
        finally:
            server.limit_files(row["pid"], "unlimited")


def test_a_wrong_statement_is_nobodys_server():
    assert meaning("warehouse here", psycopg.errors.UndefinedTable("no such table"), connecting=False) is None


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_an_address_may_be_written_as_servers_hand_it_out(empty_database: str, scheme: str):
    with open_for_reading(empty_database.replace("postgresql", scheme, 1)) as opened:
        assert opened.rows("select count(*) as n from vessel") == [{"n": 0}]


def test_a_driver_that_we_do_not_use_is_named():
    with pytest.raises(InputError, match=r"expected postgresql:// \(psycopg 3\)"):
        open_warehouse("postgresql+psycopg2://joe@/db")


def test_a_driver_that_is_not_installed_is_told_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)

    with pytest.raises(InputError, match=r"pip install .coalwatch\[postgres\]"):
        open_warehouse("postgresql://joe@/db")


def test_an_address_is_shown_without_its_password_wherever_it_stands():
    shown = shown_address(address("postgresql://joe:one@host/db?password=two&sslpassword=three"))

    assert shown == "postgresql://joe:***@host/db?password=***&sslpassword=***"


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_keep_every_name_is_refused(postgres: Server, encoding: str):
    postgres.sql(f"create database narrow template template0 encoding '{encoding}' locale 'C'")
    for opener in (open_for_reading, open_warehouse):
        with pytest.raises(InputError, match=f"keeps text as {encoding}; expected UTF8"):
            opener(postgres.url("narrow"))
    postgres.drop(postgres.url("narrow"))


def test_names_are_kept_whatever_encoding_the_address_asks_for(database: str):
    given = rows(PORT_CALL, {"port_call_id": "p", "port": "대동강"})
    with open_warehouse(f"{database}&client_encoding=LATIN1") as opened, opened.transaction():
        opened.sync(PORT_CALL, given)
    with open_for_reading(database) as opened:
        assert opened.rows("select port from port_call") == [{"port": "대동강"}]


def test_times_are_utc_whatever_the_address_has_set(filled_database: str):
    with open_for_reading(f"{filled_database}&options=-ctimezone%3DAmerica/New_York") as opened:
        (row,) = opened.rows("select cast(min(known_at) as text) as t from port_call")

    assert row == {"t": "2024-06-02 00:00:00+00"}


def test_a_load_that_loses_its_connection_leaves_nothing_and_the_next_one_works(postgres: Server, database: str):
    given = rows(PORT_CALL, *({"port_call_id": f"p{n}"} for n in range(100)))

    def load_until_thrown_out() -> None:
        with opened.transaction():
            opened.sync(PORT_CALL, given)
            others = f"from pg_stat_activity where datname = '{name_of(database)}'"
            postgres.sql(f"select pg_terminate_backend(pid) {others}")
            opened.sync(PORT_CALL, given.iloc[:50])

    with open_warehouse(database) as opened:
        with pytest.raises(SourceUnavailable, match="nothing of this transaction was kept"):
            load_until_thrown_out()
        with opened.transaction():
            opened.sync(PORT_CALL, given.iloc[:10])

        assert len(opened.read(PORT_CALL)) == 10


def test_a_second_writer_waits_and_is_then_told_so(database: str):
    with open_warehouse(database) as first, open_warehouse(database, busy_seconds=0.1) as second:
        with first.transaction():
            first.sync(PORT_CALL, rows(PORT_CALL, {"port_call_id": "p"}))
            with pytest.raises(SourceUnavailable, match="is locked by another process"), second.transaction():
                pass
        with second.transaction():
            second.sync(PORT_CALL, rows(PORT_CALL, {"port_call_id": "q"}))

        assert first.read(PORT_CALL)["port_call_id"].tolist() == ["q"]


@pytest.mark.parametrize(
    ("found", "said"),
    [("9999", "has schema 9999, newer than"), ("0001", "has schema 0001, expected")],
)
def test_a_schema_of_another_age_is_said(postgres: Server, database: str, found: str, said: str):
    postgres.sql(f"update alembic_version set version_num = '{found}'", name_of(database))

    with pytest.raises(InputError, match=said):
        open_for_reading(database)


def test_somebody_elses_database_is_left_alone(postgres: Server):
    url = postgres.new()
    postgres.sql("create table invoices (a integer)", name_of(url))

    with pytest.raises(InputError, match=r"holds tables that are not coalwatch's \(invoices\)"):
        open_warehouse(url)


def test_a_schema_may_lie_beside_another_warehouse_on_the_search_path(postgres: Server, database: str):
    postgres.sql("create schema mine", name_of(database))
    with open_warehouse(f"{database}&options=-csearch_path%3Dmine,public") as opened, opened.transaction():
        opened.sync(PORT_CALL, rows(PORT_CALL, {"port_call_id": "p"}))

    counts = "select (select count(*) from public.port_call), (select count(*) from mine.port_call)"
    assert postgres.sql(counts, name_of(database)) == "0|1"


def test_a_warehouse_of_an_older_release_is_brought_up_to_date_with_its_rows(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
):
    url = postgres.new()
    with monkeypatch.context() as patch:
        patch.setattr(schema, "_upgrade", lambda connection: _upgrade_to(connection, "0012"))
        patch.setattr(schema, "_view_texts", dict)
        open_warehouse(url).close()
    review = "insert into review (review_id, alert_id, reviewer, decided_at, decision, evidence_hash)"
    unchecked = "set session_replication_role = replica;"  # its alert is of no interest here
    postgres.sql(f"{unchecked} {review} values ('r', 'a', 'kim', now(), 'confirmed', 'h')", name_of(url))

    with pytest.raises(InputError, match="has schema 0012, expected"):
        open_for_reading(url)
    with open_warehouse(url) as opened:
        assert opened.read(REVIEW)["review_id"].tolist() == ["r"]
        assert opened.rows("select * from alert_queue") == []


def _upgrade_to(connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.attributes["connection"] = connection
    alembic.command.upgrade(config, revision)
