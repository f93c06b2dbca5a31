"""The law as of the event: which measures were in force, and what they said of a voyage."""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.contracts import LEGAL_ASSESSMENT, MEASURE
from pipeline.errors import ContractError, InputError
from pipeline.judgement.articles import load_articles
from pipeline.judgement.documentary import documentary_verdict
from pipeline.judgement.measures import MeasureSeed, When, assess, load_measures
from pipeline.resources import SEEDS

MEASURES = load_measures()
CLAIMS = {spec.claim_id: spec for spec in load_articles().specs}
COAL_LAYER = sorted(
    (m for m in MEASURES.entries.values() if m.authority == "UN" and m.subject == "coal"),
    key=lambda m: m.in_force.from_at,
)


def voyage(at: str, **differing: object) -> pd.DataFrame:
    """A voyage from the Nampo coal berth to a Chinese port, all in one moment."""
    moment = pd.Timestamp(at).tz_convert("UTC")
    subject = {
        "subject_table": "voyage", "subject_id": "v1", "departed_at": moment, "arrived_at": moment, "cargo": "coal",
        "origin_country": "KP", "origin_zone_id": "kp-nampo-coal", "destination_country": "CN", "flag": "PA",
        "listed": False, "ship_to_ship": False, "port_country": "CN", "days_since_dprk_call": 0.0,
        "days_since_dprk_meeting": None, "days_since_possible_dprk_call": None,
    }  # fmt: skip
    return pd.DataFrame([subject | differing])


def answers(subjects: pd.DataFrame, authority: str) -> list[str]:
    found = assess(subjects, MEASURES)
    return sorted(found.loc[found["authority"] == authority, "answer"])


@pytest.mark.parametrize(
    ("at", "un", "cn"),
    [
        ("2015-06-01T00:00Z", "none", "none"),
        ("2016-03-20T00:00Z", "conditional", "none"),
        ("2016-10-01T00:00Z", "conditional", "conditional"),
        ("2016-12-20T00:00Z", "capped", "forbidden"),
        ("2017-01-20T00:00Z", "capped", "capped"),
        ("2017-03-20T00:00Z", "capped", "forbidden"),
        ("2018-06-01T00:00Z", "forbidden", "forbidden"),
    ],
)
def test_the_same_voyage_gets_the_answer_of_its_day(at: str, un: str, cn: str):
    assert answers(voyage(at), "UN") == [un]
    assert answers(voyage(at), "CN") == [cn]


def test_each_authority_answers_with_rows_of_its_own():
    found = assess(voyage("2018-06-01T00:00Z"), MEASURES)

    assert found["authority"].value_counts().to_dict() == {"UN": 1, "CN": 1, "US": 1, "EU": 1}
    assert dict(zip(found["authority"], found["paragraph"], strict=True))["UN"] == "8"
    assert not found.loc[found["authority"] == "UN", "verified"].any()
    LEGAL_ASSESSMENT.check(found)


@pytest.mark.parametrize(
    ("before", "first", "authority", "was", "becomes"),
    [
        ("2016-03-02T04:59Z", "2016-03-02T05:00Z", "UN", "none", "conditional"),  # winter time in New York
        ("2017-08-05T03:59Z", "2017-08-05T04:00Z", "UN", "capped", "forbidden"),  # summer time in New York
        ("2016-12-31T15:59Z", "2016-12-31T16:00Z", "CN", "forbidden", "capped"),  # midnight in China
        ("2017-02-18T15:59Z", "2017-02-18T16:00Z", "CN", "capped", "forbidden"),
        ("2016-04-04T15:59Z", "2016-04-04T16:00Z", "CN", "none", "conditional"),
    ],
)
def test_a_rule_begins_at_its_authoritys_midnight(before: str, first: str, authority: str, was: str, becomes: str):
    assert answers(voyage(before), authority) == [was]
    assert answers(voyage(first), authority) == [becomes]


@pytest.mark.parametrize(("country", "answer"), [("NL", "forbidden"), ("GB", "none")])
def test_a_union_s_law_is_asked_as_of_the_arrival_in_any_of_its_countries(country: str, answer: str):
    """The Union's ban began between departure and arrival."""
    arrived = pd.Timestamp("2017-09-20T00:00Z")

    assert answers(voyage("2017-08-20T00:00Z", destination_country=country, arrived_at=arrived), "EU") == [answer]


def test_a_union_among_countries_is_each_of_its_members():
    ban = When(calls_in=["EU", "NO"])

    assert {"DE", "BG", "NO"} <= set(ban.calls_in)
    assert "EU" not in ban.calls_in


def test_china_still_released_what_had_arrived_until_5_september_2017():
    def paragraphs(at: str) -> set[str]:
        return set(assess(voyage(at), MEASURES)["measure_id"])

    assert "cn-40-2017-ban" in paragraphs("2017-09-04T15:59Z")
    assert "cn-40-2017-no-clearance" in paragraphs("2017-09-04T16:00Z")
    assert "cn-40-2017-ban" not in paragraphs("2017-09-04T16:00Z")


@pytest.mark.parametrize("zone", ["kp-rajin", "kp-rajin-pier-3"])
def test_coal_from_rajin_may_be_exempt_because_ais_cannot_tell_whose_it_is(zone: str):
    found = assess(voyage("2018-06-01T00:00Z", origin_zone_id=zone), MEASURES).set_index("measure_id")

    assert found.loc["un-2371-coal", "answer"] == "exempt_possible"
    assert found.loc["cn-40-2017-no-clearance", "answer"] == "exempt_possible"
    assert "AIS cannot tell whose coal it is" in found.loc["un-2371-coal", "reason"]


@pytest.mark.parametrize("zone", ["kp-nampo-coal", "kp-rajinsomething", None])
def test_coal_from_elsewhere_is_not_exempt(zone: str | None):
    assert answers(voyage("2018-06-01T00:00Z", origin_zone_id=zone), "UN") == ["forbidden"]


@pytest.mark.parametrize("cargo", ["unknown", None])
def test_the_coal_rules_say_nothing_of_a_ship_whose_cargo_is_unknown(cargo: str | None):
    assert assess(voyage("2018-06-01T00:00Z", cargo=cargo), MEASURES).empty


def test_chinese_law_says_nothing_of_a_voyage_to_vietnam():
    assert answers(voyage("2018-06-01T00:00Z", destination_country="VN"), "CN") == []


def test_union_law_forbids_what_touches_the_union_and_is_conditional_otherwise():
    assert answers(voyage("2018-06-01T00:00Z", flag="MT"), "EU") == ["forbidden"]
    assert answers(voyage("2018-06-01T00:00Z", flag="PA"), "EU") == ["conditional"]


@pytest.mark.parametrize(("country", "authority"), [("US", "US"), ("KR", "KR"), ("JP", "JP")])
def test_a_call_in_north_korea_closes_other_ports(country: str, authority: str):
    there = {"cargo": None, "destination_country": country, "port_country": country}

    assert answers(voyage("2018-06-01T00:00Z", **there), authority) == ["forbidden"]
    assert answers(voyage("2018-06-01T00:00Z", **there | {"days_since_dprk_call": 180.1}), authority) == []


@pytest.mark.parametrize("country", ["US", "KR", "JP"])
def test_where_a_cargo_goes_is_no_call_of_the_ship(country: str):
    goes = {"origin_country": "KP", "destination_country": country, "flag": "KP", "ship_to_ship": True}

    asked = assess(voyage("2018-06-01T00:00Z", **goes, port_country=None, days_since_dprk_call=None), MEASURES)

    assert not asked["measure_id"].isin(["kr-2016-port-ban", "jp-2016-port-ban", "us-eo-13810-port-call"]).any()


@pytest.mark.parametrize("country", ["US", "KR", "JP"])
def test_a_call_that_a_silence_leaves_time_for_closes_ports_on_condition_that_she_made_it(country: str):
    there = {"cargo": None, "destination_country": country, "port_country": country, "days_since_dprk_call": None}

    found = assess(voyage("2018-06-01T00:00Z", **there, days_since_possible_dprk_call=3.0), MEASURES)

    assert found["answer"].tolist() == ["conditional"]
    assert "If she called in North Korea while she was unheard" in found["reason"].iloc[0]


@pytest.mark.parametrize(("country", "answer"), [("US", ["conditional"]), ("KR", []), ("JP", [])])
def test_a_meeting_is_the_matter_of_the_united_states_order_alone(country: str, answer: list[str]):
    there = {"cargo": None, "destination_country": country, "port_country": country, "days_since_dprk_call": None}

    assert answers(voyage("2018-06-01T00:00Z", **there, days_since_dprk_meeting=30.0), country) == answer


def test_a_transfer_with_a_north_korean_flag_is_forbidden_since_september_2017():
    def of_transfers(at: str, **differing: object) -> list[str]:
        found = assess(voyage(at, ship_to_ship=True, **differing), MEASURES)
        return found.loc[found["measure_id"] == "un-2375-ship-to-ship", "answer"].tolist()

    assert of_transfers("2018-06-01T00:00Z", flag="KP") == ["forbidden"]
    assert of_transfers("2018-06-01T00:00Z", flag="PA") == ["conditional"]
    assert of_transfers("2017-09-11T03:59Z", flag="KP") == []


def test_a_listed_ship_is_told_that_it_depends_on_whose_list():
    assert answers(voyage("2018-06-01T00:00Z", cargo=None, listed=True), "UN") == ["conditional", "conditional"]
    assert answers(voyage("2018-06-01T00:00Z", cargo=None, listed=None), "UN") == []


def test_many_subjects_are_judged_each_by_its_own_moment_and_left_untouched():
    several = pd.concat(
        [voyage("2015-06-01T00:00Z", subject_id="a"), voyage("2018-06-01T00:00Z", subject_id="b")], ignore_index=True
    )
    several = several.set_axis([7, 7])  # an index that is not unique
    before = several.copy()

    found = assess(several, MEASURES)

    assert found.query("authority == 'UN'").set_index("subject_id")["answer"].to_dict() == {
        "a": "none",
        "b": "forbidden",
    }
    pd.testing.assert_frame_equal(several, before)


def test_no_subjects_give_no_rows():
    assert assess(voyage("2018-06-01T00:00Z").iloc[:0], MEASURES).empty


def test_a_missing_column_is_our_fault():
    with pytest.raises(ContractError, match="column listed of subjects is missing"):
        assess(voyage("2018-06-01T00:00Z").drop(columns="listed"), MEASURES)


def test_the_un_coal_rules_leave_no_gap_and_do_not_overlap():
    for earlier, later in pairwise(COAL_LAYER):
        assert earlier.in_force.to_at == later.in_force.from_at
    assert COAL_LAYER[-1].in_force.to_at is None


@settings(max_examples=20, deadline=None)
@given(st.lists(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), min_size=1))
def test_at_any_moment_the_un_gives_coal_exactly_one_answer_and_the_others_at_least_one(moments: list[datetime]):
    subjects = pd.concat([voyage(at.isoformat(), subject_id=str(n)) for n, at in enumerate(moments)])

    rows = assess(subjects, MEASURES).groupby(["subject_id", "authority"]).size().unstack(fill_value=0)

    assert len(rows) == len(moments)
    assert (rows["UN"] == 1).all()
    assert (rows[["CN", "US", "EU"]] >= 1).all(axis=None)


@pytest.mark.parametrize("measure", MEASURES.entries.values(), ids=lambda measure: measure.measure_id)
def test_every_measure_runs_forward_and_begins_and_ends_at_its_own_midnight(measure: MeasureSeed):
    for moment in filter(None, (measure.in_force.from_at, measure.in_force.to_at)):
        local = moment.astimezone(ZoneInfo(measure.time_zone))
        assert (local.hour, local.minute) == (0, 0)
    assert measure.in_force.to_at is None or measure.in_force.from_at < measure.in_force.to_at


def test_the_frame_keeps_the_contract_and_doubtful_rules_stay_unverified():
    frame = MEASURE.check(MEASURES.frame).set_index("measure_id")

    assert frame.loc["un-2371-coal", "from_at"] == pd.Timestamp("2017-08-05T04:00Z")
    assert frame.loc["cn-12-2017-suspension", "to_at"] == pd.Timestamp("2017-12-31T16:00Z")
    assert not frame.loc[frame.index.str.startswith("un-"), "verified"].any()
    assert set(frame.index[frame["verified"]]) == {
        "cn-75-2016-suspension", "cn-40-2017-ban", "cn-40-2017-no-clearance", "us-eo-13810-port-call",
    }  # fmt: skip
    assert [cap.tonnes for cap in MEASURES.entries["un-2321-coal-cap-2016"].caps] == [1_000_866]
    assert [cap.usd for cap in MEASURES.entries["un-2321-coal-cap-2017"].caps] == [400_870_018]


def test_documentary_claims_are_compared_with_the_measures():
    wrong_month = documentary_verdict(CLAIMS["dailynk-2021/C18"], MEASURES)
    wrong_debtor = documentary_verdict(CLAIMS["dailynk-2021/C03"], MEASURES)
    motive = documentary_verdict(CLAIMS["dailynk-2021/C21"], MEASURES)

    assert wrong_month[0] == "PARTLY_SUPPORTED"
    assert "adopted 2017-08-05, not in 2017-07" in wrong_month[1]
    assert "Rajin" in wrong_month[1]
    assert wrong_debtor[0] == "PARTLY_SUPPORTED"
    assert "the duty is on Member States, not on North Korea" in wrong_debtor[1]
    assert "the time allowed is 24 months" in wrong_debtor[1]
    assert motive[0] == "PARTLY_SUPPORTED"
    assert "politics" in motive[1]
    assert all("primary text was not seen" in verdict[1] for verdict in (wrong_month, wrong_debtor, motive))


@pytest.mark.parametrize(
    ("verified", "month", "verdict"),
    [(True, "2017-08", "SUPPORTED"), (True, "2017-07", "CONTRADICTED"), (False, "2017-08", "PARTLY_SUPPORTED"),
     (False, "2017-07", "WEAKENED")],
)  # fmt: skip
def test_a_text_that_was_not_seen_settles_nothing(tmp_path: Path, verified: bool, month: str, verdict: str):
    text = (SEEDS / "measures/un-2371-coal.yaml").read_text()
    measures = load_measures(written(tmp_path, text.replace("verified: false", f"verified: {str(verified).lower()}")))
    claim = CLAIMS["dailynk-2021/C18"]
    asserts = claim.documentary.asserts.model_copy(
        update={"adopted_month": month, "effect": None, "without_exemption": None}
    )
    claim = claim.model_copy(update={"documentary": claim.documentary.model_copy(update={"asserts": asserts})})

    assert documentary_verdict(claim, measures)[0] == verdict


def test_a_claim_about_no_measure_is_refused():
    with pytest.raises(InputError, match="C16: no documentary block"):
        documentary_verdict(CLAIMS["dailynk-2021/C16"], MEASURES)


def written(folder: Path, text: str) -> Path:
    """A folder of measures with this one file."""
    folder = folder / "seeds" / "measures"
    folder.mkdir(parents=True)
    (folder / "un-2371-coal.yaml").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "from: 2017-08-05T00:00-04:00",
            "from: 5 Aug 2017",
            'un-2371-coal.yaml:8: in_force.from is "5 Aug 2017"; expected time with zone, like 2017-08-05T00:00-04:00',
        ),
        ("from: 2017-08-05T00:00-04:00", "from: 2017-08-05", "un-2371-coal.yaml:8: in_force.from is"),
        ("to: null}", "to: 2016-01-01T00:00Z}", "un-2371-coal.yaml:8: in_force does not hang together; expected an"),
        ("effect: forbidden", "effect: banned", "un-2371-coal.yaml:4: effect is \"banned\"; expected 'forbidden'"),
        ("effect: forbidden", "effect: capped", "un-2371-coal.yaml:1: the file does not hang together; expected caps"),
        ("time_zone: America/New_York", "time_zone: New York", 'un-2371-coal.yaml:9: time_zone is "New York"'),
        ("duty_holder:", "debtor:", "un-2371-coal.yaml:10: debtor is not a known field"),
        ("verified: false\n", "", "un-2371-coal.yaml:1: verified is missing; expected a value"),
        ("origin_zone: [kp-rajin]", "zone: [kp-rajin]", "un-2371-coal.yaml:14: cases.0.when.zone is not a known field"),
        ("measure_id: un-2371-coal", "measure_id: un-2371", "un-2371-coal.yaml: measure_id is \"un-2371\"; expected"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_file_line_and_field(tmp_path: Path, old: str, new: str, message: str):
    text = (SEEDS / "measures/un-2371-coal.yaml").read_text()
    assert old in text

    with pytest.raises(InputError) as refused:
        load_measures(written(tmp_path, text.replace(old, new)))

    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_hash_follows_content_and_not_layout(tmp_path: Path):
    text = (SEEDS / "measures/un-2371-coal.yaml").read_text()

    same = load_measures(written(tmp_path / "a", "# a comment\n" + text)).hash
    assert load_measures(written(tmp_path / "b", text)).hash == same
    assert load_measures(written(tmp_path / "c", text.replace("prohibited to all", "closed to all"))).hash != same
