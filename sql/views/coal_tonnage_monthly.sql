-- coal_tonnage_monthly: what voyages that alerts rest on can have carried, month by month, beside how well their ends were heard.
-- One row per UTC month in which such a voyage ended and country where it did. A bound, and no finding: nobody hears every
-- ship, and AIS reports no cargo. Voyages of alerts that a reviewer dismissed or the quality gate holds back, in ballast by their draughts, and of tankers
-- are not counted.
-- Read by analysts, beside claim C22.
--   month: UTC month of arrival, YYYY-MM
--   country: where they ended, ISO 3166 alpha-2
--   voyages: voyages counted
--   laden: of these, laden by the draughts reported around both calls
--   low_t: the least they carried together if it was coal, tonnes
--   high_t: the most
--   coverage_share: mean share of the hours of the month's days with data in which any vessel was heard in the country's zones
--       where such coal was, or could be, landed; null without positions
--   synthetic: true when they rest on generated data
create view coal_tonnage_monthly as
with carried as (
    select substr(cast(alert_cargo.arrived_at as text), 1, 7) as month, alert_cargo.destination_country as country,
           alert.synthetic, alert_cargo.voyage_id, max(alert_cargo.cargo_state) as cargo_state,
           max(alert_cargo.low_t) as low_t, max(alert_cargo.high_t) as high_t
    from alert_cargo
    join alert on alert.alert_id = alert_cargo.alert_id
    left join alert_decision on alert_decision.alert_id = alert_cargo.alert_id
    where alert.withdrawn_at is null and alert_cargo.basis <> 'none' and alert_cargo.arrived_at is not null
      and coalesce(alert_decision.last_decision, '') <> 'dismissed'
      and alert.alert_id not in (select alert_id from held_back_alert)
    group by 1, 2, 3, 4
),
summed as (
    select month, country, count(*) as voyages, sum(case when cargo_state = 'laden' then 1 else 0 end) as laden,
           round(cast(sum(low_t) as numeric), 3) as low_t, round(cast(sum(high_t) as numeric), 3) as high_t, synthetic
    from carried
    group by month, country, synthetic
),
heard as (
    select month, country, round(cast(sum(shares) / sum(zones) + 1e-12 as numeric), 9) as coverage_share
    from (select substr(cast(coverage_day.day as text), 1, 7) as month, zone.country, sum(coverage_share) as shares,
                 count(coverage_share) as zones
          from zone
          join coverage_day on coverage_day.zone_id = zone.zone_id
          where zone.receives_coal and zone.kind <> 'margin' and zone.country in (select country from carried)
          group by coverage_day.day, zone.country) as days
    group by 1, 2
)
select summed.month, summed.country, summed.voyages, summed.laden, summed.low_t, summed.high_t, heard.coverage_share,
       summed.synthetic
from summed
left join heard on heard.month = summed.month and heard.country = summed.country
