"""Verdicts on claims: the table of rules, windows that do not leak, and the article's own case."""

from datetime import UTC, datetime
from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pipeline.contracts import ALERT, ALERT_CLAIM, CLAIM_WINDOW, COVERAGE_DAY, OBSERVATION
from pipeline.errors import InputError
from pipeline.judgement.articles import Expected, Window, load_articles
from pipeline.judgement.bearing import relate
from pipeline.judgement.claims import judge_claims
from pipeline.judgement.measures import load_measures
from pipeline.judgement.observations import Observations, load_observations
from pipeline.judgement.verdicts import Piece, Side, decide, load_verdict_rules
from pipeline.resources import SEEDS
from tests.judgement.sea import ZONES, at, claim, hours

rules, measures = cache(load_verdict_rules), cache(load_measures)
FROM, TO = at("2020-12-01"), at("2021-01-01")  # the window of `claim()`
EXPECTED = Expected(value=6.0, source="made up for tests")


def alert(number: int, began: pd.Timestamp, grade: str = "strong", length: float = 24, **given) -> dict:
    """A direct call from the Nampo coal berth to Dalian."""
    return {
        "alert_id": f"alert-{number}", "pattern_id": "direct-call", "vessel_id": "ship", "mmsi": 441000001, "imo": None,
        "vessel_name": None, "voyage_id": f"voyage-{number}", "began_at": began, "ended_at": began + hours(length),
        "origin_zone_id": "kp-nampo-coal", "destination_zone_id": "cn-dalian", "score": 7.0, "grade": grade,
        "headline": f"Ship {number} AIS-reported a voyage.", "innocent_explanation": "-", "missing_evidence": "-",
        "synthetic": False, "known_at": began + hours(length + 24), "evidence_hash": "-", "first_raised_at": began,
        "withdrawn_at": None, "withdrawn_reason": None, "pipeline_run_id": "-",
    } | given  # fmt: skip


def seen(number: int, relation: str, from_at: pd.Timestamp = FROM, days: float = 5, **given) -> dict:
    """Imagery of ships at a berth, by a usually reliable source."""
    return {
        "observation_id": f"observation-{number}", "kind": "imagery", "place": "Nampo", "zone_id": "kp-nampo-coal",
        "from_at": from_at, "to_at": from_at + hours(24 * days), "extent": "somewhere", "quantity": None, "unit": None,
        "statement": f"Something was seen ({number}).", "source": "a paper",
        "published_at": from_at + hours(24 * days + 24),
        "source_grade": "B", "information_grade": "2", "verified": True, "claim_id": "article/C1", "relation": relation,
        "direct": False, "reason": "-",
    } | given  # fmt: skip


def observations(rows: list[dict]) -> Observations:
    names = ["observation_id", "claim_id", "relation", "direct", "reason"]
    frame = OBSERVATION.conform(pd.DataFrame(rows, columns=OBSERVATION.names))
    return Observations(frame, pd.DataFrame([{name: row[name] for name in names} for row in rows], columns=names), "-")


def heard(
    share: float, from_at: pd.Timestamp = FROM, to_at: pd.Timestamp = TO, zone: str = "kp-nampo-coal"
) -> pd.DataFrame:
    """Reception in `share` of the hours of every day in [from_at, to_at)."""
    days = pd.date_range(from_at, to_at, inclusive="left").strftime("%Y-%m-%d")
    hours_heard = round(24 * share)
    rows = [(zone, day, hours_heard, hours_heard / 24, 5, 50) for day in days]
    return COVERAGE_DAY.conform(pd.DataFrame(rows, columns=COVERAGE_DAY.names))


def judged(
    alerts=(),
    documented=(),
    coverage=None,
    as_of=None,
    synthetic=False,
    relation=None,
    of_synthetic=False,
    decided=(),
    **given,
) -> pd.DataFrame:
    spec = claim(synthetic=of_synthetic, **given)
    frame = ALERT.conform(pd.DataFrame(list(alerts), columns=ALERT.names))
    related = relate(frame, [spec], ZONES)
    if relation:
        related = related.assign(relation=relation)
    return judge_claims(
        [spec], frame, related, observations(list(documented)), COVERAGE_DAY.empty() if coverage is None else coverage,
        ZONES, measures(), rules(), synthetic=synthetic, as_of=as_of,
        decisions=pd.DataFrame(list(decided), columns=["alert_id", "decision", "evidence_hash"], dtype="str"),
    )  # fmt: skip


def verdict(*args, **given) -> str:
    (row,) = judged(*args, **given).itertuples()
    return row.verdict


def strong(count: int) -> list[dict]:
    return [alert(number, FROM + hours(48 * number + 24)) for number in range(count)]


NO_SHIP = {"extent": "throughout", "quantity": 0.0, "unit": "ships", "direct": True}

# ------------------------------------------------------------------------------------------------ table of rules


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


# -------------------------------------------------------------------------------------------------------- windows


def test_a_voyage_across_the_windows_end_is_cut_to_a_departure_and_does_not_count():
    inside = [alert(number, TO - hours(25)) for number in range(2)]
    across = [alert(number, TO - hours(24)) for number in range(2)]

    assert verdict(inside) == "SUPPORTED"
    assert verdict(across) == "INCONCLUSIVE_COVERAGE"


def test_a_call_across_the_windows_end_counts_whatever_its_grade_as_weak():
    def weight(grade: str) -> str:
        row = judged([alert(1, TO - hours(5), grade, voyage_id=None)]).loc[0]
        assert row["alerts_for"] == 1
        return row["reason"].split(",")[0]

    assert weight("strong") == weight("weak")


def test_what_happened_in_the_window_counts_however_late_it_became_known():
    late = [alert(number, FROM + hours(24), known_at=at("2022-01-01")) for number in range(2)]

    assert verdict(late) == "SUPPORTED"
    assert verdict(late, as_of=datetime(2021, 12, 31, tzinfo=UTC)) == "INCONCLUSIVE_COVERAGE"


def test_the_day_asked_for_is_kept():
    assert judged(as_of=datetime(2021, 6, 1, tzinfo=UTC)).loc[0, "as_of"] == at("2021-06-01")


_numbers = st.integers(0, 3)
_inside = st.floats(0, 600)
_relations = st.sampled_from(["supports", "weakens"])
_grades = st.sampled_from(["strong", "moderate", "weak"])


@st.composite
def happened(draw, first: int, starts: st.SearchStrategy[float], **known) -> tuple[list[dict], list[dict]]:
    """Some alerts and observations that begin so many hours after the window's beginning."""
    voyages = [
        alert(first + number, FROM + hours(draw(starts)), draw(_grades), draw(st.floats(1, 100)))
        | ({"voyage_id": None} if draw(st.booleans()) else {})
        | ({"known_at": known["known_at"]} if known else {})
        for number in range(draw(_numbers))
    ]
    documented = [
        seen(first + number, draw(_relations), FROM + hours(draw(starts)), draw(st.floats(0.5, 60)))
        | {"extent": draw(st.sampled_from(["throughout", "somewhere"])), "direct": draw(st.booleans())}
        | ({"published_at": known["known_at"]} if known else {})
        for number in range(draw(_numbers))
    ]
    return voyages, documented


@settings(max_examples=12, deadline=None)
@given(happened(0, _inside), happened(10, st.floats(31 * 24, 3000)), st.sampled_from([0.0, 0.4, 1.0]))
def test_nothing_that_happens_after_a_window_changes_it(before, after, share):
    inside = judged(*before, heard(share), expected_calls_per_month=EXPECTED)

    more = judged(
        before[0] + after[0], before[1] + after[1],
        pd.concat([heard(share), heard(1.0, TO, TO + hours(480))]), expected_calls_per_month=EXPECTED,
    )  # fmt: skip

    assert_frame_equal(inside, more)


@settings(max_examples=12, deadline=None)
@given(happened(0, _inside), happened(10, _inside, known_at=at("2021-09-01")), st.sampled_from([0.0, 0.4, 1.0]))
def test_nothing_that_becomes_known_after_as_of_changes_a_verdict(known, learnt, share):
    as_of = datetime(2021, 8, 31, tzinfo=UTC)
    then = judged(*known, heard(share), as_of, expected_calls_per_month=EXPECTED)

    now = judged(known[0] + learnt[0], known[1] + learnt[1], heard(share), as_of, expected_calls_per_month=EXPECTED)

    assert_frame_equal(then, now)


def test_a_day_of_reception_that_has_not_ended_by_as_of_does_not_count():
    early = judged(coverage=heard(1.0), as_of=datetime(2020, 12, 16, 12, tzinfo=UTC))

    assert early.loc[0, "coverage_share"] == pytest.approx(15 / 31)


def test_a_later_windows_evidence_stays_in_it():
    later = Window(window_id="Wpost", from_at=TO, to_at=at("2021-03-01"), role="context")
    primary = claim().windows
    after = [alert(number, TO + hours(24 * number)) for number in range(3)]

    rows = judged(after, windows=[*primary, later]).set_index("window_id")

    assert rows.loc["W0", "verdict"] == "INCONCLUSIVE_COVERAGE"
    assert rows.loc["Wpost", "verdict"] == "SUPPORTED"


# ------------------------------------------------------------------------------------------------------ synthetic


def test_a_synthetic_article_is_judged_from_synthetic_traffic():
    made_up = [row | {"synthetic": True} for row in strong(3)]

    assert verdict(made_up, coverage=heard(0.9), synthetic=True, of_synthetic=True) == "SUPPORTED"


def test_synthetic_traffic_and_reception_never_enter_a_real_claim():
    made_up = [row | {"synthetic": True} for row in strong(3)]

    real = judged(made_up, coverage=heard(0.9), synthetic=True, expected_calls_per_month=EXPECTED)

    assert_frame_equal(real, judged(expected_calls_per_month=EXPECTED))


# ------------------------------------------------------------------------------------------------ the real article


@cache
def article(as_of: datetime | None = None) -> pd.DataFrame:
    """The real article on an empty lake."""
    specs = [spec for spec in load_articles().specs if not spec.synthetic]
    rows = judge_claims(
        specs, ALERT.empty(), ALERT_CLAIM.empty(), load_observations(), COVERAGE_DAY.empty(), ZONES, measures(),
        rules(), synthetic=False, as_of=as_of,
    )  # fmt: skip
    return rows.assign(label=rows["claim_id"].str.split("/").str[1]).set_index(["label", "window_id"])


def test_on_an_empty_lake_the_nampo_claim_is_weakened_in_its_own_window_and_at_most_partly_supported_after_it():
    row, after = article().loc[("C16", "W0")], article().loc[("C16", "Wpost")]

    assert row["verdict"] in ("WEAKENED", "INCONCLUSIVE_CONFLICT")
    assert after["verdict"] in ("PARTLY_SUPPORTED", "INCONCLUSIVE_CONFLICT", "INCONCLUSIVE_COVERAGE")
    assert pd.isna(row["coverage_share"])
    assert "rests on observations alone" in row["reason"]


def test_on_the_day_of_the_article_nothing_was_known_against_it():
    then = article(datetime(2021, 1, 29, tzinfo=UTC))

    assert then.loc[("C16", "W0"), "verdict"] == "INCONCLUSIVE_COVERAGE"


def test_documentary_claims_are_judged_by_the_law_and_motives_are_not_testable():
    rows = article()

    assert rows.loc[("C18", "W0"), "verdict"] in ("PARTLY_SUPPORTED", "WEAKENED", "CONTRADICTED")
    assert "2371" in rows.loc[("C18", "W0"), "reason"]
    assert rows.loc[("C02", "W0"), "verdict"] == "NOT_TESTABLE"


def test_every_row_says_why_and_what_would_change_it():
    rows = article()

    assert rows["reason"].str.len().gt(20).all()
    assert rows["would_change_it"].str.len().gt(10).all()
    CLAIM_WINDOW.check(rows.reset_index()[CLAIM_WINDOW.names])


# ------------------------------------------------------------------------------------------------------- the file


def test_a_rule_without_a_source_is_refused(tmp_path):
    text = (SEEDS / "verdicts.yaml").read_text(encoding="utf-8")
    (tmp_path / "verdicts.yaml").write_text(text.replace('{value: 1.0, source: "ours: the unit"}', "{value: 1.0}"))

    with pytest.raises(InputError, match=r"verdicts\.yaml:\d+: alert_weight\.strong\.source is missing"):
        load_verdict_rules(tmp_path / "verdicts.yaml")


def test_a_claim_without_a_spec_is_no_row():
    assert judge_claims(
        [],
        ALERT.empty(),
        ALERT_CLAIM.empty(),
        observations([]),
        COVERAGE_DAY.empty(),
        ZONES,
        measures(),
        rules(),
        synthetic=False,
    ).empty
