"""How long a listener waits for what, and waiting that goes on doing its other duties and can be ended at once."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event


def back_off_s(failures: int, first_s: float, longest_s: float) -> float:
    """Seconds to wait after so many failures in a row (1 or more): doubling from the first to the longest, and up to
    the first more, so that many clients that were cut off together do not come back together."""
    return min(first_s * 2.0 ** min(failures - 1, 30), longest_s) + random.uniform(0, first_s)


@dataclass(frozen=True)
class Retry:
    """Seconds.

    first_wait_s    before the first new attempt; doubles with each one that fails, with jitter
    longest_wait_s  between attempts: a source is never given up
    settled_s       a connection that lasted so long was a good one: the next wait is the first again
    open_s          for a connection to come about
    ping_s          between signs of life, and for the answer to one
    poll_s          between polls; None: as the catalogue says
    status_s        between notes in the status file
    turn_s          between looks at the hour, the silent boxes and the stop signal while nothing comes
    """

    first_wait_s: float = 1.0
    longest_wait_s: float = 300.0
    settled_s: float = 60.0
    open_s: float = 10.0
    ping_s: float = 20.0
    poll_s: float | None = None
    status_s: float = 60.0
    turn_s: float = 1.0

    def wait_s(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row (1 or more)."""
        return back_off_s(failures, self.first_wait_s, self.longest_wait_s)

    def interval_s(self, per_minute: float | None) -> float:
        """Seconds from the end of one poll to the next, for a source that may be asked so often."""
        return self.poll_s if self.poll_s is not None else 60.0 / (per_minute or 1.0)

    def turns(self, stop: Event, seconds: float) -> Iterator[None]:
        """Wait: None comes every turn until the time is over or `stop` is set."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not stop.wait(min(left, self.turn_s)):
            yield None
