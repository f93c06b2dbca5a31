"""A run: thousands of inputs, in processes that may crash or hang, and a report of what none of them may do."""

from __future__ import annotations

import base64
import gc
import json
import multiprocessing
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from tests.fuzz.corpus import Seed, seeds
from tests.fuzz.trial import Laboratory, Outcome, Trial, make_trial, smallest

_HUNG = 60.0  # seconds on the wall after which an input has hung
_STOPPING = (signal.SIGINT, signal.SIGTERM)
_BLOCK = 20  # landings in one home that are counted at once
_ENDLESS = 1 << 40  # landings


@dataclass
class Finding:
    """A kind of end that no input may have, with one example, made as small as it gets.

    number, mutations   the landing that showed it first, and how its file came about
    example             what is left of it; `of` says of which seed
    """

    kind: str
    format: str
    of: str
    source: str
    number: int
    mutations: tuple[str, ...]
    message: str
    example: bytes
    count: int = 1

    def as_dict(self) -> dict[str, Any]:
        """Plain values; the example as text where it is some, and in base 64."""
        return asdict(self) | {
            "mutations": list(self.mutations),
            "example": self.example.decode("utf-8", "backslashreplace"),
            "example_base64": base64.b64encode(self.example).decode(),
        }


@dataclass
class Result:
    """What a run found: outcomes of inputs by format, the commonest refusals, and findings by kind.

    files        landed or tried to; most hold many inputs
    seconds      on the wall
    cpu_seconds  of the processor, in all processes that landed
    """

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: dict[str, Finding] = field(default_factory=dict)
    files: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def inputs(self) -> int:
        """How many were tried."""
        return sum(self.outcomes.values())

    def note(self, trial: Trial, outcome: Outcome) -> bool:
        """Count an outcome; whether it is of a kind not seen before."""
        self.files += 1
        self.outcomes[trial.seed.format, outcome.name] += trial.inputs
        if outcome.name in ("refused", "unavailable"):
            self.refusals[trial.seed.format, outcome.kind] += 1
        if not outcome.is_finding:
            return False
        if outcome.kind in self.findings:
            self.findings[outcome.kind].count += 1
            return False
        self.findings[outcome.kind] = Finding(
            outcome.kind, trial.seed.format, trial.seed.name, trial.source, trial.number, trial.mutations,
            outcome.message, trial.data,
        )  # fmt: skip
        return True

    def add(self, other: Result) -> None:
        """Take in what another process found."""
        self.files += other.files
        self.cpu_seconds += other.cpu_seconds
        self.outcomes += other.outcomes
        self.refusals += other.refusals
        for kind, finding in other.findings.items():
            known = self.findings.get(kind)
            if known is None:
                self.findings[kind] = finding
            else:
                better = len(finding.example) < len(known.example)
                known.count += finding.count
                if better:
                    self.findings[kind] = replace(finding, count=known.count)


def try_inputs(
    numbers: range,
    run: int,
    corpus: list[Seed],
    laboratory: Laboratory,
    tell: Callable[[Trial], None] = lambda trial: None,
) -> Result:
    """Land the files of some numbers in this process, from an empty home on.

    tell  is given each of them before its turn, and again while its example is made smaller
    """
    result, began = Result(), time.process_time()
    laboratory.clear()
    for number in numbers:
        trial = make_trial(number, run, corpus)
        tell(trial)
        outcome = laboratory.outcome(trial)
        if result.note(trial, outcome):
            finding = result.findings[outcome.kind]
            finding.example = smallest(trial.data, _shows(laboratory, trial, outcome.kind, tell))
    result.cpu_seconds = time.process_time() - began
    return result


def _shows(laboratory: Laboratory, trial: Trial, kind: str, tell: Callable[[Trial], None]) -> Callable[[bytes], bool]:
    def shows(data: bytes) -> bool:
        tell(trial)
        return trial.good in data and laboratory.outcome(replace(trial, data=data)).kind == kind

    return shows


def fuzz(
    n: int,
    run: int,
    *,
    formats: tuple[str, ...],
    jobs: int,
    progress: Callable[[str], None],
    minutes: float = float("inf"),
    every: float = 2.0,
) -> Result:
    """Try n inputs or some more in some processes, or as many as there is time for until SIGINT or SIGTERM.

    A process that crashes or hangs is a finding, and the others go on. What was counted counts, however it ends.

    every  seconds after which `progress` is given the count so far
    """
    began = told = time.monotonic()
    total, workers = Result(), [_Worker(range(job, _ENDLESS, jobs), run, formats) for job in range(jobs)]
    with _stops() as stopped:
        while workers:
            known = set(total.findings)
            for ready in wait([worker.pipe for worker in workers], timeout=1.0):
                worker = next(one for one in workers if one.pipe is ready)
                if total.inputs < n:
                    worker.receive(total)
            for worker in list(workers):
                if worker.is_over(total):
                    workers.remove(worker)
                    rest = worker.rest()
                    if rest:
                        workers.append(_Worker(rest, run, formats))
            for kind in total.findings.keys() - known:
                progress(_as_lines(total.findings[kind]))
            now = time.monotonic()
            if now - told >= every or stopped:
                told = now
                progress(f"{total.inputs:,} of {n:,} inputs, {total.inputs / (now - began):.0f}/s, "
                         f"{len(total.findings)} kinds of fault")  # fmt: skip
            if now - began > 60 * minutes or stopped or total.inputs >= n:
                for worker in workers:
                    worker.stop()
                break
    total.seconds = time.monotonic() - began
    return total


@contextmanager
def _stops() -> Iterator[list[int]]:
    """Signals that ask to stop, as they come in."""
    came: list[int] = []
    before = {one: signal.signal(one, lambda number, frame: came.append(number)) for one in _STOPPING}
    try:
        yield came
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


class _Worker:
    """A process that lands some files, and the one it is at."""

    def __init__(self, numbers: range, run: int, formats: tuple[str, ...]) -> None:
        context = multiprocessing.get_context("spawn")
        self._numbers, self._run, self._formats = numbers, run, formats
        self._at, self._since, self._done = numbers.start, time.monotonic(), False
        self.pipe, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_work, args=(theirs, numbers, run, formats), daemon=True)
        self._process.start()
        theirs.close()

    def receive(self, total: Result) -> None:
        """Take what the process tells: the number it begins, or what it found."""
        try:
            said = self.pipe.recv()
        except EOFError:
            self._done = True
            return
        self._since = time.monotonic()
        if isinstance(said, Result):
            total.add(said)
        else:
            self._at = said

    def is_over(self, total: Result) -> bool:
        """Whether the process has ended, or was ended because it hung; then its last input is a finding."""
        hung = time.monotonic() - self._since > _HUNG
        if not hung and not (self._done and not self.pipe.poll()):
            return False
        if hung:
            self._process.kill()
        self._process.join()
        if self._process.exitcode != 0:
            trial = make_trial(self._at, self._run, seeds(self._formats))
            what = "hang" if hung else f"crash (exit code {self._process.exitcode})"
            total.note(trial, Outcome("fault", f"{what}: {trial.seed.format}", f"{what} of the process"))
        return True

    def stop(self) -> None:
        """End the process; what it did not tell is not counted."""
        self._process.kill()
        self._process.join()

    def rest(self) -> range:
        """The numbers that an ended process left."""
        left = range(self._at + self._numbers.step, self._numbers.stop, self._numbers.step)
        return left if self._process.exitcode != 0 else range(0)


def _work(pipe: Connection, numbers: range, run: int, formats: tuple[str, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of the terminal; the first one decides
    corpus = seeds(formats)
    gc.freeze()  # what is imported stays: walking it again and again is a tenth of all time
    gc.set_threshold(100_000, 50, 100)
    step, block = numbers.step, _BLOCK * numbers.step
    with pipe, Laboratory() as laboratory:
        for start in range(numbers.start, numbers.stop, block):
            some = range(start, min(start + block, numbers.stop), step)
            pipe.send(some.start)
            pipe.send(try_inputs(some, run, corpus, laboratory, lambda trial: pipe.send(trial.number)))


# ---------------------------------------------------------------------------------------------------------- report


def as_text(result: Result, run: int) -> str:
    """The result for people: outcomes by format, then each kind of fault with its example."""
    names = ("landed", "refused", "unavailable", "fault", "slow", "lost")
    formats = sorted({kind for kind, _ in result.outcomes})
    rate = result.inputs / max(result.cpu_seconds, 1e-9)
    lines = [
        f"{result.inputs:,} inputs in {result.files:,} files, SEED={run}, {result.seconds:.0f} s, "
        f"{result.cpu_seconds:.0f} s of the processor ({rate:.0f} inputs/s)", "",
    ]  # fmt: skip
    lines.append(f"{'':14}" + "".join(f"{name:>12}" for name in names))
    for kind in formats:
        lines.append(f"{kind:14}" + "".join(f"{result.outcomes[kind, name]:12,}" for name in names))
    lines += ["", f"{len(result.findings)} kinds of end that no input may have"]
    for finding in sorted(result.findings.values(), key=lambda one: (one.format, -one.count)):
        lines += ["", _as_lines(finding)]
    return "\n".join(lines) + "\n"


def _as_lines(finding: Finding) -> str:
    return (
        f"[{finding.format}] {finding.kind}\n  {finding.count} times; first in landing {finding.number} of "
        f"{finding.of} as {finding.source}, after: {', '.join(finding.mutations) or 'nothing'}\n  {finding.message}\n"
        f"  {finding.example[:1500]!r}"
    )


def as_json(result: Result, run: int) -> str:
    """The same for programs, with the refusals by frequency."""
    outcomes: dict[str, dict[str, int]] = {}
    for (kind, name), count in sorted(result.outcomes.items()):
        outcomes.setdefault(kind, {})[name] = count
    refusals = [{"format": kind, "message": text, "count": n} for (kind, text), n in result.refusals.most_common(300)]
    findings = [finding.as_dict() for finding in result.findings.values()]
    return json.dumps(
        {
            "inputs": result.inputs, "files": result.files, "seed": run, "seconds": round(result.seconds, 1),
            "cpu_seconds": round(result.cpu_seconds, 1), "outcomes": outcomes, "findings": findings,
            "refusals": refusals,
        },
        indent=2, ensure_ascii=False,
    )  # fmt: skip


def write_report(result: Result, run: int, folder: Path) -> list[Path]:
    """Both forms into a folder; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    text, data = folder / f"fuzz-{run}.txt", folder / f"fuzz-{run}.json"
    text.write_text(as_text(result, run), encoding="utf-8")
    data.write_text(as_json(result, run), encoding="utf-8")
    return [text, data]
