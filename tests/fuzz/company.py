"""Many inputs in one file: what a landing costs is not its rows, and what is wrong with one must cost no other.

A company is a file as its format wants it, and below it mutated pieces of this and other files, each an input. The
rows of the former, `good`, must land whatever stands beside them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from random import Random
from xml.etree import ElementTree

from tests.fuzz.corpus import RECORD, Seed
from tests.fuzz.mutations import mutate

PIECES = 160  # inputs of a company
_PIECES_OF_A_LIST = 8  # nearly every odd record is told as a damaged file, as it should be
_TABLES = ("noaa", "dma", "mapped", "parquet")
_LINES = ("nmea", "aisstream", "aishub", "barentswatch", "json", "events", "vessels")
_RECORDS = ("un", "eu")  # of lists in documents; tables of lists are refused as a whole for an odd row
_MOST_LINES = 3  # of a piece
_LONGEST = 8000  # bytes of a piece


@lru_cache(10_000)
def joins(seed: Seed) -> bool:
    """Whether pieces can stand below a file: rows below a header, documents or sentences, records of a list."""
    if seed.format in _RECORDS:
        return RECORD.search(seed.data) is not None
    return seed.format in _TABLES or (seed.format in _LINES and len(seed.data) < 4 * _LONGEST)


def assembled(good: Seed, corpus: Sequence[Seed], chance: Random) -> tuple[bytes, bytes, tuple[str, ...], int]:
    """A file of the rows of `good` and mutated pieces; those rows, the names of the mutations, the number of pieces.

    corpus  seeds of the format of `good`, from which pieces are taken
    """
    alike = [one for one in corpus if _key(one) == _key(good)]
    is_calm = chance.random() < 0.5  # rows of many unlike files are hardly ever such as can be read as they are
    pieces, names = [], set[str]()
    most = _PIECES_OF_A_LIST if good.format in _RECORDS else PIECES
    for _ in range(2 * most):  # some do not fit
        # Other rows in a table are of no use; other documents would make it a file of another format.
        taken = chance.choice(corpus if good.format in _TABLES and chance.random() < 0.15 else alike)
        whole = _rows_of(taken)
        other = b"".join(_rows_of(chance.choice(alike)))
        piece, changes = mutate(_some(whole, chance), other[:_LONGEST], chance)
        if len(piece) < _LONGEST and _fits(good, piece, is_calm):
            pieces.append(piece)
            names.update(changes)
        if len(pieces) == most:
            break
    if not pieces:
        return good.data, b"", (), 1
    return _joined(good, pieces, chance), b"".join(_rows_of(good)), tuple(sorted(names)), len(pieces)


def _key(seed: Seed) -> tuple[object, ...]:
    """What seeds share whose rows can stand in one file as they are."""
    of_one_provider = re.sub(r"^\d+-", "", seed.name) if seed.format == "json" else ""
    return (*_header(seed), seed.mapping, seed.data[:1] in (b"{", b"["), of_one_provider)


@lru_cache(10_000)
def _header(seed: Seed) -> tuple[bytes, ...]:
    return tuple(seed.data.splitlines(keepends=True)[:1]) if seed.format in _TABLES else ()


@lru_cache(10_000)
def _rows_of(seed: Seed) -> tuple[bytes, ...]:
    """Rows without the header, or records, or lines."""
    if seed.format in _RECORDS:
        return tuple(match.group() for match in RECORD.finditer(seed.data))
    return tuple(seed.data.splitlines(keepends=True)[len(_header(seed)) :])


def _some(rows: tuple[bytes, ...], chance: Random) -> bytes:
    if not rows:
        return b""
    at = chance.randrange(len(rows))
    return b"".join(rows[at : at + chance.randint(1, _MOST_LINES)])[:_LONGEST]


def _fits(good: Seed, piece: bytes, is_calm: bool) -> bool:
    """Whether a piece may stand in the file: of a list's document, what is a document; of a calm file, text of whole
    lines alone."""
    if good.format in _RECORDS:
        try:
            ElementTree.fromstring(b"<x>" + piece + b"</x>")
        except (ElementTree.ParseError, ValueError, LookupError):
            return False
        return True
    if not is_calm or good.format in _LINES:
        return piece.count(b"\0") < 100  # more of them make a file binary
    try:
        piece.decode()
    except UnicodeDecodeError:
        return False
    ends = b"\r\n" in good.data
    return b"\0" not in piece and b'"' not in piece and (b"\r" in piece) <= ends and all(piece.splitlines())


def _joined(good: Seed, pieces: Sequence[bytes], chance: Random) -> bytes:
    if good.format in _RECORDS:
        *_, last = RECORD.finditer(good.data)
        return good.data[: last.end()] + b"".join(pieces) + good.data[last.end() :]
    end = b"\r\n" if b"\r\n" in good.data else b"\n"
    rows = b"".join(_rows_of(good))
    first = chance.randint(0, len(pieces)) if good.format in _TABLES else 0  # a clock, or a document, may go on below
    parts = [*pieces[:first], rows, *pieces[first:]]
    return b"".join(_header(good)) + b"".join(_ended(part, end) for part in parts)


def _ended(part: bytes, end: bytes) -> bytes:
    return part if not part or part.endswith((b"\n", b"\r")) else part + end
