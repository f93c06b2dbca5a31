"""The gate in a whole run: a day is lost, held back with the alerts it established, repaired by a late file, released.

The home holds the days of `tests.tasks.world`. On the four Sundays before them a crowd of ships was heard far away; on
Sunday 3 June 2018, whose data establishes both alerts, nobody of it was, unless the late file has landed.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from pipeline.contracts import DAY_CHECK, PIPELINE_RUN, REVIEW, REVIEW_REQUEST, SOURCE_DAY
from pipeline.errors import InputError
from pipeline.tasks import gate, review
from pipeline.tasks.reports import alert_queue, every_alert, held_back
from pipeline.tasks.review import review_alert
from pipeline.tasks.run import run
from pipeline.warehouse.store import open_for_reading
from tests.tasks.world import CLOCK, DAYS, Installation, month, write_days

LOST = "2018-06-03"
SUNDAYS = ["2018-05-06", "2018-05-13", "2018-05-20", "2018-05-27"]
SHIP = 351990002
LATER = CLOCK + timedelta(days=1)


def crowd(day: str, folder: Path, fixes: int = 2500) -> Path:
    """A MarineCadastre file of a day with many ships off California."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = pd.Series(range(fixes))
    rows = pd.DataFrame({"MMSI": 366000000 + numbers % 5, "BaseDateTime": pd.Timestamp(day)})
    rows["BaseDateTime"] += pd.to_timedelta(numbers * 30, unit="s")
    rows = rows.assign(LAT=34.0 + 0.1 * (numbers % 5), LON=-121.0, SOG=8.0, TransceiverClass="A")
    rows["BaseDateTime"] = rows["BaseDateTime"].dt.strftime("%Y-%m-%dT%H:%M:%S")
    columns = [
        "MMSI", "BaseDateTime", "LAT", "LON", "SOG", "COG", "Heading", "VesselName", "IMO", "CallSign", "VesselType",
        "Status", "Length", "Width", "Draft", "Cargo", "TransceiverClass",
    ]  # fmt: skip
    path = folder / f"crowd_{day}.csv"
    rows.reindex(columns=columns).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    return {**write_days(month(), folder), **{f"crowd {day}": crowd(day, folder) for day in [*SUNDAYS, LOST]}}


@pytest.fixture(scope="module")
def lost(files, tmp_path_factory):
    """A home in which the day was run without its crowd: only to be read. Its report comes with it."""
    home = Installation(tmp_path_factory.mktemp("lost"))
    home.land(*(path for name, path in files.items() if name != f"crowd {LOST}"))
    return home, home.run()


@pytest.fixture
def home(lost, tmp_path):
    shutil.copytree(lost[0].settings.home, tmp_path / "home")
    return Installation(tmp_path / "home")


@pytest.fixture(scope="module")
def repaired(lost, files, tmp_path_factory):
    """The same home after all but a Sunday was announced, and the late file came: only to be read."""
    folder = tmp_path_factory.mktemp("repaired") / "home"
    home = Installation(shutil.copytree(lost[0].settings.home, folder))
    waiting = gate.days_to_announce(home.settings, now=CLOCK)
    gate.note_announced(home.settings, {day: owed for day, owed in waiting.items() if day != SUNDAYS[0]})
    home.land(files[f"crowd {LOST}"])
    return home, run(home.settings, now=LATER, progress=lambda line: None)


def table(home: Installation, of) -> pd.DataFrame:
    with open_for_reading(home.settings.database_url) as warehouse:
        return warehouse.read(of).sort_values(list(of.key), ignore_index=True)


def alert_of_ship(home: Installation) -> dict:
    (alert,) = [one for one in every_alert(home.settings) if one["mmsi"] == SHIP]
    return alert


# ------------------------------------------------------------------------------------------- held back, released


def test_a_lost_day_is_held_back_with_the_alerts_it_established(lost):
    home, report = lost

    assert report.held_back == [LOST]
    assert alert_of_ship(home)["status"] == "held back"
    assert alert_queue(home.settings) == []
    assert held_back(home.settings) == {"alerts": 2, "days": 1}


def test_the_run_says_withheld_and_why(lost):
    home, report = lost
    row = table(home, PIPELINE_RUN).iloc[0]

    assert (row["pipeline_run_id"], row["command"], row["status"]) == (report.pipeline_run_id, "run", "withheld")
    assert row["message"].startswith(f'{LOST}: coverage lost, which is not "no calls": ')


def test_the_day_is_not_published_and_the_days_beside_it_are(lost):
    told = gate.publication(lost[0].settings, LOST, now=CLOCK)
    beside = gate.publication(lost[0].settings, DAYS[1], now=CLOCK)

    assert not told.published
    assert "coverage lost" in told.reasons[0]
    assert told.held_back == [LOST]
    assert alert_of_ship(lost[0])["alert_id"] in told.raised
    assert (beside.published, beside.reasons, beside.raised) == (True, [], [])
    json.dumps(asdict(told))


def test_what_is_derived_is_what_it_would_be_without_a_gate(lost):
    rows = lost[0].rows()

    assert len(rows["alert"]) == 2
    assert LOST in rows["coverage_day"]["day"].tolist()


def test_a_late_file_releases_the_day_and_its_alert(repaired):
    home, report = repaired
    told = gate.publication(home.settings, LOST, now=LATER)

    assert (report.released, report.held_back) == ([LOST], [])
    assert alert_of_ship(home)["status"] == "standing"
    assert SHIP in [row["mmsi"] for row in alert_queue(home.settings)]
    assert (told.published, told.released) == (True, [LOST])
    assert table(home, PIPELINE_RUN)["status"].tolist().count("done") == 1


@pytest.mark.long  # in short: tests/publish/test_gate.py
def test_a_late_file_judges_the_days_compared_with_its_day_again(files, tmp_path):
    home = Installation(tmp_path)
    home.land(*(files[name] for name in (LOST, *(f"crowd {day}" for day in SUNDAYS[1:]))))
    before = home.run(days=set())

    home.land(files[f"crowd {SUNDAYS[0]}"])
    after = home.run(days=set())

    assert before.held_back == []
    assert after.held_back == [LOST]


@pytest.mark.long  # in short: tests/publish/test_gate_laws.py
def test_the_checks_are_the_same_in_any_order_of_landing(files, tmp_path):
    names = [LOST, *(f"crowd {day}" for day in [*SUNDAYS, LOST])]
    homes = []
    for order in (names, random.Random(5).sample(names, len(names))):
        home = Installation(tmp_path / str(len(homes)))
        for number, name in enumerate(order):
            home.land(files[name])
            if number == 3 and homes:
                home.run(days=set())
        home.run(days=set())
        homes.append(home)

    for of in (SOURCE_DAY, DAY_CHECK):
        assert_frame_equal(*(table(home, of) for home in homes))


# ---------------------------------------------------------------------------------------------- telling people


def test_people_are_told_that_the_day_is_held_back_and_not_of_its_alert(lost):
    home, report = lost

    notice = gate.notice(home.settings, LOST, report, now=CLOCK)

    assert notice.subject == "[SYNTHETIC] coalwatch 2018-06-03: 2 alerts held back, 1 day held back"
    assert f"{LOST} is not published" in notice.text
    assert "DEMO COAL" not in notice.text


def test_and_of_both_when_they_are_released(repaired):
    home, report = repaired

    notice = gate.notice(home.settings, LOST, json.loads(json.dumps(report.as_dict())), now=LATER)

    assert notice.subject == "[SYNTHETIC] coalwatch 2018-06-03: 2 new alerts (2 strong), 1 day released"
    assert "DEMO COAL" in notice.text
    assert notice.payload["released"] == [LOST]
    json.dumps(notice.payload, allow_nan=False)

    (home.settings.home / "review.yaml").write_text("names_need_sign_off: true\n")
    unnamed = gate.notice(home.settings, LOST, report, now=LATER)
    assert unnamed.subject == notice.subject
    for text in (unnamed.text, unnamed.html, json.dumps(unnamed.payload)):
        assert "DEMO COAL" not in text
        assert str(SHIP) not in text
        assert "ship 1" in text


def test_a_run_that_changed_nothing_is_no_news_and_one_whose_report_was_lost_is(home):
    nothing = home.run()

    def told(**since: datetime):
        return gate.notice(home.settings, LOST, nothing, now=CLOCK, **since)

    assert told() is None
    assert "2 alerts held back" in told(since=CLOCK).subject
    assert told(since=LATER) is None


def test_days_of_alerts_are_those_published(lost, repaired):
    assert LOST not in gate.days_of_alerts(lost[0].settings, lost[1].pipeline_run_id)
    assert LOST in gate.days_of_alerts(repaired[0].settings, lost[1].pipeline_run_id)


# ----------------------------------------------------------------------------------------------- asking people


@pytest.fixture
def published(repaired, tmp_path):
    """A home of one's own in which both alerts are published."""
    shutil.copytree(repaired[0].settings.home, tmp_path / "published")
    return Installation(tmp_path / "published")


def to_ask(home: Installation) -> list[dict[str, str]]:
    return review.alerts_to_ask(home.settings, LOST, now=CLOCK)


def test_strong_alerts_of_published_days_are_asked_about_once(lost, published):
    asked = to_ask(published)
    review.note_asked(published.settings, asked[:1], CLOCK)
    review.note_asked(published.settings, asked[:1], LATER)

    assert to_ask(lost[0]) == []
    assert len(asked) == 2
    assert asked[0]["subject"].startswith("[SYNTHETIC] ")
    assert "### Speaks for it" in asked[0]["body"]
    assert to_ask(published) == asked[1:]
    assert review.alerts_to_ask(published.settings, DAYS[0], now=CLOCK) == []
    assert table(published, REVIEW_REQUEST)["asked_at"].tolist() == [pd.Timestamp(CLOCK)]


@pytest.fixture(scope="module")
def asked_then_changed(repaired, tmp_path_factory):
    """A home in which both alerts were asked about, before the ship's came to rest on other evidence; only to be read.
    With it her alert, the evidence that was shown, and why the question was closed when nothing had changed."""
    folder = tmp_path_factory.mktemp("asked")
    home = Installation(shutil.copytree(repaired[0].settings.home, folder / "home"))
    asked = to_ask(home)
    review.note_asked(home.settings, asked, CLOCK)
    ship = alert_of_ship(home)["alert_id"]
    (shown,) = [one["evidence_hash"] for one in asked if one["alert_id"] == ship]
    stood = review.why_closed(home.settings, ship, shown)
    landed_otherwise(home, folder, "other", 4.0)
    return home, ship, shown, stood


@pytest.fixture
def changed(asked_then_changed, tmp_path):
    """The same home, one's own."""
    home, *more = asked_then_changed
    return Installation(shutil.copytree(home.settings.home, tmp_path / "changed")), *more


@pytest.mark.long  # of what the warehouse does then: tests/warehouse/test_reviewed.py
def test_an_answer_is_of_the_evidence_that_was_shown_and_other_evidence_is_asked_about_anew(changed):
    home, ship, shown, _ = changed

    review_alert(home.settings, ship, "airflow:kim", "confirmed", None, LATER, evidence_hash=shown)

    assert table(home, REVIEW)["evidence_hash"].tolist() == [shown]
    (row,) = [one for one in alert_queue(home.settings) if one["alert_id"] == ship]
    assert row["status"] == "evidence changed"
    assert shown not in [one["evidence_hash"] for one in to_ask(home)]


def test_an_alert_that_was_decided_is_not_asked_about(published):
    first, second = to_ask(published)

    review_alert(published.settings, first["alert_id"], "kim", "dismissed", None, LATER)

    assert to_ask(published) == [second]


def landed_otherwise(home, tmp_path, folder, draught_after):
    """Land the five days again, the ships reporting another draught after the first call."""
    other = write_days(month(draught_after=draught_after), tmp_path / folder)
    standing = home.rows()["source_file"].set_index("name")["sha256"]
    for day in DAYS:
        (name,) = [one for one in standing.index if day in one and not one.startswith("crowd")]
        if hashlib.sha256(other[day].read_bytes()).hexdigest() != standing[name]:
            home.land(other[day].rename(tmp_path / f"{folder}_{day}.csv"), replaces=name)
    home.run()


@pytest.mark.long
def test_a_question_stands_until_its_alert_rests_on_other_evidence_and_is_asked_again_if_it_returns(changed, tmp_path):
    home, ship, shown, stood = changed

    why = review.close_question(home.settings, ship, shown)
    (anew,) = [one for one in review.alerts_to_ask(home.settings, now=CLOCK) if one["alert_id"] == ship] or [None]
    landed_otherwise(home, tmp_path, "again", 8.0)
    returned = [one["evidence_hash"] for one in to_ask(home) if one["alert_id"] == ship]

    assert stood is None
    assert why == "the evidence of the alert changed"
    assert anew is None or anew["evidence_hash"] != shown
    assert returned == [shown]


def test_a_question_decided_elsewhere_is_closed_and_stays_asked(published):
    first, second = to_ask(published)
    review.note_asked(published.settings, [first, second], CLOCK)

    review_alert(published.settings, first["alert_id"], "kim", "dismissed", None, LATER)

    decided = (published.settings, first["alert_id"], first["evidence_hash"])
    assert review.why_closed(*decided) == review.close_question(*decided) == "it was decided elsewhere"
    assert review.close_question(published.settings, second["alert_id"], second["evidence_hash"]) is None
    assert len(table(published, REVIEW_REQUEST)) == 2


def test_a_question_about_an_alert_that_is_no_more_is_closed(published):
    assert review.why_closed(published.settings, "nope", "0000") == "the alert was withdrawn"


def test_evidence_that_nobody_was_asked_about_is_refused(published):
    alert_id = to_ask(published)[0]["alert_id"]

    with pytest.raises(InputError, match="nobody was asked about evidence 0000; expected"):
        review_alert(published.settings, alert_id, "kim", "confirmed", None, LATER, evidence_hash="0000")


# ----------------------------------------------------------------------------------------------------- outbox


def test_days_wait_in_the_outbox_until_they_are_published_and_announced(lost, home, repaired):
    waiting = gate.days_to_announce(lost[0].settings, now=CLOCK)

    assert set(waiting) == {*DAYS, *SUNDAYS} - {LOST}
    assert gate.days_to_announce(lost[0].settings, now=datetime(2018, 6, 2, tzinfo=UTC)).keys() == {DAYS[0], *SUNDAYS}
    gate.note_announced(home.settings, waiting)
    assert gate.days_to_announce(home.settings, now=CLOCK) == {}
    assert gate.days_to_announce(repaired[0].settings, now=CLOCK).keys() == {SUNDAYS[0], LOST}


@pytest.mark.long
def test_a_day_that_changed_again_before_it_was_announced_stays(repaired, changed):
    home, before = changed[0], gate.days_to_announce(repaired[0].settings, now=CLOCK)

    gate.note_announced(home.settings, before)

    left = gate.days_to_announce(home.settings, now=CLOCK).keys()
    assert before.keys() & left == {LOST}  # the Sunday did not change
    assert DAYS[1] in left


@pytest.mark.long
def test_a_run_stopped_before_it_judged_tells_of_its_gate_and_owes_its_days_when_it_is_repeated(home, files):
    gate.note_announced(home.settings, gate.days_to_announce(home.settings, now=CLOCK))
    home.land(files[f"crowd {LOST}"])

    def stop(line: str) -> None:
        if line == "events to alerts and claims":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(home.settings, now=LATER, progress=stop)
    again = home.run()

    assert (again.days, again.released) == ([], [LOST])
    assert list(gate.days_to_announce(home.settings, now=CLOCK)) == [LOST]
    assert home.run().released == []
