-- judged_day: what the quality gate said of each day.
-- One row per UTC day with landed data, and per day without any that was lost to the gate.
-- Read by the views that show published days only.
--   until_day: the next judged day: what became known after `day` and not after the beginning of `until_day` was
--       established by the data of `day`
--   checks: checks of the day
--   failed: of these, checks that failed
--   published: true when none did
create view judged_day as
with judged as (
    select cast(day as text) as day, count(*) as checks, sum(case when passed then 0 else 1 end) as failed
    from day_check
    group by day
)
select day, coalesce(lead(day) over (order by day), '9999-12-31') as until_day, checks, failed,
       (failed = 0) as published
from judged
