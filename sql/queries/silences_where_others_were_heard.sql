-- silences_where_others_were_heard: Which ships fell silent in Korea Bay while others around them were heard?
-- These silences are hers, not the receivers': others were heard in her cell in `hours_heard` of `hours_tested`
-- hours. A silence has innocent causes too (a power cut, a broken transmitter). Longest first; open ones, whose
-- length is not known, lead. The default box is the Korea Bay north of Changsan-got. `licence`: terms that bind
-- whoever passes the row on; empty for our own.
-- :south real = 38.0  degrees north
-- :north real = 40.2  degrees north
-- :west real = 122.5  degrees east
-- :east real = 125.5  degrees east
select ais_gap.vessel_id, vessel.name, ais_gap.imo, ais_gap.mmsi, ais_gap.began_at, ais_gap.ended_at,
       round(cast(ais_gap.hours + 1e-9 as numeric), 1) as hours, ais_gap.hours_heard, ais_gap.hours_tested,
       ais_gap.off_latitude, ais_gap.off_longitude, ais_gap.off_zone_id, ais_gap.on_zone_id,
       ais_gap.source, ais_gap.licence
from ais_gap
left join vessel on vessel.vessel_id = ais_gap.vessel_id
where ais_gap.reception = 'heard_others'
  and ais_gap.off_latitude between :south and :north and ais_gap.off_longitude between :west and :east
order by case when ais_gap.hours is null then 0 else 1 end, ais_gap.hours desc, ais_gap.began_at,
         ais_gap.ais_gap_id
