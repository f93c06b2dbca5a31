-- possible_calls: Which silences left a ship time to call where coal is loaded, and how long at most?
-- One row per silence, with the port that fits it best, Rajin apart, through which Russian coal goes in transit;
-- `ports_in_reach` counts all. A call is possible, not seen:
-- read `reception` (heard_others: others around her were heard), and `approach_share` (1: she was bound straight there,
-- -1: straight away). While the silence goes on the stay is empty. `licence`: terms that bind whoever passes the row on;
-- empty for our own.
-- :hours real = 12  shortest stay to show, of silences that ended
select dark_call.began_at, dark_call.ended_at, vessel.name, dark_call.imo, dark_call.mmsi, dark_call.port,
       dark_call.ports_in_reach, round(cast(dark_call.longest_stay_hours + 1e-9 as numeric), 1) as longest_stay_hours,
       ais_gap.reception, ais_gap.hours_heard, ais_gap.hours_tested,
       round(cast(dark_call.approach_share + 1e-9 as numeric), 2) as approach_share, dark_call.dark_call_id,
       dark_call.source, dark_call.licence
from dark_call
left join ais_gap on ais_gap.ais_gap_id = dark_call.ais_gap_id
left join vessel on vessel.vessel_id = dark_call.vessel_id
left join (select ais_gap_id, min(rank) as rank from dark_call where zone_id <> 'kp-rajin' group by ais_gap_id) as best
    on best.ais_gap_id = dark_call.ais_gap_id
where dark_call.rank = coalesce(best.rank, 1)
  and (dark_call.longest_stay_hours is null or dark_call.longest_stay_hours >= :hours)
order by dark_call.began_at, dark_call.dark_call_id
