"""The catalogue of sources: complete, honest about Nampo, of one mind with what reads the files."""

import pytest
import yaml

from pipeline.errors import InputError
from pipeline.fetch.sources import find_source_spec, load_catalogue, load_sources
from pipeline.formats.registry import formats
from pipeline.resources import SEEDS
from pipeline.settings import Settings
from pipeline.tasks.sources import scheduled_sources

SPECS = load_sources()


def test_these_are_the_sources():
    assert set(SPECS) >= {"aishub", "aisstream", "barentswatch", "dma", "folder", "gfw", "gfw_vessels", "noaa"}


def test_only_one_provider_speaks_of_nampo_and_it_does_so_weakly():
    answers = {name: spec.speaks_of_nampo.answer for name, spec in SPECS.items()}

    assert {name: answer for name, answer in answers.items() if answer != "no"} == {
        "gfw": "weakly",
        "gfw_counts": "weakly",
        "gfw_presence": "weakly",
        "gfw_radar": "weakly",
        "folder": "depends",
    }
    assert all(spec.speaks_of_nampo.reason.endswith(".") for spec in SPECS.values())


def test_what_ships_are_is_of_no_day_and_asked_for_by_the_account_of_the_events():
    ships = [name for name, spec in SPECS.items() if not spec.by_day]

    assert ships == ["gfw_counts", "gfw_listed", "gfw_reception", "gfw_vessels"]
    assert {SPECS[name].provider for name in ships} == {"gfw"}
    assert SPECS["gfw_listed"].provider == "gfw"
    assert SPECS["gfw_vessels"].provider == SPECS["gfw"].provider == "gfw"
    assert SPECS["gfw_vessels"].secrets == SPECS["gfw"].secrets
    assert SPECS["gfw_vessels"].promise_hours is None
    assert not set(ships) & {spec.source for spec in scheduled_sources()}


def test_the_one_that_speaks_may_not_be_used_commercially():
    assert SPECS["gfw"].commercial_use is False
    assert SPECS["gfw_vessels"].commercial_use is False
    assert SPECS["gfw_presence"].commercial_use is False


@pytest.mark.parametrize("name", [name for name, spec in SPECS.items() if spec.reads_as != "auto"])
def test_files_of_a_source_have_a_reader_with_the_same_terms(name):
    spec = SPECS[name]

    assert spec.reads_as in formats()
    if not spec.synthetic:
        assert formats()[spec.reads_as].licence == spec.licence


def test_every_source_is_told_in_the_docs():
    told = (SEEDS.parent / "docs" / "sources.md").read_text(encoding="utf-8")

    assert [name for name in SPECS if f"`{name}`" not in told] == []
    assert [secret for spec in SPECS.values() for secret in spec.secrets if f"`{secret}`" not in told] == []


def test_the_table_has_a_row_a_source():
    frame = load_catalogue().frame.set_index("source")

    assert set(frame.index) == set(SPECS)
    assert frame.loc["noaa", "history_from"] == "2015-01-01"
    assert not frame.loc["gfw", "verified"]


def test_what_rests_on_common_knowledge_is_named():
    assert not SPECS["dma"].verified
    assert SPECS["folder"].verified


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"kind": "torrent"}, 'kind is "torrent"'),
        ({"speaks_of_nampo": {"answer": "perhaps", "reason": "?"}}, 'speaks_of_nampo.answer is "perhaps"'),
        ({"files": []}, "expected files (where the file of a day lies)"),
        ({"url": None}, "expected a url, except for a folder"),
        ({"kind": "vessels", "files": []}, "expected vessels (how particulars of ships are asked for)"),
        ({"unverified": ["colour"]}, "not colour"),
        ({"per_minute": 0}, "per_minute is"),
        ({"colour": "red"}, "colour is not a known field"),
        (
            {"client": "noah"},
            'client is "noah"; expected one of aishub, aisstream, barentswatch, copernicus,',
        ),
        ({"kind": "poll", "files": []}, "expected a client, one of aishub, aisstream,"),
        (
            {"kind": "events", "files": [], "client": "gfw"},
            "expected requests (how events are asked for) or blind_spots",
        ),
        ({"kind": "folder", "files": [], "url": None, "client": "gfw"}, "expected no client for a folder"),
    ],
)
def test_a_wrong_file_names_the_field(tmp_path, change, found):
    write(tmp_path, change)

    with pytest.raises(InputError, match=r"noaa\.yaml:\d+: ") as error:
        load_sources(tmp_path)

    assert found in str(error.value)


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ("{year}/AIS_{year}_{month}_{day}.zip", True),
        ("AIS_{year}_{month}.zip", False),
        ("{year}{month}{day}{hour}.zip", False),
        ("/{year}{month}{day}.zip", False),
    ],
)
def test_a_path_must_tell_one_day_from_another(tmp_path, path, fits):
    rule = {"from": "2018-01-01", "to": None, "path": path, "verified": False, "source": "a test"}
    write(tmp_path, {"files": [rule]})

    if fits:
        assert load_sources(tmp_path)["noaa"].files[0].path == path
    else:
        with pytest.raises(InputError, match="expected a path like"):
            load_sources(tmp_path)


def test_two_rules_for_a_day_are_refused(tmp_path):
    rule = {"path": "{year}{month}{day}", "verified": False, "source": "a test"}
    write(tmp_path, {"files": [{"from": "2018-01-01", "to": None} | rule, {"from": "2020-01-01", "to": None} | rule]})

    with pytest.raises(InputError, match="do not overlap"):
        load_sources(tmp_path)


def write(folder, change):
    content = yaml.safe_load((SEEDS / "sources" / "noaa.yaml").read_text(encoding="utf-8"))
    (folder / "noaa.yaml").write_text(yaml.safe_dump(content | change), encoding="utf-8")


def test_an_unknown_source_names_those_there_are():
    with pytest.raises(InputError, match=r"no source named noah; expected one of .*noaa"):
        find_source_spec("noah")


def test_a_mirror_takes_the_place_of_an_address():
    spec = SPECS["barentswatch"]

    assert spec.address(Settings()) == spec.url
    mirrored = Settings(source_urls={"barentswatch": "http://here/", "barentswatch.token": "http://there/"})
    assert (spec.address(mirrored), spec.token_address(mirrored)) == ("http://here", "http://there")


def test_a_folder_has_no_address():
    with pytest.raises(InputError, match="put its files into its landing folder"):
        SPECS["folder"].address(Settings())


def test_of_the_secrets_given_a_source_takes_its_own():
    given = {"COALWATCH_GFW_TOKEN": " abc\n", "COALWATCH_AISSTREAM_KEY": "other"}

    assert SPECS["gfw"].take_secrets(given) == {"COALWATCH_GFW_TOKEN": "abc"}
    assert SPECS["noaa"].take_secrets(given) == {}


@pytest.mark.parametrize("given", [{}, {"COALWATCH_GFW_TOKEN": "  "}])
def test_a_secret_that_is_not_set_is_named(given):
    with pytest.raises(InputError, match="gfw: COALWATCH_GFW_TOKEN not set"):
        SPECS["gfw"].take_secrets(given)


@pytest.mark.parametrize("value", ["http://here", "[]", '{"noaa": 1}', '{"noaa": "here"}', "{"])
def test_mirrors_that_cannot_be_read_are_refused_without_being_shown(monkeypatch, value):
    monkeypatch.setenv("COALWATCH_SOURCE_URLS", value)

    with pytest.raises(InputError, match=r"COALWATCH_SOURCE_URLS: .* expected JSON") as error:
        Settings()

    assert "here" not in str(error.value)


def test_mirrors_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("COALWATCH_SOURCE_URLS", '{"noaa": "http://here/ais"}')

    assert SPECS["noaa"].address(Settings()) == "http://here/ais"
