"""Made-up ships as Global Fishing Watch would tell of them, in pages of its events API."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.origin import write_origin
from pipeline.tasks.land import ingest
from pipeline.warehouse.store import open_for_reading
from tests.tasks.world import CLOCK, Installation, place

MMSI = 351990002  # a ship of tests/tasks/world.py
FIRST, LATER, AGAIN = (datetime(2025, month, 1, tzinfo=UTC) for month in (1, 2, 3))  # when files were fetched


class Home(Installation):
    """An installation that lands pages of events too."""

    def land_events(self, *paths: Path, **options: Any) -> list[dict[str, Any]]:
        quiet = {"progress": lambda line: None}
        return ingest(self.settings, paths, "gfw", now=CLOCK, synthetic=True, **quiet, **options)

    def query(self, sql: str) -> pd.DataFrame:
        with open_for_reading(self.settings.database_url) as warehouse:
            return warehouse.query(sql)


def point(zone_id: str) -> dict[str, float]:
    """A point inside a zone, as a position of the API."""
    longitude, latitude = place(zone_id)
    return {"lat": latitude, "lon": longitude}


def vessel(mmsi: int = MMSI, name: str = "DEMO COAL", **more: Any) -> dict[str, Any]:
    """A ship of an event."""
    return {"id": f"ship-{mmsi}", "name": name, "ssvid": str(mmsi), "flag": "PAN", "type": "cargo"} | more


def event(kind: str, number: str, start: str, end: str | None, at: dict[str, float], **more: Any) -> dict[str, Any]:
    """What all events have in common; times like 2020-12-03T06:00."""
    times = {"start": f"{start}:00.000Z", "end": end and f"{end}:00.000Z"}
    regions = {"eez": ["8351"], "majorFao": ["61"]}
    return {"id": number, "type": kind, **times, "position": at, "regions": regions, "vessel": vessel()} | more


def visit(
    number: str, zone_id: str, start: str, end: str, label: str = "NAMPO", flag: str = "PRK", **more: Any
) -> dict[str, Any]:
    """A port visit at a zone."""
    anchorage = {
        "anchorageId": "35b",
        "atDock": True,
        "flag": flag,
        "id": label.lower(),
        "name": label,
        **point(zone_id),
    }
    told = {"visitId": number, "confidence": "4", "durationHrs": 48.5, "intermediateAnchorage": anchorage}
    told |= {"startAnchorage": anchorage, "endAnchorage": anchorage}
    return event("port_visit", number, start, end, point(zone_id), **({"port_visit": told} | more))


def coal_voyage(vessel: dict[str, Any] | None = None, prefix: str = "v") -> list[dict[str, Any]]:
    """Two days at the coal berth of Nampo, two days at sea, three at Longkou."""
    more = {"vessel": vessel} if vessel else {}
    return [
        visit(f"{prefix}1", "kp-nampo-coal", "2020-12-03T06:00", "2020-12-05T08:00", **more),
        visit(f"{prefix}2", "cn-longkou", "2020-12-07T01:00", "2020-12-10T12:00", "YANTAI", "CHN", **more),
    ]


def domestic_voyage(vessel: dict[str, Any] | None = None, prefix: str = "d") -> list[dict[str, Any]]:
    """The same ship from the same berth to another port of North Korea."""
    more = {"vessel": vessel} if vessel else {}
    return [
        visit(f"{prefix}1", "kp-nampo-coal", "2020-12-03T06:00", "2020-12-05T08:00", **more),
        visit(f"{prefix}2", "kp-haeju", "2020-12-07T01:00", "2020-12-10T12:00", "HAEJU", **more),
    ]


def june_voyage(mmsi: int = MMSI) -> list[dict[str, Any]]:
    """From Nampo to Longkou in the days of tests/tasks/world.py, as its coal ship sailed."""
    more = {"vessel": vessel(mmsi)}
    return [
        visit(f"{mmsi}-1", "kp-nampo-coal", "2018-06-01T04:00", "2018-06-02T13:00", **more),
        visit(f"{mmsi}-2", "cn-longkou", "2018-06-03T13:00", "2018-06-05T20:00", "YANTAI", "CHN", **more),
    ]


def gap(number: str, start: str, end: str | None, **more: Any) -> dict[str, Any]:
    """A gap off Nampo, with numbers as text where the API has them so."""
    told = {
        "intentionalDisabling": True, "distanceKm": "92.6", "durationHours": 14.25, "impliedSpeedKnots": "3.5",
        "positions12HoursBeforeSat": "22", "positionsPerDaySatReception": 87.5,
        "offPosition": {"lat": 38.2, "lon": 124.2}, "onPosition": {"lat": "38.0", "lon": "123.2"},
    }  # fmt: skip
    return event("gap", number, start, end, {"lat": 38.2, "lon": 124.2}, gap=told | more)


def encounter(number: str, other: dict[str, Any], start: str, end: str, **more: Any) -> dict[str, Any]:
    """Two ships side by side at sea."""
    told = {"vessel": other, "medianDistanceKilometers": 0.2, "medianSpeedKnots": 0.4, "type": "BUNKER-CARRIER"}
    return event("encounter", number, start, end, {"lat": 38.1, "lon": 123.0}, **({"encounter": told} | more))


def loitering(number: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    """A ship that drifts."""
    told = {"totalTimeHours": 7.5, "totalDistanceKm": 18.52, "averageSpeedKnots": 1.3}
    return event("loitering", number, start, end, {"lat": 38.1, "lon": 123.0}, **({"loitering": told} | more))


def page(entries: list[Any], total: int | None = None, offset: int = 0, following: int | None = None) -> dict[str, Any]:
    """A page of a listing."""
    whole = len(entries) if total is None else total
    return {"total": whole, "limit": 1000, "offset": offset, "nextOffset": following, "entries": entries}


def write_pages(path: Path, *pages: list[Any], fetched_at: datetime | None = None) -> Path:
    """A landing file: a page a line, with its origin if it was fetched."""
    path.write_text("".join(json.dumps(page(entries)) + "\n" for entries in pages), encoding="utf-8")
    if fetched_at is not None:
        write_origin(path, "https://gateway.api.globalfishingwatch.org/v3/events", fetched_at)
    return path


# ----------------------------------------------------------- particulars: made up, in the documented shape


def identity(mmsi: int = MMSI, name: str = "DEMO COAL", **more: Any) -> dict[str, Any]:
    """What a ship transmits of herself, as the vessels API tells it; `imo` is null where she sends none."""
    return {
        "id": f"ship-{mmsi}", "ssvid": str(mmsi), "shipname": name, "nShipname": name.replace(" ", ""), "flag": "PAN",
        "callsign": "3EDM", "imo": None, "messagesCounter": 1103, "positionsCounter": 430, "sourceCode": ["AIS"],
        "matchFields": "SEVERAL_FIELDS", "transmissionDateFrom": "2019-04-06T13:12:43Z",
        "transmissionDateTo": "2020-12-20T08:00:00Z",
    } | more  # fmt: skip


def registered(imo: object = None, **more: Any) -> dict[str, Any]:
    """What a registry holds of a ship, as the vessels API tells it; `imo` is text there."""
    return {
        "id": "registry-1", "sourceCode": ["IMO", "TMT"], "ssvid": str(MMSI), "flag": "PAN", "shipname": "DEMOCOAL",
        "nShipname": "DEMOCOAL", "callsign": "3EDM", "imo": None if imo is None else str(imo),
        "latestVesselInfo": True, "transmissionDateFrom": "2019-04-06T13:12:43Z",
        "transmissionDateTo": "2020-12-20T08:00:00Z", "geartypes": ["OTHER"], "lengthM": 119.5, "tonnageGt": 6390,
        "vesselInfoReference": "reference-1", "extraFields": [{"registrySource": "IMO", "builtYear": 1987}],
    } | more  # fmt: skip


def hull(
    *identities: dict[str, Any], registry: list[dict[str, Any]] | tuple[()] = (), owner: str | None = None, **more: Any
) -> dict[str, Any]:
    """An entry of the vessels API: what the provider takes for one hull."""
    ids = [one["id"] for one in identities]
    kinds = [{"name": "CARGO", "source": "COMBINATION_OF_REGISTRY_AND_AIS_INFERRED_NN_INFO", "yearFrom": 2019,
              "yearTo": 2020}]  # fmt: skip
    owners = [{"name": owner, "flag": "HKG", "ssvid": str(MMSI), "sourceCode": ["IMO"],
               "dateFrom": "2019-04-06T00:00:00Z", "dateTo": "2020-12-20T00:00:00Z"}]  # fmt: skip
    return {
        "dataset": "public-global-vessel-identity:v4.0",
        "registryInfoTotalRecords": len(registry),
        "registryInfo": list(registry),
        "registryOwners": owners if owner else [],
        "registryPublicAuthorizations": [],
        "combinedSourcesInfo": [{"vesselId": ship, "geartypes": [], "shiptypes": kinds} for ship in ids],
        "selfReportedInfo": list(identities),
    } | more


def ships_page(entries: list[Any]) -> dict[str, Any]:
    """An answer of the vessels API to a request for ids."""
    found = [one["id"] for entry in entries if isinstance(entry, dict) for one in entry.get("selfReportedInfo") or ()]
    return {"metadata": {"idsFound": found, "idsNotFound": []}, "entries": entries}


def write_ships(path: Path, *pages: list[Any], fetched_at: datetime | None = None) -> Path:
    """A landing file of particulars: an answer a line, with its origin if it was fetched."""
    path.write_text("".join(json.dumps(ships_page(entries)) + "\n" for entries in pages), encoding="utf-8")
    if fetched_at is not None:
        write_origin(path, "https://gateway.api.globalfishingwatch.org/v3/vessels", fetched_at)
    return path
