"""Which zones are one place when a voyage is cut."""

from geo.harbours import harbour_of
from geo.zones import build_zones
from tests.geo.test_zones import feature

PORT = (125.4, 38.7)


def test_a_basin_its_terminals_and_the_anchorage_of_one_of_their_ports_are_one_harbour():
    zones = build_zones(
        [
            feature("basin", *PORT, 5000, kind="basin", port="the basin"),
            feature("berth", *PORT, 500, kind="terminal", parent_zone_id="basin", port="one"),
            feature("quay", 125.43, 38.7, 500, kind="terminal", parent_zone_id="basin", port="another"),
            feature("roads", 125.0, 38.7, 3000, kind="anchorage", port="another"),
            feature("far", 121.0, 38.7, 3000, port="elsewhere"),
            feature("nowhere", 120.0, 38.7, 3000, port=None),
        ]
    )

    harbours = harbour_of(zones.frame)

    assert harbours[["berth", "quay", "roads", "roads~margin"]].unique().tolist() == ["basin"]
    assert harbours[["far", "nowhere"]].tolist() == ["far", "nowhere"]


def test_ports_of_one_name_in_two_countries_are_two():
    zones = build_zones(
        [
            feature("here", *PORT, 3000, port="Newport", country="GB"),
            feature("there", 121.0, 38.7, 3000, port="Newport", country="US"),
        ]
    )

    assert harbour_of(zones.frame)[["here", "there"]].tolist() == ["here", "there"]
