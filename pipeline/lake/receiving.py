"""A file received ahead of its turn to land: its raw bytes kept, its parts written, and nothing of it visible yet.

Several are received at once, each by whatever worker an engine gives it to; they land one after another.
"""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from pipeline.formats.record import Head
from pipeline.formats.registry import find_source
from pipeline.formats.unpack import read_head
from pipeline.lake.bucket import Place
from pipeline.lake.contents import Desk
from pipeline.lake.disk import disk_failures
from pipeline.lake.handed_in import at_hand
from pipeline.lake.parts import Counts, Part
from pipeline.lake.raw import RawFile, keep_raw

NOT_LANDED = "nothing of the file was landed: free some space (or check permissions) and try again"


class Received(NamedTuple):
    """A file's raw bytes, their beginning, and what its rows came to; the last None for a file that landed before,
    which is read again only where the lake lacks something of it."""

    raw: RawFile
    head: Head
    read: tuple[Counts, list[Part]] | None


@dataclass(frozen=True)
class Receiving:
    """How files are received, wherever that is.

    home       the installation's folder
    raw        folder of raw bytes
    folder     for parts, until they are moved into place
    source     as `pipeline.lake.landing.land` takes it, and so are `now` and `base_date`
    landed     source_file_id of every file that has landed
    """

    home: Path
    raw: Path
    folder: Path
    source: str
    now: datetime
    base_date: str | None
    landed: frozenset[str]

    def receive(self, file: Place) -> Received:
        """Keep a file's raw bytes and read it into parts.

        raises  InputError, SourceUnavailable as `pipeline.lake.landing.land`
        """
        staging = self.folder / f"file-{uuid.uuid4().hex}"
        staging.mkdir(parents=True)
        with (
            disk_failures(self.home, NOT_LANDED),
            at_hand(file, staging) as path,
            Desk() as desk,
            ThreadPoolExecutor(1) as pool,
        ):
            raw = pool.submit(keep_raw, self.raw, staging, path).result()
            head = read_head(path)
            if raw.sha256[:16] in self.landed:
                return Received(raw, head, None)
            source = find_source(self.source, head)
            kept = pool.submit(lambda: raw)
            read = desk.read(raw.content, head, source, kept, staging, now=self.now, base_date=self.base_date)
            return Received(raw, head, read)
