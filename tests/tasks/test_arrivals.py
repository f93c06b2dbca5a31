"""What the schedule lands, and which days it says are to be derived."""

import shutil
from pathlib import Path

import pytest

from pipeline.errors import InputError, SourceUnavailable
from pipeline.tasks import arrivals
from pipeline.tasks.arrivals import land_day, land_late, late_files
from pipeline.tasks.home import Home
from pipeline.tasks.land import ingest
from pipeline.warehouse.store import open_for_reading
from tests.tasks.gfw_world import coal_voyage, write_pages
from tests.tasks.world import CLOCK, DAYS, Installation

pytestmark = pytest.mark.long  # whole homes, run again and again


@pytest.fixture
def home(tmp_path):
    home = Installation(tmp_path)
    (home.settings.landing / "demo").mkdir(parents=True)
    return home


def put(home, *paths):
    for path in paths:
        shutil.copy(path, home.settings.landing / "demo")


def land(home, day):
    return land_day(home.settings, "demo", day, secrets={}, now=CLOCK, progress=lambda line: None)


def late(home, progress=lambda line: None):
    found = late_files(home.settings)
    return [land_late(home.settings, one["source"], Path(one["path"]), now=CLOCK, progress=progress) for one in found]


def test_a_day_is_landed_from_its_folder_and_reported_also_when_it_was_there_already(home, files):
    put(home, *files.values())

    first, again = land(home, DAYS[1]), land(home, DAYS[1])

    assert first.days == again.days == [DAYS[1]]
    assert first.rows == again.rows > 0


def test_a_day_without_a_file_is_one_to_try_again(home):
    with pytest.raises(SourceUnavailable, match=DAYS[0]):
        land(home, DAYS[0])


def test_why_nothing_came_stands_in_the_log_of_runs_once(home, files):
    home.land(files[DAYS[1]])
    home.run()
    for _ in range(2):
        with pytest.raises(SourceUnavailable):
            land(home, DAYS[0])

    with open_for_reading(home.settings.database_url) as warehouse:
        failed = warehouse.query("select command, message from pipeline_run where status = 'failed'")
    assert failed["command"].tolist() == ["land"]
    assert DAYS[0] in failed.loc[0, "message"]


def test_a_landing_that_was_stopped_before_it_could_report_reports_when_repeated(home, files):
    put(home, files[DAYS[0]], files[DAYS[1]])
    home.land(files[DAYS[0]], files[DAYS[1]])  # landed, but nobody was told

    assert [arrived.days for arrived in late(home)] == [[DAYS[0]], [DAYS[1]]]


def test_late_files_are_found_once_and_again_when_they_change(home, files):
    put(home, files[DAYS[2]])
    assert [arrived.days for arrived in late(home)] == [[DAYS[2]]]
    assert late_files(home.settings) == []

    target = home.settings.landing / "demo" / files[DAYS[2]].name
    target.write_text(target.read_text() + files[DAYS[3]].read_text().partition("\n")[2])
    assert [arrived.days for arrived in late(home)] == [[DAYS[2], DAYS[3]]]


def test_what_is_being_written_and_notes_of_origin_are_left_alone(home, files):
    folder = home.settings.landing / "demo"
    shutil.copy(files[DAYS[0]], folder / "AIS_2018_06_01.csv.part")
    (folder / "AIS_2018_06_01.csv.origin.json").write_text("{}")

    assert late_files(home.settings) == []


def test_a_file_of_no_use_is_said_once(home):
    bad = home.settings.landing / "demo" / "AIS_2018_06_01.csv"
    bad.write_text("not,ais\n1,2\n")

    with pytest.raises(InputError, match="AIS_2018_06_01"):
        late(home)
    assert late_files(home.settings) == []
    bad.write_text("still,not,ais\n1,2,3\n")
    assert len(late_files(home.settings)) == 1


def test_no_more_files_are_handed_out_than_a_schedule_can_map_oldest_name_first(home, monkeypatch, files):
    monkeypatch.setattr(arrivals, "MOST_LATE_FILES", 2)
    put(home, *reversed(files.values()))
    expected = sorted(path.name for path in files.values())

    found = [[Path(one["path"]).name for one in late_files(home.settings)]]
    late(home)
    found.append([Path(one["path"]).name for one in late_files(home.settings)])

    assert found == [expected[:2], expected[2:4]]


# ------------------------------------------------------------------------------------------- corrected files


def standing(home):
    files = Home(home.settings).lake.source_files()
    return files.loc[files["replaced_by_source_file_id"].isna(), "rows_read"].tolist()


@pytest.mark.parametrize("by_day", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_corrected_file_takes_the_place_of_the_one_before(by_day, home, files):
    target = home.settings.landing / "demo" / f"AIS_{DAYS[0]}.csv"
    both = files[DAYS[0]].read_text() + files[DAYS[1]].read_text().partition("\n")[2]
    target.write_text(both)
    assert [arrived.days for arrived in late(home)] == [DAYS[:2]]
    home.run()

    # a row less, a day less, and the first put back
    for text in (both[: both.rindex("\n", 0, -1) + 1], files[DAYS[0]].read_text(), both):
        target.write_text(text)
        if by_day:
            assert land(home, DAYS[0]).days == DAYS[:2]
        else:
            assert [arrived.days for arrived in late(home)] == [DAYS[:2]]
        assert standing(home) == [text.count("\n") - 1]
        home.run()


def test_a_correction_is_landed_once_and_never_stands_beside_what_it_corrects(home, files, monkeypatch):
    target = home.settings.landing / "demo" / f"AIS_{DAYS[0]}.csv"
    whole = files[DAYS[0]].read_text()
    target.write_text(whole)
    late(home)
    told, stood = [], []
    monkeypatch.setattr(arrivals, "refuse_useless", lambda landed: stood.append(standing(home)))

    target.write_text(whole[: whole.rindex("\n", 0, -1) + 1])
    late(home, progress=told.append)

    assert [line for line in told if "reading files" in line] == [f"reading files: {target.name} as noaa (1 of 1)"]
    assert stood == [[whole.count("\n") - 2]]


def test_a_correction_of_no_use_leaves_the_file_before_and_a_good_one_replaces_it(home, files):
    target = home.settings.landing / "demo" / f"AIS_{DAYS[0]}.csv"
    whole = files[DAYS[0]].read_text()
    lines = whole.splitlines(keepends=True)
    target.write_text("".join(lines[:-1]))
    late(home)
    target.write_text(lines[0])
    with pytest.raises(InputError):
        late(home)
    assert len(lines) - 2 in standing(home)

    target.write_text(whole)
    late(home)

    assert [rows for rows in standing(home) if rows] == [len(lines) - 1]


def test_what_another_path_still_holds_is_not_replaced(home, files):
    put(home, files[DAYS[0]])
    copy = home.settings.landing / "demo" / "copy.csv"
    shutil.copy(files[DAYS[0]], copy)
    late(home)
    shutil.copy(files[DAYS[1]], copy)
    late(home)

    assert len(standing(home)) == 2


def events_file(home):
    path = home.settings.landing / "gfw" / "gfw_port-visits.jsonl"
    path.parent.mkdir(parents=True)
    return path


def late_events(home, path):
    return land_late(home.settings, "gfw", path, now=CLOCK, progress=lambda line: None)


def test_events_landed_but_not_reported_are_reported_until_they_are_told(tmp_path):
    home = Installation(tmp_path)
    path = write_pages(events_file(home), coal_voyage())
    days = ["2020-12-05", "2020-12-10"]
    ingest(home.settings, [path], "gfw", now=CLOCK, progress=lambda line: None)  # landed, but nobody was told

    assert late_events(home, path).days == days
    Home(home.settings).provider_events.process_parts()  # a run that was stopped before it told the ships
    assert late_events(home, path).days == days
    home.run()
    assert late_events(home, path).days == []


def test_days_of_events_that_a_correction_took_away_are_reported_until_they_are_told(tmp_path):
    home = Installation(tmp_path)
    path = events_file(home)
    late_events(home, write_pages(path, coal_voyage()))
    home.run()
    write_pages(path, [])

    for _ in range(2):  # the second is the retry of one whose report was lost
        assert late_events(home, path).days == ["2020-12-05", "2020-12-10"]
    home.run()
    assert late_events(home, path).days == []
