"""Tasks that only read: one alert with all that is around it, for who looks at it on a map and along a line of time."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pipeline.plain import Record, plain
from pipeline.tasks.full_track import with_positions
from pipeline.tasks.sign_off import withheld
from pipeline.tasks.warehouse_stamp import ask_filled
from pipeline.warehouse import alerts
from pipeline.warehouse.around import Tables, around_alert

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.pack.drawings import Picture
    from pipeline.settings import Settings

MOST_DAYS = 8  # of positions of everyone that are read for one map
_EVERY = "20min"  # of who else was heard, one position each so often
_MOST_MOMENTS = 16  # of one silence
_OPEN_DAYS = 2  # for how long an open silence is drawn out: after that she can be almost anywhere
_DATA_TO = "select cast(max(day) as text) as day from coverage_day"
_NAMES = "select mmsi, name from vessel where mmsi in ({}) order by mmsi, to_at, vessel_id"
_VERDICTS = (
    "select claim_window.* from claim_window join alert_claim on alert_claim.claim_id = claim_window.claim_id"
    " where alert_claim.alert_id = :id and claim_window.from_at <= :ended and claim_window.to_at > :began"
    " order by claim_window.claim_id, claim_window.from_at"
)
_MEASURES = (
    "select * from measure where measure_id in (select measure_id from legal_assessment"
    " where subject_table = 'alert' and subject_id = :id) order by measure_id"
)


def alert_page(settings: Settings, alert_id: str) -> Record:
    """One alert as `reports.alert_report` gives it, and beside that `tables` (`warehouse.around`, her way with the
    positions between), `verdicts` (rows of CLAIM_WINDOW of its time, of the claims it bears on) and `measures` (MEASURE
    of its law).

    raises  InputError for an unknown alert, naming near ones
    """
    with ask_filled(settings) as warehouse:
        report = alerts.alert_in_full(warehouse, alert_id)
        alert = report["alert"]
        when = {"id": alert["alert_id"], "began": _text(alert["began_at"]), "ended": _text(alert["ended_at"])}
        return report | {
            "tables": with_positions(settings, warehouse, around_alert(warehouse, report), alert),
            "verdicts": plain(warehouse.rows(_VERDICTS, when)),
            "measures": plain(warehouse.rows(_MEASURES, {"id": alert["alert_id"]})),
        }


def alert_pictures(settings: Settings, page: Record, *, png: bool = False) -> list[Picture]:
    """The pictures of an alert: its map with the waters that silences allow, close-ups of both ends, its timeline. They
    name no ship that must not be named outside (`sign_off.withheld`).

    page    as `alert_page` gives it
    png     in print quality, instead of SVG
    raises  InputError where what draws them is not installed
    """
    from pipeline.pack.drawings import pictures_of
    from pipeline.pack.report import drawn_with
    from pipeline.pictures.canvas import as_png, as_svg
    from pipeline.tasks.home import read_zones

    drawn_with()
    page = withheld(settings).hide(page)
    areas = [one["area"] for one in possible_areas(page["tables"], page["alert"])]
    words = sources_in_words(settings)
    return pictures_of(page["tables"], page["alert"], read_zones(), words, areas, as_png if png else as_svg)


def sources_in_words(settings: Settings) -> str:
    """Where the positions of a home come from, in a sentence for the foot of a picture."""
    from pipeline.warehouse.exported import sources

    with ask_filled(settings, or_empty=True) as warehouse:
        files, last = sources(warehouse), warehouse.rows(_DATA_TO)[0]["day"]
    named = sorted({f"{row['source']} ({row['licence'] or 'no terms known'})" for row in files})
    kind = "Generated positions (SYNTHETIC)" if any(row["synthetic"] for row in files) else "Positions: AIS as received"
    if not named:
        return "No positions have landed: this rests on documents alone."
    return f"{kind}; files of {', '.join(named)}; data to {str(last)[:10] if last else 'no known day'}."


def possible_areas(tables: Tables, alert: Record) -> list[Record]:
    """For each silence around the time of an alert, the water that she can have been on in it.

    returns  `area` (polygons, degrees), `off` and `on` (longitude and latitude of its ends), `from_at`, `to_at`,
             `hours`, `way_nm`, `speed_kn` and `speed_from`: the speed is that of the possible call in it, where
             there is one; else that of a ship of this trade. Of a silence that goes on, its first days
    """
    from geo.detours import within_way
    from pipeline.limits import load_limits

    usual = load_limits().dark_call.usual_kn
    first, last = (datetime.fromisoformat(alert[name]) for name in ("began_at", "ended_at"))
    found = []
    for gap in tables["ais_gap"]:
        began = datetime.fromisoformat(gap["began_at"])
        ended = datetime.fromisoformat(gap["ended_at"]) if gap["ended_at"] else None
        if gap["mmsi"] != alert["mmsi"] or began > last or (ended or last) < first or gap["off_longitude"] is None:
            continue
        call = next((one for one in tables["dark_call"] if one["ais_gap_id"] == gap["ais_gap_id"]), None)
        speed_kn = max(call["speed_kn"] if call else usual, gap["implied_speed_kn"] or 0.0)
        hours = (ended - began).total_seconds() / 3600 if ended else 24.0 * _OPEN_DAYS
        off = (gap["off_longitude"], gap["off_latitude"])
        on = (gap["on_longitude"], gap["on_latitude"]) if ended else None
        way_nm = round(speed_kn * hours, 1)
        found.append({
            "area": within_way(off, on, way_nm), "off": off, "on": on, "from_at": gap["began_at"],
            "to_at": gap["ended_at"], "hours": hours, "way_nm": way_nm,
            "speed_kn": speed_kn, "speed_from": call["speed_from"] if call else "usual",
        })  # fmt: skip
    return found


def moments_of(silence: Record) -> list[Record]:
    """Where she can have been at some moments of a silence that ended (one of `possible_areas`): `at` (ISO, UTC) and
    `area`, at even distances of time."""
    from geo.detours import after_way

    if silence["on"] is None:
        return []
    began, hours = datetime.fromisoformat(silence["from_at"]), silence["hours"]
    count = max(1, min(_MOST_MOMENTS, round(hours / 2)))
    found = []
    for nth in range(count):
        share = (nth + 0.5) / count
        area = after_way(silence["off"], silence["on"], silence["way_nm"], share * silence["way_nm"])
        at = began + timedelta(hours=share * hours)
        found.append({"at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "area": area})
    return found


def heard_around(
    settings: Settings, mmsi: int, box: tuple[float, float, float, float], first: datetime, last: datetime
) -> Record:
    """Who else was heard in a box between two moments (UTC), of the days with positions in the lake, at most the first
    `MOST_DAYS`; one position of each ship every twenty minutes.

    box      west, south, east, north, degrees
    returns  `points` (mmsi, timestamp, longitude, latitude), `own` likewise of the ship herself, `names` (by MMSI),
             `days` (those read) and `of_days` (those that there are)
    """
    import pandas as pd

    from pipeline.lake.extract import Chosen, extract
    from pipeline.lake.lake import Lake

    lake = Lake(settings.home)
    with closing(lake), TemporaryDirectory(prefix="coalwatch-desk-") as spill:
        landed = sorted(lake.fixes_by_day())
        there = [day for day in landed if f"{first:%Y-%m-%d}" <= day <= f"{last:%Y-%m-%d}"]
        read = there[:MOST_DAYS]
        pieces: list[DataFrame] = []
        names = ["mmsi", "timestamp", "longitude", "latitude"]
        for _, table in extract(lake, read, Chosen(boxes=(box,)), _path(spill)):
            rows = table.select(names).to_pandas()
            rows = rows[rows["timestamp"].between(pd.Timestamp(first), pd.Timestamp(last))]
            pieces.append(rows.assign(mmsi=rows["mmsi"].astype("int64"), slot=rows["timestamp"].dt.floor(_EVERY)))
    rows = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=[*names, "slot"])
    thinned = rows.drop_duplicates(["mmsi", "slot"]).drop(columns="slot")
    others = thinned[thinned["mmsi"] != mmsi]
    told: dict[int, str] = {}
    with ask_filled(settings) as warehouse:
        for row in _named(warehouse, others["mmsi"].unique().tolist()):
            told[row["mmsi"]] = row["name"] or ""
    return {"points": others, "own": thinned[thinned["mmsi"] == mmsi], "names": told, "days": read, "of_days": there}


def _named(warehouse: Any, mmsis: list[int]) -> list[Record]:
    return plain(warehouse.rows(_NAMES.format(", ".join(map(str, map(int, mmsis)))))) if mmsis else []


def shown_hours(alert: Record, tables: Tables) -> tuple[datetime, datetime]:
    """From when to when a map of an alert shows who else was heard: its own time, and silences that touch it, with an
    hour before and after."""
    moments = [alert["began_at"], alert["ended_at"]]
    moments += [row["timestamp"] for row in tables["alert_track"]]
    hour = timedelta(hours=1)
    return datetime.fromisoformat(min(moments)) - hour, datetime.fromisoformat(max(moments)) + hour


def _text(moment: str) -> str:
    """A moment as a parameter that compares with what any of the databases keeps."""
    return moment.replace("T", " ").removesuffix("Z")


def _path(folder: str) -> Any:
    from pathlib import Path

    return Path(folder)
