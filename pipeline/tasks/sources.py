"""Task: the sources of the catalogue, for schedules, help texts and people, and how they stand here.

Nothing heavy is imported before it is needed: a scheduler reads its files often, and a list is asked for by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pipeline.lake.catalog import asking
from pipeline.plain import Record, plain
from pipeline.remembered import from_files

if TYPE_CHECKING:
    from pipeline.fetch.sources import SourceSpec
    from pipeline.settings import Settings

__all__ = [
    "SourceSpec",
    "find_source_spec",
    "list_sources",
    "names_for_help",
    "scheduled_sources",
    "weekly_sources",
]

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


def find_source_spec(name: str) -> SourceSpec:
    """The source of a name.

    raises  InputError naming those there are
    """
    from pipeline.fetch import sources

    return sources.find_source_spec(name)


def scheduled_sources() -> list[SourceSpec]:
    """The sources that can be asked for a UTC day, in order of name.

    raises  InputError naming file, line, field, found and expected
    """
    from pipeline.fetch.sources import load_sources

    return [spec for spec in load_sources().values() if spec.by_day]


def weekly_sources() -> list[SourceSpec]:
    """The sources whose answers are of no day, in order of name: they are asked for once a week.

    raises  InputError as `scheduled_sources`
    """
    from pipeline.fetch.sources import load_sources

    return [spec for spec in load_sources().values() if not spec.by_day]


def names_for_help() -> dict[str, str]:
    """What help texts name: `formats`, `live` and `asked` as lines of name and title, of the formats, the live sources
    and those that can be fetched; for examples, `daily` with `day` and `last_day`, `particulars` and `stream`.

    raises  InputError as `scheduled_sources`, and for files of the extensions that do not suit
    """
    from pipeline.fetch.registry import provider_of
    from pipeline.fetch.sources import load_sources
    from pipeline.formats.registry import formats

    specs = load_sources()
    daily = next(spec for spec in specs.values() if spec.kind == "daily_file" and spec.history_from)
    assert daily.history_from is not None
    return {
        "formats": _lines({name: one.described for name, one in formats().items()}),
        "live": _lines({name: spec.title for name, spec in specs.items() if spec.live}),
        "asked": _lines({name: spec.title for name, spec in specs.items() if spec.asked_by and not spec.live}),
        "daily": daily.source,
        "day": daily.history_from.isoformat(),
        "last_day": (daily.history_from + timedelta(days=29)).isoformat(),
        "particulars": next(spec.source for spec in specs.values() if spec.vessels and not provider_of(spec).of_lists),
        "stream": next(spec.source for spec in specs.values() if spec.kind == "stream"),
    }


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


def _lines(titles: Mapping[str, str]) -> str:
    """A line a name, as they stand in a help text."""
    width = max(len(name) for name in titles) + 2
    return "\n".join(f"  {name:<{width}}{title}" for name, title in sorted(titles.items()))
