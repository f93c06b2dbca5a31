"""Secrets cut out of text: messages, addresses that are kept, and what network libraries log."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

CUT = "***"
# user and password of a mirror, which may hold an @ themselves: all up to the last one before the path
_IN_ADDRESS = re.compile(r'(?<=://)[^/\s"]+(?=@)')
_QUERY = re.compile(r'(://[^\s"?]*\?)([^\s"]*[^\s",;:.)])')  # a sentence may go on behind an address
_VALUE = re.compile(r"(^|&)([^=&]*=)?[^&]+")
# loggers of the libraries that carry requests; a filter is not handed down to a logger's children
_LOGGERS = (
    "httpx",
    *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")),
    *(f"websockets{part}" for part in ("", ".client")),
)


class Redaction:
    """Call it with a text: it comes back with `***` for each secret, as it is, URL-encoded or escaped.

    Of addresses it also cuts user and password, and every value of the query: which of them is a key is not known.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._patterns: dict[str, re.Pattern[str]] = {}
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Cut one more secret, such as a token that was only just given."""
        if secret:
            self._patterns[secret] = re.compile("".join(map(_any_form, secret)))

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        for pattern in self._patterns.values():
            text = pattern.sub(CUT, text)
        return _QUERY.sub(_without_values, _IN_ADDRESS.sub(CUT, text))

    def any(self) -> bool:
        """Whether there is any secret to cut."""
        return bool(self._patterns)

    def finds(self, text: str) -> bool:
        """Whether a secret stands in the text."""
        return any(pattern.search(text) for pattern in self._patterns.values())

    @contextmanager
    def in_logs(self) -> Iterator[None]:
        """Cut secrets out of what the network libraries log meanwhile: httpx logs addresses with their parameters."""
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self._clean)
        try:
            yield
        finally:
            for name in _LOGGERS:
                logging.getLogger(name).removeFilter(self._clean)

    def _clean(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self(record.getMessage()), ()
        return True


def _without_values(query: re.Match[str]) -> str:
    """The beginning of an address, and its query with names alone."""
    return query[1] + _VALUE.sub(lambda one: f"{one[1]}{one[2] or ''}{CUT}", query[2])


def _any_form(character: str) -> str:
    """A pattern for one character: percent-encoded (perhaps more than once), as JSON escapes it, or itself."""
    percent = "".join(f"%(?:25)*(?i:{byte:02x})" for byte in character.encode())
    units = character.encode("utf-16-be").hex()
    escaped = "".join(rf"\\u(?i:{units[n : n + 4]})" for n in range(0, len(units), 4))
    plain = ("" if character.isalnum() else r"\\*") + re.escape(character)
    plus = r"|\+" if character == " " else ""
    return f"(?:{percent}|{escaped}|{plain}{plus})"
