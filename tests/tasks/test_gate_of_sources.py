"""The gate in a whole run, source by source: one older than its promise, and one that gives events alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.contracts import PIPELINE_RUN
from pipeline.settings import Settings
from pipeline.tasks import gate
from pipeline.tasks.land import ingest
from pipeline.tasks.run import run
from pipeline.warehouse.store import open_for_reading
from tests.tasks import gfw_world
from tests.tasks.test_gate import crowd
from tests.tasks.world import CLOCK

DANISH = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,"
    "Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type,A,B,C,D"
    "\n01/06/2018 12:00:00,Class A,219000001,55.0,11.0,Under way using engine,0,8,90,90,Unknown,,,Cargo"
    ",,,,,,,,AIS,,,,\n"
)


@pytest.mark.long  # in short: tests/publish
def test_a_source_older_than_its_promise_withholds_the_days_it_has_not_given(tmp_path):
    settings = Settings(home=tmp_path / "home")
    danish = tmp_path / "aisdk-2018-06-01.csv"
    danish.write_text(DANISH, encoding="utf-8")
    beside = [crowd(day, tmp_path) for day in ("2018-06-01", "2018-06-02")]
    for source, paths in (("dma", [danish]), ("noaa", beside)):
        ingest(settings, paths, source, now=CLOCK, progress=lambda line: None)
    run(settings, now=datetime(2018, 6, 3, tzinfo=UTC), progress=lambda line: None)

    in_time = gate.publication(settings, "2018-06-02", now=datetime(2018, 6, 6, 23, tzinfo=UTC))
    in_doubt = datetime(2018, 6, 7, 12, tzinfo=UTC)
    late, again = (gate.publication(settings, "2018-06-02", now=in_doubt) for _ in range(2))
    given = gate.publication(settings, "2018-06-01", now=in_doubt)
    gone = gate.publication(settings, "2018-06-02", now=CLOCK)

    assert (in_time.published, in_time.stale) == (True, [])
    assert not late.published
    assert again == late
    assert late.reasons == late.stale
    assert "dma is older than its promise: its last data is of 2018-06-01" in late.reasons[0]
    assert (given.published, len(given.stale)) == (True, 1)
    assert (gone.published, len(gone.stale)) == (True, 1)
    assert [list(gate.days_to_announce(settings, now=now)) for now in (in_doubt, CLOCK)] == [
        ["2018-06-01"],
        ["2018-06-01", "2018-06-02"],
    ]
    with open_for_reading(settings.database_url) as warehouse:
        runs = warehouse.read(PIPELINE_RUN).set_index("command")
    assert runs["status"].to_dict() == {"run": "done", "gate": "withheld"}
    assert runs.loc["gate", "message"].startswith("2018-06-02: dma is older than its promise")


def test_events_alone_are_data_of_their_days_and_an_empty_listing_is_an_answer(tmp_path):
    settings = Settings(home=tmp_path / "home")
    told = gfw_world.write_pages(
        tmp_path / "gfw_port-visits_2020-12-01_2020-12-31.jsonl", gfw_world.coal_voyage(), fetched_at=CLOCK
    )
    empty = gfw_world.write_pages(tmp_path / "gfw_gaps_2021-01-01_2021-01-02.jsonl", [], fetched_at=CLOCK)
    ingest(settings, [told, empty], "gfw", now=CLOCK, progress=lambda line: None)
    run(settings, now=CLOCK, progress=lambda line: None)
    now = datetime(2021, 1, 9, tzinfo=UTC)

    days = {day: gate.publication(settings, day, now=now) for day in ("2020-12-01", "2020-12-10", "2021-01-02")}

    assert {day: one.reasons for day, one in days.items()} == {day: [] for day in days}
    assert [len(one.raised) for one in days.values()] == [0, 1, 0]
    assert list(gate.days_to_announce(settings, now=now)) == ["2020-12-10"]
    assert days["2021-01-02"].stale == []
    assert not gate.publication(settings, "2021-01-03", now=now).published
    (stale,) = gate.gate_report(settings, None, now=datetime(2021, 1, 13, tzinfo=UTC))["stale"]
    assert "its last data is of 2021-01-02" in stale
