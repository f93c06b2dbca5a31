"""aisstream.io: one web socket, a subscription by boxes, and frames as they come, over cuts and outages.

Documentation: https://aisstream.io/documentation; the service's behaviour is as described in
github.com/aisstream/issues (a subscription confirmation first, 429 at too many or too quick connections, valid keys
refused for a while). Not seen against the live server. Nothing is sent again after a cut: what was sent meanwhile is
not to be had.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime
from threading import Event
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI, WebSocketException
from websockets.sync.client import ClientConnection, connect

from pipeline.errors import InputError
from pipeline.fetch.provider import Provider
from pipeline.fetch.redaction import Redaction
from pipeline.fetch.requests import Box
from pipeline.fetch.retry import Retry
from pipeline.fetch.sources import SourceSpec
from pipeline.settings import Settings

KEY = "COALWATCH_AISSTREAM_KEY"
# At DEBUG the library logs the frames it sends, shortened, so that half a key stands there and no redaction finds it.
_socket_log = logging.getLogger(f"{__name__}.socket")
_socket_log.setLevel(logging.INFO)
_FRAMES_HELD = 4096  # a disk that hesitates must not make us a slow reader, whom the server cuts off


class _Refused(Exception):
    """The server said in a frame why it will not go on."""


class AisStream:
    """The stream; `lines` keeps it open.

    url       address of the web socket
    key       the API key; removed from all that is printed and kept
    boxes     parts of the sea to subscribe to; none: everything
    messages  message types to subscribe to; none: all
    tell      called with what happens to the connection
    """

    def __init__(
        self,
        url: str,
        key: str,
        boxes: Sequence[Box],
        messages: Sequence[str],
        *,
        retry: Retry,
        tell: Callable[[str], None],
    ) -> None:
        self._url, self._key = url, key
        self._redact = Redaction([key])
        self._boxes, self._messages = boxes, messages
        self._retry, self._tell = retry, tell
        self._connected_at: float | None = None
        self._trusted = False
        self.counts = {"connections": 0, "reconnects": 0, "refusals": 0}
        self.answered = False  # whether a connection ever came about
        self.trouble: str | None = None  # why the last attempt or connection ended

    def subscription(self) -> dict[str, Any]:
        """What is subscribed to, without the key."""
        boxes = [[[box.south, box.west], [box.north, box.east]] for box in self._boxes]
        messages = {"FilterMessageTypes": list(self._messages)} if self._messages else {}
        return {"BoundingBoxes": boxes or [[[-90, -180], [90, 180]]], **messages}

    def lines(self, stop: Event) -> Generator[str | None, None, None]:
        """Every frame as it comes, text or binary, and None every turn while nothing does; ends at `stop`.

        raises  InputError if the key is refused before it ever brought a message, or the address is none
        """
        failures = 0
        with self._redact.in_logs():
            while not stop.is_set():
                began = time.monotonic()
                try:
                    yield from self._connection(stop)
                except InvalidURI:
                    place = self._redact(self._url)
                    raise InputError(f"aisstream: {place} is no address; expected one like wss://HOST/PATH") from None
                except (OSError, EOFError, WebSocketException, _Refused) as error:
                    self.trouble = self._redact(_why(error))
                if stop.is_set():
                    return
                failures = 1 if time.monotonic() - began >= self._retry.settled_s else failures + 1
                wait_s = self._retry.wait_s(failures)
                self._tell(f"aisstream connection: {self.trouble}; again in {wait_s:.0f} s")
                yield from self._retry.turns(stop, wait_s)

    def places(self, line: str) -> list[tuple[float, float]]:
        """Latitude and longitude of a frame, as its envelope says; none for the server's own words."""
        try:
            about = json.loads(line)["MetaData"]
            return [(float(about["latitude"]), float(about["longitude"]))]
        except (ValueError, KeyError, TypeError, RecursionError):
            return []

    def _connection(self, stop: Event) -> Generator[str | None, None, None]:
        retry = self._retry
        with connect(
            self._url,
            open_timeout=retry.open_s,
            ping_interval=retry.ping_s,
            ping_timeout=retry.ping_s,
            close_timeout=1,
            max_queue=_FRAMES_HELD,
            logger=_socket_log,
        ) as socket:
            socket.send(json.dumps({"APIKey": self._key, **self.subscription()}))  # it waits three seconds for it
            self.counts["reconnects"] += self.answered
            self.counts["connections"] += 1
            self.answered = True
            self._tell(f"aisstream connected: {len(self._boxes) or 'no'} boxes subscribed to")
            while not stop.is_set():
                line = self._frame(socket)
                yield line
                if line is not None:
                    self._heed(line)

    def _frame(self, socket: ClientConnection) -> str | None:
        try:
            line = bytes(socket.recv(timeout=self._retry.turn_s, decode=False)).decode("utf-8", "replace")
        except TimeoutError:
            return None
        return self._redact(line) if self._key in line else line

    def _heed(self, line: str) -> None:
        """Act on a frame that was kept: an error frame ends the connection, or the listening if the key is wrong."""
        if '"error"' not in line[:200]:
            self._trusted = self._trusted or '"MetaData"' in line
            return
        try:
            error = str(json.loads(line).get("error", ""))
        except (ValueError, AttributeError, RecursionError):
            return
        if not error:
            return
        self.counts["refusals"] += 1
        if "key" in error.lower() and not self._trusted:
            raise InputError(
                f'aisstream: answers "{error}"; {KEY} is wrong or not valid yet: '
                "set one from https://aisstream.io/apikeys"
            )
        raise _Refused(f'answers "{error}"')


def _why(error: Exception) -> str:
    """What ended an attempt or a connection, in one line."""
    if isinstance(error, ConnectionClosed):
        if error.rcvd is None:
            return "cut"
        return f"closed by the server ({error.rcvd.code} {error.rcvd.reason})".replace(" )", ")")
    if isinstance(error, InvalidStatus):
        busy = ", too many or too quick connections" if error.response.status_code == 429 else ""
        return f"refused (HTTP {error.response.status_code}{busy})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, InvalidHandshake):
        return f"no web socket there ({' '.join(str(error).split())[:200]})"
    return " ".join(str(error).split())[:200] or type(error).__name__


def _listen(
    spec: SourceSpec,
    settings: Settings,
    secrets: Mapping[str, str],
    *,
    retry: Retry,
    now: Callable[[], datetime],
    tell: Callable[[str], None],
) -> AisStream:
    return AisStream(spec.address(settings), secrets[KEY], spec.boxes, spec.message_types, retry=retry, tell=tell)


PROVIDER = Provider("stream", secrets=(KEY,), may_have=("boxes", "message_types"), listen=_listen)
