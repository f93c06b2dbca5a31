"""The log of runs in the warehouse (`pipeline_run`): what changed something, what was withheld, what failed."""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from pandas import DataFrame

from pipeline.contracts import PIPELINE_RUN
from pipeline.errors import CoalwatchError
from pipeline.version import VERSION
from pipeline.warehouse.engine import address, sqlite_path
from pipeline.warehouse.scope import Among
from pipeline.warehouse.store import Warehouse, open_warehouse

if TYPE_CHECKING:
    from pipeline.settings import Settings

_LAST = (
    "select command, status, message from pipeline_run order by started_at desc, ended_at desc, pipeline_run_id limit 1"
)


def note_run(
    warehouse: Warehouse,
    now: datetime,
    *,
    command: str,
    status: str,
    message: str | None = None,
    run_id: str | None = None,
    days: int = 0,
    knowledge_hash: str = "",
) -> None:
    """Write a row of PIPELINE_RUN.

    now  wall clock at the start of the run, with time zone
    """
    run_id = run_id or uuid.uuid4().hex[:16]
    row = {
        "pipeline_run_id": run_id, "command": command, "started_at": now, "ended_at": datetime.now(now.tzinfo),
        "status": status, "days": days, "version": VERSION, "knowledge_hash": knowledge_hash, "message": message,
    }  # fmt: skip
    warehouse.sync(PIPELINE_RUN, DataFrame([row]), Among("pipeline_run_id", [run_id]))


def note_once(warehouse: Warehouse, now: datetime, *, command: str, status: str, message: str) -> None:
    """Write a row of PIPELINE_RUN, unless the last one says the same: a failure that is tried again is one."""
    with warehouse.transaction():
        last = warehouse.query(_LAST).to_numpy().tolist()
        if last != [[command, status, message]]:
            note_run(warehouse, now, command=command, status=status, message=message)


def note_failure(settings: Settings, command: str, error: CoalwatchError, now: datetime) -> None:
    """Note in the warehouse why a run failed. No warehouse is made for it, and what stands in the way (it is locked,
    the disk is full) hides no error."""
    with suppress(CoalwatchError, OSError):
        path = sqlite_path(address(settings.database_url))
        if path is None or path.is_file():
            with open_warehouse(settings.database_url, busy_seconds=1) as warehouse:
                note_once(warehouse, now, command=command, status="failed", message=str(error))
