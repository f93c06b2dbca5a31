-- outage_of_reception: when and where everyone fell silent at once, and how many ships that hid.
-- One row per outage of reception or change of a source (reception_outage): a fact about who listens, and about no ship.
-- Read by analysts, before they read a silence; by data engineers, to ask a source what happened.
--   gaps_hidden: silences (ais_gap) that it hid in the most of the hours around their ends
--   ships_hidden: ships that had them
--   still_silent: of these gaps, gaps of which others were heard again before she came back, or did: hers, and not the outage's
--   source: the feed that gave positions on the day it began; null where none did
--   sources: how many feeds did
create view outage_of_reception as
select reception_outage.reception_outage_id, reception_outage.kind, reception_outage.receiver, reception_outage.from_at,
       reception_outage.to_at, reception_outage.hours, reception_outage.west, reception_outage.south,
       reception_outage.east, reception_outage.north, reception_outage.longitude, reception_outage.latitude,
       reception_outage.vessels_before, reception_outage.vessels_after, reception_outage.known_at,
       count(ais_gap.ais_gap_id) as gaps_hidden, count(distinct ais_gap.vessel_id) as ships_hidden,
       sum(case when ais_gap.reception = 'heard_others' then 1 else 0 end) as still_silent,
       (select min(source_day.source) from source_day
        where cast(source_day.day as text) = substr(cast(reception_outage.from_at as text), 1, 10)
          and source_day.fixes > 0) as source,
       (select count(*) from source_day
        where cast(source_day.day as text) = substr(cast(reception_outage.from_at as text), 1, 10)
          and source_day.fixes > 0) as sources
from reception_outage
left join ais_gap on ais_gap.reception_outage_id = reception_outage.reception_outage_id
group by reception_outage.reception_outage_id, reception_outage.kind, reception_outage.receiver, reception_outage.from_at,
         reception_outage.to_at, reception_outage.hours, reception_outage.west, reception_outage.south,
         reception_outage.east, reception_outage.north, reception_outage.longitude, reception_outage.latitude,
         reception_outage.vessels_before, reception_outage.vessels_after, reception_outage.known_at
