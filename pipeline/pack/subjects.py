"""What a pack is about: from an alert, a claim's window or a ship to the alerts, ships, zones and days shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd
from pandas import DataFrame
from sqlalchemy import and_

from pipeline import contracts as c
from pipeline.errors import InputError
from pipeline.pack.tables import Subject
from pipeline.warehouse.alert_ids import find_alert, known_alerts
from pipeline.warehouse.models import model
from pipeline.warehouse.scope import Among, Where
from pipeline.warehouse.store import Warehouse

_ROOM = pd.Timedelta(days=1)  # before and after, so that the silence or call that an alert begins in is whole


def of_alert(warehouse: Warehouse, given: str) -> Subject:
    """One standing alert.

    given   its id, or a beginning that no other alert has
    raises  InputError for an unknown or withdrawn alert, naming others
    """
    alert_id = find_alert(warehouse, given)
    alert = warehouse.read(c.ALERT, Among("alert_id", [alert_id])).iloc[0]
    if pd.notna(alert["withdrawn_at"]):
        took = warehouse.read(c.ALERT_SUCCESSION, Among("alert_id", [alert_id]))["successor_alert_id"].tolist()
        instead = f"pack {' or '.join(sorted(took))}, which took its place" if took else "a pack is of a standing alert"
        raise InputError(
            f"alert {alert_id} was withdrawn on {alert['withdrawn_at']:%Y-%m-%d} ({alert['withdrawn_reason']}): what "
            f"it rested on cannot be found again; {instead}"
        )
    return _subject(warehouse, "alert", alert_id, [alert_id])


def of_claim(warehouse: Warehouse, claim: str, window: str) -> Subject:
    """A claim in one of its windows: the standing alerts of that time which support or weaken it.

    claim   its id or label, like D01
    raises  InputError for an unknown claim or window, naming those there are
    """
    claims = warehouse.read(c.CLAIM)
    found = claims[(claims["claim_id"] == claim) | (claims["label"].str.upper() == claim.upper())]
    if len(found) != 1:
        labels = ", ".join(sorted(claims["label"]))
        what = f'several claims are "{claim}": give its claim_id' if len(found) else f'no claim "{claim}"'
        raise InputError(f"{what}; expected one of {labels or 'none yet: `coalwatch run` reads them'}")
    claim_id = str(found["claim_id"].iloc[0])
    windows = warehouse.read(c.CLAIM_WINDOW, Among("claim_id", [claim_id]))
    row = windows[windows["window_id"].str.upper() == window.upper()]
    if row.empty:
        raise InputError(
            f'claim {claim} has no window "{window}"; expected one of {", ".join(sorted(windows["window_id"]))}'
        )
    of_window = row.iloc[0]
    bearing = warehouse.read(c.ALERT_CLAIM, Among("claim_id", [claim_id], model(c.ALERT_CLAIM).c.relation != "context"))
    alert = model(c.ALERT).c
    standing = warehouse.read(c.ALERT, Among("alert_id", bearing["alert_id"], alert.withdrawn_at.is_(None)))
    within = standing[(standing["ended_at"] >= of_window["from_at"]) & (standing["began_at"] < of_window["to_at"])]
    name = f"{claim_id} {of_window['window_id']}"
    return _subject(
        warehouse, "claim", name, within["alert_id"], (of_window["from_at"], of_window["to_at"]),
        claim_id=claim_id, window_id=str(of_window["window_id"]),
    )  # fmt: skip


def of_ship(warehouse: Warehouse, given: str) -> Subject:
    """A ship: her standing alerts, and everything that happened to her in all of the data.

    given   her IMO number or MMSI
    raises  InputError for a number that no ship here sends
    """
    number = given.strip().upper().removeprefix("IMO").strip()
    if not number.isdecimal() or len(number) not in (7, 9):
        raise InputError(f'ship "{given}" is no number; expected an IMO number (7 digits) or an MMSI (9 digits); '
                         "`coalwatch vessel NAME` finds it")  # fmt: skip
    of_number = Among("imo" if len(number) == 7 else "mmsi", [int(number)])
    hulls = warehouse.read(c.VESSEL, of_number)["vessel_id"]
    heard = warehouse.read(c.VESSEL_IDENTITY, of_number)["vessel_id"]
    tracks = warehouse.read(c.TRACK, Among("vessel_id", pd.concat([hulls, heard]).dropna().unique()))
    if tracks.empty:
        raise InputError(f"ship {number}: not heard here; `coalwatch vessel {number}` says what is known of her")
    alert = model(c.ALERT).c
    alerts = warehouse.read(c.ALERT, Among("mmsi", tracks["mmsi"].unique(), alert.withdrawn_at.is_(None)))
    alerts = alerts[alerts["vessel_id"].isin(tracks["vessel_id"])]
    span = tracks["from_at"].min(), tracks["to_at"].max()
    return _subject(warehouse, "ship", number, alerts["alert_id"], span, mmsis=tracks["mmsi"])


def suggested(warehouse: Warehouse, given: str) -> str:
    """What to say of alerts where one is not known."""
    return known_alerts(warehouse, given)


def _subject(
    warehouse: Warehouse,
    kind: str,
    name: str,
    alert_ids: Iterable[str],
    span: tuple[pd.Timestamp, pd.Timestamp] | None = None,
    *,
    mmsis: Iterable[int] = (),
    claim_id: str | None = None,
    window_id: str | None = None,
) -> Subject:
    ids = sorted(alert_ids)
    alerts = warehouse.read(c.ALERT, Among("alert_id", ids))
    events = _named_events(warehouse, ids)
    tracks = warehouse.read(c.ALERT_TRACK, Among("alert_id", ids))
    begins = [alerts["began_at"], tracks["timestamp"], *(rows[table.span[0]] for table, rows in events)]
    ends = [alerts["ended_at"], tracks["timestamp"], *(rows[table.span[1]] for table, rows in events)]
    if span is None:
        span = pd.concat(begins).min(), pd.concat(ends).max()
    hulls = pd.concat([alerts["vessel_id"], *(rows["vessel_id"] for _, rows in events)]).dropna().unique()
    of_hulls = warehouse.read(c.TRACK, Among("vessel_id", hulls))["mmsi"]
    parties = [rows[column] for table, rows in events for column in table.ships]
    ships = pd.concat([alerts["mmsi"], of_hulls, *parties, pd.Series(list(mmsis), dtype="int64")]).dropna()
    zones = pd.concat([alerts["origin_zone_id"], alerts["destination_zone_id"]]).dropna()
    return Subject(
        kind, name, tuple(ids), tuple(sorted({int(mmsi) for mmsi in ships})),
        (span[0].floor("D") - _ROOM).isoformat(), (span[1].ceil("D") + _ROOM).isoformat(),
        tuple(sorted(set(zones))), claim_id, window_id,
    )  # fmt: skip


def _named_events(warehouse: Warehouse, alert_ids: Sequence[str]) -> list[tuple[c.Table, DataFrame]]:
    """The events that the evidence of alerts rests on, and the silence of each possible call among them."""
    evidence = warehouse.read(c.ALERT_EVIDENCE, Among("alert_id", alert_ids)).dropna(subset=["event_id"])
    tables = {table.name: table for table in c.EVENTS}
    found = [
        (tables[name], warehouse.read(tables[name], Among(tables[name].key[0], rows["event_id"].unique())))
        for name, rows in evidence.groupby("event_table")
        if name in tables
    ]
    possible = [rows["ais_gap_id"] for table, rows in found if table == c.DARK_CALL]
    if possible:
        found.append((c.AIS_GAP, warehouse.read(c.AIS_GAP, Among("ais_gap_id", pd.concat(possible).unique()))))
    return found


def silences(warehouse: Warehouse, subject: Subject) -> DataFrame:
    """AIS_GAP of the subject's ships that touch its time."""
    gap = model(c.AIS_GAP).c
    first, last = (pd.Timestamp(moment).to_pydatetime() for moment in (subject.from_at, subject.to_at))
    touching = and_(
        gap.mmsi.in_(subject.mmsis), gap.began_at < last, (gap.ended_at.is_(None)) | (gap.ended_at >= first)
    )
    return warehouse.read(c.AIS_GAP, Where(touching))
