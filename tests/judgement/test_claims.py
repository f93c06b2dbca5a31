"""Verdicts on claims: the table of rules, windows that do not leak, and the article's own case."""

import pandas as pd
import pytest

from pipeline.judgement.verdicts import Piece, Side, decide
from tests.judgement.claims import EXPECTED, FROM, TO, alert, heard, judged, rules, seen, strong, verdict
from tests.judgement.sea import claim, hours

NO_SHIP = {"extent": "throughout", "quantity": 0.0, "unit": "ships", "direct": True}


def test_without_anything_the_default_is_inconclusive():
    (row,) = judged().itertuples()

    assert row.verdict == "INCONCLUSIVE_COVERAGE"
    assert pd.isna(row.coverage_share)
    assert "rests on observations alone" in row.reason


def test_two_strong_voyages_support():
    assert verdict(strong(2)) == "SUPPORTED"


def test_one_strong_voyage_supports_partly():
    assert verdict(strong(1)) == "PARTLY_SUPPORTED"


def test_a_voyage_and_an_observed_shipment_support():
    assert verdict(strong(1), [seen(1, "supports", kind="panel", direct=True)]) == "SUPPORTED"


def test_one_voyage_beside_much_else_supports_partly():
    """Calls that nobody heard, and ships at a berth, are not the export that is claimed."""
    unheard = alert(5, FROM + hours(24), "moderate", voyage_id=None)

    assert verdict([*strong(1), unheard], [seen(1, "supports")]) == "PARTLY_SUPPORTED"
    assert verdict([*strong(2), unheard], [seen(1, "supports")]) == "SUPPORTED"


def test_ships_at_a_berth_alone_support_at_most_partly():
    many = [seen(number, "supports", FROM + hours(100 * number)) for number in range(6)]

    (row,) = judged([], many).itertuples()

    assert row.verdict == "PARTLY_SUPPORTED"
    assert row.observations_for == 6
    assert "no proof of where they went" in row.reason


def test_calls_alone_support_at_most_partly():
    calls = [alert(number, FROM + hours(48 * number), voyage_id=None) for number in range(6)]

    assert verdict(calls) == "PARTLY_SUPPORTED"


def test_one_moderate_alert_of_no_voyage_supports_nothing_alone():
    """An innocent ship of a synthetic winter raised one, where the place was heard in an eighth of the hours."""

    def unheard(number, grade="moderate"):
        return alert(number, FROM + hours(48 * number + 24), grade, voyage_id=None)

    (row,) = judged([unheard(0)]).itertuples()

    assert (row.verdict, row.alerts_for) == ("INCONCLUSIVE_COVERAGE", 1)
    assert "a single moderate one of no voyage" in row.reason
    assert verdict([unheard(0), unheard(1, "weak")]) == "INCONCLUSIVE_COVERAGE"
    assert verdict([unheard(0), unheard(1)]) == "PARTLY_SUPPORTED"
    assert verdict([unheard(0, "strong")]) == "PARTLY_SUPPORTED"
    assert verdict([unheard(0)], [seen(1, "supports")]) == "PARTLY_SUPPORTED"
    sure = decisions("confirmed", evidence=unheard(0)["evidence_hash"])
    assert verdict([unheard(0)], decided=sure) == "PARTLY_SUPPORTED"


def test_weak_alerts_alone_support_nothing_however_many_and_beside_another_piece_they_settle_nothing():
    weak = [alert(number, FROM + hours(48 * number + 24), "weak") for number in range(6)]

    (row,) = judged(weak).itertuples()

    assert (row.verdict, row.alerts_for) == ("INCONCLUSIVE_COVERAGE", 6)
    assert "are hints, which innocent ships leave as well" in row.reason
    assert verdict([*weak, alert(6, FROM + hours(24), "moderate")]) == "PARTLY_SUPPORTED"


@pytest.mark.parametrize(
    "beside",
    [
        {"source_grade": "E", "information_grade": "5"},  # too doubtful to speak
        {"from_at": FROM - hours(24 * 400), "days": 700, "extent": "total", "quantity": 5.0, "unit": "ships"},
    ],
    ids=["doubtful", "partly in the window"],
)
def test_weak_alerts_lend_no_weight_to_what_would_support_nothing_by_itself(beside):
    weak = [alert(number, FROM + hours(48 * number + 24), "weak") for number in range(6)]
    other = [seen(1, "supports", **beside)]

    assert verdict([], other) == "INCONCLUSIVE_COVERAGE"
    (row,) = judged(weak, other).itertuples()

    assert row.verdict == "INCONCLUSIVE_COVERAGE"
    assert "alone they decide nothing" in row.reason
    assert verdict(weak, [seen(1, "supports")]) == "PARTLY_SUPPORTED"


def test_a_moderate_alert_alone_supports_partly():
    assert verdict([alert(1, FROM + hours(24), "moderate")]) == "PARTLY_SUPPORTED"


def test_both_sides_conflict():
    assert verdict(strong(1), [seen(1, "weakens", **NO_SHIP, days=31)]) == "INCONCLUSIVE_CONFLICT"


def test_a_side_that_weighs_little_does_not_contest():
    assert verdict([alert(1, FROM, "weak")], [seen(1, "weakens", **NO_SHIP, days=31)]) == "WEAKENED"


def test_an_empty_berth_throughout_the_window_weakens():
    assert verdict([], [seen(1, "weakens", **NO_SHIP, days=31)]) == "WEAKENED"
    assert verdict([], [seen(1, "weakens", FROM - hours(240), **NO_SHIP, days=90)]) == "WEAKENED"


def test_an_empty_berth_in_a_small_part_of_the_window_does_not():
    assert verdict([], [seen(1, "weakens", **NO_SHIP, days=10)]) == "INCONCLUSIVE_COVERAGE"


def test_a_total_over_more_than_the_window_counts_but_never_decides():
    total = {"kind": "panel", "from_at": FROM - hours(720), "days": 400, "direct": True}
    many = [seen(number, "supports", **total) for number in range(6)]

    (row,) = judged([], many).itertuples()

    assert row.verdict == "INCONCLUSIVE_COVERAGE"
    assert row.observations_for == 6
    assert verdict([], [*many, seen(9, "weakens", **NO_SHIP, days=31)]) == "INCONCLUSIVE_CONFLICT"
    assert verdict([], [seen(1, "supports", kind="panel", direct=True)]) == "PARTLY_SUPPORTED"


def test_an_unverified_observation_weighs_less():
    def side(verified: bool) -> float:
        reason = judged([], [seen(1, "supports", verified=verified)]).loc[0, "reason"]
        return float(reason.split("supports it weighs ")[1].split(",")[0])

    assert 0 < side(False) < side(True)


def test_silence_with_reception_weakens_and_without_reception_is_inconclusive():
    assert verdict(coverage=heard(0.9), expected_calls_per_month=EXPECTED) == "WEAKENED"
    assert verdict(coverage=heard(0.1), expected_calls_per_month=EXPECTED) == "INCONCLUSIVE_COVERAGE"
    assert verdict(coverage=heard(0.0), expected_calls_per_month=EXPECTED) == "INCONCLUSIVE_COVERAGE"


def test_silence_says_nothing_where_no_calls_are_expected():
    assert verdict(coverage=heard(0.9)) == "INCONCLUSIVE_COVERAGE"


def test_a_weak_alert_does_not_break_the_silence_and_a_moderate_one_does():
    one = {"coverage": heard(0.9), "expected_calls_per_month": EXPECTED}
    (row,) = judged([alert(1, FROM + hours(24), "weak")], **one).itertuples()

    assert row.verdict == "WEAKENED"
    assert "No alert but weak ones (1) stands although" in row.reason
    assert verdict([alert(1, FROM + hours(24), "moderate")], **one) == "PARTLY_SUPPORTED"
    (unheard,) = judged([alert(1, FROM + hours(24), "moderate", voyage_id=None)], **one).itertuples()
    assert unheard.verdict == "INCONCLUSIVE_COVERAGE"
    assert "stands although" not in unheard.reason


def test_as_many_weak_alerts_as_calls_expected_are_no_silence():
    def found(count):
        weak = [alert(number, FROM + hours(48 * number + 24), "weak") for number in range(count)]
        return verdict(weak, coverage=heard(1.0), expected_calls_per_month=EXPECTED)  # six a month

    assert (found(5), found(7)) == ("WEAKENED", "INCONCLUSIVE_COVERAGE")


def test_weak_alerts_do_not_contest_but_keep_a_claim_from_being_contradicted():
    weak = [alert(number, FROM + hours(48 * number + 24), "weak") for number in range(4)]
    empty = [seen(1, "weakens", days=31, **NO_SHIP), seen(2, "weakens", days=31, **NO_SHIP)]
    well = {"coverage": heard(0.9), "expected_calls_per_month": EXPECTED}

    assert verdict(weak, empty, **well) == "WEAKENED"
    assert verdict([], empty, **well) == "CONTRADICTED"


@pytest.mark.parametrize(
    ("weak", "against", "expected"),
    [
        (2, {"radar": 0.2}, "INCONCLUSIVE_COVERAGE"),
        (0, {"radar": 0.2}, "WEAKENED"),
        (1, {"radar": 0.5}, "WEAKENED"),
        (2, {"radar": 0.2, "observation": 0.2}, "WEAKENED"),
    ],
    ids=["hints beside hints", "none for it", "hints for it weigh little", "more than radar against it"],
)
def test_radar_alone_weakens_nothing_that_as_weighty_hints_speak_for(weak, against, expected):
    """Empty passes off the barrage, each a moment, beside weak alerts of ships that may have loaded behind it."""
    for_it = [Piece("alert", 0.2, inside=True, direct=True, said="-") for _ in range(weak)]
    against_it = [Piece(kind, weight, inside=True, direct=False, said="-") for kind, weight in against.items()]
    spec = claim()

    found = decide(spec, spec.windows[0], Side(tuple(for_it)), Side(tuple(against_it)), 0.1, rules())

    assert found[0] == expected
    assert ("more than weak alerts" in found[2]) is (expected == "INCONCLUSIVE_COVERAGE")


def test_silence_and_ships_at_the_berth_conflict():
    seen_ships = [seen(1, "supports")]

    assert verdict([], seen_ships, heard(0.9), expected_calls_per_month=EXPECTED) == "INCONCLUSIVE_CONFLICT"
    assert verdict([], seen_ships, heard(0.1), expected_calls_per_month=EXPECTED) == "PARTLY_SUPPORTED"


def test_only_much_against_with_good_reception_contradicts():
    empty = [seen(number, "weakens", **NO_SHIP, days=31) for number in range(2)]

    assert verdict([], empty, heard(0.9), expected_calls_per_month=EXPECTED) == "CONTRADICTED"
    assert verdict([], empty, heard(0.1), expected_calls_per_month=EXPECTED) == "WEAKENED"


def test_coverage_is_the_share_of_the_windows_hours_over_the_claims_zones():
    days = pd.concat(
        [heard(0.5), heard(0.25, zone="cn-dalian"), heard(1.0, zone="kp-haeju"), heard(1.0, TO, TO + hours(48))]
    )

    (row,) = judged(coverage=days, zones=["kp-nampo-coal", "cn-dalian"]).itertuples()

    assert row.coverage_share == pytest.approx(0.375)


def test_alerts_that_are_only_context_do_not_count():
    (row,) = judged(strong(3), relation="context").itertuples()

    assert (row.verdict, row.alerts_for) == ("INCONCLUSIVE_COVERAGE", 0)


def decisions(*words: str, evidence: str = "-") -> list[tuple[str, str, str]]:
    """What a reviewer decided about the first alerts."""
    return [(f"alert-{number}", word, evidence) for number, word in enumerate(words)]


def test_dismissed_alerts_count_for_nothing_and_the_reason_tells_of_them():
    (row,) = judged(strong(4), decided=decisions(*["dismissed"] * 4)).itertuples()

    assert (row.verdict, row.alerts_for, row.alerts_dismissed) == ("INCONCLUSIVE_COVERAGE", 0, 4)
    assert "4 alerts, 4 dismissed." in row.reason
    assert "AIS-reported a voyage" not in row.reason


def test_the_verdict_is_that_of_the_alerts_that_are_left():
    (row,) = judged(strong(4), decided=decisions("dismissed", "confirmed", "dismissed", "needs_more")).itertuples()
    (two,) = judged(strong(2)).itertuples()

    assert (row.verdict, row.alerts_for, row.alerts_confirmed, row.alerts_dismissed) == (two.verdict, 2, 1, 2)
    assert "4 alerts, 1 confirmed, 2 dismissed." in row.reason
    assert "confirmed by a reviewer" in row.reason


def test_a_weak_alert_that_a_reviewer_confirmed_is_more_than_a_hint_until_its_evidence_changes():
    weak = [alert(0, FROM + hours(24), "weak")]

    assert verdict(weak) == "INCONCLUSIVE_COVERAGE"
    assert verdict(weak, decided=decisions("confirmed", evidence=weak[0]["evidence_hash"])) == "PARTLY_SUPPORTED"
    assert verdict(weak, decided=decisions("confirmed", evidence="another")) == "INCONCLUSIVE_COVERAGE"


def test_one_dismissed_against_a_claim_weakens_it_no_more():
    against = {"supporting_patterns": [], "weakening_patterns": ["direct-call"]}

    assert verdict(strong(1), **against) == "WEAKENED"
    assert verdict(strong(1), decided=decisions("dismissed"), **against) == "INCONCLUSIVE_COVERAGE"


def test_a_decision_on_evidence_that_has_changed_since_is_said_to_be_one():
    assert (
        "before the evidence changed"
        in judged(strong(2), decided=decisions("dismissed", evidence="x")).loc[0, "reason"]
    )
    assert "before the evidence changed" not in judged(strong(2), decided=decisions("dismissed")).loc[0, "reason"]


def test_a_silence_beside_dismissed_alerts_does_not_say_that_none_was_raised():
    row = judged(
        strong(2), coverage=heard(0.9), expected_calls_per_month=EXPECTED, decided=decisions("dismissed", "dismissed")
    ).loc[0]

    assert "No alert stands (2 dismissed) although" in row["reason"]


def test_alerts_that_weaken_count_against():
    (row,) = judged(strong(1), supporting_patterns=[], weakening_patterns=["direct-call"]).itertuples()

    assert (row.verdict, row.alerts_for, row.alerts_against) == ("WEAKENED", 0, 1)


def test_a_claim_that_open_data_cannot_test_says_what_would():
    (row,) = judged(strong(3), testability="N").itertuples()

    assert row.verdict == "NOT_TESTABLE"
    assert row.would_change_it == "Dated imagery of the berth."
