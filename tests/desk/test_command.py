"""`coalwatch desk`: who may do what at which address, and users from the prompt."""

import json
import subprocess

import httpx
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.cli.desk import _access
from pipeline.desk.users import Users
from pipeline.errors import InputError
from pipeline.settings import Settings
from tests.cli.conftest import COMMAND, ENVIRONMENT

PASSWORD = "correct horse battery"


@pytest.fixture
def settings(tmp_path):
    """Of a home in which somebody may sign in."""
    Users(tmp_path).add("kim", "reviewer", PASSWORD)
    return Settings(tmp_path, "")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_on_this_machine_whoever_sits_at_it_may_do_everything(settings, host):
    access = _access(settings, host, None, signs_in=False)

    assert access.everyone.may("admin")
    assert access.users is None
    assert host in access.hosts


@pytest.mark.parametrize(
    ("host", "address", "served"),
    [
        ("10.0.0.5", None, {"10.0.0.5"}),
        ("10.0.0.5", "https://desk.example.org", {"desk.example.org"}),
        ("127.0.0.1", "https://Desk.Example.org/", {"desk.example.org", "127.0.0.1", "localhost", "::1"}),
        ("0.0.0.0", "https://desk.example.org:8443", {"desk.example.org"}),
    ],
)
def test_at_any_other_address_people_sign_in(settings, host, address, served):
    access = _access(settings, host, address, signs_in=False)

    assert access.everyone is None
    assert access.users.signs_in("kim", PASSWORD)
    assert access.hosts == served


def test_people_can_be_asked_to_sign_in_on_this_machine_too(settings):
    assert _access(settings, "127.0.0.1", None, signs_in=True).everyone is None


@pytest.mark.parametrize(
    ("host", "address", "said"),
    [*((everywhere, None, "must know its name") for everywhere in ("0.0.0.0", "::", "0", "::0", "")),
     *(("10.0.0.5", address, "expected one like https://") for address in ("desk.example.org", "http://[", "http://"))],
)  # fmt: skip
def test_an_address_that_names_nothing_is_one_line(settings, host, address, said):
    with pytest.raises(InputError, match=said):
        _access(settings, host, address, signs_in=False)


def test_where_nobody_can_sign_in_the_desk_is_not_served(tmp_path):
    with pytest.raises(InputError, match="nobody can: `coalwatch desk users add NAME`"):
        _access(Settings(tmp_path, ""), "10.0.0.5", None, signs_in=False)


def test_users_are_added_and_taken_out(lake):
    lake.create()
    home = lake.home

    def asked(*words, **more):
        return CliRunner().invoke(main, ["desk", "users", *words, "--home", str(home)], **more)

    assert asked("add", "kim", "--role", "reader", input=f"{PASSWORD}\n").exit_code == 0
    assert Users(home).roles() == {"kim": "reader"}
    assert asked("add", "lee", input="short\n").exit_code == 2
    assert asked("add", "lee", input=b"\xff" * 20 + b"\n").exit_code == 2
    assert asked("remove", "kim").exit_code == 0
    assert asked("remove", "kim").exit_code == 2
    assert Users(home).roles() == {}


@pytest.mark.parametrize("words", [("add", "kim"), ("remove", "kim")])
def test_a_mistyped_home_is_one_line_and_is_not_made(tmp_path, words):
    words = ["desk", "users", *words, "--home", str(tmp_path / "hoem")]
    answer = CliRunner().invoke(main, words, input=f"{PASSWORD}\n")

    assert answer.exit_code == 2
    assert "no coalwatch home, nothing landed there" in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_command_serves_the_desk_until_it_is_stopped(told):
    words = [*COMMAND, "desk", "--port", "0", "--json", "--home", str(told)]
    with subprocess.Popen(words, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = json.loads("".join(process.stdout.readline() for _ in range(3)))
            assert "Queue" in httpx.get(said["address"], timeout=60).text
        finally:
            process.terminate()
        assert process.wait(20) is not None


def test_a_host_that_no_machine_can_have_is_one_line(told):
    answer = CliRunner().invoke(main, ["desk", "--host", "a" * 70, "--address", "http://a", "--home", str(told)])

    assert answer.exit_code == 2
    assert len(answer.stderr.splitlines()) == 1


def test_a_home_that_holds_nothing_is_one_line(tmp_path):
    answer = CliRunner().invoke(main, ["desk", "--port", "0", "--home", str(tmp_path)])

    assert answer.exit_code == 2
    assert "no such file" in answer.stderr
