"""Landing: whole or not at all, once, replaced and put back."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import InputError
from pipeline.lake.lake import Lake
from pipeline.lake.landing import land, plan
from tests.lake.files import NOAA_2024, NOW, counts, duplicates_across_files, land_one, noaa_row, write

ROOT = Path(__file__).parents[2]


def day_file(folder: Path, name: str, *minutes: int, day: str = "2023-01-11", mmsi: int = 445000001) -> Path:
    rows = "".join(noaa_row(mmsi, f"{day}T00:{minute:02}:00") for minute in minutes)
    return write(folder, name, NOAA_2024 + rows)


def content(lake: Lake) -> dict:
    """All that a stage reads of a lake."""
    return {
        day: (digest, lake.positions(day).to_csv(), lake.vessel_reports(day).to_csv())
        for day, digest in lake.landed_days().items()
    }


def files(lake: Lake) -> set[str]:
    return {str(path.relative_to(lake.home)) for path in lake.home.rglob("*.parquet")} | {
        f"raw/{path.name}" for path in lake.raw.iterdir()
    }


def test_a_landed_file_is_kept_and_its_days_can_be_read(lake, tmp_path):
    path = day_file(tmp_path, "a.csv", 0, 1)

    landed = land_one(lake, path)

    assert landed.days == ("2023-01-11",)
    stored = lake.raw / f"{landed.source_file['sha256']}.csv"
    assert stored.read_bytes() == path.read_bytes()
    assert len(lake.positions("2023-01-11")) == 2
    assert lake.source_files()["source_file_id"].tolist() == [landed.source_file["source_file_id"]]
    assert lake.is_synthetic() is False


def test_an_empty_lake_has_no_days(lake):
    assert lake.landed_days() == {}
    assert lake.is_synthetic() is None
    assert lake.positions("2023-01-11").empty
    assert lake.vessel_reports("2023-01-11").empty
    assert lake.source_files().empty


def test_landing_a_file_twice_changes_nothing(lake, tmp_path):
    path = day_file(tmp_path, "a.csv", 0, 1)
    first = land_one(lake, path)
    before, held = content(lake), files(lake)

    again = land_one(lake, path)

    assert again.days == ()
    assert again.source_file == first.source_file
    assert (content(lake), files(lake)) == (before, held)


def test_a_second_file_changes_only_its_days(lake, tmp_path):
    land_one(lake, day_file(tmp_path, "a.csv", 0))
    before = content(lake)

    landed = land_one(lake, day_file(tmp_path, "b.csv", 0, day="2023-01-12"))

    assert landed.days == ("2023-01-12",)
    assert content(lake)["2023-01-11"] == before["2023-01-11"]


def test_the_order_of_landing_does_not_matter(tmp_path):
    paths = [
        day_file(tmp_path, "a.csv", 0, 2),
        day_file(tmp_path, "b.csv", 2, 1),
        day_file(tmp_path, "c.csv", 3, mmsi=412000001),
    ]
    one, other = Lake(tmp_path / "one"), Lake(tmp_path / "other")

    land(one, paths, now=NOW)
    land(other, paths[::-1], now=NOW)

    assert content(one) == content(other)
    assert duplicates_across_files(one, "2023-01-11") == 1
    assert len(one.positions("2023-01-11")) == 4


def test_a_file_of_no_use_takes_no_other_files_place(lake, tmp_path):
    old = day_file(tmp_path, "old.csv", 0)
    land_one(lake, old)
    before = lake.landed_days()

    useless = write(tmp_path, "new.csv", NOAA_2024 + noaa_row(mmsi=1) + noaa_row(lat=99))
    assert counts(land_one(lake, useless, replaces="old.csv")) == {"rows_read": 2, "rejected": 2}

    assert lake.landed_days() == before
    assert lake.source_files()["replaced_by_source_file_id"].isna().all()


def test_a_file_that_replaces_another_takes_its_place_and_can_be_put_back(lake, tmp_path):
    old, new = day_file(tmp_path, "old.csv", 0, 1), day_file(tmp_path, "new.csv", 0, 1, 2)
    first = land_one(lake, old)
    before = content(lake)

    second = land_one(lake, new, replaces="old.csv")

    assert second.days == ("2023-01-11",)
    assert len(lake.positions("2023-01-11")) == 3
    frame = lake.source_files().set_index("name")
    assert frame.loc["old.csv", "replaced_by_source_file_id"] == second.source_file["source_file_id"]
    assert (lake.raw / f"{first.source_file['sha256']}.csv").exists()

    land_one(lake, old, replaces=second.source_file["source_file_id"])

    assert content(lake) == before
    assert (
        lake.source_files().set_index("name").loc["new.csv", "replaced_by_source_file_id"]
        == first.source_file["source_file_id"]
    )


def test_a_replaced_file_landed_again_by_itself_stays_replaced(lake, tmp_path):
    old, new = day_file(tmp_path, "old.csv", 0, 1), day_file(tmp_path, "new.csv", 0, 1, 2)
    land_one(lake, old)
    land_one(lake, new, replaces="old.csv")
    before = content(lake)

    assert land_one(lake, old).days == ()
    assert content(lake) == before


def test_a_landed_file_can_take_the_place_of_another_landed_file(lake, tmp_path):
    land_one(lake, day_file(tmp_path, "old.csv", 0, 1))
    new = day_file(tmp_path, "new.csv", 0, 1, 2)
    land_one(lake, new)

    assert land_one(lake, new, replaces="old.csv").days == ("2023-01-11",)
    assert len(lake.parts("positions", "2023-01-11")) == 1


def test_replacing_what_is_not_there_is_refused(lake, tmp_path):
    with pytest.raises(InputError, match=r"replaces nothing.csv: no such file stands"):
        land_one(lake, day_file(tmp_path, "a.csv", 0), replaces="nothing.csv")


def test_the_same_bytes_read_with_another_base_date_take_the_place_of_the_first_reading(lake, tmp_path):
    path = write(tmp_path, "a.nmea", "!AIVDM,1,1,,A,15N1u<PP1FJuvSRHOE6QIwwh0HQ6,0*30\n")
    land_one(lake, path, base_date="2024-06-01")

    landed = land_one(lake, path, base_date="2024-06-02")

    assert landed.days == ("2024-06-01", "2024-06-02")
    assert list(lake.landed_days()) == ["2024-06-02"]
    assert land_one(lake, path).days == ()


@pytest.mark.parametrize("first", [True, False], ids=["synthetic first", "real first"])
def test_a_home_holds_real_or_synthetic_data_never_both(lake, tmp_path, first):
    land_one(lake, day_file(tmp_path, "a.csv", 0), synthetic=first)
    before = content(lake)

    with pytest.raises(InputError, match=r"b.csv: .* never mix; give another --home"):
        land_one(lake, day_file(tmp_path, "b.csv", 1), synthetic=not first)

    assert content(lake) == before


def test_a_plan_tells_what_would_land_and_lands_nothing(lake, tmp_path):
    known, new = day_file(tmp_path, "a.csv", 0), day_file(tmp_path, "b.csv", 1)
    land_one(lake, known)
    held = files(lake)

    planned = plan(lake, [known, new])

    assert [(p.source, p.already_landed) for p in planned] == [("noaa", True), ("noaa", False)]
    assert files(lake) == held


def test_one_wrong_file_among_several_lands_none(lake, tmp_path):
    paths = [day_file(tmp_path, "a.csv", 0), write(tmp_path, "b.csv", "no,ais\n1,2\n")]

    with pytest.raises(InputError, match=r"b\.csv"):
        land(lake, paths, now=NOW)

    assert lake.landed_days() == {}


def test_what_an_interrupted_landing_left_is_swept_by_the_next(lake, tmp_path):
    land_one(lake, day_file(tmp_path, "a.csv", 0))
    before, held = content(lake), files(lake)
    orphan = lake.root / "positions" / "day=2023-01-11" / "0123456789abcdef.parquet"
    orphan.write_bytes(b"torn")
    (lake.raw / ".incoming-1").write_bytes(b"torn")

    assert content(lake) == before
    land_one(lake, day_file(tmp_path, "a.csv", 0))

    assert files(lake) == held


@pytest.mark.parametrize("limit", [1_000, 100_000, 400_000], ids=["catalogue", "raw copy", "parts"])
def test_a_disk_that_fails_lands_nothing_and_the_next_try_lands_all(lake, tmp_path, limit):
    path = day_file(tmp_path, "a.csv", 0)
    big = write(tmp_path, "big.csv", NOAA_2024 + "".join(noaa_row(445000000 + n % 977, f"2023-01-11T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}",  # noqa: E501
                lat=30 + n * 0.000123, lon=120 + n * 0.000077, name=f"SHIP {n % 977}") for n in range(20_000)))  # fmt: skip  # noqa: E501
    land_one(lake, path)
    before = content(lake)
    lake.close()
    script = f"""
        import resource, signal
        from pathlib import Path
        from pipeline.errors import SourceUnavailable
        from pipeline.lake.lake import Lake
        from tests.lake.files import land_one
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))
        try:
            land_one(Lake(Path({str(lake.home)!r})), Path({str(big)!r}))
        except SourceUnavailable as error:
            print(error)
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, cwd=ROOT, env=os.environ
    )

    assert "free some space" in done.stdout, done.stderr
    assert "\n" not in done.stdout.strip()
    assert content(lake) == before
    assert land_one(lake, big).days == ("2023-01-11",)
    assert counts(land_one(lake, big)) == {"rows_read": 20_000, "positions_with_report": 20_000}


def test_an_interruption_between_two_parts_lands_nothing(lake, tmp_path, monkeypatch):
    land_one(lake, day_file(tmp_path, "a.csv", 0))
    before, held = content(lake), files(lake)
    rename, moved = Path.rename, []

    def rename_then_interrupt(path: Path, target: Path) -> Path:
        if moved and moved[-1].suffix == ".parquet":
            raise KeyboardInterrupt
        moved.append(Path(target))
        return rename(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", rename_then_interrupt)
        with pytest.raises(KeyboardInterrupt):
            land_one(lake, day_file(tmp_path, "b.csv", 1))

    assert moved[-1].suffix == ".parquet"
    assert (content(lake), files(lake)) == (before, held)


def test_files_of_one_day_may_differ_in_which_columns_are_always_filled(lake, tmp_path):
    full = write(tmp_path, "full.csv", NOAA_2024 + noaa_row())
    sparse = write(tmp_path, "sparse.csv", NOAA_2024 + noaa_row(412000001, sog="", imo="", draft=""))
    land_one(lake, full)
    land_one(lake, sparse)

    (day,) = lake.landed_days()

    assert lake.positions(day)["sog_kn"].isna().sum() == 1
    assert lake.vessel_reports(day)["draught_m"].isna().sum() == 1


def test_a_home_without_permission_says_so(lake, tmp_path):
    home = tmp_path / "home"
    home.write_text("a file where the folder should be")

    with pytest.raises(InputError, match="give another --home"):
        Lake(home).create()


def test_looking_into_a_home_without_a_lake_makes_none(lake):
    assert lake.landed_days() == {}
    assert lake.is_synthetic() is None
    assert not lake.home.exists()


def test_a_home_that_another_process_makes_meanwhile_keeps_what_is_landed(tmp_path):
    looked_first = Lake(tmp_path / "home")
    assert looked_first.is_synthetic() is None  # there is no catalogue yet
    Lake(tmp_path / "home").create()  # the other process

    land_one(looked_first, write(tmp_path, "a.csv", NOAA_2024 + noaa_row(351990002)))

    assert len(Lake(tmp_path / "home").source_files()) == 1


@pytest.mark.parametrize("folder", ["year=2023/day=11", "copy [1]", "a*b", "it's"])
def test_what_the_folders_around_a_file_and_a_home_are_called_changes_no_row(tmp_path, folder):
    place = tmp_path / folder
    place.mkdir(parents=True)
    columns = "mmsi: {from: id}, timestamp: {from: t, format: iso}, longitude: {from: x}, latitude: {from: y}"
    mapped = write(place, "m.yaml", f"mapping: m\ntitle: t\nsource: s\nlicence: l\ncolumns: {{{columns}}}\n")
    table = pa.table({"id": [445000001], "t": ["2023-01-11 00:00:00"], "x": [125.1], "y": [38.6]})
    pq.write_table(table, place / "part-0.parquet")
    sentence = "!AIVDM,1,1,,A,15N1u<PP1FJuvSRHOE6QIwwh0HQ6,0*30,1668038400\n"
    lake = Lake(place / "home")

    landed = [
        land_one(lake, place / "part-0.parquet", str(mapped)),
        land_one(lake, write(place, "day.csv", NOAA_2024 + noaa_row() + noaa_row(time="2023-01-12T00:00:00"))),
        land_one(lake, write(place, "day.nmea", sentence)),
    ]

    assert [counts(one)["rows_read"] for one in landed] == [1, 2, 1]
    forms = {tuple(pq.read_schema(path).names) for path in (place / "home/lake/positions").rglob("*.parquet")}
    assert len(forms) == 1
