-- at_coal_berths: Which ships lay at a North Korean coal berth in these days?
-- One row per call with a stop at a berth where coal is loaded, and per call in its basin or port in which she was seen
-- at no berth (`berth` empty: she may have lain there). Berths are our zones; near_a_berth asks for whom else was near.
-- A berth is not a cargo. `licence`: terms that bind whoever passes the row on; empty for our own.
-- :since time  first day to look at, YYYY-MM-DD
-- :until time  first day no longer to look at
with loading as (
    select zone_id, call_zone_id, parent_zone_id from zone where loads_coal and country = 'KP'
)
select port_call.arrived_by, port_call.departed_by, vessel.name, port_call.imo, port_call.mmsi, vessel.flag,
       port_call.zone_id, port_call.berth_zone_id as berth, port_call.state,
       round(cast(port_call.stopped_hours + 1e-9 as numeric), 1) as stopped_hours, port_call.draught_in_m,
       port_call.draught_out_m, port_call.confidence, port_call.port_call_id, port_call.source, port_call.licence
from port_call
left join vessel on vessel.vessel_id = port_call.vessel_id
where (port_call.berth_zone_id in (select zone_id from loading)
       or (port_call.berth_zone_id is null
           and port_call.zone_id in (select zone_id from loading union select call_zone_id from loading
                                     union select parent_zone_id from loading)))
  and cast(port_call.arrived_by as text) < cast(:until as text)
  and coalesce(cast(port_call.departed_by as text), (select cast(max(day) as text) from coverage_day), cast(:since as text))
      >= cast(:since as text)  -- what goes on when the data ends goes on to that day, not for ever
order by port_call.arrived_by, port_call.port_call_id
