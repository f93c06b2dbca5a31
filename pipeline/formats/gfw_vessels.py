"""Particulars of ships of the Global Fishing Watch API v3: pages of `GET /v3/vessels?ids[…]`, entries of them, or one.

An entry is what the provider takes for one hull: `selfReportedInfo`, the identities that it transmitted (each `id` is
the ship of an event), `registryInfo` and `registryOwners`, what registries hold, and `combinedSourcesInfo`, how the
provider classes her. What a ship transmits of herself goes before what registries have.

A number names a hull, and an innocent hull must not be named. So a ship has the number that her own transmissions and
the registries' record of her own MMSI agree on; else one if every valid number in the entries that she stands in is the
same, and each of them contains it. An id can stand in the entries of sister ships: a stray message with the name of one
under the MMSI of the other puts both into each other's. Where her records disagree, what registries say is not
taken either: it may be another's.

Times come as `2019-04-06T13:12:43Z` and as `2012-05-25 15:16:29 UTC`; lists under either of two names (`geartypes`,
`registryAuthorizations` and others; none of those is read). Shapes: GlobalFishingWatch/gfw-api-python-client (vessels
models), GlobalFishingWatch/gfwr (what an id is), and recorded answers of September 2026.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipeline.contracts import PROVIDER_VESSEL
from pipeline.formats.gfw_owners import owners_of
from pipeline.formats.gfw_pages import LICENCE, PROVIDER, alpha2, is_empty, is_json, rows, tells_vessels
from pipeline.formats.gfw_values import LONG_AGO, Entry, amount, first, imo, mmsi, records, text, time, whole, words
from pipeline.formats.record import Content, Head, Source, VesselsReading
from pipeline.imo import is_imo, told_why

if TYPE_CHECKING:
    pass


def _recognises(head: Head) -> bool:
    beginning = "\n".join(head.lines)
    return is_json(beginning) and (tells_vessels(beginning) or is_empty(beginning))


def read_pages(content: Content) -> VesselsReading:
    """Read a file of pages.

    returns  every entry of every page is accepted, a duplicate (it came before, word for word) or a reject with its
             reason; a document that is no page and no entry is a reject. `vessels` has a row for each id that accepted
             entries name
    """
    from pandas import DataFrame

    hulls: dict[str, list[Entry]] = {}
    seen: dict[str, Entry] = {}
    rejects: list[tuple[int, str, str]] = []
    found = list(rows(content.path))
    for line, row in enumerate(found, 1):
        if row.entry is None:
            rejects.append((line, "unreadable", row.raw))
        elif not _ships(row.entry):
            rejects.append((line, "no_vessel", row.raw))
        else:
            seen.setdefault(row.raw, row.entry)
    for _, entry in sorted(seen.items()):  # by content, so that the order of pages makes no difference
        for ship in _ships(entry):
            hulls.setdefault(ship, []).append(entry)
    names = [name for name in PROVIDER_VESSEL.names if name != "source_file_id"]
    particulars = DataFrame([_particulars(ship, of_ship) for ship, of_ship in sorted(hulls.items())], columns=names)
    return VesselsReading(
        vessels=PROVIDER_VESSEL.conform(particulars.assign(source_file_id="")).drop(columns="source_file_id"),
        accepted=len(seen),
        rejects=DataFrame(rejects, columns=["line", "reason", "raw"]),
        rows_read=len(found),
        duplicates=len(found) - len(seen) - len(rejects),
    )


def _ships(entry: Entry) -> list[str]:
    """Ids of the identities of an entry."""
    found = (text(one, "id") for one in records(entry, "selfReportedInfo"))
    return sorted({ship for ship in found if ship})


def _particulars(ship: str, hulls: Sequence[Entry]) -> dict[str, Any]:
    """PROVIDER_VESSEL of one ship from the entries that she stands in."""
    own = _own(ship, hulls)
    number, note, sound = _number(ship, hulls)
    hers = _entries_of(number, hulls) if sound else []
    registered = [one for hull in hers for one in records(hull, "registryInfo")]
    if sound and not hers:  # an entry that holds other hulls too: her records are those with her number
        registered = [one for hull in hulls for one in records(hull, "registryInfo") if imo(one) == number]
    registered.sort(
        key=lambda one: (one.get("latestVesselInfo") is True, time(one, "transmissionDateTo") or LONG_AGO),
        reverse=True,
    )
    both = [*own, *registered]
    from_at = min((at for one in own if (at := time(one, "transmissionDateFrom"))), default=None)
    to_at = max((at for one in own if (at := time(one, "transmissionDateTo"))), default=None)
    return {
        "provider": PROVIDER,
        "ship": ship,
        "mmsi": first(mmsi(one.get("ssvid")) for one in own),
        "imo": number,
        "imo_note": note,
        "name": first(text(one, "shipname", "nShipname").upper() for one in both),
        "call_sign": first(text(one, "callsign").upper() for one in both),
        "flag": first(alpha2().get(text(one, "flag").upper()) for one in both),
        "ship_kind": _kind(ship, hulls) or first(text(one, "shiptype").lower() for one in own),
        "length_m": first(amount(one, "lengthM") for one in registered),
        "gross_tonnage": first(amount(one, "tonnageGt") for one in registered),
        **owners_of(hers, from_at, to_at),
        "registries": ", ".join(sorted({code for one in registered for code in words(one.get("sourceCode"))})) or None,
        "from_at": from_at,
        "to_at": to_at,
        "dataset": ", ".join(sorted({said for hull in hulls if (said := text(hull, "dataset"))})) or None,
    }


def _own(ship: str, hulls: Sequence[Entry]) -> list[Entry]:
    """What a ship transmitted of herself, the last first."""
    own = [one for hull in hulls for one in records(hull, "selfReportedInfo") if text(one, "id") == ship]
    return sorted(own, key=lambda one: time(one, "transmissionDateTo") or LONG_AGO, reverse=True)


def _entries_of(number: int | None, hulls: Sequence[Entry]) -> list[Entry]:
    """The entries in which registries give this number and no other; if none does, those in which they give none."""
    exact = [hull for hull in hulls if _registered_numbers(hull) == {number}]
    return exact or [hull for hull in hulls if not _registered_numbers(hull)]


def _registered_numbers(hull: Entry) -> set[int]:
    """Valid IMO numbers in the registries' records of an entry."""
    return {number for one in records(hull, "registryInfo") if (number := imo(one)) and is_imo(number)}


def _number(ship: str, hulls: Sequence[Entry]) -> tuple[int | None, str | None, bool]:
    """IMO number of a ship, why none is taken of those there are, and whether what registries hold is of her hull."""
    if (agreed := _agreed(ship, hulls)) is not None:
        return agreed, None, True
    sources = ("registryInfo", "selfReportedInfo")
    found = [{number for source in sources for one in records(hull, source) if (number := imo(one))} for hull in hulls]
    valid = [{number for number in numbers if is_imo(number)} for numbers in found]
    all_valid, all_found = sorted(set().union(*valid)), sorted(set().union(*found))
    if len(all_valid) > 1:
        return None, f"her records disagree: {', '.join(map(str, all_valid))}", False
    if all_valid and not all(valid):
        return None, f"stands in the records of {len(hulls)} ships, not all of which tell {all_valid[0]}", False
    if all_found and not all_valid:
        return None, told_why(all_found), len(hulls) == 1
    return (all_valid[0] if all_valid else None), None, bool(all_valid) or len(hulls) == 1


def _agreed(ship: str, hulls: Sequence[Entry]) -> int | None:
    """The number that all of her own transmissions give, and a registry's record of her MMSI too.

    None where another identity sends another number under that MMSI at the same time, and more positions: then the
    MMSI is the other's, and what she sends is a stray message or a borrowed name.
    """
    own = _own(ship, hulls)
    sent = {given for one in own if (given := imo(one)) and is_imo(given)}
    mmsis = {mmsi(one.get("ssvid")) for one in own}
    if len(sent) != 1 or len(mmsis) != 1 or None in mmsis:
        return None
    (number,), (on,) = sent, mmsis
    recorded = (one for hull in hulls for one in records(hull, "registryInfo") if mmsi(one.get("ssvid")) == on)
    if number not in map(imo, recorded):
        return None
    others = (one for hull in hulls for one in records(hull, "selfReportedInfo") if mmsi(one.get("ssvid")) == on)
    rivals = [one for one in others if (given := imo(one)) and is_imo(given) and given != number and _meet(one, own)]
    heard = max(whole(one, "positionsCounter") for one in own)
    return None if any(whole(one, "positionsCounter") >= heard for one in rivals) else number


def _meet(one: Entry, own: Sequence[Entry]) -> bool:
    """Whether an identity was sent at a time of one of the others; times that are not given may be any."""

    def may_begin_before(a: Entry, b: Entry) -> bool:
        begin, end = time(a, "transmissionDateFrom"), time(b, "transmissionDateTo")
        return begin is None or end is None or begin <= end

    return any(may_begin_before(one, other) and may_begin_before(other, one) for other in own)


def _kind(ship: str, hulls: Sequence[Entry]) -> str | None:
    """How the provider classed the ship last."""
    combined = [one for hull in hulls for one in records(hull, "combinedSourcesInfo")]
    kinds = [kind for one in combined if text(one, "vesselId") == ship for kind in records(one, "shiptypes")]
    kinds.sort(key=lambda one: whole(one, "yearTo"), reverse=True)
    return first(text(one, "name").lower() for one in kinds)


SOURCE = Source(
    name="gfw_vessels",
    title="Global Fishing Watch particulars of ships (pages of API v3)",
    licence=LICENCE,
    recognises=_recognises,
    version="2",
    read_vessels=read_pages,
)
