"""Radar echoes against our own AIS: what explains them, what cannot be told, and what is no ship."""

import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.contracts import PROVIDER_ANSWER, PROVIDER_DETECTION, PROVIDER_IMAGE
from pipeline.limits import load_radar_rules
from pipeline.provider.radar import find_passes, match
from pipeline.provider.radar_looks import with_repeats

LIMITS = load_radar_rules().radar
PASS = pd.Timestamp("2021-01-05T09:28:34Z")
SHIP, OTHER = 351990002, 412000001


def echo(longitude=124.93, latitude=38.60, at=PASS, detections=1, mmsi=None, precise=False, hour=PASS):
    return {
        "provider": "gfw", "dataset": "public-global-sar-presence:v5.0", "hour": hour.floor("h"), "at": at,
        "precise": precise, "longitude": longitude, "latitude": latitude, "detections": detections,
        "matched": mmsi is not None, "mmsi": mmsi, "source_file_id": "f", "licence": "CC BY-NC 4.0", "zone_id": None,
    }  # fmt: skip


def fixes(*rows):
    """mmsi, minutes from the pass, longitude, latitude."""
    frame = pd.DataFrame(rows, columns=["mmsi", "minutes", "longitude", "latitude"])
    return frame.assign(timestamp=PASS + pd.to_timedelta(frame["minutes"], unit="min")).drop(columns="minutes")


def lies_at(longitude, latitude, mmsi=SHIP, minutes=(-20, 20)):
    return [(mmsi, minute, longitude, latitude) for minute in minutes]


def told(echoes, *rows):
    frame = pd.DataFrame(echoes).reindex(columns=[*PROVIDER_DETECTION.names, "licence", "zone_id"])
    detections = PROVIDER_DETECTION.conform(frame).assign(licence=frame["licence"], zone_id=frame["zone_id"])
    _, of_passes = find_passes(detections)
    return match(of_passes, fixes(*rows), LIMITS).sort_values(["longitude", "latitude"], ignore_index=True)


def outcomes(*given):
    return list(told(*given)["outcome"])


def test_a_ship_heard_on_both_sides_of_the_pass_explains_the_echo_where_she_lay():
    found = told([echo()], *lies_at(124.9312, 38.6021)).iloc[0]

    assert (found["outcome"], found["our_mmsi"], found["weak"]) == ("explained", SHIP, False)
    assert found["ships_heard"] == 1


def test_a_ship_two_cells_away_does_not():
    assert outcomes([echo()], *lies_at(124.951, 38.60)) == ["unexplained"]


def test_an_echo_with_nobody_heard_near_by_says_so():
    found = told([echo()]).iloc[0]

    assert (found["outcome"], found["ships_heard"]) == ("unexplained", 0)
    assert "we heard 0 ships" in found["reason"]


def test_a_ship_under_way_is_where_she_was_at_the_moment_of_the_pass():
    along = [(SHIP, -20, 124.83, 38.60), (SHIP, 20, 125.03, 38.60)]

    assert outcomes([echo()], *along) == ["explained"]
    assert outcomes([echo(longitude=124.84)], *along) == ["unexplained"]


@pytest.mark.parametrize("minutes", [(-20,), (20,), (-45, 45), (-20, 45)])
def test_a_ship_heard_on_one_side_alone_or_too_far_from_the_pass_makes_it_impossible_to_tell(minutes):
    assert outcomes([echo()], *lies_at(124.93, 38.60, minutes=minutes)) == ["cannot_tell"]


def test_a_ship_that_could_not_have_come_there_in_that_time_does_not():
    assert outcomes([echo()], *lies_at(126.5, 38.60, minutes=(-45, 45))) == ["unexplained"]


def test_two_echoes_and_one_ship_leave_one_unexplained_and_both_weak_or_open():
    found = told([echo(), echo(longitude=124.94)], *lies_at(124.932, 38.60))

    assert list(found["outcome"]) == ["explained", "unexplained"]
    assert found.loc[0, "weak"]


def test_two_ships_beside_one_echo_make_the_pair_weak():
    found = told([echo()], *lies_at(124.931, 38.60), *lies_at(124.938, 38.60, OTHER)).iloc[0]

    assert (found["our_mmsi"], found["weak"]) == (SHIP, True)


def test_two_hulls_in_one_cell_are_told_only_by_two_ships():
    both = [*lies_at(124.931, 38.60), *lies_at(124.934, 38.60, OTHER)]

    assert outcomes([echo(detections=2)], *lies_at(124.931, 38.60)) == ["cannot_tell"]
    assert outcomes([echo(detections=2)], *both) == ["explained"]
    assert outcomes([echo(detections=2)]) == ["cannot_tell"]


def test_the_providers_match_explains_an_echo_and_takes_no_other_ship():
    found = told([echo(mmsi=OTHER), echo(longitude=124.94)], *lies_at(124.932, 38.60))

    assert list(found["outcome"]) == ["explained", "explained"]
    assert list(found["our_mmsi"].astype("Int64").fillna(0)) == [0, SHIP]


def test_where_only_the_hour_is_known_a_ship_explains_an_echo_if_she_lay_there_all_hour():
    lay = [(SHIP, minute, 124.93, 38.60) for minute in range(-50, 60, 10)]
    passed = [(SHIP, minute, 124.93 + minute / 200, 38.60) for minute in range(-50, 60, 10)]

    (found,) = told([echo(at=pd.NaT)], *lay).itertuples()
    assert (found.outcome, found.weak) == ("explained", True)
    assert outcomes([echo(at=pd.NaT)], *passed) == ["unexplained"]


def test_the_moment_of_a_matched_ship_is_that_of_the_whole_pass():
    frame = pd.DataFrame([echo(mmsi=OTHER), echo(longitude=125.9, at=pd.NaT), echo(longitude=14.3, at=pd.NaT)])
    passes, rows = find_passes(frame.reindex(columns=[*PROVIDER_DETECTION.names, "licence"]))

    assert list(passes["moment_known"].sort_values()) == [False, True]
    moments = rows.set_index("longitude")["moment"]
    assert (moments[[124.93, 125.9]] == PASS).all()
    assert pd.isna(moments[14.3])


def test_a_pass_over_the_turn_of_an_hour_is_one():
    before, after = pd.Timestamp("2021-01-05T09:59:58Z"), pd.Timestamp("2021-01-05T10:00:12Z")
    frame = pd.DataFrame([echo(at=before, hour=before), echo(longitude=124.5, at=after, hour=after)])

    assert len(find_passes(frame.reindex(columns=[*PROVIDER_DETECTION.names, "licence"]))[0]) == 1


def test_the_same_cell_on_pass_after_pass_is_no_ship_unless_ais_explained_one():
    days = [PASS + pd.Timedelta(days=6 * n) for n in range(5)]
    rock = [echo(at=day, hour=day) for day in days]
    else_where = [echo(longitude=124.5 + n / 20, latitude=38.4, at=day, hour=day) for n, day in enumerate(days)]
    frame = pd.DataFrame([*rock, *else_where]).reindex(columns=[*PROVIDER_DETECTION.names, "licence", "zone_id"])
    passes, rows = find_passes(PROVIDER_DETECTION.conform(frame).assign(licence=None, zone_id=None))

    silent = with_repeats(match(rows, fixes(), LIMITS), passes, LIMITS)
    heard = with_repeats(match(rows, fixes(*lies_at(124.93, 38.60)), LIMITS), passes, LIMITS)

    assert set(silent.loc[silent["repeated"], "longitude"]) == {124.93}
    assert silent["repeated"].sum() == 5
    assert not heard["repeated"].any()


@settings(max_examples=12)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=8, unique=True),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=8),
)
def test_no_ship_explains_two_echoes_and_order_makes_no_difference(cells, ships):
    echoes = [echo(longitude=124.9 + x / 100, latitude=38.6 + y / 100) for x, y in cells]
    rows = [fix for n, (x, y) in enumerate(ships) for fix in lies_at(124.9 + x / 100, 38.6 + y / 100, SHIP + n)]

    found, again = told(echoes, *rows), told(echoes[::-1], *rows[::-1])

    assert found["our_mmsi"].dropna().is_unique
    pd.testing.assert_frame_equal(found, again)
    assert (found["outcome"] == "explained").sum() <= len(ships)


OVER = "POLYGON ((122.7 37.2, 126.2 37.2, 126.2 40.2, 122.7 40.2, 122.7 37.2))"
ASKED = "POLYGON ((123.6 37.7, 125.7 37.7, 125.7 39.4, 123.6 39.4, 123.6 37.7))"


def pictured(*starts, ground=OVER, satellite="S1A", orbit=36028):
    """PROVIDER_IMAGE of slices that begin so many seconds from the pass."""
    rows = [
        {
            "provider": "copernicus", "name": f"image {second}", "satellite": satellite, "orbit": orbit,
            "from_at": PASS + pd.Timedelta(seconds=second), "to_at": PASS + pd.Timedelta(seconds=second + 25),
            "ground": ground, "source_file_id": "c",
        }
        for second in starts
    ]  # fmt: skip
    frame = pd.DataFrame(rows).reindex(columns=PROVIDER_IMAGE.names)
    return PROVIDER_IMAGE.conform(frame)


def asked(*of, ground=ASKED, first="2021-01-01", until="2021-02-01"):
    times = {"from_at": pd.Timestamp(first, tz="UTC"), "to_at": pd.Timestamp(until, tz="UTC")}
    rows = [{"provider": "gfw", "asked_of": one, "ground": ground, "detections": 1, **times} for one in of]
    frame = pd.DataFrame(rows, columns=PROVIDER_ANSWER.names).assign(source_file_id="g")
    return PROVIDER_ANSWER.conform(frame)


def passes_of(echoes, images, answers):
    frame = pd.DataFrame(echoes).reindex(columns=[*PROVIDER_DETECTION.names, "licence"])
    rows = PROVIDER_DETECTION.conform(frame) if echoes else PROVIDER_DETECTION.empty()
    return find_passes(rows.assign(licence=frame["licence"]), images, answers)


def test_slices_of_an_orbit_are_one_pass_and_one_that_detections_tell_of_too_is_the_same():
    answers = asked("matched", "unmatched")
    (alone,) = passes_of([], pictured(-10, 15), answers)[0].to_dict("records")
    (both,) = passes_of([echo(), echo(longitude=124.2)], pictured(-10, 15), answers)[0].to_dict("records")
    before = passes_of([echo(), echo(longitude=124.2)], None, None)[0]

    assert (alone["known_from"], alone["detections"]) == ("catalogue_only", 0)
    assert alone["datasets"] == "image -10, image 15"
    assert (alone["to_at"] - alone["from_at"]).total_seconds() == 50
    assert (both["known_from"], both["detections"]) == ("both", 2)
    assert [both["radar_pass_id"]] == list(before["radar_pass_id"])  # what is known of the echoes stays


def test_the_images_tell_the_moment_of_echoes_of_which_only_the_hour_is_known():
    passes, rows = passes_of([echo(at=pd.NaT)], pictured(-10), asked("both"))

    assert passes["moment_known"].all()
    assert rows["moment"].iloc[0] == PASS + pd.Timedelta(seconds=2)


@pytest.mark.parametrize(
    "images",
    [pictured(-1200), pictured(1200), pictured(0, ground="POLYGON ((10 50, 13 50, 13 52, 10 52, 10 50))")],
)
def test_images_of_another_time_or_ground_are_another_pass(images):
    passes, _ = passes_of([echo()], images, asked("both"))

    assert sorted(passes["known_from"])[-1] == "detections"
    assert len(passes) == 2


def test_a_pass_over_midnight_is_two_so_that_a_day_is_found_by_itself():
    late = pd.Timestamp("2021-01-05T23:59:58Z")
    midnight = pictured(0).assign(from_at=late + pd.Timedelta(seconds=4), to_at=late + pd.Timedelta(seconds=29))
    passes, _ = passes_of([echo(at=late, hour=late)], midnight, asked("both"))

    assert list(passes["known_from"]) == ["detections", "catalogue_only"]


def test_echoes_far_apart_under_one_orbit_are_one_pass():
    far = [echo(), echo(longitude=130.2)]
    wide = pictured(0, ground="POLYGON ((122 37, 132 37, 132 40, 122 40, 122 37))")

    assert len(passes_of(far, None, None)[0]) == 2
    assert len(passes_of(far, wide, None)[0]) == 1


@pytest.mark.parametrize(
    ("answers", "adds"),
    [
        (asked("both"), True),
        (asked("matched", "unmatched"), True),
        (asked("unmatched"), False),
        (asked(), False),
        (asked("both", first="2021-01-06"), False),
        (asked("both", until="2021-01-05"), False),
        (asked("both", ground="POLYGON ((10 50, 13 50, 13 52, 10 52, 10 50))"), False),
        (asked("both", ground="POLYGON ((123.6 37.7, 124 37.7, 124 38, 123.6 38, 123.6 37.7))"), False),
    ],
)
def test_images_add_ground_only_where_and_when_all_detections_were_asked_for_and_one_was_told(answers, adds):
    (found,) = passes_of([echo()], pictured(0), answers)[0].to_dict("records")

    assert found["known_from"] == "both"
    assert (found["ground"] != found["hull"]) == adds
    assert shapely.covers(shapely.from_wkt(found["ground"]), shapely.from_wkt(ASKED)) == adds


def test_of_a_pass_without_a_detection_nothing_is_claimed_whatever_was_asked():
    (found,) = passes_of([], pictured(0), asked("both"))[0].to_dict("records")

    assert (found["known_from"], found["ground"], found["hull"]) == ("catalogue_only", *["POLYGON EMPTY"] * 2)
    assert pd.isna(found["licence"])


@pytest.mark.parametrize(("seconds", "adds"), [(-40, False), (-290, False), (-3600, True)])
def test_images_beside_midnight_add_no_ground_as_detections_of_them_may_be_of_the_other_day(seconds, adds):
    at = pd.Timestamp("2021-01-06T00:00:00Z") + pd.Timedelta(seconds=seconds)
    images = pictured(0).assign(from_at=at, to_at=at + pd.Timedelta(seconds=25))
    (found,) = passes_of([echo(at=at, hour=at)], images, asked("both"))[0].to_dict("records")

    assert (found["ground"] != found["hull"]) == adds


@settings(max_examples=12)
@given(st.permutations(range(4)), st.permutations(range(3)))
def test_images_and_echoes_in_any_order_give_the_same_passes(slices, places):
    images, echoes = pictured(-30, -5, 20, 45), [echo(longitude=124.2 + n / 5) for n in range(3)]
    found = passes_of([echoes[n] for n in places], images.iloc[list(slices)], asked("both"))[0]

    pd.testing.assert_frame_equal(found, passes_of(echoes, images, asked("both"))[0])
