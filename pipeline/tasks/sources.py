"""The sources as a schedule knows them; nothing heavy is imported, for a scheduler reads its files often."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pipeline.fetch.sources import SourceSpec, find_source_spec, load_sources

__all__ = ["SourceSpec", "find_source_spec", "names_for_help", "scheduled_sources", "sources_of_particulars"]


def scheduled_sources() -> list[SourceSpec]:
    """The sources that can be asked for a UTC day, in order of name.

    raises  InputError naming file, line, field, found and expected
    """
    return [spec for spec in load_sources().values() if spec.by_day]


def sources_of_particulars() -> list[SourceSpec]:
    """The sources that tell what ships are, in order of name.

    raises  InputError as `scheduled_sources`
    """
    return [spec for spec in load_sources().values() if spec.vessels]


def names_for_help() -> dict[str, str]:
    """What help texts name: `formats`, `live` and `asked` as lines of name and title, of the formats, the live sources
    and those that can be fetched; for examples, `daily` with `day` and `last_day`, `particulars` and `stream`.

    raises  InputError as `scheduled_sources`, and for files of the extensions that do not suit
    """
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
        "particulars": ", ".join(spec.source for spec in sources_of_particulars()),
        "stream": next(spec.source for spec in specs.values() if spec.kind == "stream"),
    }


def _lines(titles: Mapping[str, str]) -> str:
    """A line a name, as they stand in a help text."""
    width = max(len(name) for name in titles) + 2
    return "\n".join(f"  {name:<{width}}{title}" for name, title in sorted(titles.items()))
