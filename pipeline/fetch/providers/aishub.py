"""AISHub: asked again and again for the latest positions, a part of the sea after another.

Documentation: https://www.aishub.net/api. Not seen against the live server; what its error header says in words is
known from third parties only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pipeline.errors import InputError
from pipeline.fetch.polling import Polls
from pipeline.fetch.provider import Provider
from pipeline.fetch.requests import Box
from pipeline.fetch.retry import Retry
from pipeline.fetch.sources import SourceSpec
from pipeline.fetch.web import Web
from pipeline.settings import Settings

USERNAME = "COALWATCH_AISHUB_USERNAME"
_OWN_NAME = re.compile(r'("USERNAME"\s*:\s*)"[^"]*"')


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
        """An answer without the user name in its header; records, which may contain the same letters, are kept."""
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


def _listen(
    spec: SourceSpec,
    settings: Settings,
    secrets: Mapping[str, str],
    *,
    retry: Retry,
    now: Callable[[], datetime],
    tell: Callable[[str], None],
) -> AisHub:
    return AisHub(
        spec.address(settings), secrets, spec.boxes,
        interval_s=retry.interval_s(spec.per_minute), retry=retry, now=now, tell=tell,
    )  # fmt: skip


PROVIDER = Provider("poll", secrets=(USERNAME,), may_have=("boxes", "per_minute"), listen=_listen)
