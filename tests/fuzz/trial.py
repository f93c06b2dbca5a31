"""One input, landed in this process by the functions that the command line calls, and what became of it."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from pipeline.contracts import SOURCE_FILE
from pipeline.errors import ContractError, InputError, SourceUnavailable
from pipeline.settings import Settings
from tests.fuzz.corpus import LISTS, Seed
from tests.fuzz.mutations import mutate

NOW = datetime(2026, 11, 26, 6, tzinfo=UTC)
SLOW = 5.0  # seconds of the processor that no small input may take
_HOME_LASTS = 40  # landings; a home that holds more of them slows each
_ROOT = Path(__file__).parents[2]
_COLUMNS = [column.name for column in SOURCE_FILE.columns]
_COUNTS = _COLUMNS[_COLUMNS.index("rows_read") + 1 : _COLUMNS.index("rejected") + 1]  # each row is in one of them


@dataclass(frozen=True)
class Trial:
    """An input: a seed as chance left it.

    number    of the trial; with the run's seed it makes the same input again
    data      bytes of the file that is mutated
    dress     how the table of a Parquet file is typed
    day       what --published says of a list that states none
    """

    number: int
    seed: Seed
    data: bytes
    mutations: tuple[str, ...]
    source: str
    dress: int = 0
    day: date = date(2026, 4, 29)


@dataclass(frozen=True)
class Outcome:
    """What became of an input.

    name     landed, refused (exit code 2), unavailable (3), fault (4), slow, lost
    kind     of a fault or loss: exception, innermost frame of the project, and its message without what is of one input
    message  in full
    """

    name: str
    kind: str = ""
    message: str = ""

    @property
    def is_finding(self) -> bool:
        """Whether no input may end so."""
        return self.name in ("fault", "slow", "lost")


def make_trial(number: int, run: int, corpus: list[Seed]) -> Trial:
    """The trial of a number in a run: the same for the same corpus on every machine."""
    chance = Random(f"{run}:{number}")
    kind = chance.choice(sorted({seed.format for seed in corpus}))
    seed = chance.choice([seed for seed in corpus if seed.format == kind])
    other = chance.choice([one for one in corpus if one.format == kind] if chance.random() < 0.8 else corpus)
    data, names = mutate(seed.data, other.data, chance)
    source = seed.source
    if source == "auto" and chance.random() < 0.3 and kind not in ("json", *LISTS):
        source = {"events": "gfw_events", "vessels": "gfw_vessels"}.get(kind, kind)
    day = chance.choice((date(2026, 4, 29), date(2026, 4, 28), date(2024, 5, 13)))
    return Trial(number, seed, data, names, source, chance.randrange(1 << 30), day)


class Laboratory:
    """A home in memory where there is such a disk, made anew from time to time; DuckDB is opened once."""

    def __init__(self) -> None:
        in_memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(prefix="coalwatch-fuzz-", dir=in_memory if in_memory.is_dir() else None))
        self._landings = 0
        self._connected = one_engine()

    def __enter__(self) -> Laboratory:
        self._connected.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._connected.__exit__(None, None, None)
        shutil.rmtree(self.folder, ignore_errors=True)

    def outcome(self, trial: Trial) -> Outcome:
        """Land the input and judge what came of it."""
        home = self._home()
        began = time.process_time()
        try:
            found = self._import(home / "lists", trial) if trial.seed.format in LISTS else self._ingest(home, trial)
        except (ContractError, AssertionError) as error:
            return _fault(error)
        except InputError as error:
            return Outcome("refused", skeleton(str(error)), str(error))
        except SourceUnavailable as error:
            return Outcome("unavailable", skeleton(str(error)), str(error))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # pyo3 and others raise panics of their own
            return _fault(error)
        seconds = time.process_time() - began
        if seconds > SLOW:
            return Outcome("slow", f"slow: {trial.seed.format}", f"{seconds:.1f} s for {len(trial.data)} bytes")
        return found

    def clear(self) -> None:
        """Begin with an empty home."""
        self._landings = 0

    def _home(self) -> Path:
        if self._landings % _HOME_LASTS == 0:
            shutil.rmtree(self.folder / "home", ignore_errors=True)
        self._landings += 1
        return self.folder / "home"

    def _import(self, home: Path, trial: Trial) -> Outcome:
        from pipeline.tasks.lists import import_list

        path = self._write(trial.seed.name.rpartition("-")[2], trial.data)
        if trial.number % 3:  # else it meets the editions of other trials
            shutil.rmtree(home, ignore_errors=True)
        settings = Settings(home=home)
        take = partial(import_list, settings, trial.seed.format, path, now=NOW, progress=_silent, accept_shrunken=True)
        try:
            report = take(published_on=None)
        except InputError as error:
            if "states no day" not in str(error):
                raise
            report = take(published_on=trial.day)
        json.dumps(report.as_dict(), allow_nan=False)
        return Outcome("landed", message=f"{report.accepted} ships, left out {report.left_out}")

    def _ingest(self, home: Path, trial: Trial) -> Outcome:
        from pipeline.tasks.land import ingest, refuse_useless

        seed, data, source = trial.seed, trial.data, trial.source
        name = "day" + (Path(seed.name).suffix or ".txt")
        mapping = seed.mapping
        if seed.format == "mapping":
            mapping, data, name = trial.data, seed.table or b"", "day.csv"
        if source == "mapping":
            assert mapping is not None
            source = str(self._write("trial.yaml", mapping))
        if seed.format == "parquet":
            data = to_parquet(data, Random(trial.dress))
        path = self._write(name, data)
        landed = ingest(
            Settings(home=home), [path], source, now=NOW, progress=_silent, base_date=seed.base_date
        )  # fmt: skip
        json.dumps(landed, allow_nan=False)
        lost = _lost(home, landed[0], data)
        refuse_useless(landed)
        return lost or Outcome("landed", message=str({name: landed[0][name] for name in _COUNTS if landed[0][name]}))

    def _write(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path


def _silent(line: str) -> None:
    pass


@contextmanager
def one_engine() -> Iterator[None]:
    """Let all landings share one desk: opening an engine, and planning anew, takes longer than a landing."""
    from pipeline.lake import contents, landing

    before = landing.Desk
    with contents.Desk() as desk:
        landing.Desk = lambda: nullcontext(desk)  # type: ignore[assignment, misc, return-value]
        try:
            yield
        finally:
            landing.Desk = before  # type: ignore[misc]


# --------------------------------------------------------------------------------------------------------- Parquet


def to_parquet(data: bytes, chance: Random) -> bytes:
    """A CSV as a Parquet file: columns as text, or typed as programs would have done; at times a byte is changed."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    lines = data.decode("utf-8", "replace").replace("\0", "").splitlines()
    rows = [next(csv.reader([line], delimiter=_delimiter(data)), []) for line in lines if line]
    header, *body = rows or [[""]]
    body = [(row + [""] * len(header))[: len(header)] for row in body]
    arrays = [_array([row[at] or None for row in body], chance) for at in range(len(header))]
    target = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, names=header), target, compression=chance.choice(("snappy", "none")))
    content = bytearray(target.getvalue())
    if chance.random() < 0.1:
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(content)


def _delimiter(data: bytes) -> str:
    first = data.split(b"\n", 1)[0]
    return max((",", ";", "\t"), key=lambda one: first.count(one.encode()))


def _array(cells: list[str | None], chance: Random) -> Any:
    import pyarrow as pa

    for kind in chance.sample(("int64", "float64", "int32", "float32", "time", "text", "large", "dictionary"), 4):
        try:
            if kind == "time":
                unit, zone = chance.choice(("s", "ms", "us", "ns")), chance.choice((None, "UTC", "Asia/Pyongyang"))
                parsed = [cell and datetime.fromisoformat(cell) for cell in cells]
                return pa.array(parsed, pa.timestamp("us")).cast(pa.timestamp(unit)).cast(pa.timestamp(unit, zone))
            if kind in ("int64", "int32"):
                return pa.array([cell and int(cell) for cell in cells], getattr(pa, kind)())
            if kind in ("float64", "float32"):
                return pa.array([cell and float(cell) for cell in cells], getattr(pa, kind)())
            if kind == "large":
                return pa.array(cells, pa.large_string())
            if kind == "dictionary":
                return pa.array(cells, pa.string()).dictionary_encode()
        except (ValueError, OverflowError, TypeError, pa.ArrowException):
            continue
    return pa.array(cells, pa.string())


# --------------------------------------------------------------------------------------------------------- judging


def _lost(home: Path, landed: dict[str, Any], data: bytes) -> Outcome | None:
    """A loss, if rows of the file are in no count, or the counts say other than what is kept."""
    told = sum(landed[name] for name in _COUNTS)
    if told != landed["rows_read"]:
        return Outcome("lost", "lost: counts do not add up", f"{told} of {landed['rows_read']} rows in the counts")
    reasons = sum(one["rows"] for one in landed["rejects"])
    if reasons != landed["rejected"]:
        return Outcome("lost", "lost: rejects without a reason", f"{reasons} of {landed['rejected']} with a reason")
    least, most = rows_of(landed["source"], data)
    if not least <= landed["rows_read"] <= most:
        return Outcome(
            "lost", f"lost: rows of the file ({landed['source']})",
            f"{landed['rows_read']} rows read; the file has {least}" + (f" to {most}" if most != least else ""),
        )  # fmt: skip
    return None


def rows_of(source: str, data: bytes) -> tuple[int, float]:
    """Least and most rows that a file of a source holds, counted without reading it; (0, inf) where that is not plain.

    Text is counted where no quote may hide a line's end: its lines with anything on them, without the header.
    """
    if data.startswith(b"PAR1"):
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            rows = pq.read_metadata(io.BytesIO(data)).num_rows
        except (pa.ArrowException, OSError):
            return 0, float("inf")
        return rows, rows
    if data.startswith((b"\x1f\x8b", b"PK\x03\x04")) or b"\0" in data:
        return 0, float("inf")
    if source == "nmea":
        told = re.sub(rb"(?m)^\s*#[^\r\n]*", b"", data)  # comments are no rows
        sentences = len(re.findall(rb"![A-Z]{2}VD[MO],", told))
        return sentences, float("inf")
    ended = re.split(rb"\r\n|\n|\r", data.removeprefix(b"\xef\xbb\xbf"))
    lines = [line for line in ended if line.strip()]
    blanks = sum(1 for line in ended if line and not line.strip())  # a line of blanks may count as a row, or not
    if source in ("noaa", "dma", "trial"):
        if b'"' in data or b"\r" in data.replace(b"\r\n", b""):
            return 0, float("inf")
        return len(lines) - 1, len(lines) - 1 + blanks
    if source == "aisstream" and all(_is_object(line) for line in lines):
        return len(lines), len(lines) + blanks
    return 0, float("inf")


def _is_object(line: bytes) -> bool:
    try:
        return line.startswith(b"{") and isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _fault(error: BaseException) -> Outcome:
    frame = "outside the project"
    for one in traceback.extract_tb(error.__traceback__):
        path = Path(one.filename)
        if path.is_relative_to(_ROOT / "pipeline") or path.is_relative_to(_ROOT / "geo"):
            frame = f"{path.relative_to(_ROOT)}:{one.name}"
    name = type(error).__name__
    return Outcome("fault", f"{name} in {frame}: {skeleton(str(error))}", " ".join(str(error).split())[:600])


def skeleton(message: str) -> str:
    """A message without what belongs to one input: numbers, quoted and bracketed words, places."""
    text = message.strip().split("\n")[0]
    for pattern, word in ((r'"[^"]*"|\'[^\']*\'|“[^”]*”', "…"), (r"\([^()]*\)", "(…)"), (r"\d[\d,.]*", "0")):
        text = re.sub(pattern, word, text)
    return text[:160]


# -------------------------------------------------------------------------------------------------------- smallest


def smallest(data: bytes, still: Callable[[bytes], bool], most: int = 80) -> bytes:
    """The least of a file that still shows the fault (delta debugging): first whole lines go, then bytes."""
    tries = 0

    def holds(candidate: bytes) -> bool:
        nonlocal tries
        tries += 1
        return tries <= most and still(candidate)

    text = b"".join(_least(re.findall(rb"[^\n]*\n|[^\n]+", data), holds))
    return b"".join(_least([text[at : at + 1] for at in range(len(text))], holds))


def _least(pieces: list[bytes], holds: Callable[[bytes], bool]) -> list[bytes]:
    size = max(1, len(pieces) // 2)
    while pieces:
        at = 0
        while at < len(pieces):
            shorter = pieces[:at] + pieces[at + size :]
            if holds(b"".join(shorter)):
                pieces = shorter
            else:
                at += size
        if size == 1:
            break
        size = max(1, size // 2)
    return pieces
