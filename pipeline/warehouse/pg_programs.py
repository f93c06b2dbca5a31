"""PostgreSQL's own pg_dump and pg_restore: found on this machine, new enough, run without showing a password."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from pipeline.errors import CoalwatchError, InputError, SourceUnavailable
from pipeline.warehouse.postgres import shown_address

FOLDERS = Path("/usr/lib/postgresql")  # where Debian and Ubuntu keep those of each version
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_LATER = ("no space left", "disk full", "could not extend", "could not connect", "connection to server", "terminat")


@dataclass(frozen=True)
class Program:
    """A program of PostgreSQL's, of a major version."""

    path: Path
    version: int


def program(name: str, least: int) -> Program:
    """The oldest `name` on this machine that is of version `least` or newer: what it writes, older servers read too.

    raises  InputError when there is none, with what to install
    """
    found = sorted(_found(name), key=lambda one: one.version)
    fit = [one for one in found if one.version >= least]
    if fit:
        return fit[0]
    install = f"install it: apt-get install postgresql-client-{least}"
    if not found:
        raise InputError(f"{name} is neither on PATH nor in {FOLDERS}; {install}")
    newest = found[-1]
    raise InputError(
        f"{name} here is of PostgreSQL {newest.version} ({newest.path}); expected {least} or newer; {install}"
    )


def call(program: Program, address: URL, arguments: Sequence[str | Path]) -> None:
    """Run a program on a database; a password goes by the environment, where no list of processes shows it.

    raises  InputError or SourceUnavailable with the program's words when it fails
    """
    connection, secrets = _connection(address)
    environment = {
        **os.environ,
        **secrets,
        "LC_ALL": "C",
        "PGCONNECT_TIMEOUT": os.environ.get("PGCONNECT_TIMEOUT", "10"),
    }
    done = subprocess.run(
        [program.path, "--no-password", "--dbname", connection, *arguments],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    if done.returncode:
        raise _failure(program, address, done.stderr.decode(errors="replace"))


def _found(name: str) -> list[Program]:
    on_path = shutil.which(name)
    places = [*FOLDERS.glob(f"*/bin/{name}"), *([Path(on_path)] if on_path else [])]
    found = []
    for place in places:
        try:
            said = subprocess.run([place, "--version"], capture_output=True, text=True, check=False).stdout
        except OSError:
            continue
        if version := _VERSION.search(said):
            found.append(Program(place, int(version[1])))
    return found


def _connection(address: URL) -> tuple[str, dict[str, str]]:
    """The address as libpq's own words, and what of it is secret, as variables."""
    from psycopg.conninfo import make_conninfo

    options = {name: ",".join(value) if isinstance(value, tuple) else value for name, value in address.query.items()}
    parts = {"host": address.host, "port": address.port, "dbname": address.database, "user": address.username}
    whole: dict[str, Any] = {
        name: value for name, value in {**parts, "password": address.password, **options}.items() if value
    }
    secrets = {"PGPASSWORD": str(whole.pop("password"))} if "password" in whole else {}
    return make_conninfo(**whole), secrets


def _failure(program: Program, address: URL, said: str) -> CoalwatchError:
    words = " ".join(said.split())[-400:] or "it said nothing"
    kind = SourceUnavailable if any(part in said.lower() for part in _LATER) else InputError
    return kind(f"warehouse {shown_address(address)}: {program.path.name} stopped, nothing of it is kept ({words})")
