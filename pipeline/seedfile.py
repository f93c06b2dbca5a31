"""Knowledge files: YAML checked by a schema, with errors that name file, line, field, what was found and expected."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from pipeline.errors import InputError, NotReady
from pipeline.resources import SEEDS, extensions

Model = TypeVar("Model", bound=BaseModel)


class Seed(BaseModel):
    """Base of the schemas of knowledge files: frozen, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _zoned_time(value: Any) -> datetime:
    """A time with its zone, as UTC; a time without zone is ambiguous by a day where law is counted."""
    try:
        time = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        time = None
    if time is None or time.tzinfo is None:
        raise ValueError("time with zone, like 2017-08-05T00:00-04:00")
    return time.astimezone(UTC)


def _day_or_time(value: Any) -> datetime:
    """A day as 00:00 UTC, or a time with its zone."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    try:
        return _zoned_time(value)
    except ValueError:
        raise ValueError("a day like 2021-01-29 (from 00:00 UTC), or a time with zone") from None


ZonedTime = Annotated[datetime, BeforeValidator(_zoned_time)]
DayOrTime = Annotated[datetime, BeforeValidator(_day_or_time)]


class _Loader(yaml.CSafeLoader):
    """Safe YAML that refuses a key given twice (plain YAML keeps the last one silently)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a field has no plain name", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"field {key.value} is given twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def shown(path: Path) -> Path:
    """A knowledge file's path as messages show it: with its two folders, like seeds/measures/un-2371-coal.yaml."""
    return path.relative_to(path.parents[2]) if len(path.parents) > 2 else path


def load_seed(path: Path, model: type[Model]) -> Model:
    """Read one knowledge file into its model.

    raises  InputError, one line: file, line, field, found, expected
    """
    where = shown(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotReady(f"{where}: no such file") from None
    except UnicodeDecodeError as error:
        raise NotReady(f"{where}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    return _understood(text, model, where)


@lru_cache(maxsize=1024)
def _understood(text: str, model: type[Model], where: Path) -> Model:
    """What a file says, in its model; kept, for a process reads the same files again and again."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        content = loader.construct_document(node) if node is not None else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise NotReady(f"{where}:{line}: {error.problem}; expected valid YAML") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:  # control characters, endless brackets, 0000-01-01
        raise NotReady(f"{where}: {' '.join(str(error).split())[:150]}; expected valid YAML") from None
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = first["loc"]
        field = ".".join(str(part) for part in place) or "the file"
        raise NotReady(f"{where}:{_line(node, place)}: {field} {_found(first)}; expected {_expected(first)}") from None


def seed_files(folder: Path) -> list[Path]:
    """Every `.yaml` file of a folder, in order of their names; of one of our seeds, with those that the installation
    adds to it.

    raises  InputError for an added file that has the name of one of ours
    """
    found, added = list(folder.glob("*.yaml")), extensions()
    if added is not None and folder.is_relative_to(SEEDS):
        ours = {path.name for path in found}
        for path in (added / "seeds" / folder.relative_to(SEEDS)).glob("*.yaml"):
            if path.name in ours:
                raise InputError(f"{path}: {shown(folder / path.name)} is there already; give it another name")
            found.append(path)
    return sorted(found, key=lambda path: path.name)


def load_seeds(folder: Path, model: type[Model]) -> list[Model]:
    """Read the files of a folder, as `seed_files` finds them."""
    return [load_seed(path, model) for path in seed_files(folder)]


def load_named_seeds(folder: Path, model: type[Model], id_field: str) -> list[Model]:
    """Read the files of a folder, as `seed_files` finds them, each of whose names must be the id of its content.

    raises  InputError as `load_seed` does, and where file name and id differ
    """
    seeds = load_seeds(folder, model)
    for path, seed in zip(seed_files(folder), seeds, strict=True):
        if (found := getattr(seed, id_field)) != path.stem:
            raise InputError(f'{shown(path)}: {id_field} is "{found}"; expected the file\'s name, "{path.stem}"')
    return seeds


def digest(seeds: Sequence[BaseModel]) -> str:
    """First 16 hexadecimal digits of the SHA-256 of what knowledge files say, whatever their layout and comments."""
    content = [seed.model_dump(mode="json") for seed in seeds]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


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
    if isinstance(error["input"], dict | list):
        return "does not hang together"
    return f'is "{error["input"]}"'


def _expected(error: Any) -> str:
    if error["type"] == "missing":
        return "a value"
    if error["type"] == "extra_forbidden":
        return "one of the fields of the schema"
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return message[0].lower() + message[1:]
