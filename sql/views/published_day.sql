-- published_day: the days that analysts' views show.
-- One row per UTC day with landed data, be it only a provider's events, that passed every check of the quality gate.
-- Read by analysts: a day that is neither here nor in held_back has no landed data.
--   fixes: fixes of all sources
--   sources: sources that gave fixes
--   habit: what its fixes were compared with; null while there is no habit yet
create view published_day as
select cast(day as text) as day,
       cast(max(case when check_name = 'coverage' then found end) as bigint) as fixes,
       sum(case when check_name = 'source_coverage' and found > 0 then 1 else 0 end) as sources,
       max(case when check_name = 'coverage' then habit end) as habit
from day_check
group by day
having sum(case when passed then 0 else 1 end) = 0
