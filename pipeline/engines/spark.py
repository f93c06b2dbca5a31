"""Spark as an engine: a batch of the plan is a job, a piece of work a task.

The lake's parts are sorted by ship, so a piece is read as ranges of ships out of files (`pipeline.tasks.pieces`):
nothing is sorted or exchanged between workers, and no position passes through the Java process.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import socket
import sys
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from pipeline.engines.spark_task import do_piece, lay_down, pick_up
from pipeline.errors import InputError, SourceUnavailable

_P = TypeVar("_P")
_R = TypeVar("_R")
_LOCAL = re.compile(r"local(\[(\d+|\*)(,\d+)?\])?")
_MASTERS = re.compile(r"spark://\S+:\d+|yarn|k8s://\S+|local-cluster\[\d+,\d+,\d+\]")
_TRIES = 4  # of a piece, as on a cluster; Spark's local masters have one
_WAIT_S = 300
_LOGGING = Path(__file__).with_name("log4j2.properties")
# Java moves names of files alone: little memory, and no compiling for long runs.
_JAVA = f"-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.configurationFile={_LOGGING.as_uri()}"


class Spark:
    """A Spark cluster, or local processes of Spark's. A process has one session, from the first piece to its end.

    master  Spark's address: local[N] (processes on this machine), spark://HOST:PORT, yarn, k8s://…
    folder  seen by every worker under this path
    raises  InputError if PySpark or Java is missing, or for an address of no known form
    """

    fixes_of_piece = 1_000_000  # two workers and Java stay below 2 GB

    def __init__(self, master: str, folder: Path) -> None:
        _see_installed()
        self._master, self._folder = _checked(master), folder.absolute()

    def each(self, do: Callable[[_P], _R], pieces: Sequence[_P]) -> Iterator[_R]:
        """As `Engine.each`: all pieces are done before the first result is given."""
        from py4j.protocol import Py4JError

        if not pieces:
            return
        context = _context(self._master, self._folder / "spark.log")
        job = self._folder / uuid.uuid4().hex
        lay_down(job, do, pieces)
        try:
            names = context.parallelize(range(len(pieces)), len(pieces)).map(partial(do_piece, str(job))).collect()
        except (Py4JError, OSError) as error:
            with suppress(Py4JError, OSError):
                context.stop()  # the next job begins anew
            raise SourceUnavailable(
                f"Spark ({self._master}) gave up: {_why(error)}; what was done before is kept: run again to go on"
            ) from None
        yield from (pick_up(job, name) for name in names)
        shutil.rmtree(job, ignore_errors=True)


def _see_installed() -> None:
    if find_spec("pyspark") is None:
        raise InputError("--engine spark needs PySpark, which is not installed: pip install 'coalwatch[spark]'")
    java = os.environ.get("JAVA_HOME")
    if not (Path(java, "bin", "java").exists() if java else shutil.which("java")):
        where = f"JAVA_HOME is {java}, where none is" if java else "none is on the PATH"
        raise InputError(f"--engine spark needs Java 17, and {where}: apt install openjdk-17-jre-headless")


def _checked(master: str) -> str:
    local = _LOCAL.fullmatch(master)
    if local:
        return master if local[3] else f"local[{local[2] or 1},{_TRIES}]"
    if not _MASTERS.fullmatch(master):
        raise InputError(f"--master {master}: no such form; expected local[N], spark://HOST:PORT, yarn or k8s://…")
    return master


def _context(master: str, log: Path) -> Any:
    """The session of this process, begun if there is none with this master.

    raises  as `_start`
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of pandas 3, which we hand nothing of Spark's to
        from pyspark import SparkContext
    active = SparkContext._active_spark_context
    if active is not None and active.master == master:
        return active
    if active is not None:
        active.stop()
    context = _start(master, log)
    atexit.register(context.stop)
    return context


def _start(master: str, log: Path) -> Any:
    """A context of Spark.

    log     file for what Java and workers say
    raises  SourceUnavailable if nothing answers at a master's address, it has no worker to give, or Java does not start
    """
    on_this_machine = master.startswith("local")
    if master.startswith("spark://"):
        _see_master(master)
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway

    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "512m",
        "spark.driver.extraJavaOptions": _JAVA,
    }
    if on_this_machine:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        settings |= {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
    conf = SparkConf().setMaster(master).setAppName("coalwatch").setAll(list(settings.items()))
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        if SparkContext._gateway is None:
            with log.open("wb") as said:  # standard output is ours
                gateway: Any = launch_gateway  # untyped
                SparkContext._ensure_initialized(gateway=gateway(conf, {"stdout": said, "stderr": said}))
        context = SparkContext(conf=conf)
    except Exception as error:  # what Java, network or cluster refuse comes as many kinds
        said_last = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise SourceUnavailable(f"Spark did not start on {master}: {' '.join([_why(error), *said_last])}") from None
    if not on_this_machine:
        _await_worker(context, master)
    return context


def _see_master(master: str) -> None:
    host, _, port = master.removeprefix("spark://").split(",")[0].rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except OSError as error:
        why = error.strerror or error
        raise SourceUnavailable(
            f"no Spark master answers at {master} ({why}); start it, or --master 'local[*]'"
        ) from None


def _await_worker(context: Any, master: str) -> None:
    """See that the cluster gives at least one executor: without any, Spark waits for ever."""
    for _ in range(_WAIT_S):
        if context._jsc.sc().getExecutorMemoryStatus().size() > 1:  # the driver is one
            return
        time.sleep(1)
    context.stop()
    raise SourceUnavailable(
        f"Spark master {master} gave no executor within {_WAIT_S} s; see that its workers run and have cores and memory"
    )


def _why(error: BaseException) -> str:
    """The cause on one line: of an error in a worker, its last line there."""
    text = str(error)
    inside = re.findall(r"^(?:\w+\.)*\w*(?:Error|Exception|Unavailable): .*$", text, re.MULTILINE)
    words = " ".join((inside[-1] if inside else text or type(error).__name__).split())
    return words if len(words) <= 300 else words[:300] + " …"
