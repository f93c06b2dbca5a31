"""No module needs, at any time or only for its types, one that needs it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def imports_of(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """Module -> the modules among `sources` that it names in an import: on top, in a function, or for types."""
    found: dict[str, set[str]] = {module: set() for module in sources}
    for module, text in sources.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = {f"{node.module}.{alias.name}" for alias in node.names}
                found[module] |= (names & sources.keys()) or ({node.module} & sources.keys())
            elif isinstance(node, ast.Import):
                found[module] |= {alias.name for alias in node.names} & sources.keys()
    return {module: needed - {module} for module, needed in found.items()}


def circle(sources: Mapping[str, str]) -> list[str] | None:
    """A circle of imports, each module needing the next; None if there is none."""
    try:
        TopologicalSorter(imports_of(sources)).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return None


def test_our_modules_import_each_other_in_no_circle():
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path.read_text("utf-8")
        for room in ("geo", "pipeline")
        for path in (ROOT / room).rglob("*.py")
    }

    assert circle(modules) is None


@pytest.mark.parametrize(
    "back",
    ["from a import f", "if TYPE_CHECKING:\n    from a import f", "def g():\n    import a", "from a import f as a"],
)
def test_a_circle_is_found_however_the_way_back_is_imported(back):
    assert set(circle({"a": "from b import g", "b": back}) or ()) == {"a", "b"}


def test_a_chain_is_none():
    assert circle({"a": "from b import g", "b": "from c import h", "c": "import json"}) is None
