"""A real Airflow for tests: API server, scheduler and metadata database of its own, on loopback, in a folder."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
DAGS = ROOT / "dags"
# Tasks are forked from the scheduler: what it has imported once, hundreds of short tasks need not import again.
PRELOAD = """
import gc
import sys
if "scheduler" in sys.argv:
    import pipeline.lake.landing, pipeline.tasks.arrivals, pipeline.tasks.gate, pipeline.tasks.run  # noqa
    import duckdb, geopandas, pyarrow.parquet  # noqa
    pipeline.tasks.home.read_zones()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
"""


def environment(home: Path, **more: str) -> dict[str, str]:
    """What an Airflow process of this home needs to know; nothing of the caller's Airflow or coalwatch is inherited."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "COALWATCH"))}
    return (
        kept
        | {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(DAGS / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "6",  # a task that ended holds its place for up to a second
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "true",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "true",
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
            "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "false",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
            "AIRFLOW__SCHEDULER__TRIGGER_TIMEOUT_CHECK_INTERVAL": "1",
            "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
            "PYTHONPATH": str(ROOT),
        }
        | more
    )


def prepare(home: Path, **more: str) -> Path:
    """Migrate the metadata database, make the pool, parse the DAGs; in one process, for Airflow is slow to start."""
    commands = [["db", "migrate"], ["pools", "import", str(DAGS / "pools.json")], ["dags", "reserialize"]]
    each = (
        "import json, sys; from airflow.__main__ import main\n"
        "for command in json.loads(sys.argv[1]): sys.argv = ['airflow', *command]; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", each, json.dumps(commands)],
        env=environment(home, **more), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return home


class Airflow:
    """A running Airflow over a prepared home (copied); a context manager that ends every process it started."""

    def __init__(self, prepared: Path, home: Path, **more: str) -> None:
        shutil.copytree(prepared, home)
        (home / "config").mkdir(exist_ok=True)
        (home / "config" / "airflow_local_settings.py").write_text(PRELOAD)
        port = free_port()
        self.home = home
        self.log = home / "processes.log"
        self._environment = environment(
            home,
            AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{home}/airflow.db",
            AIRFLOW__LOGGING__BASE_LOG_FOLDER=str(home / "logs"),
            AIRFLOW__CORE__EXECUTION_API_SERVER_URL=f"http://127.0.0.1:{port}/execution/",
            AIRFLOW__API__BASE_URL=f"http://127.0.0.1:{port}",
            AIRFLOW__API_AUTH__JWT_SECRET=secrets.token_hex(64),
            **more,
        )
        self._port = port
        self._processes: list[subprocess.Popen[bytes]] = []
        self._since = self._since_event = 0
        self.web = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120)

    def __enter__(self) -> Airflow:
        self._start("api-server", "--host", "127.0.0.1", "--port", str(self._port), "--workers", "1")
        self._start("scheduler", "--skip-serve-logs")
        try:
            self._until(self._answers, "the API server to answer", 180)
            token = self.web.get("/auth/token").json()["access_token"]
        except BaseException:  # nothing of it is left running
            self.__exit__()
            raise
        self.web.headers["Authorization"] = f"Bearer {token}"
        return self

    def __exit__(self, *error: object) -> None:
        self.web.close()
        for process in self._processes:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def unpause(self, *dag_ids: str) -> None:
        """Let the scheduler run these DAGs."""
        for dag_id in dag_ids:
            self._asked("PATCH", f"dags/{dag_id}", {"is_paused": False})

    def begin(self) -> None:
        """From now on tell of new runs only."""
        self._since = self.query("select coalesce(max(id), 0) from dag_run")[0][0]
        self._since_event = self.query("select coalesce(max(id), 0) from asset_event")[0][0]

    def announced(self, asset: str) -> list[str]:
        """Partitions of an asset that were reported, in order of time."""
        events = "select partition_key from asset_event e join asset a on a.id = e.asset_id"
        return [day for (day,) in self.query(f"{events} where a.name = '{asset}' and e.id > {self._since_event}")]

    @contextmanager
    def unpaused(self, dag_id: str) -> Iterator[None]:
        """Let the scheduler run this DAG within the block, and start no more of it after."""
        self.unpause(dag_id)
        try:
            yield
        finally:
            self._asked("PATCH", f"dags/{dag_id}", {"is_paused": True})

    def failed(self) -> list[tuple[str, str | None]]:
        """DAG and partition of the runs that failed."""
        return [(dag_id, partition) for dag_id, partition, state in self.runs() if state == "failed"]

    def backfill(self, dag_id: str, first: str, last: str, backwards: bool = False, max_active_runs: int = 4) -> None:
        """As `airflow backfill create`: days from `first` to `last`; Airflow allows one at a time."""
        closed = "select count(*) from backfill where completed_at is null"
        self._until(lambda: self.query(closed) == [(0,)], "the backfill before to be closed", 90)
        self._asked(
            "POST",
            "backfills",
            {
                "dag_id": dag_id, "from_date": f"{first}T00:00:00Z", "to_date": f"{last}T00:00:00Z",
                "run_backwards": backwards, "max_active_runs": max_active_runs, "reprocess_behavior": "completed",
            },
        )  # fmt: skip

    def trigger(self, dag_id: str, partition_key: str | None = None) -> str:
        """Start one run by hand; its id."""
        return self._asked(
            "POST", f"dags/{dag_id}/dagRuns", {"logical_date": None, "partition_key": partition_key}
        )["dag_run_id"]  # fmt: skip

    def runs(self, dag_id: str | None = None) -> list[tuple[str, str | None, str]]:
        """DAG, partition and state of runs, in order of creation."""
        rows = self.query(f"select dag_id, partition_key, state from dag_run where id > {self._since} order by id")
        return [row for row in rows if dag_id in (None, row[0])]

    def tasks(self, dag_id: str) -> dict[tuple[str, str], list[str]]:
        """State of the task instances of a DAG by partition and task; several where a task is mapped or ran again."""
        rows = self.query(
            "select r.partition_key, t.task_id, t.state from task_instance t join dag_run r on r.dag_id = t.dag_id and "
            f"r.run_id = t.run_id where t.dag_id = '{dag_id}' and r.id > {self._since} order by r.id, t.map_index"
        )
        states: dict[tuple[str, str], list[str]] = {}
        for partition, task_id, state in rows:
            states.setdefault((partition, task_id), []).append(state)
        return states

    def columns(self, dag_id: str) -> list[dict]:
        """What the grid is told of the new runs of a DAG, in order of creation, and their notes."""
        noted = "select r.run_id, n.content from dag_run r left join dag_run_note n on n.dag_run_id = r.id"
        notes = dict(self.query(f"{noted} where r.dag_id = '{dag_id}' and r.id > {self._since}"))
        told = self.web.get(f"/ui/grid/runs/{dag_id}", params={"order_by": "run_after", "limit": 100}).json()
        return [{**one, "note": notes[one["run_id"]]} for one in told if one["run_id"] in notes]

    def note(self, dag_id: str, run_id: str, text: str) -> None:
        """As a person who writes a note on a run."""
        self._asked("PATCH", f"dags/{dag_id}/dagRuns/{run_id}", {"note": text})

    def clear(self, dag_id: str, run_id: str) -> None:
        """As a person who has every task of a run run again."""
        self._asked("POST", f"dags/{dag_id}/dagRuns/{run_id}/clear", {"dry_run": False})

    def kill_once_running(self, task_id: str, when: Callable[[], bool]) -> None:
        """SIGKILL the process of a running task once `when` holds, and let its retry begin at once."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for run_id, pid in self.query(
                "select t.run_id, t.pid from task_instance t join dag_run r on r.dag_id = t.dag_id and r.run_id = "
                f"t.run_id where t.task_id = '{task_id}' and t.state = 'running' and r.id > {self._since}"
            ):
                if pid and when():
                    os.kill(pid, signal.SIGKILL)
                    return self._retry_at_once(task_id, run_id)
            time.sleep(0.02)
        raise AssertionError(f"{task_id} was never seen running")

    def _retry_at_once(self, task_id: str, run_id: str) -> None:
        retried = f"task_id = '{task_id}' and run_id = '{run_id}' and state = 'up_for_retry'"
        counted = f"select count(*) from task_instance where {retried}"
        self._until(lambda: self.query(counted) != [(0,)], f"{task_id} to wait for its retry", 60)
        self.change(f"update task_instance set end_date = '2020-01-01 00:00:00' where {retried}")

    def tries(self, task_id: str) -> int:
        """How often a task of the new runs was tried at most."""
        joined = "task_instance t join dag_run r on r.dag_id = t.dag_id and r.run_id = t.run_id"
        return self.query(f"select max(try_number) from {joined} where task_id = '{task_id}' and r.id > {self._since}")[
            0
        ][0]

    def wait(self, seconds: float = 480) -> None:
        """Until every run has ended or waits for a person, and no asset event is left to start another; a task that
        failed once is tried again after five minutes."""
        self._until(lambda: self._idle() and not time.sleep(0.5) and self._idle(), "all runs to end", seconds)

    def wait_for_the_end_of_asking(self) -> None:
        """Until nothing waits for a person any more, and all else has ended."""
        asking = "select count(*) from task_instance where state = 'awaiting_input'"
        self._until(lambda: self.query(asking) == [(0,)], "questions to end", 90)
        self.wait()

    def questions(self) -> list[dict]:
        """What people are or were asked, as the API tells it."""
        runs = self.query(f"select run_id from dag_run where id > {self._since}")
        told = self.web.get("/api/v2/dags/~/dagRuns/~/hitlDetails", params={"limit": 100}).json()["hitl_details"]
        return [one for one in told if (one["task_instance"]["dag_run_id"],) in runs]

    def answer(self, question: dict, option: str, note: str = "") -> None:
        """As a person at the page "Required Actions"."""
        instance = question["task_instance"]
        where = (
            f"dags/{instance['dag_id']}/dagRuns/{instance['dag_run_id']}/taskInstances/{instance['task_id']}/"
            f"{instance['map_index']}/hitlDetails"
        )
        self._asked("PATCH", where, {"chosen_options": [option], "params_input": {"note": note}})

    def query(self, sql: str) -> list[tuple]:
        """Rows of the metadata database."""
        with closing(sqlite3.connect(f"file:{self.home}/airflow.db?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(sql).fetchall()

    def change(self, *statements: str) -> None:
        """Alter the metadata database, mostly to let time pass."""
        with closing(sqlite3.connect(self.home / "airflow.db", timeout=30)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    def _idle(self) -> bool:
        unfinished = (
            "select count(*) from dag_run r where r.state not in ('success', 'failed') and not exists (select 1 from "
            "task_instance t where t.dag_id = r.dag_id and t.run_id = r.run_id and t.state = 'awaiting_input')"
        )
        at_work = "('scheduled', 'queued', 'running', 'restarting', 'up_for_retry', 'up_for_reschedule')"
        return all(
            self.query(sql) == [(0,)]
            for sql in (
                "select count(*) from asset_partition_dag_run where created_dag_run_id is null",
                unfinished,
                f"select count(*) from task_instance where state in {at_work}",
            )
        )

    def _start(self, *command: str) -> None:
        with self.log.open("ab") as log:
            self._processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "airflow", *command],
                    env=self._environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    def _answers(self) -> bool:
        try:
            return self.web.get("/api/v2/version").status_code == 200
        except httpx.TransportError:
            return False

    def _asked(self, method: str, path: str, body: object) -> dict:
        for _ in range(10):
            answer = self.web.request(method, f"/api/v2/{path}", json=body)
            if answer.status_code < 500:
                break
            time.sleep(1)  # Airflow's database is SQLite here, and at times locked by the scheduler
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def _until(self, condition, what: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            dead = [process.args for process in self._processes if process.poll() is not None]
            if dead or time.monotonic() > deadline:
                states = self.query("select dag_id, partition_key, state from dag_run where state <> 'success'")
                tail = self.log.read_text(errors="replace")[-3000:]
                raise AssertionError(f"waited {seconds} s for {what}; ended: {dead}; runs: {states}\n{tail}")
            time.sleep(0.2)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
