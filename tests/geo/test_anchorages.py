"""The shipped anchorages: what is nearest, what it is called, and that they are made from the published cells."""

from __future__ import annotations

import numpy as np

from geo.anchorages import ANCHORAGES, Anchorages, anchorages, known_anchorages
from geo.make_anchorages import make_anchorages
from geo.zones import load_zones
from pipeline.resources import SEEDS


def cells(*rows: tuple[float, float, str, str]) -> Anchorages:
    longitude, latitude, label, sublabel = zip(*rows, strict=True)
    texts = (np.array(column, dtype=object) for column in (["CN"] * len(rows), label, sublabel))
    return Anchorages(np.array(longitude), np.array(latitude), *texts)


def test_the_nearest_within_reach_is_found_and_none_beyond_it():
    sea = cells((120.0, 60.0, "NORTH", ""), (120.05, 60.0, "EAST", ""))

    found = sea.nearest([120.02, 120.049, 121.0], [60.0, 60.0, 60.0], 3000)

    assert found.number.tolist() == [0, 1, -1]
    assert 1050 < found.metres[0] < 1150  # a degree of longitude is half as long at 60 degrees north
    assert np.isnan(found.metres[2])


def test_a_cell_that_has_only_a_number_is_called_by_its_sublabel():
    sea = cells((1.0, 1.0, "CHN-2332", "NINGDE"), (1.0, 1.0, "CHN-395", ""), (1.0, 1.0, "BUSAN", "BERTHS"))

    assert [sea.name(number) for number in range(3)] == ["NINGDE", "CHN-395", "BUSAN"]


def test_anchorages_inside_a_zone_are_that_zones_and_others_nobodys():
    known = known_anchorages(load_zones())

    zone_id = known.zone_id[known.cells.nearest([118.24, 129.04], [38.42, 35.03], 3000).number]

    assert zone_id.tolist() == ["cn-huanghua-anchorage", None]  # Huanghua, Busan


def test_the_shipped_anchorages_are_made_from_the_published_cells(samples):
    made = make_anchorages(samples / "ports/gfw_anchorage_overrides.csv", SEEDS / "iso3166.csv")

    assert made == ANCHORAGES.read_bytes()
    assert len(anchorages().label) == 60_410
