-- visits_counted_monthly: visits to North Korea's ports as a provider counts them, beside those of ours and those of its
-- visits that were bought in, month by month. Equal numbers need not be the same ships; a difference accuses nobody.
-- One row per provider, port and UTC month that its statistics were asked for (coalwatch fetch gfw_counts).
-- Ours are visits (port_visit) by the month of arrival, at the port where she lay closest; those that arrived on a day
-- that the quality gate holds back are left out.
-- Read by analysts, by coalwatch answer and by sql/queries/our_visits_beside_theirs.sql.
--   month: UTC month, YYYY-MM
--   port: port, by our name
--   provider: who counts
--   theirs: visits that the provider counts
--   bought_in: visits of the provider that landed here and arrived in the month, without stays of more than a year
--   ours: visits of ours from AIS; null where no day of the month has data of the port
--   days_with_data: published days of the month with landed data of the port
--   coverage_share: mean share of the hours of these days in which any vessel was heard in the port
--   difference: what may explain one between theirs and ours, in words
--   note: what does not add up in the provider's answer
--   licence: terms that bind whoever passes theirs on
--   synthetic: true when generated data was landed for the month
create view visits_counted_monthly as
with held as materialized (
    select day from judged_day where failed > 0
),
made_up as materialized (
    select distinct substr(cast(from_at as text), 1, 7) as from_month, substr(cast(to_at as text), 1, 7) as to_month
    from synthetic_span
),
called as (
    select substr(cast(arrived_by as text), 1, 7) as month, lower(port) as port, source,
           sum(case when source = 'ais' or not implausible_stay then 1 else 0 end) as visits
    from (select 1 as asked from provider_port_month limit 1) as any_count  -- without one, no visit is read
    cross join port_visit
    where country = 'KP' and port is not null
      and (source <> 'ais' or substr(cast(arrived_by as text), 1, 10) not in (select cast(day as text) from held))
    group by 1, 2, 3
),
heard as (
    select substr(cast(coverage_day.day as text), 1, 7) as month, lower(zone.port) as port,
           count(distinct coverage_day.day) as days_with_data,
           round(cast(avg(coverage_share) + 1e-12 as numeric), 9) as coverage_share
    from coverage_day
    join zone on zone.zone_id = coverage_day.zone_id and zone.country = 'KP' and zone.kind in ('port', 'terminal')
    where cast(coverage_day.day as text) not in (select cast(day as text) from held)
    group by 1, 2
),
beside as (
    select counted.month, counted.port, counted.provider, counted.visits as theirs,
           coalesce(bought.visits, 0) as bought_in,
           case when coalesce(heard.days_with_data, 0) > 0 or ais.visits > 0 then coalesce(ais.visits, 0) end as ours,
           coalesce(heard.days_with_data, 0) as days_with_data, heard.coverage_share, counted.note, counted.licence
    from provider_port_month as counted
    left join called as ais
        on ais.month = counted.month and ais.port = lower(counted.port) and ais.source = 'ais'
    left join called as bought
        on bought.month = counted.month and bought.port = lower(counted.port) and bought.source = counted.provider
    left join heard on heard.month = counted.month and heard.port = lower(counted.port)
)
select month, port, provider, theirs, bought_in, ours, days_with_data, coverage_share,
       case
           when ours is null then 'We have no positions of this month: theirs stand alone.'
           when theirs > ours then 'They hear by satellite as well, and count a stop or gap alone as a visit; we heard the '
               || 'port in the share of hours under coverage_share. They may count a visit in each month it overlaps, and '
               || 'stays of years.'
           when theirs < ours then 'Their visits need an anchorage that AIS made known there, and their receivers; ours '
               || 'count every stop in the zone.'
           else 'The same number, which need not be the same ships.'
       end || case when bought_in < theirs and ours is not null
           then ' Of theirs, ' || cast(theirs - bought_in as text) || ' did not land here as events of this port.'
           else '' end as difference,
       note, licence,
       exists (select 1 from made_up where from_month <= beside.month and beside.month <= to_month) as synthetic
from beside
