"""Cells of a table to fields of a RECORD: one rule for what a cell says, whether a CSV or a Parquet file holds it.

A cell that says something which cannot be read costs the row where the row is worthless without it (MMSI, time,
position), else only that field, which is then null and counted. A field is read by its form where another form would
change the value: an MMSI as 4.45E+08 has lost its digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.formats.record import RECORD, number_of, quoted
from pipeline.no_value import no_value_form

BLANKS = " \t\r\n\v\f\u00a0\u2007\u202f\u3000\ufeff"
# Fields without which a row is worthless, and the reason it is rejected for.
NEEDED = {
    "mmsi": "bad_mmsi",
    "timestamp": "bad_time",
    "longitude": "bad_position",
    "latitude": "bad_position",
}
# What the cell of a field should hold, in words.
_EXPECTED = {
    "mmsi": "nine digits",
    "timestamp": "a time as the provider writes it",
    "longitude": "degrees east",
    "latitude": "degrees north",
    "sog_kn": "knots",
    "cog_deg": "degrees",
    "heading_deg": "degrees",
    "nav_status": "a code from 0 to 15, or its words",
    "transceiver_class": "A or B",
    "receiver": "satellite, terrestrial or unknown",
    "ship_type": "a code",
    "length_m": "metres",
    "width_m": "metres",
    "draught_m": "metres",
}
_NO_TIME_BEFORE_US, _NO_TIME_AFTER_US = 0, 253_402_300_800_000_000  # 1970 to 9999: what a time can be at all
_SECOND_US = {
    "unix_seconds": 1_000_000,
    "unix_milliseconds": 1_000,
    "unix_microseconds": 1,
    "unix_nanoseconds": 0.001,
}
UNIX_FORMATS = tuple(_SECOND_US)
_TOO_COARSE = "which 32-bit floats (seven digits) cannot hold"
# Names of zones that mean one thing: CST is Chicago's time to the engine, Shanghai's to others.
_NO_OFFSET = r"[+-](?:1[5-9]|[2-9]\d|14:?(?:0[1-9]|[1-9]\d))(?::?\d\d)?\s*$"  # beyond 14 hours
# Clocks as people and programs write them, and the engine does not: 07:13:20,5 and 07:13:20 +0900 (or +0000 UTC).
_LOOSE = r":\d\d(?:,\d|(?:\.\d+)?\s+(?:[+-]\d|[Zz]\s*$))"
_COMMA = (r"(:\d\d),(\d)", r"\1.\2")
_BLANK = (r"(:\d\d(?:\.\d+)?)\s+(?:([+-]\d\d(?::?\d\d)?|[Zz])|([+-]00:?00)\s+(?:UTC|GMT))\s*$", r"\1\2\3")
_ZONE_NAME = r"(?i)(?:\b|\d)(?:z|utc|gmt)\b|[a-z]/[a-z]"


def is_no_value(text: str, *, upper: bool = False) -> str:
    """SQL: whether a text, trimmed and in lower case (or upper), says that no value is known (`pipeline.no_value`).

    One expression, not one a word: the engine plans each of them anew for every file, which is what a small one costs.
    """
    return f"regexp_full_match({text}, {quoted(no_value_form(upper=upper))})"


def expected(field: str) -> str:
    """What the cell of a RECORD column should hold, in words."""
    return _EXPECTED.get(field, "text")


@dataclass(frozen=True)
class Column:
    """A column of a file: its name there, its SQL, and the SQL type the file gives it (VARCHAR in every CSV)."""

    name: str
    sql: str
    type: str = "VARCHAR"

    @property
    def text(self) -> str:
        """SQL of what stands in it, as text."""
        return self.sql if self.type == "VARCHAR" else f"({self.sql})::varchar"

    @property
    def number(self) -> str:
        """SQL of what stands in it as a number, null where it is none."""
        value = number_of(self.sql) if self.type == "VARCHAR" else f"try_cast({self.sql} as double)"
        return f"nullif({value}, 'nan'::double)"

    def without(self, values: Sequence[str | int | float]) -> Column:
        """The column with some values taken for null, as text or by value."""
        if not values:
            return self
        texts = ", ".join(quoted(str(value).strip()) for value in values)
        numbers = ", ".join(f"{quoted(float(value))}::double" for value in values if not isinstance(value, str))
        is_null = f"trim({self.text}, {quoted(BLANKS)}) in ({texts})"
        if numbers:
            is_null += f" or coalesce({self.number} in ({numbers}), false)"
        return replace(self, sql=f"case when not coalesce({is_null}, false) then {self.sql} end")


@dataclass(frozen=True)
class Cell:
    """How a field is read from a column: SQL of its value, null where the cell says nothing or cannot be read.

    expected    what the cell should hold, in words
    never_fails for texts, which are taken as they are
    unread      SQL: whether it says what cannot be read, where that is not all that leaves no value
    """

    column: Column
    value: str
    expected: str
    never_fails: bool = False
    unread: str | None = None

    @property
    def says(self) -> str:
        """SQL: whether the cell says anything."""
        return f"not {is_no_value(f'lower(trim({self.column.text}, {quoted(BLANKS)}))')}"


def mmsi(column: Column) -> Cell:
    """An MMSI by its digits; a decimal point with zeros is a table program's way of writing a whole number."""
    if column.type == "FLOAT":
        return Cell(column, "null::integer", f"nine digits, {_TOO_COARSE}")
    text = column.text
    whole = f"try_cast({text} as integer)"
    form = f"regexp_extract(trim({text}, {quoted(BLANKS)}), '^(\\d{{1,9}})(?:\\.0*)?$', 1)"
    return Cell(
        column,
        f"case when {whole}::varchar = {text} and {whole} >= 0 then {whole} "
        f"else try_cast(nullif({form}, '') as integer) end",
        "nine digits",
    )


def number(column: Column, factor: float = 1.0, decimal: str = ".", expected: str = "a number") -> Cell:
    """A number, times a factor to our unit."""
    value = column.number
    if column.type == "VARCHAR" and decimal != ".":
        value = replace(column, sql=f"replace({column.sql}, {quoted(decimal)}, '.')").number
    return Cell(column, value if factor == 1.0 else f"{value} * {factor!r}", expected)


def total(parts: Sequence[Cell]) -> Cell:
    """The sum of cells that together give one value: null where one of them says nothing, unread where one is."""
    if len(parts) == 1:
        return parts[0]
    columns = [part.column for part in parts]
    texts = ", ".join(f"coalesce({column.text}, '')" for column in columns)
    both = Column(" + ".join(column.name for column in columns), f"concat_ws(' + ', {texts})")
    unread = " or ".join(
        f"(({part.value}) is null and {part.column.sql} is not null and {part.says})" for part in parts
    )
    return Cell(both, " + ".join(f"({part.value})" for part in parts), parts[0].expected, unread=unread)


def code(column: Column, kind: str, words: Mapping[str, int] | None = None, expected: str = "a code") -> Cell:
    """A small whole number (such as 5 or 5.0), or one of some words, lower case."""
    whole = column.number
    value = f"case when {whole} = floor({whole}) then try_cast({whole} as {kind}) end"
    if words:
        cases = " ".join(f"when {quoted(word)} then {number}" for word, number in words.items())
        of_word = f"case lower(trim({column.text}, {quoted(BLANKS)})) {cases} end::{kind}"
        value = f"case when {value} is not null then {value} else {of_word} end"  # not coalesce, which asks both of all
    return Cell(column, value, expected)


def transceiver_class(column: Column) -> Cell:
    """A or B, alone or as Class A, in any case."""
    text = column.text
    named = f"nullif(upper(regexp_extract({text}, '(?i)^\\s*(?:class[\\s_-]*)?([ab])\\s*$', 1)), '')"
    return Cell(column, f"case when {text} in ('A', 'B') then {text} else {named} end", "A or B")


def word(column: Column, words: Sequence[str]) -> Cell:
    """One of some words, lower case, in any case."""
    lower = f"lower(trim({column.text}, {quoted(BLANKS)}))"
    return Cell(column, f"case when {lower} in ({', '.join(map(quoted, words))}) then {lower} end", ", ".join(words))


def text(column: Column) -> Cell:
    """A text as it is."""
    return Cell(column, column.text, "text", never_fails=True)


def time(column: Column, form: str | None = None, zone: str = "UTC") -> Cell:
    """A time: with its offset or zone where it bears one, else of the zone given; UTC.

    form  one of UNIX_FORMATS, a strptime form, or None for ISO 8601; a column that the file types as a time needs none
    """
    if column.type.startswith("TIMESTAMP") or column.type == "DATETIME":
        return Cell(column, _of_type(column, zone), "a time")
    if form is not None and form in _SECOND_US:
        if column.type == "FLOAT":
            return Cell(column, "null::timestamp", f"{form.replace('_', ' ')}, {_TOO_COARSE}")
        per_second = _SECOND_US[form]
        micros = f"try_cast({column.number} * {per_second!r} as bigint)"
        value = (
            f"case when {micros} >= {_NO_TIME_BEFORE_US} and {micros} < {_NO_TIME_AFTER_US} "
            f"then make_timestamp({micros}) end"
        )
        return Cell(column, value, form.replace("_", " "))
    if form is not None:
        parsed = f"try_strptime(trim({column.text}, {quoted(BLANKS)}), {quoted(form)})"
        zoned = "%z" in form or "%Z" in form
        if "%Z" in form:
            parsed = f"case when regexp_matches({column.text}, {quoted(_ZONE_NAME)}) then {parsed} end"
        return Cell(column, _utc(parsed) if zoned else _in_zone(parsed, zone), f"a time in the form {form}")
    return Cell(column, iso_time(column.text, zone), "a time like 2024-06-01T12:00:00, in UTC or with its offset")


def _of_type(column: Column, zone: str) -> str:
    if "TIME ZONE" in column.type:
        return _utc(column.sql)
    return _in_zone(f"try_cast({column.sql} as timestamp)", zone)


def iso_time(text: str, zone: str = "UTC") -> str:
    """SQL: the time that a text says, as UTC; null where it says none. Tables and JSON are read by this one rule.

    With its offset or zone where it bears one, else of the zone given. A date alone is no time, nor is one of a zone
    that no place has. (The engine's session zone is UTC, so it reads a text without a zone as UTC.)
    """
    tight = text
    for form, plain in (_COMMA, _BLANK):
        tight = f"regexp_replace({tight}, {quoted(form)}, {quoted(plain)})"
    long = (
        f"case when regexp_matches({text}, {quoted(_LOOSE)}) then {_long_time(tight, zone)} "
        f"else {_long_time(text, zone)} end"
    )
    if zone != "UTC":
        return long
    # 2024-06-01T12:00:00 has no room for a zone: what most files hold is read the short way.
    return f"case when strlen({text}) = 19 and {text}[17] = ':' then try_cast({text} as timestamp) else {long} end"


def _long_time(text: str, zone: str) -> str:
    cast = f"try_cast({text} as timestamptz)"
    zoned = _utc(
        f"case when not contains({text}, ':') or regexp_matches({text}, {quoted(_NO_OFFSET)}) then null "
        f"when right({text}, 1) between '0' and '9' then {cast} "
        f"when regexp_matches({text}, {quoted(_ZONE_NAME)}) or regexp_matches({text}, '\\d\\s+$') then {cast} end"
    )
    if zone == "UTC":
        return zoned
    bare = f"regexp_matches({text}, '^\\s*\\d+-\\d+-\\d+[T ]\\d+:\\d+(:\\d+([.]\\d+)?)?\\s*$')"
    return f"case when {bare} then {_in_zone(f'try_cast({text} as timestamp)', zone)} else {zoned} end"


def _utc(moment: str) -> str:
    return f"make_timestamp(epoch_us({moment}))"


def _in_zone(naive: str, zone: str) -> str:
    """A clock's time of a zone; null for one that the zone has twice, or not at all, when its clocks are changed."""
    if zone == "UTC":
        return naive
    moment = f"timezone({quoted(zone)}, {naive})"
    shown = [f"timezone({quoted(zone)}, {moment} {other})" for other in ("", "- interval 1 hour", "+ interval 1 hour")]
    once = f"{shown[0]} = {naive} and {shown[1]} <> {naive} and {shown[2]} <> {naive}"
    return f"case when {once} then {_utc(moment)} end"


def select_cells(
    cells: Mapping[str, Cell], relation: str, constants: Mapping[str, str] | None = None, hint: str = "null"
) -> str:
    """`select` of RECORD over a relation.

    cells      RECORD column -> how it is read
    constants  RECORD column -> SQL of a value that holds for every row
    hint       SQL of what is known of a row before any cell is looked at
    """
    failed = {name: _failed(name, cell) for name, cell in cells.items() if not cell.never_fails}
    return f"select {_fields(cells, constants or {}, hint, failed)} from ({_values(cells, relation)})"


def select_numbered(
    cells: Mapping[str, Cell], relation: str, constants: Mapping[str, str] | None = None, hint: str = "null"
) -> str:
    """As `select_cells` with `line` and `raw` of the relation, and `unread_cells`: each cell that could not be read,
    as UNREAD_CELL."""
    ordered = sorted(cells, key=lambda name: name not in NEEDED)  # what a row cannot do without comes first
    fallible = [name for name in ordered if not cells[name].never_fails]
    found = [
        f"case when {_has_failed(name)} then {{'field': {quoted(name)}, 'column_name': {quoted(cell.column.name)}, "
        f"'said': left({cell.column.text}, 100), 'expected': {quoted(cell.expected)}}} end"
        for name, cell in ((name, cells[name]) for name in fallible)
    ]
    # A case builds the list of the few rows that have one.
    unread = (
        f"case when {' or '.join(map(_has_failed, fallible))} "
        f"then list_filter([{', '.join(found)}], lambda one: one is not null) else [] end"
    )
    failures = ", ".join(f"{_failed(name, cells[name])} as {_has_failed(name)}" for name in fallible)
    fields = _fields(cells, constants or {}, hint, {name: _has_failed(name) for name in fallible})
    values = f"(select *, {failures} from ({_values(cells, relation)}))"
    return f"select line, raw, {unread} as unread_cells, {fields} from {values}"


def _has_failed(name: str) -> str:
    return f"failed_{name}"


def _values(cells: Mapping[str, Cell], relation: str) -> str:
    values = ", ".join(f"{cell.value} as {_value(name)}" for name, cell in cells.items())
    return f"select *, {values} from {relation}"


def _value(name: str) -> str:
    return f"value_{name}"


def _failed(name: str, cell: Cell) -> str:
    """SQL: whether a cell says something that could not be read. A case looks at what it says only where its value is
    null; a conjunction would look at all."""
    empty = f"{_value(name)} is null" + ("" if cell.unread else f" and {cell.column.sql} is not null")
    return f"(case when {empty} then {cell.unread or cell.says} else false end)"


def _fields(cells: Mapping[str, Cell], constants: Mapping[str, str], hint: str, failed: Mapping[str, str]) -> str:
    """`failed` is SQL of whether a cell says what could not be read, for those that may."""
    needed = " ".join(f"when {failed[name]} then {quoted(why)}" for name, why in NEEDED.items())
    optional = [failed[name] for name in failed if name not in NEEDED]
    expressions = {name: _value(name) for name in cells} | dict(constants)
    expressions["hint"] = f"case when {hint} is not null then {hint} {needed} end"
    expressions["unread"] = f"({' or '.join(optional)})" if optional else "false"
    return ", ".join(
        f"{'cast' if name in ('hint', 'unread') else 'try_cast'}({expressions.get(name, 'null')} as {kind}) as {name}"
        for name, kind in RECORD.items()
    )
