"""A small warehouse with something of everything: a ship that loads at Nampo, a listed one, one that drifts.

imo-8000003  STAR     Nampo 3 June (coal berth) → Longkou 9 June; silent on the way; alert direct-1, reviewed
imo-8000015  MOON     on a list; Nampo anchorage since 20 June, still there
mmsi-4       FERRY    a passenger ship, calls at Rajin on 2 June
mmsi-3       (none)   drifts, meets STAR, changes name and draught; calls at Nampo on 15 June, a day that is held back
"""

from datetime import UTC, datetime, timedelta

from pipeline import contracts as c
from pipeline.warehouse.lifecycle import sync_alerts
from pipeline.warehouse.review import add_review
from pipeline.warehouse.scope import Among
from pipeline.warehouse.store import Warehouse
from tests.warehouse.rows import rows

START = datetime(2024, 7, 1, 6, tzinfo=UTC)
STAR = {"vessel_id": "imo-8000003", "mmsi": 1, "imo": 8000003, "source": "ais", "known_at": "2024-06-10"}
MOON = {"vessel_id": "imo-8000015", "mmsi": 2, "imo": 8000015, "source": "ais", "known_at": "2024-06-21"}
THIRD = {"vessel_id": "mmsi-3", "mmsi": 3, "source": "ais", "known_at": "2024-06-12"}
FERRY = {"vessel_id": "mmsi-4", "mmsi": 4, "source": "ais", "known_at": "2024-06-02"}
HELD = {"vessel_id": "mmsi-3", "mmsi": 3, "source": "ais", "known_at": "2024-06-16"}  # by the data of 15 June
FACTS = [name for name in c.ALERT.names if name not in c.ALERT.lifecycle]


def fill(warehouse: Warehouse) -> None:
    """Fill an empty warehouse, in two runs: the second withdraws one alert for another."""
    with warehouse.transaction():
        for table, given in {**_knowledge(), **_movement()}.items():
            warehouse.sync(table, rows(table, *given))
    later = START + timedelta(days=1)
    _judge(warehouse, ["direct-1", "listed-2", "held-3"], "run-1", START)
    add_review(warehouse, "direct-1", "kim", "confirmed", "seen in imagery", START + timedelta(hours=1))
    _judge(warehouse, ["direct-1b", "listed-2", "held-3"], "run-2", later)


def _knowledge():
    zone = {"country": "KP", "port": "nampo", "kind": "terminal"}
    file = {"source": "noaa", "from_at": "2024-06-01", "to_at": "2024-06-01 23:59", "rows_read": 100, "events": 0}
    claim = {"article_id": "article", "testability": "A"}
    passed = {"passed": True, "found": 100.0, "reason": "100 fixes; no habit yet"}
    lost = {"passed": False, "found": 3.0, "habit": 100.0, "reason": "coverage lost: 3 fixes; its habit is 100"}
    return {
        c.SOURCE: [
            {"source": "noaa", "reads_as": "noaa", "commercial_use": True},
            {"source": "demo", "reads_as": "noaa", "commercial_use": True, "promise_hours": 1.0},
            {"source": "dma", "reads_as": "dma", "promise_hours": 96.0},
        ],
        c.SOURCE_DAY: [
            {"source": "noaa", "day": "2024-06-01", "fixes": 90},
            {"source": "dma", "day": "2024-06-20", "fixes": 100},
        ],
        c.DAY_CHECK: [
            *({**passed, "day": f"2024-06-{day}", "check_name": "coverage", "subject": "all"}
              for day in ("01", "02", "09", "20")),
            {**lost, "day": "2024-06-15", "check_name": "coverage", "subject": "all"},
            {**lost, "day": "2024-06-15", "check_name": "source_coverage", "subject": "noaa"},
        ],
        c.SOURCE_FILE: [
            {**file, "source_file_id": "f1", "positions": 80, "positions_with_report": 10, "rejected": 10,
             "name": "day-1.csv", "licence": "CC0 1.0"},
            {**file, "source_file_id": "f0", "licence": "not here any more",
             "replaced_by_source_file_id": "f1", "rejected": 50},
            {**file, "source_file_id": "f2", "source": "dma", "from_at": "2024-06-20", "to_at": "2024-06-30",
             "positions": 100, "rejected": 0, "synthetic": True, "licence": "for members"},
        ],
        c.REJECTED_ROW_COUNT: [
            {"source_file_id": "f1", "reason": "bad_mmsi", "rows": 7, "first_line": 3, "example": "x,y"},
            {"source_file_id": "f1", "reason": "bad_time", "rows": 3},
            {"source_file_id": "f0", "reason": "bad_time", "rows": 50},
        ],
        c.ZONE: [
            {**zone, "zone_id": "kp-nampo-coal", "name": "Nampo coal berth", "loads_coal": True},
            {**zone, "zone_id": "kp-nampo-anchorage", "kind": "anchorage"},
            {"zone_id": "cn-longkou", "country": "CN", "port": "longkou", "kind": "port"},
        ],
        c.COVERAGE_DAY: [
            {"zone_id": "kp-nampo-coal", "day": f"2024-{month:02}-{day:02}", "hours_heard": hours,
             "coverage_share": hours / 24}
            for month, day, hours in ((5, 1, 0), (6, 1, 24), (6, 2, 12), (6, 15, 0), (6, 20, 0))
        ],
        c.MEASURE: [
            {"measure_id": "un-2371-coal", "authority": "UN", "instrument": "UNSCR 2371", "subject": "coal",
             "from_at": "2017-08-05"},
            {"measure_id": "un-2321-coal", "authority": "UN", "instrument": "UNSCR 2321", "subject": "coal",
             "from_at": "2016-11-30", "to_at": "2017-08-05"},
        ],
        c.OBSERVATION: [
            {"observation_id": "voa-june", "kind": "imagery", "zone_id": "kp-nampo-coal", "from_at": "2024-05-20",
             "to_at": "2024-06-10", "quantity": 4.0, "unit": "ships"},
        ],
        c.WATCHLIST: [{"watchlist_id": "un-1718"}],
        c.WATCHLIST_VESSEL: [
            {"watchlist_id": "un-1718", "entry_id": "1", "imo": 8000015, "name": "OLD MOON"},
            {"watchlist_id": "un-1718", "entry_id": "2", "imo": 8000027, "name": "NEVER HEARD"},
        ],
        c.ARTICLE: [{"article_id": "article", "title": "An article"}],
        c.CLAIM: [{**claim, "claim_id": f"article/C{n}", "label": f"C{n}"} for n in (1, 2, 3)],
        c.CLAIM_WINDOW: [
            {"claim_id": "article/C1", "window_id": "W0", "verdict": "WEAKENED"},
            {"claim_id": "article/C1", "window_id": "W1", "verdict": "SUPPORTED", "coverage_share": 0.9,
             "voyages_estimated": 1, "tonnes_low": 5000.0, "tonnes_high": 7000.0},
            {"claim_id": "article/C2", "window_id": "W0", "verdict": "INCONCLUSIVE_COVERAGE", "coverage_share": 0.2},
        ],
        c.PIPELINE_RUN: [
            {"pipeline_run_id": f"run-{n}", "command": "run", "status": status,
             "started_at": str(START + timedelta(days=n - 1))}
            for n, status in ((1, "done"), (2, "withheld"), (3, "failed"))
        ],
    }  # fmt: skip


def _movement():
    nampo = {"port": "nampo", "country": "KP", "confidence": 4, "state": "closed", "zone_id": "kp-taedong"}
    met = {"other_vessel_id": "imo-8000003", "other_mmsi": 1, "other_imo": 8000003, "began_at": "2024-06-06"}
    return {
        c.VESSEL: [
            {"vessel_id": "imo-8000003", "imo": 8000003, "mmsi": 1, "name": "STAR"},
            {"vessel_id": "imo-8000015", "imo": 8000015, "mmsi": 2, "name": "MOON", "to_at": "2024-06-20"},
            {"vessel_id": "mmsi-3", "mmsi": 3},
            {"vessel_id": "mmsi-4", "mmsi": 4, "name": "FERRY", "ship_type": 60},
        ],
        c.PORT_CALL: [
            {**STAR, **nampo, "port_call_id": "p1", "berth_zone_id": "kp-nampo-coal", "arrived_by": "2024-06-03",
             "departed_by": "2024-06-05", "stopped_hours": 30.25, "draught_in_m": 3.5, "draught_out_m": 6.9},
            {**STAR, "port_call_id": "p2", "port": "longkou", "country": "CN", "zone_id": "cn-longkou",
             "arrived_by": "2024-06-09", "departed_by": "2024-06-10", "state": "ended_in_silence"},
            {**MOON, **nampo, "port_call_id": "p3", "zone_id": "kp-nampo-anchorage", "arrived_by": "2024-06-20",
             "state": "open"},
            {**HELD, **nampo, "port_call_id": "p4", "berth_zone_id": "kp-nampo-coal", "arrived_by": "2024-06-15"},
            {**FERRY, "port_call_id": "p5", "port": "rajin", "country": "KP", "arrived_by": "2024-06-02"},
        ],
        c.PASSAGE: [{**THIRD, "passage_id": "w1", "port": "dalian", "country": "CN", "entered_by": "2024-06-12"}],
        c.STOP: [
            {**THIRD, "stop_id": "s1", "longitude": 123.2, "latitude": 37.8, "began_at": "2024-06-13",
             "ended_at": "2024-06-14", "stopped_hours": 24.0},
        ],
        c.AIS_GAP: [
            {**STAR, "ais_gap_id": "g1", "began_at": "2024-06-06", "ended_at": "2024-06-06 13:15", "hours": 13.25,
             "off_latitude": 39.0, "off_longitude": 124.0, "reception": "heard_others", "hours_tested": 13,
             "hours_heard": 12},
            {**MOON, "ais_gap_id": "g2", "began_at": "2024-06-21", "off_latitude": 39.0, "off_longitude": 124.0,
             "reception": "not_heard", "receiver": "terrestrial", "reception_outage_id": "o1", "hours_hidden": 1},
        ],
        c.PROVIDER_PORT_MONTH: [
            {"provider": "gfw", "port": port, "country": "KP", "month": month, "visits": visits,
             "source_file_id": "f1"}
            for port, month, visits in (("Nampo", "2024-06", 5), ("Rajin", "2024-06", 1), ("Nampo", "2023-01", 4))
        ],
        c.RADAR_LOOK: [
            {"radar_pass_id": "r1", "zone_id": "coal", "at": "2024-06-03 09:28", "echoes": 2, "unexplained": 1},
        ],
        c.RECEPTION_OUTAGE: [{"reception_outage_id": "o1", "kind": "outage", "from_at": "2024-06-20 22:00"}],
        c.ENCOUNTER: [{**THIRD, **met, "encounter_id": "e1", "ended_at": "2024-06-06 03:00", "median_distance_m": 120}],
        c.LOITERING: [{**THIRD, "loitering_id": "l1", "kind": "at_sea", "began_at": "2024-06-11", "hours": None}],
        c.DRAUGHT_CHANGE: [{**THIRD, "draught_change_id": "d1", "draught_before_m": 4, "draught_after_m": 8.25}],
        c.IDENTITY_CHANGE: [
            {**THIRD, "identity_change_id": "i1", "kind": "value", "field": "name", "value_after": "NEW NAME",
             "other_vessel_id": None},
            {**THIRD, "identity_change_id": "i2", "kind": "same_number", "field": "imo",
             "other_vessel_id": "imo-8000015", "other_mmsi": 2, "value_before": "2 MOON", "value_after": "3"},
        ],
        c.VESSEL_IDENTITY: [
            {"vessel_identity_id": "n1", "vessel_id": "imo-8000003", "mmsi": 1, "imo": 8000003, "name": "STAR",
             "from_at": "2024-06-01", "to_at": "2024-06-10"},
        ],
        c.DARK_CALL: [
            {**MOON, "dark_call_id": "k1", "ais_gap_id": "g2", "port": "rajin", "country": "KP", "rank": 1,
             "ports_in_reach": 2, "began_at": "2024-06-21", "zone_id": "kp-rajin"},
            {**MOON, "dark_call_id": "k2", "ais_gap_id": "g2", "port": "chongjin", "country": "KP", "rank": 2,
             "ports_in_reach": 2, "began_at": "2024-06-21", "zone_id": "kp-chongjin"},
        ],
        c.POSITION_ANOMALY: [
            {"position_anomaly_id": "a1", "mmsi": 3, "kind": "implausible_jump", "began_at": "2024-06-11", "ships": 1},
        ],
        c.VOYAGE: [
            {**STAR, "voyage_id": "v1", "origin_port": "nampo", "origin_country": "KP", "destination_port": "longkou",
             "destination_country": "CN", "departed_at": "2024-06-05", "arrived_at": "2024-06-09", "hours": 96.0,
             "dark_hours": 13.25, "cargo_state": "laden"},
        ],
    }  # fmt: skip


def _judge(warehouse: Warehouse, ids: list[str], run: str, now: datetime) -> None:
    of = {
        "direct": {**STAR, "began_at": "2024-06-05", "ended_at": "2024-06-09"},
        "listed": {**MOON, "score": 9.0},
        "held": HELD,
    }
    pattern = {key: key.split("-")[0] for key in ids}
    given = [{**of[pattern[key]], "alert_id": key, "pattern_id": pattern[key], "evidence_hash": key} for key in ids]
    answers = [{"subject_table": "alert", "subject_id": key, "measure_id": "un-2371-coal", "authority": "UN",
                "answer": "forbidden"} for key in ids]  # fmt: skip
    sync_alerts(
        warehouse,
        rows(c.ALERT, *given)[FACTS],
        rows(c.ALERT_EVIDENCE, *({"alert_id": key} for key in ids)),
        rows(c.LEGAL_ASSESSMENT, *answers),
        rows(c.ALERT_CLAIM, *({"alert_id": key, "claim_id": "article/C1", "relation": "supports"} for key in ids)),
        rows(c.ALERT_TRACK, *({"alert_id": key} for key in ids)),
        None,
        run,
        now,
    )
    carried = {"arrived_at": "2024-06-09", "destination_country": "CN", "cargo_state": "laden", "basis": "draught"}
    cargoes = [{**carried, "alert_id": key, "voyage_id": "v1", "low_t": 5000.0, "high_t": 7000.0}
               for key in ids if pattern[key] == "direct"]  # fmt: skip
    with warehouse.transaction():
        warehouse.sync(c.ALERT_CARGO, rows(c.ALERT_CARGO, *cargoes), Among("alert_id", ids))
