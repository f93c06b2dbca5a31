"""Task: derive the tables of a pack again from its raw lines, in a temporary home, by the path of every landing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.anchorages import hash_of_anchorages
from geo.water import hash_of_water
from pipeline.errors import InputError, SourceUnavailable
from pipeline.judgement.flags import hash_of_flags
from pipeline.lake.editions import lists_folder
from pipeline.origin import write_origin
from pipeline.pack.report import reports_version
from pipeline.pack.selection import Raw
from pipeline.pack.tables import Subject, Tables, read_recomputed
from pipeline.plain import Record
from pipeline.tasks import land, run
from pipeline.tasks.home import Home, read_knowledge
from pipeline.tasks.plan import rules
from pipeline.version import VERSION
from pipeline.warehouse.review import add_review
from pipeline.warehouse.store import open_for_reading, open_warehouse

if TYPE_CHECKING:
    from pipeline.settings import Settings

Progress = Callable[[str], None]


def versions(settings: Settings) -> dict[str, str]:
    """Versions of what derives, judges and reports in a home: the code, and hashes of zones, limits, rules, law, lists
    and what draws reports."""
    home, knowledge = Home(settings), read_knowledge(settings)
    return {
        "coalwatch": VERSION,
        "zones": home.zones.hash,
        "limits": home.limits.hash,
        "anchorages": hash_of_anchorages(),
        "flags": hash_of_flags(),
        "water": hash_of_water(),
        "measures": knowledge.measures.hash,
        "articles": knowledge.articles.hash,
        "patterns": knowledge.patterns.hash,
        "evidence weights": knowledge.weights.hash,
        "observations": knowledge.observations.hash,
        "reports": reports_version(),
        **{f"rules of {name}": value for name, value in rules(home, knowledge).items()},
    }


@contextmanager
def temporary_home(lists: Mapping[str, bytes]) -> Iterator[Settings]:
    """A home of its own, with editions of lists and nothing else; removed at the end.

    lists  member of a pack, like lists/uk-dprk/2024-01-01_0123.csv.gz, to its bytes
    """
    from pipeline.settings import Settings

    try:
        with tempfile.TemporaryDirectory(prefix="coalwatch-pack-") as folder:
            settings = Settings(Path(folder) / "home", "", {}, "embedded", lake_url="")
            for name, content in lists.items():
                path = lists_folder(settings.home) / Path(name).relative_to("lists")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            yield settings
    except OSError as error:
        if error.filename and not str(error.filename).startswith(tempfile.gettempdir()):
            raise
        raise SourceUnavailable(
            f"{tempfile.gettempdir()}: {error.strerror or error}; deriving a pack again needs room there (or in TMPDIR)"
        ) from None


def recompute(
    settings: Settings,
    raw: Sequence[Raw],
    subject: Subject,
    reviews: Sequence[Record],
    *,
    now: datetime,
    progress: Progress,
) -> Tables:
    """The recomputed tables of a subject, from raw lines landed in a temporary home.

    reviews  of the subject's alerts: a claim's verdict leaves out what a reviewer dismissed
    now      wall clock, for lifecycle columns only
    raises   InputError where the lines cannot be landed
    """
    folder = settings.home.parent / "raw"
    folder.mkdir()
    groups: dict[tuple[Any, ...], list[Path]] = {}
    for one in raw:  # in order of landing
        path = folder / Path(one.member).name
        path.write_bytes(one.content)
        if one.file["url"] and one.file["fetched_at"]:  # of providers' words the last fetched counts
            write_origin(path, one.file["url"], datetime.fromisoformat(one.file["fetched_at"]))
        how = (one.file["source"], one.file["base_date"], bool(one.file["synthetic"]))
        groups.setdefault(how, []).append(path)
    for (source, base_date, synthetic), paths in groups.items():
        land.ingest(settings, paths, source, now=now, progress=progress, base_date=base_date, synthetic=synthetic)
    run.run(settings, now=now, progress=progress)
    if subject.claim_id and reviews:
        _review(settings, reviews)
        run.run(settings, now=now, progress=progress)
    with open_for_reading(settings.database_url) as warehouse:
        return read_recomputed(warehouse, subject)


def _review(settings: Settings, reviews: Sequence[Record]) -> None:
    """Record reviews of the alerts that were found again."""
    with open_warehouse(settings.database_url) as warehouse:
        found = {row["alert_id"] for row in warehouse.rows("select alert_id from alert")}
        for one in reviews:
            if one["alert_id"] in found:
                try:
                    moment = datetime.fromisoformat(one["decided_at"])
                    add_review(warehouse, one["alert_id"], one["reviewer"], one["decision"], one["note"], moment)
                except (InputError, KeyError, TypeError, ValueError, AttributeError) as error:
                    raise InputError(f"stated/review.csv: {error}") from None
