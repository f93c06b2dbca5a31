"""Untidy text tables made readable: a copy with one line a row, whatever editors, systems and transfers did to it.

Files pasted together from two systems have two kinds of line end, exports have blank lines, other encodings or a stray
quote. Each line stands or falls alone: what is wrong with one costs no other.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from pipeline.formats.delimited import LONGEST_LINE
from pipeline.formats.record import Content

_KEPT_OF_A_LONG_LINE = 1000  # bytes of a line that is too long for a row, enough to know it by
_MOST_AT_ONCE = 1 << 24  # bytes held of a text without line feeds
_SEPARATORS = b",;\t|"


def tidy(content: Content, target: Path, delimiter: str, above: int = 0) -> tuple[Content, int, list[int]]:
    """Write a tidy copy; returns it, the number of its lines, and where the file has lines that are left out (1-based
    line numbers of the file): blank ones, and the first `above` of the others, which stand above the header.

    Bytes of other encodings become U+FFFD. A line with an odd number of quotes would swallow those after it; it loses
    its quotes. A carriage return inside a line becomes a blank, but where it ends rows of a file of the older kind.
    """
    lines, blank = 0, []
    with content.path.open("rb") as source, target.open("wb") as plain:
        for number, line in enumerate(_lines(source), 1):
            if not line.strip() or above:
                above -= bool(line.strip())
                blank.append(number)
                continue
            lines += 1
            written = _tidied(line, delimiter)
            if not written.strip():  # of a line of quotes nothing is left, which would be no row: it is one cell
                written = b'"%b"' % line.replace(b'"', b'""')
            plain.write(written + b"\n")
    return Content(target, content.name), lines, blank


def _lines(source: io.BufferedReader) -> Iterator[bytes]:
    """Lines without their ends."""
    header: bytes | None = None
    for fed in _fed(source):
        line = fed.rstrip(b"\n")
        line = line.removesuffix(b"\r")
        if b"\r" not in line:
            header = header if header is not None or not line.strip() else line
            yield line
            continue
        pieces = line.split(b"\r")
        header = header if header is not None else next((piece for piece in pieces if piece.strip()), b"")
        filled = [piece for piece in pieces if piece.strip()]
        if len(filled) > 1 and 2 * sum(_shape(piece) == _shape(header) for piece in filled) > len(filled):
            yield from pieces
        else:
            yield line.replace(b"\r", b" ")


def _fed(source: io.BufferedReader) -> Iterator[bytes]:
    """The text up to each line feed; where none comes for long, up to a carriage return, and of a line without either
    the beginning, more than a row may have."""
    rest = b""
    while chunk := source.readline(_MOST_AT_ONCE):
        chunk, rest = rest + chunk, b""
        if not chunk.endswith(b"\n") and len(chunk) >= _MOST_AT_ONCE:
            end = chunk.rfind(b"\r", 0, len(chunk) - 1) + 1  # one at the very end may have its line feed behind it
            chunk, rest = (chunk[:end], chunk[end:]) if end else (b"", chunk[: LONGEST_LINE + 1])
        if chunk:
            yield chunk
    if rest:
        yield rest


def _shape(line: bytes) -> tuple[int, ...]:
    return tuple(line.count(separator) for separator in _SEPARATORS)


def _tidied(line: bytes, delimiter: str) -> bytes:
    if len(line) > LONGEST_LINE:  # without a delimiter it is no row, whatever was in its columns
        line = line[:_KEPT_OF_A_LONG_LINE].translate(None, delete=b'"' + delimiter.encode())
    line = line.replace(b"\0", b"\xef\xbf\xbd")
    if not line.isascii():
        line = line.decode("utf-8", "replace").encode()
    if b'"' not in line:
        return line
    if line.count(b'"') % 2:
        return line.replace(b'"', b"")
    try:
        fields = next(csv.reader([line.decode()], delimiter=delimiter))
    except (csv.Error, StopIteration):
        return line.replace(b'"', b"")
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="").writerow(fields)
    return written.getvalue().encode()
