-- numbers_shared: Which ships share an MMSI, an IMO number, or came out where another fell silent?
-- One row per pair of ships that are, or claim to be, one. `ordinary` names the everyday cause that fits, such as a typing
-- error; `candidates` how many silences fit a succession as well. Spoofing and typing errors look alike: none of it is
-- against either ship by itself.
select identity_change.kind, identity_change.field, identity_change.changed_by, ship.name, identity_change.imo,
       identity_change.mmsi, other.name as other_name, identity_change.other_mmsi, identity_change.value_before,
       identity_change.value_after, identity_change.ordinary, identity_change.candidates,
       round(cast(identity_change.distance_nm + 1e-9 as numeric), 1) as distance_nm,
       round(cast(identity_change.hours + 1e-9 as numeric), 1) as hours, identity_change.identity_change_id,
       identity_change.source, identity_change.licence
from identity_change
left join vessel as ship on ship.vessel_id = identity_change.vessel_id
left join vessel as other on other.vessel_id = identity_change.other_vessel_id
where identity_change.other_mmsi is not null
order by case when identity_change.ordinary is null then 0 else 1 end, identity_change.changed_by,
         identity_change.identity_change_id
