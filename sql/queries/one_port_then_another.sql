-- one_port_then_another: Which ships called at Nampo and then at Longkou?
-- One row per visit (port_visit) to the first port whose ship visited the second one later; `second_arrival` is her first
-- there after it. Calls at other ports may lie between: `calls_between` counts them, and 0 is the direct way. A
-- call is not a cargo; a stay of more than a year that a provider reports is no call. `source`: ais, or the provider of
-- both calls; a passage that both report has two rows. `licence`: terms that bind whoever passes the row on; empty for our own.
-- :first port = nampo  port of the earlier call; a stay in the basin at no known berth is at taedong basin
-- :second port = longkou  port of the later call
with first_call as (
    select vessel_id, mmsi, imo, source, licence, visit_id, arrived_by, departed_by, draught_out_m,
           confidence
    from port_visit
    where lower(port) = lower(:first) and implausible_stay is not true
),
later_call as (
    select first_call.visit_id, min(port_visit.arrived_by) as arrived_by
    from first_call
    join port_visit on port_visit.vessel_id = first_call.vessel_id and port_visit.source = first_call.source
                  and port_visit.arrived_by > first_call.arrived_by
    where lower(port_visit.port) = lower(:second) and port_visit.implausible_stay is not true
    group by first_call.visit_id
)
select first_call.vessel_id, vessel.name, first_call.imo, first_call.mmsi, first_call.arrived_by as first_arrival,
       first_call.departed_by as first_departure, later_call.arrived_by as second_arrival,
       (select count(*) from port_visit
        where port_visit.vessel_id = first_call.vessel_id and port_visit.source = first_call.source
          and port_visit.arrived_by > first_call.arrived_by and port_visit.arrived_by < later_call.arrived_by) as calls_between,
       first_call.draught_out_m, first_call.confidence, first_call.source, first_call.licence
from first_call
join later_call on later_call.visit_id = first_call.visit_id
left join vessel on vessel.vessel_id = first_call.vessel_id
order by second_arrival, first_call.visit_id
