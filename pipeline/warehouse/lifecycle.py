"""The life of an alert: raised, changed, withdrawn with the reason, succeeded, reinstated; never deleted.

The rows that stand, without their lifecycle columns, are what the patterns see in the data now, whatever the order in
which the data came. Lifecycle columns and successions record that order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from pipeline.contracts import (
    ALERT,
    ALERT_CLAIM,
    ALERT_EVIDENCE,
    ALERT_SUCCESSION,
    ALERT_TRACK,
    ENCOUNTER,
    LEGAL_ASSESSMENT,
    PORT_CALL,
    VOYAGE,
    Table,
)
from pipeline.errors import ContractError
from pipeline.ids import known_by_imo
from pipeline.warehouse.difference import difference
from pipeline.warehouse.scope import WHOLE, Among, Matching, Scope
from pipeline.warehouse.store import Warehouse

NO_LONGER_TRUE = "the data no longer shows what it rested on"
_WHOLE_ALERT = replace(ALERT, lifecycle=())
_FACTS = replace(_WHOLE_ALERT, columns=tuple(column for column in ALERT.columns if column.name not in ALERT.lifecycle))


@dataclass(frozen=True)
class Judged:
    """What a judgement of some ships answers for: ids of alerts, also of such as do not stand; and what it leaves as it
    was, tables and ids of events."""

    alerts: Set[str]
    kept: Set[tuple[str, str]]


@dataclass(frozen=True)
class AlertChanges:
    """How many alerts were raised, changed, withdrawn and reinstated."""

    raised: int = 0
    changed: int = 0
    withdrawn: int = 0
    reinstated: int = 0


def sync_alerts(
    warehouse: Warehouse,
    alerts: pd.DataFrame,
    evidence: pd.DataFrame,
    assessments: pd.DataFrame,
    alert_claims: pd.DataFrame,
    alert_tracks: pd.DataFrame,
    mmsis: Iterable[int] | None,
    pipeline_run_id: str,
    now: datetime,
    reasons: Mapping[str, str] | None = None,
    judged: Judged | None = None,
) -> AlertChanges:
    """Make the standing alerts of some ships equal to `alerts`, in one transaction, after their events were synced.

    alerts           ALERT; its lifecycle columns, if it has them, are not looked at
    evidence, alert_claims, alert_tracks   of these alerts; those of a withdrawn alert are kept as they were
    assessments      LEGAL_ASSESSMENT of these alerts, and of voyages and port calls that are recorded without an alert
    mmsis            the ships that were judged again; None for all
    pipeline_run_id  noted on every alert that changes
    now              wall clock, with time zone
    reasons          why an alert was withdrawn, by alert_id; without one: NO_LONGER_TRUE
    judged           which alerts and events of the ships are answered for; None: all
    raises           ContractError when a frame breaks its contract, or names a ship or alert that is not in scope
    """
    alerts = _FACTS.conform(alerts)
    ships = None if mmsis is None else pd.Index(list(mmsis), dtype="int64")
    _refuse_strays(alerts, evidence, assessments, alert_claims, alert_tracks, ships)
    scope: Scope = WHOLE if ships is None else Among("mmsi", ships)
    if judged is not None:
        scope = Among("alert_id", sorted(judged.alerts | set(alerts["alert_id"])))
    with warehouse.transaction():
        after = next_alerts(warehouse.read(ALERT, scope), alerts, pipeline_run_id, now, reasons or {})
        warehouse.sync(_WHOLE_ALERT, after.drop(columns="fate"), scope)
        standing = Among("alert_id", alerts["alert_id"])
        for table, rows in ((ALERT_EVIDENCE, evidence), (ALERT_CLAIM, alert_claims), (ALERT_TRACK, alert_tracks)):
            warehouse.sync(table, rows, standing)
        kept = judged.kept if judged is not None else frozenset[tuple[str, str]]()
        subjects = pd.concat([_alert_subjects(alerts), _recorded_subjects(warehouse, assessments, ships, kept)])
        warehouse.sync(LEGAL_ASSESSMENT, assessments, Matching(subjects))
        fates = after["fate"].dropna()
        if len(fates):
            _sync_successions(warehouse, after.loc[fates.index])
    return AlertChanges(**{str(fate): int(number) for fate, number in fates.value_counts().items()})


def next_alerts(
    stored: pd.DataFrame, alerts: pd.DataFrame, pipeline_run_id: str, now: datetime, reasons: Mapping[str, str]
) -> pd.DataFrame:
    """What the table holds once `alerts` are the ones that stand.

    stored   ALERT
    alerts   ALERT without lifecycle columns
    returns  ALERT and `fate`: raised, changed, withdrawn or reinstated, null for rows that stay as they are
    """
    moment = pd.Timestamp(now).tz_convert("UTC").as_unit("us")
    changed = difference(_FACTS, stored[_FACTS.names], alerts).updated["alert_id"]
    standing = alerts.merge(stored[["alert_id", *ALERT.lifecycle]], on="alert_id", how="left", validate="one_to_one")
    standing["fate"] = None
    standing.loc[standing["alert_id"].isin(changed), "fate"] = "changed"
    standing.loc[standing["withdrawn_at"].notna(), "fate"] = "reinstated"
    standing.loc[standing["first_raised_at"].isna(), "fate"] = "raised"
    standing.loc[standing["fate"].notna(), "pipeline_run_id"] = pipeline_run_id
    standing["first_raised_at"] = standing["first_raised_at"].fillna(moment)
    standing["withdrawn_at"] = pd.Series(pd.NaT, index=standing.index, dtype="datetime64[us, UTC]")
    standing["withdrawn_reason"] = pd.Series(None, index=standing.index, dtype="str")

    gone = stored[~stored["alert_id"].isin(alerts["alert_id"])].copy()
    leaving = gone["withdrawn_at"].isna()
    gone["fate"] = leaving.map({True: "withdrawn", False: None}).astype(object)
    gone.loc[leaving, "withdrawn_at"] = moment
    gone.loc[leaving, "withdrawn_reason"] = [reasons.get(key, NO_LONGER_TRUE) for key in gone.loc[leaving, "alert_id"]]
    gone.loc[leaving, "pipeline_run_id"] = pipeline_run_id
    whole = [frame for frame in (standing, gone) if len(frame)]
    if not whole:
        return ALERT.empty().assign(fate=pd.Series(dtype=object))
    both = pd.concat(whole, ignore_index=True)
    return ALERT.conform(both).assign(fate=both["fate"])


def successions(alerts: pd.DataFrame) -> pd.DataFrame:
    """Pairs of a withdrawn alert and a standing one of the same pattern and ship whose times overlap or touch.

    A ship is the same if her hull is; or her MMSI, where just one of the two knows a hull by its IMO number.

    alerts   ALERT
    returns  ALERT_SUCCESSION
    """
    names = ["alert_id", "pattern_id", "vessel_id", "mmsi", "began_at", "ended_at"]
    is_withdrawn = alerts["withdrawn_at"].notna()
    before, after = alerts.loc[is_withdrawn, names], alerts.loc[~is_withdrawn, names]
    by_imo, by_imo_after = known_by_imo(before["vessel_id"]), known_by_imo(after["vessel_id"])
    same_ship = (
        ("vessel_id", before, after),
        ("mmsi", before[~by_imo], after[by_imo_after]),
        ("mmsi", before[by_imo], after[~by_imo_after]),
    )
    pairs = pd.concat(
        one.merge(other, on=["pattern_id", same], suffixes=("", "_of_successor"), validate="many_to_many")
        for same, one, other in same_ship
    )
    overlap = (pairs["began_at_of_successor"] <= pairs["ended_at"]) & (
        pairs["ended_at_of_successor"] >= pairs["began_at"]
    )
    renamed = pairs[overlap].rename(columns={"alert_id_of_successor": "successor_alert_id"})
    return ALERT_SUCCESSION.conform(renamed)


def _sync_successions(warehouse: Warehouse, changed: pd.DataFrame) -> None:
    """Add the successions that hold now; those of earlier days stay, until the alert they start from stands again.

    A row starts at a withdrawn alert and is made only towards a standing one, from which no row starts; so there is
    never a circle.

    changed  ALERT: those that were raised, changed, withdrawn or reinstated
    """
    kin = (warehouse.read(ALERT, Among(column, changed[column].unique())) for column in ("vessel_id", "mmsi"))
    family = pd.concat(kin).drop_duplicates("alert_id")
    of_family = Among("alert_id", family["alert_id"])
    stored = warehouse.read(ALERT_SUCCESSION, of_family)
    kept = stored[stored["alert_id"].isin(family.loc[family["withdrawn_at"].notna(), "alert_id"])]
    rows = pd.concat([kept, successions(family)]).drop_duplicates(list(ALERT_SUCCESSION.key))
    warehouse.sync(ALERT_SUCCESSION, rows, of_family)


def _alert_subjects(alerts: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"subject_table": ALERT.name, "subject_id": alerts["alert_id"]})


def _recorded_subjects(
    warehouse: Warehouse, assessments: pd.DataFrame, ships: pd.Index | None, kept: Set[tuple[str, str]]
) -> pd.DataFrame:
    """Events whose assessments are answered for: those of the ships apart from those kept, and those that are no more.

    kept  tables and ids of events that stay as they were judged
    """
    stored = warehouse.rows(
        f"select distinct subject_table, subject_id from legal_assessment where subject_table <> '{ALERT.name}'"
    )
    chosen = [one for row in stored if (one := (row["subject_table"], row["subject_id"])) not in kept]
    recorded = pd.DataFrame(chosen, columns=["subject_table", "subject_id"], dtype="str")
    if ships is not None and len(recorded):
        others = pd.concat(
            [_events_of_others(warehouse, table, recorded, ships) for table in (VOYAGE, PORT_CALL, ENCOUNTER)]
        )
        known = pd.MultiIndex.from_frame(others)
        recorded = recorded[~pd.MultiIndex.from_frame(recorded).isin(known)]
    given = assessments.loc[assessments["subject_table"] != ALERT.name, ["subject_table", "subject_id"]]
    return pd.concat([recorded, given]).drop_duplicates()


def _events_of_others(warehouse: Warehouse, table: Table, recorded: pd.DataFrame, ships: pd.Index) -> pd.DataFrame:
    ids = recorded.loc[recorded["subject_table"] == table.name, "subject_id"]
    events = warehouse.read(table, Among(table.key[0], ids))
    others = events.loc[~events[list(table.ships)].isin(ships).all(axis=1), table.key[0]]
    return pd.DataFrame({"subject_table": table.name, "subject_id": others})


def _refuse_strays(
    alerts: pd.DataFrame,
    evidence: pd.DataFrame,
    assessments: pd.DataFrame,
    alert_claims: pd.DataFrame,
    alert_tracks: pd.DataFrame,
    ships: pd.Index | None,
) -> None:
    if ships is not None and not alerts["mmsi"].isin(ships).all():
        stray = alerts[~alerts["mmsi"].isin(ships)].iloc[0]
        raise ContractError(f"alert: {stray['alert_id']}: mmsi {stray['mmsi']} is not among the ships judged")
    of_alerts = assessments.loc[assessments["subject_table"] == ALERT.name, "subject_id"]
    for name, ids in (
        (ALERT_EVIDENCE.name, evidence["alert_id"]),
        (ALERT_CLAIM.name, alert_claims["alert_id"]),
        (ALERT_TRACK.name, alert_tracks["alert_id"]),
        (LEGAL_ASSESSMENT.name, of_alerts),
    ):
        unknown = ids[~ids.isin(alerts["alert_id"])]
        if len(unknown):
            raise ContractError(f"{name}: alert {unknown.iloc[0]} is not among the alerts synced with it")
