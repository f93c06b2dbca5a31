-- coverage_by_zone: how well each zone could be heard, month by month.
-- One row per zone and UTC month with landed data.
-- Read by whoever judges an absence: few hours heard means few things could be seen.
--   zone: name of the zone for people
--   month: UTC month, YYYY-MM
--   days_with_data: days of the month with landed data
--   days_unheard: of these, days on which nobody was heard in the zone
--   coverage_share: mean share of the hours of those days in which any vessel was heard
--   most_vessels: distinct MMSIs heard on the busiest of those days
--   synthetic: true when generated data was landed for the month
create view coverage_by_zone as
with heard as (
    select zone_id, substr(cast(day as text), 1, 7) as month, count(*) as days_with_data,
           sum(case when hours_heard = 0 then 1 else 0 end) as days_unheard,
           avg(coverage_share) as coverage_share, max(vessels_heard) as most_vessels
    from coverage_day
    group by zone_id, substr(cast(day as text), 1, 7)
)
select heard.zone_id, zone.name as zone, zone.country, heard.month, heard.days_with_data, heard.days_unheard,
       heard.coverage_share, heard.most_vessels,
       exists (select 1 from synthetic_span
               where substr(cast(synthetic_span.from_at as text), 1, 7) <= heard.month
                 and substr(cast(synthetic_span.to_at as text), 1, 7) >= heard.month) as synthetic
from heard
left join zone on zone.zone_id = heard.zone_id
