-- in_north_korea_before: Was the ship with this IMO number in North Korea in the months before a date?
-- `what`: a call that AIS reported, or a possible call (dark_call): a silence that left her time for one, with the
-- longest stay that it allows. No row is no proof that she was not: `coverage_by_zone` says how well the ports were
-- heard. Executive Order 13810 closes ports of the United States for 180 days after a call. `licence`: terms that bind
-- whoever passes the row on; empty for our own. For many ships at once: `coalwatch screen`.
-- :imo int  IMO number, seven digits, like 8628597
-- :since time  first day of the time to look at, YYYY-MM-DD; for the 180-day rule, 180 days before the arrival
-- :until time  first day after it, YYYY-MM-DD
select seen.what, seen.port, seen.from_at, seen.to_at, round(cast(seen.hours + 1e-9 as numeric), 1) as hours,
       seen.confidence, seen.reception, vessel.name, vessel.mmsi, seen.event_id, seen.source, seen.licence
from north_korea_stay as seen
join vessel on vessel.vessel_id = seen.vessel_id
where seen.vessel_id = 'imo-' || cast(cast(:imo as bigint) as text) and cast(seen.from_at as text) < cast(:until as text)
  and coalesce(cast(seen.to_at as text), (select cast(max(day) as text) from coverage_day), cast(:since as text))
      >= cast(:since as text)  -- what goes on when the data ends goes on to that day, not for ever
order by seen.from_at, seen.event_id
