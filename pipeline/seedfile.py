"""Knowledge files: YAML checked by a schema, with errors that name file, line, field, what was found and expected."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from pipeline.errors import InputError

Model = TypeVar("Model", bound=BaseModel)


class _Loader(yaml.CSafeLoader):
    """Safe YAML that refuses a key given twice (plain YAML keeps the last one silently)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"field {key.value} is given twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def load_seed(path: Path, model: type[Model]) -> Model:
    """Read one knowledge file into its model.

    raises  InputError, one line: file, line, field, found, expected
    """
    shown = path.relative_to(path.parents[2]) if len(path.parents) > 2 else path
    try:
        text = path.read_text(encoding="utf-8")
        loader = _Loader(text)
        node = loader.get_single_node()
        content = loader.construct_document(node) if node is not None else None
    except FileNotFoundError:
        raise InputError(f"{shown}: no such file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{shown}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{shown}:{line}: {error.problem}; expected valid YAML") from None
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = first["loc"]
        field = ".".join(str(part) for part in place) or "the file"
        raise InputError(f"{shown}:{_line(node, place)}: {field} {_found(first)}; expected {_expected(first)}") from None


def load_seeds(folder: Path, model: type[Model]) -> list[Model]:
    """Read every `.yaml` file of a folder, in order of their names."""
    return [load_seed(path, model) for path in sorted(folder.glob("*.yaml"))]


def _line(node: yaml.Node | None, place: tuple[int | str, ...]) -> int:
    """1-based line of the innermost node that `place` names and that exists."""
    line = node.start_mark.line if node is not None else 0
    for part in place:
        if isinstance(node, yaml.MappingNode):
            match = [(key, value) for key, value in node.value if key.value == str(part)]
            if not match:
                continue  # a schema may add parts of its own, such as the variant of a union
            line, node = match[0][0].start_mark.line, match[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
    return line + 1


def _found(error: Any) -> str:
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "extra_forbidden":
        return "is not a known field"
    return f'is "{error["input"]}"'


def _expected(error: Any) -> str:
    if error["type"] == "missing":
        return "a value"
    if error["type"] == "extra_forbidden":
        return "one of the fields of the schema"
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return message[0].lower() + message[1:]
