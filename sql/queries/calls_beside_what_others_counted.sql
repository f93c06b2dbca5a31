-- calls_beside_what_others_counted: How do our monthly calls at Nampo compare with what others observed there?
-- One row per month and observation of the place that speaks of a part of it. Satellite pictures count ships without AIS as
-- well, and in other waters than our zones: read `statement`. `days_with_data` 0: we know nothing of that month.
select nampo_calls_monthly.month, nampo_calls_monthly.zone_id, nampo_calls_monthly.calls, nampo_calls_monthly.days_with_data,
       round(cast(nampo_calls_monthly.coverage_share + 1e-9 as numeric), 2) as coverage_share, observation.quantity,
       observation.unit, observation.kind, observation.statement, observation.source, observation.verified,
       observation.observation_id, nampo_calls_monthly.synthetic
from nampo_calls_monthly
join observation on observation.zone_id = nampo_calls_monthly.zone_id
               and substr(cast(observation.from_at as text), 1, 7) <= nampo_calls_monthly.month
               and nampo_calls_monthly.month <= substr(cast(observation.to_at as text), 1, 7)
order by nampo_calls_monthly.month, nampo_calls_monthly.zone_id, observation.observation_id
