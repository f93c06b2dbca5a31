"""Is the article's question answered rightly? `python -m bench.winters`, on winters whose truth is known.

For each seed a winter off Nampo is drawn (`bench/winter_world.py`): coal went to China, or none did. Its AIS is written
as files once for each share of what receivers heard; AIS presence and radar of a provider are derived from the same
truth at the same share. All three land in a home and are run; a copy of the article's claims C15 and C16, marked
synthetic, is judged by the same rules as the article itself.

*Right*: coal went out (of Nampo's own coal berth, for C16), and where at least two of its voyages left rows at both
ends the claim is supported or partly supported; none did, and it is weakened or contradicted where the place was heard
in half of the hours; elsewhere nothing is told. *Too strong*: support where none went out, the contrary where it did,
SUPPORTED on less than two voyages that left rows, CONTRADICTED on less than half of the hours. Both are counted from
truth and rows alone.

Prints a table with Wilson intervals (95 %) and CPU seconds; writes it to --report, and every verdict to --json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from pandas import DataFrame

from bench.detection import ROOT, code_digest
from bench.scoring import Share
from bench.winter_world import DAYS, FROM, Voyage, Winter, draw_winter
from pipeline.resources import SEEDS
from pipeline.scenarios.days import write_days
from pipeline.scenarios.provided import (
    PRESENCE,
    RADAR,
    Radar,
    presence_rows,
    provider_hears,
    radar_rows,
    write_report,
)
from pipeline.settings import Settings

HEARD = (1.0, 0.2, 0.05)
ARTICLE = "synthetic-winter"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_PASS = datetime(2020, 11, 3, 9, 28, 34, tzinfo=UTC)
FOR, AGAINST = ("SUPPORTED", "PARTLY_SUPPORTED"), ("WEAKENED", "CONTRADICTED")
BERTHS = ["cn-dalian-inner", "cn-longkou", "cn-jingtang", "cn-lianyungang"]  # where ships of the trade discharge
_HALF = 0.5
_TWO = 2


def main() -> None:
    """Run the winters that are asked for, and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=100, help="How many winters.")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--heard", type=float, nargs="+", default=list(HEARD), help="Shares of fixes heard.")
    parser.add_argument("--days", type=int, default=DAYS, help="How much of each winter.")
    parser.add_argument("--report", type=Path, help="File for the table.")
    parser.add_argument("--json", type=Path, help="File for every verdict; those of this very code are not run again.")
    given = parser.parse_args()
    kept = json.loads(given.json.read_text()) if given.json and given.json.exists() else []
    done = [row for row in kept if row["code"] == code() and row["days"] == given.days]  # of this very code alone
    known = {(row["seed"], row["heard"]) for row in done}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["COALWATCH_EXTENSIONS"] = str(write_article(Path(folder) / "extensions", {"W0": (0, given.days)}))
        for seed in range(given.first_seed, given.first_seed + given.seeds):
            for heard in given.heard:
                if (seed, heard) in known:
                    continue
                done += run_winter(draw_winter(seed, heard, given.days), Path(folder) / "winter")
                if given.json:
                    given.json.write_text(json.dumps(done, indent=1))
                for row in done[-2:]:
                    print(*(row[k] for k in ("seed", "heard", "exports", "label", "verdict", "right", "too_strong")))
    text = report(done)
    print(text)
    if given.report:
        given.report.write_text(text + "\n", encoding="utf-8")


@cache
def code() -> str:
    """Digest of everything that a row depends on, how winters are drawn and scored included."""
    own = b"".join((ROOT / "bench" / name).read_bytes() for name in ("winters.py", "winter_world.py"))
    return f"{code_digest()}-{hashlib.sha256(own).hexdigest()[:8]}"


def write_article(folder: Path, windows: Mapping[str, tuple[int, int]]) -> Path:
    """The article's C15 and C16 as claims of a synthetic one, as an extension.

    windows  name to first day of the winter and the day after its last; the first window is the claim's own
    """
    article = yaml.safe_load((SEEDS / "articles" / "dailynk-2021-coal-labour.yaml").read_text("utf-8"))
    claims = [claim for claim in article["claims"] if claim["label"] in ("C15", "C16")]
    for claim in claims:
        claim["test"] |= {"windows": list(windows), "weighed_as": f"dailynk-2021/{claim['label']}"}
    claims[0]["test"]["zones"] = BERTHS  # no ship is drawn that would be heard elsewhere
    spans = {
        name: {"from": _day(first), "to": _day(end), "role": "context" if n else "primary"}
        for n, (name, (first, end)) in enumerate(windows.items())
    }
    article |= {"article_id": ARTICLE, "synthetic": True, "claims": claims, "windows": spans}
    (folder / "seeds" / "articles").mkdir(parents=True, exist_ok=True)
    (folder / "seeds" / "articles" / f"{ARTICLE}.yaml").write_text(
        yaml.safe_dump(article, sort_keys=False, allow_unicode=True), encoding="utf-8"
    )
    return folder


def _day(number: int) -> date:
    return (FROM + timedelta(days=number)).date()


def write_winter(winter: Winter, folder: Path) -> list[Path]:
    """The files of a winter: AIS by day, presence and radar."""
    scenario = winter.scenario
    files = [_one_file(write_days(scenario, folder / "ais"), folder / "ais.csv")]
    received = list(provider_hears(scenario))
    matched, unmatched = radar_rows(scenario, received, Radar(FIRST_PASS))
    told = {"gfw_presence": (PRESENCE, presence_rows(scenario, received))}
    told |= {"gfw_radar_matched": (RADAR, matched), "gfw_radar_unmatched": (RADAR, unmatched)}
    for name, (kind, rows) in told.items():
        files.append(write_report(folder / f"{name}.jsonl", kind, rows, NOW))
    return files


def _one_file(days: list[Path], path: Path) -> Path:
    """The days' files as one: landing a file costs more than the rows of a thin winter."""
    with path.open("wb") as whole:
        for n, day in enumerate(days):
            header, rows = day.read_bytes().split(b"\n", 1)
            whole.write(rows if n else header + b"\n" + rows)
    return path


def run_files(files: list[Path], home: Path) -> Settings:
    """Land files in a home, and derive everything."""
    from pipeline.tasks.land import ingest
    from pipeline.tasks.run import run

    settings = Settings(home=home)
    ingest(settings, files, "auto", now=NOW, progress=lambda line: None, synthetic=True)
    run(settings, now=NOW, progress=lambda line: None)
    return settings


def run_winter(winter: Winter, folder: Path) -> list[dict[str, Any]]:
    """Land, run and judge one winter; a row a claim."""
    from pipeline.tasks.reports import claim_windows

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    began = time.process_time()
    files = write_winter(winter, folder)
    drawn = time.process_time()
    settings = run_files(files, folder / "home")
    ran = time.process_time()
    left = rows_left(settings)
    scored = []
    for claim in claim_windows(settings, None, ARTICLE):
        of = claim["claim_id"].rpartition("/")[2]
        voyages = [one for one in winter.voyages if of == "C15" or one.loads.place == "nampo_coal"]
        exports, told = bool(voyages), sum(voyage_left_rows(voyage, left) for voyage in voyages)
        days = (winter.scenario.to_at - winter.scenario.from_at).days
        share = share_heard(left, days, ["kp-taedong"] if of == "C16" else BERTHS)
        verdict = claim["verdict"]
        scored.append(
            {
                "code": code(), "seed": winter.scenario.seed, "days": days, "heard": winter.scenario.heard,
                "exports": exports, "label": of, "verdict": verdict, "voyages": len(voyages),
                "voyages_left_rows": told, "share_heard": share,
                "alerts": claim["alerts_for"], "reason": claim["reason"],
                "cpu_s": [round(drawn - began, 1), round(ran - drawn, 1)],
                **judged(verdict, exports, told, share),
            }
        )  # fmt: skip
    return scored


def judged(verdict: str, exports: bool, voyages_left_rows: int, share_heard: float) -> dict[str, bool]:
    """Whether a verdict is right, and whether it is stronger than what the rows can bear."""
    if exports:
        right = verdict in FOR or (verdict not in AGAINST and voyages_left_rows < _TWO)
        strong = verdict in AGAINST or (verdict == "SUPPORTED" and voyages_left_rows < _TWO)
    else:
        well = share_heard >= _HALF
        right = verdict in AGAINST if well else verdict not in FOR and verdict != "CONTRADICTED"
        strong = verdict in FOR or (verdict == "CONTRADICTED" and not well)
    return {"right": right, "too_strong": strong}


def rows_left(settings: Settings) -> DataFrame:
    """mmsi, timestamp and innermost zone of every position that landed, exact or of presence."""
    from pipeline.tasks.home import Home

    home = Home(settings)
    days = [home.lake.positions(day, ["mmsi", "timestamp", "longitude", "latitude"]) for day in home.lake.landed_days()]
    rows = pd.concat(days, ignore_index=True)
    names = [*home.zones.ids, None]
    chains = [{names[one] for one in (code, *home.zones.ancestors(code)) if one >= 0} for code in range(len(names) - 1)]
    codes = home.zones.locate(rows["longitude"], rows["latitude"])
    return rows.assign(zones=[chains[code] if code >= 0 else set() for code in codes])


def share_heard(rows: DataFrame, days: int, zone_ids: list[str]) -> float:
    """Mean over zones of the share of the window's hours in which any ship left a row there."""
    hours = rows["timestamp"].dt.floor("h")
    heard = [hours[[zone in one for one in rows["zones"]]].nunique() for zone in zone_ids]
    return sum(heard) / len(heard) / (days * 24)


def voyage_left_rows(voyage: Voyage, rows: DataFrame) -> bool:
    """Whether a voyage left a row in the basin while she lay there, and one in a Chinese zone while she was there."""
    of = rows[rows["mmsi"] == voyage.mmsi]

    def left(country: str, visit: Any) -> bool:
        begin, end = (FROM + pd.Timedelta(hours=hour) for hour in (visit.arrived, visit.left))
        during = of[of["timestamp"].between(begin, end)]
        return any(str(zone).startswith(country) for zones in during["zones"] for zone in zones)

    return left("kp-", voyage.loads) and left("cn-", voyage.lands)


def report(rows: list[dict[str, Any]]) -> str:
    """The table, as markdown."""
    seeds = sorted({row["seed"] for row in rows})
    lines = [
        "# Verdicts on synthetic winters", "",
        f"{len(seeds)} winters (seeds {seeds[0]} to {seeds[-1]}) of {rows[0]['days']} days off Nampo, coal going to "
        "China in those of even seeds; every ship is invented.",
        "AIS, presence and radar from the same truth. Intervals: Wilson, 95 %. `python -m bench.winters`.", "",
        "| heard | claim | coal went out | right | too strong | verdicts |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    frame = DataFrame(rows)
    for (heard, label, exports), of in frame.groupby(["heard", "label", "exports"], sort=False):
        counts = ", ".join(f"{name} {n}" for name, n in of["verdict"].value_counts().items())
        right, strong = (Share(int(of[name].sum()), len(of)) for name in ("right", "too_strong"))
        lines.append(f"| {heard:.0%} | {label} | {'yes' if exports else 'no'} | {right} | {strong} | {counts} |")
    lines += ["", "| heard | claim | right | too strong |", "|---|---|---|---|"]
    for (heard, label), of in frame.groupby(["heard", "label"], sort=False):
        right, strong = (Share(int(of[name].sum()), len(of)) for name in ("right", "too_strong"))
        lines.append(f"| {heard:.0%} | {label} | {right} | {strong} |")
    cpu = DataFrame(frame["cpu_s"].tolist()).mean()
    lines += ["", f"CPU seconds for each winter: {cpu[0]:.1f} to draw, {cpu[1]:.1f} to land and run."]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
