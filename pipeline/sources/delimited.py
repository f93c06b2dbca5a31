"""Delimited text files: a header, then typed columns, read in parallel; refused rows are kept with their line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.sources.record import Content, Reading, identifier, quoted, select_record

# Errors of the parser that concern the shape of a row, not the text of one column.
_SHAPE = "('MISSING COLUMNS', 'TOO MANY COLUMNS', 'UNQUOTED VALUE', 'LINE SIZE OVER MAXIMUM', 'INVALID STATE')"


def read_delimited(
    content: Content,
    header: Sequence[str],
    types: Mapping[str, str],
    expressions: Mapping[str, str],
    time_format: str | None = None,
    delimiter: str = ",",
) -> Reading:
    """Reading of a delimited file.

    header        column names in the order of the file
    types         SQL type of the columns that are used; all others are text and never parsed
    expressions   RECORD column -> SQL expression over the file's columns
    time_format   strptime format of TIMESTAMP columns; ISO 8601 if None

    A row with too few or too many columns, or with text where a number belongs, is refused by the parser and returned
    by `unreadable`: reason bad_mmsi or bad_time when that column is at fault, else unreadable.
    """
    names = _unique(header)
    columns = {name: types.get(name, "VARCHAR") for name in names}
    mmsi = [at for at, name in enumerate(names, 1) if identifier(name) in expressions["mmsi"]]
    times = [at for at, name in enumerate(names, 1) if columns[name] == "TIMESTAMP"]
    typed = _read_csv(content, columns, delimiter, time_format)
    return Reading(
        records=select_record(expressions, typed),
        numbered=select_record(expressions, f"({_numbered(content, columns, delimiter, time_format)})", "line, raw, "),
        unreadable=f"""
            select line::bigint as line, any_value(csv_line) as raw, case
                when bool_or(error_type in {_SHAPE}) then 'unreadable'
                when bool_or(error_type = 'CAST' and list_contains({mmsi}, column_idx)) then 'bad_mmsi'
                when bool_or(error_type = 'CAST' and list_contains({times}, column_idx)) then 'bad_time'
                else 'unreadable' end as reason
            from reject_errors group by line""",
        header_lines=1,
    )


def _numbered(content: Content, columns: Mapping[str, str], delimiter: str, time_format: str | None) -> str:
    """All rows as text and cast, with their line: their rank among the lines with the right number of columns."""
    texts = _read_csv(content, dict.fromkeys(columns, "VARCHAR"), delimiter, None)
    raw = f"concat_ws({quoted(delimiter)}, {', '.join(f'''coalesce({identifier(name)}, '')''' for name in columns)})"
    cast = ", ".join(f"{_cast(name, kind, time_format)} as {identifier(name)}" for name, kind in columns.items())
    # The k-th misshapen line b has b - k - 1 well-shaped lines before it (the header is line 1).
    return f"""
        with misshapen as (select distinct line from reject_errors where error_type in {_SHAPE}),
        skipped as (
            select well_shaped_before, max(k) as k
            from (select row_number() over (order by line) as k, line - k - 1 as well_shaped_before from misshapen)
            group by 1),
        ranked as (select row_number() over () as rank, {raw} as raw, {cast} from {texts}),
        placed as (
            select (rank + 1 + coalesce(skipped.k, 0))::bigint as line, ranked.*
            from ranked asof left join skipped on ranked.rank > skipped.well_shaped_before)
        select * from placed anti join (select distinct line from reject_errors) using (line)"""


def _read_csv(content: Content, columns: Mapping[str, str], delimiter: str, time_format: str | None) -> str:
    struct = ", ".join(f"{quoted(name)}: {quoted(kind)}" for name, kind in columns.items())
    timestamps = f", timestampformat={quoted(time_format)}" if time_format else ""
    return (
        f"read_csv({quoted(content.path)}, columns={{{struct}}}, auto_detect=false, header=true, "
        f"delim={quoted(delimiter)}, quote='\"', escape='\"', ignore_errors=true, "
        f"store_rejects=true, rejects_limit=0{timestamps})"
    )


def _cast(name: str, kind: str, time_format: str | None) -> str:
    if kind == "TIMESTAMP" and time_format:
        return f"try_strptime({identifier(name)}, {quoted(time_format)})"
    return identifier(name) if kind == "VARCHAR" else f"try_cast({identifier(name)} as {kind})"


def _unique(header: Sequence[str]) -> list[str]:
    """Column names made unique: DMA files of 26 columns name none twice, but hand-made ones do."""
    names: list[str] = []
    for name in header:
        names.append(name if name not in names else f"{name}_{len(names) + 1}")
    return names
