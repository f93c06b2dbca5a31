"""What a JSON record says, declared: a column of RECORD is a path into it and the form or unit of what is there.

A `Value` makes SQL of `said`, which gives the text at a path. Text that is no number (or time) is null, as is one
without end: whether a row can do without it is for the format to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pipeline.formats.cells import iso_time
from pipeline.formats.record import number_of

Said = Callable[[str], str]  # a path below the record, like geometry.coordinates[0] -> SQL of the text there
Value = Callable[[Said], str]

_ZONE = "(?:[A-Za-z]|[+-]\\d{2}(?::?\\d{2})?)\\s*$"  # an offset, or the end of a zone's name


def text(path: str) -> Value:
    """What stands there, as text."""
    return lambda said: said(path)


def number(path: str, *, per_unit: float = 1) -> Value:
    """A number, of which so many make our unit."""
    return lambda said: number_sql(said(path)) + (f" / {per_unit:g}" if per_unit != 1 else "")


def tenths(path: str) -> Value:
    """Whole tenths of our unit; null if there is a fraction, which says that they are no tenths."""
    return lambda said: f"case when {_is_whole(said(path))} then {number_sql(said(path))} / 10 end"


def code(path: str) -> Value:
    """A code of a list: a whole number."""
    return lambda said: f"case when {_is_whole(said(path))} then {number_sql(said(path))} end"


def mmsi(path: str) -> Value:
    """Nine digits; null for a number whose digits are lost (4.45E+08)."""
    return lambda said: f"try_cast(regexp_extract(trim({said(path)}), '^(\\d{{1,9}})(?:\\.0*)?$', 1) as integer)"


def utc(path: str, *, naive: bool = True) -> Value:
    """A time as UTC: converted from its zone if it has one; else it is UTC, or null if `naive` is false."""
    return lambda said: utc_sql(said(path), naive=naive)


def unix(path: str, *, per_second: int = 1) -> Value:
    """A time counted from 1970, to the microsecond; null beyond the years 1 to 9999."""

    def sql(said: Said) -> str:
        seconds = f"{number_sql(said(path))} / {per_second}"
        return f"case when abs({seconds}) < 6e10 then make_timestamp(({seconds} * 1e6)::bigint) end"

    return sql


def words(path: str, meanings: Mapping[str, str]) -> Value:
    """A word, by how it begins (in small letters), and what it means."""
    return lambda said: (
        "case "
        + " ".join(
            f"when lower(trim({said(path)})) like '{begin}%' then '{means}'" for begin, means in meanings.items()
        )
        + " end"
    )


def transceiver(path: str) -> Value:
    """Class A or B."""
    return lambda said: f"case when upper(trim({said(path)})) in ('A', 'B') then upper(trim({said(path)})) end"


def total(*paths: str) -> Value:
    """The sum of numbers, such as the distances of bow and stern to the antenna."""
    return lambda said: " + ".join(number_sql(said(path)) for path in paths)


def constant(word: str) -> Value:
    """The same for every record."""
    return lambda said: f"'{word}'"


def first(*values: Value) -> Value:
    """The first of several that says anything."""
    return lambda said: f"coalesce({', '.join(value(said) for value in values)})"


def number_sql(text: str) -> str:
    """SQL: a finite number given as text; null where it is none."""
    return f"case when isfinite({number_of(text)}) then {number_of(text)} end"


def utc_sql(text: str, *, naive: bool) -> str:
    """SQL: a time given as text, as UTC; null where it is none."""
    moment = iso_time(f"trim({text})")
    return moment if naive else f"case when regexp_matches({text}, '{_ZONE}') then {moment} end"


def _is_whole(text: str) -> str:
    return f"regexp_full_match(trim({text}), '\\d{{1,6}}(\\.0*)?')"
