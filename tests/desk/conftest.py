"""Desks for tests: on the home of the five days, or on a copy of it to decide in; asked by a client or by a browser."""

import shutil

import httpx
import pytest

from pipeline.desk.access import Access
from pipeline.desk.users import Users
from tests.desk.browser import chromium, tab
from tests.desk.serving import PASSWORD, served


@pytest.fixture
def own_home(told, tmp_path):
    """A copy of the home of the five days, to decide in."""
    shutil.copytree(told, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture(scope="session")
def desk(told):
    """The address of a desk on the home of the five days; nothing may be decided in it."""
    with served(told) as address:
        yield address


@pytest.fixture(scope="session")
def client(desk):
    """Asks `desk` without a browser."""
    with httpx.Client(timeout=60, base_url=desk) as one:
        yield one


@pytest.fixture
def own_desk(own_home):
    """The address of a desk on a home of one's own."""
    with served(own_home) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium."""
    with chromium() as one:
        yield one


@pytest.fixture
def page(browser, desk):
    """A tab on `desk`; the test fails for an error on the console and for a request to anywhere else."""
    with tab(browser, desk) as one:
        yield one


@pytest.fixture(scope="session")
def people(tmp_path_factory):
    """Users of a home: one of each role."""
    users = Users(tmp_path_factory.mktemp("people"))
    for role in ("reader", "reviewer", "admin"):
        users.add(role, role, PASSWORD)
    return users


@pytest.fixture
def several(told, tmp_path):
    """A desk of a home that asks for sign-off, with users that may be changed: address, users."""
    shutil.copytree(told, tmp_path / "home")
    (tmp_path / "home" / "review.yaml").write_text("names_need_sign_off: true\n")
    users = Users(tmp_path / "home")
    for role in ("reviewer", "admin"):
        users.add(role, role, PASSWORD)
    with served(tmp_path / "home", access=Access(users=users)) as address:
        yield address, users
