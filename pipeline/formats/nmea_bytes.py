"""Looking for bytes in a block of text, for many rows at once: offsets in, offsets or values out, no loop over rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Block = NDArray[np.uint8]
Offsets = NDArray[np.int64]

_BLANKS = (32, 9)


@dataclass(frozen=True)
class Span:
    """A range [start, end) of the block for each row; there is nothing in it where end <= start."""

    start: Offsets
    end: Offsets

    def take(self, rows: Offsets) -> Span:
        """Some of the rows."""
        return Span(self.start[rows], self.end[rows])

    def texts(self, block: Block) -> pa.BinaryArray:
        """The bytes of each row."""
        length = np.maximum(self.end - self.start, 0)
        offsets = np.concatenate([[0], np.cumsum(length)])
        at = np.arange(offsets[-1]) + np.repeat(self.start - offsets[:-1], length)
        buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(block[at])]
        return pa.Array.from_buffers(pa.binary(), len(length), buffers)


def find_next(block: Block, byte: int, start: Offsets, end: Offsets) -> Offsets:
    """Offset of the first such byte in [start, end), or end."""
    at = np.append(np.flatnonzero(block == byte), len(block))
    return np.minimum(at[np.searchsorted(at, start)], end)


def find_commas(block: Block, start: Offsets, end: Offsets, count: int) -> list[Offsets]:
    """Offsets of the first commas in [start, end), or end."""
    at = np.concatenate([np.flatnonzero(block == ord(",")), np.full(count, len(block))])
    first = np.searchsorted(at, start)
    return [np.minimum(at[np.minimum(first + k, len(at) - 1)], end) for k in range(count)]


def skip_blanks(block: Block, start: Offsets, end: Offsets) -> Offsets:
    """Offset of the first byte in [start, end) that is neither blank nor tab, or end."""
    blank = np.isin(byte_at(block, start), _BLANKS)
    if not blank.any():
        return np.minimum(start, end)
    at = np.append(np.flatnonzero(~np.isin(block, _BLANKS)), len(block))
    return np.minimum(at[np.searchsorted(at, start)], end)


def byte_at(block: Block, at: Offsets) -> NDArray[np.uint8]:
    """The bytes at some offsets; offsets beyond the block give its last byte."""
    return block[np.minimum(at, len(block) - 1)]


def matrix(block: Block, start: Offsets, width: int, end: Offsets) -> NDArray[np.uint8]:
    """The first bytes of [start, end) as rows, zero beyond the end."""
    at = start[:, None] + np.arange(width)
    return np.where(at < end[:, None], byte_at(block, at), 0).astype(np.uint8)


def digit(block: Block, at: Offsets) -> NDArray[np.int64]:
    """The digit at some offsets, -1 where there is none."""
    value = byte_at(block, at).astype(np.int64) - 48
    return np.where((value >= 0) & (value <= 9), value, -1)


def whole_number(block: Block, span: Span) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The digits that begin each row: their value (of up to 19) and how many they are (20 for more)."""
    width = int(np.clip((span.end - span.start).max(initial=0), 1, 20))
    value = np.zeros(len(span.start), dtype=np.uint64)
    count = np.zeros(len(span.start), dtype=np.int64)
    running = np.ones(len(span.start), dtype=bool)
    for column in matrix(block, span.start, width, span.end).T:
        running &= (column >= 48) & (column <= 57)
        value = np.where(running, value * np.uint64(10) + (column - 48).astype(np.uint64), value)
        count += running
    return value, count


def fields(block: Block, span: Span, rows: Offsets, separators: bytes) -> tuple[Offsets, Span]:
    """The fields of some rows of a span: the row of each field, and the fields in the order of the block."""
    is_separator = block == separators[0]
    for other in separators[1:]:
        is_separator |= block == other
    at = np.flatnonzero(is_separator)
    low, high = np.searchsorted(at, span.start[rows]), np.searchsorted(at, span.end[rows])
    counts = np.maximum(high - low, 0)
    nth = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    row = np.concatenate([rows, np.repeat(rows, counts)])
    begin = np.concatenate([span.start[rows], at[np.repeat(low, counts) + nth] + 1])
    order = np.argsort(begin, kind="stable")
    row, begin = row[order], begin[order]
    last = np.append(row[1:] != row[:-1], True)
    return row, Span(begin, np.where(last, span.end[row], np.append(begin[1:], 0) - 1))
