"""`coalwatch db`, and what other commands say of a database that is not as it should be."""

import json

import pytest

from tests.postgres import Server, name_of


@pytest.fixture
def url(postgres: Server):
    made = postgres.url("made_for_cli")
    yield made
    postgres.drop(made)
    postgres.sql("drop role if exists cli_pipeline; drop role if exists cli_analyst")


def test_init_roles_and_check_lead_to_an_analyst_who_may_read(invoke, postgres: Server, url: str):
    made = invoke("db", "init", "--warehouse", url)
    names = ("--pipeline", "cli_pipeline", "--analyst", "cli_analyst")
    roles = invoke("db", "roles", *names, "--warehouse", url)
    postgres.sql("create role cli_analyst login")
    analyst = postgres.url(name_of(url), "cli_analyst")
    before = invoke("db", "check", "--as", "analyst", "--warehouse", analyst)
    postgres.sql(roles.stdout, name_of(url))
    after = invoke("db", "check", "--as", "analyst", "--json", "--warehouse", analyst)

    assert (made.exit_code, roles.exit_code, before.exit_code, after.exit_code) == (0, 0, 2, 0)
    assert 'grant select on all tables in schema "public" to "cli_analyst";' in before.stdout
    assert {one["ok"] for one in json.loads(after.stdout)} <= {True, None}
    assert invoke("sql", "select * from freshness", "--json", "--warehouse", analyst).stdout == "[]\n"


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (("sql", "select 1 as a", "--warehouse", "postgresql://joe@/db?host=/tmp/nowhere"), 3, "does not answer"),
        (("claims", "--warehouse", "postgresql://joe@127.0.0.1:1/db"), 3, "does not answer"),
        (("alerts", "list", "--warehouse", "{server}/not_there{rest}"), 2, "`coalwatch db init` makes it"),
        (("run", "--warehouse", "{server}/not_there{rest}"), 2, "`coalwatch db init` makes it"),
        (("db", "check", "--warehouse", "{server}/not_there{rest}"), 2, "`coalwatch db init` makes it"),
        (("db", "upgrade", "--warehouse", "{server}/postgres{rest}"), 2, "`coalwatch db init` makes it"),
        (("sql", "select 1 as a", "--warehouse", "{server}/postgres{rest}"), 2, "is empty; `coalwatch run` fills it"),
        (("db", "roles"), 2, "is a file"),
    ],
)
def test_what_stands_in_the_way_is_one_line_and_a_documented_code(invoke, postgres, landed, command, code, said):
    start, _, rest = postgres.url("X").partition("/X")
    words = [word.format(server=start, rest=rest) if "{server}" in word else word for word in command]

    done = invoke(*words, "--home", landed)

    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
