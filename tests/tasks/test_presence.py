"""From a report of AIS presence on a real socket to a port call in the warehouse."""

import json
from datetime import UTC, date, datetime

import pandas as pd
import pytest
from werkzeug import Response

from pipeline.contracts import POSITION
from pipeline.settings import Settings
from pipeline.tasks.fetch import fetch_days
from pipeline.tasks.land import ingest
from tests.coarse import presence_rows, thin
from tests.fetch.test_gfw_reports import V5
from tests.tasks.world import START, Installation, voyage

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def positions(rows: pd.DataFrame) -> pd.DataFrame:
    """POSITION of the rows of a story."""
    names = {"MMSI": "mmsi", "LON": "longitude", "LAT": "latitude", "SOG": "sog_kn"}
    nothing = dict.fromkeys(("cog_deg", "heading_deg", "nav_status", "transceiver_class", "precision_m", "precision_s"))
    at = (START + pd.to_timedelta(rows["hours"], unit="h")).dt.tz_localize("UTC")
    frame = rows.rename(columns=names).assign(timestamp=at, receiver="unknown", source_file_id="x", **nothing)
    return POSITION.conform(frame.sort_values(["mmsi", "timestamp"]))


@pytest.fixture
def presence(httpserver, tmp_path):
    """A home in which the presence of some ships was fetched over a socket, landed and run."""

    def go(told):
        def answer(request):
            begin, end = request.args["date-range"].split(",")
            xs, ys = zip(*request.get_json()["geojson"]["coordinates"][0], strict=True)
            found = [one for one in told if begin <= one["date"] < end]
            found = [one for one in found if min(xs) < one["lon"] < max(xs) and min(ys) < one["lat"] < max(ys)]
            body = {"entries": [{V5: found or None}], "total": 1, "limit": None, "offset": 0, "nextOffset": None}
            return Response(json.dumps(body), content_type="application/json")

        httpserver.expect_request("/v3/4wings/report", method="POST").respond_with_handler(answer)
        settings = Settings(home=tmp_path, source_urls={"gfw_presence": httpserver.url_for("")})
        secrets = {"COALWATCH_GFW_TOKEN": "t"}
        days = date(2018, 6, 1), date(2018, 6, 5)
        files = fetch_days(settings, "gfw_presence", *days, secrets=secrets, now=NOW, progress=lambda line: None)
        ingest(settings, [settings.home / one["path"] for one in files], "auto", now=NOW, progress=lambda line: None)
        installation = Installation(tmp_path)
        installation.run()
        return installation.rows()

    return go


@pytest.mark.long
def test_a_presence_report_becomes_calls_a_voyage_and_an_alert_under_the_providers_terms(presence):
    exact = positions(voyage(351990002, 2990027, "DEMO COAL"))

    rows = presence(presence_rows(thin(exact), imo="2990027", shipName="DEMO COAL"))

    calls = rows["port_call"].sort_values("arrived_by")
    assert calls["zone_id"].tolist() == ["kp-taedong", "cn-longkou"]
    assert calls["berth_zone_id"].tolist()[0] == "kp-nampo-coal"
    nampo = calls.iloc[0]
    assert nampo["arrived_after"] <= pd.Timestamp("2018-06-01 05:00", tz="UTC") <= nampo["arrived_by"]
    assert nampo["departed_after"] <= pd.Timestamp("2018-06-02 12:30", tz="UTC") <= nampo["departed_by"]
    assert rows["voyage"]["destination_zone_id"].tolist() == ["cn-longkou"]
    [alert] = rows["alert"].to_dict("records")
    assert (alert["pattern_id"], alert["vessel_name"]) == ("direct-call", "DEMO COAL")
    assert "non-commercial use only" in alert["licence"]
    for name in ("encounter", "position_anomaly", "identity_change", "dark_call"):
        assert rows[name].empty
