"""The reach of patterns: what the bare row of an event must show, so that most ships need not be looked at closely."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

from pipeline.contracts import ENCOUNTER, PORT_CALL, Table
from pipeline.judgement.cases.around import place_columns
from pipeline.judgement.cases.kind import Kind
from pipeline.judgement.cases.past import HOME
from pipeline.judgement.cases.registry import kinds
from pipeline.judgement.patterns import Conditions, Patterns, Value, meets

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from pipeline.judgement.cases.events import Events
    from pipeline.judgement.watchlists import Watchlists


@dataclass(frozen=True)
class Reach:
    """What the bare row of an event must show for a pattern to match it at all; None: it may show anything.

    Cases are made, and events of ships are asked for, within the patterns' reach only.

    zone_ids         where it begins: the berth, else the port or anchorage
    unnamed          whether it may begin at a place that is no zone
    flags            countries of the MMSI
    imos             IMO numbers that a list names
    after_home_call  whether only ships match that called in North Korea, or met one that did
    onward           whether others must have come from North Korea to where she left, before
    rows             what else is asked of the row itself
    """

    kind: Kind
    pattern_id: str
    zone_ids: list[str] | None
    unnamed: bool
    flags: list[Value] | None
    imos: list[int] | None
    after_home_call: bool = False
    onward: bool = False
    rows: Conditions = field(default_factory=dict)

    @property
    def table(self) -> Table:
        """The table whose rows are admitted."""
        return self.kind.table

    @property
    def places(self) -> tuple[str, ...]:
        """Columns that say where an event begins: the first of them that is not null."""
        return self.kind.begins

    def admits(self, events: Events) -> Series:
        """Which rows of the table may match, as bool."""
        from pandas import concat

        rows = events[self.table]
        admitted = rows["mmsi"].notna()
        if self.zone_ids is not None:
            began = reduce(lambda place, name: place.fillna(rows[name]), self.places[1:], rows[self.places[0]])
            admitted &= began.isin(self.zone_ids) | (began.isna() & self.unnamed)
        if self.flags is not None:
            ships = concat([frame[["mmsi", "flag"]] for frame in (events.identities, events.vessels)])
            admitted &= rows["mmsi"].isin(ships.loc[ships["flag"].isin(self.flags), "mmsi"])
        if self.imos is not None:
            admitted &= rows["imo"].isin(self.imos)
        if self.after_home_call:
            calls = events[PORT_CALL]
            came = calls.loc[calls["country"] == HOME, "vessel_id"]
            admitted &= rows["vessel_id"].isin({*came, *_met(events[ENCOUNTER], came)})
        return admitted & meets(rows, self.rows)


def _met(encounters: DataFrame, hulls: Series) -> list[str]:
    """Hulls that met one of these."""
    sides = (("vessel_id", "other_vessel_id"), ("other_vessel_id", "vessel_id"))
    return [hull for own, other in sides for hull in encounters.loc[encounters[own].isin(hulls), other].dropna()]


def find_reach(patterns: Patterns, zones: DataFrame, watchlists: Watchlists) -> list[Reach]:
    """The reach of each pattern: its conditions on place, flag and listing, asked of every zone and list there is."""
    from pandas import DataFrame, Series

    listed = watchlists.history["imo"].dropna().astype("int64").unique().tolist()
    places = {kind.name: place_columns(kind.place, zones) for kind in kinds().values() if kind.begins}
    found = []
    for pattern_id, pattern in patterns.entries.items():
        kind = kinds()[pattern.event]
        begins = places.get(kind.name, DataFrame())
        of_place = {column: condition for column, condition in pattern.when.items() if column in begins}
        of_zone = {name: asked for name, asked in of_place.items() if not name.endswith(("_port", "_country"))}
        flag, status = pattern.when.get("flag"), pattern.when.get("list_status")
        found.append(
            Reach(
                kind=kind,
                pattern_id=pattern_id,
                unnamed=bool(meets(begins.head(1).reindex([-1]), of_zone).all()),  # a row of nulls
                zone_ids=begins.loc[meets(begins, of_place)].iloc[:, 0].tolist() if of_place else None,
                flags=flag.in_ if flag and flag.in_ else None,
                imos=None if status is None or status.holds(Series(["none"])).item() else listed,
                after_home_call=all(
                    _after_home_call(pattern.when | asked) for asked in pattern.either.values() or [{}]
                ),
                onward=any(name.startswith("delivered") for name in pattern.when),
                rows={name: asked for name, asked in pattern.when.items() if name in kind.asks},
            )
        )
    return found


def _after_home_call(conditions: Conditions) -> bool:
    """Whether they ask of a call in North Korea before, or of a meeting with a ship that had called there."""
    return any(name.startswith(("dprk_call_", "dprk_met_")) for name in conditions)
