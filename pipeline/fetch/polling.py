"""AISHub and BarentsWatch: asked again and again for the latest positions, each answer kept whole as one line.

Documentation: https://www.aishub.net/api and https://developer.barentswatch.no/docs/appreg (OAuth2 client credentials),
https://live.ais.barentswatch.no (OpenAPI). Not seen against the live servers; what AISHub's error header says in words
is known from third parties only.
"""

from __future__ import annotations

import json
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime
from threading import Event
from typing import Any

from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.reception import told
from pipeline.fetch.retry import Patience
from pipeline.fetch.sources import Box
from pipeline.fetch.web import Refused, Web

USERNAME = "COALWATCH_AISHUB_USERNAME"
CLIENT_ID, CLIENT_SECRET = "COALWATCH_BARENTSWATCH_CLIENT_ID", "COALWATCH_BARENTSWATCH_CLIENT_SECRET"
_RENEWED_AT = 0.9  # of a token's life
_OWN_NAME = re.compile(r'("USERNAME"\s*:\s*)"[^"]*"')


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
    tell        told what goes wrong, once each time it begins
    """

    source: str

    def __init__(
        self,
        url: str,
        secrets: Mapping[str, str],
        *,
        interval_s: float,
        patience: Patience,
        now: Callable[[], datetime],
        tell: Callable[[str], None],
    ) -> None:
        self._url, self._secrets = url, secrets
        self._interval_s, self._patience = interval_s, patience
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
                wait_s = max(self._interval_s, self._patience.wait_s(failures) if failures else 0)
                yield None
                yield from self._patience.turns(stop, wait_s)

    def places(self, line: str) -> list[tuple[float, float]]:
        """Latitude and longitude of each record of a poll; (0, 0) for one without a position."""
        try:
            records = self._records(json.loads(line)["body"])
        except (LookupError, TypeError, ValueError, RecursionError):
            return []
        return [_place(record) for record in records if isinstance(record, dict)]

    def _web(self) -> Web:
        timeout_s = max(self._patience.open_s, 3 * self._patience.ping_s)
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


class AisHub(Polls):
    """AISHub: one request a minute for all boxes, which take turns; sooner it answers with an empty body.

    The user name is the secret, and the answer repeats it.
    """

    source = "aishub"

    def __init__(self, url: str, secrets: Mapping[str, str], boxes: Sequence[Box], **how: Any) -> None:
        super().__init__(url, secrets, **how)
        self._boxes, self._turn = boxes, 0
        self._good = False  # whether this user name ever brought an answer
        self.counts["too_early"] = 0

    def _poll(self, web: Web) -> str | None:
        box = self._boxes[self._turn % len(self._boxes)] if self._boxes else None
        form = {"username": self._secrets[USERNAME], "format": 1, "output": "json", "compress": 0}
        where = {"latmin": box.south, "latmax": box.north, "lonmin": box.west, "lonmax": box.east} if box else {}
        body = web.request("GET", self._url, params=form | where).content.decode("utf-8", "replace")
        if not body.strip():
            self._too_early("an empty answer")
            return None
        self._turn += 1
        return self._without_name(web, body)

    @staticmethod
    def _without_name(web: Web, body: str) -> str:
        """An answer whose header no longer tells who asked; records, where the same letters may stand, are left."""
        if not body.lstrip().startswith("["):
            return web.redact(body)
        header, end, records = body.partition("}")
        return _OWN_NAME.sub(r'\1"***"', web.redact(header)) + end + records

    def _records(self, body: Any) -> Sequence[Any]:
        return body[1] if isinstance(body[1], list) else []

    def _heed(self, body: str) -> None:
        try:
            header = json.loads(body)[0]
            error = header["ERROR"] and str(header.get("ERROR_MESSAGE") or "no reason given")
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
            self._say("an answer that is no AISHub JSON")
            return
        if not error:
            self._good = True
            self._say(None)
        elif "frequent" in error.lower():
            self._too_early(f'"{error}"')
        elif "username" in error.lower() and not self._good:
            raise InputError(f'aishub: answers "{error}"; {USERNAME} is wrong: set that of your AISHub account')
        else:
            self._say(f'answers "{error}"')

    def _too_early(self, found: str) -> None:
        self.counts["too_early"] += 1
        if self.counts["too_early"] == 1:
            self._tell(
                f"aishub too early: {found}, which means less than a minute after the last request; does another "
                "program use this account? Counted from now on, and waited for"
            )


class BarentsWatch(Polls):
    """BarentsWatch: a token for client id and secret, renewed before it expires and when it is refused."""

    source = "barentswatch"

    def __init__(self, url: str, secrets: Mapping[str, str], token_url: str, **how: Any) -> None:
        super().__init__(url, secrets, **how)
        self._token_url = token_url
        self._token, self._renew_at = "", 0.0
        self.counts["tokens"] = 0

    def _poll(self, web: Web) -> str:
        try:
            return self._asked(web)
        except Refused:
            if not self._token:  # the token itself was refused to us
                raise
        self._token = ""
        return self._asked(web)

    def _asked(self, web: Web) -> str:
        if not self._token or time.monotonic() >= self._renew_at:
            self._token = ""
            self._token, life_s = self._new_token(web)
            self._renew_at = time.monotonic() + _RENEWED_AT * life_s
            web.redact.add(self._token)
        answer = web.request(
            "GET",
            self._url,
            params={"modelType": "Full", "modelFormat": "Json"},
            headers={"Authorization": f"Bearer {self._token}"},
        )
        if not answer.content.strip():
            raise SourceUnavailable("barentswatch: an empty answer")
        return answer.content.decode("utf-8", "replace")

    def _new_token(self, web: Web) -> tuple[str, float]:
        form = {
            "grant_type": "client_credentials",
            "scope": "ais",
            "client_id": self._secrets[CLIENT_ID],
            "client_secret": self._secrets[CLIENT_SECRET],
        }
        try:
            answer = web.request("POST", self._token_url, data=form)
        except InputError as error:
            raise InputError(f"{error}; check {CLIENT_ID} and {CLIENT_SECRET} (an AIS client of My page)") from None
        self.counts["tokens"] += 1
        try:
            given = answer.json()
            return str(given["access_token"]), float(given.get("expires_in", 0))
        except (LookupError, TypeError, ValueError, AttributeError):
            raise SourceUnavailable("barentswatch: the answer to our request for a token holds none") from None

    def _records(self, body: Any) -> Sequence[Any]:
        return body if isinstance(body, list) else []
