"""Who ships are, as each source tells it: name, call sign, MMSI and IMO number side by side.

Sources are her own AIS reports, the particulars of providers, and every edition of every list.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from pipeline.judgement.listed import entry_of, names_of
from pipeline.names import normal_name
from pipeline.plain import Record

AIS = "AIS"


class Known(NamedTuple):
    """What a source (AIS, list ID or a provider) tells of who a ship is; None where it tells nothing.

    vessel_id  of hulls heard
    entry      of lists: ID and entry
    """

    source: str
    vessel_id: str | None
    imo: int | None
    mmsi: int | None
    name: str | None
    call_sign: str | None
    entry: str | None = None
    note: str | None = None


def known_names(told: Iterable[Record], history: Iterable[Record]) -> list[Known]:
    """Everything that sources tell of who ships are.

    told     source, vessel_id, imo, mmsi, name, call_sign of AIS and of the particulars of providers
    history  rows of WATCHLIST_HISTORY
    """
    return list(dict.fromkeys([*(Known(**row) for row in told), *listed_names(history)]))


def listed_names(history: Iterable[Record]) -> list[Known]:
    """What every edition of every list tells of who ships are; in the form of `known_names`."""
    told = (
        Known(
            f"list {one['watchlist_id']}", None, one["imo"], one["mmsi"], name, None,
            entry_of(one), one["note"],
        )
        for one in history
        for name in names_of(one)
        if name
    )  # fmt: skip
    return list(dict.fromkeys(told))


@cache
def comparable(name: str | None) -> str:
    """A name as it is compared; one without Latin letters or figures in small letters as it is."""
    if name is None:
        return ""
    return normal_name(name) or "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold()))
