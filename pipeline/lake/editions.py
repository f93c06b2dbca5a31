"""Editions of sanctions lists that a home keeps: the bytes as published, and beside them what was read from them.

    <home>/lists/<watchlist_id>/<published_on>_<first 12 digits of the SHA-256>.<csv|xml|html|zip>.gz
    <home>/lists/<watchlist_id>/<published_on>_<the same>.edition.json

The second file makes the edition count; it is written when the first one lies there.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.files import write_whole
from pipeline.contracts import LISTED
from pipeline.errors import InputError, NotReady

if TYPE_CHECKING:
    from pandas import DataFrame

_SUFFIX = ".edition.json"
_KEPT_SUFFIXES = (".csv", ".xml", ".html", ".zip")
_SHOWN_DIGITS = 12


@dataclass(frozen=True)
class Kept:
    """What a home knows of one edition besides the ships: how it came, and what was left out of it."""

    watchlist_id: str
    published_on: str
    form: str
    sha256: str
    file: str
    bytes: int
    name: str
    left_out: dict[str, int]
    url: str | None = None
    fetched_at: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    listed: list[dict[str, Any]] = field(default_factory=list, repr=False)

    def frame(self) -> DataFrame:
        """LISTED.

        raises  InputError where what was read from the list is not of that form any more
        """
        from pandas import DataFrame

        try:
            return LISTED.conform(DataFrame(self.listed, columns=LISTED.names))
        except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
            why = " ".join(str(error).split())
            raise InputError(
                f"list {self.watchlist_id}, edition {self.published_on}: its ships cannot be read ({why}); remove its "
                f"{_SUFFIX} and import its list again"
            ) from None


def lists_folder(home: Path) -> Path:
    """Where a home keeps its editions."""
    return home / "lists"


def read_kept(home: Path) -> list[Kept]:
    """Every edition of a home, in order of list and day; none where there is no home.

    raises  NotReady for a file that cannot be read as one, or whose form is that of another list
    """
    from pipeline.formats.lists.registry import FORMS

    lists = {form.name: form.watchlist_id for form in FORMS}
    kept = []
    for path in sorted(lists_folder(home).glob(f"*/*{_SUFFIX}")):
        try:
            one = Kept(**json.loads(path.read_text(encoding="utf-8")))
            _see_form(one)
        except (OSError, ValueError, TypeError) as error:
            why = " ".join(str(error).split())
            raise NotReady(f"{path}: no edition ({why}); remove it and import its list again") from None
        if lists.get(one.form, one.watchlist_id) != one.watchlist_id:  # from the time when it was taken for one
            raise NotReady(
                f"{path}: a file of {lists[one.form]} is no edition of {one.watchlist_id}; remove it and "
                f"{one.file}, and import that file again"
            )
        kept.append(one)
    return kept


def _see_form(one: Kept) -> None:
    """raises  ValueError or TypeError for an edition whose fields are not of the kinds that `keep` writes"""
    texts = (one.watchlist_id, one.published_on, one.form, one.sha256, one.file, one.name)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("expected text in watchlist_id, published_on, form, sha256, file and name")
    if not isinstance(one.left_out, dict) or not all(type(number) is int for number in one.left_out.values()):
        raise TypeError("expected counts in left_out")
    date.fromisoformat(one.published_on)


def digest(data: bytes) -> str:
    """SHA-256 of a published file."""
    return hashlib.sha256(data).hexdigest()


def place_of(published_on: str, sha256: str, name: str) -> str:
    """File name of an edition's bytes, from the name they came under."""
    suffix = Path(name).suffix.lower()
    return f"{published_on}_{sha256[:_SHOWN_DIGITS]}{suffix if suffix in _KEPT_SUFFIXES else '.csv'}.gz"


def keep(home: Path, kept: Kept, data: bytes) -> Path:
    """Write an edition: its bytes, then what was read from them; each appears whole or not at all.

    returns  where the bytes lie
    """
    folder = lists_folder(home) / kept.watchlist_id
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / kept.file
    write_whole(target, gzip.compress(data, mtime=0), durable=True)
    note = json.dumps(kept.__dict__, ensure_ascii=False, indent=1) + "\n"
    write_whole(folder / f"{kept.published_on}_{kept.sha256[:_SHOWN_DIGITS]}{_SUFFIX}", note, durable=True)
    return target
