"""NMEA files to records: blocks of lines taken apart, messages of several parts joined, payloads decoded, times carried
forward."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.sources.ais_messages import LONGEST, NUMBERS, TEXT_WIDTHS, decode
from pipeline.sources.nmea_sentences import NO_TIME, Sentences, take_apart
from pipeline.sources.record import MESSAGE_PART, NOT_SHIP

BLOCK_BYTES = 1 << 23
# Parts of one message stand close together; beyond this many lines the sequence number (0-9) has come round to another
# message.
MAX_LINES_APART = 100
_MINUTE_US = 60_000_000


def write_records(path: Path, folder: Path, base_date: date | None) -> None:
    """Read an NMEA file and write its records as Parquet: line, raw, hint, time_us, fields of `ais_messages`."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = _Clock(base_date)
    parts: list[_Rows] = []
    line = 1
    with path.open("rb") as file:
        rest, number = b"", 0
        while chunk := file.read(BLOCK_BYTES):
            chunk = rest + chunk
            cut = chunk.rfind(b"\n") + 1
            rest = chunk[cut:]
            if cut:
                line += _write_block(chunk[:cut], line, folder / f"{number:06}.parquet", clock, parts)
                number += 1
        if rest:
            _write_block(rest + b"\n", line, folder / f"{number:06}.parquet", clock, parts)
    joined = _Rows.concat(parts)
    _write(joined, _join_parts(joined), folder / "parts.parquet")


@dataclass
class _Rows:
    """Lines with what is known of them before decoding."""

    line: NDArray[np.int64]
    raw: list[str]
    hint: NDArray[np.str_]
    time_us: NDArray[np.int64]
    receiver: NDArray[np.int8]
    payload: NDArray[np.uint8]
    bits: NDArray[np.int64]
    total: NDArray[np.int64]
    part: NDArray[np.int64]
    key: NDArray[np.bytes_]

    def take(self, rows: NDArray[np.int64]) -> _Rows:
        """Some of the rows."""
        values = {name: value[rows] for name, value in vars(self).items() if name != "raw"}
        return _Rows(raw=[self.raw[row] for row in rows], **values)

    @staticmethod
    def concat(rows: list[_Rows]) -> _Rows:
        """Rows of several blocks, in order."""
        names = [name for name in _Rows.__annotations__ if name != "raw"]
        return _Rows(
            raw=[raw for block in rows for raw in block.raw],
            **{n: np.concatenate([getattr(b, n) for b in rows]) for n in names},
        )


@dataclass
class _Clock:
    """Gives a time to sentences without one; its state goes from block to block."""

    base_date: date | None
    last_stamp: int = field(default=int(NO_TIME))
    elapsed_s: int = 0
    last_second: int | None = None

    def fill(self, time_us: NDArray[np.int64], second: NDArray[np.float64]) -> NDArray[np.int64]:
        """Times where the sentences have none: the last stamp before, else the clock of the base date, if any."""
        stamped = np.where(time_us == NO_TIME, -1, np.arange(len(time_us)))
        last = np.maximum.accumulate(stamped)
        filled = np.where(last >= 0, time_us[np.maximum(last, 0)], self.last_stamp)
        if self.base_date is not None:
            midnight = int(datetime(*self.base_date.timetuple()[:3], tzinfo=UTC).timestamp()) * 1_000_000
            filled = np.where(filled == NO_TIME, midnight + self._elapsed(second) * 1_000_000, filled)
        if len(filled) and last[-1] >= 0:
            self.last_stamp = int(time_us[last[-1]])
        return filled

    def _elapsed(self, second: NDArray[np.float64]) -> NDArray[np.int64]:
        """Seconds since the start; each second of the minute is the nearest to the last (they lie under 30 s apart)."""
        told = np.flatnonzero(second < 60)
        seconds = second[told].astype(np.int64)
        before = np.concatenate(
            [[self.last_second if self.last_second is not None else (seconds[0] if len(seconds) else 0)], seconds]
        )
        steps = (np.diff(before) + 30) % 60 - 30
        elapsed = np.zeros(len(second), dtype=np.int64)
        elapsed[told] = steps
        elapsed = np.maximum(self.elapsed_s + np.cumsum(elapsed), 0)
        if len(told):
            self.elapsed_s, self.last_second = int(elapsed[-1]), int(seconds[-1])
        return elapsed


def _write_block(chunk: bytes, first_line: int, path: Path, clock: _Clock, parts: list[_Rows]) -> int:
    """Write the sentences that stand alone, keep the parts of longer messages; returns the number of lines."""
    block = np.frombuffer(chunk, dtype=np.uint8)
    newlines = np.flatnonzero(block == 10)
    start = np.concatenate([[0], newlines[:-1] + 1])
    end = newlines - (block[np.maximum(newlines - 1, 0)] == 13)
    found = take_apart(block, start, np.maximum(end, start))
    raw = [text.rstrip("\r") for text in chunk.decode("utf-8", "replace").split("\n")]
    rows = _rows(block, found, first_line, raw)
    decoded = decode(rows.payload, rows.bits)
    alone = rows.total == 1
    rows.time_us = clock.fill(rows.time_us, np.where(alone, decoded["second"], np.nan))
    is_row = rows.hint != "comment"
    longer = np.flatnonzero((rows.hint == "") & ~alone)
    single = np.flatnonzero(is_row & ~((rows.hint == "") & ~alone))
    _write(rows.take(single), {name: values[single] for name, values in decoded.items()}, path)
    parts.append(rows.take(longer))
    return len(newlines)


def _rows(block: NDArray[np.uint8], found: Sentences, first_line: int, raw: list[str]) -> _Rows:
    length = np.where(found.hint == "", np.minimum(found.payload_length, LONGEST + 11), 0)
    at = found.payload_start[:, None] + np.arange(LONGEST + 11)
    payload = np.where(np.arange(LONGEST + 11) < length[:, None], block[np.minimum(at, len(block) - 1)], 0).astype(
        np.uint8
    )
    count = len(found.hint)
    bits = np.maximum(length * 6 - found.fill, 0)
    return _Rows(
        line=np.arange(first_line, first_line + count), raw=raw[:count], hint=found.hint, time_us=found.time_us,
        receiver=found.receiver, payload=payload, bits=bits, total=found.total, part=found.part, key=found.key,
    )  # fmt: skip


def _join_parts(rows: _Rows) -> dict[str, NDArray]:
    """Join the parts of messages into the row of their first part, marking the others; returns the decoded fields.

    The parts of a message follow each other in order 1, 2 … among the lines of the same key.
    """
    keys = np.unique(rows.key, return_inverse=True)[1] if len(rows.line) else np.zeros(0, dtype=np.int64)
    order = np.lexsort((rows.line, keys))
    key, total, part, line = keys[order], rows.total[order], rows.part[order], rows.line[order]
    rows.hint = np.full(len(order), "incomplete_message", dtype="U18")
    payload, bits = rows.payload.copy(), rows.bits.copy()
    lengths = -(-bits // 6)
    for size in range(2, 10):
        begins = np.flatnonzero((part == 1) & (total == size))
        begins = begins[begins + size <= len(order)]
        whole = np.ones(len(begins), dtype=bool)
        for k in range(1, size):
            at = begins + k
            whole &= (
                (key[at] == key[begins])
                & (total[at] == size)
                & (part[at] == k + 1)
                & (line[at] - line[begins] <= MAX_LINES_APART)
            )
        begins = begins[whole]
        if not begins.size:
            continue
        first = order[begins]
        rows.hint[first] = ""
        filled = lengths[first]
        for k in range(1, size):
            nth = order[begins + k]
            rows.hint[nth] = MESSAGE_PART
            columns = filled[:, None] + np.arange(payload.shape[1])
            fits = (columns < payload.shape[1]) & (np.arange(payload.shape[1]) < lengths[nth][:, None])
            target = np.broadcast_to(first[:, None], columns.shape)[fits]
            payload[target, columns[fits]] = rows.payload[nth][fits]
            filled = filled + lengths[nth]
            rows.receiver[first] = np.maximum(rows.receiver[first], rows.receiver[nth])
        last = order[begins + size - 1]
        bits[first] = np.minimum((filled - lengths[last]) * 6 + rows.bits[last], payload.shape[1] * 6)
    return decode(payload, bits)


def _write(rows: _Rows, decoded: dict[str, NDArray], path: Path) -> None:
    hint = rows.hint.astype("U20")
    judged = hint == ""
    kind = decoded["type"]
    carries = np.isin(kind, [1, 2, 3, 5, 18, 19, 24, 27])
    hint[judged & ~decoded["readable"]] = "unreadable"
    hint[judged & decoded["readable"] & ~carries] = NOT_SHIP
    hint[judged & ((kind == 0) | (kind > 27)) & (decoded["mmsi"] >= 0)] = "unsupported_message"
    columns: dict[str, pa.Array] = {
        "line": pa.array(rows.line),
        "raw": pa.array(rows.raw, pa.string()),
        "hint": _strings(hint),
        "time_us": pa.array(rows.time_us, mask=rows.time_us == NO_TIME),
        "receiver": pa.array(rows.receiver),
        "mmsi": pa.array(decoded["mmsi"]),
        "transceiver_class": _strings(decoded["transceiver_class"]),
    }
    columns |= {name: pa.array(decoded[name], from_pandas=True) for name in NUMBERS}
    columns |= {name: _strings(decoded[name]) for name in TEXT_WIDTHS}
    pq.write_table(pa.table(columns), path)


def _strings(values: NDArray) -> pa.Array:
    """Fixed-width texts, few of them distinct or most empty, as Arrow strings."""
    uniques, inverse = np.unique(values, return_inverse=True)
    texts = [text.decode("ascii", "replace") if isinstance(text, bytes) else str(text) for text in uniques.tolist()]
    return pa.DictionaryArray.from_arrays(pa.array(inverse.astype(np.int32)), pa.array(texts, pa.string())).cast(
        pa.string()
    )
