"""Events of the Global Fishing Watch API v3: pages of `POST /v3/events`, one JSON document a line.

Read as written, nothing derived: port visits, gaps, encounters and loitering in the units of the provider. Several
numbers come as text (`gap.distanceKm`, `gap.onPosition.lat`, `confidence`); a visit stands under `port_visit` or
`portVisit`. The API tells no IMO number of a ship; one that is there all the same counts if it can be one.
Shapes: GlobalFishingWatch/gfw-api-python-client (events models); no answer of the live server was at hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.contracts import BOUGHT_EVENT
from pipeline.errors import ContractError
from pipeline.imo import is_imo
from pipeline.sources.gfw_pages import LICENCE, PROVIDER, alpha2, entries, tells_vessels
from pipeline.sources.record import BoughtReading, Content, Head, Reading, Source

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
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
    "port": ("visit.intermediateAnchorage.name", "visit.startAnchorage.name", "visit.endAnchorage.name",
             "visit.intermediateAnchorage.topDestination", "visit.startAnchorage.topDestination"),
    "port_country": ("visit.intermediateAnchorage.flag", "visit.startAnchorage.flag", "visit.endAnchorage.flag"),
    "other_ship": ("encounter.vessel.id", "encounter.vessel.ssvid"),
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
    "anchorage_longitude": ("visit.intermediateAnchorage.lon", "visit.startAnchorage.lon", "visit.endAnchorage.lon"),
    "anchorage_latitude": ("visit.intermediateAnchorage.lat", "visit.startAnchorage.lat", "visit.endAnchorage.lat"),
    "other_mmsi": ("encounter.vessel.ssvid",),
    "distance_km": ("gap.distanceKm", "loitering.totalDistanceKm", "encounter.medianDistanceKilometers"),
    "speed_kn": ("gap.impliedSpeedKnots", "loitering.averageSpeedKnots", "encounter.medianSpeedKnots"),
    "hours": ("gap.durationHours", "loitering.totalTimeHours"),
    "off_longitude": ("gap.offPosition.lon",),
    "off_latitude": ("gap.offPosition.lat",),
    "on_longitude": ("gap.onPosition.lon",),
    "on_latitude": ("gap.onPosition.lat",),
}
_WHOLE = ("mmsi", "imo", "confidence", "other_mmsi")
_FLAGS = ("flag", "port_country", "other_flag")
_PLACES = ("", "anchorage_", "off_", "on_")


def _recognises(head: Head) -> bool:
    line = head.lines[0] if head.lines else ""  # a page may be longer than what is read of a file to recognise it
    return line.startswith("{") and ('"entries"' in line or '"nextOffset"' in line) and not tells_vessels(line)


def read_pages(content: Content, first_future: str) -> BoughtReading:
    """Read a file of pages.

    first_future  times from here on (ISO 8601, UTC) are rejected
    returns       every entry of every page as an event, a duplicate (its id came again in a later row of the file,
                  which counts) or a reject with its reason; a line that is no page is a reject
    """
    from pandas import DataFrame, Series

    found = list(entries(content.path))
    rows = DataFrame(
        {name: [_value(entry, paths) for entry, _ in found] for name, paths in (_TEXT | _TIMES | _NUMBERS).items()},
        dtype=object,
    )
    rows["switched_off"] = [_switched_off(entry) for entry, _ in found]
    events = _typed(rows)
    events["unreadable"] = Series([entry is None for entry, _ in found], dtype=bool)
    reason = _reasons(events, rows, first_future)
    repeated = (reason == "") & events.where(reason == "")["event_id"].duplicated(keep="last")
    kept = (reason == "") & ~repeated
    refused = reason != ""
    rejects = DataFrame({"line": range(1, len(found) + 1), "reason": reason, "raw": [raw for _, raw in found]})
    names = [name for name in BOUGHT_EVENT.names if name != "source_file_id"]
    return BoughtReading(
        events=events.loc[kept, names].reset_index(drop=True),
        rejects=rejects[refused].reset_index(drop=True),
        rows_read=len(found),
        duplicates=int(repeated.sum()),
    )


def _value(entry: dict[str, Any] | None, paths: tuple[str, ...]) -> Any:
    """What stands first at one of the paths; `visit` is the visit however it is written."""
    for path in paths if entry is not None else ():
        place: Any = entry
        for part in path.split("."):
            inside = place if isinstance(place, dict) else {}
            place = (inside.get("port_visit") or inside.get("portVisit")) if part == "visit" else inside.get(part)
        if isinstance(place, str):
            place = place.strip()
        if place is not None and place != "" and not isinstance(place, (dict, list, bool)):
            return place
    return None


def _switched_off(entry: dict[str, Any] | None) -> bool | None:
    gap = (entry or {}).get("gap")
    said = gap.get("intentionalDisabling") if isinstance(gap, dict) else None
    return {"true": True, "false": False}.get(str(said).lower())


def _typed(rows: DataFrame) -> DataFrame:
    """The values in the types of BOUGHT_EVENT; what is none of its type is null."""
    from pandas import to_datetime, to_numeric

    events = rows.assign(provider=PROVIDER)
    for name in _TEXT:
        events[name] = rows[name].map(str, na_action="ignore").astype("str")
    events["kind"] = events["kind"].str.lower()
    for name in _FLAGS:
        events[name] = events[name].str.upper().map(alpha2()).astype("str")
    for name in _TIMES:
        text = rows[name].where(rows[name].map(lambda value: isinstance(value, str)).astype(bool))
        events[name] = to_datetime(text, utc=True, errors="coerce", format="ISO8601").dt.as_unit("us")
    for name in _NUMBERS:
        sized = rows[name].map(lambda value: None if isinstance(value, int) and abs(value) > _BEYOND else value)
        events[name] = to_numeric(sized, errors="coerce").astype("float64")
        events[name] = events[name].where(events[name].abs() < _BEYOND)
    for name in _WHOLE:
        events[name] = events[name].where(events[name] % 1 == 0).astype("Int64")
    valid = [number for number in events["imo"].dropna().unique() if is_imo(int(number))]
    events["imo"] = events["imo"].where(events["imo"].isin(valid))
    events["switched_off"] = rows["switched_off"].astype("boolean")
    return events


def _reasons(events: DataFrame, rows: DataFrame, first_future: str) -> Series:
    """Why each row is rejected; empty if it is not. The first that holds."""
    from numpy import select
    from pandas import Series, Timestamp

    kind, began, ended = events["kind"], events["began_at"], events["ended_at"]
    future = Timestamp(first_future, tz="UTC")
    open_gap = (kind == "gap") & rows["ended_at"].isna()
    bad_place = Series(False, index=events.index)
    for prefix in _PLACES:
        bad_place |= _beyond(events, rows, prefix)
    placed = events["longitude"].notna() & events["latitude"].notna()
    fallen_silent = events["off_longitude"].notna() & events["off_latitude"].notna()
    unplaced = ~placed & ~((kind == "gap") & fallen_silent) & (kind != "port_visit")
    checks = {
        "unreadable": events["unreadable"],
        "no_event_id": events["event_id"].isna(),
        "unknown_event": ~kind.isin(KINDS),
        "no_vessel": rows["mmsi"].isna() | ((kind == "encounter") & rows["other_mmsi"].isna()),
        "bad_mmsi": ~_is_ship(events["mmsi"]) | ((kind == "encounter") & ~_is_ship(events["other_mmsi"])),
        "bad_time": began.isna() | (began < Timestamp(_FIRST_AIS, tz="UTC")) | (ended.isna() & ~open_gap),
        "future": (began >= future) | (ended >= future),
        "ends_before_start": ended < began,
        "bad_position": bad_place | unplaced,
        "bad_confidence": (kind == "port_visit") & ~events["confidence"].between(1, 4).fillna(False),
    }
    conditions = [check.fillna(False).astype(bool).to_numpy() for check in checks.values()]
    return Series(select(conditions, list(checks), default=""), index=events.index, dtype="str")


def _is_ship(mmsi: Series) -> Series:
    return mmsi.between(200_000_000, 799_999_999).fillna(False).astype(bool)


def _beyond(events: DataFrame, rows: DataFrame, prefix: str) -> Series:
    """Which positions are given but are none: no numbers, out of range, or 0, 0 exactly."""
    longitude, latitude = events[f"{prefix}longitude"], events[f"{prefix}latitude"]
    given = rows[f"{prefix}longitude"].notna() | rows[f"{prefix}latitude"].notna()
    sound = longitude.between(-180, 180) & latitude.between(-90, 90) & ~((longitude == 0) & (latitude == 0))
    return given & ~sound


def _no_positions(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base: str | None) -> Reading:
    raise ContractError(f"{content.name}: events hold no positions to read; report this file")


SOURCE = Source(
    name=PROVIDER,
    title="Global Fishing Watch events (pages of API v3, one a line)",
    licence=LICENCE,
    recognises=_recognises,
    read=_no_positions,
    read_bought=read_pages,
)
