-- waits_at_sea: Which ships waited at sea, or off a port that they left again without a berth?
-- Longest first; a wait that goes on has no length and leads. A paper call (`kind`) is a wait at a port's anchorage, then
-- another port: ships do so for orders and freight as well. `licence`: terms that bind whoever passes the row on; empty
-- for our own.
-- :hours real = 24  shortest wait to show, of those that ended
select loitering.kind, loitering.began_at, loitering.ended_at,
       round(cast(loitering.hours + 1e-9 as numeric), 1) as hours, vessel.name, loitering.imo, loitering.mmsi,
       loitering.port, loitering.next_port, loitering.zone_id,
       round(cast(loitering.longitude + 1e-9 as numeric), 3) as longitude,
       round(cast(loitering.latitude + 1e-9 as numeric), 3) as latitude, loitering.loitering_id, loitering.source,
       loitering.licence
from loitering
left join vessel on vessel.vessel_id = loitering.vessel_id
where loitering.hours is null or loitering.hours >= :hours
order by loitering.hours desc nulls first, loitering.began_at, loitering.loitering_id
