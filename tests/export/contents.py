"""Contents of an export made by hand: a ship with a hostile name, an alert on her, a track across 180 degrees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from shapely import MultiPolygon, Polygon

from pipeline.export.about import About
from pipeline.export.alerts import alert_layer
from pipeline.export.claims import claim_layer
from pipeline.export.contents import Contents
from pipeline.export.events import event_layer
from pipeline.export.layer import Layer, typed
from pipeline.export.ships import ship_layer
from pipeline.export.tracks import track_layer

OF_LINE = ["alert_id", "vessel_id", "vessel_name", "imo", "mmsi", "grade", "synthetic", "licence"]
HOSTILE = "=1+1<b>&amp;\x00\x1b[31m\u202eLAOC\u202c\ud800\uffff \"'한글"
SHOWN = "=1+1<b>&amp; [31m LAOC \"'한글"
ABOUT = About(
    selection="--grade strong", data_from="2024-06-01", data_to="2024-06-30", days=30,
    sources=({"source": "dma", "licence": "for members", "synthetic": True},),
    terms=({"source": "dma", "licence": "for members"},), synthetic=True, version="9.9",
)  # fmt: skip
_ALERT = {
    "alert_id": "a1", "status": "standing", "grade": "strong", "score": 7.5, "pattern_id": "direct-call",
    "headline": f"{HOSTILE} AIS-reported a stop", "vessel_id": "mmsi-1", "vessel_name": HOSTILE, "imo": None,
    "mmsi": 1, "began_at": "2024-06-03T01:02:03Z", "ended_at": "2024-06-04T01:02:03.250000Z", "voyage_id": None,
    "origin_zone_id": "kp-nampo", "destination_zone_id": None, "innocent_explanation": "aid",
    "missing_evidence": "an image",
    "withdrawn_reason": None, "last_decision": None, "evidence_changed": None, "synthetic": True,
    "licence": "for members", "known_at": "2024-06-05T00:00:00Z", "evidence_hash": "h",
}  # fmt: skip
_EVENT = {
    "event_table": "encounter", "event_id": "e1", "vessel_id": "mmsi-1", "name": HOSTILE, "imo": None, "mmsi": 1,
    "from_at": "2024-06-03T01:02:03Z", "to_at": None, "place": "kp-nampo", "sentence": "Met MMSI 2", "source": "ais",
    "provider_note": None, "synthetic": True, "licence": None, "known_at": "2024-06-05T00:00:00Z",
}  # fmt: skip
_SHIP = {
    "vessel_id": "mmsi-1", "imo": 9000003, "mmsi": 1, "name": HOSTILE, "call_sign": "@SUM(A1)", "flag": "KP",
    "ship_type": 70, "length_m": 100.5, "width_m": None, "from_at": "2024-06-01T00:00:00Z",
    "to_at": "2024-06-30T00:00:00Z", "licence": None,
}  # fmt: skip
_CLAIM = {
    "claim_id": "article/C1", "article_id": "article", "label": "C1", "statement": "Coal leaves.",
    "speaker": "a sailor", "testability": "A", "source_grade": "D", "information_grade": "3", "window_id": "W0",
    "window_from_at": "2024-06-01T00:00:00Z", "window_to_at": "2024-07-01T00:00:00Z", "verdict": "WEAKENED",
    "coverage_share": 0.5, "alerts_for": 1, "alerts_against": 0, "alerts_confirmed": 0, "alerts_dismissed": 0,
    "observations_for": 0, "observations_against": 1, "voyages_estimated": None, "tonnes_low": None,
    "tonnes_high": None,
    "reason": "One speaks against.", "would_change_it": "An image.", "days_held_back": 0, "title": "An article",
    "publisher": "A paper", "author": None, "url": "https://paper.example/1", "published_at": "2024-07-02T00:00:00Z",
    "synthetic": False,
}  # fmt: skip
_LISTED = {
    "vessel_id": "mmsi-1", "watchlist_id": "un-1718", "entry_id": "7", "authority": "UN", "title": "List",
    "licence": "free", "name": "OLD", "other_names": None, "listed_on": "2018-03-30", "listed_by": "2018-04-01",
    "delisted_on": None, "delisted_by": None, "measures": "port ban", "programme": "1718",
}  # fmt: skip
_PLACES = [("2024-06-03T01:02:03Z", 179.0, 38.0, "silence"), ("2024-06-03T05:00:00Z", -179.0, 39.0, "slow"),
           ("2024-06-03T09:00:00Z", -178.0, 39.0, "stopped"), ("2024-06-03T12:00:00Z", -178.0, 39.5, "under_way"),
           ("2024-06-03T15:00:00Z", -178.0, 40.0, "stopped"),
           ("2024-06-04T01:02:03Z", -178.0, 40.0, "stopped")]  # fmt: skip
_TRACK = [
    {
        "alert_id": "a1",
        "sequence": number,
        "timestamp": at,
        "longitude": x,
        "latitude": y,
        "motion": motion,
        "zone_id": None,
    }
    for number, (at, x, y, motion) in enumerate(_PLACES, 1)
]
_EVIDENCE = {"alert_id": "a1", "weight": 4.0, "statement": "at the berth", "event_table": "encounter", "event_id": "e1"}
_BEARS = {"alert_id": "a1", "claim_id": "article/C1", "relation": "supports", "reason": "so"}
_NAMED = {"vessel_id": "mmsi-1", "name": "BEFORE", "from_at": "2024-06-01T00:00:00Z"}
_ZONE = {"zone_id": "kp-nampo", "name": "Nampo", "longitude": 125.4, "latitude": 38.7}
_PLACED = {"event_table": "encounter", "event_id": "e1", "longitude": 124.0, "latitude": 38.5}


def contents(*names: str, empty: bool = False) -> Contents:
    """Layers of these names, or all; without any row if `empty`."""

    def frame(*rows):
        return typed(list(rows[0]), [] if empty else rows)

    alerts, events, track = frame(_ALERT), frame(_EVENT), frame(*_TRACK)
    ties = {
        "evidence": frame(_EVIDENCE), "bearings": frame(_BEARS), "listed": frame(_LISTED), "names": frame(_NAMED),
        "ships": frame(_SHIP), "claims": frame(_CLAIM), "zone_points": frame(_ZONE),
    }  # fmt: skip
    placed = event_layer(events, frame(_PLACED), ties["zone_points"])
    layers = {
        "alerts": alert_layer(alerts, ties["evidence"], ties["bearings"], track, ties["zone_points"]),
        "ships": ship_layer(ties["ships"], ties["names"], ties["listed"], alerts, placed),
        "events": placed,
        "tracks": track_layer(track.rename(columns={"alert_id": "line_id"}), alerts[OF_LINE].assign(line_id="a1")),
        "zones": zones(empty=empty),
        "claims": claim_layer(ties["claims"]),
    }
    chosen = tuple(layer for name, layer in layers.items() if not names or name in names)
    return Contents(replace(ABOUT, rows={layer.name: len(layer.rows) for layer in chosen}), chosen, ties)


def zones(*, empty: bool) -> Layer:
    """A zone with a hole, its rings turned the wrong way round."""
    shapes = np.empty(0 if empty else 1, dtype=object)
    if not empty:
        around = [(125, 38), (125, 39), (126, 39), (126, 38), (125, 38)]
        hole = [(125.2, 38.2), (125.4, 38.2), (125.4, 38.4), (125.2, 38.4), (125.2, 38.2)]
        shapes[0] = MultiPolygon([Polygon(around, [hole])])
    rows = typed(
        ["zone_id", "name", "kind"], [] if empty else [{"zone_id": "kp-nampo", "name": "Nampo", "kind": "port"}]
    )
    return Layer("zones", rows, ("zone_id",), "name", shapes, "MultiPolygon", None, "kind")
