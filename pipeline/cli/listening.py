"""The command that listens to live sources."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Timer
from typing import TYPE_CHECKING, Any

import click

from pipeline.options import NamingCommand, as_json_option, common, print_json, working

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.show.progress import Progress

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Duration(click.ParamType):
    """A time like 90s, 10m, 2h or 1d."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The duration; anything else is refused with the accepted forms."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,6})([smhd])", str(value))
        if not found or not int(found[1]):
            self.fail(f'"{value}" is no duration; expected one like 90s, 10m, 2h or 1d', param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


@click.command(cls=NamingCommand)
@click.argument("source")
@click.option("--for", "duration", type=Duration(), help="Stop after this time, like 90s, 10m or 2h.")
@click.option("--status", "ask_status", is_flag=True, help="Show the state of this home's listener.")
@as_json_option
@working
@common
def listen(
    settings: Settings,
    source: str,
    duration: timedelta | None,
    ask_status: bool,
    dry_run: bool,
    progress: Progress,
    as_json: bool,
) -> None:
    """Listen to a live SOURCE and keep what it sends, in one file per hour.

    Runs until Ctrl-C or SIGTERM, which close the current hour's file; a lost connection is reopened, however long that
    takes. Files are in `landing/SOURCE` in the home. An area from which nothing comes is reported once: the source is
    silent there, which does not mean that ships are absent. Keys are read from the environment (`coalwatch sources`).

    \b
    Sources:
    {live}

    \b
    Examples:
      coalwatch listen {stream} --home watch
      coalwatch listen {stream} --for 10m --home watch
      coalwatch listen {stream} --status --home watch

    Next: `coalwatch ingest auto FILE…` lands the closed files.
    """
    from pipeline.show.listening import show_listened, show_listening_plan, show_status
    from pipeline.tasks import listen

    if dry_run:
        planned = listen.plan(settings, source, os.environ)
        print_json(planned) if as_json else show_listening_plan(planned)
        return
    if ask_status:
        last = listen.status(settings, source)
        print_json(last) if as_json else show_status(last)
        return
    with _stopped_by(duration) as stop:
        last = listen.listen(
            settings, source, secrets=os.environ, now=lambda: datetime.now(UTC), progress=progress, stop=stop
        )
    progress.close()
    print_json(last) if as_json else show_listened(last, settings.landing / source)


@contextmanager
def _stopped_by(duration: timedelta | None) -> Iterator[Event]:
    """An event set by Ctrl-C, SIGTERM, or after a time; a second signal ends the process as usual."""
    stop = Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def end(number: int, frame: object) -> None:
        stop.set()
        for one, handler in before.items():
            signal.signal(one, handler)

    for number in before:
        signal.signal(number, end)
    timer = Timer(duration.total_seconds(), stop.set) if duration else None
    if timer:
        timer.daemon = True
        timer.start()
    try:
        yield stop
    finally:
        if timer:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
