"""Readings of imagery: kept in the home, also where they contradict, and weighed by claims as one observation."""

import json
import shutil
from datetime import datetime

import pytest

from pipeline.errors import InputError
from pipeline.lake.inventory import home_files
from pipeline.lake.readings import FOLDER, read_readings_kept
from pipeline.settings import Settings
from pipeline.tasks.observe import observe
from pipeline.tasks.reports import claim_windows
from tests.tasks.world import CLOCK

HEADER = "place,at,sensor,by,link,licence,ships_80_to_130m,ships,visible,ice"


def line(
    place="kp-nampo-coal", at="2021-01-08", by="K. Han", long="0", ships="", visible="", ice="", sensor="PlanetScope"
):
    return f"{place},{at},{sensor},{by},https://images.example/1,Planet,{long},{ships},{visible},{ice}"


@pytest.fixture
def told(tmp_path):
    settings = Settings(home=tmp_path / "home")

    def tell(*lines, header=HEADER, **options):
        path = tmp_path / "readings.csv"
        path.write_text("\n".join([header, *lines]) + "\n")
        return observe(settings, path, now=CLOCK, **options)

    tell.settings = settings
    return tell


def reason(settings, label="C16", window="W0", as_of=None):
    rows = claim_windows(settings, as_of, "dailynk-2021", label)
    return next(row for row in rows if row["window_id"] == window)["reason"]


def test_an_empty_berth_on_several_images_weighs_as_one_observation(told):
    told(*(line(at=f"2021-01-{day:02}") for day in range(1, 13)))

    assert "0 with ships of 80 m or more or of unknown length, 12 without" in reason(told.settings)
    assert "(weight 0.49)" in reason(told.settings)


def test_ships_on_as_many_images_as_is_usual_speak_for_and_empty_ones_between_do_not_speak_against(told):
    told(line(at="2021-01-08"), line(at="2021-01-09", long="2"))

    assert "(weight 0.12)" in reason(told.settings)
    assert "An empty coal berth" not in reason(told.settings)


def test_ships_on_one_image_of_many_speak_both_ways(told):
    told(*(line(at=f"2021-01-{day:02}", long="2" if day == 3 else "0") for day in range(1, 21)))

    assert "(weight 0.12)" in reason(told.settings)
    assert "An empty coal berth speaks against coal going out of Nampo at the time. (weight 0.37)" in reason(
        told.settings
    )


def test_two_readers_who_agree_make_an_image_more_certain_and_who_disagree_make_it_silent(told):
    days = [f"2021-01-{day:02}" for day in range(1, 5)]
    told(*(line(at=day, by=by) for day in days for by in ("K. Han", "B. Other")))
    assert "(weight 0.81)" in reason(told.settings)

    found = told(*(line(at=day, by="C. Third", long="1") for day in days))
    assert {other["read_by"] for other in found["other_readings"]} == {"K. Han", "B. Other"}
    assert "4 on which readers disagree" in reason(told.settings)
    assert len(read_readings_kept(told.settings.home)) == 12


def test_a_reader_who_looks_again_is_counted_as_she_last_said(told, tmp_path):
    header = f"{HEADER},known"
    told(line() + ",2021-02-01", line(long="1") + ",2021-03-01", header=header)

    assert "1 with ships" in reason(told.settings)
    assert "0 with ships" in reason(told.settings, as_of=datetime(2021, 2, 10))
    assert "Images read" not in reason(told.settings, as_of=datetime(2021, 1, 20))


def test_a_place_that_was_hidden_or_seen_in_part_says_nothing_of_absence(told):
    told(
        line(long="", visible="no"), line(at="2021-01-09", visible="partly"), line(at="2021-01-10", long="", ice="some")
    )

    assert "0 without, 3 on which it could not be told" in reason(told.settings)


def test_an_image_outside_the_window_says_nothing_of_it(told):
    told(line(at="2021-02-08", long="1"))

    assert "Images read" not in reason(told.settings)
    assert "1 with ships" in reason(told.settings, window="Wpost")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (line(place=""), "place is missing"),
        (line(at="soon"), 'at is "soon"'),
        (line(at=""), 'at is ""'),
        (line(at="2031-01-01"), "future"),
        (line(by=""), "by is missing"),
        (line(long="many"), 'ships_80_to_130m is "many"'),
        (line(long="-1"), 'ships_80_to_130m is "-1"'),
        (line(long=""), "nothing is said of what is seen"),
        (line(visible="no"), "visible is no, but something is seen"),
        (line(ice="thick"), 'ice is "thick"'),
        ("kp-nampo-coal,2021-01-08", "no reading"),
    ],
)
def test_a_row_that_is_no_reading_is_rejected_with_its_reason_and_others_are_kept(told, row, why):
    found = told(row, line())

    assert why in found["rejected"][0]["reason"]
    assert found["rejected"][0]["line"] == 2
    assert len(found["readings"]) == 1


def test_a_file_of_which_no_row_is_a_reading_is_refused(told):
    with pytest.raises(InputError, match="none of its 1 rows is a reading"):
        told(line(by=""))


def test_the_same_reading_again_is_kept_once_and_a_dry_run_keeps_nothing(told):
    assert told(line(), dry_run=True)["readings"][0]["status"] == "new"
    assert not (told.settings.home / FOLDER).exists()

    told(line())
    assert [row["status"] for row in told(line(), line(at="2021-01-09"))["readings"]] == ["there already", "new"]
    assert len(read_readings_kept(told.settings.home)) == 2


def test_yaml_says_the_same_as_csv_and_a_date_that_is_none_costs_its_reading_alone(told, tmp_path):
    told(line())
    path = tmp_path / "readings.yaml"
    entry = (
        "- {place: kp-nampo-coal, at: %s, sensor: PlanetScope, by: K. Han, link: 'https://images.example/1',"
        " licence: Planet, ships_80_to_130m: 0}\n"
    )
    path.write_text(entry % "2021-01-08" + entry % "2021-13-08" + "- text\n- {at: 2021-01-08, at: 2021-01-09}\n")

    found = observe(told.settings, path, now=CLOCK)

    assert [row["status"] for row in found["readings"]] == ["there already"]
    assert [row["line"] for row in found["rejected"]] == [2, 3, 4]


def test_a_position_is_placed_in_its_zone_and_one_in_none_is_kept(told):
    header = HEADER.replace("place", "longitude,latitude")
    found = told(line(place="125.4117,38.7328"), line(place="100.0,10.0"), header=header)

    assert [row["zone_id"] for row in found["readings"]] == ["kp-nampo-coal", None]


def test_a_home_of_synthetic_data_takes_no_readings(landed, tmp_path):
    shutil.copytree(landed, tmp_path / "home")
    path = tmp_path / "readings.csv"
    path.write_text(f"{HEADER}\n{line()}\n")

    with pytest.raises(InputError, match="synthetic"):
        observe(Settings(home=tmp_path / "home"), path, now=CLOCK)


def test_every_backup_holds_the_readings(told):
    told(line())

    (file,) = (one for one in home_files(told.settings.home) if one.path.startswith(FOLDER))
    assert file.kind == "state"


def test_a_damaged_reading_is_named_with_its_remedy(told):
    told(line())
    (path,) = (told.settings.home / FOLDER).glob("*.json")
    path.write_text(json.dumps({"reading_id": path.stem}))

    with pytest.raises(InputError, match="remove it and give its file"):
        read_readings_kept(told.settings.home)


@pytest.mark.parametrize(
    "given",
    [{"at": "9999-12-31"}, {"at": "0001-01-01"}, {"at": "20210208"}, {"at": "2021-W06-1"}, {"ships": "9" * 5000}],
    ids=["no day after it", "before satellites", "compact", "week", "many digits"],
)
def test_a_cell_that_no_reading_can_have_costs_its_row_alone(told, given):
    found = told(line(**given), line())

    assert [row["line"] for row in found["rejected"]] == [2]
    assert len(found["readings"]) == 1


@pytest.mark.parametrize("known", ["9999-12-31", "2031-01-01"])
def test_a_reading_that_becomes_known_in_the_future_is_rejected(told, known):
    found = told(f"{line()},{known}", f"{line()},", header=f"{HEADER},known")

    assert [row["line"] for row in found["rejected"]] == [2]


def test_a_file_with_a_column_twice_is_refused(told):
    with pytest.raises(InputError, match="two columns are named ships"):
        told(f"{line()},3", header=f"{HEADER},ships")


def test_whoever_else_read_the_same_image_is_named_beside_its_line(told):
    told(*(line(by=f"reader {n}") for n in range(3)))

    found = told(line(by="another"), line(by="another", at="2021-01-09"), dry_run=True)

    assert {one["read_by"] for one in found["other_readings"]} == {f"reader {n}" for n in range(3)}
    assert {one["line"] for one in found["other_readings"]} == {2}


PLACED = HEADER.replace("place,", "place,longitude,latitude,")


def placed(longitude, latitude, place="kp-nampo-coal"):
    return line(place=f"{place},{longitude},{latitude}")


def test_a_place_that_its_position_contradicts_is_rejected_with_both(told):
    found = told(placed(125.410, 38.716), placed(121.715, 38.965), placed(130.0, 30.0), header=PLACED)

    assert [row["line"] for row in found["readings"]] == [2]
    assert [(row["line"], row["reason"].split("; ")[0]) for row in found["rejected"]] == [
        (3, "place is kp-nampo-coal, but 121.715, 38.965 lies in cn-dalian-inner"),
        (4, "place is kp-nampo-coal, but 130.0, 30.0 lies in no zone"),
    ]


def test_a_position_in_the_basin_of_the_place_or_beside_a_name_of_the_readers_own_stands(told):
    found = told(placed(125.292, 38.676), placed(121.715, 38.965, "the inner bay of Dalian"), header=PLACED)

    assert [row["zone_id"] for row in found["readings"]] == ["kp-nampo-coal", "cn-dalian-inner"]


def test_the_sea_of_the_country_is_no_position_of_a_berth(told):
    with pytest.raises(InputError, match="lies in kp-west"):
        told(placed(124.55, 38.58), header=PLACED)
