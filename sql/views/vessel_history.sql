-- vessel_history: a ship's life as AIS reported it.
-- One row per event and hull that took part in it (an encounter, and a pair of numbers, has two), over all event tables;
-- the calls of one visit (port_visit) are one event, under the id of the first. Events established by the data of a day
-- that the quality gate holds back are left out (the event tables hold them).
-- Read by analysts and by sql/queries/ship_history.sql; order it by from_at.
--   event_table: table of the event
--   event_id: its id there
--   from_at: when it began; for a change, when the new value was first seen
--   to_at: when it ended; null while open
--   place: innermost zone or port it concerns
--   sentence: what happened, in a sentence
--   synthetic: true when generated data was landed for its time
--   licence: terms that bind whoever passes it on, for a provider's event; null for ours
create view vessel_history as
with held as materialized (
    select day, until_day from judged_day where failed > 0
),
event as (
    select vessel_id, mmsi, imo, 'port_call' as event_table, visit_id as event_id, arrived_by as from_at,
           departed_by as to_at, coalesce(berth_zone_id, zone_id) as place, source, provider_note, licence, known_at,
           'Call at ' || port || coalesce(' (' || country || ')', '')
               || case when parts > 1 then ', in ' || cast(parts as text) || ' parts' else '' end
               || coalesce(', stopped ' || cast(round(cast(stopped_hours + 1e-9 as numeric), 1) as text) || ' h', '')
               || case state when 'open' then ', still there when the data ends'
                             when 'ended_in_silence' then ', left during a silence' else '' end
               || '; confidence ' || cast(confidence as text) || ' of 4'
               || case when implausible_stay then '; longer than a ship stays' else '' end as sentence
    from port_visit
    union all
    select vessel_id, mmsi, imo, 'passage', passage_id, entered_by, left_by, zone_id, source, provider_note, licence, known_at,
           'Passed through ' || port || coalesce(' (' || country || ')', '') || ' without a stop that was seen'
    from passage
    union all
    select vessel_id, mmsi, imo, 'stop', stop_id, began_at, ended_at, null, source, provider_note, licence, known_at,
           'Lay still'
               || coalesce(' for ' || cast(round(cast(stopped_hours + 1e-9 as numeric), 1) as text) || ' h', ' until the data ends')
               || ' at ' || rtrim(rtrim(cast(round(cast(latitude + 1e-9 as numeric), 2) as text), '0'), '.') || ' N '
               || rtrim(rtrim(cast(round(cast(longitude + 1e-9 as numeric), 2) as text), '0'), '.') || ' E, near no known anchorage'
               || coalesce(' (waters near ' || country || ')', '')
    from stop
    union all
    select vessel_id, mmsi, imo, 'ais_gap', ais_gap_id, began_at, ended_at, off_zone_id, source, provider_note, licence,
           ais_gap.known_at,
           'Silent'
               || coalesce(' for ' || cast(round(cast(ais_gap.hours + 1e-9 as numeric), 1) as text) || ' h', ' until the data ends')
               || case reception when 'heard_others' then '; others were heard there'
                                 when 'not_heard' then '; hardly anybody was heard there'
                                 else '; whether she could be heard is unknown' end
               || case source when 'ais'
                       then ' (' || cast(hours_heard as text) || ' of ' || cast(hours_tested as text)
                            || case ais_gap.receiver when 'satellite' then ' passes of satellites tested)' else ' hours tested)' end
                       else '' end
               || case reception_outage.kind
                       when 'outage' then '; everyone there fell silent at once, for '
                            || cast(hours_hidden as text) || ' of these hours'
                       when 'no_data' then '; no positions at hand for ' || cast(hours_hidden as text) || ' of these hours'
                       when 'source_change' then '; the source began to hear far fewer there meanwhile'
                       else '' end
    from ais_gap
    left join reception_outage on reception_outage.reception_outage_id = ais_gap.reception_outage_id
    union all
    select vessel_id, mmsi, imo, 'dark_call', dark_call_id, earliest_arrival_at, latest_departure_at, zone_id, source, provider_note, licence, known_at,
           'Unheard for long enough to call at ' || port
               || coalesce(' for at most ' || cast(round(cast(longest_stay_hours as numeric), 0) as integer) || ' h', ', and not heard since')
               || case when ports_in_reach > 1 then ' (or at ' || cast(ports_in_reach - 1 as text) || ' other ports)' else '' end
    from dark_call
    where rank = 1
    union all
    select vessel_id, mmsi, imo, 'encounter', encounter_id, began_at, ended_at, zone_id, source, provider_note, licence, known_at,
           case when context is null then 'Met ' else 'Was beside ' end
               || coalesce('MMSI ' || cast(other_mmsi as text), 'an object that sent no ship''s number')
               || coalesce(' at ' || cast(cast(round(cast(median_distance_m as numeric), 0) as integer) as text) || ' m', '')
               || coalesce(' (' || replace(context, '_', ' ') || ')', '')
    from encounter
    union all
    select other_vessel_id, other_mmsi, other_imo, 'encounter', encounter_id, began_at, ended_at, zone_id, source,
           provider_note, licence, known_at,
           case when context is null then 'Met ' else 'Was beside ' end || 'MMSI ' || cast(mmsi as text)
               || coalesce(' at ' || cast(cast(round(cast(median_distance_m as numeric), 0) as integer) as text) || ' m', '')
               || coalesce(' (' || replace(context, '_', ' ') || ')', '')
    from encounter
    where other_vessel_id is not null
    union all
    select vessel_id, mmsi, imo, 'loitering', loitering_id, began_at, ended_at, zone_id, source, provider_note, licence, known_at,
           case kind when 'paper_call'
                     then 'Waited off ' || port || ' without a berth and sailed on to ' || coalesce(next_port, 'a place unnamed')
                     else 'Sailed slowly at sea' end
               || coalesce(' for ' || cast(round(cast(hours + 1e-9 as numeric), 1) as text) || ' h', ' until the data ends')
    from loitering
    union all
    select vessel_id, mmsi, imo, 'draught_change', draught_change_id, changed_by, changed_by, zone_id, source, provider_note, licence, known_at,
           'Reported draught went from ' || cast(round(cast(draught_before_m + 1e-9 as numeric), 1) as text) || ' m to '
               || cast(round(cast(draught_after_m + 1e-9 as numeric), 1) as text) || ' m'
    from draught_change
    union all
    select vessel_id, mmsi, imo, 'identity_change', identity_change_id, changed_by, changed_by, zone_id, source, provider_note, licence, known_at,
           case kind
               when 'value' then 'Reported ' || replace(field, '_', ' ') || ' went from ' || coalesce(value_before, 'nothing')
                   || ' to ' || coalesce(value_after, 'nothing')
               when 'succession' then 'First heard ' || cast(round(cast(distance_nm + 1e-9 as numeric), 1) as text) || ' nm from where MMSI ' || value_before
                   || ' had fallen silent ' || cast(round(cast(hours as numeric), 0) as text) || ' h before'
                   || case when candidates > 1 then '; ' || cast(candidates as text) || ' silences fit' else '' end
               when 'same_number' then 'Sends the IMO number that MMSI ' || value_before || ' sent before'
               when 'two_places' then 'Sends the IMO number of MMSI ' || value_before || ', heard '
                   || cast(round(cast(distance_nm + 1e-9 as numeric), 1) as text) || ' nm away at the same time'
               else 'Sends the IMO number of MMSI ' || value_before || ', a ship of another size' end
               || case ordinary when 'spelling' then '; a matter of spelling' when 'remeasured' then '; measured anew'
                   when 'unspecific' then '; one of them says little' when 'numbered' then '; the number before was none'
                   when 'reflagged' then '; the other MMSI is heard no more, as after a sale'
                   when 'two_sets' then '; both at one place: two transponders'
                   when 'own_number' then '; she sends a valid IMO number of her own' else '' end
    from identity_change
    union all
    select other_vessel_id, other_mmsi, null, 'identity_change', identity_change_id, changed_after, changed_by, zone_id, source, provider_note, licence, known_at,
           case kind
               when 'succession' then 'Fell silent where MMSI ' || value_after || ' was heard first '
                   || cast(round(cast(hours as numeric), 0) as text) || ' h later'
                   || case when other_back_at is null then '' else ', and was heard again after it' end
               else 'Her IMO number is sent by MMSI ' || value_after end
    from identity_change
    where other_vessel_id is not null and other_vessel_id <> vessel_id
    union all
    select vessel_id, mmsi, imo, 'voyage', voyage_id, departed_at, arrived_at,
           coalesce(destination_zone_id, origin_zone_id), source, provider_note, licence, known_at,
           'Sailed from ' || origin_port || coalesce(' (' || origin_country || ')', '')
               || coalesce(' to ' || destination_port || coalesce(' (' || destination_country || ')', ''), ', not arrived yet')
               || case cargo_state when 'unknown' then '; cargo unknown'
                                   else '; draught consistent with ' || cargo_state end
               || case when dark_hours > 0
                       then '; silent ' || cast(round(cast(dark_hours + 1e-9 as numeric), 1) as text) || ' h' else '' end
    from voyage
)
select vessel_id, imo, mmsi, event_table, event_id, from_at, to_at, place,
       sentence || case source when 'ais' then '' else '; reported by ' || source end as sentence,
       source, provider_note, known_at,
       coalesce((select 1 = 1 from synthetic_span
                 where synthetic_span.from_at <= coalesce(event.to_at, event.known_at)
                   and synthetic_span.to_at >= event.from_at
                 order by synthetic_span.to_at limit 1), 1 = 0) as synthetic,  -- in order of the index, unlike "exists"
       licence
from event
left join held on held.day < substr(cast(event.known_at as text), 1, 10)
              and substr(cast(event.known_at as text), 1, 10) <= held.until_day
where held.day is null
