-- ties_of_a_ship: Whom did the ship with this IMO number meet, and who shares her berths, MMSI or owner?
-- One row per tie, the latest first. A berth is shared by whoever calls there; a tie is a reason to look, nothing more.
-- `coalwatch network` prints the same with names and lists.
-- :imo int  IMO number, seven digits, like 8628597
select vessel_link.from_at, vessel_link.to_at, vessel_link.tie, other.name as other_name, other.imo as other_imo,
       vessel_link.other_mmsi, vessel_link.place, vessel_link.sentence, vessel_link.source, vessel_link.event_id
from vessel_link
left join vessel as other on other.vessel_id = vessel_link.other_vessel_id
where vessel_link.vessel_id = 'imo-' || cast(cast(:imo as bigint) as text)
order by vessel_link.from_at desc nulls last, vessel_link.tie, vessel_link.other_mmsi nulls first,
         vessel_link.event_id nulls first, vessel_link.other_vessel_id
