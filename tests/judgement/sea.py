"""A small sea for tests: a few zones, and events built from a few words. Times are UTC."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, cached_property, wraps
from itertools import count

import pandas as pd

from pipeline.contracts import (
    AIS_GAP,
    DARK_CALL,
    DRAUGHT_CHANGE,
    IDENTITY_CHANGE,
    PORT_CALL,
    STOP,
    VESSEL,
    VESSEL_IDENTITY,
    VOYAGE,
    ZONE,
    Table,
)
from pipeline.judgement.alerts import Knowledge
from pipeline.judgement.articles import ClaimSpec, Window
from pipeline.judgement.cases.events import Events
from pipeline.judgement.evidence import load_weights
from pipeline.judgement.measures import load_measures
from pipeline.judgement.patterns import Patterns, load_patterns
from pipeline.judgement.tonnage import load_tonnage
from pipeline.judgement.watchlists import load_watchlists
from pipeline.limits import load_limits

_PLACES = [  # zone, kind, lies in, port, country, loads, receives
    ("kp-taedong", "basin", None, "taedong basin", "KP", True, False),
    ("kp-nampo", "terminal", "kp-taedong", "nampo", "KP", True, False),
    ("kp-nampo-coal", "terminal", "kp-nampo", "nampo", "KP", True, False),
    ("kp-nampo-oil", "terminal", "kp-nampo", "nampo", "KP", False, False),
    ("kp-songnim", "terminal", "kp-taedong", "songnim", "KP", True, False),
    ("kp-nampo-anchorage", "anchorage", None, "nampo", "KP", False, False),
    ("kp-rajin", "port", None, "rajin", "KP", True, False),
    ("kp-haeju", "port", None, "haeju", "KP", False, False),
    ("cn-dalian", "port", None, "dalian", "CN", False, True),
    ("cn-dalian-anchorage", "anchorage", None, "dalian", "CN", False, True),
    ("cn-weihai", "port", None, "weihai", "CN", False, True),
    ("cn-shanghai", "port", None, "shanghai", "CN", False, False),
    ("ru-vostochny", "port", None, "vostochny", "RU", False, True),
    ("kr-incheon", "port", None, "incheon", "KR", False, True),
]
ZONES = ZONE.conform(
    pd.DataFrame(
        [
            {
                "zone_id": zone, "name": zone.split("-", 1)[1].title(), "kind": kind, "parent_zone_id": parent,
                "call_zone_id": "kp-taedong" if parent else zone, "port": port, "country": country, "loads_coal": loads,
                "receives_coal": receives, "precision": "estimated", "source": "made up for tests", "valid_from": None,
                "valid_to": None, "longitude": 0.0, "latitude": 0.0, "geometry": "POINT (0 0)",
            }
            for zone, kind, parent, port, country, loads, receives in _PLACES
        ]
    )
)  # fmt: skip
_ZONE = ZONES.set_index("zone_id")
_number = count(1)

LISTED_COAL_SHIP = 9004700  # Xin Guang Hai; United Nations, 30 March 2018
LISTED_SOON_BEFORE_ARTICLE = 9010022  # Asia Bridge; OFAC, 8 December 2020


def at(text: str) -> pd.Timestamp:
    """A moment (UTC)."""
    return pd.Timestamp(text, tz="UTC").as_unit("us")


def hours(number: float) -> pd.Timedelta:
    """A length of time."""
    return pd.Timedelta(hours=number)


def port_call(zone: str, arrived: pd.Timestamp, stay: float = 48, **given) -> dict:
    """A closed call of `stay` hours, seen from entry to exit, stopped all but two hours; a terminal is a berth."""
    call_zone = _ZONE.at[zone, "call_zone_id"]
    left = arrived + hours(stay)
    call_id = f"call-{next(_number)}"
    return {
        "port_call_id": call_id, "visit_id": call_id, "vessel_id": "ship", "track_id": "ship-1", "mmsi": 441000001,
        "imo": None, "source": "ais", "known_at": (left + hours(24)).floor("D"), "cut_at_start": False,
        "zone_id": call_zone,
        "berth_zone_id": zone if zone != call_zone else None, "port": _ZONE.at[zone, "port"],
        "country": _ZONE.at[zone, "country"], "arrived_after": arrived - hours(0.1), "arrived_by": arrived,
        "departed_after": left, "departed_by": left + hours(0.1), "state": "closed",
        "first_stop_at": arrived + hours(1), "stop_longitude": None, "stop_latitude": None,
        "stopped_hours": stay - 2.0, "draught_in_m": None, "draught_in_at": None, "draught_out_m": None,
        "draught_out_at": None, "confidence": 4, "max_silence_hours": 0.5,
    } | given  # fmt: skip


def open_call(zone: str, arrived: pd.Timestamp, **given) -> dict:
    """A call that goes on when the data end; she was stopped an hour after arriving."""
    still = dict.fromkeys(("departed_after", "departed_by", "stopped_hours", "draught_out_m", "max_silence_hours"))
    return port_call(zone, arrived) | still | {"state": "open", "known_at": (arrived + hours(24)).floor("D")} | given


def voyage(origin: dict, destination: dict, **given) -> dict:
    """The passage between two calls; draughts as the crew entered them: on arrival at the origin, and on the way.

    `events` makes the draught of the call, and the change after it, of them.
    """
    before, after = given.get("draught_before_m"), given.get("draught_m")
    return {
        "voyage_id": f"voyage-{next(_number)}", "vessel_id": "ship", "track_id": origin["track_id"],
        "mmsi": origin["mmsi"],
        "imo": origin["imo"], "source": "ais", "known_at": destination["known_at"], "cut_at_start": False,
        "origin_port_call_id": origin["port_call_id"], "origin_zone_id": origin["berth_zone_id"] or origin["zone_id"],
        "origin_port": origin["port"], "origin_country": origin["country"],
        "destination_port_call_id": destination["port_call_id"], "destination_zone_id": destination["zone_id"],
        "destination_port": destination["port"], "destination_country": destination["country"],
        "departed_at": origin["departed_by"], "arrived_at": destination["arrived_by"],
        "hours": (destination["arrived_by"] - origin["departed_by"]) / hours(1), "distance_nm": 200.0,
        "dark_hours": 0.0,
        "longest_silence_hours": 0.5, "encounters": 0, "draught_before_m": None, "draught_m": None,
        "draught_change_m": None if before is None or after is None else after - before, "cargo_state": "unknown",
    } | given  # fmt: skip


def gap(began: pd.Timestamp, length: float, reception: str, **given) -> dict:
    """A silence off the West Sea Barrage."""
    return {
        "ais_gap_id": f"gap-{next(_number)}", "vessel_id": "ship", "track_id": "ship-1", "mmsi": 441000001, "imo": None,
        "source": "ais", "known_at": (began + hours(length + 24)).floor("D"), "cut_at_start": False, "began_at": began,
        "ended_at": began + hours(length), "hours": float(length), "off_longitude": 124.6, "off_latitude": 38.5,
        "on_longitude": 124.5, "on_latitude": 38.5, "off_zone_id": None, "on_zone_id": None, "distance_nm": 5.0,
        "implied_speed_kn": 0.2, "reception": reception, "reception_cell_deg": 0.25, "hours_tested": 20,
        "hours_heard": 15,
        "vessel_hours_before": 40, "feasible_zone_id": None, "feasible_stay_hours": None,
    } | given  # fmt: skip


def dark_call(silence: dict, zone: str = "kp-taedong", **given) -> dict:
    """A silence that leaves time for a call at a port 90 nm off, to which she was bound."""
    ended, hull = silence["ended_at"], ("vessel_id", "track_id", "mmsi", "imo", "source", "known_at", "cut_at_start")
    stay = None if ended is None else silence["hours"] - 22
    return {name: silence[name] for name in hull} | {
        "dark_call_id": f"dark-{next(_number)}", "ais_gap_id": silence["ais_gap_id"], "zone_id": zone,
        "port": _ZONE.at[zone, "port"], "country": _ZONE.at[zone, "country"], "rank": 1, "ports_in_reach": 1,
        "began_at": silence["began_at"], "ended_at": ended, "earliest_arrival_at": silence["began_at"] + hours(11),
        "latest_departure_at": None if ended is None else ended - hours(11), "longest_stay_hours": stay,
        "distance_in_nm": 90.0, "distance_out_nm": None if ended is None else 90.0, "speed_kn": 10.0,
        "speed_from": "sustained", "speed_before_kn": 10.0, "approach_share": 0.95,
    } | given  # fmt: skip


def stop(began: pd.Timestamp, length: float | None, country: str | None = "CN", **given) -> dict:
    """A rest at bare coordinates in the Yellow Sea; without a length it goes on when the data end."""
    left = began + hours(length or 12)
    ended = {"last_at": left, "ended_at": left + hours(0.5), "stopped_hours": length}
    return {
        "stop_id": f"stop-{next(_number)}", "vessel_id": "ship", "track_id": "ship-1", "mmsi": 441000001, "imo": None,
        "source": "ais", "known_at": (left + hours(24)).floor("D"), "cut_at_start": False, "longitude": 122.4,
        "latitude": 37.1, "country": country, "began_at": began,
    } | (ended if length else dict.fromkeys(ended)) | given  # fmt: skip


def under_way(origin: dict, **given) -> dict:
    """A voyage from a call that has not ended."""
    still = [name for name in VOYAGE.names if name.startswith("destination_")]
    still += ["arrived_at", "hours", "distance_nm", "dark_hours", "longest_silence_hours"]
    return voyage(origin, origin) | dict.fromkeys(still) | given


def draught(changed: pd.Timestamp, before_m: float | None, after_m: float | None, **given) -> dict:
    """A draught typed over, seen within six minutes."""
    return {
        "draught_change_id": f"draught-{next(_number)}", "vessel_id": "ship", "mmsi": 441000001, "source": "ais",
        "known_at": (changed + hours(24)).floor("D"), "cut_at_start": False, "changed_after": changed - hours(0.1),
        "changed_by": changed, "draught_before_m": before_m, "draught_after_m": after_m,
        "change_m": None if None in (before_m, after_m) else round(after_m - before_m, 1),
    } | given  # fmt: skip


def another_imo(changed: pd.Timestamp, **given) -> dict:
    """Another valid IMO number in place of the one before."""
    return {
        "identity_change_id": f"change-{next(_number)}", "vessel_id": "ship", "track_id": "ship-1", "mmsi": 441000001,
        "imo": None, "source": "ais", "known_at": changed.ceil("D"), "cut_at_start": False, "kind": "value",
        "field": "imo", "changed_after": changed - hours(1), "changed_by": changed, "value_before": "2990027",
        "value_after": "2990039", "ordinary": None, "longitude": 120.0, "latitude": 36.0,
    } | given  # fmt: skip


class Later:
    """Events that are made when somebody looks at them: each worker imports every file, and runs some."""

    def __init__(self, make: Callable[[], Events]):
        self._make = make

    @cached_property
    def made(self) -> Events:
        """The events themselves."""
        return self._make()

    def __getattr__(self, name: str):
        if name.startswith("__"):  # what copying asks for before there is anything to look at
            raise AttributeError(name)
        return getattr(self.made, name)

    def __getitem__(self, table: Table) -> pd.DataFrame:
        return self.made[table]


def later(make: Callable[..., Events]) -> Callable[..., Events]:
    """Let a function make its events when somebody looks at them."""
    return wraps(make)(lambda *args, **given: Later(lambda: make(*args, **given)))


@later
def events(
    port_calls: list[dict],
    voyages: list[dict] = (),
    gaps: list[dict] = (),
    draughts: list[dict] = (),
    stops: list[dict] = (),
    dark_calls: list[dict] = (),
    identity_changes: list[dict] = (),
    *,
    ship_type=70,
    length_m=140.0,
    flag="KR",
    **ship,
) -> Events:
    """Events of one ship, by default a South Korean cargo ship of 140 m; `ship` overrides columns of every event."""
    identity = {"flag": flag, "ship_type": ship_type, "length_m": length_m, "width_m": 20.0, "name": "MORNING STAR"}
    identity |= {"call_sign": None, "from_at": at("2014-01-01"), "to_at": at("2022-01-01"), "mmsi": 441000001} | ship
    hull = pd.DataFrame([{"vessel_id": "ship", "imo": None, "licence": None} | identity])
    said = hull.assign(vessel_identity_id="said", track_id="ship-1", imo_valid=True)
    origins = {row["origin_port_call_id"]: row for row in voyages if row["draught_before_m"] is not None}
    port_calls = [
        row | {"draught_in_m": origins[row["port_call_id"]]["draught_before_m"]}
        if row["port_call_id"] in origins
        else row
        for row in port_calls
    ]
    port_calls = _as_visits(port_calls)
    changes = [*draughts]
    changes += [draught(row["departed_at"], row["draught_before_m"], row["draught_m"]) for row in origins.values()]
    changes += [
        draught(row["departed_after"] - hours(1), row["draught_in_m"], row["draught_out_m"])
        for row in port_calls
        if row["draught_out_m"] is not None
    ]
    changes = [row for row in changes if None not in row.values() and row["change_m"]]
    changes = [row | {"track_id": "ship-1", "imo": None} for row in changes]
    tables = {
        table.name: table.conform(pd.DataFrame([row | ship for row in rows], columns=table.names))
        if rows
        else table.empty()
        for table, rows in (
            (VOYAGE, voyages),
            (PORT_CALL, port_calls),
            (STOP, stops),
            (AIS_GAP, gaps),
            (DRAUGHT_CHANGE, changes),
            (DARK_CALL, dark_calls),
            (IDENTITY_CHANGE, identity_changes),
        )
    }
    return Events(tables, VESSEL.conform(hull), VESSEL_IDENTITY.conform(said))


def _as_visits(calls: list[dict]) -> list[dict]:
    """Calls of a track in one port, each within a day of the one before, are one visit."""
    visit: dict = {}
    of_call = {}
    for call in sorted(calls, key=lambda one: one["arrived_by"]):
        last = visit.get(call["track_id"])
        left = last and last["departed_by"]
        if last and last["port"] == call["port"] and left is not None and call["arrived_by"] - left <= hours(24):
            call = call | {"visit_id": last["visit_id"]}
        visit[call["track_id"]] = call
        of_call[call["port_call_id"]] = call["visit_id"]
    return [call | {"visit_id": of_call[call["port_call_id"]]} for call in calls]


@later
def fleet(ships: list[Events]) -> Events:
    """The events of several ships, each of which `events` made by itself: ship-0, ship-1 …"""

    def together(of_ships: list[pd.DataFrame]) -> pd.DataFrame:
        frames = []
        for number, rows in enumerate(of_ships):
            frame = rows.assign(vessel_id=f"ship-{number}")
            if "track_id" in frame:  # events bought in have none
                frame = frame.assign(track_id=frame["track_id"].mask(frame["track_id"].notna(), f"ship-{number}-1"))
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    tables = {name: together([ship.tables[name] for ship in ships]) for name in ships[0].tables}
    vessels, identities = ([getattr(ship, name) for ship in ships] for name in ("vessels", "identities"))
    return Events(tables, together(vessels), together(identities))


APART = 10  # between the MMSIs of two stories


def in_one_sea(stories: list[Events]) -> Events:
    """The events of several stories, each with ships of its own: the MMSIs of story n are higher by n times `APART`."""

    def apart(frame: pd.DataFrame, number: int) -> pd.DataFrame:
        ids = [name for name in frame if name.endswith("_id") and "zone" not in name]
        mmsis = [name for name in frame if name.endswith("mmsi")]
        return frame.assign(
            **{name: frame[name] + f" of {number}" for name in ids if len(frame)},
            **{name: frame[name] + number * APART for name in mmsis},
        )

    def together(frames: list[pd.DataFrame]) -> pd.DataFrame:
        filled = [apart(frame, number) for number, frame in enumerate(frames) if len(frame)]
        return pd.concat(filled, ignore_index=True) if filled else frames[0]

    names = dict.fromkeys(name for story in stories for name in story.tables)
    empty = {name: next(story.tables[name] for story in stories if name in story.tables).iloc[:0] for name in names}
    tables = {name: together([story.tables.get(name, empty[name]) for story in stories]) for name in names}
    return Events(tables, *(together([getattr(story, of) for story in stories]) for of in ("vessels", "identities")))


def direct_call(
    left: str = "2020-12-10", origin: str = "kp-nampo-coal", destination: str = "cn-dalian", stay: float = 48, **given
) -> tuple[list[dict], list[dict]]:
    """A stay at the origin, a day's passage, a stay at the destination: its port calls and its voyage."""
    call = port_call(origin, at(left) - hours(stay), stay)
    landing = port_call(destination, call["departed_by"] + hours(given.pop("passage", 24)))
    return [call, landing], [voyage(call, landing, **given)]


def bought_in(rows: list[dict]) -> list[dict]:
    """Calls or voyages as a provider tells them: on no track, without draught and hours stopped."""
    named = ("port_call_id", "voyage_id", "origin_port_call_id", "destination_port_call_id")
    untold = ("track_id", "stopped_hours", "draught_in_m", "draught_out_m", "first_stop_at", "arrived_after")
    return [
        {name: f"gfw-{value}" if name in named else None if name in untold else value for name, value in row.items()}
        | {"source": "gfw", "licence": "for no trade"}
        for row in rows
    ]


def real_knowledge(specs: list[ClaimSpec] = (), zones: pd.DataFrame = ZONES) -> Knowledge:
    """What the project's own knowledge files say, with the zones and claims given."""
    return _of_this_sea() if zones is ZONES and not specs else _of_seeds(specs, zones)


@cache
def _of_this_sea() -> Knowledge:
    """As every test that asks for no other has it: the reach of the patterns is found once."""
    return _of_seeds((), ZONES)


def _of_seeds(specs: list[ClaimSpec], zones: pd.DataFrame) -> Knowledge:
    lists = replace(load_watchlists(), name_limits=load_limits().watchlist)
    return Knowledge(
        zones, load_patterns(), load_weights(), lists, load_measures(), list(specs), load_limits(), load_tonnage()
    )


def claim(**given) -> ClaimSpec:
    """A claim of class A on coal leaving Nampo, with one window: December 2020."""
    window = Window(window_id="W0", from_at=at("2020-12-01"), to_at=at("2021-01-01"), role="primary")
    return ClaimSpec(
        **{
            "claim_id": "article/C1", "article_id": "article", "published_at": at("2021-01-01"), "synthetic": False,
            "testability": "A", "windows": [window], "zones": ["kp-nampo-coal"], "origins": ["kp-nampo-coal"],
            "destinations": [], "supporting_patterns": ["direct-call"], "weakening_patterns": [],
            "expected_calls_per_month": None, "hypothesis": None, "documentary": None,
            "would_change_it": "Dated imagery of the berth.",
        } | given
    )  # fmt: skip


@cache
def without_law() -> Knowledge:
    """Real knowledge without measures, and patterns that need none: for tests that ask of something else."""
    real = real_knowledge()
    return replace(real, measures=replace(real.measures, entries={}), patterns=needing_no_measure(real.patterns))


def needing_no_measure(patterns: Patterns) -> Patterns:
    """The patterns, those that any measure suffices resting on none."""
    freed = {name: one.model_copy(update={"stands_against": []}) for name, one in patterns.entries.items()}
    entries = {name: one if one.stands_against else freed[name] for name, one in patterns.entries.items()}
    return replace(patterns, entries=entries)


def knowing(knowledge: Knowledge, **changed) -> Knowledge:
    """The knowledge with some of it changed."""
    return replace(knowledge, **changed)
