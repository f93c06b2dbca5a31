"""Files to land, wherever they lie: on a disk, or in a bucket, from which each is fetched when its turn comes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from pipeline.errors import InputError
from pipeline.formats.record import Head
from pipeline.lake.bucket import Bucket, Place, Stored, on_disk
from pipeline.origin import SUFFIX

NOT_DATA = (SUFFIX, ".part", ".lock", "status.json")  # what lies beside files in a folder, by the end of its name
MOST_LISTED = 100_000  # names, a request a thousand
_ADDRESS = re.compile(r"(s3://[^/]+)/(.+)", re.DOTALL)
_WILD = re.compile(r"[*?]")
_EXPECTED = "expected s3://BUCKET/FOLDER/FILE, or * and ? in FILE for several"


def find_files(given: Sequence[Path | str]) -> list[Place]:
    """Files by their paths, or by addresses in a bucket (`s3://…`), where the name alone may hold * and ?; these leave
    out what lies beside files.

    returns  in the order given; of one address in order of name
    raises   InputError for an address of another form, or that names nothing, or too much to be listed;
             as `pipeline.lake.bucket.Bucket`
    """
    return [file for one in given for file in ([one] if isinstance(one, Path) else _in_bucket(one))]


def _in_bucket(address: str) -> Sequence[Stored]:
    parsed = _ADDRESS.fullmatch(address)
    folder, _, name = parsed[2].rpartition("/") if parsed else ("", "", "")
    if not parsed or _WILD.search(folder) or {"", ".", ".."} & {*parsed[2].split("/")}:
        raise InputError(f"{address}: no address of a file in a bucket; {_EXPECTED}")
    bucket = Bucket(parsed[1])
    if not _WILD.search(name):
        return [Stored(bucket, parsed[2])]
    found = [Stored(bucket, f"{folder}/{one}".lstrip("/")) for one in _matching(bucket, address, folder, name)]
    if not found:
        raise InputError(f"{address}: no file there has such a name; {_EXPECTED}")
    return found


def _matching(bucket: Bucket, address: str, folder: str, wanted: str) -> Iterator[str]:
    """Names in a folder, not below it, from the first that begins as the one wanted to the last."""
    begins, pattern = _WILD.split(wanted)[0], wanted.replace("[", "[[]")
    if begins and fnmatchcase(begins, pattern) and bucket.size(f"{folder}/{begins}".lstrip("/")) is not None:
        yield begins  # a listing begins after it
    for number, name in enumerate(bucket.names(folder, begins)):
        if not name.startswith(begins):
            return
        if number == MOST_LISTED:
            raise InputError(
                f"{address}: more than {MOST_LISTED:,} names to look at; give more of the names' beginning"
            )
        if "/" not in name and fnmatchcase(name, pattern) and not name.endswith(NOT_DATA):
            yield name


@contextmanager
def at_hand(file: Place, folder: Path) -> Iterator[Path]:
    """`pipeline.lake.bucket.on_disk` of a file to land.

    raises  InputError if it is gone; as `pipeline.lake.bucket.Bucket`, OSError of the disk
    """
    with ExitStack() as stack:
        try:
            path = stack.enter_context(on_disk(file, folder))
        except FileNotFoundError:
            raise _no_such(file) from None
        yield path


def see_unchanged(file: Place, before: Head, now: Head) -> None:
    """raises  InputError if a file, whose beginning was looked at twice, is another one by now"""
    if now != before:
        did = "read" if isinstance(file, Path) else "fetched"
        raise InputError(f"{file}: it changed while it was {did}; wait until it is complete, ingest it again")


def identify(file: Place) -> tuple[str, int]:
    """SHA-256 and number of a file's bytes.

    raises  InputError if an object is gone; as `pipeline.lake.bucket.Bucket`, OSError of the disk
    """
    if isinstance(file, Path):
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest(), file.stat().st_size
    digest, size = hashlib.sha256(), 0
    try:
        for block in file.bucket.blocks(file.key):
            digest.update(block)
            size += len(block)
    except FileNotFoundError:
        raise _no_such(file) from None
    return digest.hexdigest(), size


def _no_such(file: Place) -> InputError:
    return InputError(f"{file}: no such file")
