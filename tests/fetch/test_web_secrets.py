"""Tokens, keys and passwords: they go to the host they are meant for and are nowhere told, logged or kept."""

import json
import logging
import ssl
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.redaction import Redaction
from tests.fetch.asking import NOW, SECRET, ask


def test_a_redirect_is_followed(web, httpserver):
    httpserver.expect_request("/old").respond_with_data(status=301, headers={"Location": "/new"})
    httpserver.expect_request("/new").respond_with_data("yes")

    assert ask(web(), httpserver, "/old").text == "yes"


def test_redirects_in_a_circle_end(web, httpserver):
    httpserver.expect_request("/").respond_with_data(status=302, headers={"Location": "/"})

    with pytest.raises(SourceUnavailable, match="more than 10 redirects"):
        ask(web(attempts=1), httpserver)


def test_another_host_never_gets_the_token(web, httpserver):
    there = f"http://127.0.0.1:{httpserver.port}/there"
    httpserver.expect_request("/here").respond_with_data(status=302, headers={"Location": there})
    httpserver.expect_request("/there").respond_with_data("yes")

    answer = ask(web(secrets=["token"]), httpserver, "/here", headers={"Authorization": "Bearer token"})

    assert answer.text == "yes"
    assert "Authorization" in httpserver.log[0][0].headers
    assert "Authorization" not in httpserver.log[1][0].headers


@pytest.mark.parametrize(
    ("method", "sent"),
    [
        ("GET", {"headers": {"X-Key": "token"}}),
        ("POST", {"data": {"client_secret": "token"}}),
        ("POST", {"json": {"APIKey": "token"}}),
    ],
)
def test_a_redirect_that_would_carry_a_secret_to_another_host_is_not_followed(web, httpserver, method, sent):
    there = f"http://127.0.0.1:{httpserver.port}/there"
    httpserver.expect_request("/here").respond_with_data(status=307, headers={"Location": there})

    with pytest.raises(SourceUnavailable, match="would show the secret to others"):
        web(secrets=["token"]).request(method, httpserver.url_for("/here"), **sent)

    assert len(httpserver.log) == 1


def test_a_redirect_from_https_to_http_is_not_followed_with_a_secret(web, encrypted, httpserver):
    httpserver.expect_request("/there").respond_with_data("yes")
    encrypted.expect_request("/here").respond_with_data(
        status=302, headers={"Location": f"http://127.0.0.1:{httpserver.port}/there"}
    )
    url = encrypted.url_for("/here")

    with pytest.raises(SourceUnavailable, match="would show the secret to others"):
        web(secrets=["token"]).request("GET", url, headers={"Authorization": "Bearer token"})

    assert httpserver.log == []
    assert web().request("GET", url).text == "yes"


@pytest.fixture
def encrypted(tmp_path, monkeypatch):
    """A server on https, whose certificate is trusted here."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from pytest_httpserver import HTTPServer

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with HTTPServer("localhost", 0, ssl_context=context) as server:
        yield server


def test_no_secret_is_told_logged_or_kept(web, told, httpserver, file_server, tmp_path, caplog):
    """Parameters, headers, echoes of the server, redirects and files: wherever a secret passes, nothing keeps it."""
    echo = f"unknown user {SECRET} or {quote(SECRET)} or {quote_plus(SECRET)} or {json.dumps(SECRET)}"
    httpserver.expect_request("/echo").respond_with_data(echo, status=400)
    httpserver.expect_request("/busy").respond_with_data(status=503)
    httpserver.expect_request("/gone").respond_with_data(status=404)
    httpserver.expect_request("/no").respond_with_data(status=401)
    httpserver.expect_request("/on").respond_with_data(status=302, headers={"Location": f"/gone?u={quote(SECRET)}"})
    file_server.content = b"content"
    client = web(secrets={"ACME_USER": SECRET}, attempts=2)
    messages = []
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "httpx"):  # which others set, as Airflow
        for path in ("/echo", "/busy", "/gone", "/no", "/on"):
            with pytest.raises((InputError, SourceUnavailable)) as error:
                ask(client, httpserver, path, params={"username": SECRET})
            messages.append(str(error.value))
        client.download(f"{file_server.url}?username={quote_plus(SECRET)}", tmp_path / "a.bin", fetched_at=NOW)

    written = [path.read_text() for path in tmp_path.iterdir()]
    logged = [record.getMessage() for record in caplog.records if record.name != "werkzeug"]  # that is the server
    everything = "\n".join([*messages, *told.lines, *written, *logged])
    assert any(record.name == "httpx" for record in caplog.records)
    assert "username=***" in everything
    found = [form for form in (SECRET, quote(SECRET), quote_plus(SECRET), "cr+t", "cr%2Bt") if form in everything]
    assert found == []


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=4))
@example("100%25")
@example('a"b\\c/d')
def test_a_secret_is_cut_however_it_is_encoded(secret):
    redact = Redaction([secret])
    once = quote(secret, safe="")

    for form in (
        secret,
        once,
        quote(secret),
        quote_plus(secret),
        quote(once),
        json.dumps(secret)[1:-1],
    ):
        assert redact(f"a {form} z") == "a *** z"


def test_text_without_a_secret_stays_as_it_is():
    assert Redaction(["token", ""])("tok en, 100 % of it") == "tok en, 100 % of it"


def test_the_password_of_a_mirror_is_cut_too():
    assert Redaction()("https://me:pass@mirror.example/a") == "https://***@mirror.example/a"
