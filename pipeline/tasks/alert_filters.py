"""Alerts chosen by what they are about: a ship by any of her names, a claim, a pattern, a grade, a day."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.plain import Record

if TYPE_CHECKING:
    from pipeline.settings import Settings

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


def choose(settings: Settings, rows: Sequence[Record], wanted: AlertFilter) -> list[Record]:
    """The rows (of `alert` or `alert_queue`) that a filter lets pass, in their order.

    raises  InputError for an unknown pattern, claim or ship, naming those there are
    """
    if wanted.pattern:
        _known("pattern", wanted.pattern, _patterns())
    _known("grade", wanted.grade, GRADES)
    chosen = list(rows)
    if wanted.grade:
        chosen = [row for row in chosen if row["grade"] in wanted.grade]
    if wanted.pattern:
        chosen = [row for row in chosen if row["pattern_id"] in wanted.pattern]
    if wanted.since is not None:
        day = f"{wanted.since:%Y-%m-%d}"
        chosen = [row for row in chosen if (row["ended_at"] or row["began_at"])[:10] >= day]
    if wanted.claim:
        alerts = _bearing_on(settings, wanted.claim)
        chosen = [row for row in chosen if row["alert_id"] in alerts]
    if wanted.vessel is not None:
        hulls = _hulls(settings, wanted.vessel)
        chosen = [row for row in chosen if row["vessel_id"] in hulls]
    return chosen


def _patterns() -> list[str]:
    from pipeline.judgement.patterns import load_patterns

    return sorted(load_patterns().frame["pattern_id"])


def _known(what: str, given: Sequence[str], known: Collection[str]) -> None:
    for one in given:
        if one not in known:
            near = difflib.get_close_matches(one, known, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise InputError(f'no {what} "{one}"; {hint}expected one of {", ".join(known)}')


def _bearing_on(settings: Settings, claims: Sequence[str]) -> set[str]:
    """Alerts that bear on claims, whichever way."""
    from pipeline.tasks.warehouse_stamp import ask_filled

    with ask_filled(settings) as warehouse:
        every = warehouse.rows("select claim_id, label from claim order by claim_id")
        of_name = {one[name].upper(): one["claim_id"] for one in every for name in ("label", "claim_id")}
        if unknown := [one for one in claims if one.upper() not in of_name]:
            _known("claim", unknown, [one["label"] for one in every])
        wanted = {of_name[one.upper()] for one in claims}
        bearing = warehouse.rows("select alert_id, claim_id from alert_claim")
    return {row["alert_id"] for row in bearing if row["claim_id"] in wanted}


def _hulls(settings: Settings, key: str) -> set[str]:
    """Hulls that a key may mean, as `coalwatch vessel` finds them."""
    from pipeline.tasks.vessel import vessel_report

    return {ship["vessel"]["vessel_id"] for ship in vessel_report(settings, key) if ship["vessel"]}
