"""Times that a user writes: brought to the form SQLite keeps, or refused where they would be compared as other text.

SQLite has no type for times, so `'2020-11-20T00:00:00Z'` is compared with `2020-11-20 08:15:00` letter by letter, and a
`T` is greater than a blank: the answer lacks most of the day, without a word. The form with a blank stays the one that
is kept: SQLite's own `datetime()` writes it, so do SQLAlchemy and pandas, broken seconds sort right in it, and a day is
a beginning of it. Any other form is therefore reported, with the form that compares. PostgreSQL knows times, and
takes every form.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

from pipeline.errors import InputError

_TOKENS = re.compile(r"--[^\n]*|/\*.*?\*/|'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"", re.DOTALL)
_KEPT = re.compile(r"\d{4}-\d\d(?:-\d\d(?: \d\d(?::\d\d(?::\d\d(?:\.(?!000000)\d{6})?)?)?)?)?")
_MOMENT = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:(?:\s*[Tt]\s*|\s+)(\d{1,2})(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,6})\d*)?)?)?\s*([Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?"
)
_COMPACT = re.compile(r"\d{8}[Tt]\d{4,6}[Zz]?|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_NUMBER = re.compile(r"\b(?:\w+_(?:at|by|after)|day)\s*(?:=|<>|!=|<=?|>=?|between)\s*\d+", re.IGNORECASE)
_DAY_FIRST = re.compile(r"\d{1,2}[ ./-](?:\d{1,2}|[A-Za-z]{3,9})[ ./-]\d{4}(?:[ ,]+\d{1,2}:\d\d.*)?")
_PATTERN = re.compile(r"(\d{4}-\d\d-\d\d)[Tt]([\d:%_.]*)[Zz]?")
_READS_ALL = re.compile(r"\b(?:date|time|datetime|julianday|unixepoch|strftime|timediff)\s*\([^()]*$", re.IGNORECASE)
_WRITES_T = re.compile(r"%dT|%FT|%d'\s*\|\|\s*'T", re.IGNORECASE)


def kept_form(text: str) -> str | None:
    """A time or day as SQLite keeps it (UTC; without a zone it is UTC); None if it is neither.

    `2020-11-20T09:00:00+09:00` is `2020-11-20 00:00:00`, `2020/1/5` is `2020-01-05`.
    """
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        if hour is None:
            return datetime(int(year), int(month), int(day), tzinfo=UTC).strftime("%Y-%m-%d")
        offset = re.sub(r"^(?:[Zz]|UTC|GMT)?$", "+00:00", zone or "")
        written = f"{year}-{int(month):02}-{int(day):02}T{int(hour):02}:{minute or '00'}:{second or '00'}"
        moment = datetime.fromisoformat(f"{written}.{(fraction or '').ljust(6, '0')}{offset}")
    except ValueError:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


def refuse_other_times(sql: str) -> None:
    """See that every time written in a statement for SQLite is one that compares with those kept.

    Arguments of SQLite's date functions are left alone where these read them.

    raises  InputError naming the first that does not, with the form that does
    """
    if number := _NUMBER.search(_TOKENS.sub("''", sql)):
        raise InputError(
            f"SQL: in `{number.group()}` SQLite would compare a time, which is text, with a number: no text is less "
            "than one or equal to it; write it like '2020-11-20' or '2020-11-20 00:00:00', or datetime(…, 'unixepoch')"
        )
    if _WRITES_T.search(sql):
        return  # the statement writes times in that form itself
    for token in _TOKENS.finditer(sql):
        literal = token.group(1) if token.group(1) is not None else token.group(2)
        if literal is None or _KEPT.fullmatch(literal):
            continue
        if _READS_ALL.search(sql[: token.start()]) and _sqlite_reads(literal):
            continue
        form = kept_form(literal)
        pattern = _PATTERN.fullmatch(literal)
        if form is None and pattern:
            form = f"{pattern.group(1)} {pattern.group(2)}"
        if form or _COMPACT.fullmatch(literal) or _DAY_FIRST.fullmatch(literal):
            hint = f"write '{form}'" if form else "write it like '2020-11-20' or '2020-11-20 00:00:00'"
            raise InputError(
                f"SQL: '{literal}' would be compared letter by letter with times like 2020-11-20 00:00:00 (UTC), the "
                f"form SQLite keeps, and give a wrong answer; {hint}, or datetime('…') around one in ISO 8601"
            )


def _sqlite_reads(literal: str) -> bool:
    """Whether SQLite's date functions know the time; of 2018/06/01 they make null, which nothing equals."""
    with closing(sqlite3.connect(":memory:")) as connection:
        return connection.execute("select datetime(?) is not null", (literal,)).fetchone() == (1,)
