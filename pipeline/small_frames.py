"""pandas keeps text as Python's own strings, not in Arrow's arrays.

Most frames here are small: what a few ships did, what a list says. Choosing rows of a text column that Arrow keeps
costs as much as of one with a thousand times the rows, which was a third of a run; a day of a million positions, whose
columns are numbers, takes the same time and no more memory either way.

pandas has one setting for a process, and frames whose text is kept in different ways do not match each other: it must
be chosen before the first frame is made, by whichever module loads pandas first. Many commands never load pandas, which
takes half a second; so it is chosen when pandas is loaded, and pandas is not loaded to choose it.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any


def keep_text_as_python() -> None:
    """Let pandas do so once it is loaded, or now if it is."""
    if pandas := sys.modules.get("pandas"):
        _choose(pandas)
    elif _Finder not in sys.meta_path:
        sys.meta_path.insert(0, _Finder)


def _choose(pandas: Any) -> None:
    pandas.set_option("mode.string_storage", "python")


class _Finder(PathFinder):
    """Finds pandas where it lies, and chooses when it is loaded: who only looks whether it is there loads nothing."""

    @classmethod
    def find_spec(cls, fullname: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != "pandas":
            return None
        spec = super().find_spec(fullname, path, target)
        if spec and (loader := spec.loader):
            load = loader.exec_module

            def load_and_choose(module: ModuleType) -> None:
                load(module)
                _choose(module)
                if cls in sys.meta_path:
                    sys.meta_path.remove(cls)

            loader.exec_module = load_and_choose  # type: ignore[method-assign]
        return spec
