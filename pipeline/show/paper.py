"""The paper that reports are written on: its width, paragraphs, sections, tables, and values as text."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.plain import plain_text as plain_text
from pipeline.publish.notices import NOTE as NOTE
from pipeline.publish.notices import counted as counted

Record = dict[str, Any]
SYNTHETIC = "[magenta]SYNTHETIC[/]"
_WIDEST = 110  # longer lines of prose are hard to read


class Paper:
    """Standard output, as wide as the terminal but not wider than prose is read; 80 columns where there is none."""

    def __init__(self) -> None:
        self.terminal = sys.stdout.isatty()
        self.columns = shutil.get_terminal_size((80, 24)).columns
        self._console = self._wide(min(self.columns, _WIDEST))

    def line(self, markup: str = "", indent: int = 0) -> None:
        """A paragraph, all of it `indent` deep."""
        if indent:
            self.hanging("", markup, indent)
        else:
            self._console.print(markup)

    def whole(self, markup: str, indent: int = 0) -> None:
        """A line that is never broken, however wide: paths and addresses are copied from it."""
        self._console.print(" " * indent + markup, soft_wrap=True)

    def hanging(self, head: str, markup: str, width: int) -> None:
        """A paragraph behind a head of `width` columns; what does not fit goes on under the paragraph."""
        grid = Table.grid(padding=0)
        grid.add_column(width=width, no_wrap=True)
        grid.add_column()
        grid.add_row(head, markup)
        self._console.print(grid)

    def dim(self, text: str) -> None:
        """A remark."""
        self._console.print(text, style="dim")

    def rule(self, title: str = "") -> None:
        """A line across, with a title."""
        self._console.rule(title)

    def section(self, title: str, lines: Iterable[str]) -> None:
        """A title over paragraphs, if there are any."""
        lines = list(lines)
        if lines:
            self.line(f"\n[bold]{title}[/]")
        for line in lines:
            self.hanging("", line, 2)

    def table(self, rows: Sequence[Record], rights: Iterable[str] = ()) -> None:
        """Rows as a table if they fit on a terminal, else one row a block; piped, a table of whatever width."""
        headers = list(rows[0])
        cells = [[plain_text(value) for value in row.values()] for row in rows]
        widths = [max(map(cell_len, column)) for column in zip(headers, *cells, strict=True)]
        if self.terminal and sum(widths) + 2 * (len(widths) - 1) > self.columns:
            for number, row in enumerate(cells, 1):
                self.dim(f"— {number} —")
                for name, value in zip(headers, row, strict=True):
                    self.hanging(f"[bold]{name}[/]", escape(value), max(map(len, headers)) + 2)
            return
        numbers = {name for name in headers if all(_is_number(row[name]) for row in rows)} | set(rights)
        right = [name in numbers for name in headers]
        self._console.print(_aligned(headers, widths, right), style="bold", soft_wrap=True, markup=False)
        for row in cells:
            print(_aligned(row, widths, right))

    @staticmethod
    def _wide(columns: int) -> Console:
        return Console(file=_Trimmed(), width=columns, highlight=False, emoji=False)  # type: ignore[arg-type]


class _Trimmed:
    """Standard output without the blanks that fill lines up to their width: they get in the way of who copies text."""

    def write(self, written: str) -> int:
        return sys.stdout.write(re.sub(r" +(?=\n)", "", written))

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stdout, name)


def _aligned(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    fills = [" " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True)]
    pieces = [
        fill + cell if on_right else cell + fill for cell, fill, on_right in zip(cells, fills, right, strict=True)
    ]
    return "  ".join(pieces).rstrip()


def text(value: Any) -> str:
    """A value as markup."""
    return escape(plain_text(value))


def days(first: Any, last: Any) -> str:
    """An interval of whole days, or of moments where it is not."""
    if str(first).endswith("T00:00:00Z") and str(last).endswith("T00:00:00Z"):
        return f"{first[:10]} to {last[:10]}"
    return f"{plain_text(first)} to {plain_text(last)}"


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))
