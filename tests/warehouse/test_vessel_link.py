"""Ties between ships, as the view `vessel_link` tells them."""

from pathlib import Path

import pytest

from pipeline.contracts import (
    DAY_CHECK,
    ENCOUNTER,
    PIPELINE_RUN,
    PORT_CALL,
    SOURCE,
    SOURCE_FILE,
    VESSEL,
    VESSEL_IDENTITY,
    VESSEL_PARTICULARS,
)
from pipeline.plain import plain
from pipeline.settings import Settings
from pipeline.tasks.network import ship_network
from pipeline.warehouse.store import Warehouse
from tests.warehouse.rows import rows

ONE, TWO, THREE = (
    {"vessel_id": f"imo-800000{n}", "mmsi": n, "source": "ais", "known_at": "2024-06-10"} for n in (1, 2, 3)
)
BERTH = {"berth_zone_id": "kp-nampo-coal", "port": "nampo", "country": "KP", "confidence": 4, "state": "closed"}


def links(warehouse: Warehouse, ship: dict = ONE) -> list[tuple]:
    found = warehouse.query(
        f"select tie, other_vessel_id, event_id from vessel_link where vessel_id = '{ship['vessel_id']}'"
        " order by tie, event_id, other_vessel_id"
    )
    return [tuple(row) for row in found.astype(object).where(found.notna(), None).to_numpy().tolist()]


def calls(warehouse: Warehouse, *given: dict) -> None:
    warehouse.sync(PORT_CALL, rows(PORT_CALL, *(BERTH | call for call in given)))


def test_who_lay_at_a_berth_before_and_after_is_a_tie_of_both(warehouse: Warehouse):
    calls(
        warehouse,
        {**TWO, "port_call_id": "a", "arrived_by": "2024-06-01", "departed_by": "2024-06-02"},
        {**ONE, "port_call_id": "b", "arrived_by": "2024-06-03", "departed_by": "2024-06-04"},
        {**THREE, "port_call_id": "c", "arrived_by": "2024-06-05", "departed_by": "2024-06-06"},
    )

    assert links(warehouse) == [
        ("lay at the berth after her", THREE["vessel_id"], "c"),
        ("lay at the berth before her", TWO["vessel_id"], "a"),
    ]
    assert links(warehouse, TWO) == [("lay at the berth after her", ONE["vessel_id"], "b")]


def test_her_own_next_call_and_calls_at_no_known_berth_are_none(warehouse: Warehouse):
    calls(
        warehouse,
        {**ONE, "port_call_id": "a", "arrived_by": "2024-06-01", "departed_by": "2024-06-02"},
        {**ONE, "port_call_id": "b", "arrived_by": "2024-06-03", "departed_by": "2024-06-04"},
        {**TWO, "port_call_id": "c", "arrived_by": "2024-06-05", "berth_zone_id": None},
    )

    assert links(warehouse) == []


def test_a_call_of_a_day_held_back_stands_between_no_others_at_a_berth(warehouse: Warehouse):
    check = {"day": "2024-06-11", "check_name": "coverage", "subject": "all", "passed": False}
    warehouse.sync(DAY_CHECK, rows(DAY_CHECK, check))
    calls(
        warehouse,
        {**TWO, "port_call_id": "a", "arrived_by": "2024-06-01", "departed_by": "2024-06-02"},
        {
            **THREE,
            "port_call_id": "b",
            "arrived_by": "2024-06-03",
            "departed_by": "2024-06-04",
            "known_at": "2024-06-12",
        },
        {**ONE, "port_call_id": "c", "arrived_by": "2024-06-05", "departed_by": "2024-06-06"},
    )

    assert links(warehouse) == [("lay at the berth before her", TWO["vessel_id"], "a")]
    assert links(warehouse, TWO) == [("lay at the berth after her", ONE["vessel_id"], "c")]
    assert links(warehouse, THREE) == []


def test_ships_that_came_in_the_same_second_are_neighbours_in_order_of_their_calls(warehouse: Warehouse):
    calls(
        warehouse,
        {**THREE, "port_call_id": "c", "arrived_by": "2024-06-01", "departed_by": "2024-06-02"},
        {**ONE, "port_call_id": "b", "arrived_by": "2024-06-01", "departed_by": "2024-06-02"},
        {**TWO, "port_call_id": "a", "arrived_by": "2024-06-01", "departed_by": "2024-06-02"},
    )

    assert links(warehouse) == [
        ("lay at the berth after her", THREE["vessel_id"], "c"),
        ("lay at the berth before her", TWO["vessel_id"], "a"),
    ]


def test_a_meeting_is_a_tie_from_either_side_and_one_with_a_nameless_object_from_one(warehouse: Warehouse):
    other = {"other_vessel_id": TWO["vessel_id"], "other_mmsi": 2, "began_at": "2024-06-01"}
    nameless = {"other_vessel_id": None, "other_mmsi": None, "began_at": "2024-06-02"}
    given = ({**ONE, **other, "encounter_id": "e"}, {**ONE, **nameless, "encounter_id": "f"})
    warehouse.sync(ENCOUNTER, rows(ENCOUNTER, *given))

    assert links(warehouse) == [("met", TWO["vessel_id"], "e"), ("met", None, "f")]
    assert links(warehouse, TWO) == [("met", ONE["vessel_id"], "e")]


def test_what_a_day_held_back_established_ties_nobody(warehouse: Warehouse):
    check = {"day": "2024-06-09", "check_name": "coverage", "subject": "all", "passed": False}
    warehouse.sync(DAY_CHECK, rows(DAY_CHECK, check))
    met = {"other_vessel_id": TWO["vessel_id"], "other_mmsi": 2, "began_at": "2024-06-01", "encounter_id": "e"}
    warehouse.sync(ENCOUNTER, rows(ENCOUNTER, {**ONE, **met}))

    assert links(warehouse) == []


@pytest.mark.parametrize(
    ("tie", "same", "differing"),
    [
        ("same MMSI", {"mmsi": 7}, {"imo": 8000001, "imo_valid": False}),
        ("same IMO number", {"imo": 8000001, "imo_valid": True}, {}),
    ],
)
def test_one_number_on_two_hulls_is_a_tie(warehouse: Warehouse, tie: str, same: dict, differing: dict):
    said = [
        {
            **ship,
            "vessel_identity_id": ship["vessel_id"],
            **differing,
            **same,
            "from_at": "2024-06-01",
            "to_at": "2024-06-09",
        }
        for ship in (ONE, TWO)
    ]
    warehouse.sync(VESSEL_IDENTITY, rows(VESSEL_IDENTITY, *said))

    assert links(warehouse) == [(tie, TWO["vessel_id"], None)]


def test_one_owner_of_two_ships_is_a_tie_and_another_owner_is_none(warehouse: Warehouse):
    warehouse.sync(VESSEL, rows(VESSEL, *({**ship, "imo": 8000000 + ship["mmsi"]} for ship in (ONE, TWO, THREE))))
    owners = {1: "A SHIPPING", 2: "A SHIPPING", 3: "B SHIPPING"}
    told = [
        {"provider": "gfw", "ship": str(n), "mmsi": n, "imo": 8000000 + n, "owner": owner}
        for n, owner in owners.items()
    ]
    warehouse.sync(SOURCE, rows(SOURCE, {"source": "gfw"}))
    warehouse.sync(SOURCE_FILE, rows(SOURCE_FILE, {"source_file_id": "file", "source": "gfw"}))
    told = [one | {"source_file_id": "file"} for one in told]
    warehouse.sync(VESSEL_PARTICULARS, rows(VESSEL_PARTICULARS, *told))

    assert links(warehouse) == [("same owner", TWO["vessel_id"], None)]
    assert links(warehouse, THREE) == []


def spans(warehouse: Warehouse, tie: str) -> list[tuple[str, str | None, str]]:
    found = warehouse.rows(
        "select from_at, to_at, sentence from vessel_link where vessel_id = :one and tie = :tie order by event_id",
        {"one": ONE["vessel_id"], "tie": tie},
    )
    return [(str(row["from_at"])[:10], row["to_at"] and str(row["to_at"])[:10], row["sentence"]) for row in found]


def at_once(warehouse: Warehouse, tie: str) -> list[bool]:
    asked = "select at_once from vessel_link where vessel_id = :one and tie = :tie order by event_id"
    return [row["at_once"] for row in plain(warehouse.rows(asked, {"one": ONE["vessel_id"], "tie": tie}))]


def test_the_time_of_a_berth_tie_is_that_between_two_ships_or_that_of_both(warehouse: Warehouse):
    calls(
        warehouse,
        {**TWO, "port_call_id": "a", "arrived_by": "2024-06-01", "departed_by": "2024-06-02"},
        {**ONE, "port_call_id": "b", "arrived_by": "2024-06-03", "departed_by": "2024-06-10"},
        {**THREE, "port_call_id": "c", "arrived_by": "2024-06-05", "departed_by": "2024-06-06"},
        {**ONE, "port_call_id": "d", "arrived_by": "2024-06-05 12:00", "departed_by": "2024-06-20"},
        {**TWO, "port_call_id": "e", "arrived_by": "2024-06-07", "departed_by": None, "state": "open"},
        {**ONE, "port_call_id": "f", "arrived_by": "2024-06-08", "departed_by": None, "state": "open"},
    )

    before = "The other ship lay at the berth before her"
    assert spans(warehouse, "lay at the berth before her") == [
        ("2024-06-02", "2024-06-03", before),
        ("2024-06-05", "2024-06-06", f"{before}, and was there when she came"),
        ("2024-06-08", None, f"{before}, and was there when she came"),
    ]
    assert at_once(warehouse, "lay at the berth before her") == [False, True, True]
    after = "The other ship lay at the berth after her"
    assert spans(warehouse, "lay at the berth after her") == [
        ("2024-06-05", "2024-06-06", f"{after}, and came while she was there"),
        ("2024-06-07", "2024-06-20", f"{after}, and came while she was there"),
    ]


@pytest.mark.parametrize(
    ("second", "span", "more"),
    [
        (("2024-06-05", "2024-06-30"), ("2024-06-05", "2024-06-09"), ""),
        (("2024-06-20", "2024-06-30"), ("2024-06-09", "2024-06-20"), "; one after the other"),
    ],
)
def test_a_number_that_one_sent_after_the_other_ties_them_from_the_one_to_the_other(warehouse, second, span, more):
    times = {ONE["vessel_id"]: ("2024-06-01", "2024-06-09"), TWO["vessel_id"]: second}
    said = [
        {"vessel_id": ship, "vessel_identity_id": ship, "mmsi": 7, "from_at": first, "to_at": last}
        for ship, (first, last) in times.items()
    ]
    warehouse.sync(VESSEL_IDENTITY, rows(VESSEL_IDENTITY, *said))

    assert spans(warehouse, "same MMSI") == [(*span, f"Both sent MMSI 7{more}")]
    assert at_once(warehouse, "same MMSI") == [not more]


def test_a_ship_that_is_still_beside_another_at_her_berth_is_a_tie_however_long(warehouse: Warehouse, address: str):
    warehouse.sync(VESSEL, rows(VESSEL, {**ONE, "imo": 8000003}, {**TWO, "name": "BESIDE"}))
    warehouse.sync(PIPELINE_RUN, rows(PIPELINE_RUN, {"command": "run", "status": "done"}))
    calls(
        warehouse,
        {**TWO, "port_call_id": "a", "arrived_by": "2024-06-01", "departed_by": None, "state": "open"},
        {**ONE, "port_call_id": "b", "arrived_by": "2024-06-08", "departed_by": None, "state": "open"},
    )

    (found,) = ship_network(Settings(home=Path("nowhere"), warehouse_url=address), "8000003", hours=1.0)

    assert [(tie["other_name"], tie["to_at"]) for tie in found["ties"]] == [("BESIDE", None)]
