"""Signing off: an admin lets the name of a ship leave the home, with an alert as it rests on its evidence now."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.contracts import ALERT, SIGN_OFF
from pipeline.errors import InputError
from pipeline.plain import Record, plain
from pipeline.warehouse.alert_ids import find_alert
from pipeline.warehouse.scope import Among

if TYPE_CHECKING:
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

# Each alert, whether it stands and whether its evidence, as it is now, is signed off.
_STATE = """
    with last_word as (
        select alert_id, evidence_hash, granted,
               row_number() over (partition by alert_id order by decided_at desc, sign_off_id desc) as nth
        from sign_off
    ),
    state as (
        select alert.alert_id, alert.vessel_id, alert.withdrawn_at is null as stands,
               coalesce(last_word.granted and last_word.evidence_hash = alert.evidence_hash, false) as signed
        from alert left join last_word on last_word.alert_id = alert.alert_id and last_word.nth = 1
    )
"""
# A ship is named once an alert on her is signed off and none stands that is not; so is whom she met.
_WITHHELD = f"""{_STATE},
    own as (
        select vessel_id from state group by vessel_id
        having sum(case when signed then 1 else 0 end) = 0 or sum(case when stands and not signed then 1 else 0 end) > 0
    ),
    met as (
        select encounter.other_vessel_id as vessel_id from state
        join alert_evidence on alert_evidence.alert_id = state.alert_id and event_table = 'encounter'
        join encounter on encounter.encounter_id = alert_evidence.event_id
        where not signed and encounter.other_vessel_id not in (select vessel_id from state where signed)
    ),
    withheld as (select vessel_id from own union select vessel_id from met),
    known as (
        select vessel_id, name, call_sign, imo, mmsi from vessel where vessel_id in (select vessel_id from withheld)
        union select vessel_id, name, call_sign, imo, mmsi from vessel_identity
            where vessel_id in (select vessel_id from withheld)
        union select vessel_id, vessel_name, null, imo, mmsi from alert
            where vessel_id in (select vessel_id from withheld)
    ),
    entry as (
        select watchlist_id, entry_id, name, other_names, imo, mmsi from watchlist_vessel
        union select watchlist_id, entry_id, name, other_names, imo, mmsi from watchlist_history
    ),
    told as (
        select name, call_sign, imo, mmsi from vessel_particulars
        union select name, null, imo, mmsi from radar_detection
    ),
    listed as (
        select vessel_id, entry.* from known join entry on entry.imo = known.imo
        union select vessel_id, entry.* from known join entry on entry.mmsi = known.mmsi
        union select state.vessel_id, entry.* from state
            join alert_evidence on alert_evidence.alert_id = state.alert_id and role = 'listed_name_hint'
            join entry on statement like '%' || watchlist_id || ' (entry ' || entry_id || ',%'
            where state.vessel_id in (select vessel_id from withheld)
    )
    select * from known
    union select vessel_id, name, null, imo, mmsi from listed
    union select vessel_id, other_names, null, imo, mmsi from listed
    union select vessel_id, told.* from known join told on told.imo = known.imo
    union select vessel_id, told.* from known join told on told.mmsi = known.mmsi and told.imo is null
    union select vessel_id, value_before, value_after, null, other_mmsi from identity_change
        where field in ('name', 'call_sign', 'imo', 'mmsi') and vessel_id in (select vessel_id from withheld)
    order by 1, 2, 3, 4, 5
"""


def add_sign_off(
    warehouse: Warehouse,
    alert_id: str,
    admin: str,
    now: datetime,
    *,
    granted: bool = True,
    note: str | None = None,
    evidence_hash: str | None = None,
) -> str:
    """Append that an alert is signed off, with the evidence it rests on now, or is so no more; give the row's id.

    alert_id       its id, or a beginning that no other alert has
    now            wall clock, with time zone
    granted        False: takes it back
    evidence_hash  the evidence as the admin saw it; None: as it is now
    raises         InputError for an unknown alert, a withdrawn one, or one that rests on other evidence by now
    """
    moment = pd.Timestamp(now).tz_convert("UTC").as_unit("us")
    with warehouse.transaction():
        alert_id = find_alert(warehouse, alert_id)
        alert = warehouse.read(ALERT, Among("alert_id", [alert_id])).iloc[0]
        if granted and pd.notna(alert["withdrawn_at"]):
            raise InputError(f"alert {alert_id} is withdrawn; it cannot be signed off")
        if evidence_hash not in (None, alert["evidence_hash"]):
            raise InputError(f"alert {alert_id} rests on other evidence than when you opened it; look again")
        words = "\x1f".join([alert_id, admin, str(granted), note or "", moment.isoformat()])
        sign_off_id = "sign-off-" + hashlib.sha256(words.encode()).hexdigest()[:16]
        row = {"sign_off_id": sign_off_id, "alert_id": alert_id, "admin": admin.strip(), "decided_at": moment,
               "granted": granted, "note": note, "evidence_hash": alert["evidence_hash"]}  # fmt: skip
        warehouse.sync(SIGN_OFF, pd.DataFrame([row]), Among("sign_off_id", [sign_off_id]))
    return sign_off_id


def is_signed_off(warehouse: Reader | Warehouse, alert_id: str) -> bool:
    """Whether an alert is signed off with the evidence it rests on now."""
    found = warehouse.rows(f"{_STATE} select signed from state where alert_id = :id", {"id": alert_id})
    return bool(found and found[0]["signed"])


def not_signed_off(warehouse: Reader | Warehouse) -> list[Record]:
    """What each ship is known by that must not be named, by AIS, lists and providers: vessel_id, name (other names of a
    list between |), call_sign, imo, mmsi, in many rows."""
    return plain(warehouse.rows(_WITHHELD))
