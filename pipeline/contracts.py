"""Every table of coalwatch: columns, types, units, key and grain, written once.

Stages check their frames here, the warehouse builds its models from here, and the data dictionary is printed from here.
A name is an interface: analysts join on it.

Conventions: times are UTC (`…_at`; intervals are half-open [from_at, to_at)), angles degrees, distances nautical miles
(`_nm`) or metres (`_m`), speeds knots (`_kn`), draughts metres. A day is a UTC day, written `YYYY-MM-DD`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pipeline.errors import ContractError

if TYPE_CHECKING:
    from pandas import DataFrame, Series

# Column types and the pandas dtype that carries them: (without nulls, with nulls).
DTYPES = {
    "int": ("int64", "Int64"),
    "real": ("float64", "float64"),
    "text": ("str", "str"),
    "bool": ("bool", "boolean"),
    "time": ("datetime64[us, UTC]", "datetime64[us, UTC]"),
    "date": ("str", "str"),  # ISO text in frames, DATE in the warehouse
}


@dataclass(frozen=True)
class Column:
    """One column: its type, whether it may be null, and a sentence (with the unit where the name does not say it)."""

    name: str
    type: str
    doc: str
    null: bool = False

    @property
    def dtype(self) -> str:
        """The pandas dtype that carries this column."""
        return DTYPES[self.type][self.null]


@dataclass(frozen=True)
class Table:
    """One table: `grain` completes "one row per …"; `key` is unique; `open_when` names the column that is null while a row is open.

    `lifecycle` columns tell in which order we learnt things; all others are a function of the data and the knowledge files.
    """

    name: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    open_when: str | None = None
    lifecycle: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    def empty(self) -> DataFrame:
        """A frame of this table without rows."""
        return _empty(self).copy()

    def conform(self, frame: DataFrame) -> DataFrame:
        """The frame with exactly this table's columns, in order, cast to their dtypes; then checked.

        raises  ContractError as `check` does
        """
        from pandas import DataFrame

        missing = [name for name in self.names if name not in frame.columns]
        if missing:
            raise ContractError(
                f"{self.name}: column {missing[0]} is missing (found: {', '.join(map(str, frame.columns))})"
            )
        if not len(frame):
            return self.empty()
        return self.check(DataFrame({c.name: _cast(frame[c.name], c) for c in self.columns}).reset_index(drop=True))

    def check(self, frame: DataFrame) -> DataFrame:
        """Return the frame unchanged if it keeps the contract.

        raises  ContractError naming the table, the column and the first offending row
        """
        if list(frame.columns) != self.names:
            raise ContractError(f"{self.name}: columns are {list(frame.columns)}; expected {self.names}")
        for column in self.columns:
            values = frame[column.name]
            if str(values.dtype) != column.dtype:
                raise ContractError(f"{self.name}.{column.name}: dtype is {values.dtype}; expected {column.dtype}")
            if not column.null and values.isna().any():
                raise ContractError(
                    f"{self.name}.{column.name}: null in row {int(values.isna().argmax())}; expected a value"
                )
        if self.key and frame.duplicated(list(self.key)).any():
            row = frame.loc[frame.duplicated(list(self.key)), list(self.key)].iloc[0].tolist()
            raise ContractError(f"{self.name}: key {self.key} is not unique, first at {row}")
        return frame


@cache
def _empty(table: Table) -> DataFrame:
    from pandas import DataFrame, Series

    return DataFrame({column.name: Series(dtype=column.dtype) for column in table.columns})


def _cast(values: Series, column: Column) -> Series:
    """The values in the column's dtype; times without a zone are UTC already."""
    if str(values.dtype) == column.dtype:
        return values
    if column.type == "time" and getattr(values.dtype, "tz", None) is None:
        from pandas import to_datetime

        values = to_datetime(values, utc=True)
    return values.astype(column.dtype)


def _columns(text: str) -> tuple[Column, ...]:
    """Columns from lines `name type sentence`; a type with `?` may be null."""
    columns = []
    for line in filter(str.strip, text.splitlines()):
        name, kind, doc = line.strip().split(None, 2)
        columns.append(Column(name, kind.rstrip("?"), doc, kind.endswith("?")))
    return tuple(columns)


# ---------------------------------------------------------------------------------------------------- lake

POSITION = Table(
    "position",
    "distinct AIS position report; sorted by mmsi, timestamp, then content",
    _columns("""
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
        source_file_id     text   the file it came in (source_file)
    """),
)

VESSEL_REPORT = Table(
    "vessel_report",
    "MMSI, UTC hour and distinct static report content, with the times it was first and last sent in that hour",
    _columns("""
        mmsi            int    MMSI as transmitted
        timestamp       time   first time this content was sent in the hour (UTC)
        last_at         time   last time this content was sent in the hour (UTC)
        reports         int    how often it was sent
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
    _columns("""
        source_file_id  text   the file it came in
        line            int    1-based line (or row) number in the file
        reason          text   why, one of a small set of words (see rejected_row_count)
        raw             text?  the row or sentence as read
    """),
)

RUN = Table(
    "run",
    "maximal stretch of consecutive fixes of one ship's UTC day with the same zone, motion and draught; or one silence between two runs",
    _columns("""
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
        satellite_fixes  int    fixes heard by satellite
    """),
)

COVERAGE = Table(
    "coverage",
    "grid cell and UTC hour in which at least one vessel was heard",
    _columns("""
        cell     int   number of the 0.25 degree cell: (floor((latitude + 90) * 4)) * 1440 + floor((longitude + 180) * 4)
        hour     time  start of the hour (UTC)
        vessels  int   distinct MMSIs heard
        fixes    int   fixes heard
    """),
    key=("cell", "hour"),
)

TRACK_END = Table(
    "track_end",
    "track: its last fix at the end of a UTC day, and the state it was left in",
    _columns("""
        mmsi          int    MMSI as transmitted
        track         int    number of the track on its MMSI
        at            time   last fix
        longitude     real   last position, degrees
        latitude      real   last position, degrees
        zone_id       text?  innermost zone of the last fix
        motion        text   motion class of the last fix
        call_zone_id  text?  the port, basin or anchorage she is in, or whose margin she has not left yet
        stopping      bool   whether she was last stopped, and has not moved since
        draught_dm    int?   draught last seen, decimetres
        draught_at    time?  first time that draught was seen
        fixes         int    fixes so far, counted up to the least that makes a track
    """),
    key=("mmsi", "track"),
)

SPELL = Table(
    "spell",
    "stretch of one track in one port, basin or anchorage, or between two; or, carried over from earlier days, the sum of several",
    _columns("""
        mmsi                int    MMSI as transmitted
        track               int    number of the track on its MMSI
        role                text   new; or carried: origin (the call the present voyage starts from), since (all after it), last (last call at the same port), open
        call_zone_id        text?  port, basin or anchorage; null between them
        berth_zone_id       text?  terminal where she was stopped longest, once she has left
        before_at           time?  last fix before it; null if there is none
        first_at            time   first fix in it
        first_longitude     real   position of that fix, degrees
        first_latitude      real   position of that fix, degrees
        last_at             time   last fix in it
        left_at             time?  first fix after it; null while open
        left_dark           bool   whether she left during a silence of port gap length
        distance_m          int    metres sailed
        first_stop_at       time?  first stopped fix
        stopped_us          int    microseconds stopped
        first_gap_at        time?  end of the first silence of port gap length inside it
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
    _columns("""
        mmsi        int   MMSI as transmitted
        track       int   number of the track on its MMSI
        zone_id     text  the zone
        stopped_us  int   microseconds stopped there during the call
    """),
    key=("mmsi", "track", "zone_id"),
)

# ----------------------------------------------------------------------------------------------- warehouse

_EVENT = """
        vessel_id     text   the hull it is attributed to (vessel)
        track_id      text?  the track it was seen on (track); null for events bought in
        mmsi          int    MMSI as transmitted
        imo           int?   IMO number with valid check digit that the track reported
        source        text   ais (ours) or the provider of the event
        known_at      time   end of the UTC day whose data established the row as it stands
        cut_at_start  bool   true when the event may have begun before the data did
"""

SOURCE_FILE = Table(
    "source_file",
    "file landed, including files that were replaced since",
    _columns("""
        source_file_id               text   first 16 hexadecimal digits of the SHA-256 of its bytes
        sha256                       text   SHA-256 of its bytes
        name                         text   file name as handed in
        source                       text   the source that read it: noaa, dma, nmea or a mapping's name
        licence                      text?  licence or terms of the data, as the source states them
        bytes                        int    size
        from_at                      time?  first position or report in it
        to_at                        time?  last position or report in it
        rows_read                    int    rows or sentences read; the sum of the next seven columns
        positions                    int    rows that gave a position only
        vessel_reports               int    rows that gave a vessel report only
        both                         int    rows that gave a position and a vessel report
        not_ships                    int    base stations, aids to navigation and messages that carry neither
        message_parts                int    sentences that are part of a longer message counted elsewhere
        duplicates                   int    exact duplicates of another row of the same file
        rejected                     int    rows rejected, with reasons in rejected_row_count
        synthetic                    bool   true for generated data
        replaced_by_source_file_id   text?  the file that replaced it; null while it stands
        landed_at                    time   when it was landed (wall clock)
    """),
    key=("source_file_id",),
    lifecycle=("landed_at",),
)

REJECTED_ROW_COUNT = Table(
    "rejected_row_count",
    "source file and reason for which rows of it were rejected",
    _columns("""
        source_file_id  text   the file
        reason          text   why
        rows            int    how many
        first_line      int    1-based line of the first of them
        example         text?  the first of them as read
    """),
    key=("source_file_id", "reason"),
)

VESSEL = Table(
    "vessel",
    "hull: by IMO number where its check digit holds, else by MMSI",
    _columns("""
        vessel_id   text   imo-<number>, or mmsi-<mmsi> (-2 … for a second ship on it)
        imo         int?   IMO number, check digit valid
        mmsi        int    MMSI last heard
        name        text?  name last reported
        call_sign   text?  call sign last reported
        flag        text?  ISO 3166 alpha-2 country of the MMSI's maritime identification digits
        ship_type   int?   AIS ship type last reported
        length_m    real?  length last reported, metres
        width_m     real?  beam last reported, metres
        from_at     time   first heard
        to_at       time   last heard
    """),
    key=("vessel_id",),
)

VESSEL_IDENTITY = Table(
    "vessel_identity",
    "distinct identity content that a track reported",
    _columns("""
        vessel_identity_id  text   deterministic id
        vessel_id           text   the hull
        track_id            text   the track
        mmsi                int    MMSI as transmitted
        flag                text?  ISO 3166 alpha-2 country of the MMSI
        imo                 int?   IMO number as reported
        imo_valid           bool   whether its check digit holds
        name                text?  name
        call_sign           text?  call sign
        ship_type           int?   AIS ship type
        length_m            real?  length, metres
        width_m             real?  beam, metres
        from_at             time   first reported
        to_at               time   last reported
    """),
    key=("vessel_identity_id",),
)

TRACK = Table(
    "track",
    "ship heard on one MMSI",
    _columns("""
        track_id   text  <mmsi>-<number>: 1 for the first ship heard on the MMSI
        mmsi       int   MMSI as transmitted
        vessel_id  text  the hull
        from_at    time  first fix
        to_at      time  last fix
    """),
    key=("track_id",),
)

ZONE = Table(
    "zone",
    "zone of the sea that fixes are told apart by",
    _columns("""
        zone_id         text   short name, like kp-nampo-coal
        name            text   name for people
        kind            text   country, basin, port, terminal, anchorage, lock or margin
        parent_zone_id  text?  zone it lies in
        call_zone_id    text?  the zone whose port call a stay here counts for; null if none
        port            text?  port it belongs to, for port and its anchorage the same word
        country         text   ISO 3166 alpha-2
        loads_coal      bool   North Korean coal is known to be loaded here
        receives_coal   bool   a place where North Korean coal was, or could be, landed
        precision       text   surveyed, digitised or estimated
        source          text   where the shape comes from
        valid_from      date?  first day it applies
        valid_to        date?  first day it no longer applies
        longitude       real   a point inside, degrees
        latitude        real   a point inside, degrees
        geometry        text   shape, WKT, WGS 84
    """),
    key=("zone_id",),
)

COVERAGE_DAY = Table(
    "coverage_day",
    "zone and UTC day with landed data",
    _columns("""
        zone_id         text  the zone (whole, with everything nested in it)
        day             date  UTC day
        hours_heard     int   hours of the day in which any vessel was heard in it
        coverage_share  real  hours_heard / 24
        vessels_heard   int   distinct MMSIs heard in it
        fixes           int   fixes heard in it
    """),
    key=("zone_id", "day"),
)

PORT_CALL = Table(
    "port_call",
    "stay of one track in a port, basin or anchorage, from entering it to leaving its margin",
    _columns(
        """
        port_call_id       text   deterministic: kind, MMSI, time and place of the first fix inside
    """
        + _EVENT
        + """
        zone_id            text   port, basin or anchorage
        berth_zone_id      text?  terminal inside it where she was stopped longest; null if stopped at none
        port               text   port
        country            text   ISO 3166 alpha-2
        arrived_after      time?  last fix outside; null when cut at the start of the data
        arrived_by         time   first fix inside
        departed_after     time?  last fix inside; null while open
        departed_by        time?  first fix outside; null while open
        state              text   open, closed, or ended_in_silence (left during a silence; the interval is all that is known)
        first_stop_at      time?  first stopped fix inside
        stopped_hours      real?  hours stopped; null while open
        draught_in_m       real?  draught in force on arrival, metres
        draught_in_at      time?  first time that draught was seen
        draught_out_m      real?  last draught seen inside, metres; null while open
        draught_out_at     time?  first time that draught was seen
        confidence         int    4 = stop or gap, entry and exit seen; 3 = stop or gap and one of them; 2 = stop or gap only; 1 = entry or exit only
        max_silence_hours  real?  longest silence inside; null while open
    """
    ),
    key=("port_call_id",),
    open_when="departed_by",
)

AIS_GAP = Table(
    "ais_gap",
    "silence of one track longer than the least that counts (limits: gap.min_hours)",
    _columns(
        """
        ais_gap_id           text   deterministic: kind, MMSI, time and place of the last fix before the silence
    """
        + _EVENT
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
        reception            text   heard_others, not_heard or unknown: could she have been heard?
        reception_cell_deg   real?  size of the cell the test used, degrees; null if unknown for want of traffic
        hours_tested         int    full hours tested after going silent and before coming back
        hours_heard          int    of these, hours in which others were heard in the cell
        vessel_hours_before  int    vessel-hours heard in the cell around the last fix in the day before it
        feasible_zone_id     text?  zone the silence leaves time to visit
        feasible_stay_hours  real?  longest stay it leaves time for
    """
    ),
    key=("ais_gap_id",),
    open_when="ended_at",
)

ENCOUNTER = Table(
    "encounter",
    "meeting of two tracks at sea",
    _columns(
        """
        encounter_id       text   deterministic: kind, both MMSIs and first common moment
    """
        + _EVENT
        + """
        other_vessel_id    text   the other hull
        other_track_id     text?  the other track
        other_mmsi         int    the other MMSI
        other_imo          int?   the other IMO number
        began_at           time   first common moment
        ended_at           time?  last common moment; null while open
        median_distance_m  real   metres apart
        median_speed_kn    real   speed of the pair
        longitude          real   middle position, degrees
        latitude           real   middle position, degrees
        zone_id            text?  innermost zone
    """
    ),
    key=("encounter_id",),
    open_when="ended_at",
)

LOITERING = Table(
    "loitering",
    "stretch of one track drifting slowly at sea",
    _columns(
        """
        loitering_id    text   deterministic: kind, MMSI and first fix
    """
        + _EVENT
        + """
        began_at        time   first slow fix
        ended_at        time?  last slow fix; null while open
        hours           real?  length; null while open
        distance_nm     real?  distance sailed
        mean_speed_kn   real?  mean speed
        longitude       real   first position, degrees
        latitude        real   first position, degrees
        zone_id         text?  innermost zone
    """
    ),
    key=("loitering_id",),
    open_when="ended_at",
)

DRAUGHT_CHANGE = Table(
    "draught_change",
    "change of a track's reported draught",
    _columns(
        """
        draught_change_id  text   deterministic: kind, MMSI and first fix with the new draught
    """
        + _EVENT
        + """
        changed_after      time   last fix with the old draught
        changed_by         time   first fix with the new draught
        draught_before_m   real   old draught, metres
        draught_after_m    real   new draught, metres
        change_m           real   new minus old, metres
        zone_id            text?  innermost zone of the first fix with the new draught
        port_call_id       text?  the call it belongs to
    """
    ),
    key=("draught_change_id",),
)

IDENTITY_CHANGE = Table(
    "identity_change",
    "change of what a hull calls itself",
    _columns(
        """
        identity_change_id  text   deterministic: kind, MMSI and first report with the new identity
    """
        + _EVENT
        + """
        field               text   name, call_sign, imo, mmsi, flag, ship_type or dimensions
        changed_after       time   last report of the old value
        changed_by          time   first report of the new value
        value_before        text?  old value
        value_after         text?  new value
    """
    ),
    key=("identity_change_id",),
)

POSITION_ANOMALY = Table(
    "position_anomaly",
    "stretch of fixes that cannot belong to the ship sending under the same MMSI",
    _columns("""
        position_anomaly_id  text   deterministic: kind, MMSI, time and place of the first fix
        mmsi                 int    MMSI as transmitted
        kind                 text   implausible_jump
        began_at             time   first fix of the stretch
        ended_at             time   last fix of the stretch
        longitude            real   first position, degrees
        latitude             real   first position, degrees
        fixes                int    fixes in the stretch
        distance_nm          real   distance from the ship's nearest fix in time
        implied_speed_kn     real   speed needed to get there
        known_at             time   end of the UTC day
    """),
    key=("position_anomaly_id",),
)

VOYAGE = Table(
    "voyage",
    "passage of one track from its last call at a port to the next call at another (or back at the same after more than a shift)",
    _columns(
        """
        voyage_id                 text   deterministic: kind, origin call and last fix inside it
    """
        + _EVENT
        + """
        origin_port_call_id       text   the call it starts from
        origin_zone_id            text   berth of that call, else its port
        origin_port               text   port
        origin_country            text   ISO 3166 alpha-2
        destination_port_call_id  text?  the call it ends in; null while open
        destination_zone_id       text?  port or anchorage of that call
        destination_port          text?  port
        destination_country       text?  ISO 3166 alpha-2
        departed_at               time   first fix outside the origin
        arrived_at                time?  first fix inside the destination; null while open
        hours                     real?  length
        distance_nm               real?  distance sailed
        dark_hours                real?  hours in silences of gap length
        longest_silence_hours     real?  longest silence
        encounters                int    encounters on the way
        draught_before_m          real?  draught on arrival at the origin, metres
        draught_m                 real?  draught on the way, last reported, metres
        draught_change_m          real?  draught_m minus draught_before_m: loaded (+) or discharged (-) at the origin
        cargo_state               text   laden, ballast or unknown
    """
    ),
    key=("voyage_id",),
    open_when="arrived_at",
)

MEASURE = Table(
    "measure",
    "rule of one authority over one interval of time",
    _columns("""
        measure_id  text   short name, like un-2371-coal
        authority   text   UN, CN, US, EU, KR, JP or MSMT (a coalition of States, not a UN body)
        instrument  text   resolution, announcement or regulation
        paragraph   text?  paragraph or article
        title       text   what it says, in a sentence
        subject     text   what it bears on: coal, listed_vessel, ship_to_ship, port_entry, labour, inspection, vessel_supply or advisory
        effect      text   forbidden, conditional, capped, suspended or none
        from_at     time   first moment in force (UTC)
        to_at       time?  first moment no longer in force
        time_zone   text   time zone the authority counts in
        exemptions  text?  exemptions, comma separated
        verified    bool   whether the primary text was seen
        source      text   where this is known from
    """),
    key=("measure_id",),
)

LEGAL_ASSESSMENT = Table(
    "legal_assessment",
    "event or alert and measure in force on its date",
    _columns("""
        subject_table  text   alert, voyage or port_call
        subject_id     text   its id
        measure_id     text   the measure
        authority      text   UN, CN, US, EU, KR or JP
        judged_at      time   the moment whose law was asked
        answer         text   forbidden, conditional, capped, exempt_possible or none
        paragraph      text?  paragraph
        reason         text   why, in a sentence
        verified       bool   whether the primary text was seen
    """),
    key=("subject_table", "subject_id", "measure_id"),
)

WATCHLIST = Table(
    "watchlist",
    "list of ships kept by one authority",
    _columns("""
        watchlist_id  text   short name, like ofac-sdn
        authority     text   UN, UK, EU, US, KR
        title         text   name of the list
        list_date     date?  date of the edition the entries were drawn from
        source        text   where it comes from
        licence       text   licence or terms
        verified      bool   whether the official publication was seen
    """),
    key=("watchlist_id",),
)

WATCHLIST_VESSEL = Table(
    "watchlist_vessel",
    "entry of a list",
    _columns("""
        watchlist_id  text   the list
        entry_id      text   the list's own id of the entry
        imo           int?   IMO number as listed
        name          text   name as listed
        other_names   text?  former or alternative names, separated by a bar
        listed_on     date?  day of listing, where the list publishes it
        listed_by     date   day on which the list's edition shows the entry; before it unknown when listed_on is null
        delisted_on   date?  day of removal
        measures      text?  what the list imposes
        note          text?  what the list says of the ship
    """),
    key=("watchlist_id", "entry_id"),
)

ARTICLE = Table(
    "article",
    "published article",
    _columns("""
        article_id              text   short name
        title                   text   title
        publisher               text   publisher
        author                  text?  author
        url                     text?  address
        published_at            time   publication, best estimate
        published_at_precision  text   how well that is known
        synthetic               bool   true for an article made up for demonstration
        weaknesses              text?  errors and weak spots of the article, one a line
    """),
    key=("article_id",),
)

CLAIM = Table(
    "claim",
    "separate assertion of an article",
    _columns("""
        claim_id           text   <article_id>/<label>
        article_id         text   the article
        label              text   short label, like C16
        statement          text   paraphrase
        speaker            text   who says it
        testability        text   A = by AIS, B = partly, D = by documents, N = not by open data
        source_grade       text   Admiralty source grade A-F
        information_grade  text   Admiralty information grade 1-6
        tested_by          text?  what would test it
    """),
    key=("claim_id",),
)

CLAIM_WINDOW = Table(
    "claim_window",
    "claim and time window it is judged for",
    _columns("""
        claim_id              text   the claim
        window_id             text   W0, Wpre, Wpost …
        from_at               time   window [from_at, to_at)
        to_at                 time   window [from_at, to_at)
        verdict               text   SUPPORTED, PARTLY_SUPPORTED, INCONCLUSIVE_COVERAGE, INCONCLUSIVE_CONFLICT, WEAKENED, CONTRADICTED or NOT_TESTABLE
        as_of                 time?  only what was known by then; null: everything known
        coverage_share        real?  share of the window's hours in which any vessel was heard in the claim's zones; null without positions
        alerts_for            int    alerts in the window that support it
        alerts_against        int    alerts in the window that weaken it
        observations_for      int    observations of the window that support it
        observations_against  int    observations of the window that weaken it
        reason                text   why, in sentences
        would_change_it       text   what would change the verdict
    """),
    key=("claim_id", "window_id"),
)

OBSERVATION = Table(
    "observation",
    "documented observation of a place over a time by others",
    _columns("""
        observation_id     text   short name
        kind               text   imagery, panel, official, statistics, court, press
        place              text   place as documented
        zone_id            text?  zone it bears on
        from_at            time   observed interval [from_at, to_at)
        to_at              time   observed interval [from_at, to_at)
        extent             text   throughout: true of every part of the interval (a state, an absence); somewhere: true of it as a whole
        quantity           real?  number, where one is given
        unit               text?  of what
        statement          text   what was observed, in a sentence
        source             text   who published it
        published_at       time   when it became known
        source_grade       text   Admiralty source grade A-F
        information_grade  text   Admiralty information grade 1-6
        verified           bool   whether the publication itself was seen
    """),
    key=("observation_id",),
)

PATTERN = Table(
    "pattern",
    "pattern that events are recognised by",
    _columns("""
        pattern_id            text  short name, like direct-call
        title                 text  title
        raises                text  alert or record
        description           text  what it looks for
        innocent_explanation  text  best innocent explanation of a match
        missing_evidence      text  what evidence is missing from a match
    """),
    key=("pattern_id",),
)

ALERT = Table(
    "alert",
    "match of a pattern, standing or withdrawn",
    _columns("""
        alert_id              text   deterministic: pattern and id of the event it rests on
        pattern_id            text   the pattern
        vessel_id             text   the hull
        mmsi                  int    MMSI as transmitted
        imo                   int?   IMO number, check digit valid
        vessel_name           text?  name reported at the time
        voyage_id             text?  the voyage it rests on
        began_at              time   first moment of what it rests on
        ended_at              time   last moment of what it rests on
        origin_zone_id        text?  where it began
        destination_zone_id   text?  where it ended
        score                 real   sum of evidence weights
        grade                 text   strong, moderate or weak
        headline              text   what AIS reported, in a sentence
        innocent_explanation  text   best innocent explanation
        missing_evidence      text   what evidence is missing
        synthetic             bool   true when it rests on generated data
        known_at              time   when the data it rests on was known
        evidence_hash         text   hash of its evidence; a review is of this
        first_raised_at       time   when we first raised it (wall clock)
        withdrawn_at          time?  when we withdrew it (wall clock)
        withdrawn_reason      text?  why
        pipeline_run_id       text   run that last changed it
    """),
    key=("alert_id",),
    lifecycle=("first_raised_at", "withdrawn_at", "withdrawn_reason", "pipeline_run_id"),
)

ALERT_EVIDENCE = Table(
    "alert_evidence",
    "piece of evidence for or against an alert",
    _columns("""
        alert_id     text   the alert
        role         text   what it is evidence of, as in the evidence weights
        event_table  text?  table of the event it rests on
        event_id     text?  id of that event
        weight       real   signed weight
        statement    text   the evidence, in a sentence
    """),
    key=("alert_id", "role"),
)

ALERT_CLAIM = Table(
    "alert_claim",
    "alert and claim it bears on",
    _columns("""
        alert_id  text  the alert
        claim_id  text  the claim
        relation  text  supports, weakens or context
        reason    text  why
    """),
    key=("alert_id", "claim_id"),
)

ALERT_SUCCESSION = Table(
    "alert_succession",
    "withdrawn alert and standing alert that took its place",
    _columns("""
        alert_id            text  the withdrawn alert
        successor_alert_id  text  its successor: same pattern, same ship, overlapping time
    """),
    key=("alert_id", "successor_alert_id"),
)

ALERT_TRACK = Table(
    "alert_track",
    "point of the simplified track around an alert",
    _columns("""
        alert_id   text   the alert
        sequence   int    order of the point
        timestamp  time   when (UTC)
        longitude  real   degrees
        latitude   real   degrees
        motion     text   stopped, slow, drifting, under_way, unknown or silence (the leg to the next point was silent)
        zone_id    text?  innermost zone
    """),
    key=("alert_id", "sequence"),
)

REVIEW = Table(
    "review",
    "decision of a reviewer; append-only",
    _columns("""
        review_id      text   id
        alert_id       text   the alert
        reviewer       text   who
        decided_at     time   when (wall clock)
        decision       text   confirmed, dismissed, escalated or needs_more
        note           text?  why
        evidence_hash  text   evidence of the alert as it was reviewed
    """),
    key=("review_id",),
    lifecycle=("decided_at",),
)

PIPELINE_RUN = Table(
    "pipeline_run",
    "run of the pipeline that changed something, or failed",
    _columns("""
        pipeline_run_id  text   id
        command          text   ingest, run, demo …
        started_at       time   wall clock
        ended_at         time   wall clock
        status           text   done or failed
        days             int    UTC days it derived
        version          text   version of coalwatch
        knowledge_hash   text   hash of zones, limits, lists, measures, patterns and articles it was derived with
        message          text?  what happened, in a line
    """),
    key=("pipeline_run_id",),
    lifecycle=("started_at", "ended_at"),
)

LAKE = (POSITION, VESSEL_REPORT, REJECT, RUN, COVERAGE, TRACK_END, SPELL, BERTH)
EVENTS = (PORT_CALL, AIS_GAP, ENCOUNTER, LOITERING, DRAUGHT_CHANGE, IDENTITY_CHANGE, VOYAGE)
WAREHOUSE = (
    SOURCE_FILE, REJECTED_ROW_COUNT, VESSEL, VESSEL_IDENTITY, TRACK, ZONE, COVERAGE_DAY,
    PORT_CALL, AIS_GAP, ENCOUNTER, LOITERING, DRAUGHT_CHANGE, IDENTITY_CHANGE, POSITION_ANOMALY, VOYAGE,
    MEASURE, LEGAL_ASSESSMENT, WATCHLIST, WATCHLIST_VESSEL, ARTICLE, CLAIM, CLAIM_WINDOW, OBSERVATION, PATTERN,
    ALERT, ALERT_EVIDENCE, ALERT_CLAIM, ALERT_SUCCESSION, ALERT_TRACK, REVIEW, PIPELINE_RUN,
)  # fmt: skip
