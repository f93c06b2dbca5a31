"""Observations: what others documented, and which claims it bears on."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.contracts import OBSERVATION
from pipeline.errors import InputError
from pipeline.judgement.articles import load_articles
from pipeline.judgement.observations import load_observations
from pipeline.resources import SEEDS

OBSERVATIONS = load_observations()
ARTICLES = load_articles()
FRAME = OBSERVATIONS.frame.set_index("observation_id")
EMPTY_BERTH = "voa-nampo-2020-08-to-2021-02"


def bearing(claim: str, relation: str, window_id: str) -> set[str]:
    """Observations that overlap the window and bear on the claim that way."""
    spec = next(spec for spec in ARTICLES.specs if spec.claim_id == claim)
    window = next(window for window in spec.windows if window.window_id == window_id)
    overlapping = FRAME[(FRAME["from_at"] < window.to_at) & (FRAME["to_at"] > window.from_at)]
    related = OBSERVATIONS.relations.query("claim_id == @claim and relation == @relation")
    return set(related["observation_id"]) & set(overlapping.index)


def test_the_frame_keeps_the_contract():
    OBSERVATION.check(OBSERVATIONS.frame)
    assert (OBSERVATIONS.frame["from_at"] < OBSERVATIONS.frame["to_at"]).all()


def test_every_relation_is_of_a_claim_and_an_observation_that_are_there():
    relations = OBSERVATIONS.relations

    assert set(relations["claim_id"]) <= set(ARTICLES.claims["claim_id"])
    assert set(relations["observation_id"]) == set(FRAME.index)  # each observation bears on something
    assert relations["relation"].isin(["supports", "weakens", "context"]).all()
    assert not relations.duplicated(["observation_id", "claim_id"]).any()


def test_the_imagery_counts_are_as_documented():
    assert FRAME.loc[EMPTY_BERTH, ["quantity", "extent"]].tolist() == [0, "throughout"]
    assert FRAME.loc[EMPTY_BERTH, "to_at"] == pd.Timestamp("2021-02-08", tz="UTC")  # the last empty day is the 7th
    assert FRAME.loc["voa-nampo-2021-02-to-03", ["quantity", "extent"]].tolist() == [8, "somewhere"]
    assert FRAME.loc["voa-nampo-2021-02-to-03", "from_at"] == FRAME.loc[EMPTY_BERTH, "to_at"]
    assert FRAME.loc["panel-taean-2021-04", "quantity"] == 32


def test_in_its_own_window_the_nampo_claim_has_an_empty_berth_against_it_and_one_unverified_figure_for_it():
    assert bearing("dailynk-2021/C16", "weakens", "W0") == {EMPTY_BERTH}
    assert bearing("dailynk-2021/C16", "supports", "W0") == {"panel-2020-09-to-2021-08"}
    assert not FRAME.loc["panel-2020-09-to-2021-08", "verified"]
    assert FRAME.loc["panel-2020-09-to-2021-08", "extent"] == "somewhere"


def test_what_supports_the_nampo_claim_afterwards_is_ships_not_exports():
    supporting = bearing("dailynk-2021/C16", "supports", "Wpost")
    relations = OBSERVATIONS.relations.query("claim_id == 'dailynk-2021/C16'").set_index("observation_id")

    assert supporting == {"voa-nampo-2021-02-to-03", "panel-taean-2021-04", "panel-2020-09-to-2021-08"}
    assert not relations.loc[sorted(supporting), "direct"].any()


def test_nothing_published_before_the_article_supports_its_nampo_claim_in_its_own_window():
    published = FRAME.loc[sorted(bearing("dailynk-2021/C16", "supports", "W0")), "published_at"]
    assert (published > pd.Timestamp("2021-01-29", tz="UTC")).all()


@pytest.mark.parametrize("claim", ["dailynk-2021/C15", "dailynk-2021/C22"])
def test_customs_zeros_neither_support_nor_refute(claim: str):
    relation = OBSERVATIONS.relations.query("observation_id == 'china-customs-zero' and claim_id == @claim")
    assert relation["relation"].tolist() == ["context"]


def test_what_no_source_was_found_for_stays_unverified():
    untraced = FRAME["source"].str.contains("not traced")
    assert untraced.sum() >= 8
    assert not FRAME.loc[untraced, "verified"].any()


def written(folder: Path, text: str) -> Path:
    folder = folder / "seeds" / "observations"
    folder.mkdir(parents=True)
    (folder / f"{EMPTY_BERTH}.yaml").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "from: 2020-08-01",
            "from: Aug 2020",
            f'{EMPTY_BERTH}.yaml:5: from is "Aug 2020"; expected a day like 2021-01-29',
        ),
        ("to: 2021-02-08", "to: 2020-08-01", "expected an interval [from, to) whose end lies after its beginning"),
        ("unit: ships\n", "", "expected quantity and unit together, or neither"),
        ("relation: weakens", "relation: against", "bears_on.0.relation is \"against\"; expected 'supports'"),
        ("claim: dailynk-2021/C15", "claim: dailynk-2021/C16", "expected each claim once in bears_on"),
        (
            "claim: dailynk-2021/C15",
            "claim: C15",
            f'{EMPTY_BERTH}.yaml:19: bears_on.1.claim is "C15"; expected a claim_id',
        ),
        ("extent: throughout", "extent: always", f'{EMPTY_BERTH}.yaml:7: extent is "always"'),
        ("kind: imagery", "kind: rumour", f'{EMPTY_BERTH}.yaml:2: kind is "rumour"'),
    ],
)
def test_a_wrong_observation_is_refused_with_file_line_and_field(tmp_path: Path, old: str, new: str, message: str):
    text = (SEEDS / f"observations/{EMPTY_BERTH}.yaml").read_text()
    assert old in text

    with pytest.raises(InputError) as refused:
        load_observations(written(tmp_path, text.replace(old, new)))

    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
