-- new_since_yesterday: Which alerts are new, or changed under their reviewer's feet?
-- Read it from the top: strongest first. `new` was raised on or after the day given (by default the day of the last
-- run that changed anything); `evidence changed` was reviewed, and rests on other evidence now. Alerts already read
-- are not here.
-- :since text = null  first day to look at, YYYY-MM-DD
select status, grade, score, alert_id, vessel_name, imo, mmsi, began_at, ended_at, headline, synthetic, last_decision,
       licence
from alert_queue
where status = 'evidence changed'
   or cast(first_raised_at as text) >= coalesce(
          cast(:since as text), (select substr(cast(max(started_at) as text), 1, 10) from pipeline_run
                                 where command = 'run' and status <> 'failed'), '')
order by score desc, began_at
