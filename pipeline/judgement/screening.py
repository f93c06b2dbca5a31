"""Screening of ships for a period: was she in North Korea, or did she meet one that was; and what a "no" rests on.

An absence is never told without how well she was heard. Ships are known by IMO number; names are hints alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pipeline.plain import Record

# From what weighs most to a "no".
CALLED = "called in North Korea"
POSSIBLE = "possible call in North Korea"
MET = "met a ship that called there"
MET_POSSIBLE = "met a ship that possibly called there"
NONE = "none found"
NOT_HEARD = "not heard"
NOT_SCREENED = "not screened"
ANSWERS = (CALLED, POSSIBLE, MET, MET_POSSIBLE, NONE, NOT_HEARD, NOT_SCREENED)

_HOUR = timedelta(hours=1)
_RECEPTION = {
    "heard_others": "others were heard there",
    "not_heard": "hardly anybody was heard there",
    "unknown": "whether she could be heard is unknown",
}


class Period(NamedTuple):
    """UTC days: the first, the last (the day as of which is screened), the first no longer in it, and how many."""

    first: str
    last: str
    ends_before: str
    days: int


def period_before(as_of: datetime, days: int) -> Period:
    """The day as of which is screened, and so many days before it.

    raises  OverflowError where that is outside of the years 1 to 9999
    """
    first, after = as_of - timedelta(days=days), as_of + timedelta(days=1)
    return Period(first.date().isoformat(), as_of.date().isoformat(), after.date().isoformat(), days + 1)


def answer_of(stays: Sequence[Record], meetings: Sequence[Record], heard: Record) -> str:
    """One of ANSWERS for a ship with a number.

    stays     rows of `north_korea_stay` of hers
    meetings  with other_stays: those of the ship that she met; ordinary ones (with a context) count for nothing
    heard     as `heard_in` gives it
    """
    whats = {stay["what"] for stay in stays}
    others = {stay["what"] for met in meetings if not met["context"] for stay in met["other_stays"]}
    for what, of, answer in (
        ("call", whats, CALLED), ("possible call", whats, POSSIBLE), ("call", others, MET),
        ("possible call", others, MET_POSSIBLE),
    ):  # fmt: skip
        if what in of:
            return answer
    return NONE if heard["days_heard"] else NOT_HEARD


def heard_in(tracks: Iterable[Record], gaps: Iterable[Record], at_hand: Record) -> Record:
    """How well a ship was heard in a period, as far as there is data.

    tracks   track_id, from_at, to_at (ISO, UTC) of her
    gaps     silences in them: track_id, began_at, ended_at (None: to the end), reception, hours_tested, hours_heard
    at_hand  first_day, last_day (ISO) of the period's days with data; None where there are none
    returns  days_heard; hours_heard, outside of silences; silence, the longest time for which none of her tracks was
             heard (hours, from_at, to_at, reception, in_words; None where there is none)
    """
    if not at_hand["first_day"]:
        return {"days_heard": 0, "hours_heard": 0.0, "silence": None}
    begin, end = _moment(at_hand["first_day"]), _moment(at_hand["last_day"]) + timedelta(days=1)
    silent: dict[str, list[tuple[datetime, datetime, Record]]] = {}
    for gap in gaps:
        ended = _moment(gap["ended_at"]) if gap["ended_at"] else end
        silent.setdefault(gap["track_id"], []).append(
            (_moment(gap["began_at"]), max(ended, _moment(gap["began_at"])), gap)
        )
    pieces: list[tuple[datetime, datetime]] = []
    for track in tracks:
        at = _moment(track["from_at"])
        for began, ended, _ in sorted(silent.get(track["track_id"], []), key=lambda one: one[:2]):
            pieces.append((at, min(began, _moment(track["to_at"]))))
            at = ended
        pieces.append((at, _moment(track["to_at"])))
    heard = _joined((max(a, begin), min(b, end)) for a, b in pieces)
    edges = [begin, *(moment for piece in heard for moment in piece), end]
    holes = [hole for hole in zip(edges[::2], edges[1::2], strict=True) if hole[0] < hole[1]]
    longest = max(holes, key=lambda hole: hole[1] - hole[0], default=None)
    days = {
        first.date() + timedelta(days=n) for first, last in heard for n in range((last.date() - first.date()).days + 1)
    }
    if heard and heard[-1][1] == end:
        days.discard(end.date())
    return {
        "days_heard": len(days),
        "hours_heard": round(sum((last - first) / _HOUR for first, last in heard), 1),
        "silence": longest and _silence(longest, [one for of in silent.values() for one in of], begin, end),
    }


def listed_words(said: Sequence[Record]) -> list[str]:
    """What lists say of a ship on a day (rows of `Listed.on`), one text an entry that bears her number."""
    status = {"listed": "listed", "delisted": "no longer listed", "not_yet": "not listed yet", "unknown": "unknown"}
    return [f"{one['watchlist_id']}, as {one['name']}: {status[one['status']]}. {one['reason']}" for one in said]


def rests_on(
    answer: str, heard: Record, at_hand: Record, period: Period, *, in_reach: int = 0, too_long: int = 0, ties: int = 0
) -> str:
    """What an answer rests on, in words: for a "no" what could have been seen.

    at_hand   days_with_data, first_day, last_day, days_heard_in_kp
    in_reach  silences that left time for a call in North Korea, though another port fits better
    too_long  stays there that a provider reported, longer than a ship stays
    ties      pairs of her and another number that are, or say that they are, one ship
    """
    data = f"AIS of {at_hand['days_with_data']} of {period.days} days is at hand"
    missing = period.days - at_hand["days_with_data"]
    if missing and at_hand["first_day"]:
        data += f" ({at_hand['first_day']} to {at_hand['last_day']})"
    data += f"; ships were heard in North Korean waters on {at_hand['days_heard_in_kp']} of them"
    if missing:
        data += f"; of the other {missing} nothing is known"
    doubts = []
    if too_long:
        doubts.append(
            f"{too_long} reported {_stays(too_long)} in North Korea, longer than a ship stays, count for nothing"
        )
    if ties:
        doubts.append(
            f"her identity is in doubt: {ties} {'tie' if ties == 1 else 'ties'} to other numbers, see identity"
        )
    if answer == NOT_HEARD:
        unheard = "She was not heard in this period at all, so that nothing was found says nothing"
        return f"{'; '.join([unheard, *doubts])}. {data}."
    pieces = [f"She was heard on {heard['days_heard']} of {period.days} days ({heard['hours_heard']:g} h)"]
    if heard["silence"]:
        while_data = " of the days with data" if missing else ""
        pieces.append(f"longest silence{while_data} {heard['silence']['hours']:g} h: {heard['silence']['in_words']}")
    if in_reach:
        pieces.append(
            f"{in_reach} of her silences left time for a call in North Korea, though another port fits better"
        )
    return f"{'; '.join([*pieces, *doubts])}. {data}."


def _stays(number: int) -> str:
    return "stay" if number == 1 else "stays"


def _silence(
    hole: tuple[datetime, datetime], gaps: Sequence[tuple[datetime, datetime, Record]], begin: datetime, end: datetime
) -> Record:
    first, last = hole
    overlaps = [(min(b, last) - max(a, first), gap) for a, b, gap in gaps if min(b, last) > max(a, first)]
    told = {"hours": round((last - first) / _HOUR, 1), "from_at": _iso(first), "to_at": _iso(last)}
    if not overlaps:
        where = "before she was first heard here" if first == begin else "she was not heard here after it began"
        if first == begin and last == end:
            where = "she was not heard here"
        return told | {"reception": "unknown", "in_words": f"{where}; who else could be heard is unknown"}
    gap = max(overlaps, key=lambda one: one[0])[1]
    words = _RECEPTION.get(gap["reception"], _RECEPTION["unknown"])
    if gap["hours_tested"]:
        unit = "passes of satellites" if gap.get("receiver") == "satellite" else "hours"
        words += f" ({gap['hours_heard']} of {gap['hours_tested']} {unit} tested)"
    if last == end and not gap["ended_at"]:
        words = f"to the end of the data; {words}"
    return told | {"reception": gap["reception"], "in_words": words}


def _joined(pieces: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Overlapping pieces as one; a fix alone between two silences is a piece without length."""
    joined: list[tuple[datetime, datetime]] = []
    for first, last in sorted(piece for piece in pieces if piece[0] <= piece[1]):
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        else:
            joined.append((first, last))
    return joined


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
