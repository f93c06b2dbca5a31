-- new_since_yesterday: Which alerts are new, or have changed since they were reviewed?
-- Read it from the top: strongest first. `new` was first raised by a run on or after the day given, whenever the voyage
-- was (by default the day of the last run that changed anything); `evidence changed` was reviewed, and rests on other
-- evidence now. Alerts already read are not here. `first_raised_at` is when we learnt of it, `began_at` and `ended_at`
-- when AIS reported it: for what happened since a day, ask `alerts list --since` or where ended_at >= the day.
-- :raised_since time = null  first UTC day on which a run raised the alert, YYYY-MM-DD; not the day of the voyage
select status, grade, score, alert_id, vessel_name, imo, mmsi, first_raised_at, began_at, ended_at, headline, synthetic,
       last_decision, licence
from alert_queue
where status = 'evidence changed'
   or cast(first_raised_at as text) >= coalesce(
          cast(:raised_since as text), (select substr(cast(max(started_at) as text), 1, 10) from pipeline_run
                                 where command = 'run' and status <> 'failed'), '')
order by score desc, began_at, alert_id
