"""Mappings say how a table is read; one that says what has no meaning is refused."""

import pytest

from pipeline.errors import InputError
from pipeline.lake.lake import Lake
from tests.formats.tables import AT, MAPPING, landed_times, mapping, reports
from tests.lake.files import NOAA_2024, NOW, counts, land_one, noaa_row, write


def test_a_needed_column_without_its_name_is_asked_for(lake, tmp_path):
    with pytest.raises(InputError, match="no vesselname column"):
        land_one(lake, write(tmp_path, "a.csv", NOAA_2024.replace("VesselName", "") + noaa_row()), "noaa")


def test_two_columns_that_could_both_be_meant_are_refused(lake, tmp_path):
    with pytest.raises(InputError, match='"LAT", "lat" could each be lat'):
        land_one(lake, write(tmp_path, "a.csv", NOAA_2024.replace("Cargo", "lat") + noaa_row()), "noaa")
    twice = "id,t,x,y,x\n445000001,2023-11-14T22:13:20,1,2,3\n"
    with pytest.raises(InputError, match='2 columns are named "x"'):
        land_one(lake, write(tmp_path, "b.csv", twice), mapping(tmp_path))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (("id}", "id, unit: kn}"), "columns.mmsi.unit"),
        (("format: iso", "format: '%Q'"), "expected iso, unix_seconds"),
        (("format: iso", "zone: Asia/Pyongjang"), "no time zone is named"),
        (("y}\n", "y}\nconstants: {receiver: shore}\n"), 'constants.receiver is "shore"; expected satellite'),
        (("y}\n", "y}\nconstants: {nav_status: '5'}\n"), "constants.nav_status: holds for no whole file"),
        (("y}\n", "y}\ndelimiter: ';;'\n"), "delimiter"),
        (("{from: x}", "{from: [x, y]}"), "only length_m and width_m are added up"),
        (("{from: x}", "{from: x, unit: kn}"), "columns.longitude.unit"),
    ],
)
def test_a_mapping_that_says_what_has_no_meaning_is_refused(lake, tmp_path, edit, message):
    source = mapping(tmp_path, MAPPING.replace(*edit))
    with pytest.raises(InputError, match=message):
        land_one(lake, write(tmp_path, "a.csv", "id,t,x,y\n445000001,2023-11-14T22:13:20,125,38.5\n"), source)


def test_a_mapping_reads_decimal_commas_nameless_columns_and_lengths_in_two_parts(lake, tmp_path):
    text = MAPPING + '  length_m: {from: [bow, stern], unit: m}\ndelimiter: ";"\ndecimal: ","\nignored: [""]\n'
    rows = ";id;t;x;y;bow;stern\n0;445000001;2023-11-14 22:13:20;125,25;38,5;100,5;20\n"
    land_one(lake, write(tmp_path, "a.csv", rows), mapping(tmp_path, text))

    assert lake.positions("2023-11-14")[["longitude", "latitude"]].to_numpy().tolist() == [[125.25, 38.5]]
    assert reports(lake)["length_m"].tolist() == [120.5]


def test_a_zoned_strptime_form_is_converted(lake, tmp_path):
    source = mapping(tmp_path, MAPPING.replace("format: iso", "format: '%d.%m.%Y %H:%M:%S %z'"))
    land_one(lake, write(tmp_path, "a.csv", "id,t,x,y\n445000001,15.11.2023 07:13:20 +0900,125,38.5\n"), source)

    assert landed_times(lake) == [AT]


def test_nothing_of_a_large_table_is_kept_in_memory_at_once(tmp_path, monkeypatch):
    """The same rows by way of a file on disk and in memory: equal parts."""
    from pipeline.lake import contents

    rows = "".join(
        noaa_row(mmsi=445000001 + n % 7, time=f"2023-01-1{1 + n % 2}T00:{n // 60 % 60:02}:{n % 60:02}", draft=n % 5)
        for n in range(2000)
    )
    path = write(tmp_path, "a.csv", NOAA_2024 + rows + rows[:900] + noaa_row(lat=95))
    landed = []
    for most in (800_000_000, 0):
        monkeypatch.setattr(contents, "_IN_MEMORY", most)
        lake = Lake(tmp_path / str(most))
        file = land_one(lake, path, now=NOW)
        landed.append((counts(file), lake.landed_days(), *(lake.positions(day) for day in lake.landed_days())))

    assert landed[0][:2] == landed[1][:2]
    assert landed[0][0]["duplicates"] > 0
    assert all(one.equals(other) for one, other in zip(landed[0][2:], landed[1][2:], strict=True))


@pytest.mark.parametrize(
    "text",
    [
        MAPPING + "\0",
        MAPPING + "\x1a",
        MAPPING + "\nseen: 0000-01-01",
        MAPPING + "\n[a, b]: c",
        MAPPING + "\n{a: b}: c",
        MAPPING + "\n" + "[" * 5000,
        MAPPING + "\ntitle: again",
        MAPPING + "\n\tx: y",
    ],
    ids=lambda text: repr(text[-18:]),
)
def test_a_mapping_that_is_no_yaml_is_refused_with_its_name(lake, tmp_path, text):
    with pytest.raises(InputError, match=r"mine\.yaml.*expected valid YAML|mine\.yaml.*given twice"):
        land_one(lake, write(tmp_path, "day.csv", "a,b\n1,2\n"), mapping(tmp_path, text))
