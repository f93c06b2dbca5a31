"""Messages of live sources, made by hand from the documented shapes; none was recorded from a live server."""

import json
from typing import Any

KUM_SAN = 445000001
AT = "2026-11-26 05:00:00.000000000 +0000 UTC"


def frame(kind: str = "PositionReport", at: str = AT, **said: Any) -> str:
    """One aisstream envelope as one line; `said` overrides what the message holds."""
    about = {"MMSI": KUM_SAN, "MMSI_String": KUM_SAN, "ShipName": "REMEMBERED NAME     ", "time_utc": at}
    mmsi = {"MessageID": 1, "RepeatIndicator": 0, "UserID": KUM_SAN, "Valid": True}
    message = {**mmsi, **_MESSAGES.get(kind, {}), **said}
    place = {"latitude": message.get("Latitude", 38.7), "longitude": message.get("Longitude", 125.2)}
    return json.dumps({"MessageType": kind, "MetaData": about | place, "Message": {kind: message}})


_FIX = {"Longitude": 125.2, "Latitude": 38.7, "Sog": 8.8, "Cog": 272.7, "TrueHeading": 270, "Timestamp": 59}
_DIMENSION = {"Dimension": {"A": 80, "B": 16, "C": 6, "D": 10}}
_STATIC = {"Name": "KUM SAN             ", "Type": 70, **_DIMENSION}
_MESSAGES: dict[str, dict[str, Any]] = {
    "PositionReport": {**_FIX, "NavigationalStatus": 5, "RateOfTurn": -128, "PositionAccuracy": True},
    "StandardClassBPositionReport": {**_FIX, "ClassBUnit": True},
    "ExtendedClassBPositionReport": {**_FIX, **_STATIC},
    "LongRangeAisBroadcastMessage": {**_FIX, "Sog": 63, "NavigationalStatus": 0, "PositionLatency": False},
    "ShipStaticData": {
        **_STATIC, "ImoNumber": 8518780, "CallSign": "HMZF@@@", "MaximumStaticDraught": 6.5, "Destination": "NAMPO",
        "Eta": {"Month": 0, "Day": 0, "Hour": 24, "Minute": 60},
    },
    "StaticDataReport": {
        "PartNumber": False, "ReportA": {"Valid": True, "Name": "KUM SAN"},
        "ReportB": {"Valid": False, "ShipType": 0, "CallSign": "", "Dimension": dict.fromkeys("ABCD", 0)},
    },
    "BaseStationReport": {"UserID": 4310001, "Longitude": 125.2, "Latitude": 38.7},
}  # fmt: skip

CONFIRMATION = json.dumps({"MessageType": "SubscriptionConfirmation", "Message": {}})


def aishub_record(**said: Any) -> dict[str, Any]:
    """One record of AISHub, format=1."""
    return {
        "MMSI": KUM_SAN, "TIME": "2026-11-26 05:00:00 GMT", "LONGITUDE": 125.2, "LATITUDE": 38.7, "COG": 272.7,
        "SOG": 8.8, "HEADING": 270, "ROT": 128, "NAVSTAT": 5, "IMO": 8518780, "NAME": "KUM SAN", "CALLSIGN": "HMZF",
        "TYPE": 70, "A": 80, "B": 16, "C": 6, "D": 10, "DRAUGHT": 6.5, "DEST": "NAMPO", "ETA": "00-00 24:60",
    } | said  # fmt: skip


def aishub_record_as_sent(**said: Any) -> dict[str, Any]:
    """The same record, format=0."""
    return aishub_record(
        TIME="1795669200", LONGITUDE=75120000, LATITUDE=23220000, COG=2727, SOG=88, DRAUGHT=65, ETA=1596
    ) | said  # fmt: skip


def aishub(*records: Any, form: str = "HUMAN", **header: Any) -> str:
    """An answer of AISHub."""
    head = {"ERROR": False, "USERNAME": "AH_0000_SECRET", "FORMAT": form, "RECORDS": len(records)} | header
    return json.dumps([head, list(records)])


def barentswatch_record(**said: Any) -> dict[str, Any]:
    """One record of BarentsWatch, modelType=Full; draught in decimetres."""
    return {
        "mmsi": 257056190, "msgtime": "2026-11-26T06:00:00+01:00", "altitude": None, "courseOverGround": 200.6,
        "latitude": 60.083027, "longitude": 5.343123, "navigationalStatus": 0, "rateOfTurn": 0, "speedOverGround": 16.3,
        "trueHeading": 201, "imoNumber": 9822073, "callSign": "LEVT", "name": "LYSOY", "destination": "HALHJEM",
        "eta": "12302300", "draught": 48, "shipLength": 134, "shipWidth": 21, "shipType": 62, "dimensionA": 67,
        "dimensionB": 67, "dimensionC": 10, "dimensionD": 11, "positionFixingDeviceType": 1, "reportClass": "A",
    } | said  # fmt: skip


def poll(source: str, body: str) -> str:
    """A poll as it lands, as one line."""
    return f'{{"source":"{source}","polled_at":"2026-11-26T05:00:01Z","body":{body}}}'
