-- north_korea_stay: a stay in North Korea, or one that a silence left time for: the one rule for "was she there?".
-- One row per visit (port_visit) to a port there that lasted no longer than a ship stays, and per possible call (dark_call)
-- whose likeliest port lies there. What the quality gate holds back is here too: a doubtful day is no reason for a "no".
-- Read by sql/queries/in_north_korea_before.sql and by `coalwatch screen`.
--   what: call, which AIS or a provider reported, or possible call
--   from_at: arrival; begin of the silence
--   to_at: departure; end of the silence; null while open
--   hours: hours seen stopped; longest stay that the silence allows
--   confidence: of a call: of its visit, as in port_visit; null of a possible call
--   reception: of a possible call: who else was heard in the silence, as in ais_gap
--   event_id: visit_id or dark_call_id
create view north_korea_stay as
select 'call' as what, vessel_id, mmsi, imo, port, arrived_by as from_at, departed_by as to_at, stopped_hours as hours,
       confidence, null as reception, visit_id as event_id, known_at, source, licence
from port_visit
where country = 'KP' and implausible_stay is not true
union all
select 'possible call', dark_call.vessel_id, dark_call.mmsi, dark_call.imo, dark_call.port, dark_call.began_at,
       dark_call.ended_at, dark_call.longest_stay_hours, null, ais_gap.reception, dark_call.dark_call_id,
       dark_call.known_at, dark_call.source, dark_call.licence
from dark_call
left join ais_gap on ais_gap.ais_gap_id = dark_call.ais_gap_id
where dark_call.country = 'KP' and dark_call.rank = 1
