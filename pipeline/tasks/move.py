"""Task: the lake of a home from its folder into a bucket, or back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pipeline.lake.bucket import Bucket
from pipeline.lake.disk import disk_failures
from pipeline.lake.lake import Lake
from pipeline.plain import Record
from pipeline.tasks.home import Home, see_home

if TYPE_CHECKING:
    from pipeline.settings import Settings

HOME = "home"  # as a target: the home's folder
_REMEDY = "the lake lies where it did: free some space and run the same command again to go on"


def move(settings: Settings, target: str, *, dry_run: bool, progress: Callable[[str], None]) -> Record:
    """Move raw files, positions and vessel reports; no row of the warehouse changes. What an attempt that was stopped
    has copied is not copied again.

    target   s3://BUCKET/FOLDER, or HOME
    returns  `from`, `to`, `parts`, `raw_files` and `bytes` (copied now), `before` (files copied by an earlier attempt)
    raises   InputError for an address of another form, a folder that another home's lake lies in, a lake in another
             bucket, a file that is gone or damaged; SourceUnavailable if the disk is full or the server does not answer
    """
    from pipeline.lake.moving import count, to_bucket, to_home

    see_home(settings.home)
    lake = Lake(settings.home)
    folder = str(lake.root)
    to = folder if target == HOME else Bucket(target).url
    came = lake.bucket.url if lake.bucket else folder
    if dry_run:
        into = None if target == HOME else Bucket(to)
        moved = (
            count(lake, into)._asdict() if came != to else dict.fromkeys(("parts", "raw_files", "bytes", "before"), 0)
        )
        return {"from": came, "to": to, **moved, "dry_run": True}
    with disk_failures(settings.home, _REMEDY), Home(settings).writing(progress):
        moved = (to_home(lake, progress) if target == HOME else to_bucket(lake, to, progress))._asdict()
    lake.close()
    return {"from": came, "to": to, **moved, "dry_run": False}
