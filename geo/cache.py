"""What takes long to make is kept between processes, under a hash of everything that it was made from.

A file of the user's cache folder (`$XDG_CACHE_HOME`, else `~/.cache`) holds data, no code. Its name is the hash, so it
is never stale. One that cannot be read is made again; where none can be written, things are made each time. Processes
that write at once write drafts of their own, and a file appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from geo.files import atomic_write


def cache_folder() -> Path:
    """Where things are kept between processes; for a user without a home, where nothing can be."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    home = os.path.expanduser("~")
    own = home if os.path.isabs(home) else os.devnull
    return (Path(given) if os.path.isabs(given) else Path(own, ".cache")) / "coalwatch"


def hash_of(files: Mapping[str, bytes], *versions: str) -> str:
    """A name for what is made from files (name to content) by libraries of some versions."""
    digest = hashlib.blake2b(" ".join(versions).encode(errors="surrogateescape"), digest_size=16)
    for name, content in sorted(files.items()):
        digest.update(f" {name} {len(content)} ".encode(errors="surrogateescape"))
        digest.update(content)
    return digest.hexdigest()


def remembered(
    kind: str, key: str, make: Callable[[], Any], most: int, worth: Callable[[], bool] = lambda: True
) -> Any:
    """Plain values (as JSON has them), read where they are kept, else made and kept.

    key    a hash of everything that they are made from
    most   files of the kind that are kept, the newest
    worth  asked when they were made: whether the key still holds
    """
    path = cache_folder() / f"{kind}-{key}.json"
    with suppress(OSError, ValueError):
        digest, _, content = path.read_bytes().partition(b"\n")
        if digest == _sha256(content):
            return json.loads(content)
    made = make()
    if not worth():
        return made
    content = json.dumps(made).encode()
    write_kept(path, lambda file: file.write(_sha256(content) + b"\n" + content), most)
    return made


def write_kept(path: Path, write: Callable[[BinaryIO], object], most: int) -> None:
    """Keep a file KIND-KEY.SUFFIX of the cache folder, or do without it; of its kind, all but the newest are removed.

    write  writes the content; others than this user cannot read it
    """
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as draft:
            draft.touch(mode=0o600)
            with draft.open("wb") as file:
                write(file)
        of_kind = path.parent.glob(f"{path.name.partition('-')[0]}-*")
        for old in sorted(of_kind, key=lambda one: one.stat().st_mtime_ns, reverse=True)[most:]:
            old.unlink(missing_ok=True)


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
