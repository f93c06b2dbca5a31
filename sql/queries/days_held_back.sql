-- days_held_back: Which days does the quality gate hold back, why, and how many alerts are waiting with them?
-- One row per day and check that failed, newest first. `found` against `habit`: fixes of the day, or the share of rows
-- rejected. A day without any data is here too, where a habit says there should be some: its data is lost, not empty.
-- :since time = null  first day to look at, YYYY-MM-DD
select held_back.day, held_back.check_name, held_back.subject, held_back.found, held_back.habit, held_back.reason,
       (select count(*) from held_back_alert where held_back_alert.day = held_back.day) as alerts_waiting
from held_back
where held_back.day >= coalesce(cast(:since as text), '')
order by held_back.day desc, held_back.check_name, held_back.subject
