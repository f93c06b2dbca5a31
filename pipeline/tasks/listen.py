"""Task: a live source to hourly landing files, for as long as it is let.

One listener per home and source. What it hears lies in `<home>/landing/<source>/` (see `pipeline.fetch.hourly`); how it
fares is in `status.json` there, a line of JSON written anew every minute.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from geo.files import write_whole
from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.hourly import HourlyFile
from pipeline.fetch.provider import LiveClient
from pipeline.fetch.reception import Reception, told
from pipeline.fetch.redaction import Redaction
from pipeline.fetch.registry import provider_of
from pipeline.fetch.retry import Retry
from pipeline.fetch.sources import SourceSpec, find_source_spec, load_sources
from pipeline.lake.disk import disk_failures, not_writable
from pipeline.plain import Record

if TYPE_CHECKING:
    from pipeline.settings import Settings

log = logging.getLogger(__name__)
_STATUS, _LOCK = "status.json", "listen.lock"
_CARE = timedelta(seconds=1)  # between looks at the hour, the silent boxes and the status
_shown = Redaction()  # a mirror's address may hold a password


def listen(
    settings: Settings,
    source: str,
    *,
    secrets: Mapping[str, str],
    now: Callable[[], datetime],
    progress: Callable[[str], None],
    stop: Event,
    retry: Retry = Retry(),  # noqa: B008 - frozen
) -> Record:
    """Keep what a live source sends until `stop` is set; the running hour's file is then closed.

    secrets  environment variable to value; others than the source's are ignored
    now      the clock
    returns  the last status (see `status`)
    raises   InputError for a source that is not live, a missing or refused secret; SourceUnavailable if another
             listener is at it, the disk is full, or the source never answered
    """
    spec = _live(source)
    taken = spec.take_secrets(secrets)
    with disk_failures(settings.home, _KEPT), _only_listener(settings, source):
        status = _listen(settings, spec, taken, now, progress, stop, retry)
    log.info("listened to %s: %d lines", source, status["frames"])
    if not status["answered"] and status["trouble"]:
        raise SourceUnavailable(f"{status['trouble']}; {source} never answered: try again later")
    return status


_KEPT = "what was heard is kept: free some space and listen again"


def _listen(
    settings: Settings,
    spec: SourceSpec,
    secrets: Mapping[str, str],
    now: Callable[[], datetime],
    progress: Callable[[str], None],
    stop: Event,
    retry: Retry,
) -> Record:
    began_at = now()
    make_client = provider_of(spec).listen
    assert make_client is not None  # as its kind says
    client = make_client(spec, settings, secrets, retry=retry, now=now, tell=progress)
    file = HourlyFile(settings.landing / spec.source, spec.source, _shown(spec.address(settings)))
    silence = timedelta(minutes=spec.silence_minutes) if spec.silence_minutes else None
    reception = Reception(spec.boxes, silence, began_at)
    note = _Status(settings.landing / spec.source / _STATUS, spec.source, began_at, client, reception, file)
    for name in file.adopt(began_at):
        progress(f"{name}: closed, a stopped listener left it")
    cared_at = noted_at = began_at
    note.write(began_at, "listening")
    try:
        with closing(client.lines(stop)) as lines:
            for line in lines:
                at = now()
                if line is not None:
                    file.write(line, at)
                    _each(progress, reception.heard(client.places(line), at))
                if line is not None and timedelta(0) <= at - cared_at < _CARE:
                    continue
                cared_at = at
                file.tick(at)
                _each(progress, reception.fallen_silent(at))
                if not timedelta(0) <= at - noted_at < timedelta(seconds=retry.status_s):
                    noted_at = at
                    progress(note.write(at, "listening"))
    finally:
        file.close()
        note.write(now(), "stopped")
    return note.last


def _each(tell: Callable[[str], None], lines: Iterable[str]) -> None:
    for line in lines:
        tell(line)


def _live(source: str) -> SourceSpec:
    spec = find_source_spec(source)
    if not spec.live:
        live = ", ".join(one.source for one in load_sources().values() if one.live)
        raise InputError(f"{source}: nothing to listen to (a {spec.kind.replace('_', ' ')}); expected one of {live}")
    return spec


@contextmanager
def _only_listener(settings: Settings, source: str) -> Iterator[None]:
    """Be the one listener of a home and source, until the process ends however it ends.

    raises  SourceUnavailable if there is another, InputError if this user may not write there
    """
    path = settings.landing / source / _LOCK
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("a+")
    except OSError as error:
        raise not_writable(settings.home, error) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise SourceUnavailable(
                f"{settings.landing / source}: another coalwatch (process {lock.read().strip()}) listens to {source} "
                f"for this home; `coalwatch listen {source} --status` shows its state"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


class _Status:
    """How a listener fares, kept in a file that is always whole."""

    def __init__(
        self, path: Path, source: str, began_at: datetime, client: LiveClient, reception: Reception, file: HourlyFile
    ) -> None:
        self._path, self._source, self._began_at = path, source, began_at
        self._client, self._reception, self._file = client, reception, file
        self.last: Record = {}

    def write(self, at: datetime, state: str) -> str:
        """Write the status anew; returns it as a line of progress."""
        heard = self._reception.as_dict()
        self.last = {
            "source": self._source,
            "state": state,
            "began_at": told(self._began_at),
            "written_at": told(at),
            "answered": self._client.answered,
            "trouble": self._client.trouble,
            "file": self._file.name,
            **self._client.counts,
            **heard,
        }
        write_whole(self._path, json.dumps(self.last, ensure_ascii=False) + "\n")
        silent = [box["name"] for box in heard["boxes"] if box["silent_since"]]
        aside = f"; silent: {', '.join(silent)}" if silent else ""
        return f"listening: {heard['frames']:,} since {self._began_at:%Y-%m-%d %H:%M}{aside}"


def status(settings: Settings, source: str) -> Record:
    """How the listener of a home and source fares, or fared last.

    returns  source, running, state, began_at, written_at, answered, trouble, file, frames, last_heard_at, silent, boxes
             (name, frames, last_frame_at, silent_since), and the client's counts (of a stream: connections, reconnects,
             refusals; of polls: polls, failures, too_early, tokens); times are ISO, UTC
    raises   InputError for a source that is not live, or that was never listened to
    """
    spec = _live(source)
    path = settings.landing / spec.source / _STATUS
    try:
        last: Record = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise InputError(f"{path}: no such file; {source} was never listened to in this home") from None
    running = False
    with suppress(OSError), path.with_name(_LOCK).open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            running = True
    state = last["state"] if running or last["state"] != "listening" else "killed"
    return last | {"running": running, "state": state}


def plan(settings: Settings, source: str, environment: Mapping[str, str]) -> Record:
    """What `listen` would do: source, kind, url, boxes, message_types, every_s, silence_minutes, folder, and `secrets`
    (name, set); nobody is asked.

    raises  InputError for a source that is not live
    """
    spec = _live(source)
    shown = spec.model_dump(mode="json", include={"source", "kind", "boxes", "message_types", "silence_minutes"})
    return shown | {
        "url": _shown(spec.address(settings)),
        "every_s": None if spec.kind == "stream" else Retry().interval_s(spec.per_minute),
        "folder": str(settings.landing / source),
        "secrets": [{"name": name, "set": bool(environment.get(name, "").strip())} for name in spec.secrets],
    }
