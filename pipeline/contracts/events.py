"""Tables of what AIS reports of a ship at sea or wherever she is, and the columns that every event has."""

from __future__ import annotations

from pipeline.contracts.table import Table, columns

OURS = "ais"  # source of events found by this pipeline in AIS positions

EVENT = """
        vessel_id     text   the hull it is attributed to (vessel)
        track_id      text?  the track it was seen on (track); null for a provider's events
        mmsi          int    MMSI as transmitted
        imo           int?   IMO number with valid check digit that the track reported
        source        text   ais (ours) or the provider of the event
        known_at      time   end of the UTC day whose data established the row as it stands
        cut_at_start  bool   true when the event may have begun before the data did
        provider_note text?  of a provider's event: what the provider says of it beside the columns, and is known not to see; null for ours
        licence       text?  of a provider's event: terms that bind whoever passes it on; null for ours, and where any use is free
"""

AIS_GAP = Table(
    "ais_gap",
    "silence of one track longer than the least that counts (limits: gap.min_hours)",
    columns(
        """
        ais_gap_id           text   deterministic: kind, MMSI, time and place of the last fix before the silence
    """
        + EVENT
        + """
        began_at             time   last fix before
        ended_at             time?  first fix after; null while open
        hours                real?  length; null while open
        off_longitude        real   last position before, degrees
        off_latitude         real   last position before, degrees
        on_longitude         real?  first position after, degrees
        on_latitude          real?  first position after, degrees
        off_zone_id          text?  innermost zone of the last position before
        on_zone_id           text?  innermost zone of the first position after
        distance_nm          real?  distance between both
        implied_speed_kn     real?  distance over hours
        receiver             text?  kind of receiver that heard her last (limits: gap.receiver_hours): terrestrial, satellite or unknown; reception is tested by what that kind heard of others, of unknown ones by what any did; null for a provider's gap
        reception            text   heard_others, not_heard or unknown: could she have been heard?
        reception_cell_deg   real?  size of the cell the test used, degrees; null if unknown for want of traffic
        hours_tested         int    full hours tested after going silent and before coming back; by satellites only those in which one passed
        hours_heard          int    of these, hours in which others were heard in the cell
        vessel_hours_before  int    vessel-hours heard in the cell around the last fix in the day before it
        reception_outage_id  text?  the outage of reception, or change of the source, that hid her in the most of the hours after and before (reception_outage); null if none did
        hours_hidden         int?   the hours after and before in which it did
        satellite_positions_per_day  real?  of a provider's gap: positions a day that its provider's satellites receive of a ship where it began; null for ours
        feasible_zone_id     text?  port where coal is loaded at which the silence left time to load, the one with the longest stay (dark_call, rank 1); null while open
        feasible_stay_hours  real?  longest stay that it left time for there; null while open
    """
    ),
    key=("ais_gap_id",),
    span=("began_at", "ended_at"),
    open_when="ended_at",
)

DARK_CALL = Table(
    "dark_call",
    "silence (ais_gap) and port where coal is loaded that it left the ship time to call and load at: a call that is possible, not one that was seen",
    columns(
        """
        dark_call_id         text   deterministic: kind, MMSI, time and place of the last fix before the silence, zone
    """
        + EVENT
        + """
        ais_gap_id           text   the silence
        zone_id              text   port or basin where coal is loaded
        port                 text   its port
        country              text   ISO 3166 alpha-2
        rank                 int    1 for the port of the silence at which she could have stayed longest (while it is open: the nearest), then 2 …
        ports_in_reach       int    ports that the silence left time for, this one among them
        began_at             time   last fix before the silence
        ended_at             time?  first fix after it; null while open: the call is then possible, and its stay still grows
        earliest_arrival_at  time   when she can have been at the berth at the earliest
        latest_departure_at  time?  when she must have left it at the latest; null while open
        longest_stay_hours   real?  hours between the two, at least what the smallest cargo takes (limits: port_call.cargo_hours); null while open
        distance_in_nm       real   way over water from the last fix before to the berth, through the lock where there is one
        distance_out_nm      real?  way over water from there to the first fix after; null while open
        speed_kn             real   speed she is taken to sail at
        speed_from           text   sustained (the greatest she was seen to keep up for hours before the silence), least or most (the bound that it lies beyond: limits dark_call), usual (none was seen yet)
        speed_before_kn      real?  speed made good over the last hour or more before the silence; null where she was not heard so long before
        approach_share       real?  of that way, how much brought her nearer to the port over water: 1 straight there, -1 straight away; null where it is not known, or too short to say
    """
    ),
    key=("dark_call_id",),
    span=("began_at", "ended_at"),
    open_when="ended_at",
)

ENCOUNTER = Table(
    "encounter",
    "meeting of two tracks for two hours or more (limits: encounter), slow and within reach of each other at sea, or side by side: at sea also under way, in an anchorage, and with a context in a port; pairs are independent: three ships at one place have three",
    columns(
        """
        encounter_id       text   deterministic: kind, both MMSIs and first common moment
    """
        + EVENT
        + """
        other_vessel_id    text?  the other hull; null where she sent no ship's number (of a provider's encounter)
        other_track_id     text?  the other track
        other_mmsi         int?   the other MMSI; null likewise
        other_imo          int?   the other IMO number
        began_at           time   first common moment
        ended_at           time?  last common moment; null while open
        median_distance_m  real?  metres apart, the median of all moments
        median_speed_kn    real?  speed of the pair
        longitude          real   middle position, degrees
        latitude           real   middle position, degrees
        zone_id            text?  innermost zone
        last_at            time?  last common moment so far, while open too; null for an encounter bought in
        spread_m           real?  distance between the quartiles of the distances, metres: little where the two moved as one; null for an encounter bought in
        heard_share        real?  share of the moments together at which both were heard; at the others one was taken to be between her fixes before and after; null for an encounter bought in
        length_m           real?  greatest length that the first ship reported on these days, metres
        other_length_m     real?  likewise the other one
        lay_m              real?  metres apart, the median of the moments at which both were heard, if these are three or more, else median_distance_m; null for an encounter bought in
        beside_m           real?  how far apart the antennas of two such ships may be seen while they lie side by side, metres; compare lay_m; null for an encounter bought in
        alongside          text?  whether they lay side by side: yes (by lay_m and by median_distance_m no further apart than beside_m, and as one), unsure (the same, but a length was not reported, they were little heard, or the distance varied), no; null for an encounter bought in
        under_way_share    real?  share of the moments at which they were under way side by side, faster than ships in an encounter are; null for an encounter bought in
        context            text?  why it is no transfer between two ships that met for it: berth, service_craft, fishing_boats, in_company (they came and left together: convoy, tow, pair trawlers, one hull under two MMSIs), own_anchors (each swung at her own), tankers, bunkering (one of them a tanker); null where none of these is known
    """
    ),
    key=("encounter_id",),
    span=("began_at", "ended_at"),
    ships=("mmsi", "other_mmsi"),
    open_when="ended_at",
)

LOITERING = Table(
    "loitering",
    "wait of one track: slow at sea, off every port and known anchorage (limits: loitering), or off a port that she left again without a berth",
    columns(
        """
        loitering_id    text   deterministic: kind, MMSI, time and place of its begin
    """
        + EVENT
        + """
        kind            text   at_sea, or paper_call: she waited at a port's anchorage and sailed on to another port without a berth there. A queue at an anchorage is no loitering: it is a call there (port_call), or a stop
        began_at        time   fix from which she sailed slowly; of a paper call the first fix at the anchorage
        ended_at        time?  last slow fix; null while open
        hours           real?  length; null while open
        stopped_hours   real?  of a paper call: hours she lay stopped; null of others
        distance_nm     real?  distance sailed; null of a paper call
        mean_speed_kn   real?  mean speed; null of a paper call
        longitude       real   first position, degrees
        latitude        real   first position, degrees
        zone_id         text?  innermost zone
        port            text?  of a paper call: the port she waited off
        next_port       text?  of a paper call: the port of her next call
        next_country    text?  of a paper call: its country, ISO 3166 alpha-2
        draught_change_m  real?  of a paper call: draught on leaving minus draught on arrival, metres
    """
    ),
    key=("loitering_id",),
    span=("began_at", "ended_at"),
    open_when="ended_at",
)

DRAUGHT_CHANGE = Table(
    "draught_change",
    "change of a track's reported draught",
    columns(
        """
        draught_change_id  text   deterministic: kind, MMSI and first fix with the new draught
    """
        + EVENT
        + """
        changed_after      time   last fix with the old draught
        changed_by         time   first fix with the new draught
        draught_before_m   real   old draught, metres
        draught_after_m    real   new draught, metres
        change_m           real   new minus old, metres
        zone_id            text?  innermost zone of the first fix with the new draught
        port_call_id       text?  the call during which the new draught was seen, where it was known for a call by the end of that day; null at sea. What a ship loaded or landed is read from changes soon after a call too (limits: draught)
    """
    ),
    key=("draught_change_id",),
    span=("changed_after", "changed_by"),
)

IDENTITY_CHANGE = Table(
    "identity_change",
    "change of what a ship calls herself, or pair of tracks that are, or claim to be, one ship",
    columns(
        """
        identity_change_id  text   deterministic: kind, field, MMSI and first report with the new value; of a pair both tracks
    """
        + EVENT
        + """
        kind                text   value (a track reports another value), succession (first heard where a ship of the same size fell silent, and silent while she is heard), same_number (an IMO number is heard under another MMSI), two_places (one IMO number at two places at once), other_ship (an IMO number of a ship of another size)
        field               text   name, call_sign, imo, mmsi, ship_type or dimensions
        changed_after       time   last report of the old value; of a pair the last fix, or report, of the other track before
        changed_by          time   first report of the new value; of a pair the first fix, or report, of this track
        value_before        text?  old value
        value_after         text?  new value
        ordinary            text?  an ordinary cause that fits: spelling (the names differ by a letter or two), remeasured, unspecific (a type that says little), numbered (a number where there was none), reflagged (the other MMSI is heard no more, as after a sale), two_sets (both are heard at one place: two transponders), own_number (a ship first heard more than a day later that sends a valid IMO number of her own); null where none does
        longitude           real?  where she was then, degrees
        latitude            real?  where she was then, degrees
        zone_id             text?  innermost zone of that place
        other_mmsi          int?   of a pair: MMSI of the other track
        other_vessel_id     text?  of a pair: the other hull
        other_track_id      text?  of a pair: the other track
        off_longitude       real?  of a pair: where the other was then, degrees
        off_latitude        real?  of a pair: where the other was then, degrees
        other_back_at       time?  of a succession: when the other is heard again; null while she is not, and of others
        distance_nm         real?  of a pair: distance between both
        hours               real?  of a pair: from the one to the other
        candidates          int?   of a succession: ships whose silence fits as well, with this one
    """
    ),
    key=("identity_change_id",),
    span=("changed_after", "changed_by"),
    ships=("mmsi", "other_mmsi"),
)

POSITION_ANOMALY = Table(
    "position_anomaly",
    "stretch of fixes that the ship of their MMSI cannot have sent from where they say",
    columns("""
        position_anomaly_id  text   deterministic: kind, MMSI, time and place of the first fix
        mmsi                 int    MMSI as transmitted
        kind                 text   implausible_jump (too few fixes to be a ship's), burst (fixes of a time too short to attest a second hull on the MMSI: limits track.hull_hours, hull_times), frozen (one position for hours at a speed), circle (round and round on one radius, under way), grid (every position on a lattice of hundredths of a degree), replayed (another ship's way on the MMSI once more), clock_off (likewise, by whole hours), out_of_range (heard by shore stations that heard none of the ships which satellites heard around her)
        began_at             time   first fix of the stretch
        ended_at             time   last fix of the stretch
        longitude            real   first position, degrees
        latitude             real   first position, degrees
        fixes                int    fixes in the stretch
        distance_nm          real?  of a jump or burst: distance from the ship's nearest fix in time
        implied_speed_kn     real?  of a jump or burst: speed needed to get there
        ships                int    ships with an anomaly within an hour and some miles of this one, itself counted: from three on it is interference (limits: anomaly), and no matter of the ship
        interference         bool   whether it is
        known_at             time   end of the UTC day
    """),
    key=("position_anomaly_id",),
    span=("began_at", "ended_at"),
)
