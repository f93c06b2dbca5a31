"""Tables of ships that meet: what a UTC day hands on to the next, and encounters before they are attributed to hulls."""

from __future__ import annotations

from pipeline.contracts.events import ENCOUNTER
from pipeline.contracts.table import Table, columns

QUANTITIES = ("distance", "speed", "other_speed", "scatter", "heard")
PAIR = ["mmsi", "track", "other_mmsi", "other_track"]

OPEN_MEETING = Table(
    "open_meeting",
    "two tracks that were together when a UTC day ended, as far as is known; the lesser MMSI stands first",
    columns("""
        mmsi              int    lesser MMSI
        track             int    number of the track on its MMSI
        other_mmsi        int    greater MMSI
        other_track       int    number of the track on its MMSI
        began_at          time   first moment together
        last_at           time   last moment together
        known_until       time   latest fix that decides a moment of it
        moments           int    moments together
        heard             int    of these, moments at which both were heard within half the distance of moments
        parted            int    moments between them at which both were known and not together
        since_apart       int    moments after last_at at which both were known, far from each other or both slow
        since_company     int    moments after last_at at which both were under way within the distance
        since             int    moments after last_at at which both were known
        came              text   apart, company or unheard: the two in the hour before
        first_longitude   real   the lesser MMSI's position at began_at, degrees
        first_latitude    real   likewise
        east_udeg         int    sum over moments of the middle, east of first_longitude, millionths of a degree
        north_udeg        int    likewise of its latitude
        last_longitude    real   the lesser MMSI's position at last_at, degrees
        last_latitude     real   likewise
        other_last_longitude  real   the greater MMSI's position at last_at, degrees
        other_last_latitude   real   likewise
        zone_id           text?  zone at began_at
        in_port           int    moments at which one of the two was in a port
        under_way         int    moments at which the two were under way side by side
        ship_type         int    AIS ship type that the lesser MMSI last reported on a day of theirs; -1: none
        other_ship_type   int    likewise the greater MMSI
        length_m          real?  greatest length that the lesser MMSI reported on these days, metres
        other_length_m    real?  likewise the greater MMSI
    """),
    key=tuple(PAIR),
)

MEETING_COUNT = Table(
    "meeting_count",
    "open meeting, quantity and value",
    columns("""
        mmsi         int   as in open_meeting
        track        int   likewise
        other_mmsi   int   likewise
        other_track  int   likewise
        quantity     text  distance (metres; heard: the same of moments at which both were heard), speed or other_speed (hundredths of a knot, of the lesser or greater MMSI), scatter (metres that the two lay off their ways, in fives)
        value        int   the value, rounded
        moments      int   how often
    """),
    key=(*PAIR, "quantity", "value"),
)
_ADDED = ("vessel_id", "track_id", "imo", "other_vessel_id", "other_track_id", "other_imo", "provider_note", "licence")
MET = Table(
    "met",
    "encounter as found, not yet attributed to hulls",
    (
        *(column for column in ENCOUNTER.columns if column.name not in _ADDED),
        *columns("""
            track        int   number of the track on its MMSI
            other_track  int   number of the other track on its MMSI
        """),
    ),
    key=ENCOUNTER.key,
)
