"""Published files as text: in which encoding, as which rows, and what a cell says."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from pipeline.errors import InputError

_HEAD = 20_000  # bytes by which the form of a file is recognised
_MARKS = (  # UTF-32's mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"), (codecs.BOM_UTF8, "utf-8-sig"),
)  # fmt: skip


def head_of(data: bytes) -> str:
    """The beginning of a file as text, without blanks before it; what is no text is replaced."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    return _even_lines(data[:_HEAD].decode(encoding, "replace")).lstrip()


def first_row(data: bytes, delimiter: str = ",") -> list[str]:
    """The cells of the first line, without blanks around them; none for a line that ends within quotes."""
    line = head_of(data).partition("\n")[0]
    try:
        return [clean(cell) for cell in next(csv.reader([line], delimiter=delimiter, strict=True), [])]
    except csv.Error:
        return []


def text_of(data: bytes, where: str) -> str:
    """A text file's content, every line ended alike: by its byte order mark, in UTF-8, or else in Windows-1252.

    raises  InputError for bytes that are no text
    """
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    try:
        text = data.decode(marked or "utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace") if not marked else ""
    if "\x00" in text or (data.strip() and not text.strip("\ufeff \r\n\t")):
        raise InputError(f"{where}: no text file; expected the list as CSV")
    return _even_lines(text)


def csv_rows(text: str, where: str, delimiter: str = ",") -> list[list[str]]:
    """Rows of a CSV text, blank ones left out.

    raises  InputError for a file that breaks off inside a row
    """
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InputError(f"{where}: {error}; the file is torn: download it again") from None


def table_rows(rows: list[list[str]], where: str, needed: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Rows below a header as (row number, cell by column name), a needed one as it is named here whatever its case,
    blanks and underscores (IMO Number for IMO number). A column that is there twice counts once, where both
    say the same; cells beyond the header are nothing, where they are empty.

    raises  InputError if there is no header, a needed column is missing, a row has not as many cells as the header, or
            two columns of one name contradict each other
    """
    as_needed = {_spelling(name): name for name in needed}
    header = [as_needed.get(_spelling(name), clean(name)) for name in rows[0]] if rows else []
    if missing := [name for name in needed if name not in header]:
        shown = ", ".join(header[:6])[:120]
        raise InputError(f'{where}: no column "{missing[0]}" (found: {shown}, …); the form of the list has changed')
    found_rows = []
    for number, row in enumerate(rows[1:], 2):
        cells = row if any(map(str.strip, row[len(header) :])) else row[: len(header)]
        if len(cells) != len(header):
            fault = f"row {number} has {len(row)} cells, the header {len(header)}"
            raise InputError(f"{where}: {fault}; the file is torn: download it again")
        found: dict[str, str] = {}
        for name, cell in zip(header, cells, strict=True):
            if name and clean(found.setdefault(name, cell)) != clean(cell):
                raise InputError(
                    f'{where}: row {number}: column "{name}" is there twice, as "{clean(found[name])}" and '
                    f'"{clean(cell)}"; expected it once: import the file as it was published'
                )
        found_rows.append((number, found))
    return found_rows


def _spelling(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def clean(text: str) -> str:
    """Text without breaks and doubled blanks."""
    return " ".join(text.replace("\ufeff", "").split())


def number_in(text: str) -> float | None:
    """The first number of a text; commas between thousands are no part of it."""
    found = re.search(r"(?<!\d)\d{1,9}(?!\d)(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3})", "", text))
    return float(found[0]) if found else None


def year_in(text: str) -> int | None:
    """The first year of a text."""
    found = re.search(r"\b(?:18|19|20)\d\d\b", text)
    return int(found[0]) if found else None


def day_of(text: str, forms: Iterable[str], where: str, what: str) -> str | None:
    """A day as ISO text; None for nothing.

    raises  InputError for text that has none of the forms
    """
    text = clean(text)
    if not text:
        return None
    for form in forms:
        try:
            return datetime.strptime(text, form).date().isoformat()
        except ValueError:
            continue
    shapes = " or ".join(datetime(2018, 3, 30).strftime(form) for form in forms)
    raise InputError(f'{where}: {what} is "{text}"; expected a day like {shapes}')


def _even_lines(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
