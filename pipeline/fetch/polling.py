"""Polling: a provider is asked again and again for the latest positions, and each answer is kept whole as one line."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime
from threading import Event
from typing import Any

from pipeline.errors import SourceUnavailable
from pipeline.fetch.reception import told
from pipeline.fetch.retry import Retry
from pipeline.fetch.web import Web


def wrapped(source: str, polled_at: datetime, body: str) -> str:
    """A poll as one line: `source`, `polled_at` (ISO, UTC) and `body` as it came, or as text if it is no JSON."""
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        body = json.dumps(body)
    return f'{{"source":"{source}","polled_at":"{told(polled_at)}","body":{body}}}'


class Polls(ABC):
    """A source that is polled; `lines` goes on doing so.

    url         address to ask
    secrets     by the name of their environment variable
    interval_s  from the end of one poll to the next
    now         the clock
    tell        called with what goes wrong, once each time it begins
    """

    source: str

    def __init__(
        self,
        url: str,
        secrets: Mapping[str, str],
        *,
        interval_s: float,
        retry: Retry,
        now: Callable[[], datetime],
        tell: Callable[[str], None],
    ) -> None:
        self._url, self._secrets = url, secrets
        self._interval_s, self._retry = interval_s, retry
        self._now, self._tell = now, tell
        self.counts = {"polls": 0, "failures": 0}
        self.answered = False  # whether a poll was ever answered
        self.trouble: str | None = None  # what is wrong just now

    def lines(self, stop: Event) -> Generator[str | None, None, None]:
        """Every answer as one line, and None every turn in between; ends at `stop`.

        raises  InputError if the secrets are refused or the request does not suit the server
        """
        failures = 0
        with self._web() as web:
            while not stop.is_set():
                try:
                    body = self._poll(web)
                    failures, self.answered = 0, True
                except SourceUnavailable as error:
                    body, failures = None, failures + 1
                    self.counts["failures"] += 1
                    self._say(str(error))
                if body is not None:
                    self.counts["polls"] += 1
                    yield wrapped(self.source, self._now(), body)
                    self._heed(body)
                wait_s = max(self._interval_s, self._retry.wait_s(failures) if failures else 0)
                yield None
                yield from self._retry.turns(stop, wait_s)

    def places(self, line: str) -> list[tuple[float, float]]:
        """Latitude and longitude of each record of a poll; (0, 0) for one without a position."""
        try:
            records = self._records(json.loads(line)["body"])
        except (LookupError, TypeError, ValueError, RecursionError):
            return []
        return [_place(record) for record in records if isinstance(record, dict)]

    def _web(self) -> Web:
        timeout_s = max(self._retry.open_s, 3 * self._retry.ping_s)
        return Web(self.source, secrets=self._secrets, attempts=1, timeout_s=timeout_s)  # the next poll comes anyway

    def _say(self, trouble: str | None) -> None:
        """Tell a trouble when it begins, and its end."""
        if trouble is None and self.trouble is not None:
            self._tell(f"{self.source} answers again: after {self.trouble}")
        if trouble is not None and self.trouble is None:
            self._tell(f"{self.source} trouble: {trouble}; the next poll asks again")
        self.trouble = trouble

    @abstractmethod
    def _poll(self, web: Web) -> str | None:
        """One answer as it came, without secrets; None if it came too early to be one."""

    @abstractmethod
    def _records(self, body: Any) -> Sequence[Any]:
        """The records of an answer."""

    def _heed(self, body: str) -> None:
        """Act on an answer that was kept."""
        self._say(None)


def _place(record: dict[str, Any]) -> tuple[float, float]:
    try:
        named = {name.lower(): value for name, value in record.items()}
        return float(named["latitude"]), float(named["longitude"])
    except (LookupError, TypeError, ValueError):
        return 0.0, 0.0
