"""Silences of drawn worlds are told by their cause: her own, the feeds', or where nobody hears well."""

from datetime import timedelta

from bench.reception_check import FEED, OFF, OTHER, reception_check
from pipeline.scenarios.world import draw_world


def gap(mmsi, began, ended, latitude=38.5):
    return {
        "mmsi": mmsi, "began_at": f"{began:%Y-%m-%d %H:%M:%S}.000000", "ended_at": f"{ended:%Y-%m-%d %H:%M:%S}.000000",
        "off_latitude": latitude, "off_longitude": 124.0, "reception": "heard_others",
    }  # fmt: skip


def test_a_silence_is_told_by_what_caused_it():
    scenario = draw_world(7).scenario
    ship = next(ship for ship in scenario.ships if ship.name.startswith("SYN NIGHTJAR"))
    quiet = ship.silent[0]
    failed = next(down for one in scenario.receivers.values() for down in one.down if "loses its feeds" in down.why)
    hour = timedelta(hours=1)
    causes = {
        OFF: gap(ship.mmsi, quiet.from_at - hour, quiet.to_at + hour),
        FEED: gap(1, failed.from_at, failed.to_at),
        OTHER: gap(ship.mmsi, quiet.from_at - 90 * hour, quiet.from_at - 80 * hour),
    }

    for cause, row in causes.items():
        assert reception_check(scenario, [row]) == [{"cause": cause, "reception": "heard_others", "silences": 1}]


def test_no_silence_is_normal():
    assert reception_check(draw_world(7).scenario, []) == []
