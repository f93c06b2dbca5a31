"""Task: positions out of the lake, of ships, days and waters, to a file of any size."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from geo.files import atomic_write
from pipeline.errors import InputError
from pipeline.imo import read_imo, told_why
from pipeline.lake.bucket import Bucket
from pipeline.lake.disk import disk_failures
from pipeline.lake.extract import Chosen, Span, extract
from pipeline.lake.inventory import CATALOG
from pipeline.lake.lake import Lake
from pipeline.lake.positions_file import FORMS, PositionsFile, form_of
from pipeline.lake.pruned import pruned_days
from pipeline.lake.published import read_published
from pipeline.plain import Record
from pipeline.state.glance import glance
from pipeline.tasks.sign_off import UNNAMED, withheld
from pipeline.tasks.warehouse_stamp import ask_filled
from pipeline.warehouse.ships import tracks_of_imo

if TYPE_CHECKING:
    import pyarrow as pa

    from pipeline.lake.extract import Box
    from pipeline.publish.withheld import Withheld
    from pipeline.settings import Settings


@dataclass(frozen=True)
class Asked:
    """Which positions are asked for, as it was typed; everything given must hold, and of several ships any.

    mmsis, imos   MMSIs, IMO numbers (however written) of ships
    zone          zone_id: positions in it, and in the zones that lie in it
    box           W,S,E,N in degrees
    first, last   UTC days
    """

    mmsis: tuple[str, ...] = ()
    imos: tuple[str, ...] = ()
    zone: str | None = None
    box: str | None = None
    first: datetime | None = None
    last: datetime | None = None

    def in_words(self) -> str:
        """The options that ask for the same."""
        pieces = [f"--mmsi {one}" for one in self.mmsis] + [f"--imo {read_imo(one) or one}" for one in self.imos]
        pieces += [f"--zone {self.zone}"] * (self.zone is not None) + [f"--box {self.box}"] * (self.box is not None)
        pieces += [f"--{name} {day:%Y-%m-%d}" for name, day in (("from", self.first), ("to", self.last)) if day]
        return " ".join(pieces)


def write_positions(
    settings: Settings,
    asked: Asked,
    output: Path | None,
    form: str | None,
    *,
    dry_run: bool,
    progress: Callable[[str], None],
) -> Record:
    """Write the positions asked for to a file, which appears whole or not at all. Ships that must not be named outside
    (`sign_off.withheld`) have a number in it instead of their MMSI.

    output   the file; None only of a dry run
    form     of FORMS; None: as the ending of the file names it
    returns  `rows` written (of a dry run None), `read`: days, files and rows that are (or would be) read for it, with
             `from_day` and `to_day`; `terms` (source, licence) of those files, `synthetic`, `notes` on what the answer
             does not hold
    raises   InputError for a number, zone, box or day that cannot be read, a ship or day that is not there, a file
             without a form; SourceUnavailable if the disk is full
    """
    wanted = _form(output, form, dry_run=dry_run)
    settings.refuse_own(output)
    with closing(_lake(settings, asked)) as lake:
        days, notes = _days(settings, lake, asked), list[str]()
        chosen = _in_zone(Chosen(_ships(settings, asked, notes), _boxes(asked.box)), asked.zone)
        if gone := [day for day in pruned_days(lake.connect()) if days[0] <= day <= days[-1]]:
            left = "of their positions only those of ships near others, and of ships of alerts, are left"
            notes.append(f"{len(gone)} of these days were pruned ({gone[0]} to {gone[-1]}): {left}")
        report: Record = {"rows": None, "read": _read(lake, days), **_bound(lake, days), "notes": notes}
        if not dry_run and output is not None:
            hidden = withheld(settings)
            told = {name: hidden.hide(value) for name, value in _told(asked, report).items()}
            report["rows"] = _write(lake, days, chosen, output, wanted, told, hidden, progress)
            if hidden:
                notes.append(f"{UNNAMED}: a number stands instead of their MMSI")
    return report


def _lake(settings: Settings, asked: Asked) -> Lake:
    """The lake of the home; where there is no home, what the bucket of the settings shows of these days to anybody."""
    lake = Lake(settings.home)
    if settings.lake_url and not (settings.home / CATALOG).is_file():
        days = [day.date().isoformat() if day else None for day in (asked.first, asked.last)]
        read_published(Bucket(settings.lake_url), lake.catalog, *days)
    return lake


def _write(
    lake: Lake,
    days: Sequence[str],
    chosen: Chosen,
    output: Path,
    form: str,
    told: dict[str, str],
    hidden: Withheld,
    progress: Callable[[str], None],
) -> int:
    with atomic_write(output) as draft:
        draft.touch()  # a path that cannot be written is reported first, in the system's words
        with (
            disk_failures(output.parent, "nothing was written: free some space and run the same command again"),
            TemporaryDirectory(prefix=f".{output.name[:100]}.", suffix=".part", dir=output.parent) as spill,
            PositionsFile(draft, form, told) as file,
        ):
            nth, before = 0, ""
            for day, rows in extract(lake, days, chosen, Path(spill)):
                nth, before = nth + (day != before), day
                file.add(_unnamed(rows, hidden) if hidden else rows)
                progress(f"positions: {day} ({nth} of {len(days)} days, {file.rows:,} rows)")
        return file.rows


def _unnamed(rows: pa.Table, hidden: Withheld) -> pa.Table:
    """Rows of `extract.schema` in which the MMSIs of withheld ships are their numbers."""
    import pyarrow as pa

    coded = rows.column("mmsi").combine_chunks().dictionary_encode()
    numbers = [hidden.numbers.get(one.lstrip("0")) for one in coded.dictionary.to_pylist()]
    words = [
        one if number is None else f"ship {number}"
        for one, number in zip(coded.dictionary.to_pylist(), numbers, strict=True)
    ]
    shown = pa.DictionaryArray.from_arrays(coded.indices, pa.array(words, pa.string())).cast(pa.string())
    return rows.set_column(rows.schema.get_field_index("mmsi"), rows.schema.field("mmsi"), shown)


def _told(asked: Asked, report: Record) -> dict[str, str]:
    """Key-values that a Parquet file carries."""
    return {
        "asked": asked.in_words(),
        "from_day": report["read"]["from_day"] or "",
        "to_day": report["read"]["to_day"] or "",
        "synthetic": str(report["synthetic"]).lower(),
        "terms": "; ".join(f"{one['source']}: {one['licence']}" for one in report["terms"]),
        "note": "positions as AIS reported them; that none is here does not say that no ship was",
    }


# ------------------------------------------------------------------------------------------- what was asked


def _form(output: Path | None, form: str | None, *, dry_run: bool) -> str:
    found = form or (form_of(output) if output else None)
    if output is None and not dry_run:
        raise InputError("no --output; expected a file like --output positions.parquet (or --dry-run)")
    if output is not None and found is None:
        endings = ", ".join(f".{one}" for one in FORMS)
        raise InputError(f"--output {output}: expected a name that ends in {endings}, or --format with it")
    return found or FORMS[0]


def _days(settings: Settings, lake: Lake, asked: Asked) -> list[str]:
    if asked.first and asked.last and asked.last < asked.first:
        raise InputError(
            f"--to {asked.last:%Y-%m-%d} is before --from {asked.first:%Y-%m-%d}; expected the first day first"
        )
    landed = sorted(lake.fixes_by_day())
    if not landed:
        raise InputError(f"{settings.home}: no positions have landed; `coalwatch ingest auto FILE…` lands some")
    first = asked.first.date().isoformat() if asked.first else landed[0]
    last = asked.last.date().isoformat() if asked.last else landed[-1]
    days = [day for day in landed if first <= day <= last]
    if not days:
        raise InputError(f"no positions from {first} to {last}; expected days from {landed[0]} to {landed[-1]}")
    return days


def _ships(settings: Settings, asked: Asked, notes: list[str]) -> tuple[Span, ...] | None:
    """Who is asked for: MMSIs for all time, and the hulls of IMO numbers on each MMSI while it was theirs."""
    if not asked.mmsis and not asked.imos:
        return None
    spans = [Span(_mmsi(text)) for text in asked.mmsis]
    for imo in map(_imo, asked.imos):
        spans += _tracks(settings, imo, notes)
    lake = glance(settings.home)
    if asked.imos and lake and lake.waiting_days:
        waiting = f"{lake.waiting_days} landed days are not derived yet"
        notes.append(f"{waiting}: on them no ship is known by her IMO number (`coalwatch run`)")
    return tuple(spans)


def _tracks(settings: Settings, imo: int, notes: list[str]) -> list[Span]:
    with ask_filled(settings) as warehouse:
        tracks = tracks_of_imo(warehouse, imo)
    if not tracks:
        raise InputError(
            f"no ship heard here has IMO number {imo}; `coalwatch vessel {imo}` says what is known of it; "
            "expected a ship that was heard, or her --mmsi"
        )
    for mmsi in sorted({track["mmsi"] for track in tracks if track["shared"]}):
        notes.append(f"MMSI {mmsi} was sent by another ship too while IMO {imo} sent it: both are here")
    return [
        Span(track["mmsi"], *(datetime.fromisoformat(track[end]) for end in ("from_at", "to_at"))) for track in tracks
    ]


def _mmsi(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text)):
        raise InputError(f'--mmsi "{text}": expected an MMSI, 9 digits like 351990002')
    return int(text)


def _imo(text: str) -> int:
    number = read_imo(text)
    if number is None:
        raise InputError(f'--imo "{text}": expected an IMO number, 7 digits like 8628597')
    if why := told_why([number]):
        raise InputError(f"--imo {text}: no ship's IMO number ({why})")
    return number


def _boxes(text: str | None) -> tuple[Box, ...]:
    if text is None:
        return ()
    wrong = InputError(f'--box "{text}": expected west,south,east,north in degrees, like 124,38,126,39.5')
    try:
        west, south, east, north = (float(piece) for piece in text.split(","))
    except ValueError:
        raise wrong from None
    if not all(map(math.isfinite, (west, south, east, north))):
        raise wrong
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise wrong
    return ((west, south, east, north),)


def _in_zone(chosen: Chosen, zone_id: str | None) -> Chosen:
    """Narrowed to a zone with all that lies in it; its margin is a zone of its own."""
    if zone_id is None:
        return chosen
    import numpy as np

    from pipeline.tasks.home import read_zones

    zones = read_zones()
    if zone_id not in zones.ids:
        near = difflib.get_close_matches(zone_id, zones.ids, n=3, cutoff=0.5)
        near += [one for one in zones.ids if zone_id.lower() in one and one not in near and "~" not in one][:3]
        hint = f"did you mean {' or '.join(near[:3])}?" if near else "`coalwatch zones --map zones.html` shows them"
        raise InputError(f'no zone "{zone_id}"; {hint}')
    code = zones.ids.index(zone_id)
    inside = np.array([code == one or code in zones.ancestors(one) for one in range(len(zones.ids))] + [False])

    def within(longitude: Any, latitude: Any) -> Any:
        return inside[zones.locate(longitude, latitude)]  # -1, in none, is the last one

    west, south, east, north = zones.outlines[code].bounds
    return Chosen(chosen.ships, (*chosen.boxes, (west, south, east, north)), within)


# --------------------------------------------------------------------------------------- what it rests on


def _read(lake: Lake, days: Sequence[str]) -> Record:
    files, rows = lake.connect().execute(
        "select count(*), coalesce(sum(coalesce(kept, rows)), 0) from part left join pruned_part using (path)"
        " where kind = 'positions' and day between ? and ?",
        (days[0], days[-1]),
    ).fetchone()  # fmt: skip
    return {"days": len(days), "files": files, "rows": rows, "from_day": days[0], "to_day": days[-1]}


def _bound(lake: Lake, days: Sequence[str]) -> Record:
    """Terms of the files of days, and whether they are generated."""
    rows = lake.connect().execute(
        "select distinct source, licence from source_file join part using (source_file_id)"
        " where kind = 'positions' and day between ? and ? order by source, licence",
        (days[0], days[-1]),
    )  # fmt: skip
    terms: list[dict[str, Any]] = [{"source": source, "licence": licence} for source, licence in rows if licence]
    return {"terms": terms, "synthetic": bool(lake.is_synthetic())}
