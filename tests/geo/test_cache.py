"""What is kept between processes is what was made: never a broken, torn or other thing, and never needed."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.cache import cache_folder, remembered

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ROWS = [{"name": "CHŎN MA SAN", "imo": 8660313, "weight": 0.1, "note": None}]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/coalwatch"


class Maker:
    """Makes rows, and counts how often."""

    times = 0

    def __call__(self):
        self.times += 1
        return ROWS


def test_plain_values_are_made_once():
    make = Maker()

    assert [remembered("rows", "a", make, 5) for _ in range(3)] == [ROWS] * 3
    assert make.times == 1


def test_another_key_is_made_anew():
    make = Maker()

    remembered("rows", "a", make, 5)
    remembered("rows", "b", make, 5)

    assert make.times == 2


@given(value=PLAIN)
def test_what_is_read_again_is_what_was_made(value, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        made = remembered("rows", "a", lambda: value, 5)
        read = remembered("rows", "a", lambda: pytest.fail("made again"), 5)

    assert json.dumps(read) == json.dumps(made) == json.dumps(value)


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: b"null",
        lambda whole: whole[:-3],
        lambda whole: whole.replace(b"8660313", b"8660314"),
        lambda whole: b"\xff" + whole,
    ],
)
def test_a_damaged_file_is_made_again(cache, damage):
    make = Maker()
    remembered("rows", "a", make, 5)
    (kept,) = cache.iterdir()
    kept.write_bytes(damage(kept.read_bytes()))

    assert remembered("rows", "a", make, 5) == remembered("rows", "a", make, 5) == ROWS
    assert make.times == 2


@pytest.mark.parametrize("there", [Path.touch, lambda path: (path / "rows-a.json").mkdir(parents=True)])
def test_where_nothing_can_be_kept_it_is_made_each_time(cache, there):
    cache.parent.mkdir()
    there(cache)
    make = Maker()

    assert [remembered("rows", "a", make, 5) for _ in range(2)] == [ROWS] * 2
    assert make.times == 2


def test_what_its_key_no_longer_names_is_not_kept(cache):
    assert remembered("rows", "a", Maker(), 5, worth=lambda: False) == ROWS
    assert not cache.exists()


def test_many_at_once_all_get_what_was_made(cache):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: remembered("rows", "a", Maker(), 5), range(40)))

    assert found == [ROWS] * 40
    assert [path.name for path in cache.iterdir()] == ["rows-a.json"]


def test_only_the_newest_of_a_kind_are_kept(cache):
    remembered("other", "a", Maker(), 1)
    for key in "abcdef":
        remembered("rows", key, Maker(), 3)

    assert sum(path.name.startswith("rows") for path in cache.iterdir()) == 3
    assert (cache / "other-a.json").is_file()


def test_others_cannot_read_what_is_kept(cache):
    remembered("rows", "a", Maker(), 5)

    assert (cache / "rows-a.json").stat().st_mode & 0o077 == 0


def test_a_user_without_a_home_keeps_nothing(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    make = Maker()

    assert [remembered("rows", "a", make, 5) for _ in range(2)] == [ROWS] * 2
    assert make.times == 2
    assert not cache_folder().exists()
