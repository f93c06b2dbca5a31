"""Small, ordinary mutations of a file, those that suit its form among them."""

from __future__ import annotations

import functools
import gzip
import io
import operator
import re
import zipfile
from random import Random

from tests.fuzz.damage import BYTES, LINES
from tests.fuzz.damage_forms import CELLS, JSON, SENTENCES, XML, YAML

_MUTATIONS = BYTES | LINES | CELLS | JSON | XML | YAML | SENTENCES
_GENERAL = [*BYTES, *LINES]
_SENTENCE = re.compile(rb"([!$\\])([^!$\\*\r\n]*)\*[0-9A-Fa-f]{2}")


def mutate(data: bytes, other: bytes, chance: Random, most: int = 4) -> tuple[bytes, tuple[str, ...]]:
    """A file with one to `most` mutations, mostly one or two, and their names in order."""
    names = []
    for _ in range(min(most, 1 + int(chance.expovariate(1.2)))):
        fitting = _fitting(data)
        name = chance.choice(fitting)
        changed = _MUTATIONS[name](data, other, chance)
        if changed != data and len(changed) < 200_000:
            data = changed
            names.append(name)
    if b"*" in data and chance.random() < 0.6:
        data = repair_checksums(data)  # damage before the checksum was made is read, not refused by it
    if chance.random() < 0.02:
        packing = chance.choice(("gzip", "zip", "torn"))
        data = _pack(data, packing, chance)
        names.append(packing)
    return data, tuple(names)


def repair_checksums(data: bytes) -> bytes:
    """Sentences and tag blocks with the checksum that their content has."""

    def repaired(match: re.Match[bytes]) -> bytes:
        return b"%b%b*%02X" % (match[1], match[2], functools.reduce(operator.xor, match[2], 0))

    return _SENTENCE.sub(repaired, data)


def _fitting(data: bytes) -> list[str]:
    """Names of the mutations that suit what a file looks like, those of bytes and lines among them."""
    start = data[:200].lstrip(b"\xef\xbb\xbf \r\n")
    if start.startswith((b"{", b"[")):
        return _GENERAL + [*JSON] * 2
    if start.startswith(b"<"):
        return _GENERAL + [*XML] * 2
    if b"VDM," in data[:2000] or b"VDO," in data[:2000]:
        return _GENERAL + [*SENTENCES] * 2
    if start.startswith(b"mapping:") or b"\ncolumns:" in data:
        return _GENERAL + [*YAML] * 2
    return _GENERAL + [*CELLS] * 2


def _pack(data: bytes, packing: str, chance: Random) -> bytes:
    if packing == "zip":
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr(zipfile.ZipInfo("inside"), data)
        return target.getvalue()
    packed = gzip.compress(data, mtime=0)
    return packed if packing == "gzip" else packed[: chance.randrange(len(packed))]
