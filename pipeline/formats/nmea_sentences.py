"""NMEA 0183 sentences with their tag blocks and suffixes, taken apart for a block of lines at once.

Tag blocks: NMEA 0183 4.10 (c: time, s: station, g: group); their own checksum is not asked, for the Norwegian coast's
feed computes it before it adds the group. Suffix: as the US Coast Guard logs them (…*hh,r003669987,1152921693), and
the screen text of AIS-catcher (…*hh ( MSG: 1, … timestamp: 20231114221320)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.formats.nmea_bytes import (
    Block,
    Offsets,
    Span,
    byte_at,
    digit,
    fields,
    find_commas,
    find_next,
    matrix,
    skip_blanks,
)
from pipeline.formats.nmea_lines import Pieces
from pipeline.formats.nmea_times import BAD_TIME, NO_TIME, since_1970, told_by_sentence, written

UNKNOWN, SATELLITE, TERRESTRIAL = 0, 1, 2

_STAR = ord("*")
_HEX = np.full(256, 255, dtype=np.uint8)
_HEX[48:58] = np.arange(10)
_HEX[65:71] = _HEX[97:103] = np.arange(10, 16)


@dataclass(frozen=True)
class Sentences:
    """One value per piece of `nmea_lines` in each array.

    hint      empty; or why the piece is no AIS sentence: comment, not_ship, bad_checksum, unreadable
    time_us   microseconds since 1970 (UTC) that the piece itself gives, else NO_TIME or BAD_TIME
    payload   the armoured payload in the block; fill is the number of padding bits in it
    group, station, receiver_name, sequence
              where the block names what the parts of one message have in common: group (g:), station (s:), receiver of
              the suffix, sequence number with channel; empty where it does not
    """

    hint: NDArray[np.str_]
    time_us: NDArray[np.int64]
    receiver: NDArray[np.int8]
    payload: Span
    fill: NDArray[np.int64]
    total: NDArray[np.int64]
    part: NDArray[np.int64]
    group: Span
    station: Span
    receiver_name: Span
    sequence: Span


def take_apart(block: Block, pieces: Pieces) -> Sentences:
    """Take the pieces of a block apart."""
    lead, star = pieces.lead, pieces.star
    hint = np.full(len(lead), "", dtype="U12")
    hint[pieces.ignored] = "comment"
    sentence = (hint == "") & (lead < pieces.end) & (byte_at(block, star) == _STAR) & (star + 2 < pieces.end)
    hint[(hint == "") & ~sentence] = "unreadable"
    good = _checksum_holds(block, lead + 1, star, sentence)
    hint[sentence & ~good] = "bad_checksum"
    letters = matrix(block, lead + 3, 4, pieces.end)
    ais = (byte_at(block, lead) == ord("!")) & (letters[:, 0] == ord("V")) & (letters[:, 1] == ord("D"))
    ais &= np.isin(letters[:, 2], list(b"MO"))
    hint[sentence & good & ~ais] = "not_ship"
    commas = find_commas(block, lead, star, 6)
    whole = (commas[5] < star) & (commas[1] - commas[0] == 2) & (commas[2] - commas[1] == 2)
    total, part, fill = digit(block, commas[0] + 1), digit(block, commas[1] + 1), digit(block, commas[5] + 1)
    whole &= (commas[5] - commas[4] > 1) & (total >= 1) & (part >= 1) & (part <= total) & (fill >= 0) & (fill <= 5)
    hint[(hint == "") & ~whole] = "unreadable"
    tag_time, group, station = _tag_fields(block, pieces)
    suffix_time, receiver_name = _suffix_fields(block, pieces, sentence)
    time_us = _first_told([tag_time, suffix_time, _front_time(block, pieces)])
    clocks = np.flatnonzero(sentence & ~ais)
    given = told_by_sentence(block, lead, star, clocks)
    # A clock whose sentence is damaged gives a time that cannot be read.
    time_us = _first_told([time_us, np.where((given != NO_TIME) & ~good, BAD_TIME, given)])
    receiver = np.where(_is_satellite(block, station), SATELLITE, UNKNOWN).astype(np.int8)
    receiver[receiver_name.end > receiver_name.start] = TERRESTRIAL
    talker = matrix(block, lead + 1, 2, pieces.end).view("S2")[:, 0]
    # Talkers of shore stations: AB independent, AD dependent, AS limited, BS base station (NMEA 0183 4.10, IEC
    # 61162-1).
    receiver[(receiver == UNKNOWN) & np.isin(talker, [b"AB", b"AD", b"AS", b"BS"])] = TERRESTRIAL
    return Sentences(
        hint, _shared_in_line(time_us, pieces.line), receiver, Span(commas[4] + 1, commas[5]), fill, total, part,
        group, station, receiver_name, Span(commas[2] + 1, commas[4]),
    )  # fmt: skip


def _checksum_holds(block: Block, start: Offsets, star: Offsets, where: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether the two hexadecimal digits after the star are the exclusive or of the bytes before it."""
    rows = np.flatnonzero(where & (star > start) & (star + 2 < len(block)))
    holds = np.zeros(len(start), dtype=bool)
    if rows.size:
        bounds = np.stack([start[rows], star[rows]], axis=1).ravel()
        found = np.bitwise_xor.reduceat(block, bounds)[::2]
        high, low = _HEX[block[star[rows] + 1]], _HEX[block[star[rows] + 2]]
        holds[rows] = (high < 16) & (low < 16) & (found == (high << 4 | low))
    return holds


def _first_told(times: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The first time of each row that is understood; else BAD_TIME where one is written."""
    found = np.full(len(times[0]), NO_TIME)
    for time_us in times:
        found = np.where((found == NO_TIME) | ((found == BAD_TIME) & (time_us != NO_TIME)), time_us, found)
    return found


def _shared_in_line(time_us: NDArray[np.int64], line: Offsets) -> NDArray[np.int64]:
    """The same, where sentences without a time have that of the first on their line that has one."""
    several = np.flatnonzero(line[1:] == line[:-1])
    if not several.size:
        return time_us
    rows = np.union1d(several, several + 1)
    known = rows[time_us[rows] > BAD_TIME]
    first_of_line = known[np.unique(line[known], return_index=True)[1]]
    missing = rows[(time_us[rows] == NO_TIME) & np.isin(line[rows], line[first_of_line])]
    shared = time_us.copy()
    shared[missing] = time_us[first_of_line[np.searchsorted(line[first_of_line], line[missing])]]
    return shared


def _tag_fields(block: Block, pieces: Pieces) -> tuple[NDArray[np.int64], Span, Span]:
    """Time, group and station from tag blocks; of several the one nearest to the sentence."""
    count = len(pieces.lead)
    time_us = np.full(count, NO_TIME)
    group, station = _nowhere(count), _nowhere(count)
    rows = np.flatnonzero((pieces.tag < pieces.lead) & ~pieces.ignored)
    if rows.size:
        row, found = fields(block, Span(pieces.tag + 1, pieces.lead), rows, b",\\")
        letter, second = byte_at(block, found.start), byte_at(block, found.start + 1)
        # NMEA 4.0 wrote 1G2:1234 for what is g:1-2-1234 since 4.10.
        old_group = (second == ord("G")) & (digit(block, found.start) >= 0)
        old_group &= byte_at(block, found.start + 3) == ord(":")
        wanted = ((second == ord(":")) & np.isin(letter, list(b"csg"))) | old_group
        row, letter, old_group = row[wanted], letter[wanted], old_group[wanted]
        start, end = found.start[wanted] + np.where(old_group, 4, 2), found.end[wanted]
        value = Span(start, find_next(block, _STAR, start, end))
        for name, span in ((b"s", station), (b"g", group)):
            of = np.flatnonzero((letter == ord(name)) | (old_group & (name == b"g")))
            begin = value.start[of]
            if name == b"g":
                # the group alone names the message, wherever its parts stand
                begin = np.where(old_group[of], begin, _after_dashes(block, value.take(of)))
            span.start[row[of]], span.end[row[of]] = begin, value.end[of]
        of = np.flatnonzero(letter == ord("c"))
        _put_times(time_us, row[of], _time_of(block, value.take(of), always=True))
    return time_us, group, station


def _suffix_fields(block: Block, pieces: Pieces, where: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Span]:
    """Time and receiver from what follows the checksum: the receiver's name, then the time it was heard."""
    count = len(pieces.star)
    time_us, receiver_name = np.full(count, NO_TIME), _nowhere(count)
    rows = np.flatnonzero(where & (pieces.star + 3 < pieces.end))
    if rows.size:
        row, found = fields(block, Span(pieces.star + 3, pieces.end), rows, b",")
        start = skip_blanks(block, found.start, found.end)
        letter = byte_at(block, start)
        length = found.end - start
        name = np.isin(letter, list(b"rb")) & (length > 5) & ((digit(block, start + 1) >= 0) | (letter == ord("r")))
        receiver_name.start[row[name]], receiver_name.end[row[name]] = start[name], found.end[name]
        lower = letter | 32
        in_words = (lower == ord("t")) & (byte_at(block, start + 1) | 32 == ord("i"))  # timestamp: …
        timed = np.flatnonzero((length >= 9) & (in_words | ~((lower >= ord("a")) & (lower <= ord("z")))))
        timed = timed[::-1]  # of several times the first is written last
        _put_times(time_us, row[timed], _time_of(block, Span(start, found.end).take(timed)))
    return time_us, receiver_name


def _front_time(block: Block, pieces: Pieces) -> NDArray[np.int64]:
    """Time that a logger wrote in front of the sentence and its tag blocks."""
    time_us = np.full(len(pieces.lead), NO_TIME)
    rows = np.flatnonzero((pieces.tag > pieces.start) & (pieces.lead < pieces.end) & ~pieces.ignored)
    if rows.size:
        time_us[rows] = written(Span(pieces.start, pieces.tag).take(rows).texts(block))
    return time_us


def _time_of(block: Block, value: Span, *, always: bool = False) -> NDArray[np.int64]:
    """The time that values give, as a number since 1970 or in another form; `always`: they can be nothing but times."""
    time_us = since_1970(block, value)
    odd = np.flatnonzero(time_us == BAD_TIME)
    if odd.size:
        time_us[odd] = written(value.take(odd).texts(block))
        if always:
            time_us[odd[time_us[odd] == NO_TIME]] = BAD_TIME
    return time_us


def _put_times(time_us: NDArray[np.int64], rows: Offsets, found: NDArray[np.int64]) -> None:
    """Put times into their rows, the last of a row that is understood; else BAD_TIME if one is written."""
    time_us[rows[found == BAD_TIME]] = BAD_TIME
    understood = found > BAD_TIME
    time_us[rows[understood]] = found[understood]


def _after_dashes(block: Block, value: Span) -> Offsets:
    """Where a group's name begins: behind the second dash of `part-total-group`."""
    first = find_next(block, ord("-"), value.start, value.end)
    second = find_next(block, ord("-"), np.minimum(first + 1, value.end), value.end)
    return np.minimum(second + 1, value.end)


def _nowhere(count: int) -> Span:
    return Span(np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64))


def _is_satellite(block: Block, station: Span) -> NDArray[np.bool_]:
    """Whether a station is a satellite by its name: ORBCOMM's are."""
    found = np.zeros(len(station.start), dtype=bool)
    rows = np.flatnonzero(station.end > station.start)
    if rows.size:
        found[rows] = np.asarray(pc.match_substring(station.take(rows).texts(block), "ORBCOMM", ignore_case=True))
    return found
