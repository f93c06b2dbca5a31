"""The map: one file, no network."""

from __future__ import annotations

import json
import re

import pytest

from geo.map import draw_map
from geo.zones import build_zones
from tests.geo.shapes import feature


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("map") / "map.html"
    zones = build_zones([feature("port", 125.4, 38.7167, 3000, port="Port </script> & sons", source="by hand")])
    draw_map(zones, path)
    return path.read_text(encoding="utf-8")


def test_the_map_loads_nothing_from_elsewhere(page: str):
    assert not re.findall(r"(?:src|href)\s*=|url\(|@import|fetch\(|XMLHttpRequest|import\(|https?://|//[a-z]+\.", page)
    assert page.count("<script") == page.count("</script>") == 1


def test_the_map_holds_every_zone_with_source_precision_and_attribution(page: str):
    data = json.loads(re.search(r"const data = (.*);\n", page).group(1))

    assert [zone["zone_id"] for zone in data["zones"]] == ["port~margin", "port"]
    assert data["zones"][1]["source"] == "by hand"
    assert data["zones"][1]["precision"] == "estimated"
    assert "OpenStreetMap contributors" in data["attribution"]
    first = data["zones"][1]["rings"][0][:2]
    assert abs(first[0] / data["units"] - 125.4) < 0.05
    assert abs(first[1] / data["units"] - 38.7167) < 0.05
    assert len(data["land"]) > 1000
