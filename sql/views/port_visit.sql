-- port_visit: a ship's visit to a harbour, with the calls at its anchorage, berths and anchorage again as parts of it.
-- One row per visit: calls (port_call) of one track in one harbour, each within a day of the one before. Count these, not
-- port_call. Its place is where she lay closest: at a berth, else in the port or basin, else at the anchorage.
-- Read by analysts, by nampo_calls_monthly and vessel_history, and by sql/queries/one_port_then_another.sql.
--   parts: calls that it consists of: port_call has their zones and times
--   zone_id: port, basin or anchorage of its place; null for a provider's visit at a place that is no zone
--   berth_zone_id: terminal where she was stopped longest in that call; null if at none
--   arrived_by: first fix inside, of the first call
--   departed_by: first fix outside, of the last call; null while open
--   stopped_hours: hours seen stopped, all calls together; null where none gives it
--   max_silence_hours: longest silence inside
--   draught_in_m: draught in force on arrival at the first call, metres
--   draught_out_m: last draught seen inside at the last call, metres
--   confidence: of the call with the highest
--   implausible_stay: of a provider's visit: whether a call in it is longer than a call can plausibly last
create view port_visit as
with part as materialized (
    select port_call.*,
           row_number() over (partition by visit_id order by arrived_by, port_call_id) as nth,
           row_number() over (partition by visit_id order by arrived_by desc, port_call_id desc) as nth_last,
           row_number() over (
               partition by visit_id
               order by case when berth_zone_id is not null then 0 when zone.kind = 'anchorage' then 2 else 1 end,
                        coalesce(stopped_hours, 0) desc, arrived_by, port_call_id
           ) as nth_place
    from port_call
    left join zone on zone.zone_id = port_call.zone_id
),
whole as (
    select visit_id, count(*) as parts, round(cast(sum(stopped_hours) as numeric), 6) as stopped_hours, max(max_silence_hours) as max_silence_hours,
           max(confidence) as confidence, max(known_at) as known_at,
           max(case when implausible_stay then 1 else 0 end) = 1 as implausible_stay
    from part
    group by visit_id
)
select place.visit_id, place.vessel_id, place.track_id, place.mmsi, place.imo, place.source, whole.known_at,
       first_part.cut_at_start, place.provider_note, place.licence, place.zone_id, place.berth_zone_id, place.port, place.country,
       whole.parts, first_part.arrived_after, first_part.arrived_by, last_part.departed_after, last_part.departed_by,
       last_part.state, whole.stopped_hours, whole.max_silence_hours, first_part.draught_in_m, last_part.draught_out_m,
       whole.confidence, whole.implausible_stay
from part as place
join whole on whole.visit_id = place.visit_id
join part as first_part on first_part.visit_id = place.visit_id and first_part.nth = 1
join part as last_part on last_part.visit_id = place.visit_id and last_part.nth_last = 1
where place.nth_place = 1
