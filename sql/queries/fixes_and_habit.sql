-- fixes_and_habit: How many fixes did each day bring, and how many were to be expected?
-- `habit` is the median of the same weekdays before the day; empty: there are too few of them yet. `share` near 1 is a usual day;
-- a slow fall over weeks lowers the habit with it and is no failure, so look at `fixes` over the years as well.
-- :source text = all  one source, or all of them together
-- :since time = null  first day to look at, YYYY-MM-DD
select cast(day_check.day as text) as day, day_check.found as fixes, day_check.habit,
       round(cast(day_check.found / nullif(day_check.habit, 0) + 1e-9 as numeric), 2) as share, day_check.passed
from day_check
where day_check.check_name in ('coverage', 'source_coverage') and day_check.subject = :source
  and cast(day_check.day as text) >= coalesce(cast(:since as text), '')
order by day
