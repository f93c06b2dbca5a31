"""Task: runs and positions of UTC days to encounters in the warehouse, from what earlier days hand on.

Of each day, pairs with a ship that is due on it are looked at (`state.meetings`); positions are read only of ships that
were slow near each other, or that were together when the day before ended.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from pipeline.contracts import CREEP, ENCOUNTER, OURS, RUN
from pipeline.contracts.meetings import MET
from pipeline.days import day_ended_at
from pipeline.errors import InputError
from pipeline.events.attribution import attribute_pairs
from pipeline.events.encounters import Found, Meetings, find_encounters
from pipeline.lake.pruned import how_to_restore, kept_ships, pruned_days
from pipeline.movement.creeping import abreast
from pipeline.movement.moments import SHIP, expand, number_of
from pipeline.movement.reach import Company, company, look_back, outside_ports
from pipeline.movement.tracks import Fixes, separate_ships
from pipeline.state.meetings import HandedOn
from pipeline.tasks.home import Home
from pipeline.tasks.hulls import resolve
from pipeline.warehouse.models import model
from pipeline.warehouse.scope import Among
from pipeline.warehouse.store import Warehouse

log = logging.getLogger(__name__)
_DAY = pd.Timedelta(days=1)
_DAYS_AT_ONCE = 8  # whose runs are held to see who was near whom
_FIX = {"mmsi": "int64", "track": "int64", "at": "datetime64[us, UTC]", "longitude": float, "latitude": float}
_FIXES_AT_ONCE = 1_000_000  # read at once, beside all those that were kept of the day
_SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")


def find_meetings(home: Home, warehouse: Warehouse, days: Sequence[str]) -> None:
    """Find the encounters of consecutive UTC days of the ships that are due, and bring the warehouse to them.

    A stopped one begins again: what a day hands on is kept with what it makes due, and a day is due until the
    warehouse holds what it came to.
    """
    due = home.meetings.due(days[0], days[-1])
    window = _window(home, days)
    near = company(outside_ports(window.runs, home.zones.frame), home.limits)
    pairs = abreast(window.creeps, home.limits.encounter)
    found: list[tuple[str, np.ndarray, DataFrame]] = []
    for day in days:
        of = np.array(sorted(due.get(day, ())), dtype="int64")
        with_others = _near_on(near, pairs, day, of, home)
        met = MET.empty()
        parties = home.meetings.parties(day, of)
        if len(with_others) or len(parties):
            parties = of[np.isin(of, np.union1d(parties, with_others["mmsi"]))]
            met, handed_on = _find(home, window, day, parties, with_others)
            home.meetings.hand_on(day, parties, HandedOn(*handed_on))
            due = home.meetings.due(days[0], days[-1])
        found.append((day, of, met))
    count = _sync(home, warehouse, found)
    home.meetings.note_found({day: of for day, of, _ in found})
    log.info("found %d encounters of %s to %s", count, days[0], days[-1])


class _Window(NamedTuple):
    """Runs of UTC days and of the end of the day before, and hours of creeping ships, `ship` the number of the track;
    and which track each ship was: mmsi, track, day, ship."""

    runs: DataFrame
    creeps: DataFrame
    links: DataFrame


def _window(home: Home, days: Sequence[str]) -> _Window:
    before = (pd.Timestamp(days[0]) - _DAY).strftime("%Y-%m-%d")
    runs, heard = home.results.runs([before, *days]), home.spans.heard(before, days[-1])
    of_ships = runs[runs["fixes"] > 0].assign(day=lambda rows: rows["began_at"].dt.floor("D"))
    of_ships = of_ships.groupby(["mmsi", "ship", "day"], as_index=False).agg(
        from_at=("began_at", "min"), to_at=("ended_at", "max")
    )
    links = of_ships.merge(heard, on=["mmsi", "from_at", "to_at"]).drop_duplicates(["mmsi", "ship", "day"])
    links = links[["mmsi", "track", "day", "ship"]]
    begin = _midnight(days[0]) - look_back(home.limits.encounter)
    creeps = home.results.creeps([before, *days])
    runs, creeps = runs[runs["ended_at"] >= begin], creeps[creeps["last_at"] >= begin]
    runs = _on_tracks(runs, runs["began_at"], links).rename(columns={"track": "ship"})
    creeps = _on_tracks(creeps, creeps["first_at"], links).rename(columns={"track": "ship"})
    return _Window(RUN.conform(runs), CREEP.conform(creeps), links)


def _on_tracks(rows: DataFrame, at: pd.Series, links: DataFrame) -> DataFrame:
    """Rows with the number of the track in place of the day's number of the ship; those of no track left out."""
    keyed = rows.assign(day=at.dt.floor("D"))
    linked = keyed.merge(links, on=["mmsi", "ship", "day"], how="inner", validate="m:1")
    return linked.drop(columns=["ship", "day"])


def _near_on(near: Company, pairs: DataFrame, day: str, of: np.ndarray, home: Home) -> DataFrame:
    """mmsi, track of the ships that were slow near another one in time for a UTC day, or under way abreast of one, one
    of the two among `of`."""
    begin = int(_midnight(day).timestamp()) // 3600
    back = look_back(home.limits.encounter) // pd.Timedelta(hours=1) + 1
    pairs = pairs[pairs["hour"].between(begin - back, begin + 24)]
    pairs = pairs[pairs["mmsi"].isin(of) | pairs["other_mmsi"].isin(of)]
    sides = [pairs[SHIP], pairs[["other_mmsi", "other_track"]].set_axis(SHIP, axis=1)]
    return pd.concat([near.of(of, begin - back, begin + 24), *sides]).drop_duplicates()


def _find(home: Home, window: _Window, day: str, of: np.ndarray, near: DataFrame) -> Found:
    """Encounters of pairs with one of these ships on a UTC day (`find_encounters`)."""
    begin, back = _midnight(day), look_back(home.limits.encounter)
    meetings = Meetings(*home.meetings.before(day, of))
    others = meetings.open[["other_mmsi", "other_track"]].set_axis(SHIP, axis=1)
    ships = pd.concat([near, meetings.open[SHIP], others]).drop_duplicates()
    runs = window.runs
    runs = runs[(runs["ended_at"] >= begin - back) & (runs["began_at"] < begin + _DAY)]
    runs = runs[runs["mmsi"].isin(ships["mmsi"])]
    mmsis = ships["mmsi"].unique()
    parts = [part for at in (begin - _DAY, begin) for part in _fixes(home, window, at, mmsis, begin - back)]
    fixes = pd.concat([part for part in parts if len(part)] or [_no_fixes()], ignore_index=True)
    parts.clear()  # of a crowded sea they take as much memory as all else
    named = home.results.identities([day])
    named = _on_tracks(named, named["first_at"], window.links)
    return find_encounters(
        runs, fixes, meetings, begin, begin + _DAY, home.zones.frame, home.limits, named,
        home.anchorages, of,
    )  # fmt: skip


def _fixes(
    home: Home, window: _Window, day: pd.Timestamp, mmsis: np.ndarray, since: pd.Timestamp
) -> Iterator[DataFrame]:
    """mmsi, track, at, longitude, latitude of ships on a UTC day, of their exact fixes from a time on."""
    links = window.links[window.links["day"] == day]
    links = links.rename(columns={"track": "of"}).rename(columns={"ship": "track"}).sort_values(SHIP)
    _see_kept(home, day.strftime("%Y-%m-%d"), np.intersect1d(mmsis, links["mmsi"]))
    for fixes in _read(home, day.strftime("%Y-%m-%d"), mmsis):
        rows = DataFrame(
            {
                "mmsi": fixes.mmsi,
                "track": separate_ships(fixes, home.limits.track).astype("int64"),
                "at": pd.to_datetime(fixes.at, unit="us", utc=True).as_unit("us"),
                "longitude": fixes.longitude,
                "latitude": fixes.latitude,
            }
        )
        linked = number_of(links, rows["mmsi"], rows["track"])
        rows["track"] = np.append(links["of"].to_numpy("int64"), 0)[linked]
        yield rows[(linked >= 0) & (fixes.precision_m == 0) & (rows["at"] >= since)]


def _no_fixes() -> DataFrame:
    return DataFrame(columns=list(_FIX)).astype(_FIX)


def _see_kept(home: Home, day: str, mmsis: np.ndarray) -> None:
    """raises  InputError if positions of one of these ships, which were heard on a UTC day, were pruned"""
    if len(mmsis) and day in pruned_days(home.lake.catalog):
        gone = set(mmsis.tolist()) - kept_ships(home.lake, day)
        if gone:
            raise InputError(
                f"{day}: encounters of MMSI {min(gone)} must be found again, and its positions were pruned; "
                f"{how_to_restore(home.lake.catalog)}"
            )


def _read(home: Home, day: str, mmsis: np.ndarray) -> Iterator[Fixes]:
    """Fixes of ships on a UTC day, in parts that fit into memory."""
    if not len(mmsis) or not home.lake.parts("positions", day):
        return
    lowest, highest = int(mmsis.min()), int(mmsis.max())
    for first, last in home.lake.mmsi_ranges(day, _FIXES_AT_ONCE):
        if first <= highest and last >= lowest:
            part = home.lake.fixes(day, (max(first, lowest), min(last, highest)))
            begin, end = (np.searchsorted(part["mmsi"], np.sort(mmsis), side) for side in _SIDES)
            of_ship, nth = expand(end - begin)
            chosen = begin[of_ship] + nth
            yield Fixes(**{name: values[chosen] for name, values in part.items()})


def _sync(home: Home, warehouse: Warehouse, found: Sequence[tuple[str, np.ndarray, DataFrame]]) -> int:
    """Bring the warehouse's encounters of pairs with ships that were due, on the days on which they were, to what was
    found; give how many these are. Only the last day on which either of two was heard says that they are together
    still."""
    everyone = np.unique(np.concatenate([of for _, of, _ in found]))
    ours = model(ENCOUNTER).c.source == OURS
    stored = [warehouse.read(ENCOUNTER, Among(name, everyone, ours)) for name in ("mmsi", "other_mmsi")]
    before = pd.concat(stored, ignore_index=True).drop_duplicates("encounter_id", ignore_index=True)
    now = pd.concat([met for *_, met in found if len(met)] or [MET.empty()], ignore_index=True)
    parties = pd.concat([frame[name] for frame in (before, now) for name in ("mmsi", "other_mmsi")])
    if parties.empty:
        return 0
    last = home.ship_days.last_heard(parties.unique().astype("int64")).set_index("mmsi")["day"]
    kept, replaced = [now.iloc[:0]], set[str]()
    for day, of, met in found:
        kept.append(met[met["ended_at"].notna() | _still(met, last, day)])
        theirs = before["mmsi"].isin(of) | before["other_mmsi"].isin(of)
        closed = before["ended_at"].notna() & (before["known_at"] == day_ended_at(day))
        open_ = before["ended_at"].isna() & _still(before, last, day)
        replaced.update(before.loc[theirs & (closed | open_), "encounter_id"])
    rows = pd.concat(kept).drop_duplicates("encounter_id", keep="last", ignore_index=True)
    if rows.empty and not replaced:
        return 0
    mmsis = np.unique(rows[["mmsi", "other_mmsi"]].to_numpy(dtype="int64"))
    attribution = resolve(home, mmsis)[0].attribution
    with warehouse.transaction(), warehouse.watch() as watch:
        warehouse.sync(ENCOUNTER, attribute_pairs(rows, attribution), Among("encounter_id", sorted(replaced)))
        home.ship_days.note_changed_since(watch.since())
    return len(rows)


def _still(rows: DataFrame, last: pd.Series, day: str) -> pd.Series:
    """Whether neither of two ships was heard after a UTC day; one that is not heard any more at all was not."""
    one, other = (rows[name].map(last).astype(object).fillna("") > day for name in ("mmsi", "other_mmsi"))
    return ~(one | other)


def _midnight(day: str) -> pd.Timestamp:
    return pd.Timestamp(day, tz="UTC").as_unit("us")


def ships_near_others(home: Home, days: Sequence[str]) -> dict[str, set[int]]:
    """The ships whose positions of UTC days encounters of these or of the next day rest on: who was slow near another
    or abreast of one, is together with one, or shares her MMSI, whatever tracks their fixes come to belong to.

    days  compressed UTC days, in order
    """
    found: dict[str, set[int]] = {}
    for first in range(0, len(days), _DAYS_AT_ONCE):
        batch = days[first : first + _DAYS_AT_ONCE]
        every = pd.date_range(pd.Timestamp(batch[0]) - _DAY, pd.Timestamp(batch[-1]) + _DAY).strftime("%Y-%m-%d")
        linked = _window(home, list(every))
        plain = linked._replace(runs=home.results.runs(every), creeps=home.results.creeps(every))
        near = [company(outside_ports(one.runs, home.zones.frame), home.limits) for one in (linked, plain)]
        pairs = [abreast(one.creeps, home.limits.encounter) for one in (linked, plain)]
        heard = plain.runs[plain.runs["fixes"] > 0].assign(day=lambda rows: rows["began_at"].dt.strftime("%Y-%m-%d"))
        for day in batch:
            ships = heard.loc[heard["day"] == day, ["mmsi", "ship"]].drop_duplicates()
            following = (pd.Timestamp(day) + _DAY).strftime("%Y-%m-%d")
            of = heard.loc[heard["day"].isin([day, following]), "mmsi"].unique()
            wanted = set(ships.loc[ships["mmsi"].duplicated(), "mmsi"])
            for at in (day, following):
                for one, other in zip(near, pairs, strict=True):
                    wanted |= set(_near_on(one, other, at, of, home)["mmsi"])
                wanted |= set(home.meetings.parties(at, of).ravel())
            found[day] = {int(mmsi) for mmsi in wanted & set(ships["mmsi"])}
    return found
