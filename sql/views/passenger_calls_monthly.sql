-- passenger_calls_monthly: calls of passenger ships and ferries at Rajin, Chongjin and Vladivostok. A ship is no worker:
-- who was on board is nowhere AIS-reported, and people may go by train and aircraft as well.
-- One row per UTC month and port with a call, or with landed data. Passenger ships are those that sent AIS type 60-69
-- under any identity of the hull. A visit (port_visit) counts in the month of its arrival, if its day is published.
-- Read by analysts and by sql/queries/passenger_calls.sql.
--   month: UTC month, YYYY-MM
--   port: rajin, chongjin or vladivostok
--   visits: visits of ours by passenger ships
--   ships: distinct hulls that made them
--   from_the_others: voyages of passenger ships that arrived from one of the other two ports
--   visits_bought_in: visits that a provider reports, which may be the same
--   days_with_data: days of the month with landed data; 0: nothing is known
--   coverage_share: mean share of the hours of these days in which any vessel was heard in the port
--   synthetic: true when generated data was landed for the month
create view passenger_calls_monthly as
with passenger as materialized (
    select distinct vessel_id from vessel_identity where ship_type between 60 and 69
    union
    select vessel_id from vessel where ship_type between 60 and 69
),
place as (
    select zone_id, lower(port) as port from zone
    where lower(port) in ('rajin', 'chongjin', 'vladivostok') and kind = 'port'
),
held as materialized (
    select day from judged_day where failed > 0
),
made_up as materialized (
    select distinct substr(cast(from_at as text), 1, 7) as from_month, substr(cast(to_at as text), 1, 7) as to_month
    from synthetic_span
),
called as (
    select substr(cast(arrived_by as text), 1, 7) as month, lower(port) as port,
           sum(case when source = 'ais' then 1 else 0 end) as visits,
           count(distinct case when source = 'ais' then vessel_id end) as ships,
           sum(case when source <> 'ais' and not implausible_stay then 1 else 0 end) as visits_bought_in
    from port_visit
    where lower(port) in ('rajin', 'chongjin', 'vladivostok')
      and exists (select 1 from passenger where passenger.vessel_id = port_visit.vessel_id)
      and substr(cast(arrived_by as text), 1, 10) not in (select cast(day as text) from held)
    group by 1, 2
),
crossed as (
    select substr(cast(arrived_at as text), 1, 7) as month, lower(destination_port) as port, count(*) as voyages
    from voyage
    where source = 'ais' and lower(origin_port) in ('rajin', 'chongjin', 'vladivostok')
      and lower(destination_port) in ('rajin', 'chongjin', 'vladivostok')
      and lower(origin_port) <> lower(destination_port)
      and exists (select 1 from passenger where passenger.vessel_id = voyage.vessel_id)
      and substr(cast(arrived_at as text), 1, 10) not in (select cast(day as text) from held)
    group by 1, 2
),
heard as (
    select substr(cast(coverage_day.day as text), 1, 7) as month, place.port,
           count(distinct coverage_day.day) as days_with_data,
           round(cast(avg(coverage_share) + 1e-12 as numeric), 9) as coverage_share
    from coverage_day
    join place on place.zone_id = coverage_day.zone_id
    where cast(coverage_day.day as text) not in (select cast(day as text) from held)
    group by 1, 2
),
known as (
    select month, port from called
    union
    select month, port from heard
)
select known.month, known.port, coalesce(called.visits, 0) as visits, coalesce(called.ships, 0) as ships,
       coalesce(crossed.voyages, 0) as from_the_others, coalesce(called.visits_bought_in, 0) as visits_bought_in,
       coalesce(heard.days_with_data, 0) as days_with_data, heard.coverage_share,
       exists (select 1 from made_up where from_month <= known.month and known.month <= to_month) as synthetic
from known
left join called on called.month = known.month and called.port = known.port
left join crossed on crossed.month = known.month and crossed.port = known.port
left join heard on heard.month = known.month and heard.port = known.port
