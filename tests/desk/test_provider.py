"""Signing in with an OpenID Connect provider, on a real socket: discovery, code with PKCE, keys; what does not hold is
refused."""

import base64
import hashlib
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from pipeline.desk.access import Access
from pipeline.desk.provider import FILE, Provider, ProviderRules, provider_of
from pipeline.desk.users import Users
from pipeline.errors import InputError
from tests.desk.serving import on_a_socket, served

CLIENT, KEY, OTHER_KEY = "coalwatch", RSAKey.generate_key(2048, {"kid": "1"}), RSAKey.generate_key(2048, {"kid": "1"})
SECRET = OctKey.generate_key(256, {"kid": "1"})


class FakeProvider:
    """A provider that lets everybody in; `lies` changes what its tokens say, `signed` how they are signed."""

    def __init__(self):
        self.app, self.asked, self.lies, self.signed, self.address = FastAPI(), {}, {}, ("RS256", KEY), ""
        self.app.get("/.well-known/openid-configuration")(self.describe)
        self.app.get("/authorize")(self.authorize)
        self.app.post("/token")(self.token)
        self.app.get("/keys")(lambda: {"keys": [KEY.as_dict(private=False)]})

    def describe(self):
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {"issuer": self.address} | {name: f"{self.address}/{path}" for name, path in places.items()}

    def authorize(self, request: Request):
        given = dict(request.query_params)
        assert (given["client_id"], given["response_type"], given["code_challenge_method"]) == (CLIENT, "code", "S256")
        self.asked[f"code-{len(self.asked)}"] = given
        return RedirectResponse(f"{given['redirect_uri']}?code={list(self.asked)[-1]}&state={given['state']}", 302)

    def token(self, code: str = Form(), code_verifier: str = Form(), redirect_uri: str = Form()):
        given = self.asked.pop(code, None)
        digest = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        if given is None or (digest, redirect_uri) != (given["code_challenge"], given["redirect_uri"]):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.address, "aud": CLIENT, "sub": "17", "nonce": given["nonce"], "iat": now, "exp": now + 300,
            "email": "kim@example.org", "email_verified": True,
        } | self.lies  # fmt: skip
        algorithm, key = self.signed
        claims = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode({"alg": algorithm, "kid": "1"}, claims, key, algorithms=[algorithm])
        return {"access_token": "x", "token_type": "Bearer", "id_token": token}


@pytest.fixture(scope="module")
def running():
    fake = FakeProvider()
    with on_a_socket(fake.app) as fake.address:
        yield fake


@pytest.fixture
def fake(running):
    running.asked, running.lies, running.signed = {}, {}, ("RS256", KEY)
    return running


@pytest.fixture
def asks(fake, told, tmp_path):
    """A browser at a desk where kim signs in with the provider alone."""
    users = Users(tmp_path)
    users.add("kim@example.org", "reviewer", None)
    provider = Provider(ProviderRules(issuer=fake.address, client_id=CLIENT))
    with (
        served(told, access=Access(users=users, provider=provider)) as address,
        httpx.Client(timeout=60, base_url=address, follow_redirects=True) as client,
    ):
        yield client


def is_in(client):
    return "kim@example.org (reviewer)" in client.get("/sources").text


def test_whoever_the_provider_knows_and_the_desk_too_is_let_in(asks, fake):
    assert "Sign in with your organisation" in asks.get("/sign-in").text
    answer = asks.get("/sign-in/provider", params={"next": "/law"})

    assert (answer.status_code, answer.url.path) == (200, "/law")
    assert is_in(asks)


@pytest.mark.parametrize(
    "lies",
    [
        {"aud": "another"}, {"aud": [CLIENT, "another"]}, {"aud": None}, {"iss": "https://elsewhere.example.org"},
        {"nonce": "of another sign-in"}, {"nonce": None}, {"exp": 946_684_800}, {"exp": None},
        {"iat": 4_102_444_800}, {"sub": None}, {"email_verified": False}, {"email_verified": None},
        {"email": None}, {"email": "lee@example.org"},
    ],
    ids=str,
)  # fmt: skip
def test_what_the_provider_says_of_somebody_else_or_of_another_time_lets_nobody_in(asks, fake, lies):
    fake.lies = lies

    assert asks.get("/sign-in/provider").status_code == 401
    assert not is_in(asks)


@pytest.mark.parametrize(
    "signed", [("RS256", OTHER_KEY), ("HS256", SECRET), ("none", OctKey.generate_key())], ids=["key", "secret", "none"]
)
def test_what_another_key_signed_or_none_lets_nobody_in(asks, fake, signed):
    fake.signed = signed

    assert asks.get("/sign-in/provider").status_code in (401, 503)
    assert not is_in(asks)


def begun(client):
    """The provider's answer to a sign-in that was begun, not yet taken to the desk."""
    to = client.get("/sign-in/provider", follow_redirects=False).headers["location"]
    return httpx.get(to).headers["location"]


def test_an_answer_counts_once_and_only_for_the_sign_in_it_belongs_to(asks):
    first = begun(asks)
    with httpx.Client(timeout=60, base_url=asks.base_url) as another:  # no sign-in was begun in that browser
        assert another.get(first).status_code == 401
    second = begun(asks)
    parts = urlsplit(second)
    state = parse_qs(urlsplit(first).query)["state"][0]
    assert asks.get(f"{parts.path}?code=code-1&state={state}").status_code == 401
    assert asks.get(second).status_code == 401  # the first try used it up
    third = begun(asks)
    assert asks.get(third).status_code == 200
    assert is_in(asks)
    asks.cookies.clear()
    assert asks.get(third).status_code == 401


def test_somebody_who_has_no_password_cannot_sign_in_with_one(asks, tmp_path):
    assert Users(tmp_path).signs_in("kim@example.org", "") is None


def test_somebody_who_has_a_password_is_nobody_that_a_provider_could_name(asks, tmp_path):
    Users(tmp_path).add("kim@example.org", "admin", "a password that is long")

    assert asks.get("/sign-in/provider").status_code == 401
    assert "kim@example.org (admin)" not in asks.get("/sources").text


def test_answers_that_were_not_begun_keep_nobody_from_signing_in(asks):
    for _ in range(6):  # as a page elsewhere can make a browser ask
        assert asks.get("/sign-in/provider/back", params={"code": "x", "state": "y"}).status_code == 401

    assert asks.get("/sign-in/provider", params={"next": "/law"}).status_code == 200
    assert is_in(asks)


def test_after_signing_in_no_link_leads_away(asks):
    assert asks.get("/sign-in/provider", params={"next": "https://elsewhere.example.org/"}).url.path == "/"


@pytest.mark.parametrize(
    ("text", "said"),
    [("issuer: http://login.example.org\nclient_id: x\n", "expected an address like https"),
     ("issuer: https://a\nclient_id: x\nsecret: y\n", "secret")],
)  # fmt: skip
def test_a_provider_without_tls_or_with_its_secret_in_the_file_is_refused(tmp_path, text, said):
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(text)

    with pytest.raises(InputError, match=said):
        provider_of(tmp_path, None)


def test_a_provider_that_does_not_answer_is_one_sentence(told, tmp_path):
    provider = Provider(ProviderRules(issuer="http://127.0.0.1:9", client_id=CLIENT))
    access = Access(users=Users(tmp_path), provider=provider)
    with served(told, access=access) as address:
        answer = httpx.get(f"{address}/sign-in/provider", timeout=60)

    assert answer.status_code == 503
    assert "did not answer as a provider" in answer.text
