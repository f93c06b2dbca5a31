"""Step that only reads: every source of the catalogue, and how it stands here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipeline.lake.catalog import asking
from pipeline.plain import Record, plain
from pipeline.remembered import from_files

if TYPE_CHECKING:
    from pipeline.settings import Settings

_STANDING = (
    "select source, to_at, fetched_at, landed_at from source_file where replaced_by_source_file_id is null"
    " order by landed_at, source_file_id"
)


def list_sources(settings: Settings, environment: Mapping[str, str]) -> list[Record]:
    """Every source of the catalogue: what it is, its terms, whether it speaks of Nampo, and how it stands here.

    environment  to tell whether a secret is set; no value is given on
    returns      fields of `SourceSpec`, with `verified`, `secrets` (name, set), `mirror` (bool), and `last_data_at`
                 (ISO, UTC; null if nothing of it has landed)
    raises       InputError naming file, line, field, found and expected
    """
    catalogue = from_files("sources", _catalogue)
    last_data = _last_data(settings, set(catalogue["of_no_day"]))
    readers = {row["reads_as"] for row in catalogue["sources"]}
    rows = []
    for row in catalogue["sources"]:
        row["secrets"] = [{"name": name, "set": bool(environment.get(name, "").strip())} for name in row["secrets"]]
        row["mirror"] = row["source"] in settings.source_urls
        own = {row["reads_as"]} if row["reads_as"] != "auto" else last_data.keys() - readers
        dates = (last_data[reader] for reader in own if reader in last_data)
        row["last_data_at"] = max(dates, default=None, key=datetime.fromisoformat)
        rows.append(row)
    return rows


def _catalogue() -> dict[str, Any]:
    """What the files say of the sources, and the readers whose files are of no day."""
    from pipeline.fetch.sources import load_sources
    from pipeline.state.source_days import of_no_day

    specs = load_sources().values()
    rows = [spec.model_dump(mode="json", exclude={"files"}) | {"verified": spec.verified} for spec in specs]
    return {"sources": rows, "of_no_day": sorted(of_no_day())}


def _last_data(settings: Settings, of_no_day: set[str]) -> dict[str, str]:
    """Reader to the time of the last data that landed of it, where there is a home; of particulars, when they were
    fetched."""
    last: dict[str, str] = {}
    with asking(settings.home) as catalog:
        rows = catalog.execute(_STANDING).fetchall()
    for row in plain(map(dict, rows)):
        fetched = row["fetched_at"] or row["landed_at"]
        at = row["to_at"] or (fetched if row["source"] in of_no_day else None)
        if at is not None:
            last[row["source"]] = max(at, last.get(row["source"], at), key=datetime.fromisoformat)
    return last
