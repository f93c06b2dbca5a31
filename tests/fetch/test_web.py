"""Requests and files over real sockets, from servers that throttle, cut, dawdle, redirect, and change their minds."""

import gzip
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from werkzeug import Response

from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.web import NotPublished, Refused, Web
from tests.fetch.asking import CONTENT, SECRET, ask

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
