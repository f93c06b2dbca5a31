"""NMEA files to records: blocks of lines taken apart, messages of several parts joined, payloads decoded, times carried
forward."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.formats.ais_messages import LAST_TYPE, LONGEST, NUMBERS, TEXT_WIDTHS, decode
from pipeline.formats.nmea_bytes import Block, Span, byte_at
from pipeline.formats.nmea_lines import Pieces, cut, last_line_end
from pipeline.formats.nmea_parts import REACH, Parts, messages
from pipeline.formats.nmea_sentences import Sentences, take_apart
from pipeline.formats.nmea_times import BAD_TIME, Clock
from pipeline.formats.record import MESSAGE_PART, NOT_SHIP

BLOCK_BYTES = 1 << 23
_LONGEST_LINE = 1 << 24  # bytes; what has no line end for longer is no text, and is cut there
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WIDTH = LONGEST + 11  # characters of a payload that are kept: a message may be sent longer than it is


def write_records(path: Path, folder: Path, base_date: date | None) -> None:
    """Read an NMEA file and write its records as Parquet: line, raw, hint, time_us, fields of `ais_messages`."""
    folder.mkdir(parents=True, exist_ok=True)
    reader = _Reader(folder, Clock(base_date))
    with path.open("rb") as file:
        rest = b""
        while chunk := file.read(BLOCK_BYTES):
            if reader.line == 1 and not rest:
                chunk = chunk.removeprefix(_BYTE_ORDER_MARK)
            chunk = rest + chunk
            whole = last_line_end(chunk) or (len(chunk) if len(chunk) > _LONGEST_LINE else 0)
            rest = chunk[whole:]
            if whole:
                reader.read(chunk[:whole])
        if rest:
            reader.read(rest)
    reader.finish()


@dataclass
class _Rows:
    """Pieces of lines with what is known of them before decoding; `own_us` is the time that the piece itself gives."""

    line: NDArray[np.int64]
    raw: pa.StringArray
    hint: NDArray[np.str_]
    own_us: NDArray[np.int64]
    time_us: NDArray[np.int64]
    receiver: NDArray[np.int8]
    payload: NDArray[np.uint8]
    bits: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> _Rows:
        """Some of the rows."""
        return _Rows(**{name: _take(value, rows) for name, value in vars(self).items()})


@dataclass
class _LongRows(_Rows):
    """Rows that are parts of longer messages."""

    total: NDArray[np.int64]
    part: NDArray[np.int64]
    group: pa.BinaryArray
    station: pa.BinaryArray
    receiver_name: pa.BinaryArray
    sequence: pa.BinaryArray

    def take(self, rows: NDArray[np.int64]) -> _LongRows:
        """Some of the rows."""
        return _LongRows(**{name: _take(value, rows) for name, value in vars(self).items()})

    def parts(self) -> Parts:
        """What identifies the rows of one message."""
        width = self.payload.shape[1]
        payload = pa.Array.from_buffers(pa.binary(width), len(self.line), [None, pa.py_buffer(self.payload.tobytes())])
        return Parts(
            self.line, self.own_us, self.total, self.part, self.group, self.station, self.receiver_name, self.sequence,
            payload.cast(pa.binary()),
        )  # fmt: skip


def _take(values: NDArray | pa.Array, rows: NDArray[np.int64]) -> NDArray | pa.Array:
    return values.take(pa.array(rows)) if isinstance(values, pa.Array) else values[rows]


class _Reader:
    """Reads block after block; what it carries from one to the next are clock, line number and parts still open."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder, self.clock = folder, clock
        self.line = 1
        self._files = 0
        self._open: _LongRows | None = None
        self._settled = 0  # the parts of messages that begin up to this line are written

    def read(self, chunk: bytes) -> None:
        """Read whole lines: write the sentences that stand alone, and the messages of which no more can come."""
        if not chunk.isascii():
            chunk = chunk.decode("utf-8", "replace").encode()
        if chunk[-1] not in b"\r\n":
            chunk += b"\n"
        block = np.frombuffer(chunk, dtype=np.uint8)
        pieces = cut(block)
        found = take_apart(block, pieces)
        rows = _rows(block, pieces, found, self.line)
        rows.own_us = self.clock.with_day(rows.own_us)
        decoded = decode(rows.payload, rows.bits)
        alone = found.total == 1
        rows.time_us = self.clock.fill(rows.own_us, np.where(alone, decoded["second"], np.nan))
        long = np.flatnonzero((rows.hint == "") & ~alone)
        single = np.flatnonzero((rows.hint != "comment") & ~((rows.hint == "") & ~alone))
        self._write(rows.take(single), {name: values[single] for name, values in decoded.items()})
        self.line += int(pieces.line[-1]) + 1
        self._keep(_long_rows(block, rows, found, long))
        self._settle(self.line - 1 - REACH)

    def finish(self) -> None:
        """Write the messages that the file's last lines may have been part of."""
        if not self._files:
            self.read(b"\n")
        self._settle(self.line)

    def _keep(self, new: _LongRows) -> None:
        if self._open is None:
            self._open = new
        else:
            old = self._open
            self._open = _LongRows(**{name: _joined(value, getattr(new, name)) for name, value in vars(old).items()})

    def _settle(self, upto: int) -> None:
        """Write messages and stray parts that begin up to a line; what stands near it stays, to judge what follows."""
        if self._open is None or upto <= self._settled:
            return
        rows = self._open
        begin = rows.line.copy()  # the line with which the message of each part begins
        joined, begin = _join(rows, begin)
        due = np.flatnonzero((begin > self._settled) & (begin <= upto))
        due_rows = joined.take(due)
        self._write(due_rows, decode(due_rows.payload, due_rows.bits))
        self._settled = upto
        self._open = rows.take(np.flatnonzero(rows.line > upto - REACH))

    def _write(self, rows: _Rows, decoded: dict[str, NDArray]) -> None:
        if len(rows.line) or not self._files:  # a file without a row has its columns too
            pq.write_table(_table(rows, decoded), self.folder / f"{self._files:06}.parquet")
            self._files += 1


def _joined(old: NDArray | pa.Array, new: NDArray | pa.Array) -> NDArray | pa.Array:
    return pa.concat_arrays([old, new]) if isinstance(old, pa.Array) else np.concatenate([old, new])


def _rows(block: Block, pieces: Pieces, found: Sentences, first_line: int) -> _Rows:
    length = np.where(found.hint == "", np.minimum(found.payload.end - found.payload.start, _WIDTH), 0)
    at = found.payload.start[:, None] + np.arange(_WIDTH)
    payload = np.where(np.arange(_WIDTH) < length[:, None], byte_at(block, at), 0).astype(np.uint8)
    offsets = pa.py_buffer(np.append(pieces.start, len(block)).astype(np.int32))
    lines = pa.Array.from_buffers(pa.string(), len(pieces.line), [None, offsets, pa.py_buffer(block)])
    return _Rows(
        line=first_line + pieces.line, raw=pc.ascii_rtrim(lines, "\r\n"), hint=found.hint, own_us=found.time_us,
        time_us=found.time_us, receiver=found.receiver, payload=payload, bits=np.maximum(length * 6 - found.fill, 0),
    )  # fmt: skip


def _long_rows(block: Block, rows: _Rows, found: Sentences, long: NDArray[np.int64]) -> _LongRows:
    def texts(span: Span) -> pa.BinaryArray:
        return span.take(long).texts(block)

    return _LongRows(
        **vars(rows.take(long)), total=found.total[long], part=found.part[long], group=texts(found.group),
        station=texts(found.station), receiver_name=texts(found.receiver_name), sequence=texts(found.sequence),
    )  # fmt: skip


def _join(rows: _LongRows, begin: NDArray[np.int64]) -> tuple[_LongRows, NDArray[np.int64]]:
    """The rows with each message in the row of its first part, the others marked; and the line where each begins."""
    joined = rows.take(np.arange(len(rows.line)))
    joined.hint = np.full(len(rows.line), "incomplete_message", dtype="U18")
    lengths = -(-rows.bits // 6)
    for members in messages(rows.parts()):
        first, last = members[:, 0], members[:, -1]
        joined.hint[members] = MESSAGE_PART
        joined.hint[first] = ""
        begin[members] = rows.line[first][:, None]
        filled = lengths[first]
        for nth in members.T[1:]:
            columns = filled[:, None] + np.arange(_WIDTH)
            fits = (columns < _WIDTH) & (np.arange(_WIDTH) < lengths[nth][:, None])
            joined.payload[np.broadcast_to(first[:, None], columns.shape)[fits], columns[fits]] = rows.payload[nth][
                fits
            ]
            filled = filled + lengths[nth]
        joined.bits[first] = np.minimum((filled - lengths[last]) * 6 + rows.bits[last], _WIDTH * 6)
        joined.receiver[first] = rows.receiver[members].max(axis=1)
        joined.time_us[first] = _time_of_message(rows, members)
    return joined, begin


def _time_of_message(rows: _LongRows, members: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first time that the parts themselves give; else BAD_TIME if one wrote it so; else the one carried forward."""
    own = rows.own_us[members]
    understood = own > BAD_TIME
    written = own[np.arange(len(own)), understood.argmax(axis=1)]
    carried = np.where((own == BAD_TIME).any(axis=1), BAD_TIME, rows.time_us[members[:, 0]])
    return np.where(understood.any(axis=1), written, carried)


def _table(rows: _Rows, decoded: dict[str, NDArray]) -> pa.Table:
    hint = rows.hint.astype("U20")
    judged = hint == ""
    kind = decoded["type"]
    carries = np.isin(kind, [1, 2, 3, 5, 18, 19, 24, 27])
    hint[judged & ~decoded["readable"]] = "unreadable"
    hint[judged & decoded["readable"] & ~carries] = NOT_SHIP
    hint[judged & ((kind == 0) | (kind > LAST_TYPE)) & (decoded["mmsi"] >= 0)] = "unsupported_message"
    columns: dict[str, pa.Array] = {
        "line": pa.array(rows.line),
        "raw": rows.raw,
        "hint": _strings(hint),
        "time_us": pa.array(rows.time_us, mask=rows.time_us <= BAD_TIME),
        "receiver": pa.array(rows.receiver),
        "mmsi": pa.array(decoded["mmsi"]),
        "transceiver_class": _strings(decoded["transceiver_class"]),
    }
    columns |= {name: pa.array(decoded[name], from_pandas=True) for name in NUMBERS}
    columns |= {name: _strings(decoded[name]) for name in TEXT_WIDTHS}
    return pa.table(columns)


def _strings(values: NDArray) -> pa.Array:
    """Fixed-width texts, few of them distinct or most empty, as Arrow strings."""
    uniques, inverse = np.unique(values, return_inverse=True)
    texts = [text.decode("ascii", "replace") if isinstance(text, bytes) else str(text) for text in uniques.tolist()]
    return pa.DictionaryArray.from_arrays(pa.array(inverse.astype(np.int32)), pa.array(texts, pa.string())).cast(
        pa.string()
    )
