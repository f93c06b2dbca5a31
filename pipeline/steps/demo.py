"""Step: the whole path on a labelled synthetic month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError
from pipeline.steps import landing, reporting, running
from pipeline.steps.home import Home

if TYPE_CHECKING:
    from pipeline.settings import Settings

DEMO_HOME = Path("coalwatch-demo")  # unless a home is named: synthetic traffic has no place in a home for real data


def run_demo(settings: Settings, *, now: datetime, progress: Callable[[str], None]) -> dict[str, Any]:
    """Write the synthetic month as daily files, land and derive them, and report alerts and verdicts.

    Every part resumes: files that are there, landed or derived are left alone.

    returns  home, warehouse, files, days, changed, alerts (the queue), claims (windows with a verdict)
    raises   InputError if the home holds real positions
    """
    from pipeline.scenarios.days import write_days
    from pipeline.scenarios.script import load_scenario

    if "home" not in settings.model_fields_set:
        settings = settings.model_copy(update={"home": DEMO_HOME})
    if Home(settings).lake.is_synthetic() is False:
        raise InputError(
            f"{settings.home} holds real positions, and synthetic traffic must never mix with them; "
            "name another folder with --home or COALWATCH_HOME"
        )
    scenario = load_scenario()
    folder = settings.home / "demo-files"
    files = write_days(scenario, folder, lambda done, of: progress(f"writing synthetic traffic: day {done} of {of}"))
    landed = landing.ingest(settings, files, "noaa", now=now, progress=progress, synthetic=True)
    report = running.run(settings, now=now, progress=progress)
    return {
        "home": str(settings.home),
        "warehouse": settings.database_url,
        "files": len(landed),
        "positions": sum(row["positions"] + row["both"] for row in landed),
        "changed": report.changed,
        "alerts": reporting.alert_queue(settings),
        "claims": reporting.claim_windows(settings, None),
    }
