"""The aisstream listener over a real web socket: frames, cuts, refusals, silence, hours."""

import json
import logging
import socket
import threading
from http import HTTPStatus

import pytest

from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.providers.aisstream import KEY
from pipeline.tasks import listen
from tests.fetch.listening import Clock, Listener, eventually
from tests.live import CONFIRMATION, frame
from tests.live_server import close, cut, send, stream

SECRET = "0123456789abcdef0123456789abcdef01234567"
BAD_KEY = '{"error": "Api Key Is Not Valid"}'


def listener(tmp_path, url, **how):
    return Listener(tmp_path / "home", "aisstream", {KEY: SECRET, "HOME": "/"}, {"aisstream": url}, **how)


def seen(ears, count):
    return lambda: len(ears.lines()) >= count


def test_text_and_binary_frames_are_kept_as_they_came_one_a_line(tmp_path):
    pretty = json.dumps(json.loads(frame(Sog=3)), indent=1)
    with (
        stream(send(CONFIRMATION, frame(Sog=1), frame(Sog=2).encode(), pretty.encode())) as (url, asked),
        listener(tmp_path, url) as ears,
    ):
        ears.until(seen(ears, 4))

    assert ears.lines()[:3] == [CONFIRMATION, frame(Sog=1), frame(Sog=2)]
    assert json.loads(ears.lines()[3]) == json.loads(pretty)
    assert ears.files() == ["aisstream_2026-11-26T05.jsonl"]
    assert asked[0]["APIKey"] == SECRET
    assert [[37.5, 123.5], [40.0, 125.9]] in asked[0]["BoundingBoxes"]
    assert "ShipStaticData" in asked[0]["FilterMessageTypes"]


def test_nonsense_is_kept_and_ends_nothing(tmp_path):
    nonsense = ["[" * 50_000, "null", '{"error"', '{"error": ""}', '"text"', "\N{LINE SEPARATOR}x"]
    with stream(send(*nonsense, b"\xff\xfe", frame())) as (url, _), listener(tmp_path, url) as ears:
        ears.until(lambda: ears.status()["frames"] == len(nonsense) + 2)

    kept = (ears.folder / "aisstream_2026-11-26T05.jsonl").read_text(encoding="utf-8").split("\n")
    assert kept == [*nonsense, "\N{REPLACEMENT CHARACTER}" * 2, frame(), ""]


def test_a_cut_connection_is_taken_up_again_and_no_frame_is_lost_or_doubled(tmp_path):
    frames = [frame(Sog=n / 10) for n in range(900)]
    with (
        stream(cut(*frames[:400]), cut(*frames[400:700]), send(*frames[700:])) as (url, asked),
        listener(tmp_path, url) as ears,
    ):
        ears.until(seen(ears, 900))

    assert ears.lines() == frames
    assert len(asked) == 3
    assert (ears.last["reconnects"], ears.last["connections"], ears.last["frames"]) == (2, 3, 900)
    assert len(ears.says("again in")) == 2


def test_a_server_that_closes_is_asked_again_and_its_reason_told(tmp_path):
    with stream(close(1008, "too slow", frame()), send(frame(Sog=1))) as (url, _), listener(tmp_path, url) as ears:
        ears.until(seen(ears, 2))

    assert len(ears.says("closed by the server (1008 too slow)")) == 1


def test_a_refused_handshake_is_tried_again(tmp_path):
    refusals = [HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY]

    def refuse(connection, request):
        return connection.respond(refusals.pop(0), "no\n") if refusals else None

    with stream(send(frame()), process_request=refuse) as (url, _), listener(tmp_path, url) as ears:
        ears.until(seen(ears, 1))

    assert len(ears.says("refused (HTTP 429, too many or too quick connections)")) == 1
    assert len(ears.says("refused (HTTP 502)")) == 1


def test_waits_grow_while_nothing_works_and_a_server_that_never_answers_is_told(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{taken.getsockname()[1]}"
        ears = listener(tmp_path, url)
        with pytest.raises(SourceUnavailable, match="aisstream never answered: try again later"), ears:
            ears.until(lambda: len(ears.says("again in")) >= 3)

    assert ears.files() == []


def test_a_wrong_key_ends_the_listening_with_the_name_of_its_variable_and_the_frame_is_kept(tmp_path):
    with stream(send(BAD_KEY)) as (url, _):
        ears = listener(tmp_path, url)
        with pytest.raises(InputError, match=f'answers "Api Key Is Not Valid"; {KEY} is wrong'), ears:
            eventually(lambda: ears.error)

    assert ears.lines() == [BAD_KEY]
    assert ears.files() == ["aisstream_2026-11-26T05.jsonl"]


def test_a_key_that_brought_messages_and_is_then_refused_is_tried_again(tmp_path):
    with (
        stream(close(1000, "", CONFIRMATION, frame(), BAD_KEY), send(frame(Sog=1))) as (url, _),
        listener(tmp_path, url) as ears,
    ):
        ears.until(seen(ears, 4))

    assert ears.lines() == [CONFIRMATION, frame(), BAD_KEY, frame(Sog=1)]
    assert ears.last["refusals"] == 1


def test_another_error_is_tried_again(tmp_path):
    busy = '{"error": "concurrent connections per user exceeded"}'
    with stream(send(busy), send(frame())) as (url, _), listener(tmp_path, url) as ears:
        ears.until(seen(ears, 2))

    assert ears.lines() == [busy, frame()]


def test_the_key_is_nowhere_but_in_the_subscription(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    echo = json.dumps({"error": f"key {SECRET} exceeded its connections"})
    with (
        stream(close(1008, f"key {SECRET}", frame(), echo), send(frame())) as (url, asked),
        listener(tmp_path, url) as ears,
    ):
        ears.until(seen(ears, 3))

    assert asked[0]["APIKey"] == SECRET
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("websockets.server")]
    assert ours
    assert SECRET[:10] not in "".join(ours + ears.told)
    files = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if SECRET in path.read_text(encoding="utf-8")] == []


def test_an_hour_ends_at_its_end_also_while_nothing_comes(tmp_path):
    more, go = frame(Sog=1), threading.Event()

    def script(connection):
        connection.send(frame())
        go.wait(5)
        connection.send(more)

    with stream(script) as (url, _), listener(tmp_path, url) as ears:
        ears.until(seen(ears, 1))
        assert ears.files() == []
        ears.clock.forward(hours=1)
        ears.until(lambda: ears.files() == ["aisstream_2026-11-26T05.jsonl"])
        go.set()
        ears.until(seen(ears, 2))

    assert ears.files() == ["aisstream_2026-11-26T05.jsonl", "aisstream_2026-11-26T06.jsonl"]
    assert (ears.folder / "aisstream_2026-11-26T06.jsonl").read_text() == f"{more}\n"


def test_a_silent_box_is_told_once_and_when_it_speaks(tmp_path):
    steps = {name: threading.Event() for name in ("later", "much later", "speak")}
    bohai, nampo = frame(Latitude=39.0, Longitude=119.0), frame()

    def script(connection):
        connection.send(bohai)
        for event, line in (("later", bohai), ("much later", bohai), ("speak", nampo)):
            steps[event].wait(5)
            connection.send(line)

    with stream(script) as (url, _), listener(tmp_path, url) as ears:
        ears.until(seen(ears, 1))
        ears.clock.forward(minutes=59)
        steps["later"].set()
        ears.until(seen(ears, 2))
        ears.clock.forward(minutes=1)
        ears.until(lambda: ears.says("Nampo and Korea Bay silent"))
        ears.clock.forward(minutes=30)
        steps["much later"].set()
        ears.until(seen(ears, 3))
        steps["speak"].set()
        ears.until(lambda: ears.says("Nampo and Korea Bay heard again: after 90 min"))
        ears.until(lambda: ears.status()["frames"] == 4)
        boxes = {box["name"]: box for box in ears.status()["boxes"]}

    assert len(ears.says("Nampo and Korea Bay silent")) == 1
    assert not ears.says("Bohai and north Shandong silent")
    assert boxes["Nampo and Korea Bay"]["silent_since"] is None
    assert boxes["Nampo and Korea Bay"]["frames"] == 1
    assert boxes["Gulf of Tonkin"]["silent_since"] == "2026-11-26T05:00:00Z"


def test_the_status_tells_how_the_listener_fares_while_it_listens_and_after(tmp_path):
    with stream(send(frame())) as (url, _), listener(tmp_path, url) as ears:
        ears.until(lambda: ears.status()["frames"] == 1)
        now = listen.status(ears.settings, "aisstream")
    after = listen.status(ears.settings, "aisstream")

    assert (now["running"], now["state"], now["file"]) == (True, "listening", "aisstream_2026-11-26T05.jsonl.part")
    assert now["last_heard_at"] is None or now["last_heard_at"].endswith("Z")
    assert (after["running"], after["state"], after["file"]) == (False, "stopped", None)
    assert (ears.folder / "status.json").read_text().count("\n") == 1


def test_a_second_listener_of_a_home_is_refused_and_one_of_another_home_is_not(tmp_path):
    with stream(send(frame())) as (url, _), listener(tmp_path, url) as ears:
        ears.until(seen(ears, 1))
        second = listener(tmp_path, url)
        with pytest.raises(SourceUnavailable, match=r"another coalwatch \(process \d+\) listens to aisstream"), second:
            eventually(lambda: second.error)
        with listener(tmp_path / "other", url) as elsewhere:
            elsewhere.until(seen(elsewhere, 1))

    assert ears.lines() == [frame()]


def test_a_second_session_within_a_closed_hour_gets_a_file_of_its_own(tmp_path):
    for n in range(2):
        with stream(send(frame(Sog=n))) as (url, _), listener(tmp_path, url) as ears:
            ears.until(seen(ears, n + 1))

    assert ears.files() == ["aisstream_2026-11-26T05.jsonl", "aisstream_2026-11-26T05_2.jsonl"]


def test_without_a_key_nobody_is_asked(tmp_path):
    ears = Listener(tmp_path, "aisstream", {}, {"aisstream": "ws://127.0.0.1:9"})
    with pytest.raises(InputError, match=KEY), ears:
        eventually(lambda: ears.error)


def test_what_is_no_live_source_is_refused_with_those_there_are(tmp_path):
    ears = Listener(tmp_path, "noaa", {}, {}, clock=Clock())
    with (
        pytest.raises(InputError, match=r"nothing to listen to.*one of aishub, aisstream, barentswatch"),
        ears,
    ):
        eventually(lambda: ears.error)
