"""The detectors there are: one a file of this room, and of the folder `events` of an installation's extensions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pipeline.discovery import Room
from pipeline.errors import InputError
from pipeline.events.detector import Detector
from pipeline.resources import extensions

DETECTORS = Room("pipeline.events", "events", "DETECTOR")


def detectors() -> Mapping[str, Detector]:
    """Every detector that a file declares, by the name of its table, in order of files; one of the extensions takes the
    place of ours.

    raises  InputError for files of the extensions that do not suit
    """
    return _detectors(extensions())


@cache
def _detectors(added: Path | None) -> Mapping[str, Detector]:
    found: dict[str, Detector] = {}
    ours: set[str] = set()

    def is_theirs(path: Path) -> bool:
        return added is not None and path.is_relative_to(added)

    for name, path in sorted(DETECTORS.files().items(), key=lambda file: is_theirs(file[1])):
        detector = DETECTORS.load(name)
        if not isinstance(detector, Detector):
            kind = type(detector).__name__
            raise InputError(f"{path}: {DETECTORS.mark} is a {kind}; expected a Detector (pipeline.events.detector)")
        table = detector.table.name
        theirs = is_theirs(path)
        if table in found and not (theirs and table in ours):
            raise InputError(f"{path}: another detector fills {table} already; expected a table of its own")
        found[table] = detector
        ours = ours - {table} if theirs else ours | {table}
    return MappingProxyType(found)


def detectors_version() -> str:
    """Identifies the detectors: another one is among them, or a file of the extensions was edited."""
    added = extensions()
    digest = hashlib.sha256()
    for name, path in DETECTORS.files().items():
        text = path.read_bytes() if added and path.is_relative_to(added) else b""
        digest.update(f"{name} {len(text)} ".encode() + text)
    return digest.hexdigest()[:16]
