-- nampo_calls_monthly: calls at Nampo beside how well Nampo could be heard; no calls is not the same as no reception.
-- One row per UTC month and zone of Nampo's waters (the Taedong basin, its terminals up to Songnim and Taean, the
-- anchorage) with calls, with landed data, or with days that the quality gate holds back. A visit (port_visit) counts in the month of its arrival, in the terminal where she stopped longest, else
-- in the zone of the call; one that arrived on a day held back counts apart.
-- Read by analysts and by sql/queries/monthly_calls_and_coverage.sql.
--   month: UTC month, YYYY-MM
--   zone_id: the zone of Nampo
--   calls: visits of ours that began in the month, on a published day
--   ships: distinct hulls that made them
--   open_calls: of these, those still open when the data ends
--   ended_in_silence: of these, those that ended in a silence
--   days_with_data: days of the month with landed data that were published; 0 means that nothing is known
--   days_held_back: days of the month that the quality gate holds back, with or without data: their calls are not known
--       to be none
--   calls_held_back: calls that began on these days
--   calls_bought_in: visits that a provider reports, which may be the same; they are not our own reception. Stays of more
--       than a year, which are no ship's, are not counted
--   coverage_share: mean share of the hours of the days with data in which any vessel was heard in the zone
--   synthetic: true when generated data was landed for the month
create view nampo_calls_monthly as
with nampo as (
    select zone_id from zone
    where (lower(port) = 'nampo' or call_zone_id in (select call_zone_id from zone where lower(port) = 'nampo'))
      and kind not in ('margin', 'country', 'lock')
),
held as materialized (
    select day from judged_day where failed > 0
),
held_month as (
    select substr(day, 1, 7) as month, count(*) as days from held group by substr(day, 1, 7)
),
made_up as materialized (
    select distinct substr(cast(from_at as text), 1, 7) as from_month, substr(cast(to_at as text), 1, 7) as to_month
    from synthetic_span
),
called as (
    select substr(cast(port_visit.arrived_by as text), 1, 7) as month,
           coalesce(port_visit.berth_zone_id, port_visit.zone_id) as zone_id,
           sum(case when source = 'ais' and held.day is null then 1 else 0 end) as calls,
           sum(case when source = 'ais' and held.day is not null then 1 else 0 end) as calls_held_back,
           sum(case when source = 'ais' or implausible_stay then 0 else 1 end) as calls_bought_in,
           count(distinct case when source = 'ais' and held.day is null then port_visit.vessel_id end) as ships,
           sum(case when held.day is null and port_visit.state = 'open' then 1 else 0 end) as open_calls,
           sum(case when held.day is null and port_visit.state = 'ended_in_silence' then 1 else 0 end)
               as ended_in_silence
    from port_visit
    left join held on held.day = substr(cast(port_visit.arrived_by as text), 1, 10)
    where port_visit.zone_id in (select zone_id from nampo) or lower(port_visit.port) = 'nampo'
    group by 1, 2
),
heard as (
    select substr(cast(coverage_day.day as text), 1, 7) as month, zone_id,
           sum(case when held.day is null then 1 else 0 end) as days_with_data,
           round(cast(avg(case when held.day is null then coverage_share end) + 1e-12 as numeric), 9) as coverage_share
    from coverage_day
    left join held on held.day = cast(coverage_day.day as text)
    where zone_id in (select zone_id from nampo)
    group by 1, 2
),
place as (
    select month, zone_id from called
    union
    select month, zone_id from heard
    union
    select held_month.month, nampo.zone_id from held_month cross join nampo
)
select place.month, place.zone_id, coalesce(called.calls, 0) as calls, coalesce(called.ships, 0) as ships,
       coalesce(called.open_calls, 0) as open_calls, coalesce(called.ended_in_silence, 0) as ended_in_silence,
       coalesce(heard.days_with_data, 0) as days_with_data, coalesce(held_month.days, 0) as days_held_back,
       coalesce(called.calls_held_back, 0) as calls_held_back,
       coalesce(called.calls_bought_in, 0) as calls_bought_in, heard.coverage_share,
       exists (select 1 from made_up where from_month <= place.month and place.month <= to_month) as synthetic
from place
left join called on called.month = place.month and called.zone_id = place.zone_id
left join heard on heard.month = place.month and heard.zone_id = place.zone_id
left join held_month on held_month.month = place.month
