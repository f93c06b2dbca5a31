"""The tables of a pack: which rows of the warehouse speak of its subject, as text that is compared cell by cell.

*Recomputed* tables are a function of raw lines and knowledge files: verifying derives them again. *Stated* tables are
not, or rest on more than a pack holds (who reviewed what and when, what was heard in whole zones and files): they are
shown, and verifying takes them as they are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
from pandas import DataFrame
from sqlalchemy import and_, or_

from pipeline import contracts as c
from pipeline.contracts import Table
from pipeline.errors import InputError
from pipeline.plain import Record, kind_of, plain, records
from pipeline.warehouse.models import model
from pipeline.warehouse.scope import Among, Scope, Where
from pipeline.warehouse.store import Warehouse

OF_ALERTS = (c.ALERT, c.ALERT_EVIDENCE, c.ALERT_CARGO, c.ALERT_CLAIM, c.ALERT_TRACK)
OF_SHIPS = (c.TRACK, c.VESSEL_IDENTITY)
Tables = dict[str, list[Record]]
_LAST_MMSI = 999_999_999
# Reviews of an alert and of those it took the place of (view lineage_review), and when alerts were first raised.
_REVIEW = ("alert_id", "reviewed_alert_id", "review_id", "reviewer", "decided_at", "decision", "note", "evidence_hash")
KNOWN = frozenset({table.name for table in c.WAREHOUSE} | {"review", "alert_raised"})
_OWN = {"review": _REVIEW, "alert_raised": ("alert_id", "first_raised_at")}


@dataclass(frozen=True)
class Subject:
    """What a pack is about.

    kind              alert, claim or ship
    name              what was asked for: an alert's id, a claim's id and window, or an IMO number or MMSI
    alert_ids         the standing alerts in it
    mmsis             ships of which it shows events: those of the alerts, and the other parties of their evidence
    from_at, to_at    time that the events shown touch, ISO 8601 (UTC)
    zone_ids          zones that the alerts name
    claim_id, window_id  of a claim and its window; else None
    """

    kind: str
    name: str
    alert_ids: tuple[str, ...]
    mmsis: tuple[int, ...]
    from_at: str
    to_at: str
    zone_ids: tuple[str, ...] = ()
    claim_id: str | None = None
    window_id: str | None = None

    def as_dict(self) -> Record:
        """Plain values."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> Subject:
        """The subject that `as_dict` gave.

        raises  InputError if it is none
        """
        try:
            given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
            read = Subject(**given)
            if any(pd.Timestamp(moment).tzinfo is None for moment in (read.from_at, read.to_at)):
                raise TypeError("times with a zone expected")
            if not all(isinstance(mmsi, int) and 0 <= mmsi <= _LAST_MMSI for mmsi in read.mmsis):
                raise TypeError("MMSIs expected")
            texts = (read.kind, read.name, *read.alert_ids, *read.zone_ids, read.claim_id or "", read.window_id or "")
            if not all(isinstance(text, str) for text in texts):
                raise TypeError("text expected")
        except (TypeError, ValueError) as error:
            raise InputError(
                f"manifest.json: subject cannot be read ({error}); it was changed: get the pack again"
            ) from None
        return read


def read_recomputed(warehouse: Warehouse, subject: Subject) -> Tables:
    """Rows of the recomputed tables, by table, in order of key; without lifecycle columns."""
    of_alerts = Among("alert_id", subject.alert_ids)
    found = {table.name: _rows(warehouse, table, of_alerts) for table in OF_ALERTS}
    law = model(c.LEGAL_ASSESSMENT).c
    about = Among("subject_id", subject.alert_ids, law.subject_table == c.ALERT.name)
    found[c.LEGAL_ASSESSMENT.name] = _rows(warehouse, c.LEGAL_ASSESSMENT, about)
    found |= {table.name: _rows(warehouse, table, events_of(table, subject)) for table in c.EVENTS}
    found |= {table.name: _rows(warehouse, table, Among("mmsi", subject.mmsis)) for table in OF_SHIPS}
    hulls = _values(found[c.TRACK.name], "vessel_id")
    found[c.VESSEL.name] = _rows(warehouse, c.VESSEL, Among("vessel_id", hulls))
    outages = _values(found[c.AIS_GAP.name], "reception_outage_id")
    found[c.RECEPTION_OUTAGE.name] = _rows(warehouse, c.RECEPTION_OUTAGE, Among("reception_outage_id", outages))
    found |= _knowledge(warehouse, subject, found)
    if subject.claim_id:
        window = Among("claim_id", [subject.claim_id], model(c.CLAIM_WINDOW).c.window_id == subject.window_id)
        found[c.CLAIM_WINDOW.name] = _rows(warehouse, c.CLAIM_WINDOW, window)
    return found


def events_of(table: Table, subject: Subject) -> Scope:
    """The rows of a table of events in which a ship of the subject is a party, and which touch its time."""
    columns = model(table).c
    first, last = (pd.Timestamp(moment).to_pydatetime() for moment in (subject.from_at, subject.to_at))
    began, ended = (columns[name] for name in table.span)
    party = or_(*(columns[name].in_(subject.mmsis) for name in table.ships))
    return Where(and_(party, began < last, or_(ended.is_(None), ended >= first)))


def _knowledge(warehouse: Warehouse, subject: Subject, found: Tables) -> Tables:
    """Rows of knowledge that the others name."""
    alerts, events = found[c.ALERT.name], [row for table in c.EVENTS for row in found[table.name]]
    named = [c.ALERT.name, *(table.name for table in c.EVENTS)]
    zones = {
        row[column]
        for name in named
        for row in found[name]
        for column in row
        if column.endswith("zone_id") and row[column]
    } | set(subject.zone_ids)
    claims = set(_values(found[c.ALERT_CLAIM.name], "claim_id")) | ({subject.claim_id} if subject.claim_id else set())
    imos = {row["imo"] for row in [*alerts, *events] if row.get("imo")} | {
        row["other_imo"] for row in events if row.get("other_imo")
    }
    return {
        c.MEASURE.name: _rows(
            warehouse, c.MEASURE, Among("measure_id", _values(found[c.LEGAL_ASSESSMENT.name], "measure_id"))
        ),
        c.PATTERN.name: _rows(warehouse, c.PATTERN, Among("pattern_id", _values(alerts, "pattern_id"))),
        c.CALIBRATION.name: _rows(warehouse, c.CALIBRATION, Among("pattern_id", _values(alerts, "pattern_id"))),
        c.ZONE.name: _rows(warehouse, c.ZONE, Among("zone_id", sorted(zones))),
        c.CLAIM.name: _rows(warehouse, c.CLAIM, Among("claim_id", sorted(claims))),
        c.WATCHLIST_HISTORY.name: _rows(warehouse, c.WATCHLIST_HISTORY, Among("imo", sorted(imos))),
    }


def read_stated(warehouse: Warehouse, subject: Subject, source_file_ids: Sequence[str]) -> Tables:
    """Rows of the stated tables, by table, in order of key."""
    ids = Among("alert_id", subject.alert_ids)
    reviews = plain(warehouse.rows(f"select {', '.join(_REVIEW)} from lineage_review order by decided_at, review_id"))
    day = model(c.COVERAGE_DAY).c.day
    first, last = pd.Timestamp(subject.from_at).date(), pd.Timestamp(subject.to_at).date()
    raised = warehouse.read(c.ALERT, ids)[["alert_id", "first_raised_at"]]
    outcome = {
        "alert_raised": records(raised.sort_values("alert_id")),
        c.ALERT_SUCCESSION.name: _rows(warehouse, c.ALERT_SUCCESSION, Among("successor_alert_id", subject.alert_ids)),
        "review": [row for row in reviews if row["alert_id"] in subject.alert_ids],
        c.COVERAGE_DAY.name: _rows(
            warehouse, c.COVERAGE_DAY, Among("zone_id", subject.zone_ids, day.between(first, last))
        ),
        c.POSITION_ANOMALY.name: _rows(warehouse, c.POSITION_ANOMALY, Among("mmsi", subject.mmsis)),
        c.SOURCE_FILE.name: _rows(warehouse, c.SOURCE_FILE, Among("source_file_id", source_file_ids)),
    }
    if not subject.claim_id:
        borne = warehouse.read(c.ALERT_CLAIM, ids)["claim_id"].unique()
        outcome[c.CLAIM_WINDOW.name] = _rows(warehouse, c.CLAIM_WINDOW, Among("claim_id", borne))
    else:
        outcome[c.OBSERVATION.name] = _rows(warehouse, c.OBSERVATION)
    return outcome


def as_csv(rows: Iterable[Record], names: Sequence[str]) -> bytes:
    """Rows as CSV (UTF-8, RFC 4180): times in ISO 8601 (UTC), nothing for null."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow(["" if row[name] is None else _cell(row[name]) for name in names])
    return text.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def from_csv(content: bytes) -> list[Record]:
    """The rows that `as_csv` wrote; an empty cell is null.

    raises  InputError for what is no such table
    """
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
        return [{name: _value(name, row[name]) for name in row} for row in rows]
    except (ValueError, TypeError, csv.Error) as error:
        raise InputError(f"a table of the pack cannot be read ({error}); it was changed: get the pack again") from None


def _value(name: str, text: str) -> Any:
    if text == "":
        return None
    kind = kind_of(name)
    if kind == "bool":
        return {"true": True, "false": False}[text] if text in ("true", "false") else text
    return int(text) if kind == "int" else float(text) if kind == "real" else text


def members_of(tables: Tables, folder: str) -> dict[str, bytes]:
    """The tables as members of a pack, one file a table; a table without rows is its header alone."""
    return {f"{folder}/{name}.csv": as_csv(rows, names_of(name, rows)) for name, rows in tables.items()}


def names_of(table: str, rows: Sequence[Record]) -> list[str]:
    """The columns of a table of a pack, in order."""
    if rows:
        return list(rows[0])
    if table in _OWN:
        return list(_OWN[table])
    contract = next(one for one in c.WAREHOUSE if one.name == table)
    return [name for name in contract.names if name not in contract.lifecycle]


def differences(expected: bytes, found: bytes, name: str, key: Sequence[str]) -> list[str]:
    """What differs between two CSV files of one table, a line for each cell, or for a row that only one of them has."""
    theirs, ours = (_keyed(content, key) for content in (expected, found))
    lines = []
    for one in sorted({*theirs, *ours}):
        row = f"{name} {' '.join(one)}"
        if one not in ours:
            lines.append(f"{row}: in the pack, and not found again")
        elif one not in theirs:
            lines.append(f"{row}: found, and not in the pack")
        else:
            lines += [
                f'{row}: {column} is "{theirs[one].get(column, "")}" in the pack, and "{ours[one].get(column, "")}" '
                "recomputed"
                for column in dict.fromkeys([*theirs[one], *ours[one]])
                if theirs[one].get(column, "") != ours[one].get(column, "")
            ]
    if not lines and expected != found:
        lines.append(f"{name}: the same rows, written or ordered in another way")
    return lines


def _keyed(content: bytes, key: Sequence[str]) -> dict[tuple[str, ...], dict[str, str]]:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8", "replace"), newline=""))
    return {tuple(str(row.get(name) or "") for name in key): {str(k): str(v) for k, v in row.items()} for row in rows}


def key_of(table: str) -> tuple[str, ...]:
    """The columns that tell the rows of a table apart."""
    return ("alert_id",) if table in _OWN else next(one.key for one in c.WAREHOUSE if one.name == table)


def _rows(warehouse: Warehouse, table: Table, scope: Scope | None = None) -> list[Record]:
    frame: DataFrame = warehouse.read(table, scope) if scope else warehouse.read(table)
    return records(frame.drop(columns=list(table.lifecycle)).sort_values(list(table.key), kind="stable"))


def _values(rows: Iterable[Record], column: str) -> list[Any]:
    return sorted({row[column] for row in rows if row[column] is not None})
