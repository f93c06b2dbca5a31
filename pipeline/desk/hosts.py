"""Under which names an application on this machine answers: a name elsewhere may have been pointed here."""

from __future__ import annotations

import re

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def name_of(host: str) -> str:
    """A Host header without its port; empty for what is none."""
    found = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([^\[\]:/@\s]+))(?::\d{1,5})?", host)
    return (found[1] or found[2]).lower() if found else ""
