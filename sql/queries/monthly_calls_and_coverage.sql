-- monthly_calls_and_coverage: How many calls at Nampo a month, and could we have seen them?
-- Read calls beside coverage_share: few calls in a month that was hardly heard say nothing. days_with_data = 0
-- means that no data was landed for the zone; calls of days_held_back are not known (the quality gate). The coal berth is a zone of its own; the basin also holds calls at no
-- known terminal.
select month, zone_id, calls, ships, open_calls, ended_in_silence, days_with_data, days_held_back, calls_bought_in,
             round(cast(coverage_share + 1e-9 as numeric), 2) as coverage_share, synthetic
from nampo_calls_monthly
order by month, zone_id
