-- interference_by_day: On which days did positions of many ships jump at once?
-- Where several ships have impossible positions within an hour and some miles (`interference`), it is the signal of the
-- satellites that is disturbed and no matter of a ship; it is common around Korea. `ships`: distinct MMSIs of that day.
select substr(cast(began_at as text), 1, 10) as day, kind, interference, count(*) as stretches,
       count(distinct mmsi) as ships, sum(fixes) as fixes,
       round(cast(max(distance_nm) + 1e-9 as numeric), 1) as farthest_nm
from position_anomaly
group by substr(cast(began_at as text), 1, 10), kind, interference
order by day, kind, interference
