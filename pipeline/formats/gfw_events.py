"""Events of the Global Fishing Watch API v3: pages of `POST /v3/events`, entries of them, or one entry.

Read as written, nothing derived: port visits, gaps, encounters and loitering in the units of the provider. Several
numbers come as text (`gap.distanceKm`, `gap.onPosition.lat`, `confidence`), and an open end as empty text; a visit
stands under `port_visit` or `portVisit`. The API gives no IMO number of a ship; one that is there all the same counts
if it can be one. An encounter is reported twice, once for each ship; a ship that sends a number of no ship (a buoy, a
net, nothing) is the other party, whichever side reports it.
Shapes: GlobalFishingWatch/gfw-api-python-client (events models), and recorded answers of 2026.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pipeline.contracts import PROVIDER_EVENT
from pipeline.errors import InputError
from pipeline.formats.gfw_anchorages import port_of
from pipeline.formats.gfw_pages import (
    LICENCE,
    PROVIDER,
    alpha2,
    another_answer,
    beginning_of,
    is_json,
    rows,
    tells_vessels,
)
from pipeline.formats.gfw_values import Entry, mmsi
from pipeline.formats.record import Content, EventsReading, Head, Source
from pipeline.imo import is_imo, read_imo

if TYPE_CHECKING:
    from pandas import DataFrame, Series

KINDS = ("port_visit", "gap", "encounter", "loitering")
_FIRST_AIS = "1998-01-01"
_BEYOND = 10**12  # no quantity here is as large; whole numbers of JSON may be larger than any float

# Column: the path of its value in an event; the first path that holds one counts.
_TEXT: dict[str, tuple[str, ...]] = {
    "event_id": ("id",),
    "kind": ("type",),
    "ship": ("vessel.id", "vessel.ssvid"),
    "name": ("vessel.name",),
    "flag": ("vessel.flag",),
    "ship_kind": ("vessel.type",),
    "port": ("place.port",),
    "port_country": ("place.port_country",),
    "entered_at": ("place.entered_at",),
    "left_at": ("place.left_at",),
    "other_ship": ("encounter.vessel.id", "encounter.vessel.ssvid"),
    "other_number": ("encounter.vessel.ssvid",),
    "other_name": ("encounter.vessel.name",),
    "other_flag": ("encounter.vessel.flag",),
    "encounter_kind": ("encounter.type",),
}  # fmt: skip
_TIMES = {"began_at": ("start",), "ended_at": ("end",)}
_NUMBERS: dict[str, tuple[str, ...]] = {
    "mmsi": ("vessel.ssvid",),
    "imo": ("vessel.imo",),
    "longitude": ("position.lon",),
    "latitude": ("position.lat",),
    "confidence": ("visit.confidence",),
    "visit_hours": ("visit.durationHrs",),
    "anchorage_longitude": ("place.anchorage_longitude",),
    "anchorage_latitude": ("place.anchorage_latitude",),
    "other_mmsi": ("encounter.vessel.ssvid",),
    "distance_km": ("gap.distanceKm", "loitering.totalDistanceKm", "encounter.medianDistanceKilometers"),
    "speed_kn": ("gap.impliedSpeedKnots", "loitering.averageSpeedKnots", "encounter.medianSpeedKnots"),
    "hours": ("gap.durationHours", "loitering.totalTimeHours"),
    "satellite_positions_per_day": ("gap.positionsPerDaySatReception",),
    "satellite_positions_before": ("gap.positions12HoursBeforeSat",),
    "off_longitude": ("gap.offPosition.lon",),
    "off_latitude": ("gap.offPosition.lat",),
    "on_longitude": ("gap.onPosition.lon",),
    "on_latitude": ("gap.onPosition.lat",),
}
_FLAGS = ("flag", "port_country", "other_flag")
_PLACES = ("anchorage_", "off_", "on_")  # besides the event's own: without one an event can do
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d", re.ASCII)


def _recognises(head: Head) -> bool:
    """Pages and entries of events; and whatever else the API answers, to say of it that it is not read."""
    beginning = "\n".join(head.lines)
    if not is_json(beginning) or tells_vessels(beginning):
        return False
    event = '"vessel"' in beginning and '"start"' in beginning and '"type"' in beginning
    return event or '"entries"' in beginning or '"nextOffset"' in beginning or another_answer(beginning) is not None


def read_pages(content: Content, first_future: str) -> EventsReading:
    """Read a file of pages.

    first_future  times from here on (ISO 8601, UTC) are rejected
    returns       every entry of every page as an event, a duplicate (its id came again in a later row of the file,
                  which counts) or a reject with its reason; a document that is no page and no entry is a reject
    raises        InputError for another answer of the same API, such as a report
    """
    from pandas import DataFrame, Series

    found = list(rows(content.path))
    if found and not any(row.entry and row.entry.get("type") for row in found):
        _refuse_another(content)
    entries = [_with_place(_turned(row.entry or {})) for row in found]
    sent = DataFrame(
        {name: [_value(entry, paths) for entry in entries] for name, paths in (_TEXT | _TIMES | _NUMBERS).items()},
        dtype=object,
    )
    sent["switched_off"] = [_switched_off(entry) for entry in entries]
    sent["dataset"] = Series([row.dataset for row in found], dtype=object)
    events = _typed(sent)
    events["unreadable"] = Series([row.entry is None for row in found], dtype=bool)
    reason = _reasons(events, sent, first_future)
    repeated = (reason == "") & events.where(reason == "")["event_id"].duplicated(keep="last")
    kept = (reason == "") & ~repeated
    refused = reason != ""
    rejects = DataFrame({"line": range(1, len(found) + 1), "reason": reason, "raw": [row.raw for row in found]})
    names = [name for name in PROVIDER_EVENT.names if name != "source_file_id"]
    return EventsReading(
        events=events.loc[kept, names].reset_index(drop=True),
        rejects=rejects[refused].reset_index(drop=True),
        rows_read=len(found),
        duplicates=int(repeated.sum()),
    )


def _refuse_another(content: Content) -> None:
    if what := another_answer(beginning_of(content.path)):
        raise InputError(
            f"{content.name}: {what} (Global Fishing Watch): neither events nor particulars of ships, not read here; "
            "expected pages of /v3/events (gfw) or of /v3/vessels (gfw_vessels); reports and figures are read as "
            "`coalwatch fetch` keeps them, with their question"
        )


def _turned(entry: Entry) -> Entry:
    """An encounter under the one of its two ships whose number is a ship's, if the other's is none."""
    met, vessel = entry.get("encounter"), entry.get("vessel")
    other = met.get("vessel") if isinstance(met, dict) else None
    if not (str(entry.get("type")).lower() == "encounter" and isinstance(vessel, dict) and isinstance(other, dict)):
        return entry
    if mmsi(vessel.get("ssvid")) or not mmsi(other.get("ssvid")):
        return entry
    return entry | {"vessel": other, "encounter": dict(met or {}, vessel=vessel)}


def _with_place(entry: Entry) -> Entry:
    visit = entry.get("port_visit") or entry.get("portVisit")
    return entry | {"visit": visit, "place": port_of(visit)} if isinstance(visit, dict) else entry


def _value(entry: Entry, paths: tuple[str, ...]) -> Any:
    """What stands first at one of the paths."""
    for path in paths:
        place: Any = entry
        for part in path.split("."):
            place = place.get(part) if isinstance(place, dict) else None
        if isinstance(place, str):
            place = place.strip()
        if place is not None and place != "" and not isinstance(place, (dict, list, bool)):
            return place
    return None


def _switched_off(entry: Entry) -> bool | None:
    gap = entry.get("gap")
    said = gap.get("intentionalDisabling") if isinstance(gap, dict) else None
    return {"true": True, "false": False}.get(str(said).lower())


def _typed(sent: DataFrame) -> DataFrame:
    """The values in the types of PROVIDER_EVENT; what is none of its type is null."""
    from pandas import Series, to_datetime, to_numeric

    events = sent.assign(provider=PROVIDER)
    for name in (*_TEXT, "dataset"):
        events[name] = sent[name].map(str, na_action="ignore").astype("str")
    events["kind"] = events["kind"].str.lower()
    for name in _FLAGS:
        events[name] = events[name].str.upper().map(alpha2()).astype("str")
    for name in _TIMES:
        text = sent[name].where(sent[name].map(lambda value: bool(_MOMENT.match(str(value)))).astype(bool))
        text = text.map(lambda value: value.replace(" UTC", "Z"), na_action="ignore")
        events[name] = to_datetime(text, utc=True, errors="coerce", format="ISO8601").dt.as_unit("us")
    for name in _NUMBERS:
        sized = sent[name].map(lambda value: None if isinstance(value, int) and abs(value) > _BEYOND else value)
        events[name] = to_numeric(sized, errors="coerce").astype("float64")
        events[name] = events[name].where(events[name].abs() < _BEYOND)
    events["confidence"] = events["confidence"].where(events["confidence"] % 1 == 0).astype("Int64")
    for name in ("mmsi", "other_mmsi"):
        events[name] = Series([mmsi(value) for value in sent[name]], index=sent.index, dtype="Int64")
    numbers = [read_imo(value) for value in sent["imo"]]
    events["imo"] = Series([n if n and is_imo(n) else None for n in numbers], index=sent.index, dtype="Int64")
    events["other_number"] = events["other_number"].where(events["other_mmsi"].isna())
    events["switched_off"] = sent["switched_off"].astype("boolean")
    for prefix in _PLACES:
        pair = [f"{prefix}longitude", f"{prefix}latitude"]
        events[pair] = events[pair].where(_sound(events, prefix))
    return events


def _reasons(events: DataFrame, sent: DataFrame, first_future: str) -> Series:
    """Why each row is rejected; empty if it is not. The first that holds."""
    from numpy import select
    from pandas import Series, Timestamp

    kind, began, ended = events["kind"], events["began_at"], events["ended_at"]
    future = Timestamp(first_future, tz="UTC")
    open_gap = (kind == "gap") & sent["ended_at"].isna()
    any_position = sent["longitude"].notna() | sent["latitude"].notna()
    placed = _sound(events, "")
    fallen_silent = (kind == "gap") & events["off_longitude"].notna()
    unplaced = ~placed & ~fallen_silent & (kind != "port_visit")
    met = kind == "encounter"
    alone = met & sent[["other_mmsi", "other_ship", "other_name"]].isna().all(axis=1)
    checks = {
        "unreadable": events["unreadable"],
        "no_event_id": events["event_id"].isna(),
        "unknown_event": ~kind.isin(KINDS),
        "no_vessel": sent["mmsi"].isna() | alone,
        "bad_mmsi": events["mmsi"].isna(),
        "bad_time": began.isna() | (began < Timestamp(_FIRST_AIS, tz="UTC")) | (ended.isna() & ~open_gap),
        "future": (began >= future) | (ended >= future),
        "ends_before_start": ended < began,
        "bad_position": (any_position & ~placed & ~fallen_silent) | unplaced,
        "bad_confidence": (kind == "port_visit") & ~events["confidence"].between(1, 4).fillna(False),
    }
    conditions = [check.fillna(False).astype(bool).to_numpy() for check in checks.values()]
    return Series(select(conditions, list(checks), default=""), index=events.index, dtype="str")


def _sound(events: DataFrame, prefix: str) -> Series:
    """Which positions are some: numbers in range, and not 0, 0 exactly."""
    longitude, latitude = events[f"{prefix}longitude"], events[f"{prefix}latitude"]
    return longitude.between(-180, 180) & latitude.between(-90, 90) & ~((longitude == 0) & (latitude == 0))


SOURCE = Source(
    name=PROVIDER,
    title="Global Fishing Watch events (pages of API v3)",
    licence=LICENCE,
    recognises=_recognises,
    version="2",
    read_events=read_pages,
    after=("gfw_vessels", "gfw_radar"),  # pages without entries; reports have entries too
)
