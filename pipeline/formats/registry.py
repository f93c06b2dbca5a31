"""Which source reads a file: by name, by the path of a mapping, or by looking at its beginning."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pipeline.errors import InputError
from pipeline.formats import (
    aiscatcher,
    aishub,
    aisstream,
    barentswatch,
    digitraffic,
    dma,
    gfw_events,
    gfw_vessels,
    kystdatahuset,
    marinetraffic,
    nmea,
    noaa,
)
from pipeline.formats.not_read import why_not_read
from pipeline.formats.record import Head, Source
from pipeline.resources import SEEDS

SOURCES: dict[str, Source] = {
    source.SOURCE.name: source.SOURCE
    for source in (
        noaa,
        dma,
        nmea,
        aiscatcher,
        aisstream,
        aishub,
        barentswatch,
        digitraffic,
        kystdatahuset,
        marinetraffic,
        gfw_vessels,
        gfw_events,
    )
}
MAPPINGS = SEEDS / "mappings"


def find_source(name: str, head: Head) -> Source:
    """The source that reads a file: `auto`, a name of SOURCES, a mapping's name, or the path of a mapping's YAML file.

    raises  InputError if there is no such source, or the file is not of its format (with the one that fits, if any)
    """
    if name == "auto":
        return _recognise(head)
    source = SOURCES.get(name) or _mapping(name)
    if not source.recognises(head):
        raise InputError(_mismatch(source, head))
    return source


def _recognise(head: Head) -> Source:
    for source in (*SOURCES.values(), *_mappings().values()):
        if source.recognises(head):
            return source
    if known := why_not_read(head):
        raise InputError(f"{head.name}: {known}")
    found = ", ".join(head.columns[:6]) if not head.parquet else "Parquet"
    raise InputError(
        f"{head.name}: no known format (found: {found[:200]}); expected one of {', '.join(SOURCES)}, "
        "or describe its columns in a mapping (docs/sources.md) and ingest it with the path of the mapping as SOURCE"
    )


def _mismatch(source: Source, head: Head) -> str:
    fits = next((s for s in (*SOURCES.values(), *_mappings().values()) if s is not source and s.recognises(head)), None)
    known = why_not_read(head)
    hint = f" It is {known}" if known else ""
    if fits:
        hint = f" It looks like {fits.title}. Try: coalwatch ingest {fits.name} {head.name}"
    return f"{head.name}: not {source.title} (found: {', '.join(head.columns[:6])[:200]}, …).{hint}"


@cache
def _mappings() -> dict[str, Source]:
    from pipeline.formats.mapping import load_mapping

    return {path.stem: load_mapping(path) for path in sorted(MAPPINGS.glob("*.yaml"))}


def _mapping(name: str) -> Source:
    from pipeline.formats.mapping import load_mapping

    if name.endswith((".yaml", ".yml")):
        return load_mapping(Path(name))
    if name in _mappings():
        return _mappings()[name]
    known = ", ".join((*SOURCES, *_mappings()))
    raise InputError(f"no source named {name}; expected auto, {known}, or the path of a mapping (.yaml)")
