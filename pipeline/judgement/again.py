"""Which events are judged again where what happened to ships is, from some moment on, no longer what it was.

All that bears on a case lies before its event, beside it, or within a reach after it: the calls next to it, what is
read of their draughts, and what its kind looks at (`Kind.ahead`). What ended earlier stands as it was judged. A row
counts from where it began, so a voyage of months that ends now reaches back to her departure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.contracts import PORT_CALL
from pipeline.judgement.cases.registry import kinds

if TYPE_CHECKING:
    from collections.abc import Collection

    from pandas import DataFrame, Series, Timestamp

    from pipeline.contracts import Table
    from pipeline.judgement.cases.events import Events
    from pipeline.judgement.cases.kind import Kind
    from pipeline.limits import Limits

_EVER, _NEVER = "1900-01-01", "2200-01-01"  # before and after all data
_LATE_HOURS = 24  # for figures typed over (limits: draught.slip_hours), and calls that join a visit


def events_to_judge(
    events: Events, since: Series, company: Collection[int], limits: Limits
) -> dict[str, frozenset[str]]:
    """By kind of case the ids of the events that must be judged again.

    events   of the ships and of all on whom their cases rest, whole
    since    by MMSI of the ships when the first event that may have changed began (UTC); null: whenever
    company  those of the ships whose cases may speak of others that changed: they reach back as far as any of them
    """
    from pandas import Timedelta

    if since.empty:
        return dict.fromkeys(kinds(), frozenset())
    begins = _begins(events[PORT_CALL], since, company, limits)
    # A possible call and the call after it may cover one another: whoever asks for the one has both before her.
    tied = Timedelta(days=limits.identity.tied_days)
    before = _visit_before(_visits(events[PORT_CALL]), (begins - tied).clip(lower=_moment(_EVER)))
    return {
        name: frozenset()
        if (rows := events[kind.table]).empty
        else _of_kind(kind, rows, before if kind.covers_next else begins, limits)
        for name, kind in kinds().items()
    }


def _of_kind(kind: Kind, rows: DataFrame, begins: Series, limits: Limits) -> frozenset[str]:
    from pandas import Timedelta

    ids = rows[kind.table.key[0]]
    if kind.ahead is None:
        return frozenset(ids)
    ended = rows[kind.table.span[1]].fillna(_moment(_NEVER))
    chosen = ids.isna()
    for name in kind.table.ships:
        began = rows[name].map(begins).fillna(_moment(_NEVER))
        chosen |= ended >= began - Timedelta(days=kind.ahead(limits))
    if kind.joined is not None and len(rows):
        groups, before = kind.joined(rows), -1
        while chosen.sum() > before:
            before = chosen.sum()
            for group in groups:
                chosen |= group.isin(group[chosen].dropna())
    return frozenset(ids[chosen])


def _begins(calls: DataFrame, since: Series, company: Collection[int], limits: Limits) -> Series:
    """By MMSI from when on her events are judged again: the arrival of the visit before the one that she was in, or
    came to next, when the first change may have borne on its draught. Events between the two look ahead to the latter.
    """
    from pandas import Timedelta

    at = (since - Timedelta(hours=limits.draught.typed_within_hours + _LATE_HOURS)).fillna(_moment(_EVER))
    visits = _visits(calls[calls["mmsi"].isin(at.index)])
    beside = at.index.isin(list(company))
    dated = since.notna()  # who meets a ship that is judged whole is judged whole herself
    if beside.any() and dated.any():
        seen = _visit_at(visits, at)[visits["mmsi"].isin(at.index[dated])]
        first = min([*seen, at[dated].min()])
        at = at.mask(beside & (at > first), first)
    return _visit_before(visits, at)


def _visits(calls: DataFrame) -> DataFrame:
    """Visits of each line of calls: when she came and left, and whether one of the calls is sure."""
    visits = calls.assign(
        line=calls["track_id"].fillna(calls["source"] + calls["vessel_id"]).astype("str"),
        left=calls["departed_by"].fillna(_moment(_NEVER)),
        sure=calls["confidence"].fillna(0) > 1,
    )
    return visits.groupby([*_LINE, "visit_id"], as_index=False).agg(
        came=("arrived_by", "min"), left=("left", "max"), sure=("sure", "any")
    )


def _visit_before(visits: DataFrame, at: Series) -> Series:
    """By MMSI when the visit began before the one that she was in, or came to next, at a moment (`at`, by MMSI)."""
    visits = visits[visits["mmsi"].isin(at.index)]
    now = _visit_at(visits, at)
    earlier = visits["came"].where(visits["sure"] & (visits["came"] < now))
    earlier = earlier.groupby([visits[name] for name in _LINE]).transform("max").fillna(_moment(_EVER))
    return earlier.groupby(visits["mmsi"]).min().reindex(at.index).fillna(_moment(_EVER))


_LINE = ["mmsi", "line"]


def _visit_at(visits: DataFrame, at: Series) -> Series:
    """For each visit when the one of its line began in which she was at a moment (`at`, by MMSI), else that moment."""
    moment = visits["mmsi"].map(at)
    began = visits["came"].where((visits["left"] >= moment) & (visits["came"] < moment), moment)
    return began.groupby([visits[name] for name in _LINE]).transform("min").set_axis(visits.index)


def touched(cases: dict[str, DataFrame]) -> set[str]:
    """Ids of the stories that the cases are part of: of what may cover them (`Pattern.unless`)."""
    found: set[str] = set()
    for name, rows in cases.items():
        for column in kinds()[name].touches:
            found.update(rows[column].dropna())
    return found


def tells(table: Table, rows: DataFrame, stories: set[str]) -> Series:
    """Which rows of a table of events have one of the stories' ids: their own, their visit's, or their voyage's."""
    named = [name for name in (table.key[0], "visit_id", "voyage_id") if name in rows]
    found = rows[table.key[0]].isna()
    for name in named:
        found |= rows[name].isin(stories)
    return found


def _moment(day: str) -> Timestamp:
    from pandas import Timestamp

    return Timestamp(day, tz="UTC").as_unit("us")
