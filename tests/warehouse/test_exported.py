"""Exports of a warehouse with something of everything: the same bytes from SQLite and PostgreSQL."""

from datetime import date

import pytest

from pipeline import contracts as c
from pipeline.settings import Settings
from pipeline.tasks.export import Selection, export
from pipeline.warehouse import exported
from pipeline.warehouse.exported import Days
from pipeline.warehouse.scope import Among
from tests.warehouse.filled import fill
from tests.warehouse.rows import rows


def files_of(url, folder, selection):
    """All rows, and what ties them to each other, by name of the file; zones, which are of no warehouse, left out."""
    folder.mkdir()
    settings = Settings(home=folder / "home", warehouse_url=url)
    export(settings, ("alerts", "ships", "events", "tracks", "claims"), folder / "all.geojson", selection)
    export(settings, ("alerts", "ships", "events", "claims"), folder / "all.ftm", selection)
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("selection", [Selection(), Selection(date(2024, 6, 4), date(2024, 6, 20), every=True)])
def test_sqlite_and_postgresql_give_the_same_bytes(filled_file, filled_database, tmp_path, selection):
    of_file = files_of(filled_file, tmp_path / "file", selection)
    of_server = files_of(filled_database, tmp_path / "server", selection)

    assert set(of_server) == set(of_file)
    for name, content in of_file.items():
        assert of_server[name] == content, name


def test_alerts_of_days_that_are_held_back_are_left_out_and_counted(filled, tmp_path):
    said = export(Settings(home=tmp_path, warehouse_url=filled), ("alerts",), tmp_path / "a.csv", Selection())
    text = (tmp_path / "a.csv").read_text(encoding="utf-8")

    assert "held-3" not in text
    assert "listed-2" in text
    assert said["about"]["left_out"] == ["1 alert held back: --all", "1 alert withdrawn: --all"]
    assert said["about"]["licence"][0] == "Terms of the data from dma: for members"
    assert said["about"]["synthetic"] is False  # no alert is, whatever else is in the warehouse


def test_events_of_days_that_are_held_back_are_left_out(filled, tmp_path):
    said = export(Settings(home=tmp_path, warehouse_url=filled), ("events",), tmp_path / "e.csv", Selection())
    text = (tmp_path / "e.csv").read_text(encoding="utf-8")

    assert ",p4," not in text
    assert ",p1," in text
    assert said["about"]["left_out"] == ["events that the data of 1 day held back would establish"]


def test_both_ships_of_a_meeting_have_a_row(filled, tmp_path):
    export(Settings(home=tmp_path, warehouse_url=filled), ("events",), tmp_path / "e.csv", Selection())

    text = (tmp_path / "e.csv").read_text(encoding="utf-8")
    assert text.count("encounter,e1,") == 2


def test_what_is_read_for_a_ship_does_not_grow_with_what_others_did(warehouse, address, tmp_path, monkeypatch):
    fill(warehouse)
    read = []
    ask = exported._ask
    monkeypatch.setattr(exported, "_ask", lambda *given: read.append(len((answer := ask(*given))[1])) or answer)

    def rows_read(number):
        read.clear()
        folder = tmp_path / str(number)
        folder.mkdir()
        settings = Settings(home=folder / "home", warehouse_url=address)
        for name, wanted in (("a.geojson", Selection(ship=("STAR",))), ("a.ftm", Selection(ship=("STAR",)))):
            export(settings, ("alerts", "ships", "events", "claims"), folder / name, wanted)
        return sum(read)

    before = rows_read(1)
    others = [{"mmsi": 100 + n, "vessel_id": f"mmsi-{100 + n}"} for n in range(40)]
    for table in (c.VESSEL, c.VESSEL_IDENTITY, c.PORT_CALL, c.STOP, c.AIS_GAP, c.ENCOUNTER, c.LOITERING, c.ALERT):
        told = [{**other, table.key[0]: f"mmsi-{other['mmsi']}", "name": "OTHER"} for other in others]
        warehouse.sync(table, rows(table, *told), Among("mmsi", [other["mmsi"] for other in others]))
    evidence = [{"alert_id": other["vessel_id"]} for other in others]
    warehouse.sync(
        c.ALERT_EVIDENCE, rows(c.ALERT_EVIDENCE, *evidence), Among("alert_id", [e["alert_id"] for e in evidence])
    )
    track = rows(c.ALERT_TRACK, *evidence)
    warehouse.sync(c.ALERT_TRACK, track, Among("alert_id", [e["alert_id"] for e in evidence]))

    assert rows_read(2) == before > 0


def test_the_answer_about_many_is_that_about_each(warehouse, monkeypatch):
    told = [{"port_call_id": f"p{n}", "vessel_id": f"ship-{n % 5}", "arrived_by": f"2024-06-{n % 20 + 1:02}",
             "stop_longitude": 125.0, "stop_latitude": 38.0} for n in range(30)]  # fmt: skip
    warehouse.sync(c.PORT_CALL, rows(c.PORT_CALL, *told))
    whole = exported.events(warehouse, Days(), None)
    monkeypatch.setattr(exported, "_AT_ONCE", 7)

    ids = [row["event_id"] for row in whole[1]]
    assert exported.events(warehouse, Days(), None, ids) == whole
    assert exported.events(warehouse, Days(), None, []) == (whole[0], [])
    assert len(exported.positions(warehouse, ids)[1]) == 30
    assert exported.visits(warehouse, ids) == {}


def test_days_without_ends_select_everything():
    assert Days().where("began_at", "ended_at") == ("1 = 1", {})
    assert Days(last=date(2024, 6, 30)).where("began_at", "ended_at") == (
        "1 = 1 and began_at < :last",
        {"last": "2024-07-01"},
    )
