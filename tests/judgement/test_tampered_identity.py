"""Another number near a loading port: what a succession of numbers says, and what it does not."""

from functools import cache

import pandas as pd
import pytest

from geo.zones import load_zones
from pipeline.judgement.alerts import find_alerts
from pipeline.judgement.cases.events import Events
from tests.judgement.sea import another_imo, at, events, fleet, gap, hours, real_knowledge

FELL_SILENT = at("2020-12-10 00:00")


@cache
def knowledge():
    return real_knowledge(zones=load_zones().frame)


def renumbered(between: float = 2.0, *, silences=(), length_m=140.0) -> Events:
    """A ship first heard under another number so many hours after the one before fell silent.

    silences  of the number before
    """
    change = another_imo(
        FELL_SILENT + hours(between), kind="succession", field="mmsi", changed_after=FELL_SILENT, candidates=1,
        value_before="441000002 EVER GLORY", value_after="441000001", longitude=124.6, latitude=38.5,
        off_longitude=124.6, off_latitude=38.5, other_mmsi=441000002, other_vessel_id="ship-1",
        other_track_id="ship-1-1", distance_nm=2.0, hours=between,
    )  # fmt: skip
    new = events([], identity_changes=[change], length_m=length_m)
    old = events([], gaps=list(silences), mmsi=441000002)
    return fleet([new, old])


def succession(between: float, **given) -> tuple[str, dict[str, str], str]:
    """Grade, statements by role and headline of the alert that it raises."""
    found = find_alerts(renumbered(between, **given), knowledge(), synthetic=False)
    (alert,) = found.alerts[found.alerts["pattern_id"] == "tampered-identity"].to_dict("records")
    said = found.evidence[found.evidence["alert_id"] == alert["alert_id"]].set_index("role")["statement"]
    return alert["grade"], said.to_dict(), alert["headline"]


@pytest.mark.parametrize(("between", "silent"), [(2.0, False), (30.0, True)])
def test_a_number_changed_at_sea_is_a_silence_only_for_as_long_as_nobody_heard_the_ship(between, silent):
    """She was off the port until she fell silent; under the old number she is silent for ever after."""
    hers = gap(FELL_SILENT, 900, "heard_others", ended_at=None, hours=None)

    grade, said, _ = succession(between, silences=[hers])

    assert ("silent_off_loading_port" in said) is silent
    assert grade in ("weak", "moderate")  # no call, and nothing that a cargo causes


def test_a_silence_that_only_ended_off_the_port_is_not_said_to_have_begun_there():
    before = gap(at("2020-12-06 00:00"), 48, "heard_others", off_longitude=129.2, off_latitude=35.0)

    _, said, _ = succession(2.0, silences=[before])

    assert "until she was heard off" in said["silent_off_loading_port"]
    assert "when she was off" not in said["silent_off_loading_port"]


@pytest.mark.parametrize(("length_m", "sized"), [(140.0, True), (None, False)])
def test_one_size_is_said_only_of_a_number_that_reports_a_size(length_m, sized):
    _, said, headline = succession(2.0, length_m=length_m)

    assert ("of about the same size" in headline) is sized
    assert ("no_size_reported" in said) is not sized


def test_a_silence_long_before_is_no_tie():
    """Silences of a month before and after are those that count."""
    long_ago = gap(FELL_SILENT - pd.Timedelta(days=90), 48, "heard_others")

    assert "silent_off_loading_port" not in succession(2.0, silences=[long_ago])[1]
