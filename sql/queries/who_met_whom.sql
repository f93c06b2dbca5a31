-- who_met_whom: Which ships met, where and for how long?
-- One row per encounter that nothing is known to make an ordinary one of: tugs and pilots, neighbours at a berth, pair
-- trawlers and ships in company have a `context` and are left out. `alongside`: whether they lay side by side, by the
-- lengths that both report. Being together is no transfer: compare the draughts of both before and after.
-- `licence`: terms that bind whoever passes the row on; empty for our own.
-- :since time = null  first day to look at, YYYY-MM-DD
-- :until time = null  first day no longer to look at
select encounter.began_at, encounter.ended_at, ship.name, encounter.imo, encounter.mmsi, other.name as other_name,
       encounter.other_imo, encounter.other_mmsi, encounter.alongside,
       cast(round(cast(encounter.median_distance_m + 1e-9 as numeric), 0) as integer) as metres_apart, encounter.zone_id,
       round(cast(encounter.longitude + 1e-9 as numeric), 3) as longitude,
       round(cast(encounter.latitude + 1e-9 as numeric), 3) as latitude, encounter.encounter_id, encounter.source,
       encounter.licence
from encounter
left join vessel as ship on ship.vessel_id = encounter.vessel_id
left join vessel as other on other.vessel_id = encounter.other_vessel_id
where encounter.context is null
  and cast(encounter.began_at as text) >= coalesce(cast(:since as text), '')
  and cast(encounter.began_at as text) < coalesce(cast(:until as text), '9999')
order by encounter.began_at, encounter.encounter_id
