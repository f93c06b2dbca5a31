"""Which port a visit of Global Fishing Watch is to: the label of one of its anchorages, with that anchorage's country.

A visit names the anchorages where it begins, where the ship stopped first, and where it ends; a ship that shifts
between neighbouring ports stays in one visit. A call is where she stopped, so the anchorage of the stop counts, else
that of the entry, else that of the exit: the first of them that bears a label. Where she came in or went out at another
port, that is kept beside it.

The label is the anchorage's name, else what its `id` says after the country (`usa-halibutpoint`); an `id` that is a
number of a cell of the grid (`35a1b2c3`, as their anchorages' `s2id`) says none. `topDestination` is no label: it is
what ships that were there typed in as their destination (SITKA at Halibut Point).
"""

from __future__ import annotations

import re
from typing import Any

from pipeline.formats.gfw_pages import alpha2

_STOP, _ENTRY, _EXIT = "intermediateAnchorage", "startAnchorage", "endAnchorage"
_CELL = re.compile(r"(?=.*\d)[0-9a-f]{8,16}", re.IGNORECASE)
_ID = re.compile(r"([a-z]{3})-(.+)", re.IGNORECASE)


def port_of(visit: dict[str, Any]) -> dict[str, Any]:
    """What a visit says about its port.

    returns  port, port_country (ISO 3166 alpha-2), anchorage_longitude, anchorage_latitude (as sent), entered_at and
             left_at (the ports of entry and exit, with their countries, where another than `port`); null if not given
    """
    places = {name: place if isinstance(place := visit.get(name), dict) else {} for name in (_STOP, _ENTRY, _EXIT)}
    placed = next((one for one in places.values() if _label(one)), next(filter(None, places.values()), {}))
    here = _label(placed), _country(placed)
    others = {name: (_label(places[name]), _country(places[name])) for name in (_ENTRY, _EXIT)}
    elsewhere = {name: _named(*other) if other[0] and other != here else None for name, other in others.items()}
    return {
        "port": here[0],
        "port_country": here[1],
        "anchorage_longitude": placed.get("lon"),
        "anchorage_latitude": placed.get("lat"),
        "entered_at": elsewhere[_ENTRY],
        "left_at": elsewhere[_EXIT],
    }


def _label(anchorage: dict[str, Any]) -> str | None:
    name, number = _text(anchorage, "name"), _text(anchorage, "id")
    return (name or _within(number)[1]).upper() or None


def _country(anchorage: dict[str, Any]) -> str | None:
    """The country of the anchorage; none if its flag and its `id` contradict each other."""
    flag, within = _text(anchorage, "flag").upper(), _within(_text(anchorage, "id"))[0].upper()
    codes = {code for code in (alpha2().get(flag), alpha2().get(within)) if code}
    return codes.pop() if len(codes) == 1 else None


def _within(number: str) -> tuple[str, str]:
    """Country and label of an `id`; one that begins with no country is all label, unless it is a cell's number."""
    if _CELL.fullmatch(number):
        return "", ""
    found = _ID.fullmatch(number)
    return (found[1], found[2]) if found and found[1].upper() in alpha2() else ("", number)


def _named(label: str | None, country: str | None) -> str:
    return f"{label} ({country})" if country else str(label)


def _text(anchorage: dict[str, Any], name: str) -> str:
    value = anchorage.get(name)
    return value.strip() if isinstance(value, str) else ""
