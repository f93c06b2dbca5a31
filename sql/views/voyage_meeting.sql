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
met as (
    select encounter.* from encounter
    left join held on held.day < substr(cast(encounter.known_at as text), 1, 10)
                  and substr(cast(encounter.known_at as text), 1, 10) <= held.until_day
    where held.day is null
),
side as (
    select vessel_id, encounter_id, other_vessel_id, other_mmsi, began_at, ended_at, context, zone_id, source from met
    union all
    select other_vessel_id, encounter_id, vessel_id, mmsi, began_at, ended_at, context, zone_id, source from met
    where other_vessel_id is not null
)
select voyage.voyage_id, voyage.vessel_id, side.encounter_id, side.other_vessel_id, side.other_mmsi, side.began_at,
       side.ended_at, side.context, side.zone_id as place, side.source
from side
join voyage on voyage.vessel_id = side.vessel_id and voyage.source = side.source
           and (voyage.arrived_at is null or side.began_at < voyage.arrived_at)
           and (side.ended_at is null or voyage.departed_at < side.ended_at)
