"""A block of text cut into pieces, one for each NMEA sentence in it or, where a line has none, one for the line.

Lines end in LF, CR LF or CR alone. A sentence begins at `!` or `$` with its address (AIVDM, GPRMC, PGHP …); what stands
before it on its line are tag blocks (between backslashes) and, before these, what a logger wrote.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.formats.nmea_bytes import Block, Offsets, byte_at, find_next, skip_blanks

LF, CR = 10, 13
_STAR, _BACKSLASH, _HASH, _COMMA = b"*\\#,"
_ADDRESS = np.zeros(256, dtype=bool)
_ADDRESS[65:91] = _ADDRESS[48:58] = True


@dataclass(frozen=True)
class Pieces:
    """One value per piece in each array, in the order of the block; pieces of one line follow each other without a gap.

    line     number of its line in the block, from 0
    start    where it begins: what a logger wrote, tag blocks, sentence, what follows the sentence
    end      where it ends, without the line's end
    tag      the backslash that opens its tag blocks; `lead` where it has none
    lead     the `!` or `$` of its sentence; `end` where it has none
    star     the star before the checksum; `end` or the next backslash where there is none
    ignored  whether it is a comment or a blank line
    """

    line: Offsets
    start: Offsets
    end: Offsets
    tag: Offsets
    lead: Offsets
    star: Offsets
    ignored: NDArray[np.bool_]


def last_line_end(chunk: bytes) -> int:
    """Offset behind the last line end that is whole: a CR at the very end may be half of a CR LF."""
    return max(chunk.rfind(b"\n"), chunk.rfind(b"\r", 0, max(len(chunk) - 1, 0))) + 1


def cut(block: Block) -> Pieces:
    """Cut a block of whole lines into pieces."""
    start, end = _lines(block)
    first = skip_blanks(block, start, end)
    ignored = (first == end) | (byte_at(block, first) == _HASH)
    leads = _leads(block)
    nth_lead = np.searchsorted(leads, start)
    count = np.where(ignored, 0, np.searchsorted(leads, end) - nth_lead)
    each = np.maximum(count, 1)
    line = np.repeat(np.arange(len(start)), each)
    nth = np.arange(len(line)) - np.repeat(np.cumsum(each) - each, each)
    begin, finish = start[line], end[line]
    leads = np.append(leads, len(block))
    lead = np.where(count[line] > 0, leads[np.minimum(nth_lead[line] + nth, len(leads) - 1)], finish)
    limit = finish.copy()
    limit[:-1] = np.where(nth[1:] > 0, lead[1:], finish[:-1])
    tail = find_next(block, _BACKSLASH, lead, limit)  # neither payload nor suffix holds a backslash
    star = find_next(block, _STAR, lead, tail)
    tag = find_next(block, _BACKSLASH, begin, lead)
    later = np.flatnonzero(nth > 0)
    if later.size:
        # What stands between two sentences of a line belongs to the first, unless each has its logger's words in front.
        tag[later] = tail[later - 1]
        opening = later - nth[later]
        in_front = tag[opening] > first[line[opening]]
        begin[later] = np.where(in_front, np.minimum(star[later - 1] + 3, tag[later]), tag[later])
        finish[later - 1] = begin[later]
    return Pieces(line, begin, finish, tag, lead, star, ignored[line])


def _lines(block: Block) -> tuple[Offsets, Offsets]:
    """Start and end of each line, without its end."""
    lone_cr = (block == CR) & (np.append(block[1:], CR) != LF)
    ends = np.flatnonzero((block == LF) | lone_cr)
    start = np.concatenate([[0], ends[:-1] + 1])
    end = ends - ((block[ends] == LF) & (block[np.maximum(ends - 1, 0)] == CR))
    return start, np.maximum(end, start)


def _leads(block: Block) -> Offsets:
    """Where sentences begin: five characters of address and a comma; or `$P`, a maker's name, and a comma near."""
    at = np.flatnonzero((block == ord("!")) | (block == ord("$")))
    address = np.ones(len(at), dtype=bool)
    for k in (1, 2, 3):
        address &= _ADDRESS[byte_at(block, at + k)]
    at = at[address]
    usual = _ADDRESS[byte_at(block, at + 4)] & _ADDRESS[byte_at(block, at + 5)] & (byte_at(block, at + 6) == _COMMA)
    makers = (byte_at(block, at + 1) == ord("P")) & (find_next(block, _COMMA, at, at + 12) < at + 12)
    return at[usual | makers]
