"""BarentsWatch: asked again and again for the latest positions, with a token that is renewed.

Documentation: https://developer.barentswatch.no/docs/appreg (OAuth2 client credentials),
https://live.ais.barentswatch.no (OpenAPI). Not seen against the live server.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.polling import Polls
from pipeline.fetch.provider import Provider
from pipeline.fetch.retry import Retry
from pipeline.fetch.sources import SourceSpec
from pipeline.fetch.web import Refused, Web
from pipeline.settings import Settings

CLIENT_ID, CLIENT_SECRET = "COALWATCH_BARENTSWATCH_CLIENT_ID", "COALWATCH_BARENTSWATCH_CLIENT_SECRET"
_RENEWED_AT = 0.9  # of a token's life


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


def _listen(
    spec: SourceSpec,
    settings: Settings,
    secrets: Mapping[str, str],
    *,
    retry: Retry,
    now: Callable[[], datetime],
    tell: Callable[[str], None],
) -> BarentsWatch:
    return BarentsWatch(
        spec.address(settings), secrets, spec.token_address(settings),
        interval_s=retry.interval_s(spec.per_minute), retry=retry, now=now, tell=tell,
    )  # fmt: skip


PROVIDER = Provider(
    "poll", needs=("token_url",), may_have=("per_minute",), secrets=(CLIENT_ID, CLIENT_SECRET), listen=_listen
)
