"""Delimited text files: every column as text, read in parallel; lines of another shape than the header are kept.

Columns go by their place, not by name: what a header says never enters SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.errors import InputError
from pipeline.formats.cells import Cell, Column, select_cells, select_numbered
from pipeline.formats.record import Content, Reading, identifier, quoted

LONGEST_LINE = 1 << 20  # bytes; a longer one is no row of a table


def columns(names: Sequence[str]) -> list[Column]:
    """The columns of a header, in its order."""
    return [Column(name, identifier(f"c{at}")) for at, name in enumerate(names, 1)]


def find_column(name: str, among: Sequence[Column], file: str) -> Column:
    """The column of a name.

    raises  InputError if there is none, or if several bear the name: which of them is meant is not known
    """
    found = [column for column in among if column.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f'{file}: {len(found)} columns are named "{name}"; expected one, rename or remove the others')
    names = ", ".join(column.name for column in among)
    raise InputError(f'{file}: no "{name}" column (found: {names[:200]})')


def read_delimited(
    content: Content,
    named: Sequence[Column],
    cells: Mapping[str, Cell],
    constants: Mapping[str, str] | None = None,
    hint: str = "null",
    delimiter: str = ",",
) -> Reading:
    """Reading of a delimited file.

    named      all columns, in the order of the file
    cells      RECORD column -> how it is read
    constants  RECORD column -> SQL of a value that holds for every row
    hint       SQL of what is known of a row before any cell is looked at

    A line with too few or too many columns is refused by the parser and returned by `unreadable`.
    """
    table = _read_csv(content, named, delimiter)
    raw = f"concat_ws({quoted(delimiter)}, {', '.join(f'''coalesce({column.sql}, '')''' for column in named)})"
    return Reading(
        records=select_cells(cells, table, constants, hint),
        # The header is line 1; lines that the parser refused are counted in by `misshapen`.
        rows=f"select (row_number() over () + 1)::bigint as line, * from {table}",
        numbered=select_numbered(cells, f"(select *, {raw} as raw from row_read)", constants, hint),
        unreadable=f"""
            select line::bigint as line, 'unreadable' as reason, trim(any_value(csv_line), chr(13) || chr(10)) as raw,
                'expected {len(named)} columns' as detail
            from reject_errors group by line""",
        misshapen="select distinct line::bigint as line from reject_errors",
        delimiter=delimiter,
    )


def _read_csv(content: Content, named: Sequence[Column], delimiter: str) -> str:
    struct = ", ".join(f"{quoted(column.sql.strip(chr(34)))}: 'VARCHAR'" for column in named)
    return (
        f"read_csv({quoted(content.path)}, columns={{{struct}}}, auto_detect=false, header=true, "
        f"delim={quoted(delimiter)}, quote='\"', escape='\"', ignore_errors=true, max_line_size={LONGEST_LINE}, "
        "store_rejects=true, rejects_limit=0)"
    )
