"""The kinds of case there are: one a file of this folder, and of the folder `cases` of an installation's extensions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pipeline.contracts import Table
from pipeline.discovery import Room
from pipeline.errors import InputError
from pipeline.judgement.cases.kind import Kind
from pipeline.resources import extensions

KINDS = Room("pipeline.judgement.cases", "cases", "KIND")


def kinds() -> Mapping[str, Kind]:
    """Every kind of case that a file declares, by its name, in order of files.

    raises  InputError for files of the extensions that do not suit
    """
    return _kinds(extensions())


def judged_tables() -> Mapping[str, Table]:
    """The tables of events that cases are made of or look at, by name."""
    tables = [table for kind in kinds().values() for table in (kind.table, *kind.reads)]
    return {table.name: table for table in sorted(tables, key=lambda table: table.name)}


@cache
def _kinds(added: Path | None) -> Mapping[str, Kind]:
    found: dict[str, Kind] = {}
    for name, path in KINDS.files().items():
        kind = KINDS.load(name)
        if not isinstance(kind, Kind):
            what = type(kind).__name__
            raise InputError(f"{path}: {KINDS.mark} is a {what}; expected a Kind (pipeline.judgement.cases.kind)")
        if kind.name in found:
            raise InputError(f"{path}: another kind of case is called {kind.name} already; expected a name of its own")
        found[kind.name] = kind
    return MappingProxyType(found)
