"""Whom a ship met on a voyage, as the view `voyage_meeting` tells it."""

from pipeline.contracts import DAY_CHECK, ENCOUNTER, VOYAGE
from pipeline.warehouse.store import Warehouse
from tests.warehouse.rows import rows

ONE, TWO = ({"vessel_id": f"imo-800000{n}", "mmsi": n, "source": "ais"} for n in (1, 2))
SAILED = ONE | {
    "voyage_id": "v", "origin_port_call_id": "c", "origin_port": "nampo", "known_at": "2024-06-10",
    "cargo_state": "laden", "departed_at": "2024-06-03", "arrived_at": "2024-06-09",
}  # fmt: skip
MET = ONE | {
    "encounter_id": "e", "other_vessel_id": TWO["vessel_id"], "other_mmsi": 2, "known_at": "2024-06-06",
    "began_at": "2024-06-04", "ended_at": "2024-06-05",
}  # fmt: skip


def told(warehouse: Warehouse, voyages=(SAILED,), meetings=(MET,)) -> list[tuple]:
    warehouse.sync(VOYAGE, rows(VOYAGE, *voyages))
    warehouse.sync(ENCOUNTER, rows(ENCOUNTER, *meetings))
    found = warehouse.query(
        "select voyage_id, encounter_id, other_mmsi from voyage_meeting order by voyage_id, encounter_id"
    )
    return [tuple(row) for row in found.to_numpy().tolist()]


def test_a_meeting_on_the_way_is_told_of_the_voyage(warehouse: Warehouse):
    assert told(warehouse) == [("v", "e", 2)]


def test_of_the_other_ship_s_voyage_too_with_her_as_the_other(warehouse: Warehouse):
    hers = SAILED | TWO | {"voyage_id": "w", "arrived_at": None}

    assert told(warehouse, (SAILED, hers)) == [("v", "e", 2), ("w", "e", 1)]


def test_a_meeting_that_goes_on_is_told_of_the_voyage_it_began_on(warehouse: Warehouse):
    assert told(warehouse, meetings=(MET | {"ended_at": None},)) == [("v", "e", 2)]


def test_what_was_over_when_she_left_or_began_once_she_had_arrived_is_not(warehouse: Warehouse):
    before = MET | {"encounter_id": "a", "began_at": "2024-06-01", "ended_at": "2024-06-02"}
    after = MET | {"encounter_id": "z", "began_at": "2024-06-09 12:00", "ended_at": "2024-06-10"}

    assert told(warehouse, meetings=(before, after)) == []


def test_a_provider_s_meeting_is_not_counted_to_a_voyage_of_ours(warehouse: Warehouse):
    assert told(warehouse, meetings=(MET | {"source": "gfw"},)) == []


def test_nor_is_one_known_by_a_day_that_is_held_back(warehouse: Warehouse):
    day = {"day": "2024-06-05", "check": "rejects", "passed": False, "released": False}
    warehouse.sync(DAY_CHECK, rows(DAY_CHECK, day))

    assert told(warehouse) == []
