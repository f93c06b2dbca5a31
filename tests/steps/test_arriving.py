"""What the schedule lands, and which days it says are to be derived."""

import shutil
from pathlib import Path

import pytest

from pipeline.errors import InputError, SourceUnavailable
from pipeline.steps.arriving import land_day, land_late, late_files
from pipeline.warehouse.store import open_for_reading
from tests.steps.world import CLOCK, DAYS, Installation, month, write_days


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_days(month(), tmp_path_factory.mktemp("files"))


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


def late(home):
    found = late_files(home.settings)
    return [
        land_late(home.settings, one["source"], Path(one["path"]), now=CLOCK, progress=lambda line: None)
        for one in found
    ]


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
