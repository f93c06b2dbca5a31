"""A toy provider of live positions: `HELLO key` over TCP, then a line a position for as long as it lasts."""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator, Mapping
from datetime import datetime
from threading import Event
from urllib.parse import urlsplit

from pipeline.errors import InputError
from pipeline.fetch.provider import Provider
from pipeline.fetch.retry import Retry
from pipeline.fetch.sources import SourceSpec
from pipeline.settings import Settings

KEY = "COALWATCH_TOY_KEY"


class ToyLive:
    """The connection, taken up again when it is cut."""

    def __init__(self, address: str, key: str, retry: Retry, tell: Callable[[str], None]) -> None:
        self._place, self._key, self._retry, self._tell = urlsplit(address), key, retry, tell
        self.counts = {"connections": 0}
        self.answered = False
        self.trouble: str | None = None

    def lines(self, stop: Event) -> Generator[str | None, None, None]:
        """Every line as it comes, and None every turn while nothing does."""
        failures = 0
        while not stop.is_set():
            try:
                place = (str(self._place.hostname), self._place.port or 7)
                with socket.create_connection(place, timeout=self._retry.open_s) as connection:
                    connection.settimeout(self._retry.turn_s)
                    connection.sendall(f"HELLO {self._key}\n".encode())
                    yield from self._heard(connection, stop)
            except OSError as error:
                self.trouble = error.strerror or str(error)
            failures += 1
            self._tell(f"toy connection: {self.trouble or 'cut'}")
            yield from self._retry.turns(stop, self._retry.wait_s(failures))

    def places(self, line: str) -> list[tuple[float, float]]:
        """Latitude and longitude of a position."""
        cells = line.split("|")
        return [(float(cells[4]), float(cells[3]))] if cells[0] == "TOY" else []

    def _heard(self, connection: socket.socket, stop: Event) -> Generator[str | None, None, None]:
        self.counts["connections"] += 1
        rest = b""
        while not stop.is_set():
            try:
                if not (came := connection.recv(4096)):
                    return
            except TimeoutError:
                yield None
                continue
            *whole, rest = (rest + came).split(b"\n")
            for line in whole:
                if line == b"NO":
                    raise InputError(f"toy: the key is refused; set {KEY}")
                self.answered = True
                yield line.decode("utf-8", "replace")


def _listen(
    spec: SourceSpec,
    settings: Settings,
    secrets: Mapping[str, str],
    *,
    retry: Retry,
    now: Callable[[], datetime],
    tell: Callable[[str], None],
) -> ToyLive:
    return ToyLive(spec.address(settings), secrets[KEY], retry, tell)


PROVIDER = Provider("stream", secrets=(KEY,), listen=_listen)
