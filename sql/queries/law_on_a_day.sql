-- law_on_a_day: Which measures were in force on a day?
-- One row per measure, with what it bears on and what it does. `verified` false: the primary text was not seen. A moment
-- counts in the authority's own time zone; a measure that began or ended on the day is shown.
-- :day time  the day, YYYY-MM-DD
-- :subject text = coal  what it bears on: coal, listed_vessel, ship_to_ship, port_entry, labour …
select authority, measure_id, instrument, paragraph, effect, title, from_at, to_at, exemptions, verified, source
from measure
where subject = :subject and substr(cast(from_at as text), 1, 10) <= cast(:day as text)
  and (to_at is null or substr(cast(to_at as text), 1, 10) >= cast(:day as text))
order by authority, measure_id
