"""The same work on Spark: the same results, whatever becomes of its workers."""

from __future__ import annotations

import gzip
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

from pipeline.contracts import REJECTED_ROW_COUNT, SOURCE_FILE, UNREAD_FIELD_COUNT
from pipeline.engines.engine import Embedded
from pipeline.engines.spark import Spark
from pipeline.engines.spark_task import do_piece, lay_down, pick_up
from pipeline.errors import CoalwatchError, InputError, SourceUnavailable
from pipeline.limits import load_limits
from pipeline.movement.compress import CompressedDays, join_parts
from pipeline.settings import Settings
from pipeline.state.results import COMPRESSED
from pipeline.tasks.home import Home, read_zones
from pipeline.tasks.land import ingest
from pipeline.tasks.pieces import compress_piece, cut
from tests.engines import work
from tests.tasks.test_late_data import called_at_haeju, replace_days
from tests.tasks.test_random_worlds import random_world
from tests.tasks.world import CLOCK, COAL, DAYS, Installation, assert_same, month, write_days

MISSING = [what for what, found in (("pyspark", find_spec("pyspark")), ("Java 17", shutil.which("java"))) if not found]
if MISSING and os.environ.get("COALWATCH_TEST_SPARK") == "required":
    raise RuntimeError(f"not installed: {MISSING}")
pytestmark = pytest.mark.skipif(
    bool(MISSING),
    reason=f"not installed: {', '.join(MISSING)} (pip install 'coalwatch[spark]'; apt install openjdk-17-jre-headless)",
)

FORMS = (
    "noaa/marinecadastre-2023-1000.csv",
    "nmea/gfw-tagblock.nmea",
    "nmea/kystverket-1000.nm4",
    "providers/dma/aisdk-2023-03-18.csv",
)


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """Spark with two workers on this machine."""
    return Spark("local[2]", tmp_path_factory.mktemp("spark") / "pieces")


def compressed(engine, home: Path, days: list[str], most: int) -> CompressedDays:
    lake, zones = Home(Settings(home)).lake, read_zones()
    pieces = list(cut(lake, days, most))
    return join_parts(
        list(engine.each(partial(compress_piece, zones, load_limits()), pieces)), zones, load_limits(), days
    )


class OnSpark(Installation):
    """A home whose runs work on positions on Spark."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home, engine="spark", spark_master="local[2]")


def results(home: Installation) -> list[tuple]:
    """Of every day what it was compressed to and what it hands on, each file named by its content."""
    catalog = home.settings.home / "lake" / "catalog.sqlite"
    with closing(sqlite3.connect(catalog)) as con:
        return con.execute("select kind, day, file, rows from result order by kind, day").fetchall()


def assert_same_lake(found: Installation, expected: Installation) -> None:
    """Equal accounting of every row of every file, equal parts, and nothing left over."""
    lakes = [Home(home.settings).lake for home in (found, expected)]
    parts, others = (
        lake.catalog.execute("select path, kind, day, rows, content_hash from part order by path").fetchall()
        for lake in lakes
    )
    assert parts == others
    for path, *_ in parts:
        ours, theirs = (pq.read_table(lake.root / path, partitioning=None) for lake in lakes)
        assert ours.equals(theirs), path
    for table in (SOURCE_FILE, REJECTED_ROW_COUNT, UNREAD_FIELD_COUNT):
        names = ", ".join(table.names)
        rows, others = (lake.catalog.execute(f"select {names} from {table.name} order by {names}") for lake in lakes)
        assert rows.fetchall() == others.fetchall()
    raw, others = (sorted(path.name for path in lake.raw.iterdir()) for lake in lakes)
    assert raw == others
    assert not lakes[0].incoming.exists()


def assert_same_home(found: Installation, expected: Installation) -> None:
    """Equal results, equal accounting of every row read, equal tables of the warehouse; and nothing left over."""
    assert results(found) == results(expected)
    assert_same(found.rows(), expected.rows())
    assert not (found.settings.home / "lake" / "pieces").exists()


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The address of a Spark master with two workers of one core."""
    import pyspark

    program = Path(pyspark.__file__).parent / "bin" / "spark-class"
    env = os.environ | {"SPARK_DAEMON_MEMORY": "256m", "SPARK_WORKER_DIR": str(folder)}
    processes: list[subprocess.Popen[bytes]] = []

    def start(name: str, host: str, *options: str) -> Path:
        said = folder / f"{name}-{len(processes)}.log"
        command = [program, f"org.apache.spark.deploy.{name.lower()}.{name}", "--host", host, *options]
        with said.open("wb") as log:
            local = env | {"SPARK_LOCAL_IP": host}
            processes.append(subprocess.Popen(command, env=local, stdout=log, stderr=log))
        return said

    try:
        said = start("Master", "127.0.0.1", "--port", "0", "--webui-port", "0")
        while not (found := re.search(r"spark://127\.0\.0\.1:\d+", said.read_text())):
            assert processes[0].poll() is None, said.read_text()
            time.sleep(0.2)
        for host in ("127.0.0.1", "127.0.0.2"):  # what one host does slowly, Spark gives to another one alone
            start("Worker", host, "--webui-port", "0", "--cores", "1", "--memory", "1100m", found[0])
        yield found[0]
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()


def one_file(rows: pd.DataFrame, folder: Path) -> Path:
    """All rows in one file, whatever days they are of."""
    texts = [path.read_text() for path in write_days(rows, folder, days=None).values()]
    file = folder.with_suffix(".csv")
    file.write_text(texts[0] + "".join(text.partition("\n")[2] for text in texts[1:]))
    return file


def skewed() -> pd.DataFrame:
    """A month of 40 ships: one has a third of all fixes, and one day 95 %."""
    rng = np.random.default_rng(16)
    hours = np.where(rng.random(6000) < 0.95, 24 * 2 + rng.random(6000) * 24, rng.random(6000) * 24 * 30)
    ship = np.where(rng.random(6000) < 1 / 3, 0, rng.integers(1, 40, 6000))
    east = 119.5 + 0.05 * ship + 0.002 * (hours % 24)
    rows = pd.DataFrame({"hours": hours, "LON": east, "LAT": 38.2, "SOG": 1.0, "MMSI": 413000001 + ship})
    return rows.assign(VesselName="DEMO", VesselType=70, Length=100)


def assert_same_rows(found: CompressedDays, expected: CompressedDays) -> None:
    """Every frame, in the same order."""
    assert len(expected.runs)
    for name, rows in vars(expected).items():
        assert_frame_equal(getattr(found, name), rows, obj=name)


@pytest.mark.long  # of pieces: below
def test_files_landed_and_run_on_spark_leave_the_same_home_and_the_same_warehouse(files, told, tmp_path, monkeypatch):
    monkeypatch.setattr(Spark, "fixes_of_piece", 60)
    home = OnSpark(tmp_path / "home")

    home.land(*files.values())

    assert_same_lake(home, Installation(told))
    assert len(list(cut(Home(home.settings).lake, DAYS, 60))) > len(DAYS)

    home.run()

    assert_same_home(home, Installation(told))


def test_a_ship_with_a_third_of_a_month_and_a_day_with_nearly_all_of_it_come_to_the_same_rows(spark, tmp_path):
    home = Installation(tmp_path / "home")
    home.land(one_file(skewed(), tmp_path / "month"))
    days = list(Home(home.settings).lake.landed_days())

    found = compressed(spark, tmp_path / "home", days, 400)

    assert len(list(cut(Home(home.settings).lake, days, 400))) > 8
    assert_same_rows(found, compressed(Embedded(), tmp_path / "home", days, 1_000_000))


@pytest.mark.long
def test_files_of_many_forms_land_on_spark_as_they_do_here_up_to_the_one_that_is_torn(samples, files, tmp_path):
    paths = [samples / name for name in FORMS]
    packed = tmp_path / "packed.csv.gz"
    packed.write_bytes(gzip.compress(next(iter(files.values())).read_bytes()))
    rows = next(iter(files.values())).read_bytes()
    torn = tmp_path / "torn.csv.gz"
    torn.write_bytes(gzip.compress(rows + b"".join(rows.splitlines(True)[1:]) * 9, 0)[:-100])

    said = []
    homes = [Installation(tmp_path / "here"), OnSpark(tmp_path / "spark")]
    for home in homes:
        with pytest.raises(InputError) as error:
            ingest(home.settings, [*paths, packed, torn, paths[0]], "auto", now=CLOCK, progress=lambda line: None)
        said.append(str(error.value))

    assert said[0] == said[1]
    assert "(5 files before it are landed and stay)" in said[0]
    assert_same_lake(homes[1], homes[0])


@pytest.mark.long
def test_an_executor_that_is_lost_is_done_without(tmp_path, monkeypatch):
    """A cluster of a master and two workers, each a process on loopback."""
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    with cluster(tmp_path) as master:
        engine = Spark(master, tmp_path / "pieces")
        done = list(engine.each(partial(work.lose_the_executor_once, tmp_path / "lost"), list(range(6))))

    assert done == list(range(6))
    assert (tmp_path / "lost").exists()


@pytest.mark.long
def test_late_days_leave_the_same_home_and_the_same_warehouse(files, told, tmp_path):
    homes = [of(shutil.copytree(told, tmp_path / of.__name__)) for of in (OnSpark, Installation)]

    for home in homes:
        replace_days(home, files, called_at_haeju(month(), COAL), tmp_path / f"late-{type(home).__name__}")

    assert_same_home(*homes)


@pytest.mark.long
@pytest.mark.parametrize("seed", [160_001, 160_002])
def test_random_worlds_in_files_over_midnight_come_to_the_same_in_any_order(tmp_path, seed):
    rows = random_world(seed)
    files = [one_file(some, tmp_path / f"{n:.0f}") for n, some in rows.groupby(rows["hours"] // 20)]
    shuffled = random.Random(seed).sample(files, len(files))
    here, there = Installation(tmp_path / "here"), OnSpark(tmp_path / "spark")
    here.land(*files)
    here.run()

    for some in (shuffled[:2], shuffled[2:]):
        there.land(*some)
        there.run()

    assert_same_lake(there, here)
    assert_same(there.rows(), here.rows())
    ours, theirs = ([one for one in results(home) if one[0] in COMPRESSED] for home in (there, here))
    assert ours == theirs


SPECULATION = """
spark.speculation                 true
spark.speculation.interval        200ms
spark.speculation.multiplier      1.1
spark.speculation.quantile        0.3
"""
LAND_WHILE_ONE_IS_SLOW = """
import sys
from datetime import datetime
from pathlib import Path
from pipeline.engines.engine import open_engine
from pipeline.lake.lake import Lake
from pipeline.lake.landing import land
from tests.engines.work import OneIsSlow
home, master, attempts, now, *files = sys.argv[1:]
lake = Lake(Path(home))
now, paths = datetime.fromisoformat(now), [Path(file) for file in files]
with open_engine("spark", master, lake.incoming) as engine:
    land(lake, paths, "noaa", now=now, synthetic=True, engine=OneIsSlow(engine, Path(attempts)))
"""


@pytest.mark.long
def test_a_file_that_speculation_reads_twice_lands_once(files, landed, tmp_path, monkeypatch):
    """On a cluster of a master and two workers: the first attempt has kept the raw bytes and written all its parts."""
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("SPARK_CONF_DIR", str(tmp_path))
    (tmp_path / "spark-defaults.conf").write_text(SPECULATION)
    (attempts := tmp_path / "attempts").mkdir()
    home = Installation(tmp_path / "home")
    with cluster(tmp_path) as master:
        command = [
            sys.executable,
            "-c",
            LAND_WHILE_ONE_IS_SLOW,
            home.settings.home,
            master,
            attempts,
            CLOCK.isoformat(),
        ]
        subprocess.run([*command, *files.values()], check=True, timeout=900)

    assert len(list(attempts.iterdir())) == 2
    assert_same_lake(home, Installation(landed))


@pytest.mark.long
def test_a_run_that_was_killed_in_the_middle_of_a_batch_goes_on_with_the_next(landed, told, tmp_path):
    home = shutil.copytree(landed, tmp_path / "home")
    pieces = home / "lake" / "pieces"
    command = [sys.executable, "-m", "pipeline.cli", "run", "--engine", "spark", "--master", "local[2]", "--home", home]

    killed = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while killed.poll() is None and not list(pieces.glob("*/job")):
        time.sleep(0.05)
    killed.kill()
    killed.wait()
    assert list(pieces.glob("*/job"))
    assert not [day for kind, day, *_ in results(Installation(home)) if kind == "runs"]
    Installation(home).run()

    assert_same_home(Installation(home), Installation(told))


def test_a_piece_that_two_workers_did_is_taken_from_the_one_that_spark_names(tmp_path):
    lay_down(tmp_path / "job", abs, [-7])
    first, second = (do_piece(str(tmp_path / "job"), 0) for _ in range(2))

    assert first != second
    assert pick_up(tmp_path / "job", second) == 7


@pytest.mark.parametrize(
    ("master", "says"),
    [
        ("sparc://x:1", "no such form; expected local"),
        ("spark://127.0.0.1:1", "no Spark master answers at spark://127.0.0.1:1 .*start it"),
    ],
)
def test_an_address_where_no_master_is_gives_one_clear_line(tmp_path, master, says):
    with pytest.raises(CoalwatchError, match=says):
        list(Spark(master, tmp_path / "pieces").each(abs, [1]))


def test_what_is_not_installed_is_named_with_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="apt install openjdk-17-jre-headless"):
        Spark("local[2]", tmp_path)
    monkeypatch.setattr("pipeline.engines.spark.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'coalwatch\[spark\]'"):
        Spark("local[2]", tmp_path)


def test_what_is_wrong_with_the_data_is_told_as_it_is_without_spark(spark):
    with pytest.raises(InputError, match=r"^row 2: no such thing$"):
        list(spark.each(work.refuse_two, [1, 2, 3]))
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        list(spark.each(work.divide, [1, 0]))


def test_a_worker_that_is_killed_is_replaced_and_its_piece_done_again(spark, tmp_path):
    done = list(spark.each(partial(work.die_once, tmp_path / "died"), [1, 2, 3]))

    assert done == [1, 2, 3]
    assert (tmp_path / "died").exists()


@pytest.mark.long
def test_a_piece_that_fails_wherever_it_is_tried_ends_the_job_and_says_why(spark):
    with pytest.raises(SourceUnavailable, match=r"No space left on device.*run again to go on"):
        list(spark.each(work.fill_the_disk, [1, 2]))

    assert list(spark.each(abs, [-1])) == [1]
