"""Task: verify an evidence pack: every byte by its manifest, and what it says by deriving it again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.zones import Zones
from pipeline.errors import InputError
from pipeline.formats.unpack import opened
from pipeline.pack import tables
from pipeline.pack.archive import MOST_BYTES, read_archive
from pipeline.pack.contents import PAGE, PDF, contents
from pipeline.pack.manifest import NAME, Manifest, changed_members, digest_of, read_manifest, sha256
from pipeline.pack.report import drawn_with
from pipeline.pack.selection import WHOLE, Raw, from_ranges, lines_of
from pipeline.pack.tables import Subject
from pipeline.tasks.home import Home, read_zones
from pipeline.tasks.pack import differing, read_lists
from pipeline.tasks.recompute import recompute, temporary_home, versions

if TYPE_CHECKING:
    from pipeline.settings import Settings

Progress = Callable[[str], None]
_FILE = ("member", "source_file_id", "name", "source", "sha256", "lines")
_PICTURE = re.compile(rb"data:image/svg\+xml;base64,[A-Za-z0-9+/=]*")
_MOST_ROWS = 50_000_000  # of a Parquet file, which a few bytes can say


@dataclass
class Verified:
    """What verifying a pack found.

    digest       of its manifest: to be compared with the one that was noted when it was written
    differences  what is not as it was, or not found again, a line each
    stated       figures that were not found again, as the pack itself says they would not be: its own word, no more
    notes        what else a reader should know
    """

    path: str
    digest: str
    kind: str
    name: str
    alerts: list[str]
    coalwatch: str
    raw_files: int
    whole_files: int
    in_lake: int
    differences: list[str] = field(default_factory=list)
    stated: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def as_stated(self) -> bool:
        """Whether everything is as the manifest has it: derived again, or said there not to be."""
        return not self.differences

    @property
    def equal(self) -> bool:
        """Whether everything is as the manifest has it, and every row was derived again."""
        return self.as_stated and not self.stated


def verify(settings: Settings, path: Path, *, digest: str | None, now: datetime, progress: Progress) -> Verified:
    """Verify a pack; nothing of it is trusted, and nothing is written but to a temporary folder.

    settings  its home's lake is asked for the raw files, where it has them
    digest    the one that was noted when the pack was written, to be compared; None: the reader compares it
    raises    InputError for what is no pack, or one that was made with other code, zones, limits, lists or law than
              those here: what it says cannot be derived again by these
    """
    members = read_archive(path)
    try:
        manifest = read_manifest(members)
        subject = Subject.from_dict(manifest["subject"])
        raw = _raw(manifest, members)
        found = Verified(
            str(path), digest_of(members), subject.kind, subject.name, list(subject.alert_ids),
            str(manifest["derived_with"].get("coalwatch")), len(raw),
            sum(one.file["lines"] == WHOLE for one in raw), 0, stated=[str(one) for one in manifest["not_recomputed"]],
        )  # fmt: skip
        found.differences += [*changed_members(members, manifest), *_unnamed(members, manifest)]
        if digest is not None and digest.strip().lower() != found.digest:
            found.differences.append(f"{NAME}: its digest is {found.digest}, and {digest.strip()} was noted")
        if found.differences:
            return found  # what was changed is said; deriving it again would say it once more
        _check_sizes(raw)
        _compare_with_home(settings, members, raw, found)
        _derive_again(manifest, members, subject, raw, found, now, progress)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    return found


def _unnamed(members: Mapping[str, bytes], manifest: Manifest) -> list[str]:
    """Members among raw files and lists that the manifest gives no account of: nothing is derived from these."""
    named = {one["member"] for one in manifest["raw"]}
    named |= {one.get("member") for one in manifest["lists"] if isinstance(one, dict)}
    return [
        f"{name}: no file that the manifest accounts for in raw or lists"
        for name in sorted(members)
        if name.startswith(("raw/", "lists/")) and name not in named
    ]


def _raw(manifest: Manifest, members: Mapping[str, bytes]) -> list[Raw]:
    """The raw files that the manifest names.

    raises  InputError where it cannot be read
    """
    raw = []
    for one in manifest["raw"]:
        if not isinstance(one, dict) or not all(isinstance(one.get(name), str) for name in _FILE):
            raise InputError(f"{NAME}: raw files cannot be read; it was changed: get the pack again")
        if not one["member"].startswith("raw/") or one["member"].count("/") != 1:
            raise InputError(f"{NAME}: {ascii(one['member'])[:80]} is no raw file of a pack; it was changed")
        if one["lines"] != WHOLE:
            from_ranges(one["lines"])
        file = {name: one.get(name) for name in ("base_date", "url", "fetched_at", "licence")} | one
        if not _is_file(file):
            raise InputError(
                f"{NAME}: what it says of {one['member']} cannot be read; it was changed: get the pack again"
            )
        raw.append(Raw(one["member"], members.get(one["member"], b""), file))
    return raw


def _is_file(file: Mapping[str, Any]) -> bool:
    """Whether a raw file can be landed as the manifest says: a format by its name (never a path), a day, a time."""
    try:
        if file["fetched_at"] is not None:
            datetime.fromisoformat(file["fetched_at"])
        if file["base_date"] is not None:
            date.fromisoformat(file["base_date"])
    except (TypeError, ValueError):
        return False
    texts = all(file[name] is None or isinstance(file[name], str) for name in ("url", "licence"))
    named = re.fullmatch(r"[a-z0-9][a-z0-9_-]*", file["source"]) and re.fullmatch(r"[0-9a-f]{64}", file["sha256"])
    return bool(texts and named and isinstance(file.get("synthetic"), bool))


def _check_sizes(raw: list[Raw]) -> None:
    """Refuse raw files that unpack to more than a pack may hold, before anything reads them as data."""
    import tempfile

    import pyarrow as pa
    import pyarrow.parquet as pq

    for one in raw:
        if one.content.startswith(b"PAR1"):
            try:
                rows = pq.read_metadata(pa.BufferReader(one.content)).num_rows
            except (pa.ArrowException, OSError) as error:
                raise InputError(f"{one.member}: no Parquet that can be read ({error})") from None
            if rows > _MOST_ROWS:
                raise InputError(f"{one.member}: says that it holds {rows:,} rows; expected at most {_MOST_ROWS:,}")
            continue
        with tempfile.NamedTemporaryFile(suffix=Path(one.member).suffix) as file:
            file.write(one.content)
            file.flush()
            held = 0
            with opened(Path(file.name)) as (stream, _):
                while block := stream.read(1 << 20):
                    held += len(block)
                    if held > MOST_BYTES:
                        raise InputError(f"{one.member}: unpacks to more than {MOST_BYTES:,} bytes; nothing was landed")


def _compare_with_home(settings: Settings, members: Mapping[str, bytes], raw: list[Raw], found: Verified) -> None:
    """Compare with what the home still has: raw files in its lake, by their SHA-256 and the very lines, and editions of
    lists, which make ships listed.

    Of a whole file the pack's own bytes must have the SHA-256 that the manifest gives.
    """
    for one in raw:
        if one.file["lines"] == WHOLE and sha256(one.content) != one.file["sha256"]:
            found.differences.append(f"{one.member}: not the file {one.file['name']} of SHA-256 {one.file['sha256']}")
    lake = Home(settings).lake
    for one in raw:
        with lake.raw_file(one.file["sha256"]) as kept:
            if kept is None:
                continue
            found.in_lake += 1
            if sha256(kept.read_bytes()) != one.file["sha256"]:
                found.notes.append(f"{kept}: damaged: not the bytes that landed; the pack's were taken")
            elif one.file["lines"] != WHOLE and lines_of(kept, one.file["lines"]) != one.content:
                found.differences.append(
                    f"{one.member}: not the lines {one.file['lines'][:60]} of {one.file['name']} in the lake"
                )
    for name, content in read_lists(settings).items():
        if name in members and members[name] != content:
            found.differences.append(f"{name}: not the edition of that name that this home keeps")


def _derive_again(
    manifest: Manifest,
    members: Mapping[str, bytes],
    subject: Subject,
    raw: list[Raw],
    found: Verified,
    now: datetime,
    progress: Progress,
) -> None:
    lists = {name: content for name, content in members.items() if name.startswith("lists/")}
    stated = _read(members, "stated", manifest["stated"])
    packed = _read(members, "tables", manifest["recomputed"])
    with temporary_home(lists) as apart:
        _refuse_other_versions(manifest, versions(apart))
        progress("deriving it again from its raw lines")
        again = recompute(apart, raw, subject, stated["review"], now=now, progress=progress)
    expected = {name: content for name, content in members.items() if name.startswith("tables/")}
    lines = differing(expected, tables.members_of(again, "tables"))
    found.differences += [line for line in lines if line not in found.stated]
    found.differences += [
        f"{line} (the pack says so, and it was found equal)" for line in found.stated if line not in lines
    ]
    if found.differences:
        return
    progress("drawing the report again")
    _redraw(manifest, members, subject, packed, stated, read_zones(), found)


def _redraw(
    manifest: Manifest,
    members: Mapping[str, bytes],
    subject: Subject,
    packed: tables.Tables,
    stated: tables.Tables,
    zones: Zones,
    found: Verified,
) -> None:
    """Draw report, pictures and track again from the tables: they must say what these say."""
    try:
        here = drawn_with()
    except InputError as error:
        found.notes.append(
            f"report and pictures were not drawn again ({error}): whether they say what the tables say was not seen"
        )
        return
    try:
        drawn = contents(subject, packed, stated, zones, manifest)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        words = " ".join(str(error).split())[:100]
        found.differences.append(
            f"report.html: cannot be drawn from these tables ({words}): stated/ or the manifest was changed"
        )
        return
    kept = {name for name in members if name != NAME and not name.startswith(("raw/", "lists/"))}
    other = [name for name in sorted({*drawn, *kept}) if drawn.get(name) != members.get(name)]
    excused = [name for name in other if name in drawn and name in members and (
        name == PDF or (here != manifest["drawn_with"] and _may_differ(name, drawn[name], members[name]))
    )]  # fmt: skip
    found.differences += [
        f"{name}: not what its tables give when it is drawn again" for name in other if name not in excused
    ]
    if excused and not found.differences:
        made = ", ".join(f"{name} {version}" for name, version in sorted(manifest["drawn_with"].items()))
        found.notes.append(
            f"{', '.join(excused)}: other bytes when drawn here, as other fonts or versions make (the pack says: "
            f"{made}) and as a change would: do not rest on them; the words of report.html are those of the tables"
        )


def _may_differ(name: str, drawn: bytes, kept: bytes) -> bool:
    """Whether other versions of what draws may have made the difference: in pictures, but not in the page's words."""
    if name.endswith(".svg"):
        return True
    return name == PAGE and _PICTURE.sub(b"", drawn) == _PICTURE.sub(b"", kept)


def _read(members: Mapping[str, bytes], folder: str, names: list[Any]) -> tables.Tables:
    found: tables.Tables = {}
    for name in names:
        if name not in tables.KNOWN:
            raise InputError(f"{NAME}: {ascii(name)[:60]} is no table of a pack; it was changed: get the pack again")
        if f"{folder}/{name}.csv" not in members:
            raise InputError(f"{folder}/{ascii(name)[:60]}.csv is missing; the manifest names it: it was changed")
        found[name] = tables.from_csv(members[f"{folder}/{name}.csv"])
    if folder == "stated" and "review" not in found:
        raise InputError("stated/review.csv is missing; it was changed: get the pack again")
    return found


def _refuse_other_versions(manifest: Manifest, here: Mapping[str, str]) -> None:
    made = manifest["derived_with"]
    other = [name for name in sorted({*made, *here}) if made.get(name) != here.get(name)]
    if other:
        first = other[0]
        raise InputError(
            f"it was made by coalwatch {made.get('coalwatch')} with other {', '.join(other)} than those here ({first}: "
            f"{made.get(first)}, here {here.get(first)}), so a difference would say nothing; its bytes are as its "
            "manifest has them; verify it with the version, the extensions and the knowledge files that made it"
        )
