-- voyages_from_one_country_to_another: Which ships sailed from North Korea straight to China within ten days?
-- One row per voyage: from the last call in the one country to the next call anywhere, where that is in the other. What
-- she called at between is no part of it: ask one_port_then_another for that. `cargo_state` goes by her draughts. A
-- voyage is not a cargo, and a longer one may hide a call that nobody heard: see `dark_hours`. `licence`: terms that
-- bind whoever passes the row on; empty for our own.
-- :origin text = KP  country she sailed from, ISO 3166 alpha-2
-- :destination text = CN  country she arrived in
-- :hours real = 240  longest voyage to show
select voyage.departed_at, voyage.arrived_at, round(cast(voyage.hours + 1e-9 as numeric), 1) as hours, vessel.name,
       voyage.imo, voyage.mmsi, voyage.origin_port, voyage.destination_port, voyage.cargo_state,
       round(cast(voyage.dark_hours + 1e-9 as numeric), 1) as dark_hours, voyage.voyage_id, voyage.source, voyage.licence
from voyage
left join vessel on vessel.vessel_id = voyage.vessel_id
where voyage.origin_country = upper(:origin) and voyage.destination_country = upper(:destination)
  and voyage.hours <= :hours
order by voyage.departed_at, voyage.voyage_id
