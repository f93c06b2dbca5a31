"""IMO numbers: how a field is read as one, which number names a hull, and why one does not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from pipeline.no_value import no_value_form
from pipeline.remembered import from_files

# One rule for Python and for the engine's SQL, so only what both kinds of regular expression know. A number has seven
# digits and does not begin with 0 (IMO resolution A.1117(30)); people put IMO, a colon, a hyphen or "No." before it,
# tables a decimal point behind it.
_BLANK = "[\\s\u00a0\u2007\u202f\ufeff]"
_BEFORE = rf"(?i)^{_BLANK}*(?:imo(?:{_BLANK}|[:.#_-])*)?(?:no|nr|number)?(?:{_BLANK}|[.:#])*"
_AFTER = rf"(?:\.0*)?{_BLANK}*$"
_FORM = f"{_BEFORE}([1-9][0-9]{{6}}){_AFTER}"
_NONE = f"{_BEFORE}(?:0*|{no_value_form()}){_AFTER}"
_WIDE, _NARROW = "０１２３４５６７８９　：－．", "0123456789 :-."


def read_imo(text: object) -> int | None:
    """The IMO number that a field gives, whatever stands around its seven digits (`imo 9562233`, `IMO-9562233.0`);
    None where there are not just seven (8 digits are a European inland vessel number, 9 an MMSI)."""
    found = re.fullmatch(_FORM, _narrow(text), re.ASCII)
    return int(found.group(1)) if found else None


def gives_imo(text: object) -> bool:
    """Whether a field says anything in place of an IMO number: not empty, zeros, or a word for unknown. What it says
    may still be unreadable (`read_imo`)."""
    return text is not None and re.fullmatch(_NONE, _narrow(text), re.ASCII) is None


def read_imo_sql(column: str) -> str:
    """SQL of `read_imo` over a text column."""
    return f"try_cast(nullif(regexp_extract({_narrow_sql(column)}, '{_FORM}', 1), '') as integer)"


def gives_imo_sql(column: str) -> str:
    """SQL of `gives_imo` over a text column; false for null."""
    return f"coalesce(not regexp_matches({_narrow_sql(column)}, '{_NONE}'), false)"


def _narrow(text: object) -> str:
    return str(text).translate(str.maketrans(_WIDE, _NARROW))


def _narrow_sql(column: str) -> str:
    return f"translate({column}, '{_WIDE}', '{_NARROW}')"


def is_imo(number: int) -> bool:
    """Whether a number can be a ship's IMO number: seven digits, the first not zero, the last one right, and none that
    is known to be sent in place of a number (limits: identity.imo_placeholders)."""
    return why_no_imo(number) is None


def is_company_number(number: int) -> bool:
    """Whether seven digits hold the check digit of IMO's numbers for companies and registered owners, which is another
    than the ships': (11 - sum mod 11) mod 10 with weights 8, 6, 4, 2, 9, 7 (IMO Circular Letter 2554; all 15 companies
    in the EU's list of 2024 fulfil it)."""
    digits = [int(digit) for digit in str(number)]
    if len(digits) != 7:
        return False
    total = sum(digit * weight for digit, weight in zip(digits, (8, 6, 4, 2, 9, 7), strict=False))
    return (11 - total % 11) % 10 == digits[6]


@cache
def why_no_imo(number: int) -> str | None:
    """Why a number is no ship's IMO number; None if it can be one."""
    from stdnum import imo

    if number < 1_000_000 or not imo.is_valid(str(number)):
        return "check digit fails"
    return "placeholder, no ship's" if number in _placeholders() else None


def told_why(numbers: Iterable[int]) -> str:
    """Why numbers are no ships' IMO numbers, each reason once with its numbers in order; empty if all can be."""
    reasons: dict[str, list[int]] = {}
    for number in sorted(numbers):
        if why := why_no_imo(number):
            reasons.setdefault(why, []).append(number)
    return "; ".join(f"{why}: {', '.join(map(str, those))}" for why, those in sorted(reasons.items()))


@cache
def _placeholders() -> frozenset[int]:
    return frozenset(from_files("imo_placeholders", _read_placeholders))


def _read_placeholders() -> list[int]:
    from pipeline.limits import load_limits

    return list(load_limits().identity.imo_placeholders)
