"""Ships whose name or number only resembles what was asked for: offered to who asks, and no answer."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.imo import is_imo
from pipeline.judgement.known_ships import Known, comparable

# A question back to who asks, not a match: of 100, the share of letters both names have in order.
_OFFERED = 75
_OFFERED_BESIDE_MATCHES = 88
_MOST_OFFERED = 5


def near_names(word: str, found: Sequence[Known], known: Sequence[Known]) -> list[str]:
    """Ships not found whose name has the same letters, the same words, or nearly so."""
    from rapidfuzz import fuzz, process

    normal = comparable(word)
    others: dict[str, list[Known]] = {}
    if len(normal) >= 3:
        for one in _others(known, found):
            others.setdefault(comparable(one.name), []).append(one)
    names = list(others)
    least = _OFFERED_BESIDE_MATCHES if found else _OFFERED
    scores: dict[str, float] = {}
    for form in (_letters, _words):
        near = process.extract(
            form(normal), [form(name) for name in names], scorer=fuzz.ratio, score_cutoff=least, limit=20
        )
        for _, score, place in near:
            scores[names[place]] = max(score, scores.get(names[place], 0))
    ranked = sorted(scores, key=lambda name: (-scores[name], name))
    return _shown([one for name in ranked for one in others[name]], known)


def _letters(name: str) -> str:
    return name.replace(" ", "")


def _words(name: str) -> str:
    return " ".join(sorted(name.split()))


def near_numbers(asked: int, found: Sequence[Known], known: Sequence[Known]) -> list[str]:
    """Ships with a number that differs in one digit or in two that changed places, where the number names no ship."""
    from rapidfuzz.distance import OSA

    if found and (len(str(asked)) == 9 or is_imo(asked)):
        return []
    column = "imo" if len(str(asked)) == 7 else "mmsi"
    others: dict[int, list[Known]] = {}
    for one in _others(known, found):
        if (number := getattr(one, column)) is not None:
            others.setdefault(number, []).append(one)
    near = [number for number in others if OSA.distance(str(number), str(asked)) == 1]
    return _shown([one for number in sorted(near) for one in others[number]], known)


def _others(known: Sequence[Known], found: Sequence[Known]) -> list[Known]:
    """Rows of ships that were not found."""
    ids = {row.vessel_id for row in found} - {None}
    entries = {row.entry for row in found} - {None}
    imos = {row.imo for row in found if row.imo is not None and is_imo(row.imo)}
    return [
        one
        for one in known
        if one.vessel_id not in ids and one.entry not in entries and one.imo not in imos and comparable(one.name)
    ]


def _shown(rows: list[Known], known: Sequence[Known]) -> list[str]:
    """One line a ship: name, number, and who tells of her."""
    ships: dict[str, list[Known]] = {}
    for one in rows:
        ids = (one.imo, one.vessel_id, one.entry, one.mmsi)
        if ship := next((str(value) for value in ids if value is not None), ""):
            ships.setdefault(ship, []).append(one)
    imos = {one.imo for one in known if one.vessel_id is not None} - {None}
    lines = []
    for of_ship in list(ships.values())[:_MOST_OFFERED]:
        heard = any(one.vessel_id is not None for one in of_ship) or of_ship[0].imo in imos
        numbers = ((name, getattr(one, name)) for name in ("imo", "mmsi") for one in of_ship)
        number = next(
            (f"{name.upper()} {value}" for name, value in numbers if value is not None), str(of_ship[0].entry)
        )
        where = "heard here" if heard else ", ".join(dict.fromkeys(one.source for one in of_ship))
        lines.append(f"{of_ship[0].name} ({number}, {where})")
    return lines
