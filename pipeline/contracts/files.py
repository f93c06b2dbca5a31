"""Tables of what was landed, by which run, and where anybody was heard."""

from __future__ import annotations

from pipeline.contracts.table import Table, columns

SOURCE = Table(
    "source",
    "source of the catalogue (seeds/sources), whether or not anything of it has landed",
    columns("""
        source             text   name, as in `coalwatch fetch`; also that of its landing folder
        title              text   what it is
        kind               text   daily_file, events, reports, vessels, figures, stream, poll or folder
        reads_as           text   what reads its files: source_file.source
        url                text?  address; null for files that are handed in
        licence            text   licence or terms of use
        commercial_use     bool?  whether commercial use is allowed; null where the terms were not seen
        coverage           text   which waters, heard by whom
        speaks_of_nampo    text   whether it can speak of ships at Nampo: no, weakly, yes, or depends (on the files)
        nampo_reason       text   why
        history_from       date?  first day that can be asked for; null if only what comes from now on can be had
        history_to         date?  last day that can be asked for; null while new days come
        latency_days       real?  usual delay after the end of a UTC day
        promise_hours      real?  delay after the end of a UTC day from which on it counts as late; null: never
        known_blind_spots  text?  what it is known not to show
        verified           bool   whether publications were seen for everything said here
        provenance         text   where this is known from
    """),
    key=("source",),
)

SOURCE_FILE = Table(
    "source_file",
    "file landed, including files that were replaced since",
    columns("""
        source_file_id               text   first 16 hexadecimal digits of the SHA-256 of its bytes
        sha256                       text   SHA-256 of its bytes
        name                         text   file name as handed in
        source                       text   the source that read it: noaa, dma, nmea or a mapping's name
        licence                      text?  licence or terms of the data, as the source states them
        bytes                        int    size
        from_at                      time?  first position, report or event in it; null for particulars of ships and figures, which are of no day
        to_at                        time?  last position, report or event in it; null likewise
        rows_read                    int    rows or sentences read; the sum of the next eight columns
        positions                    int    rows that gave a position only
        vessel_reports               int    rows that gave a vessel report only, or a provider's particulars of a ship
        positions_with_report        int    rows that gave a position and a vessel report
        not_ships                    int    base stations, aids to navigation and messages that carry neither; answers with figures of a provider
        message_parts                int    sentences that are part of a longer message counted elsewhere
        duplicates                   int    exact duplicates of another row of the same file
        events                       int    rows that gave an event or a radar detection of a provider
        rejected                     int    rows rejected, with reasons in rejected_row_count
        imo_unread                   int    rows that give something as IMO number which is none (see unread_field_count); the number is null, the row stands
        layout                       text?  names of the columns as read, in order; null for formats that name none
        synthetic                    bool   true for generated data
        replaced_by_source_file_id   text?  the file that replaced it; null while it stands
        landed_at                    time   when it was landed (wall clock)
        url                          text?  address it was fetched from last, without secrets; null for a file handed in
        fetched_at                   time?  when these bytes were fetched last (wall clock); of providers' words the last fetched counts
    """),
    key=("source_file_id",),
    lifecycle=("landed_at",),
)

REJECTED_ROW_COUNT = Table(
    "rejected_row_count",
    "source file and reason for which rows of it were rejected",
    columns("""
        source_file_id  text   the file
        reason          text   why
        rows            int    how many
        first_line      int    1-based line of the first of them
        detail          text?  what was found in the first of them, and what was expected
        example         text?  the first of them as read
    """),
    key=("source_file_id", "reason"),
)

UNREAD_FIELD_COUNT = Table(
    "unread_field_count",
    "source file and field that some of its rows fill with what cannot be read; the field is null there, the row stands",
    columns("""
        source_file_id  text   the file
        field           text   the field, by our name (such as imo or draught_m)
        column_name     text?  the file's name of the column; null where the format has no columns
        rows            int    how many rows
        first_line      int    1-based line of the first of them
        example         text   what the first of them says there
        expected        text   what was expected
    """),
    key=("source_file_id", "field"),
)

COVERAGE_DAY = Table(
    "coverage_day",
    "zone and UTC day with landed data",
    columns("""
        zone_id         text  the zone (whole, with everything nested in it)
        day             date  UTC day
        hours_heard     int   hours of the day in which any vessel was heard in it
        coverage_share  real  hours_heard / 24
        vessels_heard   int   distinct MMSIs heard in it
        fixes           int   fixes heard in it
    """),
    key=("zone_id", "day"),
)

RECEPTION_OUTAGE = Table(
    "reception_outage",
    "area and time in which a kind of receiver heard nobody, or from which on it heard far fewer: everyone's silence at once is the receiver's, no ship's",
    columns("""
        reception_outage_id  text   deterministic: kind, receiver, begin and cells
        kind                 text   outage (hours to days in which nobody is heard), no_data (the same, of days without any landed position) or source_change (a step in the counts that lasts: the source hears less from then on)
        receiver             text   whose: terrestrial, satellite or unknown
        from_at              time   first hour in which nobody was heard; of a change the hour that parts the counts best
        to_at                time?  first hour in which somebody was heard again; null while open, and of a change
        hours                real?  length; null while open, and of a change
        west                 real   box around its cells, degrees
        south                real   box around its cells, degrees
        east                 real   box around its cells, degrees; beyond 180 where it lies across that meridian
        north                real   box around its cells, degrees
        longitude            real   middle of its cells, degrees
        latitude             real   middle of its cells, degrees
        cell_deg             real   size of its cells, degrees
        cells                text   numbers of its cells (as of coverage, for that size), separated by blanks
        vessels_before       real   vessels heard in it on average in an hour: of an outage in the day before, of a change by the median day of the week before
        vessels_after        real   the same meanwhile; of a change by the median day of the week after
        known_at             time   end of the UTC day whose data established it
    """),
    key=("reception_outage_id",),
)

SOURCE_DAY = Table(
    "source_day",
    "source and UTC day with landed data",
    columns("""
        source          text  the source
        day             date  UTC day
        files           int   files that hold data of the day
        fixes           int   fixes in them, each file's own repeats counted once
        vessel_reports  int   vessel reports in them, one per MMSI, hour and content
    """),
    key=("source", "day"),
)

DAY_CHECK = Table(
    "day_check",
    "UTC day, check of the quality gate and what it was asked of; a day is published when none of its checks failed",
    columns("""
        day         date   UTC day
        check_name  text   coverage (of all sources), source_coverage, rejects or layout
        subject     text   source or file that was checked; all for all sources together
        passed      bool   whether it passed
        found       real?  what was found, such as fixes, or the share of rows rejected
        habit       real?  what it was compared with: the median of the days or files before it; null while there is no habit yet
        reason      text   what was compared and what follows, in a sentence
    """),
    key=("day", "check_name", "subject"),
)

PIPELINE_RUN = Table(
    "pipeline_run",
    "run of the pipeline that changed something, or failed",
    columns("""
        pipeline_run_id  text   id
        command          text   ingest, run, demo …
        started_at       time   wall clock
        ended_at         time   wall clock
        status           text   done, withheld (derived, but the quality gate stopped publication) or failed
        days             int    UTC days it derived
        version          text   version of coalwatch
        knowledge_hash   text   hash of zones, limits, lists, measures, patterns and articles it was derived with
        message          text?  what happened, in a line; for a run withheld or failed, why
    """),
    key=("pipeline_run_id",),
    lifecycle=("started_at", "ended_at"),
)
