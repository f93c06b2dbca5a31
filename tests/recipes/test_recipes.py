"""How a newcomer adds a format, a provider, a port, a detector, a measure, a list, an article and a pattern: recipes of
ARCHITECTURE.md, executed on the worked examples beside this file, in a folder of their own and with no line changed
elsewhere."""

import json
import re
import shutil
import socketserver
import threading
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.settings import Settings
from pipeline.tasks.idle import read_by_run
from tests.cli.conftest import ENVIRONMENT, coalwatch, one_line

EXAMPLES = Path(__file__).with_name("extensions")
WAITS = EXAMPLES.joinpath("events", "toy_waits.py").read_text(encoding="utf-8")
KEY = "0123456789abcdef"


def log():
    """A ship that comes to Toyhaven on 1 June 2018, lies there for a day and leaves: lines by UTC day."""
    hours = np.concatenate([np.arange(0, 6, 1 / 6), np.arange(6, 36, 0.5), np.arange(36, 44, 1 / 6)])
    away = np.maximum(6 - hours, 0) + np.maximum(hours - 36, 0)  # hours of steaming at 10 knots
    at = pd.Timestamp("2018-06-01") + pd.to_timedelta((hours * 3600).round(), unit="s")
    rows = pd.DataFrame({"at": at, "latitude": 30.05 + away / 6, "knots": np.where(away > 0, 10.0, 0.0)})
    lines: dict[str, list[str]] = {}
    for row in rows.itertuples():
        line = f"TOY|351990077|{row.at.timestamp():.0f}|150.05|{row.latitude:.5f}|{row.knots}|TOY SHIP|2990053|5.0"
        lines.setdefault(f"{row.at:%Y-%m-%d}", []).append(line)
    return lines


LOG = log()
VISIT = {
    "toy": 1, "event_id": "v1", "kind": "port_visit", "ship": "toy-ship", "mmsi": 351990078, "name": "TOY OTHER",
    "began_at": "2018-06-01T06:00:00Z", "ended_at": "2018-06-02T12:00:00Z", "longitude": 150.05, "latitude": 30.05,
    "anchorage_longitude": 150.05, "anchorage_latitude": 30.05, "confidence": 4, "visit_hours": 30.0,
    "port": "TOYHAVEN", "port_country": "KR", "dataset": "toy:v1",
}  # fmt: skip


class Toy(socketserver.StreamRequestHandler):
    """The toy protocols: `DAY …` is answered by a day, `EVENTS …` by an event, `HELLO key` by all positions, for as
    long as one listens."""

    def handle(self):
        asked, given = self.rfile.readline().decode().split()
        if asked == "DAY":
            self.wfile.write("\n".join([*LOG[given], "END"] if given in LOG else ["NONE"]).encode())
        elif asked == "EVENTS":
            self.wfile.write(f"{json.dumps(VISIT)}\nEND".encode())
        elif given != KEY:
            self.wfile.write(b"NO\n")
        else:
            self.wfile.write("".join(f"{line}\n" for day in LOG.values() for line in day).encode())
            self.rfile.read()  # until the listener goes


@contextmanager
def toy_server():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Toy) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def added(tmp_path):
    """The examples in a folder of their own, and what is to be said of an installation to use them."""
    with toy_server() as port:
        folder = tmp_path / "extensions"
        shutil.copytree(EXAMPLES, folder)
        for path in (folder / "seeds" / "sources").glob("*.yaml"):
            path.write_text(path.read_text(encoding="utf-8").replace("7777", str(port)), encoding="utf-8")
        yield folder


@pytest.fixture
def home(added, tmp_path):
    """Runs a command with the extensions in a home of its own; gives what it printed."""
    environment = ENVIRONMENT | {"COALWATCH_EXTENSIONS": str(added), "COALWATCH_TOY_KEY": KEY}

    def run(*args, exit_code=0, **more):
        done = coalwatch(*args, "--home", tmp_path / "home", env=environment | more)
        assert done.returncode == exit_code, done.stderr
        return done.stdout if exit_code == 0 else done.stderr

    return run


@pytest.fixture
def rows(monkeypatch, added, tmp_path):
    """Asks the warehouse of that home."""
    monkeypatch.setenv("COALWATCH_EXTENSIONS", str(added))

    def ask(query):
        return json.loads(CliRunner().invoke(main, ["sql", query, "--json", "--home", str(tmp_path / "home")]).stdout)

    return ask


def test_a_format_a_provider_a_port_a_measure_a_list_an_article_a_pattern_and_its_evidence_are_a_file_each(home, rows):
    fetched = json.loads(home("fetch", "toy_days", "--from", "2018-06-01", "--to", "2018-06-02", "--json"))
    assert [(one["day"], one["state"], one["reads_as"]) for one in fetched] == [
        ("2018-06-01", "fetched", "toy_log"),
        ("2018-06-02", "fetched", "toy_log"),
    ]

    landed = json.loads(home("ingest", "auto", *(one["path"] for one in fetched), "--synthetic", "--json"))
    assert [(one["source"], one["positions_with_report"]) for one in landed] == [
        ("toy_log", len(lines)) for lines in LOG.values()
    ]
    assert landed[0]["url"].startswith("tcp://127.0.0.1:")
    home("run")

    assert rows("select port, country, stopped_hours > 24 as day_long from port_call") == [
        {"port": "Toyhaven", "country": "KR", "day_long": True}
    ]
    alerts = rows("select alert_id, pattern_id, vessel_name, grade from alert where withdrawn_at is null")
    assert {(one["pattern_id"], one["vessel_name"]) for one in alerts} == {
        ("listed-vessel-in-port", "TOY SHIP"),
        ("toy-day-in-port", "TOY SHIP"),
    }
    said = rows("select role, weight, statement from alert_evidence where role = 'toy_day'")
    assert said == [{"role": "toy_day", "weight": 4.0, "statement": "She was stopped at Toyhaven for 30 hours."}]
    law = rows("select answer, reason from legal_assessment where measure_id = 'toy-port-ban'")
    assert {one["answer"] for one in law} == {"forbidden"}
    assert {one["reason"] for one in law} == {"Toyhaven is closed to listed ships."}
    claim = rows("select claim_id, relation from alert_claim")
    assert claim == [{"claim_id": "toy-2018/T01", "relation": "supports"}]
    verdict = rows("select alerts_for from claim_window where claim_id = 'toy-2018/T01'")
    assert [one["alerts_for"] for one in verdict] == [1]


@pytest.mark.long
def test_a_detector_is_a_file_and_its_events_are_there_as_long_as_it_is(home, rows, added, tmp_path):
    asked = "select vessel.name, zone_id, round(hours) as hours, ended_at is null as open from loitering "
    asked += "join vessel using (vessel_id)"
    declared = added / "events" / "toy_waits.py"
    days = []
    for day, lines in LOG.items():
        days.append(tmp_path / f"{day}.log")
        days[-1].write_text("\n".join(lines), encoding="utf-8")

    home("ingest", "auto", days[0], "--synthetic")
    home("run")
    waits = {"name": "TOY SHIP", "zone_id": "toy-haven"}
    assert rows(asked) == [waits | {"hours": None, "open": True}]

    text = declared.read_text(encoding="utf-8")
    assert "_LEAST = 12" in text
    declared.write_text(text.replace("_LEAST = 12", "_LEAST = 48"), encoding="utf-8")
    assert "zones, limits or the code of events" in home("run", "--dry-run")
    home("run")
    assert rows(asked) == []

    declared.write_text(text, encoding="utf-8")
    home("ingest", "auto", days[1], "--synthetic")
    home("run")
    assert rows(asked) == [waits | {"hours": 30.0, "open": False}]

    declared.unlink()
    home("run")
    assert rows(asked) == []
    assert rows("select count(*) as calls from port_call") == [{"calls": 1}]


def test_a_provider_of_live_positions_is_listened_to_and_what_it_sent_lands(home, tmp_path):
    told = json.loads(home("listen", "toy_live", "--for", "2s", "--json"))
    assert (told["answered"], told["frames"], told["connections"]) == (True, sum(map(len, LOG.values())), 1)

    kept = sorted((tmp_path / "home" / "landing" / "toy_live").glob("*.jsonl"))
    landed = json.loads(home("ingest", "auto", *kept, "--synthetic", "--json"))
    assert {one["source"] for one in landed} == {"toy_log"}
    assert sum(one["positions_with_report"] for one in landed) == told["frames"]

    refused = home("listen", "toy_live", "--for", "9s", exit_code=2, COALWATCH_TOY_KEY="wrong")
    assert one_line(refused) == "coalwatch: toy: the key is refused; set COALWATCH_TOY_KEY"


@pytest.mark.long
def test_a_provider_of_events_is_asked_once_for_a_span_and_its_events_stand_beside_ours(home, rows):
    fetched = json.loads(home("fetch", "toy_events", "--from", "2018-06-01", "--to", "2018-06-03", "--json"))
    assert [one["name"] for one in fetched] == ["toy_events_2018-06-01_2018-06-03.jsonl"]
    assert [one["state"] for one in fetched] == ["fetched"]

    home("ingest", "auto", fetched[0]["path"])
    home("run")

    calls = rows("select source, port, provider_note, licence from port_call")
    assert [(one["source"], one["port"]) for one in calls] == [("toy_events", "Toyhaven")]
    assert "toy_events: The toy sees one port." in calls[0]["provider_note"]
    assert calls[0]["licence"] == "made up, for no commercial use"

    left = home("run", "--rebuild", exit_code=2, COALWATCH_EXTENSIONS="")
    assert "toy_events: events of it have landed, but no source of that name gives events" in one_line(left)


def test_a_day_that_a_provider_has_not_is_not_published(home):
    told = home("fetch", "toy_days", "--from", "2018-05-31", exit_code=3)

    assert one_line(told).endswith("the first: toy_days: nothing of 2018-05-31 (yet)")


def test_help_list_and_schedule_know_them(home):
    assert "toy_log      " in home("ingest", "--help")
    assert re.search(r"toy_days +A toy, its log by UTC day", home("fetch", "--help"))
    assert "toy_live      A toy" in home("listen", "--help")
    assert {"toy_days", "toy_live"} <= {one["source"] for one in json.loads(home("sources", "--json"))}


def test_each_day_of_them_is_scheduled(monkeypatch, added):
    monkeypatch.setenv("COALWATCH_EXTENSIONS", str(added))
    from pipeline.tasks.sources import scheduled_sources

    assert {"toy_days", "toy_live"} <= {spec.source for spec in scheduled_sources()}


def test_where_nothing_is_added_none_of_them_is_there(home):
    told = home("fetch", "toy_days", "--from", "2018-06-01", exit_code=2, COALWATCH_EXTENSIONS="")

    assert "no source named toy_days; expected one of aishub, " in one_line(told)


@pytest.mark.parametrize("path", ["seeds/measures/toy-port-ban.yaml", "zones/toy-haven.geojson", "formats/toy_log.py"])
def test_an_edited_addition_is_no_idle_run(monkeypatch, added, tmp_path, path):
    monkeypatch.setenv("COALWATCH_EXTENSIONS", str(added))
    before = read_by_run(Settings(home=tmp_path / "home"))
    assert read_by_run(Settings(home=tmp_path / "home")) == before

    with (added / path).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert read_by_run(Settings(home=tmp_path / "home")) != before


@pytest.mark.quick_cases(6)
@pytest.mark.parametrize(
    ("path", "text", "command", "found"),
    [
        ("formats/noaa.py", "SOURCE = None", "ingest auto x.log", "formats/noaa.py: there is one of this name already"),
        ("formats/a.py", "SOURCE = 1 / 0", "ingest auto x.log", "formats/a.py: ZeroDivisionError: division by zero;"),
        ("formats/a.py", '"""\nSOURCE = 1\n"""', "ingest auto x.log", "formats/a.py: declares no SOURCE when it is im"),
        ("formats/a.py", "SOURCE = 7", "ingest auto x.log", "formats/a.py: SOURCE is a int; expected a Source"),
        ("events/a.py", "DETECTOR = 7", "run", "events/a.py: DETECTOR is a int; expected a Detector (pipeline.events."),
        ("events/stops.py", "DETECTOR = 7", "run", "events/stops.py: there is one of this name already"),
        (
            "events/a.py",
            WAITS,
            "run",
            "events/toy_waits.py: another detector fills loitering already; expected a table",
        ),
        ("providers/toy_days.py", "PROVIDER: int = 7", "fetch toy_days --from 2018-06-01", "PROVIDER is a int"),
        ("providers/toy_days.py", "", "fetch toy_days --from 2018-06-01", 'client is "toy_days"; expected one of aish'),
        ("seeds/measures/un-2371-coal.yaml", "", "claims", "seeds/measures/un-2371-coal.yaml is there already; give"),
        ("zones/kp-nampo.geojson", "{}", "claims", "zones/kp-nampo.geojson is there already; give it another name"),
        ("zones/toy-haven.geojson", "{}", "claims", "toy-haven.geojson: no list of features; expected a GeoJSON"),
    ],
)
def test_an_addition_that_does_not_suit_is_one_line_with_its_file(monkeypatch, added, path, text, command, found):
    (added / path).write_text(text, encoding="utf-8")
    (added.parent / "x.log").write_text("TOY|1\n", encoding="utf-8")

    monkeypatch.setenv("COALWATCH_EXTENSIONS", str(added))
    monkeypatch.chdir(added.parent)

    done = CliRunner().invoke(main, [*command.split(), "--home", "home"])

    assert done.exit_code == 2
    assert found in one_line(done.stderr)


def test_a_folder_that_is_none_is_refused(home, tmp_path):
    told = home("sources", exit_code=2, COALWATCH_EXTENSIONS=str(tmp_path / "nowhere"))

    assert "nowhere holds no folder cases, events, formats, providers, seeds or zones" in one_line(told)
