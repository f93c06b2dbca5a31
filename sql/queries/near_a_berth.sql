-- near_a_berth: Who was near the coal berth in these days?
-- One row per event of a ship (for an encounter one per party, for an alert's track its first and last fix there), by
-- zone: in the berth's own waters, which are its port or, behind a lock, its whole basin; `distance_nm` is empty. Where
-- the warehouse has PostGIS, `nm` counts instead: what has a place is asked by distance from the berth's area, also
-- beyond its waters; only what has none (ways through without a stop, calls that nobody heard) goes by zone, with an
-- empty distance. So SQLite shows more of a long basin, PostGIS more of the roads before it. A silence stands where it
-- began. `licence`: terms that bind whoever passes the row on; empty for our own.
-- :since time  first day to look at, YYYY-MM-DD
-- :until time  first day no longer to look at
-- :zone zone = kp-nampo-coal  the berth (zone_id)
-- :nm real = 5.0  nautical miles from its area; with PostGIS alone
with waters as (
    select zone_id from zone
    where zone_id = :zone or call_zone_id = (select call_zone_id from zone where zone_id = :zone)
),
seen as (
    select 'port_call' as what, port_call_id as event_id, vessel_id, mmsi, imo, source, licence,
           coalesce(berth_zone_id, zone_id) as zone_id, arrived_by as began_at, departed_by as ended_at
    from port_call
    union all
    select 'passage', passage_id, vessel_id, mmsi, imo, source, licence, zone_id, entered_by, left_by from passage
    union all
    select 'ais_gap', ais_gap_id, vessel_id, mmsi, imo, source, licence, off_zone_id, began_at, ended_at from ais_gap
    union all
    select 'encounter', encounter_id, vessel_id, mmsi, imo, source, licence, zone_id, began_at, ended_at from encounter
    union all
    select 'encounter', encounter_id, other_vessel_id, other_mmsi, other_imo, source, licence, zone_id, began_at,
           ended_at
    from encounter
    union all
    select 'loitering', loitering_id, vessel_id, mmsi, imo, source, licence, zone_id, began_at, ended_at from loitering
    union all
    select 'alert_track', alert.alert_id, alert.vessel_id, alert.mmsi, alert.imo, 'ais', alert.licence, passing.zone_id,
           passing.began_at, passing.ended_at
    from (select alert_id, zone_id, min(timestamp) as began_at, max(timestamp) as ended_at
          from alert_track
          where zone_id in (select zone_id from waters)
          group by alert_id, zone_id) as passing
    join alert on alert.alert_id = passing.alert_id
)
select seen.began_at, seen.ended_at, seen.what, vessel.name, seen.imo, seen.mmsi, vessel.flag, seen.zone_id,
       cast(null as numeric) as distance_nm, seen.event_id, seen.source, seen.licence
from seen
left join vessel on vessel.vessel_id = seen.vessel_id
where seen.zone_id in (select zone_id from waters)
  and cast(seen.began_at as text) < cast(:until as text)
  and coalesce(cast(seen.ended_at as text), (select cast(max(day) as text) from coverage_day), cast(:since as text))
      >= cast(:since as text)  -- what goes on when the data ends goes on to that day, not for ever
order by seen.began_at, seen.what, seen.event_id, seen.mmsi, seen.zone_id
