"""Particulars of ships of the Global Fishing Watch API v3: pages of `GET /v3/vessels?ids[…]`, one JSON document a line.

An entry is what the provider takes for one hull: `selfReportedInfo`, the identities that it transmitted (each `id` is
the ship of an event), `registryInfo` and `registryOwners`, what registries hold, and `combinedSourcesInfo`, how the
provider classes her. What a ship transmits of herself goes before what registries have.

A number names a hull, and an innocent hull must not be named. So a ship has one if every valid number in the entries
that she stands in is the same, and each of them tells it; an id can stand in the entries of sister ships. Where her
records disagree, what registries tell is not taken either: it may be another's.

Times come as `2019-04-06T13:12:43Z` and as `2012-05-25 15:16:29 UTC`; lists under either of two names (`geartypes`,
`registryAuthorizations` and others; none of those is read). Shapes: GlobalFishingWatch/gfw-api-python-client (vessels
models), GlobalFishingWatch/gfwr (what an id is), the published documentation; no answer of the live server was at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.contracts import BOUGHT_VESSEL
from pipeline.errors import ContractError
from pipeline.imo import is_imo, told_why
from pipeline.sources.gfw_pages import LICENCE, PROVIDER, alpha2, entries, is_empty, tells_vessels
from pipeline.sources.record import Content, Head, Reading, Source, VesselsReading

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Entry = dict[str, Any]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def _recognises(head: Head) -> bool:
    line = head.lines[0] if head.lines else ""  # a page may be longer than what is read of a file to recognise it
    return line.startswith("{") and (tells_vessels(line) or is_empty(line))


def read_pages(content: Content) -> VesselsReading:
    """Read a file of pages.

    returns  every entry of every page is accepted, a duplicate (it came before, word for word) or a reject with its
             reason; a line that is no page is a reject. `vessels` has a row for each id that accepted entries name
    """
    from pandas import DataFrame

    hulls: dict[str, list[Entry]] = {}
    seen: dict[str, Entry] = {}
    rejects: list[tuple[int, str, str]] = []
    found = list(entries(content.path))
    for line, (entry, raw) in enumerate(found, 1):
        if entry is None:
            rejects.append((line, "unreadable", raw))
        elif not _ships(entry):
            rejects.append((line, "no_vessel", raw))
        else:
            seen.setdefault(raw, entry)
    for _, entry in sorted(seen.items()):  # by content, so that the order of pages makes no difference
        for ship in _ships(entry):
            hulls.setdefault(ship, []).append(entry)
    names = [name for name in BOUGHT_VESSEL.names if name != "source_file_id"]
    told = DataFrame([_particulars(ship, of_ship) for ship, of_ship in sorted(hulls.items())], columns=names)
    return VesselsReading(
        vessels=BOUGHT_VESSEL.conform(told.assign(source_file_id="")).drop(columns="source_file_id"),
        accepted=len(seen),
        rejects=DataFrame(rejects, columns=["line", "reason", "raw"]),
        rows_read=len(found),
        duplicates=len(found) - len(seen) - len(rejects),
    )


def _ships(entry: Entry) -> list[str]:
    """Ids of the identities of an entry."""
    found = (_text(one, "id") for one in _records(entry, "selfReportedInfo"))
    return sorted({ship for ship in found if ship})


def _particulars(ship: str, hulls: Sequence[Entry]) -> dict[str, Any]:
    """BOUGHT_VESSEL of one ship from the entries that she stands in."""
    own = [one for hull in hulls for one in _records(hull, "selfReportedInfo") if _text(one, "id") == ship]
    own.sort(key=lambda one: _time(one, "transmissionDateTo") or _LONG_AGO, reverse=True)
    imo, note, sound = _number(hulls)
    registered = [one for hull in hulls for one in _records(hull, "registryInfo")] if sound else []
    registered.sort(
        key=lambda one: (one.get("latestVesselInfo") is True, _time(one, "transmissionDateTo") or _LONG_AGO),
        reverse=True,
    )
    owners = [one for hull in hulls for one in _records(hull, "registryOwners")] if sound else []
    owners.sort(key=lambda one: _time(one, "dateTo") or _LONG_AGO, reverse=True)
    both = [*own, *registered]
    flag = _first(alpha2().get(_text(one, "flag").upper()) for one in both)
    sources = {code for one in registered for code in _words(one.get("sourceCode"))}
    return {
        "provider": PROVIDER,
        "ship": ship,
        "mmsi": _first(_mmsi(one) for one in own),
        "imo": imo,
        "imo_note": note,
        "name": _first(_text(one, "shipname", "nShipname").upper() for one in both),
        "call_sign": _first(_text(one, "callsign").upper() for one in both),
        "flag": flag,
        "ship_kind": _kind(ship, hulls) or _first(_text(one, "shiptype").lower() for one in own),
        "length_m": _first(_amount(one, "lengthM") for one in registered),
        "gross_tonnage": _first(_amount(one, "tonnageGt") for one in registered),
        "owner": _first(_text(one, "name") for one in owners),
        "registries": ", ".join(sorted(sources)) or None,
        "from_at": min((at for one in own if (at := _time(one, "transmissionDateFrom"))), default=None),
        "to_at": max((at for one in own if (at := _time(one, "transmissionDateTo"))), default=None),
    }


def _number(hulls: Sequence[Entry]) -> tuple[int | None, str | None, bool]:
    """IMO number of a ship, why none is taken of those there are, and whether her records are of one hull."""
    told = [
        {
            number
            for source in ("registryInfo", "selfReportedInfo")
            for one in _records(hull, source)
            if (number := _digits(one, "imo"))
        }
        for hull in hulls
    ]
    valid = [{number for number in numbers if is_imo(number)} for numbers in told]
    all_valid, all_told = sorted(set().union(*valid)), sorted(set().union(*told))
    if len(all_valid) > 1:
        return None, f"her records disagree: {', '.join(map(str, all_valid))}", False
    if all_valid and not all(valid):
        return None, f"stands in the records of {len(hulls)} ships, not all of which tell {all_valid[0]}", False
    if all_told and not all_valid:
        return None, told_why(all_told), len(hulls) == 1
    return (all_valid[0] if all_valid else None), None, bool(all_valid) or len(hulls) == 1


def _kind(ship: str, hulls: Sequence[Entry]) -> str | None:
    """How the provider classed the ship last."""
    combined = [one for hull in hulls for one in _records(hull, "combinedSourcesInfo")]
    kinds = [kind for one in combined if _text(one, "vesselId") == ship for kind in _records(one, "shiptypes")]
    kinds.sort(key=lambda one: _digits(one, "yearTo") or 0, reverse=True)
    return _first(_text(one, "name").lower() for one in kinds)


# ---------------------------------------------------------------------------------------------------- values


def _records(entry: Entry, name: str) -> list[Entry]:
    found = entry.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(record: Entry, *names: str) -> str:
    """What stands first under one of the names, as text; empty if nothing does."""
    found = (record.get(name) for name in names)
    told = (one for one in found if isinstance(one, (str, int)) and not isinstance(one, bool))
    return next((text for one in told if (text := str(one).strip())), "")


def _words(value: object) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [one.strip() for one in found if isinstance(one, str) and one.strip()]


def _digits(record: Entry, name: str) -> int | None:
    """A whole number above zero, also where it comes as text or as 8628597.0; None for anything else."""
    value = record.get(name)
    text = f"{value:.0f}" if isinstance(value, float) and value.is_integer() else _text(record, name)
    text = text.upper().removeprefix("IMO").strip().removesuffix(".0")
    return int(text) or None if text.isascii() and text.isdigit() and len(text) < 13 else None


def _mmsi(record: Entry) -> int | None:
    mmsi = _digits(record, "ssvid")
    return mmsi if mmsi and 200_000_000 <= mmsi <= 799_999_999 else None


def _amount(record: Entry, name: str) -> float | None:
    try:
        amount = float(record.get(name) or 0)
    except (TypeError, ValueError, OverflowError):
        return None
    return amount if 0 < amount < 1e7 else None


def _time(record: Entry, name: str) -> datetime | None:
    """A time that says where it is counted from; one that does not is not guessed."""
    try:
        at = datetime.fromisoformat(_text(record, name).replace(" UTC", "+00:00"))
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):  # such as a time of the year 0, once it is counted in UTC
        return None


def _first(found: Iterable[Any]) -> Any:
    return next(filter(None, found), None)


def _no_positions(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base: str | None) -> Reading:
    raise ContractError(f"{content.name}: particulars of ships hold no positions to read; report this file")


SOURCE = Source(
    name="gfw_vessels",
    title="Global Fishing Watch particulars of ships (pages of API v3, one a line)",
    licence=LICENCE,
    recognises=_recognises,
    read=_no_positions,
    read_vessels=read_pages,
)
