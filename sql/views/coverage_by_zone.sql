-- coverage_by_zone: how well each zone could be heard, month by month.
-- One row per zone and UTC month with landed data; shares are of days that the quality gate published.
-- Read by whoever judges an absence: few hours heard means few things could be seen.
--   zone: name of the zone for people
--   month: UTC month, YYYY-MM
--   days_with_data: days of the month with landed data that were published
--   days_held_back: days of the month that the quality gate holds back, with or without data
--   days_unheard: of these, days on which nobody was heard in the zone
--   coverage_share: mean share of the hours of those days in which any vessel was heard; null when none was published
--   most_vessels: distinct MMSIs heard on the busiest of those days
--   outages: outages of reception that began in the month in an area that holds the zone (reception_outage)
--   source_changes: changes of what a source hears there, likewise: fewer vessels since then are no finding
--   synthetic: true when generated data was landed for the month
create view coverage_by_zone as
with held as materialized (
    select day from judged_day where failed > 0
),
held_month as (
    select substr(day, 1, 7) as month, count(*) as days from held group by substr(day, 1, 7)
),
made_up as materialized (
    select distinct substr(cast(from_at as text), 1, 7) as from_month, substr(cast(to_at as text), 1, 7) as to_month
    from synthetic_span
),
heard as (
    select coverage_day.zone_id, substr(cast(coverage_day.day as text), 1, 7) as month,
           sum(case when held.day is null then 1 else 0 end) as days_with_data,
           sum(case when held.day is null and hours_heard = 0 then 1 else 0 end) as days_unheard,
           round(cast(avg(case when held.day is null then coverage_share end) + 1e-12 as numeric), 9) as coverage_share,
           max(case when held.day is null then vessels_heard end) as most_vessels
    from coverage_day
    left join held on held.day = cast(coverage_day.day as text)
    group by coverage_day.zone_id, substr(cast(coverage_day.day as text), 1, 7)
)
select heard.zone_id, zone.name as zone, zone.country, heard.month, heard.days_with_data,
       coalesce(held_month.days, 0) as days_held_back, heard.days_unheard,
       heard.coverage_share, heard.most_vessels,
       (select count(*) from reception_outage
        where reception_outage.kind <> 'source_change'
          and substr(cast(reception_outage.from_at as text), 1, 7) = heard.month
          and zone.longitude between reception_outage.west and reception_outage.east
          and zone.latitude between reception_outage.south and reception_outage.north) as outages,
       (select count(*) from reception_outage
        where reception_outage.kind = 'source_change'
          and substr(cast(reception_outage.from_at as text), 1, 7) = heard.month
          and zone.longitude between reception_outage.west and reception_outage.east
          and zone.latitude between reception_outage.south and reception_outage.north) as source_changes,
       exists (select 1 from made_up where from_month <= heard.month and heard.month <= to_month) as synthetic
from heard
left join zone on zone.zone_id = heard.zone_id
left join held_month on held_month.month = heard.month
