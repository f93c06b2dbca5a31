import re
from collections.abc import Iterator

import pandas as pd
import pytest

from pipeline.contracts import DAY_CHECK, PORT_CALL, ZONE
from pipeline.warehouse import schema
from pipeline.warehouse.store import Warehouse, open_for_reading
from tests.warehouse.rows import rows


@pytest.fixture(scope="module")
def reader(filled: str) -> Iterator[Warehouse]:
    with open_for_reading(filled) as opened:
        yield opened


def view(reader: Warehouse, name: str, where: str = "1 = 1") -> pd.DataFrame:
    return reader.query(f"select * from {name} where {where}")


@pytest.mark.parametrize("name", schema.view_files())
def test_every_view_says_what_a_row_is_and_who_reads_it_and_has_rows(reader: Warehouse, name: str):
    header = [line for line in schema.view_files()[name].splitlines() if line.startswith("--")]

    assert header[0].startswith(f"-- {name}: ")
    assert any(line.startswith("-- One row per ") for line in header)
    assert any(line.startswith("-- Read by ") for line in header)
    assert len(view(reader, name))


@pytest.mark.parametrize("name", schema.view_files())
def test_views_are_written_in_the_sql_that_both_databases_speak(name: str):
    body = re.sub(r"--.*", "", schema.view_files()[name])

    of_one_only = "strftime|julianday|date|datetime|ifnull|printf|group_concat|to_char|date_trunc"
    assert not re.search(rf"\b({of_one_only})\s*\(", body)
    assert "::" not in body


def test_the_queue_holds_what_is_new_and_what_rests_on_other_evidence(reader: Warehouse):
    found = view(reader, "alert_queue").set_index("alert_id")

    assert found["status"].to_dict() == {"direct-1b": "evidence changed", "listed-2": "new"}
    assert found.loc["direct-1b", "last_decision"] == "confirmed"


def test_terms_are_told_of_data_that_is_here_and_not_known_to_be_free(reader: Warehouse):
    assert view(reader, "source_terms").to_dict("records") == [{"source": "dma", "licence": "for members"}]


def test_what_a_day_established_that_is_held_back_is_in_no_view_of_the_analysts(reader: Warehouse):
    assert view(reader, "held_back_alert")[["alert_id", "day"]].to_numpy().tolist() == [["held-3", "2024-06-15"]]
    assert "held-3" in view(reader, "alert")["alert_id"].tolist()
    assert "held-3" not in view(reader, "alert_law")["alert_id"].tolist()
    assert "p4" in view(reader, "port_call")["port_call_id"].tolist()
    assert "p4" not in view(reader, "vessel_history")["event_id"].tolist()


def test_each_judged_day_is_published_or_held_back_with_its_reasons(reader: Warehouse):
    held = view(reader, "held_back")[["day", "until_day", "check_name", "subject"]].to_numpy().tolist()

    assert held == [
        ["2024-06-15", "2024-06-20", "coverage", "all"],
        ["2024-06-15", "2024-06-20", "source_coverage", "noaa"],
    ]
    published = view(reader, "published_day").set_index("day")["fixes"]
    assert published.to_dict() == dict.fromkeys(("2024-06-01", "2024-06-02", "2024-06-09", "2024-06-20"), 100)


def test_coverage_lost_is_never_read_as_no_calls(reader: Warehouse):
    found = view(reader, "nampo_calls_monthly", "zone_id = 'kp-nampo-coal'").set_index("month")

    assert found.loc["2024-06", ["calls", "calls_held_back", "days_held_back"]].tolist() == [1, 1, 1]
    assert found.loc["2024-05", ["calls_held_back", "days_held_back"]].tolist() == [0, 0]
    zone = view(reader, "coverage_by_zone", "zone_id = 'kp-nampo-coal'").set_index("month")
    assert zone.loc["2024-06", ["days_with_data", "days_held_back", "days_unheard"]].tolist() == [3, 1, 1]


def test_a_month_of_which_every_day_is_lost_has_a_row_and_no_share(warehouse: Warehouse):
    lost = {"check_name": "coverage", "subject": "all", "passed": False, "habit": 10.0, "found": 0.0}
    warehouse.sync(ZONE, rows(ZONE, {"zone_id": "kp-nampo-coal", "port": "nampo", "kind": "terminal"}))
    warehouse.sync(DAY_CHECK, rows(DAY_CHECK, *({**lost, "day": f"2024-07-0{day}"} for day in (1, 2))))

    found = view(warehouse, "nampo_calls_monthly").iloc[0]

    assert (found["month"], found["calls"], found["days_with_data"], found["days_held_back"]) == ("2024-07", 0, 0, 2)
    assert found["coverage_share"] is None


def test_a_ships_history_tells_every_event_she_took_part_in(reader: Warehouse):
    told = view(reader, "vessel_history", "vessel_id = 'imo-8000003'").set_index("event_id")["sentence"].to_dict()

    assert told == {
        "p1": "Call at nampo (KP), stopped 30.3 h; confidence 4 of 4",
        "p2": "Call at longkou (CN), left during a silence; confidence 1 of 4",
        "g1": "Silent for 13.3 h; others were heard there (12 of 13 hours tested)",
        "e1": "Met MMSI 3 at 120 m",
        "v1": "Sailed from nampo (KP) to longkou (CN); draught consistent with laden; silent 13.3 h",
    }


def test_what_is_open_or_unknown_is_told_as_such(reader: Warehouse):
    told = view(reader, "vessel_history").set_index("event_id")["sentence"]

    assert told["p3"] == "Call at nampo (KP), still there when the data ends; confidence 4 of 4"
    assert told["g2"] == (
        "Silent until the data ends; hardly anybody was heard there (1 of 1 hours tested); "
        "everyone there fell silent at once, for 1 of these hours"
    )
    assert told["l1"] == "Sailed slowly at sea until the data ends"
    assert told["i1"] == "Reported name went from nothing to NEW NAME"
    assert told["d1"] == "Reported draught went from 4.0 m to 8.3 m"


def test_an_outage_says_whom_it_hid_and_which_feed_it_was_of(reader: Warehouse):
    found = view(reader, "outage_of_reception").iloc[0]

    assert (found["gaps_hidden"], found["ships_hidden"], found["still_silent"]) == (1, 1, 0)
    assert (found["source"], found["sources"]) == ("dma", 1)


def test_the_tonnage_of_a_month_counts_each_voyage_of_a_standing_alert_once(reader: Warehouse):
    found = view(reader, "coal_tonnage_monthly")

    counted = found[["month", "country", "voyages", "laden", "low_t", "high_t"]]
    assert counted.to_numpy().tolist() == [["2024-06", "CN", 1, 1, 5000.0, 7000.0]]


def test_no_sentence_is_lost_to_a_null(reader: Warehouse):
    assert view(reader, "vessel_history", "sentence is null").empty


def test_events_of_days_with_generated_data_are_marked(reader: Warehouse):
    marked = view(reader, "vessel_history").set_index("event_id")["synthetic"].astype(bool)

    assert marked[marked].index.tolist() == ["p3", "g2", "k1"]


def test_no_call_and_no_reception_are_two_things(reader: Warehouse):
    found = view(reader, "nampo_calls_monthly").set_index(["month", "zone_id"]).sort_index()

    assert found["calls"].to_dict() == {
        ("2024-05", "kp-nampo-coal"): 0,
        ("2024-06", "kp-nampo-anchorage"): 1,
        ("2024-06", "kp-nampo-coal"): 1,
    }
    assert found["coverage_share"].fillna(-1).tolist() == [0.0, -1.0, 0.5]
    assert found["days_with_data"].tolist() == [1, 0, 3]
    assert found["synthetic"].tolist() == [0, 1, 1]


def test_freshness_counts_standing_files_and_keeps_generated_data_apart(reader: Warehouse):
    found = view(reader, "freshness").set_index("source")

    counted = ["files", "replaced_files", "rows_read", "rows_with_data", "rejected", "days"]
    assert found.loc["noaa", counted].tolist() == [1, 1, 100, 91, 10, 1]
    assert str(found.loc["noaa", "last_data_at"]).startswith("2024-06-01 23:59:00")
    assert (found.loc["dma", "synthetic"], found.loc["dma", "days"]) == (1, 1)
    assert found["promise_hours"].to_dict() == {"dma": 96.0, "noaa": None}


def test_a_claim_without_a_window_is_on_the_scoreboard_too(reader: Warehouse):
    found = view(reader, "claim_scoreboard")

    assert found.loc[found["window_id"].isna(), "label"].tolist() == ["C3"]


def test_a_withdrawn_alert_keeps_what_the_law_said_and_is_marked(reader: Warehouse):
    found = view(reader, "alert_law").set_index("alert_id")

    assert found["withdrawn"].to_dict() == {"direct-1": 1, "direct-1b": 0, "listed-2": 0}
    assert set(found["answer"]) == {"forbidden"}


def visit(warehouse, *parts):
    calls = [
        {"vessel_id": "ship", "port": "nampo", "country": "KP", "visit_id": "p1", "port_call_id": f"p{number}", **part}
        for number, part in enumerate(parts, 1)
    ]
    zones = [
        {"zone_id": "roads", "kind": "anchorage", "port": "nampo"},
        {"zone_id": "kp-taedong", "kind": "basin", "port": "nampo"},
    ]
    with warehouse.transaction():
        warehouse.sync(ZONE, rows(ZONE, *zones))
        warehouse.sync(PORT_CALL, rows(PORT_CALL, *calls))
    return warehouse.query("select * from port_visit").iloc[0]


ROADS = {"zone_id": "roads", "arrived_by": "2024-06-01", "departed_by": "2024-06-02", "state": "closed",
         "confidence": 3, "stopped_hours": 20.0, "draught_in_m": 4.0}  # fmt: skip
BERTHED = {"zone_id": "kp-taedong", "berth_zone_id": "coal", "arrived_by": "2024-06-03", "departed_by": "2024-06-04",
           "state": "closed", "confidence": 4, "stopped_hours": 18.0}  # fmt: skip
AGAIN = ROADS | {"arrived_by": "2024-06-05", "departed_by": "2024-06-06", "draught_out_m": 8.2, "draught_in_m": 8.2}


def test_anchorage_berth_and_anchorage_are_one_visit_to_the_berth(warehouse):
    found = visit(warehouse, ROADS, BERTHED, AGAIN)

    assert (found["visit_id"], found["parts"], found["berth_zone_id"]) == ("p1", 3, "coal")
    assert (str(found["arrived_by"])[:10], str(found["departed_by"])[:10]) == ("2024-06-01", "2024-06-06")
    assert (found["stopped_hours"], found["confidence"]) == (58.0, 4)
    assert (found["draught_in_m"], found["draught_out_m"]) == (4.0, 8.2)


def test_a_visit_whose_last_part_is_open_is_open(warehouse):
    found = visit(warehouse, ROADS, BERTHED | {"state": "open", "departed_by": None, "stopped_hours": None})

    assert (found["state"], found["departed_by"]) == ("open", None)
    assert found["stopped_hours"] == 20.0
