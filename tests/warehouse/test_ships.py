"""When a ship was heard on which MMSIs, and how long alerts last, on both databases."""

from pipeline import contracts as c
from pipeline.warehouse.alerts import spans_of_alerts
from pipeline.warehouse.reader import open_reader
from pipeline.warehouse.ships import tracks_of_imo
from tests.warehouse.rows import rows


def test_a_hull_is_found_on_each_of_her_mmsis_and_sharing_one_is_told(warehouse):
    def track(mmsi, number, hull, first, last):
        return {"track_id": f"{mmsi}-{number}", "mmsi": mmsi, "vessel_id": hull, "from_at": first, "to_at": last}

    hulls = {"imo-8000003": 8000003, "mmsi-7": None}
    with warehouse.transaction():
        warehouse.sync(c.VESSEL, rows(c.VESSEL, *({"vessel_id": key, "imo": imo} for key, imo in hulls.items())))
        warehouse.sync(c.TRACK, rows(
            c.TRACK,
            track(7, 1, "imo-8000003", "2024-06-03", "2024-06-05"), track(7, 2, "mmsi-7", "2024-06-04", "2024-06-09"),
            track(5, 1, "imo-8000003", "2024-06-01", "2024-06-02"), track(5, 2, "mmsi-7", "2024-06-03", "2024-06-09"),
        ))  # fmt: skip

    found = tracks_of_imo(warehouse, 8000003)

    assert [(row["mmsi"], row["from_at"][:10], row["to_at"][:10], row["shared"]) for row in found] == [
        (5, "2024-06-01", "2024-06-02", False),
        (7, "2024-06-03", "2024-06-05", True),
    ]
    assert tracks_of_imo(warehouse, 8000015) == []


def test_each_alert_lasts_as_long_as_its_events_and_the_track_around_it(filled):
    with open_reader(filled) as reader:
        spans = spans_of_alerts(reader)

    assert {one["alert_id"] for one in spans} == {"direct-1", "direct-1b", "listed-2", "held-3"}
    assert all(one["from_at"] <= one["to_at"] for one in spans)
    assert ("direct-1", 1) in {(one["alert_id"], one["mmsi"]) for one in spans}
