"""Rows as CSV that a spreadsheet opens without running any of it: one rule for every command that writes CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

# What Excel, LibreOffice and Google Sheets take for a formula, full-width signs too; a plain number is none.
_FORMULA = re.compile(r"[\s\0\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


def as_csv(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """RFC 4180 with a header, UTF-8; null is an empty cell, truth is true or false, times are ISO 8601 in UTC.

    A ship may call herself `=HYPERLINK(…)`: a text that a spreadsheet would take for a formula is written behind an
    apostrophe, which makes it text there.

    rows  plain values (pipeline.plain) by name
    """
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(map(harmless, names))
    lines.writerows([_cell(row[name]) for name in names] for row in rows)
    return text.getvalue().encode()


def cell(value: Any) -> str:
    """A plain value as the text of a cell."""
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | list | dict) else str(value)


def harmless(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _cell(value: Any) -> str:
    return harmless(value) if isinstance(value, str) else cell(value)
