"""The command that opens the warehouse in Datasette."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.errors import InputError
from pipeline.options import as_json_option, common, print_json

if TYPE_CHECKING:
    from pipeline.settings import Settings

INSTALL = 'pip install "coalwatch[browse]"'


@click.command()
@click.option("--port", default=8766, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
@as_json_option
@common
def browse(settings: Settings, port: int, opens: bool, as_json: bool) -> None:
    """Open the warehouse in Datasette: every table and column described, our questions, and SQL of your own.

    It reads and never writes, on this machine alone; it names ships whatever review.yaml says of exports. For a
    warehouse in an SQLite file; PostgreSQL is asked by `coalwatch sql` and by its own tools. Stop it with Ctrl-C.

    \b
    Example:
      coalwatch browse --home coalwatch-demo

    Next: open the address it prints; docs/cookbook.md says how to read the answers.
    """
    from importlib.util import find_spec

    if find_spec("datasette") is None:
        raise InputError(f"browsing needs datasette, not installed: {INSTALL}")
    import uvicorn

    from pipeline.cli.desk import listening
    from pipeline.desk.browse import create_app
    from pipeline.tasks.warehouse_stamp import ask_filled
    from pipeline.warehouse.engine import address, sqlite_path

    ask_filled(settings).close()  # says at once what is wrong with a home
    path = sqlite_path(address(settings.database_url))
    if path is None:
        raise InputError("Datasette reads SQLite files, and this warehouse is on a server: ask it by `coalwatch sql`")
    with listening("127.0.0.1", port) as listener:
        here = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        said = f"The warehouse of {settings.home}, read-only: {here} (Ctrl-C stops it)"
        print_json({"address": here}) if as_json else click.echo(said)
        if opens:
            import webbrowser

            webbrowser.open(here)
        config = uvicorn.Config(create_app(path), log_level="warning", server_header=False, ws="none")
        uvicorn.Server(config).run(sockets=[listener])
