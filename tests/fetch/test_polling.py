"""AISHub and BarentsWatch polled over real sockets: empty bodies, errors, expired tokens, outages, whole answers."""

import json
import logging
import threading
from dataclasses import replace

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.providers.aishub import USERNAME, AisHub
from pipeline.fetch.providers.barentswatch import CLIENT_ID, CLIENT_SECRET
from pipeline.fetch.requests import Box
from tests.fetch.listening import QUICK, Clock, Listener, eventually
from tests.live import aishub, aishub_record, barentswatch_record

OWN = "AH_0000_SECRET"  # as in the header of tests.live.aishub
CREDENTIALS = {CLIENT_ID: "me@example.org:watch", CLIENT_SECRET: "a-very-secret-secret"}


@pytest.fixture
def server():
    with HTTPServer(host="127.0.0.1", threaded=True) as http:
        yield http


class Answers:
    """Answers in order, the last one for ever; each a body, or a Response. Keeps the requests."""

    def __init__(self, *answers):
        self.answers, self.asked, self._lock = list(answers), [], threading.Lock()

    def __call__(self, request: Request) -> Response:
        with self._lock:
            self.asked.append(request)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer if isinstance(answer, Response) else Response(answer, content_type="application/json")


def aishub_listener(tmp_path, server, *answers, **how):
    served = Answers(*answers)
    server.expect_request("/ws.php").respond_with_handler(served)
    ears = Listener(tmp_path / "home", "aishub", {USERNAME: OWN}, {"aishub": server.url_for("/ws.php")}, **how)
    return ears, served


def records(ears):
    """Records of all polls that were kept, in order."""
    return [record for line in ears.lines() for record in json.loads(line)["body"][1]]


def test_an_answer_is_one_line_with_its_time_and_without_our_name(tmp_path, server):
    body = json.dumps(json.loads(aishub(aishub_record(), aishub_record(MMSI=412000001))), indent=1)
    ears, served = aishub_listener(tmp_path, server, body)
    with ears:
        ears.until(lambda: len(ears.lines()) >= 2)

    kept = json.loads(ears.lines()[0])
    assert (kept["source"], kept["polled_at"][:16]) == ("aishub", "2026-11-26T05:00")
    assert kept["body"][1] == json.loads(body)[1]
    assert kept["body"][0]["USERNAME"] == "***"
    asked = served.asked[0].args.to_dict()
    assert asked == {
        "username": OWN, "format": "1", "output": "json", "compress": "0",
        "latmin": "29.5", "latmax": "41.0", "lonmin": "117.3", "lonmax": "127.0",
    }  # fmt: skip
    assert ears.files() == ["aishub_2026-11-26T05.jsonl"]


def test_an_empty_answer_came_too_early_is_waited_for_counted_and_told_once(tmp_path, server):
    ears, _ = aishub_listener(tmp_path, server, "", "\n", aishub(aishub_record()), "", aishub(aishub_record(SOG=1)))
    with ears:
        ears.until(lambda: len(records(ears)) >= 2)

    assert [record["SOG"] for record in records(ears)[:2]] == [8.8, 1]
    assert ears.last["too_early"] == 3
    assert len(ears.says("too early")) == 1


def test_an_answer_that_says_too_frequent_is_kept_and_too_early_too(tmp_path, server):
    early = aishub(ERROR=True, ERROR_MESSAGE="Too frequent requests!")
    ears, _ = aishub_listener(tmp_path, server, early, aishub(aishub_record()))
    with ears:
        ears.until(lambda: len(ears.lines()) >= 2)

    assert ears.last["too_early"] == 1
    assert json.loads(ears.lines()[0])["body"][0]["ERROR"] is True


def test_polls_keep_their_distance(tmp_path, server):
    as_the_catalogue_says = replace(QUICK, poll_s=None)
    ears, served = aishub_listener(tmp_path, server, aishub(aishub_record()), retry=as_the_catalogue_says)
    with ears:
        ears.until(lambda: ears.status()["polls"] == 1)
        threading.Event().wait(0.3)

    assert len(served.asked) == 1


@pytest.mark.parametrize("said", ["Username not found", "Invalid username or password!"])  # the latter was recorded
def test_a_wrong_user_name_ends_the_listening_with_the_name_of_its_variable(tmp_path, server, said):
    ears, _ = aishub_listener(tmp_path, server, aishub(ERROR=True, ERROR_MESSAGE=said))
    with pytest.raises(InputError, match=f'answers "{said}"; {USERNAME} is wrong'), ears:
        eventually(lambda: ears.error)


def test_our_name_in_an_error_is_told_and_kept_as_little(tmp_path, server):
    body = aishub(ERROR=True, ERROR_MESSAGE=f"Username {OWN} not found")
    ears, _ = aishub_listener(tmp_path, server, f"<html>who is {OWN}?</html>", body)
    with pytest.raises(InputError, match=r"Username \*\*\* not found") as error, ears:
        eventually(lambda: ears.error)

    assert OWN not in str(error.value) + "".join(ears.lines() + ears.told)
    assert len(ears.lines()) == 2


def test_what_is_no_answer_is_kept_as_text_and_told_once(tmp_path, server):
    ears, _ = aishub_listener(tmp_path, server, '[{"ERROR":', '<html>"busy"</html>', aishub(aishub_record()))
    with ears:
        ears.until(lambda: len(ears.lines()) >= 3)

    assert [json.loads(line)["body"] for line in ears.lines()[:2]] == ['[{"ERROR":', '<html>"busy"</html>']
    assert len(ears.says("aishub trouble: an answer that is no AISHub JSON")) == 1
    assert len(ears.says("aishub answers again")) == 1


def test_an_outage_is_told_once_and_polled_over(tmp_path, server):
    bad = [Response("busy", status=503) for _ in range(3)]
    ears, _ = aishub_listener(tmp_path, server, *bad, aishub(aishub_record()))
    with ears:
        ears.until(lambda: len(ears.lines()) >= 1)

    assert len(ears.says("aishub trouble")) == 1
    assert ears.last["failures"] == 3
    assert OWN not in "".join(ears.told)


def test_a_server_that_is_not_there_is_told_at_the_end(tmp_path):
    ears = Listener(tmp_path, "aishub", {USERNAME: OWN}, {"aishub": "http://127.0.0.1:9/ws.php"})
    with pytest.raises(SourceUnavailable, match="aishub never answered: try again later"), ears:
        ears.until(lambda: ears.says("aishub trouble"))

    assert ears.files() == []


def test_boxes_take_turns(server):
    served = Answers("", aishub(), aishub(), aishub())
    server.expect_request("/ws.php").respond_with_handler(served)
    boxes = [Box(name=str(south), south=south, west=1, north=south + 1, east=2) for south in (10, 20)]
    stop = threading.Event()
    client = AisHub(
        server.url_for("/ws.php"),
        {USERNAME: OWN},
        boxes,
        interval_s=0.01,
        retry=QUICK,
        now=Clock(),
        tell=lambda line: None,
    )
    polls = (line for line in client.lines(stop) if line is not None)
    for _ in range(3):
        next(polls)
    stop.set()

    assert [request.args["latmin"] for request in served.asked] == ["10.0", "10.0", "20.0", "10.0"]


class BarentsWatchServer:
    """Gives tokens and takes only those that have not expired."""

    def __init__(self, server, expires_in=3600.0, records=()):
        self.valid, self.given, self.forms, self.asked = set(), 0, [], []
        self.expires_in, self.body = expires_in, json.dumps(list(records) or [barentswatch_record()])
        self.refuses = None
        server.expect_request("/connect/token", method="POST").respond_with_handler(self.token)
        server.expect_request("/v1/latest/combined").respond_with_handler(self.combined)
        self.urls = {
            "barentswatch": server.url_for("/v1/latest/combined"),
            "barentswatch.token": server.url_for("/connect/token"),
        }

    def token(self, request):
        self.forms.append(request.form.to_dict())
        if self.refuses is not None:
            return Response(self.refuses[1], status=self.refuses[0])
        self.given += 1
        self.valid.add(f"token-{self.given}-of-some-length")
        body = {
            "access_token": f"token-{self.given}-of-some-length",
            "expires_in": self.expires_in,
            "token_type": "Bearer",
        }
        return Response(json.dumps(body), content_type="application/json")

    def combined(self, request):
        self.asked.append(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return Response(self.body) if token in self.valid else Response("", status=401)


@pytest.fixture
def barentswatch(server):
    return BarentsWatchServer(server)


def barentswatch_listener(tmp_path, served, **how):
    return Listener(tmp_path / "home", "barentswatch", CREDENTIALS, served.urls, **how)


def test_barentswatch_is_asked_with_a_token_for_client_id_and_secret(tmp_path, barentswatch):
    with barentswatch_listener(tmp_path, barentswatch) as ears:
        ears.until(lambda: len(ears.lines()) >= 3)

    assert barentswatch.forms == [
        {
            "grant_type": "client_credentials", "scope": "ais",
            "client_id": CREDENTIALS[CLIENT_ID], "client_secret": CREDENTIALS[CLIENT_SECRET],
        }
    ]  # fmt: skip
    assert barentswatch.asked[0].args.to_dict() == {"modelType": "Full", "modelFormat": "Json"}
    assert json.loads(ears.lines()[0])["body"] == [barentswatch_record()]


def test_a_token_that_expired_early_is_renewed_and_the_poll_is_not_lost(tmp_path, barentswatch):
    with barentswatch_listener(tmp_path, barentswatch) as ears:
        ears.until(lambda: len(ears.lines()) >= 1)
        barentswatch.valid.clear()
        have = len(ears.lines())
        ears.until(lambda: len(ears.lines()) >= have + 2)

    assert ears.last["tokens"] == 2
    assert ears.last["failures"] == 0


def test_a_token_is_renewed_before_it_expires(tmp_path, server):
    served = BarentsWatchServer(server, expires_in=0.2)
    with barentswatch_listener(tmp_path, served) as ears:
        ears.until(lambda: served.given >= 3)

    assert not [request for request in served.asked if not request.headers["Authorization"].startswith("Bearer token-")]
    assert ears.last["failures"] == 0


def test_a_token_that_is_refused_though_new_ends_the_listening(tmp_path, barentswatch):
    server_gives = Answers(json.dumps({"access_token": "never-good-enough", "expires_in": 3600}))
    ears = barentswatch_listener(tmp_path, barentswatch)
    with HTTPServer(host="127.0.0.1") as tokens:
        tokens.expect_request("/connect/token").respond_with_handler(server_gives)
        ears.settings.source_urls["barentswatch.token"] = tokens.url_for("/connect/token")
        with pytest.raises(InputError, match=f"{CLIENT_ID} or {CLIENT_SECRET} is wrong or expired"), ears:
            eventually(lambda: ears.error)

    assert len(server_gives.asked) == 2


@pytest.mark.parametrize("status", [400, 401])
def test_wrong_credentials_end_the_listening_with_the_names_of_their_variables(tmp_path, barentswatch, status):
    barentswatch.refuses = (status, '{"error":"invalid_client"}')
    ears = barentswatch_listener(tmp_path, barentswatch)
    with pytest.raises(InputError, match=f"check {CLIENT_ID} and {CLIENT_SECRET}"), ears:
        eventually(lambda: ears.error)


def test_a_token_server_that_is_down_is_waited_for(tmp_path, barentswatch):
    barentswatch.refuses = (503, "")
    with barentswatch_listener(tmp_path, barentswatch) as ears:
        ears.until(lambda: ears.says("barentswatch trouble"))
        barentswatch.refuses = None
        ears.until(lambda: len(ears.lines()) >= 1)


def test_secrets_and_tokens_are_neither_told_nor_logged_nor_kept(tmp_path, server, caplog):
    caplog.set_level(logging.DEBUG)
    served = BarentsWatchServer(server)
    with barentswatch_listener(tmp_path, served) as ears:
        ears.until(lambda: len(ears.lines()) >= 1)
        served.valid.clear()
        ears.until(lambda: served.given >= 2)
    ears, _ = aishub_listener(tmp_path, server, Response("busy", status=503), aishub(aishub_record()))
    with ears:
        ears.until(lambda: len(ears.lines()) >= 1)

    logged = [
        record.getMessage()
        for record in caplog.records
        if record.name.split(".")[0] in ("httpx", "httpcore", "pipeline")
    ]
    files = [path.read_text(encoding="utf-8") for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert logged
    assert files
    for secret in (OWN, CREDENTIALS[CLIENT_SECRET], "token-1-of-some-length", "token-2-of-some-length"):
        assert secret not in "".join(logged + files + ears.told)
