"""Alerts chosen by what they are about: a ship by any of her names, a claim, a pattern, a grade, a day."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.errors import InputError
from pipeline.plain import Record

GRADES = ("strong", "moderate", "weak")


@dataclass(frozen=True)
class AlertFilter:
    """What alerts must be about; everything given must hold, and of several values of one kind any.

    since   UTC day: what AIS reported ended on it or later
    grade   of GRADES
    pattern pattern_id
    vessel  as `coalwatch vessel` takes it
    claim   label, like C16, or claim_id
    """

    since: datetime | None = None
    grade: tuple[str, ...] = ()
    pattern: tuple[str, ...] = ()
    vessel: str | None = None
    claim: tuple[str, ...] = ()

    def in_words(self) -> str:
        """The filter as it was given, like `--grade strong --since 2018-06-01`; empty if nothing was."""
        pieces = [f"--since {self.since:%Y-%m-%d}"] if self.since else []
        pieces += [f"--{name} {one}" for name in ("grade", "pattern", "claim") for one in getattr(self, name)]
        return " ".join([*pieces, *([f"--vessel {self.vessel}"] if self.vessel is not None else [])])


def choose(
    rows: Sequence[Record],
    wanted: AlertFilter,
    *,
    on_claims: Collection[str] = (),
    hulls: Collection[str] = (),
) -> list[Record]:
    """The rows (of `alert` or `alert_queue`) that a filter lets pass, in their order.

    on_claims  alert_id of those that bear on the claims of the filter
    hulls      vessel_id of those that its ship may be
    """
    chosen = list(rows)
    if wanted.grade:
        chosen = [row for row in chosen if row["grade"] in wanted.grade]
    if wanted.pattern:
        chosen = [row for row in chosen if row["pattern_id"] in wanted.pattern]
    if wanted.since is not None:
        day = f"{wanted.since:%Y-%m-%d}"
        chosen = [row for row in chosen if (row["ended_at"] or row["began_at"])[:10] >= day]
    if wanted.claim:
        chosen = [row for row in chosen if row["alert_id"] in on_claims]
    if wanted.vessel is not None:
        chosen = [row for row in chosen if row["vessel_id"] in hulls]
    return chosen


def alerts_on(given: Sequence[str], claims: Sequence[Record], bearings: Sequence[Record]) -> set[str]:
    """Alerts that bear on claims, whichever way.

    given     labels, like C16, or claim_ids
    claims    claim_id and label of those there are
    bearings  alert_id, claim_id
    raises    InputError for an unknown claim, naming those there are
    """
    of_name = {one[name].upper(): one["claim_id"] for one in claims for name in ("label", "claim_id")}
    if unknown := [one for one in given if one.upper() not in of_name]:
        see_known("claim", unknown, [one["label"] for one in claims])
    wanted = {of_name[one.upper()] for one in given}
    return {row["alert_id"] for row in bearings if row["claim_id"] in wanted}


def see_known(what: str, given: Sequence[str], known: Collection[str]) -> None:
    """raises  InputError for a value that there is not, naming the nearest and all there are"""
    for one in given:
        if one not in known:
            near = difflib.get_close_matches(one, known, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise InputError(f'no {what} "{one}"; {hint}expected one of {", ".join(known)}')
