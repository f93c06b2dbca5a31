"""Files and sentences of evidence accuse nobody and give no chances; one that says what has no meaning is refused."""

import re
from pathlib import Path

import pytest
import yaml

from pipeline.errors import InputError
from pipeline.judgement.alerts import find_alerts
from pipeline.judgement.evidence import Weights, load_weights
from pipeline.resources import SEEDS
from tests.judgement.sea import (
    at,
    direct_call,
    events,
    fleet,
    gap,
    port_call,
    without_law,
)
from tests.judgement.test_evidence import KP_SHIP, LISTED, found

_REFUSED = re.compile(
    r"smuggl|\b(chances?|remote|(un)?likely|(im)?probabl[ey]|roughly even|(almost|nearly) certain(ly)?)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "path",
    [
        *sorted((SEEDS / "patterns").glob("*.yaml")),
        *sorted((SEEDS / "evidence").glob("*.yaml")),
        SEEDS / "grades.yaml",
        SEEDS / "verdicts.yaml",
    ],
)
def test_knowledge_files_accuse_nobody_and_give_no_chances(path):
    text = str(yaml.safe_load(path.read_text(encoding="utf-8")))

    assert not _REFUSED.findall(text)


def test_neither_do_the_sentences_made_of_them():
    calls, voyages = direct_call("2019-05-01", draught_before_m=4.0, draught_m=8.0)
    silence = gap(voyages[0]["departed_at"], 20, "heard_others")

    told = found(calls, voyages, [silence], **LISTED, **KP_SHIP)

    said = [
        *told.evidence["statement"],
        *told.alerts[["headline", "innocent_explanation", "missing_evidence"]].to_numpy()[0],
    ]
    for sentence in said:
        assert not _REFUSED.search(sentence)
        assert sentence.endswith(".")
        assert not re.search(r"\b(nan|NaT|None|<NA>)\b|\{|\}", sentence)
    assert "AIS-reported" in told.alerts.loc[0, "headline"]
    assert "consistent with" in told.alerts.loc[0, "headline"]


def test_what_is_not_known_reads_not_reported():
    told = found([port_call("cn-weihai", at("2020-12-10"))], **KP_SHIP, name=None)

    assert "where she came from is not AIS-reported" in told.alerts.loc[0, "headline"]
    assert told.alerts.loc[0, "headline"].startswith("A ship without reported name (MMSI 445000001)")


def evidence_with(folder: Path, found: str, put: str) -> Path:
    """A folder of evidence with one file, that of draughts, in which something stands for something else."""
    text = (SEEDS / "evidence" / "draught.yaml").read_text(encoding="utf-8")
    assert found in text
    (folder / "draught.yaml").write_text(text.replace(found, put, 1), encoding="utf-8")
    return folder


def test_a_role_that_names_an_unknown_column_is_refused_with_its_line(tmp_path):
    folder = evidence_with(tmp_path, "{origin_draught_out_m:.1f} m when she left or soon after.", "{depth_m} m.")

    with pytest.raises(InputError, match=r'draught\.yaml:\d+: draught_rose.*"depth_m" is none'):
        load_weights(folder)


def test_a_role_that_asks_nothing_is_refused(tmp_path):
    folder = evidence_with(tmp_path, "{origin_draught: {in: [rose]}}", "{origin_draught: {}}")

    with pytest.raises(InputError, match="expected one of in, not_in, at_least, below or known"):
        load_weights(folder)


def test_a_role_in_two_files_is_refused(tmp_path):
    folder = evidence_with(tmp_path, "draught_rose:", "draught_rose:")
    (folder / "again.yaml").write_text((folder / "draught.yaml").read_text(encoding="utf-8"), encoding="utf-8")

    with pytest.raises(InputError, match=r"draught\.yaml: \w+ stands in another file of its folder already"):
        load_weights(folder)


def test_every_role_has_a_reason_and_every_sign_is_used():
    weights: Weights = load_weights()

    assert all(role.reason for role in weights.roles.values())
    assert {-1, 0, 1} == {(role.weight > 0) - (role.weight < 0) for role in weights.roles.values()}


def test_a_piece_of_evidence_reads_the_same_whatever_other_ships_are_judged_with_it():
    calls, voyages = direct_call()
    calls[0]["confidence"] = 2
    silent = events(calls, voyages, [gap(voyages[0]["departed_at"], 14, "heard_others")])
    heard_throughout = events(*direct_call("2020-12-20"))

    alone, beside = (
        find_alerts(fleet(ships), without_law(), synthetic=False).evidence
        for ships in ([silent], [silent, heard_throughout])
    )

    merged = alone.merge(beside, on=["alert_id", "role"], suffixes=("", "_beside"))
    assert len(merged) == len(alone)
    assert (merged["statement"] == merged["statement_beside"]).all()
    assert "while others were heard there in 15 of 20 hours tested" in " ".join(alone["statement"])
    assert "has confidence 2 of 4" in " ".join(alone["statement"])
