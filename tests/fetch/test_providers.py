"""Providers declare themselves: found by their files, imported when asked, and held to what their sources say."""

import subprocess
import sys

import pytest

from pipeline.errors import InputError
from pipeline.fetch.provider import Provider
from pipeline.fetch.registry import provider_of
from pipeline.fetch.sources import PROVIDERS, load_sources
from pipeline.resources import ROOT

SPECS = load_sources()


@pytest.mark.parametrize("name", [name for name, spec in SPECS.items() if spec.asked_by])
def test_each_source_suits_the_provider_that_asks_for_it(name):
    assert provider_of(SPECS[name]).kind == SPECS[name].kind


def test_each_provider_has_a_source():
    assert set(PROVIDERS.files()) == {spec.asked_by for spec in SPECS.values()} - {None}


@pytest.mark.parametrize(
    ("source", "change", "found"),
    [
        ("aisstream", {"kind": "poll"}, 'kind is "poll"; expected stream, which is what its client aisstream serves'),
        ("barentswatch", {"token_url": None}, "token_url is missing; expected a value, its client barentswatch needs"),
        ("aishub", {"message_types": ("ShipStaticData",)}, "message_types is given, but its client aishub does not"),
        ("aishub", {"secrets": ("MY_NAME",)}, "secrets lack COALWATCH_AISHUB_USERNAME"),
        ("noaa", {"boxes": SPECS["gfw"].boxes}, "boxes is given, but its client daily_files does not read it"),
    ],
)
def test_a_source_that_does_not_suit_its_provider_is_refused_with_file_and_field(source, change, found):
    with pytest.raises(InputError, match=rf"^seeds/sources/{source}\.yaml: {found}"):
        provider_of(SPECS[source].model_copy(update=change))


def test_nobody_is_asked_for_a_folder():
    with pytest.raises(InputError, match="folder: a folder, nobody is asked"):
        provider_of(SPECS["folder"])


def test_two_sources_may_have_one_provider():
    assert SPECS["noaa"].asked_by == SPECS["dma"].asked_by
    another = SPECS["aishub"].model_copy(update={"source": "aishub_norway", "client": "aishub"})

    assert provider_of(another) is provider_of(SPECS["aishub"])


@pytest.mark.parametrize("how", [{}, {"fetch_days": print, "listen": print}, {"fetch_ships": print}])
def test_a_provider_is_asked_in_the_way_of_its_kind(how):
    with pytest.raises(ValueError, match="a provider of kind events has fetch_days, and no other way"):
        Provider("events", **how)


def test_to_list_sources_no_client_is_imported(tmp_path):
    code = """
import sys
from click.testing import CliRunner
from pipeline.cli import main
result = CliRunner().invoke(main, ["sources", "--json", "--home", sys.argv[1]])
assert result.exit_code == 0, result.output
print(*sorted(name for name in sys.modules if name.startswith(("pipeline.fetch.providers.", "httpx", "websockets"))))
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert loaded.split() == []
