"""What a ship may have carried: ranges by draught and by size, and what a claim about tonnage makes of them."""

import pandas as pd
import pytest

from pipeline.contracts import ALERT_CARGO, COVERAGE_DAY, OBSERVATION
from pipeline.judgement.articles import Shortfall, Volume, load_articles
from pipeline.judgement.claims import judge_claims
from pipeline.judgement.measures import load_measures
from pipeline.judgement.observations import Observations, load_observations
from pipeline.judgement.tonnage import estimate_cargoes, load_tonnage
from pipeline.judgement.verdicts import load_verdict_rules
from pipeline.judgement.watchlists import load_watchlists
from tests.judgement.sea import ZONES, at, claim

LISTS, RULES = load_watchlists(), load_tonnage()
HUA_FU = 9020003  # on the list of the United States with 10,030 t dead weight


def estimated(**given):
    """The cargo of a ship of 120 by 18 m that loaded 4 m of draught at Nampo, or as given."""
    case = {
        "alert_id": "a", "voyage_id": "v", "departed_at": at("2020-12-01"), "arrived_at": at("2020-12-03"),
        "origin_zone_id": "kp-nampo-coal", "destination_zone_id": "cn-dalian", "destination_country": "CN",
        "imo": None, "ship_type": 70, "length_m": 120.0, "width_m": 18.0,
        "origin_draught": "rose", "origin_draught_in_m": 4.0, "origin_draught_least_m": 4.0,
        "origin_draught_most_m": 8.0, "origin_draught_out_m": 8.0, "origin_draught_stale": False,
        "destination_draught": "unreported", "destination_draught_least_m": None, "destination_draught_most_m": None,
        "destination_draught_out_m": None,
    } | given  # fmt: skip
    frame = pd.DataFrame([case]).astype({"imo": "Int64", "ship_type": "Int64"})
    return estimate_cargoes(frame, LISTS, RULES).iloc[0]


NOT_READ = {"origin_draught": "unreported", "origin_draught_least_m": None, "origin_draught_most_m": None,
            "origin_draught_out_m": None}  # fmt: skip


def test_a_draught_that_rose_bounds_the_cargo_from_both_sides():
    found = estimated()

    assert (found["cargo_state"], found["basis"], found["draught_change_m"]) == ("laden", "draught", 4.0)
    # 120 x 18 m, 94.5 % between perpendiculars, block coefficient 0.804: 18.2 t a centimetre, 400 cm
    assert found["low_t"] < 7_300 < found["high_t"]
    assert 0.75 < found["low_t"] / found["high_t"] < 0.9


def test_without_a_draught_it_is_anything_up_to_what_she_can_carry():
    found = estimated(**NOT_READ)

    assert (found["cargo_state"], found["basis"], found["low_t"]) == ("unknown", "dead_weight", 0.0)
    assert found["high_t"] == pytest.approx(0.9 * found["dead_weight_high_t"], abs=100)
    assert found["dead_weight_low_t"] < 8_500 < found["dead_weight_high_t"]


def test_a_dead_weight_that_a_list_gives_is_taken():
    found = estimated(**NOT_READ, imo=HUA_FU)

    assert found["dead_weight_basis"] == "listed"
    assert (found["dead_weight_high_t"], found["high_t"]) == (10_000, 9_000)


def test_no_more_than_she_can_carry_is_counted_whatever_she_types():
    found = estimated(imo=HUA_FU, origin_draught_out_m=14.0)

    assert (found["low_t"], found["high_t"]) == (9_000, 9_000)


def test_a_ship_of_unknown_size_is_bounded_by_the_largest_of_the_trade():
    found = estimated(length_m=None, width_m=None)

    assert (found["dead_weight_basis"], found["low_t"], found["high_t"]) == ("trade", 0.0, 25_200)


def test_a_fall_at_the_destination_says_as_much():
    fell = {"destination_draught": "fell", "destination_draught_least_m": 4.0, "destination_draught_most_m": 8.0}

    assert estimated(**NOT_READ, **fell)["low_t"] == estimated()["low_t"]


def test_a_ship_that_landed_a_cargo_at_the_origin_carried_none_away():
    found = estimated(origin_draught="fell", origin_draught_in_m=8.0, origin_draught_out_m=4.0)

    assert (found["cargo_state"], found["basis"], found["high_t"]) == ("ballast", "none", 0.0)


@pytest.mark.parametrize(("ship_type", "length_m"), [(80, 120.0), (60, 120.0), (30, 70.0), (52, 35.0), (31, None)])
def test_a_craft_that_carries_no_dry_cargo_carries_no_coal(ship_type, length_m):
    assert estimated(ship_type=ship_type, length_m=length_m)["high_t"] == 0.0


@pytest.mark.parametrize("ship_type", [70, 52, 90, None])
def test_a_cargo_ship_a_barge_that_says_she_is_a_tug_and_a_ship_of_no_reported_kind_may_carry_it(ship_type):
    assert estimated(ship_type=ship_type)["high_t"] > 0


def test_a_ship_larger_than_those_of_the_trade_is_bounded_by_her_own_size():
    found = estimated(length_m=225.0, width_m=32.0, origin_draught_out_m=12.0, origin_draught_most_m=12.0)

    assert found["high_t"] > 50_000
    assert found["low_t"] < found["high_t"]


def test_the_range_holds_fresh_and_salt_water():
    found = estimated()

    assert found["high_t"] >= 1.025 * found["low_t"]


def test_a_rise_from_a_draught_that_was_not_kept_up_bounds_nothing():
    found = estimated(origin_draught_stale=True)

    assert (found["cargo_state"], found["basis"], found["low_t"]) == ("unknown", "dead_weight", 0.0)


def test_every_figure_has_a_source_and_says_whether_it_was_seen():
    assert all(getattr(RULES, name).source for name in type(RULES).model_fields)
    assert RULES.block_coefficient.verified
    assert not RULES.dead_weight_share.verified


# ------------------------------------------------------------------------------------------------------ claims

VOLUME = Volume(
    patterns=["direct-call"], compared_from=at("2020-06-01"), since=at("2020-10-01"),
    shortfall=Shortfall(observation="gap", months=12, of="all coal"), documented=[],
)  # fmt: skip
GAP = {
    "observation_id": "gap", "kind": "statistics", "place": "-", "zone_id": None, "from_at": at("2020-01-01"),
    "to_at": at("2021-01-01"), "extent": "somewhere", "quantity": 12e6, "unit": "tonnes less", "statement": "Less.",
    "source": "a paper", "published_at": at("2021-02-01"), "source_grade": "B", "information_grade": "2",
    "verified": True,
}  # fmt: skip


def cargo(number, arrived, low=5_000.0, high=8_000.0, **given):
    return {
        "alert_id": f"a{number}", "voyage_id": f"v{number}", "departed_at": at(arrived), "arrived_at": at(arrived),
        "origin_zone_id": "kp-nampo-coal", "destination_zone_id": "cn-dalian", "destination_country": "CN",
        "cargo_state": "laden", "draught_change_m": 4.0, "dead_weight_low_t": 8_000.0, "dead_weight_high_t": 12_000.0,
        "dead_weight_basis": "dimensions", "low_t": low, "high_t": high, "basis": "draught",
        "pattern_id": "direct-call", "synthetic": False, "known_at": at(arrived),
    } | given  # fmt: skip


def judged(cargoes=(), share=1.0, as_of=None, decided=()):
    """The claim's window, December 2020, with reception in that share of the hours since June."""
    days = pd.date_range("2020-06-01", "2020-12-31").strftime("%Y-%m-%d")
    rows = [("kp-nampo-coal", day, round(24 * share), share, 5, 50) for day in days if share is not None]
    names = [*ALERT_CARGO.names, "pattern_id", "synthetic", "known_at"]
    frame = pd.DataFrame(list(cargoes), columns=names).astype({"arrived_at": "datetime64[us, UTC]", "synthetic": bool})
    none = pd.DataFrame(columns=["alert_id", "claim_id", "relation"])
    spec = claim(testability="B", volume=VOLUME)
    relations = pd.DataFrame(columns=["observation_id", "claim_id", "relation", "direct", "reason"])
    documented = Observations(OBSERVATION.conform(pd.DataFrame([GAP])), relations, "-")
    from pipeline.contracts import ALERT

    (row,) = judge_claims(
        [spec], ALERT.empty(), none, documented, COVERAGE_DAY.conform(pd.DataFrame(rows, columns=COVERAGE_DAY.names)),
        ZONES, load_measures(), load_verdict_rules(), synthetic=False, as_of=as_of, cargoes=frame,
        decisions=pd.DataFrame(list(decided), columns=["alert_id", "decision", "evidence_hash"], dtype="str"),
    ).itertuples()  # fmt: skip
    return row


def test_tonnage_that_rose_beyond_doubt_supports_in_part_and_never_more():
    row = judged([cargo(n, f"2020-12-{n + 1:02d}") for n in range(6)])

    assert row.verdict == "PARTLY_SUPPORTED"
    assert (row.voyages_estimated, row.tonnes_low, row.tonnes_high) == (6, 30_000, 48_000)
    assert "4.7% of the shortfall" in row.reason
    assert "nobody heard" in row.reason


def test_tonnage_that_did_not_rise_though_all_was_heard_weakens():
    before = [cargo(n, f"2020-0{6 + n}-10") for n in range(4)]

    assert judged(before).verdict == "WEAKENED"
    assert judged(before, share=0.2).verdict == "INCONCLUSIVE_COVERAGE"


def test_ranges_that_overlap_say_nothing_and_the_numbers_are_told_all_the_same():
    wide = [cargo(n, f"2020-{month:02d}-10", low=0.0, high=9_000.0) for n, month in enumerate((6, 7, 8, 9, 12))]

    row = judged(wide)

    assert row.verdict == "INCONCLUSIVE_COVERAGE"
    assert (row.tonnes_low, row.tonnes_high) == (0, 9_000)


def test_without_positions_no_tonnage_is_read_off_ais():
    row = judged([cargo(1, "2020-12-05")], share=None)

    assert row.verdict == "INCONCLUSIVE_COVERAGE"
    assert pd.isna(row.tonnes_high)
    assert "no tonnage can be read off AIS" in row.reason


def test_what_a_reviewer_dismissed_or_left_in_ballast_or_arrived_later_does_not_count():
    rows = [
        cargo(1, "2020-12-05"), cargo(2, "2020-12-06"), cargo(3, "2020-12-07", basis="none"), cargo(4, "2021-01-02"),
        cargo(5, "2020-12-08", synthetic=True), cargo(6, "2020-12-09", origin_zone_id="kp-rajin"),
    ]  # fmt: skip

    assert judged(rows, decided=[("a2", "dismissed", "-")]).voyages_estimated == 1


def test_what_became_known_later_is_not_told():
    row = judged([cargo(1, "2020-12-05")], as_of=at("2021-01-01").to_pydatetime())

    assert "had not been published by then" in row.reason


def test_claim_c22_names_observations_that_are_there():
    (spec,) = [one for one in load_articles().specs if one.claim_id == "dailynk-2021/C22"]

    known = set(load_observations().frame["observation_id"])
    assert {spec.volume.shortfall.observation, *spec.volume.documented} <= known
