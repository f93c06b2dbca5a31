"""Every table of coalwatch: columns, types, units, key and grain, written once.

Stages check their frames here, the warehouse builds its models from here, and the data dictionary is printed from here.
A name is an interface: analysts join on it.

Conventions: times are UTC (`…_at`; intervals are half-open [from_at, to_at)), angles degrees, distances nautical miles
(`_nm`) or metres (`_m`), speeds knots (`_kn`), draughts metres. A day is a UTC day, written `YYYY-MM-DD`.
"""

from __future__ import annotations

from pipeline.contracts.calls import PASSAGE, PORT_CALL, PORT_VISIT, STOP, VOYAGE, ZONE
from pipeline.contracts.events import (
    AIS_GAP,
    DARK_CALL,
    DRAUGHT_CHANGE,
    ENCOUNTER,
    IDENTITY_CHANGE,
    LOITERING,
    OURS,
    POSITION_ANOMALY,
)
from pipeline.contracts.figures import PROVIDER_PORT_MONTH, PROVIDER_RECEPTION
from pipeline.contracts.files import (
    COVERAGE_DAY,
    DAY_CHECK,
    PIPELINE_RUN,
    RECEPTION_OUTAGE,
    REJECTED_ROW_COUNT,
    SOURCE,
    SOURCE_DAY,
    SOURCE_FILE,
    UNREAD_FIELD_COUNT,
)
from pipeline.contracts.imagery import READING
from pipeline.contracts.judged import (
    ALERT,
    ALERT_CARGO,
    ALERT_CLAIM,
    ALERT_EVIDENCE,
    ALERT_SUCCESSION,
    ALERT_TRACK,
    CLAIM_WINDOW,
    LEGAL_ASSESSMENT,
    REVIEW,
    REVIEW_REQUEST,
    REVIEWED_ALERT,
    REVIEWED_EVIDENCE,
    SIGN_OFF,
)
from pipeline.contracts.knowledge import (
    ARTICLE,
    CALIBRATION,
    CLAIM,
    LISTED,
    MEASURE,
    OBSERVATION,
    PATTERN,
    WATCHLIST,
    WATCHLIST_EDITION,
    WATCHLIST_HISTORY,
    WATCHLIST_VESSEL,
)
from pipeline.contracts.lake import (
    BERTH,
    COVERAGE,
    CREEP,
    IDENTITY,
    POSITION,
    RECEIVERS,
    REJECT,
    RUN,
    SAID,
    SLOW_STRETCH,
    STAY,
    TRACK_END,
    VESSEL_REPORT,
)
from pipeline.contracts.provided import PROVIDER_EVENT, PROVIDER_VESSEL, VESSEL_PARTICULARS
from pipeline.contracts.radar import (
    PROVIDER_ANSWER,
    PROVIDER_DETECTION,
    PROVIDER_IMAGE,
    RADAR_DETECTION,
    RADAR_LOOK,
    RADAR_PASS,
)
from pipeline.contracts.ships import TRACK, VESSEL, VESSEL_IDENTITY
from pipeline.contracts.table import DTYPES, Column, Table

LAKE = (
    POSITION, VESSEL_REPORT, REJECT, RUN, CREEP, COVERAGE, TRACK_END, STAY, BERTH, SLOW_STRETCH, SAID, PROVIDER_EVENT,
    PROVIDER_VESSEL, PROVIDER_DETECTION, PROVIDER_ANSWER, PROVIDER_IMAGE, READING,
)  # fmt: skip
EVENTS = (PORT_CALL, PASSAGE, STOP, AIS_GAP, DARK_CALL, ENCOUNTER, LOITERING, DRAUGHT_CHANGE, IDENTITY_CHANGE, VOYAGE)
NOT_DERIVED = tuple(table for table in EVENTS if table.not_derived)  # no row does not mean that nothing happened
WAREHOUSE = (
    SOURCE, SOURCE_FILE, REJECTED_ROW_COUNT, UNREAD_FIELD_COUNT, SOURCE_DAY, DAY_CHECK, VESSEL, VESSEL_IDENTITY,
    VESSEL_PARTICULARS, PROVIDER_RECEPTION, PROVIDER_PORT_MONTH, TRACK, ZONE,
    COVERAGE_DAY, RECEPTION_OUTAGE, PORT_CALL, PORT_VISIT, PASSAGE, STOP, AIS_GAP, DARK_CALL, ENCOUNTER, LOITERING, DRAUGHT_CHANGE, IDENTITY_CHANGE,
    POSITION_ANOMALY, VOYAGE, RADAR_PASS, RADAR_DETECTION, RADAR_LOOK,
    MEASURE, LEGAL_ASSESSMENT, WATCHLIST, WATCHLIST_EDITION, WATCHLIST_HISTORY, WATCHLIST_VESSEL, ARTICLE, CLAIM,
    CLAIM_WINDOW, OBSERVATION, PATTERN, CALIBRATION,
    ALERT, ALERT_CARGO, ALERT_EVIDENCE, ALERT_CLAIM, ALERT_SUCCESSION, ALERT_TRACK, REVIEW_REQUEST, REVIEWED_ALERT,
    REVIEWED_EVIDENCE, REVIEW, SIGN_OFF, PIPELINE_RUN,
)  # fmt: skip

__all__ = [
    "AIS_GAP",
    "ALERT",
    "ALERT_CARGO",
    "ALERT_CLAIM",
    "ALERT_EVIDENCE",
    "ALERT_SUCCESSION",
    "ALERT_TRACK",
    "ARTICLE",
    "BERTH",
    "CALIBRATION",
    "CLAIM",
    "CLAIM_WINDOW",
    "COVERAGE",
    "COVERAGE_DAY",
    "CREEP",
    "DARK_CALL",
    "DAY_CHECK",
    "DRAUGHT_CHANGE",
    "DTYPES",
    "ENCOUNTER",
    "EVENTS",
    "IDENTITY",
    "IDENTITY_CHANGE",
    "LAKE",
    "LEGAL_ASSESSMENT",
    "LISTED",
    "LOITERING",
    "MEASURE",
    "NOT_DERIVED",
    "OBSERVATION",
    "OURS",
    "PASSAGE",
    "PATTERN",
    "PIPELINE_RUN",
    "PORT_CALL",
    "PORT_VISIT",
    "POSITION",
    "POSITION_ANOMALY",
    "PROVIDER_ANSWER",
    "PROVIDER_DETECTION",
    "PROVIDER_EVENT",
    "PROVIDER_IMAGE",
    "PROVIDER_PORT_MONTH",
    "PROVIDER_RECEPTION",
    "PROVIDER_VESSEL",
    "RADAR_DETECTION",
    "RADAR_LOOK",
    "RADAR_PASS",
    "READING",
    "RECEIVERS",
    "RECEPTION_OUTAGE",
    "REJECT",
    "REJECTED_ROW_COUNT",
    "REVIEW",
    "REVIEWED_ALERT",
    "REVIEWED_EVIDENCE",
    "REVIEW_REQUEST",
    "RUN",
    "SAID",
    "SIGN_OFF",
    "SLOW_STRETCH",
    "SOURCE",
    "SOURCE_DAY",
    "SOURCE_FILE",
    "STAY",
    "STOP",
    "TRACK",
    "TRACK_END",
    "UNREAD_FIELD_COUNT",
    "VESSEL",
    "VESSEL_IDENTITY",
    "VESSEL_PARTICULARS",
    "VESSEL_REPORT",
    "VOYAGE",
    "WAREHOUSE",
    "WATCHLIST",
    "WATCHLIST_EDITION",
    "WATCHLIST_HISTORY",
    "WATCHLIST_VESSEL",
    "ZONE",
    "Column",
    "Table",
]
