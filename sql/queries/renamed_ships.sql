-- renamed_ships: Which ships changed their name, call sign, IMO number or size, and where?
-- Without those for which an everyday cause fits (`ordinary`): a letter or two, a type that says little. Ships change names
-- in trade all the time: look at where and when, and what else she did (ship_history).
-- :since time = null  first day to look at, YYYY-MM-DD
select identity_change.changed_by, identity_change.field, identity_change.value_before, identity_change.value_after,
       vessel.name, identity_change.imo, identity_change.mmsi, vessel.flag, identity_change.zone_id,
       round(cast(identity_change.longitude + 1e-9 as numeric), 3) as longitude,
       round(cast(identity_change.latitude + 1e-9 as numeric), 3) as latitude, identity_change.identity_change_id,
       identity_change.source, identity_change.licence
from identity_change
left join vessel on vessel.vessel_id = identity_change.vessel_id
where identity_change.kind = 'value' and identity_change.ordinary is null
  and cast(identity_change.changed_by as text) >= coalesce(cast(:since as text), '')
order by identity_change.changed_by, identity_change.identity_change_id
