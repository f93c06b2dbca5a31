"""Which sentences are the parts of one message.

Parts are matched by their group or station, their receiver, sequence number and channel, all compared by their whole
text. They follow each other in order 1, 2 … and stand close together, in lines and, where they carry one, in time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.formats.nmea_bytes import Offsets
from pipeline.formats.nmea_times import BAD_TIME

# Beyond this many lines the sequence number (0-9) has come round to another message. Parts are sent in slots one after
# the other; receivers and relays stamp them up to some seconds apart.
MAX_LINES_APART = 100
MAX_US_APART = 60_000_000
# What stands further away than this does not bear on whether some sentences are one message.
REACH = 4 * MAX_LINES_APART


@dataclass(frozen=True)
class Parts:
    """Sentences that are parts of longer messages, in the order of the file, one value each.

    line          number of its line
    time_us       its own time, or NO_TIME or BAD_TIME
    total, part   how many parts the message has, and which of them this is
    group, station, receiver_name, sequence
                  as `Sentences`, as texts
    payload       its armoured payload
    """

    line: NDArray[np.int64]
    time_us: NDArray[np.int64]
    total: NDArray[np.int64]
    part: NDArray[np.int64]
    group: pa.BinaryArray
    station: pa.BinaryArray
    receiver_name: pa.BinaryArray
    sequence: pa.BinaryArray
    payload: pa.BinaryArray


def messages(parts: Parts) -> Iterator[NDArray[np.int64]]:
    """The messages that are whole: arrays of one row a message and one column a part, numbers of rows of `parts`.

    First those whose parts name the same origin. Then, among the rest, those of which a part names none: it goes with
    the part before it.
    """
    origins = np.stack([_codes(texts) for texts in (parts.group, parts.station, parts.receiver_name)])
    named = np.where(origins[0] >= 0, origins[0], origins[1])
    sequence = _codes(parts.sequence)
    payload = _codes(parts.payload)
    left = np.ones(len(parts.line), dtype=bool)
    for rows, keys in (((origins >= 0).any(axis=0), (named, origins[2], origins[0] >= 0)), (left, ())):
        some = np.flatnonzero(rows)
        order = some[np.lexsort((some, *(key[some] for key in keys), sequence[some], parts.total[some]))]
        for size in np.unique(parts.total[order]):
            found = _in_order(parts, order, int(size), [sequence, *keys], origins, payload)
            left[found] = False
            if len(found):
                yield found


def _in_order(
    parts: Parts, order: Offsets, size: int, keys: list[NDArray], origins: NDArray, payload: NDArray
) -> NDArray[np.int64]:
    """Messages of so many parts that follow each other in an order that brings equal keys together."""

    def near(before: Offsets, after: Offsets) -> NDArray[np.bool_]:
        together = parts.line[after] - parts.line[before] <= MAX_LINES_APART
        timed = (parts.time_us[before] > BAD_TIME) & (parts.time_us[after] > BAD_TIME)
        apart = np.abs(np.where(timed, parts.time_us[after] - parts.time_us[before], 0))
        together &= (apart <= MAX_US_APART) & (parts.total[after] == parts.total[before])
        for key in keys:
            together &= key[after] == key[before]
        return together

    begins = np.flatnonzero((parts.part[order] == 1) & (parts.total[order] == size))
    begins = begins[begins + size <= len(order)]
    members = order[begins[:, None] + np.arange(size)]
    whole = np.ones(len(begins), dtype=bool)
    known = origins[:, members[:, 0]]
    for k in range(1, size):
        whole &= near(members[:, 0], members[:, k]) & (parts.part[members[:, k]] == k + 1)
        own = origins[:, members[:, k]]
        whole &= ((own < 0) | (known < 0) | (own == known)).all(axis=0)
        known = np.where(known < 0, own, known)
    # Where another message is open before it, a message is sure only if its parts stand together and none is left over.
    before, after = order[np.maximum(begins - 1, 0)], order[np.minimum(begins + size, len(order) - 1)]
    first, last = members[:, 0], members[:, -1]
    rival = (begins > 0) & (parts.part[before] == 1) & near(before, first) & (payload[before] != payload[first])
    orphan = (begins + size < len(order)) & (parts.part[after] > 1) & near(last, after)
    scattered = parts.line[last] - parts.line[first] >= size
    return members[whole & ~(rival & (orphan | scattered))]


def _codes(texts: pa.Array) -> NDArray[np.int64]:
    """A number for each text, the same for the same text; -1 for an empty one."""
    if not len(texts):
        return np.zeros(0, dtype=np.int64)
    encoded = texts.dictionary_encode()
    empty = np.asarray(pc.equal(pc.binary_length(encoded.dictionary), 0))
    codes = np.asarray(encoded.indices).astype(np.int64)
    return np.where(empty[codes], -1, codes)
