"""aisstream.io frames as JSON: each one message in its envelope, one a line as `coalwatch listen aisstream` lands them.

Layout: https://aisstream.io/documentation and github.com/aisstream/ais-message-models (type-definition.yaml), read
without a live server at hand. The time is the envelope's (`time_utc`, when aisstream received the message): a report's
`Timestamp` is a second of the minute. Name and position of the envelope are what aisstream remembers of the ship, not
what the message says, and are not read. aisstream hears from shore stations alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.formats.json_lines import document_batches, documents_of, transformed
from pipeline.formats.json_values import mmsi, number_sql, utc_sql
from pipeline.formats.polls import begins_with_keys
from pipeline.formats.record import NOT_SHIP, Content, Head, Reading, Source, select_record

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TEXT = "VARCHAR"
# Messages about ships, and the transceiver class that the message type implies.
_SHIPS = {
    "PositionReport": "A",  # ITU-R M.1371 messages 1, 2, 3
    "StandardClassBPositionReport": "B",  # 18
    "ExtendedClassBPositionReport": "B",  # 19
    "LongRangeAisBroadcastMessage": None,  # 27
    "ShipStaticData": None,  # 5
    "StaticDataReport": None,  # 24
}
_POSITIONS = tuple(kind for kind in _SHIPS if kind not in ("ShipStaticData", "StaticDataReport"))
# Messages that carry neither a ship's position nor its static data, and the server's word that it took a subscription.
_OTHERS = (
    "AddressedSafetyMessage", "AddressedBinaryMessage", "AidsToNavigationReport", "AssignedModeCommand",
    "BaseStationReport", "BinaryAcknowledge", "BinaryBroadcastMessage", "ChannelManagement", "CoordinatedUTCInquiry",
    "DataLinkManagementMessage", "DataLinkManagementMessageData", "GroupAssignmentCommand",
    "GnssBroadcastBinaryMessage", "Interrogation", "MultiSlotBinaryMessage", "SafetyBroadcastMessage",
    "SingleSlotBinaryMessage", "StandardSearchAndRescueAircraftReport", "SubscriptionConfirmation",
)  # fmt: skip

_DIMENSION = dict.fromkeys("ABCD", TEXT)
_NUMBERS = (
    "UserID", "Longitude", "Latitude", "Sog", "Cog", "TrueHeading", "NavigationalStatus", "ImoNumber", "Type",
    "MaximumStaticDraught",
)  # fmt: skip
_PAYLOAD = {
    **dict.fromkeys(("Valid", *_NUMBERS, "Name", "CallSign", "Destination"), TEXT),
    "Dimension": _DIMENSION,
    "ReportA": {"Valid": TEXT, "Name": TEXT},
    "ReportB": {"Valid": TEXT, "ShipType": TEXT, "CallSign": TEXT, "Dimension": _DIMENSION},
}
_FRAME = {
    "MessageType": TEXT,
    "error": TEXT,
    "MetaData": {"time_utc": TEXT},
    "Message": dict.fromkeys(_SHIPS, _PAYLOAD),
}


def _recognises(head: Head) -> bool:
    return begins_with_keys(head, '"MessageType"') or any(
        line.startswith('{"error"') and '"error_description"' not in line for line in head.lines
    )


def _read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
    con.execute("create or replace temp table frames (line bigint, raw text)")
    for _ in document_batches(con, documents_of(content.path), '"messagetype"'):
        con.execute(f"insert into frames select line, {_FRAMES_OF_DOCUMENT} as raw from document")
    return Reading(
        select_record(_EXPRESSIONS, _messages("frames")),
        select_record(_EXPRESSIONS, _messages("row_read"), "line, raw, "),
        rows="select * from frames",
    )


# A list of frames is each of them; whatever else a document is, it is one row.
_FRAMES_OF_DOCUMENT = """unnest(case when json_exists(doc, '$[0].MessageType')
    then from_json(doc, '["JSON"]')::varchar[] else [raw] end)"""


def _messages(frames: str) -> str:
    """SQL relation of frames as `frame` (the envelope), `kind` and `said` (the message, of the form _PAYLOAD)."""
    chosen = " ".join(f"when '{kind}' then frame.Message.{kind}" for kind in _SHIPS)
    documents = f"(select *, try_cast(raw as json) as doc from {frames})"
    parsed = f"(select *, {transformed('doc', _FRAME)} as frame from {documents})"
    return f"(select *, frame.MessageType as kind, case frame.MessageType {chosen} end as said from {parsed})"


_HINT = f"""
    case when doc is null then 'unreadable'
    when kind is null then case when frame.error is not null then '{NOT_SHIP}' else 'unsupported_message' end
    when kind in {_OTHERS} then '{NOT_SHIP}'
    when kind not in {tuple(_SHIPS)} then 'unsupported_message'
    when said is null or said.Valid = 'false'
        or (kind in {_POSITIONS} and ({number_sql("said.Latitude")} is null or {number_sql("said.Longitude")} is null))
        then 'unreadable' end"""


def _of_part(name: str, a: str | None, b: str | None) -> str:
    """SQL: a static value of messages 5 and 19, or of the part of message 24 that is valid."""
    parts = [f"said.{name}"]
    parts += [f"case when said.ReportA.Valid = 'true' then said.ReportA.{a} end"] if a else []
    parts += [f"case when said.ReportB.Valid = 'true' then said.ReportB.{b} end"] if b else []
    return f"coalesce({', '.join(parts)})"


def _size(first: str, second: str) -> str:
    """SQL: metres from end to end, from the distances to the antenna."""
    dimension = _of_part("Dimension", None, "Dimension")
    return f"{number_sql(f'({dimension}).{first}')} + {number_sql(f'({dimension}).{second}')}"


_EXPRESSIONS = {
    "hint": _HINT,
    "mmsi": mmsi("UserID")(lambda name: f"said.{name}"),
    "timestamp": utc_sql(
        "regexp_replace(frame.MetaData.time_utc, '^(\\S+ \\S+) ([+-]\\d{4})( .*)?$', '\\1\\2')", naive=False
    ),
    "longitude": number_sql("said.Longitude"),
    "latitude": number_sql("said.Latitude"),
    # Message 27 has 63 for "no speed", which in the others is a speed; theirs is 102.3.
    "sog_kn": f"case when kind = 'LongRangeAisBroadcastMessage' and {number_sql('said.Sog')} = 63 then 102.3 "
    f"else {number_sql('said.Sog')} end",
    "cog_deg": number_sql("said.Cog"),
    "heading_deg": number_sql("said.TrueHeading"),
    "nav_status": "said.NavigationalStatus",
    "transceiver_class": "case kind " + " ".join(f"when '{k}' then '{c}'" for k, c in _SHIPS.items() if c) + " end",
    "receiver": "'terrestrial'",
    "imo": "said.ImoNumber",
    "name": _of_part("Name", "Name", None),
    "call_sign": _of_part("CallSign", None, "CallSign"),
    "ship_type": _of_part("Type", None, "ShipType"),
    "length_m": _size("A", "B"),
    "width_m": _size("C", "D"),
    "draught_m": number_sql("said.MaximumStaticDraught"),
    "destination": "said.Destination",
}

SOURCE = Source(
    "aisstream",
    "aisstream.io frames (JSON)",
    "aisstream.io, terms not seen; free key, no promise of service",
    _recognises,
    _read,
    version="2",
)
