"""What a kind of case declares of itself: whatever patterns, evidence and alerts must know of it is read from this.

A case gathers what the event's own row only refers to: the zones and calls around it, the ship as she reported herself
at the time, what lists said of her then, and the silences beside it. Conditions in `seeds/patterns` and
`seeds/evidence` name the columns that a kind declares, and so do the sentences there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame, Index, Series

    from pipeline.contracts import Table
    from pipeline.judgement.cases.around import Around
    from pipeline.judgement.cases.events import Events
    from pipeline.limits import Limits


def described(text: str) -> dict[str, str]:
    """Columns from lines `name sentence`."""
    return dict(line.strip().split(None, 1) for line in text.splitlines() if line.strip())


def _each(cases: DataFrame) -> DataFrame:
    return cases


@dataclass(frozen=True)
class Kind:
    """A kind of case.

    name      as patterns and evidence name it (`event`, `of`)
    table     of the events it is made of
    reads     tables of what lies around them
    columns   of its cases, each with what it says
    begins    columns of the table that say in which zone an event begins, the first that is known; (): none does
    place     how the columns of a case begin that speak of that zone, as `around.place_columns` makes them
    find      the cases of some rows of the table: one row an event with `columns`; list status is as of its beginning
    law       what the law is asked of each case: any of departed_at, arrived_at, origin_country, origin_zone_id,
              destination_country, ship_to_ship, port_country, days_since_dprk_call, days_since_dprk_meeting,
              days_since_possible_dprk_call (`measures.assess`)
    alert     for columns of ALERT (voyage_id, origin_zone_id, destination_zone_id) the column of a case they are
    stories   columns with ids of the story that a case is, and `touches` of those that it is part of: of two patterns
              that see one story, one may stay silent (`unless`)
    ahead     how many days after an event ended its case looks at what happens, apart from the calls next to it and
              what is read of their draughts; None: all that ever happens may bear on it
    covers_next  whether it tells the story of the voyage and the call after it too, which its row does not name
    joined    for rows of the table, keys under which `together` may make one match of several; without: none are joined
    together  cases that match a pattern, those that are one match made one
    asks      columns that a case has from the table as they are: what a pattern asks of them is asked of the bare row
    happened  what became of the events, for withdrawals: mmsi, source, event_id, from_at, to_at (null while it goes
              on), said (in words); rows of the table and ZONE in
    """

    name: str
    table: Table
    reads: tuple[Table, ...]
    columns: Mapping[str, str]
    begins: tuple[str, ...]
    place: str
    find: Callable[[Around, Index], DataFrame]
    law: Callable[[DataFrame], Mapping[str, object]]
    alert: Mapping[str, str]
    stories: tuple[str, ...]
    touches: tuple[str, ...]
    happened: Callable[[Events, DataFrame], DataFrame]
    ahead: Callable[[Limits], float] | None = None
    covers_next: bool = False
    joined: Callable[[DataFrame], list[Series]] | None = None
    together: Callable[[DataFrame], DataFrame] = _each
    asks: tuple[str, ...] = ()
