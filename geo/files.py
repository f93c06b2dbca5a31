"""Files that appear whole or not at all. On the lowest floor, because zones are kept in files as everything else is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

DRAFT = ".part"  # the end of every draft's name: what collects files leaves these alone


@contextmanager
def atomic_write(target: Path, *, durable: bool = False) -> Iterator[Path]:
    """Give a path beside `target` to write to; it takes the target's name at the end, and is removed on any error.

    Whoever reads `target` meanwhile finds the old content or none. Two processes that write one target do not meet in a
    draft: the later one's file stays.

    durable  the content is on the disk before the name is: for what cannot be made again after a power cut
    raises   OSError; the target is then what it was
    """
    draft = target.with_name(f".{target.name[:200]}.{os.getpid()}{DRAFT}")
    try:
        yield draft
        if durable:
            settle(draft, target)
        else:
            draft.replace(target)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename == str(draft):
            error.filename = str(target)  # what a person knows it by
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def write_whole(target: Path, content: bytes | str, *, durable: bool = False) -> None:
    """Write a small file, as `atomic_write`; text is UTF-8, its line ends as they are."""
    with atomic_write(target, durable=durable) as draft:
        draft.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def settle(draft: Path, target: Path) -> None:
    """Give a draft, its bytes on the disk, the name `target`, in place of what may lie there."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(target)
