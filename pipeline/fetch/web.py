"""Requests that survive what servers do: throttling, cuts, half and slow answers; files resumed where they were cut.

Messages and logs never hold a secret.
"""

from __future__ import annotations

import gzip
import shutil
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
)

from pipeline.errors import CoalwatchError, InputError, SourceUnavailable
from pipeline.fetch.partial_download import Part
from pipeline.fetch.redaction import Redaction
from pipeline.fetch.retry import back_off_s
from pipeline.origin import write_origin
from pipeline.version import VERSION

Result = TypeVar("Result")

_TRY_AGAIN = (408, 425, 429)  # and every 5xx
_MOST_REDIRECTS = 10
_FORBIDDEN = (PermissionError, FileExistsError, IsADirectoryError, NotADirectoryError)
_LONGEST_BACK_OFF_S = 60.0


class Refused(InputError):
    """401 or 403: the secret is missing, wrong or expired."""


class NotPublished(SourceUnavailable):
    """404 or 410: nothing at this address (yet)."""


class AddressChanged(NotPublished):
    """404 or 410 where by the catalogue something should be."""


class _Again(Exception):
    """One attempt failed in a way that another may not; `wait_s` is what the server asked for."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


class Web:
    """A source's server, asked patiently; a context manager that keeps connections open.

    name            of the source, for messages
    secrets         by the name of their environment variable (messages name it), or bare
    per_minute      most requests a minute; None = no throttle
    attempts        in all, per request or file
    first_wait_s    back-off doubles from here, with jitter; Retry-After goes before it
    longest_wait_s  a server that asks for a longer wait is left alone (SourceUnavailable)
    timeout_s       silence after which an answer counts as failed
    progress        called with a line per wait, and with the bytes of a file as they come
    sleep           how to wait
    """

    def __init__(
        self,
        name: str,
        *,
        secrets: Mapping[str, str] | Sequence[str] = (),
        per_minute: float | None = None,
        attempts: int = 5,
        first_wait_s: float = 1.0,
        longest_wait_s: float = 300.0,
        timeout_s: float = 60.0,
        progress: Callable[[str], None] = lambda line: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self.redact = Redaction(secrets.values() if isinstance(secrets, Mapping) else secrets)
        self._secret_names = tuple(secrets) if isinstance(secrets, Mapping) else ()
        self._interval_s = 60.0 / per_minute if per_minute else 0.0
        self._next_at = 0.0
        self._attempts, self._first_wait_s, self._longest_wait_s = attempts, first_wait_s, longest_wait_s
        self._timeout_s = timeout_s
        self._progress = progress
        self._sleep = sleep
        self._open = ExitStack()

    def __enter__(self) -> Web:
        self._open.enter_context(self.redact.in_logs())
        client = httpx.Client(timeout=self._timeout_s, headers={"User-Agent": f"coalwatch/{VERSION}"})
        self._client = self._open.enter_context(client)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Any = None,
        json: Any = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (),
    ) -> httpx.Response:
        """One whole answer: 2xx (its body may be empty), or 304 where the caller's headers ask whether it changed.

        accept  other statuses whose answers the caller wants to see

        raises  InputError (401, 403: `Refused`; other 4xx; no such kind of address),
                SourceUnavailable (404: `NotPublished`; given up after all attempts)
        """
        content = {
            "params": params,
            "json": json,
            "data": data,
            "headers": {"Accept-Encoding": "gzip"} | dict(headers or {}),
        }

        def once() -> httpx.Response:
            with self._answer(method, url, accept=accept, **content) as answer:
                return _whole(answer)

        return self._persistently(once)

    def download(
        self,
        url: str,
        target: Path,
        *,
        headers: Mapping[str, str] | None = None,
        check: Callable[[Path], None] = lambda whole: None,
        fetched_at: datetime | None = None,
    ) -> Path:
        """Fetch a file: `target` appears whole or not at all; a cut transfer goes on where it was.

        check       asked of the whole file before it takes its name; where it raises, nothing is kept
        fetched_at  if given, the address (without secrets) and this moment are noted as the file's origin
        raises      as `request` and `check`; SourceUnavailable if the disk is full, InputError if it may not be
                    written to
        """
        part = Part(target, self.redact(url))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            packed = self._persistently(lambda: self._fetch_rest(url, part, dict(headers or {})))
            if packed and target.suffix != ".gz":
                part.unpack(self.name)
            try:
                check(part.path)
            except CoalwatchError:
                part.drop()
                raise
            if fetched_at is not None:
                write_origin(target, part.url, fetched_at)
            part.finish()
        except _FORBIDDEN as error:
            raise InputError(
                f"{error.filename or target}: cannot be written ({error.strerror}); give another --home, or mend it"
            ) from None
        except OSError as error:
            raise SourceUnavailable(
                f"{error.filename or target}: {error.strerror}; what came is kept: free some space and try again"
            ) from None
        return target

    def _persistently(self, once: Callable[[], Result]) -> Result:
        def wait(state: RetryCallState) -> float:
            asked = _failure(state).wait_s
            return back_off_s(state.attempt_number, self._first_wait_s, _LONGEST_BACK_OFF_S) if asked is None else asked

        def report(state: RetryCallState) -> None:
            wait_s = state.next_action.sleep if state.next_action else 0
            nth = f"attempt {state.attempt_number + 1} of {self._attempts}"
            self._progress(self.redact(f"fetching {self.name}: {_failure(state)}; {nth} in {wait_s:.0f} s"))

        retrying = Retrying(
            retry=retry_if_exception_type(_Again),
            stop=stop_after_attempt(self._attempts),
            wait=wait,
            before_sleep=report,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(once)
        except _Again as last:
            message = f"{self.name}: {last}, after {self._attempts} attempts; try again later"
        raise SourceUnavailable(self.redact(message))

    @contextmanager
    def _answer(
        self, method: str, url: str, *, accept: tuple[int, ...] = (), **content: Any
    ) -> Iterator[httpx.Response]:
        """One attempt: an answer of status 2xx (or one of `accept`) whose body is still to be read."""
        self._take_turn()
        place = self.redact(url)
        try:
            request = self._client.build_request(method, url, **content)
            answer = self._follow(request)
            try:
                self._check(answer, place, accept)
                yield answer
            finally:
                answer.close()
        except httpx.TimeoutException:
            raise _Again(f"{place} did not answer within {self._timeout_s:g} s") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise InputError(f"{self.name}: {place} is no address; expected one that begins with https://") from None
        except (httpx.LocalProtocolError, UnicodeEncodeError):
            raise InputError(
                f"{self.name}: the request to {place} cannot be sent; {self._named_secrets()} holds characters that no "
                "token has (such as a line break)"
            ) from None
        except httpx.HTTPError as error:
            raise _Again(f"{place}: {' '.join(str(error).split()) or type(error).__name__}") from None

    def _take_turn(self) -> None:
        if (wait_s := self._next_at - time.monotonic()) > 0:
            self._sleep(wait_s)
        self._next_at = time.monotonic() + self._interval_s

    def _follow(self, request: httpx.Request) -> httpx.Response:
        """Send, and follow redirects; a secret is handed on neither without encryption nor to another host."""
        secret = self._carries_secret(request)
        for _ in range(_MOST_REDIRECTS):
            answer = self._client.send(request, stream=True, follow_redirects=False)
            onward = answer.next_request
            if onward is None:
                return answer
            answer.close()
            plain = request.url.scheme == "https" and onward.url.scheme != "https"
            abroad = onward.url.host != request.url.host
            if secret and (plain or (abroad and self._carries_secret(onward))):
                here, there = self.redact(str(request.url)), self.redact(str(onward.url))
                raise SourceUnavailable(
                    f"{self.name}: {here} sends us on to {there}, which would show the secret to others; "
                    "not followed: check the source's address"
                )
            request = onward
        raise _Again(f"{self.redact(str(request.url))}: more than {_MOST_REDIRECTS} redirects")

    def _carries_secret(self, request: httpx.Request) -> bool:
        body = request.read().decode("utf-8", "replace")
        return any(map(self.redact.finds, (str(request.url), body, *request.headers.values())))

    def _check(self, answer: httpx.Response, place: str, accept: tuple[int, ...]) -> None:
        """raises  what an answer that is not 2xx means"""
        status = answer.status_code
        found = self.redact(f"{place} answers {status} {answer.reason_phrase}".rstrip())
        asked_for_change = {"if-none-match", "if-modified-since"} & set(answer.request.headers)
        if answer.is_success or status in accept or (status == 304 and asked_for_change):
            return
        if status in _TRY_AGAIN or status >= 500:
            wait_s = _asked_wait(answer.headers.get("retry-after"))
            if wait_s is not None and wait_s > self._longest_wait_s:
                raise SourceUnavailable(f"{self.name}: {found} and asks to wait {wait_s:,.0f} s; try again after that")
            raise _Again(found, wait_s)
        if status in (401, 403) and self.redact.any():
            raise Refused(f"{self.name}: {found}; {self._named_secrets()} is wrong or expired: set a new one")
        if status in (401, 403):
            raise SourceUnavailable(f"{self.name}: {found}; it asks no token of us: try later, or use a mirror")
        if status in (404, 410):
            raise NotPublished(f"{self.name}: {found}; not published (yet), or moved")
        answer.read()
        words = " ".join(self.redact(answer.text).split())[:200]
        raise InputError(f"{self.name}: {found}; the request does not suit it{f' ({words})' if words else ''}")

    def _named_secrets(self) -> str:
        return " or ".join(self._secret_names) or "the token"

    def _fetch_rest(self, url: str, part: Part, headers: dict[str, str]) -> bool:
        """One attempt at what a part lacks; whether the server packed it (gzip) unasked."""
        begun, rest = part.resume()
        ask = {"Accept-Encoding": "identity"} | headers | rest
        with self._answer("GET", url, headers=ask, accept=(416,) if begun else ()) as answer:
            placed = part.place(answer, begun)
            if placed is None:
                raise _Again(f"{part.url} no longer has what was begun; begun anew", 0.0)
            start, total = placed
            _refuse_too_large(part.path, (total or 0) - start)
            with part.path.open("r+b" if start else "wb") as file:
                file.seek(start)
                if answer.status_code != 416:
                    self._receive(answer, file, part, total)
            packed = answer.headers.get("content-encoding", "") in ("gzip", "x-gzip")
        if total is not None and part.size() != total:
            raise _Again(f"{part.url}: {part.size():,} of {total:,} bytes came")
        self._progress(f"fetching {part.target.name}: {_of(part.size(), total)}")
        return packed

    def _receive(self, answer: httpx.Response, file: BinaryIO, part: Part, total: int | None) -> None:
        told_at = 0.0
        for chunk in answer.iter_raw():
            file.write(chunk)
            if time.monotonic() - told_at >= 1:
                told_at = time.monotonic()
                self._progress(f"fetching {part.target.name}: {_of(file.tell(), total)}")


def _failure(state: RetryCallState) -> _Again:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, _Again)
    return error


def _whole(answer: httpx.Response) -> httpx.Response:
    """The answer with its body read and unpacked; a body cut short does not pass as a whole one."""
    body, packing = b"".join(answer.iter_raw()), answer.headers.get("content-encoding", "identity")
    if packing in ("gzip", "x-gzip"):
        try:
            body = gzip.decompress(body)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise httpx.DecodingError("the packed answer is torn") from None
    elif packing != "identity":
        raise httpx.DecodingError(f"the answer is packed as {packing}, which was not asked for")
    headers = [(k, v) for k, v in answer.headers.multi_items() if k not in _OF_THE_JOURNEY]
    return httpx.Response(answer.status_code, headers=headers, content=body, request=answer.request)


_OF_THE_JOURNEY = ("content-encoding", "content-length", "transfer-encoding")


def _asked_wait(retry_after: str | None) -> float | None:
    """Seconds of a Retry-After header, given as seconds or as an HTTP date; None if there is none to be read."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _refuse_too_large(path: Path, bytes_to_come: int) -> None:
    free = shutil.disk_usage(path.parent).free
    if free < bytes_to_come:
        raise SourceUnavailable(
            f"{path.parent}: {free / 1e6:,.0f} MB free, {bytes_to_come / 1e6:,.0f} MB to come; "
            "free some space and try again"
        )


def _of(done: int, total: int | None) -> str:
    digits = 0 if (total or done) >= 10e6 else 1 if (total or done) >= 1e6 else 2
    whole = "" if total is None else f" of {total / 1e6:,.{digits}f}"
    return f"{done / 1e6:,.{digits}f}{whole} MB"
