"""How many hidden stories are found, how many alerts are false: `python -m bench.detection`, `make bench-detection`.

For each seed a month is drawn (`pipeline/scenarios`) and written as ordinary CSV files, once for each share of what its
receivers heard; `coalwatch ingest` and `coalwatch run` see the files alone, and the alerts are read by SQL. Some of the
worlds are also run on their first days alone: whatever the whole home says was known by then must stand there, and
nothing there may speak of later days (time leaks). Each silence is compared with why the ship fell silent (reception).

Prints recall and precision by pattern with Wilson intervals (95 %), false alerts per 1,000 ship-days of other ships,
and CPU seconds for each world; writes detection.md and detection.svg into --report, how often alerts of each pattern
and score were right into --calibration, and every story and alert into --json.
Each world is kept in --folder once it is run, and run again only if the code, the seeds or the generator changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bench.detection_report import calibrated, report, svg
from bench.reception_check import GAPS, reception_check
from bench.scoring import score
from pipeline.scenarios.days import write_days
from pipeline.scenarios.script import stories
from pipeline.scenarios.world import World, draw_world

ROOT = Path(__file__).resolve().parent.parent
CALIBRATION = "calibration.yaml"  # is written here, and decides nothing
HEARD = (1.0, 0.5, 0.2, 0.05)
_LEAK_SHARE = 0.6  # of the days of a world, in the home that is checked for time leaks
_ALERTS = """
select pattern_id, alert_id, mmsi, imo, vessel_name, began_at, ended_at, known_at, origin_zone_id, destination_zone_id,
       score, grade, headline
from alert where withdrawn_at is null order by pattern_id, began_at, alert_id
"""
_LIST = """watchlist_id: synthetic-bench
authority: UK
title: Invented ships of the detection benchmark
list_date: 2030-01-01
source: "drawn (pipeline/scenarios/world.py); no such ship exists"
licence: none needed
verified: false
bars_entry: [port entry ban]
"""


def main() -> None:
    """Run what is left to run, and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help="How many worlds.")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--heard", type=float, nargs="+", default=list(HEARD), help="Shares of fixes heard.")
    parser.add_argument("--curve", type=int, default=8, help="How many worlds for each share below all.")
    parser.add_argument("--jobs", type=int, default=1, help="Worlds at a time.")
    parser.add_argument("--leaks", type=int, default=4, help="How many worlds to check for time leaks.")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "coalwatch-bench-detection")
    parser.add_argument("--keep", action="store_true", help="Keep files and homes of all worlds.")
    parser.add_argument("--report", type=Path, help="Folder for detection.md and detection.svg.")
    parser.add_argument("--calibration", type=Path, help="Calibration file to write (seeds/calibration.yaml).")
    parser.add_argument("--json", type=Path, help="File for every story and alert with what became of it.")
    given = parser.parse_args()
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    wanted = [
        (seed, heard, heard == 1 and n < given.leaks)
        for heard in sorted(given.heard, reverse=True)
        for n, seed in enumerate(seeds)
        if heard == max(given.heard) or n < given.curve
    ]
    results = _all(wanted, given.folder, given.jobs, given.keep)
    scored = [result | score(result) for result in results]
    text = report(scored, _catalogue())
    print(text)
    if given.report:
        given.report.mkdir(parents=True, exist_ok=True)
        (given.report / "detection.md").write_text(text + "\n", encoding="utf-8")
        (given.report / "detection.svg").write_text(svg(scored), encoding="utf-8")
    if given.calibration:
        given.calibration.write_text(calibrated(scored, _catalogue()), encoding="utf-8")
    if given.json:
        given.json.write_text(json.dumps(scored, indent=1), encoding="utf-8")


def _all(wanted: list[tuple[int, float, bool]], folder: Path, jobs: int, keep: bool) -> list[dict[str, Any]]:
    kept = {one: _kept(folder, *one) for one in wanted}
    with ProcessPoolExecutor(jobs) as pool:
        running = {pool.submit(_run, folder, *one, keep): one for one, result in kept.items() if result is None}
        for done, future in enumerate(as_completed(running), 1):
            seed, heard, _ = one = running[future]
            kept[one] = future.result()
            print(f"{done} of {len(running)}: seed {seed}, {heard:.0%} heard", file=sys.stderr, flush=True)
    return [result for result in kept.values() if result is not None]


def _place(folder: Path, seed: int, heard: float) -> Path:
    return folder / f"seed-{seed:04}-heard-{heard:g}"


def _kept(folder: Path, seed: int, heard: float, leaks: bool) -> dict[str, Any] | None:
    """What a former run of this very code found in this world."""
    path = _place(folder, seed, heard) / "result.json"
    if not path.exists():
        return None
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result if result["code"] == code_digest() and (not leaks or result["leaks"] is not None) else None


def _run(folder: Path, seed: int, heard: float, leaks: bool, keep: bool) -> dict[str, Any]:
    """Draw one world, watch it, and keep what was found."""
    place = _place(folder, seed, heard)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    began = time.process_time()
    world = draw_world(seed, heard)
    files = write_days(world.scenario, place / "files")
    cpu_s = {"draw": time.process_time() - began}
    _write_list(place / "extensions", world)
    home = place / "home"
    cpu_s["ingest"] = _coalwatch(place, home, "ingest", "noaa", "--synthetic", *files)
    cpu_s["run"] = _coalwatch(place, home, "run")
    alerts = _alerts(home)
    told = stories(world.scenario)
    result = {
        "code": code_digest(), "seed": seed, "heard": heard, "from_at": world.scenario.from_at.isoformat(),
        "days": len(files), "cpu_s": cpu_s, "alerts": alerts,
        "stories": json.loads(told.to_json(orient="records", date_format="iso")),
        "reception": reception_check(world.scenario, _query(home, GAPS)),
        "leaks": _leaks(place, files, alerts, world.scenario.from_at) if leaks else None,
    } | _ship_days(home, told)  # fmt: skip
    (place / "result.json").write_text(json.dumps(result), encoding="utf-8")
    if not keep:
        for name in ("files", "home", "early"):
            shutil.rmtree(place / name, ignore_errors=True)
    return result


def _write_list(folder: Path, world: World) -> None:
    """The invented sanctions list, where an installation adds its own."""
    watchlists = folder / "seeds" / "watchlists"
    watchlists.mkdir(parents=True)
    (watchlists / "synthetic-bench.yaml").write_text(_LIST, encoding="utf-8")
    lines = ["entry_id,imo,name,other_names,listed_on,delisted_on,measures,note"]
    lines += [
        f"{one['imo']},{one['imo']},{one['name']},,{one['listed_on']},,{one['measures']}," for one in world.listed
    ]
    (watchlists / "synthetic-bench.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _leaks(place: Path, files: list[Path], alerts: list[dict[str, Any]], from_at: datetime) -> list[str]:
    """Alerts that a home of the first days has about later ones, or lacks although they are said to have been known."""
    days = round(len(files) * _LEAK_SHARE)
    cut = from_at + timedelta(days=days)
    _coalwatch(place, place / "early", "ingest", "noaa", "--synthetic", *files[:days])
    _coalwatch(place, place / "early", "run")
    early = _alerts(place / "early")
    known = {alert["alert_id"] for alert in early}
    found = [
        f"{alert['alert_id']} speaks of {alert[column]}, data end {cut}"
        for alert in early
        for column in ("began_at", "ended_at", "known_at")
        if datetime.fromisoformat(alert[column]) > cut
    ]
    return found + [
        f"{alert['alert_id']} ({alert['pattern_id']}) is said to have been known at {alert['known_at']}, and was not"
        for alert in alerts
        if datetime.fromisoformat(alert["known_at"]) <= cut and alert["alert_id"] not in known
    ]


def _alerts(home: Path) -> list[dict[str, Any]]:
    times = ("began_at", "ended_at", "known_at")
    return [row | {name: f"{row[name][:19]}+00:00" for name in times} for row in _query(home, _ALERTS)]


def _ship_days(home: Path, told: Any) -> dict[str, int]:
    """On how many days how many ships were heard: all, and those of which no alert is due."""
    import duckdb

    guilty = sorted({mmsi for story in told.itertuples() if story.alert == "expected" for mmsi in story.mmsis})
    files = str(home.parent / "files" / "*.csv")
    counted = (
        duckdb.connect()
        .execute(
            f"""select count(*), count(*) filter (where not list_contains({guilty}, MMSI))
        from (select distinct MMSI, BaseDateTime[:10]
              from read_csv('{files}', types = {{'BaseDateTime': 'varchar'}}))"""
        )
        .fetchone()
    )
    assert counted is not None
    return {"ship_days": counted[0], "background_ship_days": counted[1]}


def _query(home: Path, sql: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(f"file:{home / 'warehouse.sqlite'}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(sql)]
    finally:
        connection.close()


def _coalwatch(place: Path, home: Path, command: str, *arguments: object) -> float:
    """One command, its interpreter's start included; user and system CPU seconds."""
    environment = os.environ | {"COALWATCH_HOME": str(home), "COALWATCH_EXTENSIONS": str(place / "extensions")}
    line = [sys.executable, "-m", "pipeline.cli", command, "--quiet", *map(str, arguments)]
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(line, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=said)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            raise RuntimeError(f"coalwatch {command} failed in {place}: {said.read().strip()}")
    return used.ru_utime + used.ru_stime


@cache
def code_digest() -> str:
    """Digest of everything that a result depends on."""
    digest = hashlib.sha256()
    for folder, suffixes in (
        ("pipeline", {".py"}),
        ("geo", {".py", ".gz", ".geojson"}),
        ("seeds", {".yaml", ".csv"}),
        ("sql", {".sql"}),
    ):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and path.name != CALIBRATION:
                digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _catalogue() -> list[str]:
    """The patterns that raise alerts here."""
    return sorted(
        path.stem for path in (ROOT / "seeds" / "patterns").glob("*.yaml") if "raises: alert" in path.read_text("utf-8")
    )


if __name__ == "__main__":
    main()
