-- flags_at_ports: Under which flags do ships call at the ports of a country?
-- Counts visits and hulls by port and by the flag that the MMSI stands for. A flag of an MMSI is what is typed into a
-- transponder, not a registry; empty: the MMSI stands for none. Providers' visits are left out, since they may be the same.
-- :country text = KP  country, ISO 3166 alpha-2
select port_visit.port, coalesce(vessel.flag, '') as flag, count(*) as visits,
       count(distinct port_visit.vessel_id) as ships, min(port_visit.arrived_by) as first_arrival,
       max(port_visit.arrived_by) as last_arrival
from port_visit
left join vessel on vessel.vessel_id = port_visit.vessel_id
where port_visit.country = upper(:country) and port_visit.source = 'ais'
group by port_visit.port, coalesce(vessel.flag, '')
order by port_visit.port, visits desc, flag
