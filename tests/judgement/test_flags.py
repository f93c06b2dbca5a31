"""Flags as lists word them, held against the country of an MMSI."""

import pandas as pd
import pytest

from pipeline.judgement.flags import country_of, flags_told, is_another
from pipeline.mid import flag_of


@pytest.mark.parametrize(
    ("words", "country"),
    [
        ("Democratic People's Republic of Korea", "KP"),
        ("Democratic People’s Republic of Korea", "KP"),
        ("DPRK", "KP"),
        ("Republic of Korea", "KR"),
        ("Russia", "RU"),
        ("Viet Nam", "VN"),
        ("Tanzania", "TZ"),
        ("Togo", "TG"),
        ("SIERRA LEONE", "SL"),
        ("St. Kitts & Nevis", "KN"),
        ("The Bahamas", "BS"),
        ("Union of Comoros", "KM"),
        ("Hong Kong", "HK"),
        ("Korea, North", "KP"),
        ("Korea, Democratic People's Republic of", "KP"),
        ("Korea, Republic of", "KR"),
        ("Korea", None),  # either of two states
        ("Congo", None),
        ("Congo, Democratic Republic of the", "CD"),
        ("Congo, Republic of the", "CG"),
        ("Saint Kitts", "KN"),
        ("Hong Kong SAR", "HK"),
        ("Taiwan, Province of China", "TW"),
        ("Isle of Man", "GB"),  # under the digits of its state
        ("Denmark (DIS)", "DK"),
        ("Norway (NIS)", "NO"),
        ("PRK", "KP"),
        ("pa", "PA"),
        ("IM", None),
        ("unknown", None),
        ("", None),
        (None, None),
    ],
)
def test_a_flag_is_known_by_the_words_that_lists_use(words, country):
    assert country_of(words) == country


@pytest.mark.parametrize(
    ("flag", "country", "another"),
    [
        ("KP", "SL", True),
        ("PA", "PA", False),  # whichever of Panama's dozen of digits it is
        ("CN", "HK", False),  # a territory's flag is its state's
        ("GB", "BM", False),
        ("KP", "KR", True),
        ("KP", None, False),
        (None, "SL", False),
    ],
)
def test_another_flag_is_that_of_another_state(flag, country, another):
    assert is_another(flag, country) is another


def told(*flags: str | None) -> list[str]:
    """What is said of a ship with a number of Sierra Leone that lists know under these flags."""
    entries = pd.DataFrame({"row": 0, "flag": list(flags), "said": [f"list-{n}" for n in range(len(flags))]})
    return flags_told(entries, pd.Series(["SL"]))["flag_told_said"].tolist()


def test_a_ship_that_one_list_knows_under_her_own_flag_has_changed_it_and_the_other_list_lags_behind():
    assert told("Mongolia", "Sierra Leone") == []
    assert told("Mongolia") == ["Mongolia, list-0"]
    assert told("Mongolia", "Panama") == ["Mongolia, list-0; Panama, list-1"]
    assert told("Mongolia", "SLE") == []
    assert told("Mongolia", None) == ["Mongolia, list-0"]
    assert told("unknown", None) == []


def test_digits_assigned_in_late_years_are_those_of_a_state():
    told = flag_of(pd.Series([374000001, 471000001, 550000001, 399000001])).astype("object")
    assert told.where(told.notna(), None).tolist() == ["PA", "AE", "TL", None]
