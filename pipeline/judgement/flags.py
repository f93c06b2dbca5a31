"""Flags as lists word them, compared with the country of a ship's MMSI.

A flag is a state's; its maritime identification digits may be several, and those of a territory are under the flag of
the state that it belongs to. Words that name no country we know say nothing.
"""

from __future__ import annotations

import hashlib
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from pipeline.mid import assigned, hash_of_digits
from pipeline.resources import SEEDS

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_NAMES = SEEDS / "flag_names.csv"


def hash_of_flags() -> str:
    """Identifies what is known of flags: states' digits, and the words that lists use."""
    return hashlib.sha256(hash_of_digits().encode() + _NAMES.read_bytes()).hexdigest()[:16]


def country_of(words: str | None) -> str | None:
    """ISO 3166 alpha-2 country that words or an ISO 3166 code name; None where they name none that is known.

    A register in brackets, as in "Norway (NIS)", is of the state before them where the words say nothing as a whole.
    """
    if not isinstance(words, str):
        return None
    return _countries().get(_plain(words)) or _countries().get(_plain(words.partition("(")[0]))


def is_another(flag: str | None, country: str | None) -> bool:
    """Whether two countries (ISO 3166 alpha-2) are known and of different states: a territory's flag is its state's."""
    if not isinstance(flag, str) or not isinstance(country, str):
        return False
    return _state(flag) != _state(country)


def flags_told(entries: DataFrame, countries: Series) -> DataFrame:
    """Which ships lists know under another flag than that of their MMSI.

    entries    row (number of the ship), flag (as a list words it), said (which list, for sentences): of ships listed
               at the time
    countries  ISO 3166 alpha-2 country of each ship's MMSI, by number
    returns    by number of the ship: flag_told (ISO 3166 alpha-2), flag_told_said (words and list). A ship of which one
               list knows the flag of her MMSI has no row: flags change, and lists lag behind
    """
    told = entries.assign(flag_told=[country_of(words) for words in entries["flag"]]).dropna(subset=["flag_told"])
    mine = countries.reindex(told["row"])
    other = [is_another(flag, own) for flag, own in zip(told["flag_told"], mine, strict=True)]
    told = told.assign(other=other, flag_told_said=told["flag"].astype("str") + ", " + told["said"])
    told = told[told.groupby("row")["other"].transform("all")]
    return told.groupby("row").agg({"flag_told": "first", "flag_told_said": "; ".join})


def _state(country: str) -> str:
    return _states().get(country, country)


def _plain(words: str) -> str:
    """Words as they are compared: letters without accents, in small letters, without "the"."""
    letters = unicodedata.normalize("NFKD", words.replace("&", " and ")).casefold()
    kept = "".join(
        one if one.isalnum() else " " for one in letters if not unicodedata.combining(one) and one not in "'’"
    )
    return " ".join(word for word in kept.split() if word != "the")


@cache
def _countries() -> dict[str, str]:
    """Country by the words that name it."""
    from pandas import read_csv

    names = read_csv(_NAMES, comment="#", keep_default_na=False)
    found: dict[str, str] = {}
    for _, country, administration in assigned():
        own = administration.split(" - ")[0]  # after it the state that a territory belongs to
        short, _, form = own.partition(" (")
        form = form.partition(")")[0]
        for words in (own, short, f"{form} {short}", f"{short} {form}"):
            found.setdefault(_plain(words), country)
    for either in ("korea", "congo"):  # of two states
        del found[either]
    codes = read_csv(SEEDS / "iso3166.csv", comment="#", keep_default_na=False)
    codes = codes[codes["alpha2"].isin(set(found.values()))]  # of who has no digits, no MMSI can be
    for code in ("alpha2", "alpha3"):
        found |= {_plain(words): country for words, country in zip(codes[code], codes["alpha2"], strict=True)}
    return found | {_plain(name): country for country, name in zip(names["country"], names["name"], strict=True)}


@cache
def _states() -> dict[str, str]:
    """The state that each territory with digits of its own belongs to."""
    named = ((country, words.rsplit(" - ", 1)) for _, country, words in assigned())
    parts = [(country, state_of[-1]) for country, state_of in named if len(state_of) > 1]
    return {country: state for country, of in parts if (state := country_of(of)) and state != country}
