"""What the desk guards against, threat by threat, as docs/desk-security.md names them."""

import html
import re
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.desk.access import Access
from pipeline.desk.people import Person
from pipeline.desk.security import COOKIE, LONGEST, own_path
from pipeline.desk.sessions import Sessions
from pipeline.desk.users import FILE, Users
from pipeline.errors import InputError
from pipeline.settings import Settings
from pipeline.tasks.reports import alert_queue, alert_report
from tests.desk.serving import fields_of, served

NOW, PASSWORD = datetime(2026, 1, 1, tzinfo=UTC), "correct horse battery"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "desk-security.md"


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """Users of a home: one of each role."""
    users = Users(tmp_path_factory.mktemp("people"))
    for role in ("reader", "reviewer", "admin"):
        users.add(role, role, PASSWORD)
    return users


@pytest.fixture
def signed(told, people):
    """A desk that asks people to sign in; nothing may be decided in it."""
    with served(told, access=Access(users=people)) as address, httpx.Client(timeout=60, base_url=address) as client:
        yield client


def sign_in(client, name, password=PASSWORD, **more):
    form = fields_of(client.get("/sign-in").text) | {"name": name, "password": password} | more
    return client.post("/sign-in", data=form)


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


# Whoever may not


def test_without_signing_in_nothing_is_shown(signed, told):
    alert_id = alert_queue(Settings(told, ""))[0]["alert_id"]
    for path in ("/", f"/alerts/{alert_id}", f"/alerts/{alert_id}/state", "/nosuch", "/static/../", "/sign-in/x"):
        answer = signed.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=")


def test_with_name_and_password_it_is(signed):
    answer = sign_in(signed, "reviewer", next="/?q=demo")

    assert (answer.status_code, answer.headers["location"]) == (303, "/?q=demo")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie  # plain HTTP: a browser would not send it back
    assert signed.get("/").status_code == 200


def test_behind_tls_the_cookie_travels_by_tls_alone(told, people):
    access = Access(users=people, hosts=frozenset({"desk.example.org"}))
    proxied = {"host": "desk.example.org", "x-forwarded-proto": "https", "origin": "https://desk.example.org"}
    with served(told, access=access) as address, httpx.Client(timeout=60, base_url=address, headers=proxied) as client:
        assert "Secure" in sign_in(client, "reader").headers["set-cookie"]


@pytest.mark.parametrize(
    ("name", "password"), [("reviewer", "wrong" * 3), ("nobody", PASSWORD), ("", ""), ("reviewer", "x" * 5000)]
)
def test_a_wrong_name_and_a_wrong_password_are_told_alike(signed, name, password):
    answer = sign_in(signed, name, password)

    assert answer.status_code == 401
    assert "That is no name and password of this desk." in answer.text
    assert "set-cookie" not in answer.headers


def test_after_five_failures_even_the_right_password_waits(signed):
    for _ in range(5):
        assert sign_in(signed, "reviewer", "wrong" * 3).status_code == 401

    assert sign_in(signed, "reviewer").status_code == 429


def test_many_tries_at_once_are_as_many_tries(signed):
    form = fields_of(signed.get("/sign-in").text) | {"name": "admin", "password": "wrong" * 3}
    with ThreadPoolExecutor(8) as several:
        found = list(
            several.map(lambda _: httpx.post(f"{signed.base_url}/sign-in", timeout=60, data=form).status_code, range(8))
        )

    assert sorted(found) == [401] * 5 + [429] * 3


@pytest.mark.parametrize("written", ["{", '{"kim": {"role": "king", "password": "x"}}'])
def test_users_that_cannot_be_read_let_nobody_in_and_are_told(told, tmp_path, written):
    users = Users(tmp_path)
    users.add("kim", "reviewer", PASSWORD)
    with served(told, access=Access(users=users)) as address, httpx.Client(base_url=address, timeout=60) as client:
        assert sign_in(client, "kim").status_code == 303
        (tmp_path / FILE).write_text(written)
        answer = client.get("/")

    assert answer.status_code == 503
    assert "cannot be read as users" in answer.text
    assert "content-security-policy" in answer.headers


def test_a_fault_of_ours_carries_the_policy_and_says_nothing_of_itself(told, monkeypatch):
    monkeypatch.setattr("pipeline.desk.pages.knowledge.shown_knowledge.law_page", lambda settings: 1 / 0)
    with served(told) as address:
        answer = httpx.get(f"{address}/law", timeout=60)

    assert answer.status_code == 500
    assert "content-security-policy" in answer.headers
    assert "ZeroDivision" not in answer.text


def test_tries_are_counted_by_the_quarter_of_an_hour():
    sessions = Sessions()
    for minutes in range(5):
        sessions.failed("kim", NOW + timedelta(minutes=minutes))

    assert not sessions.may_try("kim", NOW + timedelta(minutes=14))
    assert sessions.may_try("kim", NOW + timedelta(minutes=16))
    assert sessions.may_try("lee", NOW)


def test_a_session_ends_when_nobody_uses_it_and_after_half_a_day():
    sessions = Sessions()
    key, _ = sessions.begin("kim", NOW)
    for minutes in range(0, 12 * 60, 50):
        assert sessions.find(key, NOW + timedelta(minutes=minutes))
    assert sessions.find(key, NOW + timedelta(hours=12)) is None
    key, _ = sessions.begin("kim", NOW)
    assert sessions.find(key, NOW + timedelta(minutes=61)) is None
    assert sessions.find("made up", NOW) is None


def test_signing_out_ends_the_session(signed):
    sign_in(signed, "reviewer")
    key = signed.cookies[COOKIE]
    signed.post("/sign-out", data=fields_of(signed.get("/").text))

    assert signed.get("/", headers={"cookie": f"{COOKIE}={key}"}).status_code == 303


def test_whoever_is_taken_out_is_out_at_once(told, tmp_path):
    users = Users(tmp_path)
    users.add("kim", "admin", PASSWORD)
    with served(told, access=Access(users=users)) as address, httpx.Client(timeout=60, base_url=address) as client:
        sign_in(client, "kim")
        assert client.get("/").status_code == 200
        users.remove("kim")
        assert client.get("/").status_code == 303


def test_a_form_with_the_token_of_another_session_does_nothing(own_home, people):
    alert_id = alert_queue(Settings(own_home, ""))[0]["alert_id"]
    with (
        served(own_home, access=Access(users=people)) as address,
        httpx.Client(timeout=60, base_url=address) as one,
        httpx.Client(timeout=60, base_url=address) as other,
    ):
        sign_in(one, "reviewer")
        sign_in(other, "admin")
        form = fields_of(one.get(f"/alerts/{alert_id}").text) | {"decision": "confirmed"}
        assert other.post(f"/alerts/{alert_id}/decision", data=form).status_code == 409
    assert alert_report(Settings(own_home, ""), alert_id)["reviews"] == []


def test_a_decision_after_the_session_ended_is_kept_until_its_writer_is_back(own_home, people):
    alert_id = alert_queue(Settings(own_home, ""))[0]["alert_id"]
    with served(own_home, access=Access(users=people)) as address, httpx.Client(timeout=60, base_url=address) as client:
        sign_in(client, "reviewer")
        form = fields_of(client.get(f"/alerts/{alert_id}").text)
        client.cookies.clear()
        ended = client.post(
            f"/alerts/{alert_id}/decision", data=form | {"decision": "dismissed", "note": "sand & gravel"}
        )
        assert ended.status_code == 401
        again = fields_of(ended.text) | {"name": "reviewer", "password": PASSWORD}
        back = client.post("/sign-in", data=again).headers["location"]
        page = client.get(back).text

    assert back == f"/alerts/{alert_id}#decision"
    assert ">sand &amp; gravel</textarea>" in page
    assert re.search(r'value="dismissed"[^>]* checked', page)
    assert alert_report(Settings(own_home, ""), alert_id)["reviews"] == []


def test_who_decided_stands_with_the_decision(own_home, people):
    alert_id = alert_queue(Settings(own_home, ""))[0]["alert_id"]
    with served(own_home, access=Access(users=people)) as address, httpx.Client(timeout=60, base_url=address) as client:
        sign_in(client, "reviewer")
        form = fields_of(client.get(f"/alerts/{alert_id}").text) | {
            "decision": "confirmed",
            "reviewer": "somebody else",
        }
        client.post(f"/alerts/{alert_id}/decision", data=form)

    (row,) = alert_report(Settings(own_home, ""), alert_id)["reviews"]
    assert (row["reviewer"], row["evidence_hash"]) == ("reviewer", form["evidence_hash"])


@pytest.mark.parametrize("name", ["kim+desk@example.org", "auth0|507f1f77", "o'brien&co@example.org", "k" * 255])
def test_an_address_of_mail_or_an_id_of_a_provider_is_a_name_like_others(own_home, name):
    settings, users = Settings(own_home, ""), Users(own_home)
    users.add(name, "reviewer", PASSWORD)
    users.add("admin", "admin", PASSWORD)
    alert_id = alert_queue(settings)[0]["alert_id"]
    with served(own_home, access=Access(users=users)) as address:
        with httpx.Client(timeout=60, base_url=address) as client:
            assert sign_in(client, name, "wrong").status_code == 401
            assert sign_in(client, name).status_code == 303
            page = client.get(f"/alerts/{alert_id}").text
            assert f"{html.escape(name)} (reviewer)" in page.replace("&#39;", "&#x27;")
            form = fields_of(page) | {"decision": "confirmed", "note": "seen"}
            assert client.post(f"/alerts/{alert_id}/decision", data=form).status_code == 303
            assert client.get(f"/alerts/{alert_id}/state").json()["last"] == f"{name}: confirmed"
        with httpx.Client(timeout=60, base_url=address) as admin:
            sign_in(admin, "admin")
            form = {"token": fields_of(admin.get("/users").text)["token"], "name": name}
            assert admin.post("/users", data=form | {"role": "reader", "act": "role"}).status_code == 303
            assert users.roles()[name] == "reader"
            assert admin.post("/users", data=form | {"act": "remove"}).status_code == 303

    assert users.roles() == {"admin": "admin"}
    report = alert_report(settings, alert_id)
    assert [one["reviewer"] for one in report["reviews"]] == [name]
    done = CliRunner().invoke(main, ["alerts", "show", alert_id, "--home", str(own_home)])
    assert name[:40] in done.stdout


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
