-- in_north_korea_before: Was the ship with this IMO number in North Korea in the months before a date?
-- `what`: a call that AIS reported, or a possible call (dark_call): a silence that left her time for one, with the
-- longest stay that it allows. No row is no proof that she was not: `coverage_by_zone` says how well the ports were
-- heard. Executive Order 13810 closes ports of the United States for 180 days after a call. `licence`: terms that bind
-- whoever passes the row on; empty for our own.
-- :imo int  IMO number, seven digits, like 8628597
-- :since time  first day of the time to look at, YYYY-MM-DD; for the 180-day rule, 180 days before the arrival
-- :until time  first day after it, YYYY-MM-DD
with seen as (
    select 'call' as what, port, arrived_by as from_at, departed_by as to_at, stopped_hours as hours, confidence,
           null as reception, visit_id as event_id, vessel_id, source, licence
    from port_visit
    where country = 'KP' and implausible_stay is not true
    union all
    select 'possible call', dark_call.port, dark_call.began_at, dark_call.ended_at, dark_call.longest_stay_hours, null,
           ais_gap.reception, dark_call.dark_call_id, dark_call.vessel_id, dark_call.source, dark_call.licence
    from dark_call
    left join ais_gap on ais_gap.ais_gap_id = dark_call.ais_gap_id
    where dark_call.country = 'KP' and dark_call.rank = 1
)
select seen.what, seen.port, seen.from_at, seen.to_at, round(cast(seen.hours + 1e-9 as numeric), 1) as hours,
       seen.confidence, seen.reception, vessel.name, vessel.mmsi, seen.event_id, seen.source, seen.licence
from seen
join vessel on vessel.vessel_id = seen.vessel_id
where vessel.imo = :imo and cast(seen.from_at as text) < cast(:until as text)
  and (seen.to_at is null or cast(seen.to_at as text) >= cast(:since as text))
order by seen.from_at, seen.event_id
