"""A private PostgreSQL for tests: a server of this process alone, on a socket in a folder of its own, as nobody's root.

Its clock is Seoul's and its dates are German, so that what forgets to ask for UTC and ISO is seen to.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NoReturn

import pytest

INSTALL = "apt-get install postgresql-15 postgresql-15-postgis-3"
REQUIRED = "COALWATCH_TEST_POSTGRES"  # set by the gate: there, a missing PostgreSQL is a failure
OWNER = "coalwatch"
_SETTINGS = {
    "listen_addresses": "", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
    "autovacuum": "off", "wal_level": "minimal", "max_wal_senders": "0", "checkpoint_timeout": "1h",
    "max_wal_size": "4GB",
    "timezone": "Asia/Seoul", "datestyle": "German", "shared_buffers": "64MB", "jit": "off", "max_connections": "40",
}  # fmt: skip
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


@dataclass
class Server:
    """A running server; `new` makes databases, `sql` runs statements as its superuser."""

    bin: Path
    folder: Path
    process: subprocess.Popen[bytes]
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def url(self, database: str, user: str = OWNER, password: str | None = None) -> str:
        """The SQLAlchemy address of a database here."""
        secret = f":{password}" if password is not None else ""
        return f"postgresql://{user}{secret}@/{database}?host={self.folder}"

    def new(self, template: str | None = None) -> str:
        """The address of a new database in C.UTF-8: an empty one, or a copy of another."""
        name = f"test_{next(self._numbers)}"
        origin = f"template {template}" if template else "template template0 locale 'C.UTF-8' encoding 'UTF8'"
        self.sql(f"create database {name} {origin} {self.copying}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database of `new`, whoever is connected."""
        self.sql(f"drop database if exists {name_of(url)} with (force)")

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run statements by psql; rows come as text."""
        done = subprocess.run(
            [self.bin / "psql", "-h", self.folder, "-U", OWNER, "-d", database, "-qAtX", "-v", "ON_ERROR_STOP=1"],
            input=statement, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @cached_property
    def copying(self) -> str:
        """How databases are copied: as files, a fifth of the work of writing each page to the log (the default since
        PostgreSQL 15, which is where there is a choice)."""
        return "strategy file_copy" if int(self.sql("show server_version_num")) >= 150_000 else ""

    @property
    def has_postgis(self) -> bool:
        """Whether PostGIS can be created in a database."""
        return self.sql("select count(*) from pg_available_extensions where name = 'postgis'") == "1"

    def limit_files(self, process: int, most: str) -> None:
        """Let no file that a process of the server writes grow beyond so many bytes ("unlimited": as before)."""
        words = ["prlimit", "--pid", str(process), f"--fsize={most}:"]
        done = subprocess.run(words, cwd="/", capture_output=True, text=True, check=False, **_other_user())
        assert done.returncode == 0, done.stderr

    def stop(self) -> None:
        """End the server and remove its folder."""
        self.process.send_signal(signal.SIGINT)  # "fast": clients are thrown out
        self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


def left_out(what: str) -> NoReturn:
    """Skip the test for want of something that `INSTALL` brings; where REQUIRED is set, fail it."""
    words = f"{what} is not installed: {INSTALL}"
    raise pytest.fail.Exception(words) if os.environ.get(REQUIRED) else pytest.skip.Exception(words)


def name_of(url: str) -> str:
    """The database that an address of `Server.url` names."""
    return url.rpartition("@/")[2].partition("?")[0]


def programs() -> Path | None:
    """The folder of PostgreSQL's programs; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def start(programs: Path, *, durable: bool = False) -> Server:
    """Start a server; it answers when this returns.

    durable  it waits for the disk, as a real one does
    """
    folder = Path(tempfile.mkdtemp(prefix="coalwatch-pg-", dir="/tmp"))  # a socket's path must be short
    as_other = _other_user()
    if as_other:
        os.chown(folder, as_other["user"], as_other["group"])
    data = folder / "data"
    made = subprocess.run(
        [programs / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "--locale=C.UTF-8", "--encoding=UTF8", "-N"],
        cwd="/", capture_output=True, text=True, check=False, **as_other,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    rules = data / "pg_hba.conf"
    rules.write_text(f"local all secretive scram-sha-256\n{rules.read_text(encoding='utf-8')}", encoding="utf-8")
    settings = [
        word
        for name, value in (_SETTINGS | (_DURABLE if durable else {})).items()
        for word in ("-c", f"{name}={value}")
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", folder, *settings],
            cwd="/",
            stdout=log,
            stderr=log,
            preexec_fn=_end_with_parent,
            **as_other,
        )
    server = Server(programs, folder, process)
    for _ in range(300):
        ready = subprocess.run([programs / "pg_isready", "-h", folder], capture_output=True, check=False)
        if ready.returncode == 0:
            return server
        assert process.poll() is None, (folder / "log").read_text(encoding="utf-8", errors="replace")
        time.sleep(0.1)
    server.stop()
    raise AssertionError("PostgreSQL did not answer within 30 seconds")


def _end_with_parent() -> None:
    """Ask Linux to stop the server when the tests are killed: nobody else would."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG


def _other_user() -> dict:
    """Whom to run the server as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
