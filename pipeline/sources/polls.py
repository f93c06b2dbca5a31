"""Polls as `coalwatch listen` lands them: JSON lines of `source`, `polled_at` and `body`, one whole poll a line.

A row is one record of a poll's body. A poll without records is a row too (no ship's), so that a silent hour is told
from a missing one; a body that is no JSON is kept as text and is one unreadable row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.sources.json_lines import transformed
from pipeline.sources.record import NOT_SHIP, Content, Reading, select_record

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LONGEST_RAW = 10_000  # characters of a poll that are kept with a reject; the file has the rest
_AT_ONCE = 4_000_000  # bytes of polls taken apart at a time: the engine makes several copies of them


def is_poll_of(source: str, line: str) -> bool:
    """Whether a line is a poll of a source, whatever came in it."""
    return line.startswith(f'{{"source":"{source}","polled_at":"')


def read_polls(
    con: DuckDBPyConnection,
    content: Content,
    is_answer: str,
    records: str,
    shape: Mapping[str, Any],
    expressions: Mapping[str, str],
    header: str = "null",
) -> Reading:
    """Reading of a file of polls; a line may also be a bare body, as a server sends it.

    is_answer    SQL over `body` (JSON): whether it has the form of the source's answers
    records      SQL over `body`: its records, a list of JSON
    header       SQL over `body`: what holds for all its records, as text
    shape        what is read of a record (see `json_lines.transformed`); the expressions know it as `said`
    expressions  RECORD column -> SQL over `said`, `record` (JSON) and `header`; `hint` judges records alone
    """
    con.execute(
        "create or replace temp table polled (line bigint, readable boolean, header text, record json, raw text)"
    )
    take_apart = f"""
        with polls as (select unnest(?::bigint[]) as line, unnest(?::varchar[]) as raw),
        documents as (select *, case when json_valid(raw) then raw::json end as doc from polls),
        bodies as (select line, raw, coalesce(json_extract(doc, '$.body'), doc) as body from documents),
        answers as (select *, coalesce({is_answer}, false) as readable from bodies),
        lists as (select *, case when readable then {records} end as found from answers),
        listed as (
            select line, readable, {header} as header,
                unnest(case when len(found) > 0 then found else [null] end) as record,
                case when len(found) > 0 then null else left(raw, {_LONGEST_RAW}) end as poll
            from lists)
        insert into polled select line, readable, header, record, coalesce(record::varchar, poll) from listed"""
    for numbers, lines in _batches(content.path):
        con.execute(take_apart, [numbers, lines])
    judged = {
        **expressions,
        "hint": f"case when not readable then 'unreadable' when record is null then '{NOT_SHIP}' "
        f"else {expressions['hint']} end",
    }
    rows = f"(select *, {transformed('record', shape)} as said from polled)"
    return Reading(select_record(judged, rows), select_record(judged, rows, "line, raw, "))


def _batches(path: Path) -> Iterator[tuple[list[int], list[str]]]:
    """Numbers and texts of lines that are not blank; bytes that are not UTF-8 become U+FFFD."""
    numbers: list[int] = []
    lines: list[str] = []
    size = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            numbers.append(number)
            lines.append(line.decode("utf-8", "replace").rstrip("\r\n"))
            size += len(line)
            if size >= _AT_ONCE:
                yield numbers, lines
                numbers, lines, size = [], [], 0
    if lines:
        yield numbers, lines
