"""Task: what a person read off imagery, into the home. Claims hear of it at once; the next run shows it in the
warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.contracts import READING
from pipeline.errors import InputError
from pipeline.formats.imagery import ReadRow, read_readings
from pipeline.ids import deterministic_id
from pipeline.lake.disk import one_writer
from pipeline.lake.readings import keep_readings, read_readings_kept
from pipeline.plain import Record
from pipeline.tasks.home import Home, read_zones

if TYPE_CHECKING:
    from pandas import DataFrame

    from geo.zones import Zones
    from pipeline.settings import Settings

_OF_IMAGE = ["zone_id", "place", "from_at", "sensor"]
_CONTENT = [name for name in READING.names if name not in ("reading_id", "known_at", "zone_id")]


def observe(settings: Settings, path: Path, *, now: datetime, dry_run: bool = False, synthetic: bool = False) -> Record:
    """Keep the readings of a file in the home; a reading that is there already is not kept twice.

    now      wall clock (with zone): when readings became known that do not say so themselves
    dry_run  write nothing
    synthetic  readings of generated images, for a home of generated data; otherwise such a home is refused
    returns  readings (each with `status`: new, or there already), rejected (line, reason), other_readings: what others
             read off the same images
    raises   InputError for a file that cannot be read, or of which no row is a reading; a home that holds generated
             data, or that this user may not write to
    """
    home = Home(settings)
    if bool(home.lake.is_synthetic()) != synthetic:
        kinds = ("real", "synthetic")
        raise InputError(
            f"{settings.home} holds {kinds[not synthetic]} data, and readings of {kinds[synthetic]} images must never "
            "mix with it; give another --home"
        )
    rows = read_readings(path, now)
    good = [row for row in rows if row.reason is None]
    rejected: list[Record] = [{"line": row.line, "reason": row.reason} for row in rows if row.reason is not None]
    wanted, elsewhere = _located(good)
    rejected = sorted([*rejected, *elsewhere], key=lambda row: row["line"])
    if not wanted:
        first = rejected[0]
        raise InputError(f"{path}:{first['line']}: {first['reason']}; none of its {len(rows)} rows is a reading")
    kept = read_readings_kept(settings.home)
    known = set(kept["reading_id"])
    for row in wanted:
        row["status"] = "there already" if row["reading_id"] in known else "new"
        known.add(row["reading_id"])
    new = [{name: row[name] for name in READING.names} for row in wanted if row["status"] == "new"]
    if new and not dry_run:
        home.lake.create()
        with one_writer(settings.home, "writer.lock", lambda line: None):
            keep_readings(settings.home, new)
    return {
        "file": str(path),
        "dry_run": dry_run,
        "readings": wanted,
        "rejected": rejected,
        "other_readings": _others(kept, wanted),
    }


def _located(rows: Sequence[ReadRow]) -> tuple[list[Record], list[Record]]:
    """Readings with their zone and id; and those whose place and position contradict each other, with the reason."""
    zones = read_zones()
    frame = zones.frame[~zones.frame["kind"].isin(["margin"])]
    by_name = {name.lower(): zone_id for zone_id, name in zip(frame["zone_id"], frame["name"], strict=True)}
    by_name |= {zone_id: zone_id for zone_id in frame["zone_id"]}
    found, rejected = [], []
    for row in rows:
        said = dict(row.said)
        longitude, latitude = said.pop("longitude"), said.pop("latitude")
        there = None if longitude is None else _zone_at(zones, longitude, latitude)
        said["zone_id"] = by_name.get(said["place"].lower(), there)
        if longitude is not None and not _one_place(zones, said["zone_id"], there):
            lies = f"{longitude}, {latitude} lies in {there or 'no zone'}"
            reason = f"place is {said['place']}, but {lies}; expected one place"
            rejected.append({"line": row.line, "reason": reason})
            continue
        plain = {name: _plain(value) for name, value in said.items()}
        plain["reading_id"] = deterministic_id("reading", *(plain[name] for name in _CONTENT))
        found.append({"line": row.line, **{name: plain[name] for name in READING.names}})
    return found, rejected


def _zone_at(zones: Zones, longitude: float, latitude: float) -> str | None:
    """The innermost zone of a position; its margin counts as the zone."""
    code = int(zones.locate([longitude], [latitude])[0])
    return zones.ids[code].removesuffix("~margin") if code >= 0 else None


def _one_place(zones: Zones, named: str | None, there: str | None) -> bool:
    """Whether a position may be that of a named zone: one of the two holds the other, and is no country's sea."""
    if named is None or named == there:
        return True
    if there is None:
        return False
    codes = [zones.ids.index(zone_id) for zone_id in (named, there)]
    named_within, there_within = ({zones.ids[one] for one in zones.ancestors(code)} for code in codes)
    sea = zones.frame.set_index("zone_id")["kind"].eq("country")
    return named in there_within or (there in named_within and not sea[there])


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _others(kept: DataFrame, rows: Sequence[Record]) -> list[Record]:
    """Readings that the home holds of the same images, by whom they are, and of how many ships."""
    by_image: dict[tuple[Any, ...], list[Record]] = {}
    for other in kept[[*_OF_IMAGE, "reading_id", "read_by"]].to_dict("records"):
        by_image.setdefault(_image(other), []).append(other)
    return [
        {"line": row["line"], "reading_id": other["reading_id"], "read_by": other["read_by"]}
        for row in rows
        for other in by_image.get(_image(row), ())
        if other["reading_id"] != row["reading_id"]
    ]


def _image(row: Record) -> tuple[Any, ...]:
    zone_id = row["zone_id"]
    place = zone_id if isinstance(zone_id, str) else row["place"].lower()
    return place, _plain(row["from_at"]), row["sensor"]
