"""What is asked of a published file before it becomes an edition of its list, and what should be known of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.imo import told_why
from pipeline.judgement.listings import compare, standing
from pipeline.plain import records

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.judgement.listings import Edition

_SHOWN = 6  # unread fields that a warning quotes


def before_day(editions: Iterable[Edition], day: str) -> Edition | None:
    """The last edition before a day; None if there is none."""
    return next((one for one in reversed(standing(editions)) if one.published_on < day), None)


def day_of_edition(stated: date | None, given: date | None, name: str, title: str, now: datetime) -> str:
    """The day of an edition: what the file states, else what was given.

    raises  InputError if there is neither, if they differ, or if the day is to come
    """
    if stated and given and stated != given:
        raise InputError(f"{name}: states the day {stated}, and --published says {given}; leave --published out")
    day = stated or given
    if day is None:
        raise InputError(
            f"{name}: {title} states no day of publication; give it (--published 2024-05-31): the day on which the "
            "list said this, or on which you downloaded it"
        )
    if day > now.date():
        raise InputError(f"{name}: its day, {day}, is to come; expected the day of publication")
    return day.isoformat()


def refuse_shrunken(
    ships: int, before: Edition | None, least_share: float, name: str, *, title: str, about: str
) -> None:
    """Refuse a file that names no ship, or has lost most of those before.

    least_share  of the ships of the edition before, that must be left
    name         of the file
    title        of its form, in words; about: which ships a file of this form has, and which not
    raises       InputError, with what to do if it is right all the same
    """
    had = len(before.listed) if before else 0
    if ships and ships >= least_share * had:
        return
    summary = f"{name}: names {ships} ships" + (f", the edition of {before.published_on} {had}" if before else "")
    if ships or not about:
        raise InputError(
            f"{summary}: probably a wrong or incomplete file rather than a changed list; check it, and import it with "
            "--accept-shrunken if the list did shrink"
        )
    raise InputError(
        f"{summary}; {title}: {about}. To keep it as an edition without ships, import it with --accept-shrunken"
    )


def names_of(before: DataFrame | None, after: DataFrame) -> dict[str, str]:
    """Name and IMO number of each entry."""
    names = {}
    for frame in (before, after):
        for row in records(frame) if frame is not None else ():
            names[row["entry_id"]] = row["name"] + (f" (IMO {row['imo']})" if row["imo"] else "")
    return names


def warnings_of(
    listed: DataFrame,
    others: list[Edition],
    day: str,
    *,
    states_day: bool,
    tested: bool,
    unread: Sequence[str] = (),
    several: Sequence[str] = (),
) -> list[str]:
    """What should be known of a file that becomes an edition.

    listed      LISTED, as the file has it
    others      the editions at hand
    states_day  whether the file says of which day it is
    tested      whether its form was tested against a published file
    unread      what stood in place of IMO numbers and is none
    several     fields with more than one IMO number, of which one was taken
    """
    wrong = told_why(listed["imo"].dropna())
    unnumbered = int(listed["imo"].isna().sum())
    more = f", and {len(unread) - _SHOWN} more" if len(unread) > _SHOWN else ""
    said = {
        f"IMO {wrong}; kept as listed": wrong,
        f"IMO fields that give no number ({len(unread)}): {'; '.join(unread[:_SHOWN])}{more}": unread,
        "several IMO numbers in one field, the first that can be a ship's is taken: "
        f"{'; '.join(several[:_SHOWN])}": several,
        f"{unnumbered} without an IMO number: matched to no ship": unnumbered,
        "the importer of this form was written from documentation, not tested with a published file": not tested,
    }
    return [text for text, applies in said.items() if applies] + _beside(listed, others, day, states_day=states_day)


def _beside(listed: DataFrame, others: list[Edition], day: str, *, states_day: bool) -> list[str]:
    """What the editions at hand say of one of that day."""
    newest = max((one.published_on for one in others), default=day)
    found = []
    if newest > day:
        found.append(f"older than the edition of {newest}, which stays the newest: it records what the list said then")
    if rival := next((one for one in others if one.published_on == day and compare(one.listed, listed)), None):
        changes = compare(rival.listed, listed)
        differ = len(changes.added) + len(changes.changed) + len(changes.vanished)
        found.append(
            f"differs in {differ} ships from the edition of the same day that comes with coalwatch, and stands"
        )
    if not states_day and (before := before_day(others, day)):
        names = set(listed["entry_id"])
        same = [one.published_on for one in others if one.published_on < day and set(one.listed["entry_id"]) == names]
        if same and max(same) < before.published_on:
            found.append(
                f"names the ships of the edition of {max(same)}, and not those of {before.published_on}: if the file "
                "is that old, give its day (--published)"
            )
    return found
