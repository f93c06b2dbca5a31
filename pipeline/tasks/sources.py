"""The sources as a schedule knows them; nothing heavy is imported, for a scheduler reads its files often."""

from __future__ import annotations

from pipeline.fetch.sources import SourceSpec, find_source_spec, load_sources

__all__ = ["SourceSpec", "find_source_spec", "scheduled_sources", "sources_of_particulars"]


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
