"""Values of an entry of the Global Fishing Watch API as text, number or time; nothing where they have no such form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pipeline.imo import read_imo

Entry = dict[str, Any]
LONG_AGO = datetime.min.replace(tzinfo=UTC)
_SHIP = re.compile(r"[2-7]\d{8}", re.ASCII)


def records(entry: Entry, name: str) -> list[Entry]:
    """The records of a list in an entry; none where there is no list."""
    found = entry.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def text(record: Entry, *names: str) -> str:
    """What stands first under one of the names, as text; empty if nothing does."""
    found = (record.get(name) for name in names)
    values = (one for one in found if isinstance(one, (str, int)) and not isinstance(one, bool))
    return next((text for one in values if (text := str(one).strip())), "")


def words(value: object) -> list[str]:
    """A list of texts, or one text as a list."""
    found = value if isinstance(value, list) else [value]
    return [one.strip() for one in found if isinstance(one, str) and one.strip()]


def mmsi(value: object) -> int | None:
    """A ship's number (ITU-R M.585: nine digits, the first of them 2 to 7) by its digits: of 4.12E+08 they are lost."""
    digits = str(value).strip().removesuffix(".0")
    return int(digits) if not isinstance(value, bool) and _SHIP.fullmatch(digits) else None


def imo(record: Entry) -> int | None:
    """The number in the IMO field of a record; whether it can be a ship's is not asked."""
    return read_imo(record.get("imo"))


def whole(record: Entry, name: str) -> int:
    """A count or a year, also where it comes as text or as 2026.0; 0 for anything else."""
    digits = str(record.get(name)).strip().removesuffix(".0")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 13 else 0


def amount(record: Entry, name: str) -> float | None:
    """A measure above zero."""
    said = record.get(name) or 0
    try:
        found = float("" if "_" in str(said) else said)  # 1_000 is a number to programmers only
    except (TypeError, ValueError, OverflowError):
        return None
    return found if 0 < found < 1e7 else None


def time(record: Entry, name: str) -> datetime | None:
    """A time that says where it is counted from; one that does not is not guessed."""
    try:
        at = datetime.fromisoformat(text(record, name).replace(" UTC", "+00:00"))
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):  # such as a time of the year 0, once it is counted in UTC
        return None


def first(found: Iterable[Any]) -> Any:
    """The first that is neither null nor empty."""
    return next(filter(None, found), None)
