"""The real article's claims, and the file of the rules."""

from datetime import UTC, datetime
from functools import cache

import pandas as pd
import pytest

from pipeline.contracts import ALERT, ALERT_CLAIM, CLAIM_WINDOW, COVERAGE_DAY
from pipeline.errors import InputError
from pipeline.judgement.articles import load_articles
from pipeline.judgement.claims import judge_claims
from pipeline.judgement.observations import load_observations
from pipeline.judgement.verdicts import load_verdict_rules
from pipeline.resources import SEEDS
from tests.judgement.claims import measures, observations, rules
from tests.judgement.sea import ZONES

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
