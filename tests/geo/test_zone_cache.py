"""Zones are built once: what is kept answers as what was built, and nothing that is kept can be wrong."""

import json
from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import mapping

import geo.zones
from geo.cache import cache_folder
from geo.zones import ZoneError, load_zones
from tests.geo.shapes import feature
from tests.geo.test_zones import PORT

RANDOM = np.random.default_rng(7)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/coalwatch"


@pytest.fixture
def folder(tmp_path) -> Path:
    write(tmp_path / "zones", feature("port", *PORT, 3000), feature("roads", PORT[0] + 0.1, PORT[1], 2000))
    return tmp_path / "zones"


def write(folder: Path, *features) -> None:
    folder.mkdir(exist_ok=True)
    content = {"type": "FeatureCollection", "features": features}
    (folder / "a.geojson").write_text(json.dumps(content, default=mapping))


@pytest.fixture
def built(monkeypatch) -> list[int]:
    """One entry for each time that zones are built."""
    times, build = [], geo.zones._build

    def counted(features):
        times.append(len(features))
        return build(features)

    monkeypatch.setattr(geo.zones, "_build", counted)
    return times


def same(one, other) -> bool:
    longitude, latitude = PORT[0] + RANDOM.uniform(-0.3, 0.3, 5000), PORT[1] + RANDOM.uniform(-0.2, 0.2, 5000)
    return (
        one.ids == other.ids
        and one.hash == other.hash
        and one.precedence == other.precedence
        and all(a.equals_exact(b) for a, b in zip(one.shapes, other.shapes, strict=True))
        and one.frame.equals(other.frame)
        and (one.parents == other.parents).all()
        and (one.call_code == other.call_code).all()
        and (one.is_margin == other.is_margin).all()
        and (one.locate(longitude, latitude) == other.locate(longitude, latitude)).all()
    )


def test_zones_are_built_once_and_answer_the_same_when_they_are_read_again(folder, built):
    first = load_zones(folder)
    again = load_zones(folder)

    assert built == [2]
    assert same(first, again)


@pytest.mark.long
def test_the_shipped_zones_are_the_same_from_the_cache():
    assert same(load_zones(), load_zones())


def test_an_edited_file_is_built_anew(folder, built):
    before = load_zones(folder)
    write(folder, feature("port", *PORT, 3500))

    assert load_zones(folder).hash != before.hash
    assert built == [2, 1]


def test_a_wrong_file_is_refused_beside_a_cache_of_the_right_one(folder):
    load_zones(folder)
    (folder / "b.geojson").write_text("{")

    with pytest.raises(ZoneError, match=r"b\.geojson:1: .*; expected valid JSON"):
        load_zones(folder)


@pytest.mark.parametrize("damage", [b"", b"PK", b"\x93NUMPY no array"])
def test_a_damaged_cache_is_made_again(folder, built, cache, damage):
    first = load_zones(folder)
    (kept,) = cache.iterdir()
    kept.write_bytes(damage)

    assert same(first, load_zones(folder))
    assert same(first, load_zones(folder))
    assert built == [2, 2]


def test_a_torn_cache_is_made_again(folder, built, cache):
    first = load_zones(folder)
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:-200])

    assert same(first, load_zones(folder))
    assert built == [2, 2]


def test_where_nothing_can_be_kept_zones_are_built_each_time(folder, built, cache):
    cache.parent.mkdir()
    cache.write_text("a file where the folder would be")

    assert same(load_zones(folder), load_zones(folder))
    assert built == [2, 2]


def test_few_files_are_kept(folder, cache):
    for metres in range(3000, 4200, 100):
        write(folder, feature("port", *PORT, metres))
        load_zones(folder)

    assert len(list(cache.iterdir())) == 8


def test_a_cache_folder_is_absolute(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")

    assert cache_folder() == Path.home() / ".cache/coalwatch"
