"""`python -m tests.fuzz`: mutate inputs of every format, land them, and list every end that none may have."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.fuzz.corpus import FORMATS, seeds
from tests.fuzz.run import as_text, fuzz, write_report
from tests.fuzz.trial import Laboratory, make_trial


def main() -> int:
    """Exit code 1 if there was a fault, a hang, or a row in no count."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("-n", type=int, default=2000, help="how many inputs, at least")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same inputs")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so many")
    parser.add_argument("--every", type=float, default=2.0 if sys.stderr.isatty() else 30.0,
                        help="tell the count so far after so many seconds")  # fmt: skip
    parser.add_argument("--formats", default=",".join(FORMATS), help="some of " + ",".join(FORMATS))
    parser.add_argument("--landing", type=int, metavar="NUMBER", help="land this file only, and keep it in --report")
    parser.add_argument("--report", type=Path, default=Path("build/fuzz"), help="folder of the reports")
    given = parser.parse_args()
    formats = tuple(given.formats.split(","))
    unknown = set(formats) - set(FORMATS)
    if unknown:
        parser.error(f"unknown format {min(unknown)}; expected some of {', '.join(FORMATS)}")
    if not seeds(formats):
        parser.error(f"no input of {', '.join(formats)} is made here; COALWATCH_SAMPLES names a folder with some")
    if given.landing is not None:
        return _one(given.landing, given.seed, formats, given.report)

    result = fuzz(
        given.n, given.seed, formats=formats, jobs=given.jobs, progress=_progress, minutes=given.minutes,
        every=given.every,
    )  # fmt: skip
    if result.inputs < given.n:
        print(f"stopped before its end: {given.n - result.inputs:,} inputs are left")
    print(as_text(result, given.seed))
    print("written:", *write_report(result, given.seed, given.report))
    return 1 if result.findings else 0


def _one(number: int, run: int, formats: tuple[str, ...], folder: Path) -> int:
    trial = make_trial(number, run, seeds(formats))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{run}-{number}-{trial.seed.name}"
    path.write_bytes(trial.data)
    with Laboratory() as laboratory:
        outcome = laboratory.outcome(trial)
    print(f"{path}\n{trial.seed.format} as {trial.source}, after: {', '.join(trial.mutations)}")
    print(f"{outcome.name}: {outcome.kind}\n{outcome.message}")
    return 1 if outcome.is_finding else 0


def _progress(line: str) -> None:
    on_screen = sys.stderr.isatty()
    print(f"\r{line}" if on_screen else line, end="" if on_screen else "\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
