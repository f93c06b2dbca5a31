"""Task: figures of providers (visits by month, reception of ships): whom to ask about, and into the warehouse."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from pipeline.contracts import PROVIDER_PORT_MONTH, PROVIDER_RECEPTION, Table
from pipeline.fetch.provider import ShipSpan
from pipeline.fetch.sources import load_sources
from pipeline.plain import Record

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.tasks.home import Home
    from pipeline.warehouse.store import Changes, Warehouse

_TABLES = (PROVIDER_PORT_MONTH, PROVIDER_RECEPTION)
_IN_ALERTS = (
    "select mmsi, imo, min(began_at) as began_at, max(ended_at) as ended_at from alert"
    " where withdrawn_at is null and not synthetic group by mmsi, imo"
)
_IDS = "select ship, mmsi, imo from vessel_particulars where provider = :provider"
_OF_EVENTS = (
    "select distinct ship, mmsi from provider_event where provider = ? and ship <> cast(mmsi as text) order by 1, 2"
)


def sync_figures(home: Home, warehouse: Warehouse) -> Changes:
    """Bring the figures of providers up to date, with their terms."""
    wrote = _sync(home, warehouse, _TABLES[0])
    return wrote + _sync(home, warehouse, _TABLES[1])


def _sync(home: Home, warehouse: Warehouse, table: Table) -> Changes:
    from pipeline.state.figures import read_figures

    bound = {
        spec.provider: spec.licence for spec in load_sources().values() if spec.figures and not spec.commercial_use
    }
    rows = read_figures(home.lake.catalog, home.lake.root, table)
    return warehouse.sync(table, table.conform(rows.assign(licence=rows["provider"].map(bound))))


def ships_in_alerts(settings: Settings, provider: str) -> list[ShipSpan]:
    """The ids under which a provider knows the ships of standing alerts, a span for each calendar year of these, in
    order; generated alerts are of no ship.

    An id is hers by her IMO number in the provider's particulars; without one, by her MMSI there or in its events.
    """
    from pipeline.tasks.home import Home
    from pipeline.tasks.warehouse_stamp import open_filled

    with open_filled(settings, or_empty=True) as warehouse:
        alerts = warehouse.rows(_IN_ALERTS)
        known = warehouse.rows(_IDS, {"provider": provider})
    if not alerts:
        return []
    home = Home(settings)
    known += [
        {"ship": ship, "mmsi": mmsi, "imo": None}
        for ship, mmsi in home.provider_events.catalog.execute(_OF_EVENTS, [provider])
    ]
    found = {
        (one["ship"], year): ShipSpan(one["ship"], alert["mmsi"], alert["imo"], date(year, 1, 1), date(year + 1, 1, 1))
        for alert in alerts
        for one in known
        if _is_hers(one, alert)
        for year in range(_year(alert["began_at"]), _year(alert["ended_at"]) + 1)
    }
    return [found[key] for key in sorted(found)]


def _is_hers(one: Record, alert: Record) -> bool:
    if alert["imo"] and one["imo"]:
        return bool(alert["imo"] == one["imo"])
    return bool(alert["mmsi"] == one["mmsi"])


def _year(moment: object) -> int:
    return int(str(moment)[:4])
