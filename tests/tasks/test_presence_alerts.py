"""Drawn ships heard exactly, and the same ships thinned to cells and hours: what is told of them by presence alone."""

import json

import pandas as pd
import pytest

from pipeline.scenarios.days import write_days
from pipeline.scenarios.script import stories
from pipeline.scenarios.world import draw_world
from pipeline.settings import Settings
from pipeline.tasks.land import ingest
from pipeline.tasks.run import run
from tests.tasks.world import CLOCK, Installation

GRADES = ["weak", "moderate", "strong"]
ASKED = {"temporal-resolution": "HOURLY", "spatial-resolution": "HIGH"}
SAID = {"IMO": "imo", "VesselName": "shipName", "CallSign": "callsign"}


def heard(seed, folder):
    """Rows of the ships of a month's stories, each with what presence tells of a ship and no more."""
    scenario = draw_world(seed, days=24).scenario
    told = {mmsi for mmsis in stories(scenario)["mmsis"] for mmsi in mmsis}
    rows = pd.concat([pd.read_csv(path, dtype=str) for path in write_days(scenario, folder)], ignore_index=True)
    rows = rows[rows["MMSI"].astype(int).isin(told)]
    said = rows.groupby("MMSI")[list(SAID)].ffill()
    nothing = dict.fromkeys(("VesselType", "Length", "Width", "Draft", "Cargo", "Status", "COG", "Heading"), "")
    return rows.assign(**nothing, **{name: said[name] for name in SAID})


def presence(rows):
    """A report of the first cell of each ship and hour."""
    hour = pd.to_datetime(rows["BaseDateTime"]).dt.floor("h")
    taken = rows.assign(hour=hour).drop_duplicates(["MMSI", "hour"]).fillna("")
    found = [
        {"date": f"{row['hour']:%Y-%m-%d %H:00}", "hours": 1, "mmsi": row["MMSI"]}
        | {"lat": round(float(row["LAT"]), 2), "lon": round(float(row["LON"]), 2)}
        | {theirs: row[ours].removeprefix("IMO") for ours, theirs in SAID.items()}
        for row in taken.to_dict("records")
    ]
    body = {"entries": [{"public-global-presence:v5.0": found}], "total": 1}
    line = {"source": "gfw_presence", "polled_at": CLOCK.isoformat(), "asked": ASKED, "body": body}
    return json.dumps(line, separators=(",", ":")) + "\n"


def best(home, path):
    """The best grade and score of each ship and pattern."""
    settings = Settings(home=home)
    ingest(settings, [path], "auto", now=CLOCK, progress=lambda line: None, synthetic=True)
    run(settings, now=CLOCK, progress=lambda line: None)
    alerts = Installation(home).rows()["alert"]
    alerts = alerts.assign(grade=alerts["grade"].map(GRADES.index))
    return alerts.groupby(["mmsi", "pattern_id"])[["grade", "score"]].max()


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_presence_alone_raises_no_alert_stronger_than_the_exact_track_would(seed, tmp_path):
    rows = heard(seed, tmp_path / "files")
    rows.to_csv(tmp_path / "exact.csv", index=False)
    (tmp_path / "presence.jsonl").write_text(presence(rows))

    exact, coarse = (
        best(tmp_path / name, tmp_path / file) for name, file in (("e", "exact.csv"), ("c", "presence.jsonl"))
    )

    assert len(coarse) >= 5  # it says something
    of_pattern = coarse.join(exact, rsuffix="_exact", how="inner")
    of_ship = coarse.groupby("mmsi").max().join(exact.groupby("mmsi").max(), rsuffix="_exact")
    for beside in (of_pattern, of_ship):
        stronger = beside[~(beside["grade"] <= beside["grade_exact"])]
        assert stronger.empty, stronger.to_string()
