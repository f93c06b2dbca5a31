-- ship_history: What did the ship with this IMO number do?
-- Everything AIS reported of the hull, in order of time; an open event has no end. The number is the ship's own
-- report, with a valid check digit: another ship may borrow it, which shows as two places at once.
-- :imo int  IMO number, seven digits, like 8628597
select vessel_history.from_at, vessel_history.to_at, vessel_history.event_table, vessel_history.place,
       vessel_history.sentence, vessel_history.mmsi, vessel_history.event_id, vessel_history.synthetic,
       vessel_history.licence
from vessel_history
where vessel_history.vessel_id = 'imo-' || cast(cast(:imo as bigint) as text)
order by vessel_history.from_at nulls first, vessel_history.event_table, vessel_history.event_id
