"""The zip of a pack: the same members give the same bytes on every machine, and a hostile one is refused unread.

Members are stored, not compressed: what a packing library makes of the same content differs from one to the next, and
a member that unpacks to more than it takes up cannot occur. Names are sorted, dates fixed, nothing else is in the file,
so that it can be written again from its members and compared byte for byte.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import InputError

MOST_BYTES = 512 << 20  # of a pack: it is held in memory some times over while it is written and verified
MOST_MEMBERS = 20_000
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_DATE = (1980, 1, 1, 0, 0, 0)


def archive(members: Mapping[str, bytes]) -> bytes:
    """The zip of members, by name."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system, info.external_attr = 3, 0o644 << 16
            target.writestr(info, members[name])
    return written.getvalue()


def read_archive(path: Path) -> dict[str, bytes]:
    """The members of a pack.

    raises  InputError for what is no zip, or not one as `archive` writes them: a name that leads out of a folder, a
            member that is compressed, linked, named twice or damaged, more than a pack may hold, or any other byte that
            is not as it would be written
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InputError(f"{path}: {size:,} bytes; expected a pack of at most {MOST_BYTES:,}")
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; expected a pack that `coalwatch pack` wrote") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder; expected a pack that `coalwatch pack` wrote") from None
    members: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            for info in _checked(path, source):
                members[info.filename] = source.read(info)
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError, OSError) as error:
        raise InputError(
            f"{path}: no zip as `coalwatch pack` writes them ({error}); it was changed or cut: get it again"
        ) from None
    _refuse_other_bytes(path, content, archive(members))
    return members


def _checked(path: Path, source: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    infos = source.infolist()
    if len(infos) > MOST_MEMBERS:
        raise InputError(f"{path}: {len(infos):,} members; expected at most {MOST_MEMBERS:,}")
    seen: set[str] = set()
    for info in infos:
        shown = ascii(info.filename)[:100]
        if not _NAME.fullmatch(info.filename):
            raise InputError(
                f"{path}: a member is named {shown}; expected a plain name inside the pack; nothing was read"
            )
        if info.filename in seen:
            raise InputError(f"{path}: two members are named {shown}; expected one; nothing was read")
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise InputError(f"{path}: member {shown} is compressed; expected one that is stored; nothing was read")
        if (info.external_attr >> 16) & 0o170000 not in (0, 0o100000):
            raise InputError(f"{path}: member {shown} is a link or a device; expected a file; nothing was read")
        seen.add(info.filename)
    if sum(info.file_size for info in infos) > MOST_BYTES:
        raise InputError(f"{path}: its members say that they hold more than {MOST_BYTES:,} bytes; nothing was read")
    return infos


def _refuse_other_bytes(path: Path, found: bytes, expected: bytes) -> None:
    if found == expected:
        return
    at = next(
        (n for n, (a, b) in enumerate(zip(found, expected, strict=False)) if a != b), min(len(found), len(expected))
    )
    raise InputError(
        f"{path}: byte {at:,} of the zip is not as `coalwatch pack` writes it, though each member can be read: it was "
        "changed or packed again; get it again"
    )
