"""Events of a provider from a few words, and what is told of them."""

import pandas as pd

from pipeline.contracts import PROVIDER_EVENT, PROVIDER_VESSEL, TRACK
from pipeline.limits import load_limits
from pipeline.provider.events import derive_provider_events
from pipeline.tasks.home import read_zones

NOTES = {kind: f"({kind} blind spots)" for kind in ("port_visit", "gap", "encounter", "loitering", "voyage")}
TERMS = {"gfw": "for no trade"}
LIMITS = load_limits().voyage
_PLACES = {"berth": "kp-nampo-coal", "roads": "kp-nampo-anchorage", "longkou": "cn-longkou", "haeju": "kp-haeju"}


def at(text):
    return pd.Timestamp(text, tz="UTC")


def event(kind, number, began, ended, **given):
    return {
        "provider": "gfw", "event_id": number, "kind": kind, "ship": "ship-1", "mmsi": 351990002, "name": "DEMO",
        "began_at": at(began), "ended_at": at(ended) if ended else pd.NaT, "source_file_id": "f",
        "longitude": 123.0, "latitude": 38.1,
    } | given  # fmt: skip


def visit(number, where, began, ended, **given):
    zones = read_zones().frame.set_index("zone_id")
    zone = _PLACES.get(where)
    spot = {"longitude": 129.0, "latitude": 35.0} if zone is None else dict(zones.loc[zone, ["longitude", "latitude"]])
    label = {"port": where.upper(), "port_country": "KR" if zone is None else None, "confidence": 4}
    return event("port_visit", number, began, ended, **(spot | label | given))


def encounter(number, mmsi, ship, other_mmsi, other_ship, began="2020-12-06T01:00", **given):
    sides = {"mmsi": mmsi, "ship": ship, "other_mmsi": other_mmsi, "other_ship": other_ship}
    return event("encounter", number, began, "2020-12-06T04:00", distance_km=0.25, speed_kn=0.5, **(sides | given))


def tell(*rows, vessels=(), tracks=(), notes=NOTES):
    frame = PROVIDER_EVENT.conform(pd.DataFrame(list(rows), columns=PROVIDER_EVENT.names))
    heard = TRACK.conform(
        pd.DataFrame(
            [
                (f"{mmsi}-{n}", mmsi, hull, at(began), at(ended))
                for n, (mmsi, hull, began, ended) in enumerate(tracks, 1)
            ],
            columns=["track_id", "mmsi", "vessel_id", "from_at", "to_at"],
        )
    )
    known = pd.DataFrame(
        [{"provider": "gfw", "source_file_id": "f"} | one for one in vessels], columns=PROVIDER_VESSEL.names
    )
    return derive_provider_events(frame, PROVIDER_VESSEL.conform(known), heard, read_zones(), notes, TERMS, LIMITS)


COAL = (
    visit("p1", "berth", "2020-12-03T06:00", "2020-12-05T08:00"),
    visit("p2", "longkou", "2020-12-07T01:00", "2020-12-10T12:00"),
)


def one(told, table):
    rows = told.tables[table].to_dict("records")
    assert len(rows) == 1
    return rows[0]


GAP = {
    "distance_km": 92.6, "speed_kn": 3.5, "hours": 14.25, "off_longitude": 124.2, "off_latitude": 38.2,
    "on_longitude": 123.2, "on_latitude": 38.0, "switched_off": True, "satellite_positions_per_day": 87.56,
    "satellite_positions_before": 22.0,
}  # fmt: skip
