"""Tables of the lake: what files hold, and what is derived from it by UTC day."""

from __future__ import annotations

from pipeline.contracts.table import Table, columns

RECEIVERS = ("unknown", "terrestrial", "satellite")  # kinds of receiver, in the order of their codes

POSITION = Table(
    "position",
    "distinct AIS position report; sorted by mmsi, timestamp, then content",
    columns("""
        mmsi               int    MMSI as transmitted
        timestamp          time   when the position was reported (UTC)
        longitude          real   degrees east, WGS 84
        latitude           real   degrees north, WGS 84
        sog_kn             real?  speed over ground, knots
        cog_deg            real?  course over ground, degrees
        heading_deg        real?  true heading, degrees
        nav_status         int?   navigational status, ITU-R M.1371 code 0-14
        transceiver_class  text?  A or B
        receiver           text   satellite, terrestrial or unknown
        precision_m        real?  metres within which the ship was of the position given; null: as exact as AIS is
        precision_s        real?  seconds within which she was there of the time given; null: as exact as AIS is
        source_file_id     text   the file it came in (source_file)
    """),
)

VESSEL_REPORT = Table(
    "vessel_report",
    "MMSI, UTC hour and distinct static report content, with the times it was first and last sent in that hour",
    columns("""
        mmsi            int    MMSI as transmitted
        timestamp       time   first time this content was sent in the hour (UTC)
        last_at         time   last time this content was sent in the hour (UTC)
        imo             int?   IMO number as transmitted, digits only; its check digit may fail
        name            text?  ship's name, trimmed, upper case as sent
        call_sign       text?  radio call sign
        ship_type       int?   AIS ship type code 1-99
        length_m        real?  overall length (bow + stern), metres
        width_m         real?  beam (port + starboard), metres
        draught_m       real?  draught as entered by hand on board, metres
        destination     text?  destination as entered by hand on board
        source_file_id  text   the file it came in (source_file)
    """),
)

REJECT = Table(
    "reject",
    "row or sentence that became neither position nor report, and is kept",
    columns("""
        source_file_id  text   the file it came in
        line            int    1-based line (or row) number in the file
        reason          text   why, one of a small set of words (see rejected_row_count)
        detail          text?  what was found and what was expected, where that is known
        raw             text?  the row or sentence as read
    """),
)

IDENTITY = ("imo", "name", "call_sign", "ship_type", "length_m", "width_m")  # what a ship calls herself

RUN = Table(
    "run",
    "maximal stretch of consecutive fixes of one ship's UTC day with the same zone, motion and draught; or one silence between two runs",
    columns("""
        mmsi             int    MMSI as transmitted
        ship             int    1, 2 … where several ships share the MMSI on that day
        motion           text   stopped, slow, drifting, under_way, unknown (no speed sent) or silence
        zone_id          text?  innermost zone of its fixes; null at sea and for a silence
        draught_dm       int?   draught in force, decimetres
        began_at         time   first fix; for a silence the last fix before it
        ended_at         time   last fix; for a silence the first fix after it
        first_longitude  real   position at began_at, degrees
        first_latitude   real   position at began_at, degrees
        last_longitude   real   position at ended_at, degrees
        last_latitude    real   position at ended_at, degrees
        fixes            int    number of fixes; 0 for a silence
        distance_m       int    metres sailed: legs between its fixes and the leg that leads to its first fix; for a silence the leg that spans it
        speed_sum_mkn    int    sum of reported speeds, milli-knots
        speeds           int    number of fixes with a reported speed
        last_terrestrial_at  time?  last fix heard by a shore station; null if none was known to be
        last_satellite_at    time?  last fix heard by satellite; null if none was known to be
        precision_m      int    metres within which its fixes are known; 0: as exact as AIS is; of a silence the sum of both its ends
        precision_s      int    seconds within which their times are known; 0: as exact as AIS is; of a silence the sum of both its ends
    """),
)

CREEP = Table(
    "creep",
    "UTC hour in which a ship went slowly ahead, as ships that transfer under way do",
    columns("""
        mmsi             int   MMSI as transmitted
        ship             int   1, 2 … where several ships share the MMSI on that day
        first_at         time  first such fix of the hour
        last_at          time  last one
        first_longitude  real  position at first_at, degrees
        first_latitude   real  position at first_at, degrees
        last_longitude   real  position at last_at, degrees
        last_latitude    real  position at last_at, degrees
    """),
)

COVERAGE = Table(
    "coverage",
    "grid cell and UTC hour in which at least one vessel was heard",
    columns("""
        cell     int   number of the 0.25 degree cell: (floor((latitude + 90) * 4)) * 1440 + floor((longitude + 180) * 4)
        hour     time  start of the hour (UTC)
        vessels  int   distinct MMSIs heard
        unknown_vessels      int   of these, heard by receivers of unknown kind (who is heard by several kinds counts in each)
        terrestrial_vessels  int   of these, heard by shore stations
        satellite_vessels    int   of these, heard by satellites
        fixes    int   fixes heard
    """),
    key=("cell", "hour"),
)

TRACK_END = Table(
    "track_end",
    "track: its last fix at the end of a UTC day, and the state it was left in",
    columns("""
        mmsi          int    MMSI as transmitted
        track         int    number of the track on its MMSI
        at            time   last fix
        longitude     real   last position, degrees
        latitude      real   last position, degrees
        zone_id       text?  innermost zone of the last fix
        motion        text   motion class of the last fix
        call_zone_id  text?  the port, basin or anchorage she is in, or whose margin she has not left yet; ~stop at rest outside every one
        precision_m   int    metres within which that position is known; 0: as exact as AIS is
        precision_s   int    seconds within which that time is known; 0: as exact as AIS is
        only_at_lock  bool   whether she was heard at locks alone since the data begins
        stopping      bool   whether she was last stopped, and has not moved since
        draught_dm    int?   draught last seen, decimetres
        draught_at    time?  first time that draught was seen
        last_terrestrial_at  time?  last fix heard by a shore station
        last_satellite_at    time?  last fix heard by satellite
        fixes         int    fixes so far, counted up to the least that makes a track
        attested      bool   whether it is taken for a hull; what is not makes no events
        days          int    days it was heard on while it was not attested
        sustained_mkn int?   greatest speed over ground that she kept up for hours so far (limits: dark_call.sustained_hours), milli-knots
        leg_at        time?  an earlier fix of hers, an hour or more before the last one (limits: dark_call.leg_hours)
        leg_longitude real?  position at that fix, degrees
        leg_latitude  real?  position at that fix, degrees
    """),
    key=("mmsi", "track"),
)

STAY = Table(
    "stay",
    "stretch of one track in one port, basin or anchorage, or between two; or, carried over from earlier days, the sum of several",
    columns("""
        mmsi                int    MMSI as transmitted
        track               int    number of the track on its MMSI
        role                text   new; or carried: origin (the call the present voyage starts from), since (all after it), last (last call at the same port), approach (from the first passage on of a last stretch through one harbour), open
        call_zone_id        text?  port, basin or anchorage; ~stop at rest outside every one; null between them
        visit_id            text?  of a call: the first call of the visit it is part of
        berth_zone_id       text?  terminal where she was stopped longest, so far
        before_at           time?  last fix before it; null if there is none
        first_at            time   first fix in it
        first_longitude     real   position of that fix, degrees
        first_latitude      real   position of that fix, degrees
        last_at             time   last fix in it
        left_at             time?  first fix after it; null while open
        left_dark           bool   whether she left during a silence of port gap length
        passages            int    ports, basins and anchorages passed without a stop, of a carried sum and of a stay that is one
        distance_m          int    metres sailed
        first_stop_at       time?  first stopped fix
        stop_longitude      real?  position of that fix, degrees
        stop_latitude       real?  position of that fix, degrees
        stopped_us          int    microseconds stopped
        first_gap_at        time?  end of the first silence of port gap length inside it
        rested_at           time?  outside every port, the fix by which she had lain there for as long as a call takes
        dark_us             int    microseconds in silences of AIS gap length
        longest_silence_us  int    longest silence, microseconds
        draught_first_dm    int?   draught in force at its begin, decimetres
        draught_first_at    time?  first time that draught was seen
        draught_last_dm     int?   draught in force at its end, decimetres
        draught_last_at     time?  first time that draught was seen
    """),
)

BERTH = Table(
    "berth",
    "track in an open port call and zone inside it where she was stopped",
    columns("""
        mmsi        int   MMSI as transmitted
        track       int   number of the track on its MMSI
        zone_id     text  the zone
        stopped_us  int   microseconds stopped there during the call
    """),
    key=("mmsi", "track", "zone_id"),
)

SLOW_STRETCH = Table(
    "slow_stretch",
    "track that sails slowly off every port when a UTC day ends, as far as is known",
    columns("""
        mmsi        int    MMSI as transmitted
        track       int    number of the track on its MMSI
        began_at    time   fix from which she sailed slowly
        longitude   real   position at began_at, degrees
        latitude    real   position at began_at, degrees
        zone_id     text?  innermost zone of the first slow run
        cut         bool   whether the data of the track begins with it
        last_at     time   last slow fix
        last_longitude  real  position at last_at, degrees
        last_latitude   real  position at last_at, degrees
        distance_m  int    metres sailed up to last_at
        pause_m     int    metres sailed since last_at, not slowly
        pause_at    time?  first fix since at which she was under way
    """),
    key=("mmsi", "track"),
)

SAID = Table(
    "said",
    "track: what it last called itself, and the last report of each value",
    columns("""
        mmsi           int    MMSI as transmitted
        track          int    number of the track on its MMSI
        imo            text?  IMO number as reported
        imo_at         time?  last report of it
        name           text?  name
        name_at        time?  last report of it
        call_sign      text?  call sign
        call_sign_at   time?  last report of it
        ship_type      text?  AIS ship type
        ship_type_at   time?  last report of it
        dimensions     text?  length and beam, metres
        dimensions_at  time?  last report of them
    """),
    key=("mmsi", "track"),
)
