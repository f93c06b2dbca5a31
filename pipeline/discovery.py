"""Files that declare themselves: whatever lies in a room and declares what the room is of is found, with no list of
them anywhere.

A room is a folder of this package, and the folder of its name among the extensions of an installation
(`pipeline.resources.extensions`). That a file declares something is seen in its text, so that to name what there is
nothing need be imported.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from pipeline.errors import InputError
from pipeline.resources import ROOT, extensions


@dataclass(frozen=True)
class Room:
    """Where files of one kind lie.

    package  that holds those of ours, like pipeline.fetch.providers
    name     of the folder among the extensions
    mark     the name by which a file declares what it is, like PROVIDER
    """

    package: str
    name: str
    mark: str

    def files(self) -> Mapping[str, Path]:
        """Every file that declares something, by the name it has without `.py`, in order of name; none is imported.

        raises  InputError for two files of one name
        """
        return _files(self, extensions())

    def load(self, name: str) -> Any:
        """What a file declares.

        name    one of `files`
        raises  InputError for a file of the extensions that cannot be imported
        """
        path = self.files()[name]
        module = _module(self, name, path, path.parent == self._folder)
        if not hasattr(module, self.mark):
            raise InputError(f"{path}: declares no {self.mark} when it is imported; expected one at the top level")
        return getattr(module, self.mark)

    @property
    def _folder(self) -> Path:
        return ROOT.joinpath(*self.package.split("."))


@cache
def _files(room: Room, added: Path | None) -> Mapping[str, Path]:
    declares = re.compile(rf"^{room.mark}\b[^=\n]*=", re.MULTILINE)
    found: dict[str, Path] = {}
    for folder in [room._folder, *([added / room.name] if added else [])]:
        for path in folder.glob("*.py"):
            if not declares.search(path.read_text(encoding="utf-8", errors="replace")):
                continue
            if path.stem in found:
                raise InputError(f"{path}: there is one of this name already ({found[path.stem]}); give it another")
            found[path.stem] = path
    return MappingProxyType(dict(sorted(found.items())))


@cache
def _module(room: Room, name: str, path: Path, ours: bool) -> ModuleType:
    if ours:
        return importlib.import_module(f"{room.package}.{name}")
    found = importlib.util.spec_from_file_location(f"coalwatch_extensions.{room.name}.{name}", path)
    assert found is not None  # it ends in .py
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module  # dataclasses look themselves up there
    try:
        found.loader.exec_module(module)
    except Exception as error:
        del sys.modules[found.name]
        raise InputError(
            f"{path}: {type(error).__name__}: {error}; expected Python that declares {room.mark}"
        ) from error
    return module
