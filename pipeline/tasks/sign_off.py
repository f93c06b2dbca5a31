"""Task: ships that must not be named outside until an admin signs their alerts off, where `review.yaml` asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.publish.withheld import Withheld
from pipeline.settings import REVIEW_RULES
from pipeline.tasks.warehouse_stamp import ask_filled

if TYPE_CHECKING:
    from pipeline.settings import Settings

UNNAMED = f"ships that nobody signed off are not named in what was written ({REVIEW_RULES}, names_need_sign_off)"
_KNOWN_BY = ("name", "call_sign", "imo", "mmsi")


def sign_off(
    settings: Settings, alert_id: str, admin: str, now: datetime, *, granted: bool = True, note: str | None = None,
    evidence_hash: str | None = None,
) -> str:  # fmt: skip
    """Let the name of an alert's ship leave the home, or (`granted` false) no more; give the id of what was recorded.

    evidence_hash  of the alert as the admin saw it; None: as it is now
    raises         InputError for an unknown or withdrawn alert, other evidence, and where names need no sign-off
    """
    from pipeline.warehouse.sign_off import add_sign_off
    from pipeline.warehouse.store import open_warehouse

    if not _needed(settings):
        raise InputError(
            f"names of ships need no sign-off here; {REVIEW_RULES} of the home asks for it: names_need_sign_off"
        )
    ask_filled(settings).close()
    with open_warehouse(settings.database_url) as warehouse:
        return add_sign_off(warehouse, alert_id, admin, now, granted=granted, note=note, evidence_hash=evidence_hash)


def signed_off(settings: Settings, alert_id: str) -> bool | None:
    """Whether an alert is signed off with its evidence as it is now; None where names need no sign-off."""
    if not _needed(settings):
        return None
    from pipeline.warehouse.sign_off import is_signed_off

    with ask_filled(settings) as warehouse:
        return is_signed_off(warehouse, alert_id)


def withheld(settings: Settings) -> Withheld:
    """The ships that nothing that leaves this home may name; none where names need no sign-off."""
    if not _needed(settings):
        return Withheld({})
    from pipeline.warehouse.sign_off import not_signed_off

    with ask_filled(settings, or_empty=True) as warehouse:
        rows = not_signed_off(warehouse)
    return Withheld.of(
        (row["vessel_id"], [one for name in _KNOWN_BY for one in str(row[name] or "").split("|")]) for row in rows
    )


def see_named(settings: Settings, mmsis: Iterable[int]) -> None:
    """Refuse an evidence pack, which is nothing without its ships, while any of them must not be named outside.

    raises  InputError
    """
    hidden = withheld(settings).numbers
    if any(str(mmsi) in hidden for mmsi in mmsis):
        raise InputError(
            f"a pack names its ships, and some of these are not signed off ({REVIEW_RULES}, names_need_sign_off); an "
            "admin signs an alert off: coalwatch alerts sign-off ID"
        )


def _needed(settings: Settings) -> bool:
    if not (settings.home / REVIEW_RULES).is_file():
        return False  # most homes have none, and what reads it need not be loaded
    from pipeline.tasks.review_rules import rules_of

    return rules_of(settings).names_need_sign_off
