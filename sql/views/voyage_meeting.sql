-- voyage_meeting: whom a ship met on a voyage, after she left the port it starts from and before she reached the next.
-- One row per voyage and encounter, from the side of the ship that sailed it: two ships that both were on a voyage have
-- two. Encounters established by the data of a day that the quality gate holds back are left out. Those with a context
-- (who lay beside her at a berth, her tug) stand here, since a voyage begins where she casts off: read it first.
-- Read by analysts: count by voyage_id what `voyage.encounters` gives only of a provider's voyages.
--   voyage_id: the voyage
--   vessel_id: the ship that sailed it
--   encounter_id: the encounter
--   other_vessel_id: whom she met; null where the other sent no ship's number
--   other_mmsi: MMSI of the other
--   began_at: first moment together
--   ended_at: last moment together; null while it goes on
--   context: what is known to make it no transfer; null: nothing
--   place: zone where they met; null outside zones
--   source: ais, or the provider that reports both
create view voyage_meeting as
with held as materialized (
    select day, until_day from judged_day where failed > 0
),
met as not materialized (
    select encounter.* from encounter
    left join held on held.day < substr(cast(encounter.known_at as text), 1, 10)
                  and substr(cast(encounter.known_at as text), 1, 10) <= held.until_day
    where held.day is null
)
select voyage.voyage_id, voyage.vessel_id, met.encounter_id, met.other_vessel_id, met.other_mmsi, met.began_at,
       met.ended_at, met.context, met.zone_id as place, met.source
from met
join voyage on voyage.vessel_id = met.vessel_id and voyage.source = met.source
           and (voyage.arrived_at is null or met.began_at < voyage.arrived_at)
           and (met.ended_at is null or voyage.departed_at < met.ended_at)
union all
select voyage.voyage_id, voyage.vessel_id, met.encounter_id, met.vessel_id, met.mmsi, met.began_at,
       met.ended_at, met.context, met.zone_id, met.source
from met
join voyage on voyage.vessel_id = met.other_vessel_id and voyage.source = met.source
           and (voyage.arrived_at is null or met.began_at < voyage.arrived_at)
           and (met.ended_at is null or voyage.departed_at < met.ended_at)
