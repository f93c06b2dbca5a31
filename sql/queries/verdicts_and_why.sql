-- verdicts_and_why: What is the verdict on a claim in each window, and why?
-- `reason` says what it rests on, `would_change_it` what to look for. A verdict without `coverage_share` rests on what
-- others observed: no positions were landed for the window. `as_of` empty: everything known by now.
-- :claim text = null  label of one claim, like C16; empty for all
select claim_window.claim_id, claim_window.window_id, claim_window.from_at, claim_window.to_at, claim_window.verdict,
       round(cast(claim_window.coverage_share + 1e-9 as numeric), 2) as coverage_share, claim_window.alerts_for,
       claim_window.alerts_against, claim_window.observations_for, claim_window.observations_against,
       claim_window.reason, claim_window.would_change_it
from claim_window
join claim on claim.claim_id = claim_window.claim_id
where upper(claim.label) = upper(coalesce(cast(:claim as text), claim.label))
order by claim_window.claim_id, claim_window.from_at, claim_window.window_id
