"""What all commands share: options, and how an error becomes one line and an exit code."""

from __future__ import annotations

import functools
import inspect
import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pipeline.days import FIRST_YEAR, LAST_YEAR
from pipeline.engines.engine import ENGINES
from pipeline.errors import CoalwatchError, ContractError
from pipeline.show.progress import Progress

_MEND = (PermissionError, FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError)


class Day(click.DateTime):
    """A UTC day, as YYYY-MM-DD, of a year that AIS, law or lists can speak of."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """How help names it."""
        return "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read a day."""
        day = super().convert(value, param, ctx)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fail(f"{value}: expected a day of the years {FIRST_YEAR} to {LAST_YEAR}.", param, ctx)
        return day


DAY = Day()


class CommandGroup(click.Group):
    """Turns every error into one line on standard error and a documented exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what it raises ends in `_stop`."""
        try:
            answer = super().invoke(ctx)
            sys.stdout.flush()  # a full disk or a closed pipe shows here; at exit it would go unnoticed
            return answer
        except (click.exceptions.NoArgsIsHelpError, click.exceptions.Exit):
            raise
        except click.ClickException as error:
            command = getattr(error, "ctx", None) or ctx
            _stop(ctx, error.exit_code, f"{error.format_message()} `{command.command_path} --help` shows how.")
        except KeyboardInterrupt:
            _stop(ctx, 130, "interrupted; finished work is kept, run the same command again to continue")
        except BrokenPipeError:  # the reader of the pipe has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except CoalwatchError as error:
            if isinstance(error, ContractError):
                _trace(ctx)
            _stop(ctx, error.exit_code, str(error))
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            advice = "give another path" if isinstance(error, _MEND) else "free some space and try again"
            _stop(ctx, 2 if isinstance(error, _MEND) else 3, f"{place}{error.strerror or error}; {advice}")
        except Exception as error:
            _trace(ctx)
            hint = "" if is_verbose(ctx) else " (`coalwatch -v …` prints where it happened)"
            _stop(ctx, 4, f"{type(error).__name__}: {error}; a fault of coalwatch, please report it{hint}")


class NamingCommand(click.Command):
    """A command whose help lists what is installed: {formats}, {live}, {daily} and the like in its text are filled in
    when help is requested (`pipeline.tasks.sources.names_for_help`)."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the text with the names in it."""
        from pipeline.tasks.sources import names_for_help

        text = self.help
        self.help = inspect.cleandoc(text or "").format_map(names_for_help())
        try:
            super().format_help_text(ctx, formatter)
        finally:
            self.help = text


def _trace(ctx: click.Context) -> None:
    if is_verbose(ctx):
        logging.getLogger(__name__).error("traceback", exc_info=True)


def _stop(ctx: click.Context, exit_code: int, message: str) -> None:
    click.echo(f"coalwatch: {' '.join(message.split())}", err=True)
    ctx.exit(exit_code)


def _given(ctx: click.Context, option: click.Parameter, value: Any) -> None:
    """Note an option given before or after a command's name; a later one replaces an earlier one."""
    if value:
        ctx.meta[f"{__name__}.{option.name}"] = value


def _noted(ctx: click.Context, name: str) -> Any:
    return ctx.meta.get(f"{__name__}.{name}")


def _verbose(ctx: click.Context, option: click.Parameter, value: bool) -> None:
    _given(ctx, option, value)
    if value:
        logging.getLogger().setLevel(logging.INFO)


def is_verbose(ctx: click.Context) -> bool:
    """Whether --verbose is anywhere on the command line."""
    return bool(_noted(ctx, "verbose"))


_SHARED = (
    click.option(
        "--home",
        type=click.Path(path_type=Path),
        help="Folder of this installation (COALWATCH_HOME).",
        expose_value=False,
        callback=_given,
    ),
    click.option(
        "--warehouse",
        help="SQLAlchemy URL of the warehouse (COALWATCH_WAREHOUSE_URL).",
        expose_value=False,
        callback=_given,
    ),
    click.option(
        "-v",
        "--verbose",
        is_flag=True,
        help="Log each step, and where an error occurred.",
        expose_value=False,
        callback=_verbose,
    ),
)
_JSON = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON: stable names, ISO times in UTC.",
    expose_value=False,
    callback=_given,
)


_SETTINGS = {"home": "home", "warehouse_url": "warehouse", "engine": "engine", "spark_master": "master"}  # to options


def shared(group: Callable[..., None]) -> Callable[..., None]:
    """Add the options that all commands of a group take, before or after the name: --home, --warehouse, --json and
    --verbose."""
    for option in reversed((_JSON, *_SHARED)):
        group = option(group)
    return group


def common(command: Callable[..., None]) -> Callable[..., None]:
    """Add --home and --warehouse, passed on as `settings`, and --verbose."""

    @functools.wraps(command)
    def with_settings(**options: Any) -> None:
        from pipeline.settings import Settings

        ctx = click.get_current_context()
        given = {name: _noted(ctx, option) for name, option in _SETTINGS.items()}
        settings = Settings(**{name: value for name, value in given.items() if value})
        if given["spark_master"] and settings.engine != "spark":
            raise click.UsageError("--master is Spark's address: give --engine spark as well.")
        command(settings=settings, **options)

    for option in reversed(_SHARED):
        with_settings = option(with_settings)
    return with_settings


def engine_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add --engine and --master, which go into the `settings` that `common` passes on."""
    engine = click.option(
        "--engine",
        type=click.Choice(ENGINES),
        help="Where positions are worked on: in this process, or on Spark (COALWATCH_ENGINE; docs/scale.md).",
        expose_value=False,
        callback=_given,
    )
    master = click.option(
        "--master",
        help="Spark's address: local[N], spark://HOST:PORT, yarn … (COALWATCH_SPARK_MASTER; else local[*]).",
        expose_value=False,
        callback=_given,
    )
    return engine(master(command))


def as_json_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add --json, passed on as `as_json`."""

    @functools.wraps(command)
    def with_form(**options: Any) -> None:
        command(as_json=bool(_noted(click.get_current_context(), "as_json")), **options)

    return _JSON(with_form)


def working(command: Callable[..., None]) -> Callable[..., None]:
    """Add --dry-run and --quiet; the latter is passed on as `progress`."""

    @click.option("--dry-run", is_flag=True, help="Print what would be done; write nothing.")
    @click.option("-q", "--quiet", is_flag=True, help="No progress on standard error.")
    @functools.wraps(command)
    def with_progress(quiet: bool, **options: Any) -> None:
        progress = Progress(quiet=quiet, plain=is_verbose(click.get_current_context()))
        try:
            command(progress=progress, **options)
        finally:
            progress.close()

    return with_progress


def print_json(value: Any) -> None:
    """Print plain values as JSON; NaN is refused."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))
