"""The one accounting rule: what each row of any source is, and what its sentinels mean. SQL over RECORD, no I/O.

Every row ends in exactly one of: position, vessel report, both, not a ship, message part, duplicate, rejected (for a
reason).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.formats.cells import BLANKS, NEEDED, is_no_value
from pipeline.formats.record import MESSAGE_PART, NOT_SHIP, POSITION_COLUMNS, REPORT_COLUMNS, UNREAD_CELL, quoted
from pipeline.imo import gives_imo_sql, read_imo_sql

SHIP = "ship"
KEPT = (SHIP, NOT_SHIP, MESSAGE_PART)  # outcomes that are no rejections
REASONS = {
    "bad_mmsi": "MMSI that is no form of ITU-R M.585, or that is not written in digits",
    "bad_time": "no time, no valid time, or one before AIS existed (1998)",
    "future": "time more than a day after now",
    "bad_position": "latitude or longitude out of range, no number, or 0, 0 exactly (a receiver without a fix)",
    "unreadable": "wrong number of columns, or a document or payload that is too short or damaged",
    "bad_checksum": "checksum of the sentence does not hold",
    "incomplete_message": "part of a longer message whose other parts are missing",
    "unsupported_message": "message type outside 1-28, or not a sentence at all",
    "no_event_id": "event without an id of its provider",
    "unknown_event": "kind of event that is not read (such as fishing)",
    "no_vessel": "event or particulars without a ship, or an encounter without the other one",
    "ends_before_start": "event that ends before it begins",
    "another_dataset": "row of another data set than the one that is read here",
    "not_by_ship": "radar detection that does not say which ship it was matched with, if any",
    "too_coarse": "radar detection of a longer time than an hour or a wider cell than 0.01°: it tells of no pass",
    "bad_count": "radar detection without a whole number of hulls",
    "bad_confidence": "port visit without a confidence from 1 to 4",
}

# ITU-R M.585-9: ships 2-7 first; 00MID coast stations, 0MID groups, 111MID SAR aircraft, 8 handhelds, 97 SART, MOB and
# EPIRB, 98 craft of a parent ship, 99 aids to navigation.
_IS_SHIP = "mmsi between 200000000 and 799999999"
_IS_OTHER_STATION = """(mmsi between 2000000 and 7999999 or mmsi between 20000000 and 79999999
    or mmsi between 111000000 and 111999999 or mmsi between 800000000 and 899999999
    or mmsi between 970000000 and 999999999)"""

# Sentinels and ranges of ITU-R M.1371-5: latitude 91, longitude 181, speed 102.3, course 360, heading 511, status 15,
# zero dimensions and draught.
_NO_POSITION = "(latitude is null or longitude is null or latitude = 91 or abs(longitude) = 181)"
_IN_RANGE = "(latitude between -90 and 90 and longitude between -180 and 180 and not (latitude = 0 and longitude = 0))"
_POSITION = {
    "longitude": "longitude",
    "latitude": "latitude",
    "sog_kn": "case when sog_kn >= 0 and sog_kn < 102.25 then sog_kn end",
    "cog_deg": "case when cog_deg >= 0 and cog_deg < 360 then cog_deg end",
    "heading_deg": "case when heading_deg >= 0 and heading_deg < 360 then heading_deg end",
    "nav_status": "case when nav_status between 0 and 14 then nav_status end",
    "transceiver_class": f"transceiver_class::{POSITION_COLUMNS['transceiver_class']}",
    "receiver": f"coalesce(receiver, 'unknown')::{POSITION_COLUMNS['receiver']}",
    "precision_m": "case when precision_m > 0 then precision_m end",
    "precision_s": "case when precision_s > 0 then precision_s end",
}
_PRECISION = ("precision_m", "precision_s")


def _text(column: str) -> str:
    """Trimmed, upper case, cut at the six-bit padding sign @; null where it is a word for not known."""
    clean = _plain(column)
    return f"case when not {is_no_value(clean, upper=True)} then {clean} end"


def _plain(column: str) -> str:
    return f"upper(trim(split_part({column}, '@', 1), {quoted(BLANKS)}))"


_REPORT = {
    "imo": f"{read_imo_sql('imo')}::bigint",
    "name": _text("name"),
    "call_sign": _text("call_sign"),
    "ship_type": "case when ship_type between 1 and 99 then ship_type end",
    "length_m": "case when length_m > 0 and length_m <= 1022 then length_m end",
    "width_m": "case when width_m > 0 and width_m <= 126 then width_m end",
    "draught_m": "case when draught_m > 0 and draught_m <= 25.5 then draught_m end",
    "destination": _text("destination"),
}
# Numbers first: they are cheap, and most reports hold one.
HAS_REPORT = " or ".join(f"({_REPORT[name]}) is not null" for name in sorted(_REPORT, key=lambda n: n[-2:] != "_m"))
HAS_REPORT = f"({HAS_REPORT})"
# The usual forms, 9562233 and IMO9562233, are known without a regular expression.
IMO_UNREAD = f"""(case when imo is null then false
    when try_cast(right(imo, 7) as integer) >= 1000000 and try_cast(right(imo, 7) as integer)::varchar = right(imo, 7)
        and (strlen(imo) = 7 or (strlen(imo) = 10 and starts_with(imo, 'IMO'))) then false
    else {gives_imo_sql("imo")} and {read_imo_sql("imo")} is null
        and not {is_no_value(_plain("imo"), upper=True)} end)"""
# With the types of RECORD: a text has another hash than the same word of an enumeration.
# Precision counts only where there is one, so that files without are ordered as they always were.
_CONTENT_HASH = f"""xor(hash({
    ", ".join(
        f"{name}::{kind}" if kind.startswith("ENUM") else name
        for name, kind in (POSITION_COLUMNS | REPORT_COLUMNS).items()
        if name not in _PRECISION
    )
}), case when precision_m is null and precision_s is null then 0 else hash({", ".join(_PRECISION)}) end)"""


def judged(records: str, now: datetime) -> str:
    """SQL: rows of a `from …` over RECORD, with `has_position` and `outcome` (SHIP, NOT_SHIP, MESSAGE_PART, REASONS).

    A ship's row may still carry neither position nor report; then it is not counted as a ship (see `census`).
    """
    latest = quoted((now.astimezone(UTC) + timedelta(days=1)).strftime("%Y-%m-%d %H:%M:%S"))
    return f"""
        select * exclude (hint), case
            when hint is not null then hint::varchar
            when not {_IS_SHIP} or mmsi is null then case when {_IS_OTHER_STATION} then '{NOT_SHIP}' else 'bad_mmsi' end
            when timestamp is null or timestamp < '1998-01-01' then 'bad_time'
            when timestamp > {latest} then 'future'
            when {_NO_POSITION} or {_IN_RANGE} then '{SHIP}'
            else 'bad_position' end as outcome,
            not {_NO_POSITION} as has_position
        {records}"""


def census(judged_rows: str) -> str:
    """SQL: one row per outcome, MMSI, UTC hour and content as sent: rows, first_at, last_at; the content as
    VESSEL_REPORT has it, and whether that says anything (has_report); whether a cell or an IMO number could not be
    read (unread).

    One pass over the rows gives the counts of all outcomes and the vessel reports; a content is read once, however
    often it was sent. What is held of a group meanwhile is of fixed size, so that the engine can put it to disk.
    """
    return f"""
        select *, coalesce({", ".join(f"{name}::varchar" for name in REPORT_COLUMNS)}) is not null as has_report
        from (select outcome, has_position, mmsi, hour, rows, first_at, last_at, unread or {IMO_UNREAD} as unread,
                  {_clean(_REPORT)}
              from (select outcome, has_position, mmsi, date_trunc('hour', timestamp) as hour,
                        {", ".join(REPORT_COLUMNS)},
                        count(*) as rows, min(timestamp) as first_at, max(timestamp) as last_at,
                        coalesce(bool_or(unread), false) as unread
                    {judged_rows} group by all))"""


def outcomes(census_table: str) -> str:
    """SQL: outcome, has_position, has_report, unread, UTC day (of ships), rows, first_at and last_at, one row for each
    that differs."""
    return f"""
        select outcome, has_position, has_report, unread,
            case when outcome = '{SHIP}' then strftime(hour, '%Y-%m-%d') end as day,
            sum(rows)::bigint, min(first_at), max(last_at)
        from {census_table} group by all"""


def vessel_reports(census_table: str) -> str:
    """SQL: VESSEL_REPORT (without source_file_id), unsorted."""
    return f"""
        select mmsi::bigint as mmsi, min(first_at) as timestamp, max(last_at) as last_at, {", ".join(REPORT_COLUMNS)}
        from {census_table} where outcome = '{SHIP}' and has_report
        group by mmsi, hour, {", ".join(REPORT_COLUMNS)}"""


def seems_repeated(judged_rows: str, *, every_ship: bool) -> str:
    """SQL: whether ships sent anything twice at one time, so that there may be duplicates. Of many rows a hundredth of
    the ships is asked."""
    asked = "" if every_ship else " and mmsi % 101 = 0"
    return f"""
        select count(*) > count(distinct (mmsi, timestamp)) {judged_rows}
        where outcome = '{SHIP}' and has_position{asked}"""


def is_repeated(sorted_positions: str) -> str:
    """SQL: whether an MMSI and time come twice in sorted positions; if not, no row repeats another."""
    return f"""
        select count(*) > 0 from (select mmsi = lag(mmsi) over () and timestamp = lag(timestamp) over () as again
                                  from {sorted_positions}) where again"""


def positions(judged_rows: str, several_days: bool) -> str:
    """SQL: POSITION (without source_file_id) of ships, sorted by UTC day, mmsi and timestamp."""
    return f"""
        select mmsi::bigint as mmsi, timestamp, {", ".join(_POSITION)}
        from (select mmsi, timestamp, {_clean(_POSITION)}
              {judged_rows} where outcome = '{SHIP}' and has_position
              order by {_day(several_days)}mmsi, timestamp)"""


def _day(several_days: bool) -> str:
    return "date_trunc('day', timestamp), " if several_days else ""


def distinct_positions(judged_rows: str, several_days: bool) -> str:
    """SQL: as `positions`, each exact duplicate row once.

    Rows of one MMSI and time are brought together by a hash of all they say; equal neighbours are one row.
    """
    return f"""
        select mmsi::bigint as mmsi, timestamp, {", ".join(_POSITION)}
        from (select *, lag(mmsi) over () as mmsi_before, lag(timestamp) over () as timestamp_before,
                     lag(content) over () as content_before
              from (select mmsi, timestamp, {_clean(_POSITION)}, {_CONTENT_HASH} as content
                    {judged_rows} where outcome = '{SHIP}' and has_position
                    order by {_day(several_days)}mmsi, timestamp, content))
        where mmsi_before is null
            or content <> content_before or mmsi <> mmsi_before or timestamp <> timestamp_before"""


def distinct_counts(judged_rows: str, having: str) -> str:
    """SQL: has_report, rows, distinct_rows of rows of ships of a condition over `has_position`."""
    return f"""
        select has_report, sum(rows)::bigint as rows, count(*) as distinct_rows
        from (select any_value({HAS_REPORT}) as has_report, count(*) as rows
              {judged_rows} where outcome = '{SHIP}' and {having} group by mmsi, timestamp, {_CONTENT_HASH})
        group by all"""


def judged_numbered(numbered: str, now: datetime) -> str:
    """SQL: as `judged` of a numbered reading, with `line`, `raw` and `unread_cells` (a list of UNREAD_CELL)."""
    return judged(f"from ({numbered} union all by name select null::{UNREAD_CELL}[] as unread_cells where false)", now)


def reported_rows(numbered: str) -> str:
    """SQL: of a `from …` over numbered and judged rows those that are rejected or could not be read whole: line,
    outcome, raw, detail (why a row is rejected) and cells (a list of UNREAD_CELL: what a ship's row could not be read
    of)."""
    imo = f"""case when imo_unread then [{{'field': 'imo', 'column_name': null, 'said': left(imo, 100),
        'expected': 'seven digits'}}::{UNREAD_CELL}] else [] end"""
    return f"""
        select line, outcome, raw, {_detail("unread_cells[1]")} as detail, list_concat(unread_cells, {imo}) as cells
        from (select *, {IMO_UNREAD} as imo_unread {numbered})
        where outcome not in {KEPT} or (outcome = '{SHIP}' and (len(unread_cells) > 0 or imo_unread))"""


def _detail(cell: str) -> str:
    """SQL: what was found and what was expected in a rejected row; `cell` is what it may be rejected for.

    The cells that a row cannot do without come first in their list.
    """
    return f"""case
        when outcome in ('bad_mmsi', 'bad_time', 'bad_position', 'unreadable') and {cell}.field in {tuple(NEEDED)}
            then {cell}.column_name || ' is "' || {cell}.said || '"; expected ' || {cell}.expected
        when outcome = 'bad_mmsi' then coalesce('MMSI is ' || mmsi, 'no MMSI')
            || '; expected nine digits, of a ship one from 2 to 7 first'
        when outcome = 'bad_time' then coalesce('time is ' || timestamp, 'no time that can be read')
            || '; expected one since 1998'
        when outcome = 'future' then 'time is ' || timestamp || ' UTC; expected none after tomorrow'
        when outcome = 'bad_position' then 'position is ' || longitude || ' east, ' || latitude
            || ' north; expected -180 to 180 and -90 to 90, and not 0, 0' end"""


def _clean(columns: dict[str, str]) -> str:
    return ", ".join(f"{sql} as {name}" for name, sql in columns.items())
