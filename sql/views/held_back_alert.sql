-- held_back_alert: alerts that are not published yet.
-- One row per standing alert whose facts became known by the data of a day that the quality gate held back.
-- Read by alert_queue, which leaves them out.
--   day: the day that is held back
create view held_back_alert as
with held as materialized (
    select day, until_day from judged_day where sign(failed) = 1  -- "> 0" lets PostgreSQL expect a third of all days
)
select alert.alert_id, held.day, alert.headline, alert.grade, alert.score, alert.known_at, alert.synthetic
from alert
join held on held.day < substr(cast(alert.known_at as text), 1, 10)
         and substr(cast(alert.known_at as text), 1, 10) <= held.until_day
where alert.withdrawn_at is null
