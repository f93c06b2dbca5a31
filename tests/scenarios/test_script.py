"""The scenario file: checked when read, and every label true to it."""

import pytest
import yaml
from pydantic import ValidationError
from stdnum import imo

from geo.zones import load_zones
from pipeline.errors import InputError
from pipeline.scenarios.fleets import fleet_ships
from pipeline.scenarios.script import DEMO, Scenario, load_scenario, truth


@pytest.fixture(scope="module")
def demo() -> Scenario:
    return load_scenario()


def test_every_ship_with_a_story_has_its_truth(demo):
    labels = truth(demo)

    assert len(labels) == len(demo.ships)
    assert set(labels["alert"]) == {"expected", "weak_at_most", "none"}
    assert labels.set_index("name").loc["DEMO COAL LONGKOU", "origin"] == "kp-nampo-coal"
    assert labels.set_index("name").loc["DEMO GRAIN INBOUND", "alert"] == "weak_at_most"


def test_every_expected_alert_names_its_pattern_and_both_ends(demo):
    due = truth(demo).query("alert == 'expected'")

    assert due[["pattern", "origin", "destination"]].notna().all(axis=None)


def test_ships_stop_in_the_zones_that_the_script_says(demo):
    zones = load_zones()
    stops = [place for place in demo.places.values() if place.stop is not None]

    found = zones.locate([place.at[0] for place in stops], [place.at[1] for place in stops])

    assert [zones.ids[code] if code >= 0 else None for code in found] == [place.zone for place in stops]


def test_the_truth_speaks_of_zones_where_the_ship_stops(demo):
    for ship in demo.ships:
        stops = {demo.places[stay.to].zone for stay in ship.way}

        assert {ship.truth.origin, ship.truth.destination} - {None} <= stops, ship.name


def test_imo_numbers_hold_and_lie_where_none_was_ever_assigned(demo):
    numbers = [ship.imo for ship in [*demo.ships, *fleet_ships(demo)] if ship.imo is not None]

    assert numbers
    assert all(imo.is_valid(f"IMO {number}") for number in numbers)
    assert all(2_000_000 <= number < 3_000_000 for number in numbers)


def test_one_mmsi_is_shared_and_only_by_the_twins(demo):
    ships = [*demo.ships, *fleet_ships(demo)]
    mmsis = [ship.mmsi for ship in ships]

    shared = {ship.name for ship in ships if mmsis.count(ship.mmsi) > 1}

    assert shared == {"DEMO TWIN NORTH", "DEMO TWIN SOUTH"}


def test_all_names_say_that_they_are_invented(demo):
    assert all(ship.name.startswith("DEMO ") for ship in [*demo.ships, *fleet_ships(demo)])


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda s: s["ships"][0].update(imo=2990014), "check digit"),
        (lambda s: s["ships"][0]["way"].append({"to": "atlantis"}), 'no lane leads to "atlantis"'),
        (lambda s: s["ships"][0]["way"].append({"to": "korea_bay"}), '"korea_bay" has none'),
        (lambda s: s["lanes"].append(["atlantis", "rajin"]), 'the lanes name "atlantis"'),
        (lambda s: s["ships"].append(s["ships"][0]), '"DEMO COAL LONGKOU" is there twice'),
        (lambda s: s["ships"][0].update(colour="red"), "Extra inputs"),
    ],
)
def test_a_script_that_does_not_hang_together_is_refused(spoil, complaint):
    script = yaml.safe_load(DEMO.read_text(encoding="utf-8"))
    Scenario.model_validate(script)

    spoil(script)

    with pytest.raises(ValidationError, match=complaint):
        Scenario.model_validate(script)


def test_an_error_names_file_line_and_what_was_expected(tmp_path):
    path = tmp_path / "seeds" / "scenarios" / "spoiled.yaml"
    path.parent.mkdir(parents=True)
    script = DEMO.read_text(encoding="utf-8")
    path.write_text(script.replace("imo: 2990015", "imo: 2990019"), encoding="utf-8")
    line = next(number for number, text in enumerate(script.splitlines(), 1) if "DEMO COAL LONGKOU" in text)

    with pytest.raises(InputError, match=rf"seeds/scenarios/spoiled.yaml:{line}: ships\.0 .*check digit"):
        load_scenario(path)
