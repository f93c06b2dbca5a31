"""Task: what the warehouse says of alerts, ships, events, tracks, zones and claims, as a file that people open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from geo.files import atomic_write
from pipeline.errors import InputError
from pipeline.export.about import COAST, About
from pipeline.export.contents import Contents
from pipeline.export.formats import Format, format_of, subjects_of
from pipeline.plain import Record
from pipeline.tasks.export_rows import Reading, Selection
from pipeline.tasks.warehouse_stamp import ask_filled
from pipeline.warehouse import exported

if TYPE_CHECKING:
    from pipeline.settings import Settings

__all__ = ["Selection", "export"]


def export(
    settings: Settings,
    what: tuple[str, ...],
    output: Path,
    wanted: Selection,
    *,
    form: str | None = None,
) -> Record:
    """Write subjects to a file, with what lies beside it; it appears whole, in place of what was there, or not at all.

    what     of SUBJECTS; none: all that the format holds
    form     of FORMAT_NAMES; None: what the file's name ends in
    returns  `format`, `files` (paths), `rows` (by subject), `about`
    raises   InputError for what does not suit, an unknown ship, alert, pattern or claim, and a home without results;
             OSError if it cannot be written
    """
    chosen = format_of(form, output)
    subjects = subjects_of(chosen, what)
    if wanted.first and wanted.last and wanted.last < wanted.first:
        raise InputError(f"--to {wanted.last} lies before --from {wanted.first}; expected the same day or a later one")
    files = [output, *chosen.companions(output)]
    _see_free(settings, files)
    with ExitStack() as drafts:
        places = [drafts.enter_context(atomic_write(file)) for file in files]
        for place in places:
            place.touch()  # a path that cannot be written is reported before minutes of work
        contents = _contents(settings, subjects, chosen, wanted)
        with _named(output):
            chosen.write(contents, places[0])
            beside = chosen.beside(contents, output)
            for file, place in zip(files[1:], places[1:], strict=True):
                place.write_bytes(beside[file])
    about = contents.about
    return {
        "format": chosen.name,
        "files": [str(file) for file in files],
        "rows": dict(about.rows),
        "about": about.record(),
    }


def _see_free(settings: Settings, files: list[Path]) -> None:
    """raises  InputError for a folder, and for what a home cannot be without"""
    settings.refuse_own(*files)
    for file in files:
        if file.is_dir():
            raise InputError(f"{file} is a folder; expected the name of a file")


@contextmanager
def _named(output: Path) -> Iterator[None]:
    """A full disk names no file of its own accord."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(output)
        raise


def _contents(settings: Settings, subjects: tuple[str, ...], form: Format, wanted: Selection) -> Contents:
    if subjects == ("zones",):
        from pipeline.export.zones import zone_layer
        from pipeline.tasks.home import read_zones

        zones = zone_layer(read_zones())
        return Contents(About(rows={"zones": len(zones.rows)}, licences=(COAST,)), (zones,), {})
    with ask_filled(settings) as warehouse:
        exported.see_results(warehouse, f"home {settings.home}")
        hulls, unheard = _hulls(settings, wanted)
        return Reading(settings, warehouse, wanted, hulls).contents(subjects, form, unheard)


def _hulls(settings: Settings, wanted: Selection) -> tuple[set[str] | None, list[str]]:
    """vessel_id of the ships that are meant (None: all), and what to say of ships that are listed and were not heard.

    raises  InputError for a ship that nobody knows
    """
    if not wanted.ship:
        return None, []
    from pipeline.tasks.vessel import vessel_report

    hulls, unheard = set[str](), list[str]()
    for key in wanted.ship:
        heard = {ship["vessel"]["vessel_id"] for ship in vessel_report(settings, key) if ship["vessel"]}
        hulls |= heard
        unheard += [] if heard else [f"{key}, which is listed and was not heard: coalwatch vessel {key}"]
    return hulls, unheard
