"""AIS-catcher's messages as JSON lines (`-o 3`, `-o 5`, its files and MQTT), or the envelopes that it posts (`msgs`).

Layout: https://docs.aiscatcher.org (JSON decoding) and github.com/jvde-github/AIS-catcher, read without a receiver at
hand. Where a message holds its sentences (`nmea`), these are decoded as those of an NMEA file are, and no decoded value
is read beside them; where it holds none, its decoded values are. The time is that of arrival which the input carried
(`toa`), else that of the receiving machine: `rxuxtime` (seconds since 1970, with a fraction) or `rxtime`
(20250508101019, UTC).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.formats import nmea
from pipeline.formats.ais_messages import LAST_TYPE
from pipeline.formats.json_lines import document_batches, documents_of, transformed
from pipeline.formats.json_values import number_sql
from pipeline.formats.record import NOT_SHIP, RECORD, Content, Head, Reading, Source, quoted, select_record

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_POSITIONS = {1: "A", 2: "A", 3: "A", 18: "B", 19: "B", 27: None}  # message type -> transceiver class
_STATIC = {5: "A", 19: "B", 24: "B"}
_MESSAGE = dict.fromkeys(
    ("class", "type", "mmsi", "scaled", "toa", "rxuxtime", "rxtime", "lon", "lat", "speed", "course", "heading",
     "status", "imo", "shipname", "callsign", "shiptype", "to_bow", "to_stern", "to_port", "to_starboard", "draught",
     "destination"),
    "VARCHAR",
)  # fmt: skip
_RECOGNISED = re.compile(r'"class"\s*:\s*"AIS"|"protocol"\s*:\s*"jsonaiscatcher"')
_FIRST_S = 883_612_800  # 1998: a number before it is no time of AIS


def _recognises(head: Head) -> bool:
    return any(_RECOGNISED.search(line) for line in head.lines if line.lstrip("\ufeff \t")[:1] in ("{", "["))


def _read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
    con.execute("create or replace temp table heard (line bigint, raw text, doc json)")
    for _ in document_batches(con, documents_of(content.path), '"class"'):
        con.execute("insert into heard select line, raw, doc from document")
    con.execute(f"create or replace temp table caught as {_messages('heard')}")
    con.execute(f"create or replace temp table sentence as {_SENTENCES}")
    lines = scratch / "sentences.nmea"
    con.execute(
        f"copy ({_as_nmea(base_date)}) to {quoted(lines)} (format csv, header false, delimiter '\\x1f', quote '')"
    )
    decoded = nmea.read_sentences(lines, scratch, base_date)
    numbered = f"""
        select sentence.line, sentence.raw, {", ".join(f"read.{name}" for name in RECORD)}
        from ({decoded.numbered_whole}) as read join sentence on read.line = sentence.nth"""
    values = select_record(_EXPRESSIONS, _WITHOUT_SENTENCES)
    return Reading(
        f"{decoded.records} union all by name {values}",
        f"{numbered} union all by name {select_record(_EXPRESSIONS, _WITHOUT_SENTENCES, 'line, raw, ')}",
    )


def _messages(lines: str) -> str:
    """SQL: a row for each message of the lines: line, raw, message (JSON; null in an envelope without any), said
    (_MESSAGE), sentences (list), time_us, timed (whether a time is written)."""
    return f"""
        with listed as (
            select line, raw, doc is not null as is_json, case
                when json_type(doc, '$.msgs') = 'ARRAY' then from_json(json_extract(doc, '$.msgs'), '["JSON"]')
                when json_type(doc) = 'ARRAY' then from_json(doc, '["JSON"]') else [doc] end as found
            from {lines}),
        messages as (
            select line, is_json, case when len(found) > 1 then null else raw end as whole,
                unnest(case when len(found) > 0 then found else [null] end) as message from listed),
        said_rows as (select *, {transformed("message", _MESSAGE)} as said from messages)
        select line, coalesce(whole, message::varchar) as raw, is_json, message, said, {_SENTENCE_LIST} as sentences,
            {_TIME_US} as time_us, coalesce(said.toa, said.rxuxtime, said.rxtime) is not null as timed
        from said_rows"""


_SENTENCE_LIST = """case json_type(message, '$.nmea')
    when 'ARRAY' then from_json(json_extract(message, '$.nmea'), '["VARCHAR"]')
    when 'VARCHAR' then [json_extract_string(message, '$.nmea')] else [] end"""
_SINCE_1970 = "case when {0} between " + f"{_FIRST_S} and 1e10 then round({{0}} * 1e6)::bigint end"
_TIME_US = f"""coalesce({_SINCE_1970.format(number_sql("said.toa"))}, {_SINCE_1970.format(number_sql("said.rxuxtime"))},
    epoch_us(try_strptime(said.rxtime, '%Y%m%d%H%M%S')))"""
_WITHOUT_SENTENCES = "(select * from caught where len(sentences) = 0)"

# `nth` is the line of a sentence in the NMEA file that is made of them.
_SENTENCES = """
    select row_number() over () as nth, line, raw, time_us, timed, message_nth, part, parts, sentence
    from (select line, raw, time_us, timed, message_nth, len(sentences) as parts,
              unnest(sentences) as sentence, generate_subscripts(sentences, 1) as part
          from (select *, row_number() over () as message_nth from caught))"""


def _as_nmea(base_date: str | None) -> str:
    """SQL: each sentence as a line with a tag block: the group of its message, and its time.

    A message without a time has none of another; with a base date the clock of that day gives one.
    """
    unknown = "case when timed then ',c:?' else '' end" if base_date else "',c:?'"
    return f"""
        select '\\g:' || part || '-' || parts || '-' || message_nth
            || coalesce(',c:' || time_us, {unknown}) || '\\'
            || translate(coalesce(sentence, ''), chr(10) || chr(13), '  ')
        from sentence order by nth"""


_TYPE = "try_cast(said.type as integer)"
_HINT = f"""
    case when not is_json then 'unreadable'
    when message is null or said.class <> 'AIS' then '{NOT_SHIP}'
    when json_type(message) <> 'OBJECT' or said.type is null then 'unreadable'
    when coalesce({_TYPE} not between 1 and {LAST_TYPE}, true) then 'unsupported_message'
    when {_TYPE} not in {tuple({**_POSITIONS, **_STATIC})} then '{NOT_SHIP}'
    when said.scaled = 'false' or ({_TYPE} in {tuple(_POSITIONS)}
        and ({number_sql("said.lon")} is null or {number_sql("said.lat")} is null)) then 'unreadable'
    end"""
_SPEED = number_sql("said.speed")
_EXPRESSIONS = {
    "hint": _HINT,
    "mmsi": "said.mmsi",
    "timestamp": "make_timestamp(time_us)",
    "longitude": number_sql("said.lon"),
    "latitude": number_sql("said.lat"),
    # Message 27 has 63 for "no speed", which in the others is a speed; theirs is 102.3.
    "sog_kn": f"case when {_TYPE} = 27 and {_SPEED} = 63 then 102.3 else {_SPEED} end",
    "cog_deg": number_sql("said.course"),
    "heading_deg": number_sql("said.heading"),
    "nav_status": "said.status",
    "transceiver_class": f"case {_TYPE} "
    + " ".join(f"when {kind} then '{name}'" for kind, name in {**_POSITIONS, **_STATIC}.items() if name)
    + " end",
    "imo": "said.imo",
    "name": "said.shipname",
    "call_sign": "said.callsign",
    "ship_type": "said.shiptype",
    "length_m": f"{number_sql('said.to_bow')} + {number_sql('said.to_stern')}",
    "width_m": f"{number_sql('said.to_port')} + {number_sql('said.to_starboard')}",
    "draught_m": number_sql("said.draught"),
    "destination": "said.destination",
}

SOURCE = Source(
    "aiscatcher", "AIS-catcher messages (JSON lines)", None, _recognises, _read, takes_date=True, after=("nmea",)
)
