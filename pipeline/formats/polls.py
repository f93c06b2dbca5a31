"""Answers of providers in JSON: bare, as a server sends them, or as `coalwatch listen` lands them, in lines of
`source`, `polled_at` and `body`.

A row is one record of an answer. An answer without records is a row too (no ship's), so that a silent hour differs
from a missing one; text that is no answer is one unreadable row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.formats.cells import NEEDED, expected, is_no_value
from pipeline.formats.json_lines import Document, document_batches
from pipeline.formats.json_values import Said, Value
from pipeline.formats.record import NOT_SHIP, UNREAD_CELL, Content, Head, Reading, quoted, select_record

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NOWHERE = "coalesce(null)"  # what stands where no path is looked at: a constant
_LONGEST_RAW = 10_000  # characters of an answer that are kept with a reject; the file has the rest


@dataclass(frozen=True)
class Answers:
    """How a provider's answers are read; SQL over `body` (JSON), an answer, and `record` (JSON), one of its records.

    provider  as messages name it
    records   over `body`: its records, a list of JSON; null if it is none of the provider's answers
    columns   RECORD column -> Value; paths are tried below each of `inside`
    placed    over `record`: whether it has the keys of a position, or is of a kind that has none
    hint      over `record`: why it is no ship's position or report, else null
    error     over `body`: the provider's words where it is an error, else null
    header    over `body`: what holds for all its records, as text
    inside    where a record keeps its values: below itself (""), or a member such as "properties"
    key       what the text of a record holds, in small letters
    """

    provider: str
    records: str
    columns: Mapping[str, Value]
    placed: str
    hint: str = "null"
    error: str = "null"
    header: str = "null"
    inside: tuple[str, ...] = ("",)
    key: str = '"mmsi"'


def is_poll_of(source: str, line: str) -> bool:
    """Whether a line is a poll of a source, whatever came in it."""
    return line.startswith(f'{{"source":"{source}","polled_at":"')


def begins_with_keys(head: Head, *keys: str) -> bool:
    """Whether a file begins as JSON (or server-sent events of JSON) and its beginning holds all of these texts."""
    first = next((line.lstrip() for line in head.lines if line.strip()), "")
    if not first.startswith(("{", "[", "data:", ":", "event:", "id:", "retry:")):
        return False
    return all(any(key in line for line in head.lines) for key in keys)


def read_answers(con: DuckDBPyConnection, content: Content, documents: Iterable[Document], answers: Answers) -> Reading:
    """Reading of a file of answers.

    raises  InputError for a file that holds nothing but the provider's own errors
    """
    con.execute(
        "create or replace temp table polled "
        "(line bigint, readable boolean, empty boolean, header text, record json, raw text)"
    )
    con.execute("create or replace temp table answered (error text, bare boolean)")
    for _ in document_batches(con, documents, answers.key):
        _take_apart(con, answers)
    _refuse_errors_alone(con, content, answers)
    paths: dict[str, int] = {}

    def said(path: str) -> str:
        found = [f"said[{paths.setdefault(_path(inside, path), len(paths) + 1)}]" for inside in answers.inside]
        return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"

    # Each value is asked for once, by name after that: the engine plans every expression anew for every file.
    values = ", ".join(f"{value(said)} as value_{name}" for name, value in answers.columns.items())
    expressions = {name: f"value_{name}" for name in answers.columns}
    there = {name: f"(value_{name} is not null)" for name in ("latitude", "longitude")}
    unread = [f"{there['latitude']} <> {there['longitude']}"] + [
        f"not {is_there} and {_says_anything(answers.columns[name], said)}" for name, is_there in there.items()
    ]
    expressions["hint"] = (
        f"case when not readable then 'unreadable' when empty then '{NOT_SHIP}' "
        f"when record is null or json_type(record) <> 'OBJECT' then 'unreadable' else coalesce({answers.hint}, "
        f"case when not coalesce({answers.placed}, false) or {' or '.join(unread)} then 'unreadable' end) end"
    )
    read = {  # what a row cannot do without comes first: a reject tells its first cell
        name: answers.columns[name]
        for name in sorted(answers.columns, key=lambda name: name not in NEEDED)
        if _said(answers.columns[name], said) != _NOWHERE
    }
    failed = ", ".join(
        f"(value_{name} is null and {_says_anything(value, said)}) as failed_{name}" for name, value in read.items()
    )
    expressions["unread"] = " or ".join(f"failed_{name}" for name in read if name not in NEEDED)
    listed = ", ".join(quoted(path) for path in paths)

    def rows(of: str) -> str:
        """SQL relation of the records of a relation, with their values."""
        said_rows = f"(select *, json_extract_string(record, [{listed}]) as said from {of})"
        return f"(select *, {failed} from (select *, {values} from {said_rows}))"

    failures = ", ".join(
        f"case when failed_{name} then {{'field': {quoted(name)}, 'column_name': {_named(name, value)}, "
        f"'said': left({_said(value, said)}, 100), 'expected': {quoted(expected(name))}}} end"
        for name, value in read.items()
    )
    cells = f"list_filter([{failures}], lambda one: one is not null)::{UNREAD_CELL}[] as unread_cells"
    typed = "(select * replace (record::json as record) from row_read)"
    return Reading(
        select_record(expressions, rows("polled")),
        select_record(expressions, rows(typed), f"line, raw, {cells}, "),
        rows="select * from polled",
    )


def _says_anything(value: Value, said: Said) -> str:
    """SQL: whether anything stands where a value is looked for, but a word for not known."""
    return f"not {is_no_value(f'lower(trim(coalesce({_said(value, said)}, {quoted(str())})))')}"


def _said(value: Value, said: Said) -> str:
    """SQL: what stands where a value is looked for, as text."""
    texts: list[str] = []
    value(lambda path: texts.append(said(path)) or texts[-1])  # type: ignore[func-returns-value]
    return f"coalesce({', '.join((*dict.fromkeys(texts), 'null'))})"


def _named(name: str, value: Value) -> str:
    """SQL: the provider's name of a field that a row cannot do without; null for the others, whose own tells enough."""
    paths: list[str] = []
    value(lambda path: paths.append(path) or "null")  # type: ignore[func-returns-value]
    return quoted(" or ".join(dict.fromkeys(paths))) if name in NEEDED else "null"


def _path(inside: str, path: str) -> str:
    return ".".join(part for part in ("$", inside, path) if part)


def _take_apart(con: DuckDBPyConnection, answers: Answers) -> None:
    """Rows of `polled` from the table `document`; and of `answered`, one per answer."""
    con.execute(f"""
        create or replace temp table answer as
        with bodies as (
            select line, raw, coalesce(json_exists(doc, '$.polled_at'), false) as polled,
                coalesce(json_extract(doc, '$.body'), doc) as body
            from document)
        select line, raw, not polled as bare, {answers.error} as error, {answers.header} as header,
            {answers.records} as found
        from bodies""")
    con.execute("insert into answered select error, bare from answer")
    con.execute(f"""
        insert into polled
        select line, readable, empty, header, record, coalesce(record::varchar, left(raw, {_LONGEST_RAW}))
        from (select line, raw, header, error is not null or found is not null as readable,
                coalesce(len(found), 0) = 0 as empty,
                unnest(case when len(found) > 0 then found else [null] end) as record
            from answer)""")


def _refuse_errors_alone(con: DuckDBPyConnection, content: Content, answers: Answers) -> None:
    error, others = con.execute(
        "select min(error), count(*) filter (where error is null or not bare) from answered"
    ).fetchone() or (None, 0)
    if error is not None and not others:
        raise InputError(
            f'{content.name}: no AIS data but an error of {answers.provider}: "{error}"; '
            "mend what was asked for, and fetch it again"
        )
