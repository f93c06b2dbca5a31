"""NMEA 0183 sentences with their tag blocks and suffixes, taken apart for a block of lines at once.

Tag blocks: NMEA 0183 4.10 (c: time, s: station, g: group); their own checksum is not asked, for the Norwegian coast's
feed computes it before it adds the group. Suffix: as the US Coast Guard logs them (…*hh,r003669987,1152921693).
$PGHP: time stamps of Gatehouse loggers, which hold for the sentences that follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NO_TIME = np.iinfo(np.int64).min
UNKNOWN, SATELLITE, TERRESTRIAL = 0, 1, 2
KEY_WIDTH = 24
SUFFIX_WIDTH = 80

_COMMA, _STAR, _BACKSLASH, _HASH = b",*\\#"
_HEX = np.full(256, 255, dtype=np.uint8)
_HEX[48:58] = np.arange(10)
_HEX[65:71] = _HEX[97:103] = np.arange(10, 16)


@dataclass(frozen=True)
class Sentences:
    """One value per line in each array.

    hint      empty; or why the line is no AIS sentence: comment, not_ship, bad_checksum, unreadable
    time_us   microseconds since 1970 (UTC) that the line itself gives, else NO_TIME
    payload   offset and length of the armoured payload in the block; fill is the number of padding bits in it
    key       what the parts of one message have in common: group or station, sequence number and channel
    """

    hint: NDArray[np.str_]
    time_us: NDArray[np.int64]
    receiver: NDArray[np.int8]
    payload_start: NDArray[np.int64]
    payload_length: NDArray[np.int64]
    fill: NDArray[np.int64]
    total: NDArray[np.int64]
    part: NDArray[np.int64]
    key: NDArray[np.bytes_]


def take_apart(block: NDArray[np.uint8], start: NDArray[np.int64], end: NDArray[np.int64]) -> Sentences:
    """Take the lines block[start:end] (without line ends) apart. The block ends in a byte beyond the last line."""
    count = len(start)
    hint = np.full(count, "", dtype="U12")
    first = block[np.minimum(start, len(block) - 1)]
    hint[(start == end) | (first == _HASH)] = "comment"
    tagged = (first == _BACKSLASH) & (hint == "")
    tag_end = np.where(tagged, _next(block, _BACKSLASH, start + 1, end), start - 1)
    body = tag_end + 1
    lead = block[np.minimum(body, len(block) - 1)]
    star = _next(block, _STAR, body, end)
    sentence = (hint == "") & ((lead == ord("!")) | (lead == ord("$"))) & (star + 2 < end) & (tag_end < end)
    hint[(hint == "") & ~sentence] = "unreadable"
    good = _checksum_holds(block, body + 1, star, sentence)
    hint[sentence & ~good] = "bad_checksum"
    letters = _matrix(block, body + 3, 4, end)
    ais = (
        (lead == ord("!"))
        & (letters[:, 0] == ord("V"))
        & (letters[:, 1] == ord("D"))
        & np.isin(letters[:, 2], list(b"MO"))
    )
    hint[sentence & good & ~ais] = "not_ship"
    commas = _commas(block, body, star, 6)
    whole = (commas[5] < star) & (commas[1] - commas[0] == 2) & (commas[2] - commas[1] == 2)
    total, part = _digit(block, commas[0] + 1), _digit(block, commas[1] + 1)
    fill = _digit(block, commas[5] + 1)
    whole &= (commas[5] - commas[4] > 1) & (total >= 1) & (part >= 1) & (part <= total) & (fill >= 0) & (fill <= 5)
    hint[(hint == "") & ~whole] = "unreadable"
    time_us, receiver, origin = _tag_fields(block, start, tag_end, tagged)
    suffix_time, suffix_receiver, suffix_origin = _suffix_fields(block, star + 3, end, sentence & (star + 3 < end))
    talker = _matrix(block, body + 1, 2, end).view("S2")[:, 0]
    receiver = np.maximum(receiver, suffix_receiver)
    # Talkers of shore stations: AB independent, AD dependent, AS limited, BS base station (NMEA 0183 4.10, IEC
    # 61162-1).
    receiver[(receiver == UNKNOWN) & np.isin(talker, [b"AB", b"AD", b"AS", b"BS"])] = TERRESTRIAL
    time_us = np.where(time_us == NO_TIME, suffix_time, time_us)
    time_us = np.where((time_us == NO_TIME) & (hint == "not_ship"), _logger_time(block, body, end), time_us)
    sequence = _matrix(block, commas[2] + 1, 4, commas[4])
    key = np.char.add(np.char.add(origin, suffix_origin), sequence.view("S4")[:, 0]).astype(f"S{KEY_WIDTH}")
    return Sentences(hint, time_us, receiver, commas[4] + 1, commas[5] - commas[4] - 1, fill, total, part, key)


def _next(block: NDArray[np.uint8], byte: int, start: NDArray, end: NDArray) -> NDArray[np.int64]:
    """Offset of the first such byte in [start, end), or end."""
    at = np.append(np.flatnonzero(block == byte), len(block))
    return np.minimum(at[np.searchsorted(at, start)], end)


def _commas(block: NDArray[np.uint8], start: NDArray, end: NDArray, count: int) -> list[NDArray[np.int64]]:
    """Offsets of the first commas in [start, end), or end."""
    at = np.concatenate([np.flatnonzero(block == _COMMA), np.full(count, len(block))])
    first = np.searchsorted(at, start)
    return [np.minimum(at[np.minimum(first + k, len(at) - 1)], end) for k in range(count)]


def _matrix(block: NDArray[np.uint8], start: NDArray, width: int, end: NDArray) -> NDArray[np.uint8]:
    """The first bytes of [start, end) as rows, zero beyond the end."""
    at = start[:, None] + np.arange(width)
    return np.where(at < end[:, None], block[np.minimum(at, len(block) - 1)], 0).astype(np.uint8)


def _digit(block: NDArray[np.uint8], at: NDArray) -> NDArray[np.int64]:
    digit = block[np.minimum(at, len(block) - 1)].astype(np.int64) - 48
    return np.where((digit >= 0) & (digit <= 9), digit, -1)


def _checksum_holds(
    block: NDArray[np.uint8], start: NDArray, star: NDArray, where: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether the two hexadecimal digits after the star are the exclusive or of the bytes before it."""
    rows = np.flatnonzero(where & (star > start) & (star + 2 < len(block)))
    holds = np.zeros(len(start), dtype=bool)
    if rows.size:
        bounds = np.stack([start[rows], star[rows]], axis=1).ravel()
        found = np.bitwise_xor.reduceat(block, bounds)[::2]
        high, low = _HEX[block[star[rows] + 1]], _HEX[block[star[rows] + 2]]
        holds[rows] = (high < 16) & (low < 16) & (found == (high << 4 | low))
    return holds


def _fields(block: NDArray[np.uint8], start: NDArray, end: NDArray, rows: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Comma-separated fields of the ranges of some rows: row, start and end of each field, in order."""
    at = np.flatnonzero(block == _COMMA)
    low, high = np.searchsorted(at, start[rows]), np.searchsorted(at, end[rows])
    counts = high - low
    comma_row = np.repeat(rows, counts)
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    commas = at[np.repeat(low, counts) + offsets]
    row = np.concatenate([rows, comma_row])
    begin = np.concatenate([start[rows], commas + 1])
    order = np.argsort(begin, kind="stable")
    row, begin = row[order], begin[order]
    last = np.append(row[1:] != row[:-1], True)
    finish = np.where(last, end[row], np.append(begin[1:], 0) - 1)
    return row, begin, finish


def _number(block: NDArray[np.uint8], start: NDArray, end: NDArray) -> NDArray[np.int64]:
    """Whole number of up to 15 digits at the start of each range; -1 if none, or if more follows than a fraction."""
    digits = _matrix(block, start, 16, end)
    value = np.zeros(len(start), dtype=np.int64)
    ended = np.zeros(len(start), dtype=bool)
    good = np.ones(len(start), dtype=bool)
    for column in digits.T:
        is_digit = (column >= 48) & (column <= 57)
        good &= ended | is_digit | (column == 0) | (column == ord("."))
        ended |= ~is_digit
        value = np.where(ended, value, value * 10 + column.astype(np.int64) - 48)
    first = digits[:, 0]
    return np.where(good & (first >= 48) & (first <= 57), value, -1)


def _epoch_us(seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Seconds or milliseconds since 1970 as microseconds; NO_TIME where it can be neither (before 1973)."""
    scale = np.where(seconds >= 10**12, 1000, 1_000_000)
    return np.where(seconds >= 10**8, seconds * scale, NO_TIME)


def _tag_fields(
    block: NDArray[np.uint8], start: NDArray, tag_end: NDArray, tagged: NDArray
) -> tuple[NDArray, NDArray, NDArray]:
    """Time, receiver and the name of the group or station from tag blocks."""
    count = len(start)
    time_us, receiver = np.full(count, NO_TIME), np.zeros(count, dtype=np.int8)
    origin = np.zeros(count, dtype="S12")
    rows = np.flatnonzero(tagged)
    if rows.size:
        row, begin, finish = _fields(block, start + 1, _next(block, _STAR, start + 1, tag_end), rows)
        letter, colon = block[begin], block[np.minimum(begin + 1, len(block) - 1)] == ord(":")
        for name in b"csg":
            of = colon & (letter == name)
            at, low, high = row[of], begin[of] + 2, finish[of]
            if name == ord("c"):
                time_us[at] = _epoch_us(_number(block, low, high))
            elif name == ord("s"):
                stations = _matrix(block, low, 12, high)
                origin[at] = stations.view("S12")[:, 0]
                receiver[at] = _station_receiver(origin[at])
            else:
                # g:part-total-group: the group alone names the message, wherever its parts stand
                origin[at] = _after_dashes(_matrix(block, low, 16, high))
    return time_us, receiver, origin


def _after_dashes(groups: NDArray[np.uint8]) -> NDArray[np.bytes_]:
    """What follows the second dash, as `g` and text."""
    uniques, inverse = np.unique(groups.view("S16")[:, 0], return_inverse=True)
    return np.array([b"g" + text.split(b"-", 2)[-1] for text in uniques], dtype="S12")[inverse]


def _suffix_fields(
    block: NDArray[np.uint8], start: NDArray, end: NDArray, where: NDArray
) -> tuple[NDArray, NDArray, NDArray]:
    """Time, receiver and station from the fields after the checksum: the station's name, then the time it was heard."""
    count = len(start)
    time_us, receiver = np.full(count, NO_TIME), np.zeros(count, dtype=np.int8)
    origin = np.zeros(count, dtype="S12")
    rows = np.flatnonzero(where & (block[np.minimum(start, len(block) - 1)] == _COMMA))
    if rows.size:
        row, begin, finish = _fields(block, start + 1, end, rows)
        letter = block[np.minimum(begin, len(block) - 1)]
        digit_next = _digit(block, begin + 1) >= 0
        station = np.isin(letter, list(b"rb")) & (finish - begin > 5) & (digit_next | (letter == ord("r")))
        origin[row[station]] = _matrix(block, begin[station], 12, finish[station]).view("S12")[:, 0]
        receiver[row[station]] = TERRESTRIAL
        epoch = _epoch_us(np.where(finish - begin >= 9, _number(block, begin, finish), -1))
        timed = np.flatnonzero(epoch != NO_TIME)[::-1]  # of several times the first is written last
        time_us[row[timed]] = epoch[timed]
    return time_us, receiver, origin


def _station_receiver(stations: NDArray[np.bytes_]) -> NDArray[np.int8]:
    """Receiver that a station's name tells: ORBCOMM's are satellites."""
    names, inverse = np.unique(stations, return_inverse=True)
    return np.array([SATELLITE if b"ORBCOMM" in name.upper() else UNKNOWN for name in names], dtype=np.int8)[inverse]


def _logger_time(block: NDArray[np.uint8], body: NDArray, end: NDArray) -> NDArray[np.int64]:
    """Time of $PGHP,1,year,month,day,hour,minute,second,millisecond,… sentences."""
    time_us = np.full(len(body), NO_TIME)
    rows = np.flatnonzero(_matrix(block, body, 7, end).view("S7")[:, 0] == b"$PGHP,1")
    for row in rows:
        try:
            year, month, day, hour, minute, second, milli = map(
                int, bytes(block[body[row] : end[row]]).split(b",")[2:9]
            )
            stamp = np.datetime64(f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}", "us")
        except ValueError:
            continue
        time_us[row] = stamp.astype(np.int64)
    return time_us
