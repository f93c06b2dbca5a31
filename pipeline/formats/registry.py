"""Which source reads a file: by name, by the path of a mapping, or by looking at its beginning."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pipeline.discovery import Room
from pipeline.errors import InputError
from pipeline.formats.not_read import why_not_read
from pipeline.formats.record import Head, Source
from pipeline.resources import SEEDS, extensions
from pipeline.seedfile import seed_files

FORMATS = Room("pipeline.formats", "formats", "SOURCE")
MAPPINGS = SEEDS / "mappings"


def formats() -> Mapping[str, Source]:
    """Every format that a file declares, by name, in the order in which they are asked whether a file is theirs: that
    of their names, but each after those it names.

    raises  InputError for files of the extensions that do not suit
    """
    return _formats(extensions())


@cache
def _formats(added: Path | None) -> Mapping[str, Source]:
    found: dict[str, Source] = {}
    for module, path in FORMATS.files().items():
        source = FORMATS.load(module)
        if not isinstance(source, Source):
            raise InputError(
                f"{path}: {FORMATS.mark} is a {type(source).__name__}; expected a Source (pipeline.formats.record)"
            )
        if source.name in found:
            raise InputError(f"{path}: a format {source.name} is there already; give it another name")
        found[source.name] = source
    left, order = dict(sorted(found.items())), dict[str, Source]()
    while left:
        ready = [name for name, source in left.items() if not left.keys() & set(source.after)]
        if not ready:
            raise InputError(f"formats {', '.join(left)}: each is to come after another of them; mend their `after`")
        order[ready[0]] = left.pop(ready[0])
    return MappingProxyType(order)


def find_source(name: str, head: Head) -> Source:
    """The source that reads a file: `auto`, the name of a format or a mapping, or the path of a mapping's YAML file.

    raises  InputError if there is no such source, or the file is not of its format (with the one that fits, if any)
    """
    if name == "auto":
        return _recognise(head)
    source = formats().get(name) or _mapping(name)
    if not source.recognises(head):
        raise InputError(_mismatch(source, head))
    return source


def _recognise(head: Head) -> Source:
    for source in (*formats().values(), *_mappings().values()):
        if source.recognises(head):
            return source
    if known := why_not_read(head):
        raise InputError(f"{head.name}: {known}")
    found = ", ".join(head.columns[:6]) if not head.parquet else "Parquet"
    raise InputError(
        f"{head.name}: no known format (found: {found[:200]}); expected one of {', '.join(formats())}, "
        "or describe its columns in a mapping (docs/sources.md) and ingest it with the path of the mapping as SOURCE"
    )


def _mismatch(source: Source, head: Head) -> str:
    fits = next(
        (s for s in (*formats().values(), *_mappings().values()) if s is not source and s.recognises(head)), None
    )
    known = why_not_read(head)
    hint = f" It is {known}" if known else ""
    if fits:
        hint = f" It looks like {fits.title}. Try: coalwatch ingest {fits.name} {head.name}"
    return f"{head.name}: not {source.title} (found: {', '.join(head.columns[:6])[:200]}, …).{hint}"


def _mappings() -> dict[str, Source]:
    return _read_mappings(tuple(seed_files(MAPPINGS)))


@cache
def _read_mappings(paths: tuple[Path, ...]) -> dict[str, Source]:
    from pipeline.formats.mapping import load_mapping

    return {path.stem: load_mapping(path) for path in paths}


def _mapping(name: str) -> Source:
    from pipeline.formats.mapping import load_mapping

    if name.endswith((".yaml", ".yml")):
        return load_mapping(Path(name))
    if name in _mappings():
        return _mappings()[name]
    known = ", ".join(sorted((*formats(), *_mappings())))
    raise InputError(f"no format named {name}; expected auto, {known}, or the path of a mapping (.yaml)")
