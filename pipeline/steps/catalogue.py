"""The sources as a schedule knows them; nothing heavy is imported, for a scheduler reads its files often."""

from __future__ import annotations

from pipeline.fetch.catalogue import SourceSpec, load_sources

__all__ = ["SourceSpec", "scheduled_sources"]


def scheduled_sources() -> list[SourceSpec]:
    """Every source, in order of name; each can be asked for a UTC day.

    raises  InputError naming file, line, field, found and expected
    """
    return list(load_sources().values())
