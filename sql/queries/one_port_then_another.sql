-- one_port_then_another: Which ships called at Nampo and then at Longkou?
-- One row per visit (port_visit) to the first port whose ship visited the second one later; `second_arrival` is her first
-- there after it. Calls at other ports may lie between: `calls_between` counts them, and 0 is the direct way. A
-- call is not a cargo; a stay of more than a year that a provider reports is no call. `source`: ais, or the provider of
-- both calls; a passage that both report has two rows. `licence`: terms that bind whoever passes the row on; empty for our own.
-- :first port = nampo  port of the earlier call; a stay in the basin at no known berth is at taedong basin
-- :second port = longkou  port of the later call
with caller as materialized (
    select vessel_id from port_visit where lower(port) = lower(:first)
    intersect
    select vessel_id from port_visit where lower(port) = lower(:second)
),
visit as (
    select port_visit.*, rank() over own - 1 as visits_before, count(*) over own as visits_until
    from port_visit
    where vessel_id in (select vessel_id from caller)
    window own as (partition by vessel_id, source order by arrived_by)
),
paired as (
    select visit.*,
           min(case when lower(port) = lower(:second) and implausible_stay is not true then arrived_by end) over later
               as second_arrival,
           min(case when lower(port) = lower(:second) and implausible_stay is not true then visits_before end) over later
               as visits_before_second
    from visit
    window later as (partition by vessel_id, source order by arrived_by desc
                     groups between unbounded preceding and 1 preceding) -- grows row by row: one pass
)
select paired.vessel_id, vessel.name, paired.imo, paired.mmsi, paired.arrived_by as first_arrival,
       paired.departed_by as first_departure, paired.second_arrival,
       paired.visits_before_second - paired.visits_until as calls_between,
       paired.draught_out_m, paired.confidence, paired.source, paired.licence
from paired
left join vessel on vessel.vessel_id = paired.vessel_id
where lower(paired.port) = lower(:first) and paired.implausible_stay is not true and paired.second_arrival is not null
order by paired.second_arrival, paired.visit_id
