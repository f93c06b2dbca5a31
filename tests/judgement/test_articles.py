"""Articles: every claim is there, with its grades and how it is tested."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from pipeline.contracts import ARTICLE, CLAIM, ZONE
from pipeline.errors import InputError
from pipeline.judgement.articles import load_articles, select_zones
from pipeline.judgement.measures import load_measures
from pipeline.judgement.observations import load_observations
from pipeline.resources import ROOT, SEEDS

ARTICLES = load_articles()
REAL = [spec for spec in ARTICLES.specs if spec.article_id == "dailynk-2021"]
SPECS = {spec.claim_id: spec for spec in ARTICLES.specs}
TEXT = (SEEDS / "articles/dailynk-2021-coal-labour.yaml").read_text()


def utc(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def test_all_23_claims_are_there_with_class_and_grades():
    claims = CLAIM.check(ARTICLES.claims).query("article_id == 'dailynk-2021'")

    assert claims["label"].tolist() == [f"C{number:02d}" for number in range(1, 24)]
    classes = dict(zip(claims["label"], claims["testability"], strict=True))
    assert {label for label, kind in classes.items() if kind == "A"} == {"C10", "C15", "C16"}
    assert {label for label, kind in classes.items() if kind == "B"} == {"C04", "C12", "C19", "C22"}
    assert {label for label, kind in classes.items() if kind == "D"} == {"C03", "C18", "C21"}
    graded = claims.set_index("label")[["source_grade", "information_grade"]]
    assert graded.loc["C16"].tolist() == ["F", "6"]  # one anonymous source, until corroborated
    assert graded["source_grade"].isin(["C", "D", "F"]).all()


def test_the_article_says_how_well_its_date_is_known_and_what_is_wrong_in_it():
    article = ARTICLE.check(ARTICLES.articles).set_index("article_id").loc["dailynk-2021"]

    assert article["published_at"] == pd.Timestamp("2021-01-29", tz="UTC")
    assert article["published_at_precision"].startswith("estimated, 2021-01-22..2021-01-31")
    assert not article["synthetic"]
    assert "5 August 2017" in article["weaknesses"].splitlines()[0]


def test_windows_are_half_open_and_the_primary_one_ends_with_the_day_spoken_of():
    windows = {window.window_id: window for window in SPECS["dailynk-2021/C16"].windows}

    assert list(windows) == ["W0", "Wpre", "Wpost", "Wbase19", "Wbase-pre-ban"]
    assert (windows["W0"].from_at, windows["W0"].to_at) == (utc(2020, 10, 30), utc(2021, 1, 29))
    assert windows["Wpre"].to_at == windows["W0"].from_at
    assert windows["Wpost"].from_at == windows["W0"].to_at
    assert windows["Wpost"].role == "context"
    assert windows["Wbase-pre-ban"].to_at == utc(2017, 8, 5)


def test_a_claim_that_names_no_window_is_judged_for_the_primary_one():
    assert [window.role for window in SPECS["dailynk-2021/C02"].windows] == ["primary"]


def test_no_window_but_the_context_reaches_past_the_article():
    for spec in REAL:
        for window in spec.windows:
            assert window.role == "context" or window.to_at <= spec.published_at


def test_documentary_claims_speak_of_measures_that_are_there():
    measures = load_measures().entries
    documentary = [spec.documentary for spec in ARTICLES.specs if spec.documentary]

    assert len(documentary) >= 3
    assert all(claim.measure_id in measures for claim in documentary)


def test_what_silence_is_measured_against_has_a_source():
    expected = SPECS["dailynk-2021/C16"].expected_calls_per_month

    assert expected is not None
    assert expected.value == 6
    assert "VOA" in expected.source
    assert SPECS["dailynk-2021/C10"].expected_calls_per_month is None


def zones() -> pd.DataFrame:
    places = [
        ("kp-nampo", "Nampo", "KP", True, False), ("kp-nampo-coal", "Nampo", "KP", True, False),
        ("kp-wonsan", "wonsan", "KP", False, False), ("cn-dalian", "dalian", "CN", False, True),
        ("cn", None, "CN", False, False),
    ]  # fmt: skip
    frame = pd.DataFrame(places, columns=["zone_id", "port", "country", "loads_coal", "receives_coal"])
    rest = {name: None for name in ZONE.names if name not in frame}
    return frame.assign(**rest)


@pytest.mark.parametrize(
    ("selectors", "zone_ids"),
    [
        (["Nampo"], ["kp-nampo", "kp-nampo-coal"]),
        (["kp-nampo-coal"], ["kp-nampo-coal"]),
        (["KP:loads_coal", "Nampo"], ["kp-nampo", "kp-nampo-coal"]),
        (["CN:receives_coal"], ["cn-dalian"]),
        ([], []),
    ],
)
def test_zones_are_named_by_id_port_or_what_they_are_for(selectors: list[str], zone_ids: list[str]):
    assert select_zones(selectors, zones()) == zone_ids


@pytest.mark.parametrize("selector", ["kp-nowhere", "RU:receives_coal", "KP:coal"])
def test_a_selector_that_matches_nothing_is_refused(selector: str):
    with pytest.raises(InputError, match=f'zone selector "{selector}" matches no zone'):
        select_zones([selector], zones())


def mapped_zones() -> pd.DataFrame:
    """What the project's zone files say of each zone."""
    features = [
        feature["properties"]
        for path in sorted((ROOT / "geo/zones").glob("*.geojson"))
        for feature in json.loads(path.read_text())["features"]
    ]
    flags = ["loads_coal", "receives_coal"]
    return pd.DataFrame(features).pipe(lambda zones: zones.assign(**zones[flags].eq(True)))


def test_every_place_that_knowledge_names_is_a_zone_of_the_project():
    mapped = mapped_zones()
    exempted = {zone for m in load_measures().entries.values() for case in m.cases for zone in case.when.origin_zone}

    assert set(load_observations().frame["zone_id"].dropna()) | exempted <= set(mapped["zone_id"])
    for spec in REAL:
        for selectors in (spec.zones, spec.origins, spec.destinations):
            assert bool(select_zones(selectors, mapped)) == bool(selectors)


def written(folder: Path, *texts: str) -> Path:
    folder = folder / "seeds" / "articles"
    folder.mkdir(parents=True)
    for number, text in enumerate(texts):
        (folder / f"article-{number}.yaml").write_text(text)
    return folder


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  Wpre: {from: 2020-08-01", "  Wpre: {from: August 2020", 'windows.Wpre.from is "August 2020"; expected'),
        ("testability: B", "testability: X", "claims.3.testability is \"X\"; expected 'A', 'B', 'D' or 'N'"),
        ("source_grade: D", "source_grade: G", 'claims.0.source_grade is "G"'),
        ("information_grade: 6", "information_grade: 7", 'claims.0.information_grade is "7"'),
        ("    speaker: newspaper\n", "", "claims.0.speaker is missing"),
        ("        value: 22\n", "        value: -1\n", 'claims.14.test.expected_calls_per_month.value is "-1"'),
        ("      windows: [W0, Wclosure, Wbase19]", "      windows: [W0, W9]", "expected windows of the article; C10"),
        ("  - label: C02", "  - label: C01", "expected each claim label once; C01 is there twice"),
        ("role: before, note", "role: primary, note", "expected exactly one window with role primary"),
        ("    documentary:\n      measure_id: un", "    document:\n      measure_id: un", "claims.2.document is not a"),
    ],
)  # fmt: skip
def test_a_wrong_article_is_refused_with_file_line_and_field(tmp_path: Path, old: str, new: str, message: str):
    assert old in TEXT

    with pytest.raises(InputError) as refused:
        load_articles(written(tmp_path, TEXT.replace(old, new, 1)))

    assert re.match(r"seeds/articles/article-0\.yaml:\d+: ", str(refused.value))
    assert message in str(refused.value)


def test_the_error_names_the_line_of_the_field(tmp_path: Path):
    text = TEXT.replace("information_grade: 2", "information_grade: zwei", 1)

    with pytest.raises(InputError, match=rf"article-0\.yaml:{line_of(text, 'information_grade: zwei')}: "):
        load_articles(written(tmp_path, text))


def test_a_documentary_claim_needs_its_block_and_no_other_may_have_one(tmp_path: Path):
    text = TEXT.replace("testability: D", "testability: N", 1)

    with pytest.raises(InputError, match="expected a documentary block for testability D, and only there"):
        load_articles(written(tmp_path, text))


def test_the_same_article_twice_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="article_id dailynk-2021 is in two files"):
        load_articles(written(tmp_path, TEXT, TEXT))


def test_the_examples_of_the_handbook_are_valid(tmp_path: Path):
    handbook = (ROOT / "docs/knowledge.md").read_text()
    blocks = re.findall(r"```yaml\n(.*?)```", handbook, flags=re.S)
    measure, article, observation = (
        next(block for block in blocks if block.startswith(key))
        for key in ("measure_id:", "article_id:", "observation_id:")
    )
    for kind, name, text in (
        ("measures", "un-2371-coal", measure),
        ("articles", "example", article),
        ("observations", "voa-nampo-2020-08-to-2021-02", observation),
    ):
        folder = tmp_path / "seeds" / kind
        folder.mkdir(parents=True)
        (folder / f"{name}.yaml").write_text(text)

    assert len(load_measures(tmp_path / "seeds/measures").frame) == 1
    assert load_articles(tmp_path / "seeds/articles").specs[0].synthetic
    assert len(load_observations(tmp_path / "seeds/observations").relations) == 1
