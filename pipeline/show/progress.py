"""Progress on standard error: one live line on a terminal, elsewhere a few plain lines, or nothing."""

from __future__ import annotations

import os
import shutil
import sys
import time

_SECONDS = 2.0  # between plain lines of one phase: a log shows that it goes on, not every day of it


class Progress:
    """Call it with a line like "runs to events: 2018-06-03 (75 ships)"; what stands before the colon is the phase."""

    def __init__(self, *, quiet: bool = False, plain: bool = False) -> None:
        self._quiet = quiet
        self._live = not plain and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._phase = ""
        self._told_at = 0.0
        self._standing = False

    def __call__(self, line: str) -> None:
        """Show a line."""
        if self._quiet:
            return
        if self._live:
            width = shutil.get_terminal_size((80, 24)).columns - 1
            print(f"\r\x1b[2K{line[:width]}", end="", file=sys.stderr, flush=True)
            self._standing = True
            return
        phase, now = line.partition(":")[0], time.monotonic()
        if phase != self._phase or now - self._told_at >= _SECONDS:
            self._phase, self._told_at = phase, now
            print(line, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Take the live line away."""
        if self._standing:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
            self._standing = False
