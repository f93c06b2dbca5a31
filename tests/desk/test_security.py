"""What the desk guards against, threat by threat, as docs/desk-security.md names them."""

import re
import socket
from pathlib import Path

import httpx
import pytest

from pipeline.desk.access import Access
from pipeline.desk.people import Person
from pipeline.desk.security import LONGEST, own_path
from pipeline.desk.users import FILE, Users
from pipeline.errors import InputError
from pipeline.settings import Settings
from pipeline.tasks.reports import alert_queue, alert_report
from tests.desk.serving import PASSWORD, fields_of, served, sign_in

PAGE = Path(__file__).resolve().parents[2] / "docs" / "desk-security.md"


# A page elsewhere that reaches the desk in somebody's browser


@pytest.mark.parametrize(
    "host", ["desk.example.org", "127.0.0.1.example.org", "127.0.0.1@example.org", "", "[::1", "a b"]
)
def test_a_name_that_somebody_else_pointed_here_is_not_served(client, host):
    address = httpx.URL(str(client.base_url))
    with socket.create_connection((address.host, address.port), timeout=10) as raw:
        raw.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        status = raw.makefile("rb").readline()

    assert b" 421 " in status or b" 400 " in status


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:80", "[::1]:8765"])
def test_this_machine_is_served_by_its_own_names(client, host):
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://example.org"}, {"origin": "null"}, {"origin": "http://127.0.0.1:1"},
     {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}],
)  # fmt: skip
def test_a_form_of_another_site_does_nothing(own_desk, own_home, headers):
    alert_id = alert_queue(Settings(own_home, ""))[0]["alert_id"]
    with httpx.Client(timeout=60, base_url=own_desk) as client:
        form = fields_of(client.get(f"/alerts/{alert_id}").text) | {"decision": "confirmed"}
        answer = client.post(f"/alerts/{alert_id}/decision", data=form, headers=headers)

    assert answer.status_code == 403
    assert alert_report(Settings(own_home, ""), alert_id)["reviews"] == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_but_reading_and_forms_is_done(client, method):
    assert client.request(method, "/").status_code == 405


# What a browser may do with a page


def test_every_answer_carries_the_policy(client):
    for path in ("/", "/alerts/nosuch", "/nosuch", "/static/desk.css", "/static/nosuch"):
        headers = client.get(path).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))

        assert policy.pop("default-src") == policy.pop("base-uri") == policy.pop("frame-ancestors") == "'none'"
        assert set(policy.values()) == {"'self'"}
        assert headers["x-content-type-options"] == "nosniff"


def test_refusals_carry_it_too(client):
    assert "content-security-policy" in client.get("/", headers={"host": "example.org"}).headers


def test_a_page_is_not_kept_by_caches(client):
    assert client.get("/").headers["cache-control"] == "no-store"


def test_inside_airflow_its_own_pages_may_frame_the_desk(told):
    with served(told, access=Access(everyone=Person("kim", "reader"), framed="'self'")) as address:
        assert "frame-ancestors 'self'" in httpx.get(address, timeout=60).headers["content-security-policy"]


# Requests that are made to hurt


def test_what_is_too_long_is_refused_before_it_is_read(client):
    assert client.post("/sign-in", content=b"x" * (LONGEST + 1)).status_code == 413


def test_what_does_not_say_how_long_it_is_is_refused(client):
    assert client.post("/sign-in", content=iter([b"x"])).status_code == 411


@pytest.mark.parametrize("path", ["https://example.org/", "//example.org", "/\\example.org", "\\\\example.org",
                                  "javascript:0", "/\n/example.org", "example.org", "//[", ""])  # fmt: skip
def test_no_link_leads_away_after_signing_in_or_deciding(path):
    assert own_path(path, "") == "/"


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/users.py", "/static//etc/passwd"]
)
def test_no_file_but_those_of_the_desk_is_served(client, path):
    assert client.get(path).status_code in (303, 404)


# What lies on the disk


def test_passwords_are_hashed_and_the_file_is_its_owners_alone(people):
    path = people.home / FILE
    text = path.read_text()

    assert PASSWORD not in text
    assert text.count("$argon2id$") == 3
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "role", "password", "said"),
    [("kim", "reviewer", "short", "expected 12 to 1024"), ("kim", "owner", PASSWORD, "expected one of reader"),
     *((name, "reader", PASSWORD, "will not do")
       for name in ("../kim", "", "airflow:kim", "=kim", "+kim", "kim lee", "kim\n", "k<b>", "k" * 256))],
)  # fmt: skip
def test_a_user_that_will_not_do_is_one_line(tmp_path, name, role, password, said):
    with pytest.raises(InputError, match=said):
        Users(tmp_path).add(name, role, password)


def test_users_that_cannot_be_read_let_nobody_in(tmp_path):
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text('{"kim": 1}')

    with pytest.raises(InputError, match="cannot be read as users"):
        Users(tmp_path).signs_in("kim", PASSWORD)


def test_the_page_on_security_names_tests_that_exist():
    named = set(re.findall(r"`(test_[a-z0-9_]+)`", PAGE.read_text(encoding="utf-8")))
    tests = Path(__file__).parents[1]
    texts = "".join(
        path.read_text(encoding="utf-8")
        for path in (
            *tests.glob("desk/*.py"),
            tests / "dags/test_desk.py",
            tests / "tasks/test_sign_off.py",
            tests / "tasks/test_gate.py",
            tests / "warehouse/test_reviewed.py",
        )
    )

    assert len(named) > 15
    assert {name for name in named if f"def {name}(" not in texts} == set()


# What an admin may and a reviewer may not


@pytest.mark.parametrize("path", ["/", "/static/desk.css", "/alerts/none"])
def test_head_is_answered_as_get_without_a_body(client, path):
    head, get = client.head(path), client.get(path)

    assert head.status_code == get.status_code
    assert head.content == b""
    assert head.headers["content-length"] == get.headers["content-length"]
    assert head.headers["content-security-policy"] == get.headers["content-security-policy"]


def test_an_admin_keeps_the_users_and_signs_off_and_a_reviewer_does_neither(several):
    address, users = several
    alert_id = alert_queue(Settings(users.home, ""))[0]["alert_id"]
    with httpx.Client(timeout=60, base_url=address) as reviewer, httpx.Client(timeout=60, base_url=address) as admin:
        sign_in(reviewer, "reviewer")
        page = reviewer.get(f"/alerts/{alert_id}").text
        token = fields_of(page)["token"]
        assert "An admin can sign it off" in page
        assert ">Users</a>" not in page
        assert reviewer.post(f"/alerts/{alert_id}/sign-off", data={"token": token, "granted": "yes"}).status_code == 403
        assert reviewer.get("/users").status_code == 403
        assert reviewer.post("/users", data={"token": token, "name": "reviewer", "role": "admin"}).status_code == 403

        sign_in(admin, "admin")
        page = admin.get(f"/alerts/{alert_id}").text
        form = fields_of(page.partition('id="signed"')[2].partition("</form>")[0])
        assert admin.post(f"/alerts/{alert_id}/sign-off", data=form | {"token": "x"}).status_code == 403
        assert admin.post(f"/alerts/{alert_id}/sign-off", data=form).status_code == 303
        assert "may name her" in reviewer.get(f"/alerts/{alert_id}").text

        form = {"token": fields_of(admin.get("/users").text)["token"]}
        kim = form | {"name": "kim", "role": "reader", "password": PASSWORD, "act": "add"}
        assert admin.post("/users", data=kim).status_code == 303
        less = form | {"name": "reviewer", "role": "reader", "act": "role"}
        assert admin.post("/users", data=less).status_code == 303
        assert users.roles() == {"reviewer": "reader", "admin": "admin", "kim": "reader"}
        assert admin.post("/users", data=form | {"name": "kim", "act": "remove"}).status_code == 303
        answer = admin.post("/users", data=form | {"name": "admin", "act": "remove"})
        assert (answer.status_code, "nobody changes their own role" in answer.text) == (422, True)
        assert users.roles() == {"reviewer": "reader", "admin": "admin"}
        assert users.signs_in("reviewer", PASSWORD).role == "reader"
