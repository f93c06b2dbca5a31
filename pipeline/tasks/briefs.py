"""Tasks that only read: what briefs say, with their pictures; equal bytes for equal data, whatever the clock says.

No brief names a ship that must not be named outside (`sign_off.withheld`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.errors import InputError
from pipeline.plain import Record, plain
from pipeline.tasks.one_alert import alert_page, alert_pictures, sources_in_words
from pipeline.tasks.one_claim import claim_page, claims_page
from pipeline.tasks.one_ship import ship_page
from pipeline.tasks.sign_off import withheld
from pipeline.tasks.warehouse_stamp import ask_filled
from pipeline.warehouse import ships

if TYPE_CHECKING:
    from pipeline.pack.drawings import Picture
    from pipeline.settings import Settings

WEEK = timedelta(days=7)
_MOST_TRACKS = 40
_YELLOW_SEA = [(119.0, 34.5), (126.5, 40.0)]
_DATA_TO = "select cast(max(day) as text) as day from coverage_day"
_NEW = (
    "select * from alert where withdrawn_at is null and known_at > :first and known_at <= :after"
    " order by score desc, began_at, alert_id"
)
_WITHDRAWN = (
    "select * from alert where withdrawn_at >= :first and withdrawn_at < :after order by withdrawn_at, alert_id"
)
_DECIDED = "select * from review where decided_at >= :first and decided_at < :after order by decided_at, review_id"
_WAITING = "select count(*) as waiting from alert_queue"
_HELD = "select * from held_back where cast(day as text) >= :first and cast(day as text) < :after order by day"
_OUTAGES = (
    "select * from reception_outage where from_at < :after and (to_at is null or to_at >= :first) order by from_at,"
    " reception_outage_id"
)
_HEARD = (
    "select zone.name, coverage_day.day, coverage_share from coverage_day join zone on zone.zone_id ="
    " coverage_day.zone_id where (zone.loads_coal or zone.kind = 'basin') and zone.country = 'KP'"
    " and cast(coverage_day.day as text) >= :first and cast(coverage_day.day as text) < :after order by zone.name, 2"
)
_TRACKS = (
    "select alert_track.* from alert_track join alert on alert.alert_id = alert_track.alert_id"
    " where alert.withdrawn_at is null {} order by alert.score desc, alert_track.alert_id, sequence"
)


def alert_brief(settings: Settings, alert_id: str) -> Record:
    """One alert: `page` (`one_alert.alert_page`), `pictures`, `rests_on`."""
    page = withheld(settings).hide(alert_page(settings, alert_id))
    return {"page": page, "pictures": alert_pictures(settings, page), "rests_on": sources_in_words(settings)}


def ship_brief(settings: Settings, key: str, as_of: datetime | None) -> Record:
    """One ship: `ship` (`one_ship.ship_page`), `pictures` (the maps of her standing alerts), `rests_on`.

    key     IMO number, MMSI, id of a hull or name, that means one ship that was heard
    raises  InputError if it means none or several, naming them
    """
    from pipeline.tasks.vessel import vessel_report

    heard = [one["vessel"] for one in vessel_report(settings, key) if one["vessel"]]
    if len(heard) != 1:
        found = ", ".join(f"{one['name'] or 'unnamed'} ({one['vessel_id']})" for one in heard[:8])
        raise InputError(
            f'"{key}" means {len(heard)} ships that were heard{": " + found if found else ""}; expected one: give her '
            "IMO number, MMSI or id"
        )
    ship = ship_page(settings, heard[0]["vessel_id"], as_of)
    standing = [one for one in ship["alerts"] if not one["withdrawn_at"]]
    pictures = [alert_pictures(settings, alert_page(settings, one["alert_id"]))[0] for one in standing[:3]]
    return {"ship": withheld(settings).hide(ship), "pictures": pictures, "rests_on": sources_in_words(settings)}


def claim_brief(settings: Settings, claim_id: str, as_of: datetime | None) -> Record:
    """One claim: `page` (`one_claim.claim_page`), `rests_on`.

    claim_id  its id, or its label where only one claim has it
    """
    known = [one["claim_id"] for article in claims_page(settings) for one in article["claims"]]
    named = [one for one in known if one == claim_id or one.rpartition("/")[2].upper() == claim_id.upper()]
    page = claim_page(settings, named[0] if len(named) == 1 else claim_id, as_of)
    return {"page": withheld(settings).hide(page), "rests_on": sources_in_words(settings)}


def claims_brief(settings: Settings, article_id: str | None, as_of: datetime | None) -> Record:
    """All claims of an article: `article` with its `claims`, `tested` and `untested` of them, `main` (that with most
    alerts and observations), `pictures` (one map of the alerts that bear on it), `rests_on`.

    article_id  None: of what was heard here, the latest: articles made up for demonstration with generated data only
    """
    articles = claims_page(settings, as_of)
    with ask_filled(settings, or_empty=True) as warehouse:
        synthetic = ships.is_synthetic(warehouse)
    fitting = [one for one in articles if article_id in (None, one["article_id"])]
    fitting = [one for one in fitting if article_id or bool(one["synthetic"]) == synthetic] or fitting
    if not fitting:
        known = ", ".join(one["article_id"] for one in articles)
        raise InputError(f'no article "{article_id}"; expected one of {known}')
    article = max(fitting, key=lambda one: (one["published_at"] or "", one["article_id"]))
    tested = [one for one in article["claims"] if any(w["verdict"] != "NOT_TESTABLE" for w in one["windows"])]
    untested = [one for one in article["claims"] if one not in tested]
    ids = ", ".join("'" + one["claim_id"].replace("'", "''") + "'" for one in tested) or "''"
    bearing = (
        f"and alert.alert_id in (select alert_id from alert_claim where relation <> 'context' and claim_id in ({ids}))"
    )
    title = "Alerts that bear on these claims"
    told = {"article": article, "tested": tested, "untested": untested, "main": max(tested, key=_weight, default=None)}
    return withheld(settings).hide(told) | {
        "pictures": _tracks_map(settings, bearing, title),
        "rests_on": sources_in_words(settings),
    }


def weekly_brief(settings: Settings, last: datetime | None) -> Record:
    """What became known in seven UTC days: `first`, `last`, `new`, `withdrawn`, `decided`, `held_back`, `outages`,
    `heard` (North Korean ports in which coal is loaded), `waiting`, `synthetic`, `pictures`, `rests_on`.

    last    the last of the days; None: the last day of the data. Withdrawals and decisions count by the wall clock
    raises  InputError where nothing has landed
    """
    with ask_filled(settings) as warehouse:
        end = warehouse.rows(_DATA_TO)[0]["day"]
        if last is None and end is None:
            raise InputError("no positions have landed; expected a last day: --week-to 2018-06-30")
        day = last or datetime.fromisoformat(str(end)[:10])
        first, after = day - WEEK + timedelta(days=1), day + timedelta(days=1)
        given = {"first": f"{first:%Y-%m-%d}", "after": f"{after:%Y-%m-%d}"}
        known = {"first": f"{first:%Y-%m-%d} 00:00:00", "after": f"{after:%Y-%m-%d} 00:00:00"}
        rows = {name: plain(warehouse.rows(sql, given)) for name, sql in (
            ("withdrawn", _WITHDRAWN), ("decided", _DECIDED), ("held_back", _HELD), ("outages", _OUTAGES),
        )}  # fmt: skip
        new = plain(warehouse.rows(_NEW, known))
        heard = plain(warehouse.rows(_HEARD, given))
        waiting = warehouse.rows(_WAITING)[0]["waiting"]
        synthetic = ships.is_synthetic(warehouse)
    of_week = ", ".join("'" + one["alert_id"] + "'" for one in new) or "''"
    title = f"Alerts that became known from {first:%Y-%m-%d} to {day:%Y-%m-%d}"
    hidden = withheld(settings)
    return hidden.hide(rows) | {
        "first": f"{first:%Y-%m-%d}",
        "last": f"{day:%Y-%m-%d}",
        "new": hidden.hide(new),
        "heard": _by_zone(heard),
        "waiting": waiting,
        "synthetic": synthetic,
        "pictures": _tracks_map(settings, f"and alert.alert_id in ({of_week})", title),
        "rests_on": sources_in_words(settings),
    }


def _weight(claim: Record) -> int:
    return sum(
        (one["alerts_for"] or 0) + (one["alerts_against"] or 0) + (one["observations_for"] or 0)
        + (one["observations_against"] or 0)
        for one in claim["windows"]
    )  # fmt: skip


def _by_zone(rows: list[Record]) -> list[Record]:
    found: dict[str, list[Record]] = {}
    for row in rows:
        found.setdefault(row["name"], []).append(row)
    return [
        {
            "name": name,
            "mean": sum(one["coverage_share"] for one in of_zone) / len(of_zone),
            "worst": min(one["coverage_share"] for one in of_zone),
            "worst_day": min(of_zone, key=lambda one: (one["coverage_share"], one["day"]))["day"],
        }
        for name, of_zone in found.items()
    ]


def _tracks_map(settings: Settings, which: str, title: str) -> list[Picture]:
    """One map of the tracks of some standing alerts, those that weigh most; else of the waters alone."""
    import shapely

    from geo.coast import ATTRIBUTION, land_within
    from pipeline.pack.drawings import Picture
    from pipeline.pack.report import drawn_with
    from pipeline.pictures.map import Shape, box_around, draw_map
    from pipeline.publish.notices import NOTE
    from pipeline.tasks.home import read_zones

    drawn_with()
    with ask_filled(settings, or_empty=True) as warehouse:
        rows = pd.DataFrame(plain(warehouse.rows(_TRACKS.format(which))))
    tracks: list[Any] = []
    if len(rows):
        rows["timestamp"] = pd.to_datetime(rows["timestamp"], utc=True, format="ISO8601")
        tracks = [one.reset_index(drop=True) for _, one in rows.groupby("alert_id", sort=False)][:_MOST_TRACKS]
    shown = pd.concat(tracks) if tracks else pd.DataFrame(_YELLOW_SEA, columns=["longitude", "latitude"])
    box = box_around(shown["longitude"].tolist(), shown["latitude"].tolist())
    zones = read_zones()
    seen = shapely.box(*box)
    told = zones.frame.set_index("zone_id")
    shapes = [
        Shape(outline, told["name"][zone_id], bool(told["loads_coal"][zone_id]))
        for zone_id, outline, margin in zip(zones.ids, zones.outlines, zones.is_margin, strict=True)
        if not margin and outline.area < 3.0 and outline.intersects(seen)
    ]
    none = pd.DataFrame({"timestamp": pd.to_datetime([], utc=True), "longitude": [], "latitude": [], "motion": []})
    foot = [f"{ATTRIBUTION}.", sources_in_words(settings), NOTE]
    title = title if tracks else f"{title}: none"
    svg = draw_map(box, none, land_within(seen), shapes, [], title=title, foot=foot, others=tracks)
    return [Picture("pictures/tracks-map.svg", f"{title}: {len(tracks)} tracks" if tracks else title, svg)]
