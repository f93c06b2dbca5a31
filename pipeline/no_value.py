"""What stands in a field where a value is not known, whichever format or list it comes from."""

from __future__ import annotations

import re
from functools import cache

# Lower case: of R, pandas, SQL and the publishers.
_WORDS = (
    "", "na", "n/a", "nan", "nil", "none", "null", "\\n", "unknown", "unknown value", "undefined", "default",
    "does not exist", "not assigned", "not available", "not defined", "not defined (default)", "not known",
)  # fmt: skip


@cache
def no_value_form(*, upper: bool = False) -> str:
    """A regular expression, of Python and of the engine alike, that such a text matches as a whole once it is trimmed
    and in lower case (or upper): nothing, hyphens, or a word for unknown."""
    return "|".join((*(re.escape(word.upper() if upper else word) for word in _WORDS), "-+"))


def no_value_or(value: object) -> str:
    """What a field says as text, trimmed; empty where it says that no value is known."""
    text = "" if value is None else str(value).strip()
    return "" if re.fullmatch(no_value_form(), text.lower()) else text
