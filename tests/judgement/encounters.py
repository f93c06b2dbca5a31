"""Two ships that met, and the transfers that are found of them."""

from dataclasses import replace
from functools import cache

import pandas as pd

from pipeline.contracts import ENCOUNTER
from pipeline.judgement.alerts import AlertFrames, Knowledge, find_alerts
from pipeline.judgement.cases.events import Events
from tests.judgement.sea import (
    at,
    draught,
    events,
    fleet,
    hours,
    later,
    port_call,
    real_knowledge,
)

BEGAN = at("2020-12-10 10:00")
SHE, OTHER = 441000001, 413990002


@later
def met(one: Events, other: Events, began=BEGAN, length=12.0, zone=None, **given) -> Events:
    """Two ships, and an encounter of theirs: side by side off Nampo unless told otherwise."""
    both = fleet([one, other])
    row = {
        "encounter_id": "meeting", "vessel_id": "ship-0", "track_id": "ship-0-1", "mmsi": SHE,
        "imo": one.vessels["imo"].iloc[0],
        "source": "ais", "known_at": (began + hours(length + 24)).floor("D"), "cut_at_start": False,
        "provider_note": None, "licence": None, "other_vessel_id": "ship-1", "other_track_id": "ship-1-1",
        "other_mmsi": OTHER, "other_imo": None, "began_at": began, "ended_at": began + hours(length),
        "median_distance_m": 50.0, "lay_m": 45.0, "median_speed_kn": 0.1, "zone_id": zone,
        "longitude": 124.4, "latitude": 38.4,
        "last_at": began + hours(length), "spread_m": 5.0, "heard_share": 1.0, "length_m": 140.0,
        "other_length_m": 75.0, "beside_m": 180.0, "alongside": "yes", "under_way_share": 0.0, "context": None,
    } | given  # fmt: skip
    tables = {**both.tables, ENCOUNTER.name: ENCOUNTER.conform(pd.DataFrame([row]))}
    return Events(tables, both.vessels, both.identities)


def her(calls=(), *, flag="PA", **given) -> Events:
    return events(list(calls), flag=flag, **given)


def partner(calls=(), *, ship_type=79, length_m=75.0, **given) -> Events:
    given = {"flag": "CN", "mmsi": OTHER} | given
    return events(list(calls), ship_type=ship_type, length_m=length_m, **given)


def at_nampo(days_before: float = 3) -> list[dict]:
    return [port_call("kp-nampo-coal", BEGAN - hours(24 * days_before + 48))]


HAEJU = [port_call("kp-haeju", BEGAN - hours(120))]


def of_other(rows: list[dict]) -> list[dict]:
    """The same draughts of the other ship."""
    return [row | {"mmsi": OTHER} for row in rows]


@cache
def of_seeds() -> Knowledge:
    return real_knowledge()


def knowledge(zones: pd.DataFrame | None = None) -> Knowledge:
    """What the seeds say, of the zones of tests or of others."""
    return of_seeds() if zones is None else replace(of_seeds(), zones=zones)


def raised(happened: Events, **given) -> tuple[list[str], set[str], str | None]:
    """Patterns of the alerts, the roles of their evidence, and the grade of the first."""
    return transfers_of(find_alerts(happened, knowledge(**given), synthetic=False))


def transfers_of(found: AlertFrames) -> tuple[list[str], set[str], str | None]:
    """The same of what was found."""
    transfers = found.alerts[found.alerts["pattern_id"].str.startswith("transfer")]
    roles = found.evidence[found.evidence["alert_id"].isin(transfers["alert_id"])]["role"]
    return transfers["pattern_id"].tolist(), set(roles), transfers["grade"].iloc[0] if len(transfers) else None


def left(zone: str, hours_before: float, length: float = 30, **given) -> list[dict]:
    """A call that ended so long before the encounter."""
    return [port_call(zone, BEGAN - hours(hours_before + length), length) | given]


ROADS = {"zone": "cn-dalian-anchorage", "longitude": 121.9, "latitude": 38.9}
LIGHTER, DEEPER = [draught(BEGAN + hours(14), 8.0, 4.0)], [draught(BEGAN + hours(14), 4.0, 8.0)]


def typed(draughts: list[dict]) -> Events:
    return partner(draughts=of_other(draughts))
