"""What has landed, for tests of the gate: daily fixes and files, without a lake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from pipeline.contracts import SOURCE_DAY, SOURCE_FILE
from pipeline.publish.file_checks import StandingFiles, standing_files
from pipeline.publish.gate import check_days
from pipeline.publish.rules import load_gate_rules
from tests.warehouse.rows import rows

RULES = load_gate_rules()
WEEKS = RULES.coverage.weeks
OLD, NEW = "MMSI,LAT,LON,SOG", "MMSI,LON,LAT,speed"  # layouts of columns
FIRST = date(2024, 1, 1)


def day(number: int) -> str:
    """The UTC day so many days after the first one."""
    return (FIRST + timedelta(days=number)).isoformat()


def given(fixes: Mapping[int, int], source: str = "noaa") -> pd.DataFrame:
    """SOURCE_DAY from day number to fixes."""
    told = [(source, day(number), 1, of, 0) for number, of in fixes.items()]
    return SOURCE_DAY.conform(pd.DataFrame(told, columns=SOURCE_DAY.names))


def files(told: Sequence[Mapping[str, Any]]) -> StandingFiles:
    """Files, one on each day from the first on unless `number` says which; `days` False: without data of any day."""
    made, days = [], []
    for n, one in enumerate(told):
        one = {"source_file_id": f"file-{n:03}", "name": f"AIS_{n:03}.csv", "number": n, "days": True, **one}
        number, dated = one.pop("number"), one.pop("days")
        if dated:
            days.append({"source_file_id": one["source_file_id"], "day": day(number)})
            one = {"from_at": f"{day(number)} 00:00", "to_at": f"{day(number)} 23:00", **one}
        made.append({"source": "noaa", "rows_read": 1000, "rejected": 0, **one})
    return standing_files(rows(SOURCE_FILE, *made), pd.DataFrame(days, columns=["source_file_id", "day"], dtype="str"))


def judged(source_days: pd.DataFrame | None = None, of_files: StandingFiles | None = None) -> pd.DataFrame:
    """DAY_CHECK with (day, check_name, subject) as index."""
    source_days = SOURCE_DAY.empty() if source_days is None else source_days
    checks = check_days(source_days, files([]) if of_files is None else of_files, RULES)
    return checks.set_index(["day", "check_name", "subject"])


def failed_days(checks: pd.DataFrame, check_name: str) -> list[str]:
    """Days on which a check failed."""
    found = checks[~checks["passed"]].reset_index()
    return found.loc[found["check_name"] == check_name, "day"].tolist()
