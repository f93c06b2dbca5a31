"""Who may enter the desk, for how long, and what stands under whose name; docs/desk-security.md names the threats."""

import html
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.desk.access import Access
from pipeline.desk.security import COOKIE
from pipeline.desk.sessions import Sessions
from pipeline.desk.users import FILE, Users
from pipeline.settings import Settings
from pipeline.tasks.reports import alert_queue, alert_report
from tests.desk.serving import CLOCK, PASSWORD, fields_of, served, sign_in


@pytest.fixture
def signed(told, people):
    """A desk that asks people to sign in; nothing may be decided in it."""
    with served(told, access=Access(users=people)) as address, httpx.Client(timeout=60, base_url=address) as client:
        yield client


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
        sessions.failed("kim", CLOCK + timedelta(minutes=minutes))

    assert not sessions.may_try("kim", CLOCK + timedelta(minutes=14))
    assert sessions.may_try("kim", CLOCK + timedelta(minutes=16))
    assert sessions.may_try("lee", CLOCK)


def test_a_session_ends_when_nobody_uses_it_and_after_half_a_day():
    sessions = Sessions()
    key, _ = sessions.begin("kim", CLOCK)
    for minutes in range(0, 12 * 60, 50):
        assert sessions.find(key, CLOCK + timedelta(minutes=minutes))
    assert sessions.find(key, CLOCK + timedelta(hours=12)) is None
    key, _ = sessions.begin("kim", CLOCK)
    assert sessions.find(key, CLOCK + timedelta(minutes=61)) is None
    assert sessions.find("made up", CLOCK) is None


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


@pytest.mark.quick_cases(1)
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
