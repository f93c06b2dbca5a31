"""Files of the lake that are gone, cut or spoilt: it is said what to land again, and landing it again mends them."""

import shutil
from contextlib import closing

import pytest
from pandas.testing import assert_frame_equal

from pipeline.errors import InputError
from pipeline.lake.damage import is_whole, reading
from pipeline.lake.lake import Lake
from pipeline.lake.pruned import prune_day, pruned_days
from pipeline.state.results import HANDED_ON
from pipeline.tasks.land import ingest, list_rejects, plan
from tests.tasks.gfw_world import coal_voyage, write_pages
from tests.tasks.world import CLOCK, COAL, DAYS, Installation, assert_same, month, write_days

GONE, CUT, EMPTY, SPOILT, OTHER = "gone", "cut", "empty", "spoilt", "other"


def hurt(path, how):
    whole = path.read_bytes()
    if how == GONE:
        path.unlink()
    else:
        spoilt = whole[:4] + bytes(len(whole) - 12) + whole[-8:]
        path.write_bytes({CUT: whole[: len(whole) // 2], EMPTY: b"", SPOILT: spoilt, OTHER: b"not a lake file"}[how])


@pytest.fixture
def home(landed, tmp_path):
    shutil.copytree(landed, tmp_path / "home")
    return Installation(tmp_path / "home")


def part_of(home, kind, day=DAYS[1]):
    (path,) = (home.settings.home / "lake" / kind / f"day={day}").iterdir()
    return path


@pytest.mark.parametrize("how", [GONE, CUT, EMPTY, SPOILT, OTHER])
@pytest.mark.parametrize("kind", ["positions", "vessel_reports"])
def test_a_run_says_which_file_to_land_again(home, kind, how):
    path = part_of(home, kind)
    hurt(path, how)

    with pytest.raises(InputError) as caught:
        home.run()

    said = str(caught.value)
    assert str(path) in said
    assert ("is gone" if how == GONE else "is damaged") in said
    assert f"coalwatch ingest noaa AIS_{DAYS[1]}.csv" in said
    assert "its bytes are kept as" in said
    assert "free some space" not in said
    assert "\n" not in said


@pytest.mark.parametrize("how", [GONE, CUT, EMPTY, SPOILT, OTHER])
def test_pruning_says_which_file_to_land_again_and_prunes_nothing_of_the_day(home, tmp_path, how):
    path = part_of(home, "vessel_reports")
    hurt(path, how)

    with closing(Lake(home.settings.home)) as lake:
        with pytest.raises(InputError) as caught:
            prune_day(lake, DAYS[1], [COAL], tmp_path)
        assert pruned_days(lake.catalog) == {}

    said = str(caught.value)
    assert f"{path} is {'gone' if how == GONE else 'damaged'}" in said
    assert f"coalwatch ingest noaa AIS_{DAYS[1]}.csv" in said
    assert "\n" not in said


@pytest.mark.parametrize("how", [*(pytest.param(one, marks=pytest.mark.long) for one in (GONE, CUT)), SPOILT])
def test_the_same_bytes_again_mend_the_lake_and_the_run_goes_on(home, files, told, how):
    expected = Installation(told).rows()
    hurt(part_of(home, "positions"), how)
    with pytest.raises(InputError):
        home.run()

    (mended,) = ingest(
        home.settings, [files[DAYS[1]]], "noaa", now=CLOCK, progress=lambda line: None, synthetic=True
    )  # fmt: skip
    home.run()

    assert mended["mended"]
    assert mended["days"] == []  # its content is what it was
    assert_same(home.rows(), expected)


@pytest.mark.long
def test_the_bytes_that_the_home_keeps_mend_it_too(home, told):
    hurt(part_of(home, "positions"), GONE)
    with pytest.raises(InputError) as caught:
        home.run()
    kept = str(caught.value).rpartition("kept as ")[2].rstrip(")")

    home.land(type(home.settings.home)(kept))

    assert home.run().changed
    found, expected = home.rows(), Installation(told).rows()
    assert_frame_equal(found["port_call"], expected["port_call"])
    assert_frame_equal(found["alert"], expected["alert"])


def test_landing_a_whole_file_again_changes_nothing(home, files):
    (planned,) = plan(home.settings, [files[DAYS[1]]], "noaa", synthetic=True)
    (again,) = ingest(
        home.settings, [files[DAYS[1]]], "noaa", now=CLOCK, progress=lambda line: None, synthetic=True
    )  # fmt: skip

    assert planned["already_landed"]
    assert not again["mended"]
    assert again["days"] == []


def test_a_trial_says_that_a_damaged_file_would_be_landed(home, files):
    hurt(part_of(home, "positions"), CUT)

    (planned,) = plan(home.settings, [files[DAYS[1]]], "noaa", synthetic=True)

    assert not planned["already_landed"]


def test_raw_bytes_that_were_cut_are_kept_whole_again(home, files):
    path = part_of(home, "positions")
    raw = next(one for one in (home.settings.home / "raw").iterdir() if one.name.startswith(path.stem))
    whole = raw.read_bytes()
    raw.write_bytes(whole[:100])
    hurt(path, GONE)

    home.land(files[DAYS[1]])

    assert raw.read_bytes() == whole


KINDS = ["runs", "identities", "coverage", "stays", "ends"]
GONE_FIRST = pytest.param(dict(zip(KINDS, (GONE, CUT, GONE, CUT, GONE), strict=True)), id="gone first")
CUT_FIRST = pytest.param(
    dict(zip(KINDS, (CUT, GONE, CUT, GONE, CUT), strict=True)), id="cut first", marks=pytest.mark.long
)


@pytest.mark.parametrize("kinds", [GONE_FIRST, CUT_FIRST])
def test_what_is_derived_is_made_again_by_a_rebuild(told, tmp_path, kinds):
    expected = Installation(told).rows()
    shutil.copytree(told, tmp_path / "home")
    home = Installation(tmp_path / "home")
    # what is handed on is kept at the end of a stretch of days
    days = {kind: DAYS[-1] if kind in HANDED_ON else DAYS[1] for kind in kinds}
    for kind, day in days.items():
        hurt(part_of(home, kind, day), kinds[kind])

    home.run(rebuild=True)

    assert_same(home.rows(), expected)
    assert all(is_whole(part_of(home, kind, day)) for kind, day in days.items())


def test_a_late_file_on_damaged_derived_files_says_to_rebuild(told, files, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    home = Installation(tmp_path / "home")
    hurt(part_of(home, "runs", DAYS[2]), CUT)
    other = write_days(month(draught_after=4.0), tmp_path / "other")
    home.land(other[DAYS[4]], replaces=files[DAYS[4]].name)

    with pytest.raises(InputError, match="it is derived from what landed: `coalwatch run --rebuild` makes it again"):
        home.run()


def test_events_bought_in_are_landed_again(tmp_path):
    home = Installation(tmp_path / "home")
    path = write_pages(tmp_path / "gfw.json", coal_voyage())
    ingest(home.settings, [path], "gfw", now=CLOCK, progress=lambda line: None)
    (part,) = (home.settings.home / "lake" / "events").iterdir()
    hurt(part, CUT)

    with pytest.raises(InputError, match=r"is damaged .*coalwatch ingest gfw gfw\.json"):
        home.run()
    ingest(home.settings, [path], "gfw", now=CLOCK, progress=lambda line: None)

    assert home.run().changed
    assert len(home.rows()["port_call"])


def test_rejected_rows_that_are_gone_are_told(home, tmp_path):
    bad = tmp_path / "bad.csv"
    header = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,"
    bad.write_text(header + "Cargo,TransceiverClass\n1,2018-06-03T00:00:00,91,181,,,,,,,,,,,,,A\n")
    ingest(home.settings, [bad], "noaa", now=CLOCK, progress=lambda line: None, synthetic=True)
    (path,) = (home.settings.home / "lake" / "rejects").iterdir()
    hurt(path, GONE)

    with pytest.raises(
        InputError, match=r"is gone; it holds rows of bad\.csv: .*`coalwatch ingest noaa bad\.csv --synth"
    ):
        list_rejects(home.settings, None, None)


def test_what_the_system_refuses_is_not_called_damage(tmp_path):
    with pytest.raises(PermissionError), reading(tmp_path / "a.parquet"):
        raise PermissionError(13, "Permission denied", "a.parquet")
