"""Checks of the shipped zones against the coast and known places; the coast itself."""

from __future__ import annotations

from pathlib import Path

from geo.check import check_labels, check_zones, unclaimed_labels
from geo.zones import build_zones, load_zones
from tests.geo.shapes import feature, on_water


def test_the_shipped_zones_pass_every_check():
    findings = check_zones(load_zones())

    assert findings[~findings["ok"]].empty, findings[~findings["ok"]].to_string()
    assert set(findings["check"]) == {"water", "parts", "anchor"}


def test_an_anchorage_on_land_is_found_and_one_at_sea_is_not(tmp_path: Path):
    anchors = tmp_path / "anchors.csv"
    anchors.write_text(
        "place,longitude,latitude,zone_id,within_m,source\n"
        "Roads,124.0,38.0,sea,0,made for a test\n"
        "Town,125.0,38.0,sea,1000,made for a test\n"
        "Nowhere,125.0,38.0,none,0,made for a test\n"
    )
    zones = build_zones(
        [feature("sea", 124.0, 38.0, 2000, kind="anchorage"), feature("land", 125.75, 39.3, 2000, kind="anchorage")]
    )

    findings = check_zones(zones, anchors)

    water = findings[findings["check"] == "water"].set_index("zone_id")
    assert water.loc["sea", "ok"]
    assert not water.loc["land", "ok"]
    assert findings.loc[findings["check"] == "anchor", "ok"].tolist() == [True, False, False]


def test_a_known_point_beside_its_port_is_found_and_one_in_another_zone_of_the_port_is_not(tmp_path: Path):
    anchors = tmp_path / "anchors.csv"
    anchors.write_text(
        "place,longitude,latitude,zone_id,within_m,source\n"
        "In the roads,124.0,38.0,quay,9000,made for a test\n"
        "In the margin,124.106,38.0,quay,9000,made for a test\n"
        "In no zone,124.13,38.0,quay,9000,made for a test\n"
    )
    zones = build_zones(
        [
            feature("quay", 124.08, 38.0, 2000, port="Port"),
            feature("roads", 124.0, 38.0, 2000, kind="anchorage", port="Port"),
        ]
    )

    found = check_zones(zones, anchors).query("check == 'anchor'")

    assert found["ok"].tolist() == [True, False, False]
    assert "lies in quay~margin, expected a zone of port Port" in found["finding"].iloc[1]
    assert "lies in no zone" in found["finding"].iloc[2]


def test_the_taedong_is_open_to_the_sea_and_towns_are_land():
    barrage, river, songnim, pyongyang_river = (125.16, 38.70), (125.40, 38.71), (125.62, 38.73), (125.755, 39.02)
    town, field = (125.39, 38.75), (125.0, 38.3)

    x, y = zip(barrage, river, songnim, pyongyang_river, town, field, strict=True)

    assert on_water(x, y).tolist() == [True, True, True, True, False, False]


def test_a_large_label_of_the_coast_that_names_no_port_of_ours_is_told_and_a_claimed_or_inland_one_is_not(
    tmp_path: Path,
):
    zones = load_zones()

    labels = unclaimed_labels(zones).set_index("label")

    assert labels.loc["CHN-9", ["country", "cells", "inside"]].tolist() == ["CN", 43, 0]
    assert {"SANYA", "JIANGDU", "KORSAKOV"} <= set(labels.index)  # sea, river, another country
    assert not {"HUANGHUA", "JIAYANG", "WUHAN", "HUAIAN", "BUSAN"} & set(labels.index)
    assert not set(labels.index) & set(check_labels(zones)["label"])
    assert labels["cells"].min() >= 20


def test_a_label_without_an_entry_is_told_with_its_share_in_the_zones_of_other_ports(tmp_path: Path):
    outlines = tmp_path / "outlines.yaml"
    outlines.write_text("files:\n  cn-x: {country: CN, port: X, at: [117.9, 38.3], labels: [BINZHOU]}\n")
    zones = build_zones([feature("x", 118.24, 38.42, 5000, country="CN", port="X")])

    row = unclaimed_labels(zones, outlines).set_index("label").loc["HUANGHUA"]

    assert row["cells"] > 700
    assert 0 < row["share"] < 1
