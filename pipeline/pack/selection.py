"""Which raw lines a pack holds: those that suffice to derive its alert again, in their file's own form.

Of a table (a header, then a row a line) a pack holds the header and

- every line of the ships that the alert is about or judged with, on every landed day;
- of everyone else, around the silences of these ships, the first line of each ship in each hour, quarter-degree cell
  and zone: that is what reception and outages are counted from;
- the first and last position of each day, so that the same days are landed.

Other files (NMEA, JSON, Parquet, untidy tables) are held whole: what one of their lines says may rest on its
neighbours. Bytes are never altered: each line is as it lies in the file whose SHA-256 the manifest names.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from geo.zones import Zones
from pipeline.errors import InputError
from pipeline.formats.record import Content, Head, Source
from pipeline.formats.registry import find_source
from pipeline.formats.unpack import opened as unpacked
from pipeline.formats.unpack import read_head
from pipeline.lake.engine import opened
from pipeline.movement.coverage import CELL_DEG, cell_of
from pipeline.pack.archive import MOST_BYTES
from pipeline.pack.manifest import sha256

WHOLE = "all"
_BLOCK = 1 << 24
_SAID = ("source_file_id", "name", "source", "licence", "sha256", "bytes", "synthetic", "url", "fetched_at")


@dataclass(frozen=True)
class Around:
    """Waters and hours in which everyone's lines count: a box in degrees, and [from_at, to_at) in UTC."""

    west: float
    south: float
    east: float
    north: float
    from_at: pd.Timestamp
    to_at: pd.Timestamp


@dataclass(frozen=True)
class Wanted:
    """Whose lines are wanted.

    mmsis    ships of which every line is
    around   where and when everyone's are, thinned; None: everywhere and always
    whole    whole files
    """

    mmsis: NDArray[np.int64]
    around: tuple[Around, ...] | None = ()
    whole: bool = False


@dataclass(frozen=True)
class Raw:
    """A raw file, or lines of it.

    member   its name in the pack
    content  the bytes
    file     what the manifest says of it: source_file_id, name, source, licence, sha256, bytes and base_date of the
             file, and `lines`: those held (1-based, like 1,5-9), or all
    """

    member: str
    content: bytes
    file: Mapping[str, Any]


def select(path: Path, row: Mapping[str, Any], base_date: str | None, wanted: Wanted, zones: Zones) -> Raw:
    """What a pack holds of one landed file.

    path  the lake's copy of its bytes
    row   SOURCE_FILE
    raises  InputError if the bytes are not those that landed
    """
    kept = path.read_bytes()
    if sha256(kept) != row["sha256"]:
        raise InputError(f"{path}: not the bytes that landed as {row['name']}; ingest that file again to mend it")
    lines = None if wanted.whole else _lines(path, row, base_date, wanted, zones)
    said = {name: row[name] for name in _SAID}
    suffixes = "".join(path.suffixes) if lines is None else "".join(s for s in path.suffixes if s not in _PACKED)
    content, held = (kept, WHOLE) if lines is None else (_cut(_plain(path), lines), as_ranges(lines))
    fitting = "".join(sign for sign in suffixes if sign.isascii() and (sign.isalnum() or sign in "._-"))
    return Raw(f"raw/{row['source_file_id']}{fitting}", content, said | {"base_date": base_date, "lines": held})


_PACKED = (".gz", ".zst", ".zip")


def lines_of(path: Path, ranges: str) -> bytes:
    """Lines of a file (unpacked), for comparing with those of a pack.

    ranges  as `as_ranges` writes them
    """
    return _cut(_plain(path), from_ranges(ranges))


def as_ranges(lines: NDArray[np.int64]) -> str:
    """1,5-9: line numbers in order as ranges."""
    breaks = np.flatnonzero(np.diff(lines) != 1)
    first, last = lines[np.r_[0, breaks + 1]], lines[np.r_[breaks, len(lines) - 1]]
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in zip(first.tolist(), last.tolist(), strict=True))


def from_ranges(ranges: str) -> NDArray[np.int64]:
    """The line numbers that `as_ranges` wrote.

    raises  InputError if it did not
    """
    try:
        ends = [[int(end) for end in part.split("-")] for part in ranges.split(",")]
        if any(len(part) > 2 or part[0] < 1 or part[-1] < part[0] or part[-1] > MOST_BYTES for part in ends):
            raise ValueError
        if sum(part[-1] - part[0] for part in ends) > MOST_BYTES:
            raise ValueError
    except ValueError:
        raise InputError(
            f'manifest.json: lines "{ranges[:60]}" cannot be read; it was changed: get the pack again'
        ) from None
    return np.concatenate([np.arange(part[0], part[-1] + 1) for part in ends])


def _plain(path: Path) -> bytes:
    """The unpacked content.

    raises  InputError for one that is larger than a pack may be
    """
    with unpacked(path) as (stream, _):
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise InputError(f"{path}: holds more than {MOST_BYTES:,} bytes unpacked, more than a pack may hold")
    return content


def _cut(content: bytes, lines: NDArray[np.int64]) -> bytes:
    ends = _line_ends(content)
    begins = np.r_[0, ends[:-1]]
    lines = lines[lines <= len(ends)]
    return b"".join(content[begins[n - 1] : ends[n - 1]] for n in lines.tolist())


def _line_ends(content: bytes) -> NDArray[np.int64]:
    """Where each line ends, its line feed included."""
    found = [
        np.flatnonzero(np.frombuffer(content, np.uint8, min(_BLOCK, len(content) - at), at) == ord("\n")) + at + 1
        for at in range(0, len(content), _BLOCK)
    ]
    ends = np.concatenate([*found, np.array([], dtype="int64")])
    return ends if content.endswith(b"\n") or not content else np.r_[ends, len(content)]


def _lines(
    path: Path, row: Mapping[str, Any], base_date: str | None, wanted: Wanted, zones: Zones
) -> NDArray[np.int64] | None:
    """Numbers of the wanted lines, in order, the header's first; None for a file that is to be held whole."""
    head = read_head(path)
    if head.parquet:
        return None
    source = find_source(row["source"], head)
    if source.yields != "positions":
        return None
    content = _plain(path)
    if not _is_tidy(content):
        return None
    rows = _numbered(content, row["name"], head, source, base_date)
    if rows is None:
        return None
    return np.unique(np.r_[1, rows.loc[_is_wanted(rows, wanted, zones), "line"].to_numpy("int64")])


def _is_tidy(content: bytes) -> bool:
    """Whether each line is a row for certain: one kind of line end, UTF-8, no quoted field with a line break."""
    returns = content.count(b"\r")
    if b"\0" in content or content[:1] in (b"\r", b"\n") or (returns and returns != content.count(b"\n")):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b'"' not in content or all(line.count(b'"') % 2 == 0 for line in io.BytesIO(content))


def _numbered(content: bytes, name: str, head: Head, source: Source, base_date: str | None) -> DataFrame | None:
    """line, mmsi, timestamp (UTC), longitude, latitude, receiver of each row; None where lines cannot be told."""
    assert source.read is not None  # it yields positions
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder) / "spill") as con:
        plain = Path(folder) / "content"
        plain.write_bytes(content)
        reading = source.read(con, Content(plain, name), head, Path(folder), base_date)
        if reading.delimiter is None:
            return None
        wanted = "line, mmsi, timestamp, longitude, latitude, receiver::varchar as receiver"
        rows = con.execute(f"select {wanted} from ({reading.numbered_whole}) order by line").df()
        refused = np.sort(con.execute(reading.misshapen).df()["line"].to_numpy("int64"))
        if len(rows) + len(refused) != len(_line_ends(content)) - 1:  # as where a line is blank
            return None
    # Of the k-th line that was not counted, b, b - k lines before it were.
    before = refused - np.arange(1, len(refused) + 1)
    rows["line"] += np.searchsorted(before, rows["line"].to_numpy(), side="left")
    rows["timestamp"] = pd.to_datetime(rows["timestamp"], utc=True).dt.as_unit("us")
    return rows


def _is_wanted(rows: DataFrame, wanted: Wanted, zones: Zones) -> NDArray[np.bool_]:
    own = rows["mmsi"].isin(wanted.mmsis).to_numpy()
    x, y = rows["longitude"].to_numpy("float64"), rows["latitude"].to_numpy("float64")
    placed = (
        (np.abs(x) <= 180) & (np.abs(y) <= 90) & rows["timestamp"].notna().to_numpy() & rows["mmsi"].notna().to_numpy()
    )
    ends = rows[placed].assign(day=rows["timestamp"].dt.floor("D")).sort_values(["timestamp", "line"])
    at_ends = rows.index.isin(ends.drop_duplicates("day").index.union(ends.drop_duplicates("day", keep="last").index))
    beside = placed.copy() if wanted.around is None else np.zeros(len(rows), dtype=bool)
    for one in wanted.around or ():
        beside |= (
            placed & (x >= one.west) & (x <= one.east) & (y >= one.south) & (y <= one.north)
            & (rows["timestamp"] >= one.from_at).to_numpy() & (rows["timestamp"] < one.to_at).to_numpy()
        )  # fmt: skip
    return own | at_ends | _first_of_each(rows, beside & ~own, zones)


def _first_of_each(rows: DataFrame, among: NDArray[np.bool_], zones: Zones) -> NDArray[np.bool_]:
    """The first line of each ship, hour, cell, zone and receiver."""
    some = rows[among]
    x, y = some["longitude"].to_numpy("float64"), some["latitude"].to_numpy("float64")
    some = some.assign(hour=some["timestamp"].dt.floor("h"), cell=cell_of(x, y, CELL_DEG), zone=zones.locate(x, y))
    some = some.sort_values(["timestamp", "line"], kind="stable")
    first = some.drop_duplicates(["mmsi", "hour", "cell", "zone", "receiver"])
    return rows.index.isin(first.index)
