"""Two ships in one cell in one hour: context beside an alert, with who else was there; no meeting, and no alert."""

import json

import pandas as pd
import pytest

from pipeline.show.alerts import show_cells
from pipeline.tasks.land import ingest
from pipeline.tasks.same_cells import cells_of_alert
from tests.coarse import presence_rows, thin
from tests.tasks.test_presence import positions
from tests.tasks.test_presence_alerts import ASKED
from tests.tasks.world import CLOCK, Installation, place, voyage, write_days

pytestmark = pytest.mark.long  # whole homes, run again and again

COAL, BESIDE, THIRD, IN_PORT = 351990002, 412990077, 412990078, 412990079
PORT = place("cn-longkou")[::-1]  # latitude, longitude
SEA = (38.48, 124.66)  # on her way out, off every port


def stay(mmsi, hours, latitude, longitude):
    """A ship that is heard at a place once an hour."""
    rows = [(hour + 0.25, mmsi, longitude, latitude, 0.0) for hour in hours]
    return pd.DataFrame(rows, columns=["hours", "MMSI", "LON", "LAT", "SOG"])


def coal(hours=range(40, 46)):
    """The coal ship, who waits at sea for some hours on her way from Nampo to Longkou."""
    told = voyage(COAL, 2990027, "DEMO COAL")
    return pd.concat([told, stay(COAL, hours, *SEA).assign(IMO="IMO2990027", VesselName="DEMO COAL")]).sort_values(
        "hours"
    )


def report(folder, *ships):
    """A file of presence of ships, a line each."""
    lines = []
    for rows in ships:
        named = {"imo": "2990027", "shipName": "DEMO COAL"} if COAL in set(rows["MMSI"]) else {}
        body = {"entries": [{"public-global-presence:v5.0": presence_rows(thin(positions(rows)), **named)}], "total": 1}
        line = {"source": "gfw_presence", "polled_at": CLOCK.isoformat(), "asked": ASKED, "body": body}
        lines.append(json.dumps(line, separators=(",", ":")))
    path = folder / "gfw_presence.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def home_of(folder, *files):
    home = Installation(folder)
    for file in files:
        ingest(home.settings, [file], "auto", now=CLOCK, progress=lambda line: None, synthetic=True)
    home.run()
    return home


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    return home_of(folder / "home", report(folder, coal()))


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """One ship shares six hours at sea, another two of them; a third lies at Longkou as she arrives."""
    folder = tmp_path_factory.mktemp("crowded")
    others = (stay(BESIDE, range(38, 48), *SEA), stay(THIRD, (41, 42), *SEA), stay(IN_PORT, range(60, 70), *PORT))
    return home_of(folder / "home", report(folder, coal(), *others))


def alert_of(home):
    [alert] = home.rows()["alert"].query("mmsi == @COAL").to_dict("records")
    return alert


def test_who_shared_her_cell_at_sea_is_told_with_how_many_were_there(crowded, capsys):
    found = cells_of_alert(crowded.settings, alert_of(crowded)["alert_id"][:8])
    show_cells(found)
    shown = " ".join(capsys.readouterr().out.split())

    told = {one["mmsi"]: (one["hours"], one["first_hour"], one["most_others"]) for one in found["shared"]}
    assert told == {BESIDE: (6, "2018-06-02T16:00:00Z", 2), THIRD: (2, "2018-06-02T17:00:00Z", 2)}
    assert f"MMSI {BESIDE}): 6 hours from 2018-06-02T16:00 to 2018-06-02T21:00 UTC" in shown
    assert "up to 2 other ships there" in shown
    assert "no meeting; no alert rests on it" in shown


def test_no_alert_no_meeting_and_no_evidence_follows(alone, crowded):
    before, after = alone.rows(), crowded.rows()

    assert after["encounter"].empty
    assert after["alert"]["mmsi"].tolist() == before["alert"]["mmsi"].tolist() == [COAL]
    names = ["alert_id", "pattern_id", "score", "grade", "headline", "missing_evidence"]
    assert after["alert"][names].equals(before["alert"][names])
    assert sorted(after["alert_evidence"]["role"]) == sorted(before["alert_evidence"]["role"])


def test_alone_at_sea_nobody_is_told_and_it_is_said_what_that_is_not(alone, capsys):
    found = cells_of_alert(alone.settings, alert_of(alone)["alert_id"])
    show_cells(found)

    assert found["shared"] == []
    assert "no proof that nobody was there" in " ".join(capsys.readouterr().out.split())


def test_exact_positions_of_the_hour_take_the_place_of_the_cell(tmp_path):
    """She was in the cell by presence; by exact positions of two of the hours she was miles away."""
    away = stay(BESIDE, (41, 42), SEA[0] - 0.2, SEA[1]).assign(VesselName="BESIDE")
    exact = write_days(away, tmp_path / "exact", None)
    home = home_of(tmp_path / "home", report(tmp_path, coal(), stay(BESIDE, range(38, 48), *SEA)), *exact.values())

    [one] = cells_of_alert(home.settings, alert_of(home)["alert_id"])["shared"]

    assert one["hours"] == 4
