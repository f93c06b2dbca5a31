"""What all commands share: options, and how what goes wrong becomes one line and an exit code."""

from __future__ import annotations

import functools
import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pipeline.errors import CoalwatchError, ContractError
from pipeline.show.progress import Progress

_MEND = (PermissionError, FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError)


class CommandGroup(click.Group):
    """Turns what goes wrong into one line on standard error and an exit code that means something."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what it raises ends in `_stop`."""
        try:
            answer = super().invoke(ctx)
            sys.stdout.flush()  # here a full disk or a closed pipe is told, at the end of the program it would not be
            return answer
        except (click.exceptions.NoArgsIsHelpError, click.exceptions.Exit):
            raise
        except click.ClickException as error:
            command = getattr(error, "ctx", None) or ctx
            _stop(ctx, error.exit_code, f"{error.format_message()} `{command.command_path} --help` shows how.")
        except KeyboardInterrupt:
            _stop(ctx, 130, "interrupted; what is done is kept, the same command again goes on from there")
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
            hint = "" if ctx.params["verbose"] else " (`coalwatch -v …` prints where it happened)"
            _stop(ctx, 4, f"{type(error).__name__}: {error}; a fault of coalwatch, please report it{hint}")


def _trace(ctx: click.Context) -> None:
    if ctx.params["verbose"]:
        logging.getLogger(__name__).error("traceback", exc_info=True)


def _stop(ctx: click.Context, exit_code: int, message: str) -> None:
    click.echo(f"coalwatch: {' '.join(message.split())}", err=True)
    ctx.exit(exit_code)


def common(command: Callable[..., None]) -> Callable[..., None]:
    """Add --home and --warehouse, handed on as `settings`."""

    @click.option("--home", type=click.Path(path_type=Path), help="Folder of this installation (COALWATCH_HOME).")
    @click.option("--warehouse", help="SQLAlchemy URL of the warehouse (COALWATCH_WAREHOUSE_URL).")
    @functools.wraps(command)
    def with_settings(home: Path | None, warehouse: str | None, **options: Any) -> None:
        from pipeline.settings import Settings

        given: dict[str, Any] = {"home": home, "warehouse_url": warehouse}
        command(settings=Settings(**{name: value for name, value in given.items() if value}), **options)

    return with_settings


def as_json_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add --json, handed on as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON: stable names, ISO times in UTC.")(command)


def working(command: Callable[..., None]) -> Callable[..., None]:
    """Add --dry-run and --quiet; the latter is handed on as `progress`."""

    @click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
    @click.option("-q", "--quiet", is_flag=True, help="No progress on standard error.")
    @functools.wraps(command)
    def with_progress(quiet: bool, **options: Any) -> None:
        progress = Progress(quiet=quiet, plain=click.get_current_context().find_root().params["verbose"])
        try:
            command(progress=progress, **options)
        finally:
            progress.close()

    return with_progress


def print_json(value: Any) -> None:
    """Print plain values as JSON; NaN is refused."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))
