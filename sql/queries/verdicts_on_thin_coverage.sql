-- verdicts_on_thin_coverage: Which verdicts rest on little reception, or on none?
-- `coverage_share` empty: no positions were landed for the window, the verdict rests on observations alone. Below
-- the share given: an absence of alerts is weak evidence there. `would_change_it` says what to look for.
-- :share real = 0.5  show windows heard for less than this share of their hours
select claim_id, window_id, verdict, round(cast(coverage_share + 1e-9 as numeric), 2) as coverage_share,
       alerts_for, alerts_against, observations_for, observations_against, days_held_back, would_change_it, synthetic
from claim_scoreboard
where window_id is not null and verdict <> 'NOT_TESTABLE' and (coverage_share is null or coverage_share < :share)
order by case when coverage_share is null then 0 else 1 end, coverage_share, claim_id, window_id
