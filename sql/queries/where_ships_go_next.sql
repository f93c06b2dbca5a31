-- where_ships_go_next: Where do ships go from the coal ports of North Korea?
-- Voyages by port of origin and port of the next call; `destination_port` empty: still under way, or not heard arriving.
-- Voyages of providers are left out, since they may be the same. A voyage is not a cargo.
-- :origin port = nampo  port that they sailed from; a stay in the basin at no known berth is at taedong basin
select voyage.origin_port, voyage.destination_port, voyage.destination_country, count(*) as voyages,
       count(distinct voyage.vessel_id) as ships, cast(round(cast(avg(voyage.hours) + 1e-9 as numeric), 0) as integer) as mean_hours,
       sum(case when voyage.cargo_state = 'laden' then 1 else 0 end) as laden,
       min(voyage.departed_at) as first_departure, max(voyage.departed_at) as last_departure
from voyage
where lower(voyage.origin_port) = lower(:origin) and voyage.source = 'ais'
group by voyage.origin_port, voyage.destination_port, voyage.destination_country
order by voyages desc, voyage.destination_port nulls first, voyage.destination_country nulls first
