"""Names of ships: how they are compared. A name is what a ship says of herself, and no identity."""

from __future__ import annotations

import re
import unicodedata

_PREFIX = re.compile(r"^(?:M ?[VT]|MERCHANT VESSEL|MOTOR (?:VESSEL|TANKER))(?: |$)")


def normal_name(name: str) -> str:
    """A name in capitals without accents, signs and a leading M/V or M/T; empty if nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    words = " ".join(re.findall(r"[A-Z0-9]+", plain))
    return _PREFIX.sub("", words).strip()


def compared_name(name: str) -> str:
    """A normal name without blanks, which are set at will."""
    return normal_name(name).replace(" ", "")


def figures_of(name: str) -> list[str]:
    """The numbers in a name; ships whose numbers differ are no namesakes."""
    return re.findall(r"\d+", name)
