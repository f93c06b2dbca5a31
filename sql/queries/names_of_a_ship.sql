-- names_of_a_ship: What has the ship with this IMO number called herself?
-- One row per name, flag, call sign, MMSI, size and reported IMO number, in order of time. The number is the ship's own
-- report: where sizes differ by more than a few metres, two ships may share it (see numbers_shared).
-- :imo int  IMO number, seven digits, like 8628597
select vessel_identity.name, vessel_identity.flag, vessel_identity.call_sign, vessel_identity.mmsi,
       vessel_identity.imo as reported_imo, vessel_identity.imo_valid, vessel_identity.ship_type,
       vessel_identity.length_m, vessel_identity.width_m, min(vessel_identity.from_at) as from_at,
       max(vessel_identity.to_at) as to_at
from vessel_identity
join vessel on vessel.vessel_id = vessel_identity.vessel_id
where vessel.imo = :imo
group by vessel_identity.name, vessel_identity.flag, vessel_identity.call_sign, vessel_identity.mmsi,
         vessel_identity.imo, vessel_identity.imo_valid, vessel_identity.ship_type, vessel_identity.length_m,
         vessel_identity.width_m
order by from_at, vessel_identity.mmsi, vessel_identity.name nulls first, to_at
