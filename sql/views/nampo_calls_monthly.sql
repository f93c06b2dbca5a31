-- nampo_calls_monthly: calls at Nampo beside how well Nampo could be heard; no calls and no reception are two things.
-- One row per UTC month and zone of Nampo (basin, terminals, anchorage) with calls or with landed data.
-- A call counts in the month of its arrival, in the terminal where she stopped longest, else in the zone of the call.
-- Read by analysts and by sql/queries/monthly_calls_and_coverage.sql.
--   month: UTC month, YYYY-MM
--   zone_id: the zone of Nampo
--   calls: calls that began in the month
--   ships: distinct hulls that made them
--   open_calls: of the calls, those not ended when the data ends
--   ended_in_silence: of the calls, those that ended in a silence
--   days_with_data: days of the month with landed data; 0 means nothing was looked at
--   coverage_share: mean share of the hours of those days in which any vessel was heard in the zone
--   synthetic: true when generated data was landed for the month
create view nampo_calls_monthly as
with nampo as (
    select zone_id from zone where lower(port) = 'nampo' and kind not in ('margin', 'country')
),
called as (
    select substr(cast(port_call.arrived_by as text), 1, 7) as month,
           coalesce(port_call.berth_zone_id, port_call.zone_id) as zone_id,
           count(*) as calls, count(distinct port_call.vessel_id) as ships,
           sum(case when port_call.state = 'open' then 1 else 0 end) as open_calls,
           sum(case when port_call.state = 'ended_in_silence' then 1 else 0 end) as ended_in_silence
    from port_call
    where lower(port_call.port) = 'nampo' or port_call.berth_zone_id in (select zone_id from nampo)
    group by 1, 2
),
heard as (
    select substr(cast(day as text), 1, 7) as month, zone_id, count(*) as days_with_data,
           avg(coverage_share) as coverage_share
    from coverage_day
    where zone_id in (select zone_id from nampo)
    group by 1, 2
),
place as (
    select month, zone_id from called
    union
    select month, zone_id from heard
)
select place.month, place.zone_id, coalesce(called.calls, 0) as calls, coalesce(called.ships, 0) as ships,
       coalesce(called.open_calls, 0) as open_calls, coalesce(called.ended_in_silence, 0) as ended_in_silence,
       coalesce(heard.days_with_data, 0) as days_with_data, heard.coverage_share,
       exists (select 1 from synthetic_span
               where substr(cast(synthetic_span.from_at as text), 1, 7) <= place.month
                 and substr(cast(synthetic_span.to_at as text), 1, 7) >= place.month) as synthetic
from place
left join called on called.month = place.month and called.zone_id = place.zone_id
left join heard on heard.month = place.month and heard.zone_id = place.zone_id
