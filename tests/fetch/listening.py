"""A home to listen in, a clock to turn, and what was told and kept."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.fetch.retry import Retry
from pipeline.settings import Settings
from pipeline.tasks import listen

QUICK = Retry(first_wait_s=0.02, longest_wait_s=0.05, open_s=2, ping_s=2, poll_s=0.02, status_s=0.01, turn_s=0.02)
FIVE = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)


class Clock:
    """The listener's clock: it runs, from a moment of our own, and can be set forward."""

    def __init__(self, at: datetime = FIVE) -> None:
        self._at, self._began = at, time.monotonic()

    def __call__(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._began)

    def forward(self, **by: float) -> None:
        self._at += timedelta(**by)


class Listener:
    """A listener in a thread; a context manager that stops it at its end."""

    def __init__(self, home: Path, source: str, secrets: dict[str, str], urls: dict[str, str], **how) -> None:
        self.settings = Settings(home=home, source_urls=urls)
        self.folder = home / "landing" / source
        self.clock = how.pop("clock", None) or Clock()
        self.told: list[str] = []
        self.stop = threading.Event()
        self.error: BaseException | None = None
        self.last: dict | None = None
        how = {
            "secrets": secrets,
            "now": self.clock,
            "progress": self.told.append,
            "stop": self.stop,
            "retry": QUICK,
        } | how
        self._thread = threading.Thread(target=self._run, args=(source, how))

    def _run(self, source, how):
        try:
            self.last = listen.listen(self.settings, source, **how)
        except BaseException as error:
            self.error = error

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, kind, *_):
        self.stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()
        if self.error is not None and kind is None:
            raise self.error

    def until(self, condition):
        """Wait until something is so."""
        eventually(lambda: condition() or self.error or not self._thread.is_alive())
        assert condition(), (self.error, self.told)

    def lines(self):
        """All that was kept, in order of file and line."""
        files = sorted(self.folder.glob("*.jsonl")) + sorted(self.folder.glob("*.jsonl.part"))
        return [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]

    def files(self):
        """Names of what a reader of the landing folder finds."""
        return sorted(path.name for path in self.folder.iterdir() if path.suffix == ".jsonl")

    def status(self):
        """What the status file says, as soon as there is one."""
        eventually((self.folder / "status.json").exists)
        return json.loads((self.folder / "status.json").read_text())

    def says(self, word):
        """Lines told that hold a word."""
        return [line for line in self.told if word in line]


def eventually(condition, seconds=8.0):
    """Wait until something is so, but not for ever."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.005)
