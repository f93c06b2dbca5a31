-- held_back: the days that analysts' views leave out, and why.
-- One row per UTC day and check of the quality gate that it failed.
-- Read by data engineers and by sql/queries/days_held_back.sql.
--   until_day: as in judged_day
create view held_back as
with failed as materialized (
    select cast(day as text) as day, check_name, subject, found, habit, reason
    from day_check
    where not passed
)
select failed.day, judged_day.until_day, failed.check_name, failed.subject, failed.found, failed.habit, failed.reason
from failed
join judged_day on judged_day.day = failed.day
