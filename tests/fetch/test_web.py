"""Requests and files over real sockets, from servers that throttle, cut, dawdle, redirect, and change their minds."""

import gzip
import json
import logging
import resource
import ssl
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug import Response

from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.redaction import Redaction
from pipeline.fetch.web import NotPublished, Refused, Web
from pipeline.origin import read_origin
from tests.fetch.conftest import FileServer, Told

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
CONTENT = bytes(range(256)) * 4000  # about 1 MB
SECRET = "s3/cr+t&=ü%"


def ask(web, httpserver, path="/", **options):
    return web.request("GET", httpserver.url_for(path), **options)


# --- answers ---------------------------------------------------------------------------------------------------------


def test_an_answer_comes_whole(web, httpserver):
    httpserver.expect_request("/", query_string={"a": "1"}).respond_with_json({"entries": []})

    assert ask(web(), httpserver, params={"a": 1}).json() == {"entries": []}


def test_an_empty_body_is_an_answer_and_the_source_decides(web, told, httpserver):
    httpserver.expect_request("/").respond_with_data(b"")

    assert ask(web(), httpserver).content == b""
    assert told == []


def test_a_packed_answer_is_unpacked(web, httpserver):
    packed = gzip.compress(b'{"a": 1}')
    httpserver.expect_request("/").respond_with_data(packed, headers={"Content-Encoding": "gzip"})

    assert ask(web(), httpserver).json() == {"a": 1}


def test_unchanged_is_an_answer_to_who_asks_for_changes(web, httpserver):
    httpserver.expect_request("/").respond_with_data(status=304)

    assert ask(web(), httpserver, headers={"If-None-Match": '"one"'}).status_code == 304


# --- trying again ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_again(web, told, httpserver, status):
    httpserver.expect_oneshot_request("/").respond_with_data("no", status=status)
    httpserver.expect_request("/").respond_with_data("yes")

    assert ask(web(), httpserver).text == "yes"
    assert len(told.waits) == 1
    assert f" {status} " in told.lines[0]
    assert "attempt 2 of 5" in told.lines[0]


def test_waits_double_with_jitter_until_all_attempts_are_used(web, told, httpserver):
    httpserver.expect_request("/").respond_with_data("no", status=503)

    with pytest.raises(SourceUnavailable, match=r"acme: .* 503 .*, after 4 attempts; try again later"):
        ask(web(attempts=4, first_wait_s=1.0), httpserver)

    assert len(httpserver.log) == 4
    assert all(least <= wait <= least + 1 for least, wait in zip((1, 2, 4), told.waits, strict=True))


def test_waits_differ_from_one_client_to_the_next(told, httpserver):
    httpserver.expect_request("/").respond_with_data("no", status=503)
    for _ in range(3):
        with Web("acme", attempts=2, sleep=told.append) as web, pytest.raises(SourceUnavailable):
            ask(web, httpserver)

    assert len(set(told.waits)) == 3


def test_a_server_says_how_long_to_wait_in_seconds(web, told, httpserver):
    httpserver.expect_oneshot_request("/").respond_with_data(status=429, headers={"Retry-After": "7"})
    httpserver.expect_request("/").respond_with_data("yes")

    ask(web(), httpserver)

    assert told.waits == [7.0]


def test_or_as_a_date(web, told, httpserver):
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    httpserver.expect_oneshot_request("/").respond_with_data(status=503, headers={"Retry-After": date})
    httpserver.expect_request("/").respond_with_data("yes")

    ask(web(), httpserver)

    assert 15 < told.waits[0] <= 20


def test_or_in_a_way_nobody_can_read(web, told, httpserver):
    httpserver.expect_oneshot_request("/").respond_with_data(status=503, headers={"Retry-After": "soon"})
    httpserver.expect_request("/").respond_with_data("yes")

    ask(web(), httpserver)

    assert told.waits == [0.0]


def test_a_server_that_asks_for_too_long_a_wait_is_left_alone(web, told, httpserver):
    httpserver.expect_request("/").respond_with_data(status=429, headers={"Retry-After": "86400"})

    with pytest.raises(SourceUnavailable, match="asks to wait 86,400 s; try again after that"):
        ask(web(), httpserver)

    assert len(httpserver.log) == 1
    assert told.waits == []


def test_a_slow_answer_is_asked_for_again(web, told, httpserver):
    def slow(request):
        time.sleep(0.5)
        return Response("late")

    httpserver.expect_oneshot_request("/").respond_with_handler(slow)
    httpserver.expect_request("/").respond_with_data("yes")

    assert ask(web(timeout_s=0.2), httpserver).text == "yes"
    assert "did not answer within 0.2 s" in told.lines[0]


def test_an_answer_that_stops_in_the_middle_is_asked_for_again(web, file_server):
    file_server.content, file_server.cuts = CONTENT, [1000]

    assert web().request("GET", file_server.url).content == CONTENT
    assert len(file_server.asked) == 2


@pytest.mark.parametrize(
    "torn",
    [gzip.compress(b"yes" * 1000, mtime=0)[:-12], b"\x1f\x8b\x08nonsense", b"not packed at all"],
    ids=["cut", "nonsense", "plain"],
)
def test_a_torn_packing_is_no_answer(web, httpserver, torn):
    httpserver.expect_oneshot_request("/").respond_with_data(torn, headers={"Content-Encoding": "gzip"})
    httpserver.expect_request("/").respond_with_data("yes")

    assert ask(web(), httpserver).text == "yes"


def test_a_server_that_is_not_there_is_told_in_one_line(web, httpserver):
    httpserver.stop()

    with pytest.raises(SourceUnavailable, match=r"acme: http://.*: .*refused.*, after 5 attempts; try again later"):
        ask(web(), httpserver)

    httpserver.start()


def test_requests_keep_their_distance(web, told, httpserver):
    httpserver.expect_request("/").respond_with_data("yes")
    patient = web(per_minute=20)

    for _ in range(3):
        ask(patient, httpserver)

    assert len(told.waits) == 2
    assert all(0 < wait <= 3 for wait in told.waits)


def test_without_a_throttle_they_do_not(web, told, httpserver):
    httpserver.expect_request("/").respond_with_data("yes")
    eager = web()

    for _ in range(3):
        ask(eager, httpserver)

    assert told == []


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_names_the_variable_to_mend_and_is_not_tried_again(web, httpserver, status):
    httpserver.expect_request("/").respond_with_data(status=status)

    with pytest.raises(Refused, match=f" {status} .*ACME_TOKEN is wrong or expired: set a new one") as error:
        ask(web(secrets={"ACME_TOKEN": SECRET}), httpserver, headers={"X-Key": "abc"})

    assert isinstance(error.value, InputError)
    assert len(httpserver.log) == 1


def test_a_source_without_token_that_refuses_is_the_servers_matter(web, httpserver):
    httpserver.expect_request("/").respond_with_data(status=403)

    with pytest.raises(SourceUnavailable, match="asks no token"):
        ask(web(), httpserver)


def test_what_is_not_there_is_not_published_yet(web, told, httpserver):
    httpserver.expect_request("/").respond_with_data(status=404)

    with pytest.raises(NotPublished, match=r"404 .*not published"):
        ask(web(), httpserver)

    assert len(httpserver.log) == 1


def test_a_wrong_request_tells_what_the_server_says(web, httpserver):
    httpserver.expect_request("/").respond_with_data("startDate must be\n a date", status=422)

    with pytest.raises(InputError, match=r"422 .*\(startDate must be a date\)"):
        ask(web(), httpserver)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/a", "127.0.0.1/a", "http://[::1/a"])
def test_what_is_no_address_is_not_asked(web, url):
    with pytest.raises(InputError, match="no address"):
        web().request("GET", url)


@pytest.mark.parametrize("token", ["line\nbreak", "ünicode"])
def test_a_token_that_no_header_can_hold_is_told_without_it(web, httpserver, token):
    httpserver.expect_request("/").respond_with_data("yes")

    with pytest.raises(InputError, match="ACME_TOKEN holds characters that no token has") as error:
        ask(web(secrets={"ACME_TOKEN": token}), httpserver, headers={"Authorization": f"Bearer {token}"})

    assert token not in str(error.value)


# --- redirects and secrets -------------------------------------------------------------------------------------------


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


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_file_comes_whole_with_its_origin_and_leaves_nothing_else(web, told, file_server, tmp_path):
    file_server.content = CONTENT

    path = web().download(file_server.url, tmp_path / "new" / "a.bin", fetched_at=NOW)

    assert path.read_bytes() == CONTENT
    assert read_origin(path) == {"url": file_server.url, "fetched_at": NOW.isoformat()}
    assert {one.name for one in path.parent.iterdir()} == {"a.bin", "a.bin.origin.json"}
    assert told.lines[-1] == "fetching a.bin: 1.0 of 1.0 MB"


def test_a_cut_transfer_goes_on_where_it_was(web, file_server, tmp_path):
    file_server.content, file_server.cuts = CONTENT, [300_000, 500_000]

    path = web().download(file_server.url, tmp_path / "a.bin")

    assert path.read_bytes() == CONTENT
    assert [one.get("Range") for one in file_server.asked] == [None, "bytes=300000-", "bytes=800000-"]
    assert {one.get("If-Range") for one in file_server.asked[1:]} == {'"one"'}
    assert file_server.sent == len(CONTENT)


def test_a_later_call_goes_on_where_one_gave_up(web, file_server, tmp_path):
    file_server.content, file_server.cuts = CONTENT, [300_000]
    with pytest.raises(SourceUnavailable, match="after 1 attempts"):
        web(attempts=1).download(file_server.url, tmp_path / "a.bin")
    assert not (tmp_path / "a.bin").exists()

    path = web().download(file_server.url, tmp_path / "a.bin")

    assert path.read_bytes() == CONTENT
    assert file_server.sent == len(CONTENT)


def test_ctrl_c_leaves_what_a_later_call_goes_on_from(web, file_server, tmp_path):
    file_server.content = CONTENT

    def interrupt(line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        web(progress=interrupt).download(file_server.url, tmp_path / "a.bin")
    assert 0 < (tmp_path / "a.bin.part").stat().st_size < len(CONTENT)

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == CONTENT
    assert "Range" in file_server.asked[-1]


def test_a_server_that_ignores_ranges_sends_it_all_again(web, file_server, tmp_path):
    file_server.content, file_server.cuts, file_server.ranges = CONTENT, [300_000], False

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == CONTENT
    assert file_server.sent == len(CONTENT) + 300_000


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"weak"'}])
def test_bytes_of_an_unnamed_edition_are_not_joined(web, file_server, tmp_path, headers):
    file_server.content, file_server.cuts, file_server.headers = CONTENT, [300_000], headers

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == CONTENT
    assert all("Range" not in one for one in file_server.asked)


def test_a_date_names_an_edition_where_there_is_no_etag(web, file_server, tmp_path):
    file_server.headers = {"Last-Modified": "Thu, 26 Nov 2026 05:00:00 GMT"}
    file_server.content, file_server.cuts = CONTENT, [300_000]

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == CONTENT
    assert file_server.sent == len(CONTENT)


def change(server, **how):
    """The file becomes another between two transfers."""
    server.content = CONTENT[::-1] + b"more"
    server.headers = {"ETag": '"two"'}
    for name, value in how.items():
        setattr(server, name, value)


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"ranges": False},
        {"if_range": False},
        {"if_range": False, "names_edition_of_parts": False},
    ],
    ids=["it minds If-Range", "it ignores Range", "it ignores If-Range", "and does not even name the edition"],
)
def test_a_file_that_changed_between_comes_anew(web, file_server, tmp_path, how):
    file_server.content, file_server.cuts = CONTENT, [300_000]
    with pytest.raises(SourceUnavailable):
        web(attempts=1).download(file_server.url, tmp_path / "a.bin")

    change(file_server, **how)

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == file_server.content


def test_a_part_from_another_address_is_not_gone_on_from(web, file_server, tmp_path):
    file_server.content, file_server.cuts = CONTENT, [300_000]
    with pytest.raises(SourceUnavailable):
        web(attempts=1).download(file_server.url, tmp_path / "a.bin")

    web().download(file_server.url + "?mirror", tmp_path / "a.bin")

    assert "Range" not in file_server.asked[-1]


def test_a_part_that_begins_elsewhere_than_asked_is_not_joined(web, file_server, tmp_path):
    file_server.content, file_server.cuts, file_server.shift = CONTENT, [300_000], 7

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == CONTENT


def test_a_part_that_is_whole_already_is_finished_without_a_byte(web, file_server, tmp_path):
    """A process that ended between the last byte and the file's name."""
    file_server.content, file_server.cuts = CONTENT, [300_000]
    with pytest.raises(SourceUnavailable):
        web(attempts=1).download(file_server.url, tmp_path / "a.bin")
    (tmp_path / "a.bin.part").write_bytes(CONTENT)

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == CONTENT
    assert file_server.sent == 300_000


def test_a_part_longer_than_the_file_comes_anew(web, file_server, tmp_path):
    file_server.content, file_server.cuts = CONTENT, [300_000]
    with pytest.raises(SourceUnavailable):
        web(attempts=1).download(file_server.url, tmp_path / "a.bin")
    (tmp_path / "a.bin.part").write_bytes(CONTENT + b"x")

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == CONTENT


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=3000), st.lists(st.integers(0, 1000), max_size=4), st.booleans())
def test_wherever_it_is_cut_a_file_is_byte_for_byte_what_was_served(tmp_path_factory, content, cuts, ranges):
    server = FileServer()
    server.content, server.cuts, server.ranges = content, cuts, ranges
    try:
        with Web("acme", first_wait_s=0, sleep=Told().append) as web:
            path = web.download(server.url, tmp_path_factory.mktemp("files") / "a.bin")
    finally:
        server.close()

    assert path.read_bytes() == content


def test_a_file_packed_unasked_is_unpacked(web, file_server, tmp_path):
    file_server.content = gzip.compress(CONTENT)
    file_server.headers["Content-Encoding"] = "gzip"

    assert web().download(file_server.url, tmp_path / "a.csv").read_bytes() == CONTENT
    assert web().download(file_server.url, tmp_path / "a.csv.gz").read_bytes() == file_server.content


def test_a_file_packed_unasked_and_torn_leaves_nothing(web, file_server, tmp_path):
    file_server.content = gzip.compress(CONTENT)[:-9]
    file_server.headers["Content-Encoding"] = "gzip"

    with pytest.raises(SourceUnavailable, match=r"a\.csv came packed and torn"):
        web().download(file_server.url, tmp_path / "a.csv")

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_does_not_pass_its_check_leaves_nothing(web, file_server, tmp_path):
    file_server.content = b"<html>"
    (tmp_path / "a.zip").write_bytes(b"as it was")

    def check(whole):
        raise SourceUnavailable(f"{whole.read_bytes()!r} is no archive")

    with pytest.raises(SourceUnavailable, match="<html>"):
        web().download(file_server.url, tmp_path / "a.zip", check=check)

    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]
    assert (tmp_path / "a.zip").read_bytes() == b"as it was"


def test_a_file_too_large_for_the_disk_is_not_begun(web, httpserver, tmp_path):
    def huge(request):
        return Response(iter([b"x"]), headers={"Content-Length": str(10**18)})

    httpserver.expect_request("/").respond_with_handler(huge)

    with pytest.raises(SourceUnavailable, match="MB free, 1,000,000,000,000 MB to come; free some space"):
        web().download(httpserver.url_for("/"), tmp_path / "a.bin")


def test_a_disk_that_refuses_keeps_what_came(web, file_server, tmp_path):
    file_server.content = CONTENT
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        with pytest.raises(SourceUnavailable, match="File too large; what came is kept"):
            web().download(file_server.url, tmp_path / "a.bin")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == CONTENT
    assert "Range" in file_server.asked[-1]


def test_a_folder_that_is_none_is_the_users_to_mend(web, file_server, tmp_path):
    (tmp_path / "landing").write_text("a file")

    with pytest.raises(InputError, match="cannot be written"):
        web().download(file_server.url, tmp_path / "landing" / "a.bin")
