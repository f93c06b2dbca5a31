"""One writer of a bucket at a time, on whatever machine: an object that says who writes, renewed while it does.

A holder that is killed renews no more. That it is dead is seen by whoever waits, by a clock of its own: the same object
for `DEAD_S`. Each renewal holds a number of its own, so that two never have the same tag.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from pipeline.errors import CoalwatchError, SourceUnavailable
from pipeline.lake.bucket import Bucket

KEY = "writer.json"
DEAD_S = 60.0  # without a renewal
_RENEW_S, _LOOK_S = 15.0, 2.0


class Lease:
    """The right to write that this process holds, as far as it knows."""

    def __init__(self, bucket: Bucket, etag: str) -> None:
        self._bucket, self._etag = bucket, etag
        self._busy, self._ended = threading.Lock(), threading.Event()

    def confirm(self) -> None:
        """See that nobody took over, by renewing it.

        raises  SourceUnavailable if somebody did, or nothing answers
        """
        with self._busy:
            etag = self._bucket.swap(KEY, _content("held"), self._etag)
            if etag is None:
                raise SourceUnavailable(
                    f"{self._bucket.url}: {_holder(self._bucket)} took over as the writer, for this process was not "
                    "heard from; run again to wait for it"
                )
            self._etag = etag

    def _renew(self) -> None:
        while not self._ended.wait(_RENEW_S):
            with suppress(CoalwatchError):  # who commits sees for itself
                self.confirm()

    def _release(self) -> None:
        self._ended.set()
        with self._busy, suppress(CoalwatchError):
            self._bucket.swap(KEY, _content("free"), self._etag)


@contextmanager
def writer(bucket: Bucket, progress: Callable[[str], None]) -> Iterator[Lease]:
    """Hold the lease of a bucket; wait while another process does, and say so.

    raises  InputError, SourceUnavailable as `Bucket`
    """
    lease = Lease(bucket, _taken(bucket, progress))
    renewing = threading.Thread(target=lease._renew, daemon=True)
    renewing.start()
    try:
        yield lease
    finally:
        lease._release()
        renewing.join()


def _taken(bucket: Bucket, progress: Callable[[str], None]) -> str:
    seen, since, told = "", 0.0, False
    while True:
        found = bucket.read(KEY)
        if found is None:
            etag = bucket.create(KEY, _content("held"))
        elif _is_free(found.content) or (found.etag == seen and time.monotonic() - since >= DEAD_S):
            etag = bucket.swap(KEY, _content("held"), found.etag)
        else:
            etag = None
            if found.etag != seen:
                seen, since = found.etag, time.monotonic()
            if not told:
                progress(f"waiting: {_holder(bucket)} is writing to {bucket.url}")
            told = True
            time.sleep(_LOOK_S)
        if etag is not None:
            return etag


def _content(state: str) -> bytes:
    holder = f"process {os.getpid()} on {socket.gethostname()}"
    return json.dumps({"state": state, "holder": holder, "nonce": uuid.uuid4().hex}).encode()


def _is_free(content: bytes) -> bool:
    try:
        return json.loads(content)["state"] == "free"
    except (ValueError, KeyError, TypeError):
        return False  # whoever wrote it: it is waited for, and then taken over


def _holder(bucket: Bucket) -> str:
    found = bucket.read(KEY)
    try:
        return str(json.loads(found.content)["holder"])[:100] if found else "another coalwatch"
    except (ValueError, KeyError, TypeError):
        return "another coalwatch"
