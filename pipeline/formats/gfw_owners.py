"""Owners of a hull as reported by Global Fishing Watch's registries, each with its period.

The time is that of the messages under which the provider knew the owner: an owner until 2019 is not hers in 2026.
A record under an MMSI that none of the hull's own records has may be of another ship: it is shown, and names no owner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pipeline.formats.gfw_pages import alpha2
from pipeline.formats.gfw_values import LONG_AGO, Entry, mmsi, records, text, time

_FAR_AHEAD = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class _Owner:
    name: str
    country: str | None
    foreign_mmsi: int | None  # the MMSI of the record, where none of the hull's own records has it
    from_at: datetime | None
    to_at: datetime | None

    def __str__(self) -> str:
        country = f" ({self.country})" if self.country else ""
        foreign = f", under MMSI {self.foreign_mmsi}, which no record of hers has" if self.foreign_mmsi else ""
        return f"{self.name}{country}, {_day(self.from_at)} to {_day(self.to_at)}{foreign}"


def owners_of(hulls: Sequence[Entry], from_at: datetime | None, to_at: datetime | None) -> dict[str, Any]:
    """owner, owner_from_at, owner_to_at: the last one of the time from `from_at` to `to_at`; `owners`: all there are,
    the last first, as one text."""
    own = {mmsi(one.get("ssvid")) for hull in hulls for one in _own_records(hull)}
    owners = [_owner(one, own) for hull in hulls for one in records(hull, "registryOwners")]
    spans = _joined([one for one in owners if one.name])
    spans.sort(key=lambda one: (one.to_at or LONG_AGO, one.from_at or LONG_AGO, str(one)), reverse=True)
    then = (from_at or LONG_AGO, to_at or _FAR_AHEAD)
    hers = (one for one in spans if not one.foreign_mmsi)
    last = next((one for one in hers if _begin(one) <= then[1] and _end(one) >= then[0]), None)
    return {
        "owner": last and last.name,
        "owner_from_at": last and last.from_at,
        "owner_to_at": last and last.to_at,
        "owners": "; ".join(map(str, spans)) or None,
    }


def _own_records(hull: Entry) -> list[Entry]:
    return records(hull, "selfReportedInfo") + records(hull, "registryInfo")


def _owner(record: Entry, own: set[int | None]) -> _Owner:
    number = mmsi(record.get("ssvid"))
    return _Owner(
        name=text(record, "name"),
        country=alpha2().get(text(record, "flag").upper()),
        foreign_mmsi=None if number in own else number,
        from_at=time(record, "dateFrom"),
        to_at=time(record, "dateTo"),
    )


def _joined(owners: Sequence[_Owner]) -> list[_Owner]:
    """Times of one owner that overlap or touch as one; a hole between them stays."""
    spans: list[_Owner] = []
    for one in sorted(owners, key=lambda one: (one.name, one.country or "", one.foreign_mmsi or 0, _begin(one))):
        before = spans[-1] if spans else None
        if before and _who(before) == _who(one) and _begin(one) <= _end(before):
            spans[-1] = replace(before, to_at=max(before, one, key=_end).to_at)
        else:
            spans.append(one)
    return spans


def _who(owner: _Owner) -> tuple[object, ...]:
    return owner.name, owner.country, owner.foreign_mmsi


def _begin(owner: _Owner) -> datetime:
    return owner.from_at or LONG_AGO


def _end(owner: _Owner) -> datetime:
    return owner.to_at or _FAR_AHEAD


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "an unknown time"
