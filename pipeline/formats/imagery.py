"""Readings of dated imagery as a person writes them down: YAML (a list) or CSV, one reading an entry or row.

    place, longitude, latitude   name or zone_id of a place, or a position; one of both at least
    at                           day (2021-02-08), or time; a time without zone is UTC
    sensor, by, link, licence    what took the image, who read it, where it is, its terms
    visible                      yes (if left out), partly or no
    ships, ships_under_80m, ships_80_to_130m, ships_over_130m, holds_open    counts; `ships` of any length
    cargo_heaps (yes, no), ice (none, some, closed), note, known (day on which the reading became known)

A row without place, time, reader, link or licence, or that says nothing of what is seen, is rejected with its reason;
so is one with a count that is none, as a slip there would turn an empty berth into a full one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import InputError

_COUNTS = {
    "ships": "ships_of_any_length", "ships_under_80m": "ships_under_80m", "ships_80_to_130m": "ships_80_to_130m",
    "ships_over_130m": "ships_over_130m", "holds_open": "holds_open",
}  # fmt: skip
_NEEDED = {"sensor": "sensor", "by": "read_by", "link": "link", "licence": "licence"}
_WORDS = {"visible": ("yes", "partly", "no"), "cargo_heaps": ("yes", "no"), "ice": ("none", "some", "closed")}
FIELDS = ("place", "longitude", "latitude", "at", *_NEEDED, *_WORDS, *_COUNTS, "note", "known")
_TRUTHS = {"true": "yes", "false": "no"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOST_BYTES, _MOST_SHIPS = 10_000_000, 1000
_FIRST_YEAR = 1960


@dataclass(frozen=True)
class ReadRow:
    """One row of a file: where it begins, what it says (`place`, `longitude`, `latitude` and the columns of READING
    that follow from the row alone), or why it is rejected."""

    line: int
    said: dict[str, Any]
    reason: str | None = None


def read_readings(path: Path, now: datetime) -> list[ReadRow]:
    """Read a file of readings.

    now     wall clock (with zone): images of later are rejected; also when a reading became known, if it does not say
    raises  InputError for a file that cannot be read, or is neither YAML nor CSV with known columns
    """
    rows = list(_rows(path))
    if not rows:
        raise InputError(f"{path}: no reading; expected a list of them (YAML), or a row each below a header (CSV)")
    return [_read(line, row, now.astimezone(UTC)) for line, row in rows]


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path}: larger than {_MOST_BYTES:,} bytes; expected readings as a person writes them")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; expected a YAML or CSV file of readings") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    yield from _of_yaml(path, text) if path.suffix.lower() in (".yaml", ".yml") else _of_csv(path, text)


def _of_yaml(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    """Each entry of the list with its values as text: a date that is none must cost its reading alone."""
    loader = yaml.CBaseLoader(text)
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.SequenceNode):
            raise InputError(f"{path}: no list; expected readings, each beginning with a hyphen")
        for one in node.value:
            yield one.start_mark.line + 1, _entry(loader, one)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: {' '.join(str(error).split())[:150]}; expected valid YAML") from None


def _entry(loader: yaml.CBaseLoader, node: yaml.Node) -> Any:
    if not isinstance(node, yaml.MappingNode):
        return None
    names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
    if repeated := {name for name in names if names.count(name) > 1}:
        return _Bad(f"{min(repeated)} is given twice; expected each field once")
    return loader.construct_mapping(node, deep=True)


def _of_csv(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if not {"at", "by"} <= set(header):
            found = ", ".join(header)[:200]
            raise InputError(f"{path}: columns {found or 'none'}; expected some of {', '.join(FIELDS)}")
        if twice := sorted({name for name in header if name and header.count(name) > 1}):
            raise InputError(f"{path}: two columns are named {twice[0]}; expected each once")
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(header, cells, strict=True)) if len(cells) == len(header) else cells
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: {error}; expected CSV") from None


class _Bad(ValueError):
    """Why a row is rejected."""


def _read(line: int, row: Any, now: datetime) -> ReadRow:
    try:
        if isinstance(row, _Bad):
            raise row
        return ReadRow(line, _said(row, now))
    except _Bad as why:
        return ReadRow(line, {}, str(why))


def _said(row: Any, now: datetime) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise _Bad("no reading: expected names and values, as many as the header has columns")
    given = {str(name).strip().lower(): _text(value) for name, value in row.items()}
    if unknown := sorted(name for name, text in given.items() if name not in FIELDS and text):
        raise _Bad(f"{unknown[0]} is not a known field; expected {', '.join(FIELDS)}")
    from_at, to_at = _time("at", given.get("at"), needed=True)
    if from_at > now:
        raise _Bad(f"at is {given['at']}, which lies in the future")
    known, known_by = _time("known", given.get("known"), needed=False)
    if known is not None and known > now:
        raise _Bad(f"known is {given['known']}, which lies in the future")
    said: dict[str, Any] = {"from_at": from_at, "to_at": to_at, "known_at": now if known is None else known_by}
    if said["known_at"] < from_at:
        raise _Bad("known is before at: expected the day on which the reading became known")
    for name, column in _NEEDED.items():
        if not (text := given.get(name)):
            raise _Bad(f"{name} is missing; expected {_WHAT[name]}")
        said[column] = text
    for name, words in _WORDS.items():
        text = (given.get(name) or "").lower()
        word = _TRUTHS.get(text, text) or None
        if word is not None and word not in words:
            raise _Bad(f'{name} is "{text}"; expected {", ".join(words)}')
        said[name] = word
    said["visible"] = said["visible"] or "yes"
    said |= {column: _count(name, given.get(name)) for name, column in _COUNTS.items()}
    position = [_degrees(name, given.get(name), most) for name, most in (("longitude", 180), ("latitude", 90))]
    if (position[0] is None) != (position[1] is None) or not (given.get("place") or position[0] is not None):
        raise _Bad("place is missing; expected its name or zone_id, or longitude and latitude")
    told = [said[name] for name in (*_COUNTS.values(), "cargo_heaps", "ice")]
    if said["visible"] != "no" and all(one is None for one in told):
        raise _Bad("nothing is said of what is seen; expected ships, holds_open, cargo_heaps or ice")
    if said["visible"] == "no" and any(one is not None for one in told):
        raise _Bad("visible is no, but something is seen; expected one or the other")
    place = given.get("place") or f"{position[1]}, {position[0]}"
    return said | {"place": place, "longitude": position[0], "latitude": position[1], "note": given.get("note")}


_WHAT = {
    "sensor": "what took the image, like PlanetScope", "by": "who read the image", "link": "where the image is",
    "licence": "the terms of the image",
}  # fmt: skip


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, (list, dict)):
        return None
    text = " ".join(str(value).split())
    return None if text in ("", "~", "null") else text


def _time(name: str, text: str | None, *, needed: bool) -> tuple[Any, Any]:
    """Begin and end of a moment or a UTC day."""
    if text is None and not needed:
        return None, None
    try:
        if ":" not in (text or "") and not _DAY.fullmatch(text or ""):
            raise ValueError  # 20210208 and 2021-W06-1 would be the first second of a day
        at = datetime.fromisoformat((text or "").replace(" UTC", "+00:00"))
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        end = at + (timedelta(days=1) if _DAY.fullmatch(text or "") else timedelta(seconds=1))
    except (ValueError, OverflowError):
        raise _Bad(f'{name} is "{text or ""}"; expected a day like 2021-02-08, or a time') from None
    if at.year < _FIRST_YEAR:
        raise _Bad(f"{name} is {text}; expected a time since {_FIRST_YEAR}, when the first satellite took an image")
    return at, end


def _count(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) <= _MOST_SHIPS):
        raise _Bad(f'{name} is "{text}"; expected a whole number up to {_MOST_SHIPS}')
    return int(text)


def _degrees(name: str, text: str | None, most: int) -> float | None:
    if text is None:
        return None
    try:
        value = float("" if "_" in text else text)
    except ValueError:
        value = float("nan")
    if not abs(value) <= most:
        raise _Bad(f'{name} is "{text}"; expected degrees from -{most} to {most}')
    return value
