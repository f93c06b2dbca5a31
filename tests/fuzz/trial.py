"""One input, landed in this process by the functions that the command line calls, and what became of it."""

from __future__ import annotations

import io
import json
import re
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import takewhile
from pathlib import Path
from random import Random
from typing import Any

from pipeline.contracts import SOURCE_FILE
from pipeline.errors import ContractError, InputError, SourceUnavailable
from pipeline.settings import Settings
from tests.fuzz.as_parquet import to_parquet
from tests.fuzz.company import assembled, joins
from tests.fuzz.corpus import LISTS, Seed
from tests.fuzz.mutations import mutate
from tests.template import one_desk

NOW = datetime(2026, 11, 26, 6, tzinfo=UTC)
SLOW = 5.0  # seconds of the processor that no small input may take
_HOME_LASTS = 40  # landings; a home that holds more of them slows each
_ROOT = Path(__file__).parents[2]
_COLUMNS = [column.name for column in SOURCE_FILE.columns]
_OF_USE = ("positions", "positions_with_report", "vessel_reports", "events")
_COUNTS = _COLUMNS[_COLUMNS.index("rows_read") + 1 : _COLUMNS.index("rejected") + 1]  # each row is in one of them


@dataclass(frozen=True)
class Trial:
    """A file to land: a seed as chance left it, or a seed with many such pieces in one file (see `company`).

    number    of the trial; with the run's seed it makes the same file again
    data      bytes of the file that is mutated
    dress     how the table of a Parquet file is typed
    day       what --published says of a list that states none
    inputs    how many mutated inputs it holds
    good      the seed's own rows, if they stand beside others and must land
    """

    number: int
    seed: Seed
    data: bytes
    mutations: tuple[str, ...]
    source: str
    dress: int = 0
    day: date = date(2026, 4, 29)
    inputs: int = 1
    good: bytes = b""


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
    """The trial of a number in a run: the same for the same corpus on every machine. Every other one is a company, if
    the format allows it."""
    chance = Random(f"{run}:{number}")
    kind = chance.choice(_formats_of(corpus, number % 2 == 1))
    seed = chance.choice([seed for seed in corpus if seed.format == kind])
    alike = [one for one in corpus if one.format == kind]
    together = number % 2 == 1 and joins(seed)
    if together:
        data, good, names, inputs = assembled(seed, alike, chance)
    else:
        other = chance.choice(alike if chance.random() < 0.8 else corpus)
        data, names = mutate(seed.data, other.data, chance)
        good, inputs = b"", 1
    source = seed.source
    if source == "auto" and chance.random() < 0.3 and kind not in ("json", *LISTS):
        source = {"events": "gfw", "vessels": "gfw_vessels"}.get(kind, kind)
    day = chance.choice((date(2026, 4, 29), date(2026, 4, 28), date(2024, 5, 13)))
    return Trial(number, seed, data, names, source, chance.randrange(1 << 30), day, inputs, good)


def _formats_of(corpus: list[Seed], together: bool) -> list[str]:
    """Formats, of those whose files can hold many inputs if there are any and these are wanted."""
    every = sorted({seed.format for seed in corpus})
    return (together and sorted({seed.format for seed in corpus if joins(seed)})) or every


class Laboratory:
    """A home in memory where there is such a disk, made anew from time to time; DuckDB is opened once."""

    def __init__(self) -> None:
        in_memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(prefix="coalwatch-fuzz-", dir=in_memory if in_memory.is_dir() else None))
        self._landings = 0
        self._connected = one_desk()
        self._alone: dict[str, dict[str, Any]] = {}  # how a seed lands by itself

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
        from pipeline.tasks.land import refuse_useless

        must = self._land_alone(trial) if trial.good and trial.seed.format != "parquet" else {}
        try:
            landed = self._land(home, trial)
            lost = _lost(home, landed, self._landed_data) or _missing(landed, must)
            refuse_useless([landed])
        except InputError as error:
            if not any(must.get(name) for name in _OF_USE):
                raise
            return Outcome(
                "lost", f"lost: refused for what stands beside good rows: {skeleton(str(error))}", str(error)
            )
        return lost or Outcome("landed", message=str({name: landed[name] for name in _COUNTS if landed[name]}))

    def _land_alone(self, trial: Trial) -> dict[str, Any]:
        """The counts of a seed by itself, in a home of its own; none if it does not land."""
        key = f"{trial.seed.format} {trial.seed.name} {trial.source}"
        if key not in self._alone:
            alone = replace(trial, data=trial.seed.data)
            try:
                self._alone[key] = self._land(self.folder / "alone", alone)
            except InputError:
                self._alone[key] = {}
            shutil.rmtree(self.folder / "alone", ignore_errors=True)
        return self._alone[key]

    def _land(self, home: Path, trial: Trial) -> dict[str, Any]:
        """The SOURCE_FILE row of a file, and its rejects."""
        from pipeline.tasks.land import ingest

        seed, data, source = trial.seed, trial.data, trial.source
        name = "day" + (Path(seed.name).suffix or ".txt")
        mapping = seed.mapping
        if seed.format == "mapping":
            mapping, data, name = trial.data, seed.table or b"", "day.csv"
        if source == "mapping":
            assert mapping is not None
            source = str(self._write("trial.yaml", mapping))
        if seed.format == "parquet":
            data = to_parquet(data, Random(trial.dress), lenient=trial.good != b"")
        path = self._write(name, data)
        self._landed_data = data
        landed = ingest(
            Settings(home=home), [path], source, now=NOW, progress=_silent, base_date=seed.base_date
        )  # fmt: skip
        json.dumps(landed, allow_nan=False)
        return landed[0]

    def _write(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path


def _silent(line: str) -> None:
    pass


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


def _missing(landed: dict[str, Any], must: dict[str, Any]) -> Outcome | None:
    """A loss, if fewer rows are of use than the good ones in the file give by themselves."""
    for names in (("positions", "positions_with_report"), ("events",), ("vessel_reports",)):
        if names == ("vessel_reports",) and landed["source"] != "gfw_vessels":
            continue  # what a report says may be said by a position beside it
        found, least = (sum(row.get(name, 0) for name in names) for row in (landed, must))
        if found < least:
            told = f"{found} {names[0]} of a file whose good rows alone give {least}"
            return Outcome("lost", f"lost: good rows beside others ({landed['source']})", told)
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
        marked = (line.lstrip().startswith((b"#", b"sep=")) for line in lines)
        above = sum(takewhile(bool, marked))
        above -= source == "dma" and above > 0  # its header is one of them
        return len(lines) - 1 - above, len(lines) - 1 + blanks
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
