"""Task: what a home holds, and the room it takes by kind."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import CoalwatchError
from pipeline.lake.catalog import asking
from pipeline.lake.pruned import closed_until, files_of_pruned_days, pruned_days
from pipeline.lake.published import bucket_of
from pipeline.plain import Record
from pipeline.state.glance import glance

if TYPE_CHECKING:
    from pipeline.settings import Settings

# Folder of a home, from its top, to kind; the longest beginning that fits decides.
_KINDS = {
    "raw": "raw files",
    "lake/positions": "positions",
    "lake/vessel_reports": "vessel reports",
    "lake/events": "provider files",
    "lake/vessels": "provider files",
    "lake/rejects": "rejected rows",
    "lake/runs": "runs",
    "lake/staging": "temporary",
    "lake/pieces": "temporary",
    "lake/incoming": "temporary",
    "lake/moving": "temporary",
    "lake": "results",  # coverage, identities, what days hand on
    "lake/catalog.sqlite": "catalogue",
    "lists": "lists",
    "landing": "landing folder",
    "warehouse.sqlite": "warehouse",
    "": "other",
}
KINDS = tuple(dict.fromkeys(_KINDS.values()))
_TEMPORARY = (".part", ".tmp")


def home_status(settings: Settings) -> Record:
    """What a home holds: `home`, `days` (landed, derived, waiting; from_day, to_day), `pruned` (days, from_day, to_day,
    closed_until, kept_positions, files that make them whole), `bytes` by kind (KINDS), `warehouse` (its address without
    a password, and its bytes; None where it cannot be asked), `total_bytes` of the home, and `bucket`, where its raw
    files, positions and vessel reports lie if not in it (else None).

    Nothing is made or changed; of a home that is not there everything is none.
    """
    lake, bucket = glance(settings.home), None
    days: list[str] = []
    none = dict.fromkeys(("from_day", "to_day", "closed_until"))
    pruned: Record = {"days": 0, **none, "kept_positions": 0, "files": []}
    if lake is not None:
        with asking(settings.home) as catalog:
            days = [row[0] for row in catalog.execute("select distinct day from part where day is not null order by 1")]
            bucket = bucket_of(catalog)
            if gone := pruned_days(catalog):
                pruned = {
                    "days": len(gone),
                    "from_day": min(gone),
                    "to_day": max(gone),
                    "closed_until": closed_until(catalog),
                    "kept_positions": sum(gone.values()),
                    "files": files_of_pruned_days(catalog),
                }
    sizes = _sizes(settings.home)
    return {
        "home": str(settings.home),
        "days": {
            "landed": len(days),
            "derived": lake.derived_days if lake else 0,
            "waiting": lake.waiting_days if lake else 0,
            "from_day": days[0] if days else None,
            "to_day": days[-1] if days else None,
        },
        "pruned": pruned,
        "bytes": sizes,
        "total_bytes": sum(sizes.values()),
        "bucket": bucket and bucket.url,
        "warehouse": _warehouse(settings),
    }


def _sizes(home: Path) -> dict[str, int]:
    """Bytes of the files of a home by kind."""
    found = dict.fromkeys(KINDS, 0)
    for folder, _, names in os.walk(home):
        for name in names:
            path = Path(folder, name)
            try:
                size = path.lstat().st_size
            except FileNotFoundError:  # a run tidies up meanwhile
                continue
            found[_kind(path.relative_to(home).as_posix())] += size
    return found


def _kind(path: str) -> str:
    if path.endswith(_TEMPORARY) or "/.incoming-" in f"/{path}":
        return "temporary"
    for journal in ("-wal", "-shm", "-journal"):
        path = path.removesuffix(journal)
    fitting = [folder for folder in _KINDS if not folder or path == folder or path.startswith(f"{folder}/")]
    return _KINDS[max(fitting, key=len)]


def _warehouse(settings: Settings) -> Record:
    """Address and bytes of the warehouse."""
    from pipeline.warehouse.engine import address, sqlite_path

    url = address(settings.database_url)
    path = sqlite_path(url)
    if path is not None:
        return {"address": str(path), "bytes": path.stat().st_size if path.is_file() else None}
    return {"address": url.render_as_string(hide_password=True), "bytes": _database_bytes(settings)}


def _database_bytes(settings: Settings) -> int | None:
    from pipeline.warehouse.store import open_for_reading

    try:
        with open_for_reading(settings.database_url) as warehouse:
            return int(warehouse.rows("select pg_database_size(current_database()) as bytes")[0]["bytes"])
    except CoalwatchError:
        return None
