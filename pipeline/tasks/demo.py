"""Task: the whole path on a labelled synthetic month."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError
from pipeline.fetch.sources import find_source_spec
from pipeline.tasks import land, reports, run
from pipeline.tasks.home import Home
from pipeline.warehouse.engine import address
from pipeline.warehouse.postgres import shown_address

if TYPE_CHECKING:
    from pipeline.settings import Settings

DEMO_HOME = Path("coalwatch-demo")  # unless a home is named: synthetic traffic has no place in a home for real data
FOLDER = "demo-files"
_SOURCE = "demo"  # of the catalogue


def plan_demo(settings: Settings) -> dict[str, Any]:
    """What `run_demo` would do: home, warehouse, folder of the files, their number and first and last day.

    raises  InputError if the home holds real positions
    """
    from pipeline.scenarios.script import load_scenario

    settings = _settings(settings)
    scenario = load_scenario()
    return {
        "home": str(settings.home),
        "warehouse": shown_address(address(settings.database_url)),
        "folder": str(settings.home / FOLDER),
        "files": (scenario.to_at - scenario.from_at).days,
        "from_at": scenario.from_at.isoformat(),
        "to_at": scenario.to_at.isoformat(),
    }


def run_demo(
    settings: Settings, *, now: datetime, progress: Callable[[str], None], all_kinds: bool = False
) -> dict[str, Any]:
    """Write the synthetic month as daily files, land and derive them, and report alerts and verdicts.

    Every part resumes: files that are there, landed or derived are left alone. A file that an edited scenario writes
    anew takes the place of the one of its name.

    all_kinds  with presence, radar and readings of images, from the truth of the same month
    returns  home, warehouse, files, positions, changed, alerts (the queue), claims (windows with a verdict)
    raises   InputError if the home holds real positions
    """
    settings = _settings(settings)
    files = write_demo_files(settings.home / FOLDER, progress)
    landed = _land(settings, files, now, progress)
    if all_kinds:
        _add_kinds(settings, now, progress)
    report = run.run(settings, now=now, progress=progress)
    return {
        "home": str(settings.home),
        "warehouse": shown_address(address(settings.database_url)),
        "files": len(landed),
        "positions": sum(row["positions"] + row["positions_with_report"] for row in landed),
        "changed": report.changed,
        "alerts": reports.alert_queue(settings),
        "claims": reports.claim_windows(settings, None),
    }


def _add_kinds(settings: Settings, now: datetime, progress: Callable[[str], None]) -> None:
    """Land what a provider would tell of the month, and keep what readers saw on images of it."""
    from pipeline.scenarios.script import load_scenario
    from pipeline.tasks.demo_kinds import write_kinds
    from pipeline.tasks.observe import observe

    reports, images = write_kinds(load_scenario(), settings.home / FOLDER, progress)
    land.ingest(settings, reports, "auto", now=now, progress=progress, synthetic=True)
    observe(settings, images, now=now, synthetic=True)


def write_demo_files(folder: Path, progress: Callable[[str], None]) -> list[Path]:
    """Write the synthetic month as daily files (MarineCadastre CSV); files that are there already are left alone."""
    from pipeline.scenarios.days import write_days
    from pipeline.scenarios.script import load_scenario

    return write_days(
        load_scenario(), folder, lambda done, of: progress(f"writing synthetic traffic: day {done} of {of}")
    )


def _settings(settings: Settings) -> Settings:
    """With the demo's own home, unless one is named; never one that holds real positions."""
    from pipeline.settings import Settings

    if not settings.home_given:
        settings = Settings(
            DEMO_HOME, settings.warehouse_url, settings.source_urls, settings.engine, settings.spark_master, lake_url=""
        )
    if Home(settings).lake.is_synthetic() is False:
        raise InputError(
            f"{settings.home} holds real positions, and synthetic traffic must never mix with them; "
            "name another folder with --home or COALWATCH_HOME"
        )
    return settings


def _land(
    settings: Settings, files: Sequence[Path], now: datetime, progress: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Land the month; a file whose name stands with other content replaces what stands."""
    form = find_source_spec(_SOURCE).reads_as
    standing = Home(settings).lake.source_files()
    standing = standing[standing["replaced_by_source_file_id"].isna()]
    held = dict(zip(standing["name"], standing["source_file_id"], strict=True))
    planned = land.plan(settings, files, form, synthetic=True)
    wanted = {path: one["source_file_id"] for path, one in zip(files, planned, strict=True)}
    replaced = {path: held[path.name] for path in files if held.get(path.name, wanted[path]) != wanted[path]}

    def ingest(paths: Sequence[Path], replaces: str | None) -> list[dict[str, Any]]:
        return land.ingest(
            settings, paths, form, now=now, progress=progress, synthetic=True, replaces=replaces
        )  # fmt: skip

    rows = ingest([path for path in files if path not in replaced], None)
    return rows + [row for path, old in replaced.items() for row in ingest([path], old)]
