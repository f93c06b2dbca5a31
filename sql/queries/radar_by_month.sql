-- radar_by_month: What did radar see off Nampo month by month, and how much of it does AIS explain?
-- One row per month and zone over which a pass is known. Echoes are rows, not ships; a month without a row had no known
-- pass (one that a catalogue alone knows counts where radar was asked for). Radar sees nothing within 1 km of the shore
-- and nothing in the river. Read `unexplained` beside `ships_heard`: where few were heard, few echoes can be explained.
select month, zone_id, passes, passes_without_echo, passes_unexplained, echoes, explained, unexplained, cannot_tell,
       repeated, ships_heard, synthetic
from radar_monthly
order by month, zone_id
