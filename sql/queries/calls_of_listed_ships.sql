-- calls_of_listed_ships: Where did listed ships call since they were listed?
-- One row per visit and list entry with the ship's IMO number. A number can be borrowed: compare `listed_name` with
-- `reported_name`. Where a list publishes no day of listing, `listed_by` is its first edition at hand that names her.
-- `licence`: terms that bind whoever passes the row on; empty for our own.
-- :country text = null  ISO 3166 alpha-2 of the country called at; empty for all
select port_visit.arrived_by, port_visit.departed_by, watchlist_vessel.watchlist_id,
       watchlist_vessel.name as listed_name, vessel.name as reported_name, port_visit.imo, port_visit.mmsi,
       port_visit.port, port_visit.country, coalesce(watchlist_vessel.listed_on, watchlist_vessel.listed_by) as listed,
       watchlist_vessel.measures, port_visit.confidence, port_visit.visit_id, port_visit.source, port_visit.licence
from watchlist_vessel
join port_visit on port_visit.imo = watchlist_vessel.imo
left join vessel on vessel.vessel_id = port_visit.vessel_id
where coalesce(port_visit.country, '') = coalesce(upper(cast(:country as text)), port_visit.country, '')
  and (coalesce(watchlist_vessel.listed_on, watchlist_vessel.listed_by) is null
       or coalesce(cast(port_visit.departed_by as text), '9999')
          >= cast(coalesce(watchlist_vessel.listed_on, watchlist_vessel.listed_by) as text))
  and (coalesce(watchlist_vessel.delisted_on, watchlist_vessel.delisted_by) is null
       or cast(port_visit.arrived_by as text)
          < cast(coalesce(watchlist_vessel.delisted_on, watchlist_vessel.delisted_by) as text))
order by port_visit.arrived_by, port_visit.visit_id, watchlist_vessel.watchlist_id, watchlist_vessel.entry_id
