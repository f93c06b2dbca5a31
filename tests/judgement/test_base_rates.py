"""Nampo's base rates, as imagery tells them, through the weighing: a year of 71 ships, half a year of none, eight in a
month, at 5 % reception, seen by radar and read off images of the same made-up truth."""

import numpy as np
import pandas as pd
import pytest

from pipeline.contracts import ALERT, ALERT_CLAIM, COVERAGE_DAY, OBSERVATION, RADAR_LOOK, READING
from pipeline.judgement.articles import Window, load_articles
from pipeline.judgement.claims import judge_claims
from pipeline.judgement.imagery import load_imagery
from pipeline.judgement.measures import load_measures
from pipeline.judgement.observations import Observations
from pipeline.judgement.radar import load_radar_weights
from pipeline.judgement.verdicts import load_verdict_rules
from tests.judgement.sea import ZONES

RECEPTION, CLOUD, FALSE_ECHO = 0.05, 0.4, 0.1
SEEDS = 6
# Ships at the coal berth (VOA's reading of Planet imagery): 2019; August 2020 to 7 February 2021; the month after.
TIMES = {
    "busy": ("2019-01-01", "2020-01-01", 71),
    "closed": ("2020-08-01", "2021-02-08", 0),
    "again": ("2021-02-08", "2021-03-08", 8),
}
WINDOWS = [
    Window(window_id=name, from_at=pd.Timestamp(a, tz="UTC"), to_at=pd.Timestamp(b, tz="UTC"), role="context")
    for name, (a, b, _) in TIMES.items()
]
C16 = next(spec for spec in load_articles().specs if spec.claim_id == "dailynk-2021/C16")
NO_RELATIONS = pd.DataFrame(columns=["observation_id", "claim_id", "relation", "direct", "reason"])


def truth(chance, name):
    """When ships waited off the barrage and lay at the berth: from, berthed, sailed."""
    first, last, ships = TIMES[name]
    begin, days = pd.Timestamp(first, tz="UTC"), (pd.Timestamp(last) - pd.Timestamp(first)).days
    berthed = begin + pd.to_timedelta(np.sort(chance.uniform(0, days - 1, ships)), unit="D")
    waited, lay = (pd.to_timedelta(chance.uniform(low, high, ships), unit="D") for low, high in ((1, 5), (1, 3)))
    return pd.DataFrame({"arrived": berthed - waited, "berthed": berthed, "sailed": berthed + lay})


def there(ships, moments, begin, end):
    return np.array([((ships[begin] <= at) & (at < ships[end])).sum() for at in moments])


def looks(chance, ships, name):
    first, last, _ = TIMES[name]
    at = pd.date_range(first, last, freq="6D", tz="UTC", inclusive="left") + pd.Timedelta(hours=9.5)
    waiting = there(ships, at, "arrived", "berthed")
    heard = chance.binomial(waiting, RECEPTION)
    stray = (chance.random(len(at)) < FALSE_ECHO).astype(int)
    counts = {"explained": heard, "unexplained": waiting - heard + stray, "cannot_tell": 0, "repeated": 0}
    rows = pd.DataFrame({"at": at, "known_at": at, "echoes": waiting + stray, **counts})
    ids = [f"{name}-{n}" for n in range(len(at))]
    return rows.assign(radar_pass_id=ids, zone_id="kp-nampo-anchorage", ships_heard=heard, ships_inside=heard)


def readings(chance, ships, name):
    first, last, _ = TIMES[name]
    at = pd.date_range(first, last, freq="D", tz="UTC", inclusive="left") + pd.Timedelta(hours=2)
    hidden = chance.random(len(at)) < CLOUD
    counted = pd.array(there(ships, at, "berthed", "sailed"), dtype="Int64")
    counted[hidden] = pd.NA
    frame = pd.DataFrame({"from_at": at, "ships_over_130m": counted, "visible": np.where(hidden, "no", "yes")})
    given = {"place": "kp-nampo-coal", "zone_id": "kp-nampo-coal", "sensor": "Planet", "read_by": "K. Han", "link": "-"}
    frame = frame.assign(**given, licence="-", to_at=at + pd.Timedelta(seconds=1), known_at=at)
    return frame.assign(reading_id=[f"{name}-{n}" for n in range(len(at))]).reindex(columns=READING.names)


def verdicts(seed, kinds=("radar", "imagery")):
    chance = np.random.default_rng(seed)
    of = {name: truth(chance, name) for name in TIMES}
    seen = RADAR_LOOK.conform(pd.concat([looks(chance, ships, name) for name, ships in of.items()]))
    read = READING.conform(pd.concat([readings(chance, ships, name) for name, ships in of.items()]))
    judged = judge_claims(
        [C16.model_copy(update={"windows": WINDOWS})], ALERT.empty(), ALERT_CLAIM.empty(),
        Observations(OBSERVATION.empty(), NO_RELATIONS, "-"), COVERAGE_DAY.empty(), ZONES, load_measures(),
        load_verdict_rules(), synthetic=False,
        looks=seen if "radar" in kinds else None, radar=load_radar_weights(),
        imagery=load_imagery(read) if "imagery" in kinds else None,
    )  # fmt: skip
    return dict(zip(judged["window_id"], judged["verdict"], strict=True))


@pytest.fixture(scope="module")
def found():
    return pd.DataFrame([verdicts(seed) for seed in range(SEEDS)])


def test_half_a_year_without_a_ship_weakens_the_claim_whatever_came_after(found):
    assert set(found["closed"]) == {"WEAKENED"}


def test_a_year_of_seventy_one_ships_supports_it_in_part(found):
    assert set(found["busy"]) == {"PARTLY_SUPPORTED"}


def test_eight_ships_in_a_month_support_it_in_part_and_never_weaken_it(found):
    assert (found["again"] == "PARTLY_SUPPORTED").mean() >= 0.8
    assert set(found["again"]) <= {"PARTLY_SUPPORTED", "INCONCLUSIVE_CONFLICT"}


def test_no_verdict_is_stronger_than_what_ships_without_names_can_carry(found):
    assert not found.isin(["SUPPORTED", "CONTRADICTED"]).any(axis=None)


def test_radar_alone_says_less(found):
    alone = pd.DataFrame([verdicts(seed, ("radar",)) for seed in range(2)])

    assert set(alone["closed"]) == {"WEAKENED"}
    assert not alone.isin(["SUPPORTED", "CONTRADICTED"]).any(axis=None)


def test_one_ship_read_off_an_image_is_no_ships():
    of = readings(np.random.default_rng(0), truth(np.random.default_rng(0), "closed"), "closed").head(2)
    read = READING.conform(of.assign(visible="yes", ships_over_130m=pd.array([1, 2], dtype="Int64")))

    one, two = load_imagery(read).observations()["statement"]

    assert "1 ship of 130 m and more" in one
    assert "2 ships of 130 m and more" in two
