-- listed_vessels_last_seen: When and where was each listed ship last heard?
-- One row per list entry with an IMO number; `last_heard_at` empty: never heard under that number, which is not the
-- same as not sailing. A ship may carry another ship's number: compare `listed_name` with `reported_name`.
-- `licence`: terms that bind whoever passes the row on, where her last call, or all that is known of her, is a provider's;
-- empty for our own.
with last_call as (
    select imo, port, country, arrived_by, departed_by, state, confidence, licence,
           row_number() over (partition by imo order by arrived_by desc, visit_id) as nth
    from port_visit
    where imo in (select imo from watchlist_vessel)
)
select watchlist_vessel.watchlist_id, watchlist_vessel.imo, watchlist_vessel.name as listed_name,
       watchlist_vessel.listed_on, watchlist_vessel.listed_by, watchlist_vessel.delisted_on,
       watchlist_vessel.delisted_by,
       vessel.name as reported_name, vessel.flag, vessel.to_at as last_heard_at, last_call.port as last_port,
       last_call.country as last_country, last_call.arrived_by as last_arrival, last_call.departed_by as last_departure,
       last_call.state as last_call_state, last_call.confidence as last_call_confidence,
       coalesce(last_call.licence, vessel.licence) as licence
from watchlist_vessel
left join vessel on vessel.imo = watchlist_vessel.imo
left join last_call on last_call.imo = watchlist_vessel.imo and last_call.nth = 1
where watchlist_vessel.imo is not null
order by case when vessel.to_at is null then 1 else 0 end, vessel.to_at desc, watchlist_vessel.watchlist_id,
         watchlist_vessel.imo, watchlist_vessel.entry_id, vessel.vessel_id nulls first
