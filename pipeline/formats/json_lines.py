"""JSON documents of a file, one a line or over many, and what is whole of those that are torn.

A document is a line, or the lines up to where its brackets close (indented JSON). Of server-sent events it is what
follows `data:`; their other fields and comments are no rows. Text that is no JSON is given too: every line is in some
document. Bytes that are not UTF-8 become U+FFFD.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.formats.record import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Document = tuple[int, str]  # line on which it begins (1-based), text
_AT_ONCE = 4_000_000  # characters of documents given at a time: the engine makes several copies of them
_DEEPEST = 50  # brackets within each other; no provider goes beyond seven
_LONGEST = 1 << 26  # characters of a document of many lines; a whole coast, indented, takes five million
_LISTED = "(select unnest(?::bigint[]) as line, unnest(?::varchar[]) as raw)"
_DOC = "try_cast(raw as json)"
# What JSON calls blank, and the mark that files pasted together have before a later line. Other characters that Python
# strips (a unit separator) are text: a line of them is a row that is rejected.
_BLANK = " \t\r\n\ufeff"
_EVENT_FIELD = re.compile(r"(data|event|id|retry)?:")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_SEPARATORS = re.compile(r"[\s,]+")
_PLAIN = re.compile(r'[^][{}"\\]*(?:"[^][{}"\\]*"[^][{}"\\]*)*')  # a line that neither opens nor closes anything
_NO_BRACKET = re.compile(r"[^][{}]+")
# Half of a pair: of a name that a program cut in the middle of a sign. The engine takes the document for damaged.
_HALF_SIGN = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
# A number of nine digits written with an exponent has lost some of them; as a text it is seen to be no MMSI.
_ROUNDED_MMSI = re.compile(r'("(?:mmsi|MMSI|UserID)"\s*:\s*)(-?[\d.]+[eE][+-]?\d+)')


def document_batches(con: DuckDBPyConnection, documents: Iterable[Document], key: str) -> Iterator[None]:
    """Fill the temporary table `document` (line, raw, doc: JSON, null if it is none) with some documents after others;
    each turn replaces the last.

    key  what a record's text holds, in small letters: the records that are whole in a torn document are documents of
         their own, and its remainder is one more
    """
    for numbers, texts in _batches(documents):
        con.execute(
            f"create or replace temp table document as select *, {_DOC} as doc from {_LISTED}", [numbers, texts]
        )
        torn = con.execute("select line, raw from document where doc is null").fetchall()
        if torn:
            parts = [part for document in torn for part in _parts((document[0], document[1]), key)]
            con.execute("delete from document where doc is null")
            con.execute(
                f"insert into document select *, {_DOC} from {_LISTED}",
                [[line for line, _ in parts], [text for _, text in parts]],
            )
        yield


def documents_of(path: Path, prepare: Callable[[str], str] = lambda line: line) -> Iterator[Document]:
    """The documents of a file, in order.

    prepare  makes a line what it is read as
    """
    held: list[str] = []  # the lines of a document that has begun
    begun, open_brackets, size = 0, "", 0
    for number, line in _lines(path):
        line = prepare(line)
        if held and not _goes_on(held[-1], line, open_brackets):
            yield begun, "\n".join(held)
            held = []
        if not held:
            begun, open_brackets, size = number, "", 0
        torn_text, open_brackets = _open_after(line, open_brackets)
        held.append(line)
        size += len(line)
        if not open_brackets or torn_text or len(open_brackets) > _DEEPEST or size > _LONGEST:
            yield begun, "\n".join(held)
            held = []
    if held:
        yield begun, "\n".join(held)


def _parts(torn: Document, key: str) -> Iterator[Document]:
    """The JSON objects in a torn document that are whole and hold a key (in small letters), and what else there is."""
    line, text = torn
    decoder, end, remainder, start = json.JSONDecoder(), 0, [], text.find("{")
    while start >= 0:
        try:
            _, after = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            after = start + 1
        else:
            if key in text[start:after].lower():
                yield line + text.count("\n", end, start), text[start:after]
                line += text.count("\n", end, after)
                remainder.append(text[end:start])
                end = after
        start = text.find("{", after)
    rest = "".join((*remainder, text[end:]))
    if end == 0 or _SEPARATORS.sub("", rest) not in ("", "[]"):
        yield torn[0], rest


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbers and texts of lines that are not blank, without the field names of server-sent events."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:  # any line end: \n, \r\n or \r
        for number, line in enumerate(file, 1):
            line = line.strip(_BLANK)
            if field := _EVENT_FIELD.match(line):
                line = line[field.end() :].strip(_BLANK) if field.group(1) == "data" else ""
            if line:
                yield number, _ROUNDED_MMSI.sub(r'\1"\2"', _HALF_SIGN.sub(r"\\ufffd", line))


def _open_after(line: str, before: str) -> tuple[bool, str]:
    """Whether a text is left open at a line's end, and the brackets that are open there, the innermost last."""
    if not before and (line[0] not in "[{" or _balanced(line)):
        return False, ""
    if before and _PLAIN.fullmatch(line):
        return False, before
    bare = _TEXT.sub("", line)
    brackets = list(before)
    for bracket in _NO_BRACKET.sub("", bare):
        if bracket in "[{":
            brackets.append(bracket)
        elif brackets:
            brackets.pop()
    return '"' in bare, "".join(brackets)


def _balanced(line: str) -> bool:
    """Whether as many brackets close as open, counting those in texts too: nearly every line that is a document."""
    return line.count("{") == line.count("}") and line.count("[") == line.count("]")


def _goes_on(before: str, line: str, open_brackets: str) -> bool:
    """Whether a line can be the next of a document: a torn one must not swallow those after it."""
    if line[0] not in "[{":
        return True
    return before[-1] in "[:" or (before[-1] == "," and open_brackets[-1:] == "[")


def _batches(documents: Iterable[Document]) -> Iterator[tuple[list[int], list[str]]]:
    numbers: list[int] = []
    texts: list[str] = []
    size = 0
    for number, text in documents:
        numbers.append(number)
        texts.append(text)
        size += len(text)
        if size >= _AT_ONCE:
            yield numbers, texts
            numbers, texts, size = [], [], 0
    if texts:
        yield numbers, texts


def transformed(doc: str, shape: Mapping[str, Any]) -> str:
    """SQL: a struct of a JSON expression's values by a shape (names to VARCHAR, or to a shape); missing ones are
    null."""
    return f"json_transform({doc}, {quoted(json.dumps(shape))})"
